//! Windows: how much to offer the peer (RFC 9293, 3.8.6.2.2; scaling RFC 7323, 2), and what the peer offered (3.10.7.4).
//! The offer follows Linux: a share of the buffer, never drawn back, closed early rather than by crumbs.

use super::sequence::Position;
use crate::time::{Duration, Instant};

/// The largest shift (RFC 7323, 2.3).
pub(super) const LARGEST_SHIFT: u8 = 14;

/// What a buffer of `size` offers before anything arrived: the other half is kept for headers and bookkeeping.
const fn first_share(size: usize) -> u64 {
    size as u64 / 2
}

/// What it offers once Linux has seen what full segments really occupy: about two thirds is payload.
const fn share(size: usize) -> u64 {
    size as u64 * 2 / 3
}

/// The window offered to the peer.
#[derive(Clone, Debug)]
pub(super) struct ReceiveWindow {
    /// Buffer size as `SO_RCVBUF` reports it.
    size: usize,
    maximum: usize,
    mss: u32,
    /// How far the offer may go now; grows as data arrives.
    threshold: u64,
    /// What was offered last, and from which position on.
    offered: u64,
    from: Position,
    /// Our scale shift; zero unless both sides scale.
    shift: u8,
    /// For growth: where the reader was, and when, at the start of this round trip, and what it read in the best one.
    round: Option<(Instant, u64)>,
    read: u64,
    best_round: u64,
}

impl ReceiveWindow {
    pub fn new(size: usize, maximum: usize, mss: u32) -> Self {
        ReceiveWindow {
            size,
            maximum: maximum.max(size),
            mss,
            threshold: 0,
            offered: 0,
            from: 0,
            shift: 0,
            round: None,
            read: 0,
            best_round: 0,
        }
    }

    /// Buffer size as `SO_RCVBUF` reports it.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The most that can be offered.
    pub fn full(&self) -> u64 {
        share(self.size)
    }

    /// Sets the size for good: `SO_RCVBUF`.
    pub fn fix(&mut self, size: usize) {
        self.size = size;
        self.maximum = size;
    }

    /// The shift to offer in SYN: enough for the largest the buffer may become.
    pub fn wanted_shift(&self) -> u8 {
        let space = if self.maximum > self.size { self.maximum as u64 } else { first_share(self.size) };
        (space.max(1).ilog2().saturating_sub(15) as u8).min(LARGEST_SHIFT)
    }

    /// The shift in use.
    #[cfg(test)]
    pub fn shift(&self) -> u8 {
        self.shift
    }

    /// Both sides scale: windows are from now on counted in `1 << shift`.
    pub fn scale(&mut self, shift: u8) {
        self.shift = shift;
    }

    /// The window of SYN or SYN-ACK, never scaled (RFC 7323, 2.2): a multiple of the payload that segments will carry.
    pub fn first_offer(&mut self, payload: u32) -> u16 {
        let space = first_share(self.size).min(u64::from(u16::MAX));
        let payload = u64::from(payload.max(1));
        let window = if space > payload { space / payload * payload } else { space };
        self.threshold = self.threshold.max(window);
        self.offered = window;
        self.from = 1;
        window as u16
    }

    /// Position behind the last byte the peer may send.
    pub fn right_edge(&self) -> Position {
        self.from + self.offered as Position
    }

    /// What is left of the offer when the peer's data is complete up to `next`.
    pub fn remaining(&self, next: Position) -> u64 {
        (self.right_edge() - next).max(0) as u64
    }

    /// What was offered last.
    pub fn offered(&self) -> u64 {
        self.offered
    }

    /// RCV.NXT when the last acknowledgement went.
    pub fn acknowledged(&self) -> Position {
        self.from
    }

    /// The window to offer with `used` bytes in the buffer and full segments of `segment` bytes.
    pub fn select(&self, used: usize, segment: u32) -> u64 {
        let full = share(self.size);
        let segment = u64::from(segment).min(full);
        let mut free = full.saturating_sub(used as u64);
        if self.is_tight(used) {
            free = free >> self.shift << self.shift;
            if free < full / 16 || free < segment {
                return 0;
            }
        }
        free = free.min(self.threshold);
        if self.shift > 0 {
            return free.next_multiple_of(1 << self.shift);
        }
        // Without scaling keep to whole segments, and keep the old offer if it is near enough.
        if self.offered + segment <= free || self.offered > free {
            return free / segment.max(1) * segment;
        }
        if segment == full && free > self.offered + full / 2 {
            return free;
        }
        self.offered
    }

    /// Whether less than half of the buffer is free.
    pub fn is_tight(&self, used: usize) -> bool {
        let full = share(self.size);
        full.saturating_sub(used as u64) < full / 2
    }

    /// Makes an offer from `next` on: the header field. What was offered is never taken back.
    pub fn offer(&mut self, next: Position, used: usize, segment: u32) -> u16 {
        let unit = 1u64 << self.shift;
        let mut window = self.select(used, segment);
        let standing = self.remaining(next);
        if window < standing {
            window = standing.next_multiple_of(unit);
        }
        window = window.min(u64::from(u16::MAX) << self.shift);
        self.offered = window;
        self.from = next;
        (window >> self.shift) as u16
    }

    /// Data of `length` bytes arrived: the offer may grow towards what the buffer allows. Short segments, which occupy more than
    /// they carry, do not make it grow.
    pub fn data_arrived(&mut self, length: u32) {
        let full = share(self.size);
        if self.threshold < full && 2 * length >= self.mss {
            let step = u64::from(self.mss.max(length)) * 2;
            self.threshold = (self.threshold + step).min(full);
        }
    }

