//! Whole lines of a head that break no rule, quickly. Whatever is not taken here, a leniency included, is left to `check`,
//! which looks at each byte and knows every error.

use super::field::{FieldParts, Known};
use super::head::{Parts, StartParts};
use super::{Span, Version, target, token};

/// `method SP target SP version`, strictly.
pub(super) fn request(head: &[u8], start: usize, end: usize, parts: &mut Parts) -> Option<()> {
    let line = &head[start..end];
    let method = start + token::token_length(line);
    if method == start || head[method] != b' ' {
        return None;
    }
    let version = end.checked_sub(8).filter(|version| *version > method + 1 && head[version - 1] == b' ')?;
    parts.version = match &head[version..end] {
        b"HTTP/1.1" => Version::Http11,
        b"HTTP/1.0" => Version::Http10,
        _ => return None,
    };
    let method = Span::new(start, method);
    let target = Span::new(method.end() + 1, version - 1);
    if target.is_empty() {
        return None;
    }
    let target = target::parse(head, target, method.of(head)).ok()?;
    parts.version_span = Span::new(version, end);
    parts.start = StartParts::Request { method, target };
    parts.start_line = Span::new(start, end);
    Some(())
}

/// `version SP status SP [reason]`, strictly.
pub(super) fn status(head: &[u8], start: usize, end: usize, parts: &mut Parts) -> Option<()> {
    let (version, rest) = head[start..end].split_at_checked(9)?;
    parts.version = match version {
        b"HTTP/1.1 " => Version::Http11,
        b"HTTP/1.0 " => Version::Http10,
        _ => return None,
    };
    let (&[a @ b'1'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9', b' '], reason) = rest.split_first_chunk()? else {
        return None;
    };
    if token::bad_in_value(reason).is_some() {
        return None;
    }
    let digit = |byte: u8| u16::from(byte - b'0');
    let at = start + 9;
    parts.start = StartParts::Response {
        status: digit(a) * 100 + digit(b) * 10 + digit(c),
        status_span: Span::new(at, at + 3),
        reason: Span::new(at + 4, end),
    };
    parts.version_span = Span::new(start, start + 8);
    parts.start_line = Span::new(start, end);
    Some(())
}

/// Where the line that begins at `start` ends with CR LF, if nothing but a tab and visible bytes stand before that.
#[inline]
pub(super) fn end(head: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at = token::next_control(head, at)?;
        match head[at] {
            b'\t' => at += 1,
            b'\r' if head.get(at + 1) == Some(&b'\n') => return Some(at),
            _ => return None,
        }
    }
}

/// `name ":" OWS value OWS CRLF`, strictly; and where the next line begins.
#[inline]
pub(super) fn field(head: &[u8], start: usize, number: u32) -> Option<(FieldParts, usize)> {
    let colon = token::name_end(head, start)?;
    let end = end(head, colon + 1)?;
    let value = &head[colon + 1..end];
    // Mostly one space in front and none behind.
    let (from, to) = match value {
        [b' ', b'!'..=b'~', .., b'!'..=b'~'] => (1, value.len()),
        _ => token::trim(value),
    };
    let behind = colon + 1;
    let parts = FieldParts {
        name: Span::new(start, colon),
        value: Span::new(behind + from, behind + to),
        line: number,
        known: Known::of(&head[start..colon]),
        folded: false,
    };
    Some((parts, end + 2))
}
