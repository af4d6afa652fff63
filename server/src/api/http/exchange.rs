//! `http/exchange`: requests are sent for real, to a server of ours on the loopback interface and nowhere else.

use axum::Json;
use axum::extract::State;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use sockscope_core::http::{EncodeError, Encoder, Limits, RequestHead, Version};
use sockscope_core::stream::Split;
use std::time::{Duration, Instant};
use utoipa::ToSchema;

use super::parse::{Leniencies, split, wrong};
use crate::AppState;
use crate::api::given::Given;
use crate::api::schema;
use crate::exchange::{
    self, Exchange, MOST_BYTES, MOST_PAUSE, MOST_PIECES, MOST_REQUESTS, Order, Outgoing, TIME_LIMIT,
};
use crate::extract;
use crate::http_server::Settings;
use crate::problem::{Body, Problem};

/// Longest wait for a turn.
const TURN: Duration = Duration::from_secs(5);

/// One request: its parts, or its raw bytes.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "method": "GET", "target": "/hello" }))]
pub struct OneRequest {
    /// The method; GET without it.
    method: Option<String>,
    /// The target, in any of the four forms; / without it.
    target: Option<String>,
    /// The version; HTTP/1.1 without it.
    #[schema(value_type = Option<schema::HttpVersion>, example = "HTTP/1.1")]
    version: Option<Version>,
    /// Names and values, in order.
    #[schema(value_type = Option<Vec<schema::HttpNameAndValue>>, example = json!([["Host", "localhost"]]))]
    fields: Option<Vec<NameAndValue>>,
    /// The content. With a field `Transfer-Encoding: chunked` it is sent in chunks.
    body: Option<Given>,
    /// Trailer fields behind content in chunks.
    #[schema(value_type = Option<Vec<schema::HttpNameAndValue>>)]
    trailers: Option<Vec<NameAndValue>>,
    /// Adds Host, and Content-Length where there is content or the method wants some, unless they are there. On by default.
    complete: Option<bool>,
    /// Bytes to be sent as they are, instead of all of the above.
    raw: Option<Given>,
}

/// A name and its value. A tuple would do, but serde calls one that is too long a mistake of JSON.
#[derive(Clone, Debug)]
pub struct NameAndValue(String, String);

impl<'de> Deserialize<'de> for NameAndValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let count = texts.len();
        let [name, value] = <[String; 2]>::try_from(texts)
            .map_err(|_| D::Error::custom(format!("a field is its name and its value, not {count} texts")))?;
        Ok(NameAndValue(name, value))
    }
}

/// What to send, and how: the parts of one request, or `raw`, or several `requests`.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "requests": [{ "method": "GET", "target": "/hello" }] }))]
pub struct ExchangeRequest {
    /// Several requests on one connection, at most 16.
    requests: Option<Vec<OneRequest>>,
    /// The method of a single request; GET without it.
    method: Option<String>,
    /// Its target; / without it.
    target: Option<String>,
    /// Its version; HTTP/1.1 without it.
    #[schema(value_type = Option<schema::HttpVersion>)]
    version: Option<Version>,
    /// Its fields.
    #[schema(value_type = Option<Vec<schema::HttpNameAndValue>>)]
    fields: Option<Vec<NameAndValue>>,
    /// Its content.
    body: Option<Given>,
    /// Its trailer fields.
    #[schema(value_type = Option<Vec<schema::HttpNameAndValue>>)]
    trailers: Option<Vec<NameAndValue>>,
    /// Whether missing fields are added to it.
    complete: Option<bool>,
    /// Its bytes, instead of all of these parts.
    raw: Option<Given>,
    /// Send all requests at once instead of each after the answer to the one before.
    #[serde(default)]
    pipelined: bool,
    /// Offsets in what is sent where it is cut: each piece is a send of its own.
    cuts: Option<Vec<usize>>,
    /// Instead of `cuts`: `all`, `bytes`, `random:SEED`.
    #[serde(default, deserialize_with = "split")]
    #[schema(value_type = Option<String>)]
    split: Split,
    /// Milliseconds between two pieces, at most 100.
    #[serde(default)]
    pause: u64,
    /// The session of an earlier exchange, to find the documents that it put.
    session: Option<String>,
    /// Leniencies of the server by name; `all` for every one.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    leniency: Leniencies,
    /// Limits of the server, where they are stricter than its own.
    #[schema(value_type = Option<schema::HttpLimits>)]
    limits: Option<Limits>,
}

