//! Each method, each refusal and each way a connection goes on or ends, over real sockets.

use super::*;
use sockscope_core::http::report::{Options, Report};
use sockscope_core::http::{Role, report};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream as Client};
use tokio::runtime::Runtime;

/// A server on a port of its own.
struct Running {
    address: SocketAddr,
    shutdown: CancellationToken,
    _runtime: Runtime,
}

fn start() -> Running {
    start_with(Settings::default())
}

fn start_with(settings: Settings) -> Running {
    let runtime = Runtime::new().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    runtime.spawn(serve(listener, Arc::default(), settings, shutdown.clone()));
    Running { address, shutdown, _runtime: runtime }
}

impl Running {
    fn connect(&self) -> Client {
        let client = Client::connect(self.address).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        client
    }

    /// Sends bytes, says that there are no more, and reads to the end.
    fn ask(&self, request: impl AsRef<[u8]>) -> String {
        let mut client = self.connect();
        client.write_all(request.as_ref()).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        rest(&mut client)
    }

    fn parsed(&self, request: &str, answers: &[&str]) -> Report {
        let answer = self.ask(request);
        let answers = answers.iter().map(|method| (*method).to_owned()).collect();
        let report = report(
            answer.as_bytes(),
            &Options { role: Some(Role::Response), eof: true, answers, ..Options::default() },
        );
        assert_eq!((&report.error, &report.incomplete), (&None, &None), "{answer}");
        report
    }
}

