//! Operators on values of every type, iteration, and unpacking.

use super::{Answer, Stop, Vm, raise, type_error, value_error};
use crate::program::code::{Binary, Test};
use crate::program::format;
use crate::program::value::compare::{equal, order};
use crate::program::value::iterator::Iterator;
use crate::program::value::object::Object;
use crate::program::value::set::Set;
use crate::program::value::types::Type;
use crate::program::value::{Value, number};
use bytes::{Bytes, BytesMut};
use std::rc::Rc;

/// The operators that are quick on small integers; `None` for the long way.
#[inline(always)]
pub fn quick(operator: Binary, a: i64, b: i64) -> Option<Value> {
    Some(Value::Int(match operator {
        Binary::Add => a.checked_add(b)?,
        Binary::Subtract => a.checked_sub(b)?,
        Binary::Multiply => a.checked_mul(b)?,
        Binary::FloorDivide if b > 0 => a.div_euclid(b),
        Binary::Modulo if b > 0 => a.rem_euclid(b),
        Binary::And => a & b,
        Binary::Or => a | b,
        Binary::Xor => a ^ b,
        Binary::RightShift if (0..64).contains(&b) => a >> b,
        _ => return None,
    }))
}

/// The comparisons of small integers; `None` for the long way.
#[inline(always)]
pub fn quick_test(test: Test, a: i64, b: i64) -> Option<bool> {
    Some(match test {
        Test::Equal | Test::Is => a == b,
        Test::NotEqual | Test::IsNot => a != b,
        Test::Less => a < b,
        Test::LessEqual => a <= b,
        Test::Greater => a > b,
        Test::GreaterEqual => a >= b,
        Test::In | Test::NotIn => return None,
    })
}

impl Vm {
    /// `a operator b`.
    pub fn binary(&mut self, operator: Binary, a: &Value, b: &Value) -> Answer {
        if let Some(answer) = number::binary(operator, a, b) {
            return answer;
        }
        let value = match (operator, a, b) {
            (Binary::Add, Value::Str(x), Value::Str(y)) => {
                self.room(x.len() + y.len())?;
                let mut text = String::with_capacity(x.len() + y.len());
                text.push_str(x.as_str());
                text.push_str(y.as_str());
                Value::str(text)
            }
            (Binary::Add, Value::Bytes(_) | Value::ByteArray(_), _) => return self.concatenate_bytes(a, b),
            (Binary::Add, Value::List(x), Value::List(y)) => {
                let mut items = x.items.borrow().clone();
                items.extend_from_slice(&y.items.borrow());
                self.room(items.len() * 16)?;
                Value::list(items)
            }
            (Binary::Add, Value::Tuple(x), Value::Tuple(y)) => {
                self.room((x.items.len() + y.items.len()) * 16)?;
                Value::tuple(x.items.iter().chain(y.items.iter()).cloned().collect())
            }
            (Binary::Add, Value::Str(_), _) => {
                return Err(type_error(format!("can only concatenate str (not \"{}\") to str", b.type_name())));
            }
            (Binary::Add, Value::List(_), _) => {
                return Err(type_error(format!("can only concatenate list (not \"{}\") to list", b.type_name())));
            }
            (Binary::Add, Value::Tuple(_), _) => {
                return Err(type_error(format!("can only concatenate tuple (not \"{}\") to tuple", b.type_name())));
            }
            (Binary::Multiply, x, y) if is_sequence(x) || is_sequence(y) => {
                return if is_sequence(x) { self.repeat(x, y) } else { self.repeat(y, x) };
            }
            (Binary::Modulo, Value::Str(text), _) => Value::str(format::percent::text(self, text.as_str(), b)?),
            (Binary::Modulo, Value::Bytes(_) | Value::ByteArray(_), _) => {
                Value::bytes(format::percent::bytes(self, &a.to_bytes().unwrap_or_default(), b)?)
            }
            (Binary::Or | Binary::And | Binary::Subtract | Binary::Xor, _, _) => match set_operation(operator, a, b)? {
                Some(value) => value,
                None => return Err(unsupported(operator, a, b)),
            },
            _ => return Err(unsupported(operator, a, b)),
        };
        self.charge(value.weight());
        Ok(value)
    }

