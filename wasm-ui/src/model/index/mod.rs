//! Builds a [`Run`] from a trace in one walk over its events. Malformed traces (events that name unknown hosts, calls
//! that return without having been made) lose those events and nothing else.

mod directions;

use super::label;
use super::run::*;
use sockscope_core::program;
use sockscope_core::socket::{self, Answer, Outcome, Reason};
use sockscope_core::stream::Range;
use sockscope_core::tcp::{self, Purpose, State};
use sockscope_core::time::Instant;
use sockscope_core::trace::{Body, Event, Flow, Trace};
use sockscope_core::wire::{ArpEvent, IcmpEvent};
use sockscope_core::{link, udp};
use std::collections::BTreeMap;
use std::net::SocketAddrV4;

/// Offset of the payload is found from the end: what a frame carries is its last bytes.
pub(super) fn frame_bytes(event: &Event) -> Option<&[u8]> {
    match &event.body {
        Body::Link(link::Event::Sent { data, .. }) => Some(data),
        _ => None,
    }
}

/// What the event that describes a frame says about it.
struct Content {
    event: usize,
    carries: Carries,
    label: String,
    range: Option<Range>,
    repeats: Option<u32>,
    flow: Option<Flow>,
    host: usize,
    destination: Option<SocketAddrV4>,
}

#[derive(Default)]
struct Builder {
    hosts: Vec<Host>,
    calls: Vec<Call>,
    passages: Vec<Passage>,
    states: Vec<StateChange>,
    incidents: Vec<usize>,
    call_of: BTreeMap<usize, usize>,
    passage_of: BTreeMap<usize, usize>,
    contents: BTreeMap<u32, Content>,
    /// Frame and receiver to passage: deliveries name only those.
    ways: BTreeMap<(u32, Option<usize>), usize>,
    /// Open descriptor of a host to its place in [`Host::sockets`].
    open: BTreeMap<(usize, i32), usize>,
    /// State of every connection by host, port and other end.
    connections: BTreeMap<(usize, u16, Option<SocketAddrV4>), State>,
    /// Events that name frames, resolved at the end.
    framed: Vec<(usize, u32)>,
    members: BTreeMap<Flow, Vec<usize>>,
}

/// Indexes a trace.
pub fn build(trace: Trace) -> Run {
    let mut builder = Builder {
        hosts: trace
            .header
            .hosts
            .iter()
            .map(|host| Host {
                name: host.name.clone(),
                address: Some(host.address),
                program: host.program.clone(),
                ..Host::default()
            })
            .collect(),
        ..Builder::default()
    };
    for (at, event) in trace.events.iter().enumerate() {
        let host = event.host.as_ref().and_then(|name| builder.hosts.iter().position(|host| host.name == *name));
        if let Some(host) = host {
            builder.event(at, host, event);
        }
    }
    let end = trace.events.last().map(|event| event.time).unwrap_or_default();
    builder.finish(trace, end)
}

impl Builder {
    fn event(&mut self, at: usize, host: usize, event: &Event) {
        if let Some(flow) = event.flow {
            let members = self.members.entry(flow).or_default();
            if !members.contains(&host) {
                members.push(host);
            }
        }
        match &event.body {
            Body::Program(body) => self.program(at, host, body),
            Body::Socket(body) => self.socket(at, host, event, body),
            Body::Tcp(body) => self.tcp(at, host, event, body),
            Body::Udp(body) => self.udp(at, host, event, body),
            Body::Arp(body) => {
                let (frame, label) = match body {
                    ArpEvent::Asked { frame, target, .. } => (*frame, format!("ARP {target}?")),
                    ArpEvent::Answered { frame, mac, .. } => (*frame, format!("ARP {mac}")),
                };
                self.content(at, host, event, frame, Carries::Arp, label);
            }
            Body::Icmp(IcmpEvent::Sent { frame, kind, code, .. }) => {
                let label = match (kind, code) {
                    (3, 3) => "ICMP port unreachable".to_owned(),
                    (3, 1) => "ICMP host unreachable".to_owned(),
                    (8, _) => "ICMP echo".to_owned(),
                    (0, _) => "ICMP echo reply".to_owned(),
                    _ => format!("ICMP {kind}/{code}"),
                };
                self.content(at, host, event, *frame, Carries::Icmp, label);
            }
            Body::Icmp(IcmpEvent::Received { frame }) => self.framed.push((at, *frame)),
            Body::Link(body) => self.link(at, host, event, body),
            Body::Run(_) => {}
        }
    }

