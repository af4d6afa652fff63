//! Where a message ends (RFC 9112, 6.3) and whether the connection goes on (RFC 9112, 9.3).

use super::error::Kind;
use super::field::Known;
use super::head::{Parts, StartParts};
use super::limits::Leniency;
use super::target::{self, TargetForm};
use super::token::{is_token, list};
use super::{Span, Version};
use serde::Serialize;

/// How the content of a message is delimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyLength {
    /// There is none.
    #[default]
    None,
    /// Content-Length says it: so many bytes.
    Exact(u64),
    /// Chunked says it, chunk by chunk.
    Chunked,
    /// It goes on until the connection is closed. Responses only.
    UntilClose,
    /// What follows is no HTTP any more: after CONNECT, or after a change of protocol.
    Tunnel,
}

/// Whether the connection may carry another message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Persistence {
    /// Yes.
    #[default]
    KeepAlive,
    /// No: it is closed after this one.
    Close,
}

/// What a response answers, as far as it matters for its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Answers {
    Head,
    Connect,
    #[default]
    Other,
}

/// What the fields of a head say together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Decision {
    pub body: BodyLength,
    pub persistence: Persistence,
    pub upgrade: bool,
}

type Fault = (usize, u32, Kind);

/// Decides from a complete head. Places of faults are offsets in the head, with the line.
pub(super) fn decide(head: &[u8], parts: &Parts, answers: Answers, leniency: &Leniency) -> Result<Decision, Fault> {
    let mut said = Said::default();
    for field in &parts.fields {
        let fault = |kind| (field.value.start(), field.line, kind);
        match field.known {
            Known::Other => {}
            Known::Host => match said.host {
                Some(_) => return Err((field.name.start(), field.line, Kind::HostRepeated)),
                None => said.host = Some((field.value, field.line)),
            },
            Known::Connection => {
                for option in list(field.value.of(head)) {
                    said.close |= option.eq_ignore_ascii_case(b"close");
                    said.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
                    said.connection_upgrade |= option.eq_ignore_ascii_case(b"upgrade");
                }
            }
            Known::Upgrade => said.upgrade = true,
            Known::ContentLength => content_length(head, field.value, &mut said, leniency).map_err(fault)?,
            Known::TransferEncoding => transfer_encoding(head, field.value, &mut said).map_err(fault)?,
        }
        if said.place.is_none() && matches!(field.known, Known::ContentLength | Known::TransferEncoding) {
            said.place = Some((field.name.start(), field.line));
        }
    }
    match parts.start {
        StartParts::Request { method, target } => {
            host(head, parts, &said, target, leniency)?;
            request(method.of(head), parts.version, &said, leniency)
        }
        StartParts::Response { status, .. } => response(status, parts.version, &said, answers, leniency),
    }
}

/// What was said so far, field by field.
#[derive(Default)]
struct Said {
    host: Option<(Span, u32)>,
    close: bool,
    keep_alive: bool,
    connection_upgrade: bool,
    upgrade: bool,
    length: Option<u64>,
    codings: u32,
    chunked: u32,
    chunked_last: bool,
    unknown_coding: bool,
    /// The first field about length: name and line.
    place: Option<(usize, u32)>,
}

impl Said {
    fn persistence(&self, version: Version) -> Persistence {
        match version {
            _ if self.close => Persistence::Close,
            Version::Http10 if !self.keep_alive => Persistence::Close,
            _ => Persistence::KeepAlive,
        }
    }

    fn fault(&self, kind: Kind) -> Fault {
        let (at, line) = self.place.unwrap_or((0, 1));
        (at, line, kind)
    }

    /// What Content-Length and Transfer-Encoding say together, for messages that may have content.
    fn check(&self, version: Version, leniency: &Leniency) -> Result<(), Fault> {
        if self.codings == 0 {
            return Ok(());
        }
        if version == Version::Http10 {
            return Err(self.fault(Kind::TransferEncodingIn10));
        }
        if self.length.is_some() && !leniency.content_length_with_transfer_encoding {
            return Err(self.fault(Kind::ContentLengthWithTransferEncoding));
        }
        if self.chunked > 1 {
            return Err(self.fault(Kind::ChunkedRepeated));
        }
        if self.unknown_coding {
            return Err(self.fault(Kind::TransferEncodingUnknown));
        }
        Ok(())
    }
}

