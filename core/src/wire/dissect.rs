//! Bytes to typed frames: every length is checked, every checksum verified, no bytes make it panic.
//! What a stack then does with a frame is not here.

use super::checksum::Sum;
use super::{Arp, Control, Datagram, Frame, Icmp, Ipv4, MacAddress, Packet, Segment, TcpOptions, Transport};
use super::{ETHERNET_HEADER, ICMP_HEADER, IPV4_HEADER, TCP_HEADER, UDP_HEADER};
use super::{ETHERTYPE_ARP, ETHERTYPE_IPV4};
use super::{Layer, Malformed, MalformedKind};
use crate::stream::Data;
use bytes::Bytes;
use std::net::Ipv4Addr;

/// Dissects an Ethernet frame without FCS; payload bytes are copied.
///
/// Ethernet padding, IPv4 options and TCP options that [`TcpOptions`] has no field for are read over.
/// A fragment, and a protocol other than ICMP, UDP and TCP, becomes [`Transport::Other`].
pub fn dissect(bytes: &[u8]) -> Result<Frame, Malformed> {
    ethernet(Source { bytes, shared: None })
}

/// As [`dissect`]; payloads share the memory of the frame.
pub fn dissect_shared(bytes: &Bytes) -> Result<Frame, Malformed> {
    ethernet(Source { bytes, shared: Some(bytes) })
}

/// Dissects an IPv4 packet, header first.
pub fn dissect_ipv4(bytes: &[u8]) -> Result<Ipv4, Malformed> {
    ipv4(Source { bytes, shared: None }, 0)
}

/// Reads the options of a TCP header, which are all of `bytes`.
pub fn tcp_options(bytes: &[u8]) -> Result<TcpOptions, Malformed> {
    options_in(Source { bytes, shared: None }, Place { start: 0, end: bytes.len() })
}

/// Dissects what an IPv4 packet between the two addresses carries; `bytes` begin behind the IPv4 header.
pub(super) fn dissect_transport(
    bytes: &Bytes,
    protocol: u8,
    source: Ipv4Addr,
    destination: Ipv4Addr,
) -> Result<Transport, Malformed> {
    let all = Source { bytes, shared: Some(bytes) };
    transport(all, Place { start: 0, end: bytes.len() }, protocol, (source, destination))
}

/// What is dissected, and the shared memory it lies in, if any.
#[derive(Clone, Copy)]
struct Source<'a> {
    bytes: &'a [u8],
    shared: Option<&'a Bytes>,
}

/// Where a header and its payload lie: `[start, end)`.
#[derive(Clone, Copy)]
struct Place {
    start: usize,
    end: usize,
}

impl<'a> Source<'a> {
    fn data(self, start: usize, end: usize) -> Data {
        match self.shared {
            Some(shared) => Data(shared.slice(start..end)),
            None => Data::from(&self.bytes[start..end]),
        }
    }

    /// The fixed part of the header at the beginning of `place`.
    fn header<const N: usize>(self, layer: Layer, place: Place) -> Result<&'a [u8; N], Malformed> {
        self.bytes[place.start..place.end].first_chunk().ok_or(Malformed {
            at: place.start,
            kind: MalformedKind::Truncated { layer, need: N, have: place.end - place.start },
        })
    }
}

/// Two bytes in network byte order.
pub(crate) fn be16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

/// Four bytes in network byte order.
pub(crate) fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// The hardware address at a place.
pub(crate) fn mac(bytes: &[u8], at: usize) -> MacAddress {
    MacAddress(std::array::from_fn(|i| bytes[at + i]))
}

/// Refuses a checksum field that is not what the bytes give. `sum` runs over all of them, the field included.
fn verify(layer: Layer, at: usize, found: u16, sum: Sum) -> Result<(), Malformed> {
    if sum.checksum() == 0 {
        return Ok(());
    }
    let expected = sum.without(found).checksum();
    Err(Malformed { at, kind: MalformedKind::Checksum { layer, found, expected } })
}

