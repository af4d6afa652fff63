//! What characters are: printable, decimal digits, spaces, as far as Rust's own tables tell.

/// The decimal value of a digit of any script.
pub fn decimal(c: char) -> Option<u32> {
    if let Some(digit) = c.to_digit(10) {
        return Some(digit);
    }
    // Zeros of the scripts a student meets: Arabic, Persian, Devanagari, Bengali, Thai, fullwidth.
    const ZEROS: &[u32] = &[0x0660, 0x06f0, 0x0966, 0x09e6, 0x0e50, 0xff10];
    let code = c as u32;
    ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)).map(|zero| code - zero)
}

/// Whether `repr` shows the character itself.
pub fn printable(c: char) -> bool {
    let code = c as u32;
    if code < 0x7f {
        return code >= 0x20;
    }
    let hidden = c.is_control()
        || c.is_whitespace()
        || matches!(code,
            0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e
            | 0x2060..=0x206f | 0xd800..=0xf8ff | 0xfeff | 0xfff0..=0xfffb | 0xfffe | 0xffff
            | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff | 0xf0000..=0x10ffff);
    !hidden
}

/// Whether `str.isspace` and `strip` take it for a space.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

/// Whether `bytes.isspace` and `strip` take it for a space.
pub fn is_byte_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// Whether a line ends at this character for `str.splitlines`.
pub fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
}
