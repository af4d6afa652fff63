//! What the server answers about names: addresses, what each of its tables says, or why not. It asks nothing itself.

use crate::model::tools::said::{Said, said};
use serde_json::Value;

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The addresses, each with what belongs to it: interface, family, how long it may be kept.
    pub addresses: Vec<(String, String)>,
    /// What each table says of a service; nothing where it has none.
    pub tables: Vec<(String, Option<String>)>,
    /// Everything else that is plain, by its name in the answer.
    pub facts: Vec<(String, String)>,
}

/// Reads a good answer.
pub fn answer(body: &str) -> Answer {
    let mut answer = Answer::default();
    let Ok(Value::Object(fields)) = serde_json::from_str::<Value>(body) else { return answer };
    for (name, value) in fields {
        match value {
            Value::Array(list) if name == "addresses" => answer.addresses = list.iter().filter_map(address).collect(),
            Value::Array(list) if name == "answers" => answer.tables = list.iter().map(table).collect(),
            Value::Array(list) if !list.is_empty() && list.iter().all(Value::is_string) => {
                let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                answer.facts.push((name, words.join(", ")));
            }
            Value::String(text) => answer.facts.push((name, text)),
            Value::Number(number) => answer.facts.push((name, number.to_string())),
            _ => {}
        }
    }
    answer
}

fn address(value: &Value) -> Option<(String, String)> {
    if let Some(plain) = value.as_str() {
        return Some((plain.to_owned(), String::new()));
    }
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let ttl = value.get("ttl").and_then(Value::as_u64).map(|seconds| format!("ttl {seconds} s"));
    let more: Vec<String> =
        [text("interface"), text("family")].into_iter().flatten().map(str::to_owned).chain(ttl).collect();
    Some((text("address")?.to_owned(), more.join(", ")))
}

fn table(value: &Value) -> (String, Option<String>) {
    let name = value.get("table").and_then(Value::as_str).unwrap_or_default().to_owned();
    let service = value.get("service").filter(|service| service.is_object()).map(|service| {
        let text = |name: &str| service.get(name).and_then(Value::as_str).unwrap_or_default();
        let port = service.get("port").and_then(Value::as_u64).unwrap_or_default();
        format!("{} {port}/{}", text("name"), text("protocol"))
    });
    (name, service)
}

/// What a refusal says: its code with the gaps of the sentence, and title and sentence as the server has them (problem
/// details, RFC 9457).
pub fn refusal(body: &str) -> Option<(Said, String)> {
    let value: Value = serde_json::from_str(body).ok()?;
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    let words =
        [text("title"), text("detail")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
    (!words.is_empty()).then(|| (said(&value), words))
}

/// Everything but letters, digits, dots, hyphens and underscores as `%XX`, for a value of a query (RFC 3986, 3.4).
pub fn segment(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_tables_are_read() {
        let host = answer(
            r#"{"name":"a.example","answered_by":"dns","addresses":[{"address":"10.0.0.1","family":"ipv4","ttl":60},"::1"],"aliases":["a","b"]}"#,
        );
        assert_eq!(host.addresses, [("10.0.0.1".into(), "ipv4, ttl 60 s".into()), ("::1".into(), String::new())]);
        assert!(host.facts.contains(&("answered_by".into(), "dns".into())));
        assert!(host.facts.contains(&("aliases".into(), "a, b".into())));
        let service = answer(
            r#"{"answers":[{"table":"machine","available":false,"service":null},
                {"table":"iana","available":true,"service":{"name":"http","port":80,"protocol":"tcp","aliases":[]}}]}"#,
        );
        assert_eq!(service.tables, [("machine".into(), None), ("iana".into(), Some("http 80/tcp".into()))]);
        assert_eq!(answer("rubbish"), Answer::default());
    }

    #[test]
    fn a_refusal_has_a_code_and_words() {
        let body = r#"{"title":"No such host","detail":"nobody knows it","code":"no_such_host","name":"x"}"#;
        let (said, words) = refusal(body).unwrap();
        assert_eq!((said.code.as_str(), words.as_str()), ("no_such_host", "No such host: nobody knows it"));
        assert!(said.args.contains(&("name".into(), "x".into())));
        assert_eq!(refusal("<html>"), None);
        assert_eq!(segment("a b/ü"), "a%20b%2F%C3%BC");
    }
}
