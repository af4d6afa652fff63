//! The same messages through many codecs side by side: what each costs, and what becomes of the messages when something is done to
//! the stream. It draws nothing and says nothing in words.

mod deed;
mod fate;
mod trials;

#[cfg(test)]
mod tests;

pub use deed::{Deed, Done, PartOf, Place};
pub use fate::{Fate, How, Outcome, Recovery, Tally};
pub use trials::{Ends, Flips, Trial, Trials};

use super::encoded::{self, Encoded, Outgoing, Role};
use super::report::{self, Report};
use super::{Codec, Delimiter, Ending, Length, Tlv, Width};
use crate::stream::{Data, Range};
use fate::Judged;
use serde::Serialize;

/// Messages that a comparison takes at the most.
pub const MESSAGES: usize = 256;
/// Bytes that all messages may have together.
pub const BYTES: usize = 16 * 1024;
/// Codecs that a comparison takes at the most.
pub const CODECS: usize = 32;
/// Longest stream that a codec may make of the messages.
const STREAM: usize = 64 * 1024;

/// What is to be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The messages in order.
    pub messages: Vec<Vec<u8>>,
    /// The codecs.
    pub codecs: Vec<Codec>,
    /// What is done to each stream.
    pub deed: Option<Deed>,
    /// How many bytes each read returns, again and again; without any, each frame arrives in a read of its own. Only
    /// [`Codec::Naive`] cares.
    pub reads: Vec<usize>,
    /// The largest payload that a reader takes.
    pub limit: usize,
    /// Bytes that the trials of one codec may decode; longer streams are tried at fewer places.
    pub work: usize,
}

/// The answer: one column for each codec.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The messages as they were given.
    pub messages: Vec<Data>,
    /// Bytes of all of them.
    pub payload: u64,
    /// What was done to each stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deed: Option<Deed>,
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
    /// What was done, where this stream has the place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<Done>,
    /// The stream as it arrived, where that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrived: Option<Data>,
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
    /// The same for a cut, an end and a wrong byte at every place.
    pub trials: Trials,
}

/// Bytes that framing costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Spent {
    /// What they are for.
    pub role: Role,
    /// How many.
    pub bytes: u64,
}

/// The codecs that a course compares, for messages of at most `longest` bytes.
pub fn usual(longest: usize) -> Vec<Codec> {
    let length = |width| Codec::Length(Length { width, ..Length::default() });
    vec![
        Codec::Naive,
        Codec::Fixed { size: longest.max(1), pad: 0 },
        Codec::Delimiter(Delimiter { byte: b'|', escape: None }),
        Codec::Delimiter(Delimiter { byte: b'|', escape: Some(b'\\') }),
        Codec::Line { ending: Ending::Lf },
        length(Width::U8),
        length(Width::U32),
        Codec::Varint,
        Codec::Netstring,
        Codec::Tlv(Tlv::default()),
        Codec::Chunked,
    ]
}

/// Puts the messages through every codec, does the deed, and tells what became of them.
///
/// ```
/// use sockscope_core::framing::compare::{Deed, Place, Question, compare, usual};
/// let messages = vec![b"msg0".to_vec(), b"msg1".to_vec()];
/// let deed = Some(Deed::Cut { at: Place::Stream(3) });
/// let question = Question { codecs: usual(4), messages, deed, reads: vec![], limit: 1024, work: 100_000 };
/// let answer = compare(&question);
/// let [naive, .., chunked] = &answer.columns[..] else { unreachable!() };
/// assert_eq!((naive.tally.damaged, chunked.tally.survived), (1, 2));
/// assert_eq!(naive.trials.cuts.first, Some(1), "the shortest cut that breaks the naive reader");
/// ```
pub fn compare(question: &Question) -> Comparison {
    Comparison {
        messages: question.messages.iter().map(|message| Data::from(&message[..])).collect(),
        payload: question.messages.iter().map(|message| message.len() as u64).sum(),
        deed: question.deed.clone(),
        columns: question.codecs.iter().map(|codec| column(question, codec)).collect(),
    }
}

fn column(question: &Question, codec: &Codec) -> Column {
    let outgoing = question.messages.iter().map(|message| Outgoing::from(&message[..]));
    let sent = encoded::report(codec, outgoing, STREAM);
    let done = question.deed.as_ref().and_then(|deed| deed::apply(deed, &sent));
    let arrived = done.as_ref().map_or(&sent.stream[..], |(_, bytes)| &bytes[..]);
    let deed = done.as_ref().map(|(done, _)| *done);
    let cut = deed.filter(|deed| deed.kind == "cut").map(|deed| deed.range.0);
    let reads = reads(&sent, &question.reads, arrived.len() as u64, deed.as_ref(), cut);
    let pieces = reads.iter().map(|read| &arrived[read.0 as usize..read.1 as usize]);
    let received = report::of_pieces(codec, pieces, question.limit);
    let expected = fate::expected(codec, &sent);
    let got = fate::Got::from(&received);
    let Judged { fates, invented, tally, recovery } =
        fate::judge(question.messages.len(), &expected, &got, deed.as_ref());
    let trials = trials::run(codec, &sent, &expected, question);
    let other = (arrived != &sent.stream[..]).then(|| Data::from(arrived));
    Column {
        percent: (sent.payload > 0).then(|| (sent.overhead as f64 * 1000.0 / sent.payload as f64).round() / 10.0),
        spent: spent(&sent),
        done: deed,
        arrived: other,
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

/// What each read returns of a stream of `length` bytes: `sizes` again and again, or a read for each frame.
fn reads(sent: &Encoded, sizes: &[usize], length: u64, done: Option<&Done>, cut: Option<u64>) -> Vec<Range> {
    let mut ends: Vec<u64> = match sizes.iter().any(|size| *size > 0) {
        true => {
            let mut at = 0;
            let sizes = sizes.iter().cycle().filter(|size| **size > 0);
            sizes.map_while(|size| (at < length).then(|| (at += *size as u64, at).1)).collect()
        }
        false => {
            let ends = sent.messages.iter().map(|message| message.frame.1);
            ends.map(|end| done.map_or(end, |done| done.arrives(end))).collect()
        }
    };
    ends.extend(cut);
    ends.push(length);
    ends.retain(|end| (1..=length).contains(end));
    ends.sort_unstable();
    ends.dedup();
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(&ends).map(|(start, end)| Range(start, *end)).collect()
}
