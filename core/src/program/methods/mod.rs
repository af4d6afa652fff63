//! Methods and attributes of the built-in types. One file per family.

pub mod bytes;
pub mod characters;
pub mod codec;
pub mod dict;
pub mod list;
pub mod number;
pub mod search;
pub mod set;
pub mod text;

use super::builtins::Native;
use super::modules;
use super::value::Value;
use super::value::object::Object;
use super::value::types::Type;
use super::vm::{Answer, Vm};

/// The methods of a type, in one table or two.
fn tables(kind: Type) -> [&'static [Native]; 2] {
    let table: &'static [Native] = match kind {
        Type::Str => text::METHODS,
        Type::Bytes => bytes::METHODS,
        Type::ByteArray => return [bytes::ARRAY_METHODS, bytes::METHODS],
        Type::List => list::METHODS,
        Type::Tuple | Type::StructTime | Type::Range => list::TUPLE_METHODS,
        Type::Dict => dict::METHODS,
        Type::Set => return [set::MUTABLE_METHODS, set::METHODS],
        Type::FrozenSet => set::METHODS,
        Type::Int | Type::Bool | Type::AddressFamily | Type::SocketKind => number::INT_METHODS,
        Type::Float => number::FLOAT_METHODS,
        Type::MemoryView => bytes::VIEW_METHODS,
        Type::Socket => modules::socket::METHODS,
        Type::TextFile | Type::BinaryReader | Type::BinaryWriter => modules::files::METHODS,
        Type::Thread => modules::threading::THREAD_METHODS,
        Type::Lock | Type::RLock => modules::threading::LOCK_METHODS,
        Type::Event => modules::threading::EVENT_METHODS,
        Type::Struct => modules::struct_::METHODS,
        Type::Generator | Type::Map | Type::Filter => list::GENERATOR_METHODS,
        kind if kind.is_exception() => list::EXCEPTION_METHODS,
        _ => &[],
    };
    [table, &[]]
}

/// The method of a type.
pub fn find(kind: Type, name: &str) -> Option<&'static Native> {
    tables(kind).into_iter().flatten().find(|native| native.name == name)
}

/// The names of its methods and of the attributes that a program is likely to mean.
pub fn names(kind: Type) -> Vec<&'static str> {
    let attributes: &[&str] = match kind {
        Type::Socket => &["family", "type", "proto", "timeout"],
        Type::Thread => &["name", "daemon", "ident"],
        Type::Range | Type::Slice => &["start", "stop", "step"],
        kind if kind.is(Type::OSError) => &["args", "errno", "strerror", "filename"],
        kind if kind.is_exception() => &["args"],
        _ => &[],
    };
    tables(kind).into_iter().flatten().map(|native| native.name).chain(attributes.iter().copied()).collect()
}

/// An attribute of a type that is no instance: `str.upper`, `bytes.fromhex`, `ValueError.__name__`.
pub fn type_attribute(kind: Type, name: &str) -> Option<Value> {
    match name {
        "__name__" | "__qualname__" => return Some(Value::str(kind.name())),
        "__module__" => return Some(Value::str(if kind.module().is_empty() { "builtins" } else { kind.module() })),
        _ => {}
    }
    let table: &'static [Native] = match kind {
        Type::Bytes | Type::ByteArray => bytes::TYPE_METHODS,
        Type::Int => number::TYPE_METHODS,
        Type::Dict => dict::TYPE_METHODS,
        Type::Str => text::TYPE_METHODS,
        Type::Float => number::FLOAT_TYPE_METHODS,
        _ => &[],
    };
    let made = table.iter().find(|native| native.name == name);
    made.map(Value::Native).or_else(|| find(kind, name).map(Value::Native))
}

