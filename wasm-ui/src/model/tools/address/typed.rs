//! A text as `inet_aton` reads it, part by part, with a prefix or mask behind a slash.

use super::PREFIX;
use sockscope_core::address::{AtonError, Subnet, inet_aton};
use std::net::Ipv4Addr;

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Base {
    Decimal,
    Octal,
    Hexadecimal,
}

/// A number between dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// As it is written.
    pub text: String,
    /// How.
    pub base: Base,
    /// What it is.
    pub value: u64,
    /// Which bytes of the address it fills, `[from, to)`.
    pub bytes: (usize, usize),
}

/// What was typed, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The numbers, as far as they can be read.
    pub parts: Vec<Part>,
    /// What stands behind white space and is not looked at.
    pub ignored: String,
    /// The address, or the first thing that is wrong.
    pub address: Result<Ipv4Addr, AtonError>,
    /// What stands behind the slash, if there is one.
    pub prefix_text: Option<String>,
    /// Its length; `Err` where it is none. The usual one where nothing was typed.
    pub prefix: Result<u8, ()>,
}

impl Typed {
    /// The address in its network.
    pub fn subnet(&self) -> Option<Subnet> {
        Subnet::new(self.address.ok()?, self.prefix.ok()?)
    }
}

/// Reads what was typed.
pub fn typed(text: &str) -> Typed {
    let (address, behind) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix.trim())),
        None => (text, None),
    };
    let prefix = match behind {
        None => Ok(PREFIX),
        // The way of core reads lengths and masks; the address before it is any.
        Some(prefix) => format!("0.0.0.0/{prefix}").parse::<Subnet>().map(Subnet::prefix).map_err(|_| ()),
    };
    let end = address.find(|c: char| c.is_ascii_whitespace() || c == '\x0b').unwrap_or(address.len());
    let (numbers, ignored) = address.split_at(end);
    Typed {
        parts: parts(numbers),
        ignored: ignored.to_owned(),
        address: inet_aton(address),
        prefix_text: behind.map(str::to_owned),
        prefix,
    }
}

fn parts(numbers: &str) -> Vec<Part> {
    let texts: Vec<&str> = numbers.split('.').take(5).collect();
    let last = texts.len() - 1;
    texts
        .iter()
        .enumerate()
        .map_while(|(place, text)| {
            let (base, digits, radix) = match text.as_bytes() {
                [b'0', b'x' | b'X', _, ..] => (Base::Hexadecimal, &text[2..], 16),
                [b'0', _, ..] => (Base::Octal, &text[1..], 8),
                _ => (Base::Decimal, *text, 10),
            };
            // `from_str_radix` would take a sign.
            let whole = digits.chars().all(|digit| digit.is_digit(radix));
            let value = u64::from_str_radix(digits, radix).ok().filter(|_| whole)?;
            let to = if place == last { 4 } else { place + 1 };
            Some(Part { text: (*text).to_owned(), base, value, bytes: (place.min(3), to.min(4)) })
        })
        .take(4)
        .collect()
}

/// The same text with another length behind the slash.
pub fn with_prefix(text: &str, prefix: u8) -> String {
    let address = text.split('/').next().unwrap_or_default().trim_end();
    format!("{address}/{prefix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_fills_the_bytes_that_are_left() {
        let typed = typed("127.1");
        assert_eq!(typed.address, Ok(Ipv4Addr::LOCALHOST));
        assert_eq!(typed.parts.iter().map(|part| part.bytes).collect::<Vec<_>>(), [(0, 1), (1, 4)]);
        assert_eq!(super::typed("0x7f000001").parts[0].bytes, (0, 4));
    }

    #[test]
    fn numbers_say_how_they_are_written() {
        let typed = typed("0177.0xA.08.9");
        let read: Vec<_> = typed.parts.iter().map(|part| (part.base, part.value)).collect();
        assert_eq!(read, [(Base::Octal, 127), (Base::Hexadecimal, 10)], "08 is no octal number");
        assert!(typed.address.is_err());
    }

    #[test]
    fn a_prefix_is_a_length_or_a_mask() {
        assert_eq!(typed("10.0.0.5/26").prefix, Ok(26));
        assert_eq!(typed("10.1/255.255.0.0").subnet().unwrap().to_string(), "10.0.0.1/16");
        assert_eq!(typed("10.0.0.5").prefix, Ok(PREFIX));
        for wrong in ["10.0.0.5/", "10.0.0.5/33", "10.0.0.5/255.0.255.0", "10.0.0.5/x"] {
            assert_eq!(typed(wrong).prefix, Err(()), "{wrong}");
        }
        assert_eq!(with_prefix("10.1 /3", 12), "10.1/12");
    }

    #[test]
    fn what_stands_behind_a_space_is_not_looked_at() {
        let typed = typed("10.1 and more");
        assert_eq!((typed.address, typed.ignored.as_str()), (Ok(Ipv4Addr::new(10, 0, 0, 1)), " and more"));
        for rubbish in ["", ".", "1..2", "1.2.3.4.5", "4294967296", "99999999999999999999999", "１", "0x", "-1"] {
            assert!(super::typed(rubbish).address.is_err(), "{rubbish}");
        }
    }
}
