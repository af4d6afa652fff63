//! `runs`: run a scenario, read its trace again, take it as a capture file. How a run is carried out stands in `crate::run`.

mod live;
mod request;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LOCATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sockscope_core::trace::{Engine, Trace, pcapng as capture};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::OwnedSemaphorePermit;
use utoipa::{IntoParams, ToSchema};

pub use request::Request;

use crate::AppState;
use crate::api::schema;
use crate::extract::{Json, Path, Query};
use crate::negotiate;
use crate::problem::{self, Problem};
use crate::run::{self, Failure, Id, Lines, Order, Stored};

/// The forms an answer of `runs` comes in.
const FORMS: &[&str] = &["application/json", live::EVENT_STREAM, live::NDJSON];

/// Run a scenario
///
/// Waits for its turn if many are running. The answer is the trace, or with `Accept: text/event-stream` or
/// `application/x-ndjson` a live stream: `{"header":…}` first, then each event as it is, then `{"result":…}`; with both
/// engines once for each. A run whose client goes away is given up.
#[utoipa::path(post, path = "/api/v1/runs", tag = "runs", operation_id = "run",
    request_body = Request,
    responses(
        (status = 200, description = "The trace; `id` and `Content-Location` say where it is kept for a while", content(
            (schema::Answer = "application/json"),
            (schema::StreamLine = "text/event-stream"),
            (schema::StreamLine = "application/x-ndjson"))),
        (status = 400, description = "The body is not JSON", body = problem::Body, content_type = "application/problem+json"),
        (status = 404, description = "No scenario has this name", body = problem::Body, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = problem::Body, content_type = "application/problem+json"),
        (status = 415, description = "The body is of another type", body = problem::Body, content_type = "application/problem+json"),
        (status = 422, description = "The request or the scenario is wrong; `problems` says where", body = problem::Body, content_type = "application/problem+json"),
        (status = 501, description = "This machine has no kernel engine of that kind", body = problem::Body, content_type = "application/problem+json"),
        (status = 503, description = "Too many runs are waiting; `Retry-After` says when to come again", body = problem::Body, content_type = "application/problem+json")))]
pub async fn create(
    State(state): State<AppState>,
    headers: HeaderMap,
    Json(request): Json<Request>,
) -> Result<Response, Problem> {
    let form = negotiate::media(&headers, FORMS).ok_or_else(|| {
        let offers = FORMS.join(", ");
        Problem::new("not_acceptable", format!("the answer comes as {offers}")).with("offers", offers)
    })?;
    let name = request.file_name();
    let mut order = request.order(&state)?;
    order.turn = Some(Arc::new(turn(&state, request::weight(&order.scenario)).await?));
    let id = Id::random().map_err(Problem::internal)?;
    order.id = Some(id.clone());
    if form != FORMS[0] {
        return Ok(live::respond(state, order, id, name, form, &headers));
    }
    let unheard = Lines::unheard();
    let json = tokio::select! {
        json = whole(&state, order, &unheard, &id, name) => json?,
        () = state.shutdown().cancelled() => return Err(shutting_down()),
    };
    let location = HeaderValue::from_str(&format!("/api/v1/runs/{id}")).map_err(Problem::internal)?;
    Ok(([(CONTENT_LOCATION, location)], as_json(json)).into_response())
}

/// Carries the order out, keeps the report, and returns it as JSON.
async fn whole(state: &AppState, order: Order, lines: &Lines, id: &Id, name: String) -> Result<Bytes, Problem> {
    let (turn, engines, begun) = (order.turn.clone(), order.engines, Instant::now());
    let report = run::run(order, lines).await.map_err(failed)?;
    let events: usize = report.traces().map(|trace| trace.events.len()).sum();
    tracing::info!(?engines, scenario = name, events, elapsed = ?begun.elapsed(), "run finished");
    let kept = id.clone();
    // A large trace takes a while to write down; other requests must not wait for it.
    let json = tokio::task::spawn_blocking(move || {
        let json = Bytes::from(report.to_json(Some(&kept)));
        drop((report, turn));
        json
    });
    let json = json.await.map_err(Problem::internal)?;
    state.store().keep(id.clone(), Stored { name, json: json.clone() });
    Ok(json)
}

fn as_json(json: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], json).into_response()
}

/// Waits for a turn, if not too many wait already.
async fn turn(state: &AppState, weight: u32) -> Result<OwnedSemaphorePermit, Problem> {
    let busy = || {
        let wait = Duration::from_secs(5);
        Problem::new("busy", format!("too many runs are waiting; try again in {} seconds", wait.as_secs()))
            .with("seconds", wait.as_secs())
            .retry_after(wait)
    };
    let _place = state.waiting().try_acquire().map_err(|_| busy())?;
    let _bytes = state.waiting_bytes().try_acquire_many(weight).map_err(|_| busy())?;
    let turn = tokio::select! {
        turn = tokio::time::timeout(state.settings().turn, state.turns().clone().acquire_owned()) => turn,
        () = state.shutdown().cancelled() => return Err(shutting_down()),
    };
    turn.map_err(|_| busy())?.map_err(Problem::internal)
}

