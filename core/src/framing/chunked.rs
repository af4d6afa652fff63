//! HTTP's chunked coding (RFC 9112, 7.1): a hexadecimal length and CRLF before each chunk, CRLF behind it, a chunk of
//! length zero and trailer lines at the end. Trailer fields are passed over here; what they mean is HTTP's business.

use super::error::Kind;
use super::scan::{Progress, Scan, Scanner};

/// Longest chunk-size line, extensions included.
const LINE: usize = 4096;
/// Longest trailer section.
const TRAILERS: usize = 16 * 1024;

/// Chunks as frames.
pub(super) struct Chunks;

impl Scanner for Chunks {
    fn scan(&self, bytes: &[u8], progress: &mut Progress, limit: usize) -> Scan {
        let fatal = |at, kind| Scan::Malformed { at, kind, skip: None };
        if progress.trailers {
            return trailers(bytes, progress);
        }
        let mut length = 0_u64;
        let mut digits = 0;
        for &byte in bytes {
            let Some(digit) = (byte as char).to_digit(16) else { break };
            // Zeros in front say nothing, and any number of them may stand there.
            if length >> 60 != 0 {
                return fatal(0, Kind::LengthOverflows);
            }
            length = length << 4 | u64::from(digit);
            digits += 1;
        }
        if digits > LINE {
            return fatal(0, Kind::NoBoundary { limit: LINE as u64 });
        }
        let Some(&next) = bytes.get(digits) else { return Scan::Need { at_least: bytes.len() + 1, total: None } };
        if digits == 0 {
            return fatal(0, Kind::NotAHexDigit { byte: next });
        }
        if length > limit as u64 {
            return fatal(0, Kind::LengthExceedsLimit { declared: length, limit: limit as u64 });
        }
        // Extensions begin with ';', perhaps after whitespace (RFC 9112, 7.1.1).
        if !matches!(next, b'\r' | b';' | b' ' | b'\t') {
            return fatal(digits, Kind::NotAHexDigit { byte: next });
        }
        let line_end = match line_end(bytes, digits.max(progress.scanned)) {
            Ok(Some(end)) => end,
            Ok(None) if bytes.len() > LINE => return fatal(0, Kind::NoBoundary { limit: LINE as u64 }),
            Ok(None) => {
                // The last byte may be the CR of the line end.
                progress.scanned = bytes.len() - 1;
                return Scan::Need { at_least: bytes.len() + 1, total: None };
            }
            Err((at, byte)) => return fatal(at, Kind::NoLineEnd { byte }),
        };
        if length == 0 {
            progress.trailers = true;
            progress.scanned = line_end;
            return trailers(bytes, progress);
        }
        let end = line_end + length as usize;
        match (bytes.get(end), bytes.get(end + 1)) {
            (Some(b'\r'), Some(b'\n')) => {
                Scan::Frame { consumed: end + 2, payload: (line_end, end), tag: None, escaped: false }
            }
            // Each of the two bytes behind the data can be wrong by itself.
            (None, None) => Scan::Need { at_least: end + 1, total: Some(end + 2) },
            (Some(b'\r'), None) => Scan::Need { at_least: end + 2, total: Some(end + 2) },
            (Some(b'\r'), Some(&byte)) => fatal(end + 1, Kind::NoLineEnd { byte }),
            (Some(&byte), _) => fatal(end, Kind::NoLineEnd { byte }),
            (None, Some(_)) => unreachable!("a byte cannot follow one that is missing"),
        }
    }
}

/// The offset behind the CRLF that ends the line; an error for a bare CR or LF.
fn line_end(bytes: &[u8], from: usize) -> Result<Option<usize>, (usize, u8)> {
    let Some(at) = memchr::memchr2(b'\r', b'\n', &bytes[from..]).map(|at| at + from) else { return Ok(None) };
    if bytes[at] == b'\n' {
        return Err((at, b'\n'));
    }
    match bytes.get(at + 1) {
        Some(b'\n') => Ok(Some(at + 2)),
        Some(&byte) => Err((at + 1, byte)),
        None => Ok(None),
    }
}

/// The trailer section: lines up to an empty one, from the first that was not whole.
fn trailers(bytes: &[u8], progress: &mut Progress) -> Scan {
    let too_long = |at| {
        let kind = Kind::TrailerTooLong { limit: TRAILERS as u64 };
        Scan::Malformed { at, kind, skip: None }
    };
    loop {
        let at = progress.scanned;
        if at > LINE + TRAILERS {
            return too_long(at);
        }
        match line_end(bytes, at) {
            Ok(Some(end)) if end == at + 2 => {
                *progress = Progress::default();
                return Scan::End { consumed: end };
            }
            Ok(Some(end)) => progress.scanned = end,
            Ok(None) if bytes.len() > LINE + TRAILERS => return too_long(at),
            Ok(None) => return Scan::Need { at_least: bytes.len() + 1, total: None },
            Err((at, byte)) => return Scan::Malformed { at, kind: Kind::NoLineEnd { byte }, skip: None },
        }
    }
}
