//! Packets out and in: the one link, the way back to oneself, address resolution, ICMP. Which socket a packet is for is decided elsewhere.

use super::neighbour::{Due, Outgoing, Resolution};
use super::{Output, Stack};
use crate::socket::Errno;
use crate::tcp::Purpose;
use crate::time::Instant;
use crate::wire::{self, Arp, Frame, Icmp, Ipv4, MacAddress, Packet, Transport};
use std::net::{Ipv4Addr, SocketAddrV4};

/// Largest packet on the way to oneself: the MTU of Linux's `lo`.
pub(super) const LOOPBACK_MTU: u16 = u16::MAX;
/// The usual time to live of ICMP (RFC 1700; Linux uses the same default as elsewhere).
const TTL: u8 = 64;
/// ICMP destination unreachable and its code for a port (RFC 792).
const UNREACHABLE: u8 = 3;
const PORT: u8 = 3;
/// Echo request and reply (RFC 792).
const ECHO: u8 = 8;
const ECHO_REPLY: u8 = 0;

/// Where a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// To this host itself.
    Own,
    /// To everyone on the link, this host included.
    Everyone,
    /// To a neighbour on the link.
    Neighbour,
}

impl Stack {
    /// Whether the address is one of this host.
    pub(super) fn is_own(&self, ip: Ipv4Addr) -> bool {
        ip == self.config.address || ip.is_loopback()
    }

    /// Whether the address means everyone: 255.255.255.255, or the largest of the subnet (RFC 919).
    pub(super) fn is_broadcast(&self, ip: Ipv4Addr) -> bool {
        ip.is_broadcast() || (self.config.prefix < 31 && u32::from(ip) == self.network() | !self.mask())
    }

    fn mask(&self) -> u32 {
        u32::MAX.checked_shl(32 - u32::from(self.config.prefix)).unwrap_or(0)
    }

    fn network(&self) -> u32 {
        u32::from(self.config.address) & self.mask()
    }

    /// How to reach an address, and the source address to use.
    ///
    /// There is one link and no router, so what lies outside the subnet has no route: `ENETUNREACH`.
    pub(super) fn route(&self, to: Ipv4Addr) -> Result<(Route, Ipv4Addr), Errno> {
        let own = self.config.address;
        if to.is_loopback() {
            Ok((Route::Own, Ipv4Addr::LOCALHOST))
        } else if to == own {
            Ok((Route::Own, own))
        } else if self.is_broadcast(to) {
            Ok((Route::Everyone, own))
        } else if u32::from(to) & self.mask() == self.network() {
            Ok((Route::Neighbour, own))
        } else {
            Err(Errno::ENETUNREACH)
        }
    }

    /// The largest IP packet on the way to an address.
    pub(super) fn mtu(&self, to: Ipv4Addr) -> u16 {
        if self.is_own(to) { LOOPBACK_MTU } else { self.config.mtu }
    }

    /// A packet from this host with a number of its own.
    pub(super) fn packet(&mut self, from: Ipv4Addr, to: Ipv4Addr, ttl: u8, payload: Transport) -> Ipv4 {
        self.identification = self.identification.wrapping_add(1);
        Ipv4 {
            source: from,
            destination: to,
            ttl,
            tos: 0,
            identification: self.identification,
            dont_fragment: true,
            more_fragments: false,
            fragment_offset: 0,
            payload,
        }
    }

    /// Sends a packet on its way. Too long a datagram goes in fragments.
    pub(super) fn send_packet(&mut self, now: Instant, packet: Ipv4, purpose: Option<Purpose>) {
        let Ok((route, _)) = self.route(packet.destination) else { return };
        let mtu = self.mtu(packet.destination);
        if packet.length() > usize::from(mtu) {
            let whole = Ipv4 { dont_fragment: false, ..packet };
            for piece in wire::fragment(&whole, mtu) {
                self.send_piece(now, route, (piece, purpose));
            }
        } else {
            self.send_piece(now, route, (packet, purpose));
        }
    }

    fn send_piece(&mut self, now: Instant, route: Route, (packet, purpose): Outgoing) {
        let own = self.config.mac;
        match route {
            Route::Own => self.send_frame(own, packet, purpose),
            Route::Everyone => {
                // Linux loops a copy of every broadcast back to the sender (`ip_mc_output`).
                self.send_frame(MacAddress::BROADCAST, packet.clone(), purpose);
                self.send_frame(own, packet, purpose);
            }
            Route::Neighbour => {
                let to = packet.destination;
                match self.neighbours.resolve(now, to, (packet, purpose)) {
                    Resolution::To(mac, (packet, purpose)) => self.send_frame(mac, packet, purpose),
                    Resolution::Ask => self.ask(to),
                    Resolution::Wait => {}
                }
            }
        }
    }

    fn send_frame(&mut self, destination: MacAddress, packet: Ipv4, purpose: Option<Purpose>) {
        let frame = Frame { destination, source: self.config.mac, payload: Packet::Ipv4(packet) };
        self.outputs.push_back(Output::Frame { frame, purpose });
    }

    fn ask(&mut self, target: Ipv4Addr) {
        self.send_arp(MacAddress::BROADCAST, false, MacAddress::default(), target);
    }

