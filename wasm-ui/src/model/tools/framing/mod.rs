//! What the reader sets on the framing page, as it stands in addresses, and the question to core that it makes. What becomes of
//! the messages is core's answer.

mod stream;

pub use stream::{Stream, stream, trials};

use super::input::{self, Form, Mistake};
use sockscope_core::framing::compare::{Deed, PartOf, Place};
use sockscope_core::framing::report::{Report, of_pieces};
use sockscope_core::framing::{Codec, parse};

/// Largest payload that a reader takes; also the limit that a damaged length runs into.
pub const LIMIT: usize = 1 << 16;

/// The codecs of the page, in its order: the name, and the word that is used where the reader chose none.
pub const CODECS: [(&str, &str); 9] = [
    ("naive", "naive"),
    ("fixed", "fixed:auto"),
    ("line", "line"),
    ("delimiter", "delimiter:;:escape=\\"),
    ("length", "length:u16"),
    ("varint", "varint"),
    ("netstring", "netstring"),
    ("tlv", "tlv"),
    ("chunked", "chunked"),
];

/// The codec that a word names; `fixed:auto` is as long as the longest message.
///
/// # Errors
/// What is wrong with the word, in English.
pub fn codec(word: &str, longest: usize) -> Result<Codec, String> {
    let word = word.trim().replace("fixed:auto", &format!("fixed:{}", longest.max(1)));
    parse(&word).map_err(|error| error.to_string())
}

/// What a codec finds in a stream that is read in pieces of `size` bytes; 0 is all at once.
pub fn decoded(codec: &Codec, bytes: &[u8], size: usize) -> Report {
    of_pieces(codec, bytes.chunks(if size == 0 { bytes.len().max(1) } else { size }), LIMIT)
}

/// The messages that were typed, a line each, with escapes.
///
/// # Errors
/// The line, counted from 0, and what is wrong in it.
pub fn messages(typed: &str) -> Result<Vec<Vec<u8>>, (usize, Mistake)> {
    typed
        .split('\n')
        .enumerate()
        .map(|(line, text)| input::parse(Form::Text, text.trim_end_matches('\r')).map_err(|mistake| (line, mistake)))
        .collect()
}

/// How the stream arrives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// Bytes that one read returns at most; 0 is "whatever is there".
    pub read_size: usize,
    /// Where the stream is cut: behind so many bytes of payload, which is a place that every codec has.
    pub cut: Option<usize>,
    /// What the cut is.
    pub ends: bool,
    /// What is damaged.
    pub damage: Option<Damage>,
}

/// A damaged byte, by what it is, so that it is the same in every codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The message, counted from 0.
    pub message: usize,
    /// Its payload or its framing.
    pub part: PartOf,
    /// Which byte of that.
    pub at: u64,
    /// What happens to it.
    pub how: How,
}

/// What happens to a damaged byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum How {
    /// Its lowest bit turns over.
    #[default]
    Low,
    /// Its highest bit turns over.
    High,
    /// It is missing.
    Missing,
}

impl How {
    /// All of them.
    pub const ALL: [How; 3] = [How::Low, How::High, How::Missing];

    /// The word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            How::Low => "low",
            How::High => "high",
            How::Missing => "missing",
        }
    }

    /// The way with that word.
    pub fn from_word(word: &str) -> Option<How> {
        How::ALL.into_iter().find(|how| how.word() == word)
    }
}

impl Damage {
    /// What it is to core.
    pub fn deed(self) -> Deed {
        let at = Place::Message { message: self.message, part: self.part, byte: self.at };
        match self.how {
            How::Low => Deed::Corrupt { at, xor: 0x01 },
            How::High => Deed::Corrupt { at, xor: 0x80 },
            How::Missing => Deed::Drop { at, length: 1 },
        }
    }

    /// As it stands in an address: `3.p.2.low` is byte 2 of the payload of message 3.
    pub fn write(self) -> String {
        let part = if self.part == PartOf::Payload { 'p' } else { 'f' };
        format!("{}.{part}.{}.{}", self.message, self.at, self.how.word())
    }

    /// Reads what [`Damage::write`] wrote.
    pub fn read(text: &str) -> Option<Damage> {
        let mut parts = text.split('.');
        let message = parts.next()?.parse().ok()?;
        let part = if parts.next()? == "p" { PartOf::Payload } else { PartOf::Framing };
        let at = parts.next()?.parse().ok()?;
        Some(Damage { message, part, at, how: How::from_word(parts.next()?)? })
    }
}

#[cfg(test)]
mod tests;
