//! What was sent and not yet acknowledged, segment by segment: which were selectively acknowledged, which are taken for lost
//! because a segment sent later arrived (RACK, RFC 8985), which were sent again. It knows no bytes; how many segments may be in
//! flight is congestion control's affair.

use super::sequence::Position;
use crate::time::{Duration, Instant};
use std::collections::VecDeque;

/// Selectively acknowledged segments that leave no doubt (RFC 8985, 6.2, step 4).
const DUPLICATES: u32 = 3;

/// One segment in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub start: Position,
    pub end: Position,
    /// When it was sent last.
    pub at: Instant,
    /// How often it was sent.
    pub times: u32,
    /// Which transmission that was: clocks tie, this does not.
    order: u64,
    sacked: bool,
    lost: bool,
    /// Lost, and sent again since.
    again: bool,
}

/// What an acknowledgement removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Acked {
    /// Whole segments that were acknowledged, now or selectively.
    pub segments: u32,
    /// When the oldest of them that was sent only once was sent; absent if any was sent twice (Karn's algorithm).
    pub sent_at: Option<Instant>,
}

/// The segments between SND.UNA and SND.NXT.
#[derive(Clone, Debug, Default)]
pub(super) struct Scoreboard {
    sent: VecDeque<Sent>,
    sacked: u32,
    lost: u32,
    again: u32,
    /// Duplicate acknowledgements where the peer does not report blocks: each means that one segment left the network.
    duplicates: u32,
    /// RACK.fack: the end of the highest segment that was delivered.
    highest: Position,
    /// The same before the acknowledgement being handled.
    highest_before: Position,
    /// Of the delivered segment that was sent last: which transmission it was, and RACK.rtt.
    latest: Option<(u64, Duration)>,
    /// Transmissions so far.
    transmissions: u64,
    /// Segments have overtaken each other without loss.
    reordered: bool,
    /// No segment before is lost without having been sent again.
    resent: Position,
    /// The blocks last reported: what lies in them needs no second look.
    known: VecDeque<(Position, Position)>,
}

impl Scoreboard {
    pub fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    /// Segments that are believed to be in the network.
    pub fn in_flight(&self) -> u32 {
        let gone = self.sacked + self.lost + self.duplicates;
        (self.sent.len() as u32 + self.again).saturating_sub(gone)
    }

    /// Segments not cumulatively acknowledged.
    pub fn outstanding(&self) -> u32 {
        self.sent.len() as u32
    }

    pub fn duplicates(&self) -> u32 {
        self.duplicates
    }

    /// The segment at `index`.
    pub fn at(&self, index: usize) -> Sent {
        self.sent[index]
    }

    /// New data went out.
    pub fn push(&mut self, start: Position, end: Position, at: Instant) {
        self.transmissions += 1;
        let order = self.transmissions;
        self.sent.push_back(Sent { start, end, at, times: 1, order, sacked: false, lost: false, again: false });
    }

    /// Segments that were selectively acknowledged.
    pub fn sacked(&self) -> u32 {
        self.sacked
    }

    /// The last segment that the peer has not reported.
    pub fn last(&self) -> Option<usize> {
        self.sent.iter().rposition(|sent| !sent.sacked)
    }

    /// An acknowledgement is about to be handled: what it says in one go is not out of order.
    pub fn begin(&mut self) {
        self.highest_before = self.highest;
    }

    /// Everything before `una` is acknowledged. `quickest` is the shortest round trip so far.
    pub fn acknowledge(&mut self, now: Instant, una: Position, quickest: Option<Duration>) -> Acked {
        let mut acked = Acked::default();
        let mut ambiguous = false;
        while let Some(first) = self.sent.front_mut() {
            if first.end > una {
                // A middlebox or a peer that trims: part of a segment.
                first.start = first.start.max(una);
                break;
            }
            let first = self.sent.pop_front().expect("the front was just seen");
            ambiguous |= first.times > 1;
            if !first.sacked {
                acked.segments += 1;
                acked.sent_at = acked.sent_at.or(Some(first.at));
                self.delivered(now, first, quickest);
            }
            self.sacked -= u32::from(first.sacked);
            self.lost -= u32::from(first.lost);
            self.again -= u32::from(first.again);
        }
        if ambiguous {
            acked.sent_at = None;
        }
        if self.sent.is_empty() {
            self.duplicates = 0;
        } else {
            self.duplicates = self.duplicates.saturating_sub(acked.segments.saturating_sub(1));
        }
        acked
    }

