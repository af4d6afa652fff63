//! Whatever the cut, the answer is the same; a prefix of a good message is incomplete, never wrong; every rule has its case.

use super::*;
use proptest::prelude::*;

/// Everything a parser says about `bytes` when they arrive in the given cuts, pieces of content joined.
fn transcript(role: Role, bytes: &[u8], cuts: impl IntoIterator<Item = usize>, leniency: Leniency) -> Vec<String> {
    let mut parser = Parser::new(role, Limits::default(), leniency);
    let (mut rest, mut cuts, mut said) = (bytes, cuts.into_iter(), Vec::<String>::new());
    let mut joined: Option<(u64, u64, Vec<u8>)> = None;
    let flush = |joined: &mut Option<(u64, u64, Vec<u8>)>, said: &mut Vec<String>| {
        if let Some((start, end, data)) = joined.take() {
            said.push(format!("content {start}..{end} {}", String::from_utf8_lossy(&data)));
        }
    };
    let mut failed = false;
    while !rest.is_empty() && !failed {
        let cut = cuts.next().unwrap_or(rest.len()).clamp(1, rest.len());
        let (piece, tail) = rest.split_at(cut);
        rest = tail;
        let result = parser.feed(piece, |event| match event {
            Event::Body { data, range } | Event::Tunnel { data, range } => match &mut joined {
                Some((_, end, all)) if *end == range.0 => {
                    all.extend_from_slice(data);
                    *end = range.1;
                }
                _ => {
                    flush(&mut joined, &mut said);
                    joined = Some((range.0, range.1, data.to_vec()));
                }
            },
            other => {
                flush(&mut joined, &mut said);
                said.push(describe(&other));
            }
        });
        if let Err(malformed) = result {
            flush(&mut joined, &mut said);
            said.push(malformed.to_string());
            failed = true;
        }
    }
    if !failed {
        let mut ends = Vec::new();
        let finished = parser.finish(|event| ends.push(describe(&event)));
        flush(&mut joined, &mut said);
        said.extend(ends);
        if let Err(truncated) = finished {
            said.push(truncated.to_string());
        }
    }
    said
}

fn describe(event: &Event<'_>) -> String {
    match event {
        Event::Head(head) => {
            let fields: Vec<_> = head
                .fields()
                .map(|field| {
                    let places = (field.name_span, field.value_span, field.line);
                    let (name, value) = (String::from_utf8_lossy(field.name), field.unfolded());
                    format!("{name}={} {places:?}", String::from_utf8_lossy(&value))
                })
                .collect();
            let start = String::from_utf8_lossy(head.start_line().of(head.bytes())).into_owned();
            format!("head {:?} {start} {fields:?} {:?} {:?}", head.range(), head.body, head.persistence)
        }
        Event::Trailers(head) => format!("trailers {:?} {}", head.range(), head.fields().len()),
        other => format!("{other:?}"),
    }
}

fn whole(role: Role, bytes: &[u8]) -> Vec<String> {
    transcript(role, bytes, [], Leniency::default())
}

/// The code of the error that `bytes` end with, and its place.
fn error(role: Role, bytes: &[u8]) -> Option<(&'static str, u64, u32)> {
    let mut parser = Parser::new(role, Limits::default(), Leniency::default());
    parser.feed(bytes, |_| ()).err().map(|malformed| (malformed.kind.code(), malformed.at, malformed.line))
}

const GOOD_REQUESTS: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
    "GET /a?b=c%20d HTTP/1.1\r\nHost: example.com:8080\r\nAccept: */*\r\nX-Empty:\r\n\r\n",
    "\r\n\r\nPOST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello worldGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "PUT /f HTTP/1.1\r\nhost:x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5;a=b;c=\"d\\\"e\"\r\nhello\r\n00\r\nX-Sum: 1\r\n\r\n",
    "DELETE http://example.com/a HTTP/1.1\r\nHost: example.com\r\n\r\n",
    "HEAD http://[::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "TRACE / HTTP/1.1\r\nHost: x\r\nMax-Forwards: 0\r\n\r\n",
    "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n\x16\x03\x01",
    "GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\u{1}\u{2}",
    "M-SEARCH / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n\r\n",
];

