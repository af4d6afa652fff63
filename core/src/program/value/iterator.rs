//! Iterators over built-in values. Those that run a program's code are generators, which the machine itself steps.

use super::object::Range;
use super::text::Text;
use super::types::Type;
use super::{ByteArray, List, Tuple, Value};
use crate::program::vm::{Answer, recursion_error, runtime_error};
use bytes::Bytes;
use std::cell::RefCell;
use std::rc::Rc;

/// An iterator.
pub struct Iterator {
    state: RefCell<State>,
    depth: usize,
}

/// How deep iterators may stand in iterators: each takes a piece of the native stack.
const DEPTH: usize = 100;

/// What is iterated, and where it stands.
#[allow(missing_docs)] // one per type, with its position
pub enum State {
    Empty(Type),
    List { list: Rc<List>, at: usize },
    Tuple { tuple: Rc<Tuple>, at: usize },
    Str { text: Rc<Text>, at: usize },
    Bytes { bytes: Rc<Bytes>, at: usize },
    ByteArray { array: Rc<ByteArray>, at: usize },
    Range { next: i64, step: i64, left: u64 },
    Keys { dict: Value, at: usize, size: usize },
    Values { dict: Value, at: usize, size: usize },
    Items { dict: Value, at: usize, size: usize },
    Set { items: std::vec::IntoIter<Value> },
    Enumerate { inner: Rc<Iterator>, count: i64 },
    Zip { inner: Vec<Rc<Iterator>>, strict: bool },
    Reversed { list: Value, left: usize },
}

impl Iterator {
    /// A new one.
    pub fn new(state: State) -> Iterator {
        let depth = match &state {
            State::Enumerate { inner, .. } => inner.depth + 1,
            State::Zip { inner, .. } => inner.iter().map(|inner| inner.depth).max().unwrap_or(0) + 1,
            _ => 0,
        };
        Iterator { state: RefCell::new(state), depth }
    }

    /// Whether another iterator may be put around it.
    pub fn may_nest(&self) -> Answer<()> {
        if self.depth >= DEPTH { Err(recursion_error("maximum recursion depth exceeded")) } else { Ok(()) }
    }

    /// `iter(value)` for everything that runs no code; `None` if it cannot be iterated or runs code.
    pub fn over(value: &Value) -> Option<Rc<Iterator>> {
        let state = match value {
            Value::Iterator(iterator) => return Some(iterator.clone()),
            Value::List(list) => State::List { list: list.clone(), at: 0 },
            Value::Tuple(tuple) => State::Tuple { tuple: tuple.clone(), at: 0 },
            Value::Str(text) => State::Str { text: text.clone(), at: 0 },
            Value::Bytes(bytes) => State::Bytes { bytes: bytes.clone(), at: 0 },
            Value::ByteArray(array) => State::ByteArray { array: array.clone(), at: 0 },
            Value::Range(range) => State::of_range(range),
            Value::Dict(dict) => State::Keys { dict: value.clone(), at: 0, size: dict.len() },
            Value::Set(set) => State::Set { items: set.items().into_iter() },
            Value::Object(object) => object.iterate()?,
            _ => return None,
        };
        Some(Rc::new(Iterator::new(state)))
    }

    /// The type of the iterator.
    pub fn kind(&self) -> Type {
        match &*self.state.borrow() {
            State::Empty(kind) => *kind,
            State::List { .. } => Type::ListIterator,
            State::Tuple { .. } => Type::TupleIterator,
            State::Str { .. } => Type::StrIterator,
            State::Bytes { .. } => Type::BytesIterator,
            State::ByteArray { .. } => Type::ByteArrayIterator,
            State::Range { .. } => Type::RangeIterator,
            State::Keys { .. } => Type::DictKeyIterator,
            State::Values { .. } => Type::DictValueIterator,
            State::Items { .. } => Type::DictItemIterator,
            State::Set { .. } => Type::SetIterator,
            State::Enumerate { .. } => Type::Enumerate,
            State::Zip { .. } => Type::Zip,
            State::Reversed { .. } => Type::Reversed,
        }
    }

    /// The next element.
    #[inline]
    pub fn next(&self) -> Answer<Option<Value>> {
        let mut state = self.state.borrow_mut();
        if let State::Range { next, step, left } = &mut *state {
            if *left == 0 {
                return Ok(None);
            }
            let value = *next;
            *left -= 1;
            *next = next.wrapping_add(*step);
            return Ok(Some(Value::Int(value)));
        }
        let found = state.next()?;
        if found.is_none() {
            // An exhausted iterator stays exhausted and lets go of what it walked.
            let kind = match &*state {
                State::Enumerate { .. } => Type::Enumerate,
                State::Zip { .. } => Type::Zip,
                State::Reversed { .. } => Type::Reversed,
                State::List { .. } => Type::ListIterator,
                _ => return Ok(None),
            };
            *state = State::Empty(kind);
        }
        Ok(found)
    }

    /// How many elements are left at most, if that is known.
    pub fn size_hint(&self) -> Option<u64> {
        match &*self.state.borrow() {
            State::Range { left, .. } => Some(*left),
            _ => None,
        }
    }

