//! The messages in one direction of a connection, and which of them are whole at the cursor: HTTP where it looks like it,
//! otherwise whatever framing the reader chose. A stream has no messages of its own: this is the receiver's view of it.

use super::run::{Piece, Run};
use sockscope_core::framing::{self, Codec, Decoder, Found};
use sockscope_core::http::report::{Options, StartReport, guess_role, report};
use sockscope_core::http::{METHODS, Role};
use sockscope_core::socket::{self, Answer, Call, Outcome};
use sockscope_core::stream::Range;
use sockscope_core::trace::Body;

/// Most bytes of a direction that are decoded.
pub const MOST: usize = 4 << 20;
/// Most messages that are kept.
const MESSAGES: usize = 10_000;
/// Largest payload of a framed message.
const PAYLOAD: usize = 1 << 20;
/// Bytes of a payload that its row shows.
const SHOWN: usize = 120;

/// By what the bytes are taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// HTTP if it looks like it, lines otherwise.
    #[default]
    Auto,
    /// HTTP, whatever it looks like.
    Http,
    /// A codec of `framing`.
    Framing(Codec),
}

impl Choice {
    /// The choice with that word: `auto`, `http`, or a codec as on the command line.
    pub fn from_word(word: &str) -> Option<Choice> {
        match word {
            "auto" => Some(Choice::Auto),
            "http" => Some(Choice::Http),
            codec => framing::parse(codec).ok().map(Choice::Framing),
        }
    }
}

/// Words of the choices that the page offers.
pub const CHOICES: &[&str] = &[
    "auto",
    "http",
    "naive",
    "line",
    "delimiter:0x00",
    "length:u8",
    "length:u16",
    "length:u32",
    "length:u32:little",
    "varint",
    "netstring",
    "tlv",
    "chunked",
    "fixed:4",
    "fixed:8",
];

/// By what the bytes were taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// HTTP, requests or responses.
    Http(Role),
    /// A codec, by its name.
    Codec(&'static str),
    /// The boundaries that datagrams keep.
    Datagrams,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// All of its bytes in the stream, framing included.
    pub range: Range,
    /// What it says, short: `GET /a`, `200 OK`, or the payload.
    pub title: String,
    /// Bytes of content or payload.
    pub payload: u64,
}

/// What breaks the agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub at: u64,
    /// The key of its sentence, `http.error_…` or `framing.error_…`.
    pub key: String,
    /// The values of its gaps.
    pub args: Vec<(&'static str, String)>,
    /// The English sentence, where no text has the key.
    pub message: String,
}

/// A direction taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// Which direction.
    pub direction: usize,
    /// By what.
    pub by: By,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The messages in order.
    pub messages: Vec<Message>,
    /// Where the last message begins that never becomes whole, if there is one.
    pub open: Option<u64>,
    /// Where the stream breaks the agreement.
    pub fault: Option<Fault>,
}

/// The same at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Now {
    /// Bytes that the receiving program has.
    pub have: u64,
    /// So many messages are whole.
    pub whole: usize,
    /// The bytes of a message that is not whole yet.
    pub tail: Option<Range>,
    /// Whether the fault has been met.
    pub broken: bool,
}

/// The direction in view: what is pointed at, what was chosen, or the one with most bytes.
pub fn direction(run: &Run, pointed: Option<usize>, chosen: Option<usize>) -> Option<usize> {
    let directions = &run.directions;
    let most = (0..directions.len()).rev().max_by_key(|&at| directions[at].length);
    pointed.or(chosen).filter(|&at| at < directions.len()).or(most)
}

/// The bytes of a direction, up to the first that nobody showed.
pub fn bytes(run: &Run, place: usize) -> Vec<u8> {
    let Some(direction) = run.directions.get(place) else { return Vec::new() };
    let mut pieces: Vec<&Piece> = direction.writes.iter().collect();
    pieces.extend(direction.reads.iter().flat_map(|(_, reads)| reads));
    pieces.sort_by_key(|piece| piece.range);
    let mut bytes: Vec<u8> = Vec::new();
    for piece in pieces {
        let have = bytes.len() as u64;
        let Some(data) = moved(run, piece.owner).filter(|_| piece.range.0 <= have && piece.range.1 > have) else {
            continue;
        };
        let upto = (piece.range.len() as usize).min(data.len());
        let from = ((have - piece.range.0) as usize).min(upto);
        bytes.extend_from_slice(&data[from..upto]);
        if bytes.len() >= MOST {
            bytes.truncate(MOST);
            break;
        }
    }
    bytes
}

