//! One direction of a conversation, put together. It compares numbers and bytes; when packets came is not its question.

use crate::packets::Segment;
use crate::stream::{Data, Range};
use serde::Serialize;
use std::collections::BTreeMap;

/// Gaps, and marks, of one direction that are listed.
const LISTED: usize = 10_000;

/// Pieces of one direction that are kept. More of them only a capture has that somebody made for the purpose.
const MOST_PIECES: usize = 65_536;

/// What one end has sent, so far.
#[derive(Debug, Default)]
pub(super) struct Half {
    /// By offset; they do not overlap. A piece grows while bytes come in order, and is never moved.
    pieces: BTreeMap<u64, Vec<u8>>,
    carried: Vec<Carried>,
    gaps: Vec<Gap>,
    /// Gaps before this place in the list are acknowledged or will not be asked again.
    asked: usize,
    marks: Vec<Mark>,
    more_marks: u64,
    /// Behind the highest byte seen.
    high: u64,
    beyond: u64,
    missing: u64,
    full: bool,
    begun: bool,
    packets: u64,
    fin: Option<u64>,
    reset: Option<u64>,
}

/// What one end has sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HalfReport {
    /// Packets from this end.
    pub packets: u64,
    /// Bytes that were kept, each once.
    pub bytes: u64,
    /// Bytes that went beyond the limit of memory: only counted.
    pub beyond: u64,
    /// Bytes that were cut off when the packets were captured.
    pub snapped: u64,
    /// Whether the capture has its SYN; otherwise offset 0 is the first byte that it has.
    pub begun: bool,
    /// The packet with its FIN.
    pub fin: Option<u64>,
    /// The packet with its RST.
    pub reset: Option<u64>,
    /// The bytes, from gap to gap: one run where nothing is missing.
    pub runs: Vec<Run>,
    /// Which packet first carried which bytes, in the order of the bytes.
    pub carried: Vec<Carried>,
    /// Bytes that came later than those behind them, or never.
    pub gaps: Vec<Gap>,
    /// What came again or out of order, in the order of the packets.
    pub marks: Vec<Mark>,
    /// Marks beyond the limit of the list.
    pub more_marks: u64,
}

/// Bytes without a gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Their place in the stream.
    pub range: Range,
    /// They.
    pub data: Data,
}

/// Bytes that a packet was the first to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Carried {
    /// Their place in the stream.
    pub range: Range,
    /// Its number.
    pub packet: u64,
}

/// Bytes that were passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Their place in the stream.
    pub range: Range,
    /// The packet behind the gap, which showed it.
    pub shown_by: u64,
    /// The packet that brought the last of the missing bytes; absent where some never came.
    pub closed_by: Option<u64>,
    /// The packet of the other end that acknowledged them although they were missing here: they arrived, and only the
    /// capture has lost them.
    pub acknowledged_by: Option<u64>,
    /// Bytes still missing.
    pub missing: u64,
}

/// Something remarkable about the bytes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Its number.
    pub packet: u64,
    /// What.
    pub kind: MarkKind,
    /// Its place in the stream.
    pub range: Range,
}

/// What is remarkable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// Every byte was here before.
    Retransmission,
    /// Some bytes were here before.
    Overlap,
    /// Some bytes were here before, and were others: the first are kept.
    Conflict,
    /// It belongs before bytes that were here already.
    OutOfOrder,
    /// It belongs before the first byte of the stream as the capture shows it: it is left out.
    BeforeBeginning,
}

impl MarkKind {
    /// All of them.
    pub const ALL: [MarkKind; 5] = [
        MarkKind::Retransmission,
        MarkKind::Overlap,
        MarkKind::Conflict,
        MarkKind::OutOfOrder,
        MarkKind::BeforeBeginning,
    ];

    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            MarkKind::Retransmission => "retransmission",
            MarkKind::Overlap => "overlap",
            MarkKind::Conflict => "conflict",
            MarkKind::OutOfOrder => "out_of_order",
            MarkKind::BeforeBeginning => "before_beginning",
        }
    }
}

