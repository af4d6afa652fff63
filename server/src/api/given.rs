//! Bytes as a client of the API gives them: text, or base64 or hexadecimal where text cannot say them. What they mean is no matter here.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use sockscope_core::stream::from_base64;
use std::borrow::Cow;
use utoipa::openapi::schema::OneOfBuilder;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// `"text"`, `{"text": "…"}`, `{"base64": "…"}` or `{"hex": "…"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given(pub Vec<u8>);

/// Base64 (RFC 4648, 4) as a field of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base64(pub Vec<u8>);

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        from_base64(&text).map(Base64).map_err(D::Error::custom)
    }
}

/// Hexadecimal digits as a field of their own, two for each byte; white space and colons between bytes are passed over.
struct Hex(Vec<u8>);

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        hex(&text).map(Hex).map_err(|(at, message)| D::Error::custom(format!("offset {at}: {message}")))
    }
}

/// The bytes of a text in hexadecimal; what is wrong has an offset.
pub fn hex(text: &str) -> Result<Vec<u8>, (usize, String)> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for (at, found) in text.char_indices() {
        match (found.to_digit(16), high.take()) {
            (Some(digit), None) => high = Some(digit),
            (Some(digit), Some(first)) => bytes.push((first << 4 | digit) as u8),
            (None, None) if found == ':' || found.is_ascii_whitespace() => {}
            _ => return Err((at, format!("{found:?} is no hexadecimal digit of a whole byte"))),
        }
    }
    match high {
        None => Ok(bytes),
        Some(_) => Err((text.len(), "the last byte lacks a digit".to_owned())),
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Given;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("text, or an object with `text`, `base64` or `hex`")
            }
            fn visit_str<E>(self, text: &str) -> Result<Given, E> {
                Ok(Given(text.as_bytes().to_vec()))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Given, A::Error> {
                let mut given = None;
                while let Some(name) = map.next_key::<Cow<'de, str>>()? {
                    let bytes = match &*name {
                        "text" => map.next_value::<String>()?.into_bytes(),
                        "base64" => map.next_value::<Base64>()?.0,
                        "hex" => map.next_value::<Hex>()?.0,
                        _ => return Err(A::Error::unknown_field(&name, &["text", "base64", "hex"])),
                    };
                    if given.replace(bytes).is_some() {
                        return Err(A::Error::custom("`text`, `base64` and `hex` exclude each other"));
                    }
                }
                given.map(Given).ok_or_else(|| A::Error::custom("one of `text`, `base64` and `hex` is missing"))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl PartialSchema for Given {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let base64 = text().content_encoding("base64");
        let object = |name: &str, value: ObjectBuilder| {
            ObjectBuilder::new().schema_type(Type::Object).property(name, value).required(name)
        };
        OneOfBuilder::new()
            .item(text())
            .item(object("text", text()))
            .item(object("base64", base64))
            .item(object("hex", text()))
            .description(Some("Bytes: text, or base64 or hexadecimal where text cannot say them."))
            .into()
    }
}

impl ToSchema for Given {
    fn name() -> Cow<'static, str> {
        "Given".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_as_text_or_base64_or_hexadecimal_and_nothing_else() {
        let given = |json: &str| serde_json::from_str::<Given>(json).map(|given| given.0);
        assert_eq!(given(r#""a\r\n""#).unwrap(), b"a\r\n");
        assert_eq!(given(r#"{"text": "é"}"#).unwrap(), "é".as_bytes());
        assert_eq!(given(r#"{"base64": "AP8="}"#).unwrap(), [0, 255]);
        assert_eq!(given(r#"{"hex": "00 fF:0a"}"#).unwrap(), [0, 255, 10]);
        for wrong in [r#"{"hex": "0"}"#, r#"{"hex": "0 0"}"#, r#"{"hex": "0x"}"#] {
            assert!(given(wrong).unwrap_err().to_string().contains("offset"), "{wrong}");
        }
        for wrong in [
            "1",
            "{}",
            r#"{"base64": "A"}"#,
            r#"{"base64": "AP8=", "text": ""}"#,
            r#"{"hex": "00", "text": ""}"#,
            r#"{"octal": "0"}"#,
        ] {
            assert!(given(wrong).is_err(), "{wrong}");
        }
    }
}
