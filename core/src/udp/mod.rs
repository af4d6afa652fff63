//! The User Datagram Protocol (RFC 768): boundaries kept, nothing promised. It knows no descriptor and no trace.

mod event;

pub use event::{DiscardCause, Event};
