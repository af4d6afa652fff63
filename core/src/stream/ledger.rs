//! What became of each byte of one direction of a stream: which `send` wrote it, which `recv` read it.
//! It knows no protocol; writes, carriers and reads are numbered by whoever records them.

use super::Range;

/// Bytes that one operation moved, with the number that its owner gave it: an index of an event, say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// Which bytes.
    pub range: Range,
    /// Whose.
    pub label: usize,
}

/// One direction of a stream. Offsets count from the first byte written.
///
/// ```
/// use sockscope_core::stream::Ledger;
/// let mut ledger = Ledger::new();
/// for (number, length) in [(0, 4), (1, 4), (2, 4)] {
///     ledger.write(number, length);
/// }
/// ledger.read(0, 6);
/// ledger.read(1, 2);
/// assert!(ledger.is_coalesced(0) && !ledger.is_coalesced(1));
/// assert!(ledger.is_split(1) && !ledger.is_split(0));
/// assert_eq!(ledger.unread().len(), 4);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    writes: Vec<Span>,
    carriers: Vec<Span>,
    reads: Vec<Span>,
}

/// A run of bytes that share one write and one read, or the lack of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which bytes.
    pub range: Range,
    /// The write they come from, counted from 0; `None` for bytes read that no write was recorded for.
    pub write: Option<usize>,
    /// The read that took them, counted from 0; `None` if they have not been read.
    pub read: Option<usize>,
}

impl Ledger {
    /// A direction that has carried nothing.
    pub fn new() -> Self {
        Ledger::default()
    }

    /// The next `length` bytes were written. A write of no bytes leaves no mark. Returns which bytes they are.
    pub fn write(&mut self, label: usize, length: u64) -> Range {
        append(&mut self.writes, label, length)
    }

    /// The next `length` bytes were read. A read of no bytes (the end of the stream) leaves no mark.
    pub fn read(&mut self, label: usize, length: u64) -> Range {
        append(&mut self.reads, label, length)
    }

    /// A write whose place is known. One that does not begin where the last ended is taken at its word; the part
    /// that an earlier write has is left to that one.
    pub fn write_at(&mut self, label: usize, range: Range) {
        place(&mut self.writes, label, range);
    }

    /// A read whose place is known, in the same way.
    pub fn read_at(&mut self, label: usize, range: Range) {
        place(&mut self.reads, label, range);
    }

    /// Something on the way carried these bytes: a segment. Carriers may repeat bytes and come in any order.
    pub fn carry(&mut self, label: usize, range: Range) {
        if !range.is_empty() {
            self.carriers.push(Span { range, label });
        }
    }

    /// The writes, in order.
    pub fn writes(&self) -> &[Span] {
        &self.writes
    }

    /// The carriers, in the order they were recorded.
    pub fn carriers(&self) -> &[Span] {
        &self.carriers
    }

    /// The reads, in order.
    pub fn reads(&self) -> &[Span] {
        &self.reads
    }

    /// The write that a byte comes from, counted from 0.
    pub fn write_of(&self, offset: u64) -> Option<usize> {
        holder(&self.writes, offset)
    }

    /// The read that took a byte, counted from 0.
    pub fn read_of(&self, offset: u64) -> Option<usize> {
        holder(&self.reads, offset)
    }

    /// The writes that a range of the stream touches, as numbers counted from 0.
    pub fn writes_in(&self, range: Range) -> std::ops::Range<usize> {
        overlapping(&self.writes, range)
    }

    /// The reads that a range of the stream touches.
    pub fn reads_in(&self, range: Range) -> std::ops::Range<usize> {
        overlapping(&self.reads, range)
    }

    /// Whether the read joins bytes of several writes: what the classroom calls sticky packets.
    pub fn is_coalesced(&self, read: usize) -> bool {
        self.reads.get(read).is_some_and(|span| self.writes_in(span.range).len() > 1)
    }

    /// Whether several reads share the write.
    pub fn is_split(&self, write: usize) -> bool {
        self.writes.get(write).is_some_and(|span| self.reads_in(span.range).len() > 1)
    }

    /// Where the last write or read ends.
    pub fn end(&self) -> u64 {
        let end = |spans: &[Span]| spans.last().map_or(0, |span| span.range.1);
        end(&self.writes).max(end(&self.reads))
    }

    /// The bytes that were written and not read.
    pub fn unread(&self) -> Range {
        let read = self.reads.last().map_or(0, |span| span.range.1);
        Range(read, self.end())
    }

