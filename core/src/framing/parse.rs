//! A codec as one word, for the command line and for addresses: `length:u32:little:adjustment=-4`.

use super::codec::{Codec, Delimiter, Ending, Length, MOST_ADJUSTMENT, MOST_OFFSET, MOST_SIZE, Order, Tlv, Width};
use std::fmt;
use thiserror::Error;

/// Why a word names no codec.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum CodecError {
    #[error(
        "there is no codec {name:?}; there are naive, fixed, delimiter, line, length, varint, netstring, tlv and chunked"
    )]
    Unknown { name: String },
    #[error("the codec {name} takes no option {option:?}")]
    Option { name: String, option: String },
    #[error("{value:?} is not a number from {min} to {max}")]
    Number { value: String, min: i64, max: i64 },
    #[error("the codec {name} is told twice what {option:?} says")]
    Repeated { name: String, option: String },
    #[error(
        "{value:?} is not one byte: a number from 0 to 255, one ASCII character that is no digit, or \\n, \\r, \\t, \\0"
    )]
    Byte { value: String },
    #[error("the codec fixed needs a size: fixed:8")]
    SizeMissing,
    #[error("the escape and the delimiter are both 0x{byte:02x}")]
    SameByte { byte: u8 },
}

impl CodecError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            CodecError::Unknown { .. } => "codec_unknown",
            CodecError::Option { .. } => "codec_option",
            CodecError::Number { .. } => "codec_number",
            CodecError::Repeated { .. } => "codec_repeated",
            CodecError::Byte { .. } => "codec_byte",
            CodecError::SizeMissing => "codec_size_missing",
            CodecError::SameByte { .. } => "codec_same_byte",
        }
    }

    /// The values of the sentence, by the names of its gaps.
    pub fn values(&self) -> Vec<(&'static str, String)> {
        match self {
            CodecError::Unknown { name } => vec![("name", name.clone())],
            CodecError::Option { name, option } | CodecError::Repeated { name, option } => {
                vec![("name", name.clone()), ("option", option.clone())]
            }
            CodecError::Number { value, min, max } => {
                vec![("value", value.clone()), ("min", min.to_string()), ("max", max.to_string())]
            }
            CodecError::Byte { value } => vec![("value", value.clone())],
            CodecError::SizeMissing => Vec::new(),
            CodecError::SameByte { byte } => vec![("byte", format!("0x{byte:02x}"))],
        }
    }
}

/// The codec that `word` names: its name, then options after colons.
///
/// ```
/// use sockscope_core::framing::{Codec, parse};
/// assert_eq!(parse("fixed:8:pad=0x20"), Ok(Codec::Fixed { size: 8, pad: 0x20 }));
/// assert!(parse("length:u32:little:offset=2:adjustment=-4").is_ok());
/// assert!(parse("delimiter:0x00:escape=0x5c").is_ok());
/// ```
///
/// # Errors
///
/// The name or an option is not known, or a number is out of its range.
pub fn parse(word: &str) -> Result<Codec, CodecError> {
    let mut parts = word.split(':');
    let name = parts.next().unwrap_or_default();
    let options: Vec<&str> = parts.collect();
    let refuse = |option: &str| CodecError::Option { name: name.to_owned(), option: option.to_owned() };
    let mut said = Vec::new();
    // What an option is about: of two that answer the same, one would be passed over in silence.
    for option in &options {
        let about = match (option.split_once('='), width(option), order(option)) {
            (Some((about, _)), ..) => about,
            (None, Some(_), _) => "width",
            (None, None, Some(_)) => "order",
            (None, None, None) => "",
        };
        let about = match (name, about) {
            ("fixed", "size") | ("delimiter", "byte") | ("fixed" | "delimiter" | "line", "") => "",
            // What is no option at all is refused below.
            (_, "") => continue,
            _ => about,
        };
        if said.contains(&about) {
            return Err(CodecError::Repeated { name: name.to_owned(), option: (*option).to_owned() });
        }
        said.push(about);
    }
    let codec = match name {
        "naive" | "varint" | "netstring" | "chunked" => {
            if let Some(option) = options.first() {
                return Err(refuse(option));
            }
            match name {
                "naive" => Codec::Naive,
                "varint" => Codec::Varint,
                "netstring" => Codec::Netstring,
                _ => Codec::Chunked,
            }
        }
        "fixed" => {
            let (mut size, mut pad) = (None, 0);
            for option in options {
                match option.split_once('=') {
                    Some(("pad", value)) => pad = byte(value)?,
                    Some(("size", value)) => size = Some(number(value, MOST_SIZE)?),
                    None => size = Some(number(option, MOST_SIZE)?),
                    _ => return Err(refuse(option)),
                }
            }
            Codec::Fixed { size: size.ok_or(CodecError::SizeMissing)? as usize, pad }
        }
        "delimiter" => {
            let mut delimiter = Delimiter { byte: 0, escape: None };
            for option in options {
                match option.split_once('=') {
                    Some(("escape", value)) => delimiter.escape = Some(byte(value)?),
                    Some(("byte", value)) => delimiter.byte = byte(value)?,
                    None => delimiter.byte = byte(option)?,
                    _ => return Err(refuse(option)),
                }
            }
            if delimiter.escape == Some(delimiter.byte) {
                return Err(CodecError::SameByte { byte: delimiter.byte });
            }
            Codec::Delimiter(delimiter)
        }
        "line" => {
            let mut ending = Ending::Lf;
            for option in options {
                ending = match option {
                    "lf" => Ending::Lf,
                    "crlf" => Ending::Crlf,
                    _ => return Err(refuse(option)),
                };
            }
            Codec::Line { ending }
        }
        "length" => {
            let mut field = Length::default();
            for option in options {
                match (width(option), order(option), option.split_once('=')) {
                    (Some(width), ..) => field.width = width,
                    (_, Some(order), _) => field.order = order,
                    (.., Some(("offset", value))) => field.offset = number(value, MOST_OFFSET)? as usize,
                    (.., Some(("adjustment", value))) => field.adjustment = number(value, MOST_ADJUSTMENT)?,
                    _ => return Err(refuse(option)),
                }
            }
            Codec::Length(field)
        }
        "tlv" => {
            let mut tlv = Tlv::default();
            for option in options {
                match (option.split_once('='), order(option)) {
                    (Some(("type", value)), _) => tlv.kind = width(value).ok_or_else(|| refuse(option))?,
                    (Some(("length", value)), _) => tlv.length = width(value).ok_or_else(|| refuse(option))?,
                    (_, Some(order)) => tlv.order = order,
                    _ => return Err(refuse(option)),
                }
            }
            Codec::Tlv(tlv)
        }
        _ => return Err(CodecError::Unknown { name: name.to_owned() }),
    };
    Ok(codec)
}

