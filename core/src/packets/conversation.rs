//! The conversations of a capture: their numbers, and sequence numbers counted from the initial ones. The bytes they
//! carried are `follow`'s business.

use super::{Content, Datagram, End, Note, Packet, Protocol, Segment};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Largest window scale shift (RFC 7323, 2.3).
const LARGEST_SHIFT: u8 = 14;

/// Holes of one direction that are remembered.
const MOST_HOLES: usize = 16;

/// All conversations so far.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// The conversation that packets between two ends belong to now.
    current: BTreeMap<Key, u32>,
    /// By number less one.
    all: Vec<Conversation>,
    /// The conversation asked for last: most packets belong to it.
    recent: Option<(Key, u32)>,
    limit: usize,
}

/// The protocol and the ends, the smaller first.
type Key = (Protocol, SocketAddr, SocketAddr);

/// One conversation, as a list of them shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stream {
    /// Counted from 1 in order of appearance.
    pub number: u32,
    /// TCP or UDP.
    pub protocol: Protocol,
    /// The ends; the first is the one that began it, as far as the capture shows.
    pub ends: [SocketAddr; 2],
    /// Packets of it.
    pub packets: u64,
    /// Payload bytes from the first end and from the second, repetitions included.
    pub bytes: [u64; 2],
    /// Number of its first packet.
    pub first: u64,
    /// Number of its last packet.
    pub last: u64,
    /// Whether its beginning was captured: the SYN of a TCP connection; always of UDP.
    pub begun: bool,
    /// How it ended, if the capture shows that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

/// How a TCP connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// One end has said that it sends no more.
    HalfClosed,
    /// Both ends have.
    Closed,
    /// One end has reset it.
    Reset,
}

#[derive(Debug)]
struct Conversation {
    stream: Stream,
    /// Of the first end, then of the second.
    halves: [Half; 2],
}

/// What one end has sent.
#[derive(Debug, Default)]
struct Half {
    /// Initial sequence number, or one less than the first number seen.
    initial: Option<u32>,
    /// Whether that is from its SYN.
    syn: bool,
    /// Window scale that its SYN offers.
    shift: Option<u8>,
    /// Whether its SYN is known to offer none.
    unscaled: bool,
    /// Relative number behind the last one sent.
    next: u64,
    /// Ranges of relative numbers that were passed over.
    holes: Vec<(u64, u64)>,
    fin: bool,
}

impl Table {
    pub(super) fn new(limit: usize) -> Self {
        Table { limit, ..Table::default() }
    }

    /// Every conversation, in the order of their numbers.
    pub(super) fn streams(&self) -> impl Iterator<Item = &Stream> {
        self.all.iter().map(|conversation| &conversation.stream)
    }

    /// Finds the conversation of a packet and fills in what depends on it.
    pub(super) fn place(&mut self, packet: &mut Packet) {
        let (Some(End::Port(source)), Some(End::Port(destination))) = (packet.source, packet.destination) else {
            return;
        };
        let opens = match &packet.content {
            Content::Tcp(segment) => segment.control.syn && !segment.control.ack,
            Content::Udp(_) => false,
            _ => return,
        };
        let key = (packet.protocol, source.min(destination), source.max(destination));
        let known = match self.recent {
            Some((recent, number)) if recent == key => Some(number),
            _ => self.current.get(&key).copied(),
        };
        let number = match known {
            Some(number) if !(opens && self.is_reopened(number, source, packet)) => number,
            _ if self.all.len() >= self.limit => {
                packet.notes.push(Note::TooManyStreams { limit: self.limit as u32 });
                // Not even for the old connection of the same ends: its numbers are others.
                return;
            }
            _ => self.begin(key, packet, source, destination),
        };
        self.recent = Some((key, number));
        packet.stream = Some(number);
        self.all[number as usize - 1].take(packet, source);
    }

    /// Whether a SYN opens another connection between the ends of an old one.
    fn is_reopened(&self, number: u32, source: SocketAddr, packet: &Packet) -> bool {
        let Content::Tcp(segment) = &packet.content else { return false };
        let conversation = &self.all[number as usize - 1];
        let half = &conversation.halves[usize::from(conversation.stream.ends[0] != source)];
        half.initial.is_some_and(|initial| initial != segment.sequence)
    }

    fn begin(&mut self, key: Key, packet: &Packet, source: SocketAddr, destination: SocketAddr) -> u32 {
        // Who answers a SYN did not begin.
        let answers = matches!(&packet.content, Content::Tcp(segment) if segment.control.syn && segment.control.ack);
        let number = self.all.len() as u32 + 1;
        let stream = Stream {
            number,
            protocol: packet.protocol,
            ends: if answers { [destination, source] } else { [source, destination] },
            packets: 0,
            bytes: [0; 2],
            first: packet.number,
            last: packet.number,
            begun: match &packet.content {
                Content::Tcp(segment) => segment.control.syn,
                _ => true,
            },
            ended: None,
        };
        self.all.push(Conversation { stream, halves: Default::default() });
        self.current.insert(key, number);
        number
    }
}

