//! The scenario files that come with the site: their order, their titles, their programs as text. It runs nothing and
//! leaves the judgement of a scenario to `core::scenario`.

use crate::pack::Site;
use crate::{Problems, read};
use serde::Deserialize;
use std::fmt::Write as _;
use std::path::Path;

/// `pages.toml`: which scenarios have a page, in the order in which they are shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    scenario: Vec<Entry>,
}

/// One of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    /// What to read on: `"RFC 9293 3.5"`.
    sources: Vec<String>,
}

/// What a page shows of a scenario without running it.
#[derive(Deserialize)]
struct Shown {
    title: Title,
    host: Vec<Program>,
}

#[derive(Deserialize)]
struct Title {
    en: String,
    zh: String,
}

/// A host's program.
#[derive(Deserialize)]
pub struct Program {
    /// The host's name.
    pub name: String,
    /// Its address, where the scenario says it.
    #[serde(default)]
    pub address: String,
    /// The text.
    pub program: String,
}

/// One scenario.
pub struct Scenario {
    /// Its name: that of the file, and of the page.
    pub name: String,
    /// Its titles, in the order of the languages.
    pub titles: [String; 2],
    /// Its programs.
    pub programs: Vec<Program>,
    /// What to read on.
    pub sources: Vec<String>,
    /// The whole file.
    pub text: String,
}

/// Reads `pages.toml` and every file that it names; a file that it does not name is a problem.
pub fn load(web: &Path) -> Result<Vec<Scenario>, Problems> {
    let listing = web.join("pages.toml");
    let entries = toml::from_str::<Listing>(&read(&listing)?)
        .map_err(|error| vec![format!("{}: {error}", listing.display())])?
        .scenario;
    let folder = web.join("scenarios");
    let mut problems = Vec::new();
    for path in std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !entries.iter().any(|entry| entry.name == name) {
            problems.push(format!("{} has no entry in web/pages.toml, so no page", path.display()));
        }
    }
    let mut scenarios = Vec::new();
    for Entry { name, sources } in entries {
        let path = folder.join(format!("{name}.toml"));
        match read(&path).and_then(|text| {
            let shown = toml::from_str::<Shown>(&text).map_err(|error| vec![format!("{}: {error}", path.display())])?;
            Ok((text, shown))
        }) {
            Ok((text, shown)) => {
                let titles = [shown.title.en, shown.title.zh];
                if titles.iter().any(|title| title.trim().is_empty()) {
                    problems.push(format!("{}: the title is empty in one language", path.display()));
                }
                scenarios.push(Scenario { name, titles, programs: shown.host, sources, text });
            }
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() { Ok(scenarios) } else { Err(problems) }
}

/// Serves each file as it is, under `/scenarios/NAME.toml`.
pub fn pack(scenarios: &[Scenario], site: &mut Site) {
    for scenario in scenarios {
        site.add(&format!("/scenarios/{}.toml", scenario.name), scenario.text.as_bytes(), false);
    }
}

/// The table as Rust source, in the order of the pages.
pub fn table(scenarios: &[Scenario]) -> String {
    let mut source = String::from("&[\n");
    for scenario in scenarios {
        writeln!(source, "    ({:?}, {:?}),", scenario.name, scenario.text).expect("writing to a string");
    }
    source.push(']');
    source
}
