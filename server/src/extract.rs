//! Extractors whose refusals are problems with a place. axum's own answer plain text.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use std::time::Duration;

use crate::problem::{Place, Problem};

/// Longest request body in bytes: a scenario of 1 MiB, escaped for JSON.
pub const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// How long a body may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(15);

/// Bytes of a body that is too long which are read and thrown away, so that its sender gets to the answer
/// instead of a broken connection.
const DISCARD_LIMIT: usize = 32 * 1024 * 1024;

/// A JSON body.
pub struct Json<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let announced = content_type(&parts);
        let bytes = read(&parts, body).await?;
        if !announced.as_deref().is_some_and(is_json) {
            let got = announced.unwrap_or_else(|| "none".to_owned());
            return Err(Problem::new(
                "unsupported_media_type",
                format!("the body must be application/json; its content type is {got}"),
            )
            .with("got", got));
        }
        parse(&bytes).map(Json)
    }
}

fn content_type(parts: &Parts) -> Option<String> {
    Some(parts.headers.get(CONTENT_TYPE)?.to_str().ok()?.to_owned())
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The whole body, at most [`BODY_LIMIT`] bytes.
async fn read(parts: &Parts, body: Body) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::with_capacity(announced(parts).unwrap_or(0).min(BODY_LIMIT));
    each_chunk(parts, body, BODY_LIMIT, BODY_PATIENCE, |chunk| bytes.extend_from_slice(chunk)).await?;
    Ok(bytes.freeze())
}

/// How long the body is, where the request says so.
fn announced(parts: &Parts) -> Option<usize> {
    parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok())
}

/// Gives a body to `take` as it comes, at most `limit` bytes of it.
///
/// # Errors
///
/// The body is longer than `limit`, takes longer than `patience`, or breaks off.
pub async fn each_chunk(
    parts: &Parts,
    body: Body,
    limit: usize,
    patience: Duration,
    mut take: impl FnMut(&[u8]),
) -> Result<(), Problem> {
    let announced = announced(parts);
    let discard = DISCARD_LIMIT.max(limit * 2);
    let mut chunks = body.into_data_stream();
    let mut total = 0_usize;
    let reading = async {
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Problem::new("bad_request", "the body broke off before its end"))?;
            total += chunk.len();
            if total <= limit {
                take(&chunk);
            } else if total > discard || announced.is_some_and(|length| length > discard) {
                break;
            }
        }
        Ok(())
    };
    let Ok(read) = tokio::time::timeout(patience, reading).await else {
        let seconds = patience.as_secs();
        return Err(Problem::new("body_timeout", format!("the body did not arrive within {seconds} seconds"))
            .with("seconds", seconds));
    };
    read?;
    if total > limit {
        let size = announced.unwrap_or(total);
        return Err(Problem::new(
            "body_too_large",
            format!("the body has {size} bytes or more; at most {limit} are taken"),
        )
        .with("size", size)
        .with("limit", limit));
    }
    Ok(())
}

/// Parses JSON; a fault names its path, line and column.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        json_problem(error.inner(), (path != ".").then_some(path))
    })?;
    deserializer.end().map_err(|error| json_problem(&error, None))?;
    Ok(value)
}

fn json_problem(error: &serde_json::Error, path: Option<String>) -> Problem {
    let (line, column) = (error.line() as u32, error.column().max(1) as u32);
    // serde_json appends the place, which stands in fields of its own here.
    let sentence = error.to_string();
    let sentence = sentence.split(" at line ").next().unwrap_or_default().to_owned();
    if error.is_data() {
        let offset = offset(&sentence);
        // What is wrong with a whole object may have no line.
        let (line, column) = if line > 0 { (Some(line), Some(column)) } else { (None, None) };
        let place = Place { path: path.clone(), line, column, offset, ..Place::default() };
        let detail = match &path {
            Some(path) => format!("{path}: {sentence}"),
            None => sentence.clone(),
        };
        Problem::new("invalid_request", detail)
            .with("path", path.unwrap_or_else(|| ".".to_owned()))
            .with("message", sentence)
            .at(place)
    } else {
        let place = Place { path: None, line: Some(line), column: Some(column), ..Place::default() };
        Problem::new("invalid_json", format!("line {line}, column {column}: {sentence}"))
            .with("line", line)
            .with("column", column)
            .with("message", sentence)
            .at(place)
    }
}

/// The offset that a sentence begins with, where a text inside the JSON is at fault: serde hands on nothing but the sentence.
fn offset(sentence: &str) -> Option<usize> {
    sentence.strip_prefix("offset ")?.split_once(':')?.0.parse().ok()
}

/// Parameters behind the question mark.
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        axum::extract::Query::try_from_uri(&parts.uri).map(|axum::extract::Query(value)| Query(value)).map_err(
            |rejection| {
                let source = std::error::Error::source(&rejection);
                let message = source.map_or_else(|| rejection.body_text(), ToString::to_string);
                let problem = Problem::new("invalid_query", message.clone()).with("message", &message);
                match parameter(&message) {
                    Some(path) => problem.at(Place { path: Some(path.to_owned()), ..Place::default() }),
                    None => problem,
                }
            },
        )
    }
}

/// The parameter that a sentence is about: `port: …`, or quoted where it is missing, unknown or there twice.
fn parameter(message: &str) -> Option<&str> {
    let is_name = |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let quoted = ["missing field `", "unknown field `", "duplicate field `"];
    let named = quoted.iter().find_map(|start| message.split_once(start)?.1.split('`').next());
    named.or_else(|| message.split_once(": ").map(|(name, _)| name)).filter(is_name)
}

/// Parameters in the path.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Path(value))
            .map_err(|rejection| {
                Problem::new("bad_request", rejection.body_text()).with("message", rejection.body_text())
            })
    }
}
