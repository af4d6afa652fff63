//! Typed frames to bytes: lengths and checksums are computed, nothing is taken on trust. The way back is `dissect`.

use super::checksum::Sum;
use super::{Arp, Frame, Icmp, Ipv4, Packet, Segment, TcpOptions, Transport};
use super::{ETHERNET_HEADER, ICMP_HEADER, IPV4_HEADER, TCP_HEADER, UDP_HEADER};
use super::{ETHERTYPE_ARP, ETHERTYPE_IPV4};
use bytes::Bytes;
use std::net::Ipv4Addr;

/// The bytes of a frame, without padding and FCS.
///
/// TCP options stand in the order Linux writes them; SACK blocks that do not fit into 40 bytes are left out, last first.
///
/// # Panics
///
/// If the IPv4 packet would be longer than 65,535 bytes: no field could say so, and whoever built it must split first.
pub fn encode(frame: &Frame) -> Bytes {
    let mut out = Vec::with_capacity(ETHERNET_HEADER + packet_length(&frame.payload));
    out.extend_from_slice(&frame.destination.0);
    out.extend_from_slice(&frame.source.0);
    match &frame.payload {
        Packet::Arp(arp) => {
            put16(&mut out, ETHERTYPE_ARP);
            put_arp(&mut out, arp);
        }
        Packet::Ipv4(packet) => {
            put16(&mut out, ETHERTYPE_IPV4);
            put_ipv4(&mut out, packet);
        }
        Packet::Other { ethertype, data } => {
            put16(&mut out, *ethertype);
            out.extend_from_slice(data);
        }
    }
    out.into()
}

/// The bytes of an IPv4 packet, header included. Panics as [`encode`] does.
pub fn encode_ipv4(packet: &Ipv4) -> Bytes {
    let mut out = Vec::with_capacity(packet.length());
    put_ipv4(&mut out, packet);
    out.into()
}

/// The bytes behind the IPv4 header, checksum computed with the packet's addresses.
pub(super) fn encode_transport(packet: &Ipv4) -> Bytes {
    let mut out = Vec::with_capacity(packet.payload.length());
    put_transport(&mut out, packet);
    out.into()
}

impl Frame {
    /// Length of its bytes: Ethernet header and payload, no FCS.
    pub fn length(&self) -> usize {
        ETHERNET_HEADER + packet_length(&self.payload)
    }
}

impl Ipv4 {
    /// The total length field: header and payload in bytes.
    pub fn length(&self) -> usize {
        IPV4_HEADER + self.payload.length()
    }
}

impl Transport {
    /// Length in bytes, header included.
    pub fn length(&self) -> usize {
        match self {
            Transport::Tcp(segment) => TCP_HEADER + segment.options.length() + segment.payload.len(),
            Transport::Udp(datagram) => UDP_HEADER + datagram.payload.len(),
            Transport::Icmp(icmp) => ICMP_HEADER + icmp.data.len(),
            Transport::Other { data, .. } => data.len(),
        }
    }

    /// The IP protocol number.
    pub fn protocol(&self) -> u8 {
        match self {
            Transport::Icmp(_) => 1,
            Transport::Tcp(_) => 6,
            Transport::Udp(_) => 17,
            Transport::Other { protocol, .. } => *protocol,
        }
    }
}

impl TcpOptions {
    /// Length in the header, padding included: a multiple of four, at most 40.
    pub fn length(&self) -> usize {
        option_bytes(self).1
    }
}

fn packet_length(packet: &Packet) -> usize {
    match packet {
        Packet::Arp(_) => 28,
        Packet::Ipv4(packet) => packet.length(),
        Packet::Other { data, .. } => data.len(),
    }
}

fn put16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

fn put32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_be_bytes());
}

fn put_arp(out: &mut Vec<u8>, arp: &Arp) {
    put16(out, 1); // Ethernet
    put16(out, ETHERTYPE_IPV4);
    out.extend_from_slice(&[6, 4]);
    put16(out, if arp.reply { 2 } else { 1 });
    out.extend_from_slice(&arp.sender_mac.0);
    out.extend_from_slice(&arp.sender.octets());
    out.extend_from_slice(&arp.target_mac.0);
    out.extend_from_slice(&arp.target.octets());
}

