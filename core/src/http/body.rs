//! Chunk-size lines of the chunked coding (RFC 9112, 7.1).

use super::error::Kind;
use super::token::token_length;
use crate::stream::Range;

/// A chunk-size line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkLine<'a> {
    /// Bytes of the chunk; zero for the last one.
    pub size: u64,
    /// Where the size stands in the stream.
    pub size_range: Range,
    /// The extensions as written, from the first `;`; mostly empty.
    pub extension: &'a [u8],
    /// Where they stand in the stream.
    pub extension_range: Range,
}

impl ChunkLine<'static> {
    /// One without extensions.
    pub(super) fn plain(size: u64, digits: usize, base: u64) -> Self {
        let behind = base + digits as u64;
        ChunkLine { size, size_range: Range(base, behind), extension: &[], extension_range: Range(behind, behind) }
    }
}

/// The size at the beginning and its digits, if CR LF stands behind it.
#[inline]
pub(super) fn plain_size(bytes: &[u8]) -> Option<(usize, usize)> {
    // No data of more than 28 bits is there at once.
    const DIGITS: usize = 7;
    let (mut size, mut digits) = (0, 0);
    loop {
        let value = HEXADECIMAL[usize::from(*bytes.get(digits)?)];
        if value == NONE || digits == DIGITS {
            break;
        }
        size = size << 4 | usize::from(value);
        digits += 1;
    }
    (digits > 0 && bytes[digits..].starts_with(b"\r\n")).then_some((size, digits))
}

/// What each hexadecimal digit stands for.
static HEXADECIMAL: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value] as usize] = value as u8;
        values[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    values
};
const NONE: u8 = 16;

/// Reads a chunk-size line without its line end.
pub(super) fn chunk_line(line: &[u8], base: u64) -> Result<ChunkLine<'_>, (usize, Kind)> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let byte = line.get(digits).copied();
    if digits == 0 {
        return Err((0, Kind::ChunkSizeSyntax { byte: byte.unwrap_or(b'\r') }));
    }
    let mut size = 0_u64;
    for &digit in &line[..digits] {
        let value = (digit as char).to_digit(16).unwrap_or(0);
        size = match size.checked_mul(16) {
            Some(shifted) => shifted + u64::from(value),
            None => return Err((0, Kind::ChunkSizeTooLarge)),
        };
    }
    let extension = &line[digits..];
    extensions(extension).map_err(|at| {
        let byte = extension.get(at).copied().unwrap_or(b'\r');
        let begun = extension[..at].contains(&b';');
        let kind = if begun { Kind::ChunkExtension { byte } } else { Kind::ChunkSizeSyntax { byte } };
        (digits + at, kind)
    })?;
    let behind = base + digits as u64;
    Ok(ChunkLine {
        size,
        size_range: Range(base, behind),
        extension,
        extension_range: Range(behind, behind + extension.len() as u64),
    })
}

/// `*( BWS ";" BWS name [ BWS "=" BWS value ] )`; an error is the offset of the byte at fault.
fn extensions(bytes: &[u8]) -> Result<(), usize> {
    let skip_blanks = |at: usize| at + bytes[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let mut at = 0;
    while at < bytes.len() {
        let semicolon = skip_blanks(at);
        match bytes.get(semicolon) {
            Some(b';') => {}
            // Blanks that nothing follows are no bad whitespace but an error of their own.
            None => return Err(at),
            Some(_) => return Err(semicolon),
        }
        let name = skip_blanks(semicolon + 1);
        at = name + token_length(&bytes[name..]);
        if at == name {
            return Err(name);
        }
        let equals = skip_blanks(at);
        if bytes.get(equals) == Some(&b'=') {
            let value = skip_blanks(equals + 1);
            at = match bytes.get(value) {
                Some(b'"') => value + quoted_length(&bytes[value..]).map_err(|bad| value + bad)?,
                _ => value + token_length(&bytes[value..]),
            };
            if at == value {
                return Err(value);
            }
        }
    }
    Ok(())
}

/// Bytes of the quoted string at the beginning (RFC 9110, 5.6.4); an error is the offset of the byte at fault.
fn quoted_length(bytes: &[u8]) -> Result<usize, usize> {
    let mut at = 1;
    loop {
        match bytes.get(at) {
            None => return Err(at),
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => match bytes.get(at + 1) {
                Some(b'\t' | b' '..=b'~' | 0x80..) => at += 2,
                _ => return Err(at + 1),
            },
            Some(b'\t' | b' '..=b'~' | 0x80..) => at += 1,
            Some(_) => return Err(at),
        }
    }
}