const GOOD_RESPONSES: &[&str] = &[
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\n\r\nuntil the end",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\nHTTP/1.0 404 \u{4f60}\u{597d}\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nbytes",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nuntil the end",
];

fn good() -> impl Iterator<Item = (Role, &'static str)> {
    let requests = GOOD_REQUESTS.iter().map(|text| (Role::Request, *text));
    requests.chain(GOOD_RESPONSES.iter().map(|text| (Role::Response, *text)))
}

#[test]
fn good_messages_are_taken_alike_at_every_cut() {
    for (role, text) in good() {
        let expected = whole(role, text.as_bytes());
        assert!(!expected.iter().any(|line| line.starts_with("byte ")), "{text:?}: {expected:?}");
        for cut in 1..text.len() {
            let cut_there = transcript(role, text.as_bytes(), [cut], Leniency::default());
            assert_eq!(cut_there, expected, "{text:?} cut at {cut}");
            let every = transcript(role, text.as_bytes(), std::iter::repeat(cut), Leniency::default());
            assert_eq!(every, expected, "{text:?} cut every {cut}");
        }
    }
}

#[test]
fn a_prefix_of_a_good_message_is_incomplete_and_never_wrong() {
    for (role, text) in good() {
        for end in 0..text.len() {
            assert_eq!(error(role, &text.as_bytes()[..end]), None, "{:?}", &text.as_bytes()[..end]);
        }
    }
}

#[test]
fn every_broken_rule_has_its_code_and_its_place() {
    let cases: &[(&str, &str, u64, u32)] = &[
        ("GET / HTTP/1.1\nHost: x\r\n\r\n", "bare_lf", 14, 1),
        ("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", "bare_cr", 23, 2),
        (" GET / HTTP/1.1\r\n", "method_missing", 0, 1),
        ("G(T / HTTP/1.1\r\n", "method_byte", 1, 1),
        ("GET\r\n", "target_missing", 3, 1),
        ("GET \r\n", "target_missing", 4, 1),
        ("GET  / HTTP/1.1\r\n", "extra_space", 4, 1),
        ("GET /a b HTTP/1.1\r\n", "version_syntax", 7, 1),
        ("GET /a<b HTTP/1.1\r\n", "target_byte", 6, 1),
        ("GET /a#b HTTP/1.1\r\n", "target_byte", 6, 1),
        ("GET /%g1 HTTP/1.1\r\n", "percent_encoding", 5, 1),
        ("GET a HTTP/1.1\r\n", "target_form", 4, 1),
        ("GET http:///x HTTP/1.1\r\n", "target_form", 11, 1),
        ("GET * HTTP/1.1\r\n", "target_not_for_method", 4, 1),
        ("GET http://u@h/ HTTP/1.1\r\n", "user_info", 11, 1),
        ("CONNECT example.com HTTP/1.1\r\n", "authority_port", 8, 1),
        ("CONNECT / HTTP/1.1\r\n", "authority_port", 8, 1),
        ("GET /\r\n", "version_missing", 5, 1),
        ("GET / HTTP/1.1 \r\n", "extra_space", 14, 1),
        ("GET / http/1.1\r\n", "version_syntax", 6, 1),
        ("GET / HTTP/11\r\n", "version_syntax", 12, 1),
        ("GET / HTTP/2.0\r\n", "version_unsupported", 6, 1),
        ("GET / HTTP/1.1\r\n Host: x\r\n\r\n", "space_before_first_field", 16, 2),
        ("GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n", "folded", 25, 3),
        ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", "space_before_colon", 20, 2),
        ("GET / HTTP/1.1\r\nHost\r\n\r\n", "colon_missing", 20, 2),
        ("GET / HTTP/1.1\r\n: x\r\n\r\n", "field_name_missing", 16, 2),
        ("GET / HTTP/1.1\r\nHo@st: x\r\n\r\n", "field_name_byte", 18, 2),
        ("GET / HTTP/1.1\r\nHost: x\0\r\n\r\n", "field_value_byte", 23, 2),
        ("GET / HTTP/1.1\r\n\r\n", "host_missing", 0, 1),
        ("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", "host_repeated", 25, 3),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "host_syntax", 22, 2),
        ("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", "host_syntax", 22, 2),
        ("GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", "host_syntax", 22, 2),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "content_length_syntax", 41, 3),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1 2\r\n\r\n", "content_length_syntax", 41, 3),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n", "content_length_syntax", 40, 3),
        (
            "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "content_length_too_large",
            41,
            3,
        ),
        (
            "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "content_length_repeated",
            44,
            4,
        ),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\n", "content_length_conflict", 41, 3),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\n", "content_length_repeated", 41, 3),
        (
            "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "content_length_with_transfer_encoding",
            44,
            4,
        ),
        ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "transfer_encoding_in_1_0", 16, 2),
        ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", "chunked_not_last", 25, 3),
        ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", "chunked_repeated", 44, 3),
        ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", "transfer_encoding_unknown", 44, 3),
        ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked;q=1\r\n\r\n", "transfer_encoding_syntax", 44, 3),
        ("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET", "after_close", 46, 1),
    ];
    for &(text, code, at, line) in cases {
        assert_eq!(error(Role::Request, text.as_bytes()), Some((code, at, line)), "{text:?}");
        let expected = whole(Role::Request, text.as_bytes());
        for cut in 1..text.len() {
            let cut = transcript(Role::Request, text.as_bytes(), std::iter::repeat(cut), Leniency::default());
            assert_eq!(cut, expected, "{text:?}");
        }
    }
}

