//! `'%s of %d' % values` and the same for bytes.

use super::ascii;
use super::spec::{Spec, as_float, as_integer, fixed};
use crate::program::value::Value;
use crate::program::value::exception::Exception;
use crate::program::value::repr::{repr, str_of};
use crate::program::value::types::Type;
use crate::program::vm::{Answer, Stop, Vm, overflow_error, type_error, value_error};
use num_traits::Signed;

/// One `%` and what belongs to it.
struct Field {
    key: Option<String>,
    left: bool,
    plus: bool,
    space: bool,
    zero: bool,
    alternate: bool,
    width: Option<usize>,
    precision: Option<usize>,
    kind: char,
}

/// The values, taken one after the other or by name.
struct Values<'a> {
    all: &'a Value,
    next: usize,
    by_name: bool,
}

impl Values<'_> {
    fn take(&mut self) -> Answer {
        let value = match self.all {
            Value::Tuple(tuple) => tuple.items.get(self.next).cloned(),
            other => (self.next == 0).then(|| other.clone()),
        };
        self.next += 1;
        value.ok_or_else(|| type_error("not enough arguments for format string"))
    }

    fn named(&mut self, key: &Value) -> Answer {
        self.by_name = true;
        match self.all {
            Value::Dict(dict) => match dict.get(key)? {
                Some(value) => Ok(value),
                None => Err(Stop::Raise(Exception::new(Type::KeyError, vec![key.clone()]))),
            },
            _ => Err(type_error("format requires a mapping")),
        }
    }

    fn finish(&self) -> Answer<()> {
        let (left, what) = match self.all {
            Value::Tuple(tuple) => (self.next < tuple.items.len(), "string"),
            Value::Dict(_) => (false, ""),
            Value::List(_) | Value::Str(_) | Value::Bytes(_) => (self.next == 0, "string"),
            _ => (self.next == 0, "string"),
        };
        if left && !self.by_name {
            return Err(type_error(format!("not all arguments converted during {what} formatting")));
        }
        Ok(())
    }
}

/// `text % values`.
pub fn text(vm: &mut Vm, format: &str, values: &Value) -> Answer<String> {
    let mut out = String::new();
    let mut values = Values { all: values, next: 0, by_name: false };
    let chars: Vec<char> = format.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        if chars[at] != '%' {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        at += 1;
        let field = field(&chars, &mut at, &mut values, false)?;
        vm.room(out.len().saturating_add(field.width.unwrap_or(0)).saturating_add(field.precision.unwrap_or(0)))?;
        if field.kind == '%' {
            out.push('%');
            continue;
        }
        let value = value_of(&field, &mut values, false)?;
        out.push_str(&match field.kind {
            's' => padded(&field, cut(&field, str_of(&value)?)),
            'r' => padded(&field, cut(&field, repr(&value)?)),
            'a' => padded(&field, cut(&field, ascii(&repr(&value)?))),
            'c' => padded(&field, character(&value)?),
            _ => number(&field, &value)?,
        });
    }
    values.finish()?;
    Ok(out)
}

/// `bytes % values`.
pub fn bytes(vm: &mut Vm, format: &[u8], values: &Value) -> Answer<Vec<u8>> {
    let mut out = Vec::new();
    let mut values = Values { all: values, next: 0, by_name: false };
    let chars: Vec<char> = format.iter().map(|byte| *byte as char).collect();
    let mut at = 0;
    while at < chars.len() {
        if chars[at] != '%' {
            out.push(chars[at] as u8);
            at += 1;
            continue;
        }
        at += 1;
        let field = field(&chars, &mut at, &mut values, true)?;
        vm.room(out.len().saturating_add(field.width.unwrap_or(0)).saturating_add(field.precision.unwrap_or(0)))?;
        if field.kind == '%' {
            out.push(b'%');
            continue;
        }
        let value = value_of(&field, &mut values, true)?;
        match field.kind {
            's' | 'b' => {
                let mut piece = match value.to_bytes() {
                    Some(bytes) => bytes.to_vec(),
                    None => {
                        let name = value.type_name();
                        let message = format!(
                            "%b requires a bytes-like object, or an object that implements __bytes__, not '{name}'"
                        );
                        return Err(type_error(message));
                    }
                };
                if let Some(most) = field.precision {
                    piece.truncate(most);
                }
                let missing = field.width.unwrap_or(0).saturating_sub(piece.len());
                if !field.left {
                    out.extend(vec![b' '; missing]);
                }
                out.extend_from_slice(&piece);
                if field.left {
                    out.extend(vec![b' '; missing]);
                }
            }
            'c' => match (value.as_int(), value.to_bytes().as_deref()) {
                (Some(byte), _) => match u8::try_from(byte) {
                    Ok(byte) => out.push(byte),
                    Err(_) => return Err(overflow_error("%c arg not in range(256)")),
                },
                (_, Some([byte])) => out.push(*byte),
                _ => return Err(type_error("%c requires an integer in range(256) or a single byte")),
            },
            'r' | 'a' => out.extend(padded(&field, cut(&field, ascii(&repr(&value)?))).into_bytes()),
            _ => out.extend(number(&field, &value)?.into_bytes()),
        }
    }
    if values.finish().is_err() {
        return Err(type_error("not all arguments converted during bytes formatting"));
    }
    Ok(out)
}

fn value_of(field: &Field, values: &mut Values, bytes: bool) -> Answer {
    match &field.key {
        Some(key) if bytes => values.named(&Value::bytes(key.clone().into_bytes())),
        Some(key) => values.named(&Value::str(key.as_str())),
        None => values.take(),
    }
}

