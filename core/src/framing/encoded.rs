//! Messages put into a stream as one object: each frame with its parts, so that every byte has a role. It sends nothing.

use super::{Codec, EncodeError, encode, finish};
use crate::stream::{Data, Range};
use serde::Serialize;

/// Messages in a report; more are only counted.
const MESSAGES: usize = 10_000;

/// A message to be put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgoing<'a> {
    /// Its bytes.
    pub payload: &'a [u8],
    /// The type, for a TLV.
    pub tag: Option<u64>,
}

impl<'a> From<&'a [u8]> for Outgoing<'a> {
    fn from(payload: &'a [u8]) -> Self {
        Outgoing { payload, tag: None }
    }
}

/// What a codec makes of messages.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Encoded {
    /// The codec.
    pub codec: Codec,
    /// Bytes of the stream.
    pub length: u64,
    /// The stream.
    pub stream: Data,
    /// The messages that it carries, in order.
    pub messages: Vec<Framed>,
    /// Messages beyond the report's limit; the stream has them.
    pub more_messages: u64,
    /// What ends the stream and belongs to no message: the last chunk of [`Codec::Chunked`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tail: Option<Range>,
    /// Bytes of the messages.
    pub payload: u64,
    /// Bytes of the stream that are not payload.
    pub overhead: u64,
    /// Messages that the codec cannot carry; the stream has none of them.
    pub refused: Vec<EncodeError>,
}

/// One message in its frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Framed {
    /// Its number among the messages that were given, from 0.
    pub index: usize,
    /// Its bytes.
    pub payload: Data,
    /// Its frame in the stream, framing included.
    pub frame: Range,
    /// Bytes of the frame that are not payload.
    pub overhead: u64,
    /// The frame, part by part.
    pub parts: Vec<Part>,
    /// The type, of a TLV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<u64>,
}

/// A part of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What its bytes are for.
    pub role: Role,
    /// Where it is in the stream.
    pub range: Range,
}

/// What a byte of a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Header in front of a length that has an offset.
    Header,
    /// The type of a TLV.
    Type,
    /// The length.
    Length,
    /// The message.
    Payload,
    /// An escape.
    Escape,
    /// What fills a message up.
    Padding,
    /// What ends the message.
    End,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 7] =
        [Role::Header, Role::Type, Role::Length, Role::Payload, Role::Escape, Role::Padding, Role::End];

    /// The name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Header => "header",
            Role::Type => "type",
            Role::Length => "length",
            Role::Payload => "payload",
            Role::Escape => "escape",
            Role::Padding => "padding",
            Role::End => "end",
        }
    }
}

/// Puts the messages into a stream of at most about `most` bytes and tells everything about it.
///
/// ```
/// use sockscope_core::framing::{encoded, parse};
/// let report = encoded::report(&parse("netstring").unwrap(), [b"hello".as_slice().into(), b"ok".as_slice().into()], 1000);
/// assert_eq!(&*report.stream, b"5:hello,2:ok,");
/// assert_eq!(report.overhead, 6);
/// ```
pub fn report<'a>(codec: &Codec, messages: impl IntoIterator<Item = Outgoing<'a>>, most: usize) -> Encoded {
    let mut stream = Vec::new();
    let mut framed = Vec::new();
    let mut refused = Vec::new();
    let (mut payload, mut more_messages) = (0, 0);
    for (index, message) in messages.into_iter().enumerate() {
        let start = stream.len();
        // A short message may want a long frame.
        if start.saturating_add(codec.least(message.payload.len())) > most {
            refused.push(EncodeError::StreamTooLong { index, limit: most as u64 });
            break;
        }
        match encode(codec, index, message.tag, message.payload, &mut stream) {
            Err(error) if refused.len() < MESSAGES => refused.push(error),
            Err(_) => {}
            Ok(()) => {
                payload += message.payload.len() as u64;
                if framed.len() == MESSAGES {
                    more_messages += 1;
                    continue;
                }
                let frame = Range(start as u64, stream.len() as u64);
                framed.push(Framed {
                    index,
                    payload: Data::from(message.payload),
                    frame,
                    overhead: frame.len() - message.payload.len() as u64,
                    parts: parts(codec, message.payload, frame),
                    tag: matches!(codec, Codec::Tlv(_)).then_some(message.tag.unwrap_or(0)),
                });
            }
        }
    }
    let end = stream.len() as u64;
    finish(codec, &mut stream);
    let length = stream.len() as u64;
    Encoded {
        codec: codec.clone(),
        length,
        messages: framed,
        more_messages,
        tail: (length > end).then_some(Range(end, length)),
        payload,
        overhead: length - payload,
        refused,
        stream: stream.into(),
    }
}

