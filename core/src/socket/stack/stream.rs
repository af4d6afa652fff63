//! Stream sockets from `connect`, `listen` and `accept` to `close`. The bytes between are `transfer`'s; what TCP does is its own room's.

use super::datagram::meant;
use super::network::Route;
use super::pending::Pending;
use super::readiness::linger_time;
use super::socket::{Pair, Role, Socket};
use super::{Attempt, Ends, Seen, SocketId, Stack};
use crate::machine::Machine;
use crate::socket::{Answer, Blocking, Descriptor, Errno, How, Kind, Outcome, Reason};
use crate::tcp::{self, Arrival, Connection, Failure, Listener, Output as TcpOutput, Purpose, State};
use crate::time::Instant;
use crate::wire::{Segment, Transport};
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddrV4};

/// An end that does not exist.
const NOBODY: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);

impl Stack {
    /// `connect`, when it is made and each time it is tried again.
    pub(super) fn connect(
        &mut self,
        now: Instant,
        id: SocketId,
        address: SocketAddrV4,
        first: bool,
    ) -> Result<Attempt, Errno> {
        let socket = self.socket_mut(id);
        if socket.kind == Kind::Datagram {
            return self.connect_datagram(id, address).map(|()| Attempt::done());
        }
        let state = match &socket.role {
            Role::Idle => None,
            Role::Connection(connection) => Some(connection.state()),
            _ => return Err(Errno::EISCONN),
        };
        match state {
            None if first => {
                self.start_connect(now, id, address)?;
                match self.socket(id).blocking {
                    Blocking::Never => Err(Errno::EINPROGRESS),
                    _ => Ok(Attempt::Wait(Reason::Handshake)),
                }
            }
            // Another task's `shutdown` took the connection away.
            None => Err(Errno::ECONNABORTED),
            Some(_) if first && !socket.connecting => Err(Errno::EISCONN),
            Some(State::SynSent | State::SynReceived) => match (first, socket.blocking) {
                (true, Blocking::Forever) | (false, _) => Ok(Attempt::Wait(Reason::Handshake)),
                // Python's `connect` with a time limit begins with a non-blocking one.
                (true, _) => Err(Errno::EALREADY),
            },
            Some(State::Closed) => Err(self.connect_failed(id)),
            Some(_) => {
                socket.connecting = false;
                Ok(Attempt::done())
            }
        }
    }

    /// Sends SYN.
    fn start_connect(&mut self, now: Instant, id: SocketId, address: SocketAddrV4) -> Result<(), Errno> {
        let peer = meant(address);
        let (route, source) = self.route(*peer.ip())?;
        if route == Route::Everyone {
            return Err(Errno::ENETUNREACH);
        }
        let socket = self.socket_mut(id);
        if !socket.bound {
            socket.local = None;
        }
        let bound = socket.local.map_or(Ipv4Addr::UNSPECIFIED, |local| *local.ip());
        let ip = if bound.is_unspecified() { source } else { bound };
        if ip.is_loopback() && route != Route::Own {
            return Err(Errno::EINVAL);
        }
        let local = SocketAddrV4::new(ip, self.ensure_port(id, ip)?.port());
        if self.connections.contains_key(&(local, peer)) {
            return Err(Errno::EADDRNOTAVAIL);
        }
        let config = self.tcp_config(id, *peer.ip());
        let connection = Connection::open(local, peer, config, now);
        let socket = self.socket_mut(id);
        socket.local = Some(local);
        socket.peer = Some(peer);
        socket.connecting = true;
        socket.role = Role::Connection(Box::new(connection));
        self.connections.insert((local, peer), id);
        self.report_address(id);
        self.drain(now, id);
        Ok(())
    }

