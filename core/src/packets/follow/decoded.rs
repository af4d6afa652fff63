//! Messages on a followed stream: HTTP/1.1 where it looks like that, or the framing that was asked for. Every message
//! knows the packets that carried it; how messages are told apart is `http`'s and `framing`'s business.

use super::half::{Carried, HalfReport, Run};
use crate::framing::{self, Codec};
use crate::http::report::StartReport;
use crate::http::{self, Role};
use crate::stream::{Range, Split};
use serde::Serialize;

/// What the bytes of a stream are taken for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Decoding {
    /// HTTP/1.1 where they look like it.
    #[default]
    Auto,
    /// HTTP/1.1, whatever they look like.
    Http,
    /// Messages in frames.
    Framing {
        /// The agreement.
        codec: Codec,
        /// The largest payload.
        limit: usize,
    },
    /// Only bytes.
    None,
}

/// The messages on a stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decoded {
    /// `http`, or a codec with its options, as on the command line.
    pub protocol: String,
    /// Of each direction, from gap to gap; of UDP datagram by datagram.
    pub halves: [Vec<DecodedRun>; 2],
}

/// The messages on bytes without a gap.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DecodedRun {
    /// Where the run lies in the stream. The ranges of its messages count from its beginning.
    pub range: Range,
    /// The packets that carried each message, in the order of the messages.
    pub packets: Vec<Vec<u64>>,
    /// What was found.
    #[serde(flatten)]
    pub messages: Messages,
}

/// What was found in a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Messages {
    /// Requests or responses.
    Http(Box<http::report::Report>),
    /// Messages of a codec.
    Framing(Box<framing::report::Report>),
}

pub(super) fn decode(halves: &[HalfReport; 2], decoding: &Decoding) -> Option<Decoded> {
    match decoding {
        Decoding::None => None,
        Decoding::Framing { codec, limit } => {
            let each = |half: &HalfReport| half.runs.iter().map(|run| frames(half, run, codec, *limit)).collect();
            Some(Decoded { protocol: codec.to_string(), halves: [each(&halves[0]), each(&halves[1])] })
        }
        Decoding::Auto if !halves.iter().any(|half| half.runs.iter().any(|run| looks_like_http(&run.data))) => None,
        Decoding::Auto | Decoding::Http => Some(exchange(halves)),
    }
}

fn frames(half: &HalfReport, run: &Run, codec: &Codec, limit: usize) -> DecodedRun {
    let report = match codec {
        // Without an agreement a reader takes what each packet brought for a message.
        Codec::Naive => {
            let first = half.carried.partition_point(|carried| carried.range.0 < run.range.0);
            let inside = half.carried[first..].iter().take_while(|carried| carried.range.1 <= run.range.1);
            let place = |at: u64| (at - run.range.0) as usize;
            let pieces = inside.map(|carried| &run.data[place(carried.range.0)..place(carried.range.1)]);
            framing::report::of_pieces(codec, pieces, limit)
        }
        _ => framing::report(codec, &run.data, Split::All, limit),
    };
    let places = report.messages.iter().map(|message| message.frame);
    let packets = places.map(|place| carried_by(half, run, place)).collect();
    DecodedRun { range: run.range, packets, messages: Messages::Framing(Box::new(report)) }
}

/// The messages in datagrams: none goes on from one datagram to the next.
pub(super) fn datagrams(halves: &[HalfReport; 2], decoding: &Decoding) -> Option<Decoded> {
    let Decoding::Framing { codec, limit } = decoding else { return None };
    let decode = |half: &HalfReport, carried: &Carried| {
        let datagram = half.bytes(carried.range);
        let report = match codec {
            Codec::Naive => framing::report::of_pieces(codec, [&datagram[..]].into_iter(), *limit),
            _ => framing::report(codec, &datagram, Split::All, *limit),
        };
        DecodedRun {
            range: carried.range,
            packets: vec![vec![carried.packet]; report.messages.len()],
            messages: Messages::Framing(Box::new(report)),
        }
    };
    let each = |half: &HalfReport| half.carried.iter().map(|carried| decode(half, carried)).collect();
    Some(Decoded { protocol: codec.to_string(), halves: [each(&halves[0]), each(&halves[1])] })
}

fn carried_by(half: &HalfReport, run: &Run, place: Range) -> Vec<u64> {
    half.packets(run.range.0 + place.0, run.range.0 + place.1)
}

/// Requests of one end and responses of the other.
fn exchange(halves: &[HalfReport; 2]) -> Decoded {
    // Whoever sends something that looks like a response is the server; mostly it is not the one who connected.
    let is_server = |half: &HalfReport| half.runs.iter().any(|run| run.data.starts_with(b"HTTP/"));
    let client = usize::from(is_server(&halves[0]) && !is_server(&halves[1]));
    let requests = messages(&halves[client], Role::Request, &[]);
    let methods: Vec<String> = requests
        .iter()
        .filter_map(|run| match &run.messages {
            Messages::Http(report) => Some(&report.messages),
            Messages::Framing(_) => None,
        })
        .flatten()
        .filter_map(|message| match &message.start {
            StartReport::Request { method, .. } => Some(method.text.clone()),
            StartReport::Response { .. } => None,
        })
        .collect();
    // Behind a gap nobody knows which request a response answers.
    let whole = halves[client].runs.len() == 1;
    let responses = messages(&halves[1 - client], Role::Response, if whole { &methods } else { &[] });
    let halves = if client == 0 { [requests, responses] } else { [responses, requests] };
    Decoded { protocol: "http".to_owned(), halves }
}

fn messages(half: &HalfReport, role: Role, answers: &[String]) -> Vec<DecodedRun> {
    let last = half.runs.len().saturating_sub(1);
    let run = |(index, run): (usize, &Run)| {
        // A run behind a gap begins anywhere; only where it begins like a message is it read as messages.
        if index > 0 && !looks_like_http(&run.data) {
            return None;
        }
        let options = http::report::Options {
            role: Some(role),
            eof: index == last && half.fin.is_some() && half.beyond == 0,
            answers: if index == 0 { answers.to_vec() } else { Vec::new() },
            ..Default::default()
        };
        let report = http::report(&run.data, &options);
        let packets = report.messages.iter().map(|message| carried_by(half, run, message.range)).collect();
        Some(DecodedRun { range: run.range, packets, messages: Messages::Http(Box::new(report)) })
    };
    half.runs.iter().enumerate().filter_map(run).collect()
}

/// Whether bytes begin like a request line or a status line, as far as they go.
fn looks_like_http(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"HTTP/1.") {
        return true;
    }
    let line = &bytes[..bytes.len().min(8_192)];
    let Some(end) = line.iter().position(|byte| *byte == b'\n') else { return false };
    let line = line[..end].strip_suffix(b"\r").unwrap_or(&line[..end]);
    let (Some(space), Some(version)) =
        (line.iter().position(|byte| *byte == b' '), line.rsplit(|byte| *byte == b' ').next())
    else {
        return false;
    };
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    space > 0 && line[..space].iter().all(is_token) && version.starts_with(b"HTTP/1.")
}
