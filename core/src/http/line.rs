//! Whole lines of a head that break no rule, quickly. Whatever is not taken here, a leniency included, is left to `check`,
//! which looks at each byte and knows every error.

use super::field::{FieldParts, Known};
use super::framing::Said;
use super::head::{Parts, StartParts};
use super::limits::{Leniency, Limits};
use super::scan::{Ends, letters_and_dashes};
use super::{Span, Version, target, token};
use fearless_simd::Simd;

/// The versions as numbers, which are compared at once.
const HTTP_11: u64 = u64::from_le_bytes(*b"HTTP/1.1");
const HTTP_10: u64 = u64::from_le_bytes(*b"HTTP/1.0");

/// `method SP target SP version`, strictly.
#[inline(always)]
pub(super) fn request<S: Simd>(simd: S, head: &[u8], start: usize, end: usize, parts: &mut Parts) -> Option<()> {
    let line = &head[start..end];
    let method = start + token::token_length(line);
    if method == start || head[method] != b' ' {
        return None;
    }
    let version = end.checked_sub(8).filter(|version| *version > method + 1 && head[version - 1] == b' ')?;
    parts.version = match u64::from_le_bytes(*head[version..].first_chunk()?) {
        HTTP_11 => Version::Http11,
        HTTP_10 => Version::Http10,
        _ => return None,
    };
    let method = Span::new(start, method);
    let target = Span::new(method.end() + 1, version - 1);
    if target.is_empty() {
        return None;
    }
    let target = match target::plain(simd, head, target, method.of(head)) {
        Some(target) => target,
        None => target::parse(head, target, method.of(head)).ok()?,
    };
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
    if !token::is_value(reason) {
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

/// Where lines stand: the offset in the head of the next one, and its number.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub start: usize,
    pub number: u32,
}

/// Field lines from `place` on, which then is the first that is not taken; the length of the head, if its end was met.
#[inline(always)]
pub(super) fn fields<S: Simd>(
    simd: S,
    head: &[u8],
    ends: &mut Ends,
    place: &mut Place,
    (limits, leniency): (&Limits, &Leniency),
    parts: &mut Parts,
    said: &mut Said,
) -> Option<usize> {
    let Place { mut start, mut number } = *place;
    let length = loop {
        let Some(rest) = head.get(start..) else { break None };
        if rest.starts_with(b"\r\n") {
            break Some(start + 2);
        }
        let Some(end) = ends.line(simd, head) else { break None };
        let Some(line) = head.get(start..end) else { break None };
        let plain = rest.first_chunk().map_or(0, |front| letters_and_dashes(simd, front));
        let colon = if line.get(plain) == Some(&b':') { plain } else { token::token_length(line) };
        let Some((name, [b':', value @ ..])) = line.split_at_checked(colon) else { break None };
        let too_long = line.len() > limits.field_line as usize || end > limits.head as usize;
        if name.is_empty() || too_long || parts.fields.len() >= limits.fields as usize {
            break None;
        }
        // Mostly one space in front and none behind.
        let (from, to) = match value {
            [b' ', b'!'..=0xff, .., b'!'..=0xff] => (1, value.len()),
            _ => token::trim(value),
        };
        let behind = start + colon + 1;
        let (name_span, value) = (Span::new(start, start + colon), Span::new(behind + from, behind + to));
        let known = Known::of(name);
        if known != Known::Other && !heard(head, (known, name_span, value, number), leniency, said) {
            break None;
        }
        // Built in its place: as a value of its own, which `hear` borrows, it would be written twice.
        parts.fields.push(FieldParts { name: name_span, value, line: number, known, folded: false });
        number += 1;
        start = end + 2;
    };
    *place = Place { start, number };
    length
}

/// Takes in a field that decides about framing or the connection; if it breaks a rule, nothing of it.
#[inline(never)]
fn heard(
    head: &[u8],
    (known, name, value, line): (Known, Span, Span, u32),
    leniency: &Leniency,
    said: &mut Said,
) -> bool {
    let before = *said;
    let heard = said.hear(head, &FieldParts { name, value, line, known, folded: false }, leniency);
    if heard.is_err() {
        *said = before;
    }
    heard.is_ok()
}
