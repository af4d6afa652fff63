//! A sentence before it is in any language: the key of a text, what stands in its gaps, and where it can be read up.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A sentence in no language yet. The texts stand under `web/i18n/`, one for each key and language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// Key of the text: `narrate.segment_sent_data`.
    pub key: Cow<'static, str>,
    /// What stands in the gaps.
    pub args: Vec<(Cow<'static, str>, String)>,
    /// Where the rule stands: `RFC 9293, 3.5`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Cow<'static, str>>,
}

impl Sentence {
    /// A sentence without gaps.
    pub fn new(key: impl Into<Cow<'static, str>>) -> Self {
        Sentence { key: key.into(), args: Vec::new(), source: None }
    }

    /// The same with `value` in the gap `name`.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((Cow::Borrowed(name), value.to_string()));
        self
    }

    /// The same with its source.
    pub fn from_source(mut self, source: &'static str) -> Self {
        self.source = Some(Cow::Borrowed(source));
        self
    }
}

/// Puts `args` into the gaps of `template`. A gap is `{name}`, or `{name:one|other}` for words that depend on whether the
/// value is 1; one without a value stays as it is.
///
/// ```
/// use sockscope_core::trace::narrate::fill;
/// assert_eq!(fill("{host} sent {n} bytes", &[("host".into(), "client".into()), ("n".into(), "5".into())]), "client sent 5 bytes");
/// assert_eq!(fill("{n} {n:byte|bytes}", &[("n".into(), "1".into())]), "1 byte");
/// ```
pub fn fill(template: &str, args: &[(Cow<'static, str>, String)]) -> String {
    let mut filled = String::with_capacity(template.len() + 32);
    for piece in pieces(template) {
        filled.push_str(match piece {
            Piece::Text(text) => text,
            Piece::Gap { name, words, whole } => match (args.iter().find(|(arg, _)| arg == name), words) {
                (Some((_, value)), None) => value,
                (Some((_, value)), Some((one, _))) if value == "1" => one,
                (Some(_), Some((_, other))) => other,
                (None, _) => whole,
            },
        });
    }
    filled
}

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text as it stands.
    Text(&'a str),
    /// A gap.
    Gap {
        /// What fills it.
        name: &'a str,
        /// The words for 1 and for all other values, instead of the value.
        words: Option<(&'a str, &'a str)>,
        /// The gap as it is written.
        whole: &'a str,
    },
}

/// The pieces of a template, in order; for those who fill one often.
pub fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        let gap = rest.starts_with('{').then(|| rest.find('}')).flatten();
        let end = gap.map_or_else(
            || rest.char_indices().skip(1).find(|(_, it)| *it == '{').map(|(at, _)| at),
            |close| Some(close + 1),
        );
        let (piece, behind) = rest.split_at(end.unwrap_or(rest.len()));
        rest = behind;
        let Some(close) = gap else { return (!piece.is_empty()).then_some(Piece::Text(piece)) };
        let (name, words) = match piece[1..close].split_once(':') {
            Some((name, words)) => (name, words.split_once('|')),
            None => (&piece[1..close], None),
        };
        Some(Piece::Gap { name, words, whole: piece })
    })
}
