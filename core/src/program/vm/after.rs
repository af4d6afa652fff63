//! What becomes of an outcome: the value or exception that the program sees.

use super::{Answer, Stop, Vm, os_error, raise};
use crate::program::modules::socket::{address_value, by_default, socket_object};
use crate::program::value::Value;
use crate::program::value::object::Object;
use crate::program::value::types::Type;
use crate::socket::{Answer as Fine, Outcome};

/// How to make a value of an outcome.
pub enum After {
    /// Whatever it is, as a plain value: number, bytes, address, `None`.
    Plain,
    /// Nobody looks at it, not even at an error.
    Ignore,
    /// A new socket object of this family, type and protocol.
    Socket(i64, i64, i64),
    /// A new socket object and the peer's address.
    Accepted(i64, i64, i64),
    /// Bytes and the sender's address.
    From,
    /// Bytes into a buffer; their number.
    Into(Value),
    /// Bytes into a buffer; their number and the sender's address.
    FromInto(Value),
    /// `connect_ex`: the error number, 0 for success.
    Number,
    /// Seconds as a float.
    Seconds,
    /// Nanoseconds as an integer.
    Nanoseconds,
    /// A pair of socket objects.
    Pair,
    /// Three lists of the objects that are ready.
    Ready(Vec<(i32, Value)>, Vec<(i32, Value)>, Vec<(i32, Value)>),
    /// `struct linger` or an integer as bytes of this length.
    Packed(usize),
    /// Microseconds as `struct timeval`: its first bytes, or without a length the integer they begin with.
    TimeValue(Option<usize>),
    /// `None` whatever was answered.
    Nothing,
    /// The value that was there before this was asked.
    Already(Value),
    /// The address is kept in the socket object, for `repr`; whether it is the peer's. Errors leave it empty.
    Remember(Value, bool),
}

