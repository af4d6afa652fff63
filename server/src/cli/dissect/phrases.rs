//! The texts of `wire.toml` in one language, cut at their gaps once: a large capture says the same sentence a hundred
//! thousand times.

use sockscope_core::packets::{Argument, Summary};
use sockscope_core::trace::narrate::{Piece, pieces};
use std::collections::BTreeMap;
use std::io::Write as _;

use crate::cli::words::Words;

/// The texts of one language.
pub struct Phrases {
    /// Of `wire.toml`.
    pub words: Words,
    /// Of summaries, by their key.
    summaries: BTreeMap<&'static str, Vec<Piece<'static>>>,
}

impl Phrases {
    pub fn new(words: Words) -> Self {
        let words = words.of("wire");
        let cut = |key: &&'static str| {
            let template = words.plain(&format!("summary_{key}"));
            (*key, pieces(template).collect())
        };
        Phrases { words, summaries: Summary::KEYS.iter().map(cut).collect() }
    }

    /// The text `wire.KEY`.
    pub fn plain(&self, key: &str) -> &'static str {
        self.words.plain(&key.replace('.', "_"))
    }

    /// The same with its gaps filled.
    pub fn with(&self, key: &str, args: &[(&'static str, String)]) -> String {
        self.words.with(&key.replace('.', "_"), args)
    }

    /// Writes a summary.
    pub fn summary(&self, out: &mut Vec<u8>, summary: &Summary<'_>) {
        for part in self.summaries.get(summary.key).map(Vec::as_slice).unwrap_or_default() {
            match part {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Gap { name, words: Some((one, other)), .. } => {
                    let is_one = summary.args.contains(&(*name, Argument::Number(1)));
                    out.extend_from_slice(if is_one { one } else { other }.as_bytes());
                }
                Piece::Gap { name, .. } => {
                    if let Some((_, value)) = summary.args.iter().find(|(known, _)| known == name) {
                        let _ = write!(out, "{value}");
                    }
                }
            }
        }
    }
}
