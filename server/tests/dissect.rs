//! `sockscope dissect` as a user types it, and the same question asked over the API.

mod support;

use serde_json::{Value, json};
use std::path::PathBuf;
use support::command::{assert_status, run, text};

/// A run of a built-in scenario as a capture file.
fn capture(scenario: &str) -> Vec<u8> {
    let output = run(&["run", scenario, "--format", "pcapng"], b"");
    assert_status(&output, 0);
    output.stdout
}

fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("sockscope-{}-{name}", std::process::id()))
}

#[test]
fn packets_are_listed_one_a_line_and_conversations_behind_them() {
    let output = run(&["dissect", "-"], &capture("sticky"));
    assert_status(&output, 0);
    let listed = text(&output.stdout);
    assert!(listed.contains("Who has 10.0.0.2? Tell 10.0.0.1"), "{listed}");
    assert!(listed.contains("SYN, ACK seq=0 ack=1 win="), "{listed}");
    assert!(listed.contains("20 bytes there, 0 bytes back  closed"), "{listed}");
    let chinese = run(&["dissect", "-", "--lang", "zh"], &capture("sticky"));
    assert!(text(&chinese.stdout).contains("谁是 10.0.0.2？请告诉 10.0.0.1"));
}

#[test]
fn json_is_one_object_on_one_line_and_pages_are_asked_for() {
    let output = run(&["dissect", "-", "--json", "--from", "3", "--count", "2"], &capture("sticky"));
    assert_status(&output, 0);
    assert_eq!(text(&output.stdout).lines().count(), 1);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["packets"].as_array().unwrap().len(), 2);
    assert_eq!(report["packets"][0]["number"], 3);
    let packets = report["totals"]["packets"].as_u64().unwrap();
    assert_eq!(report["more_packets"], packets - 4);
    assert_eq!((&report["error"], &report["incomplete"]), (&Value::Null, &Value::Null));
}

#[test]
fn one_packet_is_explained_bit_by_bit() {
    let output = run(&["dissect", "-", "--packet", "3"], &capture("sticky"));
    assert_status(&output, 0);
    let explained = text(&output.stdout);
    for line in ["14:0-3       Version = 4", "Maximum segment size = 1460", "SYN: synchronise = 1", "(right)"] {
        assert!(explained.contains(line), "{line} is missing in\n{explained}");
    }
    let missing = run(&["dissect", "-", "--packet", "999"], &capture("sticky"));
    assert_status(&missing, 2);
    // What was captured by a program that failed has not a single byte: that is no whole file.
    let nothing = run(&["dissect", "-"], b"");
    assert_status(&nothing, 3);
    assert!(text(&nothing.stderr).contains("4 bytes are needed from byte 0 on, 0 are there"), "{nothing:?}");
    let codec = run(&["dissect", "-", "--stream", "1", "--codec", "morse", "--lang", "zh"], b"");
    assert_status(&codec, 2);
    assert!(text(&codec.stderr).contains("没有名为“morse”的编码"), "{codec:?}");
    assert!(text(&missing.stderr).contains("There is no packet 999"));
}

#[test]
fn a_conversation_is_followed_and_its_messages_told_apart() {
    let output = run(&["dissect", "-", "--stream", "1", "--codec", "fixed:4"], &capture("sticky"));
    assert_status(&output, 0);
    let followed = text(&output.stdout);
    assert!(followed.contains("[0, 20)  msg0msg1msg2msg3msg4"), "{followed}");
    assert!(followed.contains("message 5 in packets"), "{followed}");
    let missing = run(&["dissect", "-", "--stream", "9"], &capture("sticky"));
    assert_status(&missing, 2);
    let codec = run(&["dissect", "-", "--stream", "1", "--codec", "morse"], b"");
    assert_status(&codec, 2);
}