/// Send HTTP requests for real
///
/// A client of ours connects to a small HTTP server of ours on the loopback interface and sends the requests over TCP. The
/// answer tells both directions byte by byte, every socket call of both ends with its time, and how the connection went
/// through its states. A request that the server refuses is a good answer.
#[utoipa::path(post, path = "/api/v1/http/exchange", tag = "http", operation_id = "exchange_http",
    request_body = ExchangeRequest,
    responses(
        (status = 200, description = "What happened", body = Exchange),
        (status = 400, description = "The body is not JSON", body = Body, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = Body, content_type = "application/problem+json"),
        (status = 415, description = "The body is of another type", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "The request is wrong", body = Body, content_type = "application/problem+json"),
        (status = 503, description = "Too many exchanges are under way; `Retry-After` says when to come again", body = Body, content_type = "application/problem+json")))]
pub async fn exchange(
    State(state): State<AppState>,
    extract::Json(request): extract::Json<ExchangeRequest>,
) -> Result<Json<Exchange>, Problem> {
    let session = request.session.clone();
    let order = request.order()?;
    let turn = tokio::time::timeout(TURN, state.exchanges().acquire()).await;
    let _turn = turn.map_err(|_| busy())?.map_err(Problem::internal)?;
    let held = state.sessions().enter(session.as_deref(), Instant::now()).map_err(Problem::internal)?;
    let mut exchange = exchange::run(order, held.store).await.map_err(Problem::internal)?;
    exchange.session = Some(held.id.to_string());
    exchange.session_seconds = Some(exchange::KEPT.as_secs());
    Ok(Json(exchange))
}

fn busy() -> Problem {
    let wait = Duration::from_secs(1);
    Problem::new("exchanges_busy", "too many exchanges are under way; try again in 1 second")
        .with("seconds", wait.as_secs())
        .retry_after(wait)
}

impl ExchangeRequest {
    fn order(self) -> Result<Order, Problem> {
        let own = Settings::default();
        let limits = self.limits.map_or(own.limits, |wished| at_most(own.limits, wished));
        let single = OneRequest {
            method: self.method,
            target: self.target,
            version: self.version,
            fields: self.fields,
            body: self.body,
            trailers: self.trailers,
            complete: self.complete,
            raw: self.raw,
        };
        let requests = match self.requests {
            None => vec![single.outgoing("")?],
            Some(_) if !single.is_empty() => {
                return Err(wrong("requests", "give `requests`, or the parts of a single one"));
            }
            Some(requests) if requests.is_empty() || requests.len() > MOST_REQUESTS => {
                return Err(wrong("requests", format!("there must be 1 to {MOST_REQUESTS}, not {}", requests.len())));
            }
            Some(requests) => {
                let named = requests.into_iter().enumerate();
                named.map(|(index, one)| one.outgoing(&format!("requests[{index}]."))).collect::<Result<_, _>>()?
            }
        };
        let total: usize = requests.iter().map(|request: &Outgoing| request.bytes.len()).sum();
        if total == 0 || total > MOST_BYTES {
            return Err(wrong("raw", format!("there must be 1 to {MOST_BYTES} bytes to send, not {total}")));
        }
        let whole: Vec<u8> = requests.iter().flat_map(|request| request.bytes.iter().copied()).collect();
        let mut cuts = match (self.cuts, self.split) {
            (Some(cuts), _) => cuts,
            (None, Split::All) => Vec::new(),
            (None, split) => {
                let ends = split.pieces(&whole).scan(0, |at, piece| {
                    *at += piece.len();
                    Some(*at)
                });
                ends.collect()
            }
        };
        cuts.sort_unstable();
        cuts.dedup();
        if cuts.len() > MOST_PIECES {
            return Err(wrong("cuts", format!("{} cuts; at most {MOST_PIECES} are made", cuts.len())));
        }
        let pause = Duration::from_millis(self.pause);
        // Half of the time is left for the answers.
        if pause > MOST_PAUSE || pause * cuts.len() as u32 > TIME_LIMIT / 2 {
            return Err(wrong(
                "pause",
                format!("{} cuts with {} ms between them take too long", cuts.len(), self.pause),
            ));
        }
        let settings = Settings { limits, leniency: self.leniency.0, ..own };
        Ok(Order { requests, pipelined: self.pipelined, cuts, pause, settings })
    }
}

