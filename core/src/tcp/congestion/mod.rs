//! Congestion control: how many segments may be in flight (RFC 5681, RFC 6582, RFC 9438). It counts segments, as Linux does;
//! which segments were lost is the scoreboard's finding.

mod cubic;
mod reno;

use super::Algorithm;
use super::sequence::Position;
use crate::time::{Duration, Instant};
use cubic::Cubic;
use reno::Reno;

/// The initial window (RFC 6928).
pub(super) const INITIAL_WINDOW: u32 = 10;

/// The smallest slow start threshold (RFC 5681, 3.1).
const SMALLEST_THRESHOLD: u32 = 2;

/// What one acknowledgement tells an algorithm.
#[derive(Clone, Copy, Debug)]
struct Ack {
    now: Instant,
    segments: u32,
    rtt: Option<Duration>,
}

#[derive(Clone, Debug)]
enum Rule {
    Reno(Reno),
    Cubic(Cubic),
}

/// What the sender is doing about losses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing is known to be lost.
    Open,
    /// Fast recovery until everything that was in flight at its start is acknowledged.
    Recovery { until: Position },
    /// After a timeout, likewise.
    Timeout { until: Position },
}

/// The congestion window of one connection.
#[derive(Clone, Debug)]
pub(super) struct Congestion {
    window: u32,
    threshold: Option<u32>,
    phase: Phase,
    rule: Rule,
    /// Whether the window, not the application or the peer, stopped the sender since the last acknowledgement.
    limited: bool,
    /// The most segments in flight since then.
    most_in_flight: u32,
}

impl Congestion {
    pub fn new(algorithm: Algorithm) -> Self {
        let rule = match algorithm {
            Algorithm::Reno => Rule::Reno(Reno::default()),
            Algorithm::Cubic => Rule::Cubic(Cubic::default()),
        };
        Congestion {
            window: INITIAL_WINDOW,
            threshold: None,
            phase: Phase::Open,
            rule,
            limited: false,
            most_in_flight: 0,
        }
    }

    /// The congestion window in segments.
    pub fn window(&self) -> u32 {
        self.window
    }

    /// The slow start threshold in segments, absent before the first loss.
    pub fn threshold(&self) -> Option<u32> {
        self.threshold
    }

    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// A SYN had to be repeated: begin with one segment (RFC 5681, 3.1).
    pub fn handshake_was_lossy(&mut self) {
        self.window = 1;
    }

    /// A segment went out; `full` if the window then allowed no more.
    pub fn sent(&mut self, in_flight: u32) {
        self.most_in_flight = self.most_in_flight.max(in_flight);
        self.limited |= in_flight >= self.window;
    }

    /// New data was acknowledged up to `una`.
    pub fn acknowledged(&mut self, now: Instant, una: Position, segments: u32, rtt: Option<Duration>) {
        match self.phase {
            Phase::Recovery { until } if una >= until => {
                self.phase = Phase::Open;
                self.window = self.threshold.unwrap_or(self.window).max(SMALLEST_THRESHOLD);
                return;
            }
            Phase::Recovery { .. } => return,
            Phase::Timeout { until } if una >= until => self.phase = Phase::Open,
            _ => {}
        }
        let slow_start = self.threshold.is_none_or(|threshold| self.window < threshold);
        // A window that the application does not fill is not grown (RFC 7661, Linux's tcp_is_cwnd_limited).
        let used = if slow_start { self.window < 2 * self.most_in_flight } else { self.limited };
        self.limited = false;
        self.most_in_flight = 0;
        if !used {
            return;
        }
        let mut ack = Ack { now, segments, rtt };
        if slow_start {
            let room = self.threshold.map_or(u32::MAX, |threshold| threshold - self.window);
            let grown = ack.segments.min(room);
            self.window += grown;
            ack.segments -= grown;
            if ack.segments == 0 {
                return;
            }
        }
        self.window = match &mut self.rule {
            Rule::Reno(reno) => reno.avoid(self.window, ack),
            Rule::Cubic(cubic) => cubic.avoid(self.window, ack),
        };
    }

