//! What a parser puts up with: limits on every length, and each leniency as a named switch, off by default.

use serde::{Deserialize, Serialize};

/// The most that is read of each part. Anything more is an error of class `limit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of the request line or status line. RFC 9112, 3 asks for at least 8000.
    pub start_line: u32,
    /// Bytes of one field line.
    pub field_line: u32,
    /// Bytes of the whole head.
    pub head: u32,
    /// Fields in a head or a trailer section.
    pub fields: u32,
    /// Bytes of a body.
    pub body: u64,
    /// Bytes of a chunk-size line with its extensions.
    pub chunk_line: u32,
    /// Empty lines before a message.
    pub empty_lines: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            start_line: 16 * 1024,
            field_line: 64 * 1024,
            head: 256 * 1024,
            fields: 1000,
            body: u64::MAX,
            chunk_line: 16 * 1024,
            empty_lines: 8,
        }
    }
}

/// Leniencies that RFC 9112 allows a recipient, or that are met in the wild. All are off by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Leniency {
    /// LF alone ends a line (RFC 9112, 2.2).
    pub bare_lf: bool,
    /// A folded field line is taken for one, its fold for a space (RFC 9112, 5.2).
    pub folding: bool,
    /// Whitespace before the colon of a response is removed (RFC 9112, 5.1).
    pub space_before_colon: bool,
    /// Several spaces or tabs separate the parts of the first line (RFC 9112, 3).
    pub extra_space: bool,
    /// A status line without reason phrase may lack the space before it (RFC 9112, 4).
    pub space_after_status: bool,
    /// A request without `Host` is taken (older clients).
    pub host_missing: bool,
    /// Content-Length repeated with the same value is taken (RFC 9110, 8.6).
    pub content_length_repeated: bool,
    /// Transfer-Encoding overrides Content-Length (RFC 9112, 6.3); dangerous behind another parser.
    pub content_length_with_transfer_encoding: bool,
    /// Bytes after the last message of a connection are ignored.
    pub after_close: bool,
    /// Any octet but CR, LF and NUL stands in a field value.
    pub field_value_octets: bool,
}

impl Leniency {
    /// Every leniency on.
    pub const ALL: Leniency = Leniency {
        bare_lf: true,
        folding: true,
        space_before_colon: true,
        extra_space: true,
        space_after_status: true,
        host_missing: true,
        content_length_repeated: true,
        content_length_with_transfer_encoding: true,
        after_close: true,
        field_value_octets: true,
    };

    /// What either of the two takes.
    pub const fn with(self, other: Leniency) -> Leniency {
        Leniency {
            bare_lf: self.bare_lf || other.bare_lf,
            folding: self.folding || other.folding,
            space_before_colon: self.space_before_colon || other.space_before_colon,
            extra_space: self.extra_space || other.extra_space,
            space_after_status: self.space_after_status || other.space_after_status,
            host_missing: self.host_missing || other.host_missing,
            content_length_repeated: self.content_length_repeated || other.content_length_repeated,
            content_length_with_transfer_encoding: self.content_length_with_transfer_encoding
                || other.content_length_with_transfer_encoding,
            after_close: self.after_close || other.after_close,
            field_value_octets: self.field_value_octets || other.field_value_octets,
        }
    }

    /// The names of all switches, in the order of the fields.
    pub const NAMES: [&str; 10] = [
        "bare_lf",
        "folding",
        "space_before_colon",
        "extra_space",
        "space_after_status",
        "host_missing",
        "content_length_repeated",
        "content_length_with_transfer_encoding",
        "after_close",
        "field_value_octets",
    ];

    /// Turns the switch with this name on, or all of them for `all`; `false` if there is none.
    pub fn turn_on(&mut self, name: &str) -> bool {
        let switch = match name {
            "all" => {
                *self = Leniency::ALL;
                return true;
            }
            "bare_lf" => &mut self.bare_lf,
            "folding" => &mut self.folding,
            "space_before_colon" => &mut self.space_before_colon,
            "extra_space" => &mut self.extra_space,
            "space_after_status" => &mut self.space_after_status,
            "host_missing" => &mut self.host_missing,
            "content_length_repeated" => &mut self.content_length_repeated,
            "content_length_with_transfer_encoding" => &mut self.content_length_with_transfer_encoding,
            "after_close" => &mut self.after_close,
            "field_value_octets" => &mut self.field_value_octets,
            _ => return false,
        };
        *switch = true;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_has_its_name_and_all_names_together_are_all_switches() {
        let mut together = Leniency::default();
        for name in Leniency::NAMES {
            let mut one = Leniency::default();
            assert!(one.turn_on(name) && together.turn_on(name), "{name}");
            let json = serde_json::to_value(one).unwrap();
            assert_eq!(json[name], true, "{name} is the name of its field");
        }
        assert_eq!(together, Leniency::ALL);
        assert!(!together.turn_on("everything"));
    }
}
