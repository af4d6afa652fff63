//! `inet_aton` and `inet_ntoa` as the C library of Linux has them, with the place of what it refuses.

use crate::stream::Range;
use serde::Serialize;
use std::net::Ipv4Addr;

/// A text that `inet_aton` refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {kind}")]
pub struct AtonError {
    /// Offset in bytes of the first byte that is wrong, or the length of the text where it ends too early.
    pub at: usize,
    /// What is wrong there.
    pub kind: AtonErrorKind,
}

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AtonErrorKind {
    /// A number has to begin here.
    #[error("a digit is expected")]
    Digit,
    /// The number does not fit into the bytes that it stands for.
    #[error("the number is larger than {limit}")]
    TooLarge {
        /// The largest it may be.
        limit: u32,
    },
    /// More than four numbers.
    #[error("more than four numbers")]
    TooMany,
    /// Something other than a dot, white space or the end follows the number. An `8` in an octal number is one such.
    #[error("this cannot follow the number")]
    Trailing,
}

impl AtonErrorKind {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            AtonErrorKind::Digit => "digit",
            AtonErrorKind::TooLarge { .. } => "too_large",
            AtonErrorKind::TooMany => "too_many",
            AtonErrorKind::Trailing => "trailing",
        }
    }
}

/// A text as `inet_aton` reads it, number by number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Aton {
    /// The address.
    pub address: Ipv4Addr,
    /// One to four numbers.
    pub parts: Vec<AtonPart>,
    /// The text behind the first white space, which is not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignored: Option<Range>,
}

/// One number of such a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AtonPart {
    /// Where it stands in the text, in bytes.
    pub range: Range,
    /// As it is written.
    pub text: String,
    /// 8, 10 or 16.
    pub base: u32,
    /// What it is.
    pub value: u32,
    /// The bytes of the address that it fills, from 0.
    pub fills: Range,
}

/// The address a text stands for, in every form of glibc: one to four numbers with dots between them, each decimal,
/// octal (leading `0`) or hexadecimal (leading `0x`); the last fills all bytes that are left. Whatever follows the
/// first white space is not looked at.
///
/// ```
/// use sockscope_core::address::inet_aton;
/// assert_eq!(inet_aton("127.1").unwrap().octets(), [127, 0, 0, 1]);
/// assert_eq!(inet_aton("0x7f.0.0.010 of course").unwrap().octets(), [127, 0, 0, 8]);
/// assert_eq!(inet_aton("10.0.0.256").unwrap_err().to_string(), "byte 7: the number is larger than 255");
/// ```
pub fn inet_aton(text: &str) -> Result<Ipv4Addr, AtonError> {
    read_aton(text).map(|aton| aton.address)
}

/// The same, and how each number of the text was read.
pub fn read_aton(text: &str) -> Result<Aton, AtonError> {
    let bytes = text.as_bytes();
    let mut address: u32 = 0;
    let mut at = 0;
    let mut parts = Vec::new();
    let note = |start: usize, end: usize, base, value: u64, fills| AtonPart {
        range: Range(start as u64, end as u64),
        text: text[start..end].to_owned(),
        base,
        value: value as u32,
        fills,
    };
    for part in 0..=4_u64 {
        if part == 4 {
            return Err(AtonError { at: at - 1, kind: AtonErrorKind::TooMany });
        }
        let start = at;
        let (base, value) = number(bytes, &mut at)?;
        let too_large = |limit| Err(AtonError { at: start, kind: AtonErrorKind::TooLarge { limit } });
        if bytes.get(at) == Some(&b'.') {
            if part < 3 && value > 0xff {
                return too_large(0xff);
            }
            parts.push(note(start, at, base, value, Range(part, part + 1)));
            at += 1;
            address |= (value as u32 & 0xff) << (24 - 8 * part.min(3) as u32);
            continue;
        }
        // The space of the C locale: unlike Rust's, it has the vertical tab.
        if bytes.get(at).is_some_and(|byte| !byte.is_ascii_whitespace() && *byte != 0x0b) {
            return Err(AtonError { at, kind: AtonErrorKind::Trailing });
        }
        let limit = u32::MAX >> (8 * part as u32);
        if value > u64::from(limit) {
            return too_large(limit);
        }
        address |= value as u32;
        parts.push(note(start, at, base, value, Range(part, 4)));
        break;
    }
    let ignored = (at < bytes.len()).then_some(Range(at as u64, bytes.len() as u64));
    Ok(Aton { address: Ipv4Addr::from_bits(address), parts, ignored })
}

/// Base and value of a number as `strtoul` with base 0 reads it, except that it has to begin with a digit. Stops growing above 32 bits.
fn number(bytes: &[u8], at: &mut usize) -> Result<(u32, u64), AtonError> {
    if !bytes.get(*at).is_some_and(u8::is_ascii_digit) {
        return Err(AtonError { at: *at, kind: AtonErrorKind::Digit });
    }
    let base = match bytes[*at..] {
        [b'0', b'x' | b'X', digit, ..] if digit.is_ascii_hexdigit() => {
            *at += 2;
            16
        }
        // A zero that stands alone is one in every base.
        [b'0', digit, ..] if digit.is_ascii_digit() => 8,
        _ => 10,
    };
    let mut value: u64 = 0;
    while let Some(digit) = bytes.get(*at).and_then(|byte| char::from(*byte).to_digit(base)) {
        value = (value * u64::from(base) + u64::from(digit)).min(1 << 32);
        *at += 1;
    }
    Ok((base, value))
}

