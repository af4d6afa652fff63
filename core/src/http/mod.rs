//! HTTP/1.1 messages (RFC 9110, RFC 9112): parsed at any cut without looking at a byte twice, every part with its byte
//! range, every error with its place and its rule. It opens no connection and knows no socket.
//!
//! Strict by default: what the RFCs forbid to send is refused, and each leniency they allow is a switch of [`Leniency`].

mod body;
mod check;
mod connection;
mod encode;
mod error;
mod event;
mod field;
mod framing;
mod head;
mod life;
mod limits;
mod line;
mod method;
mod parser;
pub mod report;
mod scan;
pub mod shell;
mod target;
mod token;

pub use body::ChunkLine;
pub use connection::{
    Connection, Input as ConnectionInput, Misuse, Role as ConnectionRole, Side, State as ConnectionState, TABLE,
};
pub use encode::{EncodeError, Encoder, RequestHead, ResponseHead};
pub use error::{Class, Kind, Malformed, Truncated};
pub use event::{Event, Role};
pub use field::{Field, Rule, rule};
pub use framing::{BodyLength, Persistence, Reason};
pub use head::{Head, Notice, Start};
pub use life::{Step, steps};
pub use limits::{Leniency, Limits};
pub use method::{METHODS, Method};
pub use parser::Parser;
pub use report::report;
pub use target::{Target, TargetForm};

use serde::{Deserialize, Serialize};

/// Bytes of a head, counted from its first byte. JSON: `[start,end]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The bytes from `start` to before `end`.
    pub fn new(start: usize, end: usize) -> Self {
        // A head is limited to far less than 4 GiB.
        Span { start: start as u32, end: end as u32 }
    }

    /// The first byte.
    pub const fn start(self) -> usize {
        self.start as usize
    }

    /// The byte behind the last.
    pub const fn end(self) -> usize {
        self.end as usize
    }

    /// How many bytes.
    pub const fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it holds none.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The bytes of `head` that it names.
    pub fn of(self, head: &[u8]) -> &[u8] {
        &head[self.start as usize..self.end as usize]
    }

    /// The same bytes as offsets in a stream in which the head begins at `base`.
    pub const fn at(self, base: u64) -> crate::stream::Range {
        crate::stream::Range(base + self.start as u64, base + self.end as u64)
    }
}

/// The version of a message: only HTTP/1.0 and HTTP/1.1 are parsed here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Version {
    /// RFC 1945.
    #[serde(rename = "HTTP/1.0")]
    Http10,
    /// RFC 9112.
    #[default]
    #[serde(rename = "HTTP/1.1")]
    Http11,
}

impl Version {
    /// As it stands in a message.
    pub const fn text(self) -> &'static str {
        match self {
            Version::Http10 => "HTTP/1.0",
            Version::Http11 => "HTTP/1.1",
        }
    }
}

#[cfg(test)]
mod tests;
