//! Answers that take some computing: on a thread of their own, so that other requests need not wait. It knows no resource.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Answers that are computed at once; more wait.
static TURNS: Semaphore = Semaphore::const_new(4);

/// Computes an object and answers with its JSON.
pub async fn answer<T: Serialize>(work: impl FnOnce() -> T + Send + 'static) -> Result<Response, Problem> {
    let turn = TURNS.acquire().await.map_err(Problem::internal)?;
    // Writing a large object down takes longer than finding it.
    let json = tokio::task::spawn_blocking(move || serde_json::to_vec(&work()));
    let json = json.await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    drop(turn);
    Ok(([(CONTENT_TYPE, "application/json")], json).into_response())
}
