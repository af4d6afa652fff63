//! Many bytes of a head at a time: where lines may end, how far names go, what a target holds. Errors are found elsewhere.

use super::token;
use fearless_simd::prelude::*;
use fearless_simd::{i8x32, i8x64, mask8x64, u8x32, u8x64};

/// Bytes that are looked at together.
const BLOCK: usize = 64;
/// Blocks of one search: most heads are shorter.
const BLOCKS: usize = 16;
/// Places of one block at most: a byte that is none stands between two.
const OF_BLOCK: usize = BLOCK / 2;
/// Places that are kept; a search ends where the next block could have more.
const PLACES: usize = 96;

/// Where lines may end: the first of each group of bytes that are neither spaces nor visible characters of ASCII.
///
/// Many are found before the first is used. If the search for a line had to wait until the one in front is known, the
/// processor could not work on both at once.
#[derive(Debug)]
pub(super) struct Ends {
    places: [u32; PLACES],
    count: usize,
    next: usize,
    /// Up to where was searched.
    searched: usize,
    /// Whether the byte in front of that belongs to a group: 1 or 0.
    before: u64,
}

impl Ends {
    pub fn new() -> Self {
        Ends { places: [0; PLACES], count: 0, next: 0, searched: 0, before: 0 }
    }

    /// Begins to search at `start`, which is the beginning of a line.
    #[inline(always)]
    pub fn begin(&mut self, start: usize) {
        (self.count, self.next, self.searched, self.before) = (0, 0, start, 0);
    }

    /// Where the CR LF of the next line stands, if there is no other control but tabs in front of it; DEL is a control.
    #[inline(always)]
    pub fn line<S: Simd>(&mut self, simd: S, bytes: &[u8]) -> Option<usize> {
        loop {
            if let Some(place) = self.places[..self.count].get(self.next) {
                let at = *place as usize;
                self.next += 1;
                if bytes.get(at..at + 2) == Some(b"\r\n") {
                    return Some(at);
                }
                // A group of tabs and bytes above ASCII may stand in front of the line end or inside the line.
                let behind = at + bytes[at..].iter().take_while(|byte| matches!(byte, b'\t' | 0x80..)).count();
                match bytes.get(behind..)? {
                    [b'\r', b'\n', ..] => return Some(behind),
                    [b' '..=b'~', ..] => {}
                    _ => return None,
                }
            } else if self.searched < bytes.len().min(u32::MAX as usize) {
                self.search(simd, bytes);
            } else {
                return None;
            }
        }
    }

    /// Finds the places in the next blocks.
    #[inline(always)]
    fn search<S: Simd>(&mut self, simd: S, bytes: &[u8]) {
        (self.count, self.next) = (0, 0);
        let rest = &bytes[self.searched..];
        let (whole, tail) = rest[..rest.len().min(BLOCKS * BLOCK)].as_chunks();
        for block in whole {
            let others = not_visible_ascii(simd, block);
            self.keep(others);
            // Behind an empty line may be no line at all, and only there or with very short lines are these two set.
            if others & others >> 3 != 0 || self.count > PLACES - OF_BLOCK {
                return;
            }
        }
        if !tail.is_empty() {
            // The last block of all, without what stands in front.
            let others = match bytes.last_chunk() {
                Some(last) => not_visible_ascii(simd, last) >> (BLOCK - tail.len()),
                None => not_visible_ascii(simd, &padded(tail)),
            };
            self.keep(others);
        }
    }

