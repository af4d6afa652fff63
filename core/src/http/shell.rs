//! A request as a command line: for `curl` where curl can say it, and for `printf` and `nc`, which can say everything.
//! It runs nothing.

use super::report::{Message, Options, StartReport, report};
use super::{Role, TargetForm};
use serde::Serialize;

/// Why `curl` cannot send these bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotCurl {
    /// They break a rule: curl sends only what is right.
    Malformed,
    /// They are not exactly one whole request.
    NotOneRequest,
    /// curl sends CONNECT only to open a tunnel for another request.
    Connect,
    /// There are trailer fields.
    Trailers,
    /// A field cannot be an argument of a command.
    Bytes,
}

impl NotCurl {
    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            NotCurl::Malformed => "malformed",
            NotCurl::NotOneRequest => "not_one_request",
            NotCurl::Connect => "connect",
            NotCurl::Trailers => "trailers",
            NotCurl::Bytes => "bytes",
        }
    }

    /// Every one.
    pub const ALL: [NotCurl; 5] =
        [NotCurl::Malformed, NotCurl::NotOneRequest, NotCurl::Connect, NotCurl::Trailers, NotCurl::Bytes];
}

/// `printf … | nc HOST PORT`: these very bytes.
///
/// ```
/// use sockscope_core::http::shell::netcat;
/// assert_eq!(netcat(b"GET / HTTP/1.1\r\n\r\n", "127.0.0.1", 8081), "printf 'GET / HTTP/1.1\\r\\n\\r\\n' | nc 127.0.0.1 8081");
/// ```
pub fn netcat(bytes: &[u8], host: &str, port: u16) -> String {
    format!("{} | nc {host} {port}", printf(bytes))
}

