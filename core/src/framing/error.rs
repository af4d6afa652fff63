//! What can be wrong with framed bytes, with its place. As JSON each is an object with `code`, its numbers under their
//! names and the English `message`, so that a reader may look the sentence up in another language.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use thiserror::Error;

/// The bytes break the agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("byte {at}: {kind}")]
pub struct Malformed {
    /// Stream offset of the byte at fault.
    pub at: u64,
    /// What is wrong.
    pub kind: Kind,
    /// Whether the decoder goes on behind it.
    pub recovered: bool,
}

impl Serialize for Malformed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("code", self.kind.code())?;
        object.serialize_entry("at", &self.at)?;
        for (name, number) in self.kind.numbers() {
            object.serialize_entry(name, &number)?;
        }
        object.serialize_entry("recovered", &self.recovered)?;
        object.serialize_entry("message", &self.kind.to_string())?;
        object.end()
    }
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself
pub enum Kind {
    #[error("a length of {declared} bytes exceeds the limit of {limit}")]
    LengthExceedsLimit { declared: u64, limit: u64 },
    #[error("the length does not fit into 64 bits")]
    LengthOverflows,
    #[error("no boundary within {limit} bytes")]
    NoBoundary { limit: u64 },
    #[error("the length {declared} is less than its adjustment allows")]
    LengthTooSmall { declared: u64 },
    #[error("a varint has at most ten bytes and 64 bits")]
    VarintTooLong,
    #[error("the varint ends with a byte of zeros; the same number has a shorter form")]
    VarintOverlong,
    #[error("0x{byte:02x} stands where a decimal digit or ':' belongs")]
    NotADigit { byte: u8 },
    #[error("a netstring's length has no leading zero")]
    LeadingZero,
    #[error("0x{byte:02x} stands where ',' must end the netstring")]
    NoComma { byte: u8 },
    #[error("0x{byte:02x} stands where a hexadecimal digit belongs")]
    NotAHexDigit { byte: u8 },
    #[error("0x{byte:02x} stands where CR LF must end the line")]
    NoLineEnd { byte: u8 },
    #[error("the escape stands before 0x{byte:02x}, which needs none")]
    NeedlessEscape { byte: u8 },
    #[error("the trailer section exceeds {limit} bytes")]
    TrailerTooLong { limit: u64 },
    #[error("bytes follow the last chunk")]
    AfterEnd,
}

impl Kind {
    /// The stable code, as in JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Kind::LengthExceedsLimit { .. } => "length_exceeds_limit",
            Kind::LengthOverflows => "length_overflows",
            Kind::NoBoundary { .. } => "no_boundary",
            Kind::LengthTooSmall { .. } => "length_too_small",
            Kind::VarintTooLong => "varint_too_long",
            Kind::VarintOverlong => "varint_overlong",
            Kind::NotADigit { .. } => "not_a_digit",
            Kind::LeadingZero => "leading_zero",
            Kind::NoComma { .. } => "no_comma",
            Kind::NotAHexDigit { .. } => "not_a_hex_digit",
            Kind::NoLineEnd { .. } => "no_line_end",
            Kind::NeedlessEscape { .. } => "needless_escape",
            Kind::TrailerTooLong { .. } => "trailer_too_long",
            Kind::AfterEnd => "after_end",
        }
    }

    /// The numbers of the sentence, by the names of its gaps.
    pub fn numbers(&self) -> Vec<(&'static str, u64)> {
        match *self {
            Kind::LengthExceedsLimit { declared, limit } => vec![("declared", declared), ("limit", limit)],
            Kind::NoBoundary { limit } | Kind::TrailerTooLong { limit } => vec![("limit", limit)],
            Kind::LengthTooSmall { declared } => vec![("declared", declared)],
            Kind::NotADigit { byte }
            | Kind::NoComma { byte }
            | Kind::NotAHexDigit { byte }
            | Kind::NoLineEnd { byte }
            | Kind::NeedlessEscape { byte } => vec![("byte", u64::from(byte))],
            Kind::LengthOverflows | Kind::VarintTooLong | Kind::VarintOverlong | Kind::LeadingZero | Kind::AfterEnd => {
                Vec::new()
            }
        }
    }
}