fn ethernet(all: Source<'_>) -> Result<Frame, Malformed> {
    let end = all.bytes.len();
    let header: &[u8; ETHERNET_HEADER] = all.header(Layer::Ethernet, Place { start: 0, end })?;
    let payload = match be16(header, 12) {
        ETHERTYPE_ARP => arp(all)?,
        ETHERTYPE_IPV4 => Packet::Ipv4(ipv4(all, ETHERNET_HEADER)?),
        ethertype => Packet::Other { ethertype, data: all.data(ETHERNET_HEADER, end) },
    };
    Ok(Frame { destination: mac(header, 0), source: mac(header, 6), payload })
}

fn arp(all: Source<'_>) -> Result<Packet, Malformed> {
    let place = Place { start: ETHERNET_HEADER, end: all.bytes.len() };
    let bytes: &[u8; 28] = all.header(Layer::Arp, place)?;
    let operation = be16(bytes, 6);
    // Ethernet hardware, IPv4 protocol, addresses of six and four bytes; RARP and the like are not ours.
    if bytes[..6] != [0, 1, 8, 0, 6, 4] || !(1..=2).contains(&operation) {
        return Ok(Packet::Other { ethertype: ETHERTYPE_ARP, data: all.data(place.start, place.end) });
    }
    Ok(Packet::Arp(Arp {
        reply: operation == 2,
        sender_mac: mac(bytes, 8),
        sender: Ipv4Addr::from_bits(be32(bytes, 14)),
        target_mac: mac(bytes, 18),
        target: Ipv4Addr::from_bits(be32(bytes, 24)),
    }))
}

fn ipv4(all: Source<'_>, start: usize) -> Result<Ipv4, Malformed> {
    let have = all.bytes.len() - start;
    let fixed: &[u8; IPV4_HEADER] = all.header(Layer::Ipv4, Place { start, end: all.bytes.len() })?;
    if fixed[0] >> 4 != 4 {
        return Err(Malformed { at: start, kind: MalformedKind::Version { found: fixed[0] >> 4 } });
    }
    let header = usize::from(fixed[0] & 0x0f) * 4;
    if header < IPV4_HEADER {
        let kind = MalformedKind::HeaderLength { layer: Layer::Ipv4, declared: header, least: IPV4_HEADER };
        return Err(Malformed { at: start, kind });
    }
    let length = usize::from(be16(fixed, 2));
    if length < header || length > have {
        let kind = MalformedKind::Length { layer: Layer::Ipv4, declared: length, have, least: header };
        return Err(Malformed { at: start + 2, kind });
    }
    verify(Layer::Ipv4, start + 10, be16(fixed, 10), Sum::default().add(&all.bytes[start..start + header]))?;
    let fragment = be16(fixed, 6);
    let (source, destination) = (Ipv4Addr::from_bits(be32(fixed, 12)), Ipv4Addr::from_bits(be32(fixed, 16)));
    let (more_fragments, fragment_offset) = (fragment & 0x2000 != 0, (fragment & 0x1fff) * 8);
    let place = Place { start: start + header, end: start + length };
    let payload = if more_fragments || fragment_offset != 0 {
        Transport::Other { protocol: fixed[9], data: all.data(place.start, place.end) }
    } else {
        transport(all, place, fixed[9], (source, destination))?
    };
    Ok(Ipv4 {
        source,
        destination,
        ttl: fixed[8],
        tos: fixed[1],
        identification: be16(fixed, 4),
        dont_fragment: fragment & 0x4000 != 0,
        more_fragments,
        fragment_offset,
        payload,
    })
}

fn transport(
    all: Source<'_>,
    place: Place,
    protocol: u8,
    addresses: (Ipv4Addr, Ipv4Addr),
) -> Result<Transport, Malformed> {
    Ok(match protocol {
        1 => Transport::Icmp(icmp(all, place)?),
        6 => Transport::Tcp(tcp(all, place, addresses)?),
        17 => Transport::Udp(udp(all, place, addresses)?),
        _ => Transport::Other { protocol, data: all.data(place.start, place.end) },
    })
}

