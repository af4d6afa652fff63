//! `packets/dissect`: what `sockscope dissect --json` prints, for a capture file in the body. The file is read as it
//! arrives and never kept.

use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sockscope_core::framing::parse;
use sockscope_core::packets::Packet;
use sockscope_core::packets::follow::{Decoding, Limits};
use sockscope_core::packets::report::{Options, Outcome, PAGE, Reporter};
use sockscope_core::wire::capture::CaptureErrorKind;
use std::time::Duration;
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};

use crate::api::framing::fault;
use crate::api::given::Base64;
use crate::api::schema;
use crate::extract::{self, Query};
use crate::problem::{Body, Place, Problem};

/// Longest capture file in bytes.
const FILE_LIMIT: usize = 32 << 20;

/// Longest body that holds such a file as base64 in JSON.
const JSON_LIMIT: usize = FILE_LIMIT / 3 * 4 + 4_096;

/// How long a file may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

/// Packets that one answer lists at most.
const MOST_PACKETS: usize = 10_000;

/// Bytes of a followed conversation that are kept where nobody says how many, and at most.
const STREAM_BYTES: usize = 1 << 20;
const MOST_STREAM_BYTES: usize = 16 << 20;

/// Files that are read at once; more wait.
static TURNS: Semaphore = Semaphore::const_new(4);

/// Packets are read in pieces of this size, and others get their turn in between.
const PIECE: usize = 64 * 1024;

/// What is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Number of the first packet to list.
    #[param(minimum = 1)]
    from: Option<u64>,
    /// How many packets to list: 1000 if it is left out, 10000 at most.
    #[param(maximum = 10_000)]
    count: Option<usize>,
    /// List this packet alone, and explain its every field.
    #[param(minimum = 1)]
    packet: Option<u64>,
    /// List the packets of this conversation alone, and follow it.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 4_294_967_295_u32)]
    stream: Option<u32>,
    /// What the bytes of the conversation are: `auto` (HTTP where it looks like that), `http`, `none`, or a codec.
    #[param(example = "length:u16:little")]
    codec: Option<String>,
    /// Bytes of the conversation that are kept, 1 MiB if it is left out, 16 MiB at most; more are only counted.
    #[param(maximum = 16_777_216)]
    limit: Option<usize>,
}

/// A capture file in JSON.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "base64": "1MOyoQIABAAAAAAAAAAAAAAABAABAAAA" }))]
pub struct CaptureFile {
    /// The file as base64.
    #[schema(value_type = String, content_encoding = "base64")]
    base64: Base64,
}

impl Wanted {
    fn options(self) -> Result<Options, Problem> {
        let at_most = |name: &'static str, value: usize, most: usize| match value <= most {
            true => Ok(value),
            false => Err(wrong(name, format!("{value} is more than {most}"))),
        };
        let decoding = match self.codec.as_deref() {
            None | Some("auto") => Decoding::Auto,
            Some("http") => Decoding::Http,
            Some("none") => Decoding::None,
            Some(word) => {
                let codec = parse(word).map_err(|error| {
                    fault("invalid_query", "codec", error.code(), error.to_string(), error.values())
                })?;
                Decoding::Framing { codec, limit: 1 << 20 }
            }
        };
        if self.packet.is_some() && self.stream.is_some() {
            return Err(wrong("packet", "`packet` and `stream` exclude each other".to_owned()));
        }
        let bytes = at_most("limit", self.limit.unwrap_or(STREAM_BYTES), MOST_STREAM_BYTES)?;
        Ok(Options {
            from: self.from.unwrap_or(1),
            count: at_most("count", self.count.unwrap_or(PAGE), MOST_PACKETS)?,
            packet: self.packet,
            stream: self.stream,
            decoding,
            limits: Limits { stream: bytes, total: bytes },
        })
    }
}

fn wrong(name: &str, message: String) -> Problem {
    let place = Place { path: Some(name.to_owned()), ..Place::default() };
    Problem::new("invalid_query", format!("{name}: {message}")).with("message", format!("{name}: {message}")).at(place)
}

