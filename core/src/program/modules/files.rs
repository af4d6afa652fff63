//! `open()` on the host's own files, and the file objects that `makefile` puts before a socket.

use super::os::name;
use super::socket::close_now;
use crate::program::builtins::{Args, Native};
use crate::program::methods::bytes::decode;
use crate::program::value::Value;
use crate::program::value::object::{File, Object, Socket, SocketFile};
use crate::program::value::types::Type;
use crate::program::vm::after::After;
use crate::program::vm::index::integer;
use crate::program::vm::{Answer, Stop, Vm, file_error, raise, type_error, value_error};
use crate::socket::{Call, Flags};
use crate::stream::Data;
use std::cell::{Cell, RefCell};

const fn method(name: &'static str, min: usize, max: usize, call: crate::program::builtins::Body) -> Native {
    Native::new(name, min, max, call).of("TextIOWrapper")
}

/// Methods of both kinds of files.
pub static METHODS: &[Native] = &[
    method("read", 0, 1, |vm, args| {
        let count = count(args)?;
        match this(args)? {
            Which::File(file) => {
                readable(file)?;
                if file.binary { read_bytes(file, count) } else { read_text(file, count) }
            }
            Which::Socket(file) => {
                check_socket(file, true)?;
                let function = if file.binary { "_file_read" } else { "_file_read_text" };
                Err(vm.invoke(function, vec![args.this.clone(), Value::Int(count)]))
            }
        }
    }),
    method("read1", 0, 1, |vm, args| {
        let count = count(args)?;
        match this(args)? {
            Which::File(file) => read_bytes(file, count),
            Which::Socket(file) => {
                check_socket(file, true)?;
                Err(vm.invoke("_file_read1", vec![args.this.clone(), Value::Int(count)]))
            }
        }
    }),
    method("readline", 0, 1, |vm, args| {
        let count = count(args)?;
        match this(args)? {
            Which::File(file) => {
                readable(file)?;
                read_line(file, count)
            }
            Which::Socket(file) => {
                check_socket(file, true)?;
                Err(vm.invoke("_file_readline", vec![args.this.clone(), Value::Int(count)]))
            }
        }
    }),
    method("readlines", 0, 1, |vm, args| match this(args)? {
        Which::File(file) => {
            readable(file)?;
            let mut lines = Vec::new();
            loop {
                let line = read_line(file, -1)?;
                if !line.truth() {
                    return Ok(Value::list(lines));
                }
                lines.push(line);
            }
        }
        Which::Socket(_) => Err(vm.invoke("_file_readlines", vec![args.this.clone()])),
    }),
    method("write", 1, 1, write),
    method("writelines", 1, 1, |vm, args| {
        let mut joined = Vec::new();
        let mut binary = false;
        for item in vm.elements(args.at(0))? {
            match &item {
                Value::Str(text) => joined.extend_from_slice(text.as_bytes()),
                other => {
                    binary = true;
                    joined.extend_from_slice(&other.to_bytes().ok_or_else(|| bytes_required(other))?);
                }
            }
            vm.room(joined.len())?;
        }
        let all = if binary { Value::bytes(joined) } else { Value::str(String::from_utf8_lossy(&joined)) };
        let values = [all];
        write(vm, Args { this: args.this, values: &values, keywords: &[] })?;
        Ok(Value::None)
    })
    .consuming(),
    method("flush", 0, 0, |vm, args| match this(args)? {
        Which::File(file) => {
            open_still(file.closed.get())?;
            file.flush();
            Ok(Value::None)
        }
        Which::Socket(_) => Err(vm.invoke("_file_write", vec![args.this.clone(), Value::None])),
    }),
    method("close", 0, 0, |vm, args| match this(args)? {
        Which::File(file) => {
            if !file.closed.replace(true) {
                file.flush();
            }
            Ok(Value::None)
        }
        Which::Socket(file) => {
            if file.closed.get() {
                return Ok(Value::None);
            }
            Err(vm.invoke("_file_close", vec![args.this.clone()]))
        }
    }),
    method("seek", 1, 2, |_, args| {
        let file = plain(args)?;
        open_still(file.closed.get())?;
        file.flush();
        let offset = integer(args.at(0))?;
        let from = match args.get(1).map_or(Ok(0), integer)? {
            0 => 0,
            1 if file.binary || offset == 0 => file.position.get() as i64,
            2 if file.binary || offset == 0 => length(file) as i64,
            1 => return Err(raise(Type::UnsupportedOperation, "can't do nonzero cur-relative seeks")),
            2 => return Err(raise(Type::UnsupportedOperation, "can't do nonzero end-relative seeks")),
            other => return Err(value_error(format!("invalid whence ({other}, should be 0, 1 or 2)"))),
        };
        let position = usize::try_from(from + offset).map_err(|_| {
            if file.binary {
                crate::program::vm::os_error(22, "Invalid argument")
            } else {
                value_error(format!("negative seek position {}", from + offset))
            }
        })?;
        file.position.set(position);
        Ok(Value::Int(position as i64))
    }),
    method("tell", 0, 0, |_, args| {
        let file = plain(args)?;
        open_still(file.closed.get())?;
        file.flush();
        Ok(Value::Int(file.position.get() as i64))
    }),
    method("truncate", 0, 1, |vm, args| {
        let file = plain(args)?;
        open_still(file.closed.get())?;
        file.flush();
        let size = args.get(0).map_or(Ok(file.position.get() as i64), integer)?;
        let size = usize::try_from(size).map_err(|_| value_error("negative size value"))?;
        vm.room(size)?;
        let mut bytes = content(file).to_vec();
        bytes.resize(size, 0);
        file.world.files.borrow_mut().insert(file.name.clone(), Data::from(bytes));
        file.world.touch(&file.name);
        Ok(Value::Int(size as i64))
    }),
    method("readable", 0, 0, |_, args| {
        Ok(Value::Bool(match this(args)? {
            Which::File(file) => file.readable,
            Which::Socket(file) => file.readable,
        }))
    }),
    method("writable", 0, 0, |_, args| {
        Ok(Value::Bool(match this(args)? {
            Which::File(file) => file.writable,
            Which::Socket(file) => file.writable,
        }))
    }),
    method("seekable", 0, 0, |_, args| Ok(Value::Bool(matches!(this(args)?, Which::File(_))))),
    method("fileno", 0, 0, |_, args| match this(args)? {
        Which::File(_) => Err(raise(Type::UnsupportedOperation, "fileno")),
        Which::Socket(file) => Ok(Value::Int(super::socket::descriptor(&file.socket).unwrap_or(-1).into())),
    }),
    // What the prelude needs of a socket's file.
    method("_held", 0, 0, |_, args| Ok(Value::Int(socket_file(args)?.buffer.borrow().len() as i64))),
    method("_receive", 1, 1, |_, args| {
        let file = socket_file(args)?;
        let fd = super::socket::descriptor(&file.socket).unwrap_or(-1);
        let size = integer(args.at(0))?.max(0) as usize;
        Err(Stop::Call(Box::new((Call::Recv { fd, size, flags: Flags::default() }, After::Plain))))
    }),
    method("_keep", 1, 1, |vm, args| {
        let data = args.at(0).to_bytes().unwrap_or_default();
        let file = socket_file(args)?;
        vm.room(file.buffer.borrow().len() + data.len())?;
        vm.charge(data.len());
        file.buffer.borrow_mut().extend_from_slice(&data);
        Ok(Value::None)
    }),
    method("_take", 1, 1, |_, args| {
        let count = integer(args.at(0))?;
        let file = socket_file(args)?;
        let held = file.buffer.borrow().len();
        let count = if count < 0 { held } else { (count as usize).min(held) };
        Ok(Value::bytes(file.buffer.borrow_mut().drain(..count).collect::<Vec<u8>>()))
    }),
    method("_characters", 0, 0, |_, args| {
        let file = socket_file(args)?;
        let buffer = file.buffer.borrow();
        Ok(Value::Int(buffer.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as i64))
    }),
    method("_take_text", 1, 1, |_, args| {
        let count = integer(args.at(0))?;
        let file = socket_file(args)?;
        let mut buffer = file.buffer.borrow_mut();
        let end = match usize::try_from(count) {
            Ok(count) => {
                let mut starts = buffer.iter().enumerate().filter(|(_, byte)| **byte & 0xc0 != 0x80);
                starts.nth(count).map_or(buffer.len(), |(at, _)| at)
            }
            Err(_) => buffer.len(),
        };
        let bytes: Vec<u8> = buffer.drain(..end).collect();
        Ok(Value::str(translated(decode(&bytes, None, None)?, file.translate)))
    }),
    method("_has_line", 1, 1, |_, args| {
        let limit = integer(args.at(0))?;
        let file = socket_file(args)?;
        let buffer = file.buffer.borrow();
        Ok(Value::Bool(buffer.contains(&b'\n') || limit >= 0 && buffer.len() as i64 >= limit))
    }),
    method("_take_line", 1, 1, |_, args| {
        let limit = integer(args.at(0))?;
        let file = socket_file(args)?;
        let mut buffer = file.buffer.borrow_mut();
        let mut end = memchr::memchr(b'\n', &buffer).map_or(buffer.len(), |at| at + 1);
        if let Ok(limit) = usize::try_from(limit) {
            end = end.min(limit);
        }
        let bytes: Vec<u8> = buffer.drain(..end).collect();
        if file.binary {
            return Ok(Value::bytes(bytes));
        }
        Ok(Value::str(translated(decode(&bytes, None, None)?, file.translate)))
    }),
    method("_flush_pending", 0, 0, |_, args| {
        let file = socket_file(args)?;
        let pending = file.pending.take();
        if pending.is_empty() {
            return Ok(Value::None);
        }
        let fd = super::socket::descriptor(&file.socket).unwrap_or(-1);
        let call = Call::Send { fd, data: Data::from(pending), flags: Flags::default(), all: true };
        Err(Stop::Call(Box::new((call, After::Nothing))))
    }),
    method("_release", 0, 0, |_, args| {
        let file = socket_file(args)?;
        if file.closed.replace(true) {
            return Ok(Value::None);
        }
        let Some(socket) = socket_of(file) else { return Ok(Value::None) };
        socket.files.set(socket.files.get().saturating_sub(1));
        if socket.files.get() == 0 && socket.closed.get() { close_now(socket) } else { Ok(Value::None) }
    }),
];

