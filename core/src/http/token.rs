//! Which bytes may stand where (RFC 9110, 5.6; RFC 3986, appendix A), as one table.

const TOKEN: u8 = 1;
const TARGET: u8 = 2;
const VALUE: u8 = 4;
const HOST: u8 = 8;
const QUESTION: u8 = 16;
const PERCENT: u8 = 32;

static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let c = byte as u8;
        let mut class = 0;
        // tchar
        if c.is_ascii_alphanumeric() || in_set(c, b"!#$%&'*+-.^_`|~") {
            class |= TOKEN;
        }
        // pchar, "/" and "?"; the forms that need more or less check for themselves.
        if c.is_ascii_alphanumeric() || in_set(c, b"-._~%!$&'()*+,;=:@/?") {
            class |= TARGET;
        }
        // VCHAR, obs-text, SP, HTAB
        if c >= 0x20 && c != 0x7f || c == b'\t' {
            class |= VALUE;
        }
        // unreserved, pct-encoded, sub-delims
        if c.is_ascii_alphanumeric() || in_set(c, b"-._~%!$&'()*+,;=") {
            class |= HOST;
        }
        if c == b'?' {
            class |= QUESTION;
        }
        if c == b'%' {
            class |= PERCENT;
        }
        table[byte] = class;
        byte += 1;
    }
    table
}

const fn in_set(c: u8, set: &[u8]) -> bool {
    let mut index = 0;
    while index < set.len() {
        if set[index] == c {
            return true;
        }
        index += 1;
    }
    false
}

/// Whether it may stand in a token.
pub(super) fn in_token(byte: u8) -> bool {
    CLASSES[byte as usize] & TOKEN != 0
}

/// Whether it may stand in a target of any form: brackets belong to an IPv6 address.
pub(super) fn in_target(byte: u8) -> bool {
    CLASSES[byte as usize] & TARGET != 0 || matches!(byte, b'[' | b']')
}

/// Whether it may stand in a field value or a reason phrase.
pub(super) fn in_value(byte: u8) -> bool {
    CLASSES[byte as usize] & VALUE != 0
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The eight bytes at `at` as one number, the first the lowest.
#[inline]
fn eight(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk::<8>().map(|chunk| u64::from_le_bytes(*chunk))
}

/// The high bit of the first byte of `word` that is below 0x20 or is 0x7f, and perhaps of bytes behind it.
#[inline]
const fn controls(word: u64) -> u64 {
    let delete = word ^ (ONES * 0x7f);
    (word.wrapping_sub(ONES * 0x20) & !word | delete.wrapping_sub(ONES) & !delete) & HIGH
}

/// The first control byte from `from` on: anything below a space, or DEL.
#[inline]
pub(super) fn next_control(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    // Wide steps without a branch for each byte, so that the compiler makes them vectors.
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<32>()) {
        let bad = chunk.iter().fold(0_u8, |bad, &byte| bad | u8::from(byte < 0x20) | u8::from(byte == 0x7f));
        if bad != 0 {
            break;
        }
        at += 32;
    }
    while let Some(word) = eight(bytes, at) {
        let found = controls(word);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?;
    rest.iter().position(|byte| *byte < 0x20 || *byte == 0x7f).map(|found| at + found)
}

/// The colon behind the name that begins at `start`; `None` unless the name is a token.
#[inline]
pub(super) fn name_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while let Some(word) = eight(bytes, at) {
        // Letters and '-' at once; the rest of the tokens below.
        let low = word & !HIGH;
        let lower = low | (ONES * 0x20);
        let letters = (lower + ONES * (0x80 - 0x61)) & !(lower + ONES * (0x7f - 0x7a));
        let dash = low ^ (ONES * 0x2d);
        let dashes = !(dash + ONES * 0x7f);
        let others = !(letters | dashes) & HIGH | word & HIGH;
        if others == 0 {
            at += 8;
            continue;
        }
        at += others.trailing_zeros() as usize / 8;
        break;
    }
    let rest = bytes.get(at..)?;
    let length = rest.iter().position(|byte| CLASSES[*byte as usize] & TOKEN == 0)?;
    let end = at + length;
    (bytes[end] == b':' && end > start).then_some(end)
}

