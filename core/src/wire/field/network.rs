//! Fields of Ethernet, ARP and IPv4.

use super::SectionKind;
use super::transport;
use super::walker::{CutShort, Walked, Walker};
use crate::wire::checksum::Sum;
use crate::wire::{ETHERTYPE_ARP, ETHERTYPE_IPV4, IPV4_HEADER, Layer};

/// The whole frame, as far as it can be told apart; the walker's `finish` has the rest.
pub(super) fn ethernet(walker: &mut Walker<'_>) {
    let Ok(kind) = ethernet_header(walker) else { return };
    walker.header(Layer::Ethernet);
    ethertype(walker, kind);
}

/// The header that Linux makes up where an interface has none of its own, or each has another
/// (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2).
pub(super) fn cooked(walker: &mut Walker<'_>, layer: Layer) {
    let header = if layer == Layer::Cooked { cooked_header(walker) } else { cooked_2_header(walker) };
    let Ok(kind) = header else { return };
    walker.header(layer);
    ethertype(walker, kind);
}

fn cooked_header(walker: &mut Walker<'_>) -> Walked<u64> {
    let kind = walker.number("cooked.packet_type", 16)?;
    packet_type(walker, kind);
    walker.number("cooked.hardware_type", 16)?;
    let length = walker.number("cooked.address_length", 16)?;
    walker.means_bytes(length);
    cooked_address(walker, length)?;
    protocol_type(walker)
}

fn cooked_2_header(walker: &mut Walker<'_>) -> Walked<u64> {
    let kind = protocol_type(walker)?;
    walker.number("cooked.reserved", 16)?;
    walker.number("cooked.interface", 32)?;
    walker.number("cooked.hardware_type", 16)?;
    let packet = walker.number("cooked.packet_type", 8)?;
    packet_type(walker, packet);
    let length = walker.number("cooked.address_length", 8)?;
    walker.means_bytes(length);
    cooked_address(walker, length)?;
    Ok(kind)
}

/// Eight bytes hold the address; it fills as many as it has.
fn cooked_address(walker: &mut Walker<'_>, length: u64) -> Walked<()> {
    if walker.rest().len() < 8 {
        return Err(CutShort);
    }
    if length == 6 {
        walker.mac("cooked.address")?;
        walker.data("cooked.unused", 2);
    } else {
        walker.data("cooked.address", 8);
    }
    Ok(())
}

fn protocol_type(walker: &mut Walker<'_>) -> Walked<u64> {
    let kind = walker.number("cooked.protocol", 16)?;
    means_ethertype(walker, kind);
    Ok(kind)
}

fn packet_type(walker: &mut Walker<'_>, kind: u64) {
    let names = ["cooked.to_us", "cooked.broadcast", "cooked.multicast", "cooked.to_others", "cooked.from_us"];
    if let Some(name) = names.get(kind as usize) {
        walker.means(name);
    }
}

/// BSD's loopback: the address family in the order of the machine, then an IP packet.
pub(super) fn loopback(walker: &mut Walker<'_>) {
    if walker.number("loopback.family", 32).is_ok() {
        walker.header(Layer::Loopback);
        internet(walker);
    }
}

/// An IP packet without anything before it.
pub(super) fn internet(walker: &mut Walker<'_>) {
    let done = match walker.rest().first().map(|byte| byte >> 4) {
        Some(6) => ipv6(walker),
        _ => ipv4(walker),
    };
    if done.is_ok() {
        walker.unlimit();
        walker.remainder(SectionKind::Padding, "padding");
    }
}

/// What an EtherType says that follows.
fn ethertype(walker: &mut Walker<'_>, mut kind: u64) {
    // Tags may stand one in another.
    while matches!(kind, 0x8100 | 0x88a8) {
        match vlan(walker) {
            Ok(inner) => kind = inner,
            Err(CutShort) => return,
        }
        walker.header(Layer::Vlan);
    }
    match kind as u16 {
        0x86dd => {
            if ipv6(walker).is_ok() {
                walker.unlimit();
                walker.remainder(SectionKind::Padding, "padding");
            }
        }
        ETHERTYPE_ARP => {
            if arp(walker).is_ok() {
                walker.header(Layer::Arp);
                walker.remainder(SectionKind::Padding, "padding");
            }
        }
        ETHERTYPE_IPV4 => {
            if ipv4(walker).is_ok() {
                walker.unlimit();
                walker.remainder(SectionKind::Padding, "padding");
            }
        }
        _ => walker.remainder(SectionKind::Payload, "payload"),
    }
}

