//! `health`: whether the server answers, and what its kernel engine may do here.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::run;

/// The state of the server.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// Version of the server.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// What the kernel engine may do on this machine.
    #[schema(value_type = super::schema::KernelCapabilities)]
    kernel: serde_json::Value,
}

/// Whether the server answers
///
/// Also says whether the kernel engine can give each host a network of its own (`isolated`), and if not, why.
#[utoipa::path(get, path = "/api/v1/health", tag = "health", operation_id = "health",
    responses((status = 200, description = "The server works", body = Health)))]
pub async fn show() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION"), kernel: run::capabilities().await })
}
