//! Byte streams: ranges in a stream, and what became of each byte between `send` and `recv`. Knows no protocol.

mod base64;
mod data;
mod ledger;
mod split;

pub use self::base64::{NoBase64, from_base64};
pub use data::Data;
pub use ledger::{Ledger, Piece, Span};
pub use split::{Split, SplitError};

use serde::{Deserialize, Serialize};

/// A half-open range of stream offsets, `[start, end)`, counted from the first byte a direction carries. JSON: `[0,5]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Range(pub u64, pub u64);

impl Range {
    /// Number of bytes.
    pub const fn len(self) -> u64 {
        self.1.saturating_sub(self.0)
    }

    /// Whether it holds no byte.
    pub const fn is_empty(self) -> bool {
        self.1 <= self.0
    }

    /// The bytes both ranges hold, if any.
    pub fn overlap(self, other: Range) -> Option<Range> {
        let range = Range(self.0.max(other.0), self.1.min(other.1));
        (!range.is_empty()).then_some(range)
    }
}
