//! What leaves: lost segments again, new data as segmentation allows, acknowledgements. When is decided elsewhere; here the
//! segments are built.

use super::*;
use crate::stream::Data;
use crate::tcp::acknowledgement::Decision;
use crate::tcp::congestion::Phase;
use crate::tcp::segmentation::{self, Next, Situation};
use crate::tcp::{Purpose, retransmission};
use crate::wire::{Control, TcpOptions};
use bytes::Bytes;

/// The timestamps option with its padding (RFC 7323, appendix A).
const TIMESTAMPS_LENGTH: u32 = 12;

/// The most bytes of options in a header.
const OPTIONS_LENGTH: u32 = 40;

/// A segment about to be built.
struct Draft {
    start: Position,
    payload: Bytes,
    control: Control,
    purpose: Purpose,
    repeats: bool,
}

impl Connection {
    /// Sends what may be sent now, acknowledges what must be acknowledged now.
    pub(super) fn flush(&mut self, now: Instant) {
        self.transmit(now);
        self.acknowledge(now);
    }

    /// Lost segments first, then new ones, as far as both windows allow.
    pub(super) fn transmit(&mut self, now: Instant) {
        if !self.state.is_synchronised() || matches!(self.state, State::TimeWait | State::FinWait2) {
            return;
        }
        while let Some((index, _)) = self.board.next_lost() {
            let allowed = self.board.in_flight() < self.congestion.window();
            if !allowed && !std::mem::take(&mut self.fast_retransmit) {
                return;
            }
            self.fast_retransmit = false;
            self.resend(now, index);
        }
        if self.next < self.buffer.end() || (self.write_closed && !self.fin_sent()) {
            self.restart_after_idle(now);
            loop {
                match segmentation::next(self.situation()) {
                    Next::Done => {
                        self.holding = None;
                        break;
                    }
                    Next::Hold(reason) => {
                        self.hold(now, reason);
                        break;
                    }
                    Next::Segment { length, fin } => self.send_new(now, length, fin),
                }
            }
        }
        if self.holding.is_none() || !self.board.is_empty() {
            self.timers.stop(Timer::Persist);
        }
    }

    fn situation(&self) -> Situation {
        Situation {
            next: self.next,
            end: self.buffer.end(),
            fin: self.write_closed && !self.fin_sent(),
            edge: self.peer_window.right_edge(),
            full: self.full_segment(),
            in_flight: self.board.in_flight(),
            allowed: self.congestion.window(),
            outstanding: !self.board.is_empty(),
            short_outstanding: self.short_end > self.una,
            nodelay: self.config.nodelay,
            cork: self.config.cork,
        }
    }

    /// The most payload a segment may carry now.
    pub(super) fn full_segment(&self) -> u32 {
        let blocks = if self.agreed.sack { self.incoming.blocks().len() as u32 } else { 0 };
        let timestamps = if self.agreed.timestamps { TIMESTAMPS_LENGTH } else { 0 };
        let sack = match blocks.min((OPTIONS_LENGTH - timestamps - 4) / 8) {
            0 => 0,
            blocks => 4 + 8 * blocks,
        };
        segmentation::full_segment(self.agreed.mss, timestamps + sack, self.peer_window.largest())
    }

    /// Bytes stay in the buffer. Told once for each holding; with nothing in flight only the persist timer can end it.
    fn hold(&mut self, now: Instant, reason: Hold) {
        if self.holding != Some(reason) {
            self.holding = Some(reason);
            if let Some(range) = Self::range(self.next, self.buffer.end()) {
                self.event(Event::Held { reason, range });
            }
        }
        if self.board.is_empty() && self.timers.get(Timer::Persist).is_none() {
            let wait = match reason {
                Hold::Cork => retransmission::MINIMUM,
                _ => self.estimator.timeout(),
            };
            self.arm(Timer::Persist, now + wait);
        }
    }

