//! A stream byte by byte: which message each belongs to, and whether it is payload or framing.

use super::{Arrival, Damage, How};
use sockscope_core::framing::{Codec, EncodeError, encode, finish};

/// What a byte of a message's frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The n-th byte of the message itself.
    Payload(usize),
    /// The n-th byte that the codec put around it.
    Framing(usize),
}

/// A byte of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Byte {
    /// Its value, damaged or not.
    pub value: u8,
    /// The message that it belongs to; none at the end mark of the whole stream.
    pub message: Option<usize>,
    /// What it is there.
    pub part: Part,
    /// Whether it was damaged.
    pub damaged: bool,
}

/// A stream as one codec writes it, and as it arrives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    /// The bytes that arrive.
    pub bytes: Vec<Byte>,
    /// Bytes that were written, before anything was lost or cut.
    pub written: usize,
    /// Of these, bytes of framing.
    pub overhead: usize,
    /// Where a read begins, beside the first.
    pub reads: Vec<usize>,
    /// Where the cut is, as an offset.
    pub cut: Option<usize>,
    /// Messages that the codec cannot carry; the stream does without them.
    pub refused: Vec<EncodeError>,
    /// Whether the damaged byte does not exist in this codec.
    pub undamaged: bool,
}

impl Stream {
    /// The values of the bytes.
    pub fn values(&self) -> Vec<u8> {
        self.bytes.iter().map(|byte| byte.value).collect()
    }
}

/// Writes the messages and lets them arrive.
pub fn stream(codec: &Codec, messages: &[Vec<u8>], arrival: &Arrival) -> Stream {
    let mut stream = Stream::default();
    for (index, message) in messages.iter().enumerate() {
        let mut frame = Vec::new();
        match encode(codec, index, None, message, &mut frame) {
            Ok(()) => {
                stream.bytes.extend(parts(codec, &frame, message.len()).zip(frame.iter()).map(|(part, &value)| Byte {
                    value,
                    message: Some(index),
                    part,
                    damaged: false,
                }))
            }
            Err(error) => stream.refused.push(error),
        }
    }
    let mut end = Vec::new();
    finish(codec, &mut end);
    let mark = |(at, &value): (usize, &u8)| Byte { value, message: None, part: Part::Framing(at), damaged: false };
    stream.bytes.extend(end.iter().enumerate().map(mark));
    stream.written = stream.bytes.len();
    stream.overhead = stream.bytes.iter().filter(|byte| matches!(byte.part, Part::Framing(_))).count();
    // The cut first: it counts bytes of payload as they were written.
    stream.cut = arrival.cut.map(|payload| place(&stream.bytes, payload));
    if let Some(damage) = arrival.damage {
        hurt(&mut stream, damage);
    }
    if let (Some(cut), true) = (stream.cut, arrival.ends) {
        stream.bytes.truncate(cut);
    }
    stream.reads = reads(stream.bytes.len(), arrival.read_size, stream.cut.filter(|_| !arrival.ends));
    stream
}

/// The offset behind so many bytes of payload.
fn place(bytes: &[Byte], payload: usize) -> usize {
    if payload == 0 {
        return 0;
    }
    let is_payload = |byte: &Byte| matches!(byte.part, Part::Payload(_));
    let found = bytes.iter().enumerate().filter(|(_, byte)| is_payload(byte)).nth(payload - 1);
    found.map_or(bytes.len(), |(at, _)| at + 1)
}

fn hurt(stream: &mut Stream, damage: Damage) {
    let of_message = |byte: &Byte| byte.message == Some(damage.message);
    // A codec with fewer bytes of framing is hurt in its last one.
    let framing = stream.bytes.iter().filter(|byte| of_message(byte) && matches!(byte.part, Part::Framing(_))).count();
    let wanted = match damage.part {
        Part::Framing(at) if framing > 0 => Part::Framing(at.min(framing - 1)),
        part => part,
    };
    let Some(at) = stream.bytes.iter().position(|byte| of_message(byte) && byte.part == wanted) else {
        stream.undamaged = true;
        return;
    };
    match damage.how {
        How::Low => stream.bytes[at].value ^= 0x01,
        How::High => stream.bytes[at].value ^= 0x80,
        How::Missing => {
            stream.bytes.remove(at);
            if let Some(cut) = stream.cut.as_mut().filter(|cut| **cut > at) {
                *cut -= 1;
            }
        }
    }
    // Where a byte is missing, the one behind it shows the place.
    if let Some(byte) = stream.bytes.get_mut(at) {
        byte.damaged = true;
    }
}

fn reads(length: usize, size: usize, cut: Option<usize>) -> Vec<usize> {
    let mut places = Vec::new();
    let mut at = 0;
    while at < length {
        let mut next = if size == 0 { length } else { (at + size).min(length) };
        // A read ends at the cut, and the next one is counted from there.
        if let Some(cut) = cut.filter(|cut| at < *cut && *cut < next) {
            next = cut;
        }
        if next < length {
            places.push(next);
        }
        at = next;
    }
    places
}

/// What each byte of a frame is, in order.
fn parts<'a>(codec: &Codec, frame: &'a [u8], length: usize) -> impl Iterator<Item = Part> + use<'a> {
    let inside = payload_in(codec, frame, length);
    let escape = match codec {
        Codec::Delimiter(delimiter) => delimiter.escape,
        _ => None,
    };
    let (mut payload, mut framing, mut escaped) = (0, 0, false);
    frame.iter().enumerate().map(move |(at, &byte)| {
        let is_payload = inside.0 <= at && at < inside.1 && (escaped || Some(byte) != escape);
        escaped = inside.0 <= at && at < inside.1 && !escaped && Some(byte) == escape;
        let counter = if is_payload { &mut payload } else { &mut framing };
        *counter += 1;
        if is_payload { Part::Payload(*counter - 1) } else { Part::Framing(*counter - 1) }
    })
}

/// Where in a frame its payload of `length` bytes stands, escapes included.
pub fn payload_in(codec: &Codec, frame: &[u8], length: usize) -> (usize, usize) {
    let whole = frame.len();
    match codec {
        Codec::Naive | Codec::Fixed { .. } => (0, length.min(whole)),
        Codec::Delimiter(_) => (0, whole.saturating_sub(1)),
        Codec::Line { .. } => (0, length.min(whole)),
        Codec::Length(_) | Codec::Varint | Codec::Tlv(_) => (whole.saturating_sub(length), whole),
        Codec::Netstring => (whole.saturating_sub(length + 1), whole.saturating_sub(1)),
        Codec::Chunked => (whole.saturating_sub(length + 2), whole.saturating_sub(2)),
    }
}
