//! The module `socket` and its objects. Every method becomes a call that the machine hands out; nothing here knows a
//! protocol.

mod constants;
mod functions;
mod lookup;
mod methods;

pub use constants::NAMES;
pub use methods::METHODS;

use super::function;
use crate::program::builtins::Args;
use crate::program::value::Value;
use crate::program::value::object::{Object, Socket};
use crate::program::value::types::Type;
use crate::program::vm::after::After;
use crate::program::vm::index::{float, integer};
use crate::program::vm::{Answer, Invoke, Stop, Vm, os_error, overflow_error, type_error, value_error};
use crate::socket::{Call, Descriptor, Errno, Kind};
use crate::time::Duration;
use methods::ask;
use std::cell::{Cell, RefCell};
use std::net::SocketAddrV4;

/// What the module holds under a name.
pub fn get(name: &str) -> Option<Value> {
    match name {
        "socket" | "SocketType" => Some(Value::Type(Type::Socket)),
        "error" => Some(Value::Type(Type::OSError)),
        "timeout" => Some(Value::Type(Type::TimeoutError)),
        "gaierror" => Some(Value::Type(Type::Gaierror)),
        "herror" => Some(Value::Type(Type::Herror)),
        "has_ipv6" => Some(Value::Bool(false)),
        _ => constants::find(name).or_else(|| function(functions::FUNCTIONS, name)),
    }
}

/// An attribute of a socket object that is a value.
pub fn attribute(socket: &Socket, name: &str) -> Option<Value> {
    match name {
        "family" => Some(constants::family(socket.family)),
        "type" => Some(constants::kind(socket.kind)),
        "proto" => Some(Value::Int(socket.protocol)),
        "timeout" => Some(socket.timeout.get().map_or(Value::None, Value::Float)),
        "_closed" => Some(Value::Bool(socket.closed.get())),
        _ => None,
    }
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
        let Some(value) = args.get(index).or(args.named(names[index])) else { return Ok(default) };
        let large = || overflow_error("Python int too large to convert to C int");
        match value {
            Value::Big(_) => Err(large()),
            other => integer(other).and_then(|number| i32::try_from(number).map(i64::from).map_err(|_| large())),
        }
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
        // Linux knows types below 11, and protocols below 263 (IPPROTO_MAX).
        (2, 11..) => return Err(os_error(22, Errno::EINVAL.text())),
        (2, 1..=3) if protocol >= 263 => return Err(os_error(22, Errno::EINVAL.text())),
        (2, 1) => Kind::Stream,
        (2, 2) => Kind::Datagram,
        (2, 3) if protocol == 0 => return Err(os_error(93, "Protocol not supported")),
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

/// `answer`, once a socket that has just been made waits as long as `setdefaulttimeout` said.
pub fn by_default(vm: &Vm, made: &Value, answer: Value) -> Answer {
    let (Some(timeout), Value::Object(object)) = (vm.default_timeout, made) else { return Ok(answer) };
    let Object::Socket(socket) = &**object else { return Ok(answer) };
    socket.timeout.set(Some(timeout));
    ask(Call::SetBlocking { fd: socket.fd.get(), mode: methods::mode(Some(timeout)) }, After::Already(answer))
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

/// An argument that C takes as an `int`.
fn c_int(value: &Value) -> Answer<i64> {
    let number = match value {
        Value::Big(_) => return Err(overflow_error("Python int too large to convert to C long")),
        other => integer(other)?,
    };
    match i32::try_from(number) {
        Ok(_) => Ok(number),
        Err(_) if number < 0 => Err(overflow_error("signed integer is less than minimum")),
        Err(_) => Err(overflow_error("signed integer is greater than maximum")),
    }
}

fn seconds(value: &Value) -> Answer<Option<f64>> {
    let seconds = match value {
        Value::None => return Ok(None),
        Value::Float(seconds) => *seconds,
        Value::Big(_) => return Err(overflow_error("timestamp too large to convert to C _PyTime_t")),
        other => integer(other)? as f64,
    };
    if seconds.is_nan() {
        return Err(value_error("Invalid value NaN (not a number)"));
    }
    // Nanoseconds are counted in 64 bits.
    if seconds.abs() * 1e9 >= i64::MAX as f64 {
        return Err(overflow_error("timestamp out of range for platform time_t"));
    }
    if seconds < 0.0 {
        return Err(value_error("Timeout value out of range"));
    }
    Ok(Some(seconds))
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
