//! Datagram sockets: sending, delivery to the socket that fits best, connected sockets and the errors they hear of.

use super::network::Route;
use super::pending::Pending;
use super::socket::{Role, Socket};
use super::{Attempt, Ends, Seen, SocketId, Stack};
use crate::socket::{Answer, Blocking, Errno, Flags, Kind, Outcome, Reason};
use crate::stream::Data;
use crate::time::Instant;
use crate::udp::{self, Received};
use crate::wire::{Datagram, Ipv4, Transport};
use std::net::{Ipv4Addr, SocketAddrV4};

impl Stack {
    /// `connect` on a datagram socket: it sends nothing, it only chooses both ends.
    pub(super) fn connect_datagram(&mut self, id: SocketId, address: SocketAddrV4) -> Result<(), Errno> {
        let to = meant(address);
        let (route, source) = self.route(*to.ip())?;
        if route == Route::Everyone && !self.socket(id).options.broadcast {
            return Err(Errno::EACCES);
        }
        let bound = self.socket(id).local.map_or(Ipv4Addr::UNSPECIFIED, |local| *local.ip());
        let local = self.ensure_port(id, bound)?;
        let socket = self.socket_mut(id);
        if local.ip().is_unspecified() {
            socket.local = Some(SocketAddrV4::new(source, local.port()));
        }
        socket.peer = Some(to);
        socket.error = None;
        if let Role::Datagram(mailbox) = &mut socket.role {
            mailbox.retain(|received| received.from == to);
        }
        Ok(())
    }

    /// `send` and `sendto` on a datagram socket.
    pub(super) fn send_datagram(
        &mut self,
        now: Instant,
        id: SocketId,
        data: &Data,
        address: Option<SocketAddrV4>,
        all: bool,
    ) -> Result<Attempt, Errno> {
        // Linux gives the socket a port before it looks at anything else (inet_send_prepare), even for a send that fails.
        let local = self.ensure_port(id, Ipv4Addr::UNSPECIFIED)?;
        let socket = self.socket_mut(id);
        let to = match address {
            Some(address) if address.port() == 0 => return Err(Errno::EINVAL),
            Some(address) => meant(address),
            None => socket.peer.ok_or(Errno::EDESTADDRREQ)?,
        };
        if socket.write_shut {
            return Err(Errno::EPIPE);
        }
        if data.len() > udp::MAXIMUM_PAYLOAD {
            return Err(Errno::EMSGSIZE);
        }
        // An error that ICMP told of is reported once, instead of sending.
        if let Some(error) = socket.error.take() {
            return Err(error);
        }
        let (broadcast, ttl) = (socket.options.broadcast, socket.options.ttl);
        let (route, source) = self.route(*to.ip())?;
        if route == Route::Everyone && !broadcast {
            return Err(Errno::EACCES);
        }
        let unusable = local.ip().is_unspecified() || self.is_broadcast(*local.ip()) || local.ip().is_multicast();
        let source = SocketAddrV4::new(if unusable { source } else { *local.ip() }, local.port());
        if source.ip().is_loopback() && route != Route::Own {
            return Err(Errno::EINVAL);
        }
        let datagram = Datagram { source_port: source.port(), destination_port: to.port(), payload: data.clone() };
        let packet = self.packet(*source.ip(), *to.ip(), ttl, Transport::Udp(datagram));
        self.send_packet(now, packet, None);
        let answer = if all { Answer::Nothing } else { Answer::Number(data.len() as i64) };
        let ends = Ends { kind: Kind::Datagram, local: source, peer: to };
        Ok(Attempt::Done(Outcome::Ok(answer), None, Some(ends)))
    }

