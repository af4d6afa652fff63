//! What a card of the page draws: core's answer for one codec, and where in it the reader's cut and damage are.

use super::{Arrival, LIMIT};
use sockscope_core::framing::Codec;
use sockscope_core::framing::compare::{Column, Deed, PartOf, Place, Question, Trials, compare};

/// Bytes that the trials of one codec may decode, so that typing stays quick.
const WORK: usize = 60_000;

/// A stream as one codec writes it, and as it arrives.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// Everything that core says.
    pub column: Column,
    /// The byte in front of which it is cut, among those that arrived.
    pub cut: Option<usize>,
    /// The byte that is damaged; where one is missing, the byte behind it.
    pub damaged: Option<usize>,
    /// Whether the byte that was to be damaged does not exist in this codec.
    pub undamaged: bool,
}

impl Stream {
    /// The place of a byte that arrived.
    pub fn place(&self, at: usize) -> Option<Place> {
        Some(Place::of(self.column.bytes().nth(at)?.sent?, &self.column.sent))
    }

    /// Bytes of payload, of all messages, up to the end of the byte at `at`.
    pub fn payload_behind(&self, messages: &[Vec<u8>], at: usize) -> usize {
        let places = (0..=at).rev().filter_map(|at| self.place(at));
        let payload = places.into_iter().find_map(|place| match place {
            Place::Message { message, part: PartOf::Payload, byte } => Some((message, byte as usize + 1)),
            _ => None,
        });
        payload.map_or(0, |(message, bytes)| messages[..message].iter().map(Vec::len).sum::<usize>() + bytes)
    }
}

/// The messages through one codec.
pub fn stream(codec: &Codec, messages: &[Vec<u8>], arrival: &Arrival) -> Option<Stream> {
    let cut = arrival.cut.map(|payload| {
        let at = behind(messages, payload);
        if arrival.ends { Deed::End { at } } else { Deed::Cut { at } }
    });
    let damage = arrival.damage.map(|damage| damage.deed());
    let reads = vec![if arrival.read_size == 0 { usize::MAX } else { arrival.read_size }];
    let deeds = cut.iter().chain(&damage).cloned().collect();
    let column = column(codec, messages, deeds, reads, 0)?;
    let mut places = column.done.iter().map(|done| done.map(|done| done.at as usize));
    let cut = cut.and_then(|_| places.next().flatten());
    let damaged = damage.and_then(|_| places.next().flatten());
    let undamaged = arrival.damage.is_some() && damaged.is_none();
    Some(Stream { column, cut, damaged, undamaged })
}

/// What a cut, an early end and a wrong bit do at every place of the stream.
pub fn trials(codec: &Codec, messages: &[Vec<u8>]) -> Option<Trials> {
    column(codec, messages, Vec::new(), Vec::new(), WORK)?.trials
}

fn column(codec: &Codec, messages: &[Vec<u8>], deeds: Vec<Deed>, reads: Vec<usize>, work: usize) -> Option<Column> {
    let (messages, codecs) = (messages.to_vec(), vec![codec.clone()]);
    compare(&Question { messages, codecs, deeds, reads, limit: LIMIT, work }).columns.pop()
}

/// The place behind so many bytes of payload of all messages.
fn behind(messages: &[Vec<u8>], payload: usize) -> Place {
    let mut left = payload;
    for (message, bytes) in messages.iter().map(Vec::len).enumerate() {
        if (1..=bytes).contains(&left) {
            return Place::Message { message, part: PartOf::Payload, byte: left as u64 };
        }
        left = left.saturating_sub(bytes);
    }
    Place::Stream(0)
}
