//! CUBIC's congestion avoidance (RFC 9438) in integers, so that it computes the same on every machine. Without HyStart++.

use super::Ack;
use crate::time::{Duration, Instant};

/// C = 0.4 segments per second cubed (RFC 9438, 5), as a fraction.
const C: (i128, i128) = (4, 10);

/// Multiplicative decrease 0.7 (RFC 9438, 4.6), in tenths.
const BETA_TENTHS: u64 = 7;

/// Segments are counted in these parts, so that growth of less than one is not lost.
const PARTS: u64 = 1024;

/// One epoch of growth, between two losses.
#[derive(Clone, Copy, Debug)]
struct Epoch {
    began: Instant,
    /// K in milliseconds: when the window reaches its old maximum.
    plateau: i128,
    /// W_max of this epoch, in parts.
    origin: u64,
    /// W_est: what Reno would have by now, in parts (RFC 9438, 4.3).
    estimate: u64,
}

/// CUBIC's memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Cubic {
    /// W_max in parts.
    maximum: u64,
    epoch: Option<Epoch>,
    /// Growth below one segment, in parts.
    credit: u64,
    rtt: Duration,
}

impl Cubic {
    /// The threshold after a loss; remembers where it happened (RFC 9438, 4.6, 4.7).
    pub fn reduce(&mut self, window: u32) -> u32 {
        let parts = u64::from(window) * PARTS;
        // Fast convergence: a shrinking maximum means that a newcomer wants a share.
        self.maximum = if parts < self.maximum { parts * (10 + BETA_TENTHS) / 20 } else { parts };
        self.epoch = None;
        self.credit = 0;
        (u64::from(window) * BETA_TENTHS / 10) as u32
    }

    /// Idle time does not count as growth.
    pub fn restart(&mut self) {
        self.epoch = None;
    }

    /// The window after an acknowledgement in congestion avoidance.
    pub fn avoid(&mut self, window: u32, ack: Ack) -> u32 {
        if let Some(rtt) = ack.rtt {
            self.rtt = rtt;
        }
        let parts = u64::from(window) * PARTS;
        let epoch = self.epoch.get_or_insert_with(|| {
            let origin = self.maximum.max(parts);
            Epoch { began: ack.now, plateau: plateau(origin - parts), origin, estimate: parts }
        });
        // Reno-friendly region: alpha = 3 (1 - beta) / (1 + beta) = 9/17 until W_max is reached, then 1.
        let acked = u64::from(ack.segments) * PARTS;
        let alpha = if epoch.estimate < epoch.origin { (9, 17) } else { (1, 1) };
        epoch.estimate += acked * alpha.0 * PARTS / (alpha.1 * parts.max(1));
        // Where the curve will be one round trip from now (RFC 9438, 4.4), at most half more than now.
        let ahead = ack.now.since(epoch.began) + self.rtt;
        let target = curve(*epoch, ahead).clamp(parts, parts * 3 / 2);
        let estimate = epoch.estimate;
        // (target - cwnd) / cwnd for each acknowledged segment.
        self.credit += acked * (target - parts) / parts.max(1);
        let grown = self.credit / PARTS;
        self.credit -= grown * PARTS;
        let window = window + grown as u32;
        window.max((estimate / PARTS) as u32)
    }
}

/// W_cubic(t) = C (t - K)^3 + W_max, in parts.
fn curve(epoch: Epoch, elapsed: Duration) -> u64 {
    let distance = (i128::from(elapsed.as_micros() / 1000) - epoch.plateau).clamp(-10_000_000, 10_000_000);
    let cube = distance * distance * distance;
    let offset = cube * i128::from(PARTS) * C.0 / (C.1 * 1_000_000_000);
    u64::try_from(i128::from(epoch.origin) + offset).unwrap_or(0)
}

/// K = cbrt((W_max - cwnd) / C), in milliseconds.
fn plateau(missing: u64) -> i128 {
    cube_root(i128::from(missing) * C.1 * 1_000_000_000 / (C.0 * i128::from(PARTS)))
}

/// The largest integer whose cube is at most `value`.
fn cube_root(value: i128) -> i128 {
    let (mut low, mut high) = (0, 1 << 30);
    while low < high {
        let middle = (low + high + 1) / 2;
        if middle * middle * middle <= value {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cube_roots_are_exact() {
        assert_eq!(cube_root(0), 0);
        assert_eq!(cube_root(26), 2);
        assert_eq!(cube_root(27), 3);
        assert_eq!(cube_root(1_000_000_000), 1000);
    }

    #[test]
    fn the_window_returns_to_its_maximum_at_k_and_then_passes_it() {
        let mut cubic = Cubic::default();
        let mut window = cubic.reduce(100);
        assert_eq!(window, 70);
        // K = cbrt(30 / 0.4) = 4.217 s.
        assert_eq!(plateau(30 * PARTS), 4217);
        let rtt = Duration::from_millis(100);
        let mut at_k = 0;
        for round in 0..80u64 {
            let now = Instant::from_micros(round * 100_000);
            let acknowledgements = window;
            for _ in 0..acknowledgements {
                window = cubic.avoid(window, Ack { now, segments: 1, rtt: Some(rtt) });
            }
            if round == 42 {
                at_k = window;
            }
        }
        assert!((98..=102).contains(&at_k), "{at_k}");
        assert!(window > 110, "{window}");
    }

    #[test]
    fn a_second_loss_below_the_first_remembers_less() {
        let mut cubic = Cubic::default();
        cubic.reduce(100);
        cubic.reduce(80);
        assert_eq!(cubic.maximum / PARTS, 68);
    }
}