    fn send_arp(&mut self, destination: MacAddress, reply: bool, target_mac: MacAddress, target: Ipv4Addr) {
        let own = self.config.mac;
        let arp = Arp { reply, sender_mac: own, sender: self.config.address, target_mac, target };
        let frame = Frame { destination, source: own, payload: Packet::Arp(arp) };
        self.outputs.push_back(Output::Frame { frame, purpose: None });
    }

    pub(super) fn handle_frame(&mut self, now: Instant, frame: Frame) {
        if frame.destination != self.config.mac && frame.destination != MacAddress::BROADCAST {
            return;
        }
        match frame.payload {
            Packet::Arp(arp) => self.handle_arp(arp),
            Packet::Ipv4(packet) => self.handle_packet(now, packet),
            Packet::Other { .. } => {}
        }
    }

    /// RFC 826, "Packet Reception".
    fn handle_arp(&mut self, arp: Arp) {
        let for_me = arp.target == self.config.address;
        if !for_me || arp.sender.is_unspecified() {
            return;
        }
        for (packet, purpose) in self.neighbours.learn(arp.sender, arp.sender_mac) {
            self.send_frame(arp.sender_mac, packet, purpose);
        }
        if !arp.reply {
            self.send_arp(arp.sender_mac, true, arp.sender_mac, arp.sender);
        }
    }

    fn handle_packet(&mut self, now: Instant, packet: Ipv4) {
        let to = packet.destination;
        if !self.is_own(to) && !self.is_broadcast(to) {
            return;
        }
        let Ok(Some(packet)) = self.reassembly.handle_packet(now, packet) else { return };
        match &packet.payload {
            Transport::Tcp(segment) if self.is_own(to) => {
                let local = SocketAddrV4::new(to, segment.destination_port);
                let peer = SocketAddrV4::new(packet.source, segment.source_port);
                self.handle_segment(now, local, peer, segment.clone());
            }
            Transport::Udp(_) => self.handle_datagram(now, &packet),
            Transport::Icmp(icmp) => self.handle_icmp(now, &packet, icmp),
            _ => {}
        }
    }

    fn handle_icmp(&mut self, now: Instant, packet: &Ipv4, icmp: &Icmp) {
        match icmp.kind {
            ECHO if self.is_own(packet.destination) => {
                let reply = Transport::Icmp(Icmp { kind: ECHO_REPLY, code: 0, ..icmp.clone() });
                let reply = self.packet(packet.destination, packet.source, TTL, reply);
                self.send_packet(now, reply, None);
            }
            UNREACHABLE => {
                // The quoted packet is cut behind its first eight payload bytes, so only its ports can be read.
                let Some((protocol, local, peer)) = quoted(&icmp.data) else { return };
                let errno = match icmp.code {
                    0 => Errno::ENETUNREACH,
                    PORT => Errno::ECONNREFUSED,
                    4 => Errno::EMSGSIZE,
                    _ => Errno::EHOSTUNREACH,
                };
                self.unreachable(now, protocol, local, peer, errno);
            }
            _ => {}
        }
    }

    /// Tells the sender of a packet that no socket has its port (RFC 1122, 4.1.3.1).
    pub(super) fn refuse_port(&mut self, now: Instant, packet: &Ipv4) {
        // An error quotes the IP header and what follows, in all no more than 576 bytes (RFC 1812, 4.3.2.3).
        let bytes = wire::encode_ipv4(packet);
        let quoted = bytes.slice(..bytes.len().min(576 - 28));
        let icmp = Icmp { kind: UNREACHABLE, code: PORT, rest: 0, data: quoted.into() };
        let answer = self.packet(packet.destination, packet.source, TTL, Transport::Icmp(icmp));
        self.send_packet(now, answer, None);
    }

    pub(super) fn handle_neighbour_timers(&mut self, now: Instant) {
        for due in self.neighbours.handle_timeout(now) {
            match due {
                Due::Ask(address) => self.ask(address),
                Due::Unreachable(packets) => {
                    for (packet, _) in packets {
                        let ends = |source, target| {
                            (SocketAddrV4::new(packet.source, source), SocketAddrV4::new(packet.destination, target))
                        };
                        let (protocol, (local, peer)) = match &packet.payload {
                            Transport::Tcp(segment) => (6, ends(segment.source_port, segment.destination_port)),
                            Transport::Udp(datagram) => (17, ends(datagram.source_port, datagram.destination_port)),
                            _ => continue,
                        };
                        self.unreachable(now, protocol, local, peer, Errno::EHOSTUNREACH);
                    }
                }
            }
        }
    }

    /// A packet of this host did not reach its destination.
    fn unreachable(&mut self, now: Instant, protocol: u8, local: SocketAddrV4, peer: SocketAddrV4, errno: Errno) {
        match protocol {
            6 => self.stream_unreachable(now, local, peer, errno),
            17 => self.datagram_unreachable(local, peer, errno),
            _ => {}
        }
    }
}

/// Protocol and ends of a packet that ICMP quotes.
fn quoted(data: &[u8]) -> Option<(u8, SocketAddrV4, SocketAddrV4)> {
    let header = usize::from(data.first()? & 0x0f) * 4;
    let address = |at: usize| Some(Ipv4Addr::from(*data.get(at..)?.first_chunk::<4>()?));
    let port = |at: usize| Some(u16::from_be_bytes(*data.get(at..)?.first_chunk::<2>()?));
    let source = SocketAddrV4::new(address(12)?, port(header)?);
    let target = SocketAddrV4::new(address(16)?, port(header + 2)?);
    Some((*data.get(9)?, source, target))
}
