//! A packet in one line: the key of a text and what fills its gaps. It chooses no word of any language.

use super::{Content, End, Packet, Protocol};
use crate::wire::{Control, MacAddress, TcpOptions};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::fmt;
use std::net::Ipv4Addr;

/// A sentence in no language yet: the text `wire.summary_KEY` with its gaps filled.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary<'a> {
    /// Which text.
    pub key: &'static str,
    /// What fills its gaps.
    pub args: Vec<(&'static str, Argument<'a>)>,
}

/// What fills a gap. Numbers are numbers in JSON, everything else is text.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)] // each is what it holds
pub enum Argument<'a> {
    Number(u64),
    /// As `0x86dd`.
    Hexadecimal(u16),
    End(End),
    Address(Ipv4Addr),
    Station(MacAddress),
    /// As `SYN, ACK`; `-` for none.
    Control(Control),
    /// As ` MSS=1460 WS=7`, each with a space before it.
    Options(&'a TcpOptions),
}

impl fmt::Display for Argument<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Argument::Number(number) => number.fmt(f),
            Argument::Hexadecimal(number) => write!(f, "0x{number:04x}"),
            Argument::End(end) => end.fmt(f),
            Argument::Address(address) => address.fmt(f),
            Argument::Station(address) => address.fmt(f),
            Argument::Control(control) => {
                let mut names = control.names();
                f.write_str(names.next().unwrap_or("-"))?;
                names.try_for_each(|name| {
                    f.write_str(", ")?;
                    f.write_str(name)
                })
            }
            Argument::Options(options) => write_options(f, options),
        }
    }
}

fn write_options(f: &mut fmt::Formatter<'_>, options: &TcpOptions) -> fmt::Result {
    if let Some(mss) = options.mss {
        write!(f, " MSS={mss}")?;
    }
    if let Some(shift) = options.window_scale {
        write!(f, " WS={shift}")?;
    }
    if options.sack_permitted {
        f.write_str(" SACK_PERM")?;
    }
    if let Some((value, echo)) = options.timestamps {
        write!(f, " TSval={value} TSecr={echo}")?;
    }
    options.sack.iter().try_for_each(|(left, right)| write!(f, " SACK={left}-{right}"))
}

impl Serialize for Argument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Argument::Number(number) => serializer.serialize_u64(*number),
            other => serializer.collect_str(other),
        }
    }
}

impl Serialize for Summary<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Args<'a, 'b>(&'a [(&'static str, Argument<'b>)]);
        impl Serialize for Args<'_, '_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(self.0.len()))?;
                self.0.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                map.end()
            }
        }
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("key", self.key)?;
        map.serialize_entry("args", &Args(&self.args))?;
        map.end()
    }
}

