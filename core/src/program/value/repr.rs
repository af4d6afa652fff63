//! `repr` and `str`, whole or cut short. Cutting short costs only what is shown.

use super::Value;
use super::number::float_repr;
use super::object::{Object, View};
use crate::program::builtins::Native;
use crate::program::methods::characters::printable;
use crate::program::vm::{Answer, recursion_error, value_error};
use std::fmt::Write;

/// How deep structures may be printed.
const DEPTH: usize = 150;

/// Python refuses to print integers of more digits (`sys.get_int_max_str_digits`).
pub const MOST_DIGITS: u64 = 4300;

/// `repr(value)`.
pub fn repr(value: &Value) -> Answer<String> {
    let mut writer = Writer { out: String::new(), most: usize::MAX, open: Vec::new() };
    writer.value(value)?;
    Ok(writer.out)
}

/// `str(value)`.
pub fn str_of(value: &Value) -> Answer<String> {
    match value {
        Value::Str(text) => Ok(text.as_str().to_string()),
        Value::Exception(exception) => exception.try_text(super::exception::DEPTH),
        Value::Object(object) if let Object::Named(named) = &**object => Ok(named.number.to_string()),
        other => repr(other),
    }
}

/// `repr(value)`, cut after `most` characters with an ellipsis.
pub fn short_repr(value: &Value, most: usize) -> String {
    if let Value::Int(number) = value {
        return number.to_string();
    }
    let mut writer = Writer { out: String::new(), most, open: Vec::new() };
    // An error means: cut short, or something that cannot be shown; what is there is the answer.
    let _ = writer.value(value);
    let mut out = writer.out;
    if let Some((end, _)) = out.char_indices().nth(most) {
        out.truncate(end);
        out.push('…');
    }
    out
}

struct Writer {
    out: String,
    most: usize,
    open: Vec<usize>,
}

impl Writer {
    fn full(&self) -> bool {
        self.out.len() > self.most.saturating_mul(4)
    }

    fn enter(&mut self, value: &Value) -> Answer<bool> {
        let address = value.address().unwrap_or(0);
        if self.open.contains(&address) {
            return Ok(false);
        }
        if self.open.len() >= DEPTH {
            return Err(recursion_error("maximum recursion depth exceeded while getting the repr of an object"));
        }
        self.open.push(address);
        Ok(true)
    }

