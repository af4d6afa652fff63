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
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        filled.push_str(&rest[..open]);
        let gap = &rest[open..];
        let Some(close) = gap.find('}') else {
            rest = gap;
            break;
        };
        let (name, words) = match gap[1..close].split_once(':') {
            Some((name, words)) => (name, words.split_once('|')),
            None => (&gap[1..close], None),
        };
        match (args.iter().find(|(arg, _)| arg == name), words) {
            (Some((_, value)), None) => filled.push_str(value),
            (Some((_, value)), Some((one, other))) => filled.push_str(if value == "1" { one } else { other }),
            (None, _) => filled.push_str(&gap[..=close]),
        }
        rest = &gap[close + 1..];
    }
    filled.push_str(rest);
    filled
}