#[test]
fn every_broken_rule_of_a_chunk_has_its_code_and_its_place() {
    let head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let cases: &[(&str, &str, u64)] = &[
        ("x\r\n", "chunk_size_syntax", 0),
        ("\r\n", "chunk_size_syntax", 0),
        ("5 \r\n", "chunk_size_syntax", 1),
        ("5x\r\n", "chunk_size_syntax", 1),
        ("0x5\r\n", "chunk_size_syntax", 1),
        ("5;\r\n", "chunk_extension", 2),
        ("5;a=\r\n", "chunk_extension", 4),
        ("5;a=\"b\r\n", "chunk_extension", 6),
        ("5;a b\r\n", "chunk_extension", 4),
        ("10000000000000000\r\n", "chunk_size_too_large", 0),
        ("3\r\nabcd\r\n", "chunk_end", 6),
        ("3\r\nabc\rX", "chunk_end", 7),
        ("3\nabc\r\n", "bare_lf", 1),
        ("0\r\nContent-Length: 1\r\n\r\n", "trailer_forbidden", 3),
        ("0\r\nBad@Name: 1\r\n\r\n", "field_name_byte", 6),
    ];
    for &(text, code, at) in cases {
        let bytes = format!("{head}{text}");
        let (found, place, _) = error(Role::Request, bytes.as_bytes()).unwrap_or_else(|| panic!("{text:?} is taken"));
        assert_eq!((found, place - head.len() as u64), (code, at), "{text:?}");
    }
}

#[test]
fn every_broken_rule_of_a_status_line_has_its_code_and_its_place() {
    let cases: &[(&str, &str, u64)] = &[
        ("HTTP/1.1 20 OK\r\n", "status_syntax", 11),
        ("HTTP/1.1 2000 OK\r\n", "status_syntax", 12),
        ("HTTP/1.1 600 Odd\r\n", "status_range", 9),
        ("HTTP/1.1  200 OK\r\n", "extra_space", 9),
        ("HTTP/1.1 200\r\n", "space_after_status", 12),
        ("HTTP/1.1\r\n", "status_syntax", 8),
        ("HTTP/1.1 200 O\u{7}K\r\n", "reason_byte", 14),
        ("ICY 200 OK\r\n", "version_syntax", 0),
    ];
    for &(text, code, at) in cases {
        let (found, place, _) = error(Role::Response, text.as_bytes()).unwrap_or_else(|| panic!("{text:?} is taken"));
        assert_eq!((found, place), (code, at), "{text:?}");
    }
}

