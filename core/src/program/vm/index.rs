//! Subscripts and slices: reading, storing, deleting.

use super::{Answer, Vm, raise, type_error, value_error};
use crate::program::value::object::{Object, Range, Slice};
use crate::program::value::types::Type;
use crate::program::value::{Value, number};
use num_traits::Signed;
use std::rc::Rc;

/// A slice applied to a length: first index, step, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// First index.
    pub start: i64,
    /// Distance to the next.
    pub step: i64,
    /// How many.
    pub count: usize,
}

impl Chosen {
    /// What a slice chooses of a sequence of this length.
    pub fn of(slice: &Slice, length: usize) -> Answer<Chosen> {
        let length = length as i64;
        let step = bound(&slice.step)?.unwrap_or(1);
        if step == 0 {
            return Err(value_error("slice step cannot be zero"));
        }
        let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
        let clamp = |at: i64| (if at < 0 { at.saturating_add(length) } else { at }).clamp(low, high);
        let start = bound(&slice.start)?.map_or(if step > 0 { low } else { high }, clamp);
        let stop = bound(&slice.stop)?.map_or(if step > 0 { high } else { low }, clamp);
        let distance =
            if step > 0 { i128::from(stop) - i128::from(start) } else { i128::from(start) - i128::from(stop) };
        let count = if distance <= 0 { 0 } else { ((distance - 1) / i128::from(step).abs() + 1) as usize };
        Ok(Chosen { start, step, count })
    }

    /// The indices, in order.
    pub fn indices(self) -> impl std::iter::Iterator<Item = usize> {
        (0..self.count as i64).map(move |index| (self.start + index * self.step) as usize)
    }
}

fn bound(value: &Value) -> Answer<Option<i64>> {
    match value {
        Value::None => Ok(None),
        Value::Big(big) => Ok(Some(if big.is_negative() { i64::MIN } else { i64::MAX })),
        other => match other.as_int() {
            Some(value) => Ok(Some(value)),
            None => Err(type_error("slice indices must be integers or None or have an __index__ method")),
        },
    }
}

/// The place an index names in a sequence of this length.
fn place(index: &Value, length: usize, sequence: &str, out_of_range: &str) -> Answer<usize> {
    let at = match index {
        Value::Big(_) => return Err(raise(Type::IndexError, "cannot fit 'int' into an index-sized integer")),
        other => match other.as_int() {
            Some(at) => at,
            None => {
                let suffix =
                    if sequence == "string" { format!(", not '{}'", index.type_name()) } else { String::new() };
                let message = match sequence {
                    "string" => format!("string indices must be integers{suffix}"),
                    "byte" => format!("byte indices must be integers or slices, not {}", index.type_name()),
                    name => format!("{name} indices must be integers or slices, not {}", index.type_name()),
                };
                return Err(type_error(message));
            }
        },
    };
    let place = if at < 0 { at + length as i64 } else { at };
    if (0..length as i64).contains(&place) { Ok(place as usize) } else { Err(raise(Type::IndexError, out_of_range)) }
}

