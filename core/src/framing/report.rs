//! A stream of frames as one object: what the command line, the API and the page show.

use super::{Codec, Decoder, Found, Malformed, Truncated};
use crate::stream::{Data, Range, Split};
use serde::Serialize;

/// Messages in a report; more are only counted.
const MESSAGES: usize = 10_000;

/// What a codec makes of a stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The codec.
    pub codec: Codec,
    /// Bytes of the stream.
    pub length: u64,
    /// The messages in order.
    pub messages: Vec<MessageReport>,
    /// Messages beyond the report's limit.
    pub more_messages: u64,
    /// Damage after which the decoder found its way again.
    pub damage: Vec<Malformed>,
    /// Bytes that are not payload: of the frames, and of what ends the stream.
    pub overhead: u64,
    /// Where the stream breaks the agreement for good.
    pub error: Option<Malformed>,
    /// Where the stream stops inside a message.
    pub incomplete: Option<Truncated>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageReport {
    /// Its bytes.
    pub payload: Data,
    /// Its frame in the stream, framing included.
    pub frame: Range,
    /// Where in the frame the payload stands, with escapes and filling.
    pub payload_range: Range,
    /// The type, of a TLV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<u64>,
}

/// Decodes `bytes` and tells everything about them; `limit` is the largest payload.
pub fn report(codec: &Codec, bytes: &[u8], split: Split, limit: usize) -> Report {
    of_pieces(codec, split.pieces(bytes), limit)
}

/// The same for a stream that arrives in these pieces.
pub fn of_pieces<'a>(codec: &Codec, pieces: impl Iterator<Item = &'a [u8]>, limit: usize) -> Report {
    let mut decoder = Decoder::new(codec.clone(), limit);
    let mut report = Report {
        codec: codec.clone(),
        length: 0,
        messages: Vec::new(),
        more_messages: 0,
        damage: Vec::new(),
        overhead: 0,
        error: None,
        incomplete: None,
    };
    let mut payload = 0;
    let (mut framed, mut last) = (0, 0);
    for piece in pieces {
        report.length += piece.len() as u64;
        if report.error.is_some() {
            continue;
        }
        let result = decoder.feed(piece, |found| match found {
            Found::Message(message) => {
                payload += message.payload.len() as u64;
                framed += message.frame.len();
                last = message.frame.1;
                match report.messages.len() < MESSAGES {
                    true => report.messages.push(MessageReport {
                        payload: Data::from(message.payload),
                        frame: message.frame,
                        payload_range: codec.payload_in(message.frame, message.payload.len() as u64),
                        tag: message.tag,
                    }),
                    false => report.more_messages += 1,
                }
            }
            Found::Damage(malformed) if report.damage.len() < MESSAGES => report.damage.push(malformed),
            Found::Damage(_) => {}
        });
        if let Err(malformed) = result {
            report.error = Some(malformed);
        }
    }
    report.overhead = framed - payload + if decoder.ended() { decoder.offset() - last } else { 0 };
    if report.error.is_none() {
        report.incomplete = decoder.finish().err();
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::parse;

    #[test]
    fn overhead_counts_what_is_not_payload() {
        let codec = parse("netstring").unwrap();
        let report = report(&codec, b"5:hello,2:ok,3:x", Split::Bytes, 100);
        assert_eq!((report.messages.len(), report.overhead), (2, 6));
        assert_eq!(report.incomplete, Some(Truncated { at: 13, have: 3, need: Some(6) }));
        assert_eq!((report.messages[1].frame, report.messages[1].payload_range), (Range(8, 13), Range(10, 12)));
    }

    #[test]
    fn the_payload_of_every_codec_is_found_in_its_frame() {
        for (word, stream, place) in [
            ("naive", &b"ab"[..], Range(0, 2)),
            ("fixed:4", b"ab\0\0", Range(0, 4)),
            ("line", b"ab\r\n", Range(0, 2)),
            ("delimiter:|:escape=^", b"a^|b|", Range(0, 4)),
            ("length:u16:offset=1", b"\0\0\x02ab", Range(3, 5)),
            ("varint", b"\x02ab", Range(1, 3)),
            ("tlv", b"\0\0\x02ab", Range(3, 5)),
            ("netstring", b"2:ab,", Range(2, 4)),
            ("chunked", b"2\r\nab\r\n0\r\n\r\n", Range(3, 5)),
        ] {
            let report = report(&parse(word).unwrap(), stream, Split::All, 100);
            assert_eq!(report.messages[0].payload_range, place, "{word}");
        }
    }
}