/// The bytes that a call moved.
fn moved(run: &Run, call: usize) -> Option<&[u8]> {
    let call = &run.calls[call];
    if let Body::Socket(socket::Event::Called { call: Call::Send { data, .. } | Call::SendTo { data, .. }, .. }) =
        &run.trace.events[call.begun].body
    {
        return Some(data);
    }
    match &run.trace.events[call.returned?].body {
        Body::Socket(socket::Event::Returned {
            outcome: Outcome::Ok(Answer::Data(data) | Answer::Datagram { data, .. }),
            ..
        }) => Some(data),
        _ => None,
    }
}

/// Whether bytes begin like requests or responses.
pub fn looks_like_http(bytes: &[u8]) -> bool {
    let start = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let bytes = &bytes[start..];
    let asks = METHODS
        .iter()
        .any(|method| bytes.strip_prefix(method.name.as_bytes()).is_some_and(|behind| behind.first() == Some(&b' ')));
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let whole = line.len() < bytes.len();
    let names = line.windows(7).any(|word| word == b"HTTP/1.");
    bytes.starts_with(b"HTTP/1.") || asks && (names || !whole)
}

/// Takes a direction apart.
pub fn decode(run: &Run, place: usize, choice: &Choice) -> Option<Decoded> {
    let direction = run.directions.get(place)?;
    let bytes = bytes(run, place);
    let mut decoded =
        Decoded { direction: place, by: By::Datagrams, bytes, messages: Vec::new(), open: None, fault: None };
    if direction.datagrams {
        let pieces = direction.writes.iter().map(|piece| piece.range);
        decoded.messages = pieces.take(MESSAGES).map(|range| framed(&decoded.bytes, range, None)).collect();
        return Some(decoded);
    }
    match choice {
        Choice::Auto if looks_like_http(&decoded.bytes) => http(run, &mut decoded),
        Choice::Http => http(run, &mut decoded),
        Choice::Auto => frames(run, &mut decoded, &framing::parse("line").expect("a codec of that name")),
        Choice::Framing(codec) => frames(run, &mut decoded, codec),
    }
    Some(decoded)
}

fn http(run: &Run, decoded: &mut Decoded) {
    let role = guess_role(&decoded.bytes);
    decoded.by = By::Http(role);
    let answers = if role == Role::Response { asked(run, decoded.direction) } else { Vec::new() };
    let options = Options { role: Some(role), answers, ..Options::default() };
    let report = report(&decoded.bytes, &options);
    for message in report.messages.iter().filter(|message| message.complete) {
        let title = match &message.start {
            StartReport::Request { method, target, .. } => format!("{} {}", method.text, target.whole.text),
            StartReport::Response { status, reason, .. } => format!("{status} {}", reason.text),
        };
        decoded.messages.push(Message { range: message.range, title, payload: message.content_length });
    }
    decoded.open = report.incomplete.map(|open| open.at);
    decoded.fault = report.error.map(|error| Fault {
        at: error.at,
        key: format!("http.error_{}", error.kind.code()),
        args: error.kind.args(),
        message: error.kind.to_string(),
    });
}

/// The methods that were asked in the other direction of the same connection.
fn asked(run: &Run, place: usize) -> Vec<String> {
    let here = &run.directions[place];
    let Some(other) = run.directions.iter().position(|other| other.flow == here.flow && other.from != here.from) else {
        return Vec::new();
    };
    let report = report(&bytes(run, other), &Options { role: Some(Role::Request), ..Options::default() });
    let method = |start: &StartReport| match start {
        StartReport::Request { method, .. } => method.text.clone(),
        StartReport::Response { .. } => String::new(),
    };
    report.messages.iter().map(|message| method(&message.start)).collect()
}

