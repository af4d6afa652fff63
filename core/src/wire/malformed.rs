//! What can be wrong with the bytes of a frame, and where. Which bytes are refused is decided in `dissect`.

use serde::Serialize;
use std::fmt;

/// A header that a frame may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the names are the protocols'
pub enum Layer {
    Ethernet,
    Arp,
    Ipv4,
    Icmp,
    Udp,
    Tcp,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Layer::Ethernet => "Ethernet",
            Layer::Arp => "ARP",
            Layer::Ipv4 => "IPv4",
            Layer::Icmp => "ICMP",
            Layer::Udp => "UDP",
            Layer::Tcp => "TCP",
        })
    }
}

/// Bytes that are no frame, with the place of the first wrong byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("byte {at}: {kind}")]
pub struct Malformed {
    /// Offset in bytes from the beginning of what was dissected.
    pub at: usize,
    /// What is wrong there.
    pub kind: MalformedKind,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum MalformedKind {
    /// The bytes end inside a header, or before the length that a header declares.
    #[error("the {layer} header or its payload is cut short: {need} bytes needed, {have} there")]
    Truncated {
        /// Whose.
        layer: Layer,
        /// Bytes needed from `at`.
        need: usize,
        /// Bytes there from `at`.
        have: usize,
    },
    /// The version field of an IPv4 packet is not 4.
    #[error("IP version {found}, not 4")]
    Version {
        /// What it is.
        found: u8,
    },
    /// A header length field is below the smallest header.
    #[error("{layer} header length of {declared} bytes, at least {least} needed")]
    HeaderLength {
        /// Whose.
        layer: Layer,
        /// Bytes it declares.
        declared: usize,
        /// Bytes the fixed part has.
        least: usize,
    },
    /// A length field contradicts the bytes around it.
    #[error("{layer} length of {declared} bytes where {have} are there and {least} are the least")]
    Length {
        /// Whose.
        layer: Layer,
        /// Bytes it declares.
        declared: usize,
        /// Bytes there.
        have: usize,
        /// Bytes the header alone has.
        least: usize,
    },
    /// A TCP option's length is below two or reaches beyond the header.
    #[error("TCP option {option} with length {length}")]
    OptionLength {
        /// Its kind number.
        option: u8,
        /// Its length byte; 0 where even that is missing.
        length: u8,
    },
    /// The checksum is not that of the bytes.
    #[error("{layer} checksum 0x{found:04x}, should be 0x{expected:04x}")]
    Checksum {
        /// Whose.
        layer: Layer,
        /// The field.
        found: u16,
        /// What the bytes give.
        expected: u16,
    },
}
