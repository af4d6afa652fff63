//! Takes messages out of a stream that arrives in any cut. Whole messages inside one chunk are not copied.

use super::chunked::Chunks;
use super::error::{Malformed, Truncated};
use super::length::{FixedSize, LengthPrefix, TypeLength, VarintPrefix};
use super::line::Lines;
use super::netstring::Netstrings;
use super::scan::{Progress, Scan, Scanner};
use super::{Codec, escape::Delimited};
use crate::stream::Range;

/// A message that was taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Its bytes, without framing and escapes.
    pub payload: &'a [u8],
    /// The whole frame in the stream, framing included.
    pub frame: Range,
    /// The type, of a TLV.
    pub tag: Option<u64>,
}

/// What a decoder finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A message.
    Message(Message<'a>),
    /// Bytes that break the agreement, after which the decoder found its way again.
    Damage(Malformed),
}

/// Takes messages out of a stream, chunk by chunk.
///
/// ```
/// use sockscope_core::framing::{Codec, Decoder, Found};
/// let mut decoder = Decoder::new(Codec::Netstring, 1024);
/// let mut messages = Vec::new();
/// for chunk in [&b"5:he"[..], b"llo,2:", b"ok,"] {
///     decoder.feed(chunk, |found| if let Found::Message(message) = found { messages.push(message.payload.to_vec()) })?;
/// }
/// decoder.finish().unwrap();
/// assert_eq!(messages, [b"hello".to_vec(), b"ok".to_vec()]);
/// # Ok::<(), sockscope_core::framing::Malformed>(())
/// ```
#[derive(Debug)]
pub struct Decoder {
    codec: Codec,
    limit: usize,
    /// The beginning of a frame that is not whole yet.
    carry: Vec<u8>,
    /// Stream offset of the first byte of `carry`, or of the next byte to come.
    offset: u64,
    /// Bytes the frame needs before looking again helps, and its length where that is known.
    need: (usize, Option<usize>),
    progress: Progress,
    scratch: Vec<u8>,
    dead: Option<Malformed>,
    ended: bool,
}

impl Decoder {
    /// A decoder of `codec` for payloads of at most `limit` bytes.
    pub fn new(codec: Codec, limit: usize) -> Self {
        Decoder {
            codec,
            limit,
            carry: Vec::new(),
            offset: 0,
            need: (1, None),
            progress: Progress::default(),
            scratch: Vec::new(),
            dead: None,
            ended: false,
        }
    }

    /// Whether the codec's own end of stream has been seen: the last chunk of [`Codec::Chunked`].
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Stream offset of the first byte that belongs to no message yet.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes of an unfinished message that are held.
    pub fn held(&self) -> usize {
        self.carry.len()
    }

    /// Takes the next bytes of the stream and gives each message to `each`.
    ///
    /// # Errors
    ///
    /// Bytes after which the next boundary cannot be found. Every later call gives the same error.
    pub fn feed(&mut self, input: &[u8], mut each: impl FnMut(Found<'_>)) -> Result<(), Malformed> {
        if let Some(malformed) = self.dead {
            return Err(malformed);
        }
        match self.codec.clone() {
            Codec::Naive => {
                if !input.is_empty() {
                    let frame = Range(self.offset, self.offset + input.len() as u64);
                    self.offset = frame.1;
                    each(Found::Message(Message { payload: input, frame, tag: None }));
                }
                Ok(())
            }
            Codec::Fixed { size, .. } => self.run(&FixedSize { size: size.max(1) }, input, &mut each),
            Codec::Delimiter(delimiter) => self.run(&Delimited(delimiter), input, &mut each),
            Codec::Line { .. } => self.run(&Lines, input, &mut each),
            Codec::Length(length) => self.run(&LengthPrefix(length), input, &mut each),
            Codec::Varint => self.run(&VarintPrefix, input, &mut each),
            Codec::Netstring => self.run(&Netstrings, input, &mut each),
            Codec::Tlv(tlv) => self.run(&TypeLength(tlv), input, &mut each),
            Codec::Chunked => self.run(&Chunks, input, &mut each),
        }
    }

    /// Says that the stream has ended.
    ///
    /// # Errors
    ///
    /// The stream ended inside a message.
    pub fn finish(&self) -> Result<(), Truncated> {
        let chunked_open = matches!(self.codec, Codec::Chunked) && !self.ended;
        if self.carry.is_empty() && !self.progress.skipping && !chunked_open {
            return Ok(());
        }
        let need = self.need.1.map(|need| need as u64);
        Err(Truncated { at: self.offset, have: self.carry.len() as u64, need })
    }

    fn run<S: Scanner>(
        &mut self,
        scanner: &S,
        mut input: &[u8],
        each: &mut impl FnMut(Found<'_>),
    ) -> Result<(), Malformed> {
        // First the frame that an earlier chunk began, with no more bytes than it wants.
        while !self.carry.is_empty() && !input.is_empty() {
            let wanted = scanner.wanted(self.carry.len(), self.need.0, input);
            let mut carry = std::mem::take(&mut self.carry);
            carry.extend_from_slice(&input[..wanted]);
            input = &input[wanted..];
            let consumed = if carry.len() >= self.need.0 { self.drain(scanner, &carry, each)? } else { 0 };
            if consumed == carry.len() {
                carry.clear();
            } else {
                carry.drain(..consumed);
            }
            self.carry = carry;
        }
        if self.carry.is_empty() && !input.is_empty() {
            let consumed = self.drain(scanner, input, each)?;
            self.carry.extend_from_slice(&input[consumed..]);
        }
        Ok(())
    }

    /// Takes every whole frame from the beginning of `bytes`; the answer is how many bytes they had.
    fn drain<S: Scanner>(
        &mut self,
        scanner: &S,
        bytes: &[u8],
        each: &mut impl FnMut(Found<'_>),
    ) -> Result<usize, Malformed> {
        let mut at = 0;
        let base = self.offset;
        while at < bytes.len() {
            let rest = &bytes[at..];
            if self.ended {
                return Err(self.die(Malformed { at: self.offset, kind: super::Kind::AfterEnd, recovered: false }));
            }
            match scanner.scan(rest, &mut self.progress, self.limit) {
                Scan::Frame { consumed, payload, tag, escaped } => {
                    let frame = Range(base + at as u64, base + (at + consumed) as u64);
                    let inside = &rest[payload.0..payload.1];
                    let payload = if escaped {
                        self.scratch.clear();
                        scanner.unescape(inside, &mut self.scratch);
                        &self.scratch
                    } else {
                        inside
                    };
                    each(Found::Message(Message { payload, frame, tag }));
                    at += consumed;
                    self.progress = Progress::default();
                    self.need = (1, None);
                }
                Scan::Need { at_least, total } => {
                    self.need = (at_least, total);
                    break;
                }
                Scan::Malformed { at: inside, kind, skip } => {
                    let malformed = Malformed { at: base + (at + inside) as u64, kind, recovered: skip.is_some() };
                    let Some(skip) = skip else { return Err(self.die(malformed)) };
                    each(Found::Damage(malformed));
                    at += skip;
                }
                Scan::Skip { consumed } => at += consumed,
                Scan::End { consumed } => {
                    at += consumed;
                    self.ended = true;
                }
            }
            self.offset = base + at as u64;
        }
        self.offset = base + at as u64;
        Ok(at)
    }

    fn die(&mut self, malformed: Malformed) -> Malformed {
        self.dead = Some(malformed);
        malformed
    }
}