    /// Segments are newly taken for lost while everything up to `sent` is in flight. Whether a recovery began.
    pub fn lost(&mut self, sent: Position, in_flight: u32) -> bool {
        if self.phase != Phase::Open {
            return false;
        }
        self.reduce(in_flight);
        self.window = self.threshold.unwrap_or(self.window);
        self.phase = Phase::Recovery { until: sent };
        true
    }

    /// A loss was repaired before anybody noticed: the window shrinks as for a loss, without a recovery.
    pub fn reduce_once(&mut self, in_flight: u32) {
        if self.phase == Phase::Open {
            self.reduce(in_flight);
            self.window = self.threshold.unwrap_or(self.window);
        }
    }

    /// The retransmission timer fired.
    pub fn timed_out(&mut self, sent: Position, in_flight: u32) {
        // A second timeout for the same data does not reduce the threshold again (RFC 5681, 3.1).
        if !matches!(self.phase, Phase::Timeout { .. }) {
            self.reduce(in_flight);
        }
        self.phase = Phase::Timeout { until: sent };
        self.window = 1;
    }

    /// Nothing was sent for longer than a timeout: halve once for each (RFC 9293, 3.8.2; RFC 2861).
    pub fn idle(&mut self, timeouts: u32) {
        let restart = self.window.min(INITIAL_WINDOW);
        self.threshold = self.threshold.map(|threshold| threshold.max(self.window * 3 / 4));
        self.window = (self.window >> timeouts.min(31)).max(restart);
        if let Rule::Cubic(cubic) = &mut self.rule {
            cubic.restart();
        }
    }

    fn reduce(&mut self, in_flight: u32) {
        let threshold = match &mut self.rule {
            Rule::Reno(_) => in_flight.min(self.window) / 2,
            Rule::Cubic(cubic) => cubic.reduce(self.window),
        };
        self.threshold = Some(threshold.max(SMALLEST_THRESHOLD));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(algorithm: Algorithm) -> Congestion {
        Congestion::new(algorithm)
    }

    #[test]
    fn slow_start_doubles_the_window_each_round_trip() {
        for algorithm in [Algorithm::Reno, Algorithm::Cubic] {
            let mut congestion = open(algorithm);
            congestion.sent(10);
            congestion.acknowledged(Instant::ZERO, 100, 10, None);
            assert_eq!(congestion.window(), 20);
        }
    }

    #[test]
    fn a_window_that_is_not_filled_does_not_grow() {
        let mut congestion = open(Algorithm::Cubic);
        congestion.sent(1);
        congestion.acknowledged(Instant::ZERO, 100, 1, None);
        assert_eq!(congestion.window(), INITIAL_WINDOW);
    }

    #[test]
    fn three_duplicates_cut_once_for_each_window() {
        let mut congestion = open(Algorithm::Reno);
        congestion.sent(10);
        assert!(congestion.lost(1000, 10));
        assert!(!congestion.lost(1000, 9));
        assert_eq!((congestion.window(), congestion.threshold()), (5, Some(5)));
        congestion.acknowledged(Instant::ZERO, 500, 3, None);
        assert_eq!(congestion.phase(), Phase::Recovery { until: 1000 });
        congestion.acknowledged(Instant::ZERO, 1000, 3, None);
        assert_eq!((congestion.phase(), congestion.window()), (Phase::Open, 5));
    }

    #[test]
    fn a_timeout_starts_again_from_one_segment() {
        let mut congestion = open(Algorithm::Cubic);
        congestion.timed_out(1000, 10);
        assert_eq!((congestion.window(), congestion.threshold()), (1, Some(7)));
        congestion.timed_out(1000, 1);
        assert_eq!(congestion.threshold(), Some(7));
    }
}
