//! Numbers: 64-bit integers while they last, big ones after that, floats. Python's division, power and rounding.

use super::Value;
use crate::program::code::{Binary, Unary};
use crate::program::value::types::Type;
use crate::program::vm::{Answer, Stop, overflow_error, raise, type_error, value_error};
use num_bigint::BigInt;
use num_traits::{FromPrimitive, Signed, ToPrimitive, Zero};
use std::cmp::Ordering;

/// The most bits an integer may have. A program of this course needs no more, and each doubling costs twice the time.
pub const MOST_BITS: u64 = 1 << 20;

/// An integer of any size.
pub enum Integer {
    /// Fits a machine word.
    Small(i64),
    /// Does not.
    Big(BigInt),
}

/// A number.
enum Number {
    Small(i64),
    Big(BigInt),
    Float(f64),
}

impl Integer {
    /// The integer a value is.
    pub fn of(value: &Value) -> Option<Integer> {
        match value {
            Value::Big(big) => Some(Integer::Big((**big).clone())),
            other => other.as_int().map(Integer::Small),
        }
    }

    /// As a big one.
    pub fn big(self) -> BigInt {
        match self {
            Integer::Small(small) => small.into(),
            Integer::Big(big) => big,
        }
    }
}

impl Number {
    fn of(value: &Value) -> Option<Number> {
        match value {
            Value::Float(float) => Some(Number::Float(*float)),
            other => Some(match Integer::of(other)? {
                Integer::Small(small) => Number::Small(small),
                Integer::Big(big) => Number::Big(big),
            }),
        }
    }

    fn float(&self) -> Answer<f64> {
        match self {
            Number::Small(small) => Ok(*small as f64),
            Number::Float(float) => Ok(*float),
            Number::Big(big) => match big.to_f64() {
                Some(float) if float.is_finite() => Ok(float),
                _ => Err(overflow_error("int too large to convert to float")),
            },
        }
    }

    fn big(self) -> BigInt {
        match self {
            Number::Small(small) => small.into(),
            Number::Big(big) => big,
            Number::Float(_) => BigInt::zero(),
        }
    }
}

/// The integer nearest to a float that has no fraction.
pub fn from_float(value: f64) -> Value {
    if value.abs() < 9.0e18 {
        return Value::Int(value as i64);
    }
    BigInt::from_f64(value).map_or(Value::Int(0), Value::big)
}

