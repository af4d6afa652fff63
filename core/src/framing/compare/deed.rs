//! What is done to a stream on its way: a cut, an end, a wrong byte, bytes lost or put in. What follows from it is not here.

use super::super::encoded::{Encoded, Role};
use crate::stream::{Data, Range};
use serde::{Deserialize, Serialize};

/// Something that happens to the bytes on their way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case", deny_unknown_fields)]
pub enum Deed {
    /// The bytes before and behind the place arrive in different reads. TCP may do that anywhere.
    Cut {
        /// Where.
        at: Place,
    },
    /// The connection is closed at the place: nothing behind it arrives.
    End {
        /// Where.
        at: Place,
    },
    /// The byte at the place arrives changed.
    Corrupt {
        /// Where.
        at: Place,
        /// The bits that are turned over.
        #[serde(default = "one")]
        xor: u8,
    },
    /// Bytes from the place on do not arrive.
    Drop {
        /// Where they begin.
        at: Place,
        /// How many.
        length: u64,
    },
    /// Bytes arrive that nobody sent.
    Insert {
        /// In front of which byte.
        at: Place,
        /// They.
        bytes: Data,
    },
}

/// A place in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Place {
    /// An offset: another place in every stream.
    Stream(u64),
    /// A byte of a message or of its framing: the same place in every stream.
    Message {
        /// Number of the message, from 0.
        message: usize,
        /// Its payload or its framing.
        part: PartOf,
        /// Which byte of that, from 0.
        #[serde(default)]
        byte: u64,
    },
}

/// The two kinds of bytes in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartOf {
    /// What was to be sent.
    Payload,
    /// What the codec added.
    Framing,
}

/// A deed at its place in one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Done {
    /// The name of the deed.
    pub kind: &'static str,
    /// The place in the stream as it was sent: the bytes that were changed or did not arrive; empty for a cut and for bytes put in.
    pub range: Range,
    /// Bytes that were put in.
    pub inserted: u64,
    /// The message to whose frame the place belongs.
    pub message: Option<usize>,
    /// What the byte at the place is for.
    pub role: Option<Role>,
}

fn one() -> u8 {
    1
}

impl Done {
    /// Where a place between two bytes of the sent stream is in the arrived one.
    pub(super) fn arrives(&self, place: u64) -> u64 {
        let Range(start, end) = self.range;
        match self.kind {
            "drop" | "end" if place > start => place.max(end) - (end - start),
            "insert" if place > start => place + self.inserted,
            _ => place,
        }
    }

    /// Where a range of the arrived stream was in the sent one; bytes that were put in have no place there.
    pub(super) fn was(&self, arrived: Range) -> Range {
        let Range(start, end) = self.range;
        let lost = if matches!(self.kind, "drop" | "end") { end - start } else { 0 };
        let first = match arrived.0 {
            at if self.kind == "insert" && at > start => start.max(at.saturating_sub(self.inserted)),
            at if at >= start => at + lost,
            at => at,
        };
        let last = match arrived.1 {
            at if self.kind == "insert" && at > start => start.max(at.saturating_sub(self.inserted)),
            at if at > start => at + lost,
            at => at,
        };
        Range(first, last)
    }
}

/// The bytes that arrive; `None` where the stream has no such place.
pub(super) fn apply(deed: &Deed, sent: &Encoded) -> Option<(Done, Vec<u8>)> {
    let mut bytes = sent.stream.to_vec();
    let length = sent.length;
    let (Deed::Cut { at }
    | Deed::End { at }
    | Deed::Corrupt { at, .. }
    | Deed::Drop { at, .. }
    | Deed::Insert { at, .. }) = deed;
    let at = find(*at, sent)?;
    let (kind, range, inserted) = match deed {
        Deed::Cut { .. } => ("cut", Range(at, at), 0),
        Deed::End { .. } => {
            bytes.truncate(at as usize);
            ("end", Range(at, length), 0)
        }
        Deed::Corrupt { xor, .. } => {
            *bytes.get_mut(at as usize)? ^= xor;
            ("corrupt", Range(at, at + 1), 0)
        }
        Deed::Drop { length: count, .. } => {
            let end = at.saturating_add(*count).min(length);
            bytes.drain(at as usize..end as usize);
            ("drop", Range(at, end), 0)
        }
        Deed::Insert { bytes: more, .. } => {
            bytes.splice(at as usize..at as usize, more.iter().copied());
            ("insert", Range(at, at), more.len() as u64)
        }
    };
    let frame = sent.messages.iter().find(|message| message.frame.0 <= at && at < message.frame.1);
    let part = frame.and_then(|frame| frame.parts.iter().find(|part| at < part.range.1));
    let tail = sent.tail.is_some_and(|tail| tail.0 <= at && at < tail.1);
    let role = part.map(|part| part.role).or(tail.then_some(Role::End));
    Some((Done { kind, range, inserted, message: frame.map(|frame| frame.index), role }, bytes))
}

/// The offset of a place; `None` where the stream has none.
fn find(place: Place, sent: &Encoded) -> Option<u64> {
    match place {
        Place::Stream(at) => (at <= sent.length).then_some(at),
        Place::Message { message, part, mut byte } => {
            let framed = sent.messages.iter().find(|framed| framed.index == message)?;
            let wanted = framed.parts.iter().filter(|one| (one.role == Role::Payload) == (part == PartOf::Payload));
            for one in wanted {
                if byte < one.range.len() {
                    return Some(one.range.0 + byte);
                }
                byte -= one.range.len();
            }
            None
        }
    }
}
