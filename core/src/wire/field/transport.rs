//! Fields of ICMP, UDP and TCP with its options.

use super::SectionKind;
use super::walker::{CutShort, Walked, Walker};
use crate::wire::checksum::Sum;
use crate::wire::{Layer, TCP_HEADER, UDP_HEADER};

/// An ICMP message of `length` bytes, of either version; `pseudo` is what the checksum covers before it.
pub(super) fn icmp(walker: &mut Walker<'_>, layer: Layer, length: usize, pseudo: Sum) -> Walked<()> {
    let covered = walker.rest();
    let kind = walker.number("icmp.type", 8)?;
    let meaning = if layer == Layer::Icmp { icmp_type(kind) } else { icmpv6_type(kind) };
    if let Some(meaning) = meaning {
        walker.means(meaning);
    }
    let code = walker.number("icmp.code", 8)?;
    if let (Layer::Icmp, 3, Some(meaning)) = (layer, kind, UNREACHABLE.get(code as usize)) {
        walker.means(meaning);
    }
    let checksum = walker.number("icmp.checksum", 16)?;
    let sum = covered.get(..length).map(|covered| pseudo.add(covered).without(checksum as u16).checksum());
    walker.checked(checksum, sum);
    if layer == Layer::Icmpv6 {
        if matches!(kind, 128 | 129) {
            walker.number("icmp.identifier", 16)?;
            walker.number("icmp.sequence", 16)?;
        } else {
            walker.number("icmp.unused", 32)?;
        }
        walker.header(layer);
        walker.remainder(SectionKind::Payload, if kind < 128 { "icmp.quoted_packet" } else { "payload" });
        return Ok(());
    }
    match kind {
        0 | 8 => {
            walker.number("icmp.identifier", 16)?;
            walker.number("icmp.sequence", 16)?;
        }
        3 if code == 4 => {
            walker.number("icmp.unused", 16)?;
            let mtu = walker.number("icmp.next_hop_mtu", 16)?; // RFC 1191, 4
            walker.means_bytes(mtu);
        }
        5 => {
            walker.address("icmp.gateway")?;
        }
        _ => {
            walker.number("icmp.unused", 32)?;
        }
    }
    walker.header(Layer::Icmp);
    let quotes = matches!(kind, 3 | 4 | 5 | 11 | 12);
    walker.remainder(SectionKind::Payload, if quotes { "icmp.quoted_packet" } else { "payload" });
    Ok(())
}

fn icmp_type(kind: u64) -> Option<&'static str> {
    Some(match kind {
        0 => "icmp.type.echo_reply",
        3 => "icmp.type.unreachable",
        4 => "icmp.type.source_quench",
        5 => "icmp.type.redirect",
        8 => "icmp.type.echo",
        11 => "icmp.type.time_exceeded",
        12 => "icmp.type.parameter_problem",
        _ => return None,
    })
}

/// RFC 4443 and RFC 4861.
fn icmpv6_type(kind: u64) -> Option<&'static str> {
    Some(match kind {
        1 => "icmp.type.unreachable",
        2 => "icmp.type.packet_too_big",
        3 => "icmp.type.time_exceeded",
        4 => "icmp.type.parameter_problem",
        128 => "icmp.type.echo",
        129 => "icmp.type.echo_reply",
        133 => "icmp.type.router_solicitation",
        134 => "icmp.type.router_advertisement",
        135 => "icmp.type.neighbour_solicitation",
        136 => "icmp.type.neighbour_advertisement",
        _ => return None,
    })
}

/// The codes of destination unreachable (RFC 792; from 6: RFC 1122, 3.2.2.1; 13: RFC 1812, 5.2.7.1).
const UNREACHABLE: [&str; 14] = [
    "icmp.unreachable.network",
    "icmp.unreachable.host",
    "icmp.unreachable.protocol",
    "icmp.unreachable.port",
    "icmp.unreachable.fragmentation_needed",
    "icmp.unreachable.source_route_failed",
    "icmp.unreachable.network_unknown",
    "icmp.unreachable.host_unknown",
    "icmp.unreachable.host_isolated",
    "icmp.unreachable.network_prohibited",
    "icmp.unreachable.host_prohibited",
    "icmp.unreachable.network_for_service",
    "icmp.unreachable.host_for_service",
    "icmp.unreachable.prohibited",
];