#[test]
fn what_is_wrong_with_the_messages_of_a_conversation_is_said_in_the_reader_s_language() {
    let capture = capture("sticky");
    for (codec, english, chinese) in [
        ("netstring", "error not_a_digit  [0]\n      Byte 0: 0x6d stands", "错误 not_a_digit  [0]\n      字节 0："),
        (
            "fixed:16",
            "incomplete: The stream ends inside a message that begins at byte 16",
            "不完整：流在一条消息中间结束",
        ),
        ("http", "incomplete: The stream stops inside the message", "不完整："),
    ] {
        for (lang, expected) in [("en", english), ("zh", chinese)] {
            let output = run(&["dissect", "-", "--stream", "1", "--codec", codec, "--lang", lang], &capture);
            assert!(text(&output.stdout).contains(expected), "{codec}: {}", text(&output.stdout));
        }
    }
}

#[test]
fn a_conversation_of_datagrams_is_listed_datagram_by_datagram() {
    let output = run(&["dissect", "-", "--stream", "1", "--codec", "line"], &capture("udp-echo"));
    assert_status(&output, 0);
    let followed = text(&output.stdout);
    let datagrams = followed.lines().filter(|line| line.trim_start().starts_with("datagram of packet")).count();
    assert!(datagrams > 1, "{followed}");
    let json = run(&["dissect", "-", "--stream", "1", "--codec", "naive", "--json"], &capture("udp-echo"));
    let report: Value = serde_json::from_slice(&json.stdout).unwrap();
    let runs =
        report["followed"]["decoded"]["halves"].as_array().unwrap().iter().map(|half| half.as_array().unwrap().len());
    assert_eq!(runs.sum::<usize>(), datagrams, "{report}");
}

#[test]
fn a_file_cut_short_gives_its_whole_packets_and_status_3() {
    let whole = capture("sticky");
    let output = run(&["dissect", "-", "--json"], &whole[..whole.len() - 1]);
    assert_status(&output, 3);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let incomplete = &report["incomplete"];
    assert_eq!((&incomplete["code"], &report["error"]), (&json!("truncated"), &Value::Null));
    let have = incomplete["have"].as_u64().unwrap();
    assert_eq!(incomplete["at"].as_u64().unwrap() + have, whole.len() as u64 - 1);
    let all: Value = serde_json::from_slice(&run(&["dissect", "-", "--json"], &whole).stdout).unwrap();
    let (some, all) = (report["packets"].as_array().unwrap(), all["packets"].as_array().unwrap());
    assert_eq!(some[..], all[..all.len() - 1]);
}

#[test]
fn a_broken_file_is_refused_with_the_byte() {
    let output = run(&["dissect", "-"], b"GET / HTTP/1.1\r\n\r\n");
    assert_status(&output, 2);
    assert!(text(&output.stderr).contains("0x47455420 (byte 0)"), "{}", text(&output.stderr));
    let missing = run(&["dissect", "/nowhere/at.all"], b"");
    assert_status(&missing, 2);
}

#[test]
fn a_conversation_is_taken_out_into_a_capture_of_its_own() {
    for name in ["out.pcapng", "out.pcap"] {
        let path = scratch(name);
        let file = path.to_str().unwrap();
        assert_status(&run(&["dissect", "-", "--stream", "1", "-o", file], &capture("sticky")), 0);
        let again = run(&["dissect", file, "--json"], b"");
        std::fs::remove_file(&path).unwrap();
        assert_status(&again, 0);
        let report: Value = serde_json::from_slice(&again.stdout).unwrap();
        assert_eq!(report["totals"]["protocols"], json!([["tcp", report["totals"]["packets"]]]));
        assert_eq!(report["streams"][0]["bytes"], json!([20, 0]), "{name}");
    }
}

/// A validator of one of the schemas of the API's description.
async fn schema(server: &support::Server, name: &str) -> jsonschema::Validator {
    let mut root = server.json("/api/v1/openapi.json").await;
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["$ref"] = json!(format!("#/components/schemas/{name}"));
    jsonschema::draft202012::new(&root).expect("the schema is one")
}

async fn ask(server: &support::Server, query: &str, body: Vec<u8>) -> reqwest::Response {
    let request = server.post(&format!("/api/v1/packets/dissect{query}"));
    request.header("content-type", "application/vnd.tcpdump.pcap").body(body).send().await.unwrap()
}

