//! What happens in TCP. The words are this room's own; the trace only collects them.

use crate::stream::Range;
use crate::time::{Duration, Instant};
use crate::wire::{Control, FrameId, TcpOptions};
use serde::{Deserialize, Serialize};
use std::net::SocketAddrV4;

use super::State;

/// The header of a segment as a view needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Where it comes from.
    pub source: SocketAddrV4,
    /// Where it goes.
    pub destination: SocketAddrV4,
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgement number, with ACK only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledgement: Option<u32>,
    /// Sequence number counted from the sender's initial one: SYN is 0, the first byte is 1.
    pub relative_sequence: u64,
    /// Acknowledgement number counted from the receiver's initial one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative_acknowledgement: Option<u64>,
    /// Control bits: `["SYN","ACK"]`.
    pub control: Control,
    /// Window in bytes, scaled where both sides scale.
    pub window: u32,
    /// Options.
    #[serde(default)]
    pub options: TcpOptions,
    /// Payload length in bytes.
    pub length: u32,
}

/// Why a segment was sent, where the engine knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// SYN, or SYN-ACK.
    Open,
    /// New data.
    Data,
    /// Data with FIN, or FIN alone.
    Close,
    /// An acknowledgement that could not wait longer (delayed acknowledgement timer).
    DelayedAcknowledgement,
    /// An acknowledgement sent at once: second full segment, out of order, FIN.
    Acknowledgement,
    /// The window opened.
    WindowUpdate,
    /// The same bytes again, after a timeout or three duplicate acknowledgements.
    Retransmission,
    /// One byte, or none, into a closed window.
    WindowProbe,
    /// Keep-alive.
    KeepAlive,
    /// RST.
    Reset,
}

/// Why a change of state happened: the trigger column of the transition table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // they are the user calls and arriving segments of RFC 9293, 3.3.2
pub enum Trigger {
    PassiveOpen,
    ActiveOpen,
    Close,
    Abort,
    ReceiveSyn,
    ReceiveSynAck,
    ReceiveAckOfSyn,
    ReceiveFin,
    ReceiveAckOfFin,
    ReceiveFinAckOfFin,
    ReceiveRst,
    TimeWaitExpired,
    UserTimeout,
}

/// Which timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Timer {
    Retransmission,
    DelayedAcknowledgement,
    Persist,
    KeepAlive,
    TimeWait,
    UserTimeout,
    /// The tail of a flight is probed before the retransmission timer (RFC 8985, 7).
    LossProbe,
    /// A segment may have been overtaken; now it counts as lost (RFC 8985, 6).
    Reordering,
}

/// Why bytes that are in the send buffer stay there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// Nagle: a short segment waits while earlier data is unacknowledged (RFC 9293, 3.7.4).
    Nagle,
    /// The receiver's window is full.
    Window,
    /// The congestion window is full.
    Congestion,
    /// `TCP_CORK`.
    Cork,
    /// The handshake is not done.
    Handshake,
}

/// Congestion control and timing of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metrics {
    /// Congestion window in bytes.
    pub congestion_window: u64,
    /// Slow start threshold in bytes, absent while unset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_start_threshold: Option<u64>,
    /// Bytes sent and not acknowledged.
    pub in_flight: u64,
    /// Smoothed round-trip time, absent before the first sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smoothed_rtt: Option<Duration>,
    /// Retransmission timeout.
    pub retransmission_timeout: Duration,
    /// Segments retransmitted so far.
    pub retransmissions: u32,
    /// Maximum segment size of what it sends.
    pub maximum_segment: u32,
}

/// One thing that happened in TCP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A segment went onto the wire.
    SegmentSent {
        /// The frame that carries it.
        frame: FrameId,
        /// Its header.
        segment: Header,
        /// The stream bytes it carries, of the sender's direction.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        range: Option<Range>,
        /// The frame whose bytes it repeats.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        repeats: Option<FrameId>,
        /// Why it was sent, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        purpose: Option<Purpose>,
    },
    /// A segment arrived.
    SegmentReceived {
        /// The frame that carried it.
        frame: FrameId,
    },
    /// A connection changed its state.
    StateChanged {
        /// The end that changed.
        local: SocketAddrV4,
        /// The other end, unless listening.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        peer: Option<SocketAddrV4>,
        /// From.
        from: State,
        /// To.
        to: State,
        /// Why.
        trigger: Trigger,
    },
    /// Bytes stay in the send buffer.
    Held {
        /// Why.
        reason: Hold,
        /// Which bytes of this host's direction.
        range: Range,
    },
    /// A timer was set, or set anew.
    TimerSet {
        /// Which.
        timer: Timer,
        /// When it fires.
        at: Instant,
    },
    /// A timer fired.
    TimerFired {
        /// Which.
        timer: Timer,
    },
    /// Congestion control and timing changed, or were read (`TCP_INFO`).
    Measured {
        /// The figures.
        #[serde(flatten)]
        metrics: Metrics,
    },
    /// A segment arrived and was thrown away.
    Discarded {
        /// The frame that carried it.
        frame: FrameId,
        /// Why: `checksum`, `outside_window`, `no_connection`, `old_duplicate`, `backlog_full`.
        cause: DiscardCause,
    },
}

/// Why an arriving segment was thrown away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum DiscardCause {
    Checksum,
    OutsideWindow,
    NoConnection,
    OldDuplicate,
    BacklogFull,
    UnacceptableAcknowledgement,
    AfterReset,
}