    fn sequence(&mut self, open: &str, items: &[Value], close: &str) -> Answer<()> {
        self.out.push_str(open);
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            if self.full() {
                return Ok(());
            }
            self.value(item)?;
        }
        self.out.push_str(close);
        Ok(())
    }

    fn value(&mut self, value: &Value) -> Answer<()> {
        match value {
            Value::Unbound | Value::None => self.out.push_str("None"),
            Value::Bool(true) => self.out.push_str("True"),
            Value::Bool(false) => self.out.push_str("False"),
            Value::Int(number) => write!(self.out, "{number}").unwrap_or(()),
            Value::Big(number) => {
                // 3.33 bits to a digit: a cheap bound before the dear conversion.
                if number.bits() > MOST_DIGITS * 10 / 3 {
                    return Err(value_error(format!(
                        "Exceeds the limit ({MOST_DIGITS} digits) for integer string conversion; \
                         use sys.set_int_max_str_digits() to increase the limit"
                    )));
                }
                write!(self.out, "{number}").unwrap_or(());
            }
            Value::Float(number) => self.out.push_str(&float_repr(*number)),
            Value::Str(text) => write_text(&mut self.out, text.as_str(), self.most),
            Value::Bytes(bytes) => write_bytes(&mut self.out, bytes, self.most),
            Value::ByteArray(array) => {
                self.out.push_str("bytearray(");
                write_bytes(&mut self.out, &array.bytes.borrow(), self.most);
                self.out.push(')');
            }
            Value::List(list) => {
                if !self.enter(value)? {
                    self.out.push_str("[...]");
                    return Ok(());
                }
                self.sequence("[", &list.items.borrow(), "]")?;
                self.open.pop();
            }
            Value::Tuple(tuple) => {
                if !self.enter(value)? {
                    self.out.push_str("(...)");
                    return Ok(());
                }
                self.sequence("(", &tuple.items, if tuple.items.len() == 1 { ",)" } else { ")" })?;
                self.open.pop();
            }
            Value::Dict(dict) => self.dict(value, dict)?,
            Value::Set(set) => {
                let (open, close) = match (set.frozen, set.is_empty()) {
                    (false, true) => ("set(", ")"),
                    (false, false) => ("{", "}"),
                    (true, true) => ("frozenset(", ")"),
                    (true, false) => ("frozenset({", "})"),
                };
                self.enter(value)?;
                self.sequence(open, &set.items(), close)?;
                self.open.pop();
            }
            Value::Range(range) if range.step == 1 => {
                write!(self.out, "range({}, {})", range.start, range.stop).unwrap_or(())
            }
            Value::Range(range) => {
                write!(self.out, "range({}, {}, {})", range.start, range.stop, range.step).unwrap_or(())
            }
            Value::Slice(slice) => {
                self.sequence("slice(", &[slice.start.clone(), slice.stop.clone(), slice.step.clone()], ")")?
            }
            Value::Exception(exception) => {
                self.enter(value)?;
                self.out.push_str(exception.kind.name());
                self.sequence("(", &exception.args.borrow(), ")")?;
                self.open.pop();
            }
            Value::Type(kind) => write!(self.out, "<class '{}'>", kind.qualified()).unwrap_or(()),
            Value::Module(module) => {
                write!(self.out, "<module '{}' (built-in)>", module.name()).unwrap_or(());
            }
            Value::Native(native) => self.native(native),
            Value::Bound(bound) => write!(
                self.out,
                "<built-in method {} of {} object at {}>",
                bound.native.name,
                bound.receiver.type_name(),
                address(&bound.receiver)
            )
            .unwrap_or(()),
            Value::Object(object) => self.object(value, object)?,
            Value::Ellipsis => self.out.push_str("Ellipsis"),
            Value::NotImplemented => self.out.push_str("NotImplemented"),
            Value::Function(function) => {
                write!(self.out, "<function {} at {}>", function.name, address(value)).unwrap_or(())
            }
            other => write!(self.out, "<{} object at {}>", other.kind().qualified(), address(other)).unwrap_or(()),
        }
        Ok(())
    }

    fn native(&mut self, native: &Native) {
        if native.is_method() {
            write!(self.out, "<method '{}' of '{}' objects>", native.name, native.owner).unwrap_or(());
        } else {
            write!(self.out, "<built-in function {}>", native.name).unwrap_or(());
        }
    }

    fn dict(&mut self, value: &Value, dict: &super::dict::Dict) -> Answer<()> {
        if !self.enter(value)? {
            self.out.push_str("{...}");
            return Ok(());
        }
        self.out.push('{');
        for (index, entry) in dict.entries().iter().enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            if self.full() {
                return Ok(());
            }
            self.value(&entry.key)?;
            self.out.push_str(": ");
            self.value(&entry.value)?;
        }
        self.out.push('}');
        self.open.pop();
        Ok(())
    }

    fn object(&mut self, value: &Value, object: &Object) -> Answer<()> {
        match object {
            Object::Named(named) => {
                write!(self.out, "<{}.{}: {}>", named.kind.name(), named.name, named.number).unwrap_or(())
            }
            Object::View(dict, view) => {
                self.enter(value)?;
                let (name, items) = match view {
                    View::Keys => ("dict_keys([", dict.pairs().into_iter().map(|(key, _)| key).collect::<Vec<_>>()),
                    View::Values => ("dict_values([", dict.pairs().into_iter().map(|(_, value)| value).collect()),
                    View::Items => (
                        "dict_items([",
                        dict.pairs().into_iter().map(|(key, value)| Value::tuple(vec![key, value])).collect(),
                    ),
                };
                self.sequence(name, &items, "])")?;
                self.open.pop();
            }
            Object::Socket(socket) => {
                let closed = if socket.fd.get() < 0 { " [closed]" } else { "" };
                write!(
                    self.out,
                    "<socket.socket{closed} fd={}, family={}, type={}, proto={}",
                    socket.fd.get(),
                    socket.family,
                    socket.kind,
                    socket.protocol
                )
                .unwrap_or(());
                socket.fresh.set(false);
                let (local, peer) = *socket.ends.borrow();
                if let (Some(local), "") = (local, closed) {
                    write!(self.out, ", laddr=('{}', {})", local.ip(), local.port()).unwrap_or(());
                }
                if let (Some(peer), "") = (peer, closed) {
                    write!(self.out, ", raddr=('{}', {})", peer.ip(), peer.port()).unwrap_or(());
                }
                self.out.push('>');
            }
            Object::File(file) if file.binary => {
                write!(self.out, "<_io.{} name='{}'>", object.kind().name(), file.name).unwrap_or(())
            }
            Object::File(file) => {
                write!(self.out, "<_io.TextIOWrapper name='{}' mode='{}' encoding='UTF-8'>", file.name, file.mode)
                    .unwrap_or(())
            }
            Object::Thread(thread) => {
                let state = match (thread.task.get(), thread.finished.get()) {
                    (None, _) => "initial",
                    (_, true) => "stopped",
                    _ => "started",
                };
                let daemon = if thread.daemon.get() { " daemon" } else { "" };
                write!(self.out, "<Thread({}, {state}{daemon})>", thread.name.borrow()).unwrap_or(());
            }
            Object::Lock(lock) => {
                let state = if lock.owner.get().is_some() { "locked" } else { "unlocked" };
                write!(self.out, "<{state} _thread.{} object at {}>", object.kind().name(), address(value))
                    .unwrap_or(());
            }
            Object::Memory(..) => write!(self.out, "<memory at {}>", address(value)).unwrap_or(()),
            Object::Record(fields) => {
                self.out.push_str("record(");
                for (index, (name, field)) in fields.iter().enumerate() {
                    if index > 0 {
                        self.out.push_str(", ");
                    }
                    write!(self.out, "{name}=").unwrap_or(());
                    self.value(field)?;
                }
                self.out.push(')');
            }
            Object::NamedTuple(kind, names, items) => {
                write!(self.out, "{}(", kind.qualified()).unwrap_or(());
                for (index, (name, item)) in names.iter().zip(items).enumerate() {
                    if index > 0 {
                        self.out.push_str(", ");
                    }
                    write!(self.out, "{name}=").unwrap_or(());
                    self.value(item)?;
                }
                self.out.push(')');
            }
            other => write!(self.out, "<{} object at {}>", other.kind().qualified(), address(value)).unwrap_or(()),
        }
        Ok(())
    }
}

