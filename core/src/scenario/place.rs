//! Places: from a byte offset to line and column, and from a line of a program to the line of the file it stands in.

use std::ops::Range;

/// Line and column, from 1, the column in characters.
pub(super) fn line_and_column(source: &str, offset: usize) -> (u32, u32) {
    let mut offset = offset.min(source.len());
    while !source.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &source[..offset];
    let line = before.bytes().filter(|&byte| byte == b'\n').count() as u32 + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count() as u32 + 1)
}

/// Where in the file the given line and column of a TOML string's *content* stand.
///
/// Walks the string as it is written, so escapes, line continuations and the newline that follows an opening `'''`
/// are all accounted for.
pub(super) fn inside_string(source: &str, span: &Range<usize>, line: u32, column: u32) -> Option<usize> {
    let written = source.get(span.clone())?;
    let (quote, literal) = ["'''", "\"\"\"", "'", "\""]
        .into_iter()
        .find(|quote| written.starts_with(quote))
        .map(|quote| (quote, quote.starts_with('\'')))?;
    let mut at = quote.len();
    if quote.len() == 3 {
        // A newline right behind the opening delimiter is not part of the string (TOML 1.0, String).
        if written[at..].starts_with("\r\n") {
            at += 2;
        } else if written[at..].starts_with('\n') {
            at += 1;
        }
    }
    let end = written.len().checked_sub(quote.len())?;
    let (mut now_line, mut now_column) = (1u32, 1u32);
    while at < end {
        if (now_line, now_column) == (line, column) {
            break;
        }
        let rest = &written[at..end];
        let (content, length) = next(rest, literal)?;
        match content {
            Some('\n') if now_line == line => break,
            Some('\n') => (now_line, now_column) = (now_line + 1, 1),
            Some(_) => now_column += 1,
            None => {}
        }
        at += length;
    }
    Some(span.start + at)
}

/// The next character of a string's content and how many bytes it is written in; no character for a line continuation.
fn next(rest: &str, literal: bool) -> Option<(Option<char>, usize)> {
    let mut chars = rest.chars();
    let first = chars.next()?;
    if literal || first != '\\' {
        return Some((Some(first), first.len_utf8()));
    }
    let second = chars.next()?;
    Some(match second {
        'n' => (Some('\n'), 2),
        'x' => (Some('x'), 4),
        'u' => (Some('u'), 6),
        'U' => (Some('U'), 10),
        c if c.is_whitespace() => {
            let blank = rest[1..].len() - rest[1..].trim_start().len();
            (None, 1 + blank)
        }
        c => (Some(c), 1 + c.len_utf8()),
    })
    .map(|(content, length): (Option<char>, usize)| {
        let mut length = length.min(rest.len());
        while !rest.is_char_boundary(length) {
            length += 1;
        }
        (content, length)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        assert_eq!(line_and_column("a = 1\n你好 = 2\n", "a = 1\n你好".len()), (2, 3));
    }

    fn found(source: &str, line: u32, column: u32) -> (u32, u32) {
        let start = source.find(['\'', '"']).unwrap();
        let offset = inside_string(source, &(start..source.trim_end().len()), line, column).unwrap();
        line_and_column(source, offset)
    }

    #[test]
    fn a_literal_block_starts_on_the_next_line() {
        assert_eq!(found("p = '''\nab\ncd\n'''\n", 2, 2), (3, 2));
    }

    #[test]
    fn escapes_are_walked_over() {
        assert_eq!(found("p = \"a\\nbc\"", 2, 2), (1, 10));
        assert_eq!(found("p = \"\"\"\nx\\\n   y\nz\"\"\"", 2, 1), (4, 1));
    }
}