fn icmp(all: Source<'_>, place: Place) -> Result<Icmp, Malformed> {
    let bytes: &[u8; ICMP_HEADER] = all.header(Layer::Icmp, place)?;
    let sum = Sum::default().add(&all.bytes[place.start..place.end]);
    verify(Layer::Icmp, place.start + 2, be16(bytes, 2), sum)?;
    let data = all.data(place.start + ICMP_HEADER, place.end);
    Ok(Icmp { kind: bytes[0], code: bytes[1], rest: be32(bytes, 4), data })
}

fn udp(all: Source<'_>, place: Place, (source, destination): (Ipv4Addr, Ipv4Addr)) -> Result<Datagram, Malformed> {
    let bytes: &[u8; UDP_HEADER] = all.header(Layer::Udp, place)?;
    let (length, have) = (usize::from(be16(bytes, 4)), place.end - place.start);
    if length < UDP_HEADER || length > have {
        let kind = MalformedKind::Length { layer: Layer::Udp, declared: length, have, least: UDP_HEADER };
        return Err(Malformed { at: place.start + 4, kind });
    }
    let end = place.start + length;
    let checksum = be16(bytes, 6);
    // Zero: the sender computed none (RFC 768).
    if checksum != 0 {
        let sum = Sum::pseudo_header(source, destination, 17, length).add(&all.bytes[place.start..end]);
        verify(Layer::Udp, place.start + 6, checksum, sum)?;
    }
    Ok(Datagram {
        source_port: be16(bytes, 0),
        destination_port: be16(bytes, 2),
        payload: all.data(place.start + UDP_HEADER, end),
    })
}

fn tcp(all: Source<'_>, place: Place, (source, destination): (Ipv4Addr, Ipv4Addr)) -> Result<Segment, Malformed> {
    let fixed: &[u8; TCP_HEADER] = all.header(Layer::Tcp, place)?;
    let have = place.end - place.start;
    let header = usize::from(fixed[12] >> 4) * 4;
    if header < TCP_HEADER {
        let kind = MalformedKind::HeaderLength { layer: Layer::Tcp, declared: header, least: TCP_HEADER };
        return Err(Malformed { at: place.start + 12, kind });
    }
    if header > have {
        let kind = MalformedKind::Truncated { layer: Layer::Tcp, need: header, have };
        return Err(Malformed { at: place.start, kind });
    }
    let sum = Sum::pseudo_header(source, destination, 6, have).add(&all.bytes[place.start..place.end]);
    verify(Layer::Tcp, place.start + 16, be16(fixed, 16), sum)?;
    let options = Place { start: place.start + TCP_HEADER, end: place.start + header };
    Ok(Segment {
        source_port: be16(fixed, 0),
        destination_port: be16(fixed, 2),
        sequence: be32(fixed, 4),
        acknowledgement: be32(fixed, 8),
        control: Control::from_bits(fixed[13]),
        window: be16(fixed, 14),
        urgent: be16(fixed, 18),
        options: options_in(all, options)?,
        payload: all.data(options.end, place.end),
    })
}

fn options_in(all: Source<'_>, place: Place) -> Result<TcpOptions, Malformed> {
    let mut options = TcpOptions::default();
    let mut at = place.start;
    while at < place.end {
        let rest = &all.bytes[at..place.end];
        let kind = rest[0];
        match kind {
            0 => break, // End of Option List: what follows is padding (RFC 9293, 3.1).
            1 => {
                at += 1;
                continue;
            }
            _ => {}
        }
        let length = rest.get(1).copied().unwrap_or(0);
        let Some(body) = rest.get(2..usize::from(length)) else {
            return Err(Malformed { at, kind: MalformedKind::OptionLength { option: kind, length } });
        };
        // A known kind with another length than its own is read over, as Linux does.
        match (kind, body.len()) {
            (2, 2) => options.mss = Some(be16(body, 0)),
            (3, 1) => options.window_scale = Some(body[0]),
            (4, 0) => options.sack_permitted = true,
            (5, 8 | 16 | 24 | 32) => {
                options.sack = body.as_chunks::<8>().0.iter().map(|edge| (be32(edge, 0), be32(edge, 4))).collect();
            }
            (8, 8) => options.timestamps = Some((be32(body, 0), be32(body, 4))),
            _ => {}
        }
        at += usize::from(length);
    }
    Ok(options)
}
