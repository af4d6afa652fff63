//! Streams to begin with: good ones, and one wrong one of each class. Their names are texts of the page.

use sockscope_core::http::Role;
use sockscope_core::http::report::Options;

/// A stream that the page offers.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The word in the address, and in the key of its name.
    pub name: &'static str,
    /// The bytes.
    pub bytes: &'static [u8],
    /// What they are.
    pub role: Role,
    /// The methods that responses answer.
    pub answers: &'static [&'static str],
    /// Whether it breaks a rule.
    pub wrong: bool,
}

const fn good(name: &'static str, role: Role, bytes: &'static [u8]) -> Example {
    Example { name, bytes, role, answers: &[], wrong: false }
}

const fn wrong(name: &'static str, role: Role, bytes: &'static [u8]) -> Example {
    Example { name, bytes, role, answers: &[], wrong: true }
}

/// All of them, in the order of the list.
pub const ALL: &[Example] = &[
    good(
        "browser",
        Role::Request,
        b"GET /en/tools/http?from=home HTTP/1.1\r\n\
          Host: localhost:8080\r\n\
          Connection: keep-alive\r\n\
          User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36\r\n\
          Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n\
          Sec-Fetch-Site: same-origin\r\n\
          Referer: http://localhost:8080/en/\r\n\
          Accept-Encoding: gzip, deflate, br\r\n\
          Accept-Language: en-GB,en;q=0.9,zh-CN;q=0.8\r\n\
          If-None-Match: \"8f31c2\"\r\n\r\n",
    ),
    good(
        "form",
        Role::Request,
        b"POST /register HTTP/1.1\r\nHost: school.example\r\nContent-Type: application/x-www-form-urlencoded\r\n\
          Content-Length: 33\r\n\r\nname=Li+Lei&course=net+program%21",
    ),
    good(
        "chunked",
        Role::Response,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\
          Trailer: Server-Timing\r\n\r\n7\r\nsockets\r\n6;lang=zh\r\n网络\r\n0\r\nServer-Timing: total;dur=12\r\n\r\n"
            .as_bytes(),
    ),
    good(
        "pipelined",
        Role::Request,
        b"GET /1 HTTP/1.1\r\nHost: a.example\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a.example\r\n\r\n\
          POST /3 HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello\
          DELETE /4 HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n",
    ),
    Example {
        name: "head",
        bytes: b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5120\r\n\r\n\
          HTTP/1.1 204 No Content\r\nAllow: GET, HEAD, PUT\r\n\r\n",
        role: Role::Response,
        answers: &["HEAD", "OPTIONS"],
        wrong: false,
    },
    good(
        "continue",
        Role::Response,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nLocation: /files/7\r\nContent-Length: 0\r\n\r\n",
    ),
    good(
        "close",
        Role::Response,
        b"HTTP/1.0 200 OK\r\nServer: Old/0.9\r\n\r\nNothing says how long this is: it ends when the connection does.\n",
    ),
    Example {
        name: "tunnel",
        bytes: b"HTTP/1.1 200 Connection Established\r\n\r\n\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03",
        role: Role::Response,
        answers: &["CONNECT"],
        wrong: false,
    },
    good(
        "upgrade",
        Role::Response,
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x02hi",
    ),
    good("incomplete", Role::Request, b"PUT /note HTTP/1.1\r\nHost: a.example\r\nContent-Length: 40\r\n\r\nonly a part of"),
    wrong("wrong_syntax", Role::Request, b"GET /a path with spaces HTTP/1.1\r\nHost: a.example\r\n\r\n"),
    wrong(
        "wrong_framing",
        Role::Request,
        b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n\
          0\r\n\r\nGET /admin HTTP/1.1\r\nHost: a.example\r\n\r\n",
    ),
    wrong("wrong_semantic", Role::Request, b"GET / HTTP/1.1\r\nAccept: text/html\r\n\r\n"),
    wrong(
        "wrong_limit",
        Role::Request,
        b"\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
    ),
    wrong(
        "wrong_policy",
        Role::Request,
        b"GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\nGET /more HTTP/1.1\r\nHost: a.example\r\n\r\n",
    ),
];

impl Example {
    /// The example with that word.
    pub fn find(name: &str) -> Option<&'static Example> {
        ALL.iter().find(|example| example.name == name)
    }

    /// How it is parsed.
    pub fn options(&self) -> Options {
        Options {
            role: Some(self.role),
            answers: self.answers.iter().map(|method| (*method).to_owned()).collect(),
            ..Options::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sockscope_core::http::report::report;

    #[test]
    fn examples_are_as_good_or_wrong_as_they_say() {
        for example in ALL {
            let report = report(example.bytes, &example.options());
            assert_eq!(report.error.is_some(), example.wrong, "{}: {:?}", example.name, report.error);
            let open = ["incomplete", "close"].contains(&example.name);
            assert_eq!(report.incomplete.is_some(), open, "{}: {:?}", example.name, report.incomplete);
        }
    }

    #[test]
    fn there_is_a_wrong_one_of_every_class() {
        let mut classes: Vec<String> = ALL
            .iter()
            .filter_map(|example| report(example.bytes, &example.options()).error)
            .map(|error| format!("{:?}", error.kind.class()))
            .collect();
        classes.sort();
        classes.dedup();
        assert_eq!(classes.len(), 5, "{classes:?}");
    }
}