/// How two numbers compare; `None` if one of them is no number, `Some(None)` if one is not a number in the other sense.
pub fn compare(a: &Value, b: &Value) -> Option<Option<Ordering>> {
    let (a, b) = (Number::of(a)?, Number::of(b)?);
    Some(match (a, b) {
        (Number::Small(a), Number::Small(b)) => Some(a.cmp(&b)),
        (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
        (Number::Float(a), b) => compare_float(a, b).map(Ordering::reverse),
        (a, Number::Float(b)) => compare_float(b, a),
        (a, b) => Some(a.big().cmp(&b.big())),
    })
}

/// How an integer compares to a float, exactly.
fn compare_float(float: f64, integer: Number) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float.is_infinite() {
        return Some(if float > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let whole = BigInt::from_f64(float.trunc())?;
    let order = integer.big().cmp(&whole);
    Some(match order {
        Ordering::Equal => 0.0_f64.partial_cmp(&float.fract())?,
        other => other,
    })
}

fn zero_division(message: &str) -> Stop {
    raise(Type::ZeroDivisionError, message)
}

/// An operator on two numbers; `None` if one of them is no number or the operator is not for them.
pub fn binary(operator: Binary, a: &Value, b: &Value) -> Option<Answer> {
    // Booleans keep their type under the bit operators.
    if let (Value::Bool(a), Value::Bool(b)) = (a, b) {
        match operator {
            Binary::And => return Some(Ok(Value::Bool(a & b))),
            Binary::Or => return Some(Ok(Value::Bool(a | b))),
            Binary::Xor => return Some(Ok(Value::Bool(a ^ b))),
            _ => {}
        }
    }
    let (a, b) = (Number::of(a)?, Number::of(b)?);
    let floats = matches!(a, Number::Float(_)) || matches!(b, Number::Float(_));
    if floats {
        return match (a.float(), b.float()) {
            (Ok(a), Ok(b)) => float_binary(operator, a, b),
            (Err(stop), _) | (_, Err(stop)) => Some(Err(stop)),
        };
    }
    if let (Number::Small(x), Number::Small(y)) = (&a, &b)
        && let Some(answer) = small_binary(operator, *x, *y)
    {
        return Some(answer);
    }
    big_binary(operator, a.big(), b.big())
}

fn small_binary(operator: Binary, a: i64, b: i64) -> Option<Answer> {
    let result = match operator {
        Binary::Add => a.checked_add(b)?,
        Binary::Subtract => a.checked_sub(b)?,
        Binary::Multiply => a.checked_mul(b)?,
        Binary::Divide => {
            if b == 0 {
                return Some(Err(zero_division("division by zero")));
            }
            // Both exact in a float: one correctly rounded division. Others go the long way.
            if a.unsigned_abs() < 1 << 53 && b.unsigned_abs() < 1 << 53 {
                return Some(Ok(Value::Float(a as f64 / b as f64)));
            }
            return None;
        }
        Binary::FloorDivide => {
            if b == 0 {
                return Some(Err(zero_division("integer division or modulo by zero")));
            }
            let quotient = a.checked_div(b)?;
            if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
        }
        Binary::Modulo => {
            if b == 0 {
                return Some(Err(zero_division("integer modulo by zero")));
            }
            let rest = a.checked_rem(b)?;
            if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
        }
        Binary::Power if b >= 0 => a.checked_pow(u32::try_from(b).ok()?)?,
        Binary::LeftShift if (0..63).contains(&b) => {
            let shifted = a << b;
            if shifted >> b != a {
                return None;
            }
            shifted
        }
        Binary::RightShift if b >= 0 => a >> b.min(63),
        Binary::And => a & b,
        Binary::Or => a | b,
        Binary::Xor => a ^ b,
        _ => return None,
    };
    Some(Ok(Value::Int(result)))
}

fn too_large() -> Stop {
    raise(Type::OverflowError, "integer result too large for this machine")
}

fn big_binary(operator: Binary, a: BigInt, b: BigInt) -> Option<Answer> {
    Some(match operator {
        Binary::Add => Ok(Value::big(a + b)),
        Binary::Subtract => Ok(Value::big(a - b)),
        Binary::Multiply if a.bits() + b.bits() > MOST_BITS => Err(too_large()),
        Binary::Multiply => Ok(Value::big(a * b)),
        Binary::Divide => divide(&a, &b),
        Binary::FloorDivide if b.is_zero() => Err(zero_division("integer division or modulo by zero")),
        Binary::FloorDivide => Ok(Value::big(divide_floor(&a, &b).0)),
        Binary::Modulo if b.is_zero() => Err(zero_division("integer modulo by zero")),
        Binary::Modulo => Ok(Value::big(divide_floor(&a, &b).1)),
        Binary::Power => power(&a, &b),
        Binary::LeftShift | Binary::RightShift if b.is_negative() => Err(value_error("negative shift count")),
        Binary::LeftShift if a.is_zero() => Ok(Value::Int(0)),
        Binary::LeftShift => match b.to_u64() {
            Some(count) if count + a.bits() <= MOST_BITS => Ok(Value::big(a << count)),
            _ => Err(too_large()),
        },
        Binary::RightShift => Ok(match b.to_u64() {
            Some(count) => Value::big(a >> count),
            None => Value::Int(if a.is_negative() { -1 } else { 0 }),
        }),
        Binary::And => Ok(Value::big(a & b)),
        Binary::Or => Ok(Value::big(a | b)),
        Binary::Xor => Ok(Value::big(a ^ b)),
        Binary::MatrixMultiply => return None,
    })
}

/// Quotient and rest, rounded toward minus infinity.
pub fn divide_floor(a: &BigInt, b: &BigInt) -> (BigInt, BigInt) {
    let (quotient, rest) = (a / b, a % b);
    if !rest.is_zero() && rest.is_negative() != b.is_negative() { (quotient - 1, rest + b) } else { (quotient, rest) }
}

/// True division of integers, correctly rounded.
fn divide(a: &BigInt, b: &BigInt) -> Answer {
    if b.is_zero() {
        return Err(zero_division("division by zero"));
    }
    // Scale so that the integer quotient has at least 66 bits; its last bit stands for all that was cut off.
    let shift = 66 + b.bits() as i64 - a.bits() as i64;
    let (scaled_a, scaled_b) =
        if shift > 0 { (a << shift as u64, b.clone()) } else { (a.clone(), b << (-shift) as u64) };
    let (mut quotient, rest) = (&scaled_a / &scaled_b, &scaled_a % &scaled_b);
    if !rest.is_zero() {
        quotient = (quotient << 1u32) + if (a.is_negative()) == (b.is_negative()) { 1 } else { -1 };
    } else {
        quotient <<= 1u32;
    }
    let float = quotient.to_f64().unwrap_or(f64::INFINITY) * 2f64.powi((-shift - 1).clamp(-2000, 2000) as i32);
    if float.is_finite() {
        Ok(Value::Float(float))
    } else {
        Err(overflow_error("integer division result too large for a float"))
    }
}

fn power(a: &BigInt, b: &BigInt) -> Answer {
    if b.is_negative() {
        let (Some(base), Some(exponent)) = (a.to_f64(), b.to_f64()) else { return Ok(Value::Float(0.0)) };
        if base == 0.0 {
            return Err(zero_division("0.0 cannot be raised to a negative power"));
        }
        return Ok(Value::Float(base.powf(exponent)));
    }
    if a.bits() <= 1 {
        let odd = b.bit(0);
        return Ok(match a.to_i64() {
            Some(-1) if odd => Value::Int(-1),
            Some(0) if !b.is_zero() => Value::Int(0),
            _ => Value::Int(1),
        });
    }
    match b.to_u32() {
        Some(exponent) if u64::from(exponent) * a.bits() <= MOST_BITS => Ok(Value::big(a.pow(exponent))),
        _ => Err(too_large()),
    }
}

fn float_binary(operator: Binary, a: f64, b: f64) -> Option<Answer> {
    let result = match operator {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide if b == 0.0 => return Some(Err(zero_division("float division by zero"))),
        Binary::Divide => a / b,
        Binary::FloorDivide if b == 0.0 => return Some(Err(zero_division("float floor division by zero"))),
        Binary::FloorDivide => float_divide(a, b).0,
        Binary::Modulo if b == 0.0 => return Some(Err(zero_division("float modulo"))),
        Binary::Modulo => float_divide(a, b).1,
        Binary::Power => {
            if a == 0.0 && b < 0.0 {
                return Some(Err(zero_division("0.0 cannot be raised to a negative power")));
            }
            let power = a.powf(b);
            if power.is_infinite() && a.is_finite() && b.is_finite() {
                let args = vec![Value::Int(34), Value::str("Numerical result out of range")];
                let exception = super::exception::Exception::new(Type::OverflowError, args);
                return Some(Err(Stop::Raise(exception)));
            }
            power
        }
        _ => return None,
    };
    Some(Ok(Value::Float(result)))
}

/// `divmod` of floats, as CPython's `float_divmod`.
pub fn float_divide(a: f64, b: f64) -> (f64, f64) {
    let mut rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest != 0.0 {
        if (b < 0.0) != (rest < 0.0) {
            rest += b;
            quotient -= 1.0;
        }
    } else {
        rest = 0.0_f64.copysign(b);
    }
    let floor = if quotient != 0.0 {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    } else {
        0.0_f64.copysign(a / b)
    };
    (floor, rest)
}

/// An operator on one number.
pub fn unary(operator: Unary, a: &Value) -> Answer {
    let bad = |symbol: &str| Err(type_error(format!("bad operand type for unary {symbol}: '{}'", a.type_name())));
    match (operator, Number::of(a)) {
        (Unary::Not, _) => Ok(Value::Bool(!a.truth())),
        (Unary::Negative, Some(Number::Small(value))) => Ok(match value.checked_neg() {
            Some(value) => Value::Int(value),
            None => Value::big(-BigInt::from(value)),
        }),
        (Unary::Negative, Some(Number::Big(value))) => Ok(Value::big(-value)),
        (Unary::Negative, Some(Number::Float(value))) => Ok(Value::Float(-value)),
        (Unary::Positive, Some(Number::Small(value))) => Ok(Value::Int(value)),
        (Unary::Positive, Some(Number::Big(value))) => Ok(Value::big(value)),
        (Unary::Positive, Some(Number::Float(value))) => Ok(Value::Float(value)),
        (Unary::Invert, Some(Number::Small(value))) => Ok(Value::Int(!value)),
        (Unary::Invert, Some(Number::Big(value))) => Ok(Value::big(!value)),
        (Unary::Negative, _) => bad("-"),
        (Unary::Positive, _) => bad("+"),
        (Unary::Invert, _) => bad("~"),
    }
}

/// A number as a float, or `None` if it is no number.
pub fn to_float(value: &Value) -> Option<Answer<f64>> {
    Number::of(value).map(|number| number.float())
}

/// The float as Python's `repr` writes it: the shortest digits that read back the same.
pub fn float_repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.into();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// `int(text, base)`.
pub fn parse(text: &str, base: u32) -> Option<Value> {
    let trimmed = text.trim();
    let (negative, mut digits) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let mut base = base;
    let prefix = digits.get(..2).map(str::to_ascii_lowercase);
    let prefixed = match prefix.as_deref() {
        Some("0x") => Some(16),
        Some("0o") => Some(8),
        Some("0b") => Some(2),
        _ => None,
    };
    if let Some(found) = prefixed
        && (base == 0 || base == found)
    {
        base = found;
        digits = &digits[2..];
        digits = digits.strip_prefix('_').unwrap_or(digits);
    } else if base == 0 {
        if digits.len() > 1 && digits.starts_with('0') && digits.bytes().any(|b| b != b'0' && b != b'_') {
            return None;
        }
        base = 10;
    }
    if digits.is_empty() || digits.starts_with('_') || digits.ends_with('_') || digits.contains("__") {
        return None;
    }
    let mut plain = String::with_capacity(digits.len());
    for c in digits.chars().filter(|c| *c != '_') {
        // Decimal digits of every script count, as in Python.
        let digit = c.to_digit(base.min(36)).or_else(|| super::super::methods::characters::decimal(c))?;
        if digit >= base {
            return None;
        }
        plain.push(char::from_digit(digit, 36)?);
    }
    let value = match i64::from_str_radix(&plain, base) {
        Ok(small) => return Some(Value::Int(if negative { -small } else { small })),
        Err(_) => BigInt::parse_bytes(plain.as_bytes(), base)?,
    };
    Some(Value::big(if negative { -value } else { value }))
}

/// `float(text)`.
pub fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.replace('_', "");
    if text.contains('_') {
        let bytes = text.as_bytes();
        let lonely = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
            !(before && bytes.get(at + 1).is_some_and(u8::is_ascii_digit))
        };
        if memchr::memchr_iter(b'_', bytes).any(lonely) {
            return None;
        }
    }
    let lower = digits.to_ascii_lowercase();
    match lower.trim_start_matches(['+', '-']) {
        "nan" => return Some(f64::NAN),
        "inf" | "infinity" => return Some(if lower.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
        rest if rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {}
        _ => return None,
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_python_prints_them() {
        let shown: Vec<String> = [1.0, 0.1, 1e16, 1e15, 1e-5, 0.0001, 123456.789, 1.5e300].map(float_repr).into();
        assert_eq!(shown, ["1.0", "0.1", "1e+16", "1000000000000000.0", "1e-05", "0.0001", "123456.789", "1.5e+300"]);
    }

    #[test]
    fn division_rounds_down() {
        let int = |value| Value::Int(value);
        let result = |operator, a, b| binary(operator, &int(a), &int(b)).unwrap().ok().unwrap().as_int().unwrap();
        assert_eq!(result(Binary::FloorDivide, -7, 2), -4);
        assert_eq!(result(Binary::Modulo, -7, 2), 1);
        assert_eq!(result(Binary::Modulo, 7, -2), -1);
    }
}