impl Summary<'_> {
    /// Every key there is.
    pub const KEYS: &'static [&'static str] = &[
        "tcp",
        "tcp_without_ack",
        "udp",
        "arp_request",
        "arp_reply",
        "arp_announcement",
        "fragment",
        "icmp_echo",
        "icmp_echo_reply",
        "icmp_unreachable_network",
        "icmp_unreachable_host",
        "icmp_unreachable_protocol",
        "icmp_unreachable_port",
        "icmp_fragmentation_needed",
        "icmp_unreachable",
        "icmp_redirect",
        "icmp_time_exceeded",
        "icmp",
        "icmpv6_echo",
        "icmpv6_echo_reply",
        "icmpv6_neighbour_solicitation",
        "icmpv6_neighbour_advertisement",
        "icmpv6",
        "ipv4",
        "ipv6",
        "frame",
        "frame_length",
        "link_type",
        "undissected",
    ];

    /// Of a packet.
    pub(super) fn of(packet: &Packet) -> Summary<'_> {
        use Argument::{Address, Control, Hexadecimal, Number, Options, Station};
        let number = |value: u32| Number(u64::from(value));
        match &packet.content {
            Content::Tcp(segment) => {
                let mut args = Vec::with_capacity(6);
                args.push(("flags", Control(segment.control)));
                args.push(("seq", Number(segment.relative_sequence)));
                let acknowledgement = segment.relative_acknowledgement;
                args.extend(acknowledgement.map(|acknowledgement| ("ack", Number(acknowledgement))));
                args.push(("window", number(segment.window)));
                args.push(("length", number(segment.length)));
                args.push(("options", Options(&segment.options)));
                Summary { key: if acknowledgement.is_some() { "tcp" } else { "tcp_without_ack" }, args }
            }
            Content::Udp(datagram) => Summary { key: "udp", args: vec![("length", number(datagram.length))] },
            Content::Arp(arp) => {
                let (target, sender) = (("target", Address(arp.target)), ("sender", Address(arp.sender)));
                match arp.reply {
                    // Whoever asks for itself tells its address (RFC 5227, 2.3).
                    _ if arp.target == arp.sender => {
                        Summary { key: "arp_announcement", args: vec![sender, ("mac", Station(arp.sender_mac))] }
                    }
                    false => Summary { key: "arp_request", args: vec![target, sender] },
                    true => Summary { key: "arp_reply", args: vec![sender, ("mac", Station(arp.sender_mac))] },
                }
            }
            Content::Fragment(fragment) => Summary {
                key: "fragment",
                args: vec![
                    ("protocol", Number(fragment.protocol.into())),
                    ("offset", Number(fragment.offset.into())),
                    ("length", number(fragment.length)),
                    ("identification", Hexadecimal(fragment.identification)),
                ],
            },
            Content::Icmp(icmp) => {
                let (kind, code) = (("type", Number(icmp.kind.into())), ("code", Number(icmp.code.into())));
                let (high, low) = (Number(u64::from(icmp.rest >> 16)), Number(u64::from(icmp.rest & 0xffff)));
                let echo = vec![("identifier", high), ("sequence", low), ("length", number(icmp.length))];
                let (key, args) = match (packet.protocol, icmp.kind, icmp.code) {
                    (Protocol::Icmp, 8, _) => ("icmp_echo", echo),
                    (Protocol::Icmp, 0, _) => ("icmp_echo_reply", echo),
                    (Protocol::Icmp, 3, 0) => ("icmp_unreachable_network", vec![]),
                    (Protocol::Icmp, 3, 1) => ("icmp_unreachable_host", vec![]),
                    (Protocol::Icmp, 3, 2) => ("icmp_unreachable_protocol", vec![]),
                    (Protocol::Icmp, 3, 3) => ("icmp_unreachable_port", vec![]),
                    (Protocol::Icmp, 3, 4) => ("icmp_fragmentation_needed", vec![("mtu", low)]),
                    (Protocol::Icmp, 3, _) => ("icmp_unreachable", vec![code]),
                    (Protocol::Icmp, 5, _) => ("icmp_redirect", vec![("gateway", Address(icmp.rest.into()))]),
                    (Protocol::Icmp, 11, _) => ("icmp_time_exceeded", vec![code]),
                    (Protocol::Icmp, ..) => ("icmp", vec![kind, code]),
                    (_, 128, _) => ("icmpv6_echo", echo),
                    (_, 129, _) => ("icmpv6_echo_reply", echo),
                    (_, 135, _) => ("icmpv6_neighbour_solicitation", vec![]),
                    (_, 136, _) => ("icmpv6_neighbour_advertisement", vec![]),
                    _ => ("icmpv6", vec![kind, code]),
                };
                Summary { key, args }
            }
            Content::Ip { protocol } => Summary {
                key: if packet.protocol == Protocol::Ipv6 { "ipv6" } else { "ipv4" },
                args: vec![("protocol", Number(u64::from(*protocol)))],
            },
            // IEEE 802.3, 3.2.6: up to 1500 it is a length, not a type.
            Content::Frame { ethertype: length @ ..=1500 } => {
                Summary { key: "frame_length", args: vec![("length", number((*length).into()))] }
            }
            Content::Frame { ethertype } => Summary { key: "frame", args: vec![("type", Hexadecimal(*ethertype))] },
            Content::Bytes if packet.source.is_some() || packet.length == 0 => {
                Summary { key: "undissected", args: vec![("length", number(packet.length))] }
            }
            Content::Bytes => Summary { key: "link_type", args: vec![("number", number(packet.link_type.into()))] },
        }
    }
}
