//! Bytes received and not yet read: the part in order, the pieces behind holes, and the SACK blocks that report them.
//! Pieces share the memory of the segments they came in. What window to offer is not decided here.

use super::sequence::Position;
use bytes::{Bytes, BytesMut};
use std::collections::{BTreeMap, VecDeque};

/// How many pieces may wait behind holes: what a stranger can make us keep is bounded in number as well as in bytes.
const MAXIMUM_PIECES: usize = 2048;

/// How many SACK blocks are remembered; four fit in a header without timestamps (RFC 2018, 3).
const BLOCKS: usize = 4;

/// The receive buffer.
#[derive(Clone, Debug, Default)]
pub(super) struct Reassembly {
    /// In order, not yet read.
    ready: VecDeque<Bytes>,
    ready_bytes: usize,
    /// RCV.NXT without the peer's FIN: the position behind the last byte in order.
    next: Position,
    /// Behind holes: never overlapping, never adjacent to `next`.
    pieces: BTreeMap<Position, Bytes>,
    piece_bytes: usize,
    /// The most recently changed blocks first.
    blocks: Vec<(Position, Position)>,
}

impl Reassembly {
    pub fn new() -> Self {
        Reassembly { next: 1, ..Reassembly::default() }
    }

    /// The position the next byte in order has.
    pub fn next(&self) -> Position {
        self.next
    }

    /// Bytes that can be read now.
    pub fn ready(&self) -> usize {
        self.ready_bytes
    }

    /// Bytes held in all.
    pub fn used(&self) -> usize {
        self.ready_bytes + self.piece_bytes
    }

