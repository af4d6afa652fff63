//! The two ends of a socket, and what is told about it when something changed: addresses, buffer levels.

use super::socket::{Role, Socket};
use super::{Ends, Seen, SocketId, Stack};
use crate::socket::{Errno, Event, Kind, Level};
use crate::tcp::State;
use crate::udp::DEFAULT_BUFFER;
use std::net::SocketAddrV4;

impl Stack {
    /// The conversation of a socket, once both ends are known.
    pub(super) fn ends(&self, id: SocketId) -> Option<Ends> {
        let socket = self.sockets.get(&id)?;
        if matches!(socket.role, Role::Pair(_)) {
            return None;
        }
        Some(Ends { kind: socket.kind, local: socket.local?, peer: socket.peer? })
    }

    /// `getpeername`.
    pub(super) fn peer_address(&self, id: SocketId) -> Result<SocketAddrV4, Errno> {
        let socket = self.socket(id);
        match &socket.role {
            Role::Connection(connection) if !connection.is_connecting() && connection.state() != State::Closed => {
                socket.peer.ok_or(Errno::ENOTCONN)
            }
            Role::Datagram(_) => socket.peer.ok_or(Errno::ENOTCONN),
            Role::Pair(_) => Ok(SocketAddrV4::new(std::net::Ipv4Addr::UNSPECIFIED, 0)),
            _ => Err(Errno::ENOTCONN),
        }
    }

    /// Tells the ends of a socket if they changed.
    pub(super) fn report_address(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let Some(fd) = socket.fd else { return };
        let now = (socket.local, socket.peer);
        if socket.told_ends == now {
            return;
        }
        socket.told_ends = now;
        let ends = self.ends(id);
        self.see(ends, Seen::Socket(Event::Addressed { fd, local: now.0, peer: now.1 }));
    }

    /// Tells the fill of a socket's buffers if it changed.
    pub(super) fn report_levels(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let Some(fd) = socket.fd else { return };
        let Some(levels) = levels(socket) else { return };
        if socket.told_levels == Some(levels) {
            return;
        }
        socket.told_levels = Some(levels);
        let ends = self.ends(id);
        self.see(ends, Seen::Socket(Event::Levels { fd, send: levels.0, receive: levels.1 }));
    }
}

/// Fill of the send and the receive buffer.
fn levels(socket: &Socket) -> Option<(Level, Level)> {
    match &socket.role {
        Role::Connection(connection) => {
            let (send, receive) = (connection.send_level(), connection.receive_level());
            Some((Level { used: send.0, size: send.1 }, Level { used: receive.0, size: receive.1 }))
        }
        Role::Datagram(mailbox) => {
            // A datagram leaves for the link at once: its send buffer never fills.
            let send = socket.options.send_buffer.unwrap_or(DEFAULT_BUFFER as i64) as u64;
            let receive = Level { used: mailbox.bytes() as u64, size: mailbox.size() as u64 };
            (socket.kind == Kind::Datagram).then_some((Level { used: 0, size: send }, receive))
        }
        _ => None,
    }
}