    /// The peer holds `[left, right)`. How many segments that is news of, and when the newest of them sent only once was sent.
    pub fn selectively_acknowledge(
        &mut self,
        now: Instant,
        (left, right): (Position, Position),
        quickest: Option<Duration>,
    ) -> Acked {
        let mut acked = Acked::default();
        let mut unknown = left;
        if let Some(block) = self.known.iter_mut().find(|known| known.0 <= left && left <= known.1) {
            unknown = block.1;
            block.1 = block.1.max(right);
        } else {
            self.known.truncate(3);
            self.known.push_front((left, right));
        }
        let from = self.sent.partition_point(|sent| sent.start < unknown);
        for index in from..self.sent.len() {
            let sent = &mut self.sent[index];
            if sent.end > right {
                break;
            }
            if sent.sacked {
                continue;
            }
            sent.sacked = true;
            self.sacked += 1;
            self.lost -= u32::from(std::mem::take(&mut sent.lost));
            self.again -= u32::from(std::mem::take(&mut sent.again));
            acked.segments += 1;
            if sent.times == 1 {
                acked.sent_at = Some(sent.at);
            }
            let sent = *sent;
            self.delivered(now, sent, quickest);
        }
        acked
    }

    /// A duplicate acknowledgement without blocks.
    pub fn duplicate(&mut self) {
        if self.duplicates + self.lost < self.sent.len() as u32 {
            self.duplicates += 1;
        }
    }

    /// In NewReno's recovery the first segment is known to be lost once more of the window was acknowledged (RFC 6582, 3.2).
    pub fn forget_duplicates(&mut self) {
        self.duplicates = 0;
    }

    /// A segment arrived (RFC 8985, 6.2, steps 2 and 3).
    fn delivered(&mut self, now: Instant, sent: Sent, quickest: Option<Duration>) {
        let rtt = now.since(sent.at);
        if sent.times > 1 && quickest.is_some_and(|quickest| rtt < quickest) {
            // Sooner than anything ever was: it acknowledges the first copy, not the second.
            return;
        }
        self.reordered |= sent.times == 1 && sent.end < self.highest_before;
        self.highest = self.highest.max(sent.end);
        if self.latest.is_none_or(|(order, _)| order < sent.order) {
            self.latest = Some((sent.order, rtt));
        }
    }

    /// Marks what segments sent later have overtaken (RFC 8985, 6.2, steps 4 and 5). `patience` is allowed for reordering, where
    /// there is doubt. Whether anything is newly lost, and when to look again.
    pub fn find_overtaken(&mut self, now: Instant, patience: Duration, repairing: bool) -> (bool, Option<Instant>) {
        let Some((latest, rtt)) = self.latest else { return (false, None) };
        let untouched = self.sacked == 0 && self.lost == 0;
        if untouched && self.sent.front().is_none_or(|first| first.order > latest) {
            return (false, None);
        }
        let certain = !self.reordered && (repairing || self.sacked >= DUPLICATES);
        let wait = if certain { rtt } else { rtt + patience };
        let (mut found, mut later) = (false, None::<Instant>);
        for sent in &mut self.sent {
            let overtaken = sent.order < latest;
            if sent.sacked || (sent.lost && !sent.again) || !overtaken {
                continue;
            }
            let due = sent.at + wait;
            if due > now {
                later = Some(later.map_or(due, |earlier| earlier.min(due)));
                continue;
            }
            self.lost += u32::from(!sent.lost);
            self.again -= u32::from(sent.again);
            (sent.lost, sent.again) = (true, false);
            self.resent = self.resent.min(sent.start);
            found = true;
        }
        (found, later)
    }

    /// Marks the first segment lost, unless it is already. Whether it was news.
    pub fn lose_first(&mut self) -> bool {
        match self.sent.front_mut() {
            Some(first) if !first.lost && !first.sacked => {
                first.lost = true;
                self.lost += 1;
                self.resent = first.start;
                true
            }
            _ => false,
        }
    }

    /// After a timeout nothing is believed to be in the network any more (RFC 6675, 5.1).
    pub fn lose_all(&mut self) {
        self.duplicates = 0;
        self.again = 0;
        self.lost = 0;
        self.resent = 0;
        self.known.clear();
        // A peer may throw away what it reported (RFC 2018, 8), so the first is repeated even if it was reported.
        if let Some(first) = self.sent.front_mut()
            && std::mem::take(&mut first.sacked)
        {
            self.sacked -= 1;
        }
        for sent in &mut self.sent {
            sent.again = false;
            sent.lost = !sent.sacked;
            self.lost += u32::from(sent.lost);
        }
    }

