//! Methods of `int` and `float`.

use crate::program::builtins::{Args, Native};
use crate::program::value::Value;
use crate::program::value::number::Integer;
use crate::program::value::types::Type;
use crate::program::vm::index::integer;
use crate::program::vm::{Answer, Stop, Vm, raise, type_error, value_error};
use num_bigint::{BigInt, Sign};
use num_traits::Signed;

/// Methods of `int`.
pub static INT_METHODS: &[Native] = &[
    Native::new("bit_length", 0, 0, |_, args| Ok(Value::Int(big(args.this)?.bits() as i64))).of("int"),
    Native::new("bit_count", 0, 0, |_, args| {
        let ones: u32 = big(args.this)?.magnitude().to_u64_digits().iter().map(|digit| digit.count_ones()).sum();
        Ok(Value::Int(ones.into()))
    })
    .of("int"),
    Native::free("to_bytes", to_bytes).of("int"),
    Native::new("conjugate", 0, 0, |_, args| Ok(args.this.clone())).of("int"),
    Native::new("as_integer_ratio", 0, 0, |_, args| Ok(Value::tuple(vec![args.this.clone(), Value::Int(1)]))).of("int"),
];

/// What `int` itself has.
pub static TYPE_METHODS: &[Native] = &[Native::free("from_bytes", from_bytes)];

/// Methods of `float`.
pub static FLOAT_METHODS: &[Native] = &[
    Native::new("is_integer", 0, 0, |_, args| {
        Ok(Value::Bool(matches!(args.this, Value::Float(value) if value.fract() == 0.0)))
    })
    .of("float"),
    Native::new("hex", 0, 0, |_, args| Ok(Value::str(hex(args.this)))).of("float"),
];

/// What `float` itself has.
pub static FLOAT_TYPE_METHODS: &[Native] = &[];

fn big(value: &Value) -> Answer<BigInt> {
    Integer::of(value)
        .map(Integer::big)
        .ok_or_else(|| type_error(format!("'{}' object cannot be interpreted as an integer", value.type_name())))
}

fn order(args: Args, index: usize) -> Answer<bool> {
    match args.get(index).or(args.named("byteorder")) {
        None => Ok(false),
        Some(Value::Str(text)) if text.as_str() == "little" => Ok(true),
        Some(Value::Str(text)) if text.as_str() == "big" => Ok(false),
        Some(Value::Str(_)) => Err(value_error("byteorder must be either 'little' or 'big'")),
        Some(other) => Err(type_error(format!("byteorder must be str, not {}", other.type_name()))),
    }
}

fn to_bytes(vm: &mut Vm, args: Args) -> Answer {
    let length = args.get(0).or(args.named("length")).map_or(Ok(1), integer)?;
    let little = order(args, 1)?;
    let signed = args.named("signed").is_some_and(Value::truth);
    let length = usize::try_from(length).map_err(|_| value_error("length argument must be non-negative"))?;
    vm.room(length)?;
    let value = big(args.this)?;
    let negative = value.is_negative();
    if negative && !signed {
        return Err(overflow("can't convert negative int to unsigned"));
    }
    let mut bytes = if signed { value.to_signed_bytes_le() } else { value.magnitude().to_bytes_le() };
    let fill = if negative { 0xff } else { 0 };
    while bytes.len() > length && bytes.last() == Some(&fill) {
        // A sign byte may only go if the sign stays.
        let next_high = bytes.get(bytes.len().wrapping_sub(2)).map(|byte| byte & 0x80 != 0);
        if signed && bytes.len() > 1 && next_high != Some(negative) {
            break;
        }
        bytes.pop();
    }
    if bytes.len() > length {
        return Err(overflow("int too big to convert"));
    }
    bytes.resize(length, fill);
    if !little {
        bytes.reverse();
    }
    Ok(Value::bytes(bytes))
}

fn overflow(message: &str) -> Stop {
    raise(Type::OverflowError, message)
}

fn from_bytes(vm: &mut Vm, args: Args) -> Answer {
    let Some(source) = args.get(0).or(args.named("bytes")) else {
        return Err(type_error("from_bytes() missing required argument 'bytes' (pos 1)"));
    };
    let bytes = match source.to_bytes() {
        Some(bytes) => bytes.to_vec(),
        None if source.as_str().is_some() => {
            return Err(type_error("cannot convert 'str' object to bytes"));
        }
        None => match vm.elements(source) {
            Ok(items) => crate::program::vm::index::byte_values(&items)?,
            Err(Stop::Raise(_)) => {
                return Err(type_error(format!("cannot convert '{}' object to bytes", source.type_name())));
            }
            Err(stop) => return Err(stop),
        },
    };
    let little = order(args, 1)?;
    let signed = args.named("signed").is_some_and(Value::truth);
    let value = match (little, signed) {
        (true, true) => BigInt::from_signed_bytes_le(&bytes),
        (false, true) => BigInt::from_signed_bytes_be(&bytes),
        (true, false) => BigInt::from_bytes_le(Sign::Plus, &bytes),
        (false, false) => BigInt::from_bytes_be(Sign::Plus, &bytes),
    };
    Ok(Value::big(value))
}

fn hex(value: &Value) -> String {
    let Value::Float(float) = value else { return String::new() };
    if !float.is_finite() {
        return crate::program::value::number::float_repr(*float);
    }
    let bits = float.to_bits();
    let (exponent, fraction) = ((bits >> 52 & 0x7ff) as i64, bits & ((1 << 52) - 1));
    let sign = if float.is_sign_negative() { "-" } else { "" };
    if exponent == 0 && fraction == 0 {
        return format!("{sign}0x0.0p+0");
    }
    let (lead, exponent) = if exponent == 0 { (0, -1022) } else { (1, exponent - 1023) };
    format!("{sign}0x{lead}.{fraction:013x}p{exponent:+}")
}
