//! What is to be compared, and how much of it is taken. Nothing is answered here.

use super::super::{Codec, Delimiter, Ending, Length, Tlv, Width};
use super::deed::Deed;

/// Messages that a comparison takes at the most.
pub const MESSAGES: usize = 256;
/// Bytes that all messages may have together, and all bytes that are put in.
pub const BYTES: usize = 16 * 1024;
/// Codecs that a comparison takes at the most.
pub const CODECS: usize = 32;
/// Deeds that a comparison takes at the most.
pub const DEEDS: usize = 32;
/// Bytes that the trials of one codec decode where nobody is waiting for every key.
pub const WORK: usize = 1 << 20;

/// What is to be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The messages in order.
    pub messages: Vec<Vec<u8>>,
    /// The codecs.
    pub codecs: Vec<Codec>,
    /// What is done to each stream, all at once: places are those of the stream as it was sent.
    pub deeds: Vec<Deed>,
    /// How many bytes each read returns at most, again and again; without any, each frame arrives in a read of its own. Only
    /// [`Codec::Naive`] cares.
    pub reads: Vec<usize>,
    /// The largest payload that a reader takes.
    pub limit: usize,
    /// Bytes that the trials of one codec may decode; longer streams are tried at fewer places. Without any, nothing is tried.
    pub work: usize,
}

/// What there is too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMuch {
    /// It.
    pub what: Much,
    /// How much is taken.
    pub limit: usize,
}

/// What a question has a limited number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Much {
    /// Messages.
    Messages,
    /// Bytes of all messages.
    Bytes,
    /// Codecs.
    Codecs,
    /// Deeds.
    Deeds,
    /// Bytes that are put in.
    Inserted,
}

impl Much {
    /// The field that holds it.
    pub const fn name(self) -> &'static str {
        match self {
            Much::Messages | Much::Bytes => "messages",
            Much::Codecs => "codecs",
            Much::Deeds | Much::Inserted => "deeds",
        }
    }

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Much::Messages => "messages",
            Much::Bytes => "bytes",
            Much::Codecs => "codecs",
            Much::Deeds => "deeds",
            Much::Inserted => "inserted",
        }
    }

    /// What is counted, in English.
    pub const fn unit(self) -> &'static str {
        match self {
            Much::Messages => "messages",
            Much::Bytes => "bytes of messages",
            Much::Codecs => "codecs",
            Much::Deeds => "deeds",
            Much::Inserted => "bytes that are put in",
        }
    }
}

impl Question {
    /// The question, with the usual codecs where it names none.
    ///
    /// # Errors
    ///
    /// Something that there is too much of.
    pub fn checked(mut self) -> Result<Question, TooMuch> {
        let inserted = |deed: &Deed| if let Deed::Insert { bytes, .. } = deed { bytes.len() } else { 0 };
        for (what, number, limit) in [
            (Much::Messages, self.messages.len(), MESSAGES),
            (Much::Bytes, self.messages.iter().map(Vec::len).sum(), BYTES),
            (Much::Codecs, self.codecs.len(), CODECS),
            (Much::Deeds, self.deeds.len(), DEEDS),
            (Much::Inserted, self.deeds.iter().map(inserted).sum(), BYTES),
        ] {
            if number > limit {
                return Err(TooMuch { what, limit });
            }
        }
        if self.codecs.is_empty() {
            self.codecs = usual(self.messages.iter().map(Vec::len).max().unwrap_or(1));
        }
        Ok(self)
    }
}

/// The codecs that a course compares, for messages of at most `longest` bytes.
pub fn usual(longest: usize) -> Vec<Codec> {
    let length = |width| Codec::Length(Length { width, ..Length::default() });
    vec![
        Codec::Naive,
        Codec::Fixed { size: longest.max(1), pad: 0 },
        Codec::Delimiter(Delimiter { byte: b'|', escape: None }),
        Codec::Delimiter(Delimiter { byte: b'|', escape: Some(b'\\') }),
        Codec::Line { ending: Ending::Lf },
        length(Width::U8),
        length(Width::U32),
        Codec::Varint,
        Codec::Netstring,
        Codec::Tlv(Tlv::default()),
        Codec::Chunked,
    ]
}
