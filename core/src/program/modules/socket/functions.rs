//! The functions of the module `socket`: names and addresses, byte order, and sockets made in several steps.

use super::{address_value, bytes_required, constants, seconds};
use crate::address::{Entry, inet_aton, inet_ntoa};
use crate::program::builtins::{Args, Native};
use crate::program::value::Value;
use crate::program::value::exception::Exception;
use crate::program::value::types::Type;
use crate::program::vm::after::After;
use crate::program::vm::index::integer;
use crate::program::vm::{Answer, Stop, Vm, os_error, overflow_error, raise, type_error, value_error};
use crate::socket::{Call, Errno};
use std::net::{Ipv4Addr, SocketAddrV4};

/// The functions of the module.
pub static FUNCTIONS: &[Native] = &[
    Native::new("gethostname", 0, 0, |vm, _| Ok(Value::str(&*vm.setup.name))),
    Native::new("gethostbyname", 1, 1, |vm, args| {
        let name = host_name(args.at(0), "gethostbyname() argument 1 must be str, bytes or bytearray, not ")?;
        Ok(Value::str(resolve(vm, &name)?.to_string()))
    }),
    Native::new("gethostbyname_ex", 1, 1, by_name_ex),
    Native::new("gethostbyaddr", 1, 1, by_address),
    Native::new("getfqdn", 0, 1, |vm, args| match args.get(0) {
        Some(name) if name.truth() => Ok(name.clone()),
        _ => Ok(Value::str(&*vm.setup.name)),
    }),
    Native::free("getaddrinfo", address_info),
    Native::new("getservbyname", 1, 2, |vm, args| {
        let name = host_name(args.at(0), "getservbyname() argument 1 must be str, not ")?;
        match by_service(vm, &name, protocol(&args, "getservbyname")?) {
            Some(service) => Ok(Value::Int(service.port.into())),
            None => Err(raise(Type::OSError, "service/proto not found")),
        }
    }),
    Native::new("getservbyport", 1, 2, |vm, args| {
        let port = integer(args.at(0))?;
        let protocol = protocol(&args, "getservbyport")?;
        let port = u16::try_from(port).map_err(|_| overflow_error("getservbyport: port must be 0-65535."))?;
        match by_port(vm, port, protocol) {
            Some(service) => Ok(Value::str(service.name.as_str())),
            None => Err(raise(Type::OSError, "port/proto not found")),
        }
    }),
    Native::new("getprotobyname", 1, 1, |_, args| match args.at(0).as_str() {
        Some("tcp") => Ok(Value::Int(6)),
        Some("udp") => Ok(Value::Int(17)),
        Some("icmp") => Ok(Value::Int(1)),
        Some("ip") => Ok(Value::Int(0)),
        _ => Err(raise(Type::OSError, "protocol not found")),
    }),
    Native::new("inet_aton", 1, 1, |_, args| {
        let text = host_name(args.at(0), "inet_aton() argument 1 must be str, not ")?;
        match inet_aton(&text) {
            Ok(address) => Ok(Value::bytes(address.octets().to_vec())),
            Err(_) => Err(raise(Type::OSError, "illegal IP address string passed to inet_aton")),
        }
    }),
    Native::new("inet_ntoa", 1, 1, |_, args| {
        let bytes = args.at(0).to_bytes().ok_or_else(|| bytes_required(args.at(0)))?;
        inet_ntoa(&bytes).map(Value::str).map_err(|_| raise(Type::OSError, "packed IP wrong length for inet_ntoa"))
    }),
    Native::new("inet_pton", 2, 2, |_, args| {
        let text = host_name(args.at(1), "inet_pton() argument 2 must be str, not ")?;
        match (integer(args.at(0))?, text.parse::<Ipv4Addr>(), text.parse::<std::net::Ipv6Addr>()) {
            (2, Ok(address), _) => Ok(Value::bytes(address.octets().to_vec())),
            (10, _, Ok(address)) => Ok(Value::bytes(address.octets().to_vec())),
            (2 | 10, ..) => Err(raise(Type::OSError, "illegal IP address string passed to inet_pton")),
            _ => Err(os_error(97, Errno::EAFNOSUPPORT.text())),
        }
    }),
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
    }),
    Native::new("htons", 1, 1, |_, args| short(args.at(0), "htons")),
    Native::new("ntohs", 1, 1, |_, args| short(args.at(0), "ntohs")),
    Native::new("htonl", 1, 1, |_, args| long(args.at(0), "htonl")),
    Native::new("ntohl", 1, 1, |_, args| long(args.at(0), "ntohl")),
    Native::new("create_connection", 1, 3, |vm, args| {
        let timeout = match args.get(1) {
            Some(timeout) => timeout.clone(),
            None => vm.default_timeout.map_or(Value::None, Value::Float),
        };
        Err(vm.invoke(
            "_create_connection",
            vec![Value::Type(Type::Socket), args.at(0).clone(), timeout, args.get(2).cloned().unwrap_or(Value::None)],
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

/// A service by its name: from the machine's table where the engine gave one, else from the built-in one.
fn by_service(vm: &Vm, name: &str, protocol: Option<&str>) -> Option<Entry> {
    match &vm.setup.services {
        Some(table) => table.by_name(name, protocol).cloned(),
        None => Entry::built_in_by_name(name, protocol),
    }
}

/// The same by its port.
fn by_port(vm: &Vm, port: u16, protocol: Option<&str>) -> Option<Entry> {
    match &vm.setup.services {
        Some(table) => table.by_port(port, protocol).cloned(),
        None => Entry::built_in_by_port(port, protocol),
    }
}

/// A text or bytes as the name of a host.
pub fn host_name(value: &Value, complaint: &str) -> Answer<String> {
    match value {
        Value::Str(text) => Ok(text.as_str().to_string()),
        Value::Bytes(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        Value::ByteArray(array) => Ok(String::from_utf8_lossy(&array.bytes.borrow()).into_owned()),
        other => Err(type_error(format!("{complaint}{}", other.type_name()))),
    }
}

/// The address of a host: a name of the scenario, or an address in any form the C library takes.
pub fn resolve(vm: &Vm, name: &str) -> Answer<Ipv4Addr> {
    match name {
        "" => return Ok(Ipv4Addr::UNSPECIFIED),
        "<broadcast>" => return Ok(Ipv4Addr::BROADCAST),
        "localhost" => return Ok(Ipv4Addr::LOCALHOST),
        _ => {}
    }
    let known = vm.setup.names.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, address)| *address);
    if let Some(address) = known {
        return Ok(address);
    }
    if name.eq_ignore_ascii_case(&vm.setup.name) {
        return Ok(vm.setup.address);
    }
    match inet_aton(name) {
        Ok(address) if !name.contains(char::is_whitespace) => Ok(address),
        _ => {
            let args = vec![Value::Int(-2), Value::str("Name or service not known")];
            Err(Stop::Raise(Exception::new(Type::Gaierror, args)))
        }
    }
}

/// The protocol of a service, where it is given.
fn protocol<'a>(args: &'a Args, function: &str) -> Answer<Option<&'a str>> {
    match args.get(1) {
        None => Ok(None),
        Some(Value::Str(text)) => Ok(Some(text.as_str())),
        Some(other) => Err(type_error(format!("{function}() argument 2 must be str, not {}", other.type_name()))),
    }
}

fn short(value: &Value, name: &str) -> Answer {
    let number = integer(value)?;
    if number < 0 {
        return Err(overflow_error(format!("{name}: can't convert negative Python int to C 16-bit unsigned integer")));
    }
    match u16::try_from(number) {
        Ok(number) => Ok(Value::Int(number.swap_bytes().into())),
        Err(_) => Err(overflow_error(format!("{name}: Python int too large to convert to C 16-bit unsigned integer"))),
    }
}

fn long(value: &Value, name: &str) -> Answer {
    let number = match value {
        Value::Big(_) => return Err(overflow_error("Python int too large to convert to C unsigned long")),
        other => match other.as_int() {
            Some(number) => number,
            None => return Err(type_error(format!("expected int, {} found", other.type_name()))),
        },
    };
    let _ = name;
    if number < 0 {
        return Err(overflow_error("can't convert negative value to unsigned int"));
    }
    match u32::try_from(number) {
        Ok(number) => Ok(Value::Int(number.swap_bytes().into())),
        Err(_) => Err(overflow_error("int larger than 32 bits")),
    }
}

fn by_name_ex(vm: &mut Vm, args: Args) -> Answer {
    let name = host_name(args.at(0), "gethostbyname_ex() argument 1 must be str, bytes or bytearray, not ")?;
    let address = resolve(vm, &name)?;
    Ok(Value::tuple(vec![
        Value::str(name),
        Value::list(Vec::new()),
        Value::list(vec![Value::str(address.to_string())]),
    ]))
}

fn by_address(vm: &mut Vm, args: Args) -> Answer {
    let name = host_name(args.at(0), "gethostbyaddr() argument 1 must be str, bytes or bytearray, not ")?;
    let address = resolve(vm, &name)?;
    let known = vm.setup.names.iter().find(|(_, other)| **other == address).map(|(name, _)| name.clone());
    let known = known.or_else(|| (address == Ipv4Addr::LOCALHOST).then(|| "localhost".to_string()));
    match known {
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

fn address_info(vm: &mut Vm, args: Args) -> Answer {
    let part = |index: usize, name: &str| args.get(index).or(args.named(name)).cloned();
    let host = match part(0, "host") {
        None | Some(Value::None) => "127.0.0.1".to_string(),
        Some(host) => host_name(&host, "getaddrinfo() argument 1 must be string or None, not ")?,
    };
    let port = match part(1, "port") {
        None | Some(Value::None) => 0,
        Some(Value::Str(text)) => match text.as_str().parse::<u16>().ok() {
            Some(port) => port,
            None => match by_service(vm, text.as_str(), None) {
                Some(service) => service.port,
                None => {
                    let args = vec![Value::Int(-8), Value::str("Servname not supported for ai_socktype")];
                    return Err(Stop::Raise(Exception::new(Type::Gaierror, args)));
                }
            },
        },
        Some(port) => integer(&port)? as u16,
    };
    let wanted = part(3, "type").map_or(Ok(0), |kind| integer(&kind))?;
    let address = SocketAddrV4::new(resolve(vm, &host)?, port);
    let rows = [(1, 6), (2, 17), (3, 0)];
    let entries = rows.iter().filter(|row| wanted == 0 || wanted == row.0).map(|(kind, protocol)| {
        Value::tuple(vec![
            constants::family(2),
            constants::kind(*kind),
            Value::Int(*protocol),
            Value::str(""),
            address_value(Some(address)),
        ])
    });
    Ok(Value::list(entries.collect()))
}
