//! The parser byte by byte: what it knows after so many bytes, what it waits for, and that no cut changes its answer.

use super::parts::{self, Kind, Part};
use sockscope_core::http::report::{Options, Report, report};
use sockscope_core::http::{Persistence, Role};
use sockscope_core::stream::{Range, Split};

/// What the parser waits for. The words are keys of texts, `http.waits_…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // each says itself
pub enum Waits {
    Message,
    MethodEnd,
    TargetEnd,
    Version,
    StatusLine,
    LineEnd,
    LineFeed,
    Field,
    Colon,
    ValueEnd,
    Content { left: u64 },
    Close,
    ChunkSize,
    ChunkLineEnd,
    ChunkData { left: u64 },
    ChunkEnd,
    Trailer,
    NoHttp,
    Nothing,
    Refused,
}

impl Waits {
    /// The word in keys of texts.
    pub const fn word(self) -> &'static str {
        match self {
            Waits::Message => "message",
            Waits::MethodEnd => "method_end",
            Waits::TargetEnd => "target_end",
            Waits::Version => "version",
            Waits::StatusLine => "status_line",
            Waits::LineEnd => "line_end",
            Waits::LineFeed => "line_feed",
            Waits::Field => "field",
            Waits::Colon => "colon",
            Waits::ValueEnd => "value_end",
            Waits::Content { .. } => "content",
            Waits::Close => "close",
            Waits::ChunkSize => "chunk_size",
            Waits::ChunkLineEnd => "chunk_line_end",
            Waits::ChunkData { .. } => "chunk_data",
            Waits::ChunkEnd => "chunk_end",
            Waits::Trailer => "trailer",
            Waits::NoHttp => "no_http",
            Waits::Nothing => "nothing",
            Waits::Refused => "refused",
        }
    }

    /// Bytes that are missing, where that is known.
    pub const fn left(self) -> Option<u64> {
        match self {
            Waits::Content { left } | Waits::ChunkData { left } => Some(left),
            _ => None,
        }
    }
}

/// The parser after some bytes.
#[derive(Clone, Debug)]
pub struct Step {
    /// So many bytes have been read.
    pub read: usize,
    /// What it has reported.
    pub report: Report,
    /// The parts of what was read.
    pub parts: Vec<Part>,
    /// What it waits for.
    pub waits: Waits,
    /// Bytes it must keep, because the line or head they belong to is not whole.
    pub kept: u64,
}

/// The parser after the first `read` of `bytes`.
pub fn after(bytes: &[u8], read: usize, options: &Options) -> Step {
    let read = read.min(bytes.len());
    let options = Options { eof: options.eof && read == bytes.len(), role: options.role, ..options.clone() };
    let bytes = &bytes[..read];
    let report = report(bytes, &options);
    let parts = parts::of(bytes, &report);
    let waits = waits(bytes, &report, &parts);
    let kept = kept(&report, &parts, waits);
    Step { read, report, parts, waits, kept }
}

fn waits(bytes: &[u8], report: &Report, parts: &[Part]) -> Waits {
    if report.error.is_some() {
        return Waits::Refused;
    }
    let open = report.messages.last().filter(|message| !message.complete && report.more_messages == 0);
    let last = parts.last();
    if let Some(message) = open {
        return match message.framing.by {
            "chunked" => chunked(bytes, report, last, message.chunks.last().map(|chunk| (chunk.size, chunk.range.1))),
            "close" => Waits::Close,
            _ => Waits::Content { left: report.incomplete.and_then(|open| open.need).unwrap_or(0) },
        };
    }
    if report.tunnel.is_some() || report.messages.last().is_some_and(|message| message.framing.by == "tunnel") {
        return Waits::NoHttp;
    }
    if report.incomplete.is_none() {
        let message = report.messages.last();
        let asked = message.is_some_and(|message| message.upgrade && report.role == Role::Request);
        let closed = message.is_some_and(|message| message.persistence == Persistence::Close);
        return match () {
            () if asked => Waits::NoHttp,
            () if closed => Waits::Nothing,
            () => Waits::Message,
        };
    }
    let Some(last) = last else { return Waits::Message };
    if bytes.last() == Some(&b'\r') {
        return Waits::LineFeed;
    }
    let request = report.role == Role::Request;
    match last.kind {
        Kind::EmptyLine => Waits::Message,
        Kind::Method => Waits::MethodEnd,
        Kind::Target => Waits::TargetEnd,
        Kind::Version if request => Waits::Version,
        Kind::Version | Kind::Status => Waits::StatusLine,
        Kind::Reason => Waits::LineEnd,
        Kind::Space => after_space(parts, request),
        Kind::LineEnd => Waits::Field,
        Kind::Name => Waits::Colon,
        _ => Waits::ValueEnd,
    }
}

