//! What a program asks the system for. One value per call, complete: whoever answers needs nothing else.

use crate::stream::Data;
use crate::time::Duration;
use serde::{Deserialize, Serialize};
use std::net::SocketAddrV4;

use super::{OptionValue, SocketOption};

/// A file descriptor of one host: the smallest number that is free, from 3 up.
pub type Descriptor = i32;

/// The second argument of `socket()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `SOCK_STREAM`: TCP.
    Stream,
    /// `SOCK_DGRAM`: UDP.
    Datagram,
}

/// The argument of `shutdown()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// `SHUT_RD`.
    Read,
    /// `SHUT_WR`.
    Write,
    /// `SHUT_RDWR`.
    Both,
}

/// How long a call on a descriptor may block: what `settimeout` and `setblocking` set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blocking {
    /// As long as it takes: `settimeout(None)`.
    #[default]
    Forever,
    /// Not at all, `EAGAIN` instead: `settimeout(0)`.
    Never,
    /// Until then, [`super::Outcome::TimedOut`] instead: `settimeout(seconds)`.
    AtMost(Duration),
}

/// Flags of the send and receive calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Flags {
    /// `MSG_PEEK`: leave the data in the buffer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub peek: bool,
    /// `MSG_DONTWAIT`: this call does not block.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dont_wait: bool,
    /// `MSG_WAITALL`: return only with all that was asked for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub wait_all: bool,
    /// `MSG_OOB`: urgent data.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub out_of_band: bool,
    /// `MSG_TRUNC` on a datagram: report its full length.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncate: bool,
}

impl Flags {
    /// Whether no flag is set.
    pub fn is_empty(&self) -> bool {
        *self == Flags::default()
    }
}

/// One call, with its arguments. In JSON the field `call` names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
#[allow(missing_docs)] // the names and arguments are those of POSIX
pub enum Call {
    Socket {
        kind: Kind,
        #[serde(default)]
        protocol: i32,
    },
    Bind {
        fd: Descriptor,
        address: SocketAddrV4,
    },
    Listen {
        fd: Descriptor,
        backlog: i32,
    },
    Accept {
        fd: Descriptor,
    },
    Connect {
        fd: Descriptor,
        address: SocketAddrV4,
    },
    /// `all` is Python's `sendall`: it returns when the last byte is in the send buffer.
    Send {
        fd: Descriptor,
        data: Data,
        #[serde(default, skip_serializing_if = "Flags::is_empty")]
        flags: Flags,
        #[serde(default)]
        all: bool,
    },
    #[serde(rename = "sendto")]
    SendTo {
        fd: Descriptor,
        data: Data,
        #[serde(default, skip_serializing_if = "Flags::is_empty")]
        flags: Flags,
        address: SocketAddrV4,
    },
    Recv {
        fd: Descriptor,
        size: usize,
        #[serde(default, skip_serializing_if = "Flags::is_empty")]
        flags: Flags,
    },
    #[serde(rename = "recvfrom")]
    RecvFrom {
        fd: Descriptor,
        size: usize,
        #[serde(default, skip_serializing_if = "Flags::is_empty")]
        flags: Flags,
    },
    Shutdown {
        fd: Descriptor,
        how: How,
    },
    Close {
        fd: Descriptor,
    },
    #[serde(rename = "setsockopt")]
    SetOption {
        fd: Descriptor,
        option: SocketOption,
        value: OptionValue,
    },
    #[serde(rename = "getsockopt")]
    GetOption {
        fd: Descriptor,
        option: SocketOption,
    },
    #[serde(rename = "settimeout")]
    SetBlocking {
        fd: Descriptor,
        mode: Blocking,
    },
    #[serde(rename = "getsockname")]
    LocalAddress {
        fd: Descriptor,
    },
    #[serde(rename = "getpeername")]
    PeerAddress {
        fd: Descriptor,
    },
    #[serde(rename = "socketpair")]
    /// `socketpair()`: two connected stream sockets on this host.
    SocketPair,
    /// `select.select`; no timeout waits for ever.
    Select {
        read: Vec<Descriptor>,
        write: Vec<Descriptor>,
        except: Vec<Descriptor>,
        timeout: Option<Duration>,
    },
    Sleep {
        duration: Duration,
    },
    /// `time.time()` and `time.monotonic()`: the trace's clock.
    Clock,
}

impl Call {
    /// The name a program knows the call by, as in the field `call` of the JSON form.
    pub fn name(&self) -> &'static str {
        match self {
            Call::Socket { .. } => "socket",
            Call::Bind { .. } => "bind",
            Call::Listen { .. } => "listen",
            Call::Accept { .. } => "accept",
            Call::Connect { .. } => "connect",
            Call::Send { all: false, .. } => "send",
            Call::Send { all: true, .. } => "sendall",
            Call::SendTo { .. } => "sendto",
            Call::Recv { .. } => "recv",
            Call::RecvFrom { .. } => "recvfrom",
            Call::Shutdown { .. } => "shutdown",
            Call::Close { .. } => "close",
            Call::SetOption { .. } => "setsockopt",
            Call::GetOption { .. } => "getsockopt",
            Call::SetBlocking { .. } => "settimeout",
            Call::LocalAddress { .. } => "getsockname",
            Call::PeerAddress { .. } => "getpeername",
            Call::SocketPair => "socketpair",
            Call::Select { .. } => "select",
            Call::Sleep { .. } => "sleep",
            Call::Clock => "clock",
        }
    }

    /// The descriptor the call is made on, if it is made on one.
    pub fn descriptor(&self) -> Option<Descriptor> {
        match self {
            Call::Socket { .. } | Call::SocketPair | Call::Select { .. } | Call::Sleep { .. } | Call::Clock => None,
            Call::Bind { fd, .. }
            | Call::Listen { fd, .. }
            | Call::Accept { fd }
            | Call::Connect { fd, .. }
            | Call::Send { fd, .. }
            | Call::SendTo { fd, .. }
            | Call::Recv { fd, .. }
            | Call::RecvFrom { fd, .. }
            | Call::Shutdown { fd, .. }
            | Call::Close { fd }
            | Call::SetOption { fd, .. }
            | Call::GetOption { fd, .. }
            | Call::SetBlocking { fd, .. }
            | Call::LocalAddress { fd }
            | Call::PeerAddress { fd } => Some(*fd),
        }
    }
}
