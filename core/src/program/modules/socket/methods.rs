//! The methods of a socket object. Each becomes a call that the machine hands out.

use super::functions::host_name;
use super::lookup::resolve;
use super::{bytes_required, c_int, close_now, descriptor, seconds};
use crate::program::builtins::{Args, Native};
use crate::program::value::Value;
use crate::program::value::object::{Object, Socket};
use crate::program::value::types::Type;
use crate::program::vm::after::{After, writable_length};
use crate::program::vm::index::integer;
use crate::program::vm::{Answer, Stop, Vm, os_error, overflow_error, raise, type_error, value_error};
use crate::socket::{Blocking, Call, Descriptor, Errno, Flags, How, OptionValue, SocketOption};
use crate::stream::Data;
use crate::time::Duration;
use std::net::SocketAddrV4;

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
    Native::free("makefile", crate::program::modules::files::make_file).of("socket"),
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

/// Asks the system.
pub fn ask(call: Call, after: After) -> Answer {
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

fn fd(args: Args) -> Descriptor {
    descriptor(args.this).unwrap_or(-1)
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

/// How long a call waits with this timeout.
pub fn mode(timeout: Option<f64>) -> Blocking {
    match timeout {
        None => Blocking::Forever,
        Some(0.0) => Blocking::Never,
        // The clock counts microseconds; a shorter wait is still a wait.
        Some(seconds) => Blocking::AtMost(Duration::from_secs_f64(seconds).max(Duration::from_micros(1))),
    }
}

fn set_blocking(args: Args, timeout: Option<f64>) -> Answer {
    this(args)?.timeout.set(timeout);
    ask(Call::SetBlocking { fd: fd(args), mode: mode(timeout) }, After::Nothing)
}

fn option(args: Args) -> Answer<SocketOption> {
    let number = |index: usize| c_int(args.at(index)).map(|value| value as i32);
    let (level, name) = (number(0)?, number(1)?);
    SocketOption::from_numbers(level, name).ok_or_else(|| os_error(92, Errno::ENOPROTOOPT.text()))
}

/// Whether the value of an option is a `struct timeval`.
fn is_time(option: SocketOption) -> bool {
    matches!(option, SocketOption::SoRcvtimeo | SocketOption::SoSndtimeo)
}

fn set_option(_: &mut Vm, args: Args) -> Answer {
    match args.values.len() {
        3 => {}
        4 if matches!(args.at(2), Value::None) && args.at(3).as_int().is_some() => {
            return Err(os_error(14, "Bad address"));
        }
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
    let timed = is_time(option);
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
    let length = match length {
        None | Some(0) => None,
        Some(length @ 1..=1024) => Some(length as usize),
        Some(_) => return Err(raise(Type::OSError, "getsockopt buflen out of range")),
    };
    let option = option(args)?;
    let after = match (length, is_time(option)) {
        (length, true) => After::TimeValue(length),
        (Some(length), false) => After::Packed(length),
        (None, false) => After::Plain,
    };
    ask(Call::GetOption { fd: fd(args), option }, after)
}

fn address(vm: &Vm, value: &Value, function: &str) -> Answer<SocketAddrV4> {
    let Value::Tuple(tuple) = value else {
        let name = value.type_name();
        return Err(type_error(format!("{function}(): AF_INET address must be tuple, not {name}")));
    };
    let [host, port] = &*tuple.items else {
        return Err(type_error("AF_INET address must be a pair (host, port)"));
    };
    let host = host_name(host)?;
    let port = match port {
        Value::Big(_) => Err(()),
        other => u16::try_from(integer(other)?).map_err(|_| ()),
    };
    let port = port.map_err(|()| overflow_error(format!("{function}(): port must be 0-65535.")))?;
    Ok(SocketAddrV4::new(resolve(vm, &host)?, port))
}
