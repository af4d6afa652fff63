//! The headers of one packet, from the link inward, as far as they go. Broken ones leave a note and what can still be
//! told; conversations, and fragments put together, are not here.

use super::{Content, Datagram, End, Fragment, Icmp, Note, Protocol, Segment};
use crate::wire::checksum::Sum;
use crate::wire::{Arp, Control, Layer, Malformed, MalformedKind, be16, be32, capture, mac, tcp_options};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What the headers of a packet say.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) source: Option<End>,
    pub(super) destination: Option<End>,
    pub(super) protocol: Protocol,
    pub(super) content: Content,
    pub(super) notes: Vec<Note>,
    /// Where the payload of an IPv4 fragment lies, if all of it was kept.
    pub(super) fragment: Option<(usize, usize)>,
}

/// Headers of a packet of a link type; `whole` is its length before it was cut.
pub(super) fn decode(link_type: u16, bytes: &[u8], whole: usize) -> Decoded {
    let mut walk = Walk::new(bytes, whole);
    match link_type {
        capture::ETHERNET => walk.ethernet(),
        capture::COOKED => walk.cooked(Layer::Cooked, 16, 14),
        capture::COOKED_2 => walk.cooked(Layer::Cooked2, 20, 0),
        capture::NULL | capture::LOOP => walk.loopback(),
        capture::RAW | capture::IPV4 | capture::IPV6 => walk.internet(0),
        _ => {}
    }
    walk.out
}

/// Headers of the payload of an IPv4 packet that was put together from fragments.
pub(super) fn decode_transport(payload: &[u8], protocol: u8, source: Ipv4Addr, destination: Ipv4Addr) -> Decoded {
    let mut walk = Walk::new(payload, payload.len());
    walk.out.protocol = Protocol::Ipv4;
    walk.transport(protocol, 0, payload.len(), Addresses::V4(source, destination));
    walk.out
}

struct Walk<'a> {
    bytes: &'a [u8],
    whole: usize,
    out: Decoded,
}

/// Both addresses of an IP packet.
#[derive(Clone, Copy)]
enum Addresses {
    V4(Ipv4Addr, Ipv4Addr),
    V6(Ipv6Addr, Ipv6Addr),
}

impl Addresses {
    fn ends(self) -> (IpAddr, IpAddr) {
        match self {
            Addresses::V4(source, destination) => (source.into(), destination.into()),
            Addresses::V6(source, destination) => (source.into(), destination.into()),
        }
    }