/// The parts of a frame that [`encode()`] made of `message`, in order and without gaps.
fn parts(codec: &Codec, message: &[u8], frame: Range) -> Vec<Part> {
    let mut parts = Parts { at: frame.0, list: Vec::new() };
    let length = message.len() as u64;
    match codec {
        Codec::Delimiter(delimiter) => match delimiter.escape {
            None => parts.add(Role::Payload, length),
            Some(escape) => {
                for byte in message {
                    if *byte == delimiter.byte || *byte == escape {
                        parts.add(Role::Escape, 1);
                    }
                    parts.add(Role::Payload, 1);
                }
            }
        },
        Codec::Length(field) => {
            parts.add(Role::Header, field.offset as u64);
            parts.add(Role::Length, field.width.bytes() as u64);
            parts.add(Role::Payload, length);
        }
        Codec::Tlv(tlv) => {
            parts.add(Role::Type, tlv.kind.bytes() as u64);
            parts.add(Role::Length, tlv.length.bytes() as u64);
            parts.add(Role::Payload, length);
        }
        Codec::Varint => {
            parts.add(Role::Length, frame.len() - length);
            parts.add(Role::Payload, length);
        }
        // Behind the payload stand one byte of a netstring and two of a chunk.
        Codec::Netstring | Codec::Chunked => {
            let end = if matches!(codec, Codec::Netstring) { 1 } else { 2 };
            parts.add(Role::Length, frame.len() - length - end);
            parts.add(Role::Payload, length);
        }
        Codec::Naive | Codec::Fixed { .. } | Codec::Line { .. } => parts.add(Role::Payload, length),
    }
    let rest = frame.1 - parts.at;
    parts.add(if matches!(codec, Codec::Fixed { .. }) { Role::Padding } else { Role::End }, rest);
    parts.list
}

struct Parts {
    at: u64,
    list: Vec<Part>,
}

impl Parts {
    /// Adds `length` bytes of a role, to the part before them where it has the same.
    fn add(&mut self, role: Role, length: u64) {
        if length == 0 {
            return;
        }
        let end = self.at + length;
        match self.list.last_mut() {
            Some(last) if last.role == role => last.range.1 = end,
            _ => self.list.push(Part { role, range: Range(self.at, end) }),
        }
        self.at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::parse;

    fn encoded(word: &str, messages: &[&[u8]]) -> Encoded {
        report(&parse(word).unwrap(), messages.iter().map(|message| Outgoing::from(*message)), 1 << 20)
    }

    #[test]
    fn every_byte_of_a_frame_has_one_role_and_the_payload_is_where_it_is_said_to_be() {
        let words = [
            "naive",
            "fixed:8",
            "delimiter:0x7c",
            "delimiter:a:escape=e",
            "line:crlf",
            "length:u16:offset=3:adjustment=-2",
            "varint",
            "netstring",
            "tlv",
            "chunked",
        ];
        for word in words {
            let report = encoded(word, &[b"a", b"bacede", b""]);
            for message in &report.messages {
                let mut at = message.frame.0;
                let mut payload = Vec::new();
                for part in &message.parts {
                    assert_eq!(part.range.0, at, "{word}: a gap");
                    assert!(!part.range.is_empty(), "{word}");
                    at = part.range.1;
                    if part.role == Role::Payload {
                        payload.extend_from_slice(&report.stream[part.range.0 as usize..part.range.1 as usize]);
                    }
                }
                assert_eq!(at, message.frame.1, "{word}");
                assert_eq!(payload, &*message.payload, "{word}");
            }
            let carried: u64 = report.messages.iter().map(|message| message.overhead).sum();
            assert_eq!(report.overhead, carried + report.tail.map_or(0, Range::len), "{word}");
        }
    }

    #[test]
    fn messages_that_cannot_be_carried_are_named_and_the_others_sent() {
        let report = encoded("delimiter:0x7c", &[b"a", b"b|c", b"d"]);
        assert_eq!(&*report.stream, b"a|d|");
        assert_eq!(report.refused, [EncodeError::DelimiterInside { index: 1, at: 1 }]);
        assert_eq!(report.messages.iter().map(|message| message.index).collect::<Vec<_>>(), [0, 2]);
    }

    #[test]
    fn a_stream_has_a_limit_whatever_the_codec_wants() {
        let codec = parse("fixed:1073741824").unwrap();
        let report = report(&codec, [Outgoing::from(&b"a"[..])], 1000);
        assert_eq!(report.refused, [EncodeError::StreamTooLong { index: 0, limit: 1000 }]);
        assert!(report.stream.is_empty());
    }

    #[test]
    fn the_end_of_a_chunked_stream_belongs_to_no_message() {
        let report = encoded("chunked", &[b"hello"]);
        assert_eq!(report.tail, Some(Range(10, 15)));
        assert_eq!(report.overhead, 10);
    }
}
