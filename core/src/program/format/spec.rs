//! `format(value, spec)`: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.

use crate::program::methods::characters::decimal;
use crate::program::value::number::{Integer, float_repr, to_float};
use crate::program::value::repr::str_of;
use crate::program::value::{Value, number};
use crate::program::vm::{Answer, Vm, overflow_error, type_error, value_error};
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

/// A specification, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    /// What fills the field.
    pub fill: Option<char>,
    /// `<`, `>`, `^` or `=`.
    pub align: Option<char>,
    /// `+`, `-` or a space.
    pub sign: Option<char>,
    /// `z`: a negative zero loses its sign.
    pub coerce: bool,
    /// `#`.
    pub alternate: bool,
    /// `0` before the width.
    pub zero: bool,
    /// The least width.
    pub width: usize,
    /// `,` or `_`.
    pub grouping: Option<char>,
    /// After the point.
    pub precision: Option<usize>,
    /// The type letter.
    pub kind: Option<char>,
}

impl Spec {
    /// Reads a specification for a value of this type.
    pub fn parse(text: &str, type_name: &str) -> Answer<Spec> {
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        let mut spec = Spec::default();
        let is_align = |c: Option<&char>| matches!(c, Some('<' | '>' | '^' | '='));
        if is_align(chars.get(1)) {
            spec.fill = Some(chars[0]);
            spec.align = Some(chars[1]);
            at = 2;
        } else if is_align(chars.first()) {
            spec.align = Some(chars[0]);
            at = 1;
        }
        if let Some(sign @ ('+' | '-' | ' ')) = chars.get(at) {
            spec.sign = Some(*sign);
            at += 1;
        }
        if chars.get(at) == Some(&'z') {
            spec.coerce = true;
            at += 1;
        }
        if chars.get(at) == Some(&'#') {
            spec.alternate = true;
            at += 1;
        }
        if chars.get(at) == Some(&'0') {
            spec.zero = true;
            at += 1;
        }
        spec.width = digits(&chars, &mut at)?.unwrap_or(0);
        if let Some(grouping @ (',' | '_')) = chars.get(at) {
            spec.grouping = Some(*grouping);
            at += 1;
            if let Some(second @ (',' | '_')) = chars.get(at) {
                return Err(value_error(if second == grouping {
                    format!("Cannot specify '{grouping}' with '{second}'.")
                } else {
                    "Cannot specify both ',' and '_'.".to_string()
                }));
            }
        }
        if chars.get(at) == Some(&'.') {
            at += 1;
            match digits(&chars, &mut at)? {
                Some(precision) => spec.precision = Some(precision),
                None => return Err(value_error("Format specifier missing precision")),
            }
        }
        if let Some(kind) = chars.get(at) {
            spec.kind = Some(*kind);
            at += 1;
        }
        if at < chars.len() {
            return Err(value_error(format!("Invalid format specifier '{text}' for object of type '{type_name}'")));
        }
        Ok(spec)
    }

    /// Puts a body in its field.
    pub fn pad(&self, prefix: &str, body: &str, default: char) -> String {
        let length = prefix.chars().count() + body.chars().count();
        let missing = self.width.saturating_sub(length);
        let fill = self.fill.unwrap_or(if self.zero && self.fill.is_none() { '0' } else { ' ' });
        let align = self.align.unwrap_or(if self.zero { '=' } else { default });
        let many = |count: usize| fill.to_string().repeat(count);
        match align {
            '<' => format!("{prefix}{body}{}", many(missing)),
            '^' => format!("{}{prefix}{body}{}", many(missing / 2), many(missing - missing / 2)),
            '=' => format!("{prefix}{}{body}", many(missing)),
            _ => format!("{}{prefix}{body}", many(missing)),
        }
    }
}

fn digits(chars: &[char], at: &mut usize) -> Answer<Option<usize>> {
    let mut value: Option<usize> = None;
    while let Some(digit) = chars.get(*at).and_then(|c| decimal(*c)) {
        let next = value.unwrap_or(0).checked_mul(10).and_then(|value| value.checked_add(digit as usize));
        value = Some(
            next.filter(|value| *value <= i32::MAX as usize)
                .ok_or_else(|| value_error("Too many decimal digits in format string"))?,
        );
        *at += 1;
    }
    Ok(value)
}

