//! Whether a text may be a host name (RFC 1123, 2.1; RFC 1035, 2.3.4). Whether anybody has that name is not its question.

use thiserror::Error;

/// A text that is no host name. Places are offsets in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum HostNameError {
    #[error("a host name is missing")]
    Empty,
    #[error("a host name has at most 253 characters, not {length}")]
    TooLong { length: usize },
    #[error("byte {at}: a label is missing between two dots")]
    EmptyLabel { at: usize },
    #[error("byte {at}: a label has at most 63 characters, not {length}")]
    LabelTooLong { at: usize, length: usize },
    #[error("byte {at}: a label neither begins nor ends with a hyphen")]
    Hyphen { at: usize },
    #[error("byte {at}: {found:?} cannot stand in a host name; letters, digits and hyphens can")]
    Character { at: usize, found: char },
    #[error("byte {at}: {found:?} is not ASCII; such names are written in their xn-- form (RFC 5891)")]
    NotAscii { at: usize, found: char },
}

impl HostNameError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            HostNameError::Empty => "name_empty",
            HostNameError::TooLong { .. } => "name_too_long",
            HostNameError::EmptyLabel { .. } => "name_empty_label",
            HostNameError::LabelTooLong { .. } => "name_label_too_long",
            HostNameError::Hyphen { .. } => "name_hyphen",
            HostNameError::Character { .. } => "name_character",
            HostNameError::NotAscii { .. } => "name_not_ascii",
        }
    }

    /// Offset in bytes.
    pub const fn at(&self) -> usize {
        match *self {
            HostNameError::Empty => 0,
            HostNameError::TooLong { .. } => 253,
            HostNameError::EmptyLabel { at }
            | HostNameError::LabelTooLong { at, .. }
            | HostNameError::Hyphen { at }
            | HostNameError::Character { at, .. }
            | HostNameError::NotAscii { at, .. } => at,
        }
    }

    /// What fills the gaps of the sentence in a text, by their names.
    pub fn values(&self) -> Vec<(&'static str, String)> {
        let mut values = vec![("at", self.at().to_string())];
        match *self {
            HostNameError::TooLong { length } | HostNameError::LabelTooLong { length, .. } => {
                values.push(("length", length.to_string()));
            }
            HostNameError::Character { found, .. } | HostNameError::NotAscii { found, .. } => {
                values.push(("found", found.to_string()));
            }
            _ => {}
        }
        values
    }
}

/// Says what is wrong with a host name. A dot at its end is allowed, and underscores are, as in service names of the DNS.
///
/// # Errors
///
/// The first rule that is broken, with its place.
pub fn check_host_name(text: &str) -> Result<(), HostNameError> {
    let name = text.strip_suffix('.').unwrap_or(text);
    if name.is_empty() {
        return Err(HostNameError::Empty);
    }
    let strange = |c: &(usize, char)| !(c.1.is_ascii_alphanumeric() || matches!(c.1, '.' | '-' | '_'));
    match name.char_indices().find(strange) {
        Some((at, found)) if found.is_ascii() => return Err(HostNameError::Character { at, found }),
        Some((at, found)) => return Err(HostNameError::NotAscii { at, found }),
        None if name.len() > 253 => return Err(HostNameError::TooLong { length: name.len() }),
        None => {}
    }
    let mut at = 0;
    for label in name.split('.') {
        match label.as_bytes() {
            [] => return Err(HostNameError::EmptyLabel { at }),
            _ if label.len() > 63 => return Err(HostNameError::LabelTooLong { at, length: label.len() }),
            [b'-', ..] => return Err(HostNameError::Hyphen { at }),
            [.., b'-'] => return Err(HostNameError::Hyphen { at: at + label.len() - 1 }),
            _ => at += label.len() + 1,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_hosts_pass_and_everything_else_has_a_place() {
        for name in ["localhost", "a.b.example", "www.example.com.", "xn--fiq228c.example", "3com.com", "_http._tcp.x"]
        {
            assert_eq!(check_host_name(name), Ok(()), "{name}");
        }
        let long = "a.".repeat(127) + "b";
        for (name, code, at) in [
            ("", "name_empty", 0),
            (".", "name_empty", 0),
            ("a..b", "name_empty_label", 2),
            ("-a", "name_hyphen", 0),
            ("a.b-", "name_hyphen", 3),
            ("a b", "name_character", 1),
            ("a/b", "name_character", 1),
            ("例子.cn", "name_not_ascii", 0),
            (&("a".repeat(64)), "name_label_too_long", 0),
            (&long, "name_too_long", 253),
        ] {
            let error = check_host_name(name).unwrap_err();
            assert_eq!((error.code(), error.at()), (code, at), "{name}");
        }
    }
}
