//! What the accept loop promises: slow senders are cut, shutdown ends open streams, connections are limited.

mod support;

use sockscope::{Patience, Settings};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn impatient() -> Settings {
    let patience = Patience { headers: Duration::from_millis(500), ..Patience::default() };
    Settings { patience, ..Settings::default() }
}

#[tokio::test]
async fn two_hundred_half_sent_headers_are_closed_by_the_timeout() {
    let server = support::start_with(impatient()).await;
    let mut streams = Vec::new();
    for _ in 0..200 {
        let mut stream = server.connect().await;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: example.org\r\nX-Slow: ").await.unwrap();
        streams.push(stream);
    }
    let closed = async {
        for stream in &mut streams {
            let mut rest = Vec::new();
            // A reset closes as well as an end does.
            let _ = stream.read_to_end(&mut rest).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), closed).await.expect("all are closed");
    assert_eq!(server.get("/api/v1/health").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let server = support::start_with(impatient()).await;
    let mut stream = server.connect().await;
    let mut nothing = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut nothing)).await;
    read.expect("it is closed").unwrap();
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_their_turn() {
    let patience = Patience { connections: 2, headers: Duration::from_secs(2), ..Patience::default() };
    let server = support::start_with(Settings { patience, ..Settings::default() }).await;
    let idle = [server.connect().await, server.connect().await];
    let begun = Instant::now();
    let response = server.get("/api/v1/health").send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(begun.elapsed() > Duration::from_millis(500), "it had to wait until the idle ones were closed");
    drop(idle);
}

#[tokio::test]
async fn shutdown_with_idle_connections_completes() {
    let server = support::start().await;
    let _idle = server.connect().await;
    assert_eq!(server.get("/api/v1/health").send().await.unwrap().status(), 200);
    server.shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(5), server.ended).await.expect("it ends").unwrap();
}

#[tokio::test]
async fn after_shutdown_nobody_is_accepted() {
    let server = support::start().await;
    server.shutdown.cancel();
    server.ended.await.unwrap();
    assert!(tokio::net::TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = support::start().await;
    let answer = server
        .raw(
            "GET /api/v1/health HTTP/1.1\r\nHost: a\r\n\r\n\
             GET /api/v1/nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        )
        .await;
    let health = answer.find("HTTP/1.1 200").expect("the first answer");
    let missing = answer.find("HTTP/1.1 404").expect("the second answer");
    assert!(health < missing);
}

#[tokio::test]
async fn a_request_that_is_not_http_is_refused() {
    let server = support::start().await;
    let answer = server.raw("this is no request\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

/// A kernel run that lasts far longer than the test.
fn long_run() -> serde_json::Value {
    let program = "import time\nprint('asleep')\ntime.sleep(50)\n";
    serde_json::json!({
        "scenario": { "limit": "55s", "host": [{ "name": "a", "program": program }] },
        "engine": "kernel",
        "kind": "loopback",
    })
}

/// Starts a live run and reads until its program sleeps.
async fn asleep(server: &support::Server, form: &str) -> reqwest::Response {
    let request = server.post("/api/v1/runs").header("accept", form).json(&long_run());
    let mut stream = request.send().await.unwrap();
    assert_eq!(stream.status(), 200);
    let mut heard = String::new();
    while !heard.contains("asleep\\n") {
        let chunk = tokio::time::timeout(Duration::from_secs(20), stream.chunk()).await.expect("it is live");
        heard.push_str(&String::from_utf8_lossy(&chunk.unwrap().expect("it has not ended")));
    }
    stream
}

#[tokio::test]
async fn shutdown_with_an_open_event_stream_completes_and_tells_its_reader() {
    let server = support::start().await;
    let mut stream = asleep(&server, "text/event-stream").await;
    let begun = Instant::now();
    server.shutdown.cancel();
    let mut rest = String::new();
    while let Some(chunk) = stream.chunk().await.unwrap() {
        rest.push_str(&String::from_utf8_lossy(&chunk));
    }
    assert!(rest.contains("event: problem\n") && rest.contains("shutting_down"), "{rest}");
    tokio::time::timeout(Duration::from_secs(5), server.ended).await.expect("it ends").unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn shutdown_gives_up_a_run_that_is_waited_for() {
    let server = support::start().await;
    let waiting = tokio::spawn(server.post("/api/v1/runs").json(&long_run()).send());
    tokio::time::sleep(Duration::from_secs(1)).await;
    server.shutdown.cancel();
    support::problem(waiting.await.unwrap().unwrap(), 503, "shutting_down").await;
    tokio::time::timeout(Duration::from_secs(5), server.ended).await.expect("it ends").unwrap();
}

#[tokio::test]
async fn a_client_that_goes_away_gives_its_turn_to_the_next() {
    let server = support::start_with(Settings { runs: 1, ..Settings::default() }).await;
    for form in ["text/event-stream", "application/x-ndjson"] {
        drop(asleep(&server, form).await);
        let next = server.post("/api/v1/runs").json(&serde_json::json!({ "scenario": support::quick() })).send();
        let next = tokio::time::timeout(Duration::from_secs(10), next).await.expect("its turn comes").unwrap();
        assert_eq!(next.status(), 200, "{form}");
    }
    // The same for a client that waits for the whole answer.
    let impatient = server.post("/api/v1/runs").timeout(Duration::from_secs(1)).json(&long_run()).send().await;
    assert!(impatient.is_err());
    let next = server.post("/api/v1/runs").json(&serde_json::json!({ "scenario": support::quick() })).send();
    let next = tokio::time::timeout(Duration::from_secs(10), next).await.expect("its turn comes").unwrap();
    assert_eq!(next.status(), 200);
}
