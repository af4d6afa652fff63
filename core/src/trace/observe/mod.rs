//! Frames into events, the same for both engines: what is in a frame, which conversation it belongs to, and what
//! became of it. It sees frames only; what a stack does with them is told by the stack.

mod conversation;
mod fragments;
#[cfg(test)]
mod tests;

use super::{Body, Event, Evidence, Flow};
use crate::link::{self, Cause, Verdict};
use crate::stream::Data;
use crate::tcp::Purpose;
use crate::time::{Duration, Instant};
use crate::wire::{self, Arp, ArpEvent, Datagram, Frame, FrameId, Icmp, IcmpEvent, Ipv4, Packet, Transport};
use crate::{tcp, udp};
use bytes::Bytes;
use conversation::Conversation;
use fragments::Groups;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;

/// What a conversation speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Protocol {
    Tcp,
    Udp,
}

/// A frame as the engine has it: as a value or as bytes.
#[derive(Clone, Copy, Debug)]
pub enum Contents<'a> {
    /// The model's.
    Frame(&'a Frame),
    /// What a TAP device gave.
    Bytes(&'a Bytes),
}

impl<'a> From<&'a Frame> for Contents<'a> {
    fn from(frame: &'a Frame) -> Self {
        Contents::Frame(frame)
    }
}

impl<'a> From<&'a Bytes> for Contents<'a> {
    fn from(bytes: &'a Bytes) -> Self {
        Contents::Bytes(bytes)
    }
}

/// A frame that entered the link for one receiver.
#[derive(Clone, Copy, Debug)]
pub struct Sighting<'a> {
    /// Its number. A broadcast has one number and is seen once for each receiver; a copy that the link makes has its own.
    pub frame: FrameId,
    /// The sending host.
    pub from: usize,
    /// The receiving host; `None` where no host has the address.
    pub to: Option<usize>,
    /// What it is.
    pub contents: Contents<'a>,
    /// What the link decided.
    pub verdict: Verdict,
    /// How long it waits before its first bit leaves.
    pub queued: Duration,
    /// The frame that it is the link's copy of.
    pub duplicate_of: Option<FrameId>,
    /// Why the segment was sent, where the engine knows.
    pub purpose: Option<Purpose>,
}

/// Turns what happens on the link into events, and numbers the conversations.
///
/// ```
/// use sockscope_core::trace::{Evidence, Observer, Protocol};
/// let mut observer = Observer::new(["client".into(), "server".into()], Evidence::Simulated);
/// let [a, b] = ["10.0.0.1:40000", "10.0.0.2:8888"].map(|end| end.parse().unwrap());
/// assert_eq!(observer.flow(Protocol::Tcp, a, b), 1);
/// assert_eq!(observer.flow(Protocol::Udp, a, b), 2);
/// assert_eq!(observer.flow(Protocol::Tcp, b, a), 1);
/// ```
#[derive(Debug)]
pub struct Observer {
    hosts: Vec<Arc<str>>,
    evidence: Evidence,
    flows: BTreeMap<Key, Flow>,
    /// The flow asked for last: most frames belong to it.
    recent: Option<(Key, Flow)>,
    /// By flow number less one; those of UDP stay empty.
    conversations: Vec<Conversation>,
    /// By frame number.
    frames: Vec<Seen>,
    groups: Groups,
}

/// A conversation's protocol and ends, the smaller end first.
type Key = (Protocol, SocketAddrV4, SocketAddrV4);

/// What the observer remembers of a frame until it arrives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    flow: Option<Flow>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Unseen,
    Other,
    Icmp,
    Udp,
    Tcp,
    /// A piece of a datagram.
    Fragment,
}

impl Observer {
    /// An observer of these hosts, in the order of the numbers that the other methods take.
    pub fn new(hosts: impl IntoIterator<Item = Arc<str>>, evidence: Evidence) -> Self {
        Observer {
            hosts: hosts.into_iter().collect(),
            evidence,
            flows: BTreeMap::new(),
            recent: None,
            conversations: Vec::new(),
            frames: Vec::new(),
            groups: Groups::default(),
        }
    }

    /// The number of the conversation between two ends, a new one if they have not been seen. A SYN that opens a new
    /// connection between the ends of an old one begins a new conversation.
    pub fn flow(&mut self, protocol: Protocol, a: SocketAddrV4, b: SocketAddrV4) -> Flow {
        let key = (protocol, a.min(b), a.max(b));
        if let Some((recent, flow)) = self.recent
            && recent == key
        {
            return flow;
        }
        let flow = match self.flows.get(&key) {
            Some(flow) => *flow,
            None => self.begin(key),
        };
        self.recent = Some((key, flow));
        flow
    }

