//! The Transmission Control Protocol as a sans-I/O machine (RFC 9293). It knows segments and streams;
//! it knows no descriptor, no program and no trace.

mod event;
mod state;

pub use event::{DiscardCause, Event, Header, Hold, Metrics, Purpose, Timer, Trigger};
pub use state::State;