fn frames(run: &Run, decoded: &mut Decoded, codec: &Codec) {
    decoded.by = By::Codec(codec.name());
    let mut decoder = Decoder::new(codec.clone(), PAYLOAD);
    let direction = &run.directions[decoded.direction];
    let bytes = std::mem::take(&mut decoded.bytes);
    let take = |found: Found<'_>, decoded: &mut Decoded| {
        if let Found::Message(message) = found
            && decoded.messages.len() < MESSAGES
        {
            decoded.messages.push(framed(message.payload, message.frame, Some(message.payload.len() as u64)));
        }
    };
    // The naive reader takes every piece that arrives for a message, so the pieces must be those of the program.
    let mut fed = 0;
    let mut pieces: Vec<&[u8]> = Vec::new();
    for piece in direction.reads.first().into_iter().flat_map(|(_, reads)| reads) {
        let (start, end) = (piece.range.0 as usize, (piece.range.1 as usize).min(bytes.len()));
        if start == fed && end > start {
            pieces.push(&bytes[start..end]);
            fed = end;
        }
    }
    if *codec != Codec::Naive || pieces.is_empty() {
        pieces = vec![&bytes];
    }
    for piece in pieces {
        if let Err(error) = decoder.feed(piece, |found| take(found, decoded)) {
            decoded.fault = Some(Fault {
                at: error.at,
                key: format!("framing.error_{}", error.kind.code()),
                args: numbers(&error),
                message: error.kind.to_string(),
            });
            break;
        }
    }
    decoded.open = decoder.finish().err().map(|open| open.at).filter(|_| decoded.fault.is_none());
    decoded.bytes = bytes;
}

/// The gaps in the sentence of a fault, from the numbers that the error carries.
fn numbers(error: &framing::Malformed) -> Vec<(&'static str, String)> {
    let json = serde_json::to_value(error).unwrap_or_default();
    let of = |name: &'static str| {
        let number = json.get(name).and_then(serde_json::Value::as_u64)?;
        Some((name, if name == "byte" { format!("0x{number:02x}") } else { number.to_string() }))
    };
    ["declared", "limit", "byte"].into_iter().filter_map(of).collect()
}

/// A framed message; without a payload of its own, `bytes` are the stream's and all of `range` is payload.
fn framed(bytes: &[u8], range: Range, payload: Option<u64>) -> Message {
    let data = match payload {
        Some(_) => bytes,
        None => bytes.get(range.0 as usize..(range.1 as usize).min(bytes.len())).unwrap_or_default(),
    };
    let title = sockscope_core::stream::Data::from(&data[..data.len().min(SHOWN)]).preview();
    Message { range, title, payload: payload.unwrap_or(data.len() as u64) }
}