impl Conversation {
    fn take(&mut self, packet: &mut Packet, source: SocketAddr) {
        let stream = &mut self.stream;
        let forward = stream.ends[0] == source;
        stream.packets += 1;
        stream.last = packet.number;
        match &mut packet.content {
            Content::Udp(Datagram { length, forward: direction, .. }) => {
                *direction = forward;
                stream.bytes[usize::from(!forward)] += u64::from(*length);
            }
            Content::Tcp(segment) => {
                segment.forward = forward;
                stream.bytes[usize::from(!forward)] += u64::from(segment.length);
                let [first, second] = &mut self.halves;
                let (own, other) = if forward { (first, second) } else { (second, first) };
                own.take(other, segment, packet.length < packet.original_length, &mut packet.notes);
                stream.ended = match (own.fin, other.fin) {
                    _ if segment.control.rst || stream.ended == Some(Ended::Reset) => Some(Ended::Reset),
                    (true, true) => Some(Ended::Closed),
                    (true, false) | (false, true) => Some(Ended::HalfClosed),
                    (false, false) => None,
                };
            }
            _ => {}
        }
    }
}

impl Half {
    fn take(&mut self, other: &mut Half, segment: &mut Segment, snapped: bool, notes: &mut Vec<Note>) {
        let control = segment.control;
        if control.syn && !self.syn {
            *self = Half {
                initial: Some(segment.sequence),
                syn: true,
                shift: segment.options.window_scale,
                unscaled: segment.options.window_scale.is_none() && !snapped,
                ..Half::default()
            };
        }
        // A reset without ACK may have any number; one that begins what we see says nothing about the initial one.
        let initial = *self.initial.get_or_insert(segment.sequence.wrapping_sub(1));
        if self.next == 0 && !control.syn {
            self.next = 1;
        }
        segment.relative_sequence = unwrap(segment.sequence, initial, self.next);
        if control.ack {
            let initial = *other.initial.get_or_insert(segment.acknowledgement.wrapping_sub(1));
            segment.relative_acknowledgement = Some(unwrap(segment.acknowledgement, initial, other.next.max(1)));
        }
        let shift = match self.shift {
            // Never that of a SYN itself, and only where both offer (RFC 7323, 2.2).
            Some(shift) if !control.syn && !other.unscaled => shift.min(LARGEST_SHIFT),
            _ => 0,
        };
        segment.window = u32::from(segment.window_field) << shift;
        if segment.window == 0 && !control.syn && !control.rst && !control.fin {
            notes.push(Note::ZeroWindow);
        }
        let start = segment.relative_sequence;
        let end = start + u64::from(segment.length) + u64::from(control.syn) + u64::from(control.fin);
        if end > start && !control.rst {
            notes.extend(self.judge(start, end, segment));
            self.next = self.next.max(end);
        } else if start + 1 == self.next && segment.length == 0 && self.next > 1 && !control.rst {
            notes.push(Note::KeepAlive);
        }
        self.fin |= control.fin;
    }

    /// What numbers from `start` to `end` are, compared with those before.
    fn judge(&mut self, start: u64, end: u64, segment: &Segment) -> Option<Note> {
        let next = self.next;
        if start > next {
            if self.holes.len() < MOST_HOLES {
                self.holes.push((next, start));
            }
            return Some(Note::PreviousMissing { bytes: start - next });
        }
        if start == next {
            return None;
        }
        // Numbers before the next: into a hole, or again.
        let mut filled = false;
        let mut left = Vec::new();
        self.holes.retain_mut(|hole| {
            if end <= hole.0 || hole.1 <= start {
                return true;
            }
            filled = true;
            if end < hole.1 && hole.0 < start {
                left.push((end, hole.1));
            }
            if start <= hole.0 {
                hole.0 = end;
            } else {
                hole.1 = start;
            }
            hole.0 < hole.1
        });
        self.holes.extend(left);
        Some(match (filled, end <= next) {
            (true, _) => Note::OutOfOrder,
            (false, true) if segment.length == 1 && end == next && !segment.control.fin && !segment.control.syn => {
                Note::KeepAlive
            }
            (false, true) => Note::Retransmission,
            (false, false) => Note::Overlap,
        })
    }
}

/// A number counted from the initial one: of all that the 32 bits can mean, the one nearest to `near`.
fn unwrap(number: u32, initial: u32, near: u64) -> u64 {
    let low = number.wrapping_sub(initial);
    let distance = low.wrapping_sub(near as u32) as i32;
    // Before the beginning there is nothing: such a number is shown as it wraps.
    near.checked_add_signed(i64::from(distance)).unwrap_or(u64::from(low))
}
