//! Errors of core as a code and the numbers that fill the gaps of its sentence. The sentence itself is not known here.

use serde::Serialize;
use serde_json::Value;

/// What an error says of itself: its stable code and everything else as words, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The code; empty where it has none.
    pub code: String,
    /// The gaps of the sentence.
    pub args: Vec<(String, String)>,
}

/// Reads what an error says in JSON. Bytes are written as `0x2c ','`, messages counted from 1 as the page counts.
pub fn said(error: &impl Serialize) -> Said {
    let mut said = Said::default();
    let Ok(Value::Object(fields)) = serde_json::to_value(error) else { return said };
    for (name, value) in fields {
        let words = match (name.as_str(), &value) {
            ("code", Value::String(code)) => {
                said.code.clone_from(code);
                continue;
            }
            ("byte", Value::Number(number)) => byte(number.as_u64().unwrap_or_default()),
            ("index", Value::Number(number)) => (number.as_u64().unwrap_or_default() + 1).to_string(),
            (_, Value::String(text)) => text.clone(),
            (_, Value::Null) => continue,
            (_, other) => other.to_string(),
        };
        said.args.push((name, words));
    }
    said
}

fn byte(value: u64) -> String {
    match u8::try_from(value).ok().filter(u8::is_ascii_graphic) {
        Some(byte) => format!("0x{byte:02x} “{}”", char::from(byte)),
        None => format!("0x{value:02x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sockscope_core::framing::{EncodeError, Kind, Malformed};

    #[test]
    fn an_error_has_its_code_and_its_numbers() {
        let said = said(&Malformed { at: 7, kind: Kind::NoComma { byte: b'x' }, recovered: false });
        assert_eq!(said.code, "no_comma");
        assert!(
            said.args.contains(&("at".into(), "7".into())) && said.args.contains(&("byte".into(), "0x78 “x”".into()))
        );
        let said = super::said(&EncodeError::TooLong { index: 0, length: 300, limit: 255 });
        assert!(said.args.contains(&("index".into(), "1".into())), "{said:?}");
    }
}
