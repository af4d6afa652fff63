//! When received data is acknowledged: at once, or a little later in the hope that it can ride on data (RFC 9293, 3.8.6.3;
//! RFC 5681, 4.2). The rules are those Linux keeps beyond the standard: quick at the start of a flow, lazy in a dialogue.

use crate::time::{Duration, Instant};

/// How long an acknowledgement waits at first; the standard allows 500 ms.
const DELAY: Duration = Duration::from_millis(40);

/// How long it waits before any data came: one tick of Linux's clock.
const TICK: Duration = Duration::from_millis(4);

/// The longest wait that Linux allows itself.
const LONGEST_DELAY: Duration = Duration::from_millis(200);

/// How many acknowledgements at most are sent at once at the start of a flow.
const QUICK: u64 = 16;

/// The segment size that is assumed of the peer before it sent any (RFC 9293, 3.7.1).
const FIRST_GUESS: u32 = 536;

/// What to do about received data that is not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing waits.
    Nothing,
    Now,
    Delay(Duration),
}

/// The acknowledgement policy of one connection.
#[derive(Clone, Debug)]
pub(super) struct Acknowledgement {
    /// Off: every segment is acknowledged at once.
    delayed: bool,
    /// What the peer's full segments seem to carry.
    segment: u32,
    /// Acknowledgements still to be sent at once.
    quick: u64,
    /// The application answers what it receives: acknowledgements ride on its data.
    dialogue: bool,
    /// How long to wait; zero before the first data.
    delay: Duration,
    last_arrival: Option<Instant>,
    pending: bool,
    immediate: bool,
    /// Short or pushed segments since the last acknowledgement: none, one, more.
    pushed: u8,
}

impl Acknowledgement {
    pub fn new(delayed: bool, mss: u32) -> Self {
        Acknowledgement {
            delayed,
            segment: mss.min(FIRST_GUESS),
            quick: 0,
            dialogue: false,
            delay: Duration::ZERO,
            last_arrival: None,
            pending: false,
            immediate: false,
            pushed: 0,
        }
    }

    /// What the peer's full segments seem to carry.
    pub fn segment(&self) -> u32 {
        self.segment
    }

    /// `TCP_QUICKACK`: on makes the next acknowledgements immediate, off makes them lazy.
    pub fn set_quick(&mut self, on: bool) {
        self.dialogue = !on;
        self.immediate |= on && self.pending;
    }

    pub fn is_pending(&self) -> bool {
        self.pending
    }

    /// An acknowledgement is owed at once: out of order, FIN, a duplicate.
    pub fn demand(&mut self) {
        self.pending = true;
        self.immediate = true;
    }

    /// Duplicates mean that the peer lost an acknowledgement: the next ones go at once.
    pub fn hurry(&mut self, window: u64) {
        self.dialogue = false;
        self.delay = DELAY;
        self.be_quick(window);
    }

    /// New data arrived.
    pub fn data_arrived(&mut self, now: Instant, length: u32, push: bool, mss: u32, window: u64, rto: Duration) {
        self.pending = true;
        if length >= self.segment {
            self.segment = length.min(mss);
            self.pushed = self.pushed.max(u8::from(push));
        } else {
            self.pushed = (self.pushed + 1).min(2);
        }
        match self.last_arrival {
            None => {
                self.be_quick(window);
                self.delay = DELAY;
            }
            Some(last) => {
                let gap = now.since(last);
                let half = DELAY.as_micros() / 2;
                if gap.as_micros() <= half {
                    self.delay = Duration::from_micros(self.delay.as_micros() / 2 + half);
                } else if gap < self.delay {
                    self.delay = rto.min(Duration::from_micros(self.delay.as_micros() / 2) + gap);
                } else if gap > rto {
                    // A long silence: the peer may have restarted from a small window.
                    self.be_quick(window);
                }
            }
        }
        self.last_arrival = Some(now);
    }

    /// The peer finished first. The application will close soon, and its FIN can carry the acknowledgement: so a close of four
    /// segments often takes three.
    pub fn peer_finished(&mut self) {
        self.pending = true;
        self.dialogue = true;
    }

    /// Data was sent: if it answers what arrived a moment ago, this is a dialogue.
    pub fn data_sent(&mut self, now: Instant) {
        if self.last_arrival.is_some_and(|last| now.since(last) < self.delay) {
            self.dialogue = true;
        }
    }

    /// A segment with ACK went out.
    pub fn sent(&mut self) {
        if self.pending && self.quick > 0 {
            self.quick -= 1;
            if self.quick == 0 {
                self.delay = DELAY;
            }
        }
        self.pending = false;
        self.immediate = false;
        self.pushed = 0;
    }