    fn pseudo_header(self, protocol: u8, length: usize) -> Sum {
        match self {
            Addresses::V4(source, destination) => Sum::pseudo_header(source, destination, protocol, length),
            Addresses::V6(source, destination) => Sum::pseudo_header_6(source, destination, protocol, length),
        }
    }
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8], whole: usize) -> Self {
        let out = Decoded {
            source: None,
            destination: None,
            protocol: Protocol::Unknown,
            content: Content::Bytes,
            notes: Vec::new(),
            fragment: None,
        };
        Walk { bytes, whole: whole.max(bytes.len()), out }
    }

    /// A fixed header at a place. Where it is not all there, and nobody cut the packet, that is a mistake of its sender.
    fn header<const N: usize>(&mut self, layer: Layer, at: usize, end: usize) -> Option<&'a [u8; N]> {
        let rest = self.bytes.get(at..end.min(self.bytes.len())).unwrap_or_default();
        let header = rest.first_chunk();
        if header.is_none() && at + N > end.min(self.whole) {
            self.malformed(at, MalformedKind::Truncated { layer, need: N, have: rest.len() });
        }
        header
    }

    fn malformed(&mut self, at: usize, kind: MalformedKind) {
        self.out.notes.push(Note::Malformed(Malformed { at, kind }));
    }

    fn checksum(&mut self, layer: Layer, at: usize, sum: Sum) {
        if sum.checksum() == 0 {
            return;
        }
        let found = be16(self.bytes, at);
        let expected = sum.without(found).checksum();
        self.out.notes.push(Note::Checksum { layer, at: at as u32, found, expected });
    }

    fn ethernet(&mut self) {
        let Some(header) = self.header::<14>(Layer::Ethernet, 0, self.whole) else { return };
        self.out.protocol = Protocol::Ethernet;
        self.out.destination = Some(End::Station(mac(header, 0)));
        self.out.source = Some(End::Station(mac(header, 6)));
        self.ethertype(be16(header, 12), 14);
    }

    fn cooked(&mut self, layer: Layer, length: usize, ethertype: usize) {
        let header = match layer {
            Layer::Cooked => self.header::<16>(layer, 0, self.whole).map(|header| &header[..]),
            _ => self.header::<20>(layer, 0, self.whole).map(|header| &header[..]),
        };
        let Some(header) = header else { return };
        self.out.protocol = Protocol::Cooked;
        let address = if layer == Layer::Cooked { 6 } else { 12 };
        self.out.source = Some(End::Station(mac(header, address)));
        self.ethertype(be16(header, ethertype), length);
    }

    fn loopback(&mut self) {
        let Some(family) = self.header::<4>(Layer::Loopback, 0, self.whole) else { return };
        // In the order of the machine that captured: the family is a small number in either.
        let family = u32::from_be_bytes(*family).min(u32::from_le_bytes(*family));
        match family {
            2 | 10 | 24 | 28 | 30 => self.internet(4),
            _ => {}
        }
    }

    fn ethertype(&mut self, mut ethertype: u16, mut at: usize) {
        // IEEE 802.1Q, 9: tags may stand one in another.
        while matches!(ethertype, 0x8100 | 0x88a8) {
            let Some(tag) = self.header::<4>(Layer::Vlan, at, self.whole) else { break };
            self.out.notes.push(Note::Vlan { id: be16(tag, 0) & 0x0fff });
            ethertype = be16(tag, 2);
            at += 4;
        }
        self.out.content = Content::Frame { ethertype };
        match ethertype {
            0x0800 => self.ipv4(at),
            0x0806 => self.arp(at),
            0x86dd => self.ipv6(at),
            _ => {}
        }
    }

    fn internet(&mut self, at: usize) {
        match self.bytes.get(at).map(|byte| byte >> 4) {
            Some(6) => self.ipv6(at),
            _ => self.ipv4(at),
        }
    }

    fn arp(&mut self, at: usize) {
        let Some(bytes) = self.header::<28>(Layer::Arp, at, self.whole) else { return };
        self.out.protocol = Protocol::Arp;
        let operation = be16(bytes, 6);
        if bytes[..6] != [0, 1, 8, 0, 6, 4] || !(1..=2).contains(&operation) {
            return;
        }
        self.out.content = Content::Arp(Arp {
            reply: operation == 2,
            sender_mac: mac(bytes, 8),
            sender: Ipv4Addr::from_bits(be32(bytes, 14)),
            target_mac: mac(bytes, 18),
            target: Ipv4Addr::from_bits(be32(bytes, 24)),
        });
    }

    fn ipv4(&mut self, at: usize) {
        let Some(fixed) = self.header::<20>(Layer::Ipv4, at, self.whole) else { return };
        self.out.protocol = Protocol::Ipv4;
        if fixed[0] >> 4 != 4 {
            self.malformed(at, MalformedKind::Version { found: fixed[0] >> 4 });
            self.out.protocol = Protocol::Unknown;
            return;
        }
        let (source, destination) = (Ipv4Addr::from_bits(be32(fixed, 12)), Ipv4Addr::from_bits(be32(fixed, 16)));
        self.out.source = Some(End::Host(source.into()));
        self.out.destination = Some(End::Host(destination.into()));
        let protocol = fixed[9];
        self.out.content = Content::Ip { protocol };
        let header = usize::from(fixed[0] & 0x0f) * 4;
        if header < 20 {
            let kind = MalformedKind::HeaderLength { layer: Layer::Ipv4, declared: header, least: 20 };
            return self.malformed(at, kind);
        }
        let have = self.whole - at;
        let length = match usize::from(be16(fixed, 2)) {
            0 => have, // a card that splits segments later: the length is not filled in yet
            length => length,
        };
        if length < header || length > have {
            let kind = MalformedKind::Length { layer: Layer::Ipv4, declared: length, have, least: header };
            self.malformed(at + 2, kind);
            if length < header {
                return;
            }
        }
        if let Some(header) = self.bytes.get(at..at + header) {
            self.checksum(Layer::Ipv4, at + 10, Sum::default().add(header));
        }
        let (start, end) = (at + header, at + length.min(have));
        let fragment = be16(fixed, 6);
        let (more, offset) = (fragment & 0x2000 != 0, (fragment & 0x1fff) * 8);
        if more || offset != 0 {
            let (identification, length) = (be16(fixed, 4), (end - start) as u32);
            self.out.content = Content::Fragment(Fragment { protocol, identification, offset, more, length });
            self.out.fragment = (end <= self.bytes.len()).then_some((start, end));
            return;
        }
        self.transport(protocol, start, end, Addresses::V4(source, destination));
    }

    fn ipv6(&mut self, at: usize) {
        let Some(fixed) = self.header::<40>(Layer::Ipv6, at, self.whole) else { return };
        self.out.protocol = Protocol::Ipv6;
        let address = |at: usize| Ipv6Addr::from(std::array::from_fn::<u8, 16, _>(|i| fixed[at + i]));
        let (source, destination) = (address(8), address(24));
        self.out.source = Some(End::Host(source.into()));
        self.out.destination = Some(End::Host(destination.into()));
        let mut protocol = fixed[6];
        self.out.content = Content::Ip { protocol };
        let have = self.whole - at - 40;
        let length = match usize::from(be16(fixed, 4)) {
            0 => have,
            length => length,
        };
        if length > have {
            let kind = MalformedKind::Length { layer: Layer::Ipv6, declared: length, have, least: 0 };
            self.malformed(at + 4, kind);
        }
        let (mut start, end) = (at + 40, at + 40 + length.min(have));
        // Hop-by-hop options, routing, destination options: each tells its length in units of eight bytes
        // (RFC 8200, 4). A fragment header ends the walk.
        while matches!(protocol, 0 | 43 | 60) {
            let Some(extension) = self.bytes.get(start..end.min(self.bytes.len())).and_then(|it| it.first_chunk::<2>())
            else {
                return;
            };
            protocol = extension[0];
            start += (usize::from(extension[1]) + 1) * 8;
        }
        self.out.content = Content::Ip { protocol };
        if start <= end {
            self.transport(protocol, start, end, Addresses::V6(source, destination));
        }
    }

    fn transport(&mut self, protocol: u8, start: usize, end: usize, addresses: Addresses) {
        match (protocol, addresses) {
            (1, Addresses::V4(..)) => self.icmp(Layer::Icmp, start, end, Sum::default()),
            (58, Addresses::V6(..)) => {
                let sum = addresses.pseudo_header(58, end - start);
                self.icmp(Layer::Icmpv6, start, end, sum);
            }
            (6, _) => self.tcp(start, end, addresses),
            (17, _) => self.udp(start, end, addresses),
            _ => self.out.content = Content::Ip { protocol },
        }
    }

    fn icmp(&mut self, layer: Layer, start: usize, end: usize, sum: Sum) {
        let Some(header) = self.header::<8>(layer, start, end) else { return };
        self.out.protocol = if layer == Layer::Icmp { Protocol::Icmp } else { Protocol::Icmpv6 };
        if let Some(covered) = self.bytes.get(start..end) {
            self.checksum(layer, start + 2, sum.add(covered));
        }
        let (kind, code, rest, length) = (header[0], header[1], be32(header, 4), (end - start - 8) as u32);
        self.out.content = Content::Icmp(Icmp { kind, code, rest, length });
    }

    fn ports(&mut self, header: &[u8], addresses: Addresses) {
        let (source, destination) = addresses.ends();
        self.out.source = Some(End::Port(SocketAddr::new(source, be16(header, 0))));
        self.out.destination = Some(End::Port(SocketAddr::new(destination, be16(header, 2))));
    }

    fn udp(&mut self, start: usize, end: usize, addresses: Addresses) {
        let Some(header) = self.header::<8>(Layer::Udp, start, end) else { return };
        self.out.protocol = Protocol::Udp;
        self.ports(header, addresses);
        let (declared, have) = (usize::from(be16(header, 4)), end - start);
        let length = if (8..=have).contains(&declared) {
            declared
        } else {
            let kind = MalformedKind::Length { layer: Layer::Udp, declared, have, least: 8 };
            self.malformed(start + 4, kind);
            have
        };
        let end = start + length;
        // Zero: the sender computed none (RFC 768).
        if let (Some(covered), true) = (self.bytes.get(start..end), be16(header, 6) != 0 && declared == length) {
            self.checksum(Layer::Udp, start + 6, addresses.pseudo_header(17, length).add(covered));
        }
        let payload = self.kept(start + 8, end);
        self.out.content = Content::Udp(Datagram { length: (length - 8) as u32, payload, forward: true });
    }

    fn tcp(&mut self, start: usize, end: usize, addresses: Addresses) {
        let Some(fixed) = self.header::<20>(Layer::Tcp, start, end) else { return };
        self.out.protocol = Protocol::Tcp;
        self.ports(fixed, addresses);
        let (header, have) = (usize::from(fixed[12] >> 4) * 4, end - start);
        if header < 20 {
            let kind = MalformedKind::HeaderLength { layer: Layer::Tcp, declared: header, least: 20 };
            return self.malformed(start + 12, kind);
        }
        if header > have {
            return self.malformed(start, MalformedKind::Truncated { layer: Layer::Tcp, need: header, have });
        }
        if let Some(covered) = self.bytes.get(start..end) {
            self.checksum(Layer::Tcp, start + 16, addresses.pseudo_header(6, have).add(covered));
        }
        let options = match self.bytes.get(start + 20..start + header) {
            Some(options) if header > 20 => tcp_options(options).unwrap_or_else(|malformed| {
                self.malformed(start + 20 + malformed.at, malformed.kind);
                Default::default()
            }),
            _ => Default::default(),
        };
        let control = Control::from_bits(fixed[13]);
        let window = be16(fixed, 14);
        self.out.content = Content::Tcp(Box::new(Segment {
            sequence: be32(fixed, 4),
            acknowledgement: be32(fixed, 8),
            relative_sequence: 0,
            relative_acknowledgement: None,
            control,
            window_field: window,
            window: window.into(),
            options,
            length: (have - header) as u32,
            payload: self.kept(start + header, end),
            forward: true,
        }));
    }

    /// What was kept of a place.
    fn kept(&self, start: usize, end: usize) -> std::ops::Range<u32> {
        let kept = |at: usize| at.min(self.bytes.len()) as u32;
        kept(start)..kept(end)
    }
}