/// Bytes at the beginning that may stand in a token.
#[inline]
pub(super) fn token_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| CLASSES[*byte as usize] & TOKEN == 0).unwrap_or(bytes.len())
}

/// Whether all of it is one token.
pub(super) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && token_length(bytes) == bytes.len()
}

/// The first byte that cannot stand in a target.
#[inline]
pub(super) fn bad_in_target(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| CLASSES[*byte as usize] & TARGET == 0)
}

/// Whether all may stand in a target, and whether there is a '?' and a '%'.
#[inline]
pub(super) fn target_traits(bytes: &[u8]) -> (bool, bool, bool) {
    let (all, any) = bytes.iter().fold((0xff_u8, 0_u8), |(all, any), byte| {
        let class = CLASSES[*byte as usize];
        (all & class, any | class)
    });
    (all & TARGET != 0, any & QUESTION != 0, any & PERCENT != 0)
}

/// Whether all may stand in a host name and nothing is percent-encoded.
#[inline]
pub(super) fn is_plain_host(bytes: &[u8]) -> bool {
    let (all, any) = bytes.iter().fold((0xff_u8, 0_u8), |(all, any), byte| {
        let class = CLASSES[*byte as usize];
        (all & class, any | class)
    });
    !bytes.is_empty() && all & HOST != 0 && any & PERCENT == 0
}

/// The first byte that cannot stand in a field value or a reason phrase.
#[inline]
pub(super) fn bad_in_value(bytes: &[u8]) -> Option<usize> {
    // Without a branch for each byte, so that the compiler makes it wide.
    let bad = bytes
        .iter()
        .fold(0_u8, |bad, &byte| bad | (u8::from(byte < 0x20) & u8::from(byte != b'\t')) | u8::from(byte == 0x7f));
    if bad == 0 {
        return None;
    }
    bytes.iter().position(|byte| CLASSES[*byte as usize] & VALUE == 0)
}

/// Whether it is a registered name or IPv4 address (RFC 3986, 3.2.2), percent-encoding checked.
pub(super) fn is_host_name(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| CLASSES[*byte as usize] & HOST != 0) && percent_encoded(bytes).is_none()
}

/// The first '%' without two hexadecimal digits behind it.
pub(super) fn percent_encoded(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'%', bytes).find(|at| {
        let digits = bytes.get(at + 1..at + 3).unwrap_or_default();
        digits.len() < 2 || !digits.iter().all(u8::is_ascii_hexdigit)
    })
}

/// The bytes without spaces and tabs at both ends, as offsets.
#[inline]
pub(super) fn trim(bytes: &[u8]) -> (usize, usize) {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = bytes.iter().position(|byte| !blank(byte)).unwrap_or(bytes.len());
    let end = bytes[start..].iter().rposition(|byte| !blank(byte)).map_or(start, |last| start + last + 1);
    (start, end)
}

/// The elements of a comma-separated list, without the empty ones (RFC 9110, 5.6.1.2). Quoted commas do not separate.
pub(super) fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = value;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let mut quoted = false;
            let mut escaped = false;
            let end = rest.iter().position(|&byte| {
                let ends = byte == b',' && !quoted;
                if escaped {
                    escaped = false;
                } else if byte == b'"' {
                    quoted = !quoted;
                } else if byte == b'\\' && quoted {
                    escaped = true;
                }
                ends
            });
            let element = &rest[..end.unwrap_or(rest.len())];
            rest = end.map_or(&[][..], |end| &rest[end + 1..]);
            let (start, end) = trim(element);
            if start < end {
                return Some(&element[start..end]);
            }
        }
        None
    })
}