    /// The window is nearly closed: hurrying would only bring more.
    pub fn calm(&mut self) {
        self.quick = 0;
    }

    /// What to do. `unacknowledged` bytes arrived since the last acknowledgement; `room` says that the window offered now is
    /// not smaller than the last one; `holes` that data waits out of order.
    pub fn decide(&self, unacknowledged: u64, room: bool, holes: bool, smoothed: Option<Duration>) -> Decision {
        if !self.pending {
            return Decision::Nothing;
        }
        let second_segment = unacknowledged > u64::from(self.segment) && room;
        let quick = self.quick > 0 && !self.dialogue;
        if self.immediate || !self.delayed || second_segment || quick || holes {
            return Decision::Now;
        }
        let mut delay = self.delay;
        if delay > DELAY {
            let mut longest = if self.dialogue || self.pushed > 0 { LONGEST_DELAY } else { Duration::from_millis(500) };
            if let Some(rtt) = smoothed {
                longest = longest.min(rtt.max(DELAY));
            }
            delay = delay.min(longest);
        }
        Decision::Delay(if delay == Duration::ZERO { TICK } else { delay.max(DELAY) })
    }

    /// The application read `copied` bytes; `drained` if none are left. Whether to acknowledge now.
    pub fn after_read(&self, copied: usize, drained: bool, unacknowledged: u64) -> bool {
        self.pending
            && (unacknowledged > u64::from(self.segment)
                || (copied > 0 && drained && (self.pushed > 1 || (self.pushed == 1 && !self.dialogue))))
    }

    /// The delay ran out, so the guess that data would carry the acknowledgement was wrong.
    pub fn expired(&mut self, rto: Duration) {
        if self.dialogue {
            self.dialogue = false;
            self.delay = DELAY;
        } else {
            self.delay = self.delay.saturating_mul(2).min(rto);
        }
        self.immediate = true;
    }

    fn be_quick(&mut self, window: u64) {
        let segments = (window / (2 * u64::from(self.segment.max(1)))).max(2);
        self.quick = self.quick.max(segments.min(QUICK));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTO: Duration = Duration::from_millis(200);

    fn at(millis: u64) -> Instant {
        Instant::from_micros(millis * 1000)
    }

    /// A flow past its quick start.
    fn settled() -> Acknowledgement {
        let mut acks = Acknowledgement::new(true, 1448);
        acks.data_arrived(at(0), 1448, false, 1448, 64_000, RTO);
        while acks.quick > 0 {
            acks.pending = true;
            acks.sent();
        }
        acks
    }

    #[test]
    fn the_first_segments_are_acknowledged_at_once() {
        let mut acks = Acknowledgement::new(true, 1448);
        for _ in 0..16 {
            acks.data_arrived(at(0), 100, true, 1448, 64_000, RTO);
            assert_eq!(acks.decide(100, true, false, None), Decision::Now);
            acks.sent();
        }
        acks.data_arrived(at(0), 100, true, 1448, 64_000, RTO);
        assert_eq!(acks.decide(100, true, false, None), Decision::Delay(DELAY));
    }

    #[test]
    fn every_second_full_segment_is_acknowledged_at_once() {
        let mut acks = settled();
        acks.data_arrived(at(1), 1448, false, 1448, 64_000, RTO);
        assert!(matches!(acks.decide(1448, true, false, None), Decision::Delay(_)));
        acks.data_arrived(at(1), 1448, false, 1448, 64_000, RTO);
        assert_eq!(acks.decide(2896, true, false, None), Decision::Now);
    }

    #[test]
    fn a_segment_out_of_order_is_acknowledged_at_once() {
        let mut acks = settled();
        acks.data_arrived(at(1), 100, false, 1448, 64_000, RTO);
        assert_eq!(acks.decide(0, true, true, None), Decision::Now);
    }

    #[test]
    fn an_answer_makes_a_dialogue_and_its_acknowledgements_wait() {
        let mut acks = Acknowledgement::new(true, 1448);
        acks.data_arrived(at(0), 100, true, 1448, 64_000, RTO);
        acks.data_sent(at(1));
        acks.sent();
        acks.data_arrived(at(2), 100, true, 1448, 64_000, RTO);
        assert_eq!(acks.decide(100, true, false, None), Decision::Delay(DELAY));
        acks.expired(RTO);
        assert!(!acks.dialogue);
    }

    #[test]
    fn switched_off_nothing_waits() {
        let mut acks = settled();
        acks.delayed = false;
        acks.data_arrived(at(1), 1, false, 1448, 64_000, RTO);
        assert_eq!(acks.decide(1, true, false, None), Decision::Now);
    }
}
