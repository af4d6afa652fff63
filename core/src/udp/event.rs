//! What happens in UDP. The words are this room's own; the trace only collects them.

use crate::stream::Data;
use crate::wire::FrameId;
use serde::{Deserialize, Serialize};
use std::net::SocketAddrV4;

/// Why an arriving datagram reached no program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscardCause {
    /// No socket is bound to the port; an ICMP port unreachable answers.
    NoSocket,
    /// The receive buffer is full.
    BufferFull,
    /// The checksum is wrong.
    Checksum,
}

/// One thing that happened in UDP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A datagram went onto the wire.
    DatagramSent {
        /// The frame that carries it, or its first fragment.
        frame: FrameId,
        /// Where it comes from.
        source: SocketAddrV4,
        /// Where it goes.
        destination: SocketAddrV4,
        /// Payload.
        data: Data,
        /// Further frames that carry its other fragments.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        fragments: Vec<FrameId>,
    },
    /// A datagram arrived at a host.
    DatagramReceived {
        /// The frame that carried it.
        frame: FrameId,
    },
    /// A datagram arrived and reached no program.
    Discarded {
        /// The frame that carried it.
        frame: FrameId,
        /// Why.
        cause: DiscardCause,
    },
}
