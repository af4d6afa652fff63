//! The texts of `wire.toml` in one language, cut at their gaps once: a large capture says the same sentence a hundred
//! thousand times.

use sockscope_core::packets::{Argument, Summary};
use std::collections::BTreeMap;
use std::io::Write as _;

use crate::cli::words::Words;

/// The texts of one language.
pub struct Phrases {
    /// Of `wire.toml`.
    pub words: Words,
    /// Of summaries, by their key.
    summaries: BTreeMap<&'static str, Vec<Part>>,
}

#[derive(Clone, Copy)]
enum Part {
    Text(&'static str),
    Gap(&'static str),
    /// One word if the value of the gap is 1, another if not.
    Choice(&'static str, &'static str, &'static str),
}

impl Phrases {
    pub fn new(words: Words) -> Self {
        let words = words.of("wire");
        let cut = |key: &&'static str| {
            let template = words.plain(&format!("summary_{key}"));
            (*key, parts(template))
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
                Part::Text(text) => out.extend_from_slice(text.as_bytes()),
                Part::Gap(name) => {
                    if let Some((_, value)) = summary.args.iter().find(|(known, _)| known == name) {
                        let _ = write!(out, "{value}");
                    }
                }
                Part::Choice(name, one, other) => {
                    let is_one = summary.args.contains(&(*name, Argument::Number(1)));
                    let words = if is_one { one } else { other };
                    out.extend_from_slice(words.as_bytes());
                }
            }
        }
    }
}

fn parts(template: &'static str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((text, gap)) = rest.split_once('{') {
        let Some((name, behind)) = gap.split_once('}') else { break };
        let choice = |(name, words): (&'static str, &'static str)| {
            words.split_once('|').map(|(one, other)| Part::Choice(name, one, other))
        };
        let part = name.split_once(':').and_then(choice).unwrap_or(Part::Gap(name));
        parts.extend([Part::Text(text), part]);
        rest = behind;
    }
    parts.push(Part::Text(rest));
    parts
}