/// A packed address that has not four bytes: Python's `OSError: packed IP wrong length`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a packed IPv4 address has 4 bytes, not {have}")]
pub struct PackedLength {
    /// Bytes it has.
    pub have: usize,
}

/// The dotted decimal form of four bytes.
pub fn inet_ntoa(packed: &[u8]) -> Result<String, PackedLength> {
    let octets: [u8; 4] = packed.try_into().map_err(|_| PackedLength { have: packed.len() })?;
    Ok(Ipv4Addr::from(octets).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Err` holds place and kind.
    fn aton(text: &str) -> Result<[u8; 4], (usize, AtonErrorKind)> {
        inet_aton(text).map(|address| address.octets()).map_err(|error| (error.at, error.kind))
    }

    #[test]
    fn the_last_number_fills_the_bytes_that_are_left() {
        assert_eq!(aton("127.0.0.1"), Ok([127, 0, 0, 1]));
        assert_eq!(aton("1.2.772"), Ok([1, 2, 3, 4]));
        assert_eq!(aton("1.131844"), Ok([1, 2, 3, 4]));
        assert_eq!(aton("16909060"), Ok([1, 2, 3, 4]));
        assert_eq!(aton("4294967295"), Ok([255; 4]));
        assert_eq!(aton("0"), Ok([0; 4]));
    }

    #[test]
    fn octal_and_hexadecimal_numbers_are_read() {
        assert_eq!(aton("0177.0XfF.010.0x0"), Ok([127, 255, 8, 0]));
        assert_eq!(aton("0xA000001"), Ok([10, 0, 0, 1]));
        assert_eq!(aton("0000000000000000012.1"), Ok([10, 0, 0, 1]));
    }

    #[test]
    fn only_a_zero_in_front_of_another_digit_makes_a_number_octal() {
        let bases = |text| read_aton(text).unwrap().parts.iter().map(|part| part.base).collect::<Vec<_>>();
        assert_eq!(bases("10.0.00.0x0"), [10, 10, 8, 16]);
        assert_eq!(bases("0"), [10]);
    }

    #[test]
    fn text_behind_white_space_is_not_looked_at() {
        for space in [' ', '\t', '\n', '\x0b', '\x0c', '\r'] {
            assert_eq!(aton(&format!("10.1{space}anything.256")), Ok([10, 0, 0, 1]), "{space:?}");
        }
    }

    #[test]
    fn what_libc_refuses_is_refused_in_its_place() {
        use AtonErrorKind::*;
        for (text, at, kind) in [
            ("", 0, Digit),
            (" 1.2.3.4", 0, Digit),
            ("-1", 0, Digit),
            ("1..2", 2, Digit),
            ("1.2.3.", 6, Digit),
            ("1. 2", 2, Digit),
            ("1.2.3.4.5", 7, TooMany),
            ("256.1", 0, TooLarge { limit: 255 }),
            ("1.16777216", 2, TooLarge { limit: 0xff_ffff }),
            ("1.2.65536", 4, TooLarge { limit: 0xffff }),
            ("1.2.3.256", 6, TooLarge { limit: 255 }),
            ("4294967296", 0, TooLarge { limit: u32::MAX }),
            ("99999999999999999999999999", 0, TooLarge { limit: u32::MAX }),
            ("1.2.3.4x", 7, Trailing),
            ("08", 1, Trailing),
            ("0x", 1, Trailing),
            ("0xg", 1, Trailing),
            ("1.2.3.4\u{a0}", 7, Trailing),
            ("１.2.3.4", 0, Digit),
        ] {
            assert_eq!(aton(text), Err((at, kind)), "{text:?}");
        }
    }

    #[test]
    fn four_bytes_are_printed_and_others_refused() {
        assert_eq!(inet_ntoa(&[10, 0, 0, 255]).unwrap(), "10.0.0.255");
        assert_eq!(inet_ntoa(b"abc"), Err(PackedLength { have: 3 }));
        assert_eq!(inet_ntoa(b"abcde"), Err(PackedLength { have: 5 }));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic_and_every_address_comes_back(text in ".*", bits: u32) {
            let _ = inet_aton(&text);
            let address = Ipv4Addr::from_bits(bits);
            proptest::prop_assert_eq!(inet_aton(&inet_ntoa(&address.octets()).unwrap()), Ok(address));
            proptest::prop_assert_eq!(inet_aton(&format!("0x{bits:x}")), Ok(address));
            proptest::prop_assert_eq!(inet_aton(&format!("0{bits:o}")), Ok(address));
        }
    }
}
