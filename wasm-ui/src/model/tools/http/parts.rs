//! A stream of messages as parts that lie side by side and leave no byte out. It judges nothing: what the parser has
//! reported gets its place here, and what it has not (a head that is not whole, bytes behind an error) is only sketched.

use super::sketch;
use sockscope_core::http::report::{FieldReport, Message, Report, StartReport};
use sockscope_core::http::{Class, Kind as Wrongness, Malformed, TargetForm};
use sockscope_core::stream::Range;

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // each says itself
pub enum Kind {
    EmptyLine,
    Method,
    Target,
    Scheme,
    Authority,
    Path,
    Query,
    Version,
    Status,
    Reason,
    Separator,
    Space,
    LineEnd,
    Name,
    Value,
    HeadEnd,
    Content,
    ChunkSize,
    LastChunk,
    ChunkExtension,
    ChunkData,
    ChunkEnd,
    TrailerName,
    TrailerValue,
    TrailerEnd,
    Tunnel,
    Wrong,
    Unread,
    Further,
}

impl Kind {
    /// The word in keys of texts and in classes of colours.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::EmptyLine => "empty_line",
            Kind::Method => "method",
            Kind::Target => "target",
            Kind::Scheme => "scheme",
            Kind::Authority => "authority",
            Kind::Path => "path",
            Kind::Query => "query",
            Kind::Version => "version",
            Kind::Status => "status",
            Kind::Reason => "reason",
            Kind::Separator => "separator",
            Kind::Space => "space",
            Kind::LineEnd => "line_end",
            Kind::Name => "name",
            Kind::Value => "value",
            Kind::HeadEnd => "head_end",
            Kind::Content => "content",
            Kind::ChunkSize => "chunk_size",
            Kind::LastChunk => "last_chunk",
            Kind::ChunkExtension => "chunk_extension",
            Kind::ChunkData => "chunk_data",
            Kind::ChunkEnd => "chunk_end",
            Kind::TrailerName => "trailer_name",
            Kind::TrailerValue => "trailer_value",
            Kind::TrailerEnd => "trailer_end",
            Kind::Tunnel => "tunnel",
            Kind::Wrong => "wrong",
            Kind::Unread => "unread",
            Kind::Further => "further",
        }
    }

    /// The colour it shares with its kin.
    pub const fn tint(self) -> &'static str {
        match self {
            Kind::Method | Kind::Status => "method",
            Kind::Target | Kind::Scheme | Kind::Authority | Kind::Path | Kind::Query => "target",
            Kind::Version | Kind::Reason => "version",
            Kind::Name | Kind::TrailerName => "name",
            Kind::Value | Kind::TrailerValue => "value",
            Kind::ChunkSize | Kind::LastChunk | Kind::ChunkExtension => "chunk",
            Kind::Content | Kind::ChunkData => "content",
            Kind::Tunnel | Kind::Further | Kind::Unread => "unread",
            Kind::Wrong => "wrong",
            _ => "glue",
        }
    }
}

/// A part of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its bytes.
    pub range: Range,
    /// What it is.
    pub kind: Kind,
    /// The message it belongs to, counted from 0; one that is not reported yet counts too.
    pub message: usize,
    /// Which field, trailer or chunk of the message, from 0.
    pub number: usize,
}

/// The parts of `bytes`, of which the parser has said `report`.
pub fn of(bytes: &[u8], report: &Report) -> Vec<Part> {
    let mut tiler = Tiler { bytes, at: 0, parts: Vec::new(), message: 0, number: 0 };
    for (place, message) in report.messages.iter().enumerate() {
        tiler.gap(message.head.0, Kind::EmptyLine);
        tiler.message = place;
        tiler.whole(message);
    }
    let end = bytes.len();
    let open = report.messages.last().filter(|message| !message.complete && report.more_messages == 0);
    if report.more_messages > 0 {
        let upto = report.incomplete.map_or(end as u64, |truncated| truncated.at);
        tiler.put(Range(tiler.at as u64, upto), Kind::Further);
        tiler.message = report.messages.len() + report.more_messages as usize;
    } else if open.is_none() {
        tiler.message = report.messages.len();
    }
    if let Some(tunnel) = report.tunnel {
        tiler.put(tunnel, Kind::Tunnel);
    }
    if tiler.at < end {
        let chunks_end = open.is_some_and(|message| message.chunks.last().is_some_and(|chunk| chunk.size == 0));
        let from = match open {
            Some(_) if chunks_end => sketch::From::Trailers,
            Some(_) => sketch::From::ChunkLine,
            None => sketch::From::Start(report.role),
        };
        let closed = report.error.is_none() && report.incomplete.is_none();
        let sketched = if closed { Vec::new() } else { sketch::of(bytes, tiler.at, from, tiler.message) };
        tiler.sketched(sketched, report.error.as_ref());
        // Empty lines between messages, and what a leniency lets follow the last one.
        let blank = bytes[tiler.at..].iter().all(|byte| matches!(byte, b'\r' | b'\n'));
        tiler.put(Range(tiler.at as u64, end as u64), if blank { Kind::EmptyLine } else { Kind::Unread });
    }
    tiler.parts
}

