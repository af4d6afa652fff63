//! What an acknowledgement means: bytes freed, a round trip measured, a loss noticed, a window opened.

use super::*;
use crate::tcp::DiscardCause;

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
        self.board.begin();
        if advanced {
            self.take_advance(now, segment, ack);
        }
        let duplicated = self.take_blocks(now, segment);
        self.settle_tail_probe(ack, advanced, duplicated);
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
            self.look_for_losses(now, advanced, duplicate);
        }
        if self.peer_window.right_edge() > self.next && self.holding == Some(Hold::Window) {
            self.timers.stop(Timer::Persist);
        }
    }

    /// Takes the SACK blocks. Whether the first one says that something came twice (RFC 2883, 4).
    fn take_blocks(&mut self, now: Instant, segment: &Segment) -> bool {
        if !self.agreed.sack {
            return false;
        }
        let quickest = self.estimator.quickest();
        let mut duplicated = false;
        for (index, &(left, right)) in segment.options.sack.iter().enumerate() {
            let left = self.send_space.position(left, self.una);
            let right = self.send_space.position(right, self.una);
            if left > self.una && left < right && right <= self.next {
                self.board.selectively_acknowledge(now, (left, right), quickest);
            } else if index == 0 && left < right && right <= self.una {
                duplicated = true;
            }
        }
        duplicated
    }

    /// SND.UNA moves to `ack`.
    fn take_advance(&mut self, now: Instant, segment: &Segment, ack: Position) {
        let first_sample = self.estimator.smoothed().is_none();
        let acked = self.board.acknowledge(now, ack, self.estimator.quickest());
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
            for timer in [Timer::Retransmission, Timer::LossProbe, Timer::Reordering] {
                self.timers.stop(timer);
            }
        } else {
            self.timers.set(Timer::Retransmission, now + self.estimator.timeout());
            self.plan_tail_probe(now);
        }
        if self.state.is_synchronised() {
            self.measure(first_sample || repaired);
        }
    }
}
