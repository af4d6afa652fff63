//! Where a message ends (RFC 9112, 6.3) and whether the connection goes on (RFC 9112, 9.3).

use super::error::Kind;
use super::field::{FieldParts, Known};
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

/// Which rule delimits the content (RFC 9112, 6.3): the first that applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A response to HEAD has no content, whatever its fields say.
    AnswersHead,
    /// A response 1xx, 204 or 304 has none either.
    StatusWithoutContent,
    /// A 2xx answer to CONNECT, or 101, or CONNECT itself: what follows is another protocol.
    Switches,
    /// `chunked` is the last transfer coding.
    Chunked,
    /// A response has transfer codings, and chunked is not the last.
    CodedUntilClose,
    /// Content-Length.
    ContentLength,
    /// A request that says neither has none.
    #[default]
    RequestWithoutLength,
    /// A response that says neither goes on until the connection is closed.
    UntilClose,
}

impl Reason {
    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Reason::AnswersHead => "answers_head",
            Reason::StatusWithoutContent => "status_without_content",
            Reason::Switches => "switches",
            Reason::Chunked => "chunked",
            Reason::CodedUntilClose => "coded_until_close",
            Reason::ContentLength => "content_length",
            Reason::RequestWithoutLength => "request_without_length",
            Reason::UntilClose => "until_close",
        }
    }

    /// The number of the rule in RFC 9112, 6.3.
    pub const fn rule(self) -> u8 {
        match self {
            Reason::AnswersHead | Reason::StatusWithoutContent => 1,
            Reason::Switches => 2,
            Reason::Chunked | Reason::CodedUntilClose => 4,
            Reason::ContentLength => 6,
            Reason::RequestWithoutLength => 7,
            Reason::UntilClose => 8,
        }
    }

    /// Every one, in the order of the rules.
    pub const ALL: [Reason; 8] = [
        Reason::AnswersHead,
        Reason::StatusWithoutContent,
        Reason::Switches,
        Reason::Chunked,
        Reason::CodedUntilClose,
        Reason::ContentLength,
        Reason::RequestWithoutLength,
        Reason::UntilClose,
    ];
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
    pub reason: Reason,
    pub persistence: Persistence,
    pub upgrade: bool,
}

type Fault = (usize, u32, Kind);

/// Decides from a complete head. Places of faults are offsets in the head, with the line.
pub(super) fn decide(
    head: &[u8],
    parts: &Parts,
    said: &Said,
    answers: Answers,
    leniency: &Leniency,
) -> Result<Decision, Fault> {
    match parts.start {
        StartParts::Request { method, target } => {
            host(head, parts, said, target, leniency)?;
            request(method.of(head), parts.version, said)
        }
        StartParts::Response { status, .. } => Ok(response(status, parts.version, said, answers)),
    }
}

/// What the fields have said so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    /// Whether this is HTTP/1.0, which has no transfer codings; and whether content is out of the question.
    version: Version,
    pub no_content: bool,
    host: Option<(Span, u32)>,
    close: bool,
    keep_alive: bool,
    connection_upgrade: bool,
    upgrade: bool,
    pub length: Option<u64>,
    codings: u32,
    chunked: u32,
    chunked_last: bool,
    /// The first field about length: its name and line.
    place: Option<(usize, u32)>,
}

impl Said {
    /// Nothing yet, in a message of this version.
    pub fn new(version: Version, no_content: bool) -> Self {
        Said { version, no_content, ..Said::default() }
    }

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

    /// Takes one field in. A fault is an offset in the head.
    #[inline]
    pub fn hear(&mut self, head: &[u8], field: &FieldParts, leniency: &Leniency) -> Result<(), (usize, Kind)> {
        if field.known == Known::Other {
            return Ok(());
        }
        self.hear_known(head, field, leniency)
    }

    /// Takes a field in again that a fold has made longer; what decides about length must not be folded.
    pub fn hear_again(&mut self, head: &[u8], field: &FieldParts) -> Result<(), Kind> {
        match field.known {
            Known::ContentLength => Err(Kind::ContentLengthSyntax),
            Known::TransferEncoding => Err(Kind::TransferEncodingSyntax),
            Known::Host => Err(Kind::HostSyntax),
            Known::Connection => {
                self.options(field.value.of(head));
                Ok(())
            }
            Known::Other | Known::Upgrade => Ok(()),
        }
    }