/// The part that holds a byte.
pub fn at(parts: &[Part], offset: u64) -> Option<usize> {
    let place = parts.partition_point(|part| part.range.1 <= offset);
    parts.get(place).filter(|part| part.range.0 <= offset).map(|_| place)
}

/// The bytes at fault: one, or all of the part that begins there.
fn fault(error: &Malformed, parts: &[Part]) -> Range {
    let code = error.kind.code();
    let one = code.ends_with("_byte")
        || code.starts_with("bare_")
        || code.contains("space")
        || matches!(
            error.kind,
            Wrongness::VersionSyntax
                | Wrongness::ChunkEnd { .. }
                | Wrongness::ChunkSizeSyntax { .. }
                | Wrongness::AfterClose
        )
        || error.kind.class() == Class::Limit;
    let end = match at(parts, error.at) {
        Some(place) if !one => parts[place].range.1,
        _ => error.at + 1,
    };
    Range(error.at, end)
}

struct Tiler<'a> {
    bytes: &'a [u8],
    at: usize,
    parts: Vec<Part>,
    message: usize,
    number: usize,
}

impl Tiler<'_> {
    fn put(&mut self, range: Range, kind: Kind) {
        let start = (range.0 as usize).max(self.at);
        let end = (range.1 as usize).min(self.bytes.len());
        if end > start {
            let range = Range(start as u64, end as u64);
            self.parts.push(Part { range, kind, message: self.message, number: self.number });
            self.at = end;
        }
    }

    /// What stands between two parts: all of it is one thing.
    fn gap(&mut self, upto: u64, kind: Kind) {
        self.put(Range(self.at as u64, upto), kind);
    }

    /// What stands between two parts of a line: blanks, line ends and marks.
    fn glue(&mut self, upto: u64, line_end: Kind) {
        while (self.at as u64) < upto {
            let rest = &self.bytes[self.at..upto as usize];
            let run = |wanted: fn(&u8) -> bool| rest.iter().take_while(|byte| wanted(byte)).count();
            let (length, kind) = match rest[0] {
                b' ' | b'\t' => (run(|byte| matches!(byte, b' ' | b'\t')), Kind::Space),
                b'\r' | b'\n' => (line_end_length(rest), line_end),
                _ => (run(|byte| !byte.is_ascii_whitespace()), Kind::Separator),
            };
            self.gap((self.at + length.max(1)) as u64, kind);
        }
    }

    fn part(&mut self, range: Range, kind: Kind) {
        self.glue(range.0, Kind::LineEnd);
        self.put(range, kind);
    }

    fn whole(&mut self, message: &Message) {
        self.number = 0;
        match &message.start {
            StartReport::Request { method, target, .. } => {
                self.part(method.range, Kind::Method);
                if target.form == TargetForm::Asterisk {
                    self.part(target.whole.range, Kind::Target);
                }
                let pieces = [
                    (target.scheme.as_ref(), Kind::Scheme),
                    (target.authority.as_ref(), Kind::Authority),
                    (Some(&target.path), Kind::Path),
                    (target.query.as_ref(), Kind::Query),
                ];
                for (piece, kind) in pieces {
                    if let Some(piece) = piece.filter(|piece| !piece.range.is_empty()) {
                        self.part(piece.range, kind);
                    }
                }
                self.part(message.version.range, Kind::Version);
            }
            StartReport::Response { status_range, reason, .. } => {
                self.part(message.version.range, Kind::Version);
                self.part(*status_range, Kind::Status);
                if !reason.range.is_empty() {
                    self.part(reason.range, Kind::Reason);
                }
            }
        }
        self.fields(&message.fields, Kind::Name, Kind::Value);
        self.section_end(message.head.1, Kind::HeadEnd);
        self.number = 0;
        if message.framing.by == "chunked" {
            self.chunks(message);
        } else {
            self.put(Range(message.head.1, message.range.1), Kind::Content);
        }
    }

    fn fields(&mut self, fields: &[FieldReport], name: Kind, value: Kind) {
        for (number, field) in fields.iter().enumerate() {
            self.glue(field.name.range.0, Kind::LineEnd);
            self.number = number;
            self.put(field.name.range, name);
            self.part(field.value.range, value);
        }
    }

    /// The end of the last line, and the empty line behind it.
    fn section_end(&mut self, end: u64, kind: Kind) {
        let before = self.bytes[..end as usize].strip_suffix(b"\n").unwrap_or_default();
        let empty = before.strip_suffix(b"\r").unwrap_or(before).len();
        self.glue(empty as u64, Kind::LineEnd);
        self.gap(end, kind);
    }

    fn chunks(&mut self, message: &Message) {
        for (number, chunk) in message.chunks.iter().enumerate() {
            self.gap(chunk.range.0, Kind::ChunkEnd);
            self.number = number;
            self.put(chunk.range, if chunk.size == 0 { Kind::LastChunk } else { Kind::ChunkSize });
            if let Some(extension) = &chunk.extension {
                self.put(extension.range, Kind::ChunkExtension);
            }
            let line_end = line_end_length(&self.bytes[self.at..]);
            self.gap((self.at + line_end) as u64, Kind::LineEnd);
            self.put(Range(self.at as u64, (self.at as u64).saturating_add(chunk.size)), Kind::ChunkData);
        }
        let Some(last) = message.chunks.last() else { return };
        if last.size > 0 {
            let whole = Range(last.range.1, self.at as u64).len() >= last.size;
            let rest = &self.bytes[self.at..];
            if whole && rest.first().is_some_and(|byte| matches!(byte, b'\r' | b'\n')) && !message.complete {
                self.gap((self.at + line_end_length(rest)) as u64, Kind::ChunkEnd);
            }
        } else if message.complete {
            self.fields(&message.trailers, Kind::TrailerName, Kind::TrailerValue);
            self.section_end(message.range.1, Kind::TrailerEnd);
        }
    }

    /// What was only sketched, up to an error; behind it nothing was read.
    fn sketched(&mut self, parts: Vec<Part>, error: Option<&Malformed>) {
        let Some(error) = error else {
            return parts.iter().for_each(|part| self.take(part, part.range));
        };
        let fault = fault(error, &parts);
        // Some rules can only be judged when the whole head is known; their place is the head's first byte.
        let whole_head = error.at == self.at as u64
            && matches!(
                error.kind,
                Wrongness::HostMissing | Wrongness::ChunkedNotLast | Wrongness::TransferEncodingUnknown
            );
        for part in &parts {
            if whole_head {
                self.take(part, part.range);
                continue;
            }
            self.take(part, Range(part.range.0, part.range.1.min(fault.0)));
            if part.range.1 > fault.0 {
                break;
            }
        }
        if !whole_head {
            self.gap(fault.0, Kind::Unread);
            self.put(fault, Kind::Wrong);
            self.gap(self.bytes.len() as u64, Kind::Unread);
        }
    }

    fn take(&mut self, part: &Part, range: Range) {
        self.number = part.number;
        self.put(range, part.kind);
    }
}