fn after_space(parts: &[Part], request: bool) -> Waits {
    match parts.iter().rev().nth(1).map(|part| part.kind) {
        Some(Kind::Method) => Waits::TargetEnd,
        Some(Kind::Target) => Waits::Version,
        Some(Kind::Version | Kind::Status) if !request => Waits::StatusLine,
        _ => Waits::ValueEnd,
    }
}

fn chunked(bytes: &[u8], report: &Report, last: Option<&Part>, chunk: Option<(u64, u64)>) -> Waits {
    let Some(last) = last else { return Waits::ChunkSize };
    if bytes.last() == Some(&b'\r') && !matches!(last.kind, Kind::ChunkData) {
        return Waits::LineFeed;
    }
    match (last.kind, chunk) {
        (Kind::ChunkSize | Kind::ChunkExtension | Kind::LastChunk, _) => Waits::ChunkLineEnd,
        (Kind::TrailerName, _) => Waits::Colon,
        (Kind::TrailerValue | Kind::Separator | Kind::Space, _) => Waits::ValueEnd,
        (Kind::LineEnd, Some((0, _))) => Waits::Trailer,
        (Kind::LineEnd, Some((size, _))) => Waits::ChunkData { left: size },
        (Kind::ChunkData, Some((size, _))) => {
            let have = last.range.len();
            if have < size { Waits::ChunkData { left: size - have } } else { Waits::ChunkEnd }
        }
        _ if report.messages.is_empty() => Waits::Message,
        _ => Waits::ChunkSize,
    }
}

/// A parser keeps only the head or the line that is not whole; content goes on at once.
fn kept(report: &Report, parts: &[Part], waits: Waits) -> u64 {
    let end = parts.last().map_or(0, |part| part.range.1);
    match waits {
        Waits::Message
        | Waits::Content { .. }
        | Waits::Close
        | Waits::ChunkData { .. }
        | Waits::ChunkEnd
        | Waits::NoHttp
        | Waits::Nothing
        | Waits::Refused => 0,
        Waits::ChunkSize => 0,
        Waits::ChunkLineEnd => {
            let line = parts.iter().rev().take_while(|part| part.kind != Kind::ChunkEnd && part.kind != Kind::HeadEnd);
            line.map(|part| part.range.len()).sum()
        }
        _ => {
            let open = report.messages.last().filter(|message| !message.complete);
            let section = match open {
                Some(_) => parts.iter().rposition(|part| matches!(part.kind, Kind::LastChunk)).map(|last| last + 1),
                None => None,
            };
            let start = match section {
                Some(behind) => parts.get(behind + 1).map_or(end, |part| part.range.0),
                None => report.incomplete.map_or(end, |open| open.at),
            };
            end.saturating_sub(start)
        }
    }
}

/// The answer to bytes that arrive in pieces, beside the answer to all of them at once.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The pieces.
    pub pieces: Vec<Range>,
    /// Whether both answers are the same.
    pub same: bool,
    /// Messages found, complete ones.
    pub messages: u64,
    /// The error's code, if there is one.
    pub error: Option<&'static str>,
}

