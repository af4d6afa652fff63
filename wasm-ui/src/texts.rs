//! The texts of both languages, as the build generated them from `web/i18n`. It knows no view.

use sockscope_core::trace::narrate::{Sentence, fill};

/// A language of the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Language {
    /// The language of a `lang` attribute: `zh-CN` is Chinese, anything unknown English.
    pub fn from_code(code: &str) -> Language {
        match code.split(['-', '_']).next() {
            Some(primary) if primary.eq_ignore_ascii_case("zh") => Language::Zh,
            _ => Language::En,
        }
    }

    /// As it stands in `lang` attributes and in the paths of pages.
    pub fn code(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Zh => "zh",
        }
    }
}

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// The text of the microscope with a key that a value names, with its gaps filled: `errors.syntax`, `http.error_bare_lf`.
pub fn of_lab(language: Language, key: &str, args: &[(&'static str, String)]) -> Option<String> {
    Some(filled(among(OF_LAB, language, key)?, args))
}

/// The text of a tool with a key that a value names, with its gaps filled: `framing.error_no_comma`.
pub fn of_tools(language: Language, key: &str, args: &[(&'static str, String)]) -> Option<String> {
    Some(filled(among(OF_TOOLS, language, key)?, args))
}

/// The name of a header, of one of its fields, or what a value means: `wire.field_ipv4_ttl`.
pub fn of_wire(language: Language, key: &str, args: &[(&'static str, String)]) -> Option<String> {
    Some(filled(among(OF_WIRE, language, key)?, args))
}

fn filled(template: &str, args: &[(&'static str, String)]) -> String {
    let args: Vec<_> = args.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    fill(template, &args)
}

/// The same, where the names of the gaps are values too.
pub fn of_tools_with(language: Language, key: &str, args: &[(String, String)]) -> Option<String> {
    let template = among(OF_TOOLS, language, key)?;
    let args: Vec<_> = args.iter().map(|(name, value)| (name.clone().into(), value.clone())).collect();
    Some(fill(template, &args))
}

/// A sentence of a tool in a language; its key where no text has it.
pub fn say_of_tools(language: Language, sentence: &Sentence) -> String {
    match among(OF_TOOLS, language, &sentence.key) {
        Some(template) => fill(template, &sentence.args),
        None => sentence.key.to_string(),
    }
}

fn among(table: &[(&str, [&'static str; 2])], language: Language, key: &str) -> Option<&'static str> {
    let row = table.binary_search_by(|(known, _)| (*known).cmp(key)).ok()?;
    Some(table[row].1[language as usize])
}

/// A sentence of the microscope in a language; its key where no text has it.
pub fn say(language: Language, sentence: &Sentence) -> String {
    match among(OF_LAB, language, &sentence.key) {
        Some(template) => fill(template, &sentence.args),
        None => sentence.key.to_string(),
    }
}

/// What an error says in a language; the English message of whoever raised it where no text has its code.
pub fn error(language: Language, code: &str, message: &str, args: &[(&'static str, String)]) -> String {
    of_lab(language, &format!("errors.{code}"), args).unwrap_or_else(|| message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_without_a_text_says_what_its_owner_said() {
        assert_eq!(error(Language::Zh, "nothing_has_this_code", "it broke", &[]), "it broke");
    }

    #[test]
    fn a_sentence_is_said_in_both_languages() {
        let sentence = Sentence::new("narrate.line").with("host", "client").with("line", 4);
        let (en, zh) = (say(Language::En, &sentence), say(Language::Zh, &sentence));
        assert!(en.contains("client") && zh.contains("client") && en != zh, "{en} {zh}");
    }
}
