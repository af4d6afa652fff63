//! Netstrings: `5:hello,`. The length is decimal, and the comma notices most wrong lengths.

use super::error::Kind;
use super::scan::{Progress, Scan, Scanner};

/// Digits of the longest length that is read: u64 has twenty.
const DIGITS: usize = 20;

/// `[length]:[bytes],`.
pub(super) struct Netstrings;

impl Scanner for Netstrings {
    fn scan(&self, bytes: &[u8], _: &mut Progress, limit: usize) -> Scan {
        let fatal = |at, kind| Scan::Malformed { at, kind, skip: None };
        let mut length = 0_u64;
        for (index, &byte) in bytes.iter().enumerate() {
            match byte {
                b':' if index > 0 => {
                    if length > limit as u64 {
                        return fatal(0, Kind::LengthExceedsLimit { declared: length, limit: limit as u64 });
                    }
                    let start = index + 1;
                    let end = start + length as usize;
                    return match bytes.get(end) {
                        Some(b',') => {
                            Scan::Frame { consumed: end + 1, payload: (start, end), tag: None, escaped: false }
                        }
                        Some(&byte) => fatal(end, Kind::NoComma { byte }),
                        None => Scan::Need { at_least: end + 1, total: Some(end + 1) },
                    };
                }
                b'0'..=b'9' => {
                    if index > 0 && bytes[0] == b'0' {
                        return fatal(0, Kind::LeadingZero);
                    }
                    let digit = u64::from(byte - b'0');
                    match length.checked_mul(10).and_then(|length| length.checked_add(digit)) {
                        Some(longer) if index < DIGITS => length = longer,
                        _ => return fatal(0, Kind::LengthOverflows),
                    }
                }
                _ => return fatal(index, Kind::NotADigit { byte }),
            }
        }
        Scan::Need { at_least: bytes.len() + 1, total: None }
    }
}
