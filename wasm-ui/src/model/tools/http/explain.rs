//! What a part is and which section rules it, as keys of texts with their arguments. It holds no words.

use super::parts::{Kind, Part};
use sockscope_core::http::Method;
use sockscope_core::http::report::{Message, Report};
use sockscope_core::trace::narrate::Sentence;

/// What is said about a part.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What it is.
    pub sentence: Sentence,
    /// What its words mean, where they are known.
    pub meaning: Option<Sentence>,
    /// Where the rule stands.
    pub section: &'static str,
}

/// Fields that the page knows, with where they are defined. Their texts are `http_page.field_NAME`, hyphens as underscores.
const FIELDS: &[(&str, &str)] = &[
    ("accept", "RFC 9110, 12.5.1"),
    ("accept-encoding", "RFC 9110, 12.5.3"),
    ("accept-language", "RFC 9110, 12.5.4"),
    ("allow", "RFC 9110, 10.2.1"),
    ("authorization", "RFC 9110, 11.6.2"),
    ("cache-control", "RFC 9111, 5.2"),
    ("connection", "RFC 9110, 7.6.1"),
    ("content-encoding", "RFC 9110, 8.4"),
    ("content-length", "RFC 9110, 8.6"),
    ("content-type", "RFC 9110, 8.3"),
    ("cookie", "RFC 6265, 4.2"),
    ("date", "RFC 9110, 6.6.1"),
    ("etag", "RFC 9110, 8.8.3"),
    ("expect", "RFC 9110, 10.1.1"),
    ("host", "RFC 9110, 7.2"),
    ("if-none-match", "RFC 9110, 13.1.2"),
    ("last-modified", "RFC 9110, 8.8.2"),
    ("location", "RFC 9110, 10.2.2"),
    ("max-forwards", "RFC 9110, 7.6.2"),
    ("range", "RFC 9110, 14.2"),
    ("referer", "RFC 9110, 10.1.3"),
    ("server", "RFC 9110, 10.2.4"),
    ("set-cookie", "RFC 6265, 4.1"),
    ("trailer", "RFC 9110, 6.6.2"),
    ("transfer-encoding", "RFC 9112, 6.1"),
    ("upgrade", "RFC 9110, 7.8"),
    ("user-agent", "RFC 9110, 10.1.5"),
    ("via", "RFC 9110, 7.6.3"),
];

/// Where a kind of part is ruled.
pub const fn section(kind: Kind) -> &'static str {
    match kind {
        Kind::EmptyLine | Kind::LineEnd => "RFC 9112, 2.2",
        Kind::Method => "RFC 9110, 9.1",
        Kind::Target => "RFC 9112, 3.2",
        Kind::Scheme => "RFC 9110, 4.2",
        Kind::Authority => "RFC 9110, 4.2.3",
        Kind::Path | Kind::Query => "RFC 9112, 3.2.1",
        Kind::Version => "RFC 9112, 2.3",
        Kind::Status => "RFC 9110, 15",
        Kind::Reason => "RFC 9112, 4",
        Kind::Separator | Kind::Name => "RFC 9112, 5",
        Kind::Space => "RFC 9112, 3",
        Kind::Value => "RFC 9110, 5.5",
        Kind::HeadEnd => "RFC 9112, 2.1",
        Kind::Content => "RFC 9112, 6.2",
        Kind::ChunkSize | Kind::LastChunk | Kind::ChunkData | Kind::ChunkEnd => "RFC 9112, 7.1",
        Kind::ChunkExtension => "RFC 9112, 7.1.1",
        Kind::TrailerName | Kind::TrailerValue | Kind::TrailerEnd => "RFC 9112, 7.1.2",
        Kind::Tunnel => "RFC 9110, 7.8",
        Kind::Wrong | Kind::Unread | Kind::Further => "RFC 9112, 2.2",
    }
}

/// What is to be said about a part of `bytes`.
pub fn tell(bytes: &[u8], report: &Report, part: &Part) -> Told {
    let text = String::from_utf8_lossy(&bytes[part.range.0 as usize..part.range.1 as usize]).into_owned();
    let sentence = Sentence::new(key("part_", part.kind.word()))
        .with("length", part.range.len())
        .with("number", part.number + 1)
        .with("message", part.message + 1);
    let mut told = Told { sentence, meaning: None, section: section(part.kind) };
    let message = report.messages.get(part.message);
    match part.kind {
        Kind::Method => {
            if let Some(method) = Method::find(text.as_bytes()) {
                told.meaning = Some(Sentence::new(key("method_", &method.name.to_ascii_lowercase())));
                told.section = method.section;
            } else {
                told.meaning = Some(Sentence::new("http_page.method_extension"));
            }
        }
        Kind::Status => {
            told.meaning = text.parse().ok().and_then(status);
            told.section = text.parse().map_or(told.section, status_section);
        }
        Kind::Name | Kind::TrailerName => {
            if let Some((meaning, section)) = field(&text) {
                told.meaning = Some(meaning);
                told.section = section;
            }
        }
        Kind::Value | Kind::TrailerValue => {
            let fields = message.map(|message| match part.kind {
                Kind::Value => &message.fields,
                _ => &message.trailers,
            });
            if let Some(named) = fields.and_then(|fields| fields.get(part.number))
                && let Some((meaning, section)) = field(&named.name.text)
            {
                told.meaning = Some(meaning);
                told.section = section;
            }
        }
        Kind::ChunkSize => {
            if let Ok(size) = u64::from_str_radix(&text, 16) {
                told.meaning = Some(Sentence::new("http_page.chunk_means").with("hex", text).with("size", size));
            }
        }
        _ => {}
    }
    told
}