/// `format(value, spec)`.
pub fn format(vm: &mut Vm, value: &Value, spec: &str) -> Answer<String> {
    if spec.is_empty() {
        return str_of(value);
    }
    match value {
        Value::Str(text) => {
            let spec = Spec::parse(spec, "str")?;
            room(vm, &spec)?;
            string(&spec, text.as_str())
        }
        Value::Bool(flag) => {
            let parsed = Spec::parse(spec, "bool")?;
            room(vm, &parsed)?;
            match parsed.kind {
                None => Ok(parsed.pad("", if *flag { "True" } else { "False" }, '<')),
                _ => integer(&parsed, &BigInt::from(*flag as i64), "bool"),
            }
        }
        Value::Float(float) => {
            let spec = Spec::parse(spec, "float")?;
            room(vm, &spec)?;
            floating(&spec, *float, "float")
        }
        other => match Integer::of(other) {
            Some(number) => {
                let spec = Spec::parse(spec, "int")?;
                room(vm, &spec)?;
                integer(&spec, &number.big(), "int")
            }
            None => Err(type_error(format!("unsupported format string passed to {}.__format__", other.type_name()))),
        },
    }
}

fn room(vm: &Vm, spec: &Spec) -> Answer<()> {
    vm.room(spec.width.saturating_mul(4).saturating_add(spec.precision.unwrap_or(0)))
}

fn unknown(kind: char, type_name: &str) -> crate::program::vm::Stop {
    value_error(format!("Unknown format code '{kind}' for object of type '{type_name}'"))
}

fn string(spec: &Spec, text: &str) -> Answer<String> {
    match spec.kind {
        None | Some('s') => {}
        Some(kind) => return Err(unknown(kind, "str")),
    }
    if spec.sign.is_some() {
        return Err(value_error("Sign not allowed in string format specifier"));
    }
    if spec.alternate {
        return Err(value_error("Alternate form (#) not allowed in string format specifier"));
    }
    if spec.align == Some('=') {
        return Err(value_error("'=' alignment not allowed in string format specifier"));
    }
    if let Some(grouping) = spec.grouping {
        return Err(value_error(format!("Cannot specify '{grouping}' with 's'.")));
    }
    let cut: String = match spec.precision {
        Some(most) => text.chars().take(most).collect(),
        None => text.to_string(),
    };
    let mut spec = spec.clone();
    // Zeros fill a text from the right, as it is aligned left.
    if spec.zero && spec.align.is_none() {
        spec.align = Some('<');
        spec.fill = spec.fill.or(Some('0'));
    }
    Ok(spec.pad("", &cut, '<'))
}

fn integer(spec: &Spec, value: &BigInt, type_name: &str) -> Answer<String> {
    let kind = spec.kind.unwrap_or('d');
    if matches!(kind, 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') {
        let float = value.to_f64().filter(|value| value.is_finite());
        let float = float.ok_or_else(|| overflow_error("int too large to convert to float"))?;
        return floating(spec, float, type_name);
    }
    if spec.coerce {
        return Err(value_error("Negative zero coercion (z) not allowed in integer format specifier"));
    }
    if spec.precision.is_some() {
        return Err(value_error("Precision not allowed in integer format specifier"));
    }
    let magnitude = value.abs();
    let (mut body, prefix) = match kind {
        'd' | 'n' => (magnitude.to_string(), ""),
        'x' => (magnitude.to_str_radix(16), "0x"),
        'X' => (magnitude.to_str_radix(16).to_uppercase(), "0X"),
        'o' => (magnitude.to_str_radix(8), "0o"),
        'b' => (magnitude.to_str_radix(2), "0b"),
        'c' => {
            if spec.sign.is_some() {
                return Err(value_error("Sign not allowed with integer format specifier 'c'"));
            }
            let code = value.to_u32().filter(|code| *code < 0x11_0000);
            let code = code.ok_or_else(|| overflow_error("%c arg not in range(0x110000)"))?;
            let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            return Ok(spec.pad("", &c.to_string(), '<'));
        }
        other => return Err(unknown(other, type_name)),
    };
    if let Some(grouping) = spec.grouping {
        if grouping == ',' && kind != 'd' {
            return Err(value_error(format!("Cannot specify ',' with '{kind}'.")));
        }
        let size = if kind == 'd' { 3 } else { 4 };
        body = grouped(&body, grouping, size, zero_width(spec, value.is_negative(), prefix));
    }
    let sign = sign_of(spec, value.is_negative());
    let prefix = if spec.alternate { format!("{sign}{prefix}") } else { sign.to_string() };
    Ok(spec.pad(&prefix, &body, '>'))
}

/// How wide the digits must become where zeros fill the field, so that those are grouped too.
fn zero_width(spec: &Spec, negative: bool, prefix: &str) -> usize {
    let fills = spec.zero && spec.align.is_none() || spec.fill == Some('0') && spec.align == Some('=');
    if !fills {
        return 0;
    }
    let taken = sign_of(spec, negative).len() + if spec.alternate { prefix.len() } else { 0 };
    spec.width.saturating_sub(taken)
}

