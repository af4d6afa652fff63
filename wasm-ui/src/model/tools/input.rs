//! Bytes as text that a person types: with escapes, in hexadecimal, in base64. Both directions; it reads no file.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// How bytes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Text in UTF-8, with `\r`, `\n`, `\t`, `\0`, `\\` and `\xNN`. A line end that is typed is `\n`.
    #[default]
    Text,
    /// Two digits for each byte; blanks, line ends, `:` and `0x` may stand between.
    Hex,
    /// Base64, padded or not, in either alphabet.
    Base64,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 3] = [Form::Text, Form::Hex, Form::Base64];

    /// The word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Form::Text => "text",
            Form::Hex => "hex",
            Form::Base64 => "base64",
        }
    }

    /// The form with that word.
    pub fn from_word(word: &str) -> Option<Form> {
        Form::ALL.into_iter().find(|form| form.word() == word)
    }

    /// The form in which a person reads these bytes best.
    pub fn of(bytes: &[u8]) -> Form {
        let Ok(text) = std::str::from_utf8(bytes) else { return Form::Hex };
        let odd = text.chars().filter(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')).count();
        if odd * 4 > text.chars().count() { Form::Hex } else { Form::Text }
    }
}

/// What is wrong with what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The character at fault, counted from 0.
    pub at: usize,
    /// What is wrong with it.
    pub kind: MistakeKind,
}

/// The kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum MistakeKind {
    /// A backslash before something that is no escape.
    Escape(char),
    /// A backslash at the end.
    LoneBackslash,
    /// `\x` without two digits behind it.
    EscapeDigits,
    /// No hexadecimal digit.
    Digit(char),
    /// One digit of a byte stands alone.
    HalfByte,
    /// No character of base64.
    Base64(char),
    /// The number of characters of base64 cannot be.
    Base64Length,
}

/// The bytes of what was typed.
///
/// # Errors
/// The first mistake.
pub fn parse(form: Form, typed: &str) -> Result<Vec<u8>, Mistake> {
    match form {
        Form::Text => parse_text(typed),
        Form::Hex => parse_hex(typed),
        Form::Base64 => parse_base64(typed),
    }
}

fn parse_text(typed: &str) -> Result<Vec<u8>, Mistake> {
    let mut bytes = Vec::with_capacity(typed.len());
    let mut characters = typed.chars().enumerate();
    while let Some((at, character)) = characters.next() {
        if character != '\\' {
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match characters.next().map(|(_, escaped)| escaped) {
            Some('n') => bytes.push(b'\n'),
            Some('r') => bytes.push(b'\r'),
            Some('t') => bytes.push(b'\t'),
            Some('0') => bytes.push(0),
            Some('\\') => bytes.push(b'\\'),
            Some('x') => {
                let digits: String = characters.clone().map(|(_, digit)| digit).take(2).collect();
                // `from_str_radix` would take a sign.
                let whole = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                let byte = u8::from_str_radix(&digits, 16).ok().filter(|_| whole);
                bytes.push(byte.ok_or(Mistake { at, kind: MistakeKind::EscapeDigits })?);
                characters.nth(1);
            }
            Some(other) => return Err(Mistake { at, kind: MistakeKind::Escape(other) }),
            None => return Err(Mistake { at, kind: MistakeKind::LoneBackslash }),
        }
    }
    Ok(bytes)
}

fn parse_hex(typed: &str) -> Result<Vec<u8>, Mistake> {
    let mut bytes = Vec::with_capacity(typed.len() / 2);
    let mut half = None;
    let characters: Vec<char> = typed.chars().collect();
    let mut at = 0;
    while at < characters.len() {
        let character = characters[at];
        match (half, character.to_digit(16)) {
            (None, Some(0)) if matches!(characters.get(at + 1), Some('x' | 'X')) => at += 1,
            (None, Some(digit)) => half = Some((at, digit)),
            (Some((_, high)), Some(low)) => {
                bytes.push((high << 4 | low) as u8);
                half = None;
            }
            (None, None) if character.is_whitespace() || matches!(character, ':' | ',' | '-') => {}
            (Some((at, _)), None) if character.is_whitespace() || matches!(character, ':' | ',' | '-') => {
                return Err(Mistake { at, kind: MistakeKind::HalfByte });
            }
            (_, None) => return Err(Mistake { at, kind: MistakeKind::Digit(character) }),
        }
        at += 1;
    }
    match half {
        Some((at, _)) => Err(Mistake { at, kind: MistakeKind::HalfByte }),
        None => Ok(bytes),
    }
}

fn parse_base64(typed: &str) -> Result<Vec<u8>, Mistake> {
    let is_known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '=');
    if let Some((at, character)) = typed.chars().enumerate().find(|(_, c)| !c.is_whitespace() && !is_known(*c)) {
        return Err(Mistake { at, kind: MistakeKind::Base64(character) });
    }
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let digits = digits.trim_end_matches('=');
    let decoded = STANDARD_NO_PAD.decode(digits).or_else(|_| URL_SAFE_NO_PAD.decode(digits));
    decoded.map_err(|_| Mistake { at: typed.chars().count(), kind: MistakeKind::Base64Length })
}

