//! Methods of `bytes`, `bytearray` and `memoryview`.

pub use super::codec::decode;

use super::characters::is_byte_space;
use super::search;
use crate::program::builtins::{Args, Native};
use crate::program::value::Value;
use crate::program::value::types::Type;
use crate::program::vm::index::{byte_value, byte_values, integer};
use crate::program::vm::{Answer, Stop, Vm, raise, type_error, value_error};
use bytes::Bytes;

const fn method(name: &'static str, min: usize, max: usize, call: crate::program::builtins::Body) -> Native {
    Native::new(name, min, max, call).of("bytes")
}

const fn array(name: &'static str, min: usize, max: usize, call: crate::program::builtins::Body) -> Native {
    Native::new(name, min, max, call).of("bytearray")
}

/// Methods that both have; of a `bytearray` they give a `bytearray`.
pub static METHODS: &[Native] = &[
    method("decode", 0, 2, |_, args| Ok(Value::str(decode(&this(args), args.get(0), args.get(1))?)))
        .named(&["encoding", "errors"]),
    method("hex", 0, 2, hex).named(&["sep", "bytes_per_sep"]),
    method("upper", 0, 0, |_, args| like(args, this(args).to_ascii_uppercase())),
    method("lower", 0, 0, |_, args| like(args, this(args).to_ascii_lowercase())),
    method("swapcase", 0, 0, |_, args| like(args, this(args).iter().map(|byte| swapped(*byte)).collect())),
    method("capitalize", 0, 0, |_, args| {
        let mut bytes = this(args).to_ascii_lowercase();
        if let Some(first) = bytes.first_mut() {
            first.make_ascii_uppercase();
        }
        like(args, bytes)
    }),
    method("title", 0, 0, |_, args| {
        let mut bytes = this(args).to_ascii_lowercase();
        let mut inside = false;
        for byte in &mut bytes {
            if !inside {
                byte.make_ascii_uppercase();
            }
            inside = byte.is_ascii_alphabetic();
        }
        like(args, bytes)
    }),
    method("strip", 0, 1, |_, args| strip(args, true, true)),
    method("lstrip", 0, 1, |_, args| strip(args, true, false)),
    method("rstrip", 0, 1, |_, args| strip(args, false, true)),
    method("split", 0, 2, |_, args| split(args, false)).named(&["sep", "maxsplit"]),
    method("rsplit", 0, 2, |_, args| split(args, true)).named(&["sep", "maxsplit"]),
    method("splitlines", 0, 1, split_lines).named(&["keepends"]),
    method("join", 1, 1, join).consuming(),
    method("replace", 2, 3, |vm, args| {
        let (bytes, old, new) = (this(args), bytes_at(args, 0)?, bytes_at(args, 1)?);
        let boundaries: Vec<usize> = if old.is_empty() { (0..=bytes.len()).collect() } else { Vec::new() };
        let most = search::most(args, 2)?;
        let changed = search::replace(vm, &bytes, &old, &new, most, &boundaries)?;
        like(args, changed)
    }),
    method("find", 1, 3, |_, args| find(args, false, false)),
    method("rfind", 1, 3, |_, args| find(args, true, false)),
    method("index", 1, 3, |_, args| find(args, false, true)),
    method("rindex", 1, 3, |_, args| find(args, true, true)),
    method("count", 1, 3, |_, args| {
        let (bytes, part) = (this(args), part_at(args, 0)?);
        let Some((start, end)) = search::bounds(args, 1, bytes.len())? else { return Ok(Value::Int(0)) };
        Ok(Value::Int(search::count(&bytes[start..end], &part, end - start) as i64))
    }),
    method("startswith", 1, 3, |_, args| affix(args, "startswith", |bytes, part| bytes.starts_with(part))),
    method("endswith", 1, 3, |_, args| affix(args, "endswith", |bytes, part| bytes.ends_with(part))),
    method("removeprefix", 1, 1, |_, args| {
        let (bytes, part) = (this(args), bytes_at(args, 0)?);
        like(args, bytes.strip_prefix(&part[..]).unwrap_or(&bytes).to_vec())
    }),
    method("removesuffix", 1, 1, |_, args| {
        let (bytes, part) = (this(args), bytes_at(args, 0)?);
        like(args, bytes.strip_suffix(&part[..]).unwrap_or(&bytes).to_vec())
    }),
    method("partition", 1, 1, |_, args| partition(args, false)),
    method("rpartition", 1, 1, |_, args| partition(args, true)),
    method("center", 1, 2, |vm, args| pad(vm, args, true, true)),
    method("ljust", 1, 2, |vm, args| pad(vm, args, false, true)),
    method("rjust", 1, 2, |vm, args| pad(vm, args, true, false)),
    method("zfill", 1, 1, |vm, args| {
        let bytes = this(args);
        let width = search::width(vm, args, 1)?;
        let (missing, _) = search::padding(width, bytes.len(), true, false);
        let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
        like(args, [&bytes[..sign], &vec![b'0'; missing][..], &bytes[sign..]].concat())
    }),
    method("isdigit", 0, 0, |_, args| every(args, |byte| byte.is_ascii_digit())),
    method("isalpha", 0, 0, |_, args| every(args, |byte| byte.is_ascii_alphabetic())),
    method("isalnum", 0, 0, |_, args| every(args, |byte| byte.is_ascii_alphanumeric())),
    method("isspace", 0, 0, |_, args| every(args, is_byte_space)),
    method("isascii", 0, 0, |_, args| Ok(Value::Bool(this(args).is_ascii()))),
    method("isupper", 0, 0, |_, args| {
        let bytes = this(args);
        Ok(Value::Bool(bytes.iter().any(u8::is_ascii_uppercase) && !bytes.iter().any(u8::is_ascii_lowercase)))
    }),
    method("islower", 0, 0, |_, args| {
        let bytes = this(args);
        Ok(Value::Bool(bytes.iter().any(u8::is_ascii_lowercase) && !bytes.iter().any(u8::is_ascii_uppercase)))
    }),
];

