//! Where a rule stands: the name of a standard as people write it, and the address at which it can be read.

/// A place in a standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// As people write it: `RFC 9112, 6.3`.
    pub name: String,
    /// Where it can be read.
    pub address: Option<String>,
}

/// Reads `RFC 9112 6.3`, `RFC 9112, 6.3` or `RFC 768`; another standard keeps its name and has no address.
pub fn rule(words: &str) -> Rule {
    let clean = words.replace([',', '§'], " ");
    let mut parts = clean.split_whitespace();
    let (Some("RFC"), Some(number)) = (parts.next(), parts.next()) else {
        return Rule { name: words.to_owned(), address: None };
    };
    let section = parts.find(|part| *part != "section");
    let mut address = format!("https://www.rfc-editor.org/rfc/rfc{number}");
    if let Some(section) = section {
        let kind = if section.starts_with(|c: char| c.is_ascii_digit()) { "section" } else { "appendix" };
        address.push_str(&format!("#{kind}-{}", section.trim_end_matches('.')));
    }
    let name = match section {
        Some(section) => format!("RFC {number}, {section}"),
        None => format!("RFC {number}"),
    };
    Rule { name, address: Some(address) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_of_an_rfc_has_an_address() {
        for words in ["RFC 9112 6.3", "RFC 9112, 6.3", "RFC 9112 section 6.3"] {
            let rule = rule(words);
            assert_eq!(rule.name, "RFC 9112, 6.3");
            assert_eq!(rule.address.as_deref(), Some("https://www.rfc-editor.org/rfc/rfc9112#section-6.3"));
        }
        assert_eq!(rule("RFC 768").address.as_deref(), Some("https://www.rfc-editor.org/rfc/rfc768"));
        assert_eq!(rule("POSIX").address, None);
    }
}
