//! Encapsulation: a message wrapped layer by layer down to the bits of the wire, and a frame unwrapped layer by layer to
//! the message. Every step says what it added or took off, and how the next one is known. No connection is kept here.
//!
//! ```
//! use sockscope_core::packets::encapsulate::{Content, Level, Wrapping, unwrap, wrap};
//! let wrapped = wrap(&Wrapping { payload: Content::Text("msg0".into()), ..Wrapping::default() }).unwrap();
//! let unit = &wrapped.units[0];
//! assert_eq!(unit.steps.iter().map(|step| step.added).collect::<Vec<_>>(), [0, 20, 20, 20, 8]);
//! let back = unwrap(&unit.bytes).unwrap();
//! assert_eq!(back.steps.first().unwrap().level, Level::Physical);
//! assert_eq!(&back.payload.unwrap()[..], b"msg0");
//! ```

mod crc;
mod peel;
mod receive;
mod stack;
#[cfg(test)]
mod tests;
mod wrap;

pub use crc::crc32;
pub use peel::{Entry, LONGEST_FRAME, Unwrapped, unwrap};
pub use receive::{Dropped, Received};
pub use stack::{Here, OSI, OsiLayer, TCP_IP, TcpIpLayer};
pub use wrap::{
    Carrier, Content, Ends, Forced, LONGEST_PAYLOAD, MOST_UNITS, Noise, Totals, Unit, WrapError, Wrapped, Wrapping,
    wrap,
};

use crate::stream::{Data, Range};
use crate::wire::field::Field;
use serde::Serialize;

/// Preamble and start frame delimiter (IEEE 802.3, 3.2.1 and 3.2.2): seven times `55`, then `d5`.
pub const PREAMBLE: [u8; 8] = [0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xd5];
/// The shortest frame without its FCS: what is shorter is padded (IEEE 802.3, 3.2.8 and 4A.2.3.2.4).
pub const SHORTEST_FRAME: usize = 60;
/// Bytes of the frame check sequence.
pub const FCS: usize = 4;
/// The pause between two frames, in bytes' time (IEEE 802.3, 4A.4.2).
pub const GAP: usize = 12;

/// A layer of TCP/IP (RFC 1122, 1.1.3), with the physical one below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Level {
    Application,
    Transport,
    Internet,
    Link,
    Physical,
}

/// What the unit of a layer is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Pdu {
    Message,
    Segment,
    Datagram,
    Packet,
    Fragment,
    Frame,
    Bits,
}

/// What a step put around the message, or takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// A message of HTTP.
    Http,
    /// A message of a protocol that only its ends know.
    Data,
    /// TCP (RFC 9293).
    Tcp,
    /// UDP (RFC 768).
    Udp,
    /// ICMP (RFC 792).
    Icmp,
    /// IPv4 (RFC 791).
    Ipv4,
    /// ARP (RFC 826).
    Arp,
    /// Ethernet II (RFC 894, IEEE 802.3).
    Ethernet,
    /// The medium: preamble and bits.
    Wire,
    /// A piece of a packet: the transport's header may be in another one.
    Fragment,
    /// A protocol that is not told apart here.
    Unknown,
    /// Bytes that cannot be told apart, because a header is cut short or contradicts itself.
    Undissected,
}

/// One layer's work. Places are bytes of the unit, `[start, end)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Whose work.
    pub level: Level,
    /// What its bytes are.
    pub protocol: Protocol,
    /// What the layer calls the whole of them.
    pub pdu: Pdu,
    /// All of them.
    pub place: Range,
    /// The header in front; empty where the layer adds none.
    pub header: Range,
    /// What it carries.
    pub payload: Range,
    /// What stands behind that: padding and frame check sequence.
    pub trailer: Range,
    /// Bytes that are this layer's own: header and trailer.
    pub added: u64,
    /// Header and trailer in fields, with their bits counted from the beginning of the unit.
    pub fields: Vec<Field>,
    /// The checksums among them, each with what it covers.
    pub checks: Vec<Check>,
    /// How it is known that these bytes are what they are.
    pub reason: Reason,
    /// What is wrong with them. A host that receives them drops the unit here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// Why bytes are taken for what they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Name of the text: `ethertype`, `protocol`, `port`.
    pub key: &'static str,
    /// What fills its gaps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<(&'static str, String)>,
    /// The bytes that say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Range>,
}

/// A checksum and what it is computed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The field: `tcp.checksum`, `ethernet.fcs`.
    pub field: &'static str,
    /// How it is computed.
    pub algorithm: Algorithm,
    /// Where it stands.
    pub place: Range,
    /// The bytes it covers, itself taken as zero where it is among them.
    pub covers: Range,
    /// The pseudo-header that stands before them in the computation and is never sent (RFC 768, RFC 9293, 3.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pseudo_header: Option<Data>,
    /// What stands there, as a number.
    pub found: u32,
    /// What the bytes give; absent where the sender computed none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<u32>,
}

impl Check {
    /// Whether it disagrees with the bytes.
    pub fn is_bad(&self) -> bool {
        self.expected.is_some_and(|expected| expected != self.found)
    }
}

/// How a checksum is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// Ones' complement of the ones' complement sum of 16-bit words (RFC 1071).
    Internet,
    /// CRC-32 (IEEE 802.3, 3.2.9).
    Crc32,
}

/// Something wrong with the bytes of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// A stable name.
    pub code: &'static str,
    /// The first byte at fault.
    pub at: u64,
    /// The numbers of the sentence.
    pub args: Vec<(&'static str, String)>,
    /// The sentence in English.
    pub message: String,
    /// The standard that says so.
    pub section: &'static str,
}
