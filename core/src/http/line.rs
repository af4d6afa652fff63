//! One line of a head: request line, status line, field line. Places are offsets from the head's first byte.

use super::error::Kind;
use super::field::{FieldParts, Known};
use super::head::{Parts, StartParts};
use super::limits::Leniency;
use super::{Span, Version, target, token};

type Fault = (usize, Kind);

/// `method SP target SP version`.
pub(super) fn request(
    head: &[u8],
    start: usize,
    end: usize,
    leniency: &Leniency,
    parts: &mut Parts,
) -> Result<(), Fault> {
    let line = &head[start..end];
    let method = token::token_length(line);
    if method == 0 {
        return Err((start, if matches!(line[0], b' ' | b'\t') { Kind::MethodMissing } else { method_byte(line[0]) }));
    }
    let at = separator(head, start + method, end, leniency).map_err(|at| match head.get(at).filter(|_| at < end) {
        None => (at, Kind::TargetMissing),
        Some(&byte) => (at, method_byte(byte)),
    })?;
    let target_end = memchr::memchr(b' ', &head[at..end]).map_or(end, |space| at + space);
    // A tab separates too where more than one space may.
    let target_end = match leniency.extra_space {
        true => memchr::memchr(b'\t', &head[at..target_end]).map_or(target_end, |tab| at + tab),
        false => target_end,
    };
    if target_end == at {
        return Err((at, if at == end { Kind::TargetMissing } else { Kind::ExtraSpace }));
    }
    let method = Span::new(start, start + method);
    let target = target::parse(head, Span::new(at, target_end), method.of(head))?;
    let version = separator(head, target_end, end, leniency).map_err(|at| (at, Kind::VersionMissing))?;
    if version == end {
        return Err((end, Kind::VersionMissing));
    }
    let version_end = version_end(head, version, end, leniency)?;
    parts.version = self::version(head, version, version_end)?;
    parts.version_span = Span::new(version, version_end);
    parts.start = StartParts::Request { method, target };
    parts.start_line = Span::new(start, end);
    Ok(())
}

fn method_byte(byte: u8) -> Kind {
    if byte == b'\r' { Kind::BareCr } else { Kind::MethodByte { byte } }
}

/// The offset behind the separator at `at`; where there is none, the offset as an error.
fn separator(head: &[u8], at: usize, end: usize, leniency: &Leniency) -> Result<usize, usize> {
    if at >= end {
        return Err(at);
    }
    if leniency.extra_space {
        let blanks = head[at..end].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        return if blanks > 0 { Ok(at + blanks) } else { Err(at) };
    }
    if head[at] == b' ' { Ok(at + 1) } else { Err(at) }
}

/// The end of the version: the end of the line, but for blanks where they are allowed.
fn version_end(head: &[u8], version: usize, end: usize, leniency: &Leniency) -> Result<usize, Fault> {
    let blank = head[version..end].iter().position(|byte| matches!(byte, b' ' | b'\t'));
    match blank {
        None => Ok(end),
        Some(0) => Err((version, Kind::ExtraSpace)),
        Some(at) if leniency.extra_space && head[version + at..end].iter().all(|byte| matches!(byte, b' ' | b'\t')) => {
            Ok(version + at)
        }
        Some(at) => Err((version + at, Kind::ExtraSpace)),
    }
}

fn version(head: &[u8], start: usize, end: usize) -> Result<Version, Fault> {
    match &head[start..end] {
        b"HTTP/1.1" => Ok(Version::Http11),
        b"HTTP/1.0" => Ok(Version::Http10),
        [b'H', b'T', b'T', b'P', b'/', major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'] => match (major, minor) {
            // A later minor version is treated as the latest known (RFC 9110, 2.5).
            (b'1', _) => Ok(Version::Http11),
            _ => Err((start, Kind::VersionUnsupported { major: major - b'0', minor: minor - b'0' })),
        },
        other => {
            let same = other.iter().zip(b"HTTP/1.1").take_while(|(a, b)| a == b).count();
            Err((start + same.min(other.len()), Kind::VersionSyntax))
        }
    }
}