    /// `recv` and `recvfrom` on a datagram socket.
    pub(super) fn receive_datagram(
        &mut self,
        pending: &Pending,
        id: SocketId,
        size: usize,
        flags: Flags,
        named: bool,
    ) -> Result<Attempt, Errno> {
        let own = self.config.address;
        let socket = self.socket_mut(id);
        if let Some(error) = socket.error.take() {
            return Err(error);
        }
        let blocking = socket.blocking;
        let local = socket.local;
        let shut = socket.read_shut;
        let Role::Datagram(mailbox) = &mut socket.role else { return Err(Errno::EOPNOTSUPP) };
        let received = if flags.peek { mailbox.peek().cloned() } else { mailbox.take() };
        let Some(Received { from, to, data }) = received else {
            if shut {
                let answer = if named {
                    Answer::Datagram { data: Data::default(), from: None, length: 0 }
                } else {
                    Answer::Data(Data::default())
                };
                return Ok(Attempt::ok(answer));
            }
            let waits = blocking != Blocking::Never && !flags.dont_wait;
            return if waits || pending.deadline.is_some() && !flags.dont_wait {
                Ok(Attempt::Wait(Reason::Data))
            } else {
                Err(Errno::EAGAIN)
            };
        };
        let length = data.len();
        // What does not fit is gone: a datagram is read whole or cut, never continued.
        let fits = Data(data.0.slice(..length.min(size)));
        let answer = if named { Answer::Datagram { data: fits, from: Some(from), length } } else { Answer::Data(fits) };
        let here = if self.is_broadcast(*to.ip()) { to } else { local.unwrap_or(SocketAddrV4::new(own, to.port())) };
        let here = if here.ip().is_unspecified() { to } else { here };
        let ends = Ends { kind: Kind::Datagram, local: here, peer: from };
        Ok(Attempt::Done(Outcome::Ok(answer), None, Some(ends)))
    }

    /// A datagram arrived: to every socket of a broadcast, to the best fitting socket otherwise.
    pub(super) fn handle_datagram(&mut self, now: Instant, packet: &Ipv4) {
        let Transport::Udp(datagram) = &packet.payload else { return };
        let from = SocketAddrV4::new(packet.source, datagram.source_port);
        let to = SocketAddrV4::new(packet.destination, datagram.destination_port);
        let everyone = self.is_broadcast(packet.destination);
        let fitting: Vec<(u32, SocketId)> =
            self.sockets.iter().filter_map(|(id, socket)| fit(socket, from, to).map(|score| (score, *id))).collect();
        let receivers: Vec<SocketId> = if everyone {
            fitting.into_iter().map(|(_, id)| id).collect()
        } else {
            // Of sockets that fit alike, the newest wins, as in Linux's hash chains.
            fitting.into_iter().max().map(|(_, id)| id).into_iter().collect()
        };
        let ends = Some(Ends { kind: Kind::Datagram, local: to, peer: from });
        if receivers.is_empty() {
            self.see(ends, Seen::Datagram(udp::DiscardCause::NoSocket));
            if !everyone {
                self.refuse_port(now, packet);
            }
        }
        for id in receivers {
            let received = Received { from, to, data: datagram.payload.clone() };
            let Role::Datagram(mailbox) = &mut self.socket_mut(id).role else { continue };
            if mailbox.deliver(received) {
                self.report_levels(id);
            } else {
                self.see(ends, Seen::Datagram(udp::DiscardCause::BufferFull));
            }
        }
    }

    /// A datagram of this host did not arrive. Only connected sockets hear of it (RFC 1122, 4.1.3.3; udp(7)), and only
    /// that the port is closed: that a host does not answer may pass, so Linux does not tell.
    pub(super) fn datagram_unreachable(&mut self, local: SocketAddrV4, peer: SocketAddrV4, errno: Errno) {
        if errno != Errno::ECONNREFUSED {
            return;
        }
        for socket in self.sockets.values_mut() {
            let here = socket.local.is_some_and(|own| own == local);
            if matches!(socket.role, Role::Datagram(_)) && here && socket.peer == Some(peer) {
                socket.error = Some(errno);
            }
        }
    }
}

/// An address that is not one: 0.0.0.0 as a destination is this host (RFC 1122, 3.2.1.3 forbids it, Linux sends it to itself).
pub(super) fn meant(address: SocketAddrV4) -> SocketAddrV4 {
    if address.ip().is_unspecified() { SocketAddrV4::new(Ipv4Addr::LOCALHOST, address.port()) } else { address }
}

/// Whether a socket takes a datagram, and how well it fits: connected before bound before any.
fn fit(socket: &Socket, from: SocketAddrV4, to: SocketAddrV4) -> Option<u32> {
    let (Role::Datagram(_), Some(local)) = (&socket.role, socket.local) else { return None };
    if local.port() != to.port() {
        return None;
    }
    let mut score = 1;
    if !local.ip().is_unspecified() {
        if local.ip() != to.ip() {
            return None;
        }
        score += 2;
    }
    if let Some(peer) = socket.peer {
        if peer != from {
            return None;
        }
        score += 4;
    }
    Some(score)
}
