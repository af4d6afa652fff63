//! Python's values: sixteen bytes each, shared by reference count. What they do with each other stands in the files
//! beside this one; nothing here calls a program's function.

pub mod compare;
pub mod dict;
pub mod exception;
pub mod hash;
pub mod iterator;
pub mod number;
pub mod object;
pub mod reach;
pub mod repr;
pub mod set;
pub mod text;
pub mod types;

use super::builtins::Native;
use super::modules::Module;
use bytes::Bytes;
use dict::Dict;
use exception::Exception;
use iterator::Iterator;
use num_bigint::BigInt;
use object::{Bound, Function, Generator, Object, Range, Slice};
use set::Set;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use text::Text;
use types::Type;

/// One value. `Unbound` is the absence of one: a name before its first assignment.
#[derive(Clone)]
#[allow(missing_docs)] // Python's types
#[derive(Default)]
pub enum Value {
    #[default]
    Unbound,
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Big(Rc<BigInt>),
    Str(Rc<Text>),
    Bytes(Rc<Bytes>),
    ByteArray(Rc<ByteArray>),
    List(Rc<List>),
    Tuple(Rc<Tuple>),
    Dict(Rc<Dict>),
    Set(Rc<Set>),
    Range(Rc<Range>),
    Slice(Rc<Slice>),
    Function(Rc<Function>),
    Native(&'static Native),
    Bound(Rc<Bound>),
    Type(Type),
    Module(Module),
    Exception(Rc<Exception>),
    Iterator(Rc<Iterator>),
    Generator(Rc<Generator>),
    Shared(Rc<Shared>),
    Object(Rc<Object>),
    Ellipsis,
    NotImplemented,
}

/// `list`. `watched` says that the collector of cycles knows it.
#[derive(Default)]
pub struct List {
    /// Its elements.
    pub items: RefCell<Vec<Value>>,
    /// Whether the collector of cycles knows it.
    pub watched: Cell<bool>,
}

/// `tuple`.
pub struct Tuple {
    /// Its elements.
    pub items: Box<[Value]>,
}

/// `bytearray`.
pub struct ByteArray {
    /// Its bytes.
    pub bytes: RefCell<Vec<u8>>,
}

/// A variable that several functions share.
#[derive(Default)]
pub struct Shared {
    /// Its value.
    pub value: RefCell<Value>,
    /// Whether the collector of cycles knows it.
    pub watched: Cell<bool>,
}

impl Value {
    /// A `str`.
    pub fn str(text: impl Into<String>) -> Value {
        Value::Str(Rc::new(Text::new(text.into())))
    }

    /// A `bytes`.
    pub fn bytes(bytes: impl Into<Bytes>) -> Value {
        Value::Bytes(Rc::new(bytes.into()))
    }

    /// A `bytearray`.
    pub fn byte_array(bytes: Vec<u8>) -> Value {
        Value::ByteArray(Rc::new(ByteArray { bytes: RefCell::new(bytes) }))
    }

    /// A `list`.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Rc::new(List { items: RefCell::new(items), watched: Cell::new(false) }))
    }

    /// A `tuple`.
    pub fn tuple(items: Vec<Value>) -> Value {
        Value::Tuple(Rc::new(Tuple { items: items.into() }))
    }

    /// An `int` of any size.
    pub fn big(value: BigInt) -> Value {
        match i64::try_from(&value) {
            Ok(small) => Value::Int(small),
            Err(_) => Value::Big(Rc::new(value)),
        }
    }

    /// An iterator.
    pub fn iterator(state: iterator::State) -> Value {
        Value::Iterator(Rc::new(Iterator::new(state)))
    }

    /// One of the rarer kinds.
    pub fn object(object: Object) -> Value {
        Value::Object(Rc::new(object))
    }

    /// `type(self)`.
    pub fn kind(&self) -> Type {
        match self {
            Value::Unbound | Value::None => Type::NoneType,
            Value::Bool(_) => Type::Bool,
            Value::Int(_) | Value::Big(_) => Type::Int,
            Value::Float(_) => Type::Float,
            Value::Str(_) => Type::Str,
            Value::Bytes(_) => Type::Bytes,
            Value::ByteArray(_) => Type::ByteArray,
            Value::List(_) => Type::List,
            Value::Tuple(_) => Type::Tuple,
            Value::Dict(_) => Type::Dict,
            Value::Set(set) if set.frozen => Type::FrozenSet,
            Value::Set(_) => Type::Set,
            Value::Range(_) => Type::Range,
            Value::Slice(_) => Type::Slice,
            Value::Function(_) => Type::Function,
            Value::Native(native) if native.is_method() => Type::MethodDescriptor,
            Value::Native(_) | Value::Bound(_) => Type::NativeFunction,
            Value::Type(_) => Type::Type,
            Value::Module(_) => Type::Module,
            Value::Exception(exception) => exception.kind,
            Value::Iterator(iterator) => iterator.kind(),
            Value::Generator(generator) => generator.kind,
            Value::Shared(_) => Type::Cell,
            Value::Object(object) => object.kind(),
            Value::Ellipsis => Type::Ellipsis,
            Value::NotImplemented => Type::NotImplemented,
        }
    }

