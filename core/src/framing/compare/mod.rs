//! The same messages through many codecs side by side: what each costs, and what becomes of the messages when something is done to
//! the stream. It draws nothing and says nothing in words.

mod deed;
mod fate;
mod question;
mod trials;
mod way;

#[cfg(test)]
mod tests;

pub use deed::{Deed, Done, NoPlace, PartOf, Place};
pub use fate::{Fate, How, Noticed, Outcome, Recovery, Tally, Verdict};
pub use question::{BYTES, CODECS, DEEDS, MESSAGES, Much, Question, TooMuch, WORK, usual};
pub use trials::{Ends, Flips, Trial, Trials};
pub use way::{Byte, Run};

use super::Codec;
use super::encoded::{self, Encoded, Outgoing, Role};
use super::report::{self, Report};
use crate::stream::{Data, Range};
use fate::Judged;
use serde::Serialize;
use way::Way;

/// Longest stream that a codec may make of the messages.
const STREAM: usize = 64 * 1024;

/// The answer: one column for each codec.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The messages as they were given.
    pub messages: Vec<Data>,
    /// Bytes of all of them.
    pub payload: u64,
    /// What was done to each stream.
    pub deeds: Vec<Deed>,
    /// What became of it, codec by codec.
    pub columns: Vec<Column>,
}

/// What one codec makes of the messages, and of what was done to its stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// The stream as it was sent, and the messages that it cannot carry.
    pub sent: Encoded,
    /// Bytes of framing for a hundred of payload; `None` without payload.
    pub percent: Option<f64>,
    /// What the bytes that are no payload are for.
    pub spent: Vec<Spent>,
    /// What was done, deed by deed; `None` where this stream has no such place.
    pub done: Vec<Option<Done>>,
    /// The stream as it arrived, where that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrived: Option<Data>,
    /// Where the bytes that arrived were sent.
    pub runs: Vec<Run>,
    /// What each read returned.
    pub reads: Vec<Range>,
    /// What the reader made of it.
    pub received: Report,
    /// What became of each message that was given.
    pub fates: Vec<Fate>,
    /// Received messages that nobody sent, by their number.
    pub invented: Vec<usize>,
    /// The fates, counted.
    pub tally: Tally,
    /// Whether and where right messages are found again.
    pub recovery: Recovery,
    /// All of it in one word.
    pub verdict: Verdict,
    /// What the reader noticed first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noticed: Option<Noticed>,
    /// The same for a cut, an end and a wrong byte at every place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trials: Option<Trials>,
}

impl Column {
    /// The stream as it arrived.
    pub fn stream(&self) -> &[u8] {
        self.arrived.as_ref().unwrap_or(&self.sent.stream)
    }

    /// The same byte by byte: which message each belongs to, and what it is for.
    pub fn bytes(&self) -> impl Iterator<Item = Byte> {
        way::bytes(&self.sent, self.stream(), &self.runs)
    }

    /// What the reader noticed first, where that is a byte that breaks the agreement and not the end of the stream.
    pub fn broken(&self) -> Option<Noticed> {
        self.noticed.filter(|_| self.received.error.is_some() || !self.received.damage.is_empty())
    }

    /// The message that a received one is; `None` where it is none that was sent.
    pub fn is(&self, received: usize) -> Option<usize> {
        self.fates.iter().position(|fate| fate.outcome == Outcome::Survived && fate.received == [received])
    }
}

/// Bytes that framing costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Spent {
    /// What they are for.
    pub role: Role,
    /// How many.
    pub bytes: u64,
}

