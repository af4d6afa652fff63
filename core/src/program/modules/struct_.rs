//! The module `struct`: numbers and bytes, packed as C would lay them out.

use super::function;
use crate::program::builtins::{Args, Native};
use crate::program::value::Value;
use crate::program::value::number::{Integer, to_float};
use crate::program::value::object::Object;
use crate::program::value::types::Type;
use crate::program::vm::{Answer, Stop, Vm, raise, type_error};
use num_bigint::BigInt;
use num_traits::ToPrimitive;

static FUNCTIONS: &[Native] = &[
    Native::free("pack", |vm, args| {
        let (format, values) = split(args, "pack")?;
        Ok(Value::bytes(pack(vm, &format, values)?))
    }),
    Native::new("unpack", 2, 2, |vm, args| unpack_exact(vm, &text(args.at(0))?, args.at(1))),
    Native::new("unpack_from", 2, 3, |vm, args| unpack_from(vm, &text(args.at(0))?, args.at(1), args.get(2)))
        .named(&["format", "buffer", "offset"]),
    Native::free("pack_into", |vm, args| {
        let (format, rest) = split(args, "pack_into")?;
        pack_into(vm, &format, rest)
    }),
    Native::new("iter_unpack", 2, 2, |vm, args| iter_unpack(vm, &text(args.at(0))?, args.at(1))),
    Native::new("calcsize", 1, 1, |_, args| Ok(Value::Int(size(&text(args.at(0))?)? as i64))),
];

/// Methods of `struct.Struct`.
pub static METHODS: &[Native] = &[
    Native::free("pack", |vm, args| Ok(Value::bytes(pack(vm, &this(args), args.values)?))).of("Struct"),
    Native::new("unpack", 1, 1, |vm, args| unpack_exact(vm, &this(args), args.at(0))).of("Struct"),
    Native::new("unpack_from", 1, 2, |vm, args| unpack_from(vm, &this(args), args.at(0), args.get(1)))
        .named(&["buffer", "offset"])
        .of("Struct"),
    Native::free("pack_into", |vm, args| pack_into(vm, &this(args), args.values)).of("Struct"),
    Native::new("iter_unpack", 1, 1, |vm, args| iter_unpack(vm, &this(args), args.at(0))).of("Struct"),
];

/// Every name that `import *` binds.
pub static NAMES: &[&str] =
    &["pack", "unpack", "unpack_from", "pack_into", "iter_unpack", "calcsize", "error", "Struct"];

/// What the module holds under a name.
pub fn get(name: &str) -> Option<Value> {
    match name {
        "error" => Some(Value::Type(Type::StructError)),
        "Struct" => Some(Value::Type(Type::Struct)),
        _ => function(FUNCTIONS, name),
    }
}

/// `struct.Struct(format)`.
pub fn construct(args: Args) -> Answer {
    let [format] = args.values else {
        return Err(type_error("Struct() missing required argument 'format' (pos 1)"));
    };
    let format = text(format)?;
    size(&format)?;
    Ok(Value::object(Object::Struct(format)))
}

fn error(message: impl Into<String>) -> Stop {
    raise(Type::StructError, message)
}