fn put_ipv4(out: &mut Vec<u8>, packet: &Ipv4) {
    let start = out.len();
    let length = u16::try_from(packet.length()).expect("an IPv4 packet has at most 65,535 bytes");
    let fragment = (packet.fragment_offset / 8) & 0x1fff
        | u16::from(packet.dont_fragment) << 14
        | u16::from(packet.more_fragments) << 13;
    out.extend_from_slice(&[0x45, packet.tos]);
    put16(out, length);
    put16(out, packet.identification);
    put16(out, fragment);
    out.extend_from_slice(&[packet.ttl, packet.payload.protocol(), 0, 0]);
    out.extend_from_slice(&packet.source.octets());
    out.extend_from_slice(&packet.destination.octets());
    let checksum = Sum::default().add(&out[start..]).checksum();
    out[start + 10..start + 12].copy_from_slice(&checksum.to_be_bytes());
    put_transport(out, packet);
}

fn put_transport(out: &mut Vec<u8>, packet: &Ipv4) {
    let (source, destination) = (packet.source, packet.destination);
    match &packet.payload {
        Transport::Tcp(segment) => put_tcp(out, segment, source, destination),
        Transport::Udp(datagram) => {
            let start = out.len();
            let length = UDP_HEADER + datagram.payload.len();
            put16(out, datagram.source_port);
            put16(out, datagram.destination_port);
            put16(out, u16::try_from(length).expect("a UDP datagram fits into an IPv4 packet"));
            put16(out, 0);
            out.extend_from_slice(&datagram.payload);
            let sum = Sum::pseudo_header(source, destination, 17, length).add(&out[start..]);
            // A computed zero is sent as all ones: zero in the field means that there is no checksum (RFC 768).
            let checksum = if sum.checksum() == 0 { 0xffff } else { sum.checksum() };
            out[start + 6..start + 8].copy_from_slice(&checksum.to_be_bytes());
        }
        Transport::Icmp(icmp) => put_icmp(out, icmp),
        Transport::Other { data, .. } => out.extend_from_slice(data),
    }
}

fn put_icmp(out: &mut Vec<u8>, icmp: &Icmp) {
    let start = out.len();
    out.extend_from_slice(&[icmp.kind, icmp.code, 0, 0]);
    put32(out, icmp.rest);
    out.extend_from_slice(&icmp.data);
    let checksum = Sum::default().add(&out[start..]).checksum();
    out[start + 2..start + 4].copy_from_slice(&checksum.to_be_bytes());
}

fn put_tcp(out: &mut Vec<u8>, segment: &Segment, source: Ipv4Addr, destination: Ipv4Addr) {
    let start = out.len();
    let (options, options_length) = option_bytes(&segment.options);
    let header = TCP_HEADER + options_length;
    let control = &segment.control;
    let bits = [control.fin, control.syn, control.rst, control.psh, control.ack, control.urg, control.ece, control.cwr];
    let flags = bits.iter().enumerate().fold(0u8, |flags, (bit, &set)| flags | u8::from(set) << bit);
    put16(out, segment.source_port);
    put16(out, segment.destination_port);
    put32(out, segment.sequence);
    put32(out, segment.acknowledgement);
    out.extend_from_slice(&[(header as u8 / 4) << 4, flags]);
    put16(out, segment.window);
    put16(out, 0);
    put16(out, segment.urgent);
    out.extend_from_slice(&options[..options_length]);
    out.extend_from_slice(&segment.payload);
    let length = out.len() - start;
    let checksum = Sum::pseudo_header(source, destination, 6, length).add(&out[start..]).checksum();
    out[start + 16..start + 18].copy_from_slice(&checksum.to_be_bytes());
}

/// Options as header bytes, with NOPs (kind 1) so that each begins where Linux aligns it.
fn option_bytes(options: &TcpOptions) -> ([u8; 40], usize) {
    let mut bytes = [1u8; 40];
    let mut used = 0;
    let mut put = |piece: &[u8]| {
        bytes[used..used + piece.len()].copy_from_slice(piece);
        used += piece.len();
        used
    };
    if let Some(mss) = options.mss {
        let [high, low] = mss.to_be_bytes();
        put(&[2, 4, high, low]);
    }
    match (options.sack_permitted, options.timestamps) {
        (permitted, Some((value, echo))) => {
            put(if permitted { &[4, 2] } else { &[1, 1] });
            put(&[8, 10]);
            put(&value.to_be_bytes());
            put(&echo.to_be_bytes());
        }
        (true, None) => {
            put(&[1, 1, 4, 2]);
        }
        (false, None) => {}
    }
    if let Some(shift) = options.window_scale {
        put(&[1, 3, 3, shift]);
    }
    let room = (40 - put(&[])).saturating_sub(4) / 8;
    let blocks = &options.sack[..options.sack.len().min(room)];
    if !blocks.is_empty() {
        put(&[1, 1, 5, 2 + 8 * blocks.len() as u8]);
        for (left, right) in blocks {
            put(&left.to_be_bytes());
            put(&right.to_be_bytes());
        }
    }
    (bytes, used)
}
