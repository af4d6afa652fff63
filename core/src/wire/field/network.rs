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
    match kind as u16 {
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
    match kind {
        0x0800 => walker.means("ethertype.ipv4"),
        0x0806 => walker.means("ethertype.arp"),
        0x8100 => walker.means("ethertype.vlan"),
        0x86dd => walker.means("ethertype.ipv6"),
        0x88cc => walker.means("ethertype.lldp"),
        ..=1500 => walker.means("ethertype.length"), // IEEE 802.3, 3.2.6: a length, not a type
        _ => {}
    }
    Ok(kind)
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
    match protocol {
        1 => walker.means("ip_protocol.icmp"),
        2 => walker.means("ip_protocol.igmp"),
        6 => walker.means("ip_protocol.tcp"),
        17 => walker.means("ip_protocol.udp"),
        _ => {}
    }
    let checksum = walker.number("ipv4.checksum", 16)?;
    let whole = walker.bytes().get(start..start + header).filter(|_| header >= IPV4_HEADER);
    walker.checked(checksum, whole.map(|bytes| Sum::default().add(bytes).without(checksum as u16).checksum()));
    let source = walker.address("ipv4.source")?;
    let destination = walker.address("ipv4.destination")?;
    if header < IPV4_HEADER || start + header > walker.end() || length < header || start + length > walker.end() {
        return Err(CutShort);
    }
    walker.data("ipv4.options", header - IPV4_HEADER);
    walker.header(Layer::Ipv4);
    walker.limit(start + length);
    if more || offset != 0 {
        walker.remainder(SectionKind::Payload, "ipv4.fragment");
        return Ok(());
    }
    match protocol {
        1 => transport::icmp(walker),
        6 => transport::tcp(walker, source, destination),
        17 => transport::udp(walker, source, destination),
        _ => {
            walker.remainder(SectionKind::Payload, "payload");
            Ok(())
        }
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
