//! A delimiter byte ends each message; an escape byte takes the meaning from the byte behind it.

use super::codec::Delimiter;
use super::error::Kind;
use super::line::skip_to;
use super::scan::{Progress, Scan, Scanner};

/// A delimiter, with or without an escape.
pub(super) struct Delimited(pub Delimiter);

/// Where a search ended.
enum Reached {
    /// At the delimiter.
    Boundary(usize),
    /// At the first byte that the limit does not allow.
    Excess(usize),
    /// At the end of the bytes.
    Open,
}

impl Delimited {
    /// Searches the delimiter that no escape precedes, from where the last search ended; a payload longer than `limit` ends the search.
    fn search(&self, bytes: &[u8], progress: &mut Progress, limit: usize) -> Reached {
        let Delimiter { byte, escape } = self.0;
        loop {
            let rest = &bytes[progress.scanned..];
            let found = match escape {
                Some(escape) => memchr::memchr2(byte, escape, rest),
                None => memchr::memchr(byte, rest),
            };
            let plain = found.unwrap_or(rest.len());
            let room = limit - (progress.scanned - progress.escapes);
            if plain > room {
                return Reached::Excess(progress.scanned + room);
            }
            let at = progress.scanned + plain;
            progress.scanned = at;
            if found.is_none() {
                return Reached::Open;
            }
            if bytes[at] == byte {
                return Reached::Boundary(at);
            }
            // The escape and what it protects; without the second byte, look again from the escape.
            let Some(&protected) = bytes.get(at + 1) else { return Reached::Open };
            if plain == room {
                return Reached::Excess(at);
            }
            if protected != byte && Some(protected) != escape {
                progress.needless.get_or_insert(at);
            }
            progress.escapes += 1;
            progress.scanned = at + 2;
        }
    }
}

impl Scanner for Delimited {
    fn scan(&self, bytes: &[u8], progress: &mut Progress, limit: usize) -> Scan {
        let need = Scan::Need { at_least: bytes.len() + 1, total: None };
        if progress.skipping {
            return match self.search(bytes, progress, usize::MAX) {
                Reached::Boundary(at) => skip_to(Some(at), bytes, progress),
                // An escape at the very end stays, for it may protect the byte to come.
                _ if progress.scanned == 0 => need,
                _ => {
                    let consumed = progress.scanned;
                    *progress = Progress { skipping: true, ..Progress::default() };
                    Scan::Skip { consumed }
                }
            };
        }
        match self.search(bytes, progress, limit) {
            Reached::Open => need,
            Reached::Excess(at) => {
                *progress = Progress { skipping: true, ..Progress::default() };
                Scan::Malformed { at, kind: Kind::NoBoundary { limit: limit as u64 }, skip: Some(at) }
            }
            Reached::Boundary(at) => match progress.needless {
                Some(needless) => {
                    let kind = Kind::NeedlessEscape { byte: bytes[needless + 1] };
                    *progress = Progress::default();
                    Scan::Malformed { at: needless, kind, skip: Some(at + 1) }
                }
                None => Scan::Frame { consumed: at + 1, payload: (0, at), tag: None, escaped: progress.escapes > 0 },
            },
        }
    }

    fn wanted(&self, _: usize, _: usize, input: &[u8]) -> usize {
        memchr::memchr(self.0.byte, input).map_or(input.len(), |at| at + 1)
    }

    fn unescape(&self, payload: &[u8], into: &mut Vec<u8>) {
        let mut rest = payload;
        let Some(escape) = self.0.escape else { return into.extend_from_slice(rest) };
        while let Some(at) = memchr::memchr(escape, rest) {
            into.extend_from_slice(&rest[..at]);
            into.extend(rest.get(at + 1));
            rest = rest.get(at + 2..).unwrap_or_default();
        }
        into.extend_from_slice(rest);
    }
}