/// Methods that change a `bytearray`.
pub static ARRAY_METHODS: &[Native] = &[
    array("append", 1, 1, |vm, args| {
        change(vm, args, |bytes, args| {
            bytes.push(byte_value(args.at(0))?);
            Ok(Value::None)
        })
    }),
    array("extend", 1, 1, |vm, args| {
        let more = match args.at(0).to_bytes() {
            Some(bytes) => bytes.to_vec(),
            None => byte_values(&vm.elements(args.at(0))?)?,
        };
        vm.charge(more.len());
        change(vm, args, |bytes, _| {
            bytes.extend_from_slice(&more);
            Ok(Value::None)
        })
    })
    .consuming(),
    array("insert", 2, 2, |vm, args| {
        change(vm, args, |bytes, args| {
            let at = integer(args.at(0))?;
            let length = bytes.len() as i64;
            let at = (if at < 0 { at + length } else { at }).clamp(0, length) as usize;
            bytes.insert(at, byte_value(args.at(1))?);
            Ok(Value::None)
        })
    }),
    array("pop", 0, 1, |vm, args| {
        change(vm, args, |bytes, args| {
            if bytes.is_empty() {
                return Err(raise(Type::IndexError, "pop from empty bytearray"));
            }
            let at = args.get(0).map_or(Ok(-1), integer)?;
            let at = if at < 0 { at + bytes.len() as i64 } else { at };
            if !(0..bytes.len() as i64).contains(&at) {
                return Err(raise(Type::IndexError, "pop index out of range"));
            }
            Ok(Value::Int(bytes.remove(at as usize).into()))
        })
    }),
    array("remove", 1, 1, |vm, args| {
        change(vm, args, |bytes, args| {
            let byte = byte_value(args.at(0))?;
            match bytes.iter().position(|other| *other == byte) {
                Some(at) => {
                    bytes.remove(at);
                    Ok(Value::None)
                }
                None => Err(value_error("value not found in bytearray")),
            }
        })
    }),
    array("clear", 0, 0, |vm, args| {
        change(vm, args, |bytes, _| {
            bytes.clear();
            Ok(Value::None)
        })
    }),
    array("reverse", 0, 0, |vm, args| {
        change(vm, args, |bytes, _| {
            bytes.reverse();
            Ok(Value::None)
        })
    }),
    array("copy", 0, 0, |_, args| Ok(Value::byte_array(this(args).to_vec()))),
];

