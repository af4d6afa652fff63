//! What counts as a freedom and what as a contradiction, on small traces built by hand.

use super::{Kind, compare};
use crate::scenario::Text;
use crate::socket::{Answer, Call, Errno, Event, Flags, Outcome};
use crate::stream::{Data, Range};
use crate::time::{Duration, Instant};
use crate::trace::{Body, Checked, Engine, Event as TraceEvent, Evidence, Header, HostResult, Observes, Trace};
use std::sync::Arc;

/// A trace of one host that makes `calls`, prints `stdout` and ends well.
fn trace(engine: Engine, calls: &[(Call, Outcome, Option<Range>)], stdout: &str) -> Trace {
    let host: Arc<str> = "client".into();
    let mut events = Vec::new();
    for (index, (call, outcome, range)) in calls.iter().enumerate() {
        let id = index as u32 + 1;
        let mut push = |body| {
            events.push(TraceEvent {
                time: Instant::from_micros(u64::from(id)),
                host: Some(host.clone()),
                flow: Some(1),
                evidence: Evidence::Simulated,
                body: Body::Socket(body),
            });
        };
        push(Event::Called { id, task: 0, line: id, call: call.clone() });
        push(Event::Returned {
            id,
            call: call.name().into(),
            fd: call.descriptor(),
            outcome: outcome.clone(),
            blocked: Duration::ZERO,
            range: *range,
        });
    }
    let observes = Observes { segments: true, states: true, timers: true, buffers: true };
    let result = HostResult { stdout: stdout.to_owned(), exit: Some(0), exception: None };
    Trace {
        header: Header {
            version: 1,
            title: Text::default(),
            engine,
            observes,
            limitation: None,
            seed: 1,
            hosts: Vec::new(),
            scenario: serde_json::json!({ "link": {} }),
        },
        events,
        hosts: [(host, result)].into(),
        expectations: Vec::new(),
    }
}

fn pair(ours: &[(Call, Outcome, Option<Range>)], theirs: &[(Call, Outcome, Option<Range>)]) -> (Trace, Trace) {
    (trace(Engine::Model, ours, ""), trace(Engine::KernelIsolated, theirs, ""))
}

fn codes(model: &Trace, kernel: &Trace) -> Vec<(Kind, String)> {
    compare(model, kernel).into_iter().map(|difference| (difference.kind, difference.code)).collect()
}

fn socket() -> (Call, Outcome, Option<Range>) {
    (Call::Socket { kind: crate::socket::Kind::Stream, protocol: 0 }, Outcome::Ok(Answer::Number(3)), None)
}

fn recv(bytes: &str, from: u64) -> (Call, Outcome, Option<Range>) {
    let call = Call::Recv { fd: 3, size: 1024, flags: Flags::default() };
    let range = Range(from, from + bytes.len() as u64);
    (call, Outcome::Ok(Answer::Data(Data::from(bytes.as_bytes()))), Some(range))
}

fn send(outcome: Outcome) -> (Call, Outcome, Option<Range>) {
    (Call::Send { fd: 3, data: Data::from(&b"x"[..]), flags: Flags::default(), all: false }, outcome, None)
}

#[test]
fn a_run_equals_itself() {
    let (model, kernel) = pair(&[socket(), recv("ab", 0)], &[socket(), recv("ab", 0)]);
    assert_eq!(codes(&model, &kernel), []);
}

#[test]
fn a_read_cut_elsewhere_is_a_freedom() {
    let (model, kernel) = pair(&[socket(), recv("abcd", 0)], &[socket(), recv("ab", 0), recv("cd", 2)]);
    assert_eq!(codes(&model, &kernel), [(Kind::Freedom, "read_partition".to_owned())]);
}

#[test]
fn output_that_follows_from_the_cut_is_a_freedom() {
    let model = trace(Engine::Model, &[socket(), recv("abcd", 0)], "abcd\n");
    let kernel = trace(Engine::KernelIsolated, &[socket(), recv("ab", 0), recv("cd", 2)], "ab\ncd\n");
    let codes = codes(&model, &kernel);
    assert!(codes.contains(&(Kind::Freedom, "output_after_other_reads".to_owned())), "{codes:?}");
    assert!(codes.iter().all(|(kind, _)| *kind == Kind::Freedom));
}

