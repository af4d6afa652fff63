//! What an acknowledgement means: bytes freed, a round trip measured, a loss noticed, a window opened.

use super::*;
use crate::tcp::DiscardCause;
use crate::tcp::congestion::Phase;

/// Duplicate acknowledgements that mean a loss (RFC 5681, 3.2).
const DUPLICATES: u32 = 3;

impl Connection {
    /// The ACK of a segment in a synchronised state (RFC 9293, 3.10.7.4, fifth). `false`: drop the segment.
    pub(super) fn acknowledged(&mut self, now: Instant, segment: &Segment, start: Position, ack: Position) -> bool {
        if ack > self.next {
            // It acknowledges what was never sent.
            self.discard(DiscardCause::UnacceptableAcknowledgement);
            self.challenge(now, false);
            return false;
        }
        if ack < self.una - self.peer_window.largest() as Position {
            // Too old to be an honest delay (RFC 5961, 5.2).
            self.discard(DiscardCause::UnacceptableAcknowledgement);
            self.challenge(now, false);
            return false;
        }
        let advanced = ack > self.una;
        let mut window_changed = false;
        if ack >= self.una {
            window_changed = self.peer_window.update(segment.window, start, ack, advanced);
        }
        self.take_acknowledgement_of(now, segment, ack, window_changed);
        true
    }

    /// The ACK that completes the handshake. Its window is scaled unless the segment is a SYN.
    pub(super) fn take_acknowledgement(&mut self, now: Instant, segment: &Segment, ack: Position) {
        if !segment.control.syn {
            let start = self.receive_space.position(segment.sequence, self.expected());
            self.peer_window.update(segment.window, start, ack, true);
        }
        self.take_acknowledgement_of(now, segment, ack, true);
    }

    fn take_acknowledgement_of(&mut self, now: Instant, segment: &Segment, ack: Position, window_changed: bool) {
        let advanced = ack > self.una;
        let reported = self.take_blocks(segment);
        if advanced {
            self.take_advance(now, segment, ack);
        }
        if ack >= self.una {
            // The peer lives: whatever was probing it begins anew.
            self.probes = 0;
        }
        let duplicate =
            !advanced && ack == self.una && segment.sequence_length() == 0 && !window_changed && !self.board.is_empty();
        if self.board.is_empty() {
            self.fast_retransmit = false;
            self.waiting_since = None;
        } else {
            self.look_for_losses(advanced, duplicate, reported);
        }
        if self.peer_window.right_edge() > self.next && self.holding == Some(Hold::Window) {
            self.timers.stop(Timer::Persist);
        }
    }

    /// Takes the SACK blocks above `una`; whether one said something new.
    fn take_blocks(&mut self, segment: &Segment) -> bool {
        if !self.agreed.sack || segment.options.sack.is_empty() {
            return false;
        }
        let mut news = 0;
        for &(left, right) in &segment.options.sack {
            let left = self.send_space.position(left, self.una);
            let right = self.send_space.position(right, self.una);
            if left > self.una && left < right && right <= self.next {
                news += self.board.selectively_acknowledge(left, right).segments;
            }
        }
        news > 0
    }

    /// SND.UNA moves to `ack`.
    fn take_advance(&mut self, now: Instant, segment: &Segment, ack: Position) {
        let first_sample = self.estimator.smoothed().is_none();
        let acked = self.board.acknowledge(ack);
        self.una = ack;
        self.buffer.release(ack);
        self.timeouts = if self.state.is_synchronised() { 0 } else { self.timeouts };
        self.waiting_since = (!self.board.is_empty()).then_some(now);
        let sample = match (acked.sent_at, segment.options.timestamps) {
            (Some(sent_at), _) => Some(now.since(sent_at)),
            (None, Some((_, echo))) if self.agreed.timestamps && echo != 0 => Some(self.since_timestamp(now, echo)),
            _ => None,
        };
        if let Some(sample) = sample.filter(|sample| *sample < crate::tcp::retransmission::MAXIMUM) {
            self.estimator.sample(sample);
        }
        self.estimator.restart();
        let was_recovering = self.is_recovering();
        self.congestion.acknowledged(now, ack, acked.segments, self.estimator.smoothed());
        self.buffer.follow(self.congestion.window());
        let repaired = was_recovering && !self.is_recovering();
        if repaired {
            self.board.forget_duplicates();
        }
        if self.board.is_empty() {
            self.timers.stop(Timer::Retransmission);
        } else {
            self.timers.set(Timer::Retransmission, now + self.estimator.timeout());
        }
        if self.state.is_synchronised() {
            self.measure(first_sample || repaired);
        }
    }

    /// Fast retransmit: by blocks (RFC 6675), or by duplicates (RFC 5681, 3.2; RFC 6582).
    fn look_for_losses(&mut self, advanced: bool, duplicate: bool, reported: bool) {
        let in_flight = self.board.outstanding();
        let lost = if self.agreed.sack {
            reported && self.board.find_lost()
        } else {
            if duplicate {
                self.board.duplicate();
            }
            match self.congestion.phase() {
                Phase::Open => self.board.duplicates() >= DUPLICATES && self.board.lose_first(),
                // A partial acknowledgement: the next hole is at its edge (RFC 6582, 3.2, step 3).
                Phase::Recovery { .. } => advanced && self.board.lose_first(),
                Phase::Timeout { .. } => false,
            }
        };
        if !lost {
            return;
        }
        if self.congestion.lost(self.next, in_flight) {
            self.fast_retransmit = true;
            self.measure(true);
        } else if advanced && !self.agreed.sack {
            self.fast_retransmit = true;
        }
    }
}
