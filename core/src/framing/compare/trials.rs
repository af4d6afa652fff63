//! The same deed at every place of a stream, counted: how many cuts break a reader, and which is the first.

use super::super::encoded::Encoded;
use super::super::{Codec, Decoder, Found};
use super::deed::{Deed, Place};
use super::fate::{Arrived, Expected, Got, Judged, judge};
use super::way::{Way, travel};
use super::{Question, Recovery};
use crate::stream::Range;
use serde::Serialize;

/// Every deed at every place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Trials {
    /// Each frame arrives in a read of its own, and one of them is cut once more.
    pub cuts: Trial,
    /// Each frame arrives in a read of its own, but two neighbours in one.
    pub joins: Trial,
    /// The connection is closed.
    pub ends: Ends,
    /// One bit of a byte is turned over.
    pub flips: Flips,
}

/// How often a reader is broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Trial {
    /// Places there are.
    pub places: u64,
    /// Places that were tried: all of them in a short stream.
    pub tried: u64,
    /// Places at which a message does not arrive as it was sent.
    pub broken: u64,
    /// The first of them, as an offset in the stream.
    pub first: Option<u64>,
}

/// What the end of the connection does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ends {
    /// Places there are.
    pub places: u64,
    /// Places that were tried.
    pub tried: u64,
    /// Ends inside a frame of which the reader is not told.
    pub inside: u64,
    /// Ends between frames, with messages missing, of which the reader is not told.
    pub between: u64,
    /// The first of either, as an offset in the stream.
    pub first: Option<u64>,
}

/// What one wrong bit does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Flips {
    /// Places there are.
    pub places: u64,
    /// Places that were tried.
    pub tried: u64,
    /// Places where every message arrives all the same.
    pub harmless: u64,
    /// Places where a message is damaged or lost and the reader is not told.
    pub silent: u64,
    /// Places behind which no right message is found any more.
    pub fatal: u64,
    /// Most messages that one wrong bit damages or loses.
    pub worst: u64,
    /// Where it does that first.
    pub worst_at: Option<u64>,
}

/// Tries everything, within the work that is allowed.
pub(super) fn run(codec: &Codec, sent: &Encoded, expected: &[Expected], question: &Question) -> Trials {
    let bench = Bench { codec, sent, expected, given: question.messages.len(), limit: question.limit };
    let inner: Vec<u64> = (1..sent.length).collect();
    // Three rows of trials share the work.
    let inner = spread(&inner, question.work / 3, sent.length);
    let bytes: Vec<u64> = spread(&(0..sent.length).collect::<Vec<_>>(), question.work / 3, sent.length);
    let ends: Vec<u64> = sent.messages.iter().map(|message| message.frame.1).collect();
    let joins: Vec<u64> = ends.split_last().map_or(Vec::new(), |(_, before)| before.to_vec());
    let joins_tried = spread(&joins, question.work / 3, sent.length);
    let places = sent.length.saturating_sub(1);
    Trials {
        cuts: bench.broken(places, &inner, |at| ends.iter().copied().chain([at]).collect()),
        joins: bench
            .broken(joins.len() as u64, &joins_tried, |at| ends.iter().copied().filter(|end| *end != at).collect()),
        ends: bench.ends(places, &inner),
        flips: bench.flips(&bytes),
    }
}

/// The places that may be tried: all, or as many as the work allows, evenly.
fn spread(places: &[u64], work: usize, length: u64) -> Vec<u64> {
    let most = (work as u64 / length.max(1)).max(1) as usize;
    let step = places.len().div_ceil(most).max(1);
    places.iter().copied().step_by(step).collect()
}

struct Bench<'a> {
    codec: &'a Codec,
    sent: &'a Encoded,
    expected: &'a [Expected],
    given: usize,
    limit: usize,
}

impl Bench<'_> {
    fn broken(&self, places: u64, tried: &[u64], ends: impl Fn(u64) -> Vec<u64>) -> Trial {
        let mut trial = Trial { places, tried: tried.len() as u64, ..Trial::default() };
        let way = Way::free(self.sent);
        for &at in tried {
            let judged = self.judge(ends(at), &way);
            if judged.recovery != Recovery::Unharmed {
                trial.broken += 1;
                trial.first.get_or_insert(at);
            }
        }
        trial
    }

    fn ends(&self, places: u64, tried: &[u64]) -> Ends {
        let mut trial = Ends { places, tried: tried.len() as u64, ..Ends::default() };
        for &at in tried {
            let (_, way) = travel(&[Deed::End { at: Place::Stream(at) }], self.sent);
            let judged = self.judge(self.frames(&way), &way);
            if judged.tally.silent == 0 {
                continue;
            }
            let inside = self.sent.messages.iter().any(|message| message.frame.0 < at && at < message.frame.1);
            *if inside { &mut trial.inside } else { &mut trial.between } += 1;
            trial.first.get_or_insert(at);
        }
        trial
    }

    fn flips(&self, tried: &[u64]) -> Flips {
        let mut trial = Flips { places: self.sent.length, tried: tried.len() as u64, ..Flips::default() };
        for &at in tried {
            let (_, way) = travel(&[Deed::Corrupt { at: Place::Stream(at), xor: 1 }], self.sent);
            let Judged { tally, recovery, .. } = self.judge(self.frames(&way), &way);
            let harmed = tally.damaged + tally.lost;
            trial.harmless += u64::from(harmed == 0);
            trial.silent += u64::from(tally.silent > 0);
            trial.fatal += u64::from(matches!(recovery, Recovery::GaveUp | Recovery::Never));
            if harmed > trial.worst {
                (trial.worst, trial.worst_at) = (harmed, Some(at));
            }
        }
        trial
    }

    /// Where the reads end when each frame arrives in a read of its own.
    fn frames(&self, way: &Way) -> Vec<u64> {
        self.sent.messages.iter().map(|message| way.arrives(message.frame.1)).collect()
    }

    fn judge(&self, mut ends: Vec<u64>, way: &Way) -> Judged {
        let bytes = &way.bytes;
        ends.sort_unstable();
        ends.push(bytes.len() as u64);
        let mut decoder = Decoder::new(self.codec.clone(), self.limit);
        let mut got = Got::default();
        let mut start = 0;
        for end in ends {
            let Range(from, to) = Range(start, end.min(bytes.len() as u64));
            if from >= to {
                continue;
            }
            start = to;
            let result = decoder.feed(&bytes[from as usize..to as usize], |found| match found {
                Found::Message(message) => got.messages.push(Arrived {
                    payload: message.payload.to_vec(),
                    tag: message.tag,
                    frame: message.frame,
                }),
                Found::Damage(_) => got.damage = true,
            });
            if let Err(malformed) = result {
                got.error = Some(malformed);
                break;
            }
        }
        if got.error.is_none() {
            got.incomplete = decoder.finish().err();
        }
        judge(self.given, self.expected, &got, way)
    }
}