/// Which messages are whole after an event.
pub fn at(run: &Run, decoded: &Decoded, event: usize) -> Now {
    let Some(direction) = run.directions.get(decoded.direction) else {
        return Now { have: 0, whole: 0, tail: None, broken: false };
    };
    let until = |pieces: &[Piece]| {
        let passed = pieces.partition_point(|piece| piece.event <= event);
        passed.checked_sub(1).map_or(0, |last| pieces[last].range.1)
    };
    // What nobody reads is followed as it is written.
    let have = match direction.reads.is_empty() {
        true => until(&direction.writes),
        false => direction.reads.iter().map(|(_, reads)| until(reads)).max().unwrap_or(0),
    };
    let have = have.min(decoded.bytes.len() as u64);
    let whole = decoded.messages.partition_point(|message| message.range.1 <= have);
    let begun = decoded.messages.get(whole).map(|message| message.range.0).or(decoded.open);
    let broken = decoded.fault.as_ref().is_some_and(|fault| fault.at < have);
    let tail = begun.filter(|&start| start < have && !broken).map(|start| Range(start, have));
    Now { have, whole, tail, broken }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;
    use sockscope_core::scenario;
    use sockscope_core::sim;

    const CLIENT: &str = "from socket import *\nimport time\ns = socket(AF_INET, SOCK_STREAM)\ns.connect(('server', 80))\n\
        s.sendall(b'HEAD /a HTTP/1.1\\r\\nHost: x\\r\\n\\r\\nGET /b HT')\ntime.sleep(1)\n\
        s.sendall(b'TP/1.1\\r\\nHost: x\\r\\n\\r\\n')\nwhile s.recv(1024):\n    pass\n";
    const SERVER: &str = "from socket import *\ns = socket(AF_INET, SOCK_STREAM)\ns.bind(('', 80))\ns.listen(1)\n\
        c, a = s.accept()\nc.recv(1024)\nc.recv(1024)\n\
        c.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nHTTP/1.1 404 Not Found\\r\\nContent-Length: 2\\r\\n\\r\\nno')\n\
        c.close()\n";

    fn run(client: &str, server: &str) -> Run {
        let scenario = scenario::from_json(&serde_json::json!({
            "title": { "en": "HTTP", "zh": "HTTP" },
            "link": { "delay": "10ms" },
            "host": [
                { "name": "client", "address": "10.0.0.1/24", "program": client },
                { "name": "server", "address": "10.0.0.2/24", "program": server },
            ],
        }));
        Run::new(sim::run(&scenario.expect("a scenario"), &sim::Options::default()))
    }

    fn toward(run: &Run, from: &str) -> usize {
        run.directions.iter().position(|direction| Some(direction.from) == run.host(from)).unwrap()
    }

    #[test]
    fn requests_and_responses_are_found_in_both_directions() {
        let run = run(CLIENT, SERVER);
        let titles = |from| {
            let decoded = decode(&run, toward(&run, from), &Choice::Auto).unwrap();
            decoded.messages.into_iter().map(|message| message.title).collect::<Vec<_>>()
        };
        assert_eq!(titles("client"), ["HEAD /a", "GET /b"]);
        assert_eq!(titles("server"), ["200 OK", "404 Not Found"], "the answer to HEAD has no content");
    }

    #[test]
    fn a_message_is_whole_when_its_last_byte_was_read() {
        let run = run(CLIENT, SERVER);
        let decoded = decode(&run, toward(&run, "client"), &Choice::Auto).unwrap();
        let mut seen = Vec::new();
        for event in 0..run.len() {
            let now = at(&run, &decoded, event);
            let step = (now.whole, now.tail.map(|tail| tail.len()));
            if seen.last() != Some(&step) {
                seen.push(step);
            }
        }
        assert_eq!(seen, [(0, None), (1, Some(9)), (2, None)]);
    }

    #[test]
    fn bytes_are_put_together_from_writes() {
        let run = run(CLIENT, SERVER);
        let whole = bytes(&run, toward(&run, "client"));
        assert!(whole.starts_with(b"HEAD /a HTTP/1.1\r\n") && whole.ends_with(b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n"));
    }

    #[test]
    fn what_is_no_http_is_taken_for_lines_and_naively_for_one_message_per_recv() {
        let run = Run::new(fixture::sticky());
        let place = direction(&run, None, None).unwrap();
        let auto = decode(&run, place, &Choice::Auto).unwrap();
        assert_eq!((auto.by, auto.messages.len(), auto.open), (By::Codec("line"), 0, Some(0)));
        let naive = decode(&run, place, &Choice::from_word("naive").unwrap()).unwrap();
        assert_eq!(naive.messages.len(), 1, "five sends, one recv");
        let fixed = decode(&run, place, &Choice::from_word("fixed:4").unwrap()).unwrap();
        let titles: Vec<&str> = fixed.messages.iter().map(|message| message.title.as_str()).collect();
        assert_eq!(titles, ["msg0", "msg1", "msg2", "msg3", "msg4"]);
        assert_eq!(at(&run, &fixed, 0).whole, 0);
        assert_eq!(at(&run, &fixed, run.len()).whole, 5);
    }

    #[test]
    fn a_broken_agreement_has_its_place() {
        let run = Run::new(fixture::sticky());
        let decoded = decode(&run, 0, &Choice::from_word("netstring").unwrap()).unwrap();
        let fault = decoded.fault.clone().unwrap();
        assert_eq!(fault.at, 0);
        assert!(fault.key.len() > "framing.error_".len(), "{fault:?}");
        assert!(at(&run, &decoded, run.len()).broken);
    }

    #[test]
    fn every_offered_word_is_a_choice_and_decodes_anything() {
        let run = Run::new(fixture::sticky());
        for word in CHOICES {
            let choice = Choice::from_word(word).unwrap_or_else(|| panic!("{word}"));
            let decoded = decode(&run, 0, &choice).unwrap();
            for event in 0..run.len() {
                let now = at(&run, &decoded, event);
                assert!(now.whole <= decoded.messages.len() && now.have <= 20, "{word}");
            }
        }
        assert_eq!(Choice::from_word("morse"), None);
    }

    #[test]
    fn only_what_begins_like_http_looks_like_it() {
        for good in ["GET / HTTP/1.1\r\n", "GET / HT", "\r\nPUT /a HTTP/1.0\r\n", "HTTP/1.1 200 OK"] {
            assert!(looks_like_http(good.as_bytes()), "{good:?}");
        }
        for other in ["GET out\n", "GETTING", "hello", "", "HTTP is fine"] {
            assert!(!looks_like_http(other.as_bytes()), "{other:?}");
        }
    }
}
