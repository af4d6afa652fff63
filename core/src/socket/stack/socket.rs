//! One socket: what it is at the moment, what was set on it, and who holds it. What calls do to it stands elsewhere.

use super::SocketId;
use crate::machine::{Deadline, Machine};
use crate::socket::{Blocking, Descriptor, Errno, Kind, Level};
use crate::tcp::{Connection, Listener, State};
use crate::time::Duration;
use crate::udp::Mailbox;
use bytes::Bytes;
use std::collections::VecDeque;
use std::net::SocketAddrV4;

/// What a socket is at the moment.
pub(super) enum Role {
    /// A stream socket that is neither listening nor connected.
    Idle,
    /// After `listen`.
    Listening(Box<Listener>),
    /// After `connect` or from `accept`; also one that has ended and still tells how.
    Connection(Box<Connection>),
    /// A datagram socket.
    Datagram(Mailbox),
    /// One of the two ends of `socketpair`.
    Pair(Pair),
}

/// One end of a pair: the bytes that wait to be read at it.
pub(super) struct Pair {
    /// The other end, while it is open.
    pub other: Option<SocketId>,
    pub incoming: VecDeque<Bytes>,
    pub used: usize,
    /// Stream offsets of what was written and read at this end.
    pub written: u64,
    pub read: u64,
    /// Whether the other end will send nothing more.
    pub ended: bool,
}

/// What `setsockopt` set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub reuse_address: bool,
    pub reuse_port: bool,
    pub broadcast: bool,
    pub keepalive: bool,
    pub keep_idle: u32,
    pub keep_interval: u32,
    pub keep_count: u32,
    /// As `getsockopt` reports it, twice what was asked for; `None` until set.
    pub receive_buffer: Option<i64>,
    pub send_buffer: Option<i64>,
    pub linger: Option<u32>,
    pub receive_timeout: Option<Duration>,
    pub send_timeout: Option<Duration>,
    pub nodelay: bool,
    pub cork: bool,
    pub quick_ack: bool,
    pub user_timeout: u32,
    pub maximum_segment: Option<u16>,
    pub ttl: u8,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            reuse_address: false,
            reuse_port: false,
            broadcast: false,
            keepalive: false,
            keep_idle: 7200,
            keep_interval: 75,
            keep_count: 9,
            receive_buffer: None,
            send_buffer: None,
            linger: None,
            receive_timeout: None,
            send_timeout: None,
            nodelay: false,
            cork: false,
            quick_ack: true,
            user_timeout: 0,
            maximum_segment: None,
            ttl: 64,
        }
    }
}

/// One socket.
pub(super) struct Socket {
    pub kind: Kind,
    pub role: Role,
    pub options: Options,
    pub blocking: Blocking,
    /// Its own end; the address is 0.0.0.0 until it is chosen.
    pub local: Option<SocketAddrV4>,
    /// Whether `bind` set the address or port, so that they stay after a failed `connect`.
    pub bound: bool,
    pub peer: Option<SocketAddrV4>,
    /// Whether a `connect` that did not wait has not been answered yet.
    pub connecting: bool,
    /// After `shutdown`.
    pub read_shut: bool,
    pub write_shut: bool,
    /// An error that the next call returns.
    pub error: Option<Errno>,
    /// Its descriptor, while it has one.
    pub fd: Option<Descriptor>,
    /// When its TCP wants to be woken, as the stack has noted it.
    pub timer: Option<Deadline>,
    /// Descriptors and calls under way that refer to it; a connection without any goes on by itself until it has ended.
    pub holders: u32,
    /// Whether TCP was told that nobody holds it any more.
    pub let_go: bool,
    /// Send and receive levels as last told.
    pub told_levels: Option<(Level, Level)>,
    /// Ends as last told.
    pub told_ends: (Option<SocketAddrV4>, Option<SocketAddrV4>),
}

impl Socket {
    pub fn new(kind: Kind) -> Self {
        let role = match kind {
            Kind::Stream => Role::Idle,
            Kind::Datagram => Role::Datagram(Mailbox::default()),
        };
        Socket {
            kind,
            role,
            options: Options::default(),
            blocking: Blocking::Forever,
            local: None,
            bound: false,
            peer: None,
            connecting: false,
            read_shut: false,
            write_shut: false,
            error: None,
            fd: None,
            timer: None,
            holders: 1,
            let_go: false,
            told_levels: None,
            told_ends: (None, None),
        }
    }

    /// When its TCP wants to be woken.
    pub fn poll_timeout(&self) -> Option<Deadline> {
        match &self.role {
            Role::Connection(connection) => connection.poll_timeout(),
            Role::Listening(listener) => listener.poll_timeout(),
            _ => None,
        }
    }

    /// Whether nothing moves by itself any more; the end of TIME-WAIT is not waited for.
    pub fn is_quiet(&self) -> bool {
        match &self.role {
            Role::Connection(connection) => matches!(connection.state(), State::TimeWait | State::Closed),
            Role::Listening(listener) => listener.queues() == (0, 0),
            _ => true,
        }
    }

    /// The connection, if it has one.
    pub fn connection(&mut self) -> Option<&mut Connection> {
        match &mut self.role {
            Role::Connection(connection) => Some(connection),
            _ => None,
        }
    }
}
