//! What is remarkable about a packet: broken lengths, wrong checksums, repetitions, holes. Never a reason to stop.

use crate::wire::{Layer, Malformed, MalformedKind};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// Something remarkable about a packet. Its text is `wire.note_CODE`, or `wire.error_CODE` for what is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// Only the first bytes were kept when it was captured.
    Snapped {
        /// Bytes kept.
        have: u32,
        /// Bytes there were.
        need: u32,
    },
    /// A header breaks a rule; the place is counted from the beginning of the packet.
    Malformed(Malformed),
    /// A checksum is wrong. Most often the network card computes it later, behind the place of the capture.
    Checksum {
        /// Whose.
        layer: Layer,
        /// Where the field stands in the packet.
        at: u32,
        /// The field.
        found: u16,
        /// What the bytes give.
        expected: u16,
    },
    /// The frame has a VLAN tag (IEEE 802.1Q).
    Vlan {
        /// Its number.
        id: u16,
    },
    /// All of its sequence numbers were seen before.
    Retransmission,
    /// Some of them were seen before.
    Overlap,
    /// It fills a hole that earlier packets left: it came out of order, or again after a loss.
    OutOfOrder,
    /// Bytes before it were not captured, or were not captured yet.
    PreviousMissing {
        /// How many.
        bytes: u64,
    },
    /// It repeats the byte before the next one, to hear an acknowledgement (RFC 9293, 3.8.4).
    KeepAlive,
    /// It takes no more bytes.
    ZeroWindow,
    /// It carries the last fragment of a packet, which is shown whole.
    Reassembled {
        /// How many bytes the whole payload has.
        bytes: u32,
    },
    /// The fragments contradict each other; they are not put together.
    NotReassembled,
    /// There are too many conversations; it belongs to none.
    TooManyStreams {
        /// How many are kept.
        limit: u32,
    },
}

impl Note {
    /// Every code that is not [`MalformedKind`]'s.
    pub const CODES: &'static [&'static str] = &[
        "snapped",
        "checksum_wrong",
        "vlan",
        "retransmission",
        "overlap",
        "out_of_order",
        "previous_missing",
        "keep_alive",
        "zero_window",
        "reassembled",
        "not_reassembled",
        "too_many_streams",
    ];

    /// Its stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Note::Snapped { .. } => "snapped",
            Note::Malformed(malformed) => malformed.kind.code(),
            Note::Checksum { .. } => "checksum_wrong",
            Note::Vlan { .. } => "vlan",
            Note::Retransmission => "retransmission",
            Note::Overlap => "overlap",
            Note::OutOfOrder => "out_of_order",
            Note::PreviousMissing { .. } => "previous_missing",
            Note::KeepAlive => "keep_alive",
            Note::ZeroWindow => "zero_window",
            Note::Reassembled { .. } => "reassembled",
            Note::NotReassembled => "not_reassembled",
            Note::TooManyStreams { .. } => "too_many_streams",
        }
    }

    /// What fills the gaps of its text.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Note::Snapped { have, need } => vec![("have", have.to_string()), ("need", need.to_string())],
            Note::Malformed(malformed) => malformed.args(),
            Note::Checksum { layer, at, found, expected } => {
                let kind = MalformedKind::Checksum { layer: *layer, found: *found, expected: *expected };
                Malformed { at: *at as usize, kind }.args()
            }
            Note::Vlan { id } => vec![("id", id.to_string())],
            Note::PreviousMissing { bytes } => vec![("bytes", bytes.to_string())],
            Note::Reassembled { bytes } => vec![("bytes", bytes.to_string())],
            Note::TooManyStreams { limit } => vec![("limit", limit.to_string())],
            _ => Vec::new(),
        }
    }
}

impl Serialize for Note {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", self.code())?;
        match self {
            Note::Malformed(malformed) => malformed.serialize_into(&mut map)?,
            Note::Checksum { layer, at, found, expected } => {
                map.serialize_entry("layer", layer)?;
                map.serialize_entry("at", at)?;
                map.serialize_entry("found", found)?;
                map.serialize_entry("expected", expected)?;
            }
            Note::Snapped { have, need } => {
                map.serialize_entry("have", have)?;
                map.serialize_entry("need", need)?;
            }
            Note::Vlan { id } => map.serialize_entry("id", id)?,
            Note::PreviousMissing { bytes } => map.serialize_entry("bytes", bytes)?,
            Note::Reassembled { bytes } => map.serialize_entry("bytes", bytes)?,
            Note::TooManyStreams { limit } => map.serialize_entry("limit", limit)?,
            _ => {}
        }
        map.end()
    }
}
