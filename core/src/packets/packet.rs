//! One packet of a capture, as far as a list of packets shows it. Its every field is `wire::field`'s business.

use super::{Note, Summary};
use crate::wire::{Arp, Control, TcpOptions};
use bytes::Bytes;
use serde::{Serialize, Serializer};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

/// One packet of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Counted from 1.
    pub number: u64,
    /// Where its block or record begins in the file.
    pub at: u64,
    /// Nanoseconds since 1970, where the file gives a time.
    pub nanos: Option<u64>,
    /// The interface, counted from 0 over the whole file.
    pub interface: u32,
    /// `LINKTYPE_…` number of the interface: 1 is Ethernet.
    pub link_type: u16,
    /// Bytes that were kept.
    pub length: u32,
    /// Bytes that there were.
    pub original_length: u32,
    /// Who sent it, as the innermost header tells.
    pub source: Option<End>,
    /// Who shall get it.
    pub destination: Option<End>,
    /// The innermost protocol that was told apart.
    pub protocol: Protocol,
    /// What it carries.
    pub content: Content,
    /// The conversation it belongs to, counted from 1 in order of appearance.
    pub stream: Option<u32>,
    /// What is remarkable about it.
    pub notes: Vec<Note>,
    /// Comments that the file has on it.
    pub comments: Vec<String>,
    /// The bytes that were kept.
    pub data: Bytes,
    /// The payload of the IP packet of which this packet brought the last fragment.
    pub reassembled: Option<Bytes>,
}

/// Who sends or receives, as far as the headers tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// A station on a link. Bytes of a link-layer address of six bytes.
    Station(crate::wire::MacAddress),
    /// A host.
    Host(IpAddr),
    /// A port of a host.
    Port(SocketAddr),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Station(address) => address.fmt(f),
            End::Host(address) => address.fmt(f),
            End::Port(end) => end.fmt(f),
        }
    }
}

impl Serialize for End {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The innermost protocol of a packet that was told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the names are the protocols'
pub enum Protocol {
    Ethernet,
    Cooked,
    Arp,
    Ipv4,
    Ipv6,
    Icmp,
    Icmpv6,
    Udp,
    Tcp,
    /// Bytes of a link type that is not dissected, or too few bytes.
    Unknown,
}

impl Protocol {
    /// All of them, in the order of the layers.
    pub const ALL: [Protocol; 10] = [
        Protocol::Ethernet,
        Protocol::Cooked,
        Protocol::Arp,
        Protocol::Ipv4,
        Protocol::Ipv6,
        Protocol::Icmp,
        Protocol::Icmpv6,
        Protocol::Udp,
        Protocol::Tcp,
        Protocol::Unknown,
    ];

    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Protocol::Ethernet => "ethernet",
            Protocol::Cooked => "cooked",
            Protocol::Arp => "arp",
            Protocol::Ipv4 => "ipv4",
            Protocol::Ipv6 => "ipv6",
            Protocol::Icmp => "icmp",
            Protocol::Icmpv6 => "icmpv6",
            Protocol::Udp => "udp",
            Protocol::Tcp => "tcp",
            Protocol::Unknown => "unknown",
        }
    }
}

/// What a packet carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A TCP segment.
    Tcp(Box<Segment>),
    /// A UDP datagram.
    Udp(Datagram),
    /// An ICMP message, or one of ICMPv6.
    Icmp(Icmp),
    /// An ARP message for IPv4 over Ethernet.
    Arp(Arp),
    /// A fragment of an IPv4 packet.
    Fragment(Fragment),
    /// An IP packet with another protocol, or one whose payload cannot be told apart.
    Ip {
        /// Its IP protocol number.
        protocol: u8,
    },
    /// A frame with another EtherType.
    Frame {
        /// It.
        ethertype: u16,
    },
    /// Bytes that are not told apart: of a link type that is only named, or too few.
    Bytes,
}

/// A TCP segment in a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// As it stands in the header.
    pub sequence: u32,
    /// As it stands in the header; meaningful with ACK.
    pub acknowledgement: u32,
    /// From the initial number of this direction, which is 0; where its SYN was not captured, the first number seen
    /// is 1.
    pub relative_sequence: u64,
    /// From the initial number of the other direction; with ACK only.
    pub relative_acknowledgement: Option<u64>,
    /// Control bits.
    pub control: Control,
    /// Window field as it stands in the header.
    pub window_field: u16,
    /// In bytes: scaled where both ends said by how much.
    pub window: u32,
    /// Options.
    pub options: TcpOptions,
    /// Bytes of payload that were sent: more than were kept, where the packet was cut.
    pub length: u32,
    /// The payload that was kept: a place in the packet's bytes, or in what was reassembled from fragments.
    pub payload: Range<u32>,
    /// Whether it goes from the end that began the conversation, as far as the capture shows.
    pub forward: bool,
}

/// A UDP datagram in a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// Bytes of payload that were sent.
    pub length: u32,
    /// The payload that was kept.
    pub payload: Range<u32>,
    /// Whether it goes from the end that began the conversation.
    pub forward: bool,
}

/// An ICMP message in a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icmp {
    /// Type.
    pub kind: u8,
    /// Code.
    pub code: u8,
    /// The second 32-bit word.
    pub rest: u32,
    /// Bytes behind it.
    pub length: u32,
}

/// A fragment of an IPv4 packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// IP protocol number.
    pub protocol: u8,
    /// Identification, shared by all fragments of a packet.
    pub identification: u16,
    /// Offset in bytes.
    pub offset: u16,
    /// Whether more follow.
    pub more: bool,
    /// Bytes of it.
    pub length: u32,
}

impl Packet {
    /// What it is, in a sentence without language.
    pub fn summary(&self) -> Summary<'_> {
        Summary::of(self)
    }

    /// The payload of its segment or datagram that was kept.
    pub fn payload(&self) -> Option<Bytes> {
        let (range, whole) = (self.payload_range()?, self.reassembled.as_ref().unwrap_or(&self.data));
        Some(whole.slice(range.start as usize..range.end as usize))
    }

    /// Where that lies.
    fn payload_range(&self) -> Option<&Range<u32>> {
        match &self.content {
            Content::Tcp(segment) => Some(&segment.payload),
            Content::Udp(datagram) => Some(&datagram.payload),
            _ => None,
        }
    }

    /// The time as seconds since 1970 with nine decimals.
    pub fn seconds(&self) -> Option<String> {
        self.nanos.map(|nanos| format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000))
    }
}

impl Serialize for Packet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut object = serializer.serialize_struct("Packet", 14)?;
        object.serialize_field("number", &self.number)?;
        object.serialize_field("at", &self.at)?;
        object.serialize_field("time", &self.seconds())?;
        object.serialize_field("interface", &self.interface)?;
        object.serialize_field("link_type", &self.link_type)?;
        object.serialize_field("length", &self.length)?;
        object.serialize_field("original_length", &self.original_length)?;
        object.serialize_field("source", &self.source)?;
        object.serialize_field("destination", &self.destination)?;
        object.serialize_field("protocol", &self.protocol)?;
        if let Some(stream) = self.stream {
            object.serialize_field("stream", &stream)?;
        }
        object.serialize_field("summary", &self.summary())?;
        if !self.notes.is_empty() {
            object.serialize_field("notes", &self.notes)?;
        }
        if !self.comments.is_empty() {
            object.serialize_field("comments", &self.comments)?;
        }
        object.end()
    }
}
