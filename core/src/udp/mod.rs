//! The User Datagram Protocol (RFC 768): boundaries kept, nothing promised. It knows no descriptor and no trace.

mod event;
mod mailbox;

pub use event::{DiscardCause, Event};
pub use mailbox::{DEFAULT_BUFFER, Mailbox, Received};

/// The largest payload: an IP packet has at most 65,535 bytes, 20 of them its header and 8 that of UDP (RFC 768, RFC 791).
pub const MAXIMUM_PAYLOAD: usize = 65_535 - 20 - 8;
