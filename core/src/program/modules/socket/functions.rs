//! The functions of the module `socket`: names and addresses, byte order, and sockets made in several steps.

use super::lookup::{Asked, no_information, resolve};
use super::{address_value, bytes_required, c_int, constants, function, seconds};
use crate::address::{inet_aton, inet_ntoa};
use crate::program::builtins::{Args, Native};
use crate::program::value::Value;
use crate::program::value::exception::Exception;
use crate::program::value::types::Type;
use crate::program::vm::after::After;
use crate::program::vm::index::integer;
use crate::program::vm::{Answer, Stop, Vm, os_error, overflow_error, raise, type_error, value_error};
use crate::socket::{Call, Errno};
use num_traits::{Signed as _, ToPrimitive as _};
use std::net::{Ipv4Addr, SocketAddrV4};

/// The functions of the module.
pub static FUNCTIONS: &[Native] = &[
    Native::free("gethostname", |vm, args| match args.values.len() {
        0 => Ok(Value::str(&*vm.setup.name)),
        given => Err(type_error(format!("_socket.gethostname() takes no arguments ({given} given)"))),
    }),
    Native::new("gethostbyname", 1, 1, |vm, args| {
        let name = encoded(args, "gethostbyname")?;
        Ok(Value::str(Asked::new("gethostbyname", args.values).host(vm, &name)?.to_string()))
    })
    .counted(),
    Native::new("gethostbyname_ex", 1, 1, by_name_ex).counted(),
    Native::new("gethostbyaddr", 1, 1, by_address).counted(),
    Native::new("getfqdn", 0, 1, |vm, args| match args.get(0) {
        Some(name @ (Value::Str(_) | Value::Bytes(_) | Value::ByteArray(_))) if name.truth() => Ok(name.clone()),
        None | Some(Value::Str(_) | Value::Bytes(_) | Value::ByteArray(_)) => Ok(Value::str(&*vm.setup.name)),
        Some(other) => {
            let text = format!("'{}' object has no attribute 'strip'", other.type_name());
            Err(raise(Type::AttributeError, text))
        }
    }),
    Native::free("getaddrinfo", address_info),
    Native::new("getservbyname", 1, 2, |vm, args| {
        let (name, protocol) = (text(args, 0, "getservbyname")?, protocol(args, "getservbyname")?);
        match Asked::new("getservbyname", args.values).service(vm, name, protocol)? {
            Some(service) => Ok(Value::Int(service.port.into())),
            None => Err(raise(Type::OSError, "service/proto not found")),
        }
    })
    .counted(),
    Native::new("getservbyport", 1, 2, |vm, args| {
        let (port, protocol) = (c_int(args.at(0))?, protocol(args, "getservbyport")?);
        let port = u16::try_from(port).map_err(|_| overflow_error("getservbyport: port must be 0-65535."))?;
        match Asked::new("getservbyport", args.values).port(vm, port, protocol)? {
            Some(service) => Ok(Value::str(service.name.as_str())),
            None => Err(raise(Type::OSError, "port/proto not found")),
        }
    })
    .counted(),
    Native::new("getprotobyname", 1, 1, |_, args| {
        let name = text(args, 0, "getprotobyname")?;
        // Tables give each protocol its name in capital letters as an alias.
        let named = |(known, _): &&(&str, i64)| name == *known || name == known.to_ascii_uppercase();
        match PROTOCOLS.iter().find(named) {
            Some((_, number)) => Ok(Value::Int(*number)),
            None => Err(raise(Type::OSError, "protocol not found")),
        }
    })
    .counted(),
    Native::new("inet_aton", 1, 1, |_, args| match inet_aton(text(args, 0, "inet_aton")?) {
        Ok(address) => Ok(Value::bytes(address.octets().to_vec())),
        Err(_) => Err(raise(Type::OSError, "illegal IP address string passed to inet_aton")),
    })
    .counted(),
    Native::new("inet_ntoa", 1, 1, |_, args| {
        let bytes = args.at(0).to_bytes().ok_or_else(|| bytes_required(args.at(0)))?;
        inet_ntoa(&bytes).map(Value::str).map_err(|_| raise(Type::OSError, "packed IP wrong length for inet_ntoa"))
    })
    .counted(),
    Native::new("inet_pton", 2, 2, |_, args| {
        let (family, text) = (c_int(args.at(0))?, text(args, 1, "inet_pton")?);
        match (family, text.parse::<Ipv4Addr>(), text.parse::<std::net::Ipv6Addr>()) {
            (2, Ok(address), _) => Ok(Value::bytes(address.octets().to_vec())),
            (10, _, Ok(address)) => Ok(Value::bytes(address.octets().to_vec())),
            (2 | 10, ..) => Err(raise(Type::OSError, "illegal IP address string passed to inet_pton")),
            _ => Err(os_error(97, Errno::EAFNOSUPPORT.text())),
        }
    })
    .counted(),
    Native::new("inet_ntop", 2, 2, |_, args| {
        let bytes = args.at(1).to_bytes().ok_or_else(|| bytes_required(args.at(1)))?;
        let wrong = || value_error("invalid length of packed IP address string");
        match integer(args.at(0))? {
            2 => inet_ntoa(&bytes).map(Value::str).map_err(|_| wrong()),
            10 => {
                let octets: [u8; 16] = bytes[..].try_into().map_err(|_| wrong())?;
                Ok(Value::str(std::net::Ipv6Addr::from(octets).to_string()))
            }
            family => Err(value_error(format!("unknown address family {family}"))),
        }
    })
    .counted(),
    Native::new("htons", 1, 1, |_, args| short(args.at(0), "htons")).counted(),
    Native::new("ntohs", 1, 1, |_, args| short(args.at(0), "ntohs")).counted(),
    Native::new("htonl", 1, 1, |_, args| long(args.at(0))),
    Native::new("ntohl", 1, 1, |_, args| long(args.at(0))),
    Native::new("create_connection", 1, 3, |vm, args| {
        let timeout = match args.get(1) {
            Some(timeout) => timeout.clone(),
            None => vm.default_timeout.map_or(Value::None, Value::Float),
        };
        let information = function(FUNCTIONS, "getaddrinfo").unwrap_or(Value::None);
        Err(vm.invoke(
            "_create_connection",
            vec![
                Value::Type(Type::Socket),
                information,
                args.at(0).clone(),
                timeout,
                args.get(2).cloned().unwrap_or(Value::None),
            ],
        ))
    })
    .named(&["address", "timeout", "source_address"]),
    Native::new("create_server", 1, 5, |vm, args| {
        let backlog = args.get(2).filter(|backlog| !matches!(backlog, Value::None)).cloned().unwrap_or(Value::Int(0));
        let reuse = args.get(3).cloned().unwrap_or(Value::Bool(false));
        Err(vm.invoke("_create_server", vec![Value::Type(Type::Socket), args.at(0).clone(), backlog, reuse]))
    })
    .named(&["address", "family", "backlog", "reuse_port", "dualstack_ipv6"]),
    Native::new("socketpair", 0, 3, |vm, _| {
        vm.sockets = true;
        Err(Stop::Call(Box::new((Call::SocketPair, After::Pair))))
    })
    .named(&["family", "type", "proto"]),
    Native::new("setdefaulttimeout", 1, 1, |vm, args| {
        vm.default_timeout = seconds(args.at(0))?;
        Ok(Value::None)
    }),
    Native::new("getdefaulttimeout", 0, 0, |vm, _| Ok(vm.default_timeout.map_or(Value::None, Value::Float))),
    Native::new("has_dualstack_ipv6", 0, 0, |_, _| Ok(Value::Bool(false))),
];

