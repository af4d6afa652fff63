//! The module `socket` and its objects. Every method becomes a call that the machine hands out; nothing here knows a
//! protocol.

use super::function;
use crate::address::{Transport, inet_aton, inet_ntoa, service_by_name, service_by_port};
use crate::program::builtins::{Args, Native};
use crate::program::value::Value;
use crate::program::value::exception::Exception;
use crate::program::value::object::{Named, Object, Socket};
use crate::program::value::types::Type;
use crate::program::vm::after::{After, writable_length};
use crate::program::vm::index::{float, integer};
use crate::program::vm::{Answer, Invoke, Stop, Vm, os_error, overflow_error, raise, type_error, value_error};
use crate::socket::{Blocking, Call, Descriptor, Errno, Flags, How, Kind, OptionValue, SocketOption};
use crate::stream::Data;
use crate::time::Duration;
use std::cell::{Cell, RefCell};
use std::net::{Ipv4Addr, SocketAddrV4};

/// Families.
const FAMILIES: &[(&str, i64)] =
    &[("AF_UNSPEC", 0), ("AF_UNIX", 1), ("AF_INET", 2), ("AF_INET6", 10), ("AF_PACKET", 17)];
/// Kinds.
const KINDS: &[(&str, i64)] =
    &[("SOCK_STREAM", 1), ("SOCK_DGRAM", 2), ("SOCK_RAW", 3), ("SOCK_NONBLOCK", 2048), ("SOCK_CLOEXEC", 524_288)];
/// Every other number, as Linux has it.
const NUMBERS: &[(&str, i64)] = &[
    ("SOL_SOCKET", 1),
    ("SOL_IP", 0),
    ("SOL_TCP", 6),
    ("SOL_UDP", 17),
    ("IPPROTO_IP", 0),
    ("IPPROTO_ICMP", 1),
    ("IPPROTO_TCP", 6),
    ("IPPROTO_UDP", 17),
    ("IPPROTO_RAW", 255),
    ("SO_DEBUG", 1),
    ("SO_REUSEADDR", 2),
    ("SO_TYPE", 3),
    ("SO_ERROR", 4),
    ("SO_DONTROUTE", 5),
    ("SO_BROADCAST", 6),
    ("SO_SNDBUF", 7),
    ("SO_RCVBUF", 8),
    ("SO_KEEPALIVE", 9),
    ("SO_OOBINLINE", 10),
    ("SO_LINGER", 13),
    ("SO_REUSEPORT", 15),
    ("SO_RCVLOWAT", 18),
    ("SO_SNDLOWAT", 19),
    ("SO_RCVTIMEO", 20),
    ("SO_SNDTIMEO", 21),
    ("SO_ACCEPTCONN", 30),
    ("TCP_NODELAY", 1),
    ("TCP_MAXSEG", 2),
    ("TCP_CORK", 3),
    ("TCP_KEEPIDLE", 4),
    ("TCP_KEEPINTVL", 5),
    ("TCP_KEEPCNT", 6),
    ("TCP_QUICKACK", 12),
    ("TCP_USER_TIMEOUT", 18),
    ("IP_TOS", 1),
    ("IP_TTL", 2),
    ("MSG_OOB", 1),
    ("MSG_PEEK", 2),
    ("MSG_TRUNC", 32),
    ("MSG_DONTWAIT", 64),
    ("MSG_WAITALL", 256),
    ("MSG_NOSIGNAL", 16_384),
    ("SHUT_RD", 0),
    ("SHUT_WR", 1),
    ("SHUT_RDWR", 2),
    ("INADDR_ANY", 0),
    ("INADDR_BROADCAST", 0xffff_ffff),
    ("INADDR_LOOPBACK", 0x7f00_0001),
    ("INADDR_NONE", 0xffff_ffff),
    ("SOMAXCONN", 4096),
    ("EAI_AGAIN", -3),
    ("EAI_FAIL", -4),
    ("EAI_NONAME", -2),
    ("EAI_FAMILY", -6),
    ("EAI_SERVICE", -8),
    ("EAI_SOCKTYPE", -7),
    ("AI_PASSIVE", 1),
    ("AI_CANONNAME", 2),
    ("AI_NUMERICHOST", 4),
    ("AI_NUMERICSERV", 1024),
    ("NI_NUMERICHOST", 1),
    ("NI_NUMERICSERV", 2),
];