    /// The first segment that is lost and was not sent again since.
    pub fn next_lost(&self) -> Option<(usize, Sent)> {
        if self.lost == self.again {
            return None;
        }
        let from = self.sent.partition_point(|sent| sent.end <= self.resent);
        self.sent
            .range(from..)
            .position(|sent| sent.lost && !sent.again)
            .map(|index| (from + index, self.sent[from + index]))
    }

    /// The segment at `index` is being sent again.
    pub fn resend(&mut self, index: usize, at: Instant) {
        self.transmissions += 1;
        let sent = &mut self.sent[index];
        sent.order = self.transmissions;
        sent.at = at;
        sent.times += 1;
        if sent.lost && !sent.again {
            sent.again = true;
            self.again += 1;
            self.resent = sent.end;
        }
    }

    /// The connection is over.
    pub fn clear(&mut self) {
        *self = Scoreboard::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: u64) -> Instant {
        Instant::from_micros(micros)
    }

    /// Ten segments of 100 bytes from position 1.
    fn ten() -> Scoreboard {
        let mut board = Scoreboard::default();
        for index in 0..10 {
            board.push(1 + index * 100, 101 + index * 100, at(index as u64));
        }
        board
    }

    /// The peer reports a block ten milliseconds after the first segment was sent.
    fn report(board: &mut Scoreboard, left: Position, right: Position) -> (bool, Option<Instant>) {
        board.begin();
        board.selectively_acknowledge(at(10_000), (left, right), None);
        board.find_overtaken(at(10_000), Duration::from_millis(2), false)
    }

    #[test]
    fn three_reported_segments_above_a_hole_make_it_lost_at_once() {
        let mut board = ten();
        assert_eq!(report(&mut board, 101, 301), (false, Some(at(11_998))), "two leave a doubt");
        assert!(report(&mut board, 301, 401).0);
        assert_eq!(board.next_lost().unwrap().1.start, 1);
        assert_eq!(board.in_flight(), 10 - 3 - 1);
        board.resend(0, at(10_000));
        assert_eq!(board.in_flight(), 10 - 3);
        assert_eq!(board.next_lost(), None);
        assert!(!report(&mut board, 401, 501).0, "what was sent again is not found again");
    }

    #[test]
    fn one_reported_segment_is_enough_once_the_doubt_is_over() {
        let mut board = ten();
        let (found, later) = report(&mut board, 901, 1001);
        assert!(!found);
        assert!(board.find_overtaken(later.unwrap(), Duration::from_millis(2), false).0);
        assert_eq!(board.next_lost().unwrap().1.start, 1);
    }

    #[test]
    fn a_lost_retransmission_is_noticed() {
        let mut board = ten();
        report(&mut board, 101, 401);
        board.resend(0, at(10_000));
        board.push(1001, 1101, at(10_001));
        board.selectively_acknowledge(at(20_000), (1001, 1101), None);
        assert!(board.find_overtaken(at(20_000), Duration::ZERO, true).0);
        assert_eq!(board.next_lost().unwrap().1.start, 1);
    }

    #[test]
    fn a_late_arrival_shows_reordering_and_makes_patient() {
        let mut board = ten();
        report(&mut board, 201, 301);
        report(&mut board, 101, 201);
        assert!(!report(&mut board, 301, 501).0, "four are reported, but order means nothing here");
    }

    #[test]
    fn a_repeated_segment_gives_no_round_trip_sample() {
        let mut board = ten();
        assert_eq!(board.acknowledge(at(99), 201, None), Acked { segments: 2, sent_at: Some(at(0)) });
        board.lose_first();
        board.resend(0, at(60));
        assert_eq!(board.acknowledge(at(99), 401, None).sent_at, None);
    }

    #[test]
    fn a_timeout_loses_all_but_what_was_reported() {
        let mut board = ten();
        board.selectively_acknowledge(at(50), (501, 601), None);
        board.lose_all();
        assert_eq!(board.in_flight(), 0);
        let mut again = Vec::new();
        while let Some((index, sent)) = board.next_lost() {
            board.resend(index, at(99));
            again.push(sent.start);
        }
        assert_eq!(again, [1, 101, 201, 301, 401, 601, 701, 801, 901]);
        board.acknowledge(at(99), 1001, None);
        assert_eq!(board.in_flight(), 0);
        assert_eq!((board.sacked, board.lost, board.again), (0, 0, 0));
    }

    #[test]
    fn a_partly_acknowledged_segment_keeps_its_tail() {
        let mut board = ten();
        assert_eq!(board.acknowledge(at(99), 151, None).segments, 1);
        assert_eq!((board.at(0).start, board.at(0).end), (151, 201));
    }
}
