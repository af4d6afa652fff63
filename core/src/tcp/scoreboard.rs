//! What was sent and not yet acknowledged, segment by segment: which were selectively acknowledged, which are taken for lost,
//! which were sent again (RFC 6675). It knows neither bytes nor clocks' meaning; how many may be in flight is congestion control.

use super::sequence::Position;
use crate::time::Instant;
use std::collections::VecDeque;

/// DupThresh (RFC 6675, 2).
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
    /// Every segment that ends at or before is marked lost or sacked.
    examined: Position,
    highest_sacked: Position,
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
        self.sent.push_back(Sent { start, end, at, times: 1, sacked: false, lost: false, again: false });
    }

    /// Everything before `una` is acknowledged.
    pub fn acknowledge(&mut self, una: Position) -> Acked {
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
    pub fn selectively_acknowledge(&mut self, left: Position, right: Position) -> Acked {
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
        for sent in self.sent.range_mut(from..) {
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
            self.highest_sacked = self.highest_sacked.max(sent.end);
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

    /// Marks what three later segments have overtaken (RFC 6675, 4, IsLost). Whether anything is newly lost.
    pub fn find_lost(&mut self) -> bool {
        if self.sacked < DUPLICATES {
            return false;
        }
        // The third-highest selectively acknowledged segment: everything before it has been overtaken by three.
        let mut seen = 0;
        let top = self.sent.partition_point(|sent| sent.start < self.highest_sacked);
        let Some(limit) = self.sent.range(..top).rev().find_map(|sent| {
            seen += u32::from(sent.sacked);
            (seen == DUPLICATES).then_some(sent.start)
        }) else {
            return false;
        };
        if limit <= self.examined {
            return false;
        }
        let from = self.sent.partition_point(|sent| sent.end <= self.examined);
        let mut found = false;
        for sent in self.sent.range_mut(from..) {
            if sent.end > limit {
                break;
            }
            if !sent.sacked && !sent.lost {
                sent.lost = true;
                self.lost += 1;
                self.resent = self.resent.min(sent.start);
                found = true;
            }
        }
        self.examined = limit;
        found
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
        self.examined = self.sent.back().map_or(0, |last| last.end);
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
        let sent = &mut self.sent[index];
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

    #[test]
    fn three_reported_segments_above_a_hole_make_it_lost() {
        let mut board = ten();
        board.selectively_acknowledge(101, 301);
        assert!(!board.find_lost());
        board.selectively_acknowledge(301, 401);
        assert!(board.find_lost());
        assert_eq!(board.next_lost().unwrap().1.start, 1);
        assert_eq!(board.in_flight(), 10 - 3 - 1);
        board.resend(0, at(50));
        assert_eq!(board.in_flight(), 10 - 3);
        assert_eq!(board.next_lost(), None);
        assert!(!board.find_lost(), "what was sent again is not found again");
    }

    #[test]
    fn a_second_hole_is_found_when_enough_was_reported_above_it() {
        let mut board = ten();
        board.selectively_acknowledge(101, 401);
        board.find_lost();
        board.resend(0, at(50));
        board.selectively_acknowledge(501, 801);
        assert!(board.find_lost());
        assert_eq!(board.next_lost().unwrap().1.start, 401);
    }

    #[test]
    fn a_repeated_segment_gives_no_round_trip_sample() {
        let mut board = ten();
        assert_eq!(board.acknowledge(201), Acked { segments: 2, sent_at: Some(at(0)) });
        board.lose_first();
        board.resend(0, at(60));
        assert_eq!(board.acknowledge(401).sent_at, None);
    }

    #[test]
    fn a_timeout_loses_all_but_what_was_reported() {
        let mut board = ten();
        board.selectively_acknowledge(501, 601);
        board.lose_all();
        assert_eq!(board.in_flight(), 0);
        let mut again = Vec::new();
        while let Some((index, sent)) = board.next_lost() {
            board.resend(index, at(99));
            again.push(sent.start);
        }
        assert_eq!(again, [1, 101, 201, 301, 401, 601, 701, 801, 901]);
        board.acknowledge(1001);
        assert_eq!(board.in_flight(), 0);
        assert_eq!((board.sacked, board.lost, board.again), (0, 0, 0));
    }

    #[test]
    fn a_partly_acknowledged_segment_keeps_its_tail() {
        let mut board = ten();
        assert_eq!(board.acknowledge(151).segments, 1);
        assert_eq!((board.at(0).start, board.at(0).end), (151, 201));
    }
}
