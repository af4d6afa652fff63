//! `problems`: what each code of a problem means, in both languages. The `type` of every problem leads here.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::missing;
use crate::extract::Path;
use crate::language::{self, Language};
use crate::problem::{CODES, Problem};

/// One kind of problem.
#[derive(Serialize, ToSchema)]
pub struct Kind {
    /// Its stable code.
    #[schema(example = "invalid_scenario")]
    code: &'static str,
    /// The HTTP status it comes with.
    #[schema(example = 422)]
    status: u16,
    /// What it is called.
    title: Words,
    /// Its sentence; places such as `{path}` are filled in each time.
    sentence: Words,
}

/// A text in both languages.
#[derive(Serialize, ToSchema)]
pub struct Words {
    /// English.
    en: &'static str,
    /// Simplified Chinese.
    zh: &'static str,
}

fn kind(&(code, status): &(&'static str, u16)) -> Kind {
    let words = |key: &dyn Fn(Language) -> Option<&'static str>| Words {
        en: key(Language::En).unwrap_or(code),
        zh: key(Language::Zh).unwrap_or(code),
    };
    Kind {
        code,
        status,
        title: words(&|language| language::title(language, code)),
        sentence: words(&|language| sockscope_web::text(language, &format!("errors.{code}"))),
    }
}

/// Every kind of problem
#[utoipa::path(get, path = "/api/v1/problems", tag = "problems", operation_id = "problems",
    responses((status = 200, description = "All of them, by status", body = Vec<Kind>)))]
pub async fn list() -> Json<Vec<Kind>> {
    Json(CODES.iter().map(kind).collect())
}

/// What one code means
#[utoipa::path(get, path = "/api/v1/problems/{code}", tag = "problems", operation_id = "problem",
    params(("code" = String, Path, description = "The `code` of a problem", example = "invalid_codec")),
    responses(
        (status = 200, description = "Its meaning", body = Kind),
        (status = 404, description = "No problem has this code", body = crate::problem::Body, content_type = "application/problem+json")))]
pub async fn show(Path(code): Path<String>) -> Result<Json<Kind>, Problem> {
    let row = CODES.iter().find(|(known, _)| *known == code);
    row.map(|row| Json(kind(row))).ok_or_else(|| missing::nothing_at(&format!("/api/v1/problems/{code}")))
}