/// Most pieces that are listed; all are fed.
const PIECES: usize = 2000;

/// Feeds `bytes` cut as `split` says, and compares.
pub fn cut(bytes: &[u8], split: Split, options: &Options, whole: &Report) -> Cut {
    let answer = report(bytes, &Options { split, ..options.clone() });
    let mut at = 0;
    let pieces = split
        .pieces(bytes)
        .take(PIECES)
        .map(|piece| {
            at += piece.len() as u64;
            Range(at - piece.len() as u64, at)
        })
        .collect();
    let complete = answer.messages.iter().filter(|message| message.complete).count() as u64;
    Cut {
        pieces,
        same: answer == *whole,
        messages: complete + answer.more_messages,
        error: answer.error.map(|error| error.kind.code()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tools::http::examples;

    fn waits_of(text: &str, role: Role) -> Waits {
        after(text.as_bytes(), text.len(), &Options { role: Some(role), ..Options::default() }).waits
    }

    #[test]
    fn the_parser_says_at_each_place_what_it_waits_for() {
        let head = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
        for (text, waits) in [
            ("", Waits::Message),
            ("PO", Waits::MethodEnd),
            ("POST ", Waits::TargetEnd),
            ("POST /a HT", Waits::Version),
            ("POST /a HTTP/1.1\r", Waits::LineFeed),
            ("POST /a HTTP/1.1\r\n", Waits::Field),
            ("POST /a HTTP/1.1\r\nHo", Waits::Colon),
            ("POST /a HTTP/1.1\r\nHost: x", Waits::ValueEnd),
            (head, Waits::Content { left: 5 }),
            (&format!("{head}abc"), Waits::Content { left: 2 }),
            (&format!("{head}abcde"), Waits::Message),
        ] {
            assert_eq!(waits_of(text, Role::Request), waits, "{text:?}");
        }
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (text, waits) in [
            ("", Waits::ChunkSize),
            ("5", Waits::ChunkLineEnd),
            ("5\r\n", Waits::ChunkData { left: 5 }),
            ("5\r\nab", Waits::ChunkData { left: 3 }),
            ("5\r\nabcde", Waits::ChunkEnd),
            ("5\r\nabcde\r\n", Waits::ChunkSize),
            ("5\r\nabcde\r\n0\r\n", Waits::Trailer),
            ("5\r\nabcde\r\n0\r\nX: y", Waits::ValueEnd),
            ("5\r\nabcde\r\n0\r\n\r\n", Waits::Message),
        ] {
            assert_eq!(waits_of(&format!("{head}{text}"), Role::Response), waits, "{text:?}");
        }
    }

    #[test]
    fn a_prefix_of_a_good_stream_is_never_refused() {
        for example in examples::ALL.iter().filter(|example| !example.wrong) {
            for read in 0..=example.bytes.len() {
                let step = after(example.bytes, read, &example.options());
                assert_ne!(step.waits, Waits::Refused, "{} at {read}", example.name);
                assert!(step.kept <= read as u64);
            }
        }
    }

    #[test]
    fn no_cut_changes_the_answer() {
        for example in examples::ALL {
            let options = example.options();
            let whole = report(example.bytes, &options);
            let everywhere = (0..example.bytes.len() as u64).map(Split::At);
            for split in everywhere.chain([Split::Bytes, Split::Random(3), Split::Random(4)]) {
                let cut = cut(example.bytes, split, &options, &whole);
                assert!(cut.same, "{} {split:?}", example.name);
                assert_eq!(cut.pieces.iter().map(|piece| piece.len()).sum::<u64>(), example.bytes.len() as u64);
            }
        }
    }

    #[test]
    fn only_what_is_not_whole_is_kept() {
        let text = b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /two";
        assert_eq!(after(text, text.len(), &Options::default()).kept, 8);
        assert_eq!(after(text, 27, &Options::default()).kept, 0);
    }
}
