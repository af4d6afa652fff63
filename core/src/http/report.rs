//! Everything a stream of messages says, as one object: what the command line, the API and the page show.

use super::{
    BodyLength, Event, Field, Head, Leniency, Limits, Malformed, Method, Notice, Parser, Persistence, Reason, Role,
    Rule, Span, Start, Target, TargetForm, Truncated, rule,
};
use crate::stream::{Data, Range, Split};
use serde::Serialize;

/// Content kept for each message; more is only counted.
const KEPT: usize = 1 << 20;
/// Messages in a report; more are only parsed.
const MESSAGES: usize = 1000;

/// Bytes with their text and their place in the stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// As text; bytes that are no UTF-8 are replaced.
    pub text: String,
    /// Where they stand.
    pub range: Range,
}

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Requests, responses, or whichever the first bytes look like.
    pub role: Option<Role>,
    /// How the bytes are cut before they are parsed. The answer does not depend on it.
    pub split: Split,
    /// Whether the stream has ended behind the bytes.
    pub eof: bool,
    /// The methods that the responses answer, in order.
    pub answers: Vec<String>,
    /// Limits.
    pub limits: Limits,
    /// Leniencies.
    pub leniency: Leniency,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            role: None,
            split: Split::All,
            eof: false,
            answers: Vec::new(),
            limits: Limits::default(),
            leniency: Leniency::default(),
        }
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// What was read.
    pub role: Role,
    /// Bytes in all.
    pub length: u64,
    /// The messages in order.
    pub messages: Vec<Message>,
    /// Messages beyond the report's limit.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_messages: u64,
    /// Bytes that are no HTTP any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tunnel: Option<Range>,
    /// Where the stream breaks a rule.
    pub error: Option<Malformed>,
    /// Where the stream stops inside a message.
    pub incomplete: Option<Truncated>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// All of it; to where it has come, if it is not complete.
    pub range: Range,
    /// Whether it is complete.
    pub complete: bool,
    /// The head.
    pub head: Range,
    /// The first line and its parts.
    #[serde(flatten)]
    pub start: StartReport,
    /// The version.
    pub version: Part,
    /// The fields in order.
    pub fields: Vec<FieldReport>,
    /// How the content is delimited.
    pub framing: Framing,
    /// The chunks, with the last one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chunks: Vec<ChunkReport>,
    /// Bytes of content so far.
    pub content_length: u64,
    /// The content, its first mebibyte.
    pub content: Data,
    /// Fields of the trailer section.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trailers: Vec<FieldReport>,
    /// Whether the connection goes on.
    pub persistence: Persistence,
    /// Whether another protocol is asked for, or begins.
    pub upgrade: bool,
    /// What is allowed and still worth knowing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StartReport {
    /// A request line.
    Request {
        /// All of it.
        start_line: Part,
        /// The method.
        method: Part,
        /// What the method promises, if a standard defines it.
        promises: Option<Method>,
        /// The target.
        target: Box<TargetReport>,
    },
    /// A status line.
    Response {
        /// All of it.
        start_line: Part,
        /// The status code.
        status: u16,
        /// Its place.
        status_range: Range,
        /// The reason phrase.
        reason: Part,
    },
}

/// A target and its parts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetReport {
    /// Which of the four forms.
    pub form: TargetForm,
    /// All of it.
    #[serde(flatten)]
    pub whole: Part,
    /// The scheme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Part>,
    /// Host and port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<Part>,
    /// The path.
    pub path: Part,
    /// The query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<Part>,
}

/// A field line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldReport {
    /// The name.
    pub name: Part,
    /// The value.
    pub value: Part,
    /// Line of the message.
    pub line: u32,
    /// How often it may come.
    pub rule: Rule,
}

/// How content is delimited, and by which rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Framing {
    /// By what: `none`, `content_length`, `chunked`, `close`, `tunnel`.
    pub by: &'static str,
    /// Which rule says so.
    pub reason: Reason,
    /// The number of that rule in the section.
    pub rule: u8,
    /// So many bytes, if it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// Where the rule stands.
    pub section: &'static str,
}

