//! The numbers of the module `socket`, as Linux has them, and every name it exports.

use crate::program::value::Value;
use crate::program::value::object::{Named, Object};
use crate::program::value::types::Type;

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

/// The constant with this name.
pub fn find(name: &str) -> Option<Value> {
    let number = |table: &[(&'static str, i64)]| table.iter().find(|row| row.0 == name).copied();
    if let Some((name, value)) = number(FAMILIES) {
        return Some(named(Type::AddressFamily, name, value));
    }
    if let Some((name, value)) = number(KINDS) {
        return Some(named(Type::SocketKind, name, value));
    }
    number(NUMBERS).map(|(_, value)| Value::Int(value))
}

/// A family by its number, with its name where it has one.
pub fn family(number: i64) -> Value {
    let row = FAMILIES.iter().find(|row| row.1 == number);
    row.map_or(Value::Int(number), |row| named(Type::AddressFamily, row.0, number))
}

/// A kind by its number, with its name where it has one.
pub fn kind(number: i64) -> Value {
    let row = KINDS.iter().find(|row| row.1 == number);
    row.map_or(Value::Int(number), |row| named(Type::SocketKind, row.0, number))
}

fn named(kind: Type, name: &'static str, number: i64) -> Value {
    Value::object(Object::Named(Named { kind, name, number }))
}
