//! Lines of a head byte by byte: every error at the first byte that shows it, in lines that are not whole yet too, and
//! every leniency. It goes on where it stopped, so no byte costs twice.

use super::error::Kind;
use super::event::Role;
use super::field::{FieldParts, Known};
use super::framing::Said;
use super::head::{Parts, StartParts};
use super::limits::Leniency;
use super::token::{self, in_target, in_token, in_value};
use super::{Span, Version, target};

/// Offset of the byte at fault from the head's first byte, and what is wrong.
pub(super) type Fault = (usize, Kind);

/// What the line is allowed to be.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    pub role: Role,
    pub leniency: Leniency,
    pub fields: u32,
}

/// Where in a line the check stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    RequestStart,
    Method,
    BeforeTarget,
    Target,
    BeforeVersion,
    Version,
    AfterVersion,
    StatusVersion,
    BeforeStatus,
    Status,
    Reason,
    FieldStart,
    Name,
    AfterName,
    Value,
}

/// What a whole line turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Nothing.
    Empty,
    /// The first line, now in the parts.
    Start,
    /// A field, now in the parts; or more of the field before.
    Field,
}

/// The check of one line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Check {
    state: State,
    /// The next byte to look at, and the first that would make the line too long.
    at: usize,
    upto: usize,
    /// Where the current part of the line begins, and the first part.
    mark: usize,
    start: usize,
    name_end: usize,
    method: Span,
    known: Known,
    number: Option<u64>,
    gap: bool,
    folds: bool,
}

impl Check {
    /// A check of the first line of a message, from `start`, of at most `limit` bytes.
    pub fn first_line(role: Role, start: usize, limit: usize) -> Self {
        let state = match role {
            Role::Request => State::RequestStart,
            Role::Response => State::StatusVersion,
        };
        Check { state, ..Check::field_line(start, limit) }
    }

    /// A check of a field line, from `start`, of at most `limit` bytes.
    pub fn field_line(start: usize, limit: usize) -> Self {
        // Two more for its end.
        let upto = start.saturating_add(limit).saturating_add(2);
        Check { state: State::FieldStart, at: start, upto, mark: start, start, ..Check::default() }
    }

    /// Takes a byte that comes behind the `have` that are there, if it changes nothing but where this check stands.
    #[inline]
    pub fn passes(&mut self, have: usize, byte: u8) -> bool {
        let place = match self.state {
            State::Method | State::Name => token::TOKEN,
            State::Target => token::TARGET,
            State::Reason => token::VALUE,
            State::Value if self.known != Known::ContentLength => token::VALUE,
            _ => return false,
        };
        // A CR that waits for its LF was not passed, and behind the last byte that fits an error is due.
        let passes = self.at == have && have + 1 < self.upto && token::is(byte, place);
        self.at += usize::from(passes);
        passes
    }

    /// Whether a line without an end is too long when `have` bytes are there.
    pub fn is_full(&self, have: usize) -> bool {
        have >= self.upto
    }

    /// Looks at the bytes that are new; the answer is the line, once it is whole, and where the next one begins.
    pub fn advance(
        &mut self,
        head: &[u8],
        rules: &Rules,
        number: u32,
        parts: &mut Parts,
        said: &mut Said,
    ) -> Result<Option<(Line, usize)>, Fault> {
        let upto = self.upto.min(head.len());
        while self.at < upto {
            let byte = head[self.at];
            match byte {
                b'\r' => match head.get(self.at + 1).filter(|_| self.at + 1 < upto) {
                    None => return Ok(None),
                    Some(b'\n') => {
                        let line = self.line_end(head, number, rules, parts, said)?;
                        return Ok(Some((line, self.at + 2)));
                    }
                    Some(_) => return Err((self.at, Kind::BareCr)),
                },
                b'\n' if rules.leniency.bare_lf => {
                    let line = self.line_end(head, number, rules, parts, said)?;
                    return Ok(Some((line, self.at + 1)));
                }
                b'\n' => return Err((self.at, Kind::BareLf)),
                _ => self.byte(head, byte, rules, parts, said)?,
            }
            self.at += 1;
        }
        Ok(None)
    }

    fn enter(&mut self, state: State, mark: usize) {
        self.state = state;
        self.mark = mark;
    }