    /// A connection that was silent for a timeout begins with a small window again (RFC 5681, 4.1).
    fn restart_after_idle(&mut self, now: Instant) {
        let timeout = self.estimator.base().as_micros().max(1);
        if let Some(last) = self.last_sent
            && self.board.is_empty()
            && now.since(last).as_micros() > timeout
        {
            let timeouts = now.since(last).as_micros() / timeout;
            self.congestion.idle(u32::try_from(timeouts).unwrap_or(u32::MAX));
        }
    }

    /// Sends new data, FIN behind it if `fin`.
    pub(super) fn send_new(&mut self, now: Instant, length: u32, fin: bool) {
        let start = self.next;
        let end = start + Position::from(length);
        let (payload, write_ends) = self.buffer.slice(start, end);
        self.next = end + Position::from(fin);
        if length < self.full_segment() {
            self.short_end = self.next;
        }
        self.board.push(start, self.next, now);
        self.congestion.sent(self.board.in_flight());
        self.waiting_since.get_or_insert(now);
        if length > 0 {
            self.acks.data_sent(now);
        }
        let control = Control { ack: true, psh: length > 0 && (write_ends || fin), fin, ..Control::default() };
        let purpose = if fin { Purpose::Close } else { Purpose::Data };
        self.emit(now, Draft { start, payload, control, purpose, repeats: false });
        if self.timers.get(Timer::Retransmission).is_none() {
            self.arm(Timer::Retransmission, now + self.estimator.timeout());
        }
        self.plan_tail_probe(now);
    }

    /// Sends the segment at `index` of the scoreboard again.
    pub(super) fn resend(&mut self, now: Instant, index: usize) {
        let sent = self.board.at(index);
        self.board.resend(index, now);
        self.retransmissions += 1;
        if sent.start == 0 {
            self.emit_syn(now, true);
        } else {
            let end = sent.end.min(self.buffer.end());
            let fin = sent.end > end;
            let start = sent.start.min(end);
            let (payload, write_ends) = self.buffer.slice(start, end);
            let control =
                Control { ack: true, psh: !payload.is_empty() && (write_ends || fin), fin, ..Control::default() };
            self.emit(
                now,
                Draft { start: sent.start, payload, control, purpose: Purpose::Retransmission, repeats: true },
            );
        }
        if self.timers.get(Timer::Retransmission).is_none() {
            self.arm(Timer::Retransmission, now + self.estimator.timeout());
        }
    }

    /// Sends our SYN, with ACK if the peer's was seen.
    pub(super) fn send_syn(&mut self, now: Instant) {
        self.next = 1;
        self.board.push(0, 1, now);
        self.emit_syn(now, false);
        self.arm(Timer::Retransmission, now + self.estimator.timeout());
    }

    pub(super) fn emit_syn(&mut self, now: Instant, repeats: bool) {
        let answers = self.state != State::SynSent;
        let options = self.syn_options(now);
        let payload = match (answers, self.agreed.timestamps) {
            (true, true) => u32::from(self.config.mss) - TIMESTAMPS_LENGTH,
            _ => u32::from(self.config.mss),
        };
        let segment = Segment {
            source_port: self.local.port(),
            destination_port: self.remote.port(),
            sequence: self.send_space.number(0),
            acknowledgement: if answers { self.receive_space.number(1) } else { 0 },
            control: Control { syn: true, ack: answers, ..Control::default() },
            window: self.window.first_offer(payload),
            urgent: 0,
            options,
            payload: Data::default(),
        };
        let purpose = if repeats { Purpose::Retransmission } else { Purpose::Open };
        self.output.push_back(Output::Segment { segment, purpose, repeats, range: None });
    }

