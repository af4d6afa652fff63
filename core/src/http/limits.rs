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
}
