//! What can be wrong with the bytes of a frame, and where. Which bytes are refused is decided in `dissect`.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::fmt;

/// A header that a frame may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the names are the protocols'
pub enum Layer {
    Ethernet,
    /// The tag of IEEE 802.1Q.
    Vlan,
    /// The header that Linux makes up for captures on interfaces of any kind (`LINKTYPE_LINUX_SLL`).
    Cooked,
    /// The second version of it (`LINKTYPE_LINUX_SLL2`).
    Cooked2,
    /// The address family before packets of BSD's loopback (`LINKTYPE_NULL`, `LINKTYPE_LOOP`).
    Loopback,
    Arp,
    Ipv4,
    Ipv6,
    Icmp,
    Icmpv6,
    Udp,
    Tcp,
}

impl Layer {
    /// All of them.
    pub const ALL: [Layer; 12] = [
        Layer::Ethernet,
        Layer::Vlan,
        Layer::Cooked,
        Layer::Cooked2,
        Layer::Loopback,
        Layer::Arp,
        Layer::Ipv4,
        Layer::Ipv6,
        Layer::Icmp,
        Layer::Icmpv6,
        Layer::Udp,
        Layer::Tcp,
    ];

    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Layer::Ethernet => "ethernet",
            Layer::Vlan => "vlan",
            Layer::Cooked => "cooked",
            Layer::Cooked2 => "cooked2",
            Layer::Loopback => "loopback",
            Layer::Arp => "arp",
            Layer::Ipv4 => "ipv4",
            Layer::Ipv6 => "ipv6",
            Layer::Icmp => "icmp",
            Layer::Icmpv6 => "icmpv6",
            Layer::Udp => "udp",
            Layer::Tcp => "tcp",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Layer::Ethernet => "Ethernet",
            Layer::Vlan => "VLAN",
            Layer::Cooked => "Linux cooked",
            Layer::Cooked2 => "Linux cooked v2",
            Layer::Loopback => "loopback",
            Layer::Ipv6 => "IPv6",
            Layer::Icmpv6 => "ICMPv6",
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

impl MalformedKind {
    /// Every code there is.
    pub const CODES: &'static [&'static str] =
        &["truncated", "version", "header_length", "length", "option_length", "checksum"];

    /// Its stable code, as in JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            MalformedKind::Truncated { .. } => "truncated",
            MalformedKind::Version { .. } => "version",
            MalformedKind::HeaderLength { .. } => "header_length",
            MalformedKind::Length { .. } => "length",
            MalformedKind::OptionLength { .. } => "option_length",
            MalformedKind::Checksum { .. } => "checksum",
        }
    }

    /// Where the rule stands.
    pub const fn section(&self) -> Option<&'static str> {
        let layer = match self {
            MalformedKind::Version { .. } => return Some("RFC 791, 3.1"),
            MalformedKind::OptionLength { .. } => return Some("RFC 9293, 3.1"),
            MalformedKind::Truncated { layer, .. }
            | MalformedKind::HeaderLength { layer, .. }
            | MalformedKind::Length { layer, .. }
            | MalformedKind::Checksum { layer, .. } => *layer,
        };
        Some(match layer {
            Layer::Ethernet | Layer::Vlan | Layer::Cooked | Layer::Cooked2 | Layer::Loopback => return None,
            Layer::Arp => "RFC 826",
            Layer::Ipv4 => "RFC 791, 3.1",
            Layer::Ipv6 => "RFC 8200, 3",
            Layer::Icmp => "RFC 792",
            Layer::Icmpv6 => "RFC 4443, 2.1",
            Layer::Udp => "RFC 768",
            Layer::Tcp => "RFC 9293, 3.1",
        })
    }
}

impl Malformed {
    /// What fills the gaps of its text `wire.error_CODE`: every number, and the layer by its usual name.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let mut args = vec![("at", self.at.to_string())];
        let mut put = |name, value: String| args.push((name, value));
        match self.kind {
            MalformedKind::Truncated { layer, need, have } => {
                put("layer", layer.to_string());
                put("need", need.to_string());
                put("have", have.to_string());
            }
            MalformedKind::Version { found } => put("found", found.to_string()),
            MalformedKind::HeaderLength { layer, declared, least } => {
                put("layer", layer.to_string());
                put("declared", declared.to_string());
                put("least", least.to_string());
            }
            MalformedKind::Length { layer, declared, have, least } => {
                put("layer", layer.to_string());
                put("declared", declared.to_string());
                put("have", have.to_string());
                put("least", least.to_string());
            }
            MalformedKind::OptionLength { option, length } => {
                put("option", option.to_string());
                put("length", length.to_string());
            }
            MalformedKind::Checksum { layer, found, expected } => {
                put("layer", layer.to_string());
                put("found", format!("0x{found:04x}"));
                put("expected", format!("0x{expected:04x}"));
            }
        }
        args
    }

    /// Writes everything but the code into an object.
    pub(crate) fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("at", &self.at)?;
        match self.kind {
            MalformedKind::Truncated { layer, need, have } => {
                map.serialize_entry("layer", &layer)?;
                map.serialize_entry("need", &need)?;
                map.serialize_entry("have", &have)?;
            }
            MalformedKind::Version { found } => map.serialize_entry("found", &found)?,
            MalformedKind::HeaderLength { layer, declared, least } => {
                map.serialize_entry("layer", &layer)?;
                map.serialize_entry("declared", &declared)?;
                map.serialize_entry("least", &least)?;
            }
            MalformedKind::Length { layer, declared, have, least } => {
                map.serialize_entry("layer", &layer)?;
                map.serialize_entry("declared", &declared)?;
                map.serialize_entry("have", &have)?;
                map.serialize_entry("least", &least)?;
            }
            MalformedKind::OptionLength { option, length } => {
                map.serialize_entry("option", &option)?;
                map.serialize_entry("length", &length)?;
            }
            MalformedKind::Checksum { layer, found, expected } => {
                map.serialize_entry("layer", &layer)?;
                map.serialize_entry("found", &found)?;
                map.serialize_entry("expected", &expected)?;
            }
        }
        map.serialize_entry("message", &self.kind.to_string())?;
        if let Some(section) = self.kind.section() {
            map.serialize_entry("section", section)?;
        }
        Ok(())
    }
}

impl Serialize for Malformed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", self.kind.code())?;
        self.serialize_into(&mut map)?;
        map.end()
    }
}
