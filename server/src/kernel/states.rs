//! The state of each end of every connection, worked out from the segments that were seen: what a kernel does not tell
//! of connections it has not handed out yet, or whose descriptors are closed. Every change is inferred and is a row of
//! the transition table.

use sockscope_core::tcp::state::next;
use sockscope_core::tcp::{Event as TcpEvent, State, Trigger};
use sockscope_core::time::Instant;
use sockscope_core::trace::{Body, Event, Evidence, Observer, Protocol};
use sockscope_core::wire::{Frame, Packet, Segment, Transport};
use std::collections::BTreeMap;
use std::net::SocketAddrV4;
use std::sync::Arc;

/// One end of a connection: its host and its two addresses, its own first.
type Key = (usize, SocketAddrV4, SocketAddrV4);

/// What is known of one end.
#[derive(Clone, Debug)]
struct End {
    state: State,
    /// The sequence number behind its FIN, once it has sent one.
    after_fin: Option<u32>,
    /// The next sequence number it expects of its peer.
    expected: Option<u32>,
    /// What arrived beyond that, as half-open ranges; `true` with FIN at its end.
    beyond: Vec<(u32, u32, bool)>,
}

impl Default for End {
    fn default() -> Self {
        End { state: State::Closed, after_fin: None, expected: None, beyond: Vec::new() }
    }
}

/// Ranges that may wait for a gap before them; what is beyond only delays an inferred change.
const BEYOND: usize = 256;

/// Every end that has been seen.
#[derive(Debug)]
pub struct States {
    hosts: Vec<Arc<str>>,
    ends: BTreeMap<Key, End>,
}

impl States {
    /// Nothing seen yet.
    pub fn new(hosts: Vec<Arc<str>>) -> Self {
        States { hosts, ends: BTreeMap::new() }
    }

    /// Whether no connection can send anything more unless a program makes a call, or time ends a TIME-WAIT.
    pub fn at_rest(&self) -> bool {
        use State::{CloseWait, Closed, Established, FinWait2, Listen, TimeWait};
        self.ends
            .values()
            .all(|end| matches!(end.state, Closed | Listen | Established | CloseWait | FinWait2 | TimeWait))
    }

    /// Whether every connection is over, at both of its ends.
    pub fn over(&self) -> bool {
        self.ends.values().all(|end| matches!(end.state, State::Closed | State::Listen | State::TimeWait))
    }

    /// A host put this frame on the wire.
    pub fn sent(&mut self, now: Instant, host: usize, frame: &Frame, observer: &mut Observer) -> Vec<Event> {
        let Some((source, destination, segment)) = tcp(frame) else { return Vec::new() };
        let key = (host, source, destination);
        let mut events = Vec::new();
        if segment.control.syn && !segment.control.ack {
            let end = self.ends.entry(key).or_default();
            // A SYN of an end that was over opens a new connection.
            if matches!(end.state, State::Closed | State::TimeWait) {
                *end = End::default();
            }
            self.change(now, key, Trigger::ActiveOpen, observer, &mut events);
        }
        // A SYN is known to have been accepted when it is answered: a closed port answers with RST.
        if segment.control.syn && segment.control.ack {
            self.change(now, key, Trigger::ReceiveSyn, observer, &mut events);
        }
        let Some(end) = self.ends.get_mut(&key) else { return events };
        if segment.control.rst {
            self.change(now, key, Trigger::Abort, observer, &mut events);
        } else if segment.control.fin {
            end.after_fin = Some(segment.sequence.wrapping_add(segment.sequence_length()));
            self.change(now, key, Trigger::Close, observer, &mut events);
        }
        events
    }

    /// This frame reached a host.
    pub fn delivered(&mut self, now: Instant, host: usize, frame: &Frame, observer: &mut Observer) -> Vec<Event> {
        let Some((source, destination, segment)) = tcp(frame) else { return Vec::new() };
        let key = (host, destination, source);
        let mut events = Vec::new();
        let control = segment.control;
        if control.syn && !control.ack {
            let end = self.ends.entry(key).or_default();
            if matches!(end.state, State::Closed | State::TimeWait) {
                *end = End { state: State::Listen, ..End::default() };
            }
            // A late copy of a SYN changes nothing in a connection that is past it.
            if matches!(end.state, State::Listen | State::SynSent) {
                end.expected = Some(segment.sequence.wrapping_add(1));
            }
            return events;
        }
        let Some(end) = self.ends.get_mut(&key) else { return events };
        if control.rst {
            self.change(now, key, Trigger::ReceiveRst, observer, &mut events);
            return events;
        }
        if control.syn {
            if end.state == State::SynSent {
                end.expected = Some(segment.sequence.wrapping_add(1));
            }
            self.change(now, key, Trigger::ReceiveSynAck, observer, &mut events);
            return events;
        }
        if end.state == State::SynReceived && control.ack {
            self.change(now, key, Trigger::ReceiveAckOfSyn, observer, &mut events);
        }
        let Some(end) = self.ends.get_mut(&key) else { return events };
        let acknowledges_fin = control.ack && end.after_fin == Some(segment.acknowledgement);
        let ended = end.take(segment);
        match (acknowledges_fin, ended) {
            (true, true) if end.state == State::FinWait1 => {
                self.change(now, key, Trigger::ReceiveFinAckOfFin, observer, &mut events);
            }
            (acknowledges, ended) => {
                if acknowledges {
                    self.change(now, key, Trigger::ReceiveAckOfFin, observer, &mut events);
                }
                if ended {
                    self.change(now, key, Trigger::ReceiveFin, observer, &mut events);
                }
            }
        }
        events
    }

