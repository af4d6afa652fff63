//! What became of each message: whether it arrived as it was sent, and whether anybody noticed where it did not. Nothing is decoded here.

use super::super::encoded::{Encoded, Role};
use super::super::report::Report;
use super::super::{Codec, Malformed, Truncated};
use super::way::{self, Way};
use crate::stream::Range;
use serde::Serialize;

/// What became of one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// How it ended.
    pub outcome: Outcome,
    /// The received messages that hold bytes of its frame, by their number.
    pub received: Vec<usize>,
    /// How it was damaged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<How>,
    /// Whether the reader was told: a damaged message is given to the program as if it were right.
    pub noticed: bool,
}

/// How a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It arrived as it was sent.
    Survived,
    /// Something arrived in its place.
    Damaged,
    /// Nothing of it was given to the program.
    Lost,
    /// The codec cannot carry it.
    Refused,
}

/// How a message was damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// One message arrived in its place, with other bytes.
    Altered,
    /// It arrived in one message with others.
    Merged,
    /// It arrived in several messages.
    Split,
}

/// Fates, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Arrived as they were sent.
    pub survived: u64,
    /// Given to the program with other bytes.
    pub damaged: u64,
    /// Not given to the program.
    pub lost: u64,
    /// Not sent, for the codec cannot carry them.
    pub refused: u64,
    /// Damaged or lost, and nobody was told.
    pub silent: u64,
}

/// Whether right messages are found again behind the first that is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "recovery", rename_all = "snake_case")]
pub enum Recovery {
    /// Every message is right.
    Unharmed,
    /// From here on.
    Found {
        /// Offset in the arrived stream.
        at: u64,
        /// The message that begins there.
        message: usize,
    },
    /// The reader gave up: the next boundary cannot be found.
    GaveUp,
    /// The reader goes on, and everything it finds is wrong.
    Never,
    /// No message follows that could be found.
    NothingFollows,
}

/// All of it in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every message arrived as it was sent, and nothing else.
    Right,
    /// Something is wrong or missing, and somebody was told: the reader, or the sender of what the codec cannot carry.
    Noticed,
    /// The stream stops inside a message, and the reader waits.
    Waiting,
    /// Something is wrong or missing, and nobody was told.
    Unnoticed,
}

/// The first thing that the reader noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Noticed {
    /// The code of the damage or of the error; `truncated` where the stream stops inside a message.
    pub code: &'static str,
    /// Where in the arrived stream: the byte that shows it, or where the unfinished message begins.
    pub at: u64,
    /// The message to whose frame that byte belongs.
    pub message: Option<usize>,
    /// What that byte was sent for.
    pub role: Option<Role>,
}

/// A message that should arrive.
pub(super) struct Expected {
    index: usize,
    payload: Vec<u8>,
    tag: Option<u64>,
    frame: Range,
}

/// The messages that should arrive: those of a fixed size with their filling.
pub(super) fn expected(codec: &Codec, sent: &Encoded) -> Vec<Expected> {
    let filled = |payload: &[u8]| match codec {
        Codec::Fixed { size, pad } => {
            payload.iter().copied().chain(std::iter::repeat(*pad)).take((*size).max(payload.len())).collect()
        }
        _ => payload.to_vec(),
    };
    let one = |framed: &super::encoded::Framed| Expected {
        index: framed.index,
        payload: filled(&framed.payload),
        tag: framed.tag,
        frame: framed.frame,
    };
    sent.messages.iter().map(one).collect()
}

/// A message that arrived.
pub(super) struct Arrived {
    pub payload: Vec<u8>,
    pub tag: Option<u64>,
    pub frame: Range,
}

/// What a reader got.
#[derive(Default)]
pub(super) struct Got {
    pub messages: Vec<Arrived>,
    pub damage: bool,
    pub error: Option<Malformed>,
    pub incomplete: Option<Truncated>,
}

impl From<&Report> for Got {
    fn from(report: &Report) -> Self {
        let messages = report.messages.iter();
        let arrived = messages.map(|message| Arrived {
            payload: message.payload.to_vec(),
            tag: message.tag,
            frame: message.frame,
        });
        Got {
            messages: arrived.collect(),
            damage: !report.damage.is_empty(),
            error: report.error,
            incomplete: report.incomplete,
        }
    }
}

/// What [`judge`] finds.
pub(super) struct Judged {
    pub fates: Vec<Fate>,
    pub invented: Vec<usize>,
    pub tally: Tally,
    pub recovery: Recovery,
}

