//! A frame as a tree of fields: each with its bits, its value and what the value means. It explains any bytes, good
//! or bad, and every bit exactly once; the typed frame that a stack works with is `dissect`'s.

mod names;
mod network;
#[cfg(test)]
mod tests;
mod transport;
mod walker;

pub use names::{MEANINGS, NAMES};

use super::{Layer, MacAddress, Malformed, MalformedKind, capture, dissect};
use serde::Serialize;
use std::net::{Ipv4Addr, Ipv6Addr};
use walker::Walker;

/// A frame, explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// Headers and payload in the order of their bytes, end to end from the first byte of the frame to the last.
    pub sections: Vec<Section>,
    /// Where the frame breaks a rule, if it does: its first mistake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub malformed: Option<Malformed>,
}

/// Bytes that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// What they are.
    pub kind: SectionKind,
    /// First byte, counted from the beginning of the frame.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
    /// Fields in the order of their bits, end to end.
    pub fields: Vec<Field>,
}

/// What the bytes of a section are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "layer")]
pub enum SectionKind {
    /// The header of a protocol.
    Header(Layer),
    /// What the last header carries.
    Payload,
    /// Bytes behind the IPv4 packet that only make the frame long enough.
    Padding,
    /// Bytes that cannot be told apart, because a header is cut short or contradicts itself.
    Undissected,
}

/// Some bits with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// A stable name: `ipv4.ttl`.
    pub name: &'static str,
    /// First bit, counted from the beginning of the frame, the highest bit of a byte first.
    pub bit: usize,
    /// How many bits.
    pub bits: usize,
    /// What they hold.
    pub value: Value,
    /// What that means: a stable name of a text, with arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<Meaning>,
    /// For a checksum: what the bytes give, and whether the field agrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<Checked>,
    /// Its parts, end to end: the bits of a set of flags, a TCP option's kind and length.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// An unsigned number, as it stands in the frame.
    Number(u64),
    /// An Ethernet address.
    Mac(MacAddress),
    /// An IPv4 address.
    Address(Ipv4Addr),
    /// An IPv6 address.
    Address6(Ipv6Addr),
    /// Bytes; the field's place says which.
    Bytes,
}

/// What a value means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meaning {
    /// Name of the text: `ethertype.arp`, `bytes`.
    pub key: &'static str,
    /// What fills its gaps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<(&'static str, String)>,
}

/// A checksum, computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Checked {
    /// The field is what the bytes give.
    Good,
    /// It is not; the bytes give this.
    Bad(u16),
    /// The sender computed none (UDP, RFC 768), or the bytes it covers are not all here.
    Absent,
}

impl Field {
    /// The bytes that the field touches, `[start, end)`.
    pub fn bytes(&self) -> std::ops::Range<usize> {
        self.bit / 8..(self.bit + self.bits).div_ceil(8)
    }
}

/// Explains an Ethernet frame without FCS.
///
/// ```
/// use sockscope_core::wire::field::{Value, explain};
/// let frame = [&[0xff; 6][..], &[2, 0, 0, 0, 0, 1], &[0x08, 0x06], &[0, 1]].concat();
/// let tree = explain(&frame);
/// let kind = &tree.sections[0].fields[2];
/// assert_eq!((kind.name, kind.bytes(), kind.value), ("ethernet.type", 12..14, Value::Number(0x0806)));
/// assert_eq!(tree.malformed.unwrap().at, 14, "the ARP message is cut short");
/// ```
pub fn explain(bytes: &[u8]) -> Tree {
    let mut walker = Walker::new(bytes, bytes.len());
    network::ethernet(&mut walker);
    Tree { sections: walker.finish(), malformed: dissect(bytes).err() }
}

/// Explains a packet of a capture file: of any link type, and perhaps cut to its first bytes when it was `whole` bytes
/// long. Link types that are not dissected give one section of bytes.
pub fn explain_captured(link_type: u16, bytes: &[u8], whole: usize) -> Tree {
    let mut walker = Walker::new(bytes, whole);
    match link_type {
        capture::ETHERNET => network::ethernet(&mut walker),
        capture::COOKED => network::cooked(&mut walker, Layer::Cooked),
        capture::COOKED_2 => network::cooked(&mut walker, Layer::Cooked2),
        capture::NULL | capture::LOOP => network::loopback(&mut walker),
        capture::RAW | capture::IPV4 | capture::IPV6 => network::internet(&mut walker),
        _ => {}
    }
    // What was cut off is nobody's mistake.
    let malformed = match link_type {
        capture::ETHERNET => dissect(bytes).err().filter(|malformed| {
            let missing = matches!(malformed.kind, MalformedKind::Truncated { .. } | MalformedKind::Length { .. });
            bytes.len() >= whole || !missing
        }),
        _ => None,
    };
    Tree { sections: walker.finish(), malformed }
}
