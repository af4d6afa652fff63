//! The parser of one direction of a connection: message after message, at any cut, no byte looked at twice.
//! It keeps only the head, or the line, that is not whole yet; content is handed on without a copy.

use super::Version;
use super::body::{self, ChunkLine};
use super::check::{Check, Line, Rules};
use super::error::{Kind, Malformed, Truncated};
use super::event::{Event, Role};
use super::field::Known;
use super::framing::{self, Answers, BodyLength, Decision, Persistence, Said};
use super::head::{Head, Parts, StartParts};
use super::limits::{Leniency, Limits};
use super::line;
use super::scan::Ends;
use crate::stream::Range;
use fearless_simd::{Level, Simd, dispatch};
use std::collections::VecDeque;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Start,
    Fields,
    Exact,
    UntilClose,
    ChunkLine,
    ChunkData,
    ChunkEnd,
    Trailers,
    Tunnel,
    Closed,
}

/// Parses the messages of one direction.
///
/// ```
/// use sockscope_core::http::{Event, Leniency, Limits, Parser, Role};
/// let mut parser = Parser::new(Role::Request, Limits::default(), Leniency::default());
/// let mut targets = Vec::new();
/// for piece in ["GET /a HT", "TP/1.1\r\nHost: x\r", "\n\r\n"] {
///     parser.feed(piece.as_bytes(), |event| if let Event::Head(head) = event { targets.push(head.start_line().len()) })?;
/// }
/// assert_eq!(targets, [15]);
/// # Ok::<(), sockscope_core::http::Malformed>(())
/// ```
#[derive(Debug)]
pub struct Parser {
    role: Role,
    limits: Limits,
    leniency: Leniency,
    level: Level,
    ends: Ends,
    phase: Phase,
    /// Bytes of a head or line that is not whole yet.
    carry: Vec<u8>,
    /// Stream offset of the first byte that is not consumed.
    base: u64,
    /// Of the unconsumed bytes: where the current line begins, and up to where no line end was found.
    line_start: usize,
    scanned: usize,
    line: u32,
    empty_lines: u32,
    /// The check of the current line of a head, where it is looked at byte by byte.
    check: Option<Check>,
    parts: Parts,
    said: Said,
    decision: Decision,
    answers: VecDeque<Answers>,
    message_start: u64,
    left: u64,
    content: u64,
    upgrades: bool,
    dead: Option<Malformed>,
}

impl Parser {
    /// A parser at the beginning of a connection.
    pub fn new(role: Role, limits: Limits, leniency: Leniency) -> Self {
        Parser {
            role,
            limits,
            leniency,
            level: Level::new(),
            ends: Ends::new(),
            phase: Phase::Start,
            carry: Vec::new(),
            base: 0,
            line_start: 0,
            scanned: 0,
            line: 1,
            empty_lines: 0,
            check: None,
            parts: Parts::default(),
            said: Said::default(),
            decision: Decision::default(),
            answers: VecDeque::new(),
            message_start: 0,
            left: 0,
            content: 0,
            upgrades: true,
            dead: None,
        }
    }

    /// Says that the next unanswered request had this method: the length of its response depends on it.
    pub fn answers(&mut self, method: &[u8]) {
        self.answers.push_back(match method {
            b"HEAD" => Answers::Head,
            b"CONNECT" => Answers::Connect,
            _ => Answers::Other,
        });
    }

    /// Says that a change of protocol was refused: what follows is HTTP again.
    pub fn refuse_upgrade(&mut self) {
        if self.phase == Phase::Tunnel {
            self.next_message();
        }
    }

    /// Says that this end never changes the protocol: `Upgrade` is passed over (RFC 9110, 7.8), and after such a request
    /// comes the next. CONNECT still opens a tunnel.
    pub fn never_upgrades(&mut self) {
        self.upgrades = false;
    }

    /// Stream offset of the first byte that has not been handed on.
    pub fn position(&self) -> u64 {
        self.base
    }