/// Protocols on IP by their names (IANA, protocol numbers). These numbers are the same on every machine.
const PROTOCOLS: &[(&str, i64)] = &[
    ("ip", 0),
    ("icmp", 1),
    ("igmp", 2),
    ("tcp", 6),
    ("egp", 8),
    ("udp", 17),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("ospf", 89),
    ("sctp", 132),
    ("udplite", 136),
];

/// The name of a host in an address: text or bytes.
pub fn host_name(value: &Value) -> Answer<String> {
    let name = bytes_or_text(value)
        .ok_or_else(|| type_error(format!("str, bytes or bytearray expected, not {}", value.type_name())))?;
    match name.contains('\0') {
        true => Err(type_error("host name must not contain null character")),
        false => Ok(name),
    }
}

fn bytes_or_text(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) => Some(text.as_str().to_string()),
        Value::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Value::ByteArray(array) => Some(String::from_utf8_lossy(&array.bytes.borrow()).into_owned()),
        _ => None,
    }
}

/// The first argument as the name of a host that is encoded for the DNS (RFC 3490).
fn encoded(args: Args, function: &str) -> Answer<String> {
    let value = args.at(0);
    let name = bytes_or_text(value).ok_or_else(|| {
        type_error(format!("{function}() argument 1 must be str, bytes or bytearray, not {}", type_name(value)))
    })?;
    if let Value::Str(_) = value {
        labels(&name)?;
    }
    match name.contains('\0') {
        true => Err(type_error(format!(
            "{function}() argument 1 must be encoded string without null bytes, not {}",
            type_name(value)
        ))),
        false => Ok(name),
    }
}

