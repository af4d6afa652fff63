//! Puts boundaries in: one message to its frame.

use super::error::EncodeError;
use super::length::write_varint;
use super::{Codec, Ending};

/// Appends the frame of `message` to `stream`; `index` counts the messages from 0, for errors.
///
/// [`Codec::Chunked`] ends with [`finish`]; [`Codec::Tlv`] writes type 0 unless `tag` gives one.
///
/// # Errors
///
/// The codec cannot carry the message; nothing is written then.
pub fn encode(
    codec: &Codec,
    index: usize,
    tag: Option<u64>,
    message: &[u8],
    stream: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let length = message.len() as u64;
    let too_long = |limit| EncodeError::TooLong { index, length, limit };
    match codec {
        Codec::Naive => stream.extend_from_slice(message),
        Codec::Fixed { size, pad } => {
            let missing = size.checked_sub(message.len()).ok_or_else(|| too_long(*size as u64))?;
            stream.extend_from_slice(message);
            stream.extend(std::iter::repeat_n(*pad, missing));
        }
        Codec::Delimiter(delimiter) => {
            match delimiter.escape {
                None => {
                    if let Some(at) = memchr::memchr(delimiter.byte, message) {
                        return Err(EncodeError::DelimiterInside { index, at });
                    }
                    stream.extend_from_slice(message);
                }
                Some(escape) => {
                    for &byte in message {
                        if byte == delimiter.byte || byte == escape {
                            stream.push(escape);
                        }
                        stream.push(byte);
                    }
                }
            }
            stream.push(delimiter.byte);
        }
        Codec::Line { ending } => {
            if let Some(at) = memchr::memchr(b'\n', message) {
                return Err(EncodeError::LineEndInside { index, at });
            }
            // Reading takes a CR before LF for a part of the line end, so it would be lost.
            if *ending == Ending::Lf && message.last() == Some(&b'\r') {
                return Err(EncodeError::LineEndInside { index, at: message.len() - 1 });
            }
            stream.extend_from_slice(message);
            stream.extend_from_slice(if *ending == Ending::Crlf { b"\r\n" } else { b"\n" });
        }
        Codec::Length(field) => {
            let declared = i128::from(length) - i128::from(field.adjustment);
            let declared = u64::try_from(declared).map_err(|_| EncodeError::Adjustment { index, length })?;
            if declared > field.width.max() {
                return Err(too_long(field.width.max().saturating_add_signed(field.adjustment)));
            }
            stream.extend(std::iter::repeat_n(0, field.offset));
            field.order.write(declared, field.width, stream);
            stream.extend_from_slice(message);
        }
        Codec::Varint => {
            write_varint(length, stream);
            stream.extend_from_slice(message);
        }
        Codec::Netstring => {
            stream.extend_from_slice(length.to_string().as_bytes());
            stream.push(b':');
            stream.extend_from_slice(message);
            stream.push(b',');
        }
        Codec::Tlv(tlv) => {
            if length > tlv.length.max() {
                return Err(too_long(tlv.length.max()));
            }
            let (tag, limit) = (tag.unwrap_or(0), tlv.kind.max());
            if tag > limit {
                return Err(EncodeError::TagTooLarge { index, tag, limit });
            }
            tlv.order.write(tag, tlv.kind, stream);
            tlv.order.write(length, tlv.length, stream);
            stream.extend_from_slice(message);
        }
        Codec::Chunked => {
            if message.is_empty() {
                return Err(EncodeError::Empty { index });
            }
            stream.extend_from_slice(format!("{length:x}\r\n").as_bytes());
            stream.extend_from_slice(message);
            stream.extend_from_slice(b"\r\n");
        }
    }
    Ok(())
}

/// Appends what ends the stream: the last chunk of [`Codec::Chunked`], nothing for the others.
pub fn finish(codec: &Codec, stream: &mut Vec<u8>) {
    if matches!(codec, Codec::Chunked) {
        stream.extend_from_slice(b"0\r\n\r\n");
    }
}