fn this(args: Args) -> String {
    match args.this {
        Value::Object(object) => match &**object {
            Object::Struct(format) => format.clone(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

fn text(value: &Value) -> Answer<String> {
    match value {
        Value::Str(text) => Ok(text.as_str().to_string()),
        Value::Bytes(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        other => {
            Err(type_error(format!("Struct() argument 1 must be a str or bytes object, not {}", other.type_name())))
        }
    }
}

fn split<'a>(args: Args<'a>, name: &str) -> Answer<(String, &'a [Value])> {
    match args.values.split_first() {
        Some((format, rest)) => Ok((text(format)?, rest)),
        None => Err(type_error(format!("{name} expected at least 1 argument, got 0"))),
    }
}

/// One item: how often, which letter, where.
#[derive(Clone, Copy)]
struct Item {
    count: usize,
    letter: char,
    width: usize,
    at: usize,
}

struct Layout {
    items: Vec<Item>,
    size: usize,
    little: bool,
}

/// The most bytes a format may describe.
const MOST: usize = 1 << 24;

fn layout(format: &str) -> Answer<Layout> {
    let (little, native, rest) = match format.chars().next() {
        Some('<') => (true, false, &format[1..]),
        Some('>' | '!') => (false, false, &format[1..]),
        Some('=') => (true, false, &format[1..]),
        Some('@') => (true, true, &format[1..]),
        _ => (true, true, format),
    };
    let mut items = Vec::new();
    let mut size = 0usize;
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_whitespace() {
            continue;
        }
        let (count, letter) = match c.to_digit(10) {
            Some(first) => {
                let mut count = first as usize;
                while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                    chars.next();
                    count = count.saturating_mul(10).saturating_add(digit as usize);
                }
                match chars.next() {
                    Some(letter) => (count, letter),
                    None => return Err(error("repeat count given without format specifier")),
                }
            }
            None => (1, c),
        };
        let width = match letter {
            'x' | 'c' | 'b' | 'B' | '?' | 's' | 'p' => 1,
            'h' | 'H' | 'e' => 2,
            'i' | 'I' | 'f' => 4,
            'l' | 'L' => {
                if native {
                    8
                } else {
                    4
                }
            }
            'q' | 'Q' | 'd' => 8,
            'n' | 'N' | 'P' if native => 8,
            _ => return Err(error("bad char in struct format")),
        };
        if native && !size.is_multiple_of(width) {
            size += width - size % width;
        }
        let total = width.saturating_mul(count);
        if size.saturating_add(total) > MOST {
            return Err(error("total struct size too long"));
        }
        items.push(Item { count, letter, width, at: size });
        size += total;
    }
    Ok(Layout { items, size, little })
}

/// `struct.calcsize`.
pub fn size(format: &str) -> Answer<usize> {
    layout(format).map(|layout| layout.size)
}

fn pack(vm: &mut Vm, format: &str, values: &[Value]) -> Answer<Vec<u8>> {
    let layout = layout(format)?;
    let wanted: usize = layout
        .items
        .iter()
        .map(|item| match item.letter {
            'x' => 0,
            's' | 'p' => 1,
            _ => item.count,
        })
        .sum();
    if wanted != values.len() {
        return Err(error(format!("pack expected {wanted} items for packing (got {})", values.len())));
    }
    vm.room(layout.size)?;
    let mut out = vec![0; layout.size];
    let mut values = values.iter();
    for item in &layout.items {
        match item.letter {
            'x' => {}
            's' | 'p' => {
                let value = values.next().unwrap_or(&Value::None);
                let Some(bytes) = value.to_bytes() else {
                    return Err(error(format!("argument for '{}' must be a bytes object", item.letter)));
                };
                if item.letter == 's' {
                    let count = bytes.len().min(item.count);
                    out[item.at..item.at + count].copy_from_slice(&bytes[..count]);
                } else if item.count > 0 {
                    let count = bytes.len().min(item.count - 1).min(255);
                    out[item.at] = count as u8;
                    out[item.at + 1..item.at + 1 + count].copy_from_slice(&bytes[..count]);
                }
            }
            _ => {
                for index in 0..item.count {
                    let value = values.next().unwrap_or(&Value::None);
                    let mut bytes = one(item, layout.little, value)?;
                    if !layout.little {
                        bytes.reverse();
                    }
                    let at = item.at + index * item.width;
                    out[at..at + item.width].copy_from_slice(&bytes);
                }
            }
        }
    }
    Ok(out)
}

/// A value in little-endian order.
fn one(item: &Item, little: bool, value: &Value) -> Answer<Vec<u8>> {
    let letter = item.letter;
    match letter {
        'c' => match value.to_bytes().as_deref() {
            Some([byte]) => Ok(vec![*byte]),
            _ => Err(error("char format requires a bytes object of length 1")),
        },
        '?' => Ok(vec![u8::from(value.truth())]),
        'f' | 'd' | 'e' => {
            let float = match to_float(value) {
                Some(answer) => answer?,
                None => return Err(error("required argument is not a float")),
            };
            match letter {
                'd' => Ok(float.to_le_bytes().to_vec()),
                'f' => {
                    let short = float as f32;
                    if short.is_infinite() && float.is_finite() {
                        return Err(raise(Type::OverflowError, "float too large to pack with f format"));
                    }
                    Ok(short.to_le_bytes().to_vec())
                }
                _ => Ok(half(float)?.to_le_bytes().to_vec()),
            }
        }
        _ => {
            let Some(integer) = Integer::of(value) else { return Err(error("required argument is not an integer")) };
            let integer = integer.big();
            let signed = letter.is_ascii_lowercase();
            let bits = item.width * 8;
            let one = BigInt::from(1);
            let (low, high) = if signed {
                (-(one.clone() << (bits - 1)), (one << (bits - 1)) - 1)
            } else {
                (BigInt::from(0), (one << bits) - 1)
            };
            if integer < low || integer > high {
                return Err(range_error(item, little, &integer, &low, &high));
            }
            let word = integer.to_i128().unwrap_or(0);
            Ok(word.to_le_bytes()[..item.width].to_vec())
        }
    }
}

/// CPython packs with different functions by type and byte order, and each has its own complaint.
fn range_error(item: &Item, little: bool, value: &BigInt, low: &BigInt, high: &BigInt) -> Stop {
    let letter = item.letter;
    let short = matches!(letter, 'b' | 'B') || matches!(letter, 'h' | 'H') && little;
    let fits = if letter.is_ascii_lowercase() || short { value.to_i64().is_some() } else { value.to_u64().is_some() };
    match letter {
        'q' | 'Q' | 'n' | 'N' | 'P' if !little => error("int too large to convert"),
        'q' | 'Q' | 'n' | 'N' | 'P' => error("argument out of range"),
        _ if !fits => error("argument out of range"),
        'b' => error("byte format requires -128 <= number <= 127"),
        'B' => error("ubyte format requires 0 <= number <= 255"),
        'h' if little => error("short format requires -32768 <= number <= 32767"),
        'H' if little => error("ushort format requires 0 <= number <= 65535"),
        _ => error(format!("'{letter}' format requires {low} <= number <= {high}")),
    }
}

/// IEEE 754 half precision, rounded to even.
fn half(value: f64) -> Answer<u16> {
    let sign = if value.is_sign_negative() { 0x8000u16 } else { 0 };
    if value.is_nan() {
        return Ok(sign | 0x7e00);
    }
    if value.is_infinite() {
        return Ok(sign | 0x7c00);
    }
    let magnitude = value.abs();
    // Below the smallest normal number steps are 2^-24, above they grow with the exponent.
    let exponent = if magnitude < 2f64.powi(-14) { -14 } else { magnitude.log2().floor() as i32 };
    let steps = (magnitude / 2f64.powi(exponent - 10)).round_ties_even() as u32;
    let bits = if exponent == -14 && steps < 1024 {
        steps
    } else {
        ((exponent + 15) as u32) * 1024 + steps.saturating_sub(1024)
    };
    if bits >= 0x7c00 {
        return Err(raise(Type::OverflowError, "float too large to pack with e format"));
    }
    Ok(sign | bits as u16)
}

fn from_half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    }
}