    /// The application read `copied` bytes. A reader that keeps up with a full window within a round trip gets a larger buffer.
    pub fn data_read(&mut self, now: Instant, copied: usize, round_trip: Option<Duration>) {
        self.read += copied as u64;
        let (began, read_then) = *self.round.get_or_insert((now, self.read - copied as u64));
        let Some(round_trip) = round_trip else { return };
        if now.since(began) < round_trip || copied == 0 {
            return;
        }
        let round = self.read - read_then;
        self.round = Some((now, self.read));
        if self.best_round == 0 {
            self.best_round = share(self.size).min(10 * u64::from(self.mss));
        }
        if round <= self.best_round {
            return;
        }
        // Twice what was read, so that the sender may double, and a margin for bursts.
        let mut wanted = 2 * round + 16 * u64::from(self.mss);
        wanted += 2 * (u128::from(wanted) * u128::from(round - self.best_round) / u128::from(self.best_round)) as u64;
        self.best_round = round;
        let size = usize::try_from(wanted + wanted / 2).unwrap_or(usize::MAX).min(self.maximum);
        if size > self.size {
            self.size = size;
        }
    }
}

/// The window the peer offers us.
#[derive(Clone, Debug, Default)]
pub(super) struct SendWindow {
    size: u64,
    largest: u64,
    /// SND.WL1: the sequence position of the segment that set it.
    set_by: Position,
    /// SND.UNA when it was set, so that the right edge is known.
    from: Position,
    shift: u8,
}

impl SendWindow {
    /// The first window, from SYN or SYN-ACK: not scaled.
    pub fn begin(&mut self, window: u16, sequence: Position, acknowledged: Position) {
        self.size = u64::from(window);
        self.largest = self.size;
        self.set_by = sequence;
        self.from = acknowledged;
    }

    /// Both sides scale, the peer by this much.
    pub fn scale(&mut self, shift: u8) {
        self.shift = shift.min(LARGEST_SHIFT);
    }

    /// The largest window seen: the measure for sender-side silly window avoidance.
    pub fn largest(&self) -> u64 {
        self.largest
    }

    /// Position behind the last byte we may send.
    pub fn right_edge(&self) -> Position {
        self.from + self.size as Position
    }

    /// An acceptable acknowledgement arrived. Whether the right edge or the size changed.
    pub fn update(&mut self, window: u16, sequence: Position, acknowledged: Position, advanced: bool) -> bool {
        let window = u64::from(window) << self.shift;
        let newer =
            advanced || sequence > self.set_by || (sequence == self.set_by && (window > self.size || window == 0));
        if !newer {
            return false;
        }
        let changed = window != self.size;
        self.set_by = sequence;
        self.from = acknowledged;
        self.size = window;
        self.largest = self.largest.max(window);
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> ReceiveWindow {
        let mut window = ReceiveWindow::new(131_072, 6 << 20, 1460);
        assert_eq!(window.first_offer(1460), 64_240);
        assert_eq!(window.wanted_shift(), 7);
        window.scale(7);
        window
    }

    #[test]
    fn the_first_offers_are_those_of_linux() {
        let mut window = opened();
        assert_eq!(window.offer(1, 0, 536), 502);
        assert_eq!(ReceiveWindow::new(131_072, 6 << 20, 1460).first_offer(1448), 65_160);
    }

    #[test]
    fn full_segments_make_the_offer_grow_and_short_ones_do_not() {
        let mut window = opened();
        window.data_arrived(12);
        assert_eq!(window.offer(13, 0, 536), 502);
        window.data_arrived(1448);
        assert!(window.offer(1461, 0, 1448) > 502);
    }

    #[test]
    fn the_right_edge_never_moves_left() {
        let mut window = opened();
        window.offer(1, 0, 1448);
        let edge = window.right_edge();
        for used in [10_000usize, 40_000, 64_000] {
            window.offer(1 + used as Position, used, 1448);
            assert!(window.right_edge() >= edge);
        }
    }

    #[test]
    fn a_full_buffer_closes_the_window_and_crumbs_do_not_open_it() {
        let mut window = opened();
        window.offer(1, 0, 1448);
        let edge = window.right_edge();
        let full = 131_072 * 2 / 3;
        assert_eq!(window.offer(edge, full, 1448), 0);
        assert_eq!(window.select(full - 1000, 1448), 0);
        assert_eq!(window.select(full - 5000, 1448), 0, "less than a sixteenth");
        assert!(window.select(full - 8000, 1448) > 7000);
    }

    #[test]
    fn without_scaling_the_offer_keeps_to_whole_segments() {
        let mut window = ReceiveWindow::new(16_384, 16_384, 1460);
        assert_eq!(window.first_offer(1460), 7300);
        assert_eq!(window.offer(1, 100, 1460), 7300);
        assert_eq!(window.select(6000, 1460), 4380);
    }

    #[test]
    fn a_reader_that_keeps_up_gets_a_larger_buffer() {
        let mut window = opened();
        let rtt = Some(Duration::from_millis(10));
        for round in 0..20 {
            window.data_read(Instant::from_micros(round * 10_000), 60_000, rtt);
        }
        assert!(window.size() > 131_072);
        let mut fixed = ReceiveWindow::new(8192, 8192, 1460);
        for round in 0..20 {
            fixed.data_read(Instant::from_micros(round * 10_000), 60_000, rtt);
        }
        assert_eq!(fixed.size(), 8192);
    }

    #[test]
    fn an_old_segment_does_not_change_the_window() {
        let mut window = SendWindow::default();
        window.begin(1000, 0, 1);
        assert!(window.update(500, 10, 1, false));
        assert!(!window.update(900, 9, 1, false));
        assert_eq!(window.right_edge(), 501);
        assert!(window.update(900, 10, 1, false), "the same segment number may enlarge it");
    }
}