#[tokio::test]
async fn the_api_answers_what_the_command_prints_and_as_the_schema_says() {
    let server = support::start().await;
    let schema = schema(&server, "CaptureReport").await;
    for (scenario, query, arguments) in [
        ("sticky", "?count=10000", &[][..]),
        ("sticky", "?packet=4", &["--packet", "4"][..]),
        ("udp-echo", "?stream=1", &["--stream", "1", "--limit", "1048576", "--count", "1000"]),
        (
            "handshake",
            "?stream=1&codec=line",
            &["--stream", "1", "--codec", "line", "--limit", "1048576", "--count", "1000"],
        ),
        ("broken-pipe", "?from=2&count=3", &["--from", "2", "--count", "3"]),
    ] {
        let file = capture(scenario);
        let printed = run(&[&["dissect", "-", "--json"], arguments].concat(), &file);
        let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
        let response = ask(&server, query, file).await;
        assert_eq!(response.status(), 200, "{query}");
        let answer: Value = response.json().await.unwrap();
        let errors: Vec<_> =
            schema.iter_errors(&answer).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{scenario}{query}: {}", errors.join("\n"));
        assert_eq!(answer, printed, "{scenario}{query}");
    }
}

#[tokio::test]
async fn the_file_may_come_as_base64_and_bad_base64_has_a_place() {
    use base64::Engine as _;
    let server = support::start().await;
    let file = capture("sticky");
    let whole: Value = ask(&server, "", file.clone()).await.json().await.unwrap();
    let encoded = base64::engine::general_purpose::STANDARD.encode(&file);
    let request = server.post("/api/v1/packets/dissect").json(&json!({ "base64": encoded }));
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer, whole);
    let request = server.post("/api/v1/packets/dissect").json(&json!({ "base64": "AAAA!AAA" }));
    let problem = support::problem(request.send().await.unwrap(), 422, "invalid_request").await;
    assert_eq!(problem["place"]["path"], "base64", "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains('4'), "{problem}");
}

#[tokio::test]
async fn what_is_no_capture_is_a_problem_with_its_byte_and_a_broken_one_says_where() {
    let server = support::start().await;
    let problem = support::problem(ask(&server, "", b"no capture".to_vec()).await, 422, "invalid_capture").await;
    assert_eq!(problem["place"]["offset"], 0, "{problem}");
    let whole = capture("sticky");
    let answer: Value = ask(&server, "", whole[..whole.len() - 5].to_vec()).await.json().await.unwrap();
    assert_eq!(answer["incomplete"]["code"], "truncated");
    let mut broken = whole.clone();
    let last = whole.len() - 4;
    broken[last] ^= 1;
    let answer: Value = ask(&server, "", broken).await.json().await.unwrap();
    assert_eq!(answer["error"]["code"], "block_length");
    assert!(answer["error"]["at"].as_u64().unwrap() > 1_000);
}

#[tokio::test]
async fn wrong_options_types_and_sizes_are_problems() {
    let server = support::start().await;
    let file = capture("sticky");
    for (query, place) in [
        ("?count=10001", "count"),
        ("?codec=morse", "codec"),
        ("?packet=1&stream=1", "packet"),
        ("?colour=red", "colour"),
        ("?from=x", "from"),
        ("?from=1&from=2", "from"),
        ("?limit=99999999", "limit"),
    ] {
        let problem = support::problem(ask(&server, query, file.clone()).await, 400, "invalid_query").await;
        assert_eq!(problem["place"]["path"], place, "{problem}");
    }
    let answer: Value = ask(&server, "", Vec::new()).await.json().await.unwrap();
    assert_eq!((&answer["incomplete"]["need"], &answer["incomplete"]["have"]), (&json!(4), &json!(0)));
    let request = server.post("/api/v1/packets/dissect").header("content-type", "text/plain").body("x");
    support::problem(request.send().await.unwrap(), 415, "not_a_capture_type").await;
    let large = vec![0; (32 << 20) + 1];
    support::problem(ask(&server, "", large).await, 413, "body_too_large").await;
}