/// The stricter of both, limit by limit.
fn at_most(own: Limits, wished: Limits) -> Limits {
    Limits {
        start_line: own.start_line.min(wished.start_line),
        field_line: own.field_line.min(wished.field_line),
        head: own.head.min(wished.head),
        fields: own.fields.min(wished.fields),
        body: own.body.min(wished.body),
        chunk_line: own.chunk_line.min(wished.chunk_line),
        empty_lines: own.empty_lines.min(wished.empty_lines),
    }
}

impl OneRequest {
    fn is_empty(&self) -> bool {
        let OneRequest { method, target, version, fields, body, trailers, complete, raw } = self;
        let texts = method.is_none() && target.is_none() && version.is_none() && fields.is_none();
        texts && body.is_none() && trailers.is_none() && complete.is_none() && raw.is_none()
    }

    /// Its bytes. `path` is where it stands in the body.
    fn outgoing(self, path: &str) -> Result<Outgoing, Problem> {
        if let Some(raw) = &self.raw {
            let parts = OneRequest { raw: None, ..self.clone() };
            return match parts.is_empty() {
                true => Ok(Outgoing { bytes: raw.0.clone(), waits_at: None }),
                false => Err(wrong(&format!("{path}raw"), "`raw` excludes the parts of a request")),
            };
        }
        let method = self.method.unwrap_or_else(|| "GET".to_owned());
        let target = self.target.unwrap_or_else(|| "/".to_owned());
        let pairs = |given: Option<Vec<NameAndValue>>| -> Vec<(String, String)> {
            given.unwrap_or_default().into_iter().map(|NameAndValue(name, value)| (name, value)).collect()
        };
        let mut fields = pairs(self.fields);
        let has =
            |fields: &[(String, String)], name: &str| fields.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let chunked = fields.iter().any(|(name, value)| {
            let last = value.rsplit(',').next().unwrap_or_default().trim();
            name.eq_ignore_ascii_case("transfer-encoding") && last.eq_ignore_ascii_case("chunked")
        });
        let content = self.body.unwrap_or_default().0;
        let trailers = pairs(self.trailers);
        if !trailers.is_empty() && !chunked {
            return Err(wrong(&format!("{path}trailers"), "only content in chunks has trailer fields"));
        }
        if self.complete.unwrap_or(true) {
            if !has(&fields, "host") {
                let host = if method == "CONNECT" { target.clone() } else { "localhost".to_owned() };
                fields.insert(0, ("Host".to_owned(), host));
            }
            let wanted = !content.is_empty() || matches!(method.as_str(), "POST" | "PUT");
            if wanted && !has(&fields, "content-length") && !has(&fields, "transfer-encoding") {
                fields.push(("Content-Length".to_owned(), content.len().to_string()));
            }
        }
        let expects = fields.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("expect") && value.trim().eq_ignore_ascii_case("100-continue")
        });
        let head = RequestHead { method, target, version: self.version.unwrap_or_default(), fields };
        let mut bytes = Vec::new();
        head.write(&mut bytes).map_err(|error| unwritable(path, &error))?;
        let length = bytes.len();
        let encoder = if chunked { Encoder::Chunked } else { Encoder::Plain };
        // Several chunks show more than one: at most 1024 bytes each.
        content.chunks(1024).for_each(|piece| encoder.data(piece, &mut bytes));
        encoder.finish(&trailers, &mut bytes).map_err(|error| unwritable(path, &error))?;
        let waits_at = (expects && bytes.len() > length).then_some(length);
        Ok(Outgoing { bytes, waits_at })
    }
}

/// A part that no message can have; `raw` would send it all the same.
fn unwritable(path: &str, error: &EncodeError) -> Problem {
    let part = match error {
        EncodeError::Method { .. } => "method",
        EncodeError::Target { .. } => "target",
        _ => "fields",
    };
    wrong(&format!("{path}{part}"), format!("{error}; `raw` sends any bytes"))
}