fn content_length(head: &[u8], value: Span, said: &mut Said, leniency: &Leniency) -> Result<(), Kind> {
    let value = value.of(head);
    // "5, 5" is what joining repeated fields makes of them (RFC 9110, 8.6).
    let mut any = false;
    for digits in list(value) {
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(Kind::ContentLengthSyntax);
        }
        let number = digits
            .iter()
            .try_fold(0_u64, |number, digit| number.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
            .ok_or(Kind::ContentLengthTooLarge)?;
        match said.length {
            Some(length) if length != number => return Err(Kind::ContentLengthConflict),
            Some(_) if !leniency.content_length_repeated => return Err(Kind::ContentLengthRepeated),
            _ => said.length = Some(number),
        }
        any = true;
    }
    if !any || value.starts_with(b",") || value.ends_with(b",") {
        return Err(Kind::ContentLengthSyntax);
    }
    Ok(())
}

fn transfer_encoding(head: &[u8], value: Span, said: &mut Said) -> Result<(), Kind> {
    let before = said.codings;
    for coding in list(value.of(head)) {
        let name = coding.split(|byte| *byte == b';').next().unwrap_or_default();
        let name = name.trim_ascii();
        if !is_token(name) {
            return Err(Kind::TransferEncodingSyntax);
        }
        said.codings += 1;
        said.chunked_last = name.eq_ignore_ascii_case(b"chunked");
        if said.chunked_last {
            // chunked has no parameters (RFC 9112, 7.1).
            if name.len() != coding.len() {
                return Err(Kind::TransferEncodingSyntax);
            }
            said.chunked += 1;
        } else {
            let known = [&b"gzip"[..], b"deflate", b"compress", b"x-gzip", b"x-compress", b"identity"];
            said.unknown_coding |= !known.iter().any(|known| name.eq_ignore_ascii_case(known));
        }
    }
    if said.codings == before { Err(Kind::TransferEncodingSyntax) } else { Ok(()) }
}

/// RFC 9112, 3.2: exactly one Host in HTTP/1.1, and its value is a host.
fn host(head: &[u8], parts: &Parts, said: &Said, target: target::Target, leniency: &Leniency) -> Result<(), Fault> {
    let Some((value, line)) = said.host else {
        return match parts.version {
            Version::Http11 if !leniency.host_missing => Err((0, 1, Kind::HostMissing)),
            _ => Ok(()),
        };
    };
    // An empty value is right where the target has no authority (RFC 9110, 7.2).
    if value.is_empty() {
        return match target.form {
            TargetForm::Origin | TargetForm::Asterisk => Ok(()),
            TargetForm::Absolute | TargetForm::Authority => Err((value.start(), line, Kind::HostSyntax)),
        };
    }
    target::authority(value.of(head)).map_err(|_| (value.start(), line, Kind::HostSyntax))?;
    Ok(())
}

fn request(method: &[u8], version: Version, said: &Said, leniency: &Leniency) -> Result<Decision, Fault> {
    said.check(version, leniency)?;
    let upgrade = said.upgrade && said.connection_upgrade && version == Version::Http11;
    let body = match () {
        () if said.codings > 0 && !said.chunked_last => return Err(said.fault(Kind::ChunkedNotLast)),
        () if said.codings > 0 => BodyLength::Chunked,
        () if method == b"CONNECT" => BodyLength::Tunnel,
        () => match said.length {
            Some(0) | None => BodyLength::None,
            Some(length) => BodyLength::Exact(length),
        },
    };
    Ok(Decision { body, persistence: said.persistence(version), upgrade: upgrade || method == b"CONNECT" })
}

fn response(
    status: u16,
    version: Version,
    said: &Said,
    answers: Answers,
    leniency: &Leniency,
) -> Result<Decision, Fault> {
    let persistence = said.persistence(version);
    let decision = |body| Decision { body, persistence, upgrade: body == BodyLength::Tunnel };
    // RFC 9112, 6.3, rules 1 and 2: these have no content, whatever the fields say.
    match status {
        101 => return Ok(decision(BodyLength::Tunnel)),
        100..=199 | 204 | 304 => return Ok(decision(BodyLength::None)),
        200..=299 if answers == Answers::Connect => return Ok(decision(BodyLength::Tunnel)),
        _ if answers == Answers::Head => return Ok(decision(BodyLength::None)),
        _ => {}
    }
    said.check(version, leniency)?;
    let mut decision = decision(match said.length {
        _ if said.codings > 0 && said.chunked_last => BodyLength::Chunked,
        _ if said.codings > 0 => BodyLength::UntilClose,
        Some(0) => BodyLength::None,
        Some(length) => BodyLength::Exact(length),
        None => BodyLength::UntilClose,
    });
    if decision.body == BodyLength::UntilClose {
        decision.persistence = Persistence::Close;
    }
    Ok(decision)
}
