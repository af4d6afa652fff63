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

/// `name ":" OWS value OWS`, strictly.
#[inline]
pub(super) fn field(head: &[u8], start: usize, end: usize, number: u32) -> Option<FieldParts> {
    let line = &head[start..end];
    let length = token::token_length(line);
    if length == 0 || line.get(length) != Some(&b':') {
        return None;
    }
    let value = &line[length + 1..];
    if token::bad_in_value(value).is_some() {
        return None;
    }
    let (from, to) = token::trim(value);
    let behind = start + length + 1;
    Some(FieldParts {
        name: Span::new(start, start + length),
        value: Span::new(behind + from, behind + to),
        line: number,
        known: Known::of(&line[..length]),
        folded: false,
    })
}
