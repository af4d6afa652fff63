//! A followed stream as a talk: who said what in which order, what is missing, and the messages in it. It follows nothing.

use sockscope_core::packets::Protocol;
use sockscope_core::packets::follow::{Followed, HalfReport, Messages};
use sockscope_core::stream::{Data, Range};

/// Turns that are shown.
pub const MOST_TURNS: usize = 400;
/// Bytes of a turn that are shown.
const MOST_BYTES: usize = 4_096;

/// What one end said before the other did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which end: 0 is the one that began.
    pub side: usize,
    /// The first packet of it.
    pub packet: u64,
    /// Its place in its direction.
    pub range: Range,
    /// Its bytes, or the first of them.
    pub data: Data,
    /// Bytes missing before it.
    pub missing: u64,
}

impl Turn {
    /// Bytes that are not shown.
    pub fn more(&self) -> u64 {
        self.range.len() - self.data.len() as u64
    }
}

/// The first turns, in the order of their packets, and how many packets carried what came behind them. A datagram is a
/// turn of its own.
pub fn turns(followed: &Followed) -> (Vec<Turn>, usize) {
    let mut pieces: Vec<(u64, usize, Range)> = Vec::new();
    for (side, half) in followed.halves.iter().enumerate() {
        pieces.extend(half.carried.iter().map(|carried| (carried.packet, side, carried.range)));
    }
    pieces.sort_by_key(|(packet, side, range)| (*packet, *side, range.0));
    let mut turns: Vec<Turn> = Vec::new();
    let mut left = 0;
    let flows = followed.protocol == Protocol::Tcp;
    for (place, &(packet, side, range)) in pieces.iter().enumerate() {
        if let Some(last) = turns.last_mut().filter(|last| flows && last.side == side && last.range.1 == range.0) {
            last.range.1 = range.1;
            continue;
        }
        if turns.len() == MOST_TURNS {
            left = pieces.len() - place;
            break;
        }
        let before = turns.iter().rfind(|turn| turn.side == side).map_or(0, |turn| turn.range.1);
        let missing = gap(&followed.halves[side], before, range.0);
        turns.push(Turn { side, packet, range, data: Data::default(), missing });
    }
    for turn in &mut turns {
        let end = turn.range.1.min(turn.range.0 + MOST_BYTES as u64);
        turn.data = followed.halves[turn.side].bytes(Range(turn.range.0, end));
    }
    (turns, left)
}

/// Bytes that never came between two places of a direction.
fn gap(half: &HalfReport, from: u64, to: u64) -> u64 {
    half.gaps.iter().filter(|gap| gap.range.0 >= from && gap.range.1 <= to).map(|gap| gap.missing).sum()
}

/// A message of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Which end.
    pub side: usize,
    /// The packet that began it.
    pub packet: u64,
    /// Its bytes, framing included.
    pub data: Data,
}

/// The messages of both directions, in the order of their packets.
pub fn messages(followed: &Followed) -> Vec<Said> {
    let Some(decoded) = &followed.decoded else { return Vec::new() };
    let mut said = Vec::new();
    for (side, runs) in decoded.halves.iter().enumerate() {
        for run in runs {
            let places: Vec<Range> = match &run.messages {
                Messages::Http(report) => report.messages.iter().map(|message| message.range).collect(),
                Messages::Framing(report) => report.messages.iter().map(|message| message.frame).collect(),
            };
            for (place, packets) in places.into_iter().zip(&run.packets) {
                let place = Range(place.0 + run.range.0, place.1 + run.range.0);
                let data = followed.halves[side].bytes(place);
                said.push(Said { side, packet: packets.first().copied().unwrap_or(0), data });
            }
        }
    }
    said.sort_by_key(|said| said.packet);
    said
}

/// The first line of a message, for a list.
pub fn first_line(data: &Data) -> String {
    let end = data.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(data.len());
    Data(data.0.slice(..end.min(160))).preview()
}