/// Methods of `memoryview`.
pub static VIEW_METHODS: &[Native] = &[
    Native::new("tobytes", 0, 0, |_, args| Ok(Value::bytes(this(args)))).of("memoryview"),
    Native::new("hex", 0, 2, hex).of("memoryview"),
    Native::new("tolist", 0, 0, |_, args| {
        Ok(Value::list(this(args).iter().map(|byte| Value::Int((*byte).into())).collect()))
    })
    .of("memoryview"),
    Native::new("release", 0, 0, |_, _| Ok(Value::None)).of("memoryview"),
];

/// What the types themselves have.
pub static TYPE_METHODS: &[Native] = &[Native::new("fromhex", 1, 1, from_hex)];

fn this(args: Args) -> Bytes {
    args.this.to_bytes().unwrap_or_default()
}

/// A result of the same type as the object.
fn like(args: Args, bytes: Vec<u8>) -> Answer {
    Ok(match args.this {
        Value::ByteArray(_) => Value::byte_array(bytes),
        _ => Value::bytes(bytes),
    })
}

fn change(_: &mut Vm, args: Args, make: impl FnOnce(&mut Vec<u8>, Args) -> Answer) -> Answer {
    match args.this {
        Value::ByteArray(array) => make(&mut array.bytes.borrow_mut(), args),
        _ => Ok(Value::None),
    }
}

fn required(value: &Value) -> Stop {
    type_error(format!("a bytes-like object is required, not '{}'", value.type_name()))
}

fn bytes_at(args: Args, index: usize) -> Answer<Bytes> {
    args.at(index).to_bytes().ok_or_else(|| required(args.at(index)))
}

/// A part to look for: bytes or one byte as a number.
fn part_at(args: Args, index: usize) -> Answer<Bytes> {
    let value = args.at(index);
    if let Some(byte) = value.as_int() {
        let byte = u8::try_from(byte).map_err(|_| value_error("byte must be in range(0, 256)"))?;
        return Ok(Bytes::copy_from_slice(&[byte]));
    }
    value.to_bytes().ok_or_else(|| {
        type_error(format!("argument should be integer or bytes-like object, not '{}'", value.type_name()))
    })
}

fn every(args: Args, test: impl Fn(u8) -> bool) -> Answer {
    let bytes = this(args);
    Ok(Value::Bool(!bytes.is_empty() && bytes.iter().all(|byte| test(*byte))))
}

fn swapped(byte: u8) -> u8 {
    if byte.is_ascii_uppercase() { byte.to_ascii_lowercase() } else { byte.to_ascii_uppercase() }
}

fn strip(args: Args, left: bool, right: bool) -> Answer {
    let bytes = this(args);
    let chosen = match args.get(0) {
        None | Some(Value::None) => None,
        Some(_) => Some(bytes_at(args, 0)?),
    };
    let goes = |byte: &u8| match &chosen {
        Some(chosen) => chosen.contains(byte),
        None => is_byte_space(*byte),
    };
    let start = if left { bytes.iter().position(|byte| !goes(byte)).unwrap_or(bytes.len()) } else { 0 };
    let end = if right { bytes.iter().rposition(|byte| !goes(byte)).map_or(start, |at| at + 1) } else { bytes.len() };
    let kept = bytes.slice(start..end.max(start));
    Ok(match args.this {
        Value::ByteArray(_) => Value::byte_array(kept.to_vec()),
        _ => Value::bytes(kept),
    })
}