impl Vm {
    /// `a[b]`.
    pub fn index(&mut self, a: &Value, b: &Value) -> Answer {
        let value = match (a, b) {
            (Value::Dict(dict), _) => match dict.get(b)? {
                Some(value) => value,
                None => {
                    let args = vec![b.clone()];
                    let exception = crate::program::value::exception::Exception::new(Type::KeyError, args);
                    return Err(super::Stop::Raise(exception));
                }
            },
            (Value::List(list), Value::Slice(slice)) => {
                let items = list.items.borrow();
                let chosen = Chosen::of(slice, items.len())?;
                Value::list(chosen.indices().map(|at| items[at].clone()).collect())
            }
            (Value::List(list), _) => {
                let items = list.items.borrow();
                items[place(b, items.len(), "list", "list index out of range")?].clone()
            }
            (Value::Tuple(tuple), _) => return index_tuple(&tuple.items, b),
            (Value::Str(text), Value::Slice(slice)) => {
                let chosen = Chosen::of(slice, text.chars())?;
                if chosen.step == 1 {
                    Value::str(text.slice(chosen.start as usize, chosen.start as usize + chosen.count))
                } else if text.is_ascii() {
                    Value::str(chosen.indices().map(|at| text.as_bytes()[at] as char).collect::<String>())
                } else {
                    let chars: Vec<char> = text.as_str().chars().collect();
                    Value::str(chosen.indices().map(|at| chars[at]).collect::<String>())
                }
            }
            (Value::Str(text), _) => {
                let at = place(b, text.chars(), "string", "string index out of range")?;
                Value::str(text.slice(at, at + 1))
            }
            (Value::Bytes(bytes), Value::Slice(slice)) => {
                let chosen = Chosen::of(slice, bytes.len())?;
                if chosen.step == 1 {
                    let start = chosen.start as usize;
                    Value::bytes(bytes.slice(start..start + chosen.count))
                } else {
                    Value::bytes(chosen.indices().map(|at| bytes[at]).collect::<Vec<u8>>())
                }
            }
            (Value::Bytes(bytes), _) => Value::Int(bytes[place(b, bytes.len(), "byte", "index out of range")?].into()),
            (Value::ByteArray(array), Value::Slice(slice)) => {
                let bytes = array.bytes.borrow();
                let chosen = Chosen::of(slice, bytes.len())?;
                Value::byte_array(chosen.indices().map(|at| bytes[at]).collect())
            }
            (Value::ByteArray(array), _) => {
                let bytes = array.bytes.borrow();
                Value::Int(bytes[place(b, bytes.len(), "bytearray", "bytearray index out of range")?].into())
            }
            (Value::Range(range), Value::Slice(slice)) => {
                let chosen = Chosen::of(slice, range.len() as usize)?;
                let step = range.step.saturating_mul(chosen.step);
                let start = range.start + chosen.start * range.step;
                let stop = start + chosen.count as i64 * step;
                Value::Range(Rc::new(Range { start, stop, step }))
            }
            (Value::Range(range), _) => {
                let at = place(b, range.len() as usize, "range", "range object index out of range")?;
                Value::Int(range.at(at as u64))
            }
            (Value::Object(object), _) => match &**object {
                Object::NamedTuple(_, _, items) => return index_tuple(items, b),
                Object::Memory(of, start, end) => match b {
                    Value::Slice(slice) => {
                        let chosen = Chosen::of(slice, end - start)?;
                        let from = start + chosen.start as usize;
                        Value::object(Object::Memory(of.clone(), from, from + chosen.count))
                    }
                    _ => {
                        let bytes = object.to_bytes().unwrap_or_default();
                        Value::Int(
                            bytes[place(b, bytes.len(), "memoryview", "index out of bounds on dimension 1")?].into(),
                        )
                    }
                },
                _ => return Err(not_subscriptable(a)),
            },
            // `list[int]` in an annotation that is evaluated.
            (Value::Type(_), _) => a.clone(),
            _ => return Err(not_subscriptable(a)),
        };
        self.charge(value.weight());
        Ok(value)
    }

    /// `a[b] = value`.
    pub fn set_index(&mut self, a: &Value, b: &Value, value: Value) -> Answer<()> {
        match (a, b) {
            (Value::Dict(dict), _) => {
                self.charge(64);
                self.adopt(a, std::slice::from_ref(&value));
                let old = dict.insert(b.clone(), value)?;
                drop(old);
                Ok(())
            }
            (Value::List(list), Value::Slice(slice)) => {
                let new = match self.elements(&value) {
                    Ok(new) => new,
                    Err(super::Stop::Raise(_)) => return Err(type_error("can only assign an iterable")),
                    Err(stop) => return Err(stop),
                };
                self.charge(16 * new.len());
                self.adopt(a, &new);
                let mut items = list.items.borrow_mut();
                let chosen = Chosen::of(slice, items.len())?;
                splice(&mut items, chosen, new)
            }
            (Value::List(list), _) => {
                self.adopt(a, std::slice::from_ref(&value));
                let mut items = list.items.borrow_mut();
                let at = place(b, items.len(), "list", "list assignment index out of range")?;
                let old = std::mem::replace(&mut items[at], value);
                drop(items);
                drop(old);
                Ok(())
            }
            (Value::ByteArray(array), Value::Slice(slice)) => {
                let new = match value.to_bytes() {
                    Some(new) => new.to_vec(),
                    None => byte_values(&self.elements(&value)?)?,
                };
                let mut bytes = array.bytes.borrow_mut();
                let chosen = Chosen::of(slice, bytes.len())?;
                splice(&mut bytes, chosen, new)
            }
            (Value::ByteArray(array), _) => {
                let mut bytes = array.bytes.borrow_mut();
                let at = place(b, bytes.len(), "bytearray", "bytearray index out of range")?;
                bytes[at] = byte_value(&value)?;
                Ok(())
            }
            (Value::Object(object), Value::Slice(slice)) => match &**object {
                Object::Memory(Value::ByteArray(array), start, end) => {
                    let chosen = Chosen::of(slice, end - start)?;
                    let new = value.to_bytes().unwrap_or_default();
                    if new.len() != chosen.count {
                        let message = "memoryview assignment: lvalue and rvalue have different structures";
                        return Err(value_error(message));
                    }
                    let mut bytes = array.bytes.borrow_mut();
                    for (at, byte) in chosen.indices().zip(new) {
                        if let Some(place) = bytes.get_mut(start + at) {
                            *place = byte;
                        }
                    }
                    Ok(())
                }
                _ => Err(no_assignment(a)),
            },
            _ => Err(no_assignment(a)),
        }
    }

