//! What happens at the socket face. The words are this room's own; the trace only collects them.

use super::{Call, Descriptor, Outcome};
use crate::stream::Range;
use crate::time::Duration;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::net::SocketAddrV4;

/// Numbers the calls of one host, from 1, in the order they were made.
pub type CallId = u32;

/// Numbers the tasks (threads) of one host; 0 is the main one.
pub type TaskId = u32;

/// Fill of a buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// Bytes in it.
    pub used: u64,
    /// Bytes it can hold.
    pub size: u64,
}

/// What a blocked call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// `recv`, `recvfrom`: nothing has arrived.
    Data,
    /// `send`: the send buffer is full.
    SendBuffer,
    /// `accept`: no connection is ready.
    Connection,
    /// `connect`: the handshake is under way.
    Handshake,
    /// `close` with `SO_LINGER`: unsent data.
    Linger,
    /// `select`: no descriptor is ready.
    Readiness,
    /// `sleep`.
    Time,
}

/// One thing that happened at the socket face.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A program made a call.
    Called {
        /// Which call.
        id: CallId,
        /// Which task.
        task: TaskId,
        /// Line of the program, from 1.
        line: u32,
        /// The call itself: `"call":"send","fd":3,…`.
        #[serde(flatten)]
        call: Call,
    },
    /// The call could not return at once.
    Blocked {
        /// Which call.
        id: CallId,
        /// What it waits for.
        reason: Reason,
    },
    /// The call returned.
    Returned {
        /// Which call.
        id: CallId,
        /// Its name, as [`Call::name`] gives it.
        call: Cow<'static, str>,
        /// The descriptor it was made on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fd: Option<Descriptor>,
        /// What it returned.
        outcome: Outcome,
        /// How long it blocked, microseconds.
        blocked: Duration,
        /// The bytes of the stream that a send or receive call moved. For receive calls: of the peer's stream.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        range: Option<Range>,
    },
    /// Buffer fill after something changed it; `None` where the engine cannot see it.
    Levels {
        /// The socket.
        fd: Descriptor,
        /// Bytes written and not yet acknowledged (`SIOCOUTQ`).
        send: Level,
        /// Bytes received and not yet read (`SIOCINQ`).
        receive: Level,
    },
    /// The two ends of a socket became known or changed.
    Addressed {
        /// The socket.
        fd: Descriptor,
        /// Its own end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        local: Option<SocketAddrV4>,
        /// The other end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        peer: Option<SocketAddrV4>,
    },
}