#[test]
fn each_limit_is_kept_and_named() {
    let limits =
        Limits { start_line: 20, field_line: 12, head: 60, fields: 2, body: 10, chunk_line: 6, empty_lines: 1 };
    let code = |text: &str| {
        let mut codes = [None, None];
        for (code, step) in codes.iter_mut().zip([1, usize::MAX]) {
            let mut parser = Parser::new(Role::Request, limits, Leniency::default());
            *code = text
                .as_bytes()
                .chunks(step)
                .find_map(|piece| parser.feed(piece, |_| ()).err())
                .map(|e| (e.at, e.kind.code()));
        }
        assert_eq!(codes[0], codes[1], "{text:?}");
        codes[0].map(|(_, code)| code)
    };
    assert_eq!(code("GET /0123456789abcdef HTTP/1.1\r\n"), Some("start_line_too_long"));
    assert_eq!(code("GET / HTTP/1.1\r\nHost: 0123456789\r\n"), Some("field_too_long"));
    assert_eq!(code("GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 2\r\n"), Some("too_many_fields"));
    assert_eq!(code("\r\n\r\nGET / HTTP/1.1\r\n"), Some("too_many_empty_lines"));
    let wide = Limits { field_line: 100, ..limits };
    let long = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n";
    let mut parser = Parser::new(Role::Request, wide, Leniency::default());
    assert_eq!(parser.feed(long.as_bytes(), |_| ()).unwrap_err().kind.code(), "body_too_long");
    let mut parser = Parser::new(Role::Request, Limits { head: 40, ..wide }, Leniency::default());
    assert_eq!(parser.feed(long.as_bytes(), |_| ()).unwrap_err().kind.code(), "head_too_long");
    let wide = Limits { head: 100, ..wide };
    let chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut parser = Parser::new(Role::Request, wide, Leniency::default());
    assert_eq!(
        parser.feed(format!("{chunked}6\r\nabcdef\r\n6\r\n").as_bytes(), |_| ()).unwrap_err().kind.code(),
        "body_too_long"
    );
    let mut parser = Parser::new(Role::Request, wide, Leniency::default());
    assert_eq!(
        parser.feed(format!("{chunked}6;abcdefgh\r\n").as_bytes(), |_| ()).unwrap_err().kind.code(),
        "chunk_line_too_long"
    );
}

