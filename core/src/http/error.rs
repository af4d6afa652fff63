//! What can be wrong with a message: a class, a stable code, a place, the rule that is broken.

use serde::Serialize;
use serde::ser::SerializeMap as _;
use std::fmt;
use thiserror::Error;

/// Who must act on an error, and how bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The grammar is broken.
    Syntax,
    /// Where the message ends cannot be said, or two parties could say it differently.
    Framing,
    /// The grammar is kept, the meaning is not.
    Semantic,
    /// A limit of this parser.
    Limit,
    /// Allowed by the grammar, refused on purpose.
    Policy,
}

impl Class {
    /// Every one.
    pub const ALL: [Class; 5] = [Class::Syntax, Class::Framing, Class::Semantic, Class::Limit, Class::Policy];

    /// As in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Class::Syntax => "syntax",
            Class::Framing => "framing",
            Class::Semantic => "semantic",
            Class::Limit => "limit",
            Class::Policy => "policy",
        }
    }
}

/// An error with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub struct Malformed {
    /// Offset in the stream of the byte at fault.
    pub at: u64,
    /// Line of the message, from 1.
    pub line: u32,
    /// What is wrong.
    pub kind: Kind,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}, line {}: {} ({})", self.at, self.line, self.kind, self.kind.section())
    }
}

impl Serialize for Malformed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("code", self.kind.code())?;
        object.serialize_entry("class", &self.kind.class())?;
        object.serialize_entry("at", &self.at)?;
        object.serialize_entry("line", &self.line)?;
        for (name, number) in self.kind.numbers() {
            object.serialize_entry(name, &number)?;
        }
        object.serialize_entry("section", self.kind.section())?;
        object.serialize_entry("message", &self.kind.to_string())?;
        object.end()
    }
}

/// The stream ended inside a message. It is not malformed: the rest is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the stream ends inside a message that begins at byte {at}, after {have} bytes{}", match .need { Some(need) => format!("; {need} more are needed"), None => String::new() })]
pub struct Truncated {
    /// Offset in the stream where the unfinished message begins.
    pub at: u64,
    /// Bytes of it that are there.
    pub have: u64,
    /// Bytes that are missing, where that is known.
    pub need: Option<u64>,
}

impl Truncated {
    /// Its stable code; the text of `truncated_need` also names the bytes that are missing.
    pub const fn code(&self) -> &'static str {
        match self.need {
            Some(_) => "truncated_need",
            None => "truncated",
        }
    }

    /// The values of the gaps in its text.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let mut args = vec![("at", self.at.to_string()), ("have", self.have.to_string())];
        args.extend(self.need.map(|need| ("need", need.to_string())));
        args
    }
}

impl Serialize for Truncated {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("code", self.code())?;
        object.serialize_entry("at", &self.at)?;
        object.serialize_entry("have", &self.have)?;
        object.serialize_entry("need", &self.need)?;
        object.serialize_entry("section", "RFC 9112, 8")?;
        object.serialize_entry("message", &self.to_string())?;
        object.end()
    }
}

