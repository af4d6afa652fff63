//! The texts of both languages: loaded, compared with each other, and turned into a table. It knows no page.

use crate::{Problems, read};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

/// The languages of the site, by their codes.
pub const LANGUAGES: [&str; 2] = ["en", "zh"];

/// Text by key, for each language in the order of [`LANGUAGES`].
pub type Texts = [BTreeMap<String, String>; 2];

/// Reads `i18n/LANGUAGE/*.toml`: the file's name begins the keys, so `title` in `site.toml` is `site.title`. A file
/// may also say its name itself, as the one table around its texts.
/// A key that one language lacks, or that takes other arguments there, is a problem.
pub fn load(folder: &Path) -> Result<Texts, Problems> {
    let mut problems = Vec::new();
    let mut texts = Texts::default();
    for (language, texts) in LANGUAGES.iter().zip(&mut texts) {
        let folder = folder.join(language);
        let entries = std::fs::read_dir(&folder).map_err(|error| vec![format!("{}: {error}", folder.display())])?;
        for path in
            entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == "toml"))
        {
            let file = path.file_stem().expect("it has an extension").to_string_lossy().into_owned();
            match read(&path)?.parse::<toml::Table>() {
                Ok(table) => match table.get(&file).cloned() {
                    Some(toml::Value::Table(inner)) if table.len() == 1 => {
                        add(&file, &path, inner, texts, &mut problems)
                    }
                    _ => add(&file, &path, table, texts, &mut problems),
                },
                Err(error) => problems.push(format!("{}: {error}", path.display())),
            }
        }
    }
    let [en, zh] = &texts;
    for key in en.keys().chain(zh.keys()).collect::<BTreeSet<_>>() {
        match (en.get(key), zh.get(key)) {
            (Some(en), Some(zh)) if arguments(en) == arguments(zh) => {}
            (Some(en), Some(zh)) => {
                problems.push(format!("text `{key}` takes {:?} in en but {:?} in zh", arguments(en), arguments(zh)));
            }
            (None, _) => problems.push(format!("text `{key}` is missing in web/i18n/en")),
            (_, None) => problems.push(format!("text `{key}` is missing in web/i18n/zh")),
        }
    }
    if problems.is_empty() { Ok(texts) } else { Err(problems) }
}

fn add(prefix: &str, path: &Path, entries: toml::Table, texts: &mut BTreeMap<String, String>, problems: &mut Problems) {
    for (key, value) in entries {
        let key = format!("{prefix}.{key}");
        match value {
            toml::Value::String(text) => drop(texts.insert(key, text.trim().to_string())),
            toml::Value::Table(entries) => add(&key, path, entries, texts, problems),
            other => problems.push(format!("{}: `{key}` is a {}, not a text", path.display(), other.type_str())),
        }
    }
}

/// The names in braces, also of those that choose between words: `{name:one|other}`.
pub fn arguments(text: &str) -> BTreeSet<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(gap, _)| gap.split_once(':').filter(|(_, words)| words.contains('|')).map_or(gap, |(name, _)| name))
        .filter(|name| is_name(name))
        .collect()
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The tables as Rust source, sorted by key.
pub fn table(texts: &Texts) -> String {
    let mut source = String::from("[\n");
    for texts in texts {
        source.push_str("    &[\n");
        for (key, text) in texts {
            writeln!(source, "        ({key:?}, {text:?}),").expect("writing to a string");
        }
        source.push_str("    ],\n");
    }
    source.push(']');
    source
}