/// Every label of a name has 1 to 63 bytes (RFC 1034, 3.1); only the last, the root's, may be empty.
fn labels(name: &str) -> Answer<()> {
    let mut labels: Vec<&str> = name.split('.').collect();
    let last = labels.pop().unwrap_or_default();
    let fault = match labels.iter().any(|label| label.is_empty() || label.len() > 63) {
        true => "label empty or too long",
        false if last.len() > 63 => "label too long",
        false => return Ok(()),
    };
    let text = format!("encoding with 'idna' codec failed (UnicodeError: {fault})");
    Err(raise(Type::UnicodeError, text))
}

/// An argument that is a `str`.
fn text<'a>(args: Args<'a>, index: usize, function: &str) -> Answer<&'a str> {
    match args.at(index) {
        Value::Str(text) if text.as_str().contains('\0') => Err(value_error("embedded null character")),
        Value::Str(text) => Ok(text.as_str()),
        other => Err(type_error(format!("{function}() argument {} must be str, not {}", index + 1, type_name(other)))),
    }
}

/// The name of a type as complaints about an argument give it.
fn type_name(value: &Value) -> String {
    match value {
        Value::None => "None".to_owned(),
        other => other.type_name().to_string(),
    }
}

/// The protocol of a service, where it is given.
fn protocol<'a>(args: Args<'a>, function: &str) -> Answer<Option<&'a str>> {
    args.get(1).map(|_| text(args, 1, function)).transpose()
}

fn short(value: &Value, name: &str) -> Answer {
    let number = c_int(value)?;
    if number < 0 {
        return Err(overflow_error(format!("{name}: can't convert negative Python int to C 16-bit unsigned integer")));
    }
    match u16::try_from(number) {
        Ok(number) => Ok(Value::Int(number.swap_bytes().into())),
        Err(_) => Err(overflow_error(format!("{name}: Python int too large to convert to C 16-bit unsigned integer"))),
    }
}

fn long(value: &Value) -> Answer {
    let negative = || overflow_error("can't convert negative value to unsigned int");
    let number = match value {
        Value::Big(big) if big.is_negative() => return Err(negative()),
        Value::Big(big) => {
            big.to_u64().ok_or_else(|| overflow_error("Python int too large to convert to C unsigned long"))?
        }
        other => match other.as_int() {
            Some(number) => u64::try_from(number).map_err(|_| negative())?,
            None => return Err(type_error(format!("expected int, {} found", other.type_name()))),
        },
    };
    match u32::try_from(number) {
        Ok(number) => Ok(Value::Int(number.swap_bytes().into())),
        Err(_) => Err(overflow_error("int larger than 32 bits")),
    }
}

fn by_name_ex(vm: &mut Vm, args: Args) -> Answer {
    let name = encoded(args, "gethostbyname_ex")?;
    let address = Asked::new("gethostbyname_ex", args.values).host(vm, &name)?;
    Ok(Value::tuple(vec![
        Value::str(name),
        Value::list(Vec::new()),
        Value::list(vec![Value::str(address.to_string())]),
    ]))
}

fn by_address(vm: &mut Vm, args: Args) -> Answer {
    let name = encoded(args, "gethostbyaddr")?;
    let address = resolve(vm, &name)?;
    match Asked::new("gethostbyaddr", args.values).name(vm, address)? {
        Some(known) => Ok(Value::tuple(vec![
            Value::str(known),
            Value::list(Vec::new()),
            Value::list(vec![Value::str(address.to_string())]),
        ])),
        None => {
            let args = vec![Value::Int(1), Value::str("Unknown host")];
            Err(Stop::Raise(Exception::new(Type::Herror, args)))
        }
    }
}

/// Parameters of `getaddrinfo`.
const INFORMATION: [&str; 6] = ["host", "port", "family", "type", "proto", "flags"];
/// `AI_PASSIVE`: for a socket that listens.
const PASSIVE: i64 = 1;

