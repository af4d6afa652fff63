//! A segment arrives: RFC 9293, 3.10.7, in its order, hardened by RFC 5961. What its acknowledgement means is `acknowledged`'s.

use super::*;
use crate::tcp::sequence::before;
use crate::tcp::{DiscardCause, Purpose};

/// Segments without data that are outside the window are answered at most this often, or two ends could answer each
/// other for ever (Linux's `tcp_invalid_ratelimit`; RFC 5961, 7).
const CHALLENGE_INTERVAL: Duration = Duration::from_millis(500);

/// A peer's clock may have wrapped after 24 days of silence (RFC 7323, 5.5).
const RECENT_LIFETIME: Duration = Duration::from_secs(24 * 24 * 3600);

/// A segment in positions of this connection.
struct Placed {
    start: Position,
    /// Behind SYN, data and FIN.
    end: Position,
    acknowledgement: Position,
}

impl Connection {
    pub(super) fn arrive(&mut self, now: Instant, segment: Segment) {
        match self.state {
            State::Closed | State::Listen => {
                self.discard(DiscardCause::NoConnection);
                self.reject(&segment);
            }
            State::SynSent => self.arrive_in_syn_sent(now, segment),
            State::TimeWait => self.arrive_in_time_wait(now, segment),
            _ => self.arrive_synchronised(now, segment),
        }
        if self.state != State::Closed {
            self.flush(now);
        }
    }

    /// Whether this SYN may begin a new connection in place of this one in TIME-WAIT (RFC 9293, 3.6.1; RFC 6191).
    pub fn gives_way_to(&self, segment: &Segment) -> bool {
        let control = segment.control;
        if self.state != State::TimeWait || !control.syn || control.ack || control.rst {
            return false;
        }
        let newer_number = before(self.receive_space.number(self.expected()), segment.sequence);
        let newer_clock = match (self.recent, segment.options.timestamps) {
            (Some((recent, _)), Some((value, _))) => before(recent, value),
            _ => false,
        };
        newer_number || newer_clock
    }

    /// RFC 9293, 3.10.7.3.
    fn arrive_in_syn_sent(&mut self, now: Instant, segment: Segment) {
        let control = segment.control;
        let acknowledgement = self.send_space.position(segment.acknowledgement, self.una);
        let acknowledges = control.ack && acknowledgement > 0 && acknowledgement <= self.next;
        if control.ack && !acknowledges {
            self.discard(DiscardCause::UnacceptableAcknowledgement);
            self.reject(&segment);
            return;
        }
        if control.rst {
            if acknowledges {
                self.fail(now, Failure::Refused, Trigger::ReceiveRst);
            } else {
                self.discard(DiscardCause::OutsideWindow);
            }
            return;
        }
        if !control.syn {
            self.discard(DiscardCause::UnacceptableAcknowledgement);
            return;
        }
        self.meet(now, &segment);
        self.last_heard = now;
        self.peer_window.begin(segment.window, 0, acknowledgement.max(0));
        if acknowledges {
            self.take_acknowledgement(now, &segment, acknowledgement);
            self.establish(now, Trigger::ReceiveSynAck);
            // Quick acknowledgements from the start; the one of SYN-ACK cannot wait.
            self.acks.demand();
        } else {
            // Both ends opened at once (RFC 9293, 3.5, figure 8).
            self.change(now, Trigger::ReceiveSyn);
            self.emit_syn(now, true);
        }
    }

    /// RFC 9293, 3.10.7.4 for TIME-WAIT: the peer's FIN again means that our acknowledgement was lost.
    fn arrive_in_time_wait(&mut self, now: Instant, segment: Segment) {
        let placed = self.place(&segment);
        if segment.control.rst {
            if placed.start == self.expected() {
                self.change(now, Trigger::ReceiveRst);
            } else {
                self.discard(DiscardCause::OutsideWindow);
            }
            return;
        }
        if placed.end > placed.start && (segment.control.fin || placed.start < self.expected()) {
            self.discard(DiscardCause::OldDuplicate);
            self.acks.demand();
            self.timers.set(Timer::TimeWait, now + self.config.time_wait);
        } else if placed.end > placed.start {
            self.discard(DiscardCause::OutsideWindow);
            self.challenge(now, false);
        }
    }