    /// The number of the conversation between two ends, if they have been seen.
    pub fn known_flow(&self, protocol: Protocol, a: SocketAddrV4, b: SocketAddrV4) -> Option<Flow> {
        self.flows.get(&(protocol, a.min(b), a.max(b))).copied()
    }

    /// A frame entered the link: [`link::Event::Sent`], and what it carries. Bytes that are no valid frame, and copies
    /// that the link made, give the link's event alone: nobody sent them.
    pub fn sent(&mut self, now: Instant, sighting: Sighting<'_>) -> Vec<Event> {
        let mut events = Vec::with_capacity(2);
        let known = self.seen(sighting.frame);
        let data = match sighting.contents {
            Contents::Frame(frame) => wire::encode(frame),
            Contents::Bytes(bytes) => bytes.clone(),
        };
        let seen = match (known.kind, sighting.duplicate_of) {
            (Kind::Unseen, Some(original)) => {
                self.groups.copy(original, sighting.frame);
                self.seen(original)
            }
            (Kind::Unseen, None) => match sighting.contents {
                Contents::Frame(frame) => self.look(now, &sighting, frame, &mut events),
                Contents::Bytes(bytes) => match wire::dissect_shared(bytes) {
                    Ok(frame) => self.look(now, &sighting, &frame, &mut events),
                    Err(_) => Seen { flow: None, kind: Kind::Other },
                },
            },
            _ => known, // a broadcast, seen for its next receiver
        };
        let index = sighting.frame as usize;
        if self.frames.len() <= index {
            self.frames.resize(index + 1, Seen::default());
        }
        self.frames[index] = seen;
        let body = Body::Link(link::Event::Sent {
            frame: sighting.frame,
            to: sighting.to.map(|to| self.hosts[to].clone()),
            data: Data(data),
            verdict: sighting.verdict,
            queued: sighting.queued,
            duplicate_of: sighting.duplicate_of,
        });
        events.insert(0, self.event(now, sighting.from, seen.flow, body));
        events
    }

    /// A frame came out of the link at a host: [`link::Event::Delivered`], and the arrival of what it carries.
    /// A fragmented datagram arrives with the last of its fragments.
    pub fn delivered(&mut self, now: Instant, to: usize, frame: FrameId) -> Vec<Event> {
        let seen = self.seen(frame);
        let mut events = vec![self.event(now, to, seen.flow, Body::Link(link::Event::Delivered { frame }))];
        let arrived = match seen.kind {
            Kind::Unseen | Kind::Other => None,
            Kind::Tcp => Some(Body::Tcp(tcp::Event::SegmentReceived { frame })),
            Kind::Udp => Some(Body::Udp(udp::Event::DatagramReceived { frame })),
            Kind::Icmp => Some(Body::Icmp(IcmpEvent::Received { frame })),
            Kind::Fragment => {
                self.groups.delivered(to, frame).map(|first| Body::Udp(udp::Event::DatagramReceived { frame: first }))
            }
        };
        events.extend(arrived.map(|body| self.event(now, to, seen.flow, body)));
        events
    }

    /// A frame was lost: [`link::Event::Dropped`] at its sender. [`Observer::sent`] does not tell this by itself,
    /// because the engine knows when.
    pub fn dropped(&mut self, now: Instant, from: usize, frame: FrameId, cause: Cause) -> Vec<Event> {
        let flow = self.seen(frame).flow;
        vec![self.event(now, from, flow, Body::Link(link::Event::Dropped { frame, cause }))]
    }

    fn seen(&self, frame: FrameId) -> Seen {
        self.frames.get(frame as usize).copied().unwrap_or_default()
    }

    fn begin(&mut self, key: Key) -> Flow {
        self.conversations.push(Conversation::default());
        let flow = self.conversations.len() as Flow;
        self.flows.insert(key, flow);
        self.recent = Some((key, flow));
        flow
    }

    fn event(&self, time: Instant, host: usize, flow: Option<Flow>, body: Body) -> Event {
        Event { time, host: Some(self.hosts[host].clone()), flow, evidence: self.evidence, body }
    }

    /// What a frame carries, told once.
    fn look(&mut self, now: Instant, sighting: &Sighting<'_>, frame: &Frame, events: &mut Vec<Event>) -> Seen {
        let other = Seen { flow: None, kind: Kind::Other };
        let (seen, body) = match &frame.payload {
            Packet::Arp(arp) => (other, Body::Arp(arp_event(sighting.frame, arp))),
            Packet::Other { .. } => return other,
            Packet::Ipv4(packet) => match self.packet(now, sighting, packet) {
                (seen, Some(body)) => (seen, body),
                (seen, None) => return seen,
            },
        };
        events.push(self.event(now, sighting.from, seen.flow, body));
        seen
    }