    pub fn has_holes(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// SACK blocks to report, the one that changed last first (RFC 2018, 4).
    pub fn blocks(&self) -> &[(Position, Position)] {
        &self.blocks
    }

    /// Throws everything away.
    pub fn clear(&mut self) {
        *self = Reassembly { next: self.next, ..Reassembly::default() };
    }

    /// Takes a segment's bytes, cut to the window by the caller. `false` if there was no place to keep them.
    pub fn insert(&mut self, mut start: Position, mut data: Bytes) -> bool {
        let end = start + data.len() as Position;
        if end <= self.next || data.is_empty() {
            return true;
        }
        if start < self.next {
            let _ = data.split_to((self.next - start) as usize);
            start = self.next;
        }
        if start == self.next {
            if self.pieces.is_empty() {
                self.append(data);
                return true;
            }
            self.append_over_pieces(data);
            return true;
        }
        if self.pieces.len() >= MAXIMUM_PIECES {
            return false;
        }
        self.keep(start, data);
        self.report(start, end);
        true
    }

    /// At most `max` bytes in order, gathered across segments.
    pub fn read(&mut self, max: usize) -> Bytes {
        let wanted = max.min(self.ready_bytes);
        self.ready_bytes -= wanted;
        match self.ready.front_mut() {
            None => Bytes::new(),
            Some(first) if first.len() > wanted => first.split_to(wanted),
            Some(first) if first.len() == wanted => self.ready.pop_front().expect("the front was just seen"),
            Some(_) => {
                let mut gathered = BytesMut::with_capacity(wanted);
                while gathered.len() < wanted {
                    let front = self.ready.front_mut().expect("ready_bytes counts what is in ready");
                    let part = front.len().min(wanted - gathered.len());
                    gathered.extend_from_slice(&front.split_to(part));
                    if front.is_empty() {
                        self.ready.pop_front();
                    }
                }
                gathered.freeze()
            }
        }
    }

    /// The same bytes as [`Reassembly::read`], left in place.
    pub fn peek(&self, max: usize) -> Bytes {
        let wanted = max.min(self.ready_bytes);
        let mut gathered = BytesMut::with_capacity(wanted);
        for part in &self.ready {
            let length = part.len().min(wanted - gathered.len());
            gathered.extend_from_slice(&part[..length]);
            if gathered.len() == wanted {
                break;
            }
        }
        gathered.freeze()
    }

    fn append(&mut self, data: Bytes) {
        self.next += data.len() as Position;
        self.ready_bytes += data.len();
        self.ready.push_back(data);
    }

    /// Appends data that may close holes.
    fn append_over_pieces(&mut self, data: Bytes) {
        self.append(data);
        while let Some(entry) = self.pieces.first_entry() {
            let start = *entry.key();
            if start > self.next {
                break;
            }
            let mut piece = entry.remove();
            self.piece_bytes -= piece.len();
            let known = (self.next - start) as usize;
            if known < piece.len() {
                let fresh = piece.split_off(known);
                self.append(fresh);
            }
        }
        let next = self.next;
        self.blocks.retain(|block| block.1 > next);
    }

    /// Keeps data behind a hole, without what other pieces already hold.
    fn keep(&mut self, start: Position, mut data: Bytes) {
        let mut at = start;
        if let Some((&before, piece)) = self.pieces.range(..=start).next_back() {
            let covered = before + piece.len() as Position;
            if covered > at {
                let known = ((covered - at) as usize).min(data.len());
                let _ = data.split_to(known);
                at += known as Position;
            }
        }
        while !data.is_empty() {
            let following = self.pieces.range(at..).next().map(|(&start, piece)| (start, piece.len()));
            match following {
                Some((start, length)) if start < at + data.len() as Position => {
                    let fresh = data.split_to((start - at) as usize);
                    self.store(at, fresh);
                    let known = length.min(data.len());
                    let _ = data.split_to(known);
                    at = start + known as Position;
                }
                _ => {
                    let rest = std::mem::take(&mut data);
                    self.store(at, rest);
                }
            }
        }
    }

    fn store(&mut self, at: Position, data: Bytes) {
        if !data.is_empty() {
            self.piece_bytes += data.len();
            self.pieces.insert(at, data);
        }
    }

    /// Puts the block that holds `[start, end)` first.
    fn report(&mut self, start: Position, end: Position) {
        let mut block = (start, end);
        self.blocks.retain(|other| {
            let touches = other.0 <= block.1 && block.0 <= other.1;
            if touches {
                block = (block.0.min(other.0), block.1.max(other.1));
            }
            !touches
        });
        self.blocks.insert(0, block);
        self.blocks.truncate(BLOCKS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    #[test]
    fn one_segment_is_read_without_copying() {
        let data = Bytes::from(vec![1u8; 100]);
        let mut buffer = Reassembly::new();
        buffer.insert(1, data.clone());
        assert_eq!(buffer.read(60).as_ptr(), data.as_ptr());
        assert_eq!(buffer.read(60).as_ptr(), data[60..].as_ptr());
        assert!(buffer.read(60).is_empty());
    }

    #[test]
    fn a_read_coalesces_segments() {
        let mut buffer = Reassembly::new();
        buffer.insert(1, bytes("msg0"));
        buffer.insert(5, bytes("msg1"));
        assert_eq!(buffer.peek(6), "msg0ms");
        assert_eq!(buffer.read(6), "msg0ms");
        assert_eq!(buffer.read(6), "g1");
    }

    #[test]
    fn blocks_report_the_latest_piece_first_and_merge() {
        let mut buffer = Reassembly::new();
        buffer.insert(11, bytes("aa"));
        buffer.insert(21, bytes("bb"));
        assert_eq!(buffer.blocks(), [(21, 23), (11, 13)]);
        buffer.insert(13, bytes("cc"));
        assert_eq!(buffer.blocks(), [(11, 15), (21, 23)]);
        buffer.insert(1, bytes("0123456789"));
        assert_eq!(buffer.blocks(), [(21, 23)]);
        assert_eq!(buffer.read(99), "0123456789aacc");
        assert_eq!(buffer.next(), 15);
        assert!(buffer.has_holes());
    }

    proptest! {
        #[test]
        fn any_order_and_any_overlap_gives_the_stream(cuts in prop::collection::vec((0usize..200, 1usize..40), 1..80)) {
            let stream: Vec<u8> = (0..240).map(|i| i as u8).collect();
            let mut buffer = Reassembly::new();
            let mut read = Vec::new();
            let cover = (0..240).step_by(16).map(|at| (at, 16));
            for (index, (at, length)) in cuts.into_iter().chain(cover).enumerate() {
                let end = (at + length).min(stream.len());
                prop_assert!(buffer.insert(at as Position + 1, Bytes::copy_from_slice(&stream[at..end])));
                prop_assert!(buffer.used() + read.len() <= stream.len());
                if index % 3 == 0 {
                    read.extend_from_slice(&buffer.read(index % 50));
                }
            }
            read.extend_from_slice(&buffer.read(usize::MAX));
            prop_assert_eq!(read, stream);
            prop_assert!(!buffer.has_holes() && buffer.blocks().is_empty());
            prop_assert_eq!(buffer.used(), 0);
        }
    }
}
