//! Why a program was not accepted: one sentence and one place for each mistake.

use super::code::position;
use ruff_text_size::TextRange;
use serde::Serialize;
use std::fmt;

/// How many are listed; the rest is not worth reading before these are mended.
pub const MOST: usize = 20;

/// One reason why a program cannot run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// A stable word: `syntax`, `outside_subset`, `unknown_import`, `too_long`, `too_deep`.
    pub code: &'static str,
    /// The sentence, in English.
    pub message: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in characters.
    pub column: u32,
    /// Line of the end, from 1.
    pub end_line: u32,
    /// Column after the last character, from 1.
    pub end_column: u32,
    /// What the sentence is made of, for other languages.
    pub args: Vec<(&'static str, String)>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for Refusal {}

/// Collects refusals of one source.
pub struct Refusals<'a> {
    source: &'a str,
    lines: &'a [u32],
    found: Vec<Refusal>,
}

impl<'a> Refusals<'a> {
    /// None so far.
    pub fn new(source: &'a str, lines: &'a [u32]) -> Self {
        Refusals { source, lines, found: Vec::new() }
    }

    /// One more.
    pub fn add(&mut self, code: &'static str, range: TextRange, message: String, args: Vec<(&'static str, String)>) {
        if self.found.len() >= MOST {
            return;
        }
        let (line, column) = position(self.source, self.lines, range.start().to_u32());
        let (end_line, end_column) = position(self.source, self.lines, range.end().to_u32());
        self.found.push(Refusal { code, message, line, column, end_line, end_column, args });
    }

    /// Something Python has and the subset has not.
    pub fn outside(&mut self, range: TextRange, what: &str) {
        let message = format!("{what} is outside the Python subset of Sockscope");
        self.add("outside_subset", range, message, vec![("what", what.to_string())]);
    }

    /// All of them, by place.
    pub fn finish(mut self) -> Result<(), Vec<Refusal>> {
        if self.found.is_empty() {
            return Ok(());
        }
        self.found.sort_by_key(|refusal| (refusal.line, refusal.column));
        Err(self.found)
    }
}
