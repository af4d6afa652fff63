//! What the API answers where it has nothing: problems, like any other failure.

use axum::extract::Request;

use crate::problem::Problem;

/// No such path under `/api`.
pub async fn route(request: Request) -> Problem {
    nothing_at(request.uri().path())
}

/// The problem of a path that leads nowhere.
pub fn nothing_at(path: &str) -> Problem {
    Problem::new("not_found", format!("there is nothing at {path}; /api describes what there is")).with("path", path)
}

/// The path exists, the method does not.
pub async fn method(request: Request) -> Problem {
    let (method, path) = (request.method(), request.uri().path());
    Problem::new("method_not_allowed", format!("{path} does not take {method}"))
        .with("method", method)
        .with("path", path)
}