    fn options(&mut self, value: &[u8]) {
        // Nearly all say just this.
        if value == b"keep-alive" {
            self.keep_alive = true;
            return;
        }
        // Blanks inside an option make it none: `x close` does not close (RFC 9110, 7.6.1).
        for option in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
            self.connection_upgrade |= option.eq_ignore_ascii_case(b"upgrade");
        }
    }

    fn hear_known(&mut self, head: &[u8], field: &FieldParts, leniency: &Leniency) -> Result<(), (usize, Kind)> {
        let at_value = |kind| (field.value.start(), kind);
        match field.known {
            Known::Other => {}
            Known::Host => match self.host {
                Some(_) => return Err((field.name.start(), Kind::HostRepeated)),
                None => self.host = Some((field.value, field.line)),
            },
            Known::Connection => self.options(field.value.of(head)),
            Known::Upgrade => self.upgrade = true,
            // RFC 9112, 6.3, rule 1: where there is no content, whatever these say is passed over.
            Known::ContentLength | Known::TransferEncoding if self.no_content => {}
            Known::ContentLength => {
                if self.length.is_some() && !leniency.content_length_repeated {
                    return Err((field.name.start(), Kind::ContentLengthRepeated));
                }
                content_length(head, field.value, self, leniency).map_err(at_value)?;
            }
            Known::TransferEncoding => {
                if self.version == Version::Http10 {
                    return Err((field.name.start(), Kind::TransferEncodingIn10));
                }
                transfer_encoding(head, field.value, self).map_err(at_value)?;
            }
        }
        if matches!(field.known, Known::ContentLength | Known::TransferEncoding) && !self.no_content {
            self.place.get_or_insert((field.name.start(), field.line));
            let both = self.length.is_some() && self.codings > 0;
            if both && !leniency.content_length_with_transfer_encoding {
                return Err((field.name.start(), Kind::ContentLengthWithTransferEncoding));
            }
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
            if said.chunked > 1 {
                return Err(Kind::ChunkedRepeated);
            }
        } else {
            let known = [&b"gzip"[..], b"deflate", b"compress", b"x-gzip", b"x-compress", b"identity"];
            if !known.iter().any(|known| name.eq_ignore_ascii_case(known)) {
                return Err(Kind::TransferEncodingUnknown);
            }
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

fn request(method: &[u8], version: Version, said: &Said) -> Result<Decision, Fault> {
    let upgrade = said.upgrade && said.connection_upgrade && version == Version::Http11;
    let (body, reason) = match said.length {
        _ if said.codings > 0 && !said.chunked_last => return Err(said.fault(Kind::ChunkedNotLast)),
        _ if said.codings > 0 => (BodyLength::Chunked, Reason::Chunked),
        _ if method == b"CONNECT" => (BodyLength::Tunnel, Reason::Switches),
        Some(0) => (BodyLength::None, Reason::ContentLength),
        Some(length) => (BodyLength::Exact(length), Reason::ContentLength),
        None => (BodyLength::None, Reason::RequestWithoutLength),
    };
    Ok(Decision { body, reason, persistence: said.persistence(version), upgrade: upgrade || method == b"CONNECT" })
}

/// Whether a response has no content whatever its fields say (RFC 9112, 6.3, rules 1 and 2).
pub(super) fn never_has_content(status: u16, answers: Answers) -> bool {
    matches!(status, 100..=199 | 204 | 304)
        || answers == Answers::Head
        || answers == Answers::Connect && (200..300).contains(&status)
}

fn response(status: u16, version: Version, said: &Said, answers: Answers) -> Decision {
    let tunnel = status == 101 || answers == Answers::Connect && (200..300).contains(&status);
    let (body, reason) = match said.length {
        _ if tunnel => (BodyLength::Tunnel, Reason::Switches),
        _ if never_has_content(status, answers) && answers == Answers::Head => (BodyLength::None, Reason::AnswersHead),
        _ if never_has_content(status, answers) => (BodyLength::None, Reason::StatusWithoutContent),
        _ if said.codings > 0 && said.chunked_last => (BodyLength::Chunked, Reason::Chunked),
        _ if said.codings > 0 => (BodyLength::UntilClose, Reason::CodedUntilClose),
        Some(0) => (BodyLength::None, Reason::ContentLength),
        Some(length) => (BodyLength::Exact(length), Reason::ContentLength),
        None => (BodyLength::UntilClose, Reason::UntilClose),
    };
    let persistence = match body {
        // A final response follows, whatever an interim one says (RFC 9110, 15.2).
        BodyLength::None if status < 200 => Persistence::KeepAlive,
        BodyLength::UntilClose => Persistence::Close,
        _ => said.persistence(version),
    };
    Decision { body, reason, persistence, upgrade: body == BodyLength::Tunnel }
}
