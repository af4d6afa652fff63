//! Fragments back into packets (RFC 791, 3.2; RFC 1122, 3.3.2): what one host remembers of packets not yet whole.
//! It never guesses: overlapping fragments lose the packet, and so does a fragment that comes too late.

use super::dissect::dissect_transport;
use super::{Ipv4, Malformed, Transport};
use crate::machine::Deadline;
use crate::stream::Data;
use crate::time::{Duration, Instant};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// How long the first fragment waits for the others: Linux's `net.ipv4.ipfrag_time`, 30 s. (RFC 1122, 3.3.2, would
/// have 60 s to 120 s; a learner's run is shorter.)
pub const LIFETIME: Duration = Duration::from_secs(30);

/// Bytes that unfinished packets of one host may hold together: Linux's `net.ipv4.ipfrag_high_thresh`, 4 MiB.
pub const MEMORY: usize = 4 << 20;

/// Unfinished packets of one host. Linux counts its own overhead to the memory, which comes to about as many.
pub const MOST_UNFINISHED: usize = 4_096;

/// Fragments of one packet may not outnumber those of the smallest link that IPv4 allows (68 bytes, RFC 791).
const MOST_FRAGMENTS: usize = 65_536 / 48;

/// What tells packets apart whose fragments are mixed.
type Key = (Ipv4Addr, Ipv4Addr, u8, u16);

/// Packets of one host that are not yet whole.
#[derive(Debug, Default)]
pub struct Reassembly {
    unfinished: BTreeMap<Key, Unfinished>,
    held: usize,
    /// No packet expires before this.
    earliest: Instant,
}

#[derive(Debug)]
struct Unfinished {
    expires: Instant,
    /// By offset; they do not overlap.
    pieces: BTreeMap<u16, Data>,
    /// Where the packet ends, once the last fragment has come.
    end: Option<usize>,
    /// The packet that carried offset zero, for its header.
    first: Option<Ipv4>,
    bytes: usize,
}

/// Why a fragment, and all that was kept of its packet, was thrown away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// It overlaps an earlier fragment that differs, or reaches beyond the end of the packet.
    #[error("the fragment at {offset} overlaps another one or the end of the packet")]
    Overlap {
        /// Its offset in bytes.
        offset: u16,
    },
    /// It is not the last one and its length is no multiple of eight, or the packet would pass 65,535 bytes.
    #[error("a fragment of {length} bytes at {offset} is impossible")]
    Impossible {
        /// Its offset in bytes.
        offset: u16,
        /// Its length in bytes.
        length: usize,
    },
    /// Unfinished packets hold too much already.
    #[error("unfinished packets hold {held} bytes, {limit} are allowed")]
    Memory {
        /// Bytes held.
        held: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The whole packet is there, and what it carries is malformed.
    #[error("the reassembled packet is malformed: {0}")]
    Malformed(Malformed),
}

impl Reassembly {
    /// A host that has seen no fragment.
    pub fn new() -> Self {
        Reassembly::default()
    }

    /// Takes a packet that arrived. Whole ones come back at once, a fragment with the packet that it completes.
    pub fn handle_packet(&mut self, now: Instant, packet: Ipv4) -> Result<Option<Ipv4>, Lost> {
        if !packet.more_fragments && packet.fragment_offset == 0 {
            return Ok(Some(packet));
        }
        match self.complete(now, packet)? {
            Some((unfinished, protocol)) => unfinished.packet(protocol).map(Some),
            None => Ok(None),
        }
    }

    /// Takes a fragment; the answer is the payload of the packet that it completes, whatever that payload is.
    pub fn handle_fragment(&mut self, now: Instant, fragment: Ipv4) -> Result<Option<Data>, Lost> {
        Ok(self.complete(now, fragment)?.map(|(unfinished, _)| unfinished.payload()))
    }