    /// The whole stream as pieces: they lie end to end from 0 to [`Ledger::end`].
    pub fn pieces(&self) -> Vec<Piece> {
        let mut cuts: Vec<u64> =
            self.writes.iter().chain(&self.reads).flat_map(|span| [span.range.0, span.range.1]).chain([0]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        cuts.array_windows()
            .map(|&[start, end]| Piece {
                range: Range(start, end),
                write: self.write_of(start),
                read: self.read_of(start),
            })
            .collect()
    }
}

fn append(spans: &mut Vec<Span>, label: usize, length: u64) -> Range {
    let start = spans.last().map_or(0, |span| span.range.1);
    let range = Range(start, start.saturating_add(length));
    place(spans, label, range);
    range
}

fn place(spans: &mut Vec<Span>, label: usize, range: Range) {
    let start = spans.last().map_or(0, |span| span.range.1).max(range.0);
    let range = Range(start, range.1);
    if !range.is_empty() {
        spans.push(Span { range, label });
    }
}

/// Spans are in order and do not overlap, so halving finds them.
fn holder(spans: &[Span], offset: u64) -> Option<usize> {
    let index = spans.partition_point(|span| span.range.1 <= offset);
    spans.get(index).is_some_and(|span| span.range.0 <= offset).then_some(index)
}

fn overlapping(spans: &[Span], range: Range) -> std::ops::Range<usize> {
    let first = spans.partition_point(|span| span.range.1 <= range.0);
    let behind = spans.partition_point(|span| span.range.0 < range.1);
    first..behind.max(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_read_over_two_writes_is_coalesced_and_a_write_under_two_reads_is_split() {
        let mut ledger = Ledger::new();
        ledger.write(10, 5);
        ledger.write(11, 5);
        ledger.read(20, 3);
        ledger.read(21, 7);
        assert_eq!([ledger.is_coalesced(0), ledger.is_coalesced(1)], [false, true]);
        assert_eq!([ledger.is_split(0), ledger.is_split(1)], [true, false]);
        let pieces: Vec<_> = ledger.pieces().iter().map(|piece| (piece.range, piece.write, piece.read)).collect();
        assert_eq!(
            pieces,
            [(Range(0, 3), Some(0), Some(0)), (Range(3, 5), Some(0), Some(1)), (Range(5, 10), Some(1), Some(1)),]
        );
        assert!(!ledger.is_coalesced(2) && !ledger.is_split(9), "what does not exist is neither");
    }

    #[test]
    fn empty_operations_leave_no_mark() {
        let mut ledger = Ledger::new();
        ledger.write(0, 0);
        ledger.read(1, 0);
        assert_eq!(ledger, Ledger::new());
        assert_eq!(ledger.pieces(), []);
    }

    #[test]
    fn bytes_that_were_not_seen_belong_to_nobody() {
        let mut ledger = Ledger::new();
        ledger.write_at(0, Range(4, 8));
        ledger.read_at(1, Range(0, 6));
        let owners: Vec<_> = ledger.pieces().iter().map(|piece| (piece.write, piece.read)).collect();
        assert_eq!(owners, [(None, Some(0)), (Some(0), Some(0)), (Some(0), None)]);
    }

    proptest! {
        #[test]
        fn pieces_tile_the_stream_and_name_the_owners_of_every_byte(
            writes in prop::collection::vec(0..20u64, 0..20),
            reads in prop::collection::vec(0..20u64, 0..20),
        ) {
            let mut ledger = Ledger::new();
            for (label, length) in writes.iter().enumerate() {
                ledger.write(label, *length);
            }
            let mut left: u64 = writes.iter().sum();
            for (label, length) in reads.iter().enumerate() {
                let length = (*length).min(left);
                left -= length;
                ledger.read(label, length);
            }
            let mut at = 0;
            for piece in ledger.pieces() {
                prop_assert_eq!(piece.range.0, at);
                prop_assert!(!piece.range.is_empty());
                for offset in piece.range.0..piece.range.1 {
                    prop_assert_eq!(ledger.write_of(offset), piece.write);
                    prop_assert_eq!(ledger.read_of(offset), piece.read);
                }
                prop_assert!(piece.write.is_some());
                at = piece.range.1;
            }
            prop_assert_eq!(at, writes.iter().sum::<u64>());
            prop_assert_eq!(ledger.unread().len(), left);
            // Counted the slow way.
            for (read, span) in ledger.reads().iter().enumerate() {
                let touched = ledger.writes().iter().filter(|write| write.range.overlap(span.range).is_some()).count();
                prop_assert_eq!(ledger.is_coalesced(read), touched > 1);
            }
            for (write, span) in ledger.writes().iter().enumerate() {
                let touched = ledger.reads().iter().filter(|read| read.range.overlap(span.range).is_some()).count();
                prop_assert_eq!(ledger.is_split(write), touched > 1);
            }
        }
    }
}
