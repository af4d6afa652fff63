//! What a reader makes of a stream that arrived, held against what was sent: which messages are right, which are wrong
//! without anybody noticing, where the reader finds its way again.

use super::{LIMIT, Stream};
use sockscope_core::framing::{Codec, Decoder, Found, Malformed, Truncated};

/// A message that the reader hands over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its bytes.
    pub payload: Vec<u8>,
    /// Its frame in the stream.
    pub frame: (usize, usize),
    /// The message that was sent and that it is, counted from 0; none where it is wrong.
    pub sent: Option<usize>,
}

/// The whole of it in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every message arrived, and nothing else.
    Good,
    /// Something is wrong or missing, and the reader knows.
    Noticed,
    /// The stream has stopped inside a message, and the reader waits.
    Waits,
    /// Something is wrong or missing, and nobody notices.
    Unnoticed,
}

/// What a reader makes of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What it hands over, in order.
    pub received: Vec<Received>,
    /// Of what was sent, what did not arrive as it was.
    pub lost: Vec<usize>,
    /// Damage after which it went on.
    pub damage: Vec<Malformed>,
    /// Where it gave up.
    pub error: Option<Malformed>,
    /// Where it waits for more.
    pub incomplete: Option<Truncated>,
    /// The first message that is right behind something wrong: there it has found its way again.
    pub again: Option<usize>,
    /// The whole of it.
    pub verdict: Verdict,
}

impl Outcome {
    /// Messages that are wrong.
    pub fn wrong(&self) -> usize {
        self.received.iter().filter(|it| it.sent.is_none()).count()
    }
}

/// Reads the stream as it arrives. `sent` are the messages.
pub fn read(codec: &Codec, stream: &Stream, sent: &[Vec<u8>]) -> Outcome {
    let values = stream.values();
    let mut decoder = Decoder::new(codec.clone(), LIMIT);
    let (mut received, mut damage, mut error) = (Vec::new(), Vec::new(), None);
    let mut from = 0;
    for &to in stream.reads.iter().chain(std::iter::once(&values.len())) {
        let fed = decoder.feed(&values[from..to], |found| match found {
            Found::Message(message) => received.push(Received {
                payload: message.payload.to_vec(),
                frame: (message.frame.0 as usize, message.frame.1 as usize),
                sent: None,
            }),
            Found::Damage(malformed) => damage.push(malformed),
        });
        if let Err(malformed) = fed {
            error = Some(malformed);
            break;
        }
        from = to;
    }
    let incomplete = if error.is_none() { decoder.finish().err() } else { None };
    match_up(codec, &mut received, sent);
    let arrived: Vec<usize> = received.iter().filter_map(|it| it.sent).collect();
    let lost: Vec<usize> = (0..sent.len()).filter(|index| !arrived.contains(index)).collect();
    let first_wrong = received.iter().position(|it| it.sent.is_none());
    let gap = lost.first().copied();
    let again = match (first_wrong, gap) {
        (Some(wrong), _) => received[wrong..].iter().find_map(|it| it.sent),
        (None, Some(gap)) => arrived.iter().copied().find(|index| *index > gap),
        (None, None) => None,
    };
    let verdict = match () {
        () if lost.is_empty() && received.len() == sent.len() && error.is_none() && incomplete.is_none() => {
            Verdict::Good
        }
        () if first_wrong.is_some() => Verdict::Unnoticed,
        () if error.is_some() || !damage.is_empty() => Verdict::Noticed,
        () if incomplete.is_some() => Verdict::Waits,
        () if !stream.refused.is_empty() => Verdict::Noticed,
        () => Verdict::Unnoticed,
    };
    Outcome { received, lost, damage, error, incomplete, again, verdict }
}

/// Finds for each message that arrived which one it is: the longest common run of both lists, in order.
fn match_up(codec: &Codec, received: &mut [Received], sent: &[Vec<u8>]) {
    let same = |got: &[u8], sent: &[u8]| match codec {
        // The reader of fixed sizes cannot tell the filling from the message.
        Codec::Fixed { pad, .. } => got.strip_prefix(sent).is_some_and(|rest| rest.iter().all(|byte| byte == pad)),
        _ => got == sent,
    };
    let (rows, columns) = (received.len(), sent.len());
    // Two long lists would take long; then only what stands at its own place counts.
    if rows * columns > 250_000 {
        for (place, one) in received.iter_mut().enumerate() {
            one.sent = sent.get(place).filter(|sent| same(&one.payload, sent)).map(|_| place);
        }
        return;
    }
    let mut best = vec![0u32; (rows + 1) * (columns + 1)];
    let at = |row: usize, column: usize| row * (columns + 1) + column;
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            best[at(row, column)] = if same(&received[row].payload, &sent[column]) {
                best[at(row + 1, column + 1)] + 1
            } else {
                best[at(row + 1, column)].max(best[at(row, column + 1)])
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    while row < rows && column < columns {
        if same(&received[row].payload, &sent[column]) {
            received[row].sent = Some(column);
            row += 1;
            column += 1;
        } else if best[at(row + 1, column)] >= best[at(row, column + 1)] {
            row += 1;
        } else {
            column += 1;
        }
    }
}
