//! Every text key that the code names exists. That both languages agree is checked by the build of the site.

use crate::source::rust;
use sockscope_web::{Language, SCENARIOS, TEXTS, text};
use std::collections::BTreeSet;

/// Keys written in the sources as whole strings, `"lab.step_forward"`.
fn named(folders: &[&str], families: &[&str]) -> BTreeSet<(String, String)> {
    let mut keys = BTreeSet::new();
    for source in rust(folders) {
        let text = source.working();
        for part in text.split('"') {
            let family =
                families.iter().find(|family| part.strip_prefix(**family).is_some_and(|rest| rest.starts_with('.')));
            let is_key =
                part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(&byte));
            if family.is_some() && is_key && !part.ends_with(['.', '_']) {
                keys.insert((source.path.clone(), part.to_string()));
            }
        }
    }
    keys
}

#[test]
fn every_key_that_the_sources_name_has_a_text() {
    let families = ["site", "lab", "tools", "narrate", "errors", "compare", "framing", "address"];
    let named = named(&["core/src", "wasm-ui/src", "server/src"], &families);
    let files = families.map(|family| format!("{family}.toml"));
    let missing: Vec<_> =
        named.iter().filter(|(_, key)| !files.contains(key) && text(Language::En, key).is_none()).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The strings that a function of a source answers: `=> "code"`, one for each case.
fn answers(path: &str, function: &str) -> Vec<String> {
    let sources = rust(&[path.rsplit_once('/').expect("a path has a folder").0]);
    let source = sources.iter().find(|source| source.path == path).unwrap_or_else(|| panic!("there is no {path}"));
    let text = source.working();
    let mut codes = Vec::new();
    for body in text.split(function).skip(1) {
        let end = body.find("\n    }\n").unwrap_or(body.len());
        let cases = body[..end].split("=> \"").skip(1);
        codes.extend(cases.filter_map(|case| Some(case.split_once('"')?.0.to_owned())));
    }
    assert!(!codes.is_empty(), "{path}: {function} answers nothing");
    codes
}

#[test]
fn every_code_of_framing_has_a_text() {
    let errors = answers("core/src/framing/error.rs", "fn code(&self)");
    let codecs = answers("core/src/framing/codec.rs", "fn name(&self)");
    let roles = answers("core/src/framing/encoded.rs", "fn name(self)");
    let words = answers("core/src/framing/parse.rs", "fn code(&self)");
    let ends = ["", "_what", "_cost", "_limit"];
    let keys = (errors.iter().map(|code| format!("framing.error_{code}")))
        .chain(codecs.iter().flat_map(|name| ends.map(|end| format!("framing.codec_{name}{end}"))))
        .chain(roles.iter().map(|role| format!("framing.role_{role}")))
        .chain(words.iter().map(|code| format!("errors.{code}")));
    let missing: Vec<_> = keys.filter(|key| text(Language::En, key).is_none()).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(errors.len() > 15 && codecs.len() == 9, "{errors:?} {codecs:?}");
}

#[test]
fn every_code_of_addresses_has_a_text() {
    let files = ["ipv4.rs", "explain.rs", "byte_order.rs", "host_name.rs"];
    let codes = files.iter().flat_map(|file| answers(&format!("core/src/address/{file}"), "fn code(&self)"));
    let special = sockscope_core::address::SPECIAL.iter().map(|range| format!("address.special_{}", range.name));
    let keys = codes.map(|code| format!("address.error_{code}")).chain(special);
    let missing: Vec<_> = keys.filter(|key| text(Language::En, key).is_none()).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn both_languages_have_the_same_keys_and_none_is_empty() {
    let keys = TEXTS.map(|texts| texts.iter().map(|(key, _)| *key).collect::<Vec<_>>());
    assert_eq!(keys[0], keys[1]);
    for (index, texts) in TEXTS.iter().enumerate() {
        for (key, words) in *texts {
            assert!(!words.is_empty(), "{key} is empty in {}", Language::ALL[index].code());
        }
    }
}

#[test]
fn the_chinese_texts_are_chinese() {
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let site = TEXTS[1].iter().filter(|(key, words)| key.starts_with("site.scenario.") && words.len() > 60);
    for (key, words) in site {
        assert!(words.chars().any(is_han), "{key} holds no Chinese: {words}");
    }
}

#[test]
fn every_scenario_file_is_accepted() {
    for (name, file) in SCENARIOS {
        if let Err(problems) = sockscope_core::scenario::from_toml(file) {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            panic!("{name}: {}", problems.join("; "));
        }
    }
}

#[test]
fn the_site_and_the_documents_of_core_list_the_same_as_modelled_simplified_and_absent() {
    let source = include_str!("../../core/src/lib.rs");
    let documented: Vec<&str> = source.lines().filter_map(|line| line.strip_prefix("//! - ")).collect();
    let keys = ["site.model.modelled_items", "site.model.simplified_items", "site.model.absent_items"];
    let lists = keys.map(|key| text(Language::En, key).expect("the page of the model has three lists"));
    let shown: Vec<&str> =
        lists.iter().flat_map(|list| list.lines()).filter_map(|line| line.strip_prefix("- ")).collect();
    assert_eq!(documented, shown);
}

#[test]
fn everything_that_packets_and_files_say_has_a_text_with_the_gaps_it_fills() {
    use sockscope_core::packets::follow::MarkKind;
    use sockscope_core::packets::{Note, Protocol, Summary};
    use sockscope_core::wire::capture::CaptureErrorKind;
    use sockscope_core::wire::{Layer, MalformedKind, field};
    let parts = ["payload", "padding", "undissected"];
    let families: [(&str, Vec<&str>); 9] = [
        ("field", field::NAMES.to_vec()),
        ("meaning", field::MEANINGS.to_vec()),
        ("layer", Layer::ALL.iter().map(|layer| layer.name()).chain(parts).collect()),
        ("protocol", Protocol::ALL.iter().map(|protocol| protocol.name()).collect()),
        ("error", MalformedKind::CODES.to_vec()),
        ("capture", CaptureErrorKind::CODES.to_vec()),
        ("note", Note::CODES.to_vec()),
        ("mark", MarkKind::ALL.iter().map(|kind| kind.name()).collect()),
        ("summary", Summary::KEYS.to_vec()),
    ];
    for (family, names) in families {
        for name in &names {
            let key = format!("wire.{family}_{}", name.replace('.', "_"));
            assert!(text(Language::En, &key).is_some(), "{key} is missing");
        }
        // A text that nothing says any more is a mistake too.
        let prefix = format!("wire.{family}_");
        let known: BTreeSet<String> = names.iter().map(|name| name.replace('.', "_")).collect();
        let stale: Vec<&str> = TEXTS[0]
            .iter()
            .filter_map(|(key, _)| key.strip_prefix(&prefix))
            .filter(|name| !known.contains(*name))
            .collect();
        assert!(stale.is_empty(), "{prefix}: {stale:?}");
    }
}
