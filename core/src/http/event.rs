//! What a parser reads and what it finds.

use super::body::ChunkLine;
use super::head::Head;
use crate::stream::Range;
use serde::{Deserialize, Serialize};

/// Which kind of message a parser reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Requests: what a server reads.
    Request,
    /// Responses: what a client reads.
    Response,
}

/// What a parser finds, in the order of the bytes.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The head of a message is complete.
    Head(Head<'a>),
    /// A chunk begins; the last one has length zero.
    Chunk(ChunkLine<'a>),
    /// A piece of the content.
    Body {
        /// The bytes.
        data: &'a [u8],
        /// Where they stand in the stream.
        range: Range,
    },
    /// The trailer section of a chunked message, if it has fields.
    Trailers(Head<'a>),
    /// The message is complete.
    End {
        /// All of it in the stream.
        range: Range,
    },
    /// Bytes that are no HTTP any more.
    Tunnel {
        /// The bytes.
        data: &'a [u8],
        /// Where they stand in the stream.
        range: Range,
    },
}