fn split(args: Args, right: bool) -> Answer {
    let bytes = this(args);
    let most = search::most(args, 1)?;
    let pieces: Vec<&[u8]> = match args.get(0) {
        None | Some(Value::None) => spaces(&bytes, most, right),
        Some(_) => {
            let separator = bytes_at(args, 0)?;
            search::check_separator(&separator)?;
            if right { search::split_right(&bytes, &separator, most) } else { search::split(&bytes, &separator, most) }
        }
    };
    let mut values = Vec::with_capacity(pieces.len());
    for piece in pieces {
        values.push(match args.this {
            Value::ByteArray(_) => Value::byte_array(piece.to_vec()),
            _ => Value::bytes(bytes.slice_ref(piece)),
        });
    }
    Ok(Value::list(values))
}

fn spaces(bytes: &[u8], most: i64, right: bool) -> Vec<&[u8]> {
    let mut words: Vec<(usize, usize)> = Vec::new();
    let mut start = None;
    for (at, byte) in bytes.iter().enumerate() {
        match (is_byte_space(*byte), start) {
            (true, Some(from)) => {
                words.push((from, at));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    if let Some(from) = start {
        words.push((from, bytes.len()));
    }
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if words.len() > most.saturating_add(1) {
        // The uncut rest keeps its inner spaces.
        if right {
            let keep = words.split_off(words.len() - most);
            let end = words.last().map_or(0, |word| word.1);
            let begin = 0;
            let mut all = vec![(begin, end)];
            all.extend(keep);
            words = all;
        } else {
            let rest = words.split_off(most);
            let from = rest.first().map_or(bytes.len(), |word| word.0);
            words.push((from, bytes.len()));
        }
    }
    words.into_iter().map(|(from, to)| &bytes[from..to]).collect()
}

fn split_lines(_: &mut Vm, args: Args) -> Answer {
    let keep = args.get(0).is_some_and(Value::truth);
    let bytes = this(args);
    let mut lines = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = bytes[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(bytes.len(), |n| at + n);
        let next = if bytes[end..].starts_with(b"\r\n") { end + 2 } else { (end + 1).min(bytes.len()) };
        lines.push(Value::bytes(bytes.slice(at..if keep { next } else { end })));
        at = next;
    }
    Ok(Value::list(lines))
}

fn join(vm: &mut Vm, args: Args) -> Answer {
    let items = match vm.elements(args.at(0)) {
        Ok(items) => items,
        Err(Stop::Raise(exception)) if exception.kind == Type::TypeError => {
            return Err(type_error("can only join an iterable"));
        }
        Err(stop) => return Err(stop),
    };
    let separator = this(args);
    let mut out = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let Some(bytes) = item.to_bytes() else {
            let name = item.type_name();
            return Err(type_error(format!("sequence item {index}: expected a bytes-like object, {name} found")));
        };
        if index > 0 {
            out.extend_from_slice(&separator);
        }
        vm.room(out.len() + bytes.len())?;
        out.extend_from_slice(&bytes);
    }
    like(args, out)
}

fn find(args: Args, last: bool, must: bool) -> Answer {
    let (bytes, part) = (this(args), part_at(args, 0)?);
    let found = search::bounds(args, 1, bytes.len())?
        .and_then(|(start, end)| search::find(&bytes[start..end], &part, last).map(|at| start + at));
    match found {
        Some(at) => Ok(Value::Int(at as i64)),
        None if must => Err(value_error("subsection not found")),
        None => Ok(Value::Int(-1)),
    }
}

fn affix(args: Args, name: &str, test: impl Fn(&[u8], &[u8]) -> bool) -> Answer {
    let bytes = this(args);
    let Some((start, end)) = search::bounds(args, 1, bytes.len())? else { return Ok(Value::Bool(false)) };
    let within = &bytes[start..end];
    match args.at(0) {
        Value::Tuple(parts) => {
            for part in parts.items.iter() {
                if test(within, &part.to_bytes().ok_or_else(|| required(part))?) {
                    return Ok(Value::Bool(true));
                }
            }
            Ok(Value::Bool(false))
        }
        part => match part.to_bytes() {
            Some(part) => Ok(Value::Bool(test(within, &part))),
            None => {
                Err(type_error(format!("{name} first arg must be bytes or a tuple of bytes, not {}", part.type_name())))
            }
        },
    }
}

fn partition(args: Args, last: bool) -> Answer {
    let (bytes, separator) = (this(args), bytes_at(args, 0)?);
    search::check_separator(&separator)?;
    let empty = Bytes::new();
    let parts = match search::find(&bytes, &separator, last) {
        Some(at) => [bytes.slice(..at), separator.clone(), bytes.slice(at + separator.len()..)],
        None if last => [empty.clone(), empty, bytes.clone()],
        None => [bytes.clone(), empty.clone(), empty],
    };
    let array = matches!(args.this, Value::ByteArray(_));
    let value = |part: Bytes| if array { Value::byte_array(part.to_vec()) } else { Value::bytes(part) };
    Ok(Value::tuple(parts.into_iter().map(value).collect()))
}

fn pad(vm: &mut Vm, args: Args, left: bool, right: bool) -> Answer {
    let bytes = this(args);
    let fill = match args.get(1) {
        None => b' ',
        Some(value) => match value.to_bytes().as_deref() {
            Some([byte]) => *byte,
            _ => {
                let message = format!("argument 2 must be a byte string of length 1, not {}", value.type_name());
                return Err(type_error(message));
            }
        },
    };
    let width = search::width(vm, args, 1)?;
    let (before, after) = search::padding(width, bytes.len(), left, right);
    like(args, [&vec![fill; before][..], &bytes, &vec![fill; after]].concat())
}

fn hex(_: &mut Vm, args: Args) -> Answer {
    let bytes = this(args);
    let separator = match args.get(0) {
        None => None,
        Some(Value::Str(text)) if text.chars() == 1 => Some(text.as_str().to_string()),
        Some(other) => match other.to_bytes().as_deref() {
            Some([byte]) => Some((*byte as char).to_string()),
            _ => return Err(value_error("sep must be length 1.")),
        },
    };
    let group = args.get(1).map_or(Ok(1), integer)?;
    let mut out = String::with_capacity(bytes.len() * 2);
    for (index, byte) in bytes.iter().enumerate() {
        if let Some(separator) = &separator
            && index > 0
            && group != 0
        {
            let size = group.unsigned_abs() as usize;
            // Groups are counted from the right, or from the left if the number is negative.
            let place = if group > 0 { bytes.len() - index } else { index };
            if place % size == 0 {
                out.push_str(separator);
            }
        }
        out.push_str(&format!("{byte:02x}"));
    }
    Ok(Value::str(out))
}

fn from_hex(_: &mut Vm, args: Args) -> Answer {
    let Value::Str(text) = args.at(0) else {
        return Err(type_error(format!("fromhex() argument must be str, not {}", args.at(0).type_name())));
    };
    let mut bytes = Vec::new();
    let mut chars = text.as_str().chars().enumerate().peekable();
    while let Some((at, c)) = chars.next() {
        if c.is_ascii_whitespace() {
            continue;
        }
        let wrong = |at: usize| value_error(format!("non-hexadecimal number found in fromhex() arg at position {at}"));
        let high = c.to_digit(16).ok_or_else(|| wrong(at))?;
        let low = chars.next().and_then(|(_, c)| c.to_digit(16)).ok_or_else(|| wrong(at + 1))?;
        bytes.push((high * 16 + low) as u8);
    }
    Ok(Value::bytes(bytes))
}