fn ethernet_header(walker: &mut Walker<'_>) -> Walked<u64> {
    walker.mac("ethernet.destination")?;
    walker.mac("ethernet.source")?;
    let kind = walker.number("ethernet.type", 16)?;
    means_ethertype(walker, kind);
    Ok(kind)
}

/// A tag of IEEE 802.1Q, 9.6.
fn vlan(walker: &mut Walker<'_>) -> Walked<u64> {
    walker.number("vlan.priority", 3)?;
    walker.number("vlan.drop_eligible", 1)?;
    walker.number("vlan.id", 12)?;
    let kind = walker.number("vlan.type", 16)?;
    means_ethertype(walker, kind);
    Ok(kind)
}

fn means_ethertype(walker: &mut Walker<'_>, kind: u64) {
    match kind {
        0x0800 => walker.means("ethertype.ipv4"),
        0x0806 => walker.means("ethertype.arp"),
        0x8100 => walker.means("ethertype.vlan"),
        0x86dd => walker.means("ethertype.ipv6"),
        0x88cc => walker.means("ethertype.lldp"),
        0x88a8 => walker.means("ethertype.vlan_service"),
        ..=1500 => walker.means("ethertype.length"), // IEEE 802.3, 3.2.6: a length, not a type
        _ => {}
    }
}

fn arp(walker: &mut Walker<'_>) -> Walked<()> {
    let hardware = walker.number("arp.hardware_type", 16)?;
    if hardware == 1 {
        walker.means("arp.hardware.ethernet");
    }
    let protocol = walker.number("arp.protocol_type", 16)?;
    if protocol == u64::from(ETHERTYPE_IPV4) {
        walker.means("ethertype.ipv4");
    }
    let hardware_length = walker.number("arp.hardware_length", 8)?;
    walker.means_bytes(hardware_length);
    let protocol_length = walker.number("arp.protocol_length", 8)?;
    walker.means_bytes(protocol_length);
    match walker.number("arp.operation", 16)? {
        1 => walker.means("arp.operation.request"),
        2 => walker.means("arp.operation.reply"),
        _ => {}
    }
    // Addresses of other lengths than ours are not told apart.
    if (hardware_length, protocol_length) != (6, 4) {
        return Err(CutShort);
    }
    walker.mac("arp.sender_mac")?;
    walker.address("arp.sender")?;
    walker.mac("arp.target_mac")?;
    walker.address("arp.target")?;
    Ok(())
}

fn ipv4(walker: &mut Walker<'_>) -> Walked<()> {
    let start = walker.at();
    if walker.number("ipv4.version", 4)? != 4 {
        return Err(CutShort);
    }
    let header = walker.number("ipv4.header_length", 4)? as usize * 4;
    walker.means_bytes(header as u64);
    dscp(walker)?;
    let length = walker.number("ipv4.total_length", 16)? as usize;
    walker.means_bytes(length as u64);
    walker.number("ipv4.identification", 16)?;
    walker.number("ipv4.reserved", 1)?;
    walker.number("ipv4.dont_fragment", 1)?;
    let more = walker.number("ipv4.more_fragments", 1)? == 1;
    let offset = walker.number("ipv4.fragment_offset", 13)?;
    walker.means_bytes(offset * 8);
    walker.number("ipv4.ttl", 8)?;
    let protocol = walker.number("ipv4.protocol", 8)?;
    means_protocol(walker, protocol);
    let checksum = walker.number("ipv4.checksum", 16)?;
    let whole = walker.bytes().get(start..start + header).filter(|_| header >= IPV4_HEADER);
    walker.checked(checksum, whole.map(|bytes| Sum::default().add(bytes).without(checksum as u16).checksum()));
    let source = walker.address("ipv4.source")?;
    let destination = walker.address("ipv4.destination")?;
    // A card that splits segments later has not filled in the length yet.
    let have = walker.whole() - start;
    let length = if length == 0 { have } else { length };
    if header < IPV4_HEADER || start + header > walker.end() || length < header || length > have {
        return Err(CutShort);
    }
    walker.data("ipv4.options", header - IPV4_HEADER);
    walker.header(Layer::Ipv4);
    walker.limit(start + length);
    if more || offset != 0 {
        walker.remainder(SectionKind::Payload, "ipv4.fragment");
        return Ok(());
    }
    let length = length - header;
    match protocol {
        1 => transport::icmp(walker, Layer::Icmp, length, Sum::default()),
        6 => transport::tcp(walker, length, Sum::pseudo_header(source, destination, 6, length)),
        17 => transport::udp(walker, length, |length| Sum::pseudo_header(source, destination, 17, length)),
        _ => {
            walker.remainder(SectionKind::Payload, "payload");
            Ok(())
        }
    }
}

