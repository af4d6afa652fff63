//! The head of a message: its first line and its fields, as bytes of the head and their places.

use super::field::{Field, FieldParts, Rule, rule};
use super::framing::{BodyLength, Persistence, Reason};
use super::{Span, Target, Version};
use crate::stream::Range;
use serde::Serialize;

/// What a head consists of. Kept by the parser and used again for the next message.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub start: StartParts,
    pub version: Version,
    pub version_span: Span,
    pub start_line: Span,
    pub fields: Vec<FieldParts>,
}

/// The first line.
#[derive(Clone, Copy, Debug)]
pub(super) enum StartParts {
    Request { method: Span, target: Target },
    Response { status: u16, status_span: Span, reason: Span },
}

impl Default for StartParts {
    fn default() -> Self {
        StartParts::Request { method: Span::default(), target: Target::default() }
    }
}

/// A complete head, or a trailer section (then only [`Head::fields`] has a meaning).
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) parts: &'a Parts,
    pub(super) base: u64,
    /// How the content is delimited.
    pub body: BodyLength,
    /// By which rule.
    pub reason: Reason,
    /// Whether the connection may carry another message afterwards.
    pub persistence: Persistence,
    /// Whether the message asks to change the protocol, or changes it.
    pub upgrade: bool,
}

/// The first line of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start<'a> {
    /// A request line.
    Request {
        /// The method, as written.
        method: &'a [u8],
        /// Its bytes.
        method_span: Span,
        /// The target.
        target: Target,
    },
    /// A status line.
    Response {
        /// The status code, 100 to 599.
        status: u16,
        /// Its bytes.
        status_span: Span,
        /// The reason phrase; may be empty.
        reason: &'a [u8],
        /// Its bytes.
        reason_span: Span,
    },
}

/// Something that is not an error but worth knowing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Stable code, one of [`Notice::CODES`].
    pub code: &'static str,
    /// Line of the message.
    pub line: u32,
    /// The field's name.
    pub field: String,
    /// Where the rule stands.
    pub section: &'static str,
}

impl Notice {
    /// Every code there is.
    pub const CODES: [&'static str; 2] = ["single_field_repeated", "no_content_expected"];
}

impl<'a> Head<'a> {
    /// All bytes of the head, from the first line to the empty one.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Where the head stands in the stream.
    pub fn range(&self) -> Range {
        Range(self.base, self.base + self.bytes.len() as u64)
    }

    /// The first line.
    pub fn start(&self) -> Start<'a> {
        match self.parts.start {
            StartParts::Request { method, target } => {
                Start::Request { method: method.of(self.bytes), method_span: method, target }
            }
            StartParts::Response { status, status_span, reason } => {
                Start::Response { status, status_span, reason: reason.of(self.bytes), reason_span: reason }
            }
        }
    }

    /// Bytes of the first line, without its end.
    pub fn start_line(&self) -> Span {
        self.parts.start_line
    }

    /// The version; one later than 1.1 counts as 1.1 (RFC 9110, 2.5).
    pub fn version(&self) -> Version {
        self.parts.version
    }

    /// Bytes of the version.
    pub fn version_span(&self) -> Span {
        self.parts.version_span
    }

    /// The fields in order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = Field<'a>> + use<'a> {
        let bytes = self.bytes;
        self.parts.fields.iter().map(move |parts| Field::new(bytes, parts))
    }

    /// The first field with this name.
    pub fn field(&self, name: &str) -> Option<Field<'a>> {
        self.fields().find(|field| field.is(name))
    }

    /// What is allowed and still worth knowing.
    pub fn notices(&self) -> Vec<Notice> {
        let mut notices = Vec::new();
        for (index, field) in self.fields().enumerate() {
            let name = String::from_utf8_lossy(field.name).into_owned();
            let repeated = self.fields().take(index).any(|earlier| earlier.name.eq_ignore_ascii_case(field.name));
            if repeated && rule(&name) == Rule::Single {
                let section = "RFC 9110, 5.3";
                notices.push(Notice { code: "single_field_repeated", line: field.line, field: name, section });
            } else if self.body == BodyLength::None
                && let StartParts::Response { status, .. } = self.parts.start
                && (status < 200 || status == 204)
                && (field.is("content-length") || field.is("transfer-encoding"))
            {
                let section = "RFC 9110, 8.6";
                notices.push(Notice { code: "no_content_expected", line: field.line, field: name, section });
            }
        }
        notices
    }
}
