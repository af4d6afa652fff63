//! One list of messages through every codec: the streams byte by byte, what a cut or a wrong byte does to them, and what
//! the reader at the other end makes of it.

mod decoded;
mod outcome;
mod stream;

pub use decoded::{Decoded, Message, decoded};
pub use outcome::{Outcome, Received, Verdict, read};
pub use stream::{Byte, Part, Stream, payload_in, stream};

use super::input::{self, Form, Mistake};
use sockscope_core::framing::compare::{Question, Trials, compare};
use sockscope_core::framing::{Codec, parse};

/// Most messages that are compared.
pub const MOST_MESSAGES: usize = 200;
/// Most bytes of all messages together.
pub const MOST_BYTES: usize = 16 << 10;
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

/// Bytes that the trials of one codec may decode, so that typing stays quick.
const WORK: usize = 60_000;

/// What a cut, an early end and a wrong bit do at every place of the stream.
pub fn trials(codec: &Codec, messages: &[Vec<u8>]) -> Option<Trials> {
    let question = Question {
        messages: messages.to_vec(),
        codecs: vec![codec.clone()],
        deed: None,
        reads: Vec::new(),
        limit: LIMIT,
        work: WORK,
    };
    compare(&question).columns.pop().map(|column| column.trials)
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
    /// Which of its bytes.
    pub part: Part,
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
    /// As it stands in an address: `3.p.2.low` is byte 2 of the payload of message 3.
    pub fn write(self) -> String {
        let (part, at) = match self.part {
            Part::Payload(at) => ('p', at),
            Part::Framing(at) => ('f', at),
        };
        format!("{}.{part}.{at}.{}", self.message, self.how.word())
    }

    /// Reads what [`Damage::write`] wrote.
    pub fn read(text: &str) -> Option<Damage> {
        let mut parts = text.split('.');
        let message = parts.next()?.parse().ok()?;
        let kind = parts.next()?;
        let at = parts.next()?.parse().ok()?;
        let part = if kind == "p" { Part::Payload(at) } else { Part::Framing(at) };
        Some(Damage { message, part, how: How::from_word(parts.next()?)? })
    }
}

#[cfg(test)]
mod tests;