    fn program(&mut self, at: usize, host: usize, body: &program::Event) {
        let track = &mut self.hosts[host];
        match body {
            program::Event::Line { task, line, .. } => track.tasks.entry(*task).or_default().lines.push((at, *line)),
            program::Event::Assigned { scope, name, value, .. } => {
                let known = track.variables.iter_mut().find(|known| known.name == *name && known.scope == *scope);
                match known {
                    Some(known) => known.values.push((at, value.clone())),
                    None => track.variables.push(Variable {
                        scope: scope.clone(),
                        name: name.clone(),
                        values: vec![(at, value.clone())],
                    }),
                }
            }
            program::Event::Printed { text, .. } => {
                track.output.push_str(text);
                track.printed.push((at, track.output.len()));
            }
            program::Event::Raised { line, exception, message, .. } => {
                let text = if message.is_empty() { exception.clone() } else { format!("{exception}: {message}") };
                track.raised.push((at, *line, text));
                self.incidents.push(at);
            }
            program::Event::Exited { status, exception, line } => {
                track.ended = Some(Ended { event: at, status: *status, exception: exception.clone(), line: *line });
            }
            program::Event::LimitPassed { .. } => self.incidents.push(at),
            program::Event::InputRead { .. }
            | program::Event::LookedUp { .. }
            | program::Event::FileWritten { .. }
            | program::Event::Task { .. } => {}
        }
    }

    fn socket(&mut self, at: usize, host: usize, event: &Event, body: &socket::Event) {
        match body {
            socket::Event::Called { id, task, line, call } => {
                let place = self.calls.len();
                self.calls.push(Call {
                    host,
                    id: *id,
                    task: *task,
                    line: *line,
                    name: call.name(),
                    label: label::call(call),
                    fd: call.descriptor(),
                    begun: at,
                    start: event.time,
                    blocked: None,
                    returned: None,
                    end: event.time,
                    result: String::new(),
                    failed: false,
                    flow: event.flow,
                    range: None,
                });
                self.hosts[host].calls.push(place);
                self.hosts[host].tasks.entry(*task).or_default().calls.push(place);
                self.call_of.insert(at, place);
            }
            socket::Event::Blocked { id, reason } => {
                if let Some(place) = self.call(host, *id) {
                    self.calls[place].blocked = Some((at, *reason));
                    self.call_of.insert(at, place);
                }
            }
            socket::Event::Returned { id, fd, outcome, range, .. } => {
                if let Some(place) = self.call(host, *id) {
                    let call = &mut self.calls[place];
                    call.returned = Some(at);
                    call.end = event.time;
                    call.result = label::outcome(outcome);
                    call.failed = !matches!(outcome, Outcome::Ok(_));
                    call.range = *range;
                    call.flow = event.flow.or(call.flow);
                    self.call_of.insert(at, place);
                    self.descriptor(at, host, event, place, *fd, outcome);
                }
            }
            socket::Event::Levels { fd, send, receive } => {
                let flow = event.flow;
                self.face(at, host, *fd, |face| {
                    face.send = Some(*send);
                    face.receive = Some(*receive);
                    face.flow = flow.or(face.flow);
                });
            }
            socket::Event::Addressed { fd, local, peer } => {
                let flow = event.flow;
                self.face(at, host, *fd, |face| {
                    face.local = local.or(face.local);
                    face.peer = peer.or(face.peer);
                    face.flow = flow.or(face.flow);
                });
            }
        }
    }

    /// Descriptors come and go with the return of calls.
    fn descriptor(&mut self, at: usize, host: usize, event: &Event, place: usize, fd: Option<i32>, outcome: &Outcome) {
        let name = self.calls[place].name;
        match outcome {
            Outcome::Ok(Answer::Number(number)) if name == "socket" => {
                let datagram = self.calls[place].label.contains("SOCK_DGRAM");
                let kind = if datagram { socket::Kind::Datagram } else { socket::Kind::Stream };
                self.open(at, host, *number as i32, Face { kind: Some(kind), ..Face::default() });
            }
            Outcome::Ok(Answer::Accepted { accepted, peer }) => {
                let listener = self.calls[place].fd.and_then(|fd| self.open.get(&(host, fd)));
                let local = listener.and_then(|&place| self.hosts[host].sockets[place].faces.last()?.1.local);
                let state = local.and_then(|end| self.connections.get(&(host, end.port(), Some(*peer))));
                let face = Face {
                    kind: Some(socket::Kind::Stream),
                    // The connection came in at the address it was sent to, whatever the listener is bound to.
                    local: local.map(|end| match (end.ip().is_unspecified(), self.hosts[host].address) {
                        (true, Some(address)) => SocketAddrV4::new(address, end.port()),
                        _ => end,
                    }),
                    peer: Some(*peer),
                    state: state.copied(),
                    flow: event.flow,
                    ..Face::default()
                };
                self.open(at, host, *accepted, face);
            }
            Outcome::Ok(Answer::Pair { pair }) => {
                for fd in [pair.0, pair.1] {
                    self.open(at, host, fd, Face { kind: Some(socket::Kind::Stream), ..Face::default() });
                }
            }
            Outcome::Ok(_) if name == "close" => {
                if let Some(fd) = fd.or(self.calls[place].fd) {
                    self.face(at, host, fd, |face| face.closed = true);
                    self.open.remove(&(host, fd));
                }
            }
            Outcome::Ok(_) => {
                let flow = event.flow;
                if let (Some(fd), Some(_)) = (self.calls[place].fd, flow) {
                    self.face(at, host, fd, |face| face.flow = flow);
                }
            }
            _ => {}
        }
    }