    /// Decides about what was received and not acknowledged.
    pub(super) fn acknowledge(&mut self, now: Instant) {
        if !self.acks.is_pending() || !self.state.is_synchronised() {
            return;
        }
        let unacknowledged = (self.expected() - self.window.acknowledged()).max(0) as u64;
        let room = self.incoming.ready() == 0
            || self.window.select(self.incoming.used(), self.acks.segment()) >= self.window.offered();
        match self.acks.decide(unacknowledged, room, self.incoming.has_holes(), self.estimator.smoothed()) {
            Decision::Nothing => {}
            Decision::Now => self.send_acknowledgement(now, Purpose::Acknowledgement),
            Decision::Delay(delay) => {
                let at = now + delay;
                if self.timers.get(Timer::DelayedAcknowledgement).is_none_or(|earlier| at < earlier) {
                    self.arm(Timer::DelayedAcknowledgement, at);
                }
            }
        }
    }

    /// Sends a segment that carries nothing but the acknowledgement.
    pub(super) fn send_acknowledgement(&mut self, now: Instant, purpose: Purpose) {
        let control = Control { ack: true, ..Control::default() };
        self.emit(now, Draft { start: self.next, payload: Bytes::new(), control, purpose, repeats: false });
    }

    /// An empty segment just outside the peer's window: it must answer with an acknowledgement (RFC 9293, 3.8.4, 3.8.6.1).
    pub(super) fn send_probe(&mut self, now: Instant, purpose: Purpose) {
        let control = Control { ack: true, ..Control::default() };
        self.emit(now, Draft { start: self.una - 1, payload: Bytes::new(), control, purpose, repeats: false });
    }

    /// Sends RST at SND.NXT.
    pub(super) fn send_reset(&mut self, now: Instant) {
        let control = Control { rst: true, ack: true, ..Control::default() };
        self.emit(
            now,
            Draft { start: self.next, payload: Bytes::new(), control, purpose: Purpose::Reset, repeats: false },
        );
    }

    /// Answers `segment` with RST as if there were no connection.
    pub(super) fn reject(&mut self, segment: &Segment) {
        if let Some(segment) = crate::tcp::reset_for(segment) {
            let purpose = Purpose::Reset;
            self.output.push_back(Output::Segment { segment, purpose, repeats: false, range: None });
        }
    }

    fn emit(&mut self, now: Instant, draft: Draft) {
        let length = draft.payload.len() as u32;
        let used = self.incoming.used();
        if self.window.is_tight(used) {
            self.acks.calm();
        }
        let timestamps =
            self.agreed.timestamps.then(|| (self.timestamp(now), self.recent.map_or(0, |recent| recent.0)));
        let mut room = OPTIONS_LENGTH.min(self.agreed.mss.saturating_sub(length));
        if timestamps.is_some() {
            room = room.saturating_sub(TIMESTAMPS_LENGTH);
        }
        let mut sack = Vec::new();
        if self.agreed.sack && !draft.control.rst && room >= 12 {
            let space = self.receive_space;
            let blocks = self.duplicate.take().into_iter().chain(self.incoming.blocks().iter().copied());
            sack.extend(
                blocks.take((room as usize - 4) / 8).map(|(left, right)| (space.number(left), space.number(right))),
            );
        }
        let segment = Segment {
            source_port: self.local.port(),
            destination_port: self.remote.port(),
            sequence: self.send_space.number(draft.start),
            acknowledgement: self.receive_space.number(self.expected()),
            control: draft.control,
            window: if draft.control.rst { 0 } else { self.window.offer(self.expected(), used, self.acks.segment()) },
            urgent: 0,
            options: TcpOptions { timestamps, sack, ..TcpOptions::default() },
            payload: Data(draft.payload),
        };
        self.acks.sent();
        self.timers.stop(Timer::DelayedAcknowledgement);
        if segment.sequence_length() > 0 {
            self.last_sent = Some(now);
        }
        let range = Self::range(draft.start, draft.start + Position::from(length));
        self.output.push_back(Output::Segment { segment, purpose: draft.purpose, repeats: draft.repeats, range });
    }

    /// Whether losses are being repaired.
    pub(super) fn is_recovering(&self) -> bool {
        self.congestion.phase() != Phase::Open
    }
}