/// RFC 8200, 3 and 4.
fn ipv6(walker: &mut Walker<'_>) -> Walked<()> {
    let start = walker.at();
    if walker.number("ipv6.version", 4)? != 6 {
        return Err(CutShort);
    }
    walker.number("ipv6.traffic_class", 8)?;
    walker.number("ipv6.flow_label", 20)?;
    let length = walker.number("ipv6.payload_length", 16)? as usize;
    walker.means_bytes(length as u64);
    let mut protocol = next_header(walker)?;
    walker.number("ipv6.hop_limit", 8)?;
    let source = walker.address6("ipv6.source")?;
    let destination = walker.address6("ipv6.destination")?;
    let have = walker.whole() - start - 40;
    let length = if length == 0 { have } else { length };
    if length > have {
        return Err(CutShort);
    }
    walker.header(Layer::Ipv6);
    let end = start + 40 + length;
    walker.limit(end);
    // Hop-by-hop options, routing, destination options.
    while matches!(protocol, 0 | 43 | 60) {
        let extension = match walker.rest().get(1) {
            Some(units) => (usize::from(*units) + 1) * 8,
            None => return Err(CutShort),
        };
        if extension > walker.rest().len() {
            return Err(CutShort);
        }
        protocol = next_header(walker)?;
        walker.number("ipv6.extension_length", 8)?;
        walker.data("ipv6.extension", extension - 2);
        walker.header(Layer::Ipv6);
    }
    let length = end - walker.at();
    let pseudo = |protocol, length| Sum::pseudo_header_6(source, destination, protocol, length);
    match protocol {
        6 => transport::tcp(walker, length, pseudo(6, length)),
        17 => transport::udp(walker, length, |length| pseudo(17, length)),
        58 => transport::icmp(walker, Layer::Icmpv6, length, pseudo(58, length)),
        _ => {
            walker.remainder(SectionKind::Payload, "payload");
            Ok(())
        }
    }
}

fn next_header(walker: &mut Walker<'_>) -> Walked<u64> {
    let protocol = walker.number("ipv6.next_header", 8)?;
    match protocol {
        0 => walker.means("ip_protocol.hop_by_hop"),
        43 => walker.means("ip_protocol.routing"),
        44 => walker.means("ip_protocol.fragment"),
        59 => walker.means("ip_protocol.none"),
        60 => walker.means("ip_protocol.destination_options"),
        _ => means_protocol(walker, protocol),
    }
    Ok(protocol)
}

fn means_protocol(walker: &mut Walker<'_>, protocol: u64) {
    match protocol {
        1 => walker.means("ip_protocol.icmp"),
        2 => walker.means("ip_protocol.igmp"),
        6 => walker.means("ip_protocol.tcp"),
        17 => walker.means("ip_protocol.udp"),
        58 => walker.means("ip_protocol.icmpv6"),
        _ => {}
    }
}

/// The former type of service: differentiated services and congestion notification (RFC 2474, RFC 3168).
fn dscp(walker: &mut Walker<'_>) -> Walked<()> {
    if walker.number("ipv4.dscp", 6)? == 0 {
        walker.means("dscp.default");
    }
    let names = ["ecn.not_capable", "ecn.capable_1", "ecn.capable_0", "ecn.congestion"];
    let ecn = walker.number("ipv4.ecn", 2)?;
    walker.means(names[ecn as usize & 3]);
    Ok(())
}