impl After {
    /// The value or exception for an outcome.
    pub fn value(self, vm: &mut Vm, outcome: Outcome) -> Answer {
        match (&self, &outcome) {
            (After::Ignore, _) => return Ok(Value::None),
            (After::Remember(socket, peer), outcome) => {
                if let (Value::Object(object), Outcome::Ok(Fine::Address(address))) = (socket, outcome)
                    && let Object::Socket(socket) = &**object
                {
                    let mut ends = socket.ends.borrow_mut();
                    if *peer {
                        ends.1 = Some(*address);
                    } else {
                        ends.0 = Some(*address);
                    }
                }
                if let (Value::Object(object), true) = (socket, *peer)
                    && let Object::Socket(socket) = &**object
                {
                    socket.fresh.set(true);
                }
                return Ok(Value::None);
            }
            (After::Number, Outcome::Error(errno)) => return Ok(Value::Int(errno.number().into())),
            (After::Number, Outcome::TimedOut) => return Ok(Value::Int(11)),
            (After::Number, Outcome::Ok(_)) => return Ok(Value::Int(0)),
            _ => {}
        }
        let answer = match outcome {
            Outcome::Ok(answer) => answer,
            Outcome::Error(errno) => return Err(os_error(errno.number(), errno.text())),
            Outcome::TimedOut => return Err(raise(Type::TimeoutError, "timed out")),
        };
        Ok(match (self, answer) {
            (After::Nothing, _) => Value::None,
            (After::Already(value), _) => value,
            (After::Socket(family, kind, protocol), Fine::Number(fd)) => {
                let socket = socket_object(vm, fd as i32, family, kind, protocol);
                by_default(vm, &socket, socket.clone())?
            }
            (After::Accepted(family, kind, protocol), Fine::Accepted { accepted, peer }) => {
                let socket = socket_object(vm, accepted, family, kind, protocol);
                by_default(vm, &socket, Value::tuple(vec![socket.clone(), address_value(Some(peer))]))?
            }
            (After::From, Fine::Datagram { data, from, .. }) => {
                Value::tuple(vec![Value::bytes(data.0), address_value(from)])
            }
            (After::From, Fine::Data(data)) => Value::tuple(vec![Value::bytes(data.0), Value::None]),
            (After::Into(buffer), Fine::Data(data) | Fine::Datagram { data, .. }) => fill(&buffer, &data)?,
            (After::FromInto(buffer), Fine::Datagram { data, from, .. }) => {
                Value::tuple(vec![fill(&buffer, &data)?, address_value(from)])
            }
            (After::FromInto(buffer), Fine::Data(data)) => Value::tuple(vec![fill(&buffer, &data)?, Value::None]),
            (After::Seconds, Fine::Moment { moment }) => Value::Float(moment.as_micros() as f64 / 1e6),
            (After::Nanoseconds, Fine::Moment { moment }) => Value::Int(moment.as_micros() as i64 * 1000),
            (After::Pair, Fine::Pair { pair: (a, b) }) => {
                Value::tuple(vec![socket_object(vm, a, 1, 1, 0), socket_object(vm, b, 1, 1, 0)])
            }
            (After::Ready(readers, writers, others), Fine::Ready { read, write, except }) => {
                let chosen = |objects: Vec<(i32, Value)>, ready: &[i32]| {
                    Value::list(objects.into_iter().filter(|(fd, _)| ready.contains(fd)).map(|(_, o)| o).collect())
                };
                Value::tuple(vec![chosen(readers, &read), chosen(writers, &write), chosen(others, &except)])
            }
            (After::Packed(length), Fine::Linger { on, seconds }) => {
                let mut bytes = i32::from(on).to_le_bytes().to_vec();
                bytes.extend(seconds.to_le_bytes());
                bytes.truncate(length);
                Value::bytes(bytes)
            }
            (After::Packed(length), Fine::Number(number)) => {
                let mut bytes = (number as i32).to_le_bytes().to_vec();
                bytes.truncate(length);
                Value::bytes(bytes)
            }
            (After::TimeValue(length), Fine::Number(micros)) => {
                let mut bytes = (micros / 1_000_000).to_le_bytes().to_vec();
                bytes.extend((micros % 1_000_000).to_le_bytes());
                match length {
                    None => Value::Int(i64::from((micros / 1_000_000) as i32)),
                    Some(length) => {
                        bytes.truncate(length);
                        Value::bytes(bytes)
                    }
                }
            }
            // `getsockopt` of a structure without a length gives its first integer, as the C call fills it.
            (_, Fine::Linger { on, .. }) => Value::Int(on.into()),
            (_, Fine::Number(number)) => Value::Int(number),
            (_, Fine::Data(data)) => Value::bytes(data.0),
            (_, Fine::Datagram { data, .. }) => Value::bytes(data.0),
            (_, Fine::Address(address)) => address_value(Some(address)),
            (_, Fine::Moment { moment }) => Value::Float(moment.as_micros() as f64 / 1e6),
            (_, Fine::Nothing) => Value::None,
            (_, Fine::Accepted { .. } | Fine::Ready { .. } | Fine::Pair { .. }) => Value::None,
        })
    }
}

/// Puts bytes at the beginning of a buffer; how many.
fn fill(buffer: &Value, data: &[u8]) -> Answer {
    let target = match buffer {
        Value::ByteArray(array) => Some((array.clone(), 0, usize::MAX)),
        Value::Object(object) => match &**object {
            Object::Memory(Value::ByteArray(array), start, end) => Some((array.clone(), *start, *end)),
            _ => None,
        },
        _ => None,
    };
    let Some((array, start, end)) = target else {
        return Err(Stop::Raise(crate::program::value::exception::Exception::message(
            Type::TypeError,
            format!("recv_into() argument 1 must be read-write bytes-like object, not {}", buffer.type_name()),
        )));
    };
    let mut bytes = array.bytes.borrow_mut();
    let end = end.min(bytes.len());
    let count = data.len().min(end.saturating_sub(start));
    bytes[start..start + count].copy_from_slice(&data[..count]);
    Ok(Value::Int(count as i64))
}

/// The buffers that `recv_into` may fill: how many bytes fit.
pub fn writable_length(buffer: &Value) -> Option<usize> {
    match buffer {
        Value::ByteArray(array) => Some(array.bytes.borrow().len()),
        Value::Object(object) => match &**object {
            Object::Memory(Value::ByteArray(array), start, end) => {
                Some((*end).min(array.bytes.borrow().len()).saturating_sub(*start))
            }
            _ => None,
        },
        _ => None,
    }
}