/// `printf '…'` that prints these bytes (POSIX, printf).
fn printf(bytes: &[u8]) -> String {
    let mut text = String::from("printf '");
    for &byte in bytes {
        match byte {
            b'\r' => text.push_str("\\r"),
            b'\n' => text.push_str("\\n"),
            b'\t' => text.push_str("\\t"),
            b'\\' => text.push_str("\\\\"),
            b'%' => text.push_str("%%"),
            b'\'' => text.push_str("'\\''"),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text.push('\'');
    text
}

/// In single quotes, as a POSIX shell reads them.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The `curl` command that sends this request to a server at `address` (`host:port`). curl chooses the sizes of chunks, and
/// writes one space behind each colon.
///
/// # Errors
///
/// curl cannot send it, and why.
pub fn curl(bytes: &[u8], address: &str) -> Result<String, NotCurl> {
    let found = report(bytes, &Options { role: Some(Role::Request), ..Options::default() });
    if found.error.is_some() {
        return Err(NotCurl::Malformed);
    }
    let whole = found.messages.first().filter(|message| message.complete && message.range.1 == bytes.len() as u64);
    let (Some(message), 1) = (whole, found.messages.len()) else {
        // A tunnel belongs to CONNECT or an upgrade, whose message ends before it.
        let connects = bytes.starts_with(b"CONNECT ");
        return Err(if connects { NotCurl::Connect } else { NotCurl::NotOneRequest });
    };
    let StartReport::Request { method, target, .. } = &message.start else { return Err(NotCurl::NotOneRequest) };
    if method.text == "CONNECT" {
        return Err(NotCurl::Connect);
    }
    if !message.trailers.is_empty() {
        return Err(NotCurl::Trailers);
    }
    let has = |name: &str| message.fields.iter().any(|field| field.name.text.eq_ignore_ascii_case(name));
    let version = if message.version.text == "HTTP/1.0" { "--http1.0" } else { "--http1.1" };
    let mut words = vec!["curl".to_owned(), "-i".to_owned(), version.to_owned(), "-g".to_owned()];
    words.push("--path-as-is".to_owned());
    let sends = has("content-length") || has("transfer-encoding");
    match method.text.as_str() {
        "GET" if !sends => {}
        "HEAD" if !sends => words.push("-I".to_owned()),
        "POST" if sends => {}
        other => words.extend(["-X".to_owned(), quoted(other)]),
    }
    let url = match target.form {
        TargetForm::Origin => format!("http://{address}{}", target.whole.text),
        _ => {
            words.extend(["--request-target".to_owned(), quoted(&target.whole.text)]);
            format!("http://{address}")
        }
    };
    fields(message, sends, &mut words)?;
    let mut input = String::new();
    if sends {
        let plain = std::str::from_utf8(&message.content)
            .ok()
            .filter(|text| !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        match plain {
            Some(text) => words.extend(["--data-raw".to_owned(), quoted(text)]),
            None => {
                input = format!("{} | ", printf(&message.content));
                words.extend(["--data-binary".to_owned(), "@-".to_owned()]);
            }
        }
    }
    words.push(quoted(&url));
    Ok(input + &words.join(" "))
}

/// The fields as options, and those that curl would add by itself taken away.
fn fields(message: &Message, sends: bool, words: &mut Vec<String>) -> Result<(), NotCurl> {
    let mut say = |text: String| words.extend(["-H".to_owned(), quoted(&text)]);
    for field in &message.fields {
        let (name, value) = (field.name.text.as_str(), field.value.text.as_str());
        if value.contains('\u{fffd}') {
            return Err(NotCurl::Bytes);
        }
        match value {
            // curl counts for itself.
            _ if name.eq_ignore_ascii_case("content-length") => {}
            "" => say(format!("{name};")),
            _ => say(format!("{name}: {value}")),
        }
    }
    let own = ["Host", "User-Agent", "Accept"].into_iter().chain(sends.then_some("Content-Type"));
    for name in own {
        if !message.fields.iter().any(|field| field.name.text.eq_ignore_ascii_case(name)) {
            say(format!("{name}:"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(request: &str) -> Result<String, NotCurl> {
        curl(request.as_bytes(), "127.0.0.1:8081")
    }

    #[test]
    fn curl_says_what_it_can() {
        let plain = "curl -i --http1.1 -g --path-as-is";
        assert_eq!(
            said("GET /a?b=1 HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nUser-Agent: me\r\n\r\n").unwrap(),
            format!("{plain} -H 'Host: x' -H 'Accept: */*' -H 'User-Agent: me' 'http://127.0.0.1:8081/a?b=1'")
        );
        let head = said("HEAD / HTTP/1.1\r\nHost: x\r\nX-None:\r\n\r\n").unwrap();
        assert_eq!(
            head,
            format!("{plain} -I -H 'Host: x' -H 'X-None;' -H 'User-Agent:' -H 'Accept:' 'http://127.0.0.1:8081/'")
        );
        let options = said("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert!(options.contains("-X 'OPTIONS' --request-target '*'"), "{options}");
        let post = said("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nit's").unwrap();
        assert!(post.contains("-H 'Content-Type:' --data-raw 'it'\\''s'"), "{post}");
        let put = said("PUT /e HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n\0\u{1}").unwrap();
        assert!(put.starts_with("printf '\\000\\001' | curl"), "{put}");
        assert!(put.contains("-X 'PUT'") && put.contains("--data-binary @-"), "{put}");
    }

    #[test]
    fn what_curl_cannot_say_has_its_reason() {
        assert_eq!(said("GET / HTTP/1.1\r\n\r\n"), Err(NotCurl::Malformed));
        assert_eq!(said("GET / HTTP/1.1\r\nHost: x\r\n\r\nG"), Err(NotCurl::NotOneRequest));
        assert_eq!(said("GET / HTTP/1.1\r\nHost: x\r\n"), Err(NotCurl::NotOneRequest));
        assert_eq!(said("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"), Err(NotCurl::Connect));
        let trailers = "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n";
        assert_eq!(said(trailers), Err(NotCurl::Trailers));
    }

    #[test]
    fn printf_prints_the_bytes_back() {
        assert_eq!(printf(b"100%\\ '\x00\xff"), "printf '100%%\\\\ '\\''\\000\\377'");
    }
}