fn field(chars: &[char], at: &mut usize, values: &mut Values, _bytes: bool) -> Answer<Field> {
    let mut field = Field {
        key: None,
        left: false,
        plus: false,
        space: false,
        zero: false,
        alternate: false,
        width: None,
        precision: None,
        kind: '%',
    };
    let incomplete = || value_error("incomplete format");
    if chars.get(*at) == Some(&'(') {
        let mut depth = 1;
        let start = *at + 1;
        while depth > 0 {
            *at += 1;
            match chars.get(*at) {
                Some('(') => depth += 1,
                Some(')') => depth -= 1,
                Some(_) => {}
                None => return Err(value_error("incomplete format key")),
            }
        }
        field.key = Some(chars[start..*at].iter().collect());
        *at += 1;
    }
    while let Some(flag) = chars.get(*at) {
        match flag {
            '-' => field.left = true,
            '+' => field.plus = true,
            ' ' => field.space = true,
            '0' => field.zero = true,
            '#' => field.alternate = true,
            _ => break,
        }
        *at += 1;
    }
    let (width, negative) = size(chars, at, values)?;
    field.width = width;
    field.left |= negative;
    if chars.get(*at) == Some(&'.') {
        *at += 1;
        field.precision = Some(size(chars, at, values)?.0.unwrap_or(0));
    }
    while matches!(chars.get(*at), Some('h' | 'l' | 'L')) {
        *at += 1;
    }
    field.kind = *chars.get(*at).ok_or_else(incomplete)?;
    *at += 1;
    if !"sradicouxXeEfFgGb%".contains(field.kind) {
        return Err(value_error(format!(
            "unsupported format character '{}' (0x{:x}) at index {}",
            field.kind,
            field.kind as u32,
            *at - 1
        )));
    }
    Ok(field)
}

/// A width or precision: digits, or `*` for one of the values.
fn size(chars: &[char], at: &mut usize, values: &mut Values) -> Answer<(Option<usize>, bool)> {
    if chars.get(*at) == Some(&'*') {
        *at += 1;
        let value = values.take()?;
        let Some(number) = value.as_int() else { return Err(type_error("* wants int")) };
        return Ok((Some(number.unsigned_abs() as usize), number < 0));
    }
    let mut number: Option<usize> = None;
    while let Some(digit) = chars.get(*at).and_then(|c| c.to_digit(10)) {
        let next = number.unwrap_or(0).saturating_mul(10).saturating_add(digit as usize);
        if next > i32::MAX as usize {
            return Err(value_error("width too big"));
        }
        number = Some(next);
        *at += 1;
    }
    Ok((number, false))
}

fn cut(field: &Field, text: String) -> String {
    match field.precision {
        Some(most) => text.chars().take(most).collect(),
        None => text,
    }
}

fn padded(field: &Field, text: String) -> String {
    let missing = field.width.unwrap_or(0).saturating_sub(text.chars().count());
    if field.left { text + &" ".repeat(missing) } else { " ".repeat(missing) + &text }
}

fn character(value: &Value) -> Answer<String> {
    match value {
        Value::Str(text) if text.chars() == 1 => Ok(text.as_str().to_string()),
        other => match other.as_int() {
            Some(code) => match u32::try_from(code).ok().and_then(char::from_u32) {
                Some(c) => Ok(c.to_string()),
                None => Err(overflow_error("%c arg not in range(0x110000)")),
            },
            None => Err(type_error("%c requires int or char")),
        },
    }
}

fn number(field: &Field, value: &Value) -> Answer<String> {
    let kind = field.kind;
    let (negative, prefix, mut body) = match kind {
        'd' | 'i' | 'u' | 'x' | 'X' | 'o' => {
            let whole = if matches!(kind, 'd' | 'i' | 'u') || !matches!(value, Value::Float(_)) {
                as_integer(value)
            } else {
                None
            };
            let Some(whole) = whole else {
                let what = if matches!(kind, 'd' | 'i' | 'u') {
                    "a real number is required"
                } else {
                    "an integer is required"
                };
                return Err(type_error(format!("%{kind} format: {what}, not {}", value.type_name())));
            };
            let magnitude = whole.abs();
            let (prefix, body) = match kind {
                'x' => ("0x", magnitude.to_str_radix(16)),
                'X' => ("0X", magnitude.to_str_radix(16).to_uppercase()),
                'o' => ("0o", magnitude.to_str_radix(8)),
                _ => ("", magnitude.to_string()),
            };
            let missing = field.precision.unwrap_or(0).saturating_sub(body.len());
            (whole.is_negative(), if field.alternate { prefix } else { "" }, "0".repeat(missing) + &body)
        }
        _ => {
            let float = as_float(value)?;
            let body = fixed(float.abs(), kind, field.precision.unwrap_or(6), field.alternate);
            (float.is_sign_negative() && !float.is_nan(), "", body)
        }
    };
    let sign = match (negative, field.plus, field.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    let head = format!("{sign}{prefix}");
    if field.zero && !field.left {
        let missing = field.width.unwrap_or(0).saturating_sub(head.len() + body.len());
        body = "0".repeat(missing) + &body;
    }
    let spec =
        Spec { width: field.width.unwrap_or(0), align: Some(if field.left { '<' } else { '>' }), ..Spec::default() };
    Ok(spec.pad(&head, &body, '>'))
}