    /// Adds the places of the next block, which has these bytes; the lowest bit is the first.
    #[inline(always)]
    fn keep(&mut self, others: u64) {
        let mut first = others & !(others << 1 | self.before);
        self.before = others >> (BLOCK - 1);
        let found = first.count_ones() as usize;
        let Some(places) = self.places[self.count..].first_chunk_mut::<OF_BLOCK>() else { return };
        let mut take = |place: &mut u32| {
            *place = self.searched as u32 + first.trailing_zeros();
            first &= first.wrapping_sub(1);
        };
        // Most blocks have a few: no branch for each.
        let (few, many) = places.split_at_mut(4);
        few.iter_mut().for_each(&mut take);
        if found > 4 {
            many.iter_mut().for_each(take);
        }
        self.count += found;
        self.searched += BLOCK;
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
fn not_visible_ascii<S: Simd>(simd: S, block: &[u8; BLOCK]) -> u64 {
    // One more, and DEL is the least of all numbers with a sign: one comparison is enough.
    let next = u8x64::from_slice(simd, block).bitcast::<i8x64<S>>() + 1;
    !next.simd_gt(0x20).to_bitmask()
}

/// How many of the bytes in front are letters or '-', of which most names consist; at most 32.
#[inline(always)]
pub(super) fn letters_and_dashes<S: Simd>(simd: S, bytes: &[u8; 32]) -> usize {
    // 'z' becomes the greatest of all numbers with a sign.
    const UP: i8 = 0x7f - b'z' as i8;
    let bytes = u8x32::from_slice(simd, bytes).bitcast::<i8x32<S>>();
    let letters = ((bytes | 0x20) + UP).simd_gt(b'a' as i8 + UP - 1);
    (letters | bytes.simd_eq(b'-' as i8)).to_bitmask().trailing_ones() as usize
}

/// What stands in a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TargetBytes {
    /// Whether all bytes may stand in a path or a query.
    pub good: bool,
    /// Where the first '?' stands.
    pub question: Option<usize>,
    /// Whether a '%' is there.
    pub percent: bool,
}

/// What stands in `bytes` from `start` to `end`; `None` where too few bytes are around it.
#[inline(always)]
pub(super) fn target<S: Simd>(simd: S, bytes: &[u8], start: usize, end: usize) -> Option<TargetBytes> {
    let mut found = TargetBytes { good: true, question: None, percent: false };
    let mut at = start;
    while at < end {
        let rest = bytes.get(at..)?;
        // At the end of all bytes: without what stands in front.
        let (block, before) = match rest.first_chunk::<BLOCK>() {
            Some(whole) => (whole, 0),
            None => (bytes.last_chunk::<BLOCK>()?, BLOCK - rest.len()),
        };
        let inside = u64::MAX >> (BLOCK - (end - at).min(BLOCK));
        let block = u8x64::from_slice(simd, block);
        let bits = |mask: mask8x64<S>| mask.to_bitmask() >> before & inside;
        let upper = u8x64::from_slice(simd, &BARRED.0).swizzle_dyn_within_blocks(block >> 4);
        let lower = u8x64::from_slice(simd, &BARRED.1).swizzle_dyn_within_blocks(block & 0x0f);
        found.good &= bits((upper & lower).simd_eq(0)) == inside;
        found.percent |= bits(block.simd_eq(b'%')) != 0;
        let questions = bits(block.simd_eq(b'?'));
        if questions != 0 && found.question.is_none() {
            found.question = Some(at + questions.trailing_zeros() as usize);
        }
        at += BLOCK;
    }
    Some(found)
}

/// For the upper and the lower half of a byte eight bits each; if both have one in common, it may not stand in a target.
static BARRED: ([u8; BLOCK], [u8; BLOCK]) = {
    // The highest bit is for all rows without a good byte; the others have one each. SIMD looks tables up in sixteens.
    let (mut rows, mut columns) = ([0x80; BLOCK], [0x80; BLOCK]);
    let mut index = 0;
    while index < BLOCK {
        let low = index as u8 % 16;
        let mut high = 2;
        while high < 8 {
            if index as u8 % 16 == high {
                rows[index] = 1 << (high - 2);
            }
            if !token::is(high << 4 | low, token::TARGET) {
                columns[index] |= 1 << (high - 2);
            }
            high += 1;
        }
        index += 1;
    }
    (rows, columns)
};

#[cfg(test)]
mod tests {
    use super::*;
    use fearless_simd::{Level, dispatch};

    /// What this machine can do, and the least of what its kind can.
    fn levels() -> [Level; 2] {
        [Level::new(), Level::baseline()]
    }

    /// Every line from `start` on, as far as they are found.
    fn lines(level: Level, bytes: &[u8], start: usize) -> Vec<usize> {
        let mut ends = Ends::new();
        ends.begin(start);
        std::iter::from_fn(|| dispatch!(level, simd => ends.line(simd, bytes))).collect()
    }

