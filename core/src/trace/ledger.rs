//! The ledgers of a trace: for each direction of each TCP conversation, which call wrote each byte, which segments
//! carried it, which call read it. What the three ribbons show; how they look is not its question.

use super::{Body, Flow, Trace, calls};
use crate::socket::Call;
use crate::stream::{Ledger, Range};
use crate::tcp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Every ledger of the trace, by conversation and sending host.
///
/// Labels are indices into [`Trace::events`]: of the `returned` event for writes and reads, of the `segment_sent` event
/// for carriers. A call that has not returned has moved nothing that anybody could know of; what segments carried of it
/// belongs to no write. A receive call with `MSG_PEEK` is no read. A conversation of a host with itself has no ledger:
/// the host does not tell its directions apart.
pub fn of(trace: &Trace) -> BTreeMap<(Flow, Arc<str>), Ledger> {
    let mut ledgers: BTreeMap<(Flow, Arc<str>), Ledger> = BTreeMap::new();
    let ends = ends(trace);
    let other = |flow: Flow, host: &Arc<str>| ends.get(&flow)?.iter().find(|end| *end != host).cloned();
    let mut moved: Vec<(Range, Flow, Arc<str>, usize, bool)> = Vec::new();
    for record in calls(trace) {
        let (Some(label), Some(flow), Some(range)) = (record.returned_at, record.flow, record.range) else { continue };
        let write = match &record.call {
            Call::Send { .. } => true,
            Call::Recv { flags, .. } | Call::RecvFrom { flags, .. } if !flags.peek => false,
            _ => continue,
        };
        let Some(peer) = other(flow, &record.host) else { continue };
        let from = if write { record.host } else { peer };
        moved.push((range, flow, from, label, write));
    }
    // By place in the stream: of two tasks that write to one socket, the later call may have the earlier bytes.
    moved.sort();
    for (range, flow, from, label, write) in moved {
        let ledger = ledgers.entry((flow, from)).or_default();
        if write { ledger.write_at(label, range) } else { ledger.read_at(label, range) }
    }
    for (label, event) in trace.events.iter().enumerate() {
        let Body::Tcp(tcp::Event::SegmentSent { range: Some(range), .. }) = &event.body else { continue };
        let (Some(flow), Some(host)) = (event.flow, &event.host) else { continue };
        if other(flow, host).is_some() {
            ledgers.entry((flow, host.clone())).or_default().carry(label, *range);
        }
    }
    ledgers
}

/// The hosts that events of each conversation happened at.
fn ends(trace: &Trace) -> BTreeMap<Flow, BTreeSet<Arc<str>>> {
    let mut ends: BTreeMap<Flow, BTreeSet<Arc<str>>> = BTreeMap::new();
    for event in &trace.events {
        if let (Some(flow), Some(host)) = (event.flow, &event.host) {
            let hosts = ends.entry(flow).or_default();
            if !hosts.contains(host) {
                hosts.insert(host.clone());
            }
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::socket::{self, Answer, Flags, Outcome};
    use crate::stream::Data;
    use crate::time::{Duration, Instant};
    use crate::trace::{Engine, Event, Evidence, Header, Observes};

    /// A trace in which hosts `a` and `b` speak in conversation 1, made of calls `(host, call, range)`.
    fn trace(calls: Vec<(&str, Call, Option<Range>)>) -> Trace {
        let mut events = Vec::new();
        for (id, (host, call, range)) in (1..).zip(calls) {
            let event = |body| Event {
                time: Instant::from_micros(u64::from(id)),
                host: Some(host.into()),
                flow: Some(1),
                evidence: Evidence::Simulated,
                body: Body::Socket(body),
            };
            let (name, fd) = (call.name().into(), call.descriptor());
            events.push(event(socket::Event::Called { id, task: 0, line: 1, call }));
            let outcome = Outcome::Ok(Answer::Nothing);
            events.push(event(socket::Event::Returned { id, call: name, fd, outcome, blocked: Duration::ZERO, range }));
        }
        let observes = Observes { segments: false, states: false, timers: false, buffers: false };
        let header = Header {
            version: 1,
            title: Default::default(),
            engine: Engine::Model,
            observes,
            limitation: None,
            seed: 1,
            hosts: Vec::new(),
            scenario: serde_json::Value::Null,
        };
        Trace { header, events, hosts: BTreeMap::new(), expectations: Vec::new() }
    }

    fn send() -> Call {
        Call::Send { fd: 3, data: Data::default(), flags: Flags::default(), all: true }
    }

    fn recv(peek: bool) -> Call {
        Call::Recv { fd: 4, size: 1024, flags: Flags { peek, ..Flags::default() } }
    }

    #[test]
    fn both_directions_have_a_ledger_and_labels_lead_to_events() {
        let trace = trace(vec![
            ("a", send(), Some(Range(0, 4))),
            ("a", send(), Some(Range(4, 8))),
            ("b", recv(true), Some(Range(0, 8))),
            ("b", recv(false), Some(Range(0, 8))),
            ("b", send(), Some(Range(0, 2))),
            ("a", recv(false), Some(Range(0, 1))),
            ("a", recv(false), None),
        ]);
        let ledgers = of(&trace);
        let keys: Vec<_> = ledgers.keys().map(|(flow, host)| (*flow, &**host)).collect();
        assert_eq!(keys, [(1, "a"), (1, "b")]);
        let forward = &ledgers[&(1, "a".into())];
        assert_eq!((forward.writes().len(), forward.reads().len()), (2, 1), "a peek is no read");
        assert!(forward.is_coalesced(0));
        assert!(matches!(
            &trace.events[forward.reads()[0].label].body,
            Body::Socket(socket::Event::Returned { id: 4, .. })
        ));
        assert_eq!(ledgers[&(1, "b".into())].unread(), Range(1, 2));
    }

    #[test]
    fn a_later_call_may_have_the_earlier_bytes() {
        let trace = trace(vec![
            ("a", send(), Some(Range(4, 8))),
            ("a", send(), Some(Range(0, 4))),
            ("b", recv(false), Some(Range(0, 8))),
        ]);
        let ledger = &of(&trace)[&(1, "a".into())];
        assert_eq!(ledger.writes().iter().map(|span| span.range).collect::<Vec<_>>(), [Range(0, 4), Range(4, 8)]);
    }

    #[test]
    fn a_conversation_of_a_host_with_itself_has_none() {
        let trace = trace(vec![("a", send(), Some(Range(0, 4))), ("a", recv(false), Some(Range(0, 4)))]);
        assert!(of(&trace).is_empty());
    }
}