    fn concatenate_bytes(&mut self, a: &Value, b: &Value) -> Answer {
        let (Some(x), Some(y)) = (a.to_bytes(), b.to_bytes()) else {
            return Err(type_error(format!("can't concat {} to {}", b.type_name(), a.type_name())));
        };
        self.room(x.len() + y.len())?;
        let mut joined = Vec::with_capacity(x.len() + y.len());
        joined.extend_from_slice(&x);
        joined.extend_from_slice(&y);
        self.charge(64 + joined.len());
        Ok(if let Value::ByteArray(_) = a { Value::byte_array(joined) } else { Value::bytes(joined) })
    }

    fn repeat(&mut self, sequence: &Value, times: &Value) -> Answer {
        let Some(times) = times.as_int() else {
            if let Value::Big(_) = times {
                return Err(raise(Type::OverflowError, "cannot fit 'int' into an index-sized integer"));
            }
            return Err(type_error(format!("can't multiply sequence by non-int of type '{}'", times.type_name())));
        };
        let times = times.max(0) as usize;
        let length = match sequence {
            Value::Str(text) => text.len(),
            Value::List(list) => list.items.borrow().len() * 16,
            Value::Tuple(tuple) => tuple.items.len() * 16,
            other => other.to_bytes().map_or(0, |bytes| bytes.len()),
        };
        self.room(length.saturating_mul(times))?;
        let many = |items: &[Value]| {
            let mut all = Vec::with_capacity(items.len() * times);
            (0..times).for_each(|_| all.extend_from_slice(items));
            all
        };
        let value = match sequence {
            Value::Str(text) => Value::str(text.as_str().repeat(times)),
            Value::List(list) => Value::list(many(&list.items.borrow())),
            Value::Tuple(tuple) => Value::tuple(many(&tuple.items)),
            Value::ByteArray(array) => Value::byte_array(array.bytes.borrow().repeat(times)),
            other => Value::bytes(other.to_bytes().unwrap_or_default().repeat(times)),
        };
        self.charge(value.weight());
        Ok(value)
    }

    /// `a operator= b`. Gives `a` back where it must stay although the operation failed.
    pub fn in_place(&mut self, operator: Binary, a: Value, b: &Value) -> (Option<Value>, Answer) {
        match (operator, a, b) {
            (Binary::Add, Value::Str(mut text), Value::Str(more)) => {
                if let Err(stop) = self.room(text.len() + more.len()) {
                    return (None, Err(stop));
                }
                self.charge(more.len());
                match Rc::get_mut(&mut text) {
                    Some(text) => text.push(more),
                    None => return (None, self.binary(operator, &Value::Str(text), b)),
                }
                (None, Ok(Value::Str(text)))
            }
            (Binary::Add, Value::Bytes(mut bytes), Value::Bytes(more)) => {
                if let Err(stop) = self.room(bytes.len() + more.len()) {
                    return (None, Err(stop));
                }
                self.charge(more.len());
                match Rc::get_mut(&mut bytes) {
                    Some(own) => {
                        let mut grown = std::mem::take(own).try_into_mut().unwrap_or_else(|shared| copy_of(&shared));
                        grown.extend_from_slice(more);
                        *own = grown.freeze();
                    }
                    None => return (None, self.binary(operator, &Value::Bytes(bytes), b)),
                }
                (None, Ok(Value::Bytes(bytes)))
            }
            (Binary::Add, Value::ByteArray(array), _) => match b.to_bytes() {
                Some(more) => {
                    let length = array.bytes.borrow().len() + more.len();
                    if let Err(stop) = self.room(length) {
                        return (Some(Value::ByteArray(array)), Err(stop));
                    }
                    self.charge(more.len());
                    array.bytes.borrow_mut().extend_from_slice(&more);
                    (None, Ok(Value::ByteArray(array)))
                }
                None => {
                    let message = format!("can't concat {} to bytearray", b.type_name());
                    (Some(Value::ByteArray(array)), Err(type_error(message)))
                }
            },
            (Binary::Add, Value::List(list), _) => match self.elements(b) {
                Ok(items) => {
                    let items: Vec<Value> = items;
                    self.charge(16 * items.len());
                    let list = Value::List(list);
                    self.adopt(&list, &items);
                    if let Value::List(inner) = &list {
                        inner.items.borrow_mut().extend(items);
                    }
                    (None, Ok(list))
                }
                Err(stop) => (Some(Value::List(list)), Err(stop)),
            },
            (Binary::Or | Binary::And | Binary::Subtract | Binary::Xor, Value::Set(set), Value::Set(other))
                if !set.frozen =>
            {
                let a = Value::Set(set.clone());
                let answer = self.binary(operator, &a, &Value::Set(other.clone())).and_then(|value| {
                    let Value::Set(result) = &value else { return Ok(value) };
                    set.take();
                    set.merge(result)?;
                    Ok(a.clone())
                });
                (Some(a), answer)
            }
            (Binary::Or, Value::Dict(dict), _) => {
                let a = Value::Dict(dict);
                let answer = self.merge(&a, b, false).map(|()| a.clone());
                (Some(a), answer)
            }
            (_, a, _) => {
                let answer = self.binary(operator, &a, b);
                let answer = match answer {
                    Err(Stop::Raise(exception)) if exception.kind == Type::TypeError => {
                        Err(Stop::Raise(reworded(exception, operator)))
                    }
                    other => other,
                };
                (Some(a), answer)
            }
        }
    }

