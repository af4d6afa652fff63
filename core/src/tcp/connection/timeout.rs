//! What time does: retransmission, window probes, delayed acknowledgements, keep-alive, TIME-WAIT and giving up.

use super::*;
use crate::tcp::Purpose;

/// A socket that nobody holds gives up earlier (`tcp_orphan_retries`).
const ORPHAN_RETRIES: u32 = 8;

impl Connection {
    /// A timer is due.
    pub(super) fn fire(&mut self, now: Instant, timer: Timer) {
        if timer == Timer::KeepAlive && self.keepalive_can_wait(now) {
            return;
        }
        self.event(Event::TimerFired { timer });
        match timer {
            Timer::Retransmission => self.retransmission_due(now),
            Timer::DelayedAcknowledgement => {
                self.acks.expired(self.estimator.timeout());
                if self.acks.is_pending() {
                    self.send_acknowledgement(now, Purpose::DelayedAcknowledgement);
                }
            }
            Timer::Persist => self.probe_due(now),
            Timer::KeepAlive => self.keepalive_due(now),
            Timer::TimeWait => self.change(now, Trigger::TimeWaitExpired),
            Timer::UserTimeout => self.change(now, Trigger::UserTimeout),
            Timer::LossProbe => self.probe_tail(now),
            Timer::Reordering => self.reordering_due(now),
        }
    }

    fn retransmission_due(&mut self, now: Instant) {
        if self.board.is_empty() {
            return;
        }
        if self.timeouts >= self.retry_limit() || self.waited_too_long(now) {
            self.give_up(now);
            return;
        }
        self.timeouts += 1;
        let linear = self.state == State::SynSent && self.timeouts <= self.config.syn_linear_timeouts;
        if !linear {
            self.estimator.back_off();
        }
        if self.state.is_synchronised() {
            self.congestion.timed_out(self.next, self.board.outstanding());
            self.measure(true);
        }
        self.board.lose_all();
        self.fast_retransmit = false;
        self.tail_probe = None;
        self.timers.stop(Timer::LossProbe);
        self.timers.stop(Timer::Reordering);
        self.resend(now, 0);
        self.timers.set(Timer::Retransmission, now + self.estimator.timeout());
        let at = now + self.estimator.timeout();
        self.event(Event::TimerSet { timer: Timer::Retransmission, at });
    }

    fn retry_limit(&self) -> u32 {
        match self.state {
            State::SynSent => self.config.syn_retries + self.config.syn_linear_timeouts,
            State::SynReceived => self.config.synack_retries,
            _ if self.orphaned => self.config.retries.min(ORPHAN_RETRIES),
            _ => self.config.retries,
        }
    }

    fn waited_too_long(&self, now: Instant) -> bool {
        match (self.config.user_timeout, self.waiting_since) {
            (Some(limit), Some(since)) => now.since(since) >= limit,
            _ => false,
        }
    }

    /// The peer has not answered for too long (RFC 9293, 3.8.3).
    fn give_up(&mut self, now: Instant) {
        let failure = self.soft_failure.unwrap_or(Failure::TimedOut);
        self.fail(now, failure, Trigger::UserTimeout);
    }

    /// Nothing is in flight and bytes wait: for a window, or in a cork. Send what fits, or ask (RFC 9293, 3.8.6.1).
    fn probe_due(&mut self, now: Instant) {
        let wants = self.next < self.buffer.end() || (self.write_closed && !self.fin_sent());
        if !wants || !self.board.is_empty() || !self.state.is_synchronised() {
            return;
        }
        let limit = if self.orphaned { ORPHAN_RETRIES } else { self.config.retries };
        if self.probes >= limit || self.waited_too_long(now) {
            self.give_up(now);
            return;
        }
        let room = self.peer_window.right_edge() - self.next;
        let available = self.buffer.end() - self.next;
        if room > 0 {
            // The override of silly window avoidance: better a short segment than none.
            let length = available.min(room).min(Position::from(self.full_segment())) as u32;
            let fin = self.write_closed && Position::from(length) == available && room > Position::from(length);
            self.send_new(now, length, fin);
            self.holding = None;
            self.transmit(now);
            return;
        }
        self.waiting_since.get_or_insert(now);
        self.probes += 1;
        self.send_probe(now, Purpose::WindowProbe);
        self.estimator.back_off();
        self.arm(Timer::Persist, now + self.estimator.timeout());
    }

    /// The peer spoke in the meantime: look again later, without an event.
    fn keepalive_can_wait(&mut self, now: Instant) -> bool {
        let Some(keepalive) = self.config.keepalive else { return true };
        if self.probes > 0 && self.board.is_empty() {
            return false;
        }
        let quiet = now.since(self.last_heard);
        let busy = !self.board.is_empty() || self.next < self.buffer.end();
        if busy || quiet < keepalive.idle {
            let at = if busy { now + keepalive.idle } else { self.last_heard + keepalive.idle };
            self.timers.set(Timer::KeepAlive, at);
            return true;
        }
        false
    }

    fn keepalive_due(&mut self, now: Instant) {
        let Some(keepalive) = self.config.keepalive else { return };
        if !self.state.is_synchronised() || self.state == State::TimeWait {
            return;
        }
        if self.probes >= keepalive.count {
            self.send_reset(now);
            self.give_up(now);
            return;
        }
        self.probes += 1;
        self.send_probe(now, Purpose::KeepAlive);
        self.timers.set(Timer::KeepAlive, now + keepalive.interval);
    }
}