    /// `type(self).__name__`.
    pub fn type_name(&self) -> &'static str {
        self.kind().name()
    }

    /// `bool(self)`.
    pub fn truth(&self) -> bool {
        match self {
            Value::None | Value::Unbound => false,
            Value::Bool(value) => *value,
            Value::Int(value) => *value != 0,
            Value::Float(value) => *value != 0.0,
            Value::Str(text) => !text.as_str().is_empty(),
            Value::Bytes(bytes) => !bytes.is_empty(),
            Value::ByteArray(array) => !array.bytes.borrow().is_empty(),
            Value::List(list) => !list.items.borrow().is_empty(),
            Value::Tuple(tuple) => !tuple.items.is_empty(),
            Value::Dict(dict) => !dict.is_empty(),
            Value::Set(set) => !set.is_empty(),
            Value::Range(range) => range.len() != 0,
            Value::Object(object) => object.truth(),
            _ => true,
        }
    }

    /// The integer this is, if it is one that fits 64 bits.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(*value),
            Value::Bool(value) => Some(*value as i64),
            Value::Object(object) => object.as_int(),
            _ => None,
        }
    }

    /// The text this is, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The same bytes without a copy where that is possible; `None` for what is not bytes-like.
    pub fn to_bytes(&self) -> Option<Bytes> {
        match self {
            Value::Bytes(bytes) => Some((**bytes).clone()),
            Value::ByteArray(array) => Some(Bytes::copy_from_slice(&array.bytes.borrow())),
            Value::Object(object) => object.to_bytes(),
            _ => None,
        }
    }

    /// Whether both are the very same object: `is`.
    pub fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::None, Value::None)
            | (Value::Ellipsis, Value::Ellipsis)
            | (Value::NotImplemented, Value::NotImplemented)
            | (Value::Unbound, Value::Unbound) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Type(a), Value::Type(b)) => a == b,
            (Value::Module(a), Value::Module(b)) => a == b,
            // Literals and short texts are one object in CPython.
            (Value::Str(a), Value::Str(b)) => Rc::ptr_eq(a, b) || a.as_str() == b.as_str() && a.as_str().len() <= 20,
            (Value::Bytes(a), Value::Bytes(b)) => Rc::ptr_eq(a, b) || a.len() <= 1 && a == b,
            (Value::Tuple(a), Value::Tuple(b)) => Rc::ptr_eq(a, b) || a.items.is_empty() && b.items.is_empty(),
            (a, b) => a.address().is_some() && a.address() == b.address() && a.kind() == b.kind(),
        }
    }

    /// Where a shared value lives: what `id` is made of.
    pub fn address(&self) -> Option<usize> {
        Some(match self {
            Value::Big(rc) => Rc::as_ptr(rc) as usize,
            Value::Str(rc) => Rc::as_ptr(rc) as usize,
            Value::Bytes(rc) => Rc::as_ptr(rc) as usize,
            Value::ByteArray(rc) => Rc::as_ptr(rc) as usize,
            Value::List(rc) => Rc::as_ptr(rc) as usize,
            Value::Tuple(rc) => Rc::as_ptr(rc) as usize,
            Value::Dict(rc) => Rc::as_ptr(rc) as usize,
            Value::Set(rc) => Rc::as_ptr(rc) as usize,
            Value::Range(rc) => Rc::as_ptr(rc) as usize,
            Value::Slice(rc) => Rc::as_ptr(rc) as usize,
            Value::Function(rc) => Rc::as_ptr(rc) as usize,
            Value::Native(native) => std::ptr::from_ref(*native) as usize,
            Value::Bound(rc) => Rc::as_ptr(rc) as usize,
            Value::Exception(rc) => Rc::as_ptr(rc) as usize,
            Value::Iterator(rc) => Rc::as_ptr(rc) as usize,
            Value::Generator(rc) => Rc::as_ptr(rc) as usize,
            Value::Shared(rc) => Rc::as_ptr(rc) as usize,
            Value::Object(rc) => Rc::as_ptr(rc) as usize,
            _ => return None,
        })
    }

    /// Roughly how many bytes of memory it holds itself, without what it refers to.
    pub fn weight(&self) -> usize {
        match self {
            Value::Big(value) => 48 + value.bits() as usize / 8,
            Value::Str(text) => 56 + text.as_str().len(),
            Value::Bytes(bytes) => 72 + bytes.len(),
            Value::ByteArray(array) => 64 + array.bytes.borrow().capacity(),
            Value::List(list) => 64 + 16 * list.items.borrow().capacity(),
            Value::Tuple(tuple) => 40 + 16 * tuple.items.len(),
            Value::Dict(dict) => 96 + dict.weight(),
            Value::Set(set) => 96 + set.weight(),
            Value::Function(_) | Value::Exception(_) | Value::Generator(_) | Value::Object(_) => 200,
            Value::Range(_) | Value::Slice(_) | Value::Bound(_) | Value::Iterator(_) | Value::Shared(_) => 80,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_fits_sixteen_bytes() {
        assert_eq!(std::mem::size_of::<Value>(), 16);
    }
}