fn address_info(vm: &mut Vm, args: Args) -> Answer {
    let part = |index: usize| args.get(index).or(args.named(INFORMATION[index]));
    complete(args)?;
    let host = match part(0) {
        None | Some(Value::None) => None,
        Some(Value::Str(name)) => {
            labels(name.as_str())?;
            Some(name.as_str().to_owned())
        }
        Some(name @ Value::Bytes(_)) => bytes_or_text(name),
        Some(_) => return Err(type_error("getaddrinfo() argument 1 must be string or None")),
    };
    let port = match part(1) {
        None | Some(Value::None) => None,
        Some(Value::Big(_)) => return Err(overflow_error("Python int too large to convert to C long")),
        Some(Value::Int(port)) => Some(port.to_string()),
        Some(port @ (Value::Str(_) | Value::Bytes(_))) => bytes_or_text(port),
        Some(_) => return Err(raise(Type::OSError, "Int or String expected")),
    };
    let number = |index: usize| part(index).map_or(Ok(0), c_int);
    let (family, kind, protocol, flags) = (number(2)?, number(3)?, number(4)?, number(5)?);
    let address = match &host {
        _ if !matches!(family, 0 | 2 | 10) => return Err(no_information(-6, "ai_family not supported")),
        Some(name) if name.is_empty() => return Err(no_information(-2, "Name or service not known")),
        None if port.is_none() => return Err(no_information(-2, "Name or service not known")),
        Some(name) => Asked::new("getaddrinfo", &[Value::str(name.as_str())]).host(vm, name)?,
        None if flags & PASSIVE != 0 => Ipv4Addr::UNSPECIFIED,
        None => Ipv4Addr::LOCALHOST,
    };
    if family == 10 {
        return Err(no_information(-9, "Address family for hostname not supported"));
    }
    let fits = |row: &&(i64, i64, Option<&str>)| {
        (kind == 0 || kind == row.0) && (protocol == 0 || protocol == row.1 || kind == 3)
    };
    let rows: Vec<_> = [(1, 6, Some("tcp")), (2, 17, Some("udp")), (3, 0, None)].iter().filter(fits).copied().collect();
    if rows.is_empty() {
        return Err(no_information(-7, "ai_socktype not supported"));
    }
    // A number stands for itself, its low 16 bits; anything else is a service of TCP or UDP.
    let text = port.as_deref().unwrap_or_default();
    let digits = text.trim_start();
    let numeric = text.is_empty() || !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let numeric = numeric.then(|| digits.parse::<u64>().unwrap_or(if digits.is_empty() { 0 } else { u64::MAX }) as u16);
    let mut entries = Vec::new();
    for (kind, protocol, transport) in rows {
        let port = match (numeric, transport) {
            (Some(port), _) => Some(port),
            (None, Some(protocol)) => {
                let asked = Asked::new("getaddrinfo", &[Value::str(text), Value::str(protocol)]);
                asked.service(vm, text, transport)?.map(|service| service.port)
            }
            (None, None) => None,
        };
        let Some(port) = port else { continue };
        entries.push(Value::tuple(vec![
            constants::family(2),
            constants::kind(kind),
            Value::Int(protocol),
            Value::str(""),
            address_value(Some(SocketAddrV4::new(address, port))),
        ]));
    }
    if entries.is_empty() {
        return Err(no_information(-8, "Servname not supported for ai_socktype"));
    }
    Ok(Value::list(entries))
}

/// Whether host and port are there, and nothing that `getaddrinfo` does not know; it is a function written in Python.
fn complete(args: Args) -> Answer<()> {
    let given = args.values.len();
    if given > INFORMATION.len() {
        let text = format!("getaddrinfo() takes from 2 to 6 positional arguments but {given} were given");
        return Err(type_error(text));
    }
    if let Some((name, _)) = args.keywords.iter().find(|(name, _)| !INFORMATION.contains(&&**name)) {
        return Err(type_error(format!("getaddrinfo() got an unexpected keyword argument '{name}'")));
    }
    let missing = |index: &usize| args.get(*index).or(args.named(INFORMATION[*index])).is_none();
    let missing: Vec<&str> = [0, 1].iter().filter(|index| missing(index)).map(|index| INFORMATION[*index]).collect();
    match *missing {
        [] => Ok(()),
        [one] => Err(type_error(format!("getaddrinfo() missing 1 required positional argument: '{one}'"))),
        _ => Err(type_error("getaddrinfo() missing 2 required positional arguments: 'host' and 'port'")),
    }
}
