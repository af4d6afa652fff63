//! An answer and how it is written: status line, fields that every answer has, content in one piece or in chunks.

use serde_json::json;
use sockscope_core::http::{EncodeError, Encoder, Malformed, Persistence, ResponseHead, Truncated, Version};

use super::date;

/// What a request is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Fields besides those that every answer has.
    pub fields: Vec<(String, String)>,
    /// The content; what HEAD is answered has the fields of it only.
    pub content: Content,
}

/// The content of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// None at all, as 204 and 304 have it.
    None,
    /// All of it, with its length.
    Whole(Vec<u8>),
    /// In chunks, with trailer fields.
    Chunks(Vec<Vec<u8>>, Vec<(String, String)>),
}

/// Reason phrases (RFC 9110, 15; RFC 6585; RFC 4918).
pub fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        301 => "Moved Permanently",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        505 => "HTTP Version Not Supported",
        507 => "Insufficient Storage",
        _ => "",
    }
}

impl Answer {
    /// An answer without content.
    pub fn empty(status: u16) -> Self {
        Answer { status, fields: Vec::new(), content: Content::None }
    }

    /// An answer with content of a type.
    pub fn of(status: u16, media_type: &str, content: impl Into<Vec<u8>>) -> Self {
        Answer { status, fields: Vec::new(), content: Content::Whole(content.into()) }.with("Content-Type", media_type)
    }

    /// A refusal as a problem document (RFC 9457).
    pub fn problem(status: u16, code: &str, detail: &str, section: &str) -> Self {
        let body = json!({
            "title": reason(status), "status": status, "detail": detail, "code": code, "section": section
        });
        Answer::of(status, "application/problem+json", format!("{body}\n"))
    }

    /// The refusal of bytes that break a rule, with the parser's error and its place.
    pub fn malformed(malformed: &Malformed) -> Self {
        let status = malformed.kind.status();
        let mut body = json!(malformed);
        if let Some(body) = body.as_object_mut() {
            body.insert("title".to_owned(), json!(reason(status)));
            // The kind's own number where it names a status; this is the answer's.
            body.insert("status".to_owned(), json!(status));
            body.insert("detail".to_owned(), json!(malformed.to_string()));
        }
        Answer::of(status, "application/problem+json", format!("{body}\n"))
    }

    /// The answer to a client that stopped inside its request and still listens.
    pub fn truncated(truncated: &Truncated) -> Self {
        Answer::problem(400, truncated.code(), &truncated.to_string(), "RFC 9112, 8")
    }

    /// With another field.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    /// As bytes. `version` is the request's, `head_only` whether it was HEAD. The answer is whether the connection may
    /// go on: content in chunks to HTTP/1.0 ends with the connection.
    pub fn write(
        &self,
        version: Version,
        head_only: bool,
        mut persistence: Persistence,
        into: &mut Vec<u8>,
    ) -> Result<Persistence, EncodeError> {
        let mut fields = vec![("Date".to_owned(), date::now()), ("Server".to_owned(), "sockscope".to_owned())];
        let mut say = |name: &str, value: String| fields.push((name.to_owned(), value));
        let mut encoder = Encoder::Plain;
        match &self.content {
            Content::None => {}
            Content::Whole(bytes) => say("Content-Length", bytes.len().to_string()),
            Content::Chunks(..) if version == Version::Http10 => persistence = Persistence::Close,
            Content::Chunks(_, trailers) => {
                encoder = Encoder::Chunked;
                say("Transfer-Encoding", "chunked".to_owned());
                let names: Vec<&str> = trailers.iter().map(|(name, _)| name.as_str()).collect();
                if !names.is_empty() {
                    say("Trailer", names.join(", "));
                }
            }
        }
        match (version, persistence) {
            (_, Persistence::Close) => say("Connection", "close".to_owned()),
            (Version::Http10, Persistence::KeepAlive) => say("Connection", "keep-alive".to_owned()),
            (Version::Http11, Persistence::KeepAlive) => {}
        }
        fields.extend(self.fields.iter().cloned());
        // The version is the server's own, whatever the request's (RFC 9110, 2.5).
        let head = ResponseHead {
            status: self.status,
            reason: reason(self.status).to_owned(),
            version: Version::Http11,
            fields,
        };
        head.write(into)?;
        if head_only {
            return Ok(persistence);
        }
        match &self.content {
            Content::None => {}
            Content::Whole(bytes) => encoder.data(bytes, into),
            Content::Chunks(pieces, trailers) => {
                pieces.iter().for_each(|piece| encoder.data(piece, into));
                encoder.finish(trailers, into)?;
            }
        }
        Ok(persistence)
    }
}