fn buffer(value: &Value) -> Answer<bytes::Bytes> {
    value.to_bytes().ok_or_else(|| type_error(format!("a bytes-like object is required, not '{}'", value.type_name())))
}

fn unpack_exact(_: &mut Vm, format: &str, value: &Value) -> Answer {
    let layout = layout(format)?;
    let bytes = buffer(value)?;
    if bytes.len() != layout.size {
        return Err(error(format!("unpack requires a buffer of {} bytes", layout.size)));
    }
    Ok(Value::tuple(unpack(&layout, &bytes)))
}

fn unpack_from(_: &mut Vm, format: &str, value: &Value, offset: Option<&Value>) -> Answer {
    let layout = layout(format)?;
    let bytes = buffer(value)?;
    let given = offset.map_or(Ok(0), crate::program::vm::index::integer)?;
    let offset = if given < 0 { given + bytes.len() as i64 } else { given };
    let offset = usize::try_from(offset)
        .map_err(|_| error(format!("offset {given} out of range for {}-byte buffer", bytes.len())))?;
    match bytes.get(offset..offset.saturating_add(layout.size)) {
        Some(part) => Ok(Value::tuple(unpack(&layout, part))),
        None => Err(error(format!(
            "unpack_from requires a buffer of at least {} bytes for unpacking {} bytes at offset {offset} \
             (actual buffer size is {})",
            offset + layout.size,
            layout.size,
            bytes.len()
        ))),
    }
}

