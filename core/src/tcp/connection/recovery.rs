//! What to do about losses: noticing them (RACK, RFC 8985; without selective acknowledgements NewReno, RFC 6582), and probing the
//! tail of a flight (TLP, RFC 8985, 7). Timeouts are `timeout`'s.

use super::*;
use crate::tcp::congestion::Phase;

/// Duplicate acknowledgements that mean a loss (RFC 5681, 3.2).
const DUPLICATES: u32 = 3;

impl Connection {
    /// An acknowledgement was handled and something is still outstanding.
    pub(super) fn look_for_losses(&mut self, now: Instant, advanced: bool, duplicate: bool) {
        if self.agreed.sack {
            self.look_for_overtaken(now);
            return;
        }
        if duplicate {
            self.board.duplicate();
        }
        let outstanding = self.board.outstanding();
        let lost = match self.congestion.phase() {
            Phase::Open => self.board.duplicates() >= DUPLICATES && self.board.lose_first(),
            // A partial acknowledgement: the next hole is at its edge (RFC 6582, 3.2, step 3).
            Phase::Recovery { .. } => advanced && self.board.lose_first(),
            Phase::Timeout { .. } => false,
        };
        if lost {
            self.repair(outstanding);
            self.fast_retransmit |= advanced;
        }
    }

    /// Marks what was overtaken, and comes back for what may yet turn out to be.
    fn look_for_overtaken(&mut self, now: Instant) {
        let outstanding = self.board.outstanding();
        let (lost, later) = self.board.find_overtaken(now, self.estimator.patience(), self.is_recovering());
        match later {
            Some(at) => {
                self.timers.set(Timer::Reordering, at);
            }
            None => self.timers.stop(Timer::Reordering),
        }
        if lost {
            self.repair(outstanding);
        }
    }

    /// Segments are newly taken for lost.
    fn repair(&mut self, outstanding: u32) {
        self.timers.stop(Timer::LossProbe);
        if self.congestion.lost(self.next, outstanding) {
            self.fast_retransmit = true;
            self.measure(true);
        }
    }

    /// A segment waited long enough for those that overtook it.
    pub(super) fn reordering_due(&mut self, now: Instant) {
        if !self.board.is_empty() {
            self.look_for_overtaken(now);
            self.transmit(now);
        }
    }

    /// Sets the probe timer where the last segments of a flight could be lost without anybody noticing before the
    /// retransmission timer. A single segment has nothing to gain: its probe would be due no earlier.
    pub(super) fn plan_tail_probe(&mut self, now: Instant) {
        let wanted = self.agreed.sack
            && self.tail_probe.is_none()
            && self.congestion.phase() == Phase::Open
            && self.board.outstanding() > 1
            && self.board.sacked() == 0;
        let due = self.estimator.probe_timeout().map(|timeout| now + timeout);
        match (wanted, due, self.timers.get(Timer::Retransmission)) {
            (true, Some(due), Some(timeout)) if due < timeout => {
                self.timers.set(Timer::LossProbe, due);
            }
            _ => self.timers.stop(Timer::LossProbe),
        }
    }

    /// Sends something new if there is and fits, the last segment again otherwise: the answer shows what is missing.
    pub(super) fn probe_tail(&mut self, now: Instant) {
        let Some(last) = self.board.last() else { return };
        let available = self.buffer.end() - self.next;
        let room = self.peer_window.right_edge() - self.next;
        let length = available.min(Position::from(self.full_segment()));
        if length > 0 && length <= room {
            self.send_new(now, length as u32, false);
            self.tail_probe = Some((self.next, false));
        } else {
            self.resend(now, last);
            self.tail_probe = Some((self.next, true));
        }
        self.timers.stop(Timer::LossProbe);
        self.timers.set(Timer::Retransmission, now + self.estimator.timeout());
    }

    /// The peer answered a probe. If nothing came twice, the probe repaired a loss, and the window must know (RFC 8985, 7.4).
    pub(super) fn settle_tail_probe(&mut self, ack: Position, advanced: bool, duplicated: bool) {
        let Some((end, repeated)) = self.tail_probe else { return };
        if ack < end {
            return;
        }
        let answered = !repeated || duplicated || ack > end || !advanced;
        if repeated && !duplicated && ack > end {
            let outstanding = self.board.outstanding().max(1);
            self.congestion.reduce_once(outstanding);
            self.measure(true);
        }
        if answered {
            self.tail_probe = None;
        }
    }
}
