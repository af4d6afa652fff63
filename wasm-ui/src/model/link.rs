//! What the address bar holds: the moment, the engine and the edits. Both directions; it touches no browser.

use super::session::Edits;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Longest edits that are read from an address.
const LONGEST: usize = 512 << 10;

/// Which engines the reader looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// The model.
    #[default]
    Model,
    /// The kernel.
    Kernel,
    /// Both, side by side.
    Both,
}

impl Engine {
    /// The word in addresses and in the API.
    pub fn word(self) -> &'static str {
        match self {
            Engine::Model => "model",
            Engine::Kernel => "kernel",
            Engine::Both => "both",
        }
    }

    /// The engine with that word.
    pub fn from_word(word: &str) -> Option<Engine> {
        [Engine::Model, Engine::Kernel, Engine::Both].into_iter().find(|engine| engine.word() == word)
    }
}

/// A place in a run, as an address holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// The event, counted from 1 as the screen counts.
    pub at: Option<usize>,
    /// The engine.
    pub engine: Engine,
    /// The edits.
    pub edits: Edits,
}

impl Link {
    /// Reads `?at=37&engine=kernel` and `#s=…`; what cannot be read is as if it were not there.
    pub fn read(query: &str, hash: &str) -> Link {
        let mut link = Link::default();
        for (key, value) in pairs(query.trim_start_matches('?')) {
            match key {
                "at" => link.at = value.parse().ok(),
                "engine" => link.engine = Engine::from_word(value).unwrap_or_default(),
                _ => {}
            }
        }
        let packed = pairs(hash.trim_start_matches('#')).find(|(key, _)| *key == "s").map(|(_, value)| value);
        if let Some(packed) = packed.filter(|packed| packed.len() <= LONGEST)
            && let Ok(bytes) = URL_SAFE_NO_PAD.decode(packed)
        {
            link.edits = serde_json::from_slice(&bytes).unwrap_or_default();
        }
        link
    }

    /// Query and hash. `others` are the pairs of the present query, kept where they are not ours.
    pub fn write(&self, others: &str) -> String {
        let kept = pairs(others.trim_start_matches('?')).filter(|(key, _)| !matches!(*key, "at" | "engine"));
        let mut parts: Vec<String> =
            kept.map(|(key, value)| if value.is_empty() { key.to_owned() } else { format!("{key}={value}") }).collect();
        parts.extend(self.at.map(|at| format!("at={at}")));
        if self.engine != Engine::Model {
            parts.push(format!("engine={}", self.engine.word()));
        }
        let mut text = if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) };
        if !self.edits.is_empty() {
            let json = serde_json::to_vec(&self.edits).expect("edits are plain values");
            text.push_str("#s=");
            text.push_str(&URL_SAFE_NO_PAD.encode(json));
        }
        text
    }
}

fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_back_to_where_it_was_written() {
        let mut link = Link { at: Some(37), engine: Engine::Both, ..Link::default() };
        link.edits.loss = Some(0.5);
        link.edits.programs.insert("client".into(), "print('你好')\n".into());
        let text = link.write("?x=1");
        let (query, hash) = text.split_once('#').unwrap();
        assert_eq!(query, "?x=1&at=37&engine=both");
        assert_eq!(Link::read(query, &format!("#{hash}")), link);
    }

    #[test]
    fn rubbish_in_an_address_is_as_if_it_were_not_there() {
        for (query, hash) in [("?at=-1&engine=warp", "#s=%%%"), ("?at", "#s=AAAA"), ("??&&==", "##")] {
            assert_eq!(Link::read(query, hash), Link::default(), "{query} {hash}");
        }
    }

    #[test]
    fn the_plain_state_leaves_the_address_plain() {
        assert_eq!(Link::default().write(""), "");
    }
}
