//! `==`, `<` and `in` between built-in values.

use super::Value;
use super::number;
use crate::program::code::Test;
use crate::program::vm::{Answer, recursion_error, type_error};
use std::cmp::Ordering;

/// How deep two structures may be compared before Python gives up, and before the native stack would.
const DEPTH: usize = 200;

/// `a == b`.
pub fn equal(a: &Value, b: &Value) -> Answer<bool> {
    equal_at(a, b, DEPTH)
}

fn equal_at(a: &Value, b: &Value, depth: usize) -> Answer<bool> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(recursion_error("maximum recursion depth exceeded in comparison"));
    };
    Ok(match (a, b) {
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a.as_str() == b.as_str(),
        (Value::None, Value::None) => true,
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::Bytes(a), Value::ByteArray(b)) | (Value::ByteArray(b), Value::Bytes(a)) => ***a == **b.bytes.borrow(),
        (Value::ByteArray(a), Value::ByteArray(b)) => *a.bytes.borrow() == *b.bytes.borrow(),
        (Value::List(a), Value::List(b)) => {
            if std::rc::Rc::ptr_eq(a, b) {
                return Ok(true);
            }
            equal_all(&a.items.borrow(), &b.items.borrow(), depth)?
        }
        (Value::Tuple(a), Value::Tuple(b)) => equal_all(&a.items, &b.items, depth)?,
        (Value::Dict(a), Value::Dict(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            for entry in a.entries().iter() {
                match b.get(&entry.key)? {
                    Some(other) if entry.value.same(&other) || equal_at(&entry.value, &other, depth)? => {}
                    _ => return Ok(false),
                }
            }
            true
        }
        (Value::Set(a), Value::Set(b)) => a.len() == b.len() && a.subset(b)?,
        (Value::Range(a), Value::Range(b)) => {
            a.len() == b.len() && (a.len() == 0 || a.start == b.start && (a.len() == 1 || a.step == b.step))
        }
        (Value::Slice(a), Value::Slice(b)) => {
            equal_at(&a.start, &b.start, depth)?
                && equal_at(&a.stop, &b.stop, depth)?
                && equal_at(&a.step, &b.step, depth)?
        }
        (Value::Bound(a), Value::Bound(b)) => std::ptr::eq(a.native, b.native) && a.receiver.same(&b.receiver),
        (Value::Object(object), other) | (other, Value::Object(object)) => match object.equals(other) {
            Some(result) => result,
            None => match (number::compare(a, b), a.same(b)) {
                (Some(order), _) => order == Some(Ordering::Equal),
                (None, same) => same,
            },
        },
        _ => match number::compare(a, b) {
            Some(order) => order == Some(Ordering::Equal),
            None => a.same(b),
        },
    })
}

fn equal_all(a: &[Value], b: &[Value], depth: usize) -> Answer<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for (x, y) in a.iter().zip(b) {
        if !(x.same(y) || equal_at(x, y, depth)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `a < b`, `a <= b`, `a > b` or `a >= b`.
pub fn order(test: Test, a: &Value, b: &Value) -> Answer<bool> {
    order_at(test, a, b, DEPTH)
}

fn holds(test: Test, order: Ordering) -> bool {
    match test {
        Test::Less => order == Ordering::Less,
        Test::LessEqual => order != Ordering::Greater,
        Test::Greater => order == Ordering::Greater,
        _ => order != Ordering::Less,
    }
}

fn order_at(test: Test, a: &Value, b: &Value, depth: usize) -> Answer<bool> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(recursion_error("maximum recursion depth exceeded in comparison"));
    };
    let order = match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Str(a), Value::Str(b)) => a.as_str().cmp(b.as_str()),
        (Value::Bytes(_) | Value::ByteArray(_), Value::Bytes(_) | Value::ByteArray(_)) => {
            a.to_bytes().cmp(&b.to_bytes())
        }
        (Value::List(x), Value::List(y)) => return order_all(test, &x.items.borrow(), &y.items.borrow(), depth),
        (Value::Tuple(x), Value::Tuple(y)) => return order_all(test, &x.items, &y.items, depth),
        (Value::Set(x), Value::Set(y)) => {
            return Ok(match test {
                Test::Less => x.len() < y.len() && x.subset(y)?,
                Test::LessEqual => x.subset(y)?,
                Test::Greater => y.len() < x.len() && y.subset(x)?,
                _ => y.subset(x)?,
            });
        }
        _ => match number::compare(a, b) {
            Some(Some(order)) => order,
            Some(None) => return Ok(false),
            None => {
                let symbol = match test {
                    Test::Less => "<",
                    Test::LessEqual => "<=",
                    Test::Greater => ">",
                    _ => ">=",
                };
                return Err(type_error(format!(
                    "'{symbol}' not supported between instances of '{}' and '{}'",
                    a.type_name(),
                    b.type_name()
                )));
            }
        },
    };
    Ok(holds(test, order))
}

fn order_all(test: Test, a: &[Value], b: &[Value], depth: usize) -> Answer<bool> {
    for (x, y) in a.iter().zip(b) {
        if !(x.same(y) || equal_at(x, y, depth)?) {
            return order_at(test, x, y, depth);
        }
    }
    Ok(holds(test, a.len().cmp(&b.len())))
}

/// A stable sort by `<`; the first failing comparison ends it.
///
/// Merge sort of our own: the standard library's may panic where `<` is no order, and a program decides what `<` means.
pub fn sort<T: Clone>(items: &mut Vec<T>, less: &mut impl FnMut(&T, &T) -> Answer<bool>) -> Answer<()> {
    let mut width = 1;
    let mut from = items.clone();
    let mut to = Vec::with_capacity(items.len());
    while width < from.len() {
        to.clear();
        for start in (0..from.len()).step_by(width * 2) {
            let middle = (start + width).min(from.len());
            let end = (start + width * 2).min(from.len());
            let (mut left, mut right) = (start, middle);
            while left < middle && right < end {
                if less(&from[right], &from[left])? {
                    to.push(from[right].clone());
                    right += 1;
                } else {
                    to.push(from[left].clone());
                    left += 1;
                }
            }
            to.extend_from_slice(&from[left..middle]);
            to.extend_from_slice(&from[right..end]);
        }
        std::mem::swap(&mut from, &mut to);
        width *= 2;
    }
    *items = from;
    Ok(())
}
