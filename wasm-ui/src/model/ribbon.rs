//! The ribbons: what was written, what was on the wire, what was read, aligned by stream offset, each byte with the
//! number of the write it came from. So *coalesced* and *split* are computed here, not drawn.

use super::run::{Piece, Run};
use sockscope_core::stream::Range;

/// How many colours writes take turns in. Past them a pattern tells the rounds apart.
pub const COLOURS: usize = 8;
/// Most blocks a row draws; longer streams show a window around the cursor.
const MOST: u64 = 160;

/// Something that moved bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Which bytes.
    pub range: Range,
    /// The call or passage.
    pub owner: usize,
    /// Its bytes by the write they came from.
    pub tints: Vec<(Range, usize)>,
    /// The event from which on it is so.
    pub from: usize,
    /// The event until which it is under way.
    pub until: usize,
    /// What is remarkable about it.
    pub note: Note,
    /// Frames that overlap others lie in a second lane.
    pub lane: usize,
}

/// A block seen from the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Still to come.
    Ahead,
    /// On the wire now.
    Under,
    /// Done.
    Done,
}

/// What is remarkable about a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// Nothing.
    Plain,
    /// A read or frame that holds bytes of so many writes.
    Coalesced(usize),
    /// A read or frame that holds only a part of one write.
    Split,
    /// Both: it begins or ends inside a write and holds bytes of so many.
    Both(usize),
    /// The same bytes again.
    Repeat,
    /// Lost on the way.
    Lost,
}

/// One direction of one conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Ribbon {
    /// The direction in [`Run::directions`].
    pub direction: usize,
    /// The bytes in view.
    pub window: Range,
    /// Bytes in all.
    pub length: u64,
    /// Writes.
    pub writes: Vec<Block>,
    /// Frames.
    pub wire: Vec<Block>,
    /// Reads, by host.
    pub reads: Vec<(usize, Vec<Block>)>,
}

impl Block {
    /// Whether it has happened at a moment.
    pub fn phase(&self, event: usize) -> Phase {
        match () {
            () if self.from > event => Phase::Ahead,
            () if self.until > event => Phase::Under,
            () => Phase::Done,
        }
    }
}

/// How far the bytes of a direction have come at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Written.
    pub written: u64,
    /// On the other side.
    pub arrived: u64,
    /// Read.
    pub read: u64,
}

/// How far the bytes of a direction have come.
pub fn counts(run: &Run, place: usize, event: usize) -> Option<Counts> {
    let direction = run.directions.get(place)?;
    let until = |pieces: &[Piece]| {
        let passed = pieces.partition_point(|piece| piece.event <= event);
        passed.checked_sub(1).map_or(0, |last| pieces[last].range.1)
    };
    let passed = direction.arrived.partition_point(|(ended, _)| *ended <= event);
    Some(Counts {
        written: until(&direction.writes),
        arrived: passed.checked_sub(1).map_or(0, |last| direction.arrived[last].1),
        read: direction.reads.iter().map(|(_, reads)| until(reads)).max().unwrap_or(0),
    })
}

/// Ribbons of a direction in a window.
pub fn lay(run: &Run, place: usize, window: Range) -> Option<Ribbon> {
    let direction = run.directions.get(place)?;
    let block = |piece: &Piece, note: Note, until: usize| Block {
        range: piece.range,
        owner: piece.owner,
        tints: tints(&direction.writes, piece.range),
        from: piece.event,
        until,
        note,
        lane: 0,
    };
    let writes = within(&direction.writes, window).map(|piece| block(piece, Note::Plain, piece.event)).collect();
    let mut wire = Vec::new();
    let mut reach = 0;
    for piece in direction.wire.iter().filter(|piece| piece.range.overlap(window).is_some()) {
        let passage = &run.passages[piece.owner];
        let note = match (passage.lost, passage.repeats) {
            (Some(_), _) => Note::Lost,
            (None, Some(_)) => Note::Repeat,
            _ => note(&direction.writes, piece.range),
        };
        let again = piece.range.0 < reach;
        reach = reach.max(piece.range.1);
        wire.push(Block { lane: usize::from(again), ..block(piece, note, passage.ended.unwrap_or(usize::MAX)) });
    }
    let reads = direction
        .reads
        .iter()
        .map(|(host, reads)| {
            let blocks = within(reads, window)
                .map(|piece| block(piece, note(&direction.writes, piece.range), piece.event))
                .collect();
            (*host, blocks)
        })
        .collect();
    Some(Ribbon { direction: place, window, length: direction.length, writes, wire, reads })
}

/// The pieces of a list sorted by range that touch a window.
fn within(pieces: &[Piece], window: Range) -> impl Iterator<Item = &Piece> {
    let from = pieces.partition_point(|piece| piece.range.1 <= window.0);
    let to = pieces.partition_point(|piece| piece.range.0 < window.1);
    pieces[from.min(to)..to].iter()
}