    /// RFC 9293, 3.10.7.4.
    fn arrive_synchronised(&mut self, now: Instant, segment: Segment) {
        let placed = self.place(&segment);
        let control = segment.control;
        if self.repeats_handshake(now, &segment, &placed) {
            return;
        }
        // The answer to our SYN in a simultaneous open repeats the SYN we know: its acknowledgement counts (figure 8).
        let crossed = self.state == State::SynReceived
            && control.syn
            && control.ack
            && placed.start == 0
            && placed.acknowledgement == self.next;
        if !crossed {
            if self.is_from_the_past(now, &segment) || !self.is_in_window(&placed) {
                self.refuse(now, &segment, &placed);
                return;
            }
            if control.rst {
                self.take_reset(now, &placed);
                return;
            }
            if control.syn {
                // RFC 5961, 4: a SYN proves nothing, ask the peer.
                self.discard(DiscardCause::OutsideWindow);
                self.challenge(now, false);
                return;
            }
        }
        if !control.ack {
            self.discard(DiscardCause::UnacceptableAcknowledgement);
            return;
        }
        self.last_heard = now;
        if self.timers.get(Timer::KeepAlive).is_some() {
            self.probes = 0;
        }
        self.remember_clock(now, &segment, &placed);
        if self.state == State::SynReceived {
            if placed.acknowledgement <= self.una || placed.acknowledgement > self.next {
                self.discard(DiscardCause::UnacceptableAcknowledgement);
                self.reject(&segment);
                return;
            }
            self.peer_window.begin(0, placed.start, placed.acknowledgement);
            self.take_acknowledgement(now, &segment, placed.acknowledgement);
            self.establish(now, Trigger::ReceiveAckOfSyn);
            if crossed {
                return;
            }
        } else if !self.acknowledged(now, &segment, placed.start, placed.acknowledgement) {
            return;
        }
        let had_finished = self.fin_received;
        let fin_was_acknowledged = matches!(self.state, State::FinWait2);
        if placed.end > placed.start && !self.take_text(now, segment, &placed) {
            return;
        }
        let finished = self.fin_received && !had_finished;
        let acknowledged = self.fin_acknowledged() && !fin_was_acknowledged;
        let trigger = match (self.state, acknowledged, finished) {
            (State::FinWait1, true, true) => Trigger::ReceiveFinAckOfFin,
            (State::FinWait1 | State::Closing | State::LastAck, true, _) => Trigger::ReceiveAckOfFin,
            (State::Established | State::FinWait1 | State::FinWait2, _, true) => Trigger::ReceiveFin,
            _ => return,
        };
        self.change(now, trigger);
    }

    fn place(&self, segment: &Segment) -> Placed {
        let start = self.receive_space.position(segment.sequence, self.expected());
        Placed {
            start,
            end: start + Position::from(segment.sequence_length()),
            acknowledgement: self.send_space.position(segment.acknowledgement, self.una),
        }
    }

    /// The peer's SYN again: our SYN-ACK was lost.
    fn repeats_handshake(&mut self, now: Instant, segment: &Segment, placed: &Placed) -> bool {
        let control = segment.control;
        let repeated =
            self.state == State::SynReceived && control.syn && !control.ack && !control.rst && placed.start == 0;
        if repeated {
            self.discard(DiscardCause::OldDuplicate);
            if self.may_challenge(now) {
                self.retransmissions += 1;
                self.emit_syn(now, true);
            }
        }
        repeated
    }

    /// PAWS (RFC 7323, 5.3): a timestamp older than the last one seen.
    fn is_from_the_past(&self, now: Instant, segment: &Segment) -> bool {
        match (self.agreed.timestamps, self.recent, segment.options.timestamps) {
            (true, Some((recent, at)), Some((value, _))) => {
                !segment.control.rst && before(value, recent) && now.since(at) < RECENT_LIFETIME
            }
            _ => false,
        }
    }

    /// Overlaps what is offered. As in Linux the left edge is what was last acknowledged, so a zero window still hears
    /// acknowledgements.
    fn is_in_window(&self, placed: &Placed) -> bool {
        placed.end >= self.window.acknowledged() && placed.start <= self.window.right_edge().max(self.expected())
    }

    /// An unacceptable segment is answered with an acknowledgement, unless it is RST (RFC 9293, 3.10.7.4, first).
    fn refuse(&mut self, now: Instant, segment: &Segment, placed: &Placed) {
        let old = placed.end <= self.expected();
        self.discard(if old { DiscardCause::OldDuplicate } else { DiscardCause::OutsideWindow });
        if segment.control.rst {
            return;
        }
        let carries_data = !segment.payload.is_empty() && !segment.control.syn;
        if carries_data && old {
            self.report_duplicate(placed.start, segment.payload.len());
            self.acks.hurry(self.window.offered());
        }
        self.challenge(now, carries_data || segment.control.fin);
    }

