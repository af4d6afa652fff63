//! The link as a machine: what enters gets a verdict at once, what arrives comes out in time order.
//! It owns no clock and does not know what it carries.

use super::{Cause, Class, Config, Verdict};
use crate::random::Random;
use crate::time::{Duration, Instant};
use crate::wire::ETHERNET_HEADER;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::sync::Arc;

/// The link between every pair of hosts.
///
/// Each direction of each pair is a wire of its own, first come first served:
///
/// ```text
///  send ──► MTU ──► queue (tail drop) ──► transmitter (rate) ──► scripted drop, loss ──► delay ──► arrival
///                                                                               └► duplicate, reorder
/// ```
///
/// - A frame longer than the MTU and its Ethernet header is dropped before anything else.
/// - The transmitter sends one frame at a time at `rate`; at most `queue` frames wait behind it, the next is dropped.
///   Preamble, FCS and gap are not counted: a frame of 1,514 bytes at 10 Mbit/s takes 1,211.2 µs.
/// - A frame that is lost, by plan or by chance, has used the transmitter as any other: it is lost on the way.
/// - A duplicate arrives right behind its original (one transmission time, at least 1 µs, later). It is never lost.
/// - A reordered frame is held back for one more `delay` (at least 1 ms) and the time a full frame takes to send.
///   So the next frame overtakes it if it was waiting behind it, or is sent within that time.
///
/// Chance is seeded, with a generator for each direction and always three draws a frame: changing one probability, or
/// the traffic the other way, does not change what happens otherwise.
///
/// ```
/// use sockscope_core::{link::{Class, Config, Link, Verdict}, time::Instant};
/// let mut link = Link::new(Config::default(), &["client".into(), "server".into()], 1);
/// let sent = link.send(Instant::ZERO, 0, 1, "hello", 60, Class::default());
/// assert_eq!(sent.verdict, Verdict::Deliver { at: Instant::from_micros(1_000) });
/// assert!(link.poll_arrival(Instant::from_micros(999)).is_none());
/// assert_eq!(link.poll_arrival(Instant::from_micros(1_000)).unwrap().item, "hello");
/// ```
#[derive(Debug)]
pub struct Link<T> {
    config: Config,
    seed: u64,
    directions: BTreeMap<(usize, usize), Direction>,
    scripts: Vec<Script>,
    arrivals: BinaryHeap<Reverse<Pending<T>>>,
    sequence: u64,
}

/// What the link decided about a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// What becomes of it.
    pub verdict: Verdict,
    /// Time it waits behind earlier frames before its first bit leaves.
    pub queued: Duration,
    /// When the copy arrives, where the link makes one.
    pub duplicate: Option<Instant>,
}

/// A frame that comes out at a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival<T> {
    /// When its last bit arrived.
    pub at: Instant,
    /// The host that sent it.
    pub from: usize,
    /// The host that it reached.
    pub to: usize,
    /// What was sent.
    pub item: T,
    /// Whether it is the link's copy.
    pub duplicate: bool,
}

/// One wire, from one host to another.
#[derive(Debug)]
struct Direction {
    random: Random,
    /// When the transmitter is idle again, in nanoseconds: at high rates a frame takes less than a microsecond.
    idle_at: u64,
    /// When each waiting frame begins to be sent, in nanoseconds.
    waiting: VecDeque<u64>,
}

/// A scripted drop and how far it has counted.
#[derive(Debug)]
struct Script {
    from: usize,
    seen: u32,
    drop: super::ScriptedDrop,
}

/// Something on its way. Ordered by arrival, then by when it entered.
#[derive(Debug)]
struct Pending<T> {
    sequence: u64,
    arrival: Arrival<T>,
}

impl<T> Pending<T> {
    fn order(&self) -> (Instant, u64) {
        (self.arrival.at, self.sequence)
    }
}

impl<T> PartialEq for Pending<T> {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl<T> Eq for Pending<T> {}

impl<T> PartialOrd for Pending<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Pending<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

impl<T: Clone> Link<T> {
    /// A silent link. `hosts` are the names that scripted drops may mention, in the order of the numbers that
    /// [`Link::send`] takes; a drop that names no host never happens.
    pub fn new(config: Config, hosts: &[Arc<str>], seed: u64) -> Self {
        let scripts = config.drop.iter().filter_map(|drop| {
            let from = hosts.iter().position(|host| *host == drop.from)?;
            Some(Script { from, seen: 0, drop: drop.clone() })
        });
        let scripts = scripts.collect();
        Link { config, seed, directions: BTreeMap::new(), scripts, arrivals: BinaryHeap::new(), sequence: 0 }
    }

    /// When the next frame comes out, if any is on its way.
    pub fn next_arrival(&self) -> Option<Instant> {
        self.arrivals.peek().map(|Reverse(pending)| pending.arrival.at)
    }

