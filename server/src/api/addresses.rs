//! `addresses`: an address explained, `inet_aton`, `inet_ntoa` and byte order. The command line gives the same objects.

use axum::Json;
use serde::Deserialize;
use sockscope_core::address::explain::{Asked, Explanation, Ntoa, Question, Refused, explain, ntoa as print};
use sockscope_core::address::{Aton, ByteOrder, byte_order as swap, read_aton};
use utoipa::IntoParams;

use crate::extract;
use crate::problem::{Fault, Place, Problem};

/// What is asked about an address.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Explain {
    /// The address in any form, with or without a network part
    #[param(example = "10.0.0.5/24", min_length = 1)]
    text: String,
    /// The length of the parts into which the network is to be split
    #[param(example = 26, maximum = 32)]
    split: Option<u8>,
    /// An address that may lie in the network
    #[param(example = "10.0.0.77")]
    contains: Option<String>,
}

/// A text for `inet_aton`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AtonText {
    /// The text
    #[param(example = "127.1", min_length = 1)]
    text: String,
}

/// Bytes for `inet_ntoa`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NtoaBytes {
    /// The bytes in hexadecimal
    #[param(example = "0a000005", pattern = r"^[\s:]*([0-9A-Fa-f]{2}[\s:]*){4}$")]
    hex: String,
}

/// A number for `htons` and its siblings.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Number {
    /// The number
    #[param(example = 8888, maximum = 4_294_967_295_u32)]
    value: u64,
    /// 16 for `htons` and `ntohs`, 32 for `htonl` and `ntohl`
    #[param(example = 16, minimum = 16, maximum = 32, multiple_of = 16)]
    bits: u8,
}

/// Everything about an address and its network
#[utoipa::path(get, path = "/api/v1/addresses", tag = "addresses", operation_id = "address", params(Explain),
    responses(
        (status = 200, description = "The address in every form, its network in bits, what is special about it", body = super::schema::Explanation),
        (status = 400, description = "A parameter is missing or unknown", body = crate::problem::Body, content_type = "application/problem+json"),
        (status = 422, description = "It is no address", body = crate::problem::Body, content_type = "application/problem+json")))]
pub async fn show(extract::Query(asked): extract::Query<Explain>) -> Result<Json<Explanation>, Problem> {
    let question = Question { text: &asked.text, split: asked.split, contains: asked.contains.as_deref() };
    explain(question).map(Json).map_err(refused)
}

/// What `inet_aton` makes of a text
#[utoipa::path(get, path = "/api/v1/addresses/aton", tag = "addresses", operation_id = "inet_aton", params(AtonText),
    responses(
        (status = 200, description = "The address, and how each number was read", body = super::schema::Aton),
        (status = 400, description = "A parameter is missing or unknown", body = crate::problem::Body, content_type = "application/problem+json"),
        (status = 422, description = "The C library refuses it", body = crate::problem::Body, content_type = "application/problem+json")))]
pub async fn aton(extract::Query(asked): extract::Query<AtonText>) -> Result<Json<Aton>, Problem> {
    let read = read_aton(&asked.text);
    read.map(Json).map_err(|error| refused(Refused { part: Asked::Text, at: error.at, kind: error.kind.into() }))
}

/// What `inet_ntoa` makes of bytes
#[utoipa::path(get, path = "/api/v1/addresses/ntoa", tag = "addresses", operation_id = "inet_ntoa", params(NtoaBytes),
    responses(
        (status = 200, description = "The address as text", body = super::schema::Ntoa),
        (status = 400, description = "A parameter is missing or unknown", body = crate::problem::Body, content_type = "application/problem+json"),
        (status = 422, description = "There are not four bytes", body = crate::problem::Body, content_type = "application/problem+json")))]
pub async fn ntoa(extract::Query(asked): extract::Query<NtoaBytes>) -> Result<Json<Ntoa>, Problem> {
    let bytes = super::given::hex(&asked.hex).map_err(|(at, message)| {
        let values = vec![("at", at.to_string())];
        fault("hex", Some(at), "hex_digit", format!("byte {at}: {message}"), values)
    })?;
    print(&bytes).map(Json).map_err(|error| {
        let values = vec![("have", error.have.to_string())];
        fault("hex", None, "packed_length", error.to_string(), values)
    })
}

/// A number in memory and on the wire: htons, htonl, ntohs, ntohl
#[utoipa::path(get, path = "/api/v1/addresses/byteorder", tag = "addresses", operation_id = "byte_order", params(Number),
    responses(
        (status = 200, description = "Its bytes on both kinds of machines", body = super::schema::ByteOrder),
        (status = 400, description = "A parameter is missing or unknown", body = crate::problem::Body, content_type = "application/problem+json"),
        (status = 422, description = "It does not fit", body = crate::problem::Body, content_type = "application/problem+json")))]
pub async fn byte_order(extract::Query(asked): extract::Query<Number>) -> Result<Json<ByteOrder>, Problem> {
    swap(asked.value, asked.bits).map(Json).map_err(|error| {
        let path = if error.code() == "bits" { "bits" } else { "value" };
        fault(path, None, error.code(), error.to_string(), error.values())
    })
}

fn refused(refused: Refused) -> Problem {
    let path = match refused.part {
        Asked::Text => "text",
        Asked::Split => "split",
        Asked::Contains => "contains",
    };
    fault(path, Some(refused.at), refused.kind.code(), refused.to_string(), refused.values())
}

/// The problem `invalid_address` with one fault; its sentence stands in the texts of addresses.
pub fn fault(
    path: &str,
    offset: Option<usize>,
    code: &'static str,
    message: String,
    args: Vec<(&'static str, String)>,
) -> Problem {
    let place = Place { path: Some(path.to_owned()), offset, ..Place::default() };
    Problem::new("invalid_address", message.clone()).because(vec![Fault { code, message, place, args }])
}
