//! Sorts what calls and frames moved into directions: who sent, what was on the wire, who read. It finds no event itself.

use super::super::run::*;
use super::Builder;
use sockscope_core::socket::{self, Answer, Outcome};
use sockscope_core::stream::{Data, Range};
use sockscope_core::trace::{Body, Flow, Trace};
use sockscope_core::udp;
use std::collections::BTreeMap;
use std::net::SocketAddrV4;

/// A datagram that waits to be read: when it arrived, at which host, its source, its bytes, their place, its direction.
type Waiting = (usize, usize, SocketAddrV4, Data, Range, (Flow, usize));

impl Builder {
    /// Sorts what calls and frames moved into directions.
    pub(super) fn directions(&mut self, trace: &Trace) -> Vec<Direction> {
        let mut all: BTreeMap<(Flow, usize), Direction> = BTreeMap::new();
        let fresh = |flow, from, datagrams| Direction {
            flow,
            from,
            datagrams,
            writes: vec![],
            wire: vec![],
            reads: vec![],
            length: 0,
            arrived: vec![],
        };
        for (place, call) in self.calls.iter().enumerate() {
            let (Some(flow), Some(range), Some(event)) = (call.flow, call.range, call.returned) else { continue };
            if range.is_empty() {
                continue;
            }
            let piece = Piece { range, owner: place, event };
            if call.writes() {
                // A blocked send has bytes on the wire before it returns: its bytes count from the call on.
                let piece = Piece { event: call.begun, ..piece };
                all.entry((flow, call.host)).or_insert_with(|| fresh(flow, call.host, false)).writes.push(piece);
            } else if call.reads() {
                let peer = self.members.get(&flow).and_then(|all| all.iter().copied().find(|&host| host != call.host));
                let direction = all
                    .entry((flow, peer.unwrap_or(call.host)))
                    .or_insert_with(|| fresh(flow, peer.unwrap_or(call.host), false));
                add_read(direction, call.host, piece);
            }
        }
        for (place, passage) in self.passages.iter().enumerate() {
            if let (Some(flow), Some(range)) = (passage.flow, passage.range) {
                let piece = Piece { range, owner: place, event: passage.sent };
                all.entry((flow, passage.from)).or_insert_with(|| fresh(flow, passage.from, false)).wire.push(piece);
            }
        }
        self.datagrams(trace, &mut all, fresh);
        for direction in all.values_mut() {
            direction.writes.sort_by_key(|piece| piece.range);
            for (_, reads) in &mut direction.reads {
                reads.sort_by_key(|piece| piece.range);
            }
            let ends = direction.writes.iter().chain(&direction.wire).map(|piece| piece.range.1);
            let reads = direction.reads.iter().flat_map(|(_, reads)| reads).map(|piece| piece.range.1);
            direction.length = ends.chain(reads).max().unwrap_or(0);
            let ended = direction.wire.iter().filter_map(|piece| {
                let passage = &self.passages[piece.owner];
                Some((passage.ended.filter(|_| passage.lost.is_none())?, piece.range.1))
            });
            direction.arrived = ended.collect();
            direction.arrived.sort_unstable();
            let mut most = 0;
            for (_, end) in &mut direction.arrived {
                most = most.max(*end);
                *end = most;
            }
        }
        all.into_values().collect()
    }

