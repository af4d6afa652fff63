//! One finished run with its indexes. Built once per run; afterwards every question a view asks about a moment is a
//! binary search. It holds facts of the trace only: where they are drawn is the business of `ladder` and `ribbon`.

use super::index;
use sockscope_core::link::Cause;
use sockscope_core::socket::{Descriptor, Kind, Level, Reason};
use sockscope_core::stream::Range;
use sockscope_core::tcp::State;
use sockscope_core::time::Instant;
use sockscope_core::trace::{Flow, Trace};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;

/// A run as the views see it.
#[derive(Debug)]
pub struct Run {
    /// What happened.
    pub trace: Trace,
    /// One per host, in the scenario's order.
    pub hosts: Vec<Host>,
    /// Every call, in the order they were made.
    pub calls: Vec<Call>,
    /// Every way of a frame from one host to one other, in the order they were sent.
    pub passages: Vec<Passage>,
    /// Every direction in which bytes flowed.
    pub directions: Vec<Direction>,
    /// Place in [`Run::directions`] by conversation and writer.
    pub direction_of: BTreeMap<(Flow, usize), usize>,
    /// Changes of TCP state, in order.
    pub states: Vec<StateChange>,
    /// For each event the call it belongs to.
    pub call_of: BTreeMap<usize, usize>,
    /// For each event the passages it belongs to (the first; broadcast fans out behind it).
    pub passage_of: BTreeMap<usize, usize>,
    /// Events worth jumping to: lost frames, retransmissions, exceptions.
    pub incidents: Vec<usize>,
}

/// What one host did.
#[derive(Debug, Default)]
pub struct Host {
    /// Its name.
    pub name: Arc<str>,
    /// Its address.
    pub address: Option<Ipv4Addr>,
    /// Its program.
    pub program: String,
    /// Its tasks (threads); the main one is 0.
    pub tasks: BTreeMap<u32, Task>,
    /// Its calls, as places in [`Run::calls`].
    pub calls: Vec<usize>,
    /// Its variables, in the order they first got a value.
    pub variables: Vec<Variable>,
    /// Its sockets, in the order they were opened.
    pub sockets: Vec<Socket>,
    /// After which event how many bytes of [`Host::output`] were printed.
    pub printed: Vec<(usize, usize)>,
    /// All that was printed, standard error included.
    pub output: String,
    /// Uncaught and caught exceptions: event, line, text.
    pub raised: Vec<(usize, u32, String)>,
    /// How it ended.
    pub ended: Option<Ended>,
}

/// What one task did.
#[derive(Debug, Default)]
pub struct Task {
    /// Statements about to run: event and line, in order.
    pub lines: Vec<(usize, u32)>,
    /// Its calls, as places in [`Run::calls`].
    pub calls: Vec<usize>,
}

/// The end of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The event.
    pub event: usize,
    /// Exit status.
    pub status: i32,
    /// The uncaught exception.
    pub exception: Option<String>,
    /// Where it was raised.
    pub line: Option<u32>,
}

/// A name and the values it had.
#[derive(Debug)]
pub struct Variable {
    /// The function it belongs to.
    pub scope: Option<Arc<str>>,
    /// Its name.
    pub name: Arc<str>,
    /// After which event it had which value.
    pub values: Vec<(usize, String)>,
}

/// A descriptor from `socket` or `accept` to `close`.
#[derive(Debug)]
pub struct Socket {
    /// Its number.
    pub fd: Descriptor,
    /// What it looked like after which event.
    pub faces: Vec<(usize, Face)>,
}

/// What a socket looks like at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Face {
    /// Stream or datagram; unknown only where the trace begins late.
    pub kind: Option<Kind>,
    /// Its own end.
    pub local: Option<SocketAddrV4>,
    /// The other end.
    pub peer: Option<SocketAddrV4>,
    /// TCP state.
    pub state: Option<State>,
    /// The send buffer.
    pub send: Option<Level>,
    /// The receive buffer.
    pub receive: Option<Level>,
    /// Whether it was closed.
    pub closed: bool,
    /// Its conversation.
    pub flow: Option<Flow>,
}

/// One call of a program.
#[derive(Clone, Debug)]
pub struct Call {
    /// Which host.
    pub host: usize,
    /// The host's number for it.
    pub id: u32,
    /// Which task made it.
    pub task: u32,
    /// Line of the program.
    pub line: u32,
    /// Its name.
    pub name: &'static str,
    /// As the program wrote it.
    pub label: String,
    /// On which descriptor.
    pub fd: Option<Descriptor>,
    /// The event that began it.
    pub begun: usize,
    /// When it began.
    pub start: Instant,
    /// Whether and why it had to wait.
    pub blocked: Option<(usize, Reason)>,
    /// The event that ended it; none if it never returned.
    pub returned: Option<usize>,
    /// When it ended, or the end of the trace.
    pub end: Instant,
    /// What it returned, short.
    pub result: String,
    /// Whether it failed.
    pub failed: bool,
    /// Its conversation.
    pub flow: Option<Flow>,
    /// The stream bytes it moved.
    pub range: Option<Range>,
}

impl Call {
    /// Whether it puts bytes into a stream or sends a datagram.
    pub fn writes(&self) -> bool {
        matches!(self.name, "send" | "sendall" | "sendto")
    }

    /// Whether it takes bytes out.
    pub fn reads(&self) -> bool {
        matches!(self.name, "recv" | "recvfrom")
    }
}

