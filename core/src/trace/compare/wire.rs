//! What went over the wire and how long it took: numbers, cuts, options and acknowledgements, nearly all of them open.

use super::{Findings, Side};
use crate::tcp::{self, Header, State};
use crate::time::Instant;
use crate::trace::{Body, Flow, Trace};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;

/// Compares segments, states and times.
pub fn compare(model: &Trace, kernel: &Trace, found: &mut Findings) {
    if kernel.header.observes.segments {
        segments(model, kernel, found);
    } else {
        let count = sent(model).count();
        found.freedom("no_wire", "", None, Side::new(count, None), Side::new("–", None));
    }
    states(model, kernel, found);
    times(model, kernel, found);
}

/// Segments that crossed the link. What a host sends to itself never does, and a real kernel shows nothing of it.
fn sent(trace: &Trace) -> impl Iterator<Item = (usize, &Arc<str>, &Header, bool)> {
    trace.events.iter().enumerate().filter_map(|(index, event)| match (&event.body, &event.host) {
        (Body::Tcp(tcp::Event::SegmentSent { segment, repeats, .. }), Some(host))
            if !is_own(trace, host, *segment.destination.ip()) =>
        {
            Some((index, host, segment, repeats.is_some()))
        }
        _ => None,
    })
}

/// Whether an address leads a host to itself.
fn is_own(trace: &Trace, host: &Arc<str>, address: Ipv4Addr) -> bool {
    address.is_loopback() || trace.header.hosts.iter().any(|it| it.name == *host && it.address == address)
}

/// What one host sent, counted.
#[derive(Default)]
struct Counts {
    first: Option<usize>,
    initial: Option<u32>,
    offered: Option<String>,
    window: Option<u32>,
    data: Vec<u32>,
    acknowledgements: u32,
    repeated: u32,
    resets: u32,
    syns: u32,
    fins: u32,
}

fn count(trace: &Trace) -> BTreeMap<Arc<str>, Counts> {
    let mut hosts: BTreeMap<Arc<str>, Counts> = BTreeMap::new();
    for (index, host, segment, repeated) in sent(trace) {
        let counts = hosts.entry(host.clone()).or_default();
        counts.first.get_or_insert(index);
        let control = &segment.control;
        if repeated {
            counts.repeated += 1;
            continue;
        }
        if control.syn {
            counts.syns += 1;
            counts.initial.get_or_insert(segment.sequence);
            counts.offered.get_or_insert_with(|| offered(segment));
            counts.window.get_or_insert(segment.window);
        }
        counts.fins += u32::from(control.fin);
        counts.resets += u32::from(control.rst);
        if segment.length > 0 {
            counts.data.push(segment.length);
        } else if !control.syn && !control.fin && !control.rst {
            counts.acknowledgements += 1;
        }
    }
    hosts
}

/// The options of a SYN, by name and value; timestamps by name only, for their values are a clock.
fn offered(segment: &Header) -> String {
    let options = &segment.options;
    let mut words = Vec::new();
    words.extend(options.mss.map(|mss| format!("MSS {mss}")));
    words.extend(options.window_scale.map(|shift| format!("window scale {shift}")));
    words.extend(options.sack_permitted.then(|| "SACK".to_owned()));
    words.extend(options.timestamps.map(|_| "timestamps".to_owned()));
    words.join(", ")
}

fn segments(model: &Trace, kernel: &Trace, found: &mut Findings) {
    let (ours, theirs) = (count(model), count(kernel));
    for (host, a) in &ours {
        let none = Counts::default();
        let b = theirs.get(host).unwrap_or(&none);
        let sides = |x: String, y: String| (Side::new(x, a.first), Side::new(y, b.first));
        if let (Some(x), Some(y)) = (a.initial, b.initial)
            && x != y
        {
            let sides = sides(x.to_string(), y.to_string());
            found.freedom("initial_sequence_number", "RFC 9293, 3.4.1", Some(host), sides.0, sides.1);
        }
        if let (Some(x), Some(y)) = (&a.offered, &b.offered)
            && x != y
        {
            let sides = sides(x.clone(), y.clone());
            found.freedom("options_offered", "RFC 9293, 3.2", Some(host), sides.0, sides.1);
        }
        if let (Some(x), Some(y)) = (a.window, b.window)
            && x != y
        {
            let sides = sides(x.to_string(), y.to_string());
            found.freedom("window_offered", "RFC 9293, 3.8.6", Some(host), sides.0, sides.1);
        }
        if a.data != b.data {
            let sides = sides(lengths(&a.data), lengths(&b.data));
            found.freedom("segmentation", "RFC 9293, 3.7", Some(host), sides.0, sides.1);
        }
        if a.acknowledgements != b.acknowledgements {
            let sides = sides(a.acknowledgements.to_string(), b.acknowledgements.to_string());
            found.freedom("acknowledgement_count", "RFC 9293, 3.8.6.3", Some(host), sides.0, sides.1);
        }
        if a.repeated != b.repeated {
            let sides = sides(a.repeated.to_string(), b.repeated.to_string());
            found.freedom("retransmission_count", "RFC 6298, 5", Some(host), sides.0, sides.1);
        }
        if a.resets != b.resets {
            let sides = sides(format!("{} RST", a.resets), format!("{} RST", b.resets));
            // How many segments of a dead connection are answered depends on how many were under way.
            match (a.resets > 0) == (b.resets > 0) {
                true => found.freedom("reset_count", "RFC 9293, 3.5.2", Some(host), sides.0, sides.1),
                false => found.contradiction("reset", "RFC 9293, 3.5.2", Some(host), sides.0, sides.1),
            }
        }
        if a.syns != b.syns {
            let sides = sides(format!("{} SYN", a.syns), format!("{} SYN", b.syns));
            found.contradiction("handshake", "RFC 9293, 3.5", Some(host), sides.0, sides.1);
        }
    }
}

