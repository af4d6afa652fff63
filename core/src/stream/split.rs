//! Ways to cut a stream into the pieces it arrives in, for anything that must not care how it is cut.

use crate::random::Random;
use std::str::FromStr;
use thiserror::Error;

/// How bytes are cut. On the command line: `all`, `bytes`, `random:SEED`, `at:OFFSET`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// In one piece.
    #[default]
    All,
    /// Byte by byte.
    Bytes,
    /// In pieces of 1 to 64 bytes that the seed chooses.
    Random(u64),
    /// In two pieces, the second from this offset on.
    At(u64),
}

/// The word names no way to cut.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is none of all, bytes, random:SEED, at:OFFSET")]
pub struct SplitError(pub String);

impl FromStr for Split {
    type Err = SplitError;
    fn from_str(word: &str) -> Result<Self, SplitError> {
        match word.split_once(':') {
            None if word == "all" => Ok(Split::All),
            None if word == "bytes" => Ok(Split::Bytes),
            Some(("random", seed)) => seed.parse().map(Split::Random).map_err(|_| SplitError(word.to_owned())),
            Some(("at", offset)) => offset.parse().map(Split::At).map_err(|_| SplitError(word.to_owned())),
            _ => Err(SplitError(word.to_owned())),
        }
    }
}

impl Split {
    /// The pieces, in order; none is empty.
    pub fn pieces(self, bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
        let mut random = Random::new(match self {
            Split::Random(seed) => seed,
            Split::All | Split::Bytes | Split::At(_) => 0,
        });
        let mut rest = bytes;
        let mut first = true;
        std::iter::from_fn(move || {
            let wanted = match self {
                // An offset outside the bytes cuts nothing.
                Split::At(offset) if std::mem::take(&mut first) && offset > 0 => {
                    usize::try_from(offset).unwrap_or(usize::MAX)
                }
                Split::All | Split::At(_) => rest.len(),
                Split::Bytes => 1,
                Split::Random(_) => 1 + random.below(64) as usize,
            };
            let (piece, tail) = rest.split_at(wanted.min(rest.len()));
            rest = tail;
            (!piece.is_empty()).then_some(piece)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_split_gives_all_bytes_in_order() {
        let bytes: Vec<u8> = (0..=255).collect();
        for split in [Split::All, Split::Bytes, Split::Random(7), Split::At(0), Split::At(100), Split::At(900)] {
            let pieces: Vec<&[u8]> = split.pieces(&bytes).collect();
            assert_eq!(pieces.concat(), bytes);
            assert!(pieces.iter().all(|piece| !piece.is_empty()));
        }
    }

    #[test]
    fn words_name_splits() {
        assert_eq!("random:9".parse(), Ok(Split::Random(9)));
        assert_eq!("at:9".parse(), Ok(Split::At(9)));
        assert_eq!(Split::At(2).pieces(b"abc").collect::<Vec<_>>(), [&b"ab"[..], b"c"]);
        assert!("random".parse::<Split>().is_err());
        assert!("halves".parse::<Split>().is_err());
    }
}
