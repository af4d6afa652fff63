//! The Transmission Control Protocol as a sans-I/O machine (RFC 9293). It knows segments and streams;
//! it knows no descriptor, no program and no trace.
//!
//! | question | file |
//! |---|---|
//! | which states, and what leads from one to another | `state` |
//! | what a connection does with a segment, a call, a timer | `connection` |
//! | who waits for `accept` | `listener` |
//! | what to send next, and what holds it back | `segmentation`, `send_buffer` |
//! | when to acknowledge, how much window to offer | `acknowledgement`, `window` |
//! | what arrived, in which order | `reassembly` |
//! | what was lost, when to send it again, how fast | `scoreboard`, `connection/recovery`, `retransmission`, `congestion` |
//!
//! Not here: urgent data (the bit and pointer are ignored, the bytes stay in line), TCP Fast Open, ECN, HyStart++, undoing a
//! reduction that proved needless, path MTU discovery, SYN cookies.

mod acknowledgement;
mod config;
mod congestion;
mod connection;
mod error;
mod event;
mod listener;
mod reassembly;
mod retransmission;
mod scoreboard;
mod segmentation;
mod send_buffer;
pub mod sequence;
pub mod state;
mod timer;
mod window;

pub use config::{Algorithm, Config, KeepAlive};
pub use connection::Connection;
pub use error::{Failure, RecvError, SendError};
pub use event::{DiscardCause, Event, Header, Hold, Metrics, Purpose, Timer, Trigger};
pub use listener::{Addressed, Arrival, Listener};
pub use state::{State, TABLE, Transition};
pub use timer::name as timer_name;

use crate::stream::Range;
use crate::wire::{Control, Segment, TcpOptions};

/// The smallest segment size that is believed (Linux's `TCP_MIN_MSS`).
pub const MINIMUM_MSS: u16 = 88;

/// What leaves a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A segment for the wire.
    Segment {
        /// The segment, complete but for checksums.
        segment: Segment,
        /// Why it is sent.
        purpose: Purpose,
        /// Whether it carries sequence numbers that were sent before.
        repeats: bool,
        /// The bytes of our stream it carries.
        range: Option<Range>,
    },
    /// Something happened. Where an event names a frame, the frame is 0: only whoever carries frames knows its number.
    Event(Event),
}

/// The RST that answers a segment for which there is no connection; none for a RST (RFC 9293, 3.10.7.1).
pub fn reset_for(segment: &Segment) -> Option<Segment> {
    if segment.control.rst {
        return None;
    }
    let (sequence, acknowledgement, ack) = if segment.control.ack {
        (segment.acknowledgement, 0, false)
    } else {
        (0, segment.sequence.wrapping_add(segment.sequence_length()), true)
    };
    Some(Segment {
        source_port: segment.destination_port,
        destination_port: segment.source_port,
        sequence,
        acknowledgement,
        control: Control { rst: true, ack, ..Control::default() },
        window: 0,
        urgent: 0,
        options: TcpOptions::default(),
        payload: Default::default(),
    })
}
