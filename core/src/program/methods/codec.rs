//! Encodings: UTF-8, ASCII, Latin-1, UTF-16 and UTF-32, and what to do with what does not fit.

use crate::program::value::Value;
use crate::program::value::exception::Exception;
use crate::program::value::types::Type;
use crate::program::vm::{Answer, Stop, raise, type_error};

/// A known encoding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf8Signed,
    Ascii,
    Latin1,
    Utf16(Option<bool>),
    Utf32(Option<bool>),
}

impl Encoding {
    fn find(name: &str) -> Answer<Encoding> {
        let plain = name.to_ascii_lowercase().replace(['_', ' '], "-");
        Ok(match plain.as_str() {
            "utf-8" | "utf8" | "u8" | "cp65001" => Encoding::Utf8,
            "utf-8-sig" => Encoding::Utf8Signed,
            "ascii" | "us-ascii" | "646" => Encoding::Ascii,
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "8859" | "l1" | "cp819" => Encoding::Latin1,
            "utf-16" | "utf16" | "u16" => Encoding::Utf16(None),
            "utf-16-le" | "utf-16le" => Encoding::Utf16(Some(true)),
            "utf-16-be" | "utf-16be" => Encoding::Utf16(Some(false)),
            "utf-32" | "utf32" | "u32" => Encoding::Utf32(None),
            "utf-32-le" | "utf-32le" => Encoding::Utf32(Some(true)),
            "utf-32-be" | "utf-32be" => Encoding::Utf32(Some(false)),
            _ => return Err(raise(Type::LookupError, format!("unknown encoding: {name}"))),
        })
    }

    fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 | Encoding::Utf8Signed => "utf-8",
            Encoding::Ascii => "ascii",
            Encoding::Latin1 => "latin-1",
            Encoding::Utf16(_) => "utf-16",
            Encoding::Utf32(_) => "utf-32",
        }
    }
}

fn text_argument<'a>(value: Option<&'a Value>, default: &'a str, function: &str, name: &str) -> Answer<&'a str> {
    match value {
        None => Ok(default),
        Some(Value::Str(text)) => Ok(text.as_str()),
        Some(other) => {
            Err(type_error(format!("{function}() argument '{name}' must be str, not {}", other.type_name())))
        }
    }
}

/// `text.encode(encoding, errors)`.
pub fn encode(text: &str, encoding: Option<&Value>, errors: Option<&Value>) -> Answer<Vec<u8>> {
    let encoding = Encoding::find(text_argument(encoding, "utf-8", "encode", "encoding")?)?;
    let errors = text_argument(errors, "strict", "encode", "errors")?;
    let limit = match encoding {
        Encoding::Utf8 => return Ok(text.as_bytes().to_vec()),
        Encoding::Utf8Signed => return Ok([b"\xef\xbb\xbf", text.as_bytes()].concat()),
        Encoding::Utf16(order) => {
            let little = order.unwrap_or(true);
            let units = order.is_none().then_some(0xfeff).into_iter().chain(text.encode_utf16());
            return Ok(units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect());
        }
        Encoding::Utf32(order) => {
            let little = order.unwrap_or(true);
            let units = order.is_none().then_some(0xfeff).into_iter().chain(text.chars().map(|c| c as u32));
            return Ok(units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect());
        }
        Encoding::Ascii => 128,
        Encoding::Latin1 => 256,
    };
    let mut out = Vec::with_capacity(text.len());
    for (index, c) in text.chars().enumerate() {
        let code = c as u32;
        if code < limit {
            out.push(code as u8);
            continue;
        }
        match errors {
            "ignore" => {}
            "replace" => out.push(b'?'),
            "backslashreplace" => {
                let mut escaped = String::new();
                crate::program::value::repr::write_escape(&mut escaped, c);
                out.extend(escaped.into_bytes());
            }
            "xmlcharrefreplace" => out.extend(format!("&#{code};").into_bytes()),
            "strict" => {
                let rest = text.chars().skip(index).take_while(|c| *c as u32 >= limit).count();
                let args = vec![
                    Value::str(encoding.name()),
                    Value::str(text),
                    Value::Int(index as i64),
                    Value::Int((index + rest) as i64),
                    Value::str(format!("ordinal not in range({limit})")),
                ];
                return Err(Stop::Raise(Exception::new(Type::UnicodeEncodeError, args)));
            }
            other => return Err(raise(Type::LookupError, format!("unknown error handler name '{other}'"))),
        }
    }
    Ok(out)
}