/// An attribute that is a value.
pub fn attribute(vm: &mut Vm, value: &Value, name: &str) -> Option<Answer> {
    if name == "__class__" {
        return Some(Ok(Value::Type(value.kind())));
    }
    let found = match value {
        Value::Int(_) | Value::Bool(_) | Value::Big(_) => match name {
            "real" | "numerator" => Some(value.clone()),
            "imag" => Some(Value::Int(0)),
            "denominator" => Some(Value::Int(1)),
            _ => None,
        },
        Value::Function(function) => match name {
            "__name__" | "__qualname__" => Some(Value::str(&*function.name)),
            "__module__" => Some(Value::str("__main__")),
            "__doc__" => Some(Value::None),
            _ => None,
        },
        Value::Native(native) => (name == "__name__").then(|| Value::str(native.name)),
        Value::Bound(bound) => match name {
            "__name__" => Some(Value::str(bound.native.name)),
            "__self__" => Some(bound.receiver.clone()),
            _ => None,
        },
        Value::Range(range) => match name {
            "start" => Some(Value::Int(range.start)),
            "stop" => Some(Value::Int(range.stop)),
            "step" => Some(Value::Int(range.step)),
            _ => None,
        },
        Value::Slice(slice) => match name {
            "start" => Some(slice.start.clone()),
            "stop" => Some(slice.stop.clone()),
            "step" => Some(slice.step.clone()),
            _ => None,
        },
        Value::Exception(exception) => {
            let errno = || exception.errno();
            let unicode = |index: usize| exception.args.borrow().get(index).cloned();
            match (name, exception.kind) {
                ("args", _) => Some(Value::tuple(exception.args.borrow().clone())),
                ("__cause__", _) => Some(exception.cause.borrow().clone()),
                ("__context__", _) => Some(exception.context.borrow().clone()),
                ("__suppress_context__", _) => Some(Value::Bool(exception.suppress.get())),
                ("__traceback__", _) => Some(Value::None),
                ("errno", kind) if kind.is(Type::OSError) => Some(errno().map_or(Value::None, |pair| pair.0)),
                ("strerror", kind) if kind.is(Type::OSError) => Some(errno().map_or(Value::None, |pair| pair.1)),
                ("filename", kind) if kind.is(Type::OSError) => Some(exception.filename.borrow().clone()),
                ("code", Type::SystemExit) => {
                    let args = exception.args.borrow();
                    Some(match args.as_slice() {
                        [] => Value::None,
                        [one] => one.clone(),
                        many => Value::tuple(many.to_vec()),
                    })
                }
                ("value", Type::StopIteration) => Some(unicode(0).unwrap_or(Value::None)),
                ("name", Type::NameError | Type::UnboundLocalError) => Some(Value::None),
                ("encoding", kind) if kind.is(Type::UnicodeError) => unicode(0),
                ("object", kind) if kind.is(Type::UnicodeError) => unicode(1),
                ("start", kind) if kind.is(Type::UnicodeError) => unicode(2),
                ("end", kind) if kind.is(Type::UnicodeError) => unicode(3),
                ("reason", kind) if kind.is(Type::UnicodeError) => unicode(4),
                _ => None,
            }
        }
        Value::Object(object) => match &**object {
            Object::Socket(socket) => modules::socket::attribute(socket, name),
            Object::File(_) | Object::SocketFile(_) => modules::files::attribute(value, name),
            Object::Thread(thread) => modules::threading::attribute(thread, name),
            Object::Named(named) => match name {
                "name" => Some(Value::str(named.name)),
                "value" => Some(Value::Int(named.number)),
                _ => None,
            },
            Object::Struct(format) => match name {
                "format" => Some(Value::str(format.as_str())),
                "size" => return Some(modules::struct_::size(format).map(|size| Value::Int(size as i64))),
                _ => None,
            },
            Object::Record(fields) => fields.get(name).cloned(),
            Object::NamedTuple(_, names, items) => {
                names.iter().position(|other| *other == name).map(|index| items[index].clone())
            }
            Object::Memory(of, start, end) => match name {
                "nbytes" => Some(Value::Int((end - start) as i64)),
                "obj" => Some(of.clone()),
                "readonly" => Some(Value::Bool(!matches!(of, Value::ByteArray(_)))),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    let _ = vm;
    found.map(Ok)
}
