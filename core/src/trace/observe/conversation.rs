//! One TCP connection as its frames show it: numbers counted from the initial ones, scaled windows, stream ranges,
//! and what repeats what. It does not judge whether a segment is acceptable.

use crate::stream::Range;
use crate::tcp::{Event, Header, Purpose};
use crate::wire::{FrameId, Segment};
use std::net::SocketAddrV4;

/// Largest window scale shift (RFC 7323, 2.3).
const LARGEST_SHIFT: u8 = 14;

/// Both directions of a connection: `[0]` is what the smaller end sends.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    halves: [Half; 2],
}

/// What one end has sent.
#[derive(Debug, Default)]
struct Half {
    /// Initial sequence number, once it or a later number was seen.
    initial: Option<u32>,
    /// Relative number behind the last one sent: unwraps the next.
    next: u64,
    /// Window scale that its SYN offers.
    shift: Option<u8>,
    /// Where in the stream each frame with new bytes begins, in stream order.
    carried: Vec<(u64, FrameId)>,
    /// Behind the last stream byte sent.
    end: u64,
    /// The frames that first carried SYN and FIN.
    syn: Option<FrameId>,
    fin: Option<FrameId>,
}

impl Conversation {
    /// Whether the segment opens another connection between the same ends: a SYN with another initial number.
    pub(super) fn is_reopened_by(&self, segment: &Segment, forward: bool) -> bool {
        let own = &self.halves[usize::from(!forward)];
        segment.control.syn && !segment.control.ack && own.initial.is_some_and(|initial| initial != segment.sequence)
    }

    /// The event of a segment that was sent. `ends` are source and destination.
    pub(super) fn segment(
        &mut self,
        frame: FrameId,
        segment: &Segment,
        ends: (SocketAddrV4, SocketAddrV4),
        purpose: Option<Purpose>,
    ) -> Event {
        let (source, destination) = ends;
        let [small, large] = &mut self.halves;
        let (own, other) = if source <= destination { (small, large) } else { (large, small) };
        let control = segment.control;
        if control.syn && own.initial != Some(segment.sequence) {
            *own = Half { initial: Some(segment.sequence), shift: segment.options.window_scale, ..Half::default() };
        }
        let relative_sequence = own.relative(segment.sequence, control.rst);
        let acknowledgement = control.ack.then_some(segment.acknowledgement);
        let relative_acknowledgement = acknowledgement.map(|number| other.relative(number, control.rst));
        let range = own.range(relative_sequence, segment);
        let repeats = own.carry(frame, segment, range);
        if own.initial.is_some() {
            own.next = own.next.max(relative_sequence + u64::from(segment.sequence_length()));
        }
        let shift = match (control.syn, own.shift, other.shift) {
            (false, Some(shift), Some(_)) => shift.min(LARGEST_SHIFT), // never that of a SYN itself (RFC 7323, 2.2)
            _ => 0,
        };
        let header = Header {
            source,
            destination,
            sequence: segment.sequence,
            acknowledgement,
            relative_sequence,
            relative_acknowledgement,
            control,
            window: u32::from(segment.window) << shift,
            options: segment.options.clone(),
            length: segment.payload.len() as u32,
        };
        Event::SegmentSent { frame, segment: header, range, repeats, purpose }
    }
}

impl Half {
    /// A sequence number counted from the initial one. Where that was not seen, the first number seen stands for the
    /// first byte; a RST does not set it, because the RST that answers a SYN has a number of no stream.
    fn relative(&mut self, number: u32, rst: bool) -> u64 {
        let initial = match self.initial {
            Some(initial) => initial,
            None if rst => return 1,
            None => {
                self.next = 1;
                *self.initial.insert(number.wrapping_sub(1))
            }
        };
        let ahead = number.wrapping_sub(initial.wrapping_add(self.next as u32)) as i32;
        self.next.saturating_add_signed(i64::from(ahead))
    }

    /// Which bytes of the stream the segment carries: the first has the relative number 1.
    fn range(&self, relative: u64, segment: &Segment) -> Option<Range> {
        let start = (relative + u64::from(segment.control.syn)).checked_sub(1)?;
        let length = segment.payload.len() as u64;
        (length > 0).then_some(Range(start, start + length))
    }

    /// Remembers what the frame carries first, and finds the frame that carried it before.
    fn carry(&mut self, frame: FrameId, segment: &Segment, range: Option<Range>) -> Option<FrameId> {
        let mut repeats = None;
        if segment.control.syn {
            repeats = repeats.or(self.syn);
            self.syn.get_or_insert(frame);
        }
        if let Some(Range(start, end)) = range {
            if start < self.end {
                let behind = self.carried.partition_point(|(begin, _)| *begin <= start);
                repeats = repeats.or(behind.checked_sub(1).map(|index| self.carried[index].1));
            }
            if end > self.end {
                self.carried.push((start.max(self.end), frame));
                self.end = end;
            }
        }
        if segment.control.fin {
            // A FIN that goes along with data sent anew is the sender's tail, not a repetition of an earlier frame.
            repeats = repeats.or(self.fin.filter(|_| range.is_none()));
            self.fin.get_or_insert(frame);
        }
        repeats
    }
}