impl Half {
    /// The other end has everything before `offset`.
    pub(super) fn acknowledge(&mut self, offset: u64, packet: u64) {
        while let Some(gap) = self.gaps.get_mut(self.asked).filter(|gap| gap.range.1 <= offset) {
            if gap.missing > 0 {
                gap.acknowledged_by = Some(packet);
            }
            self.asked += 1;
        }
    }

    /// Takes a segment; the answer is how many bytes of it were kept, at most `room`.
    pub(super) fn segment(&mut self, packet: u64, segment: &Segment, payload: &[u8], room: usize) -> usize {
        self.packets += 1;
        self.begun |= segment.control.syn;
        if segment.control.rst {
            // What a reset carries is a text for people at most (RFC 9293, 3.5.2), not a part of the stream.
            self.reset.get_or_insert(packet);
            return 0;
        }
        if segment.control.fin {
            self.fin.get_or_insert(packet);
        }
        if segment.length == 0 {
            return 0;
        }
        // SYN has a number and no byte.
        let first = segment.relative_sequence + u64::from(segment.control.syn);
        // A number far ahead is one that wrapped below the first.
        let Some(start) = first.checked_sub(1).filter(|start| *start < self.high + (1 << 31)) else {
            self.mark(packet, MarkKind::BeforeBeginning, Range(0, 0));
            return 0;
        };
        self.take(packet, start, payload, segment.length, room)
    }

    /// Takes a datagram behind all others.
    pub(super) fn append(&mut self, packet: u64, payload: &[u8], length: u32, room: usize) -> usize {
        self.packets += 1;
        self.begun = true;
        if length == 0 && self.carried.len() < MOST_PIECES {
            // A datagram without bytes is a datagram all the same.
            self.carried.push(Carried { range: Range(self.high, self.high), packet });
        }
        self.take(packet, self.high, payload, length, room)
    }

    fn take(&mut self, packet: u64, start: u64, payload: &[u8], length: u32, room: usize) -> usize {
        let (end, whole) = (start + payload.len() as u64, start + u64::from(length));
        let high = self.high;
        let scattered = self.pieces.len() >= MOST_PIECES || (start > high && self.gaps.len() >= LISTED);
        if self.full || payload.len() > room || scattered {
            self.full = true;
            self.beyond += whole.saturating_sub(start.max(high));
            self.high = high.max(whole);
            return 0;
        }
        self.missing += whole.saturating_sub(end.max(high));
        if start > high {
            let (range, missing) = (Range(high, start), start - high);
            self.gaps.push(Gap { range, shown_by: packet, closed_by: None, acknowledged_by: None, missing });
        }
        self.high = high.max(whole);
        let (fresh, conflict) = self.fresh(start, payload);
        let kept: u64 = fresh.iter().map(|range| range.len()).sum();
        for range in &fresh {
            self.keep(*range, &payload[(range.0 - start) as usize..(range.1 - start) as usize]);
            self.carried.push(Carried { range: *range, packet });
            self.close(*range, packet);
        }
        let range = Range(start, end);
        match () {
            () if conflict => self.mark(packet, MarkKind::Conflict, range),
            () if kept == 0 && !payload.is_empty() => self.mark(packet, MarkKind::Retransmission, range),
            () if kept < range.len() => self.mark(packet, MarkKind::Overlap, range),
            () if start < high => self.mark(packet, MarkKind::OutOfOrder, range),
            () => {}
        }
        kept as usize
    }

