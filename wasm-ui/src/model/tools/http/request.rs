//! A request as a form, and its bytes. It opens no connection.

use sockscope_core::http::{EncodeError, Encoder, RequestHead};
use sockscope_core::trace::narrate::Sentence;

/// The eight methods of RFC 9110, in the order in which a course meets them.
pub const EIGHT: [&str; 8] = ["GET", "POST", "HEAD", "PUT", "DELETE", "CONNECT", "TRACE", "OPTIONS"];

/// The one place to which our server opens a tunnel: an echo inside itself.
const ECHO: &str = "echo:7";

/// The form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// The method.
    pub method: String,
    /// The target.
    pub target: String,
    /// Names and values.
    pub fields: Vec<(String, String)>,
    /// The content, as text.
    pub content: String,
    /// Whether the content goes in chunks.
    pub chunked: bool,
}

impl Form {
    /// What is sensible to begin with for a method; `host` is the server's own name and port.
    pub fn of(method: &str, host: &str) -> Form {
        let (target, content) = match method {
            "POST" => ("/echo", "name=Li+Lei"),
            "PUT" => ("/documents/note", "A note that PUT has left.\n"),
            "DELETE" => ("/documents/note", ""),
            "CONNECT" => (ECHO, ""),
            "OPTIONS" => ("*", ""),
            _ => ("/hello", ""),
        };
        let named = if method == "CONNECT" { ECHO } else { host };
        let mut fields = vec![("Host".to_owned(), named.to_owned()), ("Accept".to_owned(), "*/*".to_owned())];
        match method {
            "POST" => fields.push(("Content-Type".into(), "application/x-www-form-urlencoded".into())),
            "PUT" => fields.push(("Content-Type".into(), "text/plain; charset=utf-8".into())),
            _ => {}
        }
        Form {
            method: method.to_owned(),
            target: target.to_owned(),
            fields,
            content: content.to_owned(),
            chunked: false,
        }
    }

    /// The bytes of the request, with the field that delimits its content.
    ///
    /// # Errors
    /// A part of it cannot stand in a request.
    pub fn bytes(&self) -> Result<Vec<u8>, EncodeError> {
        let mut fields: Vec<(String, String)> =
            self.fields.iter().filter(|field| !(field.0.is_empty() && field.1.is_empty())).cloned().collect();
        let says = |name: &str| fields.iter().any(|field| field.0.eq_ignore_ascii_case(name));
        let delimited = says("content-length") || says("transfer-encoding");
        if !delimited && self.chunked {
            fields.push(("Transfer-Encoding".into(), "chunked".into()));
        } else if !delimited && !self.content.is_empty() {
            fields.push(("Content-Length".into(), self.content.len().to_string()));
        }
        let head =
            RequestHead { method: self.method.clone(), target: self.target.clone(), fields, ..RequestHead::default() };
        let mut bytes = Vec::new();
        head.write(&mut bytes)?;
        let encoder = if self.chunked { Encoder::Chunked } else { Encoder::Plain };
        encoder.data(self.content.as_bytes(), &mut bytes);
        encoder.finish(&[], &mut bytes)?;
        Ok(bytes)
    }
}

/// Why a form is no request.
pub fn wrong(error: &EncodeError) -> Sentence {
    match error {
        EncodeError::Method { method } => Sentence::new("http_page.form_method").with("method", method),
        EncodeError::Target { target, method } => {
            Sentence::new("http_page.form_target").with("target", target).with("method", method)
        }
        EncodeError::FieldName { name } => Sentence::new("http_page.form_name").with("name", name),
        EncodeError::FieldValue { name, at } => Sentence::new("http_page.form_value").with("name", name).with("at", at),
        EncodeError::Status { .. } | EncodeError::Reason { .. } => {
            Sentence::new("http_page.form_name").with("name", "")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sockscope_core::http::Role;
    use sockscope_core::http::report::{Options, report};

    #[test]
    fn what_the_form_writes_the_parser_takes() {
        for method in EIGHT {
            for chunked in [false, true] {
                let form = Form { chunked: chunked && method != "CONNECT", ..Form::of(method, "127.0.0.1:8080") };
                let bytes = form.bytes().unwrap();
                let report = report(&bytes, &Options { role: Some(Role::Request), ..Options::default() });
                assert_eq!((report.error, report.messages.len()), (None, 1), "{method}");
                let message = &report.messages[0];
                assert!(message.complete && &message.content[..] == form.content.as_bytes(), "{method}");
            }
        }
    }

    #[test]
    fn a_form_that_is_no_request_says_which_part() {
        let form = Form { method: "GE T".into(), ..Form::of("GET", "a") };
        assert_eq!(wrong(&form.bytes().unwrap_err()).key, "http_page.form_method");
        let mut form = Form::of("GET", "a");
        form.fields.push(("X".into(), "a\r\nb".into()));
        assert_eq!(wrong(&form.bytes().unwrap_err()).key, "http_page.form_value");
    }
}