    /// Puts a frame of `length` bytes, Ethernet header included, on the wire from one host to another.
    pub fn send(&mut self, now: Instant, from: usize, to: usize, item: T, length: usize, class: Class) -> Sent {
        let scripted = self.count(from, class);
        self.transmit(now, (from, to), item, length, scripted)
    }

    /// Puts one frame on the wires to several hosts: a broadcast. Scripted drops count it once and lose it for all;
    /// everything else is decided for each receiver.
    pub fn broadcast(
        &mut self,
        now: Instant,
        from: usize,
        to: impl IntoIterator<Item = usize>,
        item: T,
        length: usize,
        class: Class,
    ) -> Vec<(usize, Sent)> {
        let scripted = self.count(from, class);
        to.into_iter().map(|to| (to, self.transmit(now, (from, to), item.clone(), length, scripted))).collect()
    }

    /// The next frame that has come out by `now`, oldest first.
    pub fn poll_arrival(&mut self, now: Instant) -> Option<Arrival<T>> {
        if self.next_arrival()? > now {
            return None;
        }
        self.arrivals.pop().map(|Reverse(pending)| pending.arrival)
    }

    /// Lets every scripted drop count a frame; says whether one of them takes it.
    fn count(&mut self, from: usize, class: Class) -> bool {
        let mut taken = false;
        for script in &mut self.scripts {
            if script.from == from && class.counts_as(script.drop.counted) {
                script.seen = script.seen.saturating_add(1);
                taken |= script.seen == script.drop.nth;
            }
        }
        taken
    }

    fn transmit(&mut self, now: Instant, way: (usize, usize), item: T, length: usize, scripted: bool) -> Sent {
        let dropped = |cause, queued| Sent { verdict: Verdict::Drop { cause }, queued, duplicate: None };
        let longest = usize::from(self.config.mtu) + ETHERNET_HEADER;
        if length > longest {
            return dropped(Cause::TooLong, Duration::ZERO);
        }
        let direction = self.directions.entry(way).or_insert_with(|| {
            let purpose = (way.0 as u64) << 32 | way.1 as u64;
            Direction { random: Random::stream(self.seed, purpose), idle_at: 0, waiting: VecDeque::new() }
        });
        let [lost, copied, held] = [self.config.loss, self.config.duplicate, self.config.reorder]
            .map(|probability| direction.random.chance(probability));
        let now_nanos = now.as_micros().saturating_mul(1_000);
        let time = sending_nanos(length, self.config.rate);
        let Some(start) = direction.enqueue(now_nanos, time, self.config.queue) else {
            return dropped(Cause::QueueFull, Duration::ZERO);
        };
        let queued = Duration::from_micros((start - now_nanos).div_ceil(1_000));
        if scripted || lost {
            return dropped(if scripted { Cause::Scripted } else { Cause::Loss }, queued);
        }
        let mut at = Instant::from_micros(start.saturating_add(time).div_ceil(1_000)) + self.config.delay;
        if held {
            let extra = self.config.delay.max(Duration::from_millis(1));
            at = at + extra + Duration::from_micros(sending_nanos(longest, self.config.rate).div_ceil(1_000));
        }
        let duplicate = copied.then(|| at + Duration::from_micros(time.div_ceil(1_000).max(1)));
        let (from, to) = way;
        if let Some(at) = duplicate {
            self.deliver(Arrival { at, from, to, item: item.clone(), duplicate: true });
        }
        self.deliver(Arrival { at, from, to, item, duplicate: false });
        Sent { verdict: Verdict::Deliver { at }, queued, duplicate }
    }

    fn deliver(&mut self, arrival: Arrival<T>) {
        self.sequence += 1;
        self.arrivals.push(Reverse(Pending { sequence: self.sequence, arrival }));
    }
}

impl Direction {
    /// When a frame that takes `time` begins to be sent, or `None` where `queue` frames wait already.
    fn enqueue(&mut self, now: u64, time: u64, queue: u32) -> Option<u64> {
        while self.waiting.front().is_some_and(|start| *start <= now) {
            self.waiting.pop_front();
        }
        let start = self.idle_at.max(now);
        if start > now {
            if self.waiting.len() >= queue as usize {
                return None;
            }
            self.waiting.push_back(start);
        }
        self.idle_at = start.saturating_add(time);
        Some(start)
    }
}

/// How long the transmitter needs for `length` bytes, in nanoseconds.
fn sending_nanos(length: usize, rate: Option<u64>) -> u64 {
    let Some(rate) = rate else { return 0 };
    let nanos = (length as u128 * 8 * 1_000_000_000).div_ceil(u128::from(rate.max(1)));
    u64::try_from(nanos).unwrap_or(u64::MAX)
}