fn shutting_down() -> Problem {
    Problem::new("shutting_down", "the server is shutting down; the run was given up")
        .retry_after(Duration::from_secs(5))
}

fn failed(failure: Failure) -> Problem {
    match failure {
        Failure::Unavailable(reason) => {
            Problem::new("kernel_unavailable", Failure::Unavailable(reason.clone()).to_string()).with("reason", reason)
        }
        Failure::Kernel(reason) => {
            Problem::new("kernel_failed", Failure::Kernel(reason.clone()).to_string()).with("reason", reason)
        }
        Failure::Lost(_) | Failure::Unheard => Problem::internal(failure),
    }
}

/// Read a run again
///
/// Runs are kept while there is room, the longest unused forgotten first.
#[utoipa::path(get, path = "/api/v1/runs/{id}", tag = "runs", operation_id = "read_run",
    params(("id" = String, Path, description = "The `id` of the run")),
    responses(
        (status = 200, description = "The same object that the run was answered with", body = schema::Answer),
        (status = 404, description = "There is none, or it is forgotten", body = problem::Body, content_type = "application/problem+json")))]
pub async fn show(State(state): State<AppState>, Path(id): Path<String>) -> Result<Response, Problem> {
    stored(&state, &id).map(|run| as_json(run.json))
}

fn stored(state: &AppState, id: &str) -> Result<Stored, Problem> {
    let problem = || Problem::new("no_such_run", "there is no run with this id; runs are kept for a while only");
    state.store().find(id).ok_or_else(problem)
}

/// Which trace of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// The model's.
    Model,
    /// The kernel's.
    Kernel,
}

impl Which {
    fn name(self) -> &'static str {
        match self {
            Which::Model => "model",
            Which::Kernel => "kernel",
        }
    }

    fn of(trace: &Trace) -> Self {
        match trace.header.engine {
            Engine::Model => Which::Model,
            Engine::KernelIsolated | Engine::KernelLoopback => Which::Kernel,
        }
    }
}

/// Parameters of a capture file.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Capture {
    /// Which trace; may be left out where one engine ran.
    #[param(inline)]
    engine: Option<Which>,
}

/// A run as a capture file that Wireshark opens
#[utoipa::path(get, path = "/api/v1/runs/{id}/pcapng", tag = "runs", operation_id = "capture_run",
    params(("id" = String, Path, description = "The `id` of the run"), Capture),
    responses(
        (status = 200, description = "pcapng, an interface for each host", body = Vec<u8>, content_type = "application/x-pcapng"),
        (status = 400, description = "Both engines ran: say which", body = problem::Body, content_type = "application/problem+json"),
        (status = 404, description = "There is no such run, or that engine did not run", body = problem::Body, content_type = "application/problem+json"),
        (status = 409, description = "The engine saw no frames", body = problem::Body, content_type = "application/problem+json")))]
pub async fn pcapng(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(Capture { engine }): Query<Capture>,
) -> Result<Response, Problem> {
    let run = stored(&state, &id)?;
    let name = run.name.clone();
    let (bytes, which) =
        tokio::task::spawn_blocking(move || captured(&run, engine)).await.map_err(Problem::internal)??;
    let file = format!("attachment; filename=\"{name}-{}.pcapng\"", which.name());
    let headers = [(CONTENT_TYPE, "application/x-pcapng".to_owned()), (CONTENT_DISPOSITION, file)];
    Ok((headers, bytes).into_response())
}

/// The kept report, as far as a capture needs it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Both { model: Box<Trace>, kernel: Box<Trace> },
    One(Box<Trace>),
}

fn captured(run: &Stored, wanted: Option<Which>) -> Result<(Vec<u8>, Which), Problem> {
    let traces = match serde_json::from_slice(&run.json).map_err(Problem::internal)? {
        Kept::One(trace) => vec![trace],
        Kept::Both { model, kernel } => vec![model, kernel],
    };
    let trace = match wanted {
        None if traces.len() > 1 => {
            return Err(Problem::new("engine_needed", "both engines ran; say which trace you want with ?engine="));
        }
        None => traces.into_iter().next(),
        Some(wanted) => {
            let ran: Vec<_> = traces.iter().map(|trace| Which::of(trace).name()).collect();
            let problem = Problem::new("no_such_engine", format!("the engine {} did not run", wanted.name()))
                .with("engine", wanted.name())
                .with("ran", ran.join(", "));
            Some(traces.into_iter().find(|trace| Which::of(trace) == wanted).ok_or(problem)?)
        }
    };
    let trace = trace.ok_or_else(|| Problem::internal("a kept run has no trace"))?;
    if !trace.header.observes.segments {
        return Err(Problem::new("no_frames", "this run has no wire to see, so there is nothing to capture")
            .with("engine", Which::of(&trace).name()));
    }
    Ok((capture::write(&trace), Which::of(&trace)))
}