fn sign_of(spec: &Spec, negative: bool) -> &'static str {
    match (negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    }
}

fn grouped(digits: &str, separator: char, size: usize, width: usize) -> String {
    let mut digits = digits.to_string();
    // Zeros are added until digits and separators together fill the field.
    while width > 0 && digits.len() + (digits.len() - 1) / size < width {
        digits.insert(0, '0');
    }
    let mut out = String::new();
    for (index, c) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(size) {
            out.push(separator);
        }
        out.push(c);
    }
    out
}

fn floating(spec: &Spec, value: f64, type_name: &str) -> Answer<String> {
    let negative = value.is_sign_negative() && !value.is_nan();
    let magnitude = value.abs();
    let body = match spec.kind {
        Some(kind @ ('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n')) => {
            fixed(magnitude, kind, spec.precision.unwrap_or(6), spec.alternate)
        }
        Some('%') => fixed(magnitude * 100.0, 'f', spec.precision.unwrap_or(6), spec.alternate) + "%",
        None => match spec.precision {
            None => float_repr(magnitude),
            Some(precision) => {
                // Like `g`, but with a digit after the point at least.
                let short = fixed(magnitude, 'r', precision, spec.alternate);
                if short.bytes().all(|b| b.is_ascii_digit()) { short + ".0" } else { short }
            }
        },
        Some(kind) => return Err(unknown(kind, type_name)),
    };
    let zero = !body.bytes().any(|byte| matches!(byte, b'1'..=b'9')) && value.is_finite();
    let negative = negative && !(spec.coerce && zero);
    let body = match spec.grouping {
        Some(grouping) => {
            let end = body.find(|c: char| !c.is_ascii_digit()).unwrap_or(body.len());
            let (whole, rest) = body.split_at(end);
            let width = zero_width(spec, negative, "").saturating_sub(rest.len());
            if whole.is_empty() { body.clone() } else { grouped(whole, grouping, 3, width) + rest }
        }
        None => body,
    };
    Ok(spec.pad(sign_of(spec, negative), &body, '>'))
}

/// A float that is not negative, as C's `printf` writes it. `r` is `g` as `format` without a type uses it.
pub fn fixed(value: f64, kind: char, precision: usize, alternate: bool) -> String {
    let upper = kind.is_uppercase();
    if !value.is_finite() {
        let text = if value.is_nan() { "nan" } else { "inf" };
        return if upper { text.to_uppercase() } else { text.to_string() };
    }
    match kind.to_ascii_lowercase() {
        'f' => {
            let text = format!("{value:.precision$}");
            if alternate && precision == 0 { text + "." } else { text }
        }
        'e' => {
            let text = scientific(value, precision, alternate);
            if upper { text.to_uppercase() } else { text }
        }
        general => {
            let digits = precision.max(1);
            let rounded = format!("{value:.*e}", digits - 1);
            let exponent: i64 = rounded.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
            let most = if general == 'r' { digits as i64 - 1 } else { digits as i64 };
            let text = if exponent < -4 || exponent >= most.max(1) && !(general == 'r' && exponent < digits as i64 - 1)
            {
                scientific(value, digits - 1, alternate)
            } else {
                format!("{value:.*}", (digits as i64 - 1 - exponent).max(0) as usize)
            };
            let text = if alternate { text } else { without_zeros(&text) };
            if upper { text.to_uppercase() } else { text }
        }
    }
}

fn scientific(value: f64, precision: usize, alternate: bool) -> String {
    let text = format!("{value:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let point = if alternate && precision == 0 { "." } else { "" };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}{point}e{sign}{:02}", exponent.abs())
}

fn without_zeros(text: &str) -> String {
    let (digits, exponent) = match text.find('e') {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    if !digits.contains('.') {
        return text.to_string();
    }
    let trimmed = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{trimmed}{exponent}")
}

/// A value as a float, for `%f`.
pub fn as_float(value: &Value) -> Answer<f64> {
    match to_float(value) {
        Some(answer) => answer,
        None => Err(type_error(format!("must be real number, not {}", value.type_name()))),
    }
}

/// A value as an integer, for `%d`: floats lose their fraction.
pub fn as_integer(value: &Value) -> Option<BigInt> {
    match value {
        Value::Float(float) if float.is_finite() => match number::from_float(float.trunc()) {
            Value::Int(small) => Some(small.into()),
            Value::Big(big) => Some((*big).clone()),
            _ => None,
        },
        other => Integer::of(other).map(Integer::big),
    }
}
