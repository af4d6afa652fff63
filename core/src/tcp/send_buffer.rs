//! Bytes written and not yet acknowledged. Slices share the memory of what was written. It knows no segment size.

use super::sequence::Position;
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;

/// What Linux reckons for a queued segment with its bookkeeping: 46080 bytes for ten segments, twice.
const PER_SEGMENT: usize = 2304;

/// The send buffer.
#[derive(Clone, Debug)]
pub(super) struct SendBuffer {
    /// What was written, one entry for each write, with the position of its first byte.
    chunks: VecDeque<(Position, Bytes)>,
    /// Position of the first byte kept.
    start: Position,
    /// Position behind the last byte.
    end: Position,
    size: usize,
    maximum: usize,
}

impl SendBuffer {
    pub fn new(size: usize, maximum: usize) -> Self {
        SendBuffer { chunks: VecDeque::new(), start: 1, end: 1, size, maximum: maximum.max(size) }
    }

    /// Position behind the last byte written.
    pub fn end(&self) -> Position {
        self.end
    }

    pub fn used(&self) -> usize {
        (self.end - self.start) as usize
    }

    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether a blocked writer is woken: a third is free (`sk_stream_is_writeable`).
    pub fn is_writable(&self) -> bool {
        let used = self.used();
        self.size.saturating_sub(used) >= used.div_ceil(2).max(1)
    }

    /// Sets the size for good: `SO_SNDBUF`.
    pub fn fix(&mut self, size: usize) {
        self.size = size;
        self.maximum = size;
    }

    /// Lets the size follow the congestion window, twice as large, as Linux does.
    pub fn follow(&mut self, congestion_window: u32) {
        let wanted = (congestion_window as usize).saturating_mul(2 * PER_SEGMENT);
        self.size = self.size.max(wanted.min(self.maximum));
    }

    /// Takes as much of `data` as fits; the number of bytes taken.
    pub fn write(&mut self, data: &Bytes) -> usize {
        let taken = data.len().min(self.size.saturating_sub(self.used()));
        if taken > 0 {
            self.chunks.push_back((self.end, data.slice(..taken)));
            self.end += taken as Position;
        }
        taken
    }

    /// Forgets the bytes before `position`: they are acknowledged.
    pub fn release(&mut self, position: Position) {
        let position = position.min(self.end);
        if position <= self.start {
            return;
        }
        self.start = position;
        while let Some((start, bytes)) = self.chunks.front_mut() {
            let end = *start + bytes.len() as Position;
            if end > position {
                if *start < position {
                    let _ = bytes.split_to((position - *start) as usize);
                    *start = position;
                }
                break;
            }
            self.chunks.pop_front();
        }
    }

    /// Throws everything away.
    pub fn clear(&mut self) {
        self.chunks.clear();
        self.start = self.end;
    }

    /// The bytes in `[from, to)`, shared where one write holds them all, and whether `to` ends a write.
    ///
    /// # Panics
    /// If they are not in the buffer: the scoreboard and the buffer disagree.
    pub fn slice(&self, from: Position, to: Position) -> (Bytes, bool) {
        assert!(self.start <= from && from <= to && to <= self.end, "[{from}, {to}) is not in the send buffer");
        if from == to {
            return (Bytes::new(), false);
        }
        let mut index = self.chunks.partition_point(|(start, _)| *start <= from) - 1;
        let (start, bytes) = &self.chunks[index];
        let end = *start + bytes.len() as Position;
        if to <= end {
            return (bytes.slice((from - start) as usize..(to - start) as usize), to == end);
        }
        let mut gathered = BytesMut::with_capacity((to - from) as usize);
        let mut at = from;
        loop {
            let (start, bytes) = &self.chunks[index];
            let end = *start + bytes.len() as Position;
            let stop = to.min(end);
            gathered.extend_from_slice(&bytes[(at - start) as usize..(stop - start) as usize]);
            if stop == to {
                return (gathered.freeze(), to == end);
            }
            at = stop;
            index += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(parts: &[&'static str]) -> SendBuffer {
        let mut buffer = SendBuffer::new(100, 100);
        for part in parts {
            assert_eq!(buffer.write(&Bytes::from_static(part.as_bytes())), part.len());
        }
        buffer
    }

    #[test]
    fn a_slice_of_one_write_shares_its_memory() {
        let data = Bytes::from(vec![7u8; 50]);
        let mut buffer = SendBuffer::new(100, 100);
        buffer.write(&data);
        assert_eq!(buffer.slice(11, 21).0.as_ptr(), data[10..].as_ptr());
    }

    #[test]
    fn a_slice_of_many_writes_gathers_them() {
        let buffer = filled(&["msg0", "msg1", "msg2"]);
        assert_eq!(buffer.slice(3, 11), (Bytes::from_static(b"g0msg1ms"), false));
        assert_eq!(buffer.slice(1, 13), (Bytes::from_static(b"msg0msg1msg2"), true));
        assert!(buffer.slice(2, 9).1, "position 9 ends the second write");
    }

    #[test]
    fn released_bytes_make_room() {
        let mut buffer = SendBuffer::new(8, 8);
        assert_eq!(buffer.write(&Bytes::from_static(b"0123456789")), 8);
        assert!(!buffer.is_writable());
        buffer.release(4);
        assert_eq!(buffer.used(), 5);
        assert_eq!(buffer.slice(4, 9).0, "34567");
        assert_eq!(buffer.write(&Bytes::from_static(b"abcdef")), 3);
        assert_eq!(buffer.slice(7, 12).0, "67abc");
    }

    #[test]
    fn a_writer_wakes_when_a_third_is_free() {
        let mut buffer = SendBuffer::new(90, 90);
        buffer.write(&Bytes::from(vec![0; 61]));
        assert!(!buffer.is_writable());
        buffer.release(2);
        assert!(buffer.is_writable());
    }
}
