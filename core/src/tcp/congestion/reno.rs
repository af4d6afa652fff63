//! Reno's congestion avoidance (RFC 5681, 3.1): one segment more each round trip. Slow start and recovery are shared.

use super::Ack;

/// Acknowledged segments that did not yet make the window grow.
#[derive(Clone, Debug, Default)]
pub(super) struct Reno {
    credit: u32,
}

impl Reno {
    /// The window after an acknowledgement in congestion avoidance.
    pub fn avoid(&mut self, window: u32, ack: Ack) -> u32 {
        self.credit += ack.segments;
        let grown = self.credit / window.max(1);
        self.credit -= grown * window.max(1);
        window + grown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Instant;

    #[test]
    fn a_whole_window_of_acknowledgements_adds_one_segment() {
        let mut reno = Reno::default();
        let ack = Ack { now: Instant::ZERO, segments: 2, rtt: None };
        assert_eq!((0..4).map(|_| reno.avoid(10, ack)).max(), Some(10));
        assert_eq!(reno.avoid(10, ack), 11);
    }
}