fn key(prefix: &str, word: &str) -> String {
    format!("http_page.{prefix}{word}")
}

/// What a field is for.
pub fn field(name: &str) -> Option<(Sentence, &'static str)> {
    let lower = name.to_ascii_lowercase();
    let place = FIELDS.binary_search_by_key(&lower.as_str(), |field| field.0).ok()?;
    Some((Sentence::new(key("field_", &lower.replace('-', "_"))), FIELDS[place].1))
}

/// Whether answers to a method may be kept and used again (RFC 9110, 9.2.3). POST counts, though hardly any cache does it.
pub fn is_cacheable(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "POST")
}

/// What a status code says: the code where it has a text, otherwise its class.
pub fn status(code: u16) -> Option<Sentence> {
    let class = code / 100;
    let known = [100, 101, 200, 201, 204, 301, 304, 400, 404, 405, 408, 411, 413, 414, 417, 431, 500, 501, 505];
    match class {
        1..=5 if known.contains(&code) => Some(Sentence::new(format!("http_page.status_{code}"))),
        1..=5 => Some(Sentence::new(format!("http_page.status_{class}xx"))),
        _ => None,
    }
}

fn status_section(code: u16) -> &'static str {
    match code / 100 {
        1 => "RFC 9110, 15.2",
        2 => "RFC 9110, 15.3",
        3 => "RFC 9110, 15.4",
        4 => "RFC 9110, 15.5",
        5 => "RFC 9110, 15.6",
        _ => "RFC 9110, 15",
    }
}

/// Why the content of a message is as long as it is: the sentence and its rule.
pub fn why(message: &Message) -> (Sentence, String) {
    let framing = &message.framing;
    let sentence = Sentence::new(format!("http.framing_{}", framing.reason.code()));
    (sentence, format!("{}, rule {}", framing.section, framing.rule))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tools::http::{examples, machine, parts, steps};
    use crate::texts::{Language, of_tools};
    use sockscope_core::http::report::{Options, report};
    use sockscope_core::http::{Leniency, TABLE};

    #[test]
    fn everything_that_is_told_has_words_in_both_languages() {
        for example in examples::ALL {
            let report = report(example.bytes, &example.options());
            for part in parts::of(example.bytes, &report) {
                let told = tell(example.bytes, &report, &part);
                for sentence in [Some(told.sentence), told.meaning].into_iter().flatten() {
                    for language in [Language::En, Language::Zh] {
                        assert!(of_tools(language, &sentence.key, &[]).is_some(), "{}", sentence.key);
                    }
                }
            }
            for waits in
                (0..=example.bytes.len()).map(|read| steps::after(example.bytes, read, &example.options()).waits)
            {
                let key = format!("http_page.waits_{}", waits.word());
                assert!(of_tools(Language::En, &key, &[]).is_some(), "{key}");
            }
            assert!(of_tools(Language::En, &format!("http_page.example_{}", example.name), &[]).is_some());
            for message in &report.messages {
                let key = why(message).0.key;
                assert!(of_tools(Language::Zh, &key, &[]).is_some(), "{key}");
            }
        }
        for (name, _) in FIELDS {
            let key = field(name).unwrap().0.key;
            assert!(of_tools(Language::En, &key, &[]).is_some(), "{key}");
        }
        for code in 100..600 {
            let key = status(code).unwrap().key;
            assert!(of_tools(Language::En, &key, &[]).is_some(), "{key}");
        }
    }

    #[test]
    fn states_leniencies_and_short_names_have_words() {
        let known = |key: String| assert!(of_tools(Language::Zh, &key, &[]).is_some(), "{key}");
        for row in TABLE {
            known(format!("http_page.state_{}", machine::word(row.from)));
            known(format!("http_page.state_{}", machine::word(row.to)));
            known(format!("http_page.input_{}", machine::word(row.input)));
            known(format!("http_page.side_{}", machine::word(row.role)));
        }
        for name in Leniency::NAMES {
            known(format!("http.lenient_{name}"));
            known(format!("http_page.danger_{name}"));
        }
        for example in examples::ALL {
            for part in parts::of(example.bytes, &report(example.bytes, &example.options())) {
                known(format!("http_page.short_{}", part.kind.word()));
            }
        }
    }

    #[test]
    fn a_value_is_explained_by_its_name() {
        let bytes = b"GET / HTTP/1.1\r\nX: y\r\nhOsT: a\r\n\r\n";
        let report = report(bytes, &Options::default());
        let parts = parts::of(bytes, &report);
        let value = parts.iter().filter(|part| part.kind == Kind::Value).nth(1).unwrap();
        let told = tell(bytes, &report, value);
        assert_eq!(told.meaning.map(|it| it.key), Some("http_page.field_host".into()));
        assert_eq!(told.section, "RFC 9110, 7.2");
    }
}