    /// All pieces of the packet that a fragment completes, with its protocol.
    fn complete(&mut self, now: Instant, packet: Ipv4) -> Result<Option<(Unfinished, u8)>, Lost> {
        let Transport::Other { protocol, data } = &packet.payload else {
            // Only what is no fragment is told apart.
            return Ok(None);
        };
        let (protocol, data) = (*protocol, data.clone());
        self.handle_timeout(now);
        let key = (packet.source, packet.destination, protocol, packet.identification);
        if self.unfinished.len() >= MOST_UNFINISHED && !self.unfinished.contains_key(&key) {
            return Err(Lost::Memory { held: self.held, limit: MEMORY });
        }
        if self.unfinished.is_empty() {
            self.earliest = now + LIFETIME;
        }
        self.earliest = self.earliest.min(now + LIFETIME);
        let unfinished = self.unfinished.entry(key).or_insert_with(|| Unfinished {
            expires: now + LIFETIME,
            pieces: BTreeMap::new(),
            end: None,
            first: None,
            bytes: 0,
        });
        let before = unfinished.bytes;
        let lost = match unfinished.add(packet, data) {
            Ok(()) if self.held + unfinished.bytes - before > MEMORY => {
                Some(Lost::Memory { held: self.held, limit: MEMORY })
            }
            Ok(()) => None,
            Err(lost) => Some(lost),
        };
        if lost.is_none() && !unfinished.is_whole() {
            self.held += unfinished.bytes - before;
            return Ok(None);
        }
        let unfinished = self.unfinished.remove(&key).expect("it was inserted above");
        self.held -= before;
        match lost {
            Some(lost) => Err(lost),
            None => Ok(Some((unfinished, protocol))),
        }
    }

    /// Forgets the packets whose time has passed; says how many they were.
    pub fn handle_timeout(&mut self, now: Instant) -> usize {
        if now < self.earliest {
            return 0;
        }
        let before = self.unfinished.len();
        let held = &mut self.held;
        self.unfinished.retain(|_, unfinished| {
            let keep = unfinished.expires > now;
            *held -= if keep { 0 } else { unfinished.bytes };
            keep
        });
        self.earliest = self.unfinished.values().map(|unfinished| unfinished.expires).min().unwrap_or(now);
        before - self.unfinished.len()
    }

    /// When the oldest unfinished packet is given up.
    pub fn poll_timeout(&self) -> Option<Deadline> {
        let at = self.unfinished.values().map(|unfinished| unfinished.expires).min()?;
        Some(Deadline { at, reason: "fragment reassembly" })
    }
}

impl Unfinished {
    fn add(&mut self, packet: Ipv4, data: Data) -> Result<(), Lost> {
        let offset = packet.fragment_offset;
        let (start, end) = (usize::from(offset), usize::from(offset) + data.len());
        if data.is_empty() || end > 65_515 || (packet.more_fragments && !data.len().is_multiple_of(8)) {
            return Err(Lost::Impossible { offset, length: data.len() });
        }
        if self.pieces.get(&offset).is_some_and(|earlier| *earlier == data) {
            return Ok(()); // the same fragment again: the link duplicated it
        }
        let overlap = Lost::Overlap { offset };
        let before = self.pieces.range(..offset).next_back().map(|(at, piece)| usize::from(*at) + piece.len());
        let after = self.pieces.range(offset..).next().map(|(at, _)| usize::from(*at));
        let last = self.pieces.last_key_value().map_or(0, |(at, piece)| usize::from(*at) + piece.len());
        if before.is_some_and(|before| before > start) || after.is_some_and(|after| after < end) {
            return Err(overlap);
        }
        if self.end.is_some_and(|whole| end > whole) || (!packet.more_fragments && last > end) {
            return Err(overlap);
        }
        if self.pieces.len() == MOST_FRAGMENTS {
            return Err(Lost::Memory { held: self.bytes, limit: self.bytes });
        }
        if !packet.more_fragments {
            self.end = Some(end);
        }
        self.bytes += data.len();
        self.pieces.insert(offset, data);
        if offset == 0 {
            self.first = Some(packet);
        }
        Ok(())
    }

    /// Pieces do not overlap and none reaches beyond the end, so their lengths tell.
    fn is_whole(&self) -> bool {
        self.end == Some(self.bytes)
    }

    fn payload(&self) -> Data {
        let mut bytes = Vec::with_capacity(self.bytes);
        for piece in self.pieces.values() {
            bytes.extend_from_slice(piece);
        }
        bytes.into()
    }

    fn packet(self, protocol: u8) -> Result<Ipv4, Lost> {
        let payload = self.payload();
        let first = self.first.expect("a packet without gaps begins at zero");
        let payload = dissect_transport(&payload.0, protocol, first.source, first.destination);
        let payload = payload.map_err(Lost::Malformed)?;
        Ok(Ipv4 { more_fragments: false, fragment_offset: 0, payload, ..first })
    }
}
