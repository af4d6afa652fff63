//! What is wrong with a scenario, and where. One value per mistake; it repairs nothing.

use serde::Serialize;
use std::fmt;

/// One mistake in a scenario, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// A stable name: `unknown_key`, `bad_address`, or the code of a program's refusal.
    pub code: &'static str,
    /// What is wrong, in English.
    pub message: String,
    /// The values that the sentence names.
    pub args: Vec<(&'static str, String)>,
    /// Where in the structure: `host[1].address`, counted from 0; empty for the file as a whole.
    pub path: String,
    /// Line of the file, from 1, where the scenario was a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column of the file in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// Host, line and column inside its program, where the mistake is in a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<(String, u32, u32)>,
}

/// `line 12, column 3, host[0].program (line 4, column 1 of server): sentence`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut place = String::new();
        if let (Some(line), Some(column)) = (self.line, self.column) {
            place.push_str(&format!("line {line}, column {column}"));
        }
        if !self.path.is_empty() {
            if !place.is_empty() {
                place.push_str(", ");
            }
            place.push_str(&self.path);
        }
        if let Some((host, line, column)) = &self.program {
            place.push_str(&format!(" (line {line}, column {column} of the program of {host})"));
        }
        if !place.is_empty() {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}