/// The stream ended inside a message. It is not a reset and not malformed: the rest is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Error)]
#[error("the stream ends inside a message that begins at byte {at}: {have} bytes are there{}", match .need { Some(need) => format!(", {need} are needed"), None => String::new() })]
pub struct Truncated {
    /// Stream offset where the unfinished message begins.
    pub at: u64,
    /// Bytes of it that are there.
    pub have: u64,
    /// Bytes it needs, where that is known.
    pub need: Option<u64>,
}

/// A message that this codec cannot carry. `index` counts the messages from 0; its sentence counts them from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum EncodeError {
    #[error("message {} has {length} bytes; this codec carries at most {limit}", index + 1)]
    TooLong { index: usize, length: u64, limit: u64 },
    #[error("message {} holds the delimiter at byte {at}, and there is no escape", index + 1)]
    DelimiterInside { index: usize, at: usize },
    #[error("message {} holds a line end at byte {at}", index + 1)]
    LineEndInside { index: usize, at: usize },
    #[error("message {} is empty; an empty chunk would end the stream", index + 1)]
    Empty { index: usize },
    #[error("message {} has {length} bytes; the adjustment leaves no length that says so", index + 1)]
    Adjustment { index: usize, length: u64 },
    #[error("message {} has the type {tag}; this codec writes at most {limit}", index + 1)]
    TagTooLarge { index: usize, tag: u64, limit: u64 },
    #[error("with message {} the stream would have more than {limit} bytes", index + 1)]
    StreamTooLong { index: usize, limit: u64 },
}

/// The numbers as a text shows them: a byte in hexadecimal, anything else in decimal.
fn shown(numbers: Vec<(&'static str, u64)>) -> Vec<(&'static str, String)> {
    let show = |(name, number)| (name, if name == "byte" { format!("0x{number:02x}") } else { format!("{number}") });
    numbers.into_iter().map(show).collect()
}

impl Malformed {
    /// What fills the gaps of the sentence in a text, by their names.
    pub fn values(&self) -> Vec<(&'static str, String)> {
        shown(std::iter::once(("at", self.at)).chain(self.kind.numbers()).collect())
    }
}

impl Truncated {
    /// What fills the gaps of the sentence in a text, by their names.
    pub fn values(&self) -> Vec<(&'static str, String)> {
        shown([("at", self.at), ("have", self.have)].into_iter().chain(self.need.map(|need| ("need", need))).collect())
    }
}

impl EncodeError {
    /// What fills the gaps of the sentence in a text, by their names. Sentences count the messages from 1, as lists do.
    pub fn values(&self) -> Vec<(&'static str, String)> {
        let from_one = |(name, number)| (name, if name == "index" { number + 1 } else { number });
        shown(self.numbers().into_iter().map(from_one).collect())
    }

    /// The stable code, as in JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            EncodeError::TooLong { .. } => "too_long",
            EncodeError::DelimiterInside { .. } => "delimiter_inside",
            EncodeError::LineEndInside { .. } => "line_end_inside",
            EncodeError::Empty { .. } => "empty",
            EncodeError::Adjustment { .. } => "adjustment",
            EncodeError::TagTooLarge { .. } => "tag_too_large",
            EncodeError::StreamTooLong { .. } => "stream_too_long",
        }
    }

    /// The numbers of the sentence, by the names of its gaps.
    pub fn numbers(&self) -> Vec<(&'static str, u64)> {
        let (index, more) = match *self {
            EncodeError::TooLong { index, length, limit } => (index, vec![("length", length), ("limit", limit)]),
            EncodeError::DelimiterInside { index, at } | EncodeError::LineEndInside { index, at } => {
                (index, vec![("at", at as u64)])
            }
            EncodeError::Empty { index } => (index, Vec::new()),
            EncodeError::Adjustment { index, length } => (index, vec![("length", length)]),
            EncodeError::TagTooLarge { index, tag, limit } => (index, vec![("tag", tag), ("limit", limit)]),
            EncodeError::StreamTooLong { index, limit } => (index, vec![("limit", limit)]),
        };
        std::iter::once(("index", index as u64)).chain(more).collect()
    }
}

impl Serialize for EncodeError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("code", self.code())?;
        for (name, number) in self.numbers() {
            object.serialize_entry(name, &number)?;
        }
        object.serialize_entry("message", &self.to_string())?;
        object.end()
    }
}
