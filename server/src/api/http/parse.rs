//! `http/parse`: what `sockscope http parse --json` prints, for bytes in the body.

use axum::Json;
use serde::{Deserialize, Deserializer, de};
use sockscope_core::http::report::{Options, Report};
use sockscope_core::http::{Leniency, Limits, Role, report};
use sockscope_core::stream::Split;
use utoipa::ToSchema;

use crate::api::given::Base64;
use crate::api::schema;
use crate::extract;
use crate::problem::{Body, Place, Problem};

/// Bytes to be parsed: `base64` or `text`, one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", "role": "request" }))]
pub struct ParseRequest {
    /// The bytes as base64.
    #[schema(value_type = Option<String>, content_encoding = "base64")]
    base64: Option<Base64>,
    /// The bytes as UTF-8 text.
    text: Option<String>,
    /// What they are; without it, whichever the first bytes look like.
    #[serde(default)]
    role: RoleName,
    /// How they are cut before they are parsed: `all`, `bytes`, `random:SEED`. The answer does not depend on it.
    #[serde(default, deserialize_with = "split")]
    #[schema(value_type = Option<String>, example = "bytes")]
    split: Split,
    /// The stream has ended behind the bytes: a response may last until then.
    #[serde(default)]
    eof: bool,
    /// The methods that the responses answer, in order: a response to HEAD has no content.
    #[serde(default)]
    answers: Vec<String>,
    /// Leniencies by name; `all` for every one.
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["bare_lf"]))]
    leniency: Leniencies,
    /// Other limits than the usual ones.
    #[serde(default)]
    #[schema(value_type = Option<schema::HttpLimits>)]
    limits: Limits,
}

/// What the messages are.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleName {
    /// Requests.
    Request,
    /// Responses.
    Response,
    /// Whichever the first bytes look like.
    #[default]
    Auto,
}

/// Leniencies, by their names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Leniencies(pub Leniency);

impl<'de> Deserialize<'de> for Leniencies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name(Leniency);
        impl<'de> Deserialize<'de> for Name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                let mut leniency = Leniency::default();
                match leniency.turn_on(&name) {
                    true => Ok(Name(leniency)),
                    false => {
                        let known = Leniency::NAMES.join(", ");
                        Err(de::Error::custom(format!("there is no leniency {name:?}; there are {known}, and all")))
                    }
                }
            }
        }
        let names = Vec::<Name>::deserialize(deserializer)?;
        Ok(Leniencies(names.iter().fold(Leniency::default(), |all, name| all.with(name.0))))
    }
}

/// A way to cut, as text; null is as good as nothing.
pub fn split<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Split, D::Error> {
    let word = Option::<String>::deserialize(deserializer)?;
    word.map_or(Ok(Split::All), |word| word.parse().map_err(de::Error::custom))
}

/// Look into HTTP/1.1 messages
///
/// Every part with its byte range, how each message is delimited and by which rule, and where a rule is broken. A stream
/// that breaks a rule is a good answer, not a failed request.
#[utoipa::path(post, path = "/api/v1/http/parse", tag = "http", operation_id = "parse_http",
    request_body = ParseRequest,
    responses(
        (status = 200, description = "What was found", body = schema::HttpReport),
        (status = 400, description = "The body is not JSON", body = Body, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = Body, content_type = "application/problem+json"),
        (status = 415, description = "The body is of another type", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "The request is wrong", body = Body, content_type = "application/problem+json")))]
pub async fn parse(extract::Json(request): extract::Json<ParseRequest>) -> Result<Json<Report>, Problem> {
    let bytes = match (request.base64, request.text) {
        (Some(Base64(bytes)), None) => bytes,
        (None, Some(text)) => text.into_bytes(),
        _ => return Err(wrong("base64", "give `base64` or `text`, one of the two")),
    };
    let options = Options {
        role: match request.role {
            RoleName::Request => Some(Role::Request),
            RoleName::Response => Some(Role::Response),
            RoleName::Auto => None,
        },
        split: request.split,
        eof: request.eof,
        answers: request.answers,
        limits: request.limits,
        leniency: request.leniency.0,
    };
    // Up to two megabytes, byte by byte: other requests must not wait for it.
    let parsed = tokio::task::spawn_blocking(move || report(&bytes, &options));
    parsed.await.map(Json).map_err(Problem::internal)
}

/// The problem of a field whose value does not fit.
pub fn wrong(path: &str, message: impl Into<String>) -> Problem {
    let message = message.into();
    Problem::new("invalid_request", format!("{path}: {message}"))
        .with("path", path)
        .with("message", message)
        .at(Place { path: Some(path.to_owned()), ..Place::default() })
}