/// The writes a range overlaps, each with its part.
fn tints(writes: &[Piece], range: Range) -> Vec<(Range, usize)> {
    let from = writes.partition_point(|piece| piece.range.1 <= range.0);
    writes[from..]
        .iter()
        .enumerate()
        .map_while(|(place, write)| Some((write.range.overlap(range)?, from + place)))
        .collect()
}

/// How a range lies on the writes.
pub fn note(writes: &[Piece], range: Range) -> Note {
    let from = writes.partition_point(|piece| piece.range.1 <= range.0);
    let to = writes.partition_point(|piece| piece.range.0 < range.1);
    let Some(touched) = writes.get(from..to).filter(|touched| !touched.is_empty()) else { return Note::Plain };
    let cut = touched[0].range.0 < range.0 || touched[touched.len() - 1].range.1 > range.1;
    match (touched.len(), cut) {
        (1, false) => Note::Plain,
        (1, true) => Note::Split,
        (count, false) => Note::Coalesced(count),
        (count, true) => Note::Both(count),
    }
}

/// The bytes in view: all of them, or so many that a row stays readable, moving by halves with the cursor.
pub fn window(run: &Run, place: usize, event: usize) -> Range {
    let Some(direction) = run.directions.get(place) else { return Range(0, 0) };
    let reads = direction.reads.iter().map(|(_, reads)| reads.len()).max().unwrap_or(0);
    let most = direction.writes.len().max(direction.wire.len()).max(reads) as u64;
    if most <= MOST {
        return Range(0, direction.length);
    }
    let size = (direction.length / most).max(1) * MOST;
    let passed = direction.wire.partition_point(|piece| piece.event <= event);
    let at = match passed.checked_sub(1) {
        Some(last) => direction.wire[last].range.0,
        None => counts(run, place, event).map_or(0, |counts| counts.written),
    };
    let start = (at / (size / 2).max(1)).saturating_sub(1) * (size / 2);
    Range(start, (start + size).min(direction.length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    fn piece(from: u64, to: u64) -> Piece {
        Piece { range: Range(from, to), owner: 0, event: 0 }
    }

    #[test]
    fn a_read_over_two_writes_is_coalesced_and_a_part_is_split() {
        let writes = [piece(0, 4), piece(4, 8), piece(8, 12)];
        assert_eq!(note(&writes, Range(0, 4)), Note::Plain);
        assert_eq!(note(&writes, Range(0, 8)), Note::Coalesced(2));
        assert_eq!(note(&writes, Range(5, 7)), Note::Split);
        assert_eq!(note(&writes, Range(2, 10)), Note::Both(3));
    }

    #[test]
    fn every_byte_read_carries_the_number_of_its_write() {
        let run = Run::new(fixture::sticky());
        let place = run.directions.iter().position(|direction| !direction.writes.is_empty()).unwrap();
        let ribbon = lay(&run, place, window(&run, place, 0)).unwrap();
        let (_, reads) = &ribbon.reads[0];
        let tints: Vec<usize> = reads.iter().flat_map(|block| block.tints.iter().map(|tint| tint.1)).collect();
        assert_eq!(tints, [0, 1, 2, 3, 4]);
        assert_eq!(reads[0].note, Note::Coalesced(5));
        assert_eq!(counts(&run, place, usize::MAX), Some(Counts { written: 20, arrived: 20, read: 20 }));
    }

    #[test]
    fn before_anything_is_sent_everything_lies_ahead() {
        let run = Run::new(fixture::sticky());
        let ribbon = lay(&run, 0, window(&run, 0, 0)).unwrap();
        assert!(ribbon.writes.iter().chain(&ribbon.wire).all(|block| block.phase(0) == Phase::Ahead));
        assert_eq!(counts(&run, 0, 0), Some(Counts { written: 0, arrived: 0, read: 0 }));
    }

    #[test]
    fn a_lost_segment_is_never_under_way_to_the_other_side() {
        let run = Run::new(fixture::sticky());
        let last = run.passages.iter().find(|passage| passage.lost.is_some()).unwrap().sent;
        assert_eq!(counts(&run, 0, last).unwrap().arrived, 0);
    }

    #[test]
    fn a_retransmission_lies_in_a_lane_of_its_own() {
        let run = Run::new(fixture::sticky());
        let ribbon = lay(&run, 0, window(&run, 0, 0)).unwrap();
        assert!(ribbon.wire.iter().any(|block| block.note == Note::Lost && block.lane == 0));
        assert!(ribbon.wire.iter().any(|block| block.note == Note::Repeat && block.lane == 1));
    }
}
