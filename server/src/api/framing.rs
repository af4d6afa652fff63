//! `framing`: messages out of a stream and into one, and one stream through many codecs. The command line gives the same objects.

use axum::response::Response;
use serde::Deserialize;
use sockscope_core::framing::compare::{self, Deed, Question, TooMuch};
use sockscope_core::framing::encoded::{self, Outgoing};
use sockscope_core::framing::{Codec, CodecError, parse, report};
use sockscope_core::stream::Split;
use utoipa::ToSchema;

use super::compute;
use super::given::Given;
use crate::extract;
use crate::problem::{Args, Fault, Place, Problem};

/// Longest stream that is made.
const STREAM: usize = 8 * 1024 * 1024;

/// A stream and the agreement on where its messages end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "codec": "netstring", "data": "5:hello,2:ok," }))]
pub struct Decode {
    /// The agreement: a word as on the command line, or an object.
    #[schema(value_type = super::schema::NamedCodec)]
    codec: CodecInput,
    /// The stream.
    data: Given,
    /// How the bytes are cut before they are decoded: `all`, `bytes` or `random:SEED`. Only `naive` cares.
    #[serde(default)]
    #[schema(default = "all", example = "all")]
    split: Option<String>,
    /// The largest message in bytes.
    #[serde(default = "limit")]
    #[schema(default = 1048576)]
    limit: u32,
}

/// Messages and the agreement on where they end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "codec": "length:u16", "messages": ["hello", { "hex": "00ff" }] }))]
pub struct Encode {
    /// The agreement: a word as on the command line, or an object.
    #[schema(value_type = super::schema::NamedCodec)]
    codec: CodecInput,
    /// The messages in order.
    messages: Vec<Given>,
    /// The type of each message, for `tlv`; those without one have type 0.
    #[serde(default)]
    tags: Vec<u64>,
}

/// Messages, the codecs to be compared, and what is done to their streams.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "messages": ["hello", "ok"],
    "codecs": ["naive", "netstring"],
    "deeds": [{ "deed": "corrupt", "at": { "message": 0, "part": "framing", "byte": 0 } }],
}))]
pub struct Compare {
    /// The messages in order: at most 256, and 16 KiB together.
    messages: Vec<Given>,
    /// The codecs, at most 32; without any, those of the course.
    #[serde(default)]
    #[schema(value_type = Vec<super::schema::NamedCodec>)]
    codecs: Vec<CodecInput>,
    /// What is done to each stream, all at once: places are those of the stream as it was sent. At most 32.
    #[serde(default)]
    #[schema(value_type = Vec<super::schema::Deed>)]
    deeds: Vec<Deed>,
    /// How many bytes each read returns at most, again and again; without any, each frame arrives in a read of its own.
    #[serde(default)]
    reads: Vec<usize>,
    /// The largest message in bytes.
    #[serde(default = "limit")]
    #[schema(default = 1048576)]
    limit: u32,
}

/// A codec as a word or an object.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum CodecInput {
    /// `length:u16:little`.
    Word(String),
    /// `{"codec":"length","width":"u16","order":"little"}`.
    Object(serde_json::Value),
}

/// The limit where none is said.
pub fn limit() -> u32 {
    1 << 20
}

impl CodecInput {
    /// The codec; `path` is where it stands in the body.
    pub fn codec(self, path: &str) -> Result<Codec, Problem> {
        let (code, message, args): (_, _, Args) = match self {
            CodecInput::Word(word) => match parse(&word) {
                Ok(codec) => return Ok(codec),
                Err(error) => (error.code(), error.to_string(), error.values()),
            },
            CodecInput::Object(value) => match serde_path_to_error::deserialize::<_, Codec>(&value) {
                // Serde passes over what stands beside the name of a codec without options.
                Ok(codec @ (Codec::Naive | Codec::Varint | Codec::Netstring | Codec::Chunked)) => {
                    let other = value.as_object().and_then(|object| object.keys().find(|key| *key != "name"));
                    let Some(other) = other else { return Ok(codec) };
                    let error = CodecError::Option { name: codec.name().to_owned(), option: other.clone() };
                    (error.code(), error.to_string(), error.values())
                }
                Ok(codec) => match codec.checked() {
                    Ok(codec) => return Ok(codec),
                    Err(error) => (error.code(), error.to_string(), error.values()),
                },
                Err(error) => {
                    let message = error.inner().to_string();
                    ("codec_object", message.clone(), vec![("message", message)])
                }
            },
        };
        Err(fault("invalid_codec", path, code, message, args))
    }
}

