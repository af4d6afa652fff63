//! Where lines of a head end and how far their names go, many bytes at a time. It judges no byte but controls.

use wide::i8x16;

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// How long the line at `start` is that ends with CR LF, if no other control but a tab stands in it; DEL is a control.
#[inline(always)]
pub(super) fn line_length(bytes: &[u8], start: usize) -> Option<usize> {
    let mut block = start;
    loop {
        let rest = bytes.get(block..)?;
        let mut others = match (rest.first_chunk(), bytes.last_chunk()) {
            (Some(whole), _) => not_visible_ascii(whole),
            (None, _) if rest.is_empty() => return None,
            // The last block of all, without what stands in front.
            (None, Some(last)) => not_visible_ascii(last) >> (BLOCK - rest.len()),
            (None, None) => not_visible_ascii(&padded(rest)),
        };
        while others != 0 {
            let at = others.trailing_zeros() as usize;
            match *rest.get(at..)? {
                [b'\r', b'\n', ..] => return Some(block - start + at),
                [b'\t' | 0x80.., ..] => others &= others - 1,
                _ => return None,
            }
        }
        block += BLOCK;
    }
}

#[inline(never)]
fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut padded = [b' '; BLOCK];
    padded[..rest.len()].copy_from_slice(rest);
    padded
}

/// A bit for each byte that is neither a space nor a visible character of ASCII; the first byte is the lowest.
#[inline(always)]
fn not_visible_ascii(block: &[u8; BLOCK]) -> u64 {
    let mut visible = 0;
    for (index, sixteen) in block.as_chunks::<16>().0.iter().enumerate() {
        // One more, and DEL is the least of all numbers with a sign: one comparison is enough.
        let next = signed(sixteen) + i8x16::splat(1);
        visible |= u64::from(next.simd_gt(i8x16::splat(0x20)).to_bitmask()) << (16 * index);
    }
    !visible
}

/// How many of the bytes in front are letters or '-', of which most names consist; at most 32.
#[inline(always)]
pub(super) fn letters_and_dashes(bytes: &[u8; 32]) -> usize {
    // 'z' becomes the greatest of all numbers with a sign.
    const UP: i8 = 0x7f - b'z' as i8;
    let mut plain = 0;
    for (index, sixteen) in bytes.as_chunks::<16>().0.iter().enumerate() {
        let bytes = signed(sixteen);
        let raised = (bytes | i8x16::splat(0x20)) + i8x16::splat(UP);
        let letters = raised.simd_gt(i8x16::splat(b'a' as i8 + UP - 1));
        let either = letters | bytes.simd_eq(i8x16::splat(b'-' as i8));
        plain |= either.to_bitmask() << (16 * index);
    }
    plain.trailing_ones() as usize
}

#[inline(always)]
fn signed(bytes: &[u8; 16]) -> i8x16 {
    i8x16::new(bytes.map(|byte| byte as i8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_the_first_cr_lf_wherever_blocks_begin_and_end() {
        for length in [2, 3, 31, 63, 64, 65, 66, 127, 128, 129, 200] {
            for end in 0..length {
                let mut bytes = vec![0x80; length];
                bytes[0] = b'\t';
                bytes[end] = b'\r';
                assert_eq!(line_length(&bytes, 0), None, "CR alone at {end} of {length}");
                if end + 1 < length {
                    bytes[end + 1] = b'\n';
                    for start in 0..=end {
                        assert_eq!(line_length(&bytes, start), Some(end - start), "{length} bytes from {start}");
                    }
                }
                if end > 1 {
                    bytes[end - 1] = 0x7f;
                    assert_eq!(line_length(&bytes, 0), None, "DEL in front of {end} of {length}");
                }
            }
        }
        assert_eq!(line_length(b"", 0), None);
    }

    #[test]
    fn every_control_byte_but_a_tab_is_found_in_every_place() {
        for byte in 0..=u8::MAX {
            for place in 0..130 {
                let mut bytes = [b'Z'; 132];
                bytes[130..].copy_from_slice(b"\r\n");
                bytes[place] = byte;
                let wanted = (!byte.is_ascii_control() || byte == b'\t').then_some(130);
                assert_eq!(line_length(&bytes, 0), wanted, "{byte} at {place}");
            }
        }
    }

    #[test]
    fn only_letters_and_dashes_are_counted() {
        for byte in 0..=u8::MAX {
            for place in 0..=32 {
                let mut bytes = [b'Z'; 32];
                if let Some(one) = bytes.get_mut(place) {
                    *one = byte;
                }
                let plain = byte.is_ascii_alphabetic() || byte == b'-';
                assert_eq!(letters_and_dashes(&bytes), if plain { 32 } else { place }, "{byte} at {place}");
            }
        }
    }
}