    #[test]
    fn lines_end_with_cr_lf_wherever_blocks_begin_and_end() {
        for level in levels() {
            for length in [2, 3, 31, 63, 64, 65, 66, 127, 128, 129, 200] {
                for end in 0..length {
                    let mut bytes = vec![0x80; length];
                    bytes[0] = b'\t';
                    bytes[end] = b'\r';
                    assert!(lines(level, &bytes, 0).is_empty(), "CR alone at {end} of {length}");
                    if end + 1 < length {
                        bytes[end + 1] = b'\n';
                        for start in 0..=end {
                            assert_eq!(lines(level, &bytes, start)[0], end, "{length} bytes from {start}");
                        }
                    }
                    if end > 1 {
                        bytes[end - 1] = 0x7f;
                        assert!(lines(level, &bytes, 0).is_empty(), "DEL in front of {end} of {length}");
                    }
                }
            }
            assert!(lines(level, b"", 0).is_empty());
        }
    }

    #[test]
    fn every_line_of_many_is_found_in_order() {
        for level in levels() {
            for length in 1..200 {
                let mut bytes = Vec::new();
                let mut wanted = Vec::new();
                while bytes.len() < 5000 {
                    bytes.extend((0..length).map(|index| if index % 3 == 1 { b'\t' } else { b'x' }));
                    wanted.push(bytes.len());
                    bytes.extend(b"\r\n");
                }
                assert_eq!(lines(level, &bytes, 0), wanted, "lines of {length} bytes");
            }
        }
    }

    #[test]
    fn every_control_byte_but_a_tab_is_found_in_every_place() {
        for level in levels() {
            for byte in 0..=u8::MAX {
                for place in 0..130 {
                    let mut bytes = [b'Z'; 132];
                    bytes[130..].copy_from_slice(b"\r\n");
                    bytes[place] = byte;
                    let wanted: &[usize] = if !byte.is_ascii_control() || byte == b'\t' { &[130] } else { &[] };
                    assert_eq!(lines(level, &bytes, 0), wanted, "{byte} at {place}");
                }
            }
        }
    }

    #[test]
    fn only_letters_and_dashes_are_counted() {
        for level in levels() {
            for byte in 0..=u8::MAX {
                for place in 0..=32 {
                    let mut bytes = [b'Z'; 32];
                    if let Some(one) = bytes.get_mut(place) {
                        *one = byte;
                    }
                    let plain = byte.is_ascii_alphabetic() || byte == b'-';
                    let counted = dispatch!(level, simd => letters_and_dashes(simd, &bytes));
                    assert_eq!(counted, if plain { 32 } else { place }, "{byte} at {place}");
                }
            }
        }
    }

    #[test]
    fn each_byte_of_a_target_is_judged_and_none_around_it() {
        for level in levels() {
            for byte in 0..=u8::MAX {
                for (start, end) in [(0, 1), (5, 69), (5, 70), (63, 64), (64, 130), (1, 190), (129, 192), (150, 192)] {
                    for place in [0, start, (start + end) / 2, end - 1, end] {
                        let mut bytes = [b'a'; 192];
                        if let Some(one) = bytes.get_mut(place) {
                            *one = byte;
                        }
                        let inside = (start..end).contains(&place);
                        let wanted = TargetBytes {
                            good: !inside || token::is(byte, token::TARGET),
                            question: (inside && byte == b'?').then_some(place),
                            percent: inside && byte == b'%',
                        };
                        let found = dispatch!(level, simd => target(simd, &bytes, start, end));
                        assert_eq!(found, Some(wanted), "{byte} at {place} of {start}..{end}");
                    }
                }
            }
            let few = dispatch!(level, simd => target(simd, b"GET / HTTP/1.1\r\n", 4, 5));
            assert_eq!(few, None, "too few bytes for a block");
        }
    }

    #[test]
    fn the_first_question_mark_counts() {
        let mut bytes = [b'a'; 192];
        for place in [100, 70, 69, 6] {
            bytes[place] = b'?';
            let found = dispatch!(Level::new(), simd => target(simd, &bytes, 5, 150));
            assert_eq!(found.and_then(|found| found.question), Some(place));
        }
    }
}