/// The word that [`parse`] reads; options that say nothing new are left out.
impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        let little = |order: Order| if order == Order::Little { ":little" } else { "" };
        match self {
            Codec::Fixed { size, pad: 0 } => write!(f, ":{size}"),
            Codec::Fixed { size, pad } => write!(f, ":{size}:pad=0x{pad:02x}"),
            Codec::Delimiter(Delimiter { byte, escape: None }) => write!(f, ":0x{byte:02x}"),
            Codec::Delimiter(Delimiter { byte, escape: Some(escape) }) => {
                write!(f, ":0x{byte:02x}:escape=0x{escape:02x}")
            }
            Codec::Line { ending: Ending::Crlf } => f.write_str(":crlf"),
            Codec::Length(Length { width, order, offset, adjustment }) => {
                write!(f, ":u{}{}", width.bytes() * 8, little(*order))?;
                if *offset > 0 {
                    write!(f, ":offset={offset}")?;
                }
                if *adjustment != 0 {
                    write!(f, ":adjustment={adjustment}")?;
                }
                Ok(())
            }
            Codec::Tlv(tlv) if *tlv != Tlv::default() => {
                let (kind, length) = (tlv.kind.bytes() * 8, tlv.length.bytes() * 8);
                write!(f, ":type=u{kind}:length=u{length}{}", little(tlv.order))
            }
            Codec::Naive | Codec::Line { .. } | Codec::Varint | Codec::Netstring | Codec::Tlv(_) | Codec::Chunked => {
                Ok(())
            }
        }
    }
}

fn width(word: &str) -> Option<Width> {
    Some(match word {
        "u8" => Width::U8,
        "u16" => Width::U16,
        "u32" => Width::U32,
        "u64" => Width::U64,
        _ => return None,
    })
}

fn order(word: &str) -> Option<Order> {
    Some(match word {
        "big" | "be" => Order::Big,
        "little" | "le" => Order::Little,
        _ => return None,
    })
}

/// A decimal or hexadecimal number within bounds.
fn number(text: &str, (min, max): (i64, i64)) -> Result<i64, CodecError> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    match parsed {
        Ok(number) if (min..=max).contains(&number) => Ok(number),
        _ => Err(CodecError::Number { value: text.to_owned(), min, max }),
    }
}

/// A byte: a number, one ASCII character, or `\n`, `\r`, `\t`, `\0`.
fn byte(text: &str) -> Result<u8, CodecError> {
    match text {
        "\\n" => Ok(b'\n'),
        "\\r" => Ok(b'\r'),
        "\\t" => Ok(b'\t'),
        "\\0" => Ok(0),
        _ => match text.as_bytes() {
            [one] if one.is_ascii() && !one.is_ascii_digit() => Ok(*one),
            _ => match number(text, (0, 255)) {
                Ok(number) => Ok(number as u8),
                Err(_) => Err(CodecError::Byte { value: text.to_owned() }),
            },
        },
    }
}