fn iter_unpack(_: &mut Vm, format: &str, value: &Value) -> Answer {
    let layout = layout(format)?;
    let bytes = buffer(value)?;
    if layout.size == 0 {
        return Err(error("cannot iteratively unpack with a struct of length 0"));
    }
    if bytes.len() % layout.size != 0 {
        return Err(error(format!("iterative unpacking requires a buffer of a multiple of {} bytes", layout.size)));
    }
    let rows: Vec<Value> = bytes.chunks(layout.size).map(|part| Value::tuple(unpack(&layout, part))).collect();
    let list = Value::list(rows);
    match crate::program::value::iterator::Iterator::over(&list) {
        Some(iterator) => Ok(Value::Iterator(iterator)),
        None => Ok(list),
    }
}

fn unpack(layout: &Layout, bytes: &[u8]) -> Vec<Value> {
    let mut values = Vec::new();
    for item in &layout.items {
        match item.letter {
            'x' => {}
            's' => values.push(Value::bytes(bytes[item.at..item.at + item.count].to_vec())),
            'p' => {
                let length = if item.count == 0 { 0 } else { usize::from(bytes[item.at]).min(item.count - 1) };
                let from = (item.at + 1).min(bytes.len());
                values.push(Value::bytes(bytes[from..from + length].to_vec()));
            }
            _ => {
                for index in 0..item.count {
                    let at = item.at + index * item.width;
                    let mut raw = bytes[at..at + item.width].to_vec();
                    if !layout.little {
                        raw.reverse();
                    }
                    values.push(value_of(item.letter, &raw));
                }
            }
        }
    }
    values
}

fn value_of(letter: char, raw: &[u8]) -> Value {
    let mut wide = [0u8; 16];
    wide[..raw.len()].copy_from_slice(raw);
    let unsigned = u128::from_le_bytes(wide);
    match letter {
        'c' => Value::bytes(raw.to_vec()),
        '?' => Value::Bool(unsigned != 0),
        'd' => Value::Float(f64::from_bits(unsigned as u64)),
        'f' => Value::Float(f32::from_bits(unsigned as u32).into()),
        'e' => Value::Float(from_half(unsigned as u16)),
        letter if letter.is_ascii_lowercase() => {
            let shift = 128 - raw.len() * 8;
            Value::big(BigInt::from((unsigned as i128) << shift >> shift))
        }
        _ => Value::big(BigInt::from(unsigned)),
    }
}

fn pack_into(vm: &mut Vm, format: &str, values: &[Value]) -> Answer {
    let [buffer, offset, rest @ ..] = values else {
        return Err(error("pack_into expected buffer argument"));
    };
    let packed = pack(vm, format, rest)?;
    let Value::ByteArray(array) = buffer else {
        return Err(type_error(format!("argument must be read-write bytes-like object, not {}", buffer.type_name())));
    };
    let mut bytes = array.bytes.borrow_mut();
    let given = crate::program::vm::index::integer(offset)?;
    let offset = if given < 0 { given + bytes.len() as i64 } else { given };
    let place = usize::try_from(offset).ok().and_then(|at| Some((at, at.checked_add(packed.len())?)));
    match place {
        Some((from, to)) if to <= bytes.len() => {
            bytes[from..to].copy_from_slice(&packed);
            Ok(Value::None)
        }
        _ => Err(error(format!(
            "pack_into requires a buffer of at least {} bytes for packing {} bytes at offset {given} \
             (actual buffer size is {})",
            offset.max(0) as usize + packed.len(),
            packed.len(),
            bytes.len()
        ))),
    }
}
