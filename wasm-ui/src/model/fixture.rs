//! A trace written by hand, for tests: five sends of which the third is lost and repeated, and one recv that takes all.

use serde_json::{Value, json};
use sockscope_core::scenario::{self, Scenario};
use sockscope_core::stream::Data;
use sockscope_core::trace::Trace;

const CLIENT: &str = "from socket import *\ns = socket(AF_INET, SOCK_STREAM)\ns.connect(('server', 8888))\nfor i in range(5):\n    s.send(b'msg%d' % i)\ns.close()\n";
const SERVER: &str = "from socket import *\nimport time\ns = socket(AF_INET, SOCK_STREAM)\ns.bind(('', 8888))\ns.listen(5)\nc, a = s.accept()\ntime.sleep(0.5)\ndata = c.recv(1024)  # knob: bytes\nprint(data)\n";

/// The scenario of the trace.
pub fn scenario() -> Scenario {
    scenario::from_json(&scenario_json()).expect("the fixture is a scenario")
}

fn scenario_json() -> Value {
    json!({
        "title": { "en": "Five sends", "zh": "五次发送" },
        "link": { "delay": "10ms" },
        "host": [
            { "name": "client", "address": "10.0.0.1/24", "program": CLIENT },
            { "name": "server", "address": "10.0.0.2/24", "program": SERVER },
        ],
    })
}