/// Every name that `import *` binds.
pub static NAMES: &[&str] = &[
    "AF_UNSPEC",
    "AF_UNIX",
    "AF_INET",
    "AF_INET6",
    "AF_PACKET",
    "SOCK_STREAM",
    "SOCK_DGRAM",
    "SOCK_RAW",
    "SOCK_NONBLOCK",
    "SOCK_CLOEXEC",
    "SOL_SOCKET",
    "SOL_IP",
    "SOL_TCP",
    "SOL_UDP",
    "IPPROTO_IP",
    "IPPROTO_ICMP",
    "IPPROTO_TCP",
    "IPPROTO_UDP",
    "IPPROTO_RAW",
    "SO_DEBUG",
    "SO_REUSEADDR",
    "SO_TYPE",
    "SO_ERROR",
    "SO_DONTROUTE",
    "SO_BROADCAST",
    "SO_SNDBUF",
    "SO_RCVBUF",
    "SO_KEEPALIVE",
    "SO_OOBINLINE",
    "SO_LINGER",
    "SO_REUSEPORT",
    "SO_RCVLOWAT",
    "SO_SNDLOWAT",
    "SO_RCVTIMEO",
    "SO_SNDTIMEO",
    "SO_ACCEPTCONN",
    "TCP_NODELAY",
    "TCP_MAXSEG",
    "TCP_CORK",
    "TCP_KEEPIDLE",
    "TCP_KEEPINTVL",
    "TCP_KEEPCNT",
    "TCP_QUICKACK",
    "TCP_USER_TIMEOUT",
    "IP_TOS",
    "IP_TTL",
    "MSG_OOB",
    "MSG_PEEK",
    "MSG_TRUNC",
    "MSG_DONTWAIT",
    "MSG_WAITALL",
    "MSG_NOSIGNAL",
    "SHUT_RD",
    "SHUT_WR",
    "SHUT_RDWR",
    "INADDR_ANY",
    "INADDR_BROADCAST",
    "INADDR_LOOPBACK",
    "INADDR_NONE",
    "SOMAXCONN",
    "EAI_AGAIN",
    "EAI_FAIL",
    "EAI_NONAME",
    "EAI_FAMILY",
    "EAI_SERVICE",
    "EAI_SOCKTYPE",
    "AI_PASSIVE",
    "AI_CANONNAME",
    "AI_NUMERICHOST",
    "AI_NUMERICSERV",
    "NI_NUMERICHOST",
    "NI_NUMERICSERV",
    "socket",
    "SocketType",
    "error",
    "timeout",
    "gaierror",
    "herror",
    "has_ipv6",
    "gethostname",
    "gethostbyname",
    "gethostbyname_ex",
    "gethostbyaddr",
    "getfqdn",
    "getaddrinfo",
    "getservbyname",
    "getservbyport",
    "getprotobyname",
    "inet_aton",
    "inet_ntoa",
    "inet_pton",
    "inet_ntop",
    "htons",
    "htonl",
    "ntohs",
    "ntohl",
    "create_connection",
    "create_server",
    "socketpair",
    "setdefaulttimeout",
    "getdefaulttimeout",
    "has_dualstack_ipv6",
];