#[test]
fn other_bytes_are_a_contradiction() {
    let (model, kernel) = pair(&[socket(), recv("abcd", 0)], &[socket(), recv("abXd", 0)]);
    assert!(codes(&model, &kernel).contains(&(Kind::Contradiction, "received_bytes".to_owned())));
}

#[test]
fn an_end_of_stream_where_the_other_has_data_is_a_contradiction() {
    let (model, kernel) = pair(&[socket(), recv("ab", 0)], &[socket(), recv("", 0)]);
    assert!(codes(&model, &kernel).iter().any(|(kind, _)| *kind == Kind::Contradiction));
}

#[test]
fn another_errno_is_a_contradiction() {
    let broken = send(Outcome::Error(Errno::EPIPE));
    let reset = send(Outcome::Error(Errno::ECONNRESET));
    let (model, kernel) = pair(&[socket(), broken], &[socket(), reset]);
    assert_eq!(codes(&model, &kernel), [(Kind::Contradiction, "outcome".to_owned())]);
}

#[test]
fn another_ephemeral_port_is_a_freedom_and_another_bound_port_is_not() {
    let name = |port| {
        let address = format!("10.0.0.1:{port}").parse().unwrap();
        (Call::LocalAddress { fd: 3 }, Outcome::Ok(Answer::Address(address)), None)
    };
    let (model, kernel) = pair(&[socket(), name(40_000)], &[socket(), name(50_000)]);
    assert_eq!(codes(&model, &kernel), [(Kind::Freedom, "ephemeral_port".to_owned())]);
    let (model, kernel) = pair(&[socket(), name(8888)], &[socket(), name(8889)]);
    assert_eq!(codes(&model, &kernel), [(Kind::Contradiction, "outcome".to_owned())]);
}

#[test]
fn another_output_is_a_contradiction_but_a_printed_port_is_not() {
    let model = trace(Engine::Model, &[], "from 40000\n");
    assert_eq!(
        codes(&model, &trace(Engine::KernelIsolated, &[], "from 40001\n")),
        [(Kind::Freedom, "ephemeral_port_printed".to_owned())]
    );
    assert_eq!(
        codes(&model, &trace(Engine::KernelIsolated, &[], "from nobody\n")),
        [(Kind::Contradiction, "output".to_owned())]
    );
}

#[test]
fn a_call_too_many_is_a_contradiction() {
    let (model, kernel) = pair(&[socket()], &[socket(), recv("ab", 0)]);
    assert!(codes(&model, &kernel).contains(&(Kind::Contradiction, "call_count".to_owned())));
}

#[test]
fn a_claim_that_fails_is_a_contradiction() {
    let model = trace(Engine::Model, &[], "");
    let mut kernel = trace(Engine::KernelIsolated, &[], "");
    kernel.expectations.push(Checked { that: "client.exit == 0".to_owned(), held: false, detail: None });
    assert_eq!(codes(&model, &kernel), [(Kind::Contradiction, "expectation".to_owned())]);
}

#[test]
fn what_a_host_sends_to_itself_is_not_compared_for_no_kernel_shows_it() {
    let (mut model, kernel) = pair(&[socket()], &[socket()]);
    let own = "127.0.0.1:80".parse().unwrap();
    let segment = crate::tcp::Header {
        source: "127.0.0.1:40000".parse().unwrap(),
        destination: own,
        sequence: 1,
        acknowledgement: None,
        relative_sequence: 0,
        relative_acknowledgement: None,
        control: crate::wire::Control { syn: true, ..Default::default() },
        window: 1,
        options: Default::default(),
        length: 0,
    };
    let sent = crate::tcp::Event::SegmentSent { frame: 1, segment, range: None, repeats: None, purpose: None };
    let mut event = model.events[0].clone();
    event.body = Body::Tcp(sent);
    model.events.insert(0, event);
    let contradictions = codes(&model, &kernel).into_iter().filter(|(kind, _)| *kind == Kind::Contradiction);
    assert_eq!(contradictions.count(), 0);
}
