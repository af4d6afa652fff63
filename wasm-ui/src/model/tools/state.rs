//! What a tool keeps in the address, behind `#`: pairs of key and value, so that a link opens the same view. It touches
//! no browser. `b` always means "these bytes", in base64 for addresses.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::BTreeMap;

/// Most bytes that an address carries.
pub const MOST_BYTES: usize = 64 << 10;
/// Longest value that is read from an address.
const LONGEST: usize = 512 << 10;
/// Most pairs that are read from an address.
const MOST_PAIRS: usize = 64;

/// The pairs, by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State(BTreeMap<String, String>);

impl State {
    /// Reads `#codec=line&b=aGVsbG8`; what cannot be read is as if it were not there.
    pub fn read(hash: &str) -> State {
        let pairs = hash.trim_start_matches('#').split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.filter(|pair| pair.len() <= LONGEST).take(MOST_PAIRS);
        State(
            pairs
                .filter_map(|pair| {
                    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                    Some((decode(key)?, decode(value)?))
                })
                .collect(),
        )
    }

    /// The text behind the address, `#` included; nothing where there is nothing to say.
    pub fn write(&self) -> String {
        let pairs: Vec<String> =
            self.0.iter().map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect();
        if pairs.is_empty() { String::new() } else { format!("#{}", pairs.join("&")) }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Whether a key is there.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The value of a key as a number.
    pub fn number<T: std::str::FromStr>(&self, key: &str) -> Option<T> {
        self.get(key)?.parse().ok()
    }

    /// The value of a key as bytes.
    pub fn bytes(&self, key: &str) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(self.get(key)?.trim_end_matches('=')).ok()
    }

    /// Gives a key a value; an empty one takes the key away.
    pub fn set(&mut self, key: &str, value: impl ToString) {
        let value = value.to_string();
        if value.is_empty() { drop(self.0.remove(key)) } else { drop(self.0.insert(key.to_owned(), value)) }
    }

    /// Gives a key bytes. More than [`MOST_BYTES`] do not fit an address: then the key goes.
    pub fn set_bytes(&mut self, key: &str, bytes: &[u8]) {
        let fits = bytes.len() <= MOST_BYTES;
        self.set(key, if fits { URL_SAFE_NO_PAD.encode(bytes) } else { String::new() });
    }

    /// Takes a key away.
    pub fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }
}

/// As many of the bytes as an address holds.
pub fn head(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(MOST_BYTES)]
}

/// Bytes as an address carries them.
pub fn pack(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Everything but letters, digits and a few marks as `%XX` (RFC 3986, 2.1).
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => encoded.push(char::from(byte)),
            b'-' | b'.' | b'_' | b'~' | b'/' | b':' | b',' | b'@' | b'!' | b'*' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        if first == b'%' {
            let (pair, behind) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?);
            rest = behind;
        } else {
            bytes.push(first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_back_to_where_it_was_written() {
        let mut state = State::default();
        state.set("codec", "delimiter:\\n:escape=%");
        state.set("name", "你好 & so=on");
        state.set_bytes("b", &[0, 255, 62, 63]);
        let text = state.write();
        assert!(text.starts_with('#') && text.is_ascii() && !text.contains(' '), "{text}");
        assert_eq!(State::read(&text), state);
        assert_eq!(state.bytes("b").unwrap(), [0, 255, 62, 63]);
    }

    #[test]
    fn rubbish_in_an_address_is_as_if_it_were_not_there() {
        for hash in ["", "#", "##&&", "#%zz=1", "#a=%F", "#a=%FF"] {
            assert_eq!(State::read(hash).get("a"), None, "{hash}");
        }
        assert_eq!(State::read("#b=%%%").bytes("b"), None);
        assert_eq!(State::read("#b=A").bytes("b"), None);
    }

    #[test]
    fn more_bytes_than_fit_are_left_out() {
        let mut state = State::default();
        state.set_bytes("b", &[1; MOST_BYTES + 1]);
        assert_eq!(state.write(), "");
    }
}
