//! What is done to a stream on its way: a cut, an end, a wrong byte, bytes lost or put in. What follows from it is not here.

use super::super::encoded::{Encoded, Role};
use crate::stream::{Data, Range};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use thiserror::Error;

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
        /// Which byte of that, from 0. Framing of fewer bytes is met at its last one; behind the last byte of the payload a
        /// stream may be cut or end.
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
    /// Where that is in the stream as it arrived.
    pub at: u64,
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

impl Deed {
    /// The name, as in JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            Deed::Cut { .. } => "cut",
            Deed::End { .. } => "end",
            Deed::Corrupt { .. } => "corrupt",
            Deed::Drop { .. } => "drop",
            Deed::Insert { .. } => "insert",
        }
    }
}

impl Place {
    /// The byte at an offset of this stream as the place that it is in every stream; the offset where it belongs to no message.
    pub fn of(at: u64, sent: &Encoded) -> Place {
        let framed = sent.messages.iter().find(|framed| framed.frame.0 <= at && at < framed.frame.1);
        let part = framed.and_then(|framed| framed.parts.iter().find(|part| at < part.range.1));
        let (Some(framed), Some(part)) = (framed, part) else { return Place::Stream(at) };
        let kind = PartOf::of(part.role);
        let before = framed.parts.iter().filter(|one| PartOf::of(one.role) == kind && one.range.1 <= part.range.0);
        let byte = before.map(|one| one.range.len()).sum::<u64>() + at - part.range.0;
        Place::Message { message: framed.index, part: kind, byte }
    }
}

/// A word names no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a place is an offset, or MESSAGE.payload.BYTE or MESSAGE.framing.BYTE, counted from 0")]
pub struct NoPlace;

/// `17` is an offset, `2.payload.1` byte 1 of the payload of message 2, both counted from 0.
impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(word: &str) -> Result<Self, NoPlace> {
        let parts: Vec<&str> = word.split('.').collect();
        let part = |name: &str| match name {
            "payload" => Ok(PartOf::Payload),
            "framing" => Ok(PartOf::Framing),
            _ => Err(NoPlace),
        };
        match parts[..] {
            [at] => at.parse().map(Place::Stream).map_err(|_| NoPlace),
            [message, kind, byte] => Ok(Place::Message {
                message: message.parse().map_err(|_| NoPlace)?,
                part: part(kind)?,
                byte: byte.parse().map_err(|_| NoPlace)?,
            }),
            _ => Err(NoPlace),
        }
    }
}

impl PartOf {
    /// Which of the two a role is.
    pub fn of(role: Role) -> PartOf {
        if role == Role::Payload { PartOf::Payload } else { PartOf::Framing }
    }
}

/// What a deed does its work on, in the stream as it was sent; `None` where the stream has no such place.
pub(super) fn find(deed: &Deed, sent: &Encoded) -> Option<Range> {
    let between = |place: &Place| offset(*place, sent, true).map(|at| Range(at, at));
    match deed {
        Deed::Cut { at } | Deed::Insert { at, .. } => between(at),
        Deed::End { at } => between(at).map(|place| Range(place.0, sent.length)),
        Deed::Corrupt { at, .. } => {
            let at = offset(*at, sent, false)?;
            (at < sent.length).then_some(Range(at, at + 1))
        }
        Deed::Drop { at, length } => {
            let at = offset(*at, sent, false)?;
            Some(Range(at, at.saturating_add(*length).min(sent.length)))
        }
    }
}

/// The offset of a place; `None` where the stream has none. `between` two bytes there is one place more than there are bytes.
fn offset(place: Place, sent: &Encoded, between: bool) -> Option<u64> {
    let (message, part, mut byte) = match place {
        Place::Stream(at) => return (at <= sent.length).then_some(at),
        Place::Message { message, part, byte } => (message, part, byte),
    };
    let framed = sent.messages.iter().find(|framed| framed.index == message)?;
    let wanted = || framed.parts.iter().filter(|one| PartOf::of(one.role) == part).map(|one| one.range);
    let bytes: u64 = wanted().map(Range::len).sum();
    match part {
        PartOf::Framing => byte = byte.min(bytes.checked_sub(1)?),
        PartOf::Payload if between && byte == bytes => return wanted().next_back().map(|last| last.1),
        PartOf::Payload => {}
    }
    for range in wanted() {
        if byte < range.len() {
            return Some(range.0 + byte);
        }
        byte -= range.len();
    }
    None
}
