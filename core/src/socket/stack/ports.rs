//! Ports: which may be bound together, and which number comes next when a program does not care. Linux's rules.

use super::socket::{Role, Socket};
use super::{SocketId, Stack};
use crate::random::Random;
use crate::socket::{Errno, Kind};
use crate::tcp::State;
use std::net::{Ipv4Addr, SocketAddrV4};

/// The usual `net.ipv4.ip_local_port_range`.
const EPHEMERAL: std::ops::RangeInclusive<u16> = 32768..=60999;

/// The ephemeral port that a host uses first.
pub(super) fn first(random: &mut Random) -> u16 {
    EPHEMERAL.start() + random.below(u64::from(EPHEMERAL.end() - EPHEMERAL.start())) as u16
}

impl Stack {
    /// `bind`.
    pub(super) fn bind(&mut self, id: SocketId, address: SocketAddrV4) -> Result<(), Errno> {
        let socket = self.socket(id);
        if matches!(socket.role, Role::Pair(_)) || socket.local.is_some() || socket.peer.is_some() {
            return Err(Errno::EINVAL);
        }
        let ip = *address.ip();
        let broadcasts = socket.kind == Kind::Datagram && (self.is_broadcast(ip) || ip.is_multicast());
        if !(ip.is_unspecified() || self.is_own(ip) || broadcasts) {
            return Err(Errno::EADDRNOTAVAIL);
        }
        let local = if address.port() == 0 {
            SocketAddrV4::new(ip, self.ephemeral(id, ip)?)
        } else {
            if self.conflicts(id, address) {
                return Err(Errno::EADDRINUSE);
            }
            address
        };
        let socket = self.socket_mut(id);
        socket.local = Some(local);
        socket.bound = true;
        Ok(())
    }

    /// Gives a socket that has none a port.
    pub(super) fn ensure_port(&mut self, id: SocketId, ip: Ipv4Addr) -> Result<SocketAddrV4, Errno> {
        if let Some(local) = self.socket(id).local.filter(|local| local.port() != 0) {
            return Ok(local);
        }
        let local = SocketAddrV4::new(ip, self.ephemeral(id, ip)?);
        self.socket_mut(id).local = Some(local);
        Ok(local)
    }

    /// A port that nobody uses, the next in turn.
    fn ephemeral(&mut self, id: SocketId, ip: Ipv4Addr) -> Result<u16, Errno> {
        for _ in EPHEMERAL {
            let port = self.next_port;
            self.next_port = if port >= *EPHEMERAL.end() { *EPHEMERAL.start() } else { port + 1 };
            // A port that another socket holds is passed over even where reuse would permit sharing it.
            let taken = self.sockets.iter().any(|(other, socket)| {
                *other != id && socket.kind == self.socket(id).kind && occupies(socket, SocketAddrV4::new(ip, port))
            });
            if !taken {
                return Ok(port);
            }
        }
        Err(Errno::EADDRINUSE)
    }

    /// Whether another socket forbids this address and port to socket `id`.
    ///
    /// As Linux decides it (`inet_csk_bind_conflict`): addresses that overlap conflict, unless both have `SO_REUSEADDR` and
    /// none of them listens, or both have `SO_REUSEPORT`.
    pub(super) fn conflicts(&self, id: SocketId, address: SocketAddrV4) -> bool {
        let own = self.socket(id);
        self.sockets.iter().any(|(other, socket)| {
            if *other == id || socket.kind != own.kind || !occupies(socket, address) {
                return false;
            }
            let listens = matches!(socket.role, Role::Listening(_));
            let shared_address = own.options.reuse_address && socket.options.reuse_address && !listens;
            let shared_port = own.options.reuse_port && socket.options.reuse_port;
            !(shared_address || shared_port)
        })
    }
}

/// Whether a socket holds a port on an address that overlaps.
fn occupies(socket: &Socket, address: SocketAddrV4) -> bool {
    if let Role::Connection(connection) = &socket.role
        && connection.state() == State::Closed
        && !socket.bound
    {
        return false;
    }
    let Some(local) = socket.local else { return false };
    let overlap = local.ip().is_unspecified() || address.ip().is_unspecified() || local.ip() == address.ip();
    local.port() == address.port() && overlap
}