#[test]
fn each_leniency_takes_what_strictness_refuses() {
    let cases: &[(Leniency, Role, &str)] = &[
        (Leniency { bare_lf: true, ..Leniency::default() }, Role::Request, "GET / HTTP/1.1\nHost: x\n\n"),
        (
            Leniency { folding: true, ..Leniency::default() },
            Role::Request,
            "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
        ),
        (
            Leniency { space_before_colon: true, ..Leniency::default() },
            Role::Response,
            "HTTP/1.1 204 x\r\nA : b\r\n\r\n",
        ),
        (Leniency { extra_space: true, ..Leniency::default() }, Role::Request, "GET  /\tHTTP/1.1 \r\nHost: x\r\n\r\n"),
        (Leniency { space_after_status: true, ..Leniency::default() }, Role::Response, "HTTP/1.1 204\r\n\r\n"),
        (Leniency { host_missing: true, ..Leniency::default() }, Role::Request, "GET / HTTP/1.1\r\n\r\n"),
        (
            Leniency { content_length_repeated: true, ..Leniency::default() },
            Role::Request,
            "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\na",
        ),
        (
            Leniency { content_length_with_transfer_encoding: true, ..Leniency::default() },
            Role::Request,
            "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        (Leniency { after_close: true, ..Leniency::default() }, Role::Request, "GET / HTTP/1.0\r\n\r\nGET"),
        (
            Leniency { field_value_octets: true, ..Leniency::default() },
            Role::Request,
            "GET / HTTP/1.1\r\nHost: x\r\nA: \u{1}\u{7f}\r\n\r\n",
        ),
    ];
    for (leniency, role, text) in cases {
        assert!(error(*role, text.as_bytes()).is_some(), "{text:?} is taken when strict");
        for lenient in [*leniency, Leniency::ALL] {
            let said = transcript(*role, text.as_bytes(), std::iter::repeat(1), lenient);
            assert!(said.iter().any(|line| line.starts_with("End")), "{text:?}: {said:?}");
            assert!(!said.iter().any(|line| line.starts_with("byte ")), "{text:?}: {said:?}");
        }
    }
}

#[test]
fn a_response_to_head_has_no_content_whatever_it_says() {
    let mut parser = Parser::new(Role::Response, Limits::default(), Leniency::default());
    parser.answers(b"HEAD");
    parser.answers(b"GET");
    let mut ends = Vec::new();
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    parser
        .feed(bytes, |event| {
            if let Event::End { range } = event {
                ends.push((range.0, range.1))
            }
        })
        .unwrap();
    assert_eq!(ends, [(0, 38), (38, 78)]);
}

#[test]
fn an_interim_response_is_followed_by_another_whatever_it_says_of_the_connection() {
    for interim in ["HTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\n", "HTTP/1.0 100 Continue\r\n\r\n"] {
        let bytes = format!("{interim}HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        let mut heads = Vec::new();
        let mut parser = Parser::new(Role::Response, Limits::default(), Leniency::default());
        let fed = parser.feed(bytes.as_bytes(), |event| {
            if let Event::Head(head) = event {
                heads.push(head.persistence);
            }
        });
        assert_eq!((fed, heads), (Ok(()), vec![Persistence::KeepAlive, Persistence::Close]), "{interim}");
    }
}

#[test]
fn an_interim_response_answers_nothing_yet() {
    let mut parser = Parser::new(Role::Response, Limits::default(), Leniency::default());
    parser.answers(b"HEAD");
    let mut bodies = 0;
    let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    parser.feed(bytes, |event| bodies += usize::from(matches!(event, Event::Body { .. }))).unwrap();
    assert_eq!((bodies, parser.position()), (0, bytes.len() as u64));
}

#[test]
fn after_a_refused_upgrade_http_goes_on() {
    let mut parser = Parser::new(Role::Request, Limits::default(), Leniency::default());
    let upgrade = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n";
    parser.feed(upgrade, |_| ()).unwrap();
    parser.refuse_upgrade();
    let mut heads = 0;
    parser.feed(GOOD_REQUESTS[0].as_bytes(), |event| heads += usize::from(matches!(event, Event::Head(_)))).unwrap();
    assert_eq!(heads, 1);
}

#[test]
fn a_truncated_message_says_what_is_missing() {
    let mut parser = Parser::new(Role::Request, Limits::default(), Leniency::default());
    parser.feed(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab", |_| ()).unwrap();
    assert_eq!(parser.finish(|_| ()), Err(Truncated { at: 0, have: 49, need: Some(3) }));
}

#[test]
fn repeated_single_fields_are_noticed() {
    let mut parser = Parser::new(Role::Request, Limits::default(), Leniency::default());
    let bytes = b"GET / HTTP/1.1\r\nHost: x\r\nRange: a\r\nRange: b\r\nAccept: a\r\nAccept: b\r\n\r\n";
    let mut notices = Vec::new();
    parser
        .feed(bytes, |event| {
            if let Event::Head(head) = event {
                notices = head.notices()
            }
        })
        .unwrap();
    assert_eq!(notices.len(), 1);
    assert_eq!((notices[0].code, notices[0].line), ("single_field_repeated", 4));
}

proptest! {
    #[test]
    fn any_bytes_give_the_same_answer_at_any_cut(
        index in 0..GOOD_REQUESTS.len() + GOOD_RESPONSES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"\r\n :;,=\"\\\x00\xff0159abcGETHTP/1.".to_vec()), 0..3_u8), 0..6),
        cuts in prop::collection::vec(1_usize..24, 0..60),
    ) {
        let (role, text) = good().nth(index).unwrap();
        let mut bytes = text.as_bytes().to_vec();
        for (place, byte, how) in changes {
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
            if bytes.is_empty() { bytes.push(b'G'); }
        }
        for leniency in [Leniency::default(), Leniency::ALL] {
            let expected = transcript(role, &bytes, [], leniency);
            prop_assert_eq!(&transcript(role, &bytes, cuts.iter().copied(), leniency), &expected);
            prop_assert_eq!(&transcript(role, &bytes, std::iter::repeat(1), leniency), &expected);
        }
    }

    #[test]
    fn what_was_encoded_is_parsed_back(
        method in "[A-Z!#$%&'*+.^_`|~-]{1,9}",
        path in "/[a-zA-Z0-9/._~!$&'()*+,;=:@-]{0,30}",
        names in prop::collection::vec("X-[A-Za-z0-9-]{1,12}", 0..8),
        values in prop::collection::vec("[ -~\u{e9}\u{4f60}]{0,40}", 8),
        body in prop::collection::vec(any::<u8>(), 0..200),
        piece in 1_usize..50,
    ) {
        prop_assume!(method != "CONNECT");
        let mut fields = vec![("Host".to_owned(), "example.com".to_owned()), ("Transfer-Encoding".to_owned(), "chunked".to_owned())];
        fields.extend(names.into_iter().zip(values));
        let head = RequestHead { method, target: path, version: Version::Http11, fields };
        let mut stream = Vec::new();
        head.write(&mut stream).unwrap();
        body.chunks(piece).for_each(|piece| Encoder::Chunked.data(piece, &mut stream));
        Encoder::Chunked.finish(&[("X-Trailer".to_owned(), "1".to_owned())], &mut stream).unwrap();
        let mut parser = Parser::new(Role::Request, Limits::default(), Leniency::default());
        let (mut back, mut content, mut ended) = (RequestHead::default(), Vec::new(), false);
        for piece in stream.chunks(piece) {
            parser.feed(piece, |event| match event {
                Event::Head(head) => {
                    let Start::Request { method, target, .. } = head.start() else { panic!() };
                    back.method = String::from_utf8(method.to_vec()).unwrap();
                    back.target = String::from_utf8(target.whole.of(head.bytes()).to_vec()).unwrap();
                    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                    back.fields = head.fields().map(|field| (text(field.name), text(field.value))).collect();
                }
                Event::Body { data, .. } => content.extend_from_slice(data),
                Event::End { .. } => ended = true,
                _ => {}
            }).unwrap();
        }
        let mut expected = head.clone();
        expected.fields.iter_mut().for_each(|(_, value)| *value = value.trim_matches([' ', '\t']).to_owned());
        prop_assert_eq!((back, content, ended), (expected, body, true));
    }
}