    /// Shows everything it refers to.
    pub fn each_child(&self, see: &mut dyn FnMut(&Value)) {
        match &*self.state.borrow() {
            State::List { list, .. } => see(&Value::List(list.clone())),
            State::Tuple { tuple, .. } => see(&Value::Tuple(tuple.clone())),
            State::Keys { dict, .. } | State::Values { dict, .. } | State::Items { dict, .. } => see(dict),
            State::Set { items } => items.as_slice().iter().for_each(see),
            State::Enumerate { inner, .. } => see(&Value::Iterator(inner.clone())),
            State::Zip { inner, .. } => inner.iter().for_each(|inner| see(&Value::Iterator(inner.clone()))),
            State::Reversed { list, .. } => see(list),
            _ => {}
        }
    }

    /// Moves out everything it refers to.
    pub fn take_children(&self, out: &mut Vec<Value>) {
        match self.state.replace(State::Empty(Type::ListIterator)) {
            State::List { list, .. } => out.push(Value::List(list)),
            State::Tuple { tuple, .. } => out.push(Value::Tuple(tuple)),
            State::Keys { dict, .. } | State::Values { dict, .. } | State::Items { dict, .. } => out.push(dict),
            State::Set { items } => out.extend(items),
            State::Enumerate { inner, .. } => out.push(Value::Iterator(inner)),
            State::Zip { inner, .. } => out.extend(inner.into_iter().map(Value::Iterator)),
            State::Reversed { list, .. } => out.push(list),
            _ => {}
        }
    }
}

impl State {
    /// A walk over a range.
    pub fn of_range(range: &Range) -> State {
        State::Range { next: range.start, step: range.step, left: range.len() }
    }

    fn next(&mut self) -> Answer<Option<Value>> {
        Ok(match self {
            State::Empty(_) => None,
            State::Range { .. } => None, // the caller has done this one
            State::List { list, at } => {
                let value = list.items.borrow().get(*at).cloned();
                *at += 1;
                value
            }
            State::Tuple { tuple, at } => {
                let value = tuple.items.get(*at).cloned();
                *at += 1;
                value
            }
            State::Str { text, at } => {
                let found = text.as_str().get(*at..).and_then(|rest| rest.chars().next());
                *at += found.map_or(0, char::len_utf8);
                found.map(Value::str)
            }
            State::Bytes { bytes, at } => {
                let value = bytes.get(*at).map(|byte| Value::Int(i64::from(*byte)));
                *at += 1;
                value
            }
            State::ByteArray { array, at } => {
                let value = array.bytes.borrow().get(*at).map(|byte| Value::Int(i64::from(*byte)));
                *at += 1;
                value
            }
            State::Keys { dict, at, size } => step_dict(dict, at, *size)?.map(|(key, _)| key),
            State::Values { dict, at, size } => step_dict(dict, at, *size)?.map(|(_, value)| value),
            State::Items { dict, at, size } => {
                step_dict(dict, at, *size)?.map(|(key, value)| Value::tuple(vec![key, value]))
            }
            State::Set { items } => items.next(),
            State::Enumerate { inner, count } => match inner.next()? {
                Some(value) => {
                    let index = *count;
                    *count += 1;
                    Some(Value::tuple(vec![Value::Int(index), value]))
                }
                None => None,
            },
            State::Zip { inner, strict } => {
                let mut items = Vec::with_capacity(inner.len());
                for (index, iterator) in inner.iter().enumerate() {
                    match iterator.next()? {
                        Some(value) => items.push(value),
                        None if *strict => return unequal(inner, index),
                        None => return Ok(None),
                    }
                }
                (!items.is_empty()).then(|| Value::tuple(items))
            }
            State::Reversed { list, left } => {
                let Some(at) = left.checked_sub(1) else { return Ok(None) };
                *left = at;
                match list {
                    Value::List(list) => list.items.borrow().get(at).cloned(),
                    Value::Tuple(tuple) => tuple.items.get(at).cloned(),
                    _ => None,
                }
            }
        })
    }
}

fn step_dict(dict: &Value, at: &mut usize, size: usize) -> Answer<Option<(Value, Value)>> {
    let Value::Dict(dict) = dict else { return Ok(None) };
    if dict.len() != size {
        return Err(runtime_error("dictionary changed size during iteration"));
    }
    Ok(dict.at(*at).map(|(key, value, next)| {
        *at = next;
        (key, value)
    }))
}

/// `zip(strict=True)` over iterables of different length.
fn unequal(inner: &[Rc<Iterator>], index: usize) -> Answer<Option<Value>> {
    let plural = |n: usize| if n == 1 { " 1".to_string() } else { format!("s 1-{n}") };
    if index > 0 {
        let message = format!("zip() argument {} is shorter than argument{}", index + 1, plural(index));
        return Err(crate::program::vm::value_error(message));
    }
    for (other, iterator) in inner.iter().enumerate().skip(1) {
        if iterator.next()?.is_some() {
            let message = format!("zip() argument {} is longer than argument{}", other + 1, plural(other));
            return Err(crate::program::vm::value_error(message));
        }
    }
    Ok(None)
}
