//! Payload bytes: shared slices in memory, base64 with a text preview in JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::Error;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::Deref;

/// How many characters the text preview may have.
const PREVIEW: usize = 80;

/// Bytes of a stream, datagram or frame. Cloning and slicing share the memory.
///
/// In JSON: `{"base64":"bXNnMA==","text":"msg0","length":4}`; only `base64` is read back.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Data(pub Bytes);

impl Data {
    /// The first characters as a reader would want them: printable text as it is, anything else escaped as in Python's `repr`.
    pub fn preview(&self) -> String {
        let mut text = String::new();
        // Decode leniently first: Chinese text must stay readable.
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                if text.chars().count() >= PREVIEW {
                    text.push('…');
                    return text;
                }
                match c {
                    '\n' => text.push_str("\\n"),
                    '\r' => text.push_str("\\r"),
                    '\t' => text.push_str("\\t"),
                    '\\' => text.push_str("\\\\"),
                    c if c.is_control() => text.push_str(&format!("\\x{:02x}", c as u32)),
                    c => text.push(c),
                }
            }
            for byte in chunk.invalid() {
                if text.chars().count() >= PREVIEW {
                    text.push('…');
                    return text;
                }
                text.push_str(&format!("\\x{byte:02x}"));
            }
        }
        text
    }
}

impl Deref for Data {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Data {
    fn from(value: Vec<u8>) -> Self {
        Data(value.into())
    }
}

impl From<&[u8]> for Data {
    fn from(value: &[u8]) -> Self {
        Data(Bytes::copy_from_slice(value))
    }
}

impl From<Bytes> for Data {
    fn from(value: Bytes) -> Self {
        Data(value)
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b'{}'", self.preview())
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Data", 3)?;
        object.serialize_field("base64", &STANDARD.encode(&self.0))?;
        object.serialize_field("text", &self.preview())?;
        object.serialize_field("length", &self.0.len())?;
        object.end()
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Fields {
            base64: String,
        }
        let fields = Fields::deserialize(deserializer)?;
        Ok(Data(super::from_base64(&fields.base64).map_err(D::Error::custom)?.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_survives_json() {
        let data = Data::from(&b"a\n\xff\xe4\xbd\xa0"[..]);
        let json = serde_json::to_string(&data).unwrap();
        assert!(json.contains("a\\\\n\\\\xff你"), "{json}");
        assert_eq!(serde_json::from_str::<Data>(&json).unwrap(), data);
    }
}
