//! A run as a live stream, server-sent events or NDJSON. It ends when the run does, when its reader goes away, or when the
//! server shuts down: the connection must never keep the server from ending.

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::mpsc;

use super::{shutting_down, whole};
use crate::AppState;
use crate::language;
use crate::run::{Id, Line, Lines, Order};

/// Server-sent events.
pub const EVENT_STREAM: &str = "text/event-stream";
/// One JSON object on each line.
pub const NDJSON: &str = "application/x-ndjson";

/// Lines that may wait for a slow reader.
const AHEAD: usize = 256;
/// Bytes of lines that are sent together where they are there already.
const TOGETHER: usize = 16 * 1024;
/// A silent stream says this often that it is alive, so that no middle box ends it.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Starts the run and answers with the stream of its lines.
pub fn respond(
    state: AppState,
    order: Order,
    id: Id,
    name: String,
    form: &'static str,
    headers: &HeaderMap,
) -> Response {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let language = language::of_api(headers);
    tokio::spawn(async move {
        let lines = Lines::to(sender.clone());
        let ended = tokio::select! {
            ended = whole(&state, order, &lines, &id, name) => ended.err(),
            () = state.shutdown().cancelled() => Some(shutting_down()),
            // The future of the run is dropped here, and with it a kernel run.
            () = lines.gone() => None,
        };
        if let Some(problem) = ended {
            // A reader who is behind does not hear it: the stream just ends.
            let _ = sender.try_send(Line::problem(&problem.body(language)));
        }
    });
    let events = form == EVENT_STREAM;
    let body = stream::unfold(receiver, move |mut receiver| async move {
        let chunk = next_chunk(&mut receiver, events).await?;
        Some((Ok::<_, Infallible>(chunk), receiver))
    });
    let headers = [(CONTENT_TYPE, form), (CACHE_CONTROL, "no-store")];
    (headers, [("x-accel-buffering", "no")], Body::from_stream(body)).into_response()
}

/// The next lines, as many as are there; `None` at the end of the run.
async fn next_chunk(receiver: &mut mpsc::Receiver<Line>, events: bool) -> Option<Bytes> {
    let first = match tokio::time::timeout(HEARTBEAT, receiver.recv()).await {
        Ok(line) => line?,
        Err(_) if events => return Some(Bytes::from_static(b": still running\n\n")),
        // White space between values is allowed, and every NDJSON reader skips an empty line.
        Err(_) => return Some(Bytes::from_static(b"\n")),
    };
    let mut chunk = Vec::with_capacity(1024);
    write(&mut chunk, &first, events);
    while chunk.len() < TOGETHER
        && let Ok(line) = receiver.try_recv()
    {
        write(&mut chunk, &line, events);
    }
    Some(chunk.into())
}

fn write(chunk: &mut Vec<u8>, line: &Line, events: bool) {
    if events {
        chunk.extend_from_slice(format!("event: {}\ndata: ", line.kind).as_bytes());
    }
    chunk.extend_from_slice(&line.json);
    chunk.extend_from_slice(if events { b"\n\n" } else { b"\n" });
}
