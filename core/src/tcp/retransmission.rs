//! How long to wait before sending again: round-trip time and timeout (RFC 6298). What is sent again is the scoreboard's.

use crate::time::Duration;

/// The timeout before the first measurement (RFC 6298, 2.1).
pub(super) const INITIAL: Duration = Duration::from_secs(1);

/// The timeout after a handshake that lost a SYN and gave no sample (RFC 6298, 5.7).
const FALLBACK: Duration = Duration::from_secs(3);

/// The grain of Linux's timers.
const TICK: Duration = Duration::from_millis(4);

/// Linux's floor; RFC 6298, 2.4 says one second.
pub(super) const MINIMUM: Duration = Duration::from_millis(200);

/// Linux's ceiling; RFC 6298, 2.5 allows any from 60 s up.
pub(super) const MAXIMUM: Duration = Duration::from_secs(120);

/// Round-trip time estimate and retransmission timeout.
#[derive(Clone, Debug, Default)]
pub(super) struct Estimator {
    /// SRTT and RTTVAR in microseconds, absent before the first sample.
    smoothed: Option<(u64, u64)>,
    /// The shortest round trip so far.
    quickest: Option<Duration>,
    /// How often the timeout doubled.
    backoff: u32,
    /// The handshake lost a SYN and gave no sample.
    cautious: bool,
}

impl Estimator {
    /// SRTT.
    pub fn smoothed(&self) -> Option<Duration> {
        self.smoothed.map(|(rtt, _)| Duration::from_micros(rtt))
    }

    /// The shortest round trip so far.
    pub fn quickest(&self) -> Option<Duration> {
        self.quickest
    }

    /// How long segments may overtake each other before one counts as lost: a quarter of the shortest round trip (RFC 8985, 6.2,
    /// step 4).
    pub fn patience(&self) -> Duration {
        let quarter = Duration::from_micros(self.quickest.map_or(0, |quickest| quickest.as_micros() / 4));
        self.smoothed().map_or(quarter, |smoothed| quarter.min(smoothed))
    }

    /// When the tail of a flight is probed: after two round trips and a tick (RFC 8985, 7.2).
    pub fn probe_timeout(&self) -> Option<Duration> {
        Some(self.smoothed()?.saturating_mul(2) + TICK)
    }

    /// Takes a sample that is not ambiguous: of a segment sent once (Karn), or by timestamps (RFC 7323, 4).
    pub fn sample(&mut self, rtt: Duration) {
        let sample = rtt.as_micros().max(1);
        self.quickest = Some(self.quickest.map_or(rtt, |quickest| quickest.min(rtt)));
        self.smoothed = Some(match self.smoothed {
            None => (sample, sample / 2),
            Some((smoothed, variation)) => {
                let error = smoothed.abs_diff(sample);
                ((7 * smoothed + sample) / 8, (3 * variation + error) / 4)
            }
        });
    }

    /// The timeout without backoff. The variation counts at least 200 ms, so that a steady path does not fire early.
    pub fn base(&self) -> Duration {
        match self.smoothed {
            None if self.cautious => FALLBACK,
            None => INITIAL,
            Some((smoothed, variation)) => {
                Duration::from_micros(smoothed + (4 * variation).max(MINIMUM.as_micros())).min(MAXIMUM)
            }
        }
    }

    /// The timeout now.
    pub fn timeout(&self) -> Duration {
        self.base().saturating_mul(1 << self.backoff.min(20)).min(MAXIMUM)
    }

    /// The timer fired: the next wait is twice as long (RFC 6298, 5.5).
    pub fn back_off(&mut self) {
        self.backoff = self.backoff.saturating_add(1);
    }

    /// The handshake lost a SYN and gave no sample.
    pub fn fall_back(&mut self) {
        self.cautious = true;
        self.backoff = 0;
    }

    /// New data was acknowledged.
    pub fn restart(&mut self) {
        self.backoff = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_any_sample_the_timeout_is_one_second() {
        assert_eq!(Estimator::default().timeout(), Duration::from_secs(1));
    }

    #[test]
    fn a_steady_path_waits_two_hundred_milliseconds_beyond_its_round_trip() {
        let mut estimator = Estimator::default();
        for _ in 0..100 {
            estimator.sample(Duration::from_millis(20));
        }
        assert_eq!(estimator.timeout(), Duration::from_millis(220));
    }

    #[test]
    fn each_timeout_doubles_the_wait_up_to_two_minutes() {
        let mut estimator = Estimator::default();
        let waits: Vec<u64> = (0..9)
            .map(|_| {
                let wait = estimator.timeout().as_micros() / 1_000_000;
                estimator.back_off();
                wait
            })
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 120, 120]);
        estimator.restart();
        assert_eq!(estimator.timeout(), INITIAL);
    }

    #[test]
    fn a_wavering_path_waits_longer() {
        let mut estimator = Estimator::default();
        for round in 0..100 {
            estimator.sample(Duration::from_millis(if round % 2 == 0 { 100 } else { 500 }));
        }
        assert!(estimator.timeout() > Duration::from_millis(900));
    }
}
