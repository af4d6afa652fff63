//! What every codec answers when it looks at the bytes from the beginning of a frame.

use super::error::Kind;

/// What was found at the beginning of the bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// A whole frame.
    Frame {
        /// Bytes of the frame.
        consumed: usize,
        /// Where its payload begins and ends.
        payload: (usize, usize),
        /// The type, of a TLV.
        tag: Option<u64>,
        /// Whether the payload holds escapes.
        escaped: bool,
    },
    /// The frame is not whole yet; looking again helps only with `at_least` bytes.
    Need {
        /// Bytes from the beginning of the frame.
        at_least: usize,
        /// How many the whole frame has, where that is known.
        total: Option<usize>,
    },
    /// The bytes break the agreement.
    Malformed {
        /// Offset from the beginning of the frame.
        at: usize,
        /// What is wrong.
        kind: Kind,
        /// Bytes to throw away before going on; `None` where the next boundary cannot be found.
        skip: Option<usize>,
    },
    /// Bytes of a damaged frame that was reported before: thrown away.
    Skip {
        /// How many.
        consumed: usize,
    },
    /// The last frame of the stream: nothing may follow.
    End {
        /// Bytes of it.
        consumed: usize,
    },
}

/// What a scan leaves behind for the next one, so that no byte is looked at twice.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Bytes from the beginning of the frame that hold no boundary.
    pub scanned: usize,
    /// Whether a damaged frame is being thrown away up to its boundary.
    pub skipping: bool,
    /// Escapes in the scanned bytes.
    pub escapes: usize,
    /// Offset of a needless escape in the scanned bytes.
    pub needless: Option<usize>,
    /// Whether only trailer lines are left.
    pub trailers: bool,
}

/// One codec as a scanner of frames.
pub(super) trait Scanner {
    /// Looks at `bytes`, which begin where a frame begins. `limit` is the largest payload.
    fn scan(&self, bytes: &[u8], progress: &mut Progress, limit: usize) -> Scan;

    /// How many bytes of `input` to add to an unfinished frame before looking again; at least 1.
    fn wanted(&self, have: usize, at_least: usize, input: &[u8]) -> usize {
        at_least.saturating_sub(have).clamp(1, input.len())
    }

    /// Writes the payload without its escapes.
    fn unescape(&self, payload: &[u8], into: &mut Vec<u8>) {
        into.extend_from_slice(payload);
    }
}