    /// A comparison.
    pub fn test(&mut self, test: Test, a: &Value, b: &Value) -> Answer<bool> {
        match test {
            Test::Equal => equal(a, b),
            Test::NotEqual => equal(a, b).map(|equal| !equal),
            Test::Is => Ok(a.same(b)),
            Test::IsNot => Ok(!a.same(b)),
            Test::In | Test::NotIn if super::call::is_lazy(b) => {
                let name = if test == Test::In { "_contains" } else { "_lacks" };
                Err(self.invoke(name, vec![b.clone(), a.clone()]))
            }
            Test::In => self.contains(b, a),
            Test::NotIn => self.contains(b, a).map(|found| !found),
            _ => order(test, a, b),
        }
    }

    fn contains(&mut self, container: &Value, item: &Value) -> Answer<bool> {
        match container {
            Value::Str(text) => match item {
                Value::Str(part) => Ok(text.contains(part.as_str())),
                other => {
                    Err(type_error(format!("'in <string>' requires string as left operand, not {}", other.type_name())))
                }
            },
            Value::Bytes(_) | Value::ByteArray(_) => {
                let bytes = container.to_bytes().unwrap_or_default();
                match (item.as_int(), item.to_bytes()) {
                    (_, Some(part)) => Ok(memchr::memmem::find(&bytes, &part).is_some()),
                    (Some(byte), _) if (0..256).contains(&byte) => Ok(bytes.contains(&(byte as u8))),
                    (Some(_), _) => Err(value_error("byte must be in range(0, 256)")),
                    _ => Err(type_error(format!("a bytes-like object is required, not '{}'", item.type_name()))),
                }
            }
            Value::Dict(dict) => dict.contains(item),
            Value::Set(set) => set.contains(item),
            Value::Range(range) => Ok(match item.as_int() {
                Some(at) => {
                    let distance = i128::from(at) - i128::from(range.start);
                    distance % i128::from(range.step) == 0
                        && (0..i128::from(range.len())).contains(&(distance / i128::from(range.step)))
                }
                None => {
                    matches!(item, Value::Float(float) if float.fract() == 0.0)
                        && self.contains(container, &number::from_float(number::to_float(item).unwrap_or(Ok(0.5))?))?
                }
            }),
            Value::List(list) => {
                for index in 0.. {
                    let Some(value) = list.items.borrow().get(index).cloned() else { break };
                    if value.same(item) || equal(&value, item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Value::Object(object) => match &**object {
                Object::View(dict, crate::program::value::object::View::Keys) => dict.contains(item),
                _ => self.contains_slowly(container, item),
            },
            _ => self.contains_slowly(container, item),
        }
    }

    fn contains_slowly(&mut self, container: &Value, item: &Value) -> Answer<bool> {
        let Some(iterator) = Iterator::over(container) else {
            return Err(type_error(format!("argument of type '{}' is not iterable", container.type_name())));
        };
        while let Some(value) = iterator.next()? {
            if value.same(item) || equal(&value, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `iter(value)`.
    pub fn iterate(&mut self, value: &Value) -> Answer {
        if let Some(iterator) = Iterator::over(value) {
            return Ok(Value::Iterator(iterator));
        }
        match value {
            Value::Generator(_) => Ok(value.clone()),
            Value::Object(object) => match &**object {
                Object::File(_) | Object::SocketFile(_) => Err(self.invoke("_lines", vec![value.clone()])),
                _ => Err(not_iterable(value)),
            },
            _ => Err(not_iterable(value)),
        }
    }

    /// Every element of something that runs no code, as far as memory allows.
    pub fn elements(&mut self, value: &Value) -> Answer<Vec<Value>> {
        match value {
            Value::List(list) => return Ok(list.items.borrow().clone()),
            Value::Tuple(tuple) => return Ok(tuple.items.to_vec()),
            _ => {}
        }
        let Some(iterator) = Iterator::over(value) else { return Err(not_iterable(value)) };
        let most = self.setup.limits.memory as usize / 16;
        if iterator.size_hint().is_some_and(|size| size > most as u64) {
            return Err(Stop::Limit("memory", self.setup.limits.memory));
        }
        let mut items = Vec::new();
        while let Some(item) = iterator.next()? {
            if items.len() >= most {
                return Err(Stop::Limit("memory", self.setup.limits.memory));
            }
            items.push(item);
        }
        Ok(items)
    }

    /// The elements of `*value` in a call or a display.
    pub fn spread(&mut self, value: &Value) -> Answer<Vec<Value>> {
        if Iterator::over(value).is_none() {
            return Err(type_error(format!("Value after * must be an iterable, not {}", value.type_name())));
        }
        self.elements(value)
    }

    /// `a, b, c = value`.
    pub fn unpack(&mut self, value: &Value, count: usize) -> Answer<Vec<Value>> {
        let Some(iterator) = Iterator::over(value) else {
            return Err(type_error(format!("cannot unpack non-iterable {} object", value.type_name())));
        };
        let mut items = Vec::with_capacity(count);
        while let Some(item) = iterator.next()? {
            if items.len() == count {
                return Err(value_error(format!("too many values to unpack (expected {count})")));
            }
            items.push(item);
        }
        if items.len() < count {
            let got = items.len();
            return Err(value_error(format!("not enough values to unpack (expected {count}, got {got})")));
        }
        Ok(items)
    }

    /// `a, *b, c = value`.
    pub fn unpack_star(&mut self, value: &Value, before: usize, after: usize) -> Answer<Vec<Value>> {
        if Iterator::over(value).is_none() {
            return Err(type_error(format!("cannot unpack non-iterable {} object", value.type_name())));
        }
        let mut items = self.elements(value)?;
        let (least, got) = (before + after, items.len());
        if got < least {
            return Err(value_error(format!("not enough values to unpack (expected at least {least}, got {got})")));
        }
        let last = items.split_off(got - after);
        let middle = items.split_off(before);
        items.push(Value::list(middle));
        items.extend(last);
        Ok(items)
    }

    /// `{**source}`, `dict.update`, and the keywords of a call.
    pub fn merge(&mut self, target: &Value, source: &Value, call: bool) -> Answer<()> {
        let Value::Dict(target) = target else { return Ok(()) };
        let Value::Dict(source) = source else {
            let name = source.type_name();
            return Err(type_error(if call {
                format!("argument after ** must be a mapping, not {name}")
            } else {
                format!("'{name}' object is not a mapping")
            }));
        };
        for (key, value) in source.pairs() {
            if call && key.as_str().is_none() {
                return Err(type_error("keywords must be strings"));
            }
            let text = key.as_str().unwrap_or_default().to_string();
            self.charge(64);
            self.adopt(&Value::Dict(target.clone()), std::slice::from_ref(&value));
            if target.insert(key, value)?.is_some() && call {
                return Err(type_error(format!("got multiple values for keyword argument '{text}'")));
            }
        }
        Ok(())
    }
}

fn copy_of(bytes: &Bytes) -> BytesMut {
    let mut copy = BytesMut::with_capacity(bytes.len() * 2 + 64);
    copy.extend_from_slice(bytes);
    copy
}

/// The exception of `for`, `*` and every function that iterates.
pub fn not_iterable(value: &Value) -> Stop {
    type_error(format!("'{}' object is not iterable", value.type_name()))
}

fn is_sequence(value: &Value) -> bool {
    matches!(value, Value::Str(_) | Value::Bytes(_) | Value::ByteArray(_) | Value::List(_) | Value::Tuple(_))
}

fn unsupported(operator: Binary, a: &Value, b: &Value) -> Stop {
    let (symbol, a, b) = (operator.symbol(), a.type_name(), b.type_name());
    type_error(format!("unsupported operand type(s) for {symbol}: '{a}' and '{b}'"))
}

/// The same exception, naming the augmented operator.
fn reworded(
    exception: Rc<crate::program::value::exception::Exception>,
    operator: Binary,
) -> Rc<crate::program::value::exception::Exception> {
    let text = exception.text();
    let symbol = operator.symbol();
    match text.strip_prefix(&format!("unsupported operand type(s) for {symbol}: ")) {
        Some(rest) => {
            let short = symbol.split(' ').next().unwrap_or(symbol);
            let message = format!("unsupported operand type(s) for {short}=: {rest}");
            crate::program::value::exception::Exception::message(exception.kind, message)
        }
        None => exception,
    }
}

fn set_operation(operator: Binary, a: &Value, b: &Value) -> Answer<Option<Value>> {
    let (left, frozen) = match as_set(a)? {
        Some(pair) => pair,
        None => {
            if let (Binary::Or, Value::Dict(x), Value::Dict(y)) = (operator, a, b) {
                let copy = x.copy();
                for (key, value) in y.pairs() {
                    copy.insert(key, value)?;
                }
                return Ok(Some(Value::Dict(Rc::new(copy))));
            }
            return Ok(None);
        }
    };
    let Some((right, _)) = as_set(b)? else { return Ok(None) };
    let result = match operator {
        Binary::Or => {
            let result = left.copy(frozen)?;
            result.merge(&right)?;
            result
        }
        Binary::And => {
            let (small, large) = if right.len() <= left.len() { (&right, &left) } else { (&left, &right) };
            let mut kept = Vec::new();
            for item in small.items() {
                if large.contains(&item)? {
                    kept.push(item);
                }
            }
            Set::of(kept, frozen)?
        }
        Binary::Subtract => {
            let mut kept = Vec::new();
            for item in left.items() {
                if !right.contains(&item)? {
                    kept.push(item);
                }
            }
            Set::of(kept, frozen)?
        }
        _ => {
            let result = right.copy(frozen)?;
            for item in left.items() {
                if !result.remove(&item)? {
                    result.add(item)?;
                }
            }
            result
        }
    };
    Ok(Some(Value::Set(Rc::new(result))))
}

/// A set, or a view of a dict as one; and whether the result of an operation on it is frozen.
fn as_set(value: &Value) -> Answer<Option<(Rc<Set>, bool)>> {
    Ok(match value {
        Value::Set(set) => Some((set.clone(), set.frozen)),
        Value::Object(object) => match (&**object, object.iterate()) {
            (Object::View(_, view), Some(state)) if *view != crate::program::value::object::View::Values => {
                let iterator = Iterator::new(state);
                let set = Set::new(false);
                while let Some(item) = iterator.next()? {
                    set.add(item)?;
                }
                Some((Rc::new(set), false))
            }
            _ => None,
        },
        _ => None,
    })
}
