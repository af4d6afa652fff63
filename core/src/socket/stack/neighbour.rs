//! Which Ethernet address belongs to which neighbour (RFC 826), and the packets that wait until that is known. It sends nothing itself.

use crate::machine::Deadline;
use crate::tcp::Purpose;
use crate::time::{Duration, Instant};
use crate::wire::{Ipv4, MacAddress};
use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;

/// How often a neighbour is asked for before it counts as absent: Linux's `mcast_solicit`.
const ATTEMPTS: u32 = 3;
/// Time between two requests: Linux's `retrans_time_ms`.
const INTERVAL: Duration = Duration::from_secs(1);
/// Packets that wait for one neighbour; a further one pushes the oldest out. Linux bounds the bytes instead.
const WAITING: usize = 128;

/// A packet on its way out with the reason TCP sent it.
pub(super) type Outgoing = (Ipv4, Option<Purpose>);

/// What is known of one neighbour.
enum Entry {
    Known(MacAddress),
    Asking { asked: u32, next: Instant, waiting: VecDeque<Outgoing> },
}

/// The neighbour table of a host.
#[derive(Default)]
pub(super) struct Neighbours {
    entries: BTreeMap<Ipv4Addr, Entry>,
}

/// What to do with a packet.
pub(super) enum Resolution {
    /// Send it there.
    To(MacAddress, Outgoing),
    /// It waits, and this is the first for its neighbour: ask.
    Ask,
    /// It waits.
    Wait,
}

/// What a timer leads to.
pub(super) enum Due {
    /// Ask once more.
    Ask(Ipv4Addr),
    /// Nobody answered: these packets cannot be delivered.
    Unreachable(VecDeque<Outgoing>),
}

impl Neighbours {
    pub fn resolve(&mut self, now: Instant, next_hop: Ipv4Addr, packet: Outgoing) -> Resolution {
        match self.entries.get_mut(&next_hop) {
            Some(Entry::Known(mac)) => Resolution::To(*mac, packet),
            Some(Entry::Asking { waiting, .. }) => {
                if waiting.len() == WAITING {
                    waiting.pop_front();
                }
                waiting.push_back(packet);
                Resolution::Wait
            }
            None => {
                let waiting = VecDeque::from([packet]);
                self.entries.insert(next_hop, Entry::Asking { asked: 1, next: now + INTERVAL, waiting });
                Resolution::Ask
            }
        }
    }

    /// The address of a neighbour became known; the packets that waited for it, in order.
    pub fn learn(&mut self, neighbour: Ipv4Addr, mac: MacAddress) -> VecDeque<Outgoing> {
        match self.entries.insert(neighbour, Entry::Known(mac)) {
            Some(Entry::Asking { waiting, .. }) => waiting,
            _ => VecDeque::new(),
        }
    }

    /// Whether nothing waits for an answer.
    pub fn is_quiet(&self) -> bool {
        !self.entries.values().any(|entry| matches!(entry, Entry::Asking { .. }))
    }

    pub fn poll_timeout(&self) -> Option<Deadline> {
        let due = self.entries.values().filter_map(|entry| match entry {
            Entry::Asking { next, .. } => Some(*next),
            Entry::Known(_) => None,
        });
        due.min().map(|at| Deadline { at, reason: "address resolution" })
    }

    /// What is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) -> Vec<Due> {
        let mut due = Vec::new();
        let mut absent = Vec::new();
        for (address, entry) in &mut self.entries {
            let Entry::Asking { asked, next, waiting } = entry else { continue };
            if *next > now {
                continue;
            }
            if *asked < ATTEMPTS {
                *asked += 1;
                *next = now + INTERVAL;
                due.push(Due::Ask(*address));
            } else {
                absent.push(*address);
                due.push(Due::Unreachable(std::mem::take(waiting)));
            }
        }
        for address in absent {
            self.entries.remove(&address);
        }
        due
    }
}