    /// One byte that is no line end.
    fn byte(&mut self, head: &[u8], byte: u8, rules: &Rules, parts: &mut Parts, said: &Said) -> Result<(), Fault> {
        let at = self.at;
        let blank = matches!(byte, b' ' | b'\t');
        let loose = rules.leniency.extra_space;
        let separates = byte == b' ' || loose && byte == b'\t';
        match self.state {
            State::RequestStart if blank => return Err((at, Kind::MethodMissing)),
            State::RequestStart | State::Method if in_token(byte) => self.state = State::Method,
            State::RequestStart => return Err((at, Kind::MethodByte { byte })),
            State::Method if separates => {
                self.method = Span::new(self.start, at);
                self.enter(State::BeforeTarget, at + 1);
            }
            State::Method => return Err((at, Kind::MethodByte { byte })),
            State::BeforeTarget if separates && loose => {}
            State::BeforeTarget if separates => return Err((at, Kind::ExtraSpace)),
            State::BeforeTarget | State::Target if in_target(byte) => {
                if self.state == State::BeforeTarget {
                    self.enter(State::Target, at);
                }
            }
            State::Target if separates => {
                let whole = Span::new(self.mark, at);
                let target = target::parse(head, whole, self.method.of(head))?;
                parts.start = StartParts::Request { method: self.method, target };
                self.enter(State::BeforeVersion, at + 1);
            }
            State::BeforeTarget | State::Target => return Err((at, Kind::TargetByte { byte })),
            State::BeforeVersion if separates && loose => {}
            State::BeforeVersion if blank => return Err((at, Kind::ExtraSpace)),
            State::BeforeVersion => {
                self.enter(State::Version, at);
                self.version_byte(head, byte, parts)?;
            }
            State::Version if at - self.mark < 8 => self.version_byte(head, byte, parts)?,
            State::Version | State::AfterVersion if blank && loose => {
                if self.state == State::Version {
                    self.name_end = at;
                }
                self.state = State::AfterVersion;
            }
            State::Version | State::AfterVersion if blank => return Err((at, Kind::ExtraSpace)),
            State::Version | State::AfterVersion => return Err((at, Kind::VersionSyntax)),
            State::StatusVersion if at - self.mark < 8 => self.version_byte(head, byte, parts)?,
            State::StatusVersion if separates => {
                parts.version_span = Span::new(self.mark, at);
                self.enter(State::BeforeStatus, at + 1);
            }
            State::StatusVersion => return Err((at, Kind::VersionSyntax)),
            State::BeforeStatus if separates && loose => {}
            State::BeforeStatus if blank => return Err((at, Kind::ExtraSpace)),
            State::BeforeStatus if byte.is_ascii_digit() => self.enter(State::Status, at),
            State::Status if byte.is_ascii_digit() && at - self.mark < 3 => self.status_done(head, parts)?,
            State::Status if at - self.mark == 3 && separates => self.enter(State::Reason, at + 1),
            State::BeforeStatus | State::Status => return Err((at, Kind::StatusSyntax)),
            State::Reason if in_value(byte) => {}
            State::Reason => return Err((at, Kind::ReasonByte { byte })),
            State::FieldStart => return self.field_start(byte, blank, rules, parts),
            State::Name if in_token(byte) => {}
            State::Name | State::AfterName if byte == b':' => {
                if self.state == State::Name {
                    self.name_end = at;
                }
                self.known = Known::of(&head[self.start..self.name_end]);
                let repeated = self.known == Known::ContentLength
                    && said.length.is_some()
                    && !rules.leniency.content_length_repeated;
                if repeated {
                    return Err((self.start, Kind::ContentLengthRepeated));
                }
                self.enter(State::Value, at + 1);
            }
            State::Name if blank => {
                // A server must refuse it, a proxy removes it from a response (RFC 9112, 5.1).
                if rules.role == Role::Request || !rules.leniency.space_before_colon {
                    return Err((at, Kind::SpaceBeforeColon));
                }
                self.name_end = at;
                self.state = State::AfterName;
            }
            State::AfterName if blank => {}
            State::Name | State::AfterName => return Err((at, Kind::FieldNameByte { byte })),
            State::Value => return self.value_byte(byte, rules, said),
        }
        Ok(())
    }

    fn field_start(&mut self, byte: u8, blank: bool, rules: &Rules, parts: &Parts) -> Result<(), Fault> {
        let at = self.at;
        if blank {
            if parts.fields.is_empty() {
                return Err((at, Kind::SpaceBeforeFirstField));
            }
            if !rules.leniency.folding {
                return Err((at, Kind::Folded));
            }
            self.folds = true;
            self.enter(State::Value, at + 1);
            return Ok(());
        }
        if parts.fields.len() >= rules.fields as usize {
            return Err((at, Kind::TooManyFields { limit: u64::from(rules.fields) }));
        }
        match byte {
            b':' => Err((at, Kind::FieldNameMissing)),
            _ if in_token(byte) => {
                self.state = State::Name;
                Ok(())
            }
            _ => Err((at, Kind::FieldNameByte { byte })),
        }
    }

