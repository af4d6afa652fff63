//! Formatting: the mini-language of `format` and f-strings, `str.format`, and `%`.

pub mod brace;
pub mod percent;
pub mod spec;

use super::code::Conversion;
use super::value::Value;
use super::value::repr::{repr, str_of};
use super::vm::{Answer, Vm};

/// `!r`, `!s` and `!a`.
pub fn convert(value: &Value, conversion: Conversion) -> Answer {
    Ok(match conversion {
        Conversion::None => value.clone(),
        Conversion::Str => Value::str(str_of(value)?),
        Conversion::Repr => Value::str(repr(value)?),
        Conversion::Ascii => Value::str(ascii(&repr(value)?)),
    })
}

/// A text with every character beyond ASCII escaped.
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            super::value::repr::write_escape(&mut out, c);
        }
    }
    out
}

impl Vm {
    /// One field of an f-string.
    pub fn format_field(&mut self, value: &Value, conversion: Conversion, spec: &Value) -> Answer<String> {
        let spec = spec.as_str().unwrap_or_default();
        if spec.is_empty() && conversion == Conversion::None {
            return match value {
                Value::Int(number) => Ok(number.to_string()),
                other => str_of(other),
            };
        }
        spec::format(self, &convert(value, conversion)?, spec)
    }
}
