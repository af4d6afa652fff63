//! The one answer to everything that goes wrong over HTTP: problem details (RFC 9457) with a stable `code` and the place.
//! What caused an inner error is logged, never shown.

use axum::Json;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

use crate::language::{self, Language};

/// Values for the `{name}` places of a text.
pub type Args = Vec<(&'static str, String)>;

/// A failed request. As a response it becomes `application/problem+json` in [`render`].
#[derive(Clone, Debug)]
pub struct Problem(Box<Content>);

#[derive(Clone, Debug)]
struct Content {
    status: StatusCode,
    code: &'static str,
    detail: String,
    args: Args,
    place: Option<Place>,
    problems: Vec<Fault>,
    retry_after: Option<Duration>,
}

/// Where in the request the fault is. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Place {
    /// Path inside the JSON body or the scenario: `scenario.host[1].address`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Line of the body or the scenario file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column in that line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// Offset in bytes inside the text or the bytes at `path`, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// Place inside a program, if the fault is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<ProgramPlace>,
}

/// A place inside the program of one host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProgramPlace {
    /// The host.
    pub host: String,
    /// Line of its program, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One of several faults of a scenario.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Fault {
    /// Stable code.
    pub code: &'static str,
    /// What is wrong, in the language of the answer.
    pub message: String,
    /// Where.
    pub place: Place,
    /// The values that the message contains.
    #[serde(serialize_with = "as_object")]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub args: Args,
}

/// The body of a problem.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Body {
    /// Names the kind of problem: a URI reference under which its meaning can be read.
    #[serde(rename = "type")]
    #[schema(example = "/api/v1/problems/invalid_scenario")]
    kind: String,
    /// What this kind of problem is, in the language of the answer.
    title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// What went wrong this time.
    detail: String,
    /// Stable name of the kind.
    #[schema(example = "invalid_scenario")]
    code: &'static str,
    /// Where in the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    /// Every fault, where there can be several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Fault>,
}

fn as_object<S: serde::Serializer>(args: &Args, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(args.iter().map(|(name, value)| (name, value)))
}

/// Every code with its status: what `/api/v1/problems` lists. A test holds the texts of both languages against it.
pub const CODES: &[(&str, u16)] = &[
    ("bad_request", 400),
    ("invalid_json", 400),
    ("invalid_query", 400),
    ("engine_needed", 400),
    ("not_found", 404),
    ("no_such_scenario", 404),
    ("no_such_run", 404),
    ("no_such_engine", 404),
    ("no_such_host", 404),
    ("no_address", 404),
    ("method_not_allowed", 405),
    ("not_acceptable", 406),
    ("body_timeout", 408),
    ("no_frames", 409),
    ("body_too_large", 413),
    ("unsupported_media_type", 415),
    ("not_a_capture_type", 415),
    ("invalid_request", 422),
    ("invalid_scenario", 422),
    ("invalid_capture", 422),
    ("payload_too_long", 422),
    ("mtu_too_small", 422),
    ("too_many_units", 422),
    ("dont_fragment", 422),
    ("no_such_bit", 422),
    ("too_much_noise", 422),
    ("frame_too_long", 422),
    ("invalid_codec", 422),
    ("invalid_address", 422),
    ("internal", 500),
    ("kernel_unavailable", 501),
    ("kernel_failed", 502),
    ("name_server_failed", 502),
    ("busy", 503),
    ("busy_reading", 503),
    ("names_busy", 503),
    ("no_name_server", 503),
    ("exchanges_busy", 503),
    ("shutting_down", 503),
    ("name_timeout", 504),
];

impl Problem {
    /// A problem of this kind. `code` must stand in [`CODES`].
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        let status = CODES.iter().find(|(name, _)| *name == code).map_or(500, |(_, status)| *status);
        Problem(Box::new(Content {
            status: StatusCode::from_u16(status).expect("the table holds valid statuses"),
            code,
            detail: detail.into(),
            args: Vec::new(),
            place: None,
            problems: Vec::new(),
            retry_after: None,
        }))
    }

    /// An error that is ours. The cause goes to the log only.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Problem::new("internal", "the server failed; the cause is in its log")
    }

    /// With the values its localized sentence needs.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.0.args.push((name, value.to_string()));
        self
    }

    /// With the place of the fault.
    pub fn at(mut self, place: Place) -> Self {
        self.0.place = Some(place);
        self
    }

    /// With all faults; the first one's place becomes the problem's.
    pub fn because(mut self, faults: Vec<Fault>) -> Self {
        if let Some(first) = faults.first() {
            self.0.detail = first.message.clone();
            self.0.place = Some(first.place.clone());
        }
        self.0.problems = faults;
        self
    }

    /// With the time after which it may work.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// The body in a language: the texts where there are some, else the English detail.
    pub fn body(&self, language: Language) -> Body {
        let mut problems = self.0.problems.clone();
        for fault in &mut problems {
            fault.localize(language);
        }
        let detail = match (problems.first(), language) {
            (Some(first), _) => first.message.clone(),
            (None, Language::En) => self.0.detail.clone(),
            (None, _) => language::error(language, self.0.code, &self.0.args).unwrap_or_else(|| self.0.detail.clone()),
        };
        Body {
            kind: format!("/api/v1/problems/{}", self.0.code),
            title: language::title(language, self.0.code).unwrap_or(self.0.code).to_owned(),
            status: self.0.status.as_u16(),
            detail,
            code: self.0.code,
            place: self.0.place.clone(),
            problems,
        }
    }
}

impl Fault {
    fn localize(&mut self, language: Language) {
        self.message = language::mistake(language, self.code, &self.args, &self.message);
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // The language is the request's: `render` writes the body.
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Middleware: writes the body of every [`Problem`] in the reader's language.
pub async fn render(request: Request, next: Next) -> Response {
    let language = language::of_api(request.headers());
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    let mut rendered = (problem.0.status, Json(problem.body(language))).into_response();
    let headers = rendered.headers_mut();
    let type_and_length: Vec<_> =
        response.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    for (name, value) in type_and_length {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert("content-language", HeaderValue::from_static(language.code()));
    headers.append(VARY, HeaderValue::from_static("accept-language"));
    if let Some(wait) = problem.0.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    rendered
}