/// An Ethernet frame with a SYN.
pub fn syn_frame() -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    frame.extend([0x45, 0, 0, 44, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    frame.extend([0xc0, 0, 0x22, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0x60, 2, 0xff, 0xff, 0, 0, 0, 0]);
    frame.extend([2, 4, 5, 0xb4]);
    frame
}

fn data(bytes: &[u8]) -> Value {
    serde_json::to_value(Data::from(bytes)).expect("bytes are JSON")
}

struct Writer {
    events: Vec<Value>,
    frame: u32,
}

impl Writer {
    fn event(&mut self, time: u64, host: &str, flow: Option<u32>, body: Value) {
        let mut event = json!({ "time": time, "host": host, "evidence": "simulated" });
        if let Some(flow) = flow {
            event["flow"] = json!(flow);
        }
        event.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        self.events.push(event);
    }

    fn line(&mut self, time: u64, host: &str, line: u32) {
        self.event(time, host, None, json!({"layer": "program", "event": "line", "task": 0, "line": line, "depth": 0}));
    }

    fn called(&mut self, time: u64, host: &str, id: u32, line: u32, call: Value) {
        let mut body = json!({"layer": "socket", "event": "called", "id": id, "task": 0, "line": line});
        body.as_object_mut().unwrap().extend(call.as_object().unwrap().clone());
        self.event(time, host, None, body);
    }

    fn blocked(&mut self, time: u64, host: &str, id: u32, reason: &str) {
        self.event(time, host, None, json!({"layer": "socket", "event": "blocked", "id": id, "reason": reason}));
    }

    #[allow(clippy::too_many_arguments)] // the fields of one event
    fn returned(
        &mut self,
        time: u64,
        host: &str,
        flow: Option<u32>,
        id: u32,
        call: &str,
        fd: i32,
        ok: Value,
        more: Value,
    ) {
        let mut body = json!({"layer": "socket", "event": "returned", "id": id, "call": call, "fd": fd,
            "outcome": {"ok": ok}, "blocked": 0});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.event(time, host, flow, body);
    }

    /// A segment and its frame; gives the frame's number.
    #[allow(clippy::too_many_arguments)]
    fn segment(
        &mut self,
        time: u64,
        from: &str,
        control: &[&str],
        ack: Option<u64>,
        range: Option<(u64, u64)>,
        repeats: Option<u32>,
        lost: bool,
    ) -> u32 {
        self.frame += 1;
        let (a, b) = ("10.0.0.1:40000", "10.0.0.2:8888");
        let (source, destination, to) = if from == "client" { (a, b, "server") } else { (b, a, "client") };
        let length = range.map_or(0, |range| range.1 - range.0);
        let mut body = json!({"layer": "tcp", "event": "segment_sent", "frame": self.frame, "segment": {
            "source": source, "destination": destination, "sequence": 7, "relative_sequence": range.map_or(0, |range| range.0 + 1),
            "control": control, "window": 64240, "length": length}});
        if let Some(ack) = ack {
            body["segment"]["relative_acknowledgement"] = json!(ack);
        }
        if let Some((start, end)) = range {
            body["range"] = json!([start, end]);
        }
        if let Some(repeats) = repeats {
            body["repeats"] = json!(repeats);
        }
        self.event(time, from, Some(1), body);
        let verdict =
            if lost { json!({"drop": {"cause": "scripted"}}) } else { json!({"deliver": {"at": time + 10_000}}) };
        let mut bytes = syn_frame();
        if let Some((start, end)) = range {
            bytes.extend(&b"msg0msg1msg2msg3msg4"[start as usize..end as usize]);
        }
        self.event(time, from, Some(1), json!({"layer": "link", "event": "sent", "frame": self.frame, "to": to, "data": data(&bytes), "verdict": verdict}));
        self.frame
    }

    fn delivered(&mut self, time: u64, host: &str, frame: u32) {
        self.event(time, host, Some(1), json!({"layer": "link", "event": "delivered", "frame": frame}));
        self.event(time, host, Some(1), json!({"layer": "tcp", "event": "segment_received", "frame": frame}));
    }
}

/// The trace.
pub fn sticky() -> Trace {
    let mut w = Writer { events: Vec::new(), frame: 0 };
    let (c, s) = ("client", "server");
    w.line(0, s, 3);
    w.called(1, s, 1, 3, json!({"call": "socket", "kind": "stream"}));
    w.returned(6, s, None, 1, "socket", 3, json!(3), json!({}));
    w.line(7, s, 4);
    w.called(8, s, 2, 4, json!({"call": "bind", "fd": 3, "address": "0.0.0.0:8888"}));
    w.returned(13, s, None, 2, "bind", 3, json!(null), json!({}));
    w.event(13, s, None, json!({"layer": "socket", "event": "addressed", "fd": 3, "local": "0.0.0.0:8888"}));
    w.line(14, s, 5);
    w.called(15, s, 3, 5, json!({"call": "listen", "fd": 3, "backlog": 5}));
    w.returned(20, s, None, 3, "listen", 3, json!(null), json!({}));
    w.line(21, s, 6);
    w.called(22, s, 4, 6, json!({"call": "accept", "fd": 3}));
    w.blocked(27, s, 4, "connection");
    w.line(1000, c, 2);
    w.called(1001, c, 1, 2, json!({"call": "socket", "kind": "stream"}));
    w.returned(1006, c, None, 1, "socket", 3, json!(3), json!({}));
    w.line(1007, c, 3);
    w.called(1008, c, 2, 3, json!({"call": "connect", "fd": 3, "address": "10.0.0.2:8888"}));
    w.event(1013, c, Some(1), json!({"layer": "tcp", "event": "state_changed", "local": "10.0.0.1:40000", "peer": "10.0.0.2:8888", "from": "CLOSED", "to": "SYN-SENT", "trigger": "active_open"}));
    let syn = w.segment(1013, c, &["SYN"], None, None, None, false);
    w.blocked(1013, c, 2, "handshake");
    w.delivered(11_013, s, syn);
    let syn_ack = w.segment(11_013, s, &["SYN", "ACK"], Some(1), None, None, false);
    w.delivered(21_013, c, syn_ack);
    w.event(21_013, c, Some(1), json!({"layer": "tcp", "event": "state_changed", "local": "10.0.0.1:40000", "peer": "10.0.0.2:8888", "from": "SYN-SENT", "to": "ESTABLISHED", "trigger": "receive_syn_ack"}));
    let ack = w.segment(21_013, c, &["ACK"], Some(1), None, None, false);
    w.returned(21_013, c, Some(1), 2, "connect", 3, json!(null), json!({"blocked": 20_000}));
    let mut sent = Vec::new();
    for i in 0..5u32 {
        let time = 21_020 + u64::from(i) * 10;
        let (from, to) = (u64::from(i) * 4, u64::from(i) * 4 + 4);
        w.line(time, c, 5);
        w.called(time + 1, c, 3 + i, 5, json!({"call": "send", "fd": 3, "data": data(format!("msg{i}").as_bytes())}));
        sent.push(w.segment(time + 6, c, &["ACK", "PSH"], Some(1), Some((from, to)), None, i == 2));
        w.returned(time + 6, c, Some(1), 3 + i, "send", 3, json!(4), json!({"range": [from, to]}));
    }
    w.line(21_080, c, 6);
    w.delivered(31_013, s, ack);
    w.returned(
        31_013,
        s,
        Some(1),
        4,
        "accept",
        3,
        json!({"accepted": 4, "peer": "10.0.0.1:40000"}),
        json!({"blocked": 30_000}),
    );
    w.line(31_014, s, 7);
    w.called(31_015, s, 5, 7, json!({"call": "sleep", "duration": 500_000}));
    w.blocked(31_016, s, 5, "time");
    for (i, &frame) in sent.iter().enumerate().filter(|(i, _)| *i != 2) {
        w.delivered(31_026 + i as u64 * 10, s, frame);
    }
    let repeat = w.segment(231_026, c, &["ACK", "PSH"], Some(1), Some((8, 12)), Some(sent[2]), false);
    w.delivered(241_026, s, repeat);
    let last = w.segment(241_027, s, &["ACK"], Some(21), None, None, false);
    w.delivered(251_027, c, last);
    w.returned(531_020, s, None, 5, "sleep", 0, json!(null), json!({"blocked": 500_000}));
    w.line(531_021, s, 8);
    w.called(531_022, s, 6, 8, json!({"call": "recv", "fd": 4, "size": 1024}));
    w.returned(531_027, s, Some(1), 6, "recv", 4, data(b"msg0msg1msg2msg3msg4"), json!({"range": [0, 20]}));
    w.event(
        531_027,
        s,
        None,
        json!({"layer": "program", "event": "assigned", "task": 0, "name": "data", "value": "b'msg0msg1msg2msg3msg4'"}),
    );
    w.line(531_028, s, 9);
    w.event(
        531_028,
        s,
        None,
        json!({"layer": "program", "event": "printed", "task": 0, "text": "b'msg0msg1msg2msg3msg4'\n"}),
    );
    w.event(531_029, c, None, json!({"layer": "program", "event": "exited", "status": 0}));
    w.event(531_030, s, None, json!({"layer": "program", "event": "exited", "status": 0}));
    let trace = json!({
        "header": {
            "version": 1, "title": {"en": "Five sends", "zh": "五次发送"}, "engine": "model",
            "observes": {"segments": true, "states": true, "timers": true, "buffers": true},
            "seed": 1,
            "hosts": [
                {"name": "client", "address": "10.0.0.1", "prefix": 24, "program": CLIENT},
                {"name": "server", "address": "10.0.0.2", "prefix": 24, "program": SERVER},
            ],
            "scenario": scenario_json(),
        },
        "events": w.events,
        "hosts": {"client": {"stdout": "", "exit": 0, "exception": null}, "server": {"stdout": "", "exit": 0, "exception": null}},
    });
    serde_json::from_value(trace).expect("the fixture is a trace")
}