/// What kind of frame goes over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Carries {
    Data,
    Control,
    Acknowledgement,
    Reset,
    Datagram,
    Arp,
    Icmp,
    Other,
}

/// A frame on its way from one host to one other.
#[derive(Clone, Debug)]
pub struct Passage {
    /// The frame's number.
    pub frame: u32,
    /// The sender.
    pub from: usize,
    /// The receiver; none for an address that no host has.
    pub to: Option<usize>,
    /// The event that put it on the wire.
    pub sent: usize,
    /// When.
    pub departure: Instant,
    /// When it arrives, unless it is lost.
    pub arrival: Option<Instant>,
    /// The event of its arrival or loss.
    pub ended: Option<usize>,
    /// Why it was lost.
    pub lost: Option<Cause>,
    /// What it carries.
    pub carries: Carries,
    /// What stands on its arrow.
    pub label: String,
    /// The event that describes its content, if any.
    pub content: Option<usize>,
    /// The stream bytes it carries.
    pub range: Option<Range>,
    /// The frame whose bytes it repeats.
    pub repeats: Option<u32>,
    /// The frame the link copied it from.
    pub copy_of: Option<u32>,
    /// Its conversation.
    pub flow: Option<Flow>,
}

/// Bytes that one call or frame moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which bytes.
    pub range: Range,
    /// The call in [`Run::calls`] or the passage in [`Run::passages`].
    pub owner: usize,
    /// The event from which on it is so.
    pub event: usize,
}

/// One direction of a conversation.
#[derive(Debug)]
pub struct Direction {
    /// Which conversation.
    pub flow: Flow,
    /// Who writes.
    pub from: usize,
    /// Whether boundaries are kept.
    pub datagrams: bool,
    /// What was written, in stream order.
    pub writes: Vec<Piece>,
    /// What was on the wire, in order of sending.
    pub wire: Vec<Piece>,
    /// What was read, by host, in stream order.
    pub reads: Vec<(usize, Vec<Piece>)>,
    /// Bytes in all.
    pub length: u64,
    /// After which event the other side had which bytes, at most; in order.
    pub arrived: Vec<(usize, u64)>,
}

/// A change of TCP state.
#[derive(Clone, Debug)]
pub struct StateChange {
    /// The event.
    pub event: usize,
    /// Which host.
    pub host: usize,
    /// Its own end.
    pub local: SocketAddrV4,
    /// The other end.
    pub peer: Option<SocketAddrV4>,
    /// From.
    pub from: State,
    /// To.
    pub to: State,
}

impl Run {
    /// Indexes a trace.
    pub fn new(trace: Trace) -> Run {
        index::build(trace)
    }

    /// Number of events.
    pub fn len(&self) -> usize {
        self.trace.events.len()
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.trace.events.is_empty()
    }

    /// When the event happened; the end of the trace for places behind it.
    pub fn time(&self, event: usize) -> Instant {
        let events = &self.trace.events;
        events.get(event).or(events.last()).map(|event| event.time).unwrap_or_default()
    }

    /// The place of a host's name.
    pub fn host(&self, name: &str) -> Option<usize> {
        self.hosts.iter().position(|host| &*host.name == name)
    }

    /// The host at which an event happened.
    pub fn host_of(&self, event: usize) -> Option<usize> {
        self.trace.events.get(event)?.host.as_deref().and_then(|name| self.host(name))
    }

    /// The call with the host's number.
    pub fn call(&self, host: usize, id: u32) -> Option<usize> {
        let calls = &self.hosts.get(host)?.calls;
        let at = calls.binary_search_by_key(&id, |&call| self.calls[call].id).ok()?;
        Some(calls[at])
    }

    /// The first passage of a frame; further receivers of a broadcast follow it.
    pub fn passage(&self, frame: u32) -> Option<usize> {
        let at = self.passages.partition_point(|passage| passage.frame < frame);
        (self.passages.get(at)?.frame == frame).then_some(at)
    }

    /// Every passage of a frame.
    pub fn fan(&self, frame: u32) -> impl Iterator<Item = usize> + '_ {
        let first = self.passages.partition_point(|passage| passage.frame < frame);
        (first..self.passages.len()).take_while(move |&at| self.passages[at].frame == frame)
    }

    /// The writes whose bytes a call or frame moved, as `(direction, number of the write)`; at most `most`.
    pub fn tints(&self, flow: Option<Flow>, writer: usize, range: Option<Range>, most: usize) -> Vec<usize> {
        let direction = flow.and_then(|flow| self.direction_of.get(&(flow, writer)));
        let (Some(&direction), Some(range)) = (direction, range) else { return Vec::new() };
        let writes = &self.directions[direction].writes;
        let from = writes.partition_point(|piece| piece.range.1 <= range.0);
        let to = writes.partition_point(|piece| piece.range.0 < range.1);
        (from..to.max(from)).take(most).collect()
    }

    /// Who writes the direction that a call moves bytes of: itself, or for a read the other side.
    pub fn writer(&self, call: usize) -> usize {
        let call = &self.calls[call];
        let (Some(flow), true) = (call.flow, call.reads()) else { return call.host };
        let other = self.direction_of.range((flow, 0)..=(flow, usize::MAX)).map(|(key, _)| key.1);
        other.into_iter().find(|&writer| writer != call.host).unwrap_or(call.host)
    }

    /// The bytes of a frame, if the wire can be seen.
    pub fn frame_bytes(&self, passage: usize) -> Option<&[u8]> {
        index::frame_bytes(&self.trace.events[self.passages.get(passage)?.sent])
    }
}