    /// Takes the next bytes of the stream and gives everything found to `each`.
    ///
    /// # Errors
    ///
    /// The stream breaks a rule. Every later call gives the same error.
    pub fn feed(&mut self, mut input: &[u8], mut each: impl FnMut(Event<'_>)) -> Result<(), Malformed> {
        if let Some(malformed) = self.dead {
            return Err(malformed);
        }
        // Inside a line that is not whole most bytes only make it longer.
        if let Some(check) = &mut self.check {
            while let [byte, rest @ ..] = input
                && check.passes(self.carry.len(), *byte)
            {
                self.carry.push(*byte);
                input = rest;
            }
        }
        if input.is_empty() { Ok(()) } else { self.take(input, &mut each) }
    }

    /// Takes bytes of which the first may be anything.
    #[inline(never)]
    fn take(&mut self, mut input: &[u8], each: &mut impl FnMut(Event<'_>)) -> Result<(), Malformed> {
        while !self.carry.is_empty() && !input.is_empty() {
            let line = match input {
                [_] => 1,
                _ => memchr::memchr(b'\n', input).map_or(input.len(), |end| end + 1),
            };
            let mut carry = std::mem::take(&mut self.carry);
            carry.extend_from_slice(&input[..line]);
            input = &input[line..];
            let consumed = self.consume(&carry, each)?;
            if consumed == carry.len() {
                carry.clear();
            } else {
                carry.drain(..consumed);
            }
            self.carry = carry;
        }
        if self.carry.is_empty() && !input.is_empty() {
            let consumed = self.consume(input, each)?;
            self.carry.extend_from_slice(&input[consumed..]);
        }
        Ok(())
    }

    /// Says that the stream has ended; a response that lasts until then is complete.
    ///
    /// # Errors
    ///
    /// The stream ended inside a message.
    pub fn finish(&mut self, mut each: impl FnMut(Event<'_>)) -> Result<(), Truncated> {
        if self.phase == Phase::UntilClose {
            self.end(&mut each);
            return Ok(());
        }
        self.unfinished().map_or(Ok(()), Err)
    }

    /// The message that is not complete yet, if there is one.
    pub fn unfinished(&self) -> Option<Truncated> {
        let need = match self.phase {
            Phase::Closed | Phase::Tunnel => return None,
            Phase::Start if self.carry.is_empty() => return None,
            Phase::Exact => Some(self.left),
            _ => None,
        };
        let at = if self.phase == Phase::Start { self.base } else { self.message_start };
        Some(Truncated { at, have: self.base + self.carry.len() as u64 - at, need })
    }

    /// Consumes what it can from the beginning of `bytes`; the answer is how many.
    fn consume(&mut self, bytes: &[u8], each: &mut impl FnMut(Event<'_>)) -> Result<usize, Malformed> {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let consumed = match self.phase {
                Phase::Start | Phase::Fields => self.head(rest, each)?,
                Phase::Exact | Phase::ChunkData | Phase::UntilClose => self.content(rest, each),
                Phase::ChunkLine => self.chunk_line(rest, each)?,
                Phase::ChunkEnd => self.chunk_end(rest)?,
                Phase::Trailers => self.trailers(rest, each)?,
                Phase::Tunnel => {
                    let range = Range(self.base, self.base + rest.len() as u64);
                    each(Event::Tunnel { data: rest, range });
                    Some(rest.len())
                }
                Phase::Closed => self.after_close(rest)?,
            };
            let Some(consumed) = consumed else { break };
            at += consumed;
            self.base += consumed as u64;
        }
        Ok(at)
    }

    /// The end of the next whole line: (before its line end, behind it). For lines that only need their end.
    fn next_line(
        &mut self,
        bytes: &[u8],
        limit: u32,
        too_long: fn(u64) -> Kind,
    ) -> Result<Option<(usize, usize)>, Malformed> {
        let found = self.find_line_end(bytes);
        // One more for a CR that may be there.
        if found.unwrap_or(bytes.len()) - self.line_start > limit as usize + 1 {
            let at = self.line_start + limit as usize;
            return Err(self.fail(at, self.line, too_long(u64::from(limit))));
        }
        let Some(end) = found else { return Ok(None) };
        if end > self.line_start && bytes[end - 1] == b'\r' {
            return Ok(Some((end - 1, end + 1)));
        }
        if self.leniency.bare_lf {
            return Ok(Some((end, end + 1)));
        }
        Err(self.fail(end, self.line, Kind::BareLf))
    }

    /// The next LF, from where the last search ended.
    #[inline]
    fn find_line_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let from = self.scanned.max(self.line_start);
        let found = memchr::memchr(b'\n', &bytes[from..]).map(|end| from + end);
        self.scanned = found.map_or(bytes.len(), |end| end + 1);
        found
    }

    /// Whole lines of a head that break no rule, into the parts, as many as there are; the answer is the length of the
    /// head, if its end is among them. The line behind them is left as it is, for [`Parser::checked_line`].
    fn whole_lines(&mut self, bytes: &[u8]) -> Option<usize> {
        dispatch!(self.level, simd => self.whole_lines_by(simd, bytes))
    }

    #[inline(always)]
    fn whole_lines_by<S: Simd>(&mut self, simd: S, bytes: &[u8]) -> Option<usize> {
        let rest = &bytes[self.line_start..];
        if rest.starts_with(b"\r\n") {
            return Some(self.line_start + 2);
        }
        // No other line is shorter than `a:` and its end.
        if rest.len() < 4 {
            return None;
        }
        self.ends.begin(self.line_start);
        if self.phase == Phase::Start {
            let end = self.ends.line(simd, bytes)?;
            if end - self.line_start > self.limits.start_line as usize {
                return None;
            }
            match self.role {
                Role::Request => line::request(simd, bytes, self.line_start, end, &mut self.parts)?,
                Role::Response => line::status(bytes, self.line_start, end, &mut self.parts)?,
            }
            self.begin_fields(end + 2);
        }
        let mut place = line::Place { start: self.line_start, number: self.line };
        let Parser { limits, leniency, ends, parts, said, .. } = self;
        let length = line::fields(simd, bytes, ends, &mut place, (limits, leniency), parts, said);
        (self.line_start, self.line) = (place.start, place.number);
        length
    }

    /// The most bytes that the current field line may have: a head that is too long is too long in one of its lines.
    fn field_limit(&self) -> usize {
        self.limits.field_line.min(self.limits.head.saturating_sub(self.line_start as u32)) as usize
    }

    /// The current line of a head, byte by byte, into the parts: because it is not whole, or breaks a rule, or needs a
    /// leniency. The answer is what it is and where the line behind it begins.
    fn checked_line(&mut self, bytes: &[u8]) -> Result<Option<(Line, usize)>, Malformed> {
        let first = self.phase == Phase::Start;
        let (start, fields) = (self.line_start, self.field_limit());
        let check = self.check.get_or_insert_with(|| match first {
            true => Check::first_line(self.role, start, self.limits.start_line as usize),
            false => Check::field_line(start, fields),
        });
        let rules = Rules { role: self.role, leniency: self.leniency, fields: self.limits.fields };
        match check.advance(bytes, &rules, self.line, &mut self.parts, &mut self.said) {
            Err((at, kind)) => Err(self.fail(at, self.line, kind)),
            Ok(None) if check.is_full(bytes.len()) => Err(self.too_long(first)),
            Ok(line) => Ok(line),
        }
    }

    fn too_long(&mut self, first: bool) -> Malformed {
        let Limits { start_line, field_line, head, .. } = self.limits;
        let left = head.saturating_sub(self.line_start as u32);
        let (limit, kind) = match first {
            true => (start_line, Kind::StartLineTooLong { limit: u64::from(start_line) }),
            false if left < field_line => (left, Kind::HeadTooLong { limit: u64::from(head) }),
            false => (field_line, Kind::FieldTooLong { limit: u64::from(field_line) }),
        };
        self.fail(self.line_start + limit as usize, self.line, kind)
    }

    /// The next line begins at `start`.
    fn begin_line(&mut self, start: usize) {
        self.line_start = start;
        self.check = None;
    }

    /// The first line is in the parts; the fields begin at `start`.
    fn begin_fields(&mut self, start: usize) {
        self.message_start = self.base;
        self.parts.fields.clear();
        let no_content = match self.parts.start {
            StartParts::Request { .. } => false,
            StartParts::Response { status, .. } => framing::never_has_content(status, self.answered()),
        };
        self.said = Said::new(self.parts.version, no_content);
        self.phase = Phase::Fields;
        self.line = 2;
        self.begin_line(start);
    }

    /// Lines of a head, up to the empty one.
    fn head(&mut self, bytes: &[u8], each: &mut impl FnMut(Event<'_>)) -> Result<Option<usize>, Malformed> {
        let Some(length) = self.lines(bytes)? else { return Ok(None) };
        if self.phase == Phase::Start {
            // RFC 9112, 2.2: empty lines before a request line are ignored.
            self.empty_lines += 1;
            if self.empty_lines > self.limits.empty_lines {
                let limit = u64::from(self.limits.empty_lines);
                return Err(self.fail(0, 1, Kind::TooManyEmptyLines { limit }));
            }
            self.start_again();
            return Ok(Some(length));
        }
        self.decision = framing::decide(&bytes[..length], &self.parts, &self.said, self.answered(), &self.leniency)
            .map_err(|(at, line, kind)| self.fail(at, line, kind))?;
        if let BodyLength::Exact(declared) = self.decision.body
            && declared > self.limits.body
        {
            let known = |field: &&super::field::FieldParts| field.known == Known::ContentLength;
            let (at, line) =
                self.parts.fields.iter().find(known).map_or((0, 1), |field| (field.value.start(), field.line));
            return Err(self.fail(at, line, Kind::BodyTooLong { declared, limit: self.limits.body }));
        }
        each(Event::Head(self.view(&bytes[..length])));
        // An interim response is followed by another to the same request (RFC 9110, 15.2).
        let interim = matches!(self.parts.start, StartParts::Response { status: 100..=199, .. })
            && self.decision.body == BodyLength::None;
        if self.role == Role::Response && !interim {
            self.answers.pop_front();
        }
        self.content = 0;
        self.reset_line();
        match self.decision.body {
            BodyLength::None => {
                self.base += length as u64;
                self.end(each);
                self.base -= length as u64;
            }
            BodyLength::Exact(length) => {
                self.left = length;
                self.phase = Phase::Exact;
            }
            BodyLength::Chunked => self.phase = Phase::ChunkLine,
            BodyLength::UntilClose => self.phase = Phase::UntilClose,
            BodyLength::Tunnel => {
                let range = Range(self.message_start, self.base + length as u64);
                each(Event::End { range });
                self.phase = Phase::Tunnel;
            }
        }
        Ok(Some(length))
    }

    /// Lines up to the empty one; the length of all, if all are there.
    fn lines(&mut self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        loop {
            if self.check.is_none()
                && let Some(length) = self.whole_lines(bytes)
            {
                return Ok(Some(length));
            }
            if self.line_start == bytes.len() {
                return Ok(None);
            }
            let Some((line, next)) = self.checked_line(bytes)? else { return Ok(None) };
            match line {
                Line::Empty => return Ok(Some(next)),
                Line::Start => self.begin_fields(next),
                Line::Field => {
                    self.line += 1;
                    self.begin_line(next);
                }
            }
        }
    }

    /// What the next response answers.
    fn answered(&self) -> Answers {
        match self.role {
            Role::Request => Answers::Other,
            Role::Response => self.answers.front().copied().unwrap_or_default(),
        }
    }

    fn content(&mut self, bytes: &[u8], each: &mut impl FnMut(Event<'_>)) -> Option<usize> {
        let until_close = self.phase == Phase::UntilClose;
        let length =
            if until_close { bytes.len() } else { bytes.len().min(usize::try_from(self.left).unwrap_or(usize::MAX)) };
        let range = Range(self.base, self.base + length as u64);
        each(Event::Body { data: &bytes[..length], range });
        if !until_close {
            self.left -= length as u64;
            if self.left == 0 {
                if self.phase == Phase::ChunkData {
                    self.phase = Phase::ChunkEnd;
                } else {
                    self.base = range.1;
                    self.end(each);
                    self.base = range.0;
                }
            }
        }
        Some(length)
    }

    fn chunk_line(&mut self, bytes: &[u8], each: &mut impl FnMut(Event<'_>)) -> Result<Option<usize>, Malformed> {
        let limit = self.limits.chunk_line;
        if self.scanned == 0 {
            let whole = self.whole_chunks(bytes, each);
            if whole > 0 {
                return Ok(Some(whole));
            }
            if let Some((size, digits)) = body::plain_size(bytes)
                && digits <= limit as usize
            {
                return self.chunk(ChunkLine::plain(size as u64, digits, self.base), digits + 2, each);
            }
        }
        let Some((end, next)) = self.next_line(bytes, limit, |limit| Kind::ChunkLineTooLong { limit })? else {
            return Ok(None);
        };
        let chunk = body::chunk_line(&bytes[..end], self.base).map_err(|(at, kind)| self.fail(at, self.line, kind))?;
        self.chunk(chunk, next, each)
    }

    /// Chunks that are there with their line ends and break no rule, as many as there are; the answer is their length.
    fn whole_chunks(&mut self, bytes: &[u8], each: &mut impl FnMut(Event<'_>)) -> usize {
        let (base, mut rest) = (self.base, bytes);
        while let Some((size, digits)) = body::plain_size(rest)
            && size > 0
            && digits <= self.limits.chunk_line as usize
            && let Some((data, behind)) = rest[digits + 2..].split_at_checked(size)
            && let Some(next) = behind.strip_prefix(b"\r\n")
            && self.limits.body - self.content >= size as u64
        {
            let at = base + (bytes.len() - rest.len()) as u64;
            each(Event::Chunk(ChunkLine::plain(size as u64, digits, at)));
            let start = at + digits as u64 + 2;
            each(Event::Body { data, range: Range(start, start + size as u64) });
            self.content += size as u64;
            rest = next;
        }
        bytes.len() - rest.len()
    }

    /// A chunk-size line was read; the bytes behind it begin at `next`.
    fn chunk(
        &mut self,
        chunk: ChunkLine<'_>,
        next: usize,
        each: &mut impl FnMut(Event<'_>),
    ) -> Result<Option<usize>, Malformed> {
        self.content = self.content.saturating_add(chunk.size);
        if self.content > self.limits.body {
            let kind = Kind::BodyTooLong { declared: self.content, limit: self.limits.body };
            return Err(self.fail(0, self.line, kind));
        }
        each(Event::Chunk(chunk));
        self.left = chunk.size;
        self.reset_line();
        if chunk.size == 0 {
            self.phase = Phase::Trailers;
            self.parts.fields.clear();
            // What trailers say about length is refused below; nothing else of it matters.
            self.said = Said::new(Version::Http11, true);
            self.begin_line(0);
        } else {
            self.phase = Phase::ChunkData;
        }
        Ok(Some(next))
    }

    /// The CR LF behind the data of a chunk.
    fn chunk_end(&mut self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        let length = match *bytes {
            [b'\n', ..] if self.leniency.bare_lf => 1,
            [b'\r', b'\n', ..] => 2,
            [b'\r'] => return Ok(None),
            [b'\r', byte, ..] => return Err(self.fail(1, self.line, Kind::ChunkEnd { byte })),
            [byte, ..] => return Err(self.fail(0, self.line, Kind::ChunkEnd { byte })),
            [] => return Ok(None),
        };
        self.phase = Phase::ChunkLine;
        self.reset_line();
        Ok(Some(length))
    }

    fn trailers(&mut self, bytes: &[u8], each: &mut impl FnMut(Event<'_>)) -> Result<Option<usize>, Malformed> {
        let Some(length) = self.lines(bytes)? else { return Ok(None) };
        let framing = |known| matches!(known, Known::Host | Known::ContentLength | Known::TransferEncoding);
        if let Some(field) = self.parts.fields.iter().find(|field| framing(field.known)) {
            return Err(self.fail(field.name.start(), field.line, Kind::TrailerForbidden));
        }
        if !self.parts.fields.is_empty() {
            each(Event::Trailers(self.view(&bytes[..length])));
        }
        self.base += length as u64;
        self.end(each);
        self.base -= length as u64;
        Ok(Some(length))
    }

    fn after_close(&mut self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        // Empty lines are harmless; anything else was sent by somebody who expects an answer.
        let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        if blank < bytes.len() && !self.leniency.after_close {
            return Err(self.fail(blank, 1, Kind::AfterClose));
        }
        Ok(Some(bytes.len()))
    }

    /// The message is complete; `base` stands behind it.
    fn end(&mut self, each: &mut impl FnMut(Event<'_>)) {
        each(Event::End { range: Range(self.message_start, self.base) });
        if self.role == Role::Request && self.decision.upgrade && self.upgrades {
            self.phase = Phase::Tunnel;
        } else if self.decision.persistence == Persistence::Close {
            self.phase = Phase::Closed;
            self.reset_line();
        } else {
            self.next_message();
        }
    }

    fn next_message(&mut self) {
        self.phase = Phase::Start;
        self.empty_lines = 0;
        self.start_again();
    }

    /// The next byte may begin a message.
    fn start_again(&mut self) {
        self.line = 1;
        self.reset_line();
    }

    fn reset_line(&mut self) {
        self.begin_line(0);
        self.scanned = 0;
    }

    fn view<'a>(&'a self, bytes: &'a [u8]) -> Head<'a> {
        let Decision { body, reason, persistence, upgrade } = self.decision;
        Head { bytes, parts: &self.parts, base: self.base, body, reason, persistence, upgrade }
    }

    /// Remembers the error at `at` bytes behind the first unconsumed one.
    fn fail(&mut self, at: usize, line: u32, kind: Kind) -> Malformed {
        let malformed = Malformed { at: self.base + at as u64, line, kind };
        self.dead = Some(malformed);
        malformed
    }
}
