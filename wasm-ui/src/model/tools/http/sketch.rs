//! Parts of a head, or of a line between chunks, that is not whole or breaks a rule: where its words stand, whatever
//! they are worth. It is for the eye only; the parser judges.

use super::parts::{Kind, Part};
use sockscope_core::http::Role;
use sockscope_core::stream::Range;

/// Where in a message the bytes begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// At a message.
    Start(Role),
    /// At a chunk-size line, or at the line end behind a chunk.
    ChunkLine,
    /// Behind the last chunk.
    Trailers,
}

/// The parts of `bytes` from `at` up to the end of the head, or of the bytes.
pub fn of(bytes: &[u8], at: usize, from: From, message: usize) -> Vec<Part> {
    let mut pen = Pen { bytes, at, parts: Vec::new(), message, number: 0 };
    match from {
        From::Start(role) => {
            pen.line_ends(Kind::EmptyLine);
            match role {
                Role::Request => pen.first_line([Kind::Method, Kind::Target, Kind::Version]),
                Role::Response => pen.first_line([Kind::Version, Kind::Status, Kind::Reason]),
            }
            pen.fields(Kind::Name, Kind::Value, Kind::HeadEnd);
        }
        From::ChunkLine => {
            pen.line_ends(Kind::ChunkEnd);
            pen.until(|byte| matches!(byte, b';' | b'\r' | b'\n'), Kind::ChunkSize);
            pen.until(|byte| matches!(byte, b'\r' | b'\n'), Kind::ChunkExtension);
            pen.line_end(Kind::LineEnd);
        }
        From::Trailers => pen.fields(Kind::TrailerName, Kind::TrailerValue, Kind::TrailerEnd),
    }
    pen.parts
}

struct Pen<'a> {
    bytes: &'a [u8],
    at: usize,
    parts: Vec<Part>,
    message: usize,
    number: usize,
}

impl Pen<'_> {
    fn draw(&mut self, length: usize, kind: Kind) {
        if length > 0 {
            let range = Range(self.at as u64, (self.at + length) as u64);
            self.parts.push(Part { range, kind, message: self.message, number: self.number });
            self.at += length;
        }
    }

    fn until(&mut self, stop: impl Fn(u8) -> bool, kind: Kind) {
        let length = self.bytes[self.at..].iter().take_while(|byte| !stop(**byte)).count();
        self.draw(length, kind);
    }

    fn blanks(&mut self) {
        self.until(|byte| !matches!(byte, b' ' | b'\t'), Kind::Space);
    }

    /// Whether the line is over: its end is drawn, or nothing is left.
    fn line_end(&mut self, kind: Kind) -> bool {
        match self.bytes[self.at..] {
            [b'\r', b'\n', ..] => self.draw(2, kind),
            [b'\r' | b'\n', ..] => self.draw(1, kind),
            [] => {}
            _ => return false,
        }
        true
    }

    fn line_ends(&mut self, kind: Kind) {
        while self.at < self.bytes.len() && self.line_end(kind) {}
    }

    fn first_line(&mut self, [first, second, last]: [Kind; 3]) {
        let ends = |byte: u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.blanks();
        self.until(ends, first);
        self.blanks();
        self.until(ends, second);
        self.blanks();
        self.until(|byte| matches!(byte, b'\r' | b'\n'), last);
        self.line_end(Kind::LineEnd);
    }

    /// Field lines up to the empty one.
    fn fields(&mut self, name: Kind, value: Kind, end: Kind) {
        let mut number = 0;
        while self.at < self.bytes.len() {
            if self.line_end(end) {
                return;
            }
            self.number = number;
            self.blanks();
            self.until(|byte| matches!(byte, b':' | b'\r' | b'\n'), name);
            if self.bytes.get(self.at) == Some(&b':') {
                self.draw(1, Kind::Separator);
            }
            self.blanks();
            self.until(|byte| matches!(byte, b'\r' | b'\n'), value);
            self.line_end(Kind::LineEnd);
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str, from: From) -> Vec<Kind> {
        of(text.as_bytes(), 0, from, 0).iter().map(|part| part.kind).collect()
    }

    #[test]
    fn half_a_request_line_is_half_its_words() {
        assert_eq!(kinds("GE", From::Start(Role::Request)), [Kind::Method]);
        assert_eq!(kinds("GET /a", From::Start(Role::Request)), [Kind::Method, Kind::Space, Kind::Target]);
    }

    #[test]
    fn the_sketch_ends_with_the_head() {
        let parts = of(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nrest", 0, From::Start(Role::Response), 0);
        assert_eq!(parts.last().map(|part| (part.kind, part.range)), Some((Kind::HeadEnd, Range(23, 25))));
    }

    #[test]
    fn a_chunk_line_that_is_not_whole_has_its_size() {
        assert_eq!(kinds("\r\n1f;x", From::ChunkLine), [Kind::ChunkEnd, Kind::ChunkSize, Kind::ChunkExtension]);
    }
}
