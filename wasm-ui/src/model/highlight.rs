//! Colours for a program: what is a keyword, a string, a number, a comment. It understands tokens, not syntax.

/// What a piece of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Anything else.
    Plain,
    /// A word of the language.
    Keyword,
    /// A name of the socket module that the course is about.
    Socket,
    /// A string or bytes literal.
    Text,
    /// A number, `True`, `False`, `None`.
    Value,
    /// A comment.
    Comment,
}

const KEYWORDS: &[&str] = &[
    "and", "as", "assert", "break", "continue", "def", "del", "elif", "else", "except", "finally", "for", "from",
    "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with",
];
const SOCKET: &[&str] = &[
    "socket",
    "bind",
    "listen",
    "accept",
    "connect",
    "connect_ex",
    "send",
    "sendall",
    "sendto",
    "recv",
    "recvfrom",
    "shutdown",
    "close",
    "setsockopt",
    "getsockopt",
    "settimeout",
    "setblocking",
    "getsockname",
    "getpeername",
    "fileno",
    "select",
    "sleep",
];

/// Pieces of a program, line by line. Strings in triple quotes may go over lines.
pub fn lines(program: &str) -> Vec<Vec<(Ink, &str)>> {
    let mut open: Option<&'static str> = None;
    program.split('\n').map(|line| pieces(line, &mut open)).collect()
}

fn pieces<'a>(line: &'a str, open: &mut Option<&'static str>) -> Vec<(Ink, &'a str)> {
    let mut pieces = Vec::new();
    let mut rest = line;
    if let Some(quotes) = *open {
        let Some(end) = rest.find(quotes) else { return vec![(Ink::Text, line)] };
        pieces.push((Ink::Text, &rest[..end + 3]));
        rest = &rest[end + 3..];
        *open = None;
    }
    while let Some(first) = rest.chars().next() {
        let (ink, length) = match first {
            '#' => (Ink::Comment, rest.len()),
            '\'' | '"' => (Ink::Text, string(rest, 0, open)),
            c if c.is_ascii_digit() => (Ink::Value, span(rest, |c| c.is_ascii_alphanumeric() || c == '.' || c == '_')),
            c if c.is_alphabetic() || c == '_' => {
                let length = span(rest, |c| c.is_alphanumeric() || c == '_');
                let word = &rest[..length];
                let quoted = rest[length..].starts_with(['\'', '"']);
                match word {
                    "b" | "r" | "f" | "rb" | "br" | "B" | "R" | "F" if quoted => {
                        (Ink::Text, string(rest, length, open))
                    }
                    "True" | "False" | "None" => (Ink::Value, length),
                    word if KEYWORDS.contains(&word) => (Ink::Keyword, length),
                    word if SOCKET.contains(&word) => (Ink::Socket, length),
                    _ => (Ink::Plain, length),
                }
            }
            _ => (Ink::Plain, span(rest, |c| !c.is_alphanumeric() && !matches!(c, '#' | '\'' | '"' | '_'))),
        };
        let (piece, behind) = rest.split_at(length.max(first.len_utf8()));
        pieces.push((ink, piece));
        rest = behind;
    }
    pieces
}

fn span(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Length of a string literal whose quote stands at `prefix`.
fn string(text: &str, prefix: usize, open: &mut Option<&'static str>) -> usize {
    let body = &text[prefix..];
    for quotes in ["'''", "\"\"\""] {
        if let Some(inside) = body.strip_prefix(quotes) {
            return match inside.find(quotes) {
                Some(end) => prefix + 3 + end + 3,
                None => {
                    *open = Some(quotes);
                    text.len()
                }
            };
        }
    }
    let quote = body.chars().next().unwrap_or('\'');
    let mut escaped = false;
    for (at, c) in body.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return prefix + at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_is_lost() {
        for program in ["s.send(b'a\\'b') # 你好 '", "x = '''a\nb''' + f\"{y}\"\n", "é = 'ü", "0x1f if_ _x\t"] {
            let joined: Vec<String> =
                lines(program).iter().map(|line| line.iter().map(|piece| piece.1).collect()).collect();
            assert_eq!(joined.join("\n"), program);
        }
    }

    #[test]
    fn a_hash_in_a_string_is_no_comment() {
        let line = &lines("f('#') # c")[0];
        assert_eq!(line.iter().filter(|piece| piece.0 == Ink::Comment).count(), 1);
        assert!(line.contains(&(Ink::Text, "'#'")));
    }
}