/// Puts the messages through every codec, does the deed, and tells what became of them.
///
/// ```
/// use sockscope_core::framing::compare::{Deed, Place, Question, compare, usual};
/// let messages = vec![b"msg0".to_vec(), b"msg1".to_vec()];
/// let deeds = vec![Deed::Cut { at: Place::Stream(3) }];
/// let question = Question { codecs: usual(4), messages, deeds, reads: vec![], limit: 1024, work: 100_000 };
/// let answer = compare(&question);
/// let [naive, .., chunked] = &answer.columns[..] else { unreachable!() };
/// assert_eq!((naive.tally.damaged, chunked.tally.survived), (1, 2));
/// assert_eq!(naive.trials.unwrap().cuts.first, Some(1), "the shortest cut that breaks the naive reader");
/// ```
pub fn compare(question: &Question) -> Comparison {
    Comparison {
        messages: question.messages.iter().map(|message| Data::from(&message[..])).collect(),
        payload: question.messages.iter().map(|message| message.len() as u64).sum(),
        deeds: question.deeds.clone(),
        columns: question.codecs.iter().map(|codec| column(question, codec)).collect(),
    }
}

fn column(question: &Question, codec: &Codec) -> Column {
    let outgoing = question.messages.iter().map(|message| Outgoing::from(&message[..]));
    let sent = encoded::report(codec, outgoing, STREAM);
    let (done, way) = way::travel(&question.deeds, &sent);
    let reads = reads(&sent, &question.reads, &way);
    let pieces = reads.iter().map(|read| &way.bytes[read.0 as usize..read.1 as usize]);
    let received = report::of_pieces(codec, pieces, question.limit);
    let expected = fate::expected(codec, &sent);
    let got = fate::Got::from(&received);
    let Judged { fates, invented, tally, recovery } = fate::judge(question.messages.len(), &expected, &got, &way);
    let trials = (question.work > 0).then(|| trials::run(codec, &sent, &expected, question));
    Column {
        percent: (sent.payload > 0).then(|| (sent.overhead as f64 * 1000.0 / sent.payload as f64).round() / 10.0),
        spent: spent(&sent),
        done,
        arrived: (way.bytes != sent.stream[..]).then(|| Data::from(&way.bytes[..])),
        verdict: fate::verdict(&tally, &invented, &received),
        noticed: fate::noticed(&received, &sent, &way),
        runs: way.runs,
        reads,
        received,
        fates,
        invented,
        tally,
        recovery,
        trials,
        sent,
    }
}

fn spent(sent: &Encoded) -> Vec<Spent> {
    let parts = sent.messages.iter().flat_map(|message| &message.parts);
    let bytes = |role| {
        let of_role = parts.clone().filter(|part| part.role == role).map(|part| part.range.len()).sum::<u64>();
        of_role + if role == Role::End { sent.tail.map_or(0, Range::len) } else { 0 }
    };
    let framing = Role::ALL.into_iter().filter(|role| *role != Role::Payload);
    framing.map(|role| Spent { role, bytes: bytes(role) }).filter(|spent| spent.bytes > 0).collect()
}

/// What each read returns: at most `sizes` again and again, or a frame; none goes beyond a cut.
fn reads(sent: &Encoded, sizes: &[usize], way: &Way) -> Vec<Range> {
    let length = way.bytes.len() as u64;
    let mut sizes = sizes.iter().copied().filter(|size| *size > 0).cycle().peekable();
    let mut ends: Vec<u64> = Vec::new();
    if sizes.peek().is_none() {
        ends =
            sent.messages.iter().map(|message| way.arrives(message.frame.1)).chain(way.cuts.iter().copied()).collect();
    } else {
        let (mut at, mut cuts) = (0_u64, way.cuts.iter().copied().peekable());
        for size in sizes {
            while cuts.next_if(|cut| *cut <= at).is_some() {}
            at = at.saturating_add(size as u64).min(cuts.peek().copied().unwrap_or(length)).min(length);
            ends.push(at);
            if at >= length {
                break;
            }
        }
    }
    ends.push(length);
    ends.retain(|end| (1..=length).contains(end));
    ends.sort_unstable();
    ends.dedup();
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(&ends).map(|(start, end)| Range(start, *end)).collect()
}
