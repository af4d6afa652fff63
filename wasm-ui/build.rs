//! Turns the texts of the microscope and of the tools into functions, so that a text that is missing in one language, or takes other
//! arguments there, does not compile. It checks nothing about pages: those are the build of `web`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const LANGUAGES: [&str; 2] = ["en", "zh"];
/// Texts that the code names: each becomes a function, in a module of the file's name.
const TYPED: [&str; 2] = ["lab", "tools"];
/// Texts that values name, by what their keys begin with: they are looked up, in a table for the microscope, one
/// for the tools, and one for both. A module holds only the tables that it asks.
const LOOKED_UP: [(&str, &[&str]); 3] = [
    ("OF_LAB", &["narrate.", "errors.", "framing.error_", "http.error_"]),
    ("OF_TOOLS", &["framing.", "address.", "http.", "http_page.", "wire.", "encapsulation.", "errors."]),
    ("OF_WIRE", &["wire.field_", "wire.layer_", "wire.meaning_"]),
];

type Texts = BTreeMap<String, [String; 2]>;

fn main() {
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../web/i18n");
    let mut source = String::new();
    for file in TYPED {
        let _ = writeln!(source, "/// Texts of `{file}.toml`.\npub mod {file} {{\n    use super::Language;\n");
        for (key, texts) in &load(&folder, file) {
            function(&mut source, key, texts);
        }
        source.push_str("}\n\n");
    }
    for (table, beginnings) in LOOKED_UP {
        let mut rows: Vec<(String, [String; 2])> = Vec::new();
        for beginning in beginnings {
            let (file, _) = beginning.split_once('.').expect("the file's name stands before the dot");
            let texts = load(&folder, file).into_iter().map(|(key, texts)| (format!("{file}.{key}"), texts));
            rows.extend(texts.filter(|(key, _)| key.starts_with(beginning)));
        }
        rows.sort();
        let _ = writeln!(
            source,
            "/// `(key, [English, Chinese])`, sorted by key.\nstatic {table}: &[(&str, [&str; 2])] = &["
        );
        for (key, [en, zh]) in rows {
            let _ = writeln!(source, "    ({key:?}, [{en:?}, {zh:?}]),");
        }
        source.push_str("];\n");
    }
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it")).join("texts.rs");
    std::fs::write(&out, source).expect("the build's own folder can be written");
}

/// The texts of one file in both languages, checked against each other.
fn load(folder: &Path, file: &str) -> Texts {
    if LANGUAGES.iter().all(|language| !folder.join(language).join(format!("{file}.toml")).exists()) {
        println!("cargo::rerun-if-changed={}", folder.display());
        return Texts::new();
    }
    let tables = LANGUAGES.map(|language| {
        let path = folder.join(language).join(format!("{file}.toml"));
        println!("cargo::rerun-if-changed={}", path.display());
        let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let table: toml::Table = source.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        // A file may name itself as the one table around its texts.
        let inner = match table.get(file) {
            Some(toml::Value::Table(inner)) if table.len() == 1 => inner.clone(),
            _ => table,
        };
        let mut texts = BTreeMap::new();
        flatten("", inner, &path, &mut texts);
        texts
    });
    let [en, zh] = tables;
    let keys: BTreeSet<&String> = en.keys().chain(zh.keys()).collect();
    let mut texts = Texts::new();
    for key in keys {
        let (Some(en), Some(zh)) = (en.get(key), zh.get(key)) else {
            panic!("{file}.{key} is missing in one of the languages");
        };
        assert_eq!(arguments(en), arguments(zh), "{file}.{key} takes other arguments in the other language");
        texts.insert(key.clone(), [en.clone(), zh.clone()]);
    }
    texts
}

/// A table within the table gives its name to its keys: `term.a_string`.
fn flatten(prefix: &str, table: toml::Table, path: &Path, texts: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let key = format!("{prefix}{key}");
        match value {
            toml::Value::String(text) => drop(texts.insert(key, text.trim().to_owned())),
            toml::Value::Table(inner) => flatten(&format!("{key}."), inner, path, texts),
            other => panic!("{}: {key} is a {}, not a text", path.display(), other.type_str()),
        }
    }
}

/// The names in braces, also of those that choose between words: `{name:one|other}`.
fn arguments(text: &str) -> BTreeSet<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(gap, _)| gap.split_once(':').filter(|(_, words)| words.contains('|')).map_or(gap, |(name, _)| name))
        .filter(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
        .collect()
}

fn function(source: &mut String, key: &str, [en, zh]: &[String; 2]) {
    let arguments = arguments(en);
    let choose = format!("match language {{ Language::En => {en:?}, Language::Zh => {zh:?} }}");
    let _ = writeln!(source, "    /// {:?}", en);
    if arguments.is_empty() {
        let _ = writeln!(source, "    pub fn {key}(language: Language) -> &'static str {{ {choose} }}");
    } else {
        let parameters: String =
            arguments.iter().map(|name| format!(", {name}: impl ToString")).collect::<Vec<_>>().concat();
        let values: Vec<String> =
            arguments.iter().map(|name| format!("({name:?}.into(), {name}.to_string())")).collect();
        let _ = writeln!(
            source,
            "    pub fn {key}(language: Language{parameters}) -> String {{ super::fill({choose}, &[{}]) }}",
            values.join(", ")
        );
    }
}