/// Segment lengths in order, runs of the same length folded: `3 × 1448, 20`.
fn lengths(all: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &length in all {
        match runs.last_mut() {
            Some((last, count)) if *last == length => *count += 1,
            _ => runs.push((length, 1)),
        }
    }
    let mut words: Vec<String> = runs
        .iter()
        .take(12)
        .map(|(length, count)| if *count > 1 { format!("{count} × {length}") } else { length.to_string() })
        .collect();
    if runs.len() > 12 {
        words.push("…".to_owned());
    }
    if words.is_empty() { "–".to_owned() } else { words.join(", ") }
}

/// The states that one connection went through, from the event where it began.
type Walk = (usize, Vec<State>);
type Paths = BTreeMap<Arc<str>, Vec<Walk>>;

/// For each host the walks of its connections through the states, in the order of their first step.
fn paths(trace: &Trace) -> Paths {
    let mut walks: BTreeMap<Arc<str>, BTreeMap<(Flow, SocketAddrV4), Walk>> = BTreeMap::new();
    for (index, event) in trace.events.iter().enumerate() {
        let (Body::Tcp(tcp::Event::StateChanged { local, peer, from, to, .. }), Some(host)) =
            (&event.body, &event.host)
        else {
            continue;
        };
        if peer.is_some_and(|peer| is_own(trace, host, *peer.ip())) {
            continue;
        }
        let key = (event.flow.unwrap_or(0), *local);
        let walk = walks.entry(host.clone()).or_default().entry(key).or_insert_with(|| (index, vec![*from]));
        walk.1.push(*to);
    }
    walks
        .into_iter()
        .map(|(host, walks)| {
            let mut walks: Vec<_> = walks.into_values().collect();
            walks.sort();
            (host, walks)
        })
        .collect()
}

fn states(model: &Trace, kernel: &Trace, found: &mut Findings) {
    if !kernel.header.observes.states {
        return;
    }
    let theirs = paths(kernel);
    for (host, ours) in paths(model) {
        let none = Vec::new();
        let theirs = theirs.get(&host).unwrap_or(&none);
        for (a, b) in ours.iter().zip(theirs) {
            let (x, y) = (connected(&a.1), connected(&b.1));
            if x != y {
                let show = |walk: &[State]| walk.iter().map(|state| state.name()).collect::<Vec<_>>().join(" → ");
                let sides = (Side::new(show(&x), Some(a.0)), Side::new(show(&y), Some(b.0)));
                found.freedom("state_path", "RFC 9293, 3.6", Some(&host), sides.0, sides.1);
            }
        }
    }
}

/// A walk without what only one engine can see: listening before, and the end of TIME-WAIT after the trace.
fn connected(walk: &[State]) -> Vec<State> {
    walk.iter().copied().filter(|state| !matches!(state, State::Closed | State::Listen)).collect()
}

fn times(model: &Trace, kernel: &Trace, found: &mut Findings) {
    let last = |trace: &Trace| {
        let program = trace.events.iter().rposition(|event| matches!(event.body, Body::Program(_)));
        program.map_or((Instant::ZERO, None), |index| (trace.events[index].time, Some(index)))
    };
    let (ours, theirs) = (last(model), last(kernel));
    if ours.0 != theirs.0 {
        found.freedom("time", "", None, Side::new(ours.0, ours.1), Side::new(theirs.0, theirs.1));
    }
}