macro_rules! kinds {
    ($($name:ident $({ $($field:ident: $type:ty),* })? = $class:ident, $code:literal, $section:literal, $text:literal;)*) => {
        /// What is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
        #[allow(missing_docs)] // each says itself
        pub enum Kind { $(#[error($text)] $name $({ $($field: $type),* })?,)* }

        impl Kind {
            /// Its class.
            pub const fn class(&self) -> Class { match self { $(Kind::$name $({ $($field: _),* })? => Class::$class,)* } }

            /// Its stable code, as in JSON.
            pub const fn code(&self) -> &'static str { match self { $(Kind::$name $({ $($field: _),* })? => $code,)* } }

            /// The rule it breaks.
            pub const fn section(&self) -> &'static str { match self { $(Kind::$name $({ $($field: _),* })? => $section,)* } }

            /// The numbers it names, by the names of the gaps in its text.
            pub fn numbers(&self) -> Vec<(&'static str, u64)> {
                match self { $(Kind::$name $({ $($field),* })? => vec![$($((stringify!($field), u64::from(*$field))),*)?],)* }
            }

            /// Every code there is.
            pub const CODES: &'static [&'static str] = &[$($code,)*];
        }
    };
}

kinds! {
    BareLf = Syntax, "bare_lf", "RFC 9112, 2.2", "a line must end with CR LF, not with LF alone";
    BareCr = Syntax, "bare_cr", "RFC 9112, 2.2", "a CR must be followed by LF";
    MethodByte { byte: u8 } = Syntax, "method_byte", "RFC 9110, 9.1", "0x{byte:02x} cannot stand in a method";
    MethodMissing = Syntax, "method_missing", "RFC 9112, 3", "the request line must begin with a method";
    TargetMissing = Syntax, "target_missing", "RFC 9112, 3", "the request line has no target";
    TargetByte { byte: u8 } = Syntax, "target_byte", "RFC 9112, 3.2", "0x{byte:02x} cannot stand in a target";
    TargetForm = Syntax, "target_form", "RFC 9112, 3.2", "the target has none of the four forms";
    TargetNotForMethod = Semantic, "target_not_for_method", "RFC 9112, 3.2", "this method does not take this form of target";
    PercentEncoding = Syntax, "percent_encoding", "RFC 3986, 2.1", "'%' must be followed by two hexadecimal digits";
    AuthorityPort = Syntax, "authority_port", "RFC 9112, 3.2.3", "the target of CONNECT is host:port";
    UserInfo = Policy, "user_info", "RFC 9110, 4.2.4", "user information does not belong in a target";
    VersionMissing = Syntax, "version_missing", "RFC 9112, 3", "the request line has no version";
    VersionSyntax = Syntax, "version_syntax", "RFC 9112, 2.3", "a version is written HTTP/1.1";
    VersionUnsupported { major: u8, minor: u8 } = Semantic, "version_unsupported", "RFC 9110, 2.5", "HTTP/{major}.{minor} is not spoken here";
    ExtraSpace = Syntax, "extra_space", "RFC 9112, 3", "exactly one space separates the parts of this line";
    StatusSyntax = Syntax, "status_syntax", "RFC 9112, 4", "a status code has three digits";
    SpaceAfterStatus = Syntax, "space_after_status", "RFC 9112, 4", "a space must stand behind the status code, even without a reason phrase";
    StatusRange { status: u16 } = Semantic, "status_range", "RFC 9110, 15", "the status {status} is not between 100 and 599";
    ReasonByte { byte: u8 } = Syntax, "reason_byte", "RFC 9112, 4", "0x{byte:02x} cannot stand in a reason phrase";
    FieldNameMissing = Syntax, "field_name_missing", "RFC 9112, 5", "a field line must begin with a name";
    FieldNameByte { byte: u8 } = Syntax, "field_name_byte", "RFC 9110, 5.6.2", "0x{byte:02x} cannot stand in a field name";
    SpaceBeforeColon = Syntax, "space_before_colon", "RFC 9112, 5.1", "no space may stand between a field name and its colon";
    ColonMissing = Syntax, "colon_missing", "RFC 9112, 5", "a field line has a colon behind its name";
    FieldValueByte { byte: u8 } = Syntax, "field_value_byte", "RFC 9110, 5.5", "0x{byte:02x} cannot stand in a field value";
    Folded = Syntax, "folded", "RFC 9112, 5.2", "a field line may no longer be folded";
    SpaceBeforeFirstField = Syntax, "space_before_first_field", "RFC 9112, 2.2", "whitespace may not stand between the first line and the fields";
    HostMissing = Semantic, "host_missing", "RFC 9112, 3.2", "an HTTP/1.1 request must have a Host field";
    HostRepeated = Semantic, "host_repeated", "RFC 9112, 3.2", "a request has exactly one Host field";
    HostSyntax = Semantic, "host_syntax", "RFC 9110, 7.2", "the value of Host is host or host:port";
    ContentLengthSyntax = Framing, "content_length_syntax", "RFC 9110, 8.6", "Content-Length is a decimal number";
    ContentLengthTooLarge = Framing, "content_length_too_large", "RFC 9110, 8.6", "Content-Length does not fit 64 bits";
    ContentLengthConflict = Framing, "content_length_conflict", "RFC 9112, 6.3", "two values of Content-Length differ";
    ContentLengthRepeated = Framing, "content_length_repeated", "RFC 9110, 8.6", "Content-Length is given more than once";
    ContentLengthWithTransferEncoding = Framing, "content_length_with_transfer_encoding", "RFC 9112, 6.1", "Content-Length and Transfer-Encoding exclude each other";
    TransferEncodingSyntax = Framing, "transfer_encoding_syntax", "RFC 9112, 6.1", "Transfer-Encoding is a list of codings";
    TransferEncodingIn10 = Framing, "transfer_encoding_in_1_0", "RFC 9112, 6.1", "HTTP/1.0 has no Transfer-Encoding";
    ChunkedNotLast = Framing, "chunked_not_last", "RFC 9112, 6.3", "chunked must be the last coding of a request";
    ChunkedRepeated = Framing, "chunked_repeated", "RFC 9112, 6.1", "chunked may be applied only once";
    TransferEncodingUnknown = Semantic, "transfer_encoding_unknown", "RFC 9112, 6.1", "this transfer coding is not known here";
    ChunkSizeSyntax { byte: u8 } = Framing, "chunk_size_syntax", "RFC 9112, 7.1", "0x{byte:02x} stands where a chunk size belongs";
    ChunkSizeTooLarge = Framing, "chunk_size_too_large", "RFC 9112, 7.1", "the chunk size does not fit 64 bits";
    ChunkExtension { byte: u8 } = Syntax, "chunk_extension", "RFC 9112, 7.1.1", "0x{byte:02x} cannot stand in a chunk extension";
    ChunkEnd { byte: u8 } = Framing, "chunk_end", "RFC 9112, 7.1", "0x{byte:02x} stands where CR LF must end the chunk";
    TrailerForbidden = Framing, "trailer_forbidden", "RFC 9110, 6.5.1", "this field must not come in a trailer";
    StartLineTooLong { limit: u64 } = Limit, "start_line_too_long", "RFC 9112, 3", "the first line exceeds {limit} bytes";
    HeadTooLong { limit: u64 } = Limit, "head_too_long", "RFC 9110, 5.4", "the head exceeds {limit} bytes";
    FieldTooLong { limit: u64 } = Limit, "field_too_long", "RFC 9110, 5.4", "a field line exceeds {limit} bytes";
    TooManyFields { limit: u64 } = Limit, "too_many_fields", "RFC 9110, 5.4", "there are more than {limit} fields";
    BodyTooLong { declared: u64, limit: u64 } = Limit, "body_too_long", "RFC 9110, 8.6", "a body of {declared} bytes exceeds the limit of {limit}";
    ChunkLineTooLong { limit: u64 } = Limit, "chunk_line_too_long", "RFC 9112, 7.1.1", "a chunk-size line exceeds {limit} bytes";
    TooManyEmptyLines { limit: u64 } = Limit, "too_many_empty_lines", "RFC 9112, 2.2", "more than {limit} empty lines stand before the message";
    AfterClose = Policy, "after_close", "RFC 9112, 9.6", "bytes follow the last message of the connection";
}

impl Kind {
    /// The values of the gaps in its text; a byte is shown with its character, where it has one.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let shown = |name, number: u64| match (name, u8::try_from(number)) {
            ("byte", Ok(byte)) if byte.is_ascii_graphic() => format!("0x{byte:02x} ({})", char::from(byte)),
            ("byte", Ok(byte)) => format!("0x{byte:02x}"),
            _ => number.to_string(),
        };
        self.numbers().into_iter().map(|(name, number)| (name, shown(name, number))).collect()
    }

    /// The status a server answers such a request with.
    pub const fn status(&self) -> u16 {
        match self {
            Kind::VersionUnsupported { .. } => 505,
            Kind::TransferEncodingUnknown => 501,
            Kind::StartLineTooLong { .. } => 414,
            Kind::HeadTooLong { .. } | Kind::FieldTooLong { .. } | Kind::TooManyFields { .. } => 431,
            Kind::BodyTooLong { .. } => 413,
            _ => 400,
        }
    }
}