/// A chunk-size line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChunkReport {
    /// Bytes of the chunk.
    pub size: u64,
    /// Where the size stands.
    pub range: Range,
    /// The extensions as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<Part>,
}

/// Requests or responses, by what the first bytes look like; requests where they do not tell.
pub fn guess_role(bytes: &[u8]) -> Role {
    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len());
    if bytes[start..].starts_with(b"HTTP/") { Role::Response } else { Role::Request }
}

/// Parses `bytes` and tells everything about them.
pub fn report(bytes: &[u8], options: &Options) -> Report {
    let role = options.role.unwrap_or_else(|| guess_role(bytes));
    let mut parser = Parser::new(role, options.limits, options.leniency);
    options.answers.iter().for_each(|method| parser.answers(method.as_bytes()));
    let report = Report {
        role,
        length: bytes.len() as u64,
        messages: Vec::new(),
        more_messages: 0,
        tunnel: None,
        error: None,
        incomplete: None,
    };
    let mut writing = Writing { report, content: Vec::new() };
    for piece in options.split.pieces(bytes) {
        if let Err(malformed) = parser.feed(piece, |event| writing.take(&event)) {
            writing.report.error = Some(malformed);
            return writing.done();
        }
    }
    if options.eof {
        writing.report.incomplete = parser.finish(|event| writing.take(&event)).err();
    } else {
        writing.report.incomplete = parser.unfinished();
    }
    writing.done()
}

/// A report that is not finished, with the content of its last message.
struct Writing {
    report: Report,
    content: Vec<u8>,
}

impl Writing {
    fn done(mut self) -> Report {
        self.keep_content();
        self.report
    }

    fn keep_content(&mut self) {
        let content = std::mem::take(&mut self.content);
        if let Some(message) = self.report.messages.last_mut().filter(|_| !content.is_empty()) {
            message.content = Data::from(content);
        }
    }

    fn take(&mut self, event: &Event<'_>) {
        if let Event::Head(head) = event {
            self.keep_content();
            match self.report.messages.len() < MESSAGES {
                true => self.report.messages.push(Message::new(head)),
                false => self.report.more_messages += 1,
            }
            return;
        }
        if let Event::Tunnel { range, .. } = event {
            let start = self.report.tunnel.map_or(range.0, |tunnel| tunnel.0);
            self.report.tunnel = Some(Range(start, range.1));
            return;
        }
        // The messages beyond the limit are only counted.
        let last = self.report.messages.last_mut().filter(|message| !message.complete);
        let Some(message) = last.filter(|_| self.report.more_messages == 0) else { return };
        match event {
            Event::Chunk(chunk) => {
                let extension = String::from_utf8_lossy(chunk.extension).into_owned();
                message.chunks.push(ChunkReport {
                    size: chunk.size,
                    range: chunk.size_range,
                    extension: (!extension.is_empty())
                        .then_some(Part { text: extension, range: chunk.extension_range }),
                });
                message.range.1 = chunk.extension_range.1;
            }
            Event::Body { data, range } => {
                message.content_length += data.len() as u64;
                let room = KEPT.saturating_sub(self.content.len()).min(data.len());
                self.content.extend_from_slice(&data[..room]);
                message.range.1 = range.1;
            }
            Event::Trailers(head) => message.trailers = fields(head),
            Event::End { range } => {
                message.range = *range;
                message.complete = true;
            }
            Event::Head(_) | Event::Tunnel { .. } => {}
        }
    }
}

fn part(head: &Head<'_>, span: Span) -> Part {
    let text = String::from_utf8_lossy(span.of(head.bytes())).into_owned();
    Part { text, range: span.at(head.range().0) }
}

