//! Rules for every file: a first line that says what it is, a length that one reading takes, words that do not belong.

use crate::source::{all, rust};

const PACKAGES: &[&str] = &["core", "server", "wasm-ui", "web", "tests"];

/// Longest file, in lines. About 500 is the aim.
const LONGEST: usize = 600;

#[test]
fn every_file_says_first_what_it_is() {
    let mute: Vec<String> =
        rust(PACKAGES).into_iter().filter(|it| !it.text.starts_with("//! ")).map(|it| it.path).collect();
    assert!(mute.is_empty(), "no `//!` in the first line of {mute:#?}");
}

#[test]
fn no_file_takes_more_than_one_reading() {
    let long: Vec<String> = rust(PACKAGES)
        .iter()
        .map(|it| (it.text.lines().count(), &it.path))
        .filter(|(lines, _)| *lines > LONGEST)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "longer than {LONGEST} lines: {long:#?}");
}

#[test]
fn a_folder_holds_all_of_its_room() {
    let sources = rust(&["core", "server", "wasm-ui"]);
    for source in &sources {
        let folder = source.path.trim_end_matches(".rs").to_string() + "/";
        let beside = sources.iter().find(|other| other.path.starts_with(&folder));
        assert!(beside.is_none(), "{} and {} are one room in two places: use mod.rs", source.path, folder);
    }
}

#[test]
fn nothing_is_left_for_later_in_words() {
    let words = ["TODO", "FIXME", "XXX:", "for now", "placeholder text", "unimplemented!("];
    let mut found = Vec::new();
    for source in all().iter().filter(|it| is_ours(&it.path)) {
        for (line, text) in source.text.lines().enumerate() {
            // CPython's own messages may say such words: in Rust, text in quotes is not ours.
            let text = if source.path.ends_with(".rs") { text.rsplit('"').next().unwrap_or(text) } else { text };
            for word in words.iter().filter(|word| text.contains(**word)) {
                found.push(format!("{}:{}: {word}", source.path, line + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_source_knows_the_machine_it_was_written_on() {
    let paths = ["/ro\u{6f}t/", "/home/\u{75}ser", "/wo\u{72}k/"].map(str::to_string);
    let mut found = Vec::new();
    for source in all().iter().filter(|it| is_ours(&it.path)) {
        for path in paths.iter().filter(|path| source.text.contains(path.as_str())) {
            found.push(format!("{}: {path}", source.path));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn is_ours(path: &str) -> bool {
    let ends = [".rs", ".toml", ".md", ".html", ".css", ".js", ".svg", "/run"];
    ends.iter().any(|end| path.ends_with(end)) && path != "tests/structure/house.rs"
}
