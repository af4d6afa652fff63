//! Field lines: name, value, and which names may come once only.

use super::Span;
use serde::Serialize;
use std::borrow::Cow;

/// Names that decide about framing and the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Known {
    #[default]
    Other,
    Host,
    Connection,
    ContentLength,
    TransferEncoding,
    Upgrade,
}

impl Known {
    /// Which one `name` is, if any.
    #[inline]
    pub fn of(name: &[u8]) -> Known {
        // Their lengths and first letters tell them from nearly all others.
        const FIRST: [u8; 18] = *b"\0\0\0\0h\0\0u\0\0c\0\0\0c\0\0t";
        let first = FIRST.get(name.len()).is_some_and(|first| name.first().is_some_and(|name| name | 0x20 == *first));
        if first { Known::compared(name) } else { Known::Other }
    }

    /// Compares all of it. In a token no byte but a letter becomes a letter, and none but '-' a '-'.
    #[inline(never)]
    fn compared(name: &[u8]) -> Known {
        match name.len() {
            4 if lower(name) == Some(*b"host") => Known::Host,
            7 if lower(name) == Some(*b"upgrade") => Known::Upgrade,
            10 if lower(name) == Some(*b"connection") => Known::Connection,
            14 if lower(name) == Some(*b"content-length") => Known::ContentLength,
            17 if lower(name) == Some(*b"transfer-encoding") => Known::TransferEncoding,
            _ => Known::Other,
        }
    }
}

/// As many bytes of a token in lower case, all compared at once.
#[inline]
fn lower<const LENGTH: usize>(name: &[u8]) -> Option<[u8; LENGTH]> {
    name.first_chunk().map(|bytes: &[u8; LENGTH]| bytes.map(|byte| byte | 0x20))
}

/// Where a field line stands in a head.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FieldParts {
    pub name: Span,
    pub value: Span,
    pub line: u32,
    pub known: Known,
    pub folded: bool,
}

/// A field line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name as written; names are case-insensitive (RFC 9110, 5.1).
    pub name: &'a [u8],
    /// The value without the whitespace around it, as written.
    pub value: &'a [u8],
    /// Bytes of the name in the head.
    pub name_span: Span,
    /// Bytes of the value in the head.
    pub value_span: Span,
    /// Line of the message, from 1.
    pub line: u32,
    pub(super) folded: bool,
}

impl<'a> Field<'a> {
    pub(super) fn new(head: &'a [u8], parts: &FieldParts) -> Self {
        Field {
            name: parts.name.of(head),
            value: parts.value.of(head),
            name_span: parts.name,
            value_span: parts.value,
            line: parts.line,
            folded: parts.folded,
        }
    }

    /// Whether it has this name.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// The value with every fold replaced by spaces (RFC 9112, 5.2).
    pub fn unfolded(&self) -> Cow<'a, [u8]> {
        if !self.folded {
            return Cow::Borrowed(self.value);
        }
        Cow::Owned(self.value.iter().map(|&byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { byte }).collect())
    }
}

/// How often a field may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Its value is a list; several lines are one list (RFC 9110, 5.3).
    List,
    /// Its value is no list: more than one line has no meaning.
    Single,
    /// Several lines that cannot be joined (RFC 6265, 3).
    SetCookie,
    /// A name that the standards read here do not define.
    Unknown,
}

/// How often a field with this name may come (RFC 9110; RFC 9111; RFC 9112; RFC 6265).
pub fn rule(name: &str) -> Rule {
    const LISTS: &[&str] = &[
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "accept-ranges",
        "allow",
        "authentication-info",
        "cache-control",
        "connection",
        "content-encoding",
        "content-language",
        "expect",
        "if-match",
        "if-none-match",
        "pragma",
        "proxy-authenticate",
        "proxy-authentication-info",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "vary",
        "via",
        "warning",
        "www-authenticate",
    ];
    const SINGLES: &[&str] = &[
        "age",
        "authorization",
        "content-length",
        "content-location",
        "content-range",
        "content-type",
        "cookie",
        "date",
        "etag",
        "expires",
        "from",
        "host",
        "if-modified-since",
        "if-range",
        "if-unmodified-since",
        "last-modified",
        "location",
        "max-forwards",
        "proxy-authorization",
        "range",
        "referer",
        "retry-after",
        "server",
        "user-agent",
    ];
    let lower = name.to_ascii_lowercase();
    let known = |names: &[&str]| names.binary_search(&lower.as_str()).is_ok();
    match () {
        () if lower == "set-cookie" => Rule::SetCookie,
        () if known(LISTS) => Rule::List,
        () if known(SINGLES) => Rule::Single,
        () => Rule::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_decide_are_known_in_any_case_and_no_others() {
        use Known::*;
        let known = [
            ("host", Host),
            ("upgrade", Upgrade),
            ("connection", Connection),
            ("content-length", ContentLength),
            ("transfer-encoding", TransferEncoding),
        ];
        for (name, which) in known {
            assert_eq!(Known::of(name.as_bytes()), which);
            assert_eq!(Known::of(name.to_ascii_uppercase().as_bytes()), which);
            for at in 0..name.len() {
                for byte in (0..=u8::MAX).filter(|byte| super::super::token::in_token(*byte)) {
                    let mut other = name.as_bytes().to_vec();
                    other[at] = byte;
                    let same = byte.eq_ignore_ascii_case(&name.as_bytes()[at]);
                    assert_eq!(Known::of(&other), if same { which } else { Other }, "{byte} at {at} of {name}");
                }
            }
        }
    }

    #[test]
    fn the_rules_find_first_and_last_names_of_their_lists() {
        assert_eq!(rule("Accept"), Rule::List);
        assert_eq!(rule("WWW-Authenticate"), Rule::List);
        assert_eq!(rule("Age"), Rule::Single);
        assert_eq!(rule("user-agent"), Rule::Single);
        assert_eq!(rule("Set-Cookie"), Rule::SetCookie);
        assert_eq!(rule("X-Anything"), Rule::Unknown);
    }
}