    fn tcp(&mut self, at: usize, host: usize, event: &Event, body: &tcp::Event) {
        match body {
            tcp::Event::SegmentSent { frame, segment, range, repeats, purpose } => {
                let carries = match (segment.control, segment.length) {
                    (control, _) if control.rst => Carries::Reset,
                    (_, 1..) => Carries::Data,
                    (control, _) if control.syn || control.fin => Carries::Control,
                    _ => Carries::Acknowledgement,
                };
                self.content(at, host, event, *frame, carries, label::segment(segment, None));
                let repeated = repeats.is_some() || *purpose == Some(Purpose::Retransmission);
                if repeated {
                    self.incidents.push(at);
                }
                if let Some(content) = self.contents.get_mut(frame) {
                    content.range = *range;
                    content.repeats = *repeats;
                    content.destination = Some(segment.destination);
                }
            }
            tcp::Event::SegmentReceived { frame } | tcp::Event::Discarded { frame, .. } => {
                self.framed.push((at, *frame))
            }
            tcp::Event::StateChanged { local, peer, from, to, .. } => {
                self.states.push(StateChange { event: at, host, local: *local, peer: *peer, from: *from, to: *to });
                let track = &mut self.hosts[host];
                self.connections.insert((host, local.port(), *peer), *to);
                let newest = |fits: &dyn Fn(&Face) -> bool| {
                    track.sockets.iter().rposition(|socket| socket.faces.last().is_some_and(|(_, face)| fits(face)))
                };
                let mine = |face: &Face| face.local.is_some_and(|end| end.port() == local.port());
                let opening = matches!(from, State::Closed | State::SynSent);
                let found = newest(&|face| mine(face) && face.peer == *peer)
                    // While it connects, a socket's other end is told by nobody else; nor is its own by every engine.
                    .or_else(|| newest(&|face| opening && mine(face) && face.peer.is_none() && !face.closed))
                    .or_else(|| {
                        let stream = |face: &Face| face.kind == Some(socket::Kind::Stream) && !face.closed;
                        newest(&|face| opening && face.local.is_none() && stream(face))
                    });
                if let Some(place) = found {
                    let mut face = track.sockets[place].faces.last().expect("a socket has a face").1.clone();
                    face.state = Some(*to);
                    face.local = face.local.or(Some(*local));
                    face.peer = face.peer.or(*peer);
                    face.flow = event.flow.or(face.flow);
                    track.sockets[place].faces.push((at, face));
                }
            }
            tcp::Event::Held { .. }
            | tcp::Event::TimerSet { .. }
            | tcp::Event::TimerFired { .. }
            | tcp::Event::Measured { .. } => {}
        }
    }

    fn udp(&mut self, at: usize, host: usize, event: &Event, body: &udp::Event) {
        match body {
            udp::Event::DatagramSent { frame, data, destination, fragments, .. } => {
                let label = if data.len() > 64 { format!("{} B", data.len()) } else { label::literal(data) };
                self.content(at, host, event, *frame, Carries::Datagram, label);
                if let Some(content) = self.contents.get_mut(frame) {
                    content.destination = Some(*destination);
                }
                for fragment in fragments {
                    self.content(at, host, event, *fragment, Carries::Datagram, "IP fragment".into());
                }
            }
            udp::Event::DatagramReceived { frame } | udp::Event::Discarded { frame, .. } => {
                self.framed.push((at, *frame))
            }
        }
    }

