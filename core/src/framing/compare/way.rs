//! Which bytes of a stream arrive, and where each of them was sent. What the reader makes of them is not here.

use super::super::encoded::{Encoded, Part, Role};
use super::deed::{self, Deed, Done};
use crate::stream::Range;
use serde::Serialize;

/// Bytes that arrive in a row as they were sent in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Where they are in the stream as it arrived.
    pub range: Range,
    /// Where the first of them is in the stream as it was sent; `None` for bytes that nobody sent.
    pub sent: Option<u64>,
    /// Whether they are other bytes than were sent.
    pub changed: bool,
}

/// A byte that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Byte {
    /// Its value.
    pub value: u8,
    /// Where it was sent.
    pub sent: Option<u64>,
    /// The message to whose frame it belongs.
    pub message: Option<usize>,
    /// What it is for.
    pub role: Option<Role>,
    /// Whether it is another than was sent.
    pub changed: bool,
}

/// A stream as it arrives.
pub(super) struct Way {
    pub bytes: Vec<u8>,
    pub runs: Vec<Run>,
    /// Where reads end, whatever their size.
    pub cuts: Vec<u64>,
    /// Where the last deed ends, in the stream as it was sent.
    pub behind: u64,
}

impl Way {
    /// The way with nothing done to the stream.
    pub fn free(sent: &Encoded) -> Way {
        travel(&[], sent).1
    }

    fn push(&mut self, bytes: impl Iterator<Item = u8>, sent: Option<u64>, changed: bool) {
        let start = self.bytes.len() as u64;
        self.bytes.extend(bytes);
        let range = Range(start, self.bytes.len() as u64);
        let goes_on = |last: &Run| {
            last.changed == changed && last.sent.map(|first| first + last.range.len()) == sent && sent.is_some()
        };
        match self.runs.last_mut() {
            Some(last) if goes_on(last) => last.range.1 = range.1,
            _ if range.is_empty() => {}
            _ => self.runs.push(Run { range, sent, changed }),
        }
    }

    /// Where a place between two bytes of the sent stream is in the arrived one: behind all that was sent before it.
    pub fn arrives(&self, place: u64) -> u64 {
        let before = self.runs.iter().rev().find_map(|run| Some((run, run.sent?)).filter(|(_, sent)| *sent < place));
        before.map_or(0, |(run, sent)| run.range.0 + (place - sent).min(run.range.len()))
    }

    /// Where a range of the arrived stream was in the sent one: empty where nobody sent it.
    pub fn was(&self, arrived: Range) -> Range {
        let first = self.runs.partition_point(|run| run.range.1 <= arrived.0);
        let mut was = None;
        for run in self.runs[first..].iter().take_while(|run| run.range.0 < arrived.1) {
            let Some(sent) = run.sent else { continue };
            let start = sent + arrived.0.saturating_sub(run.range.0);
            let end = sent + arrived.1.min(run.range.1) - run.range.0;
            was = Some(was.map_or(Range(start, end), |Range(first, _)| Range(first, end)));
        }
        was.unwrap_or(Range(0, 0))
    }
}

/// Does every deed whose place the stream has, and tells what was done.
pub(super) fn travel(deeds: &[Deed], sent: &Encoded) -> (Vec<Option<Done>>, Way) {
    let places: Vec<Option<Range>> = deeds.iter().map(|deed| deed::find(deed, sent)).collect();
    let found = || deeds.iter().zip(&places).filter_map(|(deed, place)| Some((deed, (*place)?)));
    let ends = found().filter(|(deed, _)| matches!(deed, Deed::End { .. }));
    let end = ends.map(|(_, place)| place.0).min().unwrap_or(sent.length);
    let mut edges: Vec<u64> = found().flat_map(|(_, place)| [place.0, place.1]).chain([0, end]).collect();
    edges.retain(|edge| *edge <= end);
    edges.sort_unstable();
    edges.dedup();
    let behind = found().map(|(_, place)| place.1).max().unwrap_or(0);
    let mut way = Way { bytes: Vec::with_capacity(end as usize), runs: Vec::new(), cuts: Vec::new(), behind };
    for (index, &start) in edges.iter().enumerate() {
        let (mut xor, mut lost) = (0, false);
        for (deed, place) in found().filter(|(_, place)| place.0 <= start) {
            match deed {
                Deed::Insert { bytes, .. } if place.0 == start => way.push(bytes.iter().copied(), None, true),
                Deed::Corrupt { xor: bits, .. } if start < place.1 => xor ^= bits,
                Deed::Drop { .. } => lost |= start < place.1,
                _ => {}
            }
        }
        let Some(&next) = edges.get(index + 1) else { break };
        if !lost {
            let bytes = sent.stream[start as usize..next as usize].iter().map(|byte| byte ^ xor);
            way.push(bytes, Some(start), xor != 0);
        }
    }
    way.cuts =
        found().filter(|(deed, _)| matches!(deed, Deed::Cut { .. })).map(|(_, place)| way.arrives(place.0)).collect();
    way.cuts.sort_unstable();
    let done = deeds.iter().zip(&places).map(|(deed, place)| place.map(|place| done(deed, place, sent, &way)));
    (done.collect(), way)
}

fn done(deed: &Deed, range: Range, sent: &Encoded, way: &Way) -> Done {
    let inserted = if let Deed::Insert { bytes, .. } = deed { bytes.len() as u64 } else { 0 };
    let (message, role) = part(sent, range.0);
    Done { kind: deed.kind(), range, inserted, at: way.arrives(range.0), message, role }
}

/// The message to whose frame a byte of the sent stream belongs, and what it is for.
pub(super) fn part(sent: &Encoded, at: u64) -> (Option<usize>, Option<Role>) {
    let frame = sent.messages.get(sent.messages.partition_point(|message| message.frame.1 <= at));
    if let Some(frame) = frame.filter(|frame| frame.frame.0 <= at) {
        return (Some(frame.index), part_of(&frame.parts, at).map(|part| part.role));
    }
    (None, sent.tail.filter(|tail| tail.0 <= at && at < tail.1).map(|_| Role::End))
}

fn part_of(parts: &[Part], at: u64) -> Option<&Part> {
    parts.get(parts.partition_point(|part| part.range.1 <= at))
}

/// Every byte of `arrived`, with what it is.
pub(super) fn bytes<'a>(sent: &'a Encoded, arrived: &'a [u8], runs: &'a [Run]) -> impl Iterator<Item = Byte> + 'a {
    runs.iter().flat_map(move |run| {
        (run.range.0..run.range.1).map(move |at| {
            let place = run.sent.map(|first| first + at - run.range.0);
            let (message, role) = place.map_or((None, None), |place| part(sent, place));
            Byte { value: arrived[at as usize], sent: place, message, role, changed: run.changed }
        })
    })
}
