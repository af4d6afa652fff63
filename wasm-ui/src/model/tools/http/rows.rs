//! Bytes as rows of text, cut at line ends and where a row is full, and into pieces where parts or the selection begin
//! or end. Which rows are in view is the view's business.

use super::parts::Part;
use crate::model::tools::hex::selected;

/// Where each row begins; the last entry is where the bytes end.
pub fn rows(bytes: &[u8], columns: usize) -> Vec<u32> {
    let mut starts = vec![0];
    let mut used = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        // The first byte of a character of several stands for all of it, two columns wide.
        let wide = match byte {
            0x80..=0xbf => 0,
            0xc0.. => 2,
            _ => 1,
        };
        if used + wide > columns.max(2) && wide > 0 {
            starts.push(at as u32);
            used = 0;
        }
        used += wide;
        if byte == b'\n' && at + 1 < bytes.len() {
            starts.push(at as u32 + 1);
            used = 0;
        }
    }
    starts.push(bytes.len() as u32);
    starts
}

/// The row that holds a byte.
pub fn row_of(rows: &[u32], at: usize) -> usize {
    let rows = &rows[..rows.len().saturating_sub(1)];
    rows.partition_point(|&start| start as usize <= at).saturating_sub(1)
}

/// A stretch of a row that belongs to one part and is selected or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its place among the parts.
    pub part: Option<usize>,
    /// Its text; line ends as arrows, other control characters as dots.
    pub text: String,
    /// Whether it is selected.
    pub selected: bool,
}

/// The pieces of the row `[from, to)`.
pub fn pieces(bytes: &[u8], from: usize, to: usize, parts: &[Part], selection: Option<(usize, usize)>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = from;
    let mut next = parts.partition_point(|part| part.range.1 as usize <= from);
    while at < to {
        while parts.get(next).is_some_and(|part| part.range.1 as usize <= at) {
            next += 1;
        }
        let part = parts.get(next).filter(|part| part.range.0 as usize <= at);
        let mut end = part.map_or(to, |part| part.range.1 as usize).min(to);
        let (selected, until) = selected(at, selection);
        end = end.min(until);
        pieces.push(Piece { part: part.map(|_| next), text: text(&bytes[at..end]), selected });
        at = end;
    }
    pieces
}

/// Bytes as text that shows every one of them.
pub fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.extend(chunk.valid().chars().map(|character| match character {
            // What a teletype did: back to the left, down a line, on to the next stop. Every font has these.
            '\r' => '←',
            '\n' => '↓',
            '\t' => '→',
            character if character.is_control() => '·',
            character => character,
        }));
        text.extend(chunk.invalid().iter().map(|_| '·'));
    }
    text
}

/// What stands around a byte in its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Before it.
    pub before: String,
    /// The byte at fault; empty at the end of the bytes.
    pub at: String,
    /// Behind it.
    pub behind: String,
}

/// Bytes of an excerpt on each side.
const AROUND: usize = 36;

/// What stands around the byte at `at`.
pub fn excerpt(bytes: &[u8], at: usize) -> Excerpt {
    let at = at.min(bytes.len());
    let begin = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| at + end + 1);
    let mut from = begin.max(at.saturating_sub(AROUND));
    let mut one = (at + 1).min(bytes.len());
    let mut to = end.min(at + AROUND);
    // No character is cut in two.
    let inside = |place: usize| bytes.get(place).is_some_and(|byte| (0x80..0xc0).contains(byte));
    while from < at && inside(from) {
        from += 1;
    }
    while one < end && inside(one) {
        one += 1;
    }
    while to < end && inside(to) {
        to += 1;
    }
    let cut = |left: bool, text: String| match left {
        true => format!("…{text}"),
        false => text,
    };
    let behind = text(&bytes[one..to.max(one)]);
    Excerpt {
        before: cut(from > begin, text(&bytes[from..at])),
        at: text(&bytes[at..one]),
        behind: if to < end { format!("{behind}…") } else { behind },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tools::http::{examples, parts};
    use sockscope_core::http::report::report;

    #[test]
    fn rows_and_their_pieces_hold_every_byte_once() {
        for example in examples::ALL {
            let parts = parts::of(example.bytes, &report(example.bytes, &example.options()));
            for columns in [1, 2, 7, 40, 200] {
                let rows = rows(example.bytes, columns);
                let mut whole = String::new();
                for pair in rows.windows(2) {
                    let (from, to) = (pair[0] as usize, pair[1] as usize);
                    assert!(from < to, "{} {columns}", example.name);
                    for selection in [None, Some((3, 9))] {
                        let pieces = pieces(example.bytes, from, to, &parts, selection);
                        if selection.is_none() {
                            whole.extend(pieces.iter().map(|piece| piece.text.as_str()));
                        }
                        assert!(pieces.iter().all(|piece| piece.part.is_some()));
                    }
                    assert_eq!(row_of(&rows, from), row_of(&rows, to - 1));
                }
                assert_eq!(whole, text(example.bytes), "{} {columns}", example.name);
            }
        }
    }

    #[test]
    fn line_ends_are_seen() {
        assert_eq!(text(b"a\r\n\x00\xff\x7f"), "a←↓···");
        assert_eq!(text("网络".as_bytes()), "网络");
    }

    #[test]
    fn an_excerpt_points_at_its_byte() {
        let bytes = b"GET / HTTP/1.1\r\nHo st: a\r\n";
        let excerpt = excerpt(bytes, 18);
        assert_eq!((excerpt.before.as_str(), excerpt.at.as_str(), excerpt.behind.as_str()), ("Ho", " ", "st: a←↓"));
        let long = [b'a'; 200];
        let excerpt = super::excerpt(&long, 100);
        assert!(excerpt.before.starts_with('…') && excerpt.behind.ends_with('…'));
        assert_eq!(super::excerpt(b"", 5), Excerpt { before: String::new(), at: String::new(), behind: String::new() });
    }

    #[test]
    fn a_megabyte_has_its_rows_at_once() {
        let bytes = vec![b'x'; 1 << 20];
        assert_eq!(rows(&bytes, 100).len(), (1 << 20) / 100 + 2);
    }
}
