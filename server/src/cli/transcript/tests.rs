//! Transcripts of traces written by hand: each line says what its event says.

use super::*;
use crate::run::Report;
use serde_json::{Value, json};

fn trace(events: &[Value]) -> Trace {
    let events: Vec<Value> = events
        .iter()
        .map(|event| {
            let mut event = event.clone();
            event["evidence"] = json!("simulated");
            event
        })
        .collect();
    serde_json::from_value(json!({
        "header": {
            "version": 1, "title": { "en": "A title", "zh": "标题" }, "engine": "model", "seed": 7,
            "observes": { "segments": true, "states": true, "timers": true, "buffers": true },
            "hosts": [
                { "name": "client", "address": "10.0.0.1", "prefix": 24, "program": "" },
                { "name": "server", "address": "10.0.0.2", "prefix": 24, "program": "" },
            ],
            "scenario": {},
        },
        "events": events,
        "hosts": {
            "client": { "stdout": "one\ntwo\n", "exit": 1, "exception": "BrokenPipeError: [Errno 32] Broken pipe" },
            "server": { "stdout": "", "exit": null, "exception": null },
        },
        "expectations": [{ "that": "client.exit == 1", "held": true }],
    }))
    .unwrap()
}

fn lines(events: &[Value]) -> Vec<String> {
    let report = Report::One(Box::new(trace(events)));
    write(&report, Words::new(Language::En)).lines().map(str::to_owned).collect()
}

fn frame(number: u32, payload: &str, verdict: Value) -> Value {
    let base64 = payload; // written out by the caller
    json!({ "time": 1000, "host": "client", "layer": "link", "event": "sent", "frame": number, "to": "server",
            "data": { "base64": base64 }, "verdict": verdict, "queued": 0 })
}

fn segment(number: u32, control: &[&str], length: u32) -> Value {
    json!({ "time": 1000, "host": "client", "flow": 1, "layer": "tcp", "event": "segment_sent", "frame": number,
            "segment": { "source": "10.0.0.1:40000", "destination": "10.0.0.2:8888", "sequence": 5,
                         "relative_sequence": 1, "relative_acknowledgement": 1, "control": control, "window": 64240,
                         "options": {}, "length": length } })
}

#[test]
fn a_call_that_returns_at_once_is_one_line() {
    let told = lines(&[
        json!({ "time": 6, "host": "client", "layer": "socket", "event": "called", "id": 1, "task": 0, "line": 4,
                "call": "socket", "kind": "stream" }),
        json!({ "time": 11, "host": "client", "layer": "socket", "event": "returned", "id": 1, "call": "socket",
                "outcome": { "ok": 3 }, "blocked": 0 }),
    ]);
    assert!(told.contains(&"      0.011 ms  client    4: socket(SOCK_STREAM) = 3".to_owned()), "{told:#?}");
}

#[test]
fn a_call_that_blocks_is_told_when_it_begins_and_when_it_ends() {
    let told = lines(&[
        json!({ "time": 6, "host": "server", "layer": "socket", "event": "called", "id": 1, "task": 0, "line": 8,
                "call": "recv", "fd": 4, "size": 1024 }),
        json!({ "time": 6, "host": "server", "layer": "socket", "event": "blocked", "id": 1, "reason": "data" }),
        json!({ "time": 24310, "host": "server", "layer": "socket", "event": "returned", "id": 1, "call": "recv",
                "fd": 4, "outcome": { "ok": { "base64": "" } }, "blocked": 24304 }),
    ]);
    assert!(told.contains(&"      0.006 ms  server    8: recv(4, 1024) … waits for data".to_owned()), "{told:#?}");
    let end = "     24.310 ms  server    8: … recv = b''  (the peer has finished sending)  (after 24.304 ms)";
    assert!(told.contains(&end.to_owned()), "{told:#?}");
}

#[test]
fn a_segment_shows_its_way_its_numbers_its_payload_and_when_it_arrives() {
    // A frame whose last four bytes are "msg0".
    let told =
        lines(&[segment(7, &["PSH", "ACK"], 4), frame(7, "AAAAAG1zZzA=", json!({ "deliver": { "at": 11000 } }))]);
    let line =
        "      1.000 ms  client  client → server  PSH ACK seq=1 ack=1 win=64240 len=4 b'msg0'  (arrives 11.000 ms)";
    assert!(told.contains(&line.to_owned()), "{told:#?}");
}

#[test]
fn a_lost_frame_says_why() {
    let told = lines(&[
        segment(7, &["SYN"], 0),
        frame(7, "AAAA", json!({ "drop": { "cause": "scripted" } })),
        json!({ "time": 6000, "host": "client", "layer": "link", "event": "dropped", "frame": 7, "cause": "scripted" }),
    ]);
    assert!(told.contains(&"      6.000 ms  client  ✕ frame 7 is lost: the scenario drops it".to_owned()), "{told:#?}");
    assert!(!told.iter().any(|line| line.contains("arrives")), "{told:#?}");
}

#[test]
fn each_host_says_how_it_ended_and_what_it_printed() {
    let told = lines(&[]);
    let ended = told.iter().position(|line| line == "client ended with BrokenPipeError: [Errno 32] Broken pipe");
    let ended = ended.unwrap_or_else(|| panic!("{told:#?}"));
    assert_eq!(told[ended + 1..ended + 3], ["  | one", "  | two"]);
    assert!(told.contains(&"server did not end: it never started".to_owned()), "{told:#?}");
    assert!(told.contains(&"  ✓ holds: client.exit == 1".to_owned()), "{told:#?}");
}

#[test]
fn what_a_program_prints_cannot_move_the_cursor() {
    let told = lines(&[json!({ "time": 1, "host": "client", "layer": "program", "event": "printed", "task": 0,
                               "text": "a\u{1b}[2Jb\r\n" })]);
    assert!(told.iter().any(|line| line.ends_with("prints: a\\x1b[2Jb\\x0d")), "{told:#?}");
}

#[test]
fn both_languages_have_a_word_for_everything() {
    let report =
        Report::One(Box::new(trace(&[segment(7, &["SYN"], 0), frame(7, "AAAA", json!({ "deliver": { "at": 2 } }))])));
    let chinese = write(&report, Words::new(Language::Zh));
    assert!(chinese.contains("标题") && chinese.contains("到达") && chinese.contains("种子 7"), "{chinese}");
}
