//! Where a scenario comes from, and the places of its mistakes: `FILE:LINE:COLUMN: sentence`, the line itself, and a caret
//! under the column. It runs nothing.

use sockscope_core::scenario::{self, Problem, Scenario, limits};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::Exit;
use super::words::Words;
use crate::language;
use crate::run;

/// The text of a scenario and what it is called.
pub struct Source {
    name: String,
    text: String,
    json: bool,
}

/// Reads and checks a scenario. Its mistakes are on standard error already when this returns an exit status.
pub fn read(wanted: &str, words: Words) -> Result<(Scenario, Source), Exit> {
    let source = find(wanted, words).map_err(|sentence| {
        eprintln!("sockscope: {sentence}");
        Exit::WrongInput
    })?;
    match source.scenario() {
        Ok(scenario) => Ok((scenario, source)),
        Err(problems) => {
            eprint!("{}", source.report(&problems, words));
            Err(Exit::WrongInput)
        }
    }
}

fn find(wanted: &str, words: Words) -> Result<Source, String> {
    let unreadable =
        |error: io::Error| words.with("cannot_read", &[("file", wanted.to_owned()), ("error", error.to_string())]);
    let bytes = if wanted == "-" {
        limited(io::stdin().lock()).map_err(unreadable)?
    } else {
        match File::open(Path::new(wanted)) {
            Ok(file) => limited(file).map_err(unreadable)?,
            Err(error) => {
                if let Some((name, toml)) = run::named(wanted) {
                    return Ok(Source { name: name.to_owned(), text: toml.to_owned(), json: false });
                }
                let looks_like_a_name = !wanted.contains(['/', '.']);
                if looks_like_a_name && error.kind() == io::ErrorKind::NotFound {
                    let known: Vec<_> = sockscope_web::SCENARIOS.iter().map(|(name, _)| *name).collect();
                    let args = [("name", wanted.to_owned()), ("known", known.join(", "))];
                    return Err(words.with("neither_file_nor_name", &args));
                }
                return Err(unreadable(error));
            }
        }
    };
    let name = if wanted == "-" { "<stdin>" } else { wanted }.to_owned();
    match String::from_utf8(bytes) {
        Ok(text) => {
            let json = text.trim_start().starts_with('{');
            Ok(Source { name, text, json })
        }
        Err(error) => {
            let valid = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]).into_owned();
            let line = valid.matches('\n').count() + 1;
            let column = valid.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            Err(format!("{name}:{line}:{column}: {}", words.plain("not_utf8")))
        }
    }
}

/// One byte more than a scenario may have: the reader of scenarios then says that it is too long.
fn limited(input: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(limits::FILE as u64 + 1).read_to_end(&mut bytes)?;
    // A character cut by the limit is not the file's mistake.
    if bytes.len() > limits::FILE
        && let Err(error) = std::str::from_utf8(&bytes)
        && error.error_len().is_none()
    {
        bytes.truncate(error.valid_up_to());
        bytes.resize(limits::FILE + 1, b' ');
    }
    Ok(bytes)
}

impl Source {
    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn scenario(&self) -> Result<Scenario, Vec<Problem>> {
        if !self.json {
            return scenario::from_toml(&self.text);
        }
        let value = serde_json::from_str(&self.text).map_err(|error| {
            let message = error.to_string();
            vec![Problem {
                code: "syntax",
                message: message.split(" at line ").next().unwrap_or_default().to_owned(),
                args: Vec::new(),
                path: String::new(),
                line: Some(error.line() as u32),
                column: Some(error.column().max(1) as u32),
                program: None,
            }]
        })?;
        scenario::from_json(&value)
    }

    /// The line of the file where a line of a host's program stands, where that can be told.
    pub fn program_line(&self, scenario: &Scenario, host: &str, line: u32) -> Option<usize> {
        if self.json {
            return None;
        }
        let program = &scenario.hosts.iter().find(|candidate| &*candidate.name == host)?.program;
        let start = self.text.find(program.as_str())?;
        Some(self.text[..start].matches('\n').count() + line as usize)
    }

    /// Every mistake with its place.
    fn report(&self, problems: &[Problem], words: Words) -> String {
        let mut report = String::new();
        for problem in problems {
            let sentence = language::mistake(words.language, problem.code, &problem.args, &problem.message);
            let mut place = self.name.clone();
            if let Some(line) = problem.line {
                write!(place, ":{line}:{}", problem.column.unwrap_or(1)).expect("writing to a string never fails");
            } else if !problem.path.is_empty() {
                write!(place, ": {}", problem.path).expect("writing to a string never fails");
            }
            writeln!(report, "{place}: {sentence}").expect("writing to a string never fails");
            if let Some((host, line, column)) = problem.program.as_ref().filter(|(host, ..)| !host.is_empty()) {
                let args = [("host", host.clone()), ("line", line.to_string()), ("column", column.to_string())];
                writeln!(report, "  {}", words.with("in_program", &args)).expect("writing to a string never fails");
            }
            if let (Some(line), Some(column)) = (problem.line, problem.column)
                && let Some(text) = self.text.lines().nth(line as usize - 1)
            {
                report.push_str(&pointed(text, column as usize));
            }
        }
        report
    }
}

/// Characters of a line that are shown at most.
const SHOWN: usize = 160;

/// The line and a caret under its column. Wide characters are answered by wide spaces, tabs by tabs.
fn pointed(text: &str, column: usize) -> String {
    let skipped = (column - 1).saturating_sub(SHOWN / 2);
    let shown: String = text.chars().skip(skipped).take(SHOWN).filter(|c| !c.is_control() || *c == '\t').collect();
    let before = text.chars().skip(skipped).take(column - 1 - skipped);
    let gap: String = before
        .filter(|c| !c.is_control() || *c == '\t')
        .map(|c| match c {
            '\t' => '\t',
            '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' => '\u{3000}',
            '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' => '\u{3000}',
            '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}' => '\u{3000}',
            _ => ' ',
        })
        .collect();
    format!("    {shown}\n    {gap}^\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_its_column() {
        assert_eq!(pointed("name = 5", 8), "    name = 5\n           ^\n");
        assert_eq!(pointed("\ta = b", 4), "    \ta = b\n    \t  ^\n");
        assert_eq!(pointed("标题 = 1", 4), "    标题 = 1\n    \u{3000}\u{3000} ^\n");
    }

    #[test]
    fn a_column_past_the_end_or_far_out_is_still_shown() {
        assert_eq!(pointed("ab", 3), "    ab\n      ^\n");
        let long = "x".repeat(1000);
        let shown = pointed(&long, 900);
        assert!(shown.lines().all(|line| line.chars().count() <= SHOWN + 4), "{shown}");
        assert!(shown.ends_with("^\n"));
    }
}
