//! The bytes themselves: what each socket sent and received in all, however it was cut.

use super::{Findings, Side, link_interfered};
use crate::socket::{Answer, Call, Outcome};
use crate::stream::Data;
use crate::trace::{SocketNumber, Trace, calls};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What went through one socket.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct Passed {
    sent: Vec<u8>,
    received: Vec<u8>,
}

/// Compares what each stream socket sent and received in all.
pub fn compare(model: &Trace, kernel: &Trace, found: &mut Findings) {
    let interfered = link_interfered([model, kernel]);
    let all = (passed(model), passed(kernel));
    for (host, ours) in &all.0 {
        let empty = BTreeMap::new();
        let theirs = all.1.get(host).unwrap_or(&empty);
        if ours == theirs {
            continue;
        }
        // Connections may be accepted in another order: then the sockets are the same, only numbered differently.
        let sorted = |sockets: &BTreeMap<SocketNumber, Passed>| {
            let mut all: Vec<_> =
                sockets.values().map(|passed| (passed.sent.clone(), passed.received.clone())).collect();
            all.sort();
            all
        };
        if sorted(ours) == sorted(theirs) {
            let sides = (Side::new(ours.len(), None), Side::new(theirs.len(), None));
            found.freedom("arrival_order", "", Some(host), sides.0, sides.1);
            continue;
        }
        for (number, a) in ours {
            let Some(b) = theirs.get(number) else { continue };
            // Bytes that were on their way when a program stopped reading are nobody's mistake; other bytes are.
            let prefix = |x: &[u8], y: &[u8]| x.starts_with(y) || y.starts_with(x);
            // Where the programs sent different bytes, so they received different ones; TCP is judged within each run.
            let faithful = was_sent(&sent_by_others(&all.0, host), &a.received)
                && was_sent(&sent_by_others(&all.1, host), &b.received);
            if !prefix(&a.received, &b.received) && faithful {
                let sides = (Side::new(show(&a.received), None), Side::new(show(&b.received), None));
                found.freedom("sent_text", "", Some(host), sides.0, sides.1);
            } else if !prefix(&a.received, &b.received) {
                let sides = (Side::new(show(&a.received), None), Side::new(show(&b.received), None));
                found.contradiction("received_bytes", "RFC 9293, 3.8", Some(host), sides.0, sides.1);
            } else if a.received.len() != b.received.len() && !interfered {
                let sides = (Side::new(show(&a.received), None), Side::new(show(&b.received), None));
                found.freedom("received_amount", "RFC 9293, 3.8", Some(host), sides.0, sides.1);
            }
            if !prefix(&a.sent, &b.sent) {
                let sides = (Side::new(show(&a.sent), None), Side::new(show(&b.sent), None));
                found.freedom("sent_text", "", Some(host), sides.0, sides.1);
            }
        }
    }
}

/// What every other host sent through each of its sockets.
fn sent_by_others<'a>(hosts: &'a Hosts, host: &str) -> Vec<&'a [u8]> {
    let others = hosts.iter().filter(|(other, _)| &***other != host);
    others.flat_map(|(_, sockets)| sockets.values().map(|passed| passed.sent.as_slice())).collect()
}

/// Whether `received` is the beginning of something that was sent.
fn was_sent(sent: &[&[u8]], received: &[u8]) -> bool {
    sent.iter().any(|sent| sent.starts_with(received))
}

fn show(bytes: &[u8]) -> String {
    format!("{} bytes: {}", bytes.len(), Data::from(bytes).preview())
}

/// What went through each socket of each host.
type Hosts = BTreeMap<Arc<str>, BTreeMap<SocketNumber, Passed>>;

fn passed(trace: &Trace) -> Hosts {
    let mut hosts = Hosts::new();
    for record in calls(trace) {
        let Some(socket) = record.socket else { continue };
        let sent = match (&record.call, &record.outcome) {
            (Call::Send { data, all: true, .. }, Some(Outcome::Ok(_))) => &data[..],
            (Call::Send { data, .. }, Some(Outcome::Ok(Answer::Number(taken)))) => {
                &data[..data.len().min(usize::try_from(*taken).unwrap_or(0))]
            }
            _ => &[],
        };
        let received = match (&record.call, &record.outcome) {
            (Call::Recv { flags, .. }, Some(Outcome::Ok(Answer::Data(data)))) if !flags.peek => &data[..],
            _ => &[],
        };
        let passed = hosts.entry(record.host.clone()).or_default().entry(socket).or_default();
        passed.sent.extend_from_slice(sent);
        passed.received.extend_from_slice(received);
    }
    hosts
}
