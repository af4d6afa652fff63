//! The texts of one language for the command line, and the option that chooses it. Every word stands in `web/i18n/`.

use clap::ValueEnum;
use sockscope_core::framing::{Malformed, Truncated};
use sockscope_core::trace::narrate::{self, Sentence};
use sockscope_web::Language;
use std::borrow::Cow;

/// The languages of the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// English
    #[default]
    En,
    /// 中文
    Zh,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Language::En,
            Lang::Zh => Language::Zh,
        }
    }
}

/// The texts of one file in one language.
#[derive(Clone, Copy)]
pub struct Words {
    /// The language.
    pub language: Language,
    file: &'static str,
}

impl Words {
    /// The texts of `cli.toml`.
    pub fn new(language: impl Into<Language>) -> Self {
        Words { language: language.into(), file: "cli" }
    }

    /// The texts of another file in the same language.
    pub fn of(self, file: &'static str) -> Self {
        Words { file, ..self }
    }

    /// The text of a key.
    pub fn plain(self, key: &str) -> &'static str {
        let text = sockscope_web::text(self.language, &format!("{}.{key}", self.file));
        debug_assert!(text.is_some(), "there is no text {}.{key}", self.file);
        text.unwrap_or_default()
    }

    /// The same with its gaps filled.
    pub fn with(self, key: &str, args: &[(&'static str, String)]) -> String {
        let args: Vec<_> = args.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
        narrate::fill(self.plain(key), &args)
    }

    /// A sentence of core in this language.
    pub fn sentence(self, sentence: &Sentence) -> String {
        sockscope_web::text(self.language, &sentence.key)
            .map_or_else(|| sentence.key.to_string(), |template| narrate::fill(template, &sentence.args))
    }

    /// Where a stream of frames breaks the agreement, and whether its reader goes on, in lines.
    pub fn malformed(self, malformed: &Malformed) -> [String; 3] {
        let (framing, code) = (self.of("framing"), malformed.kind.code());
        let then = framing.plain(if malformed.recovered { "recovered" } else { "not_recovered" });
        [
            format!("{} {code}  [{}]", self.of("cli").plain("error"), malformed.at),
            format!("  {}", framing.with(&format!("error_{code}"), &malformed.values())),
            format!("  {then}"),
        ]
    }

    /// Where a stream of frames stops inside a message.
    pub fn truncated(self, truncated: &Truncated) -> String {
        let key = if truncated.need.is_some() { "truncated_need" } else { "truncated" };
        self.incomplete(self.of("framing").with(key, &truncated.values()))
    }

    /// What is missing at the end, under its heading.
    pub fn incomplete(self, sentence: String) -> String {
        self.of("cli").with("incomplete", &[("sentence", sentence)])
    }
}