/// A problem with one fault at `path`.
pub fn fault(problem: &'static str, path: &str, code: &'static str, message: String, args: Args) -> Problem {
    let place = Place { path: Some(path.to_owned()), ..Place::default() };
    Problem::new(problem, message.clone()).because(vec![Fault { code, message, place, args }])
}

/// Take the messages out of a stream
///
/// A stream that breaks the agreement is no error of the request: `error` and `damage` say where, `incomplete` says what is missing.
#[utoipa::path(post, path = "/api/v1/framing/decode", tag = "framing", operation_id = "decode_framing",
    request_body = Decode,
    responses(
        (status = 200, description = "What the codec makes of the stream", body = super::schema::Decoded),
        (status = 422, description = "The codec or the bytes are wrong", body = crate::problem::Body, content_type = "application/problem+json")))]
pub async fn decode(extract::Json(request): extract::Json<Decode>) -> Result<Response, Problem> {
    let codec = request.codec.codec("codec")?;
    let split = split(request.split.as_deref())?;
    let data = request.data.0;
    let limit = request.limit as usize;
    compute::answer(move || report(&codec, &data, split, limit)).await
}

/// Put messages into a stream
///
/// Messages that the codec cannot carry are listed in `refused`; the stream has the others.
#[utoipa::path(post, path = "/api/v1/framing/encode", tag = "framing", operation_id = "encode_framing",
    request_body = Encode,
    responses(
        (status = 200, description = "The stream, frame by frame", body = super::schema::Encoded),
        (status = 422, description = "The codec or the bytes are wrong", body = crate::problem::Body, content_type = "application/problem+json")))]
pub async fn encode(extract::Json(request): extract::Json<Encode>) -> Result<Response, Problem> {
    let codec = request.codec.codec("codec")?;
    let (messages, tags) = (request.messages, request.tags);
    if !tags.is_empty() && !matches!(codec, Codec::Tlv(_)) {
        let message = format!("the codec {} writes no types; tlv does", codec.name());
        return Err(fault("invalid_request", "tags", "codec_tags", message, vec![("name", codec.name().to_owned())]));
    }
    if tags.len() > messages.len() {
        return Err(super::http::wrong("tags", format!("{} types for {} messages", tags.len(), messages.len())));
    }
    compute::answer(move || {
        let tags = tags.into_iter().map(Some).chain(std::iter::repeat(None));
        let outgoing = messages.iter().zip(tags).map(|(Given(payload), tag)| Outgoing { payload, tag });
        encoded::report(&codec, outgoing, STREAM)
    })
    .await
}

/// Put the same messages through many codecs
///
/// What each costs, what it cannot carry, and what becomes of the messages when the stream is cut, ended, corrupted, or loses or gains bytes.
#[utoipa::path(post, path = "/api/v1/framing/compare", tag = "framing", operation_id = "compare_framing",
    request_body = Compare,
    responses(
        (status = 200, description = "One column for each codec", body = super::schema::Comparison),
        (status = 422, description = "A codec, the bytes or the deed are wrong", body = crate::problem::Body, content_type = "application/problem+json")))]
pub async fn compare(extract::Json(request): extract::Json<Compare>) -> Result<Response, Problem> {
    let codecs = request.codecs.into_iter().enumerate().map(|(index, codec)| codec.codec(&format!("codecs[{index}]")));
    let question = Question {
        codecs: codecs.collect::<Result<Vec<_>, _>>()?,
        messages: request.messages.into_iter().map(|message| message.0).collect(),
        deeds: request.deeds,
        reads: request.reads,
        limit: request.limit as usize,
        work: compare::WORK,
    };
    let question = question.checked().map_err(|TooMuch { what, limit }| {
        super::http::wrong(what.name(), format!("at most {limit} {} are taken", what.unit()))
    })?;
    compute::answer(move || compare::compare(&question)).await
}

/// The way to cut that a word names.
pub fn split(word: Option<&str>) -> Result<Split, Problem> {
    let parsed = word.map_or(Ok(Split::All), str::parse);
    parsed.map_err(|error: sockscope_core::stream::SplitError| super::http::wrong("split", error.to_string()))
}
