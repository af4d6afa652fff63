//! A stream of unknown origin through one codec: messages with the places of frame and payload. Nothing is known of what
//! was sent.

use super::{LIMIT, payload_in};
use sockscope_core::framing::{Codec, Decoder, Found, Malformed, Truncated};

/// Messages that are kept; more are only counted.
const MOST: usize = 5_000;

/// A message that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its bytes, without escapes.
    pub bytes: Vec<u8>,
    /// Its frame in the stream.
    pub frame: (usize, usize),
    /// Its payload in the stream, escapes included.
    pub payload: (usize, usize),
}

/// What a codec finds in a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The messages.
    pub messages: Vec<Message>,
    /// Messages beyond those.
    pub more: usize,
    /// Bytes in whole frames that are not payload.
    pub overhead: usize,
    /// Damage after which it went on.
    pub damage: Vec<Malformed>,
    /// Where it gave up.
    pub error: Option<Malformed>,
    /// Where it waits for more.
    pub incomplete: Option<Truncated>,
}

/// Reads the stream in pieces of `size` bytes; 0 is all at once.
pub fn decoded(codec: &Codec, bytes: &[u8], size: usize) -> Decoded {
    let mut found = Decoded::default();
    let mut decoder = Decoder::new(codec.clone(), LIMIT);
    for piece in bytes.chunks(if size == 0 { bytes.len().max(1) } else { size }) {
        let Decoded { messages, more, overhead, damage, .. } = &mut found;
        let fed = decoder.feed(piece, |it| match it {
            Found::Message(message) => {
                let frame = (message.frame.0 as usize, message.frame.1 as usize);
                *overhead += frame.1 - frame.0 - message.payload.len();
                if messages.len() < MOST {
                    let inside = payload_in(codec, &bytes[frame.0..frame.1], message.payload.len());
                    let payload = (frame.0 + inside.0, frame.0 + inside.1);
                    messages.push(Message { bytes: message.payload.to_vec(), frame, payload });
                } else {
                    *more += 1;
                }
            }
            Found::Damage(malformed) if damage.len() < MOST => damage.push(malformed),
            Found::Damage(_) => {}
        });
        if let Err(malformed) = fed {
            found.error = Some(malformed);
            return found;
        }
    }
    found.incomplete = decoder.finish().err();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tools::framing::codec;

    #[test]
    fn payload_and_frame_have_their_places() {
        let found = decoded(&codec("netstring", 1).unwrap(), b"5:hello,2:ok,3:x", 1);
        assert_eq!((found.messages[1].frame, found.messages[1].payload), ((8, 13), (10, 12)));
        assert_eq!((found.overhead, found.incomplete.unwrap().at), (6, 13));
        let found = decoded(&codec("line", 1).unwrap(), b"ab\r\nc\n", 0);
        assert_eq!((found.messages[0].frame, found.messages[0].payload), ((0, 4), (0, 2)));
        let found = decoded(&codec("chunked", 1).unwrap(), b"3\r\nabc\r\n0\r\n\r\nx", 0);
        assert_eq!(found.messages[0].payload, (3, 6));
        assert_eq!(found.error.unwrap().kind.code(), "after_end");
    }
}