/// A datagram in `have` bytes; `pseudo` is what the checksum of one with a length covers before it.
pub(super) fn udp(walker: &mut Walker<'_>, have: usize, pseudo: impl Fn(usize) -> Sum) -> Walked<()> {
    let (start, covered) = (walker.at(), walker.rest());
    walker.number("udp.source_port", 16)?;
    walker.number("udp.destination_port", 16)?;
    let length = walker.number("udp.length", 16)? as usize;
    walker.means_bytes(length as u64);
    let checksum = walker.number("udp.checksum", 16)?;
    let possible = (UDP_HEADER..=have).contains(&length);
    let covered = covered.get(..length).filter(|_| possible && checksum != 0);
    let expected = covered.map(|covered| {
        let sum = pseudo(length).add(covered).without(checksum as u16);
        // A computed zero is sent as all ones (RFC 768).
        if sum.checksum() == 0 { 0xffff } else { sum.checksum() }
    });
    walker.checked(checksum, expected);
    if !possible {
        return Err(CutShort);
    }
    walker.header(Layer::Udp);
    let behind = walker.end();
    walker.limit(start + length);
    walker.remainder(SectionKind::Payload, "payload");
    walker.limit(behind);
    walker.remainder(SectionKind::Padding, "padding");
    Ok(())
}

/// A segment of `have` bytes; `pseudo` is what the checksum covers before it.
pub(super) fn tcp(walker: &mut Walker<'_>, have: usize, pseudo: Sum) -> Walked<()> {
    let (start, covered) = (walker.at(), walker.rest());
    walker.number("tcp.source_port", 16)?;
    walker.number("tcp.destination_port", 16)?;
    walker.number("tcp.sequence", 32)?;
    walker.number("tcp.acknowledgement", 32)?;
    let header = walker.number("tcp.header_length", 4)? as usize * 4;
    walker.means_bytes(header as u64);
    walker.number("tcp.reserved", 4)?;
    walker.group("tcp.control", |walker| {
        let names = ["cwr", "ece", "urg", "ack", "psh", "rst", "syn", "fin"];
        names.into_iter().try_for_each(|name| walker.number(name, 1).map(drop))
    })?;
    walker.number("tcp.window", 16)?;
    let checksum = walker.number("tcp.checksum", 16)?;
    let sum = covered.get(..have).map(|covered| pseudo.add(covered).without(checksum as u16).checksum());
    walker.checked(checksum, sum);
    walker.number("tcp.urgent_pointer", 16)?;
    if !(TCP_HEADER..=covered.len()).contains(&header) {
        return Err(CutShort);
    }
    let behind = walker.end();
    walker.limit(start + header);
    let options = walker.group("tcp.options", |walker| {
        while !walker.rest().is_empty() {
            option(walker)?;
        }
        Ok(())
    });
    if options.is_err() {
        // A broken option does not hide the payload: the header's length is known.
        walker.data("undissected", usize::MAX);
    }
    walker.header(Layer::Tcp);
    walker.limit(behind);
    walker.remainder(SectionKind::Payload, "payload");
    Ok(())
}

fn option(walker: &mut Walker<'_>) -> Walked<()> {
    let kind = walker.rest()[0];
    if kind == 1 {
        return walker.number("tcp.option.nop", 8).map(drop);
    }
    if kind == 0 {
        // End of the list: what follows is padding.
        walker.number("tcp.option.end", 8)?;
        walker.data("tcp.option.padding", usize::MAX);
        return Ok(());
    }
    let length = usize::from(*walker.rest().get(1).ok_or(CutShort)?);
    if length < 2 || length > walker.rest().len() {
        return Err(CutShort);
    }
    let name = match (kind, length) {
        (2, 4) => "tcp.option.mss",
        (3, 3) => "tcp.option.window_scale",
        (4, 2) => "tcp.option.sack_permitted",
        (5, 10 | 18 | 26 | 34) => "tcp.option.sack",
        (8, 10) => "tcp.option.timestamps",
        _ => "tcp.option.unknown",
    };
    walker.group(name, |walker| {
        walker.number("kind", 8)?;
        walker.number("length", 8)?;
        walker.means_bytes(length as u64);
        match name {
            "tcp.option.mss" => {
                let mss = walker.number("mss", 16)?;
                walker.means_bytes(mss);
            }
            "tcp.option.window_scale" => {
                walker.number("shift", 8)?;
            }
            "tcp.option.sack" => {
                for _ in 0..(length - 2) / 8 {
                    walker.number("left_edge", 32)?;
                    walker.number("right_edge", 32)?;
                }
            }
            "tcp.option.timestamps" => {
                walker.number("value", 32)?;
                walker.number("echo_reply", 32)?;
            }
            _ => walker.data("data", length - 2),
        }
        Ok(())
    })
}