/// `version SP status SP [reason]`.
pub(super) fn status(
    head: &[u8],
    start: usize,
    end: usize,
    leniency: &Leniency,
    parts: &mut Parts,
) -> Result<(), Fault> {
    let space = memchr::memchr(b' ', &head[start..end]).map_or(end, |space| start + space);
    parts.version = version(head, start, space)?;
    parts.version_span = Span::new(start, space);
    let at = separator(head, space, end, leniency).map_err(|at| (at, Kind::StatusSyntax))?;
    let digits = head[at..end].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let behind = head.get(at + digits).filter(|_| at + digits < end);
    if digits != 3 || behind.is_some_and(|&byte| byte != b' ' && !(leniency.extra_space && byte == b'\t')) {
        let extra = digits == 0 && behind == Some(&b' ');
        return Err((at + digits.min(3), if extra { Kind::ExtraSpace } else { Kind::StatusSyntax }));
    }
    let status = head[at..at + 3].iter().fold(0, |status, digit| status * 10 + u16::from(digit - b'0'));
    if !(100..600).contains(&status) {
        return Err((at, Kind::StatusRange { status }));
    }
    let reason = match behind {
        Some(_) => at + 4,
        None if leniency.space_after_status => at + 3,
        None => return Err((at + 3, Kind::SpaceAfterStatus)),
    };
    if let Some(bad) = token::bad_in_value(&head[reason..end]) {
        let byte = head[reason + bad];
        return Err((reason + bad, if byte == b'\r' { Kind::BareCr } else { Kind::ReasonByte { byte } }));
    }
    parts.start = StartParts::Response { status, status_span: Span::new(at, at + 3), reason: Span::new(reason, end) };
    parts.start_line = Span::new(start, end);
    Ok(())
}

/// `name ":" OWS value OWS`, or the continuation of the field before. `request` matters for one leniency.
#[inline]
pub(super) fn field(
    head: &[u8],
    (start, end): (usize, usize),
    number: u32,
    request: bool,
    leniency: &Leniency,
    fields: &mut Vec<FieldParts>,
) -> Result<(), Fault> {
    let line = &head[start..end];
    let length = token::token_length(line);
    let mut colon = length;
    if line.get(length) != Some(&b':') || length == 0 {
        if matches!(line[0], b' ' | b'\t') {
            return folded(head, start, end, leniency, fields);
        }
        match line.get(length) {
            None => return Err((end, Kind::ColonMissing)),
            Some(b':') => return Err((start, Kind::FieldNameMissing)),
            Some(b'\r') => return Err((start + length, Kind::BareCr)),
            Some(b' ' | b'\t') if length > 0 => {
                colon = length + line[length..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                if line.get(colon) != Some(&b':') {
                    return Err((start + length, Kind::FieldNameByte { byte: line[length] }));
                }
                // A server must refuse it, a proxy removes it from a response (RFC 9112, 5.1).
                if request || !leniency.space_before_colon {
                    return Err((start + length, Kind::SpaceBeforeColon));
                }
            }
            Some(&byte) => return Err((start + length, Kind::FieldNameByte { byte })),
        }
    }
    let value = start + colon + 1;
    let (from, to) = checked_value(head, value, end, leniency)?;
    let known = Known::of(&line[..length]);
    fields.push(FieldParts {
        name: Span::new(start, start + length),
        value: Span::new(from, to),
        line: number,
        known,
        folded: false,
    });
    Ok(())
}

/// The value between `start` and `end` without the whitespace around it.
#[inline]
fn checked_value(head: &[u8], start: usize, end: usize, leniency: &Leniency) -> Result<(usize, usize), Fault> {
    let bytes = &head[start..end];
    if let Some(bad) = token::bad_in_value(bytes) {
        let worst = match leniency.field_value_octets {
            true => bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n' | 0)),
            false => Some(bad),
        };
        if let Some(bad) = worst {
            let byte = bytes[bad];
            return Err((start + bad, if byte == b'\r' { Kind::BareCr } else { Kind::FieldValueByte { byte } }));
        }
    }
    let (from, to) = token::trim(bytes);
    Ok((start + from, start + to))
}

fn folded(head: &[u8], start: usize, end: usize, leniency: &Leniency, fields: &mut [FieldParts]) -> Result<(), Fault> {
    let Some(last) = fields.last_mut() else { return Err((start, Kind::SpaceBeforeFirstField)) };
    if !leniency.folding {
        return Err((start, Kind::Folded));
    }
    let (from, to) = checked_value(head, start, end, leniency)?;
    if last.value.is_empty() {
        last.value = Span::new(from, to);
    } else if to > from {
        last.value = Span::new(last.value.start(), to);
        last.folded = true;
    }
    Ok(())
}
