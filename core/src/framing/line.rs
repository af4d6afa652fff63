//! Lines: a LF ends each, and a CR before it belongs to the line end.

use super::error::Kind;
use super::scan::{Progress, Scan, Scanner};

/// LF, with or without CR before it.
pub(super) struct Lines;

impl Scanner for Lines {
    #[inline]
    fn scan(&self, bytes: &[u8], progress: &mut Progress, limit: usize) -> Scan {
        let found = memchr::memchr(b'\n', &bytes[progress.scanned..]).map(|at| at + progress.scanned);
        if progress.skipping {
            // The damage was reported when the limit was passed; only its end is wanted.
            return skip_to(found, bytes, progress);
        }
        match found {
            Some(at) => {
                let end = if at > 0 && bytes[at - 1] == b'\r' { at - 1 } else { at };
                if end > limit {
                    return too_long(progress, limit, at + 1, true);
                }
                Scan::Frame { consumed: at + 1, payload: (0, end), tag: None, escaped: false }
            }
            // One more than the limit, for a CR that may belong to the line end.
            None if bytes.len() > limit.saturating_add(1) => too_long(progress, limit, bytes.len(), false),
            None => {
                progress.scanned = bytes.len();
                Scan::Need { at_least: bytes.len() + 1, total: None }
            }
        }
    }

    fn wanted(&self, _: usize, _: usize, input: &[u8]) -> usize {
        memchr::memchr(b'\n', input).map_or(input.len(), |at| at + 1)
    }
}

/// Reports a frame whose boundary is not in reach and throws away its first `skip` bytes: all of it where `whole`,
/// else what was looked at, so that nothing grows.
fn too_long(progress: &mut Progress, limit: usize, skip: usize, whole: bool) -> Scan {
    *progress = Progress { skipping: !whole, ..Progress::default() };
    Scan::Malformed { at: limit, kind: Kind::NoBoundary { limit: limit as u64 }, skip: Some(skip) }
}

/// Throws away up to the boundary, or all there is.
pub(super) fn skip_to(found: Option<usize>, bytes: &[u8], progress: &mut Progress) -> Scan {
    match found {
        Some(at) => {
            *progress = Progress::default();
            Scan::Skip { consumed: at + 1 }
        }
        None => {
            progress.scanned = 0;
            Scan::Skip { consumed: bytes.len() }
        }
    }
}
