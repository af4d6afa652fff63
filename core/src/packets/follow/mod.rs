//! Streams of bytes out of packets: both directions put together as their receivers would, with what came twice, out
//! of order or never, and which packet carried each byte. What the bytes mean is `decoded`'s question.

mod decoded;
mod half;
#[cfg(test)]
mod tests;

pub use decoded::{Decoded, DecodedRun, Decoding, Messages};
pub use half::{Carried, Gap, HalfReport, Mark, MarkKind, Run};

use super::{Content, End, Packet, Protocol};
use half::Half;
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Memory for streams, in bytes of payload. What goes beyond is only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of both directions of one stream together.
    pub stream: usize,
    /// Of all streams together.
    pub total: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { stream: 16 << 20, total: 64 << 20 }
    }
}

/// Which conversations are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of them.
    All,
    /// The one with this number.
    One(u32),
}

/// Follows conversations packet by packet.
///
/// ```
/// use sockscope_core::packets::{Dissector, follow::{Decoding, Follower, Limits, Wanted}};
/// # let file = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];
/// let (mut dissector, mut follower) = (Dissector::new(), Follower::new(Wanted::All, Limits::default()));
/// dissector.push(&file);
/// dissector.finish();
/// while let Some(packet) = dissector.poll()? {
///     follower.take(&packet);
/// }
/// assert!(follower.finish(&Decoding::Auto).is_empty(), "this capture is empty");
/// # Ok::<(), sockscope_core::wire::capture::CaptureError>(())
/// ```
#[derive(Debug)]
pub struct Follower {
    wanted: Wanted,
    limits: Limits,
    streams: BTreeMap<u32, Assembly>,
    held: usize,
}

/// A conversation, followed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Followed {
    /// Its number.
    pub stream: u32,
    /// TCP or UDP.
    pub protocol: Protocol,
    /// Its ends; the first is the one that began it, as far as the capture shows.
    pub ends: [SocketAddr; 2],
    /// What the first end sent, and what the second.
    pub halves: [HalfReport; 2],
    /// The messages on it, if it was asked for and they were told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decoded: Option<Decoded>,
}

#[derive(Debug)]
struct Assembly {
    protocol: Protocol,
    ends: [SocketAddr; 2],
    halves: [Half; 2],
    held: usize,
}

impl Follower {
    /// A follower that has seen nothing.
    pub fn new(wanted: Wanted, limits: Limits) -> Self {
        Follower { wanted, limits, streams: BTreeMap::new(), held: 0 }
    }

    /// Takes the next packet of the capture, in the order in which the dissector gives them.
    pub fn take(&mut self, packet: &Packet) {
        let Some(number) = packet.stream else { return };
        if matches!(self.wanted, Wanted::One(wanted) if wanted != number) {
            return;
        }
        let (Some(End::Port(source)), Some(End::Port(destination))) = (packet.source, packet.destination) else {
            return;
        };
        let forward = match &packet.content {
            Content::Tcp(segment) => segment.forward,
            Content::Udp(datagram) => datagram.forward,
            _ => return,
        };
        let assembly = self.streams.entry(number).or_insert_with(|| Assembly {
            protocol: packet.protocol,
            ends: if forward { [source, destination] } else { [destination, source] },
            halves: Default::default(),
            held: 0,
        });
        let room = (self.limits.stream - assembly.held).min(self.limits.total - self.held);
        let [first, second] = &mut assembly.halves;
        let (own, other) = if forward { (first, second) } else { (second, first) };
        let payload = packet.payload().unwrap_or_default();
        let kept = match &packet.content {
            Content::Tcp(segment) => {
                if let Some(acknowledgement) = segment.relative_acknowledgement {
                    other.acknowledge(acknowledgement.saturating_sub(1), packet.number);
                }
                own.segment(packet.number, segment, &payload, room)
            }
            Content::Udp(datagram) => own.append(packet.number, &payload, datagram.length, room),
            _ => 0,
        };
        assembly.held += kept;
        self.held += kept;
    }

    /// The conversations, in the order of their numbers.
    pub fn finish(self, decoding: &Decoding) -> Vec<Followed> {
        let streams = self.streams.into_iter().map(|(stream, assembly)| {
            let Assembly { protocol, ends, halves, .. } = assembly;
            let halves = halves.map(Half::finish);
            let decoded = match protocol {
                Protocol::Tcp => decoded::decode(&halves, decoding),
                _ => decoded::datagrams(&halves, decoding),
            };
            Followed { stream, protocol, ends, halves, decoded }
        });
        streams.collect()
    }
}

impl Followed {
    /// Packets that carried the bytes of one direction from `start` to `end`, each once, in the order of the bytes.
    pub fn packets(&self, half: usize, start: u64, end: u64) -> Vec<u64> {
        self.halves[half].packets(start, end)
    }
}
