//! `packets/encapsulate`: a message wrapped layer by layer, or bytes unwrapped. Captured files are not its business.

use axum::Json;
use serde::{Deserialize, Serialize};
use sockscope_core::packets::encapsulate::{self, Content, LONGEST_FRAME, Unwrapped, Wrapped, Wrapping};

use super::schema;
use crate::extract;
use crate::problem::{self, Place, Problem};

/// What is to be done.
#[derive(Deserialize)]
#[serde(try_from = "Fields")]
pub enum Order {
    /// Wrap a message.
    Wrap(Box<Wrapping>),
    /// Unwrap bytes.
    Unwrap(Content),
}

/// An order as JSON has it. Serde would call an enum with both fields a mistake of JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    wrap: Option<Box<Wrapping>>,
    unwrap: Option<Content>,
}

impl TryFrom<Fields> for Order {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        match (fields.wrap, fields.unwrap) {
            (Some(wrapping), None) => Ok(Order::Wrap(wrapping)),
            (None, Some(content)) => Ok(Order::Unwrap(content)),
            _ => Err("give `wrap` or `unwrap`, one of the two"),
        }
    }
}

/// What came of it.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The message, wrapped.
    Wrapped(Box<Wrapped>),
    /// The bytes, unwrapped.
    Unwrapped(Unwrapped),
}

/// Wrap a message, or unwrap a frame
///
/// `wrap` puts a message into TCP, UDP or ICMP, IPv4 and Ethernet down to the bits of the wire: every step with its
/// bytes, its fields and what its checksum covers, and what the receiver makes of it. `unwrap` takes bits, a frame or a
/// packet apart, each step with the reason for the next. A wrong checksum is an answer, no error.
#[utoipa::path(post, path = "/api/v1/packets/encapsulate", tag = "packets", operation_id = "encapsulate",
    request_body = schema::EncapsulationOrder,
    responses(
        (status = 200, description = "Wrapped or unwrapped", body = schema::Encapsulation),
        (status = 400, description = "The body is not JSON", body = problem::Body, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = problem::Body, content_type = "application/problem+json"),
        (status = 415, description = "The body is of another type", body = problem::Body, content_type = "application/problem+json"),
        (status = 422, description = "It cannot be wrapped so", body = problem::Body, content_type = "application/problem+json")))]
pub async fn answer(extract::Json(order): extract::Json<Order>) -> Result<Json<Answer>, Problem> {
    match order {
        Order::Wrap(wrapping) => {
            let wrapped = encapsulate::wrap(&wrapping).map_err(|error| {
                let place = Place { path: Some(format!("wrap.{}", error.path())), ..Place::default() };
                let problem = Problem::new(error.code(), error.to_string()).at(place);
                error.args().into_iter().fold(problem, |problem, (name, value)| problem.with(name, value))
            })?;
            Ok(Json(Answer::Wrapped(Box::new(wrapped))))
        }
        Order::Unwrap(content) => {
            let unwrapped = encapsulate::unwrap(&content.bytes()).map_err(|length| {
                Problem::new("frame_too_long", format!("{length} bytes, at most {LONGEST_FRAME} are unwrapped"))
                    .with("length", length)
                    .with("limit", LONGEST_FRAME)
            })?;
            Ok(Json(Answer::Unwrapped(unwrapped)))
        }
    }
}