    /// The parts of a payload that are new, and whether a part that is not differs from what was here.
    fn fresh(&self, start: u64, payload: &[u8]) -> (Vec<Range>, bool) {
        let end = start + payload.len() as u64;
        let (mut at, mut fresh, mut conflict) = (start, Vec::new(), false);
        let before = self.pieces.range(..=start).next_back().map(|(at, _)| *at).unwrap_or(start);
        for (&piece, bytes) in self.pieces.range(before..end.max(before)) {
            let range = Range(piece, piece + bytes.len() as u64);
            let Some(both) = range.overlap(Range(at, end)) else { continue };
            if at < both.0 {
                fresh.push(Range(at, both.0));
            }
            let old = &bytes[(both.0 - piece) as usize..(both.1 - piece) as usize];
            conflict |= old != &payload[(both.0 - start) as usize..(both.1 - start) as usize];
            at = both.1;
        }
        if at < end {
            fresh.push(Range(at, end));
        }
        (fresh, conflict)
    }

    fn keep(&mut self, range: Range, bytes: &[u8]) {
        if let Some((at, piece)) = self.pieces.range_mut(..range.0).next_back()
            && at + piece.len() as u64 == range.0
        {
            return piece.extend_from_slice(bytes);
        }
        self.pieces.insert(range.0, bytes.to_vec());
    }

    /// New bytes before the highest ones lie in a gap.
    fn close(&mut self, range: Range, packet: u64) {
        let behind = self.gaps.partition_point(|gap| gap.range.0 <= range.0);
        let Some(gap) = behind.checked_sub(1).and_then(|place| self.gaps.get_mut(place)) else { return };
        if let Some(both) = gap.range.overlap(range) {
            gap.missing -= both.len().min(gap.missing);
            if gap.missing == 0 {
                gap.closed_by.get_or_insert(packet);
            }
        }
    }

    fn mark(&mut self, packet: u64, kind: MarkKind, range: Range) {
        match self.marks.len() < LISTED {
            true => self.marks.push(Mark { packet, kind, range }),
            false => self.more_marks += 1,
        }
    }

    pub(super) fn finish(self) -> HalfReport {
        let mut carried = self.carried;
        carried.sort_by_key(|carried| carried.range);
        let mut joined: Vec<(u64, Vec<u8>)> = Vec::new();
        let mut bytes = 0;
        for (start, piece) in self.pieces {
            bytes += piece.len() as u64;
            match joined.last_mut() {
                Some((at, run)) if *at + run.len() as u64 == start => run.extend_from_slice(&piece),
                _ => joined.push((start, piece)),
            }
        }
        let run = |(start, bytes): (u64, Vec<u8>)| Run {
            range: Range(start, start + bytes.len() as u64),
            data: Data::from(bytes),
        };
        HalfReport {
            packets: self.packets,
            bytes,
            beyond: self.beyond,
            snapped: self.missing,
            begun: self.begun,
            fin: self.fin,
            reset: self.reset,
            runs: joined.into_iter().map(run).collect(),
            carried,
            gaps: self.gaps,
            marks: self.marks,
            more_marks: self.more_marks,
        }
    }
}

impl HalfReport {
    /// Packets that first carried the bytes from `start` to `end`, each once, in the order of the bytes.
    pub fn packets(&self, start: u64, end: u64) -> Vec<u64> {
        let first = self.carried.partition_point(|carried| carried.range.1 <= start);
        let mut packets: Vec<u64> = Vec::new();
        for carried in self.carried[first..].iter().take_while(|carried| carried.range.0 < end) {
            if packets.last() != Some(&carried.packet) {
                packets.push(carried.packet);
            }
        }
        packets
    }

    /// The bytes of a place, as far as one run has them all.
    pub fn bytes(&self, place: Range) -> Data {
        let run = self.runs.partition_point(|run| run.range.1 <= place.0);
        let Some(run) = self.runs.get(run).filter(|run| run.range.0 <= place.0) else { return Data::default() };
        let (start, end) = (place.0 - run.range.0, place.1.min(run.range.1) - run.range.0);
        Data(run.data.0.slice(start as usize..end as usize))
    }
}