    /// Datagrams have no stream offsets: they are laid end to end in the order they were sent.
    fn datagrams(
        &mut self,
        trace: &Trace,
        all: &mut BTreeMap<(Flow, usize), Direction>,
        fresh: impl Fn(Flow, usize, bool) -> Direction,
    ) {
        // Which sends have been matched, per flow and host.
        let mut sends: BTreeMap<(Flow, usize), std::collections::VecDeque<usize>> = BTreeMap::new();
        for (place, call) in self.calls.iter().enumerate() {
            if let (true, Some(flow), None, false) = (call.writes(), call.flow, call.range, call.failed) {
                sends.entry((flow, call.host)).or_default().push_back(place);
            }
        }
        // What waits to be read at each host: source, data, range, direction.
        let mut waiting: Vec<Waiting> = Vec::new();
        // What was sent last, by flow and host.
        let mut last: BTreeMap<(Flow, usize), (Range, Data)> = BTreeMap::new();
        for content in self.contents.values() {
            let Body::Udp(udp::Event::DatagramSent { frame, source, data, .. }) = &trace.events[content.event].body
            else {
                continue;
            };
            let (Some(flow), true) = (content.flow, content.label != "IP fragment") else { continue };
            let key = (flow, content.host);
            let direction = all.entry(key).or_insert_with(|| fresh(flow, content.host, true));
            direction.datagrams = true;
            let send = sends.get_mut(&key).and_then(|queue| queue.pop_front());
            // A host hears its own broadcast: that copy comes from no send of its own.
            let range = match (send, last.get(&key)) {
                (None, Some((range, same))) if *same == *data => *range,
                _ => Range(direction.length, direction.length + (data.len() as u64).max(1)),
            };
            last.insert(key, (range, data.clone()));
            direction.length = direction.length.max(range.1);
            if let Some(place) = send {
                direction.writes.push(Piece { range, owner: place, event: self.calls[place].begun });
                self.calls[place].range = Some(range);
            }
            let first = self.passages.partition_point(|passage| passage.frame < *frame);
            for place in first..self.passages.len() {
                if self.passages[place].frame != *frame {
                    break;
                }
                self.passages[place].range = Some(range);
                let passage = &self.passages[place];
                // Of a broadcast one way that arrives and one that is lost stand for all.
                let same = |piece: &Piece| {
                    let other = &self.passages[piece.owner];
                    other.frame == passage.frame && other.lost.is_some() == passage.lost.is_some()
                };
                if passage.to == Some(passage.from) {
                    continue;
                }
                if !direction.wire.iter().rev().take(2).any(same) {
                    direction.wire.push(Piece { range, owner: place, event: passage.sent });
                }
                if let (Some(to), Some(_)) = (self.passages[place].to, self.passages[place].arrival) {
                    let ended = self.passages[place].ended.unwrap_or(usize::MAX);
                    waiting.push((ended, to, *source, data.clone(), range, key));
                }
            }
        }
        // Loopback shows no frames; then there is nothing to follow but the calls.
        waiting.sort_by_key(|waiting| waiting.0);
        for place in 0..self.calls.len() {
            let call = &self.calls[place];
            let Some(returned) = call.returned.filter(|_| call.reads() && call.range.is_none()) else { continue };
            let Body::Socket(socket::Event::Returned { outcome: Outcome::Ok(answer), .. }) =
                &trace.events[returned].body
            else {
                continue;
            };
            let (data, from) = match answer {
                Answer::Datagram { data, from, .. } => (data, *from),
                Answer::Data(data) => (data, None),
                _ => continue,
            };
            let host = call.host;
            let found = waiting.iter().position(|(ended, to, source, whole, _, _)| {
                *ended < returned && *to == host && from.is_none_or(|from| from == *source) && whole.starts_with(data)
            });
            if let Some(found) = found {
                let (_, _, _, _, range, key) = waiting.remove(found);
                let got = Range(range.0, range.0 + (data.len() as u64).max(1).min(range.len()));
                self.calls[place].range = Some(got);
                if let Some(direction) = all.get_mut(&key) {
                    add_read(direction, host, Piece { range: got, owner: place, event: returned });
                }
            }
        }
    }
}

fn add_read(direction: &mut Direction, host: usize, piece: Piece) {
    match direction.reads.iter_mut().find(|(reader, _)| *reader == host) {
        Some((_, reads)) => reads.push(piece),
        None => direction.reads.push((host, vec![piece])),
    }
}