/// Bytes as a person would type them.
pub fn write(form: Form, bytes: &[u8]) -> String {
    match form {
        Form::Text => write_text(bytes),
        Form::Hex => {
            let lines = bytes.chunks(16).map(|line| {
                let digits: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
                digits.join(" ")
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        Form::Base64 => STANDARD.encode(bytes),
    }
}

/// Text with escapes. A line end is written as it is where it ends a line: `\r\n` becomes `\r` and a new line.
fn write_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\n' => text.push('\n'),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                '\0' => text.push_str("\\0"),
                '\\' => text.push_str("\\\\"),
                control if control.is_control() => {
                    let mut buffer = [0; 4];
                    let encoded = control.encode_utf8(&mut buffer);
                    encoded.bytes().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
                }
                character => text.push(character),
            }
        }
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    }
    text
}

/// Bytes on one line, escapes throughout, at most `most` of them.
pub fn preview(bytes: &[u8], most: usize) -> String {
    let mut text = write_text(&bytes[..bytes.len().min(most)]).replace('\n', "\\n");
    if bytes.len() > most {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back_in_every_form() {
        let all: Vec<u8> = (0..=255).collect();
        for bytes in [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(), all, "你好\\x\n".into(), Vec::new()] {
            for form in Form::ALL {
                assert_eq!(parse(form, &write(form, &bytes)), Ok(bytes.clone()), "{form:?}");
            }
        }
    }

    #[test]
    fn a_mistake_has_its_place() {
        let mistake = |form, typed| parse(form, typed).unwrap_err();
        assert_eq!(mistake(Form::Text, "ab\\q"), Mistake { at: 2, kind: MistakeKind::Escape('q') });
        assert_eq!(mistake(Form::Text, "好\\x+1"), Mistake { at: 1, kind: MistakeKind::EscapeDigits });
        assert_eq!(mistake(Form::Text, "\\"), Mistake { at: 0, kind: MistakeKind::LoneBackslash });
        assert_eq!(mistake(Form::Hex, "12 3g"), Mistake { at: 4, kind: MistakeKind::Digit('g') });
        assert_eq!(mistake(Form::Hex, "12 3 4"), Mistake { at: 3, kind: MistakeKind::HalfByte });
        assert_eq!(mistake(Form::Base64, "aGk$"), Mistake { at: 3, kind: MistakeKind::Base64('$') });
        assert_eq!(mistake(Form::Base64, "aGkaG").kind, MistakeKind::Base64Length);
    }

    #[test]
    fn hexadecimal_may_be_written_as_people_do() {
        for typed in ["0x48 0x69", "48:69", "4869", " 48\n69 ", "48,69"] {
            assert_eq!(parse(Form::Hex, typed), Ok(b"Hi".to_vec()), "{typed}");
        }
    }

    #[test]
    fn readable_bytes_are_shown_as_text() {
        assert_eq!(Form::of(b"GET / HTTP/1.1\r\n"), Form::Text);
        assert_eq!(Form::of(&[0, 1, 2, 3]), Form::Hex);
        assert_eq!(Form::of(&[0xff, 0xfe]), Form::Hex);
        assert_eq!(preview(b"a\nb\xffc", 4), "a\\nb\\xff…");
    }
}