/// Bytes of the line end at the beginning.
fn line_end_length(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tools::http::examples;
    use sockscope_core::http::report::{Options, report};
    use sockscope_core::http::{Leniency, Role};
    use sockscope_core::random::Random;

    fn parts(bytes: &[u8], options: &Options) -> Vec<Part> {
        of(bytes, &report(bytes, options))
    }

    fn assert_tiled(bytes: &[u8], parts: &[Part]) {
        let mut at = 0;
        for part in parts {
            assert_eq!(part.range.0, at, "{parts:?} of {:?}", String::from_utf8_lossy(bytes));
            assert!(!part.range.is_empty());
            at = part.range.1;
        }
        assert_eq!(at, bytes.len() as u64, "{parts:?} of {:?}", String::from_utf8_lossy(bytes));
    }

    fn words(bytes: &[u8], parts: &[Part]) -> Vec<(Kind, String)> {
        let text =
            |part: &Part| String::from_utf8_lossy(&bytes[part.range.0 as usize..part.range.1 as usize]).into_owned();
        parts.iter().map(|part| (part.kind, text(part))).collect()
    }

    #[test]
    fn every_byte_of_every_example_belongs_to_one_part_at_every_length() {
        for example in examples::ALL {
            let bytes = example.bytes;
            for end in 0..=bytes.len() {
                for leniency in [Leniency::default(), Leniency::ALL] {
                    let options = Options { leniency, ..example.options() };
                    assert_tiled(&bytes[..end], &parts(&bytes[..end], &options));
                }
            }
        }
    }

    #[test]
    fn damaged_bytes_are_tiled_too() {
        let mut random = Random::new(9);
        for example in examples::ALL {
            for _ in 0..300 {
                let mut bytes = example.bytes.to_vec();
                for _ in 0..=random.below(3) {
                    let place = random.below(bytes.len() as u64) as usize;
                    bytes[place] = b"\r\n :;0aH\x00\xff"[random.below(10) as usize];
                }
                for role in [None, Some(Role::Response)] {
                    for leniency in [Leniency::default(), Leniency::ALL] {
                        let options = Options { role, leniency, eof: random.below(2) == 0, ..example.options() };
                        assert_tiled(&bytes, &parts(&bytes, &options));
                    }
                }
            }
        }
    }

    #[test]
    fn a_request_line_falls_into_its_words() {
        let bytes = b"GET http://a:80/p?q=1 HTTP/1.1\r\nHost: a\r\n\r\n";
        let kinds: Vec<_> = words(bytes, &parts(bytes, &Options::default()));
        let named =
            |kind: Kind| kinds.iter().filter(|part| part.0 == kind).map(|part| part.1.as_str()).collect::<Vec<_>>();
        assert_eq!(named(Kind::Scheme), ["http"]);
        assert_eq!(named(Kind::Authority), ["a:80"]);
        assert_eq!(named(Kind::Path), ["/p"]);
        assert_eq!(named(Kind::Query), ["q=1"]);
        assert_eq!(named(Kind::Name), ["Host"]);
        assert_eq!(named(Kind::HeadEnd), ["\r\n"]);
    }

    #[test]
    fn chunks_and_trailers_have_parts_of_their_own() {
        let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX: 1\r\n\r\n";
        let all = words(bytes, &parts(bytes, &Options::default()));
        let tail: Vec<_> = all.iter().skip_while(|part| part.0 != Kind::ChunkSize).cloned().collect();
        let kinds: Vec<Kind> = tail.iter().map(|part| part.0).collect();
        assert_eq!(
            kinds,
            [
                Kind::ChunkSize,
                Kind::ChunkExtension,
                Kind::LineEnd,
                Kind::ChunkData,
                Kind::ChunkEnd,
                Kind::LastChunk,
                Kind::LineEnd,
                Kind::TrailerName,
                Kind::Separator,
                Kind::Space,
                Kind::TrailerValue,
                Kind::LineEnd,
                Kind::TrailerEnd
            ]
        );
    }

    #[test]
    fn behind_an_error_nothing_is_read() {
        let bytes = b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n";
        let all = words(bytes, &parts(bytes, &Options::default()));
        assert_eq!(all.last().map(|part| part.0), Some(Kind::Unread));
        assert!(all.contains(&(Kind::Method, "GET".into())) && all.contains(&(Kind::Wrong, "b".into())), "{all:?}");
    }

    #[test]
    fn a_head_without_host_is_shown_whole() {
        let bytes = b"GET / HTTP/1.1\r\nAccept: x\r\n\r\n";
        let all = words(bytes, &parts(bytes, &Options::default()));
        assert!(
            all.contains(&(Kind::Name, "Accept".into())) && !all.iter().any(|part| part.0 == Kind::Unread),
            "{all:?}"
        );
    }

    #[test]
    fn the_part_that_holds_a_byte_is_found() {
        let bytes = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let all = parts(bytes, &Options::default());
        assert_eq!(at(&all, 1).map(|place| all[place].kind), Some(Kind::Method));
        assert_eq!(at(&all, bytes.len() as u64), None);
    }
}
