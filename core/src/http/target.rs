//! The four forms of a request target (RFC 9112, 3.2), each part with its bytes.

use super::error::Kind;
use super::{Span, scan, token};
use fearless_simd::Simd;
use serde::Serialize;
use std::net::Ipv6Addr;

/// Which of the four forms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetForm {
    /// `/path?query`: what a server is asked.
    #[default]
    Origin,
    /// `http://host/path?query`: what a proxy is asked.
    Absolute,
    /// `host:port`: CONNECT only.
    Authority,
    /// `*`: OPTIONS only.
    Asterisk,
}

/// A request target and its parts, as bytes of the head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Its form.
    pub form: TargetForm,
    /// All of it.
    pub whole: Span,
    /// `http`, in the absolute form.
    pub scheme: Option<Span>,
    /// `host` or `host:port`, in the absolute and the authority form.
    pub authority: Option<Span>,
    /// The path; may be empty in the absolute form.
    pub path: Span,
    /// What stands behind `?`.
    pub query: Option<Span>,
}

/// The target that stands at `whole` in `head`, if it has the origin form and nothing in it is percent-encoded.
#[inline(always)]
pub(super) fn plain<S: Simd>(simd: S, head: &[u8], whole: Span, method: &[u8]) -> Option<Target> {
    let (start, end) = (whole.start(), whole.end());
    if head[start] != b'/' || method == b"CONNECT" {
        return None;
    }
    let found = scan::target(simd, head, start, end).filter(|found| found.good && !found.percent)?;
    Some(Target {
        whole,
        path: Span::new(start, found.question.unwrap_or(end)),
        query: found.question.map(|question| Span::new(question + 1, end)),
        ..Target::default()
    })
}

/// The target that stands at `whole` in `head`, for a request with `method`.
pub(super) fn parse(head: &[u8], whole: Span, method: &[u8]) -> Result<Target, (usize, Kind)> {
    let bytes = whole.of(head);
    let at = whole.start();
    let mut target = Target { whole, path: whole, ..Target::default() };
    if bytes[0] == b'/' && method != b"CONNECT" && path_and_query(head, at, whole.end(), &mut target).is_ok() {
        return Ok(target);
    }
    // First what may stand in no form at all, so that an error does not depend on what follows it.
    if let Some(bad) = bytes.iter().position(|byte| !token::in_target(*byte)) {
        return Err((at + bad, Kind::TargetByte { byte: bytes[bad] }));
    }
    if bytes[0] == b'/' && method != b"CONNECT" {
        path_and_query(head, at, whole.end(), &mut target)?;
        return Ok(target);
    }
    match method {
        b"CONNECT" => {
            target.form = TargetForm::Authority;
            target.authority = Some(whole);
            target.path = Span::new(whole.end(), whole.end());
            return match authority(bytes) {
                Ok(Some(port)) if !port.is_empty() => Ok(target),
                Ok(_) => Err((at, Kind::AuthorityPort)),
                Err(Kind::HostSyntax) => Err((at, Kind::AuthorityPort)),
                Err(kind) => Err((at, kind)),
            };
        }
        _ if bytes == b"*" => {
            target.form = TargetForm::Asterisk;
            return match method {
                b"OPTIONS" => Ok(target),
                _ => Err((at, Kind::TargetNotForMethod)),
            };
        }
        _ => {}
    }
    // scheme "://" authority path-abempty [ "?" query ]
    let scheme = bytes.iter().position(|byte| !(byte.is_ascii_alphanumeric() || b"+-.".contains(byte)));
    let scheme = match scheme {
        Some(end) if end > 0 && bytes[0].is_ascii_alphabetic() && bytes[end..].starts_with(b"://") => end,
        _ => return Err((at, Kind::TargetForm)),
    };
    let start = scheme + 3;
    let end = bytes[start..].iter().position(|byte| b"/?".contains(byte)).map_or(bytes.len(), |end| start + end);
    if end == start {
        return Err((at + start, Kind::TargetForm));
    }
    authority(&bytes[start..end]).map_err(|kind| match kind {
        Kind::HostSyntax => (at + start, Kind::TargetForm),
        kind => (at + start, kind),
    })?;
    target.form = TargetForm::Absolute;
    target.scheme = Some(Span::new(at, at + scheme));
    target.authority = Some(Span::new(at + start, at + end));
    path_and_query(head, at + end, whole.end(), &mut target)?;
    Ok(target)
}

fn path_and_query(head: &[u8], start: usize, end: usize, target: &mut Target) -> Result<(), (usize, Kind)> {
    let bytes = &head[start..end];
    let (good, asks, encoded) = token::target_traits(bytes);
    if !good && let Some(bad) = token::bad_in_target(bytes) {
        return Err((start + bad, Kind::TargetByte { byte: bytes[bad] }));
    }
    if encoded && let Some(bad) = token::percent_encoded(bytes) {
        return Err((start + bad, Kind::PercentEncoding));
    }
    let question = if asks { memchr::memchr(b'?', bytes).map(|question| start + question) } else { None };
    target.path = Span::new(start, question.unwrap_or(end));
    target.query = question.map(|question| Span::new(question + 1, end));
    Ok(())
}

/// Checks `host` or `host:port` and gives the port, if there is a colon.
pub(super) fn authority(bytes: &[u8]) -> Result<Option<&[u8]>, Kind> {
    if token::is_plain_host(bytes) {
        return Ok(None);
    }
    if bytes.contains(&b'@') {
        return Err(Kind::UserInfo);
    }
    let (host, port) = if bytes.first() == Some(&b'[') {
        let close = memchr::memchr(b']', bytes).ok_or(Kind::HostSyntax)?;
        let literal = std::str::from_utf8(&bytes[1..close]).map_err(|_| Kind::HostSyntax)?;
        // IPvFuture is defined and used by nobody (RFC 3986, 3.2.2).
        literal.parse::<Ipv6Addr>().map_err(|_| Kind::HostSyntax)?;
        match bytes.get(close + 1) {
            None => return Ok(None),
            Some(b':') => (&b"v6"[..], Some(&bytes[close + 2..])),
            Some(_) => return Err(Kind::HostSyntax),
        }
    } else {
        match memchr::memchr(b':', bytes) {
            Some(colon) => (&bytes[..colon], Some(&bytes[colon + 1..])),
            None => (bytes, None),
        }
    };
    if host.is_empty() || !token::is_host_name(host) {
        return Err(Kind::HostSyntax);
    }
    match port {
        Some(digits) if !digits.iter().all(u8::is_ascii_digit) => Err(Kind::HostSyntax),
        Some(digits) if port_too_large(digits) => Err(Kind::HostSyntax),
        port => Ok(port),
    }
}

fn port_too_large(digits: &[u8]) -> bool {
    digits.iter().fold(0_u32, |port, digit| (port * 10 + u32::from(digit - b'0')).min(100_000)) > 65_535
}