    /// Follows the table's edge, if there is one from where the end is.
    fn change(&mut self, now: Instant, key: Key, trigger: Trigger, observer: &mut Observer, events: &mut Vec<Event>) {
        let Some(end) = self.ends.get_mut(&key) else { return };
        let Some(row) = next(end.state, trigger) else { return };
        end.state = row.to;
        let (host, local, peer) = key;
        events.push(Event {
            time: now,
            host: Some(self.hosts[host].clone()),
            flow: Some(observer.flow(Protocol::Tcp, local, peer)),
            evidence: Evidence::Inferred,
            body: Body::Tcp(TcpEvent::StateChanged { local, peer: Some(peer), from: row.from, to: row.to, trigger }),
        });
    }
}

impl End {
    /// Takes what a segment carries; says whether the peer's FIN is now in order.
    fn take(&mut self, segment: &Segment) -> bool {
        let Some(expected) = self.expected else { return false };
        if segment.sequence_length() == 0 {
            return false;
        }
        let start = segment.sequence;
        let end = start.wrapping_add(segment.sequence_length());
        if self.beyond.len() < BEYOND {
            self.beyond.push((start, end, segment.control.fin));
        }
        let (mut expected, mut finished) = (expected, false);
        // Sequence numbers wrap: "not after" is a difference with the highest bit clear (RFC 9293, 3.4).
        while let Some(index) = self.beyond.iter().position(|range| before_or_at(range.0, expected)) {
            let (_, end, fin) = self.beyond.swap_remove(index);
            if before_or_at(expected, end) && (expected != end) {
                expected = end;
                finished |= fin;
            }
        }
        self.expected = Some(expected);
        finished
    }
}

fn before_or_at(a: u32, b: u32) -> bool {
    b.wrapping_sub(a) < 1 << 31
}

