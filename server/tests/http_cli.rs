//! `sockscope http` as a user types it: messages from standard input, and the small server asked by curl.

mod support;

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Output, Stdio};
use support::command::{run, sockscope, text};

fn parse(arguments: &[&str], input: &[u8]) -> Output {
    run(&[&["http", "parse"], arguments].concat(), input)
}

#[test]
fn a_request_is_told_part_by_part_in_both_languages() {
    let request = b"POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";
    let english = parse(&[], request);
    assert_eq!(english.status.code(), Some(0));
    let told = text(&english.stdout);
    for part in
        ["method     POST  [0, 4)  (not safe, not idempotent; RFC 9110, 9.3.3)", "origin form", "Content-Length says"]
    {
        assert!(told.contains(part), "{part} is missing in\n{told}");
    }
    let told = text(&parse(&["--lang", "zh"], request).stdout);
    for part in ["方法       POST  [0, 4)", "不安全", "写明了后面有多少字节", "连接继续使用"] {
        assert!(told.contains(part), "{part} is missing in\n{told}");
    }
}

#[test]
fn errors_have_their_place_their_rule_and_their_sentence() {
    let wrong = b"GET / HTTP/1.1\r\nHost : x\r\n\r\n";
    let output = parse(&[], wrong);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stdout);
    assert!(told.contains("error space_before_colon (grammar)  [20]  line:2"), "{told}");
    assert!(told.contains("(RFC 9112, 5.1)") && told.contains("attackers"), "{told}");
    assert!(text(&parse(&["--lang", "zh"], wrong).stdout).contains("字段名与冒号之间不能有空白"));
    let unfinished = parse(&["--split", "bytes"], b"GET / HT");
    assert_eq!(unfinished.status.code(), Some(3));
    assert!(text(&unfinished.stdout).contains("8 bytes of it are there"));
}

#[test]
fn json_is_the_answer_of_the_api_and_errors_are_objects() {
    let output = parse(&["--json"], b"GET /<> HTTP/1.1\r\n");
    assert_eq!(output.status.code(), Some(2));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["error"]["code"], &report["error"]["byte"]), (&"target_byte".into(), &60.into()));
    assert_eq!((&report["error"]["at"], &report["error"]["section"]), (&5.into(), &"RFC 9112, 3.2".into()));
}

#[test]
fn each_leniency_is_a_switch_with_a_name() {
    let loose = b"GET / HTTP/1.1\n\n";
    assert_eq!(parse(&[], loose).status.code(), Some(2));
    assert_eq!(parse(&["--lenient", "bare_lf"], loose).status.code(), Some(2), "Host is still missing");
    assert_eq!(parse(&["--lenient", "bare_lf,host_missing"], loose).status.code(), Some(0));
    assert_eq!(parse(&["--lenient", "all"], loose).status.code(), Some(0));
    let unknown = parse(&["--lenient", "everything"], loose);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("there are bare_lf, folding"), "{}", text(&unknown.stderr));
}

/// `sockscope http serve` on a port of its own.
struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    fn start() -> Self {
        let mut child = sockscope(&["http", "serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
        Serving { child, url: url.trim().to_owned() }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What curl prints, with `-i`; `None` where there is no curl.
fn curl(arguments: &[&str], input: &str) -> Option<String> {
    let child = Command::new("curl")
        .args(["-s", "-i", "-m", "20"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        println!("SKIPPED curl: there is no curl here");
        return None;
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Some(text(&child.wait_with_output().unwrap().stdout))
}

#[test]
fn curl_is_answered_for_every_method() {
    let serving = Serving::start();
    let url = |path: &str| format!("{}{path}", serving.url);
    let document = url("/documents/a");
    let big = "0123456789".repeat(3000);
    let cases: &[(&[&str], &str, &str, &str)] = &[
        (&["--http1.1", &url("/hello")], "", "HTTP/1.1 200 OK", "\r\n\r\nhello\n"),
        (&["--http1.0", &url("/hello")], "", "HTTP/1.1 200 OK", "\r\n\r\nhello\n"),
        (&["-I", &url("/hello")], "", "HTTP/1.1 200 OK", "\r\n\r\n"),
        (&["-d", "a=1&b=%20", &url("/form")], "", "HTTP/1.1 200 OK", "a = 1\nb =  \n"),
        (&["-T", "-", &document], &big, "HTTP/1.1 100 Continue", "HTTP/1.1 201 Created"),
        (&[&document], "", "HTTP/1.1 200 OK", &big),
        (&["-X", "DELETE", &document], "", "HTTP/1.1 204 No Content", "\r\n\r\n"),
        (&["-X", "OPTIONS", "--request-target", "*", &serving.url], "", "HTTP/1.1 204 No Content", "\r\n\r\n"),
        (&["-X", "TRACE", "-H", "X-Mark: 7", &url("/")], "", "HTTP/1.1 200 OK", "X-Mark: 7\r\n\r\n"),
        (&["--data-binary", "@-", "-H", "Transfer-Encoding: chunked", &url("/echo")], &big, "HTTP/1.1 200 OK", &big),
        (
            &["--data-binary", "@-", "-H", "Expect: 100-continue", &url("/echo")],
            "wait",
            "HTTP/1.1 100 Continue",
            "wait",
        ),
        (&["-L", &url("/old")], "", "HTTP/1.1 301 Moved", "hello\n"),
        (&[&url("/stream")], "", "HTTP/1.1 200 OK", "one\ntwo\nthree\n"),
        (&[&url("/hello"), &url("/hello")], "", "HTTP/1.1 200 OK", "hello\n"),
    ];
    for (arguments, input, begins, ends) in cases {
        let Some(answer) = curl(arguments, input) else { return };
        assert!(answer.starts_with(begins), "{arguments:?}\n{answer:.600}");
        assert!(answer.contains(ends), "{arguments:?}\n{answer:.600}");
    }
    // Through CONNECT curl asks the echo, which sends the request back: no HTTP answer, but the tunnel stood.
    let tunnel = curl(&["--proxytunnel", "-x", &serving.url, "http://echo:7/"], "");
    assert!(tunnel.is_some_and(|said| said.starts_with("HTTP/1.1 200 Connected")), "the tunnel was refused");
}

#[test]
fn a_signal_ends_the_server_in_order() {
    let mut serving = Serving::start();
    let mut client = std::net::TcpStream::connect(serving.url.strip_prefix("http://").unwrap()).unwrap();
    // Answered once, it is accepted: what waits in the backlog is reset when the listener goes.
    client.write_all(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"hello\n") {
        let mut piece = [0; 512];
        let count = client.read(&mut piece).unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&piece[..count]);
    }
    let status = Command::new("kill").args(["-TERM", &serving.child.id().to_string()]).status().unwrap();
    assert!(status.success());
    assert_eq!(serving.child.wait().unwrap().code(), Some(0));
    assert_eq!(client.read(&mut [0; 1]).unwrap(), 0, "the idle connection was closed");
}

#[test]
fn the_port_in_use_is_named() {
    let serving = Serving::start();
    let address = serving.url.strip_prefix("http://").unwrap();
    let output = sockscope(&["http", "serve", "--listen", address]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("in use by another program"));
}