    /// Why a connection attempt ended; the socket can be used for another.
    fn connect_failed(&mut self, id: SocketId) -> Errno {
        // Once the reason was read with SO_ERROR, only this is left to say.
        let errno = self.take_error(id).unwrap_or(Errno::ECONNABORTED);
        self.forget_connection(id);
        let socket = self.socket_mut(id);
        socket.role = Role::Idle;
        socket.connecting = false;
        socket.peer = None;
        if !socket.bound {
            // Linux gives the address back and goes on showing the port.
            socket.local = socket.local.map(|local| SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, local.port()));
        }
        errno
    }

    /// What a connection to this address is told, by the host and by the socket's options.
    fn tcp_config(&self, id: SocketId, to: Ipv4Addr) -> tcp::Config {
        let socket = self.socket(id);
        let options = &socket.options;
        let mut config = self.config.tcp.clone();
        config.mss = self.segment_size(to).min(options.maximum_segment.unwrap_or(u16::MAX));
        options.configure(&mut config);
        config
    }

    /// The segment size to announce: the MTU less both headers (RFC 9293, 3.7.1).
    fn segment_size(&self, to: Ipv4Addr) -> u16 {
        self.mtu(to).saturating_sub(40).max(tcp::MINIMUM_MSS)
    }

    /// `listen`.
    pub(super) fn listen(&mut self, now: Instant, id: SocketId, backlog: i32) -> Result<(), Errno> {
        let socket = self.socket_mut(id);
        match &mut socket.role {
            Role::Datagram(_) | Role::Pair(_) => return Err(Errno::EOPNOTSUPP),
            Role::Connection(_) => return Err(Errno::EINVAL),
            Role::Listening(listener) => {
                listener.set_backlog(backlog);
                return Ok(());
            }
            Role::Idle => {}
        }
        let local = self.ensure_port(id, Ipv4Addr::UNSPECIFIED)?;
        if self.conflicts(id, local) {
            return Err(Errno::EADDRINUSE);
        }
        let config = self.tcp_config(id, self.config.address);
        let socket = self.socket_mut(id);
        socket.bound = true;
        socket.role = Role::Listening(Box::new(Listener::new(local, backlog, config)));
        self.drain(now, id);
        Ok(())
    }

    /// `accept`.
    pub(super) fn accept(&mut self, now: Instant, pending: &Pending, id: SocketId) -> Result<Attempt, Errno> {
        let room = self.table.room();
        let socket = self.socket_mut(id);
        let listener = match &mut socket.role {
            Role::Listening(listener) => listener,
            Role::Datagram(_) => return Err(Errno::EOPNOTSUPP),
            _ => return Err(Errno::EINVAL),
        };
        if room == 0 {
            return Err(Errno::EMFILE);
        }
        let Some(connection) = listener.accept() else {
            let waits = socket.blocking != Blocking::Never || pending.deadline.is_some();
            return if waits { Ok(Attempt::Wait(Reason::Connection)) } else { Err(Errno::EAGAIN) };
        };
        let (local, peer) = (connection.local(), connection.remote());
        let mut accepted = Socket::new(Kind::Stream);
        // What was set on the listening socket holds for its connections (Linux's `sk_clone`).
        accepted.options = socket.options.clone();
        accepted.local = Some(local);
        accepted.peer = Some(peer);
        accepted.role = Role::Connection(Box::new(connection));
        let accepted = self.add(accepted);
        self.connections.insert((local, peer), accepted);
        let fd = self.give_descriptor(accepted)?;
        self.report_address(accepted);
        self.drain(now, accepted);
        self.report_levels(accepted);
        let ends = Ends { kind: Kind::Stream, local, peer };
        Ok(Attempt::Done(Outcome::Ok(Answer::Accepted { accepted: fd, peer }), None, Some(ends)))
    }

    /// `socketpair`.
    pub(super) fn open_pair(&mut self) -> Result<Attempt, Errno> {
        if self.table.room() < 2 {
            return Err(Errno::EMFILE);
        }
        let (a, b) = (self.next_socket, self.next_socket + 1);
        for other in [b, a] {
            let mut socket = Socket::new(Kind::Stream);
            socket.role = Role::Pair(Pair {
                other: Some(other),
                incoming: VecDeque::new(),
                used: 0,
                written: 0,
                read: 0,
                ended: false,
            });
            self.add(socket);
        }
        let pair = (self.give_descriptor(a)?, self.give_descriptor(b)?);
        Ok(Attempt::ok(Answer::Pair { pair }))
    }

    /// `shutdown`.
    pub(super) fn shutdown(&mut self, now: Instant, id: SocketId, how: How) -> Result<(), Errno> {
        let (reads, writes) = (how != How::Write, how != How::Read);
        let socket = self.socket_mut(id);
        match &mut socket.role {
            Role::Idle => return Err(Errno::ENOTCONN),
            Role::Datagram(_) => {
                // Linux notes it even where it answers ENOTCONN.
                socket.read_shut |= reads;
                socket.write_shut |= writes;
                if socket.peer.is_none() {
                    return Err(Errno::ENOTCONN);
                }
            }
            Role::Listening(listener) => {
                if reads {
                    listener.close(now);
                    self.drain(now, id);
                    self.socket_mut(id).role = Role::Idle;
                }
            }
            Role::Connection(connection) => {
                match connection.state() {
                    State::Closed => return Err(Errno::ENOTCONN),
                    State::SynSent => connection.abort(now),
                    _ => {
                        if reads {
                            connection.shutdown_read();
                        }
                        if writes {
                            connection.shutdown_write(now);
                        }
                    }
                }
                socket.read_shut |= reads;
                socket.write_shut |= writes;
                self.drain(now, id);
                self.report_levels(id);
            }
            Role::Pair(pair) => {
                let other = pair.other;
                socket.read_shut |= reads;
                socket.write_shut |= writes;
                if writes
                    && let Some(Socket { role: Role::Pair(end), .. }) =
                        other.and_then(|other| self.sockets.get_mut(&other))
                {
                    end.ended = true;
                }
            }
        }
        Ok(())
    }

    /// `close`: the descriptor is free at once. The connection ends when nobody holds it any more; with `SO_LINGER` the call
    /// waits until the peer has everything.
    pub(super) fn close(
        &mut self,
        now: Instant,
        pending: &mut Pending,
        fd: Descriptor,
        id: SocketId,
        first: bool,
    ) -> Result<Attempt, Errno> {
        if first {
            self.table.remove(fd);
            self.socket_mut(id).fd = None;
            self.release(now, id);
            let socket = self.socket_mut(id);
            let last = socket.holders == 1;
            if let (true, Some(seconds @ 1..), Role::Connection(_)) = (last, socket.options.linger, &socket.role) {
                pending.deadline = Some(now + linger_time(seconds));
                self.end_connection(now, id);
            }
        }
        let lingers = pending.deadline.is_some();
        match &self.socket(id).role {
            Role::Connection(connection) if lingers && !connection.is_flushed() => Ok(Attempt::Wait(Reason::Linger)),
            _ => Ok(Attempt::done()),
        }
    }

    /// Nobody holds the socket any more.
    pub(super) fn destroy(&mut self, now: Instant, id: SocketId) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        match &mut socket.role {
            Role::Connection(_) => {
                self.end_connection(now, id);
                self.drain(now, id);
                return;
            }
            Role::Listening(listener) => {
                listener.close(now);
                self.drain(now, id);
            }
            Role::Pair(pair) => {
                let (other, unread) = (pair.other, pair.used > 0);
                if let Some(other) = other.and_then(|other| self.sockets.get_mut(&other)) {
                    // What was never read is reported to its sender, as UNIX sockets do.
                    other.error = unread.then_some(Errno::ECONNRESET);
                    if let Role::Pair(end) = &mut other.role {
                        (end.other, end.ended) = (None, true);
                    }
                }
            }
            Role::Idle | Role::Datagram(_) => {}
        }
        self.remove(id);
    }

    /// Lets TCP close a connection, once.
    fn end_connection(&mut self, now: Instant, id: SocketId) {
        let socket = self.socket_mut(id);
        let at_once = socket.options.linger == Some(0);
        let Role::Connection(connection) = &mut socket.role else { return };
        if std::mem::replace(&mut socket.let_go, true) {
            return;
        }
        if at_once {
            connection.abort(now);
        } else {
            connection.close(now);
        }
        self.drain(now, id);
    }

    /// A segment arrived for this host.
    pub(super) fn handle_segment(&mut self, now: Instant, local: SocketAddrV4, peer: SocketAddrV4, segment: Segment) {
        if let Some(&id) = self.connections.get(&(local, peer)) {
            // A SYN may begin anew what is only remembered in TIME-WAIT (RFC 9293, 3.6.1).
            let renewed = segment.control.syn && !segment.control.ack && self.listener(local).is_some();
            let socket = self.socket_mut(id);
            let Some(connection) = socket.connection() else { return };
            if connection.state() == State::TimeWait && renewed {
                connection.abort(now);
                self.drain(now, id);
            } else {
                connection.handle_input(now, segment);
                self.drain(now, id);
                self.report_levels(id);
                return;
            }
        }
        let Some(id) = self.listener(local) else {
            let ends = Some(Ends { kind: Kind::Stream, local, peer });
            self.see(ends, Seen::Segment(tcp::DiscardCause::NoConnection));
            if let Some(reset) = tcp::reset_for(&segment) {
                self.send_segment(now, local, peer, reset, Purpose::Reset);
            }
            return;
        };
        let mss = self.segment_size(*peer.ip());
        let Role::Listening(listener) = &mut self.socket_mut(id).role else { return };
        let config = listener.config_mut();
        config.mss = config.mss.min(mss);
        listener.handle_input(now, Arrival { source: *peer.ip(), destination: *local.ip(), segment });
        self.drain(now, id);
    }

    /// The listening socket for this end: one bound to the address before one bound to all.
    fn listener(&self, local: SocketAddrV4) -> Option<SocketId> {
        let listening = self.sockets.iter().filter_map(|(id, socket)| {
            let bound = socket.local.filter(|_| matches!(socket.role, Role::Listening(_)))?;
            let fits = bound.port() == local.port() && (bound.ip().is_unspecified() || bound.ip() == local.ip());
            fits.then_some((!bound.ip().is_unspecified(), *id))
        });
        listening.max().map(|(_, id)| id)
    }

    /// The network says that a segment of this host cannot be delivered.
    pub(super) fn stream_unreachable(&mut self, now: Instant, local: SocketAddrV4, peer: SocketAddrV4, errno: Errno) {
        let Some(&id) = self.connections.get(&(local, peer)) else { return };
        let failure = match errno {
            Errno::ECONNREFUSED => Failure::Refused,
            Errno::ENETUNREACH => Failure::NetworkUnreachable,
            _ => Failure::HostUnreachable,
        };
        if let Some(connection) = self.socket_mut(id).connection() {
            connection.unreachable(now, failure);
        }
        self.drain(now, id);
    }

    pub(super) fn handle_timers(&mut self, now: Instant) {
        self.handle_neighbour_timers(now);
        self.reassembly.handle_timeout(now);
        let due = self.timers.iter().take_while(|(at, _)| *at <= now);
        let due: Vec<SocketId> = due.map(|(_, id)| *id).collect();
        for id in due {
            match &mut self.socket_mut(id).role {
                Role::Connection(connection) => connection.handle_timeout(now),
                Role::Listening(listener) => listener.handle_timeout(now),
                _ => {}
            }
            self.drain(now, id);
            self.report_levels(id);
        }
    }

    /// Takes everything that leaves a socket's TCP.
    pub(super) fn drain(&mut self, now: Instant, id: SocketId) {
        loop {
            let Some(socket) = self.sockets.get_mut(&id) else { return };
            let (local, peer, output) = match &mut socket.role {
                Role::Connection(connection) => match connection.poll_output() {
                    Some(output) => (connection.local(), connection.remote(), output),
                    None => break,
                },
                Role::Listening(listener) => match listener.poll_output() {
                    Some(addressed) => (addressed.local, addressed.remote, addressed.output),
                    None => break,
                },
                _ => break,
            };
            match output {
                TcpOutput::Segment { segment, purpose, .. } => self.send_segment(now, local, peer, segment, purpose),
                TcpOutput::Event(event) => {
                    let ends = (peer != NOBODY).then_some(Ends { kind: Kind::Stream, local, peer });
                    self.see(ends, Seen::Tcp(event));
                }
            }
        }
        self.set_timer(id);
        let Some(socket) = self.sockets.get(&id) else { return };
        if let Role::Connection(connection) = &socket.role
            && connection.state() == State::Closed
        {
            let forgotten = socket.holders == 0;
            self.forget_connection(id);
            if forgotten {
                self.remove(id);
            }
        }
    }

    fn send_segment(
        &mut self,
        now: Instant,
        local: SocketAddrV4,
        peer: SocketAddrV4,
        segment: Segment,
        purpose: Purpose,
    ) {
        let ttl = self
            .connections
            .get(&(local, peer))
            .and_then(|id| self.sockets.get(id))
            .map_or(64, |socket| socket.options.ttl);
        let packet = self.packet(*local.ip(), *peer.ip(), ttl, Transport::Tcp(segment));
        self.send_packet(now, packet, Some(purpose));
    }

    /// The two ends are free for another connection.
    fn forget_connection(&mut self, id: SocketId) {
        let Some(Socket { role: Role::Connection(connection), .. }) = self.sockets.get(&id) else { return };
        let ends = (connection.local(), connection.remote());
        if self.connections.get(&ends) == Some(&id) {
            self.connections.remove(&ends);
        }
    }

    /// The error that waits at a socket, once: `SO_ERROR`.
    pub(super) fn take_error(&mut self, id: SocketId) -> Option<Errno> {
        let socket = self.socket_mut(id);
        socket.error.take().or_else(|| socket.connection()?.take_error().map(errno))
    }
}

/// The number that programs know a failure by.
pub(super) fn errno(failure: Failure) -> Errno {
    match failure {
        Failure::Refused => Errno::ECONNREFUSED,
        Failure::Reset => Errno::ECONNRESET,
        Failure::BrokenPipe => Errno::EPIPE,
        Failure::TimedOut => Errno::ETIMEDOUT,
        Failure::HostUnreachable => Errno::EHOSTUNREACH,
        Failure::NetworkUnreachable => Errno::ENETUNREACH,
    }
}
