//! Rust sources as these tests see them: paths, lines, and which rooms they name. No judgement here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of the repository.
pub struct Source {
    /// From the root of the repository.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands in the repository").to_path_buf()
}

/// Every file that git knows or would add, as text; what is no text is left out.
pub fn all() -> Vec<Source> {
    let listing = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files of the repository");
    assert!(listing.status.success(), "git: {}", String::from_utf8_lossy(&listing.stderr));
    let paths = String::from_utf8(listing.stdout).expect("paths are text");
    let sources: Vec<Source> = paths
        .lines()
        .filter_map(|path| {
            Some(Source { path: path.to_string(), text: std::fs::read_to_string(root().join(path)).ok()? })
        })
        .collect();
    assert!(sources.len() > 50, "only {} files found", sources.len());
    sources
}

/// The Rust files below one of these folders.
pub fn rust(folders: &[&str]) -> Vec<Source> {
    let below =
        |path: &str| folders.iter().any(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')));
    let sources: Vec<Source> = all().into_iter().filter(|it| it.path.ends_with(".rs") && below(&it.path)).collect();
    assert!(!sources.is_empty(), "no sources below {folders:?}");
    sources
}

impl Source {
    /// The text without comments and without what is compiled for tests only.
    pub fn working(&self) -> String {
        if self.is_test() {
            return String::new();
        }
        let text = match self.text.find("\n#[cfg(test)]\nmod tests {") {
            Some(end) => &self.text[..end],
            None => &self.text,
        };
        text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
    }

    /// Whether the whole file is a test, a benchmark or a fixture of tests.
    pub fn is_test(&self) -> bool {
        let names = ["tests", "tests.rs", "benches", "fuzz", "fixture.rs"];
        self.path.starts_with("tests/")
            || self.path.split('/').any(|part| names.contains(&part) || part.ends_with("_tests.rs"))
            || self.text.contains("\n#![cfg(test)]")
    }

    /// The rooms that it names as `crate::room` or `crate::{room, …}`.
    pub fn rooms(&self) -> BTreeSet<String> {
        let text = self.working();
        text.match_indices("crate::").flat_map(|(at, word)| heads(&text[at + word.len()..])).collect()
    }
}

/// The first names behind a `::`: one, or those of a list in braces.
fn heads(rest: &str) -> Vec<String> {
    let name =
        |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(list) = rest.strip_prefix('{') else { return vec![name(rest)] };
    let (mut depth, mut found, mut start) = (0, Vec::new(), 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.push(name(&list[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn names_behind_braces_are_found() {
    let text =
        "use crate::{time::{Duration, Instant}, wire, stream::Data};\nlet x = crate::link::Config;\n// crate::trace\n";
    let source = Source { path: "core/src/x.rs".into(), text: text.into() };
    let rooms: Vec<String> = source.rooms().into_iter().collect();
    assert_eq!(rooms, ["link", "stream", "time", "wire"]);
}
