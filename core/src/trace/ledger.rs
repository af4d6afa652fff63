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