    fn link(&mut self, at: usize, host: usize, event: &Event, body: &link::Event) {
        match body {
            link::Event::Sent { frame, to, verdict, duplicate_of, .. } => {
                let to = to.as_ref().and_then(|name| self.hosts.iter().position(|host| host.name == *name));
                let (arrival, lost) = match verdict {
                    link::Verdict::Deliver { at } => (Some(*at), None),
                    link::Verdict::Drop { cause } => (None, Some(*cause)),
                };
                if lost.is_some() {
                    self.incidents.push(at);
                }
                self.ways.insert((*frame, to), self.passages.len());
                self.passages.push(Passage {
                    frame: *frame,
                    from: host,
                    to,
                    sent: at,
                    departure: event.time,
                    arrival,
                    ended: None,
                    lost,
                    carries: Carries::Other,
                    label: String::new(),
                    content: None,
                    range: None,
                    repeats: None,
                    copy_of: *duplicate_of,
                    flow: event.flow,
                });
            }
            link::Event::Delivered { frame } => {
                if let Some(&way) = self.ways.get(&(*frame, Some(host))) {
                    self.passages[way].ended = Some(at);
                    self.passages[way].arrival = Some(event.time);
                }
                self.framed.push((at, *frame));
            }
            link::Event::Dropped { frame, cause } => {
                let lost = self.ways.range((*frame, None)..=(*frame, Some(usize::MAX)));
                for (_, &way) in lost {
                    if self.passages[way].arrival.is_none() {
                        self.passages[way].ended = Some(at);
                        self.passages[way].lost = Some(*cause);
                    }
                }
                self.framed.push((at, *frame));
            }
        }
    }

    fn content(&mut self, at: usize, host: usize, event: &Event, frame: u32, carries: Carries, label: String) {
        self.framed.push((at, frame));
        let flow = event.flow;
        let content = Content { event: at, carries, label, range: None, repeats: None, flow, host, destination: None };
        self.contents.entry(frame).or_insert(content);
    }

    fn call(&self, host: usize, id: u32) -> Option<usize> {
        let calls = &self.hosts[host].calls;
        let at = calls.binary_search_by_key(&id, |&call| self.calls[call].id).ok()?;
        Some(calls[at])
    }

    fn open(&mut self, at: usize, host: usize, fd: i32, face: Face) {
        let sockets = &mut self.hosts[host].sockets;
        self.open.insert((host, fd), sockets.len());
        sockets.push(Socket { fd, faces: vec![(at, face)] });
    }

    fn face(&mut self, at: usize, host: usize, fd: i32, change: impl FnOnce(&mut Face)) {
        let Some(&place) = self.open.get(&(host, fd)) else { return };
        let faces = &mut self.hosts[host].sockets[place].faces;
        let mut face = faces.last().expect("a socket has a face").1.clone();
        change(&mut face);
        if faces.last().is_some_and(|(_, last)| *last != face) {
            faces.push((at, face));
        }
    }

    fn finish(mut self, trace: Trace, end: Instant) -> Run {
        for call in &mut self.calls {
            if call.returned.is_none() {
                call.end = end;
            }
        }
        self.passages.sort_by_key(|passage| passage.frame);
        for passage in &mut self.passages {
            let described = passage.copy_of.filter(|_| !self.contents.contains_key(&passage.frame));
            let Some(content) = self.contents.get(&described.unwrap_or(passage.frame)) else { continue };
            passage.carries = content.carries;
            passage.label = content.label.clone();
            passage.content = Some(content.event);
            passage.range = content.range;
            passage.repeats = content.repeats;
            passage.flow = content.flow.or(passage.flow);
            if let (Carries::Data, Body::Tcp(tcp::Event::SegmentSent { segment, .. })) =
                (content.carries, &trace.events[content.event].body)
            {
                let bytes = frame_bytes(&trace.events[passage.sent]);
                let payload = bytes.and_then(|bytes| bytes.len().checked_sub(segment.length as usize)).zip(bytes);
                passage.label = label::segment(segment, payload.map(|(at, bytes)| &bytes[at..]));
            }
        }
        let mut passage_of = std::mem::take(&mut self.passage_of);
        for (place, passage) in self.passages.iter().enumerate() {
            passage_of.entry(passage.sent).or_insert(place);
            if let Some(ended) = passage.ended {
                passage_of.entry(ended).or_insert(place);
            }
        }
        for (event, frame) in &self.framed {
            let at = self.passages.partition_point(|passage| passage.frame < *frame);
            if self.passages.get(at).is_some_and(|passage| passage.frame == *frame) {
                passage_of.entry(*event).or_insert(at);
            }
        }
        let directions = self.directions(&trace);
        self.incidents.sort_unstable();
        self.incidents.dedup();
        let Builder { hosts, calls, passages, states, incidents, call_of, .. } = self;
        let direction_of =
            directions.iter().enumerate().map(|(place, direction)| ((direction.flow, direction.from), place)).collect();
        Run { trace, hosts, calls, passages, directions, direction_of, states, call_of, passage_of, incidents }
    }
}

/// What a blocked call waits for, as the key of its text.
pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Data => "data",
        Reason::SendBuffer => "send_buffer",
        Reason::Connection => "connection",
        Reason::Handshake => "handshake",
        Reason::Linger => "linger",
        Reason::Readiness => "readiness",
        Reason::Time => "time",
    }
}
