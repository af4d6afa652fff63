//! A request as the server keeps it once its head is complete: owned parts of what the parser lends. It judges nothing.

use sockscope_core::http::{BodyLength, Head, Persistence, Start, TargetForm, Version};

/// A request; its content grows while it arrives.
#[derive(Clone, Debug)]
pub struct Request {
    /// As written.
    pub method: String,
    /// In which form the target came.
    pub form: TargetForm,
    /// The whole target.
    pub target: String,
    /// The path without its query, as written.
    pub path: String,
    /// The version.
    pub version: Version,
    /// Names and values in order; bytes that are no UTF-8 are replaced.
    pub fields: Vec<(String, String)>,
    /// The head as `message/http` for TRACE: the lines as they came, without those that may hold secrets.
    pub shown: Vec<u8>,
    /// How the content is delimited.
    pub body: BodyLength,
    /// Whether the client goes on afterwards.
    pub persistence: Persistence,
    /// What has arrived of the content.
    pub content: Vec<u8>,
}

/// Fields that TRACE does not send back (RFC 9110, 9.3.8).
const SECRET: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

impl Request {
    /// From the head of a request.
    pub fn new(head: &Head<'_>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let bytes = head.bytes();
        let mut shown = head.start_line().of(bytes).to_vec();
        shown.extend_from_slice(b"\r\n");
        for field in head.fields() {
            if !SECRET.iter().any(|name| field.is(name)) {
                shown.extend_from_slice(&bytes[field.name_span.start()..field.value_span.end()]);
                shown.extend_from_slice(b"\r\n");
            }
        }
        shown.extend_from_slice(b"\r\n");
        let (method, target) = match head.start() {
            Start::Request { method, target, .. } => (text(method), target),
            // A parser of requests gives no responses.
            Start::Response { .. } => (String::new(), Default::default()),
        };
        Request {
            method,
            form: target.form,
            target: text(target.whole.of(bytes)),
            path: text(target.path.of(bytes)),
            version: head.version(),
            fields: head.fields().map(|field| (text(field.name), text(&field.unfolded()))).collect(),
            shown,
            body: head.body,
            persistence: head.persistence,
            content: Vec::new(),
        }
    }

    /// The values of all fields with this name.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The value of the first field with this name.
    pub fn value<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.values(name).next()
    }

    /// Whether the client waits for `100 Continue` before it sends the content (RFC 9110, 10.1.1).
    pub fn expects_continue(&self) -> bool {
        let waits = self.values("expect").any(|value| value.trim().eq_ignore_ascii_case("100-continue"));
        waits && self.version == Version::Http11 && self.has_content()
    }

    /// Whether the client may hold its content back until it is answered: whoever expects something waits, even where nobody
    /// knows for what.
    pub fn waits(&self) -> bool {
        let unknown = || self.values("expect").any(|value| !value.trim().eq_ignore_ascii_case("100-continue"));
        self.expects_continue() || (self.has_content() && unknown())
    }

    /// Whether content follows the head.
    pub fn has_content(&self) -> bool {
        matches!(self.body, BodyLength::Exact(_) | BodyLength::Chunked)
    }

    /// Whether the request says how long its content is, even if that is nothing.
    pub fn says_length(&self) -> bool {
        self.value("content-length").is_some() || self.value("transfer-encoding").is_some()
    }
}