    fn packet(&mut self, now: Instant, sighting: &Sighting<'_>, packet: &Ipv4) -> (Seen, Option<Body>) {
        let frame = sighting.frame;
        let ends = |source, destination| {
            (SocketAddrV4::new(packet.source, source), SocketAddrV4::new(packet.destination, destination))
        };
        match &packet.payload {
            Transport::Tcp(segment) => {
                let (source, destination) = ends(segment.source_port, segment.destination_port);
                let mut flow = self.flow(Protocol::Tcp, source, destination);
                let forward = source <= destination;
                if self.conversations[flow as usize - 1].is_reopened_by(segment, forward) {
                    flow = self.begin((Protocol::Tcp, source.min(destination), source.max(destination)));
                }
                let conversation = &mut self.conversations[flow as usize - 1];
                let event = conversation.segment(frame, segment, (source, destination), sighting.purpose);
                (Seen { flow: Some(flow), kind: Kind::Tcp }, Some(Body::Tcp(event)))
            }
            Transport::Udp(datagram) => {
                let (source, destination) = ends(datagram.source_port, datagram.destination_port);
                let flow = self.flow(Protocol::Udp, source, destination);
                let event = datagram_event(frame, Vec::new(), source, destination, datagram);
                (Seen { flow: Some(flow), kind: Kind::Udp }, Some(Body::Udp(event)))
            }
            Transport::Icmp(icmp) => {
                let (flow, event) = self.icmp_event(frame, packet.destination, icmp);
                (Seen { flow, kind: Kind::Icmp }, Some(Body::Icmp(event)))
            }
            Transport::Other { protocol: 17, data } if packet.more_fragments || packet.fragment_offset != 0 => {
                let named = (packet.fragment_offset == 0)
                    .then(|| data.first_chunk::<4>())
                    .flatten()
                    .map(|&[a, b, c, d]| ends(u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
                    .map(|(source, destination)| self.flow(Protocol::Udp, source, destination));
                let (flow, whole) = self.groups.sent(now, sighting.from, frame, packet, named);
                let event = whole.and_then(|(first, rest, packet)| match packet.payload {
                    Transport::Udp(datagram) => {
                        let (source, destination) = ends(datagram.source_port, datagram.destination_port);
                        Some(datagram_event(first, rest, source, destination, &datagram))
                    }
                    _ => None,
                });
                (Seen { flow, kind: Kind::Fragment }, event.map(Body::Udp))
            }
            Transport::Other { .. } => (Seen { flow: None, kind: Kind::Other }, None),
        }
    }

    /// An ICMP message, in the conversation of the packet that it complains about.
    fn icmp_event(&self, frame: FrameId, destination: Ipv4Addr, icmp: &Icmp) -> (Option<Flow>, IcmpEvent) {
        let about = is_error(icmp.kind).then(|| quoted(&icmp.data)).flatten();
        let flow = about.and_then(|(protocol, source, target)| self.known_flow(protocol?, source, target));
        let about = about.map(|(_, _, target)| target);
        (flow, IcmpEvent::Sent { frame, kind: icmp.kind, code: icmp.code, destination, about })
    }
}

/// Whether the message quotes a packet: unreachable, quench, redirect, time exceeded, parameter problem (RFC 792).
fn is_error(kind: u8) -> bool {
    matches!(kind, 3 | 4 | 5 | 11 | 12)
}

/// Protocol and ends of a quoted packet: its IP header and the first 64 bits behind it.
fn quoted(data: &[u8]) -> Option<(Option<Protocol>, SocketAddrV4, SocketAddrV4)> {
    let header = usize::from(data.first()? & 0x0f) * 4;
    let address = |at: usize| Some(Ipv4Addr::from(*data.get(at..)?.first_chunk::<4>()?));
    let protocol = match data.get(9)? {
        6 => Some(Protocol::Tcp),
        17 => Some(Protocol::Udp),
        _ => None,
    };
    let port = |at: usize| Some(u16::from_be_bytes(*data.get(at..)?.first_chunk::<2>()?));
    let (source, target) = if protocol.is_some() { (port(header)?, port(header + 2)?) } else { (0, 0) };
    Some((protocol, SocketAddrV4::new(address(12)?, source), SocketAddrV4::new(address(16)?, target)))
}

fn arp_event(frame: FrameId, arp: &Arp) -> ArpEvent {
    if arp.reply {
        ArpEvent::Answered { frame, sender: arp.sender, mac: arp.sender_mac }
    } else {
        ArpEvent::Asked { frame, sender: arp.sender, target: arp.target }
    }
}

fn datagram_event(
    frame: FrameId,
    fragments: Vec<FrameId>,
    source: SocketAddrV4,
    destination: SocketAddrV4,
    datagram: &Datagram,
) -> udp::Event {
    udp::Event::DatagramSent { frame, source, destination, data: datagram.payload.clone(), fragments }
}