#[test]
fn a_limit_is_passed_at_the_same_byte_whatever_the_cut() {
    let limits =
        Limits { start_line: 20, field_line: 12, head: 44, fields: 3, chunk_line: 3, body: 9, ..Limits::default() };
    let answer = |bytes: &[u8], step: usize| {
        let mut parser = Parser::new(Role::Request, limits, Leniency { bare_lf: true, ..Leniency::default() });
        bytes.chunks(step).try_for_each(|piece| parser.feed(piece, |_| ())).map(|()| parser.position())
    };
    let long = |length| "a".repeat(length);
    for length in 0..24 {
        for message in [
            format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", long(length)),
            format!("GET / HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n", long(length)),
            format!("GET / HTTP/1.1\r\nHost: x\r\nA: {}\n\n", long(length)),
            format!("GET / HTTP/1.1\r\nHost: x\r\n{}: a\r\n\r\n", long(length)),
            format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(length)),
            format!("GET / HTTP/1.1\r\nHost: x\r\nTE: x\r\n\r\n{}", "\r\n".repeat(length)),
        ] {
            let whole = answer(message.as_bytes(), message.len());
            for step in [1, 2, 3, 7] {
                assert_eq!(answer(message.as_bytes(), step), whole, "in steps of {step}: {message:?}");
            }
        }
        let mut parser =
            Parser::new(Role::Request, Limits { chunk_line: 3, body: 9, ..Limits::default() }, Leniency::default());
        parser.feed(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", |_| ()).unwrap();
        let fed = parser.feed(format!("{}1\r\na\r\n8\r\n", "0".repeat(length)).as_bytes(), |_| ());
        assert_eq!(fed.is_ok(), length < 3, "{length} zeros before a size");
        if length < 3 {
            assert_eq!(parser.feed(b"bbbbbbbb\r\n1", |_| ()), Ok(()));
            assert!(parser.feed(b"\r\n", |_| ()).is_err(), "a tenth byte is too many");
        }
    }
}