fn fields(head: &Head<'_>) -> Vec<FieldReport> {
    let field = |field: Field<'_>| FieldReport {
        rule: rule(&String::from_utf8_lossy(field.name)),
        name: part(head, field.name_span),
        value: Part { text: String::from_utf8_lossy(&field.unfolded()).into_owned(), ..part(head, field.value_span) },
        line: field.line,
    };
    head.fields().map(field).collect()
}

fn target(head: &Head<'_>, target: Target) -> TargetReport {
    TargetReport {
        form: target.form,
        whole: part(head, target.whole),
        scheme: target.scheme.map(|span| part(head, span)),
        authority: target.authority.map(|span| part(head, span)),
        path: part(head, target.path),
        query: target.query.map(|span| part(head, span)),
    }
}

impl Message {
    fn new(head: &Head<'_>) -> Self {
        let start_line = part(head, head.start_line());
        let start = match head.start() {
            Start::Request { method, method_span, target: whole } => StartReport::Request {
                start_line,
                method: part(head, method_span),
                promises: Method::find(method).copied(),
                target: Box::new(target(head, whole)),
            },
            Start::Response { status, status_span, reason_span, .. } => StartReport::Response {
                start_line,
                status,
                status_range: status_span.at(head.range().0),
                reason: part(head, reason_span),
            },
        };
        let (by, length) = match head.body {
            BodyLength::None => ("none", None),
            BodyLength::Exact(length) => ("content_length", Some(length)),
            BodyLength::Chunked => ("chunked", None),
            BodyLength::UntilClose => ("close", None),
            BodyLength::Tunnel => ("tunnel", None),
        };
        Message {
            range: head.range(),
            complete: false,
            head: head.range(),
            start,
            version: part(head, head.version_span()),
            fields: fields(head),
            framing: Framing { by, reason: head.reason, rule: head.reason.rule(), length, section: "RFC 9112, 6.3" },
            chunks: Vec::new(),
            content_length: 0,
            content: Data::default(),
            trailers: Vec::new(),
            persistence: head.persistence,
            upgrade: head.upgrade,
            notices: head.notices(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] = b"POST /form?x=1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;q\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\nGET / HTTP/1.1\r\nHo";

    #[test]
    fn every_part_names_its_bytes() {
        let report = report(STREAM, &Options::default());
        let message = &report.messages[0];
        let StartReport::Request { method, target, promises, .. } = &message.start else { panic!("{message:?}") };
        assert_eq!((method.text.as_str(), method.range), ("POST", Range(0, 4)));
        assert_eq!(target.query.as_ref().map(|query| (query.text.as_str(), query.range)), Some(("x=1", Range(11, 14))));
        assert!(promises.is_some_and(|method| !method.safe));
        for field in message.fields.iter().chain(&message.trailers) {
            for part in [&field.name, &field.value] {
                assert_eq!(&STREAM[part.range.0 as usize..part.range.1 as usize], part.text.as_bytes());
            }
        }
        assert_eq!((&message.content[..], message.content_length), (&b"abcde"[..], 5));
        assert_eq!(message.chunks.iter().map(|chunk| chunk.size).collect::<Vec<_>>(), [3, 2, 0]);
        assert!(message.complete && message.framing.by == "chunked");
        assert_eq!(report.incomplete.map(|truncated| (truncated.at, truncated.have)), Some((94, 18)));
    }

    #[test]
    fn the_report_does_not_depend_on_the_cut() {
        let whole = report(STREAM, &Options { eof: true, ..Options::default() });
        for split in [Split::Bytes, Split::Random(1), Split::Random(2)] {
            assert_eq!(report(STREAM, &Options { split, eof: true, ..Options::default() }), whole);
        }
    }

    #[test]
    fn the_first_bytes_tell_requests_from_responses() {
        assert_eq!(guess_role(b"\r\nHTTP/1.1 200 OK"), Role::Response);
        assert_eq!(guess_role(b"HTTP / x"), Role::Request);
        assert_eq!(guess_role(b""), Role::Request);
    }
}