    /// Answers with an acknowledgement: the true state of things.
    pub(super) fn challenge(&mut self, now: Instant, always: bool) {
        if always || self.may_challenge(now) {
            self.acks.demand();
            if !self.state.is_synchronised() {
                self.send_acknowledgement(now, Purpose::Acknowledgement);
            }
        }
    }

    fn may_challenge(&mut self, now: Instant) -> bool {
        let allowed = self.last_challenge.is_none_or(|last| now.since(last) >= CHALLENGE_INTERVAL);
        if allowed {
            self.last_challenge = Some(now);
        }
        allowed
    }

    /// RST inside the window. Only the exact number is believed (RFC 5961, 3.2).
    fn take_reset(&mut self, now: Instant, placed: &Placed) {
        if placed.start != self.expected() {
            self.discard(DiscardCause::OutsideWindow);
            self.challenge(now, false);
            return;
        }
        let failure = match self.state {
            State::SynReceived => Failure::Refused,
            State::CloseWait => Failure::BrokenPipe,
            _ => Failure::Reset,
        };
        self.fail(now, failure, Trigger::ReceiveRst);
    }

    /// RFC 7323, 4.3: the clock value to echo is that of the segment at the left edge.
    fn remember_clock(&mut self, now: Instant, segment: &Segment, placed: &Placed) {
        if let (true, Some((value, _))) = (self.agreed.timestamps, segment.options.timestamps)
            && placed.start <= self.window.acknowledged()
            && self.recent.is_none_or(|(recent, _)| !before(value, recent))
        {
            self.recent = Some((value, now));
        }
    }

    /// The bytes and FIN of a segment that reaches past RCV.NXT. `false` if it ended the connection.
    fn take_text(&mut self, now: Instant, segment: Segment, placed: &Placed) -> bool {
        let expected = self.expected();
        let length = segment.payload.len();
        let data_end = placed.start + length as Position;
        if placed.end <= expected {
            // Nothing new: the peer did not hear our acknowledgement.
            self.discard(DiscardCause::OldDuplicate);
            self.report_duplicate(placed.start, length);
            self.acks.hurry(self.window.offered());
            self.acks.demand();
            return true;
        }
        if self.fin_received {
            self.discard(DiscardCause::OutsideWindow);
            return true;
        }
        if self.read_shut && matches!(self.state, State::FinWait1 | State::FinWait2) && data_end > expected {
            // Nobody will read this: the peer must know (RFC 9293, 3.6.1; RFC 1122, 4.2.2.13).
            self.discard(DiscardCause::AfterReset);
            self.reject(&segment);
            if !self.orphaned {
                self.failure = Some(Failure::Reset);
            }
            self.change(now, Trigger::Abort);
            return false;
        }
        let edge = self.window.right_edge();
        if placed.start >= edge && length > 0 {
            // A probe into a closed window: the answer says how things stand.
            self.discard(DiscardCause::OutsideWindow);
            self.acks.hurry(self.window.offered());
            self.acks.demand();
            return true;
        }
        if segment.control.fin && data_end <= edge {
            self.peer_fin.get_or_insert(data_end);
        }
        let limit = self.peer_fin.map_or(edge, |fin| fin.min(edge));
        let kept = (limit - placed.start).clamp(0, length as Position) as usize;
        let before_insertion = self.incoming.next();
        let holes = self.incoming.has_holes();
        if kept > 0 && !self.incoming.insert(placed.start, segment.payload.0.slice(..kept)) {
            self.discard(DiscardCause::OutsideWindow);
        }
        let in_order = self.incoming.next() > before_insertion;
        if in_order {
            let mss = self.agreed.mss.max(u32::from(self.config.mss));
            let (window, timeout) = (self.window.offered(), self.estimator.timeout());
            self.acks.data_arrived(now, kept as u32, segment.control.psh, mss, window, timeout);
            self.window.data_arrived(kept as u32);
        }
        if !in_order && kept > 0 || holes {
            // Out of order, or a hole was closed: the sender must learn it now (RFC 5681, 4.2).
            self.acks.demand();
        }
        if self.peer_fin == Some(self.incoming.next()) {
            self.fin_received = true;
            if self.state == State::Established {
                self.acks.peer_finished();
            } else {
                self.acks.demand();
            }
        } else if segment.control.fin {
            self.acks.demand();
        }
        true
    }

    /// These bytes came twice: the next acknowledgement says so, and the peer learns that it repeated them in vain (RFC 2883).
    fn report_duplicate(&mut self, start: Position, length: usize) {
        if self.agreed.sack && length > 0 && start > 0 {
            self.duplicate = Some((start, start + length as Position));
        }
    }

    pub(super) fn discard(&mut self, cause: DiscardCause) {
        self.event(Event::Discarded { frame: 0, cause });
    }
}
