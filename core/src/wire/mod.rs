//! Frames, packets and segments as typed values, and as bytes. No state: what a stack does with them is not here.

pub mod capture;
pub(crate) mod checksum;
mod dissect;
mod encode;
mod event;
pub mod field;
mod fragment;
mod malformed;
pub mod reassembly;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use dissect::{be16, be32, mac};
pub use dissect::{dissect, dissect_ipv4, dissect_shared, tcp_options};
pub use encode::{encode, encode_ipv4};
pub use event::{ArpEvent, IcmpEvent};
pub use fragment::fragment;
pub use malformed::{Layer, Malformed, MalformedKind};

use crate::stream::Data;
use std::fmt;
use std::net::Ipv4Addr;

/// Bytes of an Ethernet II header without the FCS behind the frame.
pub const ETHERNET_HEADER: usize = 14;
/// Bytes of an IPv4 header without options, as we write it.
pub const IPV4_HEADER: usize = 20;
/// Bytes of a TCP header without options.
pub const TCP_HEADER: usize = 20;
/// Bytes of a UDP header.
pub const UDP_HEADER: usize = 8;
/// Bytes of an ICMP header.
pub const ICMP_HEADER: usize = 8;

const ETHERTYPE_IPV4: u16 = 0x0800;
const ETHERTYPE_ARP: u16 = 0x0806;

/// Numbers the frames of a run from 1 in the order they entered the link. A duplicate has a number of its own.
pub type FrameId = u32;

/// An Ethernet address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// All stations: `ff:ff:ff:ff:ff:ff`.
    pub const BROADCAST: MacAddress = MacAddress([0xff; 6]);
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An Ethernet II frame without its FCS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Destination address.
    pub destination: MacAddress,
    /// Source address.
    pub source: MacAddress,
    /// What it carries.
    pub payload: Packet,
}

/// What a frame carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// EtherType 0x0806 (RFC 826).
    Arp(Arp),
    /// EtherType 0x0800 (RFC 791).
    Ipv4(Ipv4),
    /// Anything else.
    Other {
        /// EtherType.
        ethertype: u16,
        /// The bytes behind it.
        data: Data,
    },
}

/// An ARP message for IPv4 over Ethernet (RFC 826).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arp {
    /// Whether it answers (`true`) or asks.
    pub reply: bool,
    /// Sender's Ethernet address.
    pub sender_mac: MacAddress,
    /// Sender's IPv4 address.
    pub sender: Ipv4Addr,
    /// Target's Ethernet address: zero when asking.
    pub target_mac: MacAddress,
    /// Target's IPv4 address.
    pub target: Ipv4Addr,
}

/// An IPv4 packet (RFC 791).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ipv4 {
    /// Source address.
    pub source: Ipv4Addr,
    /// Destination address.
    pub destination: Ipv4Addr,
    /// Time to live.
    pub ttl: u8,
    /// Type of service: DSCP and ECN.
    pub tos: u8,
    /// Identification, shared by the fragments of one packet.
    pub identification: u16,
    /// Don't Fragment.
    pub dont_fragment: bool,
    /// More Fragments.
    pub more_fragments: bool,
    /// Offset of this fragment in bytes, a multiple of eight.
    pub fragment_offset: u16,
    /// What it carries. Anything but [`Transport::Other`] only where the packet is not a fragment.
    pub payload: Transport,
}

/// What an IPv4 packet carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Protocol 6.
    Tcp(Segment),
    /// Protocol 17.
    Udp(Datagram),
    /// Protocol 1.
    Icmp(Icmp),
    /// Any other protocol, a fragment, or one that could not be dissected.
    Other {
        /// IP protocol number.
        protocol: u8,
        /// The bytes.
        data: Data,
    },
}

/// The control bits of a segment (RFC 9293, 3.1). JSON: `["SYN","ACK"]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub struct Control {
    pub cwr: bool,
    pub ece: bool,
    pub urg: bool,
    pub ack: bool,
    pub psh: bool,
    pub rst: bool,
    pub syn: bool,
    pub fin: bool,
}

impl Control {
    /// The bits of a header's fourteenth byte.
    pub const fn from_bits(bits: u8) -> Self {
        Control {
            fin: bits & 0x01 != 0,
            syn: bits & 0x02 != 0,
            rst: bits & 0x04 != 0,
            psh: bits & 0x08 != 0,
            ack: bits & 0x10 != 0,
            urg: bits & 0x20 != 0,
            ece: bits & 0x40 != 0,
            cwr: bits & 0x80 != 0,
        }
    }
}

/// The options of a segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TcpOptions {
    /// Maximum segment size (RFC 9293, 3.2).
    pub mss: Option<u16>,
    /// Window scale shift (RFC 7323, 2).
    pub window_scale: Option<u8>,
    /// SACK permitted (RFC 2018, 2).
    pub sack_permitted: bool,
    /// SACK blocks as (left edge, right edge) sequence numbers (RFC 2018, 3).
    pub sack: Vec<(u32, u32)>,
    /// Timestamps `(TSval, TSecr)` (RFC 7323, 3).
    pub timestamps: Option<(u32, u32)>,
}

/// A TCP segment (RFC 9293, 3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Sequence number of the first byte, or of SYN.
    pub sequence: u32,
    /// Acknowledgement number; meaningful with ACK.
    pub acknowledgement: u32,
    /// Control bits.
    pub control: Control,
    /// Window field as it stands in the header, unscaled.
    pub window: u16,
    /// Urgent pointer.
    pub urgent: u16,
    /// Options.
    pub options: TcpOptions,
    /// Payload.
    pub payload: Data,
}

impl Segment {
    /// `SEG.LEN`: payload bytes, plus one for SYN and one for FIN (RFC 9293, 3.4).
    pub fn sequence_length(&self) -> u32 {
        self.payload.len() as u32 + u32::from(self.control.syn) + u32::from(self.control.fin)
    }
}

/// A UDP datagram (RFC 768).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Payload.
    pub payload: Data,
}

/// An ICMP message (RFC 792).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Icmp {
    /// Type: 3 is destination unreachable, 8 and 0 are echo and its reply.
    pub kind: u8,
    /// Code: 3 under type 3 is port unreachable.
    pub code: u8,
    /// The second 32-bit word: identifier and sequence of an echo, next-hop MTU.
    pub rest: u32,
    /// What follows: for errors the IP header and first bytes of the packet that caused it.
    pub data: Data,
}
