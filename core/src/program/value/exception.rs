//! Exceptions as values: what they carry, how they print, and the way up the stack they were raised on.

use super::Value;
use super::repr::{repr, str_of};
use super::types::Type;
use crate::program::vm::{Answer, recursion_error};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// How deep exceptions may stand in exceptions and still be shown.
pub const DEPTH: usize = 100;

/// An exception.
pub struct Exception {
    /// Its type.
    pub kind: Type,
    /// `args`.
    pub args: RefCell<Vec<Value>>,
    /// `filename` of an `OSError` that has one.
    pub filename: RefCell<Value>,
    /// `raise … from cause`.
    pub cause: RefCell<Value>,
    /// What was being handled when it was raised.
    pub context: RefCell<Value>,
    /// `raise … from …` hides the context.
    pub suppress: Cell<bool>,
    /// Innermost first: the function and the instruction in it.
    pub trace: RefCell<Vec<(usize, usize)>>,
    /// The name it is about and the object that has no such attribute.
    pub misspelt: RefCell<Option<(String, Value)>>,
    /// Whether its raising was told to the outside.
    pub announced: Cell<bool>,
}

impl Exception {
    /// `kind(*args)`.
    pub fn new(kind: Type, mut args: Vec<Value>) -> Rc<Exception> {
        let mut filename = Value::None;
        let mut kind = kind;
        if kind.is(Type::OSError) && (2..=5).contains(&args.len()) {
            if kind == Type::OSError
                && let Some(number) = args[0].as_int()
            {
                kind = Type::of_errno(number);
            }
            if args.len() > 2 {
                filename = args[2].clone();
                args.truncate(2);
            }
        }
        Rc::new(Exception {
            kind,
            args: RefCell::new(args),
            filename: RefCell::new(filename),
            cause: RefCell::new(Value::None),
            context: RefCell::new(Value::None),
            suppress: Cell::new(false),
            trace: RefCell::default(),
            misspelt: RefCell::default(),
            announced: Cell::new(false),
        })
    }

    /// `kind(message)`.
    pub fn message(kind: Type, message: impl Into<String>) -> Rc<Exception> {
        Exception::new(kind, vec![Value::str(message.into())])
    }

    /// `errno` and `strerror` of an `OSError` made with both.
    pub fn errno(&self) -> Option<(Value, Value)> {
        let args = self.args.borrow();
        (self.kind.is(Type::OSError) && args.len() == 2).then(|| (args[0].clone(), args[1].clone()))
    }

    /// `str(self)`, or nothing where that would go too deep.
    pub fn text(&self) -> String {
        self.try_text(DEPTH).unwrap_or_default()
    }

    /// `str(self)`, where exceptions may stand in exceptions `depth` deep.
    pub fn try_text(&self, depth: usize) -> Answer<String> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(recursion_error("maximum recursion depth exceeded while getting the str of an object"));
        };
        let show = |value: &Value| match value {
            Value::Exception(inner) => inner.try_text(depth),
            other => str_of(other),
        };
        if let Some((number, text)) = self.errno() {
            let mut out = format!("[Errno {}] {}", show(&number)?, show(&text)?);
            if !matches!(*self.filename.borrow(), Value::None) {
                out.push_str(": ");
                out.push_str(&repr(&self.filename.borrow())?);
            }
            return Ok(out);
        }
        let args = self.args.borrow();
        if let (Type::UnicodeDecodeError | Type::UnicodeEncodeError, [encoding, object, start, end, reason]) =
            (self.kind, args.as_slice())
        {
            return Ok(unicode_text(&show(encoding)?, object, start, end, &show(reason)?));
        }
        match args.as_slice() {
            [] => Ok(String::new()),
            [key] if self.kind == Type::KeyError => repr(key),
            [one] => show(one),
            many => repr(&Value::tuple(many.to_vec())),
        }
    }

    /// As the last line of a traceback writes it.
    pub fn last_line(&self) -> String {
        match self.text() {
            text if text.is_empty() => self.kind.qualified(),
            text => format!("{}: {text}", self.kind.qualified()),
        }
    }

    /// Shows everything it refers to.
    pub fn each_child(&self, see: &mut dyn FnMut(&Value)) {
        self.args.borrow().iter().for_each(&mut *see);
        see(&self.cause.borrow());
        see(&self.context.borrow());
        if let Some((_, object)) = &*self.misspelt.borrow() {
            see(object);
        }
    }

    /// Moves out everything it refers to.
    pub fn take_children(&self, out: &mut Vec<Value>) {
        out.append(&mut self.args.borrow_mut());
        out.extend(self.misspelt.take().map(|(_, object)| object));
        for value in [self.cause.replace(Value::None), self.context.replace(Value::None)] {
            if value.is_container() {
                out.push(value);
            }
        }
    }
}

/// The sentence of `UnicodeDecodeError` and `UnicodeEncodeError`.
fn unicode_text(encoding: &str, object: &Value, start: &Value, end: &Value, reason: &str) -> String {
    let (Some(from), Some(to)) = (start.as_int(), end.as_int()) else { return String::new() };
    match object {
        Value::Str(text) => {
            let bad = text.as_str().chars().nth(from.max(0) as usize);
            match bad {
                Some(c) if to == from + 1 => {
                    let shown = match c as u32 {
                        n @ ..=0xff => format!("\\x{n:02x}"),
                        n @ ..=0xffff => format!("\\u{n:04x}"),
                        n => format!("\\U{n:08x}"),
                    };
                    format!("'{encoding}' codec can't encode character '{shown}' in position {from}: {reason}")
                }
                _ => format!("'{encoding}' codec can't encode characters in position {from}-{}: {reason}", to - 1),
            }
        }
        other => {
            let bytes = other.to_bytes().unwrap_or_default();
            match bytes.get(from.max(0) as usize) {
                Some(byte) if to == from + 1 => {
                    format!("'{encoding}' codec can't decode byte 0x{byte:02x} in position {from}: {reason}")
                }
                _ => format!("'{encoding}' codec can't decode bytes in position {from}-{}: {reason}", to - 1),
            }
        }
    }
}
