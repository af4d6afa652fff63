//! What the server answers about names: addresses, services, or why not. It asks nothing itself.

use serde_json::Value;

/// An answer, as lines of key and value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The addresses.
    pub addresses: Vec<String>,
    /// Everything else that is plain, by its name in the answer.
    pub facts: Vec<(String, String)>,
}

/// Reads a good answer.
pub fn answer(body: &str) -> Answer {
    let mut answer = Answer::default();
    let Ok(Value::Object(fields)) = serde_json::from_str::<Value>(body) else { return answer };
    for (name, value) in fields {
        match value {
            Value::Array(list) if name == "addresses" => {
                let address = |it: &Value| it.as_str().or_else(|| it.get("address")?.as_str()).map(str::to_owned);
                answer.addresses = list.iter().filter_map(address).collect();
            }
            Value::String(text) => answer.facts.push((name, text)),
            Value::Number(number) => answer.facts.push((name, number.to_string())),
            Value::Bool(yes) => answer.facts.push((name, yes.to_string())),
            Value::Array(list) if !list.is_empty() && list.iter().all(Value::is_string) => {
                let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                answer.facts.push((name, words.join(", ")));
            }
            _ => {}
        }
    }
    answer
}

/// What a refusal says: title and sentence of problem details (RFC 9457).
pub fn refusal(body: &str) -> Option<(String, String)> {
    let value: Value = serde_json::from_str(body).ok()?;
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (title, detail) = (text("title"), text("detail"));
    (!title.is_empty() || !detail.is_empty()).then_some((title, detail))
}

/// Everything but letters, digits, dots, hyphens and underscores as `%XX`, for a segment of a path (RFC 3986, 3.3).
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
    fn addresses_are_read_in_either_form() {
        let plain = answer(r#"{"name":"localhost","addresses":["127.0.0.1","::1"],"micros":12}"#);
        assert_eq!(plain.addresses, ["127.0.0.1", "::1"]);
        assert!(plain.facts.contains(&("micros".into(), "12".into())));
        assert_eq!(answer(r#"{"addresses":[{"address":"10.0.0.1","family":"AF_INET"}]}"#).addresses, ["10.0.0.1"]);
        assert_eq!(answer("rubbish"), Answer::default());
    }

    #[test]
    fn a_refusal_has_a_title_and_a_sentence() {
        let (title, detail) = refusal(r#"{"title":"No such host","detail":"nobody knows it","code":"x"}"#).unwrap();
        assert_eq!((title.as_str(), detail.as_str()), ("No such host", "nobody knows it"));
        assert_eq!(refusal("<html>"), None);
        assert_eq!(segment("a b/ü"), "a%20b%2F%C3%BC");
    }
}