/// An address as `repr` shows it. Not the real one: that would differ from run to run.
pub fn address(value: &Value) -> String {
    let name = value.kind() as usize;
    format!("0x7f0000{:06x}", 0x1000 + name * 0x40)
}

/// A text in quotes, with escapes where Python writes them; stops soon after `most` characters.
pub fn write_text(out: &mut String, text: &str, most: usize) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for (count, c) in text.chars().enumerate() {
        if count > most {
            return;
        }
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            c if printable(c) => out.push(c),
            c => write_escape(out, c),
        }
    }
    out.push(quote);
}

/// `\x07`, `\u200b` or `\U000e0001`.
pub fn write_escape(out: &mut String, c: char) {
    match c as u32 {
        n @ ..=0xff => write!(out, "\\x{n:02x}"),
        n @ ..=0xffff => write!(out, "\\u{n:04x}"),
        n => write!(out, "\\U{n:08x}"),
    }
    .unwrap_or(());
}

/// `b'…'`, stopping soon after `most` bytes.
pub fn write_bytes(out: &mut String, bytes: &[u8], most: usize) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    out.push('b');
    out.push(quote);
    for (count, byte) in bytes.iter().enumerate() {
        if count > most {
            return;
        }
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            byte if *byte as char == quote => {
                out.push('\\');
                out.push(quote);
            }
            0x20..=0x7e => out.push(*byte as char),
            byte => write!(out, "\\x{byte:02x}").unwrap_or(()),
        }
    }
    out.push(quote);
}