    fn value_byte(&mut self, byte: u8, rules: &Rules, said: &Said) -> Result<(), Fault> {
        if !in_value(byte) && (byte == 0 || !rules.leniency.field_value_octets) {
            return Err((self.at, Kind::FieldValueByte { byte }));
        }
        if self.known != Known::ContentLength || said.no_content {
            return Ok(());
        }
        // The one value that is judged before its line is whole: nobody should wait for the end of a number that is too long.
        if byte.is_ascii_digit() {
            if self.number.is_none() && !self.gap {
                self.mark = self.at;
            }
            if self.gap && self.number.is_some() {
                return Err((self.mark, Kind::ContentLengthSyntax));
            }
            let number = self.number.unwrap_or(0);
            let longer = number.checked_mul(10).and_then(|number| number.checked_add(u64::from(byte - b'0')));
            self.number = Some(longer.ok_or((self.mark, Kind::ContentLengthTooLarge))?);
        } else if byte == b',' {
            self.number = None;
            self.gap = false;
        } else if matches!(byte, b' ' | b'\t') {
            self.gap = self.number.is_some();
        } else {
            let at = if self.number.is_some() { self.mark } else { self.at };
            return Err((at, Kind::ContentLengthSyntax));
        }
        Ok(())
    }

    /// A byte of `HTTP/1.1`, at its place.
    fn version_byte(&self, head: &[u8], byte: u8, parts: &mut Parts) -> Result<(), Fault> {
        let place = self.at - self.mark;
        let fits = match place {
            5 | 7 => byte.is_ascii_digit(),
            _ => byte == b"HTTP/1.1"[place],
        };
        if !fits {
            return Err((self.at, Kind::VersionSyntax));
        }
        if place == 7 {
            let (major, minor) = (head[self.mark + 5] - b'0', byte - b'0');
            parts.version = match (major, minor) {
                (1, 0) => Version::Http10,
                // A later minor version is treated as the latest known (RFC 9110, 2.5).
                (1, _) => Version::Http11,
                _ => return Err((self.mark, Kind::VersionUnsupported { major, minor })),
            };
        }
        Ok(())
    }

    /// The third digit of a status is there, or not yet.
    fn status_done(&self, head: &[u8], parts: &mut Parts) -> Result<(), Fault> {
        if self.at - self.mark < 2 {
            return Ok(());
        }
        let digits = &head[self.mark..=self.at];
        let status = digits.iter().fold(0, |status, digit| status * 10 + u16::from(digit - b'0'));
        if !(100..600).contains(&status) {
            return Err((self.mark, Kind::StatusRange { status }));
        }
        let status_span = Span::new(self.mark, self.mark + 3);
        parts.start = StartParts::Response { status, status_span, reason: Span::new(self.at + 1, self.at + 1) };
        Ok(())
    }

    /// The line ends at `at`.
    fn line_end(
        &mut self,
        head: &[u8],
        number: u32,
        rules: &Rules,
        parts: &mut Parts,
        said: &mut Said,
    ) -> Result<Line, Fault> {
        let at = self.at;
        match self.state {
            State::RequestStart | State::FieldStart => return Ok(Line::Empty),
            State::StatusVersion if at == self.start => return Ok(Line::Empty),
            State::Method | State::BeforeTarget => return Err((at, Kind::TargetMissing)),
            State::Target | State::BeforeVersion => return Err((at, Kind::VersionMissing)),
            State::Version | State::AfterVersion => {
                let end = if self.state == State::Version { at } else { self.name_end };
                if end - self.mark < 8 {
                    return Err((at, Kind::VersionSyntax));
                }
                parts.version_span = Span::new(self.mark, end);
            }
            State::StatusVersion if at - self.mark < 8 => return Err((at, Kind::VersionSyntax)),
            State::StatusVersion | State::BeforeStatus => return Err((at, Kind::StatusSyntax)),
            State::Status if at - self.mark == 3 && rules.leniency.space_after_status => {}
            State::Status if at - self.mark == 3 => return Err((at, Kind::SpaceAfterStatus)),
            State::Status => return Err((at, Kind::StatusSyntax)),
            State::Reason => {
                if let StartParts::Response { reason, .. } = &mut parts.start {
                    *reason = Span::new(self.mark, at);
                }
            }
            State::Name | State::AfterName => return Err((at, Kind::ColonMissing)),
            State::Value => return self.field_end(head, number, rules, parts, said),
        }
        parts.start_line = Span::new(self.start, at);
        Ok(Line::Start)
    }

    fn field_end(
        &mut self,
        head: &[u8],
        number: u32,
        rules: &Rules,
        parts: &mut Parts,
        said: &mut Said,
    ) -> Result<Line, Fault> {
        let start = if self.folds { self.start } else { self.name_end + 1 };
        let (from, to) = token::trim(&head[start..self.at]);
        let value = Span::new(start + from, start + to);
        if self.folds {
            // There is a field before: the line would have been refused otherwise.
            if let Some(last) = parts.fields.last_mut().filter(|_| !value.is_empty()) {
                last.folded = !last.value.is_empty();
                last.value = if last.folded { Span::new(last.value.start(), value.end()) } else { value };
                said.hear_again(head, last).map_err(|kind| (value.start(), kind))?;
            }
            return Ok(Line::Field);
        }
        let name = Span::new(self.start, self.name_end);
        let field = FieldParts { name, value, line: number, known: self.known, folded: false };
        said.hear(head, &field, &rules.leniency)?;
        parts.fields.push(field);
        Ok(Line::Field)
    }
}
