//! The agreements themselves, as data. How they are kept is in the files beside this one.

use super::CodecError;
use crate::stream::Range;
use serde::{Deserialize, Serialize};

/// An agreement on where messages end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Codec {
    /// No agreement: each chunk that arrives is taken for a message.
    Naive,
    /// Every message has `size` bytes; shorter ones are filled up with `pad` when encoding.
    Fixed {
        /// Bytes in a message, at least 1.
        size: usize,
        /// What a shorter message is filled up with.
        #[serde(default)]
        pad: u8,
    },
    /// A byte ends each message.
    Delimiter(Delimiter),
    /// A line end ends each message.
    Line {
        /// Which one is written. Reading takes LF with or without a CR before it.
        #[serde(default)]
        ending: Ending,
    },
    /// An integer of fixed width in front tells the length.
    Length(Length),
    /// An unsigned LEB128 integer in front tells the length.
    Varint,
    /// `5:hello,` (D. J. Bernstein, Netstrings, 1997).
    Netstring,
    /// Type, length, value.
    Tlv(Tlv),
    /// HTTP's chunked transfer coding (RFC 9112, 7.1); each chunk is taken for a message.
    Chunked,
}

/// A byte that ends each message, and how it is written inside one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delimiter {
    /// The byte that ends a message.
    pub byte: u8,
    /// The byte that takes the meaning from the next one; `None` forbids the delimiter inside a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escape: Option<u8>,
}

/// Which line end is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// `\n`.
    #[default]
    Lf,
    /// `\r\n`.
    Crlf,
}

/// Bytes of an integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Width {
    U8,
    U16,
    #[default]
    U32,
    U64,
}

impl Width {
    /// How many bytes.
    pub const fn bytes(self) -> usize {
        match self {
            Width::U8 => 1,
            Width::U16 => 2,
            Width::U32 => 4,
            Width::U64 => 8,
        }
    }

    /// The largest number it holds.
    pub const fn max(self) -> u64 {
        match self {
            Width::U8 => u8::MAX as u64,
            Width::U16 => u16::MAX as u64,
            Width::U32 => u32::MAX as u64,
            Width::U64 => u64::MAX,
        }
    }
}

/// Order of the bytes of an integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Most significant first: network byte order.
    #[default]
    Big,
    /// Least significant first.
    Little,
}

impl Order {
    /// The number that up to eight bytes stand for.
    #[inline]
    pub fn read(self, bytes: &[u8]) -> u64 {
        let step = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        if let Ok(four) = <[u8; 4]>::try_from(bytes) {
            // The most common width, without a loop.
            return u64::from(match self {
                Order::Big => u32::from_be_bytes(four),
                Order::Little => u32::from_le_bytes(four),
            });
        }
        match self {
            Order::Big => bytes.iter().fold(0, step),
            Order::Little => bytes.iter().rev().fold(0, step),
        }
    }

    /// Writes the lowest `width` bytes of `number`.
    pub fn write(self, number: u64, width: Width, into: &mut Vec<u8>) {
        let count = width.bytes();
        match self {
            Order::Big => into.extend_from_slice(&number.to_be_bytes()[8 - count..]),
            Order::Little => into.extend_from_slice(&number.to_le_bytes()[..count]),
        }
    }
}

/// A length of fixed width.
///
/// ```text
///  0        offset     offset + width              end
///  ├─ other ──┼─ length ─┼────────── rest ──────────┤
///             end = offset + width + length + adjustment
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Length {
    /// Bytes of the length.
    pub width: Width,
    /// Their order.
    pub order: Order,
    /// Bytes of the header in front of the length; they belong to no payload. Written as zeros.
    pub offset: usize,
    /// What is added to the length to get the number of bytes behind it: −4 where a four-byte length counts itself.
    pub adjustment: i64,
}

/// Type, length, value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tlv {
    /// Bytes of the type.
    pub kind: Width,
    /// Bytes of the length.
    pub length: Width,
    /// Order of both.
    pub order: Order,
}

impl Default for Tlv {
    fn default() -> Self {
        Tlv { kind: Width::U8, length: Width::U16, order: Order::Big }
    }
}

/// Bounds of the size of a message of [`Codec::Fixed`].
pub(super) const MOST_SIZE: (i64, i64) = (1, 1 << 30);
/// Bounds of [`Length::offset`].
pub(super) const MOST_OFFSET: (i64, i64) = (0, 1 << 16);
/// Bounds of [`Length::adjustment`].
pub(super) const MOST_ADJUSTMENT: (i64, i64) = (-(1 << 31), 1 << 31);

fn within(value: i128, (min, max): (i64, i64)) -> Result<(), CodecError> {
    match (i128::from(min)..=i128::from(max)).contains(&value) {
        true => Ok(()),
        false => Err(CodecError::Number { value: value.to_string(), min, max }),
    }
}

impl Codec {
    /// The name, as in the field `name` and on the command line.
    pub const fn name(&self) -> &'static str {
        match self {
            Codec::Naive => "naive",
            Codec::Fixed { .. } => "fixed",
            Codec::Delimiter(_) => "delimiter",
            Codec::Line { .. } => "line",
            Codec::Length(_) => "length",
            Codec::Varint => "varint",
            Codec::Netstring => "netstring",
            Codec::Tlv(_) => "tlv",
            Codec::Chunked => "chunked",
        }
    }

    /// Bytes that a frame of a message of `length` bytes has at the least.
    pub(super) fn least(&self, length: usize) -> usize {
        match self {
            Codec::Fixed { size, .. } => *size,
            Codec::Length(field) => field.offset.saturating_add(length),
            _ => length,
        }
    }

    /// Where in a frame its payload of `length` bytes stands, with escapes and filling.
    pub(super) fn payload_in(&self, Range(start, end): Range, length: u64) -> Range {
        match self {
            Codec::Naive | Codec::Fixed { .. } => Range(start, end),
            Codec::Delimiter(_) => Range(start, end - 1),
            Codec::Line { .. } => Range(start, start + length),
            Codec::Length(_) | Codec::Varint | Codec::Tlv(_) => Range(end - length, end),
            Codec::Netstring => Range(end - 1 - length, end - 1),
            Codec::Chunked => Range(end - 2 - length, end - 2),
        }
    }

    /// The codec, if its numbers are within the bounds that a word has.
    ///
    /// # Errors
    ///
    /// A number that is out of its bounds, or an escape that is the delimiter.
    pub fn checked(self) -> Result<Codec, CodecError> {
        match &self {
            Codec::Fixed { size, .. } => within(*size as i128, MOST_SIZE)?,
            Codec::Length(field) => {
                within(field.offset as i128, MOST_OFFSET)?;
                within(i128::from(field.adjustment), MOST_ADJUSTMENT)?;
            }
            Codec::Delimiter(delimiter) if delimiter.escape == Some(delimiter.byte) => {
                return Err(CodecError::SameByte { byte: delimiter.byte });
            }
            _ => {}
        }
        Ok(self)
    }

    /// Whether a decoder finds the next message again after a damaged one.
    pub const fn resynchronises(&self) -> bool {
        matches!(self, Codec::Naive | Codec::Fixed { .. } | Codec::Delimiter(_) | Codec::Line { .. })
    }
}