    /// `del a[b]`.
    pub fn delete_index(&mut self, a: &Value, b: &Value) -> Answer<()> {
        match (a, b) {
            (Value::Dict(dict), _) => match dict.remove(b)? {
                Some(_) => Ok(()),
                None => {
                    let exception = crate::program::value::exception::Exception::new(Type::KeyError, vec![b.clone()]);
                    Err(super::Stop::Raise(exception))
                }
            },
            (Value::List(list), Value::Slice(slice)) => {
                let mut items = list.items.borrow_mut();
                let chosen = Chosen::of(slice, items.len())?;
                let gone = remove(&mut items, chosen);
                drop(items);
                drop(gone);
                Ok(())
            }
            (Value::List(list), _) => {
                let mut items = list.items.borrow_mut();
                let at = place(b, items.len(), "list", "list assignment index out of range")?;
                let old = items.remove(at);
                drop(items);
                drop(old);
                Ok(())
            }
            (Value::ByteArray(array), Value::Slice(slice)) => {
                let mut bytes = array.bytes.borrow_mut();
                let chosen = Chosen::of(slice, bytes.len())?;
                remove(&mut bytes, chosen);
                Ok(())
            }
            (Value::ByteArray(array), _) => {
                let mut bytes = array.bytes.borrow_mut();
                let at = place(b, bytes.len(), "bytearray", "bytearray index out of range")?;
                bytes.remove(at);
                Ok(())
            }
            _ => Err(type_error(format!("'{}' object doesn't support item deletion", a.type_name()))),
        }
    }
}

fn index_tuple(items: &[Value], b: &Value) -> Answer {
    if let Value::Slice(slice) = b {
        let chosen = Chosen::of(slice, items.len())?;
        return Ok(Value::tuple(chosen.indices().map(|at| items[at].clone()).collect()));
    }
    Ok(items[place(b, items.len(), "tuple", "tuple index out of range")?].clone())
}

fn splice<T>(items: &mut Vec<T>, chosen: Chosen, new: Vec<T>) -> Answer<()> {
    if chosen.step == 1 {
        let start = chosen.start as usize;
        items.splice(start..start + chosen.count, new);
        return Ok(());
    }
    if new.len() != chosen.count {
        let message =
            format!("attempt to assign sequence of size {} to extended slice of size {}", new.len(), chosen.count);
        return Err(value_error(message));
    }
    for (at, value) in chosen.indices().zip(new) {
        items[at] = value;
    }
    Ok(())
}

fn remove<T>(items: &mut Vec<T>, chosen: Chosen) -> Vec<T> {
    let mut places: Vec<usize> = chosen.indices().collect();
    places.sort_unstable();
    let mut gone = Vec::with_capacity(places.len());
    let mut next = 0;
    let mut kept = Vec::with_capacity(items.len() - places.len());
    for (index, item) in items.drain(..).enumerate() {
        if places.get(next) == Some(&index) {
            gone.push(item);
            next += 1;
        } else {
            kept.push(item);
        }
    }
    *items = kept;
    gone
}

/// An element of a `bytearray`.
pub fn byte_value(value: &Value) -> Answer<u8> {
    match value.as_int() {
        Some(byte) => u8::try_from(byte).map_err(|_| value_error("byte must be in range(0, 256)")),
        None if matches!(value, Value::Big(_)) => Err(value_error("byte must be in range(0, 256)")),
        None => Err(type_error(format!("'{}' object cannot be interpreted as an integer", value.type_name()))),
    }
}

/// Elements of a `bytearray`.
pub fn byte_values(values: &[Value]) -> Answer<Vec<u8>> {
    values.iter().map(byte_value).collect()
}

fn not_subscriptable(value: &Value) -> super::Stop {
    type_error(format!("'{}' object is not subscriptable", value.type_name()))
}

fn no_assignment(value: &Value) -> super::Stop {
    type_error(format!("'{}' object does not support item assignment", value.type_name()))
}

/// An index argument of a built-in function.
pub fn integer(value: &Value) -> Answer<i64> {
    match value {
        Value::Big(_) => Err(raise(Type::OverflowError, "Python int too large to convert to C ssize_t")),
        other => match other.as_int() {
            Some(value) => Ok(value),
            None => Err(type_error(format!("'{}' object cannot be interpreted as an integer", other.type_name()))),
        },
    }
}

/// A float argument of a built-in function.
pub fn float(value: &Value) -> Answer<f64> {
    match number::to_float(value) {
        Some(answer) => answer,
        None => Err(type_error(format!("must be real number, not {}", value.type_name()))),
    }
}