fn tcp(frame: &Frame) -> Option<(SocketAddrV4, SocketAddrV4, &Segment)> {
    let Packet::Ipv4(packet) = &frame.payload else { return None };
    let Transport::Tcp(segment) = &packet.payload else { return None };
    let source = SocketAddrV4::new(packet.source, segment.source_port);
    let destination = SocketAddrV4::new(packet.destination, segment.destination_port);
    Some((source, destination, segment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sockscope_core::wire::{Control, Ipv4, MacAddress};

    const CLIENT: usize = 0;
    const SERVER: usize = 1;

    /// Two hosts, and what was inferred of them.
    struct Scene {
        states: States,
        observer: Observer,
        changes: Vec<(usize, State)>,
    }

    impl Scene {
        fn new() -> Self {
            let names: Vec<Arc<str>> = vec!["client".into(), "server".into()];
            let observer = Observer::new(names.clone(), Evidence::Observed);
            Scene { states: States::new(names), observer, changes: Vec::new() }
        }

        fn note(&mut self, host: usize, events: Vec<Event>) {
            for event in events {
                assert_eq!(event.evidence, Evidence::Inferred);
                let Body::Tcp(TcpEvent::StateChanged { to, .. }) = event.body else { panic!("{event:?}") };
                self.changes.push((host, to));
            }
        }

        fn sends(&mut self, from: usize, frame: &Frame) {
            let events = self.states.sent(Instant::ZERO, from, frame, &mut self.observer);
            self.note(from, events);
        }

        fn arrives(&mut self, to: usize, frame: &Frame) {
            let events = self.states.delivered(Instant::ZERO, to, frame, &mut self.observer);
            self.note(to, events);
        }

        fn passes(&mut self, from: usize, frame: &Frame) {
            self.sends(from, frame);
            self.arrives(1 - from, frame);
        }

        fn walk(&self, host: usize) -> Vec<State> {
            self.changes.iter().filter(|change| change.0 == host).map(|change| change.1).collect()
        }

        fn opened() -> Self {
            let mut scene = Scene::new();
            scene.passes(CLIENT, &segment(CLIENT, "S", 100, 0, b""));
            scene.passes(SERVER, &segment(SERVER, "SA", 500, 101, b""));
            scene.passes(CLIENT, &segment(CLIENT, "A", 101, 501, b""));
            scene
        }
    }

    /// A segment from one of the hosts; control bits by their first letters.
    fn segment(from: usize, control: &str, sequence: u32, acknowledgement: u32, payload: &[u8]) -> Frame {
        let has = |bit| control.contains(bit);
        let control = Control { syn: has('S'), ack: has('A'), fin: has('F'), rst: has('R'), ..Control::default() };
        let ends = [(1, 40_000), (2, 80)];
        let ((source, source_port), (destination, destination_port)) = (ends[from], ends[1 - from]);
        let segment = Segment {
            source_port,
            destination_port,
            sequence,
            acknowledgement,
            control,
            window: 1_000,
            urgent: 0,
            options: Default::default(),
            payload: payload.into(),
        };
        let packet = Ipv4 {
            source: [10, 0, 0, source].into(),
            destination: [10, 0, 0, destination].into(),
            ttl: 64,
            tos: 0,
            identification: 0,
            dont_fragment: true,
            more_fragments: false,
            fragment_offset: 0,
            payload: Transport::Tcp(segment),
        };
        Frame { destination: MacAddress::BROADCAST, source: MacAddress::BROADCAST, payload: Packet::Ipv4(packet) }
    }

    use State::*;

    #[test]
    fn a_handshake_establishes_both_ends() {
        let scene = Scene::opened();
        assert_eq!(scene.walk(CLIENT), [SynSent, Established]);
        assert_eq!(scene.walk(SERVER), [SynReceived, Established]);
        assert!(scene.states.at_rest() && !scene.states.over());
    }

    #[test]
    fn a_port_where_nobody_listens_never_receives_a_syn() {
        let mut scene = Scene::new();
        scene.passes(CLIENT, &segment(CLIENT, "S", 100, 0, b""));
        scene.passes(SERVER, &segment(SERVER, "RA", 0, 101, b""));
        assert_eq!(scene.walk(SERVER), []);
        assert_eq!(scene.walk(CLIENT), [SynSent, Closed]);
        assert!(scene.states.over());
    }

    #[test]
    fn a_fin_that_overtakes_data_counts_when_the_gap_is_filled() {
        let mut scene = Scene::opened();
        let data = segment(CLIENT, "A", 101, 501, b"data");
        let fin = segment(CLIENT, "FA", 105, 501, b"");
        scene.sends(CLIENT, &data);
        scene.passes(CLIENT, &fin);
        assert_eq!(scene.walk(SERVER).last(), Some(&Established));
        scene.arrives(SERVER, &data);
        assert_eq!(scene.walk(SERVER).last(), Some(&CloseWait));
    }

    #[test]
    fn a_simultaneous_close_passes_through_closing() {
        let mut scene = Scene::opened();
        let (one, other) = (segment(CLIENT, "FA", 101, 501, b""), segment(SERVER, "FA", 501, 101, b""));
        scene.sends(CLIENT, &one);
        scene.passes(SERVER, &other);
        scene.arrives(SERVER, &one);
        scene.passes(CLIENT, &segment(CLIENT, "A", 102, 502, b""));
        scene.passes(SERVER, &segment(SERVER, "A", 502, 102, b""));
        assert_eq!(scene.walk(CLIENT)[2..], [FinWait1, Closing, TimeWait]);
        assert_eq!(scene.walk(SERVER)[2..], [FinWait1, Closing, TimeWait]);
        assert!(scene.states.over());
    }

    #[test]
    fn late_copies_of_the_handshake_do_not_hide_a_fin() {
        let mut scene = Scene::opened();
        scene.passes(CLIENT, &segment(CLIENT, "A", 101, 501, b"data"));
        scene.arrives(SERVER, &segment(CLIENT, "S", 100, 0, b""));
        scene.passes(CLIENT, &segment(CLIENT, "FA", 105, 501, b""));
        assert_eq!(scene.walk(SERVER).last(), Some(&CloseWait));
    }

    #[test]
    fn sequence_numbers_that_wrap_do_not_hide_a_fin() {
        let mut scene = Scene::new();
        scene.passes(CLIENT, &segment(CLIENT, "S", u32::MAX - 1, 0, b""));
        scene.passes(SERVER, &segment(SERVER, "SA", 500, u32::MAX, b""));
        scene.passes(CLIENT, &segment(CLIENT, "A", u32::MAX, 501, b"wraps"));
        scene.passes(CLIENT, &segment(CLIENT, "FA", 4, 501, b""));
        assert_eq!(scene.walk(SERVER), [SynReceived, Established, CloseWait]);
    }
}