/// `bytes.decode(encoding, errors)`.
pub fn decode(bytes: &[u8], encoding: Option<&Value>, errors: Option<&Value>) -> Answer<String> {
    let encoding = Encoding::find(text_argument(encoding, "utf-8", "decode", "encoding")?)?;
    let errors = text_argument(errors, "strict", "decode", "errors")?;
    let mut out = String::with_capacity(bytes.len());
    let bad = |out: &mut String, from: usize, to: usize, reason: &str| -> Answer<()> {
        match errors {
            "ignore" => {}
            "replace" => out.push('\u{fffd}'),
            "backslashreplace" => bytes[from..to].iter().for_each(|byte| out.push_str(&format!("\\x{byte:02x}"))),
            "strict" => {
                let args = vec![
                    Value::str(encoding.name()),
                    Value::bytes(bytes.to_vec()),
                    Value::Int(from as i64),
                    Value::Int(to as i64),
                    Value::str(reason),
                ];
                return Err(Stop::Raise(Exception::new(Type::UnicodeDecodeError, args)));
            }
            other => return Err(raise(Type::LookupError, format!("unknown error handler name '{other}'"))),
        }
        Ok(())
    };
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Signed => {
            let skip = if encoding == Encoding::Utf8Signed && bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
            let mut at = skip;
            loop {
                match std::str::from_utf8(&bytes[at..]) {
                    Ok(text) => {
                        out.push_str(text);
                        return Ok(out);
                    }
                    Err(error) => {
                        let valid = at + error.valid_up_to();
                        out.push_str(std::str::from_utf8(&bytes[at..valid]).unwrap_or_default());
                        let (length, reason) = utf8_mistake(&bytes[valid..], error.error_len());
                        bad(&mut out, valid, valid + length, reason)?;
                        at = valid + length;
                    }
                }
            }
        }
        Encoding::Ascii => {
            for (at, byte) in bytes.iter().enumerate() {
                if byte.is_ascii() {
                    out.push(*byte as char);
                } else {
                    bad(&mut out, at, at + 1, "ordinal not in range(128)")?;
                }
            }
        }
        Encoding::Latin1 => out.extend(bytes.iter().map(|byte| *byte as char)),
        Encoding::Utf16(order) => {
            let (little, skip) = byte_order(bytes, order, 2);
            let whole = bytes.len() - (bytes.len() - skip) % 2;
            let units = bytes[skip..whole].chunks_exact(2).map(|pair| {
                let pair = [pair[0], pair[1]];
                if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
            });
            let mut at = skip;
            for unit in char::decode_utf16(units) {
                match unit {
                    Ok(c) => {
                        out.push(c);
                        at += c.len_utf16() * 2;
                    }
                    Err(_) => {
                        bad(&mut out, at, at + 2, "illegal encoding")?;
                        at += 2;
                    }
                }
            }
            if whole < bytes.len() {
                bad(&mut out, whole, bytes.len(), "truncated data")?;
            }
        }
        Encoding::Utf32(order) => {
            let (little, skip) = byte_order(bytes, order, 4);
            let whole = bytes.len() - (bytes.len() - skip) % 4;
            for (index, quad) in bytes[skip..whole].chunks_exact(4).enumerate() {
                let quad = [quad[0], quad[1], quad[2], quad[3]];
                let code = if little { u32::from_le_bytes(quad) } else { u32::from_be_bytes(quad) };
                match char::from_u32(code) {
                    Some(c) => out.push(c),
                    None => {
                        let at = skip + index * 4;
                        bad(&mut out, at, at + 4, "code point not in range(0x110000)")?;
                    }
                }
            }
            if whole < bytes.len() {
                bad(&mut out, whole, bytes.len(), "truncated data")?;
            }
        }
    }
    Ok(out)
}

/// How many bytes are wrong and why, in CPython's words.
fn utf8_mistake(rest: &[u8], length: Option<usize>) -> (usize, &'static str) {
    let starts = matches!(rest.first(), Some(0xc2..=0xf4));
    match length {
        _ if !starts => (1, "invalid start byte"),
        Some(length) => (length, "invalid continuation byte"),
        None => (rest.len(), "unexpected end of data"),
    }
}

fn byte_order(bytes: &[u8], order: Option<bool>, width: usize) -> (bool, usize) {
    let little: &[u8] = if width == 2 { b"\xff\xfe" } else { b"\xff\xfe\0\0" };
    let big: &[u8] = if width == 2 { b"\xfe\xff" } else { b"\0\0\xfe\xff" };
    match order {
        Some(little) => (little, 0),
        None if bytes.starts_with(little) => (true, width),
        None if bytes.starts_with(big) => (false, width),
        None => (true, 0),
    }
}