enum Which<'a> {
    File(&'a File),
    Socket(&'a SocketFile),
}

fn this(args: Args<'_>) -> Answer<Which<'_>> {
    match args.this {
        Value::Object(object) => match &**object {
            Object::File(file) => Ok(Which::File(file)),
            Object::SocketFile(file) => Ok(Which::Socket(file)),
            _ => Err(type_error("a file is required")),
        },
        _ => Err(type_error("a file is required")),
    }
}

fn plain(args: Args<'_>) -> Answer<&File> {
    match this(args)? {
        Which::File(file) => Ok(file),
        Which::Socket(_) => Err(raise(Type::UnsupportedOperation, "File or stream is not seekable.")),
    }
}

fn socket_file(args: Args<'_>) -> Answer<&SocketFile> {
    match this(args)? {
        Which::Socket(file) => Ok(file),
        Which::File(_) => Err(type_error("a file made of a socket is required")),
    }
}

fn socket_of(file: &SocketFile) -> Option<&Socket> {
    match &file.socket {
        Value::Object(object) => match &**object {
            Object::Socket(socket) => Some(socket),
            _ => None,
        },
        _ => None,
    }
}

fn check_socket(file: &SocketFile, reading: bool) -> Answer<()> {
    open_still(file.closed.get())?;
    if reading && !file.readable {
        return Err(raise(Type::UnsupportedOperation, if file.binary { "read" } else { "not readable" }));
    }
    if !reading && !file.writable {
        return Err(raise(Type::UnsupportedOperation, if file.binary { "write" } else { "not writable" }));
    }
    Ok(())
}

fn open_still(closed: bool) -> Answer<()> {
    if closed { Err(value_error("I/O operation on closed file.")) } else { Ok(()) }
}

fn readable(file: &File) -> Answer<()> {
    if file.binary && file.closed.get() {
        return Err(value_error("read of closed file"));
    }
    open_still(file.closed.get())?;
    if !file.readable {
        return Err(raise(Type::UnsupportedOperation, if file.binary { "read" } else { "not readable" }));
    }
    file.flush();
    Ok(())
}

fn count(args: Args) -> Answer<i64> {
    match args.get(0) {
        None | Some(Value::None) => Ok(-1),
        Some(value) => integer(value),
    }
}

fn content(file: &File) -> Data {
    file.world.files.borrow().get(&file.name).cloned().unwrap_or_default()
}

fn length(file: &File) -> usize {
    content(file).len()
}

fn translated(text: String, translate: bool) -> String {
    if translate && text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

fn read_bytes(file: &File, count: i64) -> Answer {
    readable(file)?;
    let data = content(file);
    let start = file.position.get().min(data.len());
    let end = usize::try_from(count).map_or(data.len(), |count| start.saturating_add(count).min(data.len()));
    file.position.set(end.max(file.position.get()));
    Ok(Value::bytes(data.0.slice(start..end)))
}

fn read_text(file: &File, count: i64) -> Answer {
    let data = content(file);
    let start = file.position.get().min(data.len());
    let text = decode(&data[start..], None, None)?;
    let Ok(count) = usize::try_from(count) else {
        file.position.set(data.len());
        return Ok(Value::str(translated(text, true)));
    };
    // A line end of two bytes is one character.
    let (mut taken, mut out) = (0, String::new());
    let mut chars = text.chars().peekable();
    for _ in 0..count {
        let Some(c) = chars.next() else { break };
        taken += c.len_utf8();
        if c == '\r' {
            taken += chars.next_if_eq(&'\n').map_or(0, char::len_utf8);
            out.push('\n');
        } else {
            out.push(c);
        }
    }
    file.position.set(start + taken);
    Ok(Value::str(out))
}

fn read_line(file: &File, limit: i64) -> Answer {
    let data = content(file);
    let start = file.position.get().min(data.len());
    let rest = &data[start..];
    let mut end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
    if let Ok(limit) = usize::try_from(limit) {
        end = end.min(limit);
    }
    file.position.set(start + end);
    if file.binary {
        return Ok(Value::bytes(data.0.slice(start..start + end)));
    }
    Ok(Value::str(translated(decode(&rest[..end], None, None)?, true)))
}

fn bytes_required(value: &Value) -> Stop {
    type_error(format!("a bytes-like object is required, not '{}'", value.type_name()))
}

fn write(vm: &mut Vm, args: Args) -> Answer {
    let binary = match this(args)? {
        Which::File(file) => file.binary,
        Which::Socket(file) => file.binary,
    };
    let (bytes, count) = match (args.at(0), binary) {
        (Value::Str(text), false) => (bytes::Bytes::copy_from_slice(text.as_bytes()), text.chars()),
        (other, false) => {
            return Err(type_error(format!("write() argument must be str, not {}", other.type_name())));
        }
        (other, true) => {
            let bytes = other.to_bytes().ok_or_else(|| bytes_required(other))?;
            let count = bytes.len();
            (bytes, count)
        }
    };
    let count = Value::Int(count as i64);
    vm.charge(bytes.len());
    match this(args)? {
        Which::File(file) => {
            open_still(file.closed.get())?;
            if !file.writable {
                let what = if file.binary { "write" } else { "not writable" };
                return Err(raise(Type::UnsupportedOperation, what));
            }
            vm.room(length(file) + file.pending.borrow().len() + bytes.len())?;
            file.pending.borrow_mut().extend_from_slice(&bytes);
            if file.pending.borrow().len() >= File::BUFFER {
                file.flush();
            }
            Ok(count)
        }
        Which::Socket(file) => {
            check_socket(file, false)?;
            vm.room(file.pending.borrow().len() + bytes.len())?;
            file.pending.borrow_mut().extend_from_slice(&bytes);
            if file.unbuffered || file.pending.borrow().len() >= File::BUFFER {
                return Err(vm.invoke("_file_write", vec![args.this.clone(), count]));
            }
            Ok(count)
        }
    }
}

/// An attribute of a file that is a value.
pub fn attribute(value: &Value, name: &str) -> Option<Value> {
    let Value::Object(object) = value else { return None };
    match &**object {
        Object::File(file) => match name {
            "name" => Some(Value::str(file.name.as_str())),
            "mode" => Some(Value::str(file.mode.as_str())),
            "closed" => Some(Value::Bool(file.closed.get())),
            "encoding" if !file.binary => Some(Value::str("utf-8")),
            _ => None,
        },
        Object::SocketFile(file) => match name {
            "mode" => Some(Value::str(file.mode.as_str())),
            "closed" => Some(Value::Bool(file.closed.get())),
            "name" => Some(Value::Int(super::socket::descriptor(&file.socket).unwrap_or(-1).into())),
            _ => None,
        },
        _ => None,
    }
}

/// `open(file, mode, …)`.
pub fn open(vm: &mut Vm, args: Args) -> Answer {
    let name = name(args.at(0))?;
    let mode = match args.get(1) {
        None => "r".to_string(),
        Some(Value::Str(mode)) => mode.as_str().to_string(),
        Some(other) => {
            return Err(type_error(format!("open() argument 'mode' must be str, not {}", other.type_name())));
        }
    };
    let has = |c: char| mode.contains(c);
    let ways = ['r', 'w', 'a', 'x'].iter().filter(|c| has(**c)).count();
    if mode.chars().any(|c| !"rwaxbt+".contains(c)) || mode.chars().enumerate().any(|(at, c)| mode[..at].contains(c)) {
        return Err(value_error(format!("invalid mode: '{mode}'")));
    }
    if has('b') && has('t') {
        return Err(value_error("can't have text and binary mode at once"));
    }
    if ways != 1 {
        return Err(value_error("must have exactly one of create/read/write/append mode"));
    }
    let binary = has('b');
    if binary && args.get(3).is_some_and(|encoding| !matches!(encoding, Value::None)) {
        return Err(value_error("binary mode doesn't take an encoding argument"));
    }
    let exists = vm.world.files.borrow().contains_key(&name);
    if has('r') && !exists {
        let prefix = format!("{}/", name.trim_end_matches('/'));
        if name == "." || vm.world.files.borrow().keys().any(|file| file.starts_with(&prefix)) {
            return Err(file_error(21, "Is a directory", &name));
        }
        return Err(file_error(2, "No such file or directory", &name));
    }
    if has('x') && exists {
        return Err(file_error(17, "File exists", &name));
    }
    if has('w') || has('x') || has('a') && !exists {
        // Every name costs memory, so there may be only so many.
        if vm.world.files.borrow().len() >= 1000 {
            return Err(file_error(28, "No space left on device", &name));
        }
        vm.world.files.borrow_mut().insert(name.clone(), Data::default());
        vm.world.touch(&name);
    }
    let position = if has('a') { vm.world.files.borrow().get(&name).map_or(0, |data| data.len()) } else { 0 };
    Ok(Value::object(Object::File(File {
        readable: has('r') || has('+'),
        writable: !has('r') || has('+'),
        append: has('a'),
        binary,
        name,
        mode,
        position: Cell::new(position),
        pending: RefCell::default(),
        closed: Cell::new(false),
        world: vm.world.clone(),
    })))
}

/// `socket.makefile(mode, buffering, …)`.
pub fn make_file(_: &mut Vm, args: Args) -> Answer {
    let names = ["mode", "buffering", "encoding", "errors", "newline"];
    if let Some((name, _)) = args.keywords.iter().find(|(name, _)| !names.contains(&&**name)) {
        return Err(type_error(format!("socket.makefile() got an unexpected keyword argument '{name}'")));
    }
    let mode = match args.get(0).or(args.named("mode")) {
        None => "r".to_string(),
        Some(Value::Str(mode)) => mode.as_str().to_string(),
        Some(other) => return Err(type_error(format!("'{}' object is not iterable", other.type_name()))),
    };
    if mode.chars().any(|c| !"rwb".contains(c)) {
        return Err(value_error(format!("invalid mode '{mode}' (only r, w, b allowed)")));
    }
    let buffering = args.get(1).or(args.named("buffering")).map_or(Ok(-1), |value| match value {
        Value::None => Ok(-1),
        other => integer(other),
    })?;
    let binary = mode.contains('b');
    if buffering == 0 && !binary {
        return Err(value_error("unbuffered streams must be binary"));
    }
    let newline = args.get(4).or(args.named("newline")).cloned().unwrap_or(Value::None);
    if let Value::Object(object) = args.this
        && let Object::Socket(socket) = &**object
    {
        socket.files.set(socket.files.get() + 1);
    }
    let writable = mode.contains('w');
    Ok(Value::object(Object::SocketFile(SocketFile {
        socket: args.this.clone(),
        readable: mode.contains('r') || !writable,
        writable,
        binary,
        translate: matches!(newline, Value::None),
        unbuffered: buffering == 0,
        mode,
        buffer: RefCell::default(),
        pending: RefCell::default(),
        closed: Cell::new(false),
    })))
}
