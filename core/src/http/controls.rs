//! Where in a head control bytes stand, which end its lines: a bitmap of 64 bytes at a time. It judges no byte.

/// Bytes of one block of the bitmap.
const BLOCK: usize = 64;

/// Goes from one control byte to the next; DEL is one.
pub(super) struct Controls<'a> {
    bytes: &'a [u8],
    /// Where the block begins.
    block: usize,
    /// Those of the block that are not passed yet.
    ahead: u64,
}

impl<'a> Controls<'a> {
    /// Those from `from` on.
    pub fn new(bytes: &'a [u8], from: usize) -> Self {
        Controls { bytes, block: from, ahead: bitmap(bytes, from) }
    }

    /// The next one.
    #[inline(always)]
    pub fn next(&mut self) -> Option<usize> {
        while self.ahead == 0 {
            self.block += BLOCK;
            if self.block >= self.bytes.len() {
                return None;
            }
            self.ahead = bitmap(self.bytes, self.block);
        }
        let at = self.block + self.ahead.trailing_zeros() as usize;
        self.ahead &= self.ahead - 1;
        Some(at)
    }

    /// Where this line ends with CR LF, if no other control but a tab stands before that.
    #[inline(always)]
    pub fn line_end(&mut self) -> Option<usize> {
        let mut at = self.next()?;
        while self.bytes[at] == b'\t' {
            at = self.next()?;
        }
        if !self.bytes[at..].starts_with(b"\r\n") {
            return None;
        }
        self.next();
        Some(at)
    }
}

/// A bit for each control byte of the block at `at`, the first byte the lowest. Written so that the compiler makes it wide:
/// which bytes are controls for all at once, then the weights of each eight added up.
#[inline(never)]
fn bitmap(bytes: &[u8], at: usize) -> u64 {
    let rest = &bytes[at..];
    let mut padded = [b' '; BLOCK];
    let block = rest.first_chunk().unwrap_or_else(|| {
        padded[..rest.len()].copy_from_slice(rest);
        &padded
    });
    let mut weights = [0_u8; BLOCK];
    for (index, (weight, byte)) in weights.iter_mut().zip(block).enumerate() {
        *weight = if byte.is_ascii_control() { 1 << (index % 8) } else { 0 };
    }
    let mut sums = [0_u8; BLOCK / 8];
    for (sum, eight) in sums.iter_mut().zip(weights.as_chunks::<8>().0) {
        *sum = eight.iter().sum();
    }
    u64::from_le_bytes(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_found_wherever_blocks_begin_and_end() {
        for length in [1, 7, 63, 64, 65, 127, 128, 200] {
            let bytes: Vec<u8> = (0..length).map(|index| (index * 37 % 251) as u8).collect();
            for from in 0..length {
                let mut controls = Controls::new(&bytes, from);
                let found: Vec<usize> = std::iter::from_fn(|| controls.next()).collect();
                let wanted: Vec<usize> = (from..length).filter(|at| bytes[*at].is_ascii_control()).collect();
                assert_eq!(found, wanted, "{length} bytes from {from}");
            }
        }
    }
}
