//! What happens on the wire. The words are this room's own; the trace only collects them.

use crate::stream::Data;
use crate::time::{Duration, Instant};
use crate::wire::FrameId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Why a frame did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// By chance, with the scenario's `loss`.
    Loss,
    /// The scenario's `drop` list names it.
    Scripted,
    /// The sender's queue was full.
    QueueFull,
    /// Longer than the MTU.
    TooLong,
    /// No host has the address.
    NoSuchHost,
}

/// What the link decided about a frame, known when it enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It arrives at this moment.
    Deliver {
        /// When its last bit arrives.
        at: Instant,
    },
    /// It does not arrive.
    Drop {
        /// Why.
        cause: Cause,
    },
}

/// One thing that happened on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The event's host put a frame on the wire. One event for each receiver the link decides about separately.
    Sent {
        /// Its number.
        frame: FrameId,
        /// The receiving host; absent for an address that no host has.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Arc<str>>,
        /// The whole Ethernet frame, without FCS.
        data: Data,
        /// What becomes of it.
        verdict: Verdict,
        /// Time it waits behind earlier frames before its first bit leaves, microseconds.
        #[serde(default)]
        queued: Duration,
        /// The frame this one is a duplicate of, made by the link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duplicate_of: Option<FrameId>,
    },
    /// A frame reached the event's host.
    Delivered {
        /// Its number.
        frame: FrameId,
    },
    /// A frame was lost on the way; the event's host is the sender.
    Dropped {
        /// Its number.
        frame: FrameId,
        /// Why.
        cause: Cause,
    },
}