/// The functions of the module.
static FUNCTIONS: &[Native] = &[
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
    Native::new("getservbyname", 1, 2, |_, args| {
        let transport = transport(args, 1)?;
        let name = host_name(args.at(0), "getservbyname() argument 1 must be str, not ")?;
        match transport.map_or(service_by_name(&name, None), |t| t.and_then(|t| service_by_name(&name, Some(t)))) {
            Some(service) => Ok(Value::Int(service.port.into())),
            None => Err(raise(Type::OSError, "service/proto not found")),
        }
    }),
    Native::new("getservbyport", 1, 2, |_, args| {
        let transport = transport(args, 1)?;
        let port =
            u16::try_from(integer(args.at(0))?).map_err(|_| overflow_error("getservbyport: port must be 0-65535."))?;
        match transport.map_or(service_by_port(port, None), |t| t.and_then(|t| service_by_port(port, Some(t)))) {
            Some(service) => Ok(Value::str(service.name)),
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

const fn method(name: &'static str, min: usize, max: usize, call: crate::program::builtins::Body) -> Native {
    Native::new(name, min, max, call).of("socket")
}

/// The methods of a socket object.
pub static METHODS: &[Native] = &[
    method("bind", 1, 1, |vm, args| {
        let address = address(vm, args.at(0), "bind")?;
        ask(Call::Bind { fd: fd(args), address }, After::Nothing)
    }),
    method("listen", 0, 1, |_, args| {
        let backlog = args.get(0).map_or(Ok(128), integer)?;
        let backlog = backlog.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
        ask(Call::Listen { fd: fd(args), backlog: backlog.max(0) }, After::Nothing)
    })
    .counted(),
    method("accept", 0, 0, |_, args| {
        let socket = this(args)?;
        ask(Call::Accept { fd: fd(args) }, After::Accepted(socket.family, socket.kind, socket.protocol))
    }),
    method("connect", 1, 1, |vm, args| {
        let address = address(vm, args.at(0), "connect")?;
        ask(Call::Connect { fd: fd(args), address }, After::Nothing)
    }),
    method("connect_ex", 1, 1, |vm, args| {
        let address = address(vm, args.at(0), "connect_ex")?;
        ask(Call::Connect { fd: fd(args), address }, After::Number)
    }),
    method("send", 1, 2, |_, args| send(args, false)).counted(),
    method("sendall", 1, 2, |_, args| send(args, true)).counted(),
    Native::free("sendto", send_to).of("socket"),
    method("recv", 1, 2, |_, args| {
        let (size, flags) = (size(args.at(0), "recv")?, flags(args, 1)?);
        ask(Call::Recv { fd: fd(args), size, flags }, After::Plain)
    })
    .counted(),
    method("recvfrom", 1, 2, |_, args| {
        let (size, flags) = (size(args.at(0), "recvfrom")?, flags(args, 1)?);
        ask(Call::RecvFrom { fd: fd(args), size, flags }, After::From)
    })
    .counted(),
    method("recv_into", 1, 3, |_, args| {
        let size = room_in(args, "recv_into")?;
        ask(Call::Recv { fd: fd(args), size, flags: flags(args, 2)? }, After::Into(args.at(0).clone()))
    })
    .named(&["buffer", "nbytes", "flags"]),
    method("recvfrom_into", 1, 3, |_, args| {
        let size = room_in(args, "recvfrom_into")?;
        ask(Call::RecvFrom { fd: fd(args), size, flags: flags(args, 2)? }, After::FromInto(args.at(0).clone()))
    })
    .named(&["buffer", "nbytes", "flags"]),
    method("shutdown", 1, 1, |_, args| {
        let how = match integer(args.at(0))? {
            0 => How::Read,
            1 => How::Write,
            2 => How::Both,
            _ => return Err(os_error(22, Errno::EINVAL.text())),
        };
        ask(Call::Shutdown { fd: fd(args), how }, After::Nothing)
    }),
    method("close", 0, 0, |_, args| {
        let socket = this(args)?;
        socket.closed.set(true);
        if socket.files.get() > 0 {
            return Ok(Value::None);
        }
        close_now(socket)
    }),
    method("detach", 0, 0, |_, args| Ok(Value::Int(this(args)?.fd.replace(-1).into()))),
    Native::free("setsockopt", set_option).of("socket"),
    method("getsockopt", 2, 3, get_option).counted(),
    method("settimeout", 1, 1, |_, args| {
        let timeout = seconds(args.at(0))?;
        set_blocking(args, timeout)
    }),
    method("setblocking", 1, 1, |_, args| set_blocking(args, (!args.at(0).truth()).then_some(0.0))),
    method("gettimeout", 0, 0, |_, args| Ok(this(args)?.timeout.get().map_or(Value::None, Value::Float))),
    method("getblocking", 0, 0, |_, args| Ok(Value::Bool(this(args)?.timeout.get() != Some(0.0)))),
    method("getsockname", 0, 0, |_, args| ask(Call::LocalAddress { fd: fd(args) }, After::Plain)),
    method("getpeername", 0, 0, |_, args| ask(Call::PeerAddress { fd: fd(args) }, After::Plain)),
    method("fileno", 0, 0, |_, args| Ok(Value::Int(fd(args).into()))),
    method("get_inheritable", 0, 0, |_, _| Ok(Value::Bool(false))),
    method("set_inheritable", 1, 1, |_, _| Ok(Value::None)),
    Native::free("makefile", super::files::make_file).of("socket"),
    method("sendfile", 1, 3, |vm, args| {
        let offset = args.get(1).cloned().unwrap_or(Value::Int(0));
        Err(vm.invoke("_send_file", vec![args.this.clone(), args.at(0).clone(), offset, args.at(2).clone()]))
    })
    .named(&["file", "offset", "count"]),
    method("_ask_local", 0, 0, |_, args| {
        ask(Call::LocalAddress { fd: fd(args) }, After::Remember(args.this.clone(), false))
    }),
    method("_ask_peer", 0, 0, |_, args| {
        ask(Call::PeerAddress { fd: fd(args) }, After::Remember(args.this.clone(), true))
    }),
];

/// What the module holds under a name.
pub fn get(name: &str) -> Option<Value> {
    let number = |table: &[(&'static str, i64)]| table.iter().find(|row| row.0 == name).copied();
    if let Some((name, value)) = number(FAMILIES) {
        return Some(named(Type::AddressFamily, name, value));
    }
    if let Some((name, value)) = number(KINDS) {
        return Some(named(Type::SocketKind, name, value));
    }
    if let Some((_, value)) = number(NUMBERS) {
        return Some(Value::Int(value));
    }
    match name {
        "socket" | "SocketType" => Some(Value::Type(Type::Socket)),
        "error" => Some(Value::Type(Type::OSError)),
        "timeout" => Some(Value::Type(Type::TimeoutError)),
        "gaierror" => Some(Value::Type(Type::Gaierror)),
        "herror" => Some(Value::Type(Type::Herror)),
        "has_ipv6" => Some(Value::Bool(false)),
        _ => function(FUNCTIONS, name),
    }
}

/// An attribute of a socket object that is a value.
pub fn attribute(socket: &Socket, name: &str) -> Option<Value> {
    let table = |table: &[(&'static str, i64)], kind: Type, number: i64| {
        let row = table.iter().find(|row| row.1 == number);
        row.map_or(Value::Int(number), |row| named(kind, row.0, number))
    };
    match name {
        "family" => Some(table(FAMILIES, Type::AddressFamily, socket.family)),
        "type" => Some(table(KINDS, Type::SocketKind, socket.kind)),
        "proto" => Some(Value::Int(socket.protocol)),
        "timeout" => Some(socket.timeout.get().map_or(Value::None, Value::Float)),
        "_closed" => Some(Value::Bool(socket.closed.get())),
        _ => None,
    }
}

fn named(kind: Type, name: &'static str, number: i64) -> Value {
    Value::object(Object::Named(Named { kind, name, number }))
}

/// `socket.socket(family, type, proto, fileno)`.
pub fn construct(vm: &mut Vm, args: Args) -> Answer {
    let names = ["family", "type", "proto", "fileno"];
    if let Some((name, _)) = args.keywords.iter().find(|(name, _)| !names.contains(&&**name)) {
        return Err(type_error(format!("socket.__init__() got an unexpected keyword argument '{name}'")));
    }
    if args.values.len() > 4 {
        let given = args.values.len() + 1;
        return Err(type_error(format!(
            "socket.__init__() takes from 1 to 5 positional arguments but {given} were given"
        )));
    }
    let part = |index: usize, default: i64| -> Answer<i64> {
        let value = args.get(index).or(args.named(names[index]));
        value.map_or(Ok(default), integer)
    };
    let (mut family, mut kind, mut protocol) = (part(0, -1)?, part(1, -1)?, part(2, -1)?);
    if let Some(fileno) = args.get(3).or(args.named("fileno")).filter(|value| !matches!(value, Value::None)) {
        let fd = integer(fileno)?;
        let fd = i32::try_from(fd).ok().filter(|fd| *fd >= 0).ok_or_else(|| value_error("negative file descriptor"))?;
        let (family, kind, protocol) = (family.max(2), kind.max(1), protocol.max(0));
        return Ok(socket_object(vm, fd, family, kind, protocol));
    }
    family = if family < 0 { 2 } else { family };
    kind = if kind < 0 { 1 } else { kind };
    protocol = protocol.max(0);
    let plain = kind & !(2048 | 524_288);
    let choice = match (family, plain) {
        (2, 1) => Kind::Stream,
        (2, 2) => Kind::Datagram,
        (2, 3) => return Err(os_error(1, Errno::EPERM.text())),
        (2, _) => return Err(os_error(94, "Socket type not supported")),
        _ => return Err(os_error(97, Errno::EAFNOSUPPORT.text())),
    };
    vm.sockets = true;
    ask(Call::Socket { kind: choice, protocol: protocol as i32 }, After::Socket(family, plain, protocol))
}

/// A socket object for a descriptor.
pub fn socket_object(vm: &mut Vm, fd: Descriptor, family: i64, kind: i64, protocol: i64) -> Value {
    vm.sockets = true;
    Value::object(Object::Socket(Socket {
        serial: vm.next_serial(),
        fd: Cell::new(fd),
        family,
        kind,
        protocol,
        timeout: Cell::new(None),
        ends: RefCell::new((None, None)),
        fresh: Cell::new(false),
        files: Cell::new(0),
        closed: Cell::new(false),
        world: vm.world.clone(),
    }))
}

/// An address as a program sees it.
pub fn address_value(address: Option<SocketAddrV4>) -> Value {
    match address {
        Some(address) => Value::tuple(vec![Value::str(address.ip().to_string()), Value::Int(address.port().into())]),
        None => Value::None,
    }
}

/// Asks for the two ends of every socket among the values, unless that was just done.
pub fn need_ends(vm: &mut Vm, values: &[Value]) -> Answer<()> {
    if !vm.sockets {
        return Ok(());
    }
    let mut found = Vec::new();
    values.iter().for_each(|value| sockets_in(value, 4, &mut found));
    if found.is_empty() {
        return Ok(());
    }
    let function = vm.prelude("_ask_ends");
    let positional = vec![Value::list(found)];
    Err(Stop::Before(Box::new(Invoke { function, positional, keywords: Vec::new() })))
}

fn sockets_in(value: &Value, depth: usize, found: &mut Vec<Value>) {
    match value {
        Value::Object(object) => {
            if let Object::Socket(socket) = &**object
                && socket.fd.get() >= 0
                && !socket.fresh.get()
            {
                found.push(value.clone());
            }
        }
        Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Set(_) if depth > 0 => {
            value.each_child(&mut |child| sockets_in(child, depth - 1, found));
        }
        _ => {}
    }
}

fn ask(call: Call, after: After) -> Answer {
    Err(Stop::Call(Box::new((call, after))))
}

fn this(args: Args<'_>) -> Answer<&Socket> {
    match args.this {
        Value::Object(object) => match &**object {
            Object::Socket(socket) => Ok(socket),
            _ => Err(type_error("a socket is required")),
        },
        _ => Err(type_error("a socket is required")),
    }
}

/// The descriptor of an object that has one: a socket, or a file made of one.
pub fn descriptor(value: &Value) -> Option<Descriptor> {
    match value {
        Value::Object(object) => match &**object {
            Object::Socket(socket) => Some(socket.fd.get()),
            Object::SocketFile(file) => descriptor(&file.socket),
            _ => None,
        },
        _ => None,
    }
}

fn fd(args: Args) -> Descriptor {
    descriptor(args.this).unwrap_or(-1)
}

/// Closes the descriptor, once.
pub fn close_now(socket: &Socket) -> Answer {
    match socket.fd.replace(-1) {
        -1 => Ok(Value::None),
        fd => ask(Call::Close { fd }, After::Nothing),
    }
}

fn bytes_required(value: &Value) -> Stop {
    type_error(format!("a bytes-like object is required, not '{}'", value.type_name()))
}

fn flags(args: Args, index: usize) -> Answer<Flags> {
    let bits = args.get(index).map_or(Ok(0), integer)?;
    Ok(Flags {
        out_of_band: bits & 1 != 0,
        peek: bits & 2 != 0,
        truncate: bits & 32 != 0,
        dont_wait: bits & 64 != 0,
        wait_all: bits & 256 != 0,
    })
}

fn size(value: &Value, name: &str) -> Answer<usize> {
    usize::try_from(integer(value)?).map_err(|_| value_error(format!("negative buffersize in {name}")))
}

fn room_in(args: Args, name: &str) -> Answer<usize> {
    let Some(room) = writable_length(args.at(0)) else {
        let kind = args.at(0).type_name();
        return Err(type_error(format!("{name}() argument 1 must be read-write bytes-like object, not {kind}")));
    };
    let wanted = args.get(1).map_or(Ok(0), integer)?;
    let wanted = usize::try_from(wanted).map_err(|_| value_error(format!("negative buffersize in {name}")))?;
    if wanted > room {
        return Err(value_error("buffer too small for requested bytes"));
    }
    Ok(if wanted == 0 { room } else { wanted })
}

fn send(args: Args, all: bool) -> Answer {
    let data = args.at(0).to_bytes().ok_or_else(|| bytes_required(args.at(0)))?;
    let after = if all { After::Nothing } else { After::Plain };
    ask(Call::Send { fd: fd(args), data: Data(data), flags: flags(args, 1)?, all }, after)
}

fn send_to(vm: &mut Vm, args: Args) -> Answer {
    let (flags, to) = match args.values {
        [_, to] => (Flags::default(), to),
        [_, _, to] => (flags(args, 1)?, to),
        other => return Err(type_error(format!("sendto() takes 2 or 3 arguments ({} given)", other.len()))),
    };
    let data = args.at(0).to_bytes().ok_or_else(|| bytes_required(args.at(0)))?;
    let address = address(vm, to, "sendto")?;
    ask(Call::SendTo { fd: fd(args), data: Data(data), flags, address }, After::Plain)
}

fn seconds(value: &Value) -> Answer<Option<f64>> {
    if let Value::None = value {
        return Ok(None);
    }
    let seconds = match value {
        Value::Float(seconds) => *seconds,
        other => integer(other)? as f64,
    };
    if seconds.is_nan() {
        return Err(value_error("Invalid value NaN (not a number)"));
    }
    if seconds < 0.0 {
        return Err(value_error("Timeout value out of range"));
    }
    Ok(Some(seconds))
}

fn set_blocking(args: Args, timeout: Option<f64>) -> Answer {
    let socket = this(args)?;
    let mode = match timeout {
        None => Blocking::Forever,
        Some(0.0) => Blocking::Never,
        // The clock counts microseconds; a shorter wait is still a wait.
        Some(seconds) => Blocking::AtMost(Duration::from_secs_f64(seconds).max(Duration::from_micros(1))),
    };
    socket.timeout.set(timeout);
    ask(Call::SetBlocking { fd: fd(args), mode }, After::Nothing)
}

fn option(args: Args) -> Answer<SocketOption> {
    let number = |index: usize| integer(args.at(index)).map(|value| i32::try_from(value).unwrap_or(-1));
    let (level, name) = (number(0)?, number(1)?);
    SocketOption::from_numbers(level, name).ok_or_else(|| os_error(92, Errno::ENOPROTOOPT.text()))
}

fn set_option(_: &mut Vm, args: Args) -> Answer {
    match args.values.len() {
        3 => {}
        4 => return Err(os_error(22, Errno::EINVAL.text())),
        given => return Err(type_error(format!("setsockopt() takes exactly 3 arguments ({given} given)"))),
    }
    let invalid = || os_error(22, Errno::EINVAL.text());
    let word = |bytes: &[u8], at: usize| -> i32 {
        bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, i32::from_le_bytes)
    };
    let given = args.at(2);
    let number = match given {
        Value::Str(_) | Value::None => return Err(bytes_required(given)),
        other => other.as_int(),
    };
    let option = option(args)?;
    let timed = matches!(option, SocketOption::SoRcvtimeo | SocketOption::SoSndtimeo);
    let value = match (number, given.to_bytes()) {
        // A structure has a length that an integer has not.
        (Some(_), _) if option == SocketOption::SoLinger || timed => return Err(invalid()),
        (Some(number), _) => match i32::try_from(number) {
            Ok(number) => OptionValue::Number(number.into()),
            Err(_) => return Err(bytes_required(given)),
        },
        (None, Some(bytes)) if option == SocketOption::SoLinger => {
            if bytes.len() < 8 {
                return Err(invalid());
            }
            OptionValue::Linger { on: word(&bytes, 0) != 0, seconds: word(&bytes, 4) }
        }
        (None, Some(bytes)) if timed => {
            if bytes.len() < 16 {
                return Err(invalid());
            }
            let part = |at: usize| i64::from(word(&bytes, at) as u32) | i64::from(word(&bytes, at + 4)) << 32;
            OptionValue::Number(part(0).saturating_mul(1_000_000).saturating_add(part(8)))
        }
        (None, Some(bytes)) => {
            if bytes.len() < 4 {
                return Err(invalid());
            }
            OptionValue::Number(word(&bytes, 0).into())
        }
        (None, None) => return Err(bytes_required(given)),
    };
    ask(Call::SetOption { fd: fd(args), option, value }, After::Nothing)
}

fn get_option(_: &mut Vm, args: Args) -> Answer {
    let length = args.get(2).map(integer).transpose()?;
    let after = match length {
        None | Some(0) => After::Plain,
        Some(length @ 1..=1024) => After::Packed(length as usize),
        Some(_) => return Err(raise(Type::OSError, "getsockopt buflen out of range")),
    };
    ask(Call::GetOption { fd: fd(args), option: option(args)? }, after)
}

fn host_name(value: &Value, complaint: &str) -> Answer<String> {
    match value {
        Value::Str(text) => Ok(text.as_str().to_string()),
        Value::Bytes(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        Value::ByteArray(array) => Ok(String::from_utf8_lossy(&array.bytes.borrow()).into_owned()),
        other => Err(type_error(format!("{complaint}{}", other.type_name()))),
    }
}

/// The address of a host: a name of the scenario, or an address in any form the C library takes.
fn resolve(vm: &Vm, name: &str) -> Answer<Ipv4Addr> {
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

fn address(vm: &Vm, value: &Value, function: &str) -> Answer<SocketAddrV4> {
    let Value::Tuple(tuple) = value else {
        let name = value.type_name();
        return Err(type_error(format!("{function}(): AF_INET address must be tuple, not {name}")));
    };
    let [host, port] = &*tuple.items else {
        return Err(type_error("AF_INET address must be a pair (host, port)"));
    };
    let host = host_name(host, "str, bytes or bytearray expected, not ")?;
    let port = match port {
        Value::Big(_) => Err(()),
        other => u16::try_from(integer(other)?).map_err(|_| ()),
    };
    let port = port.map_err(|()| overflow_error(format!("{function}(): port must be 0-65535.")))?;
    Ok(SocketAddrV4::new(resolve(vm, &host)?, port))
}

/// `None`: not given. `Some(None)`: a transport nobody has.
fn transport(args: Args, index: usize) -> Answer<Option<Option<Transport>>> {
    match args.get(index) {
        None => Ok(None),
        Some(Value::Str(text)) => Ok(Some(match text.as_str() {
            "tcp" => Some(Transport::Tcp),
            "udp" => Some(Transport::Udp),
            _ => None,
        })),
        Some(other) => Err(type_error(format!("argument 2 must be str, not {}", other.type_name()))),
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
            None => match service_by_name(text.as_str(), None) {
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
    let rows = [("SOCK_STREAM", 1, 6), ("SOCK_DGRAM", 2, 17), ("SOCK_RAW", 3, 0)];
    let entries = rows.iter().filter(|row| wanted == 0 || wanted == row.1).map(|(name, kind, protocol)| {
        Value::tuple(vec![
            named(Type::AddressFamily, "AF_INET", 2),
            named(Type::SocketKind, name, *kind),
            Value::Int(*protocol),
            Value::str(""),
            address_value(Some(address)),
        ])
    });
    Ok(Value::list(entries.collect()))
}

/// A number of seconds as a span, for whoever sleeps.
pub fn duration(value: &Value) -> Answer<Duration> {
    let seconds = match value {
        Value::Float(_) | Value::Int(_) | Value::Bool(_) | Value::Big(_) => float(value)?,
        other => {
            return Err(type_error(format!("'{}' object cannot be interpreted as an integer", other.type_name())));
        }
    };
    if seconds < 0.0 {
        return Err(value_error("sleep length must be non-negative"));
    }
    Ok(Duration::from_secs_f64(seconds))
}