fn rest(client: &mut Client) -> String {
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

fn status(answer: &str) -> u16 {
    answer.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or_else(|| panic!("{answer:?}"))
}

#[track_caller]
fn assert_status(answer: &str, expected: u16) {
    assert_eq!(status(answer), expected, "{answer}");
}

#[test]
fn get_and_head_answer_alike_but_for_the_content() {
    let server = start();
    let get = server.ask("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    let head = server.ask("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_status(&get, 200);
    assert!(get.ends_with("\r\n\r\nhello\n"), "{get}");
    let undated = |text: &str| text.lines().filter(|line| !line.starts_with("Date: ")).collect::<Vec<_>>().join("\n");
    assert_eq!(undated(&head), undated(get.strip_suffix("hello\n").unwrap()));
    assert!(
        get.contains("\r\nDate: ") && get.contains(" GMT\r\n") && get.contains("\r\nContent-Length: 6\r\n"),
        "{get}"
    );
}

#[test]
fn a_document_is_put_read_replaced_and_deleted() {
    let server = start();
    let put = |body: &str| {
        format!(
            "PUT /documents/a HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    assert_status(&server.ask("GET /documents/a HTTP/1.1\r\nHost: x\r\n\r\n"), 404);
    assert_status(&server.ask(put("one")), 201);
    assert_status(&server.ask(put("two")), 204);
    let get = server.ask("GET /documents/a HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(get.contains("Content-Type: text/plain\r\n") && get.ends_with("\r\n\r\ntwo"), "{get}");
    let tag = get.lines().find_map(|line| line.strip_prefix("ETag: ")).unwrap().to_owned();
    let again = server.ask(format!("GET /documents/a HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"z\", {tag}\r\n\r\n"));
    assert_status(&again, 304);
    let guarded = "DELETE /documents/a HTTP/1.1\r\nHost: x\r\nIf-Match: \"other\"\r\n\r\n";
    assert_status(&server.ask(guarded), 412);
    let delete = "DELETE /documents/a HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_status(&server.ask(delete), 204);
    assert_status(&server.ask(delete), 404);
}

#[test]
fn post_echoes_reads_forms_and_creates() {
    let server = start();
    let echo = server.ask("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;q=1\r\nde\r\n0\r\nT: 1\r\n\r\n");
    assert!(echo.ends_with("\r\n\r\nabcde"), "{echo}");
    let form = "a=1&b=%E4%BD%A0+x";
    let form = server.ask(format!("POST /form HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}", form.len()));
    assert!(form.ends_with("\r\n\r\na = 1\nb = 你 x\n"), "{form}");
    let created = server.ask("POST /documents/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
    assert_status(&created, 201);
    assert!(created.contains("Location: /documents/1\r\n"), "{created}");
    assert!(server.ask("GET /documents/1 HTTP/1.1\r\nHost: x\r\n\r\n").ends_with("\r\n\r\nhi"));
}

#[test]
fn options_says_what_is_allowed() {
    let server = start();
    let whole = server.ask("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_status(&whole, 204);
    assert!(whole.contains("CONNECT"), "{whole}");
    let one = server.ask("OPTIONS /documents/a HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(one.contains("Allow: GET, HEAD, PUT, DELETE, OPTIONS, TRACE\r\n"), "{one}");
}

#[test]
fn trace_sends_the_request_back_without_its_secrets() {
    let server = start();
    let answer = server.ask(
        "TRACE /hello HTTP/1.1\r\nHost: x\r\nCookie: visits=3\r\nX-Mark:  a b \r\nAuthorization: Basic eA==\r\n\r\n",
    );
    assert!(answer.contains("Content-Type: message/http\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nTRACE /hello HTTP/1.1\r\nHost: x\r\nX-Mark:  a b\r\n\r\n"), "{answer}");
    assert_status(&server.ask("TRACE /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"), 400);
}

#[test]
fn connect_leads_to_the_echo_and_nowhere_else() {
    let server = start();
    let mut client = server.connect();
    client.write_all(b"CONNECT echo:7 HTTP/1.1\r\nHost: echo:7\r\n\r\nearly ").unwrap();
    client.write_all(b"and late").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let answer = rest(&mut client);
    assert_status(&answer, 200);
    assert!(answer.ends_with("\r\n\r\nearly and late"), "{answer}");
    assert!(!answer.contains("Content-Length"), "a 2xx answer to CONNECT has no content: {answer}");
    for elsewhere in ["127.0.0.1:80", "example.com:443", "echo:8"] {
        let answer = server.ask(format!("CONNECT {elsewhere} HTTP/1.1\r\nHost: {elsewhere}\r\n\r\nx"));
        assert_status(&answer, 403);
        assert!(answer.contains("tunnel_forbidden"), "{answer}");
    }
}

#[test]
fn every_refusal_has_its_status() {
    let server = start();
    let long = "x".repeat(9000);
    let cases: &[(&str, u16)] = &[
        ("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        ("GET /documents/.. HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        ("GET /documents/%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        ("DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        ("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        ("POST /echo HTTP/1.1\r\nHost: x\r\n\r\n", 411),
        ("PUT /documents/a HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\nExpect: 100-continue\r\n\r\n", 413),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n", 413),
        (&format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"), 414),
        ("POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 415),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: a-miracle\r\n\r\nx", 417),
        (&format!("GET / HTTP/1.1\r\nHost: x\r\nA: {long}{long}\r\n\r\n"), 431),
        ("PATCH /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 501),
        ("get / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: zip, chunked\r\n\r\n", 501),
        ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET / HT", 400),
        ("hello\r\n", 400),
    ];
    for (request, expected) in cases {
        let answer = server.ask(request);
        assert_eq!(status(&answer), *expected, "{request:.80}\n{answer}");
        assert!(answer.contains("Content-Type: application/problem+json\r\n"), "{answer}");
        assert!(*expected != 405 || answer.contains("\r\nAllow: "), "{answer}");
    }
    let problem = server.ask("GET / HTTP/1.1\r\nHost : x\r\n\r\n");
    let problem: serde_json::Value = serde_json::from_str(problem.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(
        (&problem["code"], &problem["at"], &problem["line"]),
        (&"space_before_colon".into(), &20.into(), &2.into())
    );
    assert_eq!(problem["section"], "RFC 9112, 5.1");
}

#[test]
fn a_pipeline_is_answered_in_order_up_to_the_request_that_is_wrong() {
    let server = start();
    let pipeline = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nHEAD /hello HTTP/1.1\r\nHost: x\r\n\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhiGET bad HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n";
    let report = server.parsed(pipeline, &["GET", "HEAD", "POST", "GET"]);
    let statuses: Vec<u16> = report
        .messages
        .iter()
        .map(|message| match message.start {
            sockscope_core::http::report::StartReport::Response { status, .. } => status,
            _ => 0,
        })
        .collect();
    assert_eq!(statuses, [200, 200, 200, 400]);
    assert_eq!(&report.messages[2].content[..], b"hi");
}

#[test]
fn any_cut_of_a_request_is_answered_alike() {
    let server = start();
    let request = b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let mut client = server.connect();
    client.set_nodelay(true).unwrap();
    for byte in request {
        client.write_all(&[*byte]).unwrap();
    }
    let answer = rest(&mut client);
    assert_status(&answer, 200);
    assert!(answer.ends_with("\r\n\r\nabc"), "{answer}");
}

#[test]
fn a_connection_is_kept_or_closed_as_both_versions_say() {
    let server = start();
    let mut client = server.connect();
    let mut answered = |request: &str| {
        client.write_all(request.as_bytes()).unwrap();
        let mut buffer = [0; 4096];
        let length = client.read(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    assert_status(&answered("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
    let kept = answered("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert!(kept.contains("\r\nConnection: keep-alive\r\n"), "{kept}");
    let last = answered("GET /hello HTTP/1.0\r\n\r\n");
    assert!(last.contains("\r\nConnection: close\r\n"), "{last}");
    assert_eq!(rest(&mut client), "", "the server has closed");
    let old = server.ask("GET /stream HTTP/1.0\r\n\r\n");
    assert!(!old.contains("chunked") && old.ends_with("\r\n\r\none\ntwo\nthree\n"), "{old}");
    let new = server.ask("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(new.contains("Trailer: Lines\r\n") && new.ends_with("0\r\nLines: 3\r\n\r\n"), "{new}");
}

#[test]
fn an_upgrade_is_passed_over_and_the_next_request_answered() {
    let server = start();
    let two = "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_eq!(server.parsed(two, &[]).messages.len(), 2);
}

#[test]
fn a_client_that_waits_is_told_to_continue() {
    let server = start();
    let mut client = server.connect();
    client
        .write_all(
            b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
        )
        .unwrap();
    let mut interim = [0; 25];
    client.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    client.write_all(b"hi").unwrap();
    let answer = rest(&mut client);
    assert_status(&answer, 200);
    assert!(answer.ends_with("\r\n\r\nhi"), "{answer}");
}

#[test]
fn who_is_too_slow_is_told_so_and_who_is_silent_is_let_go() {
    let short = Duration::from_millis(100);
    let server = start_with(Settings { head: short, idle: short, body: short, ..Settings::default() });
    let mut silent = server.connect();
    assert_eq!(rest(&mut silent), "");
    for begun in ["GET / HT", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"] {
        let mut slow = server.connect();
        slow.write_all(begun.as_bytes()).unwrap();
        assert_status(&rest(&mut slow), 408);
    }
}

#[test]
fn a_connection_ends_after_so_many_requests() {
    let server = start_with(Settings { requests: 2, ..Settings::default() });
    let answer = server.ask("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3));
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2);
    assert_eq!(answer.matches("Connection: close").count(), 1);
}

#[test]
fn the_end_of_the_server_ends_idle_connections() {
    let server = start();
    let mut client = server.connect();
    client.write_all(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut some = [0; 16];
    client.read_exact(&mut some).unwrap();
    server.shutdown.cancel();
    assert!(rest(&mut client).ends_with("hello\n"));
}

#[test]
fn an_expectation_that_nobody_knows_is_refused_before_the_content_comes() {
    let server = start();
    let mut client = server.connect();
    // The client waits for an answer, as it would for 100, and sends nothing until then.
    client
        .write_all(b"PUT /documents/a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: a-miracle\r\n\r\n")
        .unwrap();
    let answer = rest(&mut client);
    assert_status(&answer, 417);
    assert!(answer.contains("Connection: close\r\n"), "{answer}");
}