/// Compares what arrived with what should have. `given` is the number of messages, those that cannot be carried included.
pub(super) fn judge(given: usize, expected: &[Expected], got: &Got, way: &Way) -> Judged {
    let was: Vec<Range> = got.messages.iter().map(|message| way.was(message.frame)).collect();
    let told = got.damage || got.error.is_some() || got.incomplete.is_some();
    let refused = Fate { outcome: Outcome::Refused, received: Vec::new(), how: None, noticed: true };
    let mut fates = vec![refused; given];
    let mut used = vec![false; was.len()];
    let mut touched = vec![0_u32; was.len()];
    // Frames stand in order on both sides, so the first that may overlap only moves forward.
    let mut first = 0;
    let mut found_again = None;
    let mut harmed = None;
    for message in expected {
        while first < was.len() && was[first].1 <= message.frame.0 {
            first += 1;
        }
        let overlapping: Vec<usize> = (first..was.len())
            .take_while(|index| was[*index].0 < message.frame.1)
            .filter(|index| was[*index].overlap(message.frame).is_some())
            .collect();
        overlapping.iter().for_each(|index| touched[*index] += 1);
        // The type is a part of the message.
        let same = |got: &Arrived| got.payload == message.payload && got.tag == message.tag;
        let right = overlapping.iter().copied().find(|index| !used[*index] && same(&got.messages[*index]));
        fates[message.index] = match right {
            Some(index) => {
                used[index] = true;
                if harmed.is_some() && found_again.is_none() {
                    found_again = Some(Recovery::Found { at: got.messages[index].frame.0, message: message.index });
                }
                Fate { outcome: Outcome::Survived, received: vec![index], how: None, noticed: false }
            }
            None => {
                harmed.get_or_insert(message.index);
                let outcome = if overlapping.is_empty() { Outcome::Lost } else { Outcome::Damaged };
                Fate { outcome, noticed: outcome == Outcome::Lost && told, received: overlapping, how: None }
            }
        };
    }
    for fate in fates.iter_mut().filter(|fate| fate.outcome == Outcome::Damaged) {
        fate.how = Some(match &fate.received[..] {
            [one] if touched[*one] == 1 => How::Altered,
            [_] => How::Merged,
            _ => How::Split,
        });
    }
    let invented = (0..was.len()).filter(|index| touched[*index] == 0).collect();
    let recovery = match (harmed, found_again) {
        (None, _) => Recovery::Unharmed,
        (_, Some(found)) => found,
        (Some(_), None) if got.error.is_some() => Recovery::GaveUp,
        (Some(harmed), None) => {
            // What was swallowed together with the first harmed message does not follow it.
            let swallowed = &fates[harmed].received;
            let apart = |index: usize| !fates[index].received.iter().any(|one| swallowed.contains(one));
            let follows = expected
                .iter()
                .any(|message| message.index > harmed && message.frame.0 >= way.behind && apart(message.index));
            if follows { Recovery::Never } else { Recovery::NothingFollows }
        }
    };
    Judged { tally: Tally::of(&fates), fates, invented, recovery }
}

/// All of it in one word.
pub(super) fn verdict(tally: &Tally, invented: &[usize], received: &Report) -> Verdict {
    match () {
        () if tally.silent > 0 || !invented.is_empty() => Verdict::Unnoticed,
        () if received.error.is_some() || !received.damage.is_empty() => Verdict::Noticed,
        () if received.incomplete.is_some() => Verdict::Waiting,
        () if tally.refused > 0 => Verdict::Noticed,
        () => Verdict::Right,
    }
}

/// What the reader noticed first.
pub(super) fn noticed(received: &Report, sent: &Encoded, way: &Way) -> Option<Noticed> {
    let malformed = received.damage.first().or(received.error.as_ref());
    let (code, at) = match (malformed, received.incomplete) {
        (Some(malformed), _) => (malformed.kind.code(), malformed.at),
        (None, Some(truncated)) => ("truncated", truncated.at),
        (None, None) => return None,
    };
    let was = way.was(Range(at, at + 1));
    let (message, role) = if was.is_empty() { (None, None) } else { way::part(sent, was.0) };
    Some(Noticed { code, at, message, role })
}

impl Tally {
    fn of(fates: &[Fate]) -> Tally {
        let mut tally = Tally::default();
        for fate in fates {
            *match fate.outcome {
                Outcome::Survived => &mut tally.survived,
                Outcome::Damaged => &mut tally.damaged,
                Outcome::Lost => &mut tally.lost,
                Outcome::Refused => &mut tally.refused,
            } += 1;
            let harmed = matches!(fate.outcome, Outcome::Damaged | Outcome::Lost);
            tally.silent += u64::from(harmed && !fate.noticed);
        }
        tally
    }
}