/// Look into a capture file
///
/// The body is a pcap or pcapng file of at most 32 MiB, or JSON with such a file as base64. The answer lists packets and
/// conversations, one packet field by field, or what one conversation carried. A file that ends too early, or is broken
/// behind its first packets, is a good answer that says where; what is no capture at all is refused.
#[utoipa::path(post, path = "/api/v1/packets/dissect", tag = "packets", operation_id = "dissect_packets",
    params(Wanted),
    request_body(description = "The file", content(
        (Vec<u8> = "application/vnd.tcpdump.pcap"),
        (Vec<u8> = "application/x-pcapng"),
        (Vec<u8> = "application/octet-stream"),
        (CaptureFile = "application/json"))),
    responses(
        (status = 200, description = "What is in it", body = schema::CaptureReport),
        (status = 400, description = "A parameter is wrong, or the body is not JSON", body = Body, content_type = "application/problem+json"),
        (status = 408, description = "The file came too slowly", body = Body, content_type = "application/problem+json"),
        (status = 413, description = "The file is too large", body = Body, content_type = "application/problem+json"),
        (status = 415, description = "The body is of another type", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "The body is no capture file, or no base64", body = Body, content_type = "application/problem+json"),
        (status = 503, description = "Too many files are being read", body = Body, content_type = "application/problem+json")))]
pub async fn dissect(Query(wanted): Query<Wanted>, request: Request) -> Result<Response, Problem> {
    let options = wanted.options()?;
    let form = form(request.headers())?;
    let turn = tokio::time::timeout(Duration::from_secs(30), TURNS.acquire()).await;
    let _turn = turn.map_err(|_| busy())?.map_err(Problem::internal)?;
    let (parts, body) = request.into_parts();
    let mut answer = Answer::new(options);
    match form {
        Form::File => {
            extract::each_chunk(&parts, body, FILE_LIMIT, PATIENCE, |chunk| answer.take(chunk)).await?;
        }
        Form::Json => {
            let mut text = Vec::new();
            extract::each_chunk(&parts, body, JSON_LIMIT, PATIENCE, |chunk| text.extend_from_slice(chunk)).await?;
            let CaptureFile { base64: Base64(file) } = extract::parse(&text)?;
            drop(text);
            for piece in file.chunks(PIECE) {
                answer.take(piece);
                tokio::task::yield_now().await;
            }
        }
    }
    let json = tokio::task::spawn_blocking(move || answer.finish()).await.map_err(Problem::internal)??;
    Ok(([(CONTENT_TYPE, "application/json")], json).into_response())
}

enum Form {
    File,
    Json,
}

/// How the file comes. A program that says nothing better says `application/octet-stream`.
fn form(headers: &HeaderMap) -> Result<Form, Problem> {
    let announced = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = announced.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => Ok(Form::Json),
        "application/octet-stream" => Ok(Form::File),
        other if other.starts_with("application/") && other.contains("pcap") => Ok(Form::File),
        other => {
            let got = if other.is_empty() { "none" } else { other };
            let sentence = format!("the body must be a capture file or application/json; its content type is {got}");
            Err(Problem::new("not_a_capture_type", sentence).with("got", got))
        }
    }
}

fn busy() -> Problem {
    let wait = Duration::from_secs(5);
    Problem::new("busy_reading", format!("too many files are being read; try again in {} seconds", wait.as_secs()))
        .with("seconds", wait.as_secs())
        .retry_after(wait)
}

/// An answer that is being written while the file is read.
struct Answer {
    reporter: Reporter,
    json: Vec<u8>,
    failure: Option<serde_json::Error>,
}

impl Answer {
    fn new(options: Options) -> Self {
        Answer { reporter: Reporter::new(options), json: b"{\"packets\":[".to_vec(), failure: None }
    }

    fn take(&mut self, piece: &[u8]) {
        let (json, failure) = (&mut self.json, &mut self.failure);
        self.reporter.push(piece, |packet| list(json, failure, packet));
    }

    fn finish(self) -> Result<Vec<u8>, Problem> {
        let Answer { reporter, mut json, mut failure } = self;
        let outcome: Outcome = reporter.finish(|packet| list(&mut json, &mut failure, packet));
        if let Some(error) = outcome.error.filter(|error| matches!(error.kind, CaptureErrorKind::Format { .. })) {
            let place = Place { offset: Some(error.at as usize), ..Place::default() };
            let problem = Problem::new("invalid_capture", error.to_string()).at(place);
            return Err(error.args().into_iter().fold(problem, |problem, (name, value)| problem.with(name, value)));
        }
        let rest = serde_json::to_vec(&outcome).map_err(Problem::internal)?;
        json.extend_from_slice(b"],");
        json.extend_from_slice(&rest[1..]);
        failure.map_or(Ok(json), |error| Err(Problem::internal(error)))
    }
}

fn list(json: &mut Vec<u8>, failure: &mut Option<serde_json::Error>, packet: &Packet) {
    if json.last() != Some(&b'[') {
        json.push(b',');
    }
    if let Err(error) = serde_json::to_writer(json, packet) {
        *failure = Some(error);
    }
}
