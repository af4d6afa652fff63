//! Which bytes may stand where (RFC 9110, 5.6; RFC 3986, appendix A), as one table.

/// A place where bytes may stand: a token.
pub(super) const TOKEN: u8 = 1;
/// A target.
pub(super) const TARGET: u8 = 2;
/// A field value or a reason phrase.
pub(super) const VALUE: u8 = 4;
/// A host name.
const HOST: u8 = 8;
/// Not a place but the byte itself.
const QUESTION: u8 = 16;
const PERCENT: u8 = 32;

/// For each byte the places where it may not stand, so that many are judged together by an OR.
static BARRED: [u8; 256] = barred();

const fn barred() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let c = byte as u8;
        let mut barred = 0;
        // tchar
        if !(c.is_ascii_alphanumeric() || in_set(c, b"!#$%&'*+-.^_`|~")) {
            barred |= TOKEN;
        }
        // pchar, "/" and "?"; the forms that need more or less check for themselves.
        if !(c.is_ascii_alphanumeric() || in_set(c, b"-._~%!$&'()*+,;=:@/?")) {
            barred |= TARGET;
        }
        // VCHAR, obs-text, SP, HTAB
        if c < 0x20 && c != b'\t' || c == 0x7f {
            barred |= VALUE;
        }
        // unreserved, pct-encoded, sub-delims
        if !(c.is_ascii_alphanumeric() || in_set(c, b"-._~%!$&'()*+,;=")) {
            barred |= HOST;
        }
        if c == b'?' {
            barred |= QUESTION;
        }
        if c == b'%' {
            barred |= PERCENT;
        }
        table[byte] = barred;
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

/// Whether the byte may stand there.
#[inline]
pub(super) const fn is(byte: u8, place: u8) -> bool {
    BARRED[byte as usize] & place == 0
}

/// What is barred for one of the bytes at least.
#[inline]
fn together(bytes: &[u8]) -> u8 {
    let (eights, rest) = bytes.as_chunks::<8>();
    let mut any = 0;
    for eight in eights {
        for byte in eight {
            any |= BARRED[*byte as usize];
        }
    }
    rest.iter().fold(any, |any, byte| any | BARRED[*byte as usize])
}

/// Whether it may stand in a token.
pub(super) fn in_token(byte: u8) -> bool {
    is(byte, TOKEN)
}

/// Whether it may stand in a target of any form: brackets belong to an IPv6 address.
pub(super) fn in_target(byte: u8) -> bool {
    is(byte, TARGET) || matches!(byte, b'[' | b']')
}

/// Whether it may stand in a field value or a reason phrase.
pub(super) fn in_value(byte: u8) -> bool {
    is(byte, VALUE)
}

/// Bytes at the beginning that may stand in a token.
#[inline]
pub(super) fn token_length(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| is(**byte, TOKEN)).count()
}

/// Whether all of it is one token.
pub(super) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && token_length(bytes) == bytes.len()
}

/// The first byte that cannot stand in a target.
#[inline]
pub(super) fn bad_in_target(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| !is(*byte, TARGET))
}

/// Whether all may stand in a target, and whether there is a '?' and a '%'.
#[inline]
pub(super) fn target_traits(bytes: &[u8]) -> (bool, bool, bool) {
    let any = together(bytes);
    (any & TARGET == 0, any & QUESTION != 0, any & PERCENT != 0)
}

/// Whether all may stand in a host name and nothing is percent-encoded.
#[inline]
pub(super) fn is_plain_host(bytes: &[u8]) -> bool {
    !bytes.is_empty() && together(bytes) & (HOST | PERCENT) == 0
}

/// Whether all may stand in a field value or a reason phrase.
#[inline]
pub(super) fn is_value(bytes: &[u8]) -> bool {
    // No branch for a byte, so that the compiler makes it wide; a tab needs a second look.
    let visible = |chunk: &[u8; 16]| !chunk.iter().fold(false, |bad, &byte| bad | (byte < 0x20) | (byte == 0x7f));
    match bytes.last_chunk() {
        Some(last) if visible(last) && bytes.as_chunks().0.iter().all(visible) => true,
        _ => together(bytes) & VALUE == 0,
    }
}

/// The first byte that cannot stand in a field value or a reason phrase.
pub(super) fn bad_in_value(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| !is(*byte, VALUE))
}

/// Whether it is a registered name or IPv4 address (RFC 3986, 3.2.2), percent-encoding checked.
pub(super) fn is_host_name(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| is(*byte, HOST)) && percent_encoded(bytes).is_none()
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
