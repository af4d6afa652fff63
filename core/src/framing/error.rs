//! What can be wrong with framed bytes, with its place.

use serde::Serialize;
use thiserror::Error;

/// The bytes break the agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Error)]
#[error("byte {at}: {kind}")]
pub struct Malformed {
    /// Stream offset of the byte at fault.
    pub at: u64,
    /// What is wrong.
    #[serde(flatten)]
    pub kind: Kind,
    /// Whether the decoder goes on behind it.
    pub recovered: bool,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[allow(missing_docs)] // each says itself
pub enum Kind {
    #[error("a length of {declared} bytes exceeds the limit of {limit}")]
    LengthExceedsLimit { declared: u64, limit: u64 },
    #[error("no boundary within {limit} bytes")]
    NoBoundary { limit: u64 },
    #[error("the length {declared} is less than its adjustment allows")]
    LengthTooSmall { declared: u64 },
    #[error("a varint has at most ten bytes and 64 bits")]
    VarintTooLong,
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
            Kind::NoBoundary { .. } => "no_boundary",
            Kind::LengthTooSmall { .. } => "length_too_small",
            Kind::VarintTooLong => "varint_too_long",
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

/// A message that this codec cannot carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum EncodeError {
    #[error("message {message} has {length} bytes; this codec carries at most {limit}")]
    TooLong { message: usize, length: u64, limit: u64 },
    #[error("message {message} holds the delimiter at byte {at}, and there is no escape")]
    DelimiterInside { message: usize, at: usize },
    #[error("message {message} holds a line end at byte {at}")]
    LineEndInside { message: usize, at: usize },
    #[error("message {message} is empty; an empty chunk would end the stream")]
    Empty { message: usize },
    #[error("message {message} has {length} bytes; the adjustment leaves no length that says so")]
    Adjustment { message: usize, length: u64 },
}
