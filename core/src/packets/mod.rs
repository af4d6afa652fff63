//! Captured packets: what each one is, which conversation it belongs to, and the streams and messages that the
//! conversations carried. It reads files as bytes come and sends nothing; how a stack acts on a packet is not here.
//!
//! ```text
//!  bytes of a file ──► Dissector ──► Packet ──► Follower ──► Followed: both directions of a stream,
//!  pcap or pcapng      headers, notes,          in order      and the messages on them
//!                      conversations
//! ```
//!
//! Nothing that a file says is believed: lengths are checked, checksums are computed, everything kept has a limit,
//! and what is wrong with a packet is a [`Note`] beside it, never an error of the file.

mod conversation;
mod decode;
mod dissector;
pub mod encapsulate;
pub mod follow;
mod note;
mod packet;
pub mod report;
mod save;
mod summary;

pub use conversation::{Ended, Stream};
pub use dissector::{Dissector, MOST_STREAMS, Totals};
pub use note::Note;
pub use packet::{Content, Datagram, End, Fragment, Icmp, Packet, Protocol, Segment};
pub use report::report;
pub use save::Saver;
pub use summary::{Argument, Summary};
