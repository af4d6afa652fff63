//! `scenarios`: those that come with the server, and the check of any other. Nothing runs here.

use axum::Json;
use serde::{Deserialize, Serialize};
use sockscope_core::scenario::{self, Text};
use utoipa::ToSchema;

use crate::extract;
use crate::problem::Problem;
use crate::run;

/// A scenario that comes with the server, in the list of them.
#[derive(Serialize, ToSchema)]
pub struct Listed {
    /// Its name, as `runs` takes it.
    #[schema(example = "sticky")]
    name: &'static str,
    /// What it shows.
    #[schema(value_type = super::schema::Text)]
    title: Text,
}

/// A whole scenario.
#[derive(Serialize, ToSchema)]
pub struct Shown {
    /// Its name.
    #[schema(example = "sticky")]
    name: &'static str,
    /// The file as it stands in the repository, with its comments.
    toml: &'static str,
    /// The same as JSON, with every default filled in.
    #[schema(value_type = super::schema::Scenario)]
    scenario: serde_json::Value,
}

/// A scenario file to be checked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "toml": "[[host]]\nname = \"a\"\nprogram = \"print(6 * 7)\"\n" }))]
pub struct Check {
    /// The text of the file.
    toml: String,
}

/// A scenario that is right.
#[derive(Serialize, ToSchema)]
pub struct Checked {
    /// The scenario as JSON, with every default filled in.
    #[schema(value_type = super::schema::Scenario)]
    scenario: serde_json::Value,
}

/// The scenarios that come with the server
#[utoipa::path(get, path = "/api/v1/scenarios", tag = "scenarios", operation_id = "scenarios",
    responses((status = 200, description = "In the order in which the site shows them", body = Vec<Listed>)))]
pub async fn list() -> Result<Json<Vec<Listed>>, Problem> {
    let listed = sockscope_web::SCENARIOS.iter().map(|(name, toml)| {
        let scenario = scenario::from_toml(toml).map_err(|_| Problem::internal(format!("{name} is broken")))?;
        Ok(Listed { name, title: scenario.title })
    });
    listed.collect::<Result<_, _>>().map(Json)
}

/// One of them
#[utoipa::path(get, path = "/api/v1/scenarios/{name}", tag = "scenarios", operation_id = "scenario",
    params(("name" = String, Path, description = "Its name", example = "sticky")),
    responses(
        (status = 200, description = "The file and its meaning", body = Shown),
        (status = 404, description = "There is none with this name", body = crate::problem::Body, content_type = "application/problem+json")))]
pub async fn show(extract::Path(name): extract::Path<String>) -> Result<Json<Shown>, Problem> {
    let (name, toml) = run::named(&name).ok_or_else(|| no_such(&name))?;
    let scenario = scenario::from_toml(toml).map_err(|_| Problem::internal(format!("{name} is broken")))?;
    Ok(Json(Shown { name, toml, scenario: scenario.to_json() }))
}

/// Whether a scenario file is right
///
/// Nothing runs. Every mistake is listed with its line and column, those inside programs too.
#[utoipa::path(post, path = "/api/v1/scenarios/check", tag = "scenarios", operation_id = "check_scenario",
    request_body = Check,
    responses(
        (status = 200, description = "It is right", body = Checked),
        (status = 422, description = "It is wrong; `problems` says where", body = crate::problem::Body, content_type = "application/problem+json")))]
pub async fn check(extract::Json(Check { toml }): extract::Json<Check>) -> Result<Json<Checked>, Problem> {
    let scenario = scenario::from_toml(&toml).map_err(|problems| invalid(problems, ""))?;
    Ok(Json(Checked { scenario: scenario.to_json() }))
}

/// The problem of a name that no scenario has.
pub fn no_such(name: &str) -> Problem {
    let known: Vec<_> = sockscope_web::SCENARIOS.iter().map(|(name, _)| *name).collect();
    let known = known.join(", ");
    Problem::new("no_such_scenario", format!("there is no scenario named {name:?}; there are {known}"))
        .with("name", name)
        .with("known", known)
}

/// The problem of a scenario with mistakes; `inside` is the path of the scenario in the body.
pub fn invalid(problems: Vec<scenario::Problem>, inside: &str) -> Problem {
    use crate::problem::{Fault, Place, ProgramPlace};
    let faults = problems.into_iter().map(|problem| {
        let path = match (inside, problem.path.as_str()) {
            ("", path) => path.to_owned(),
            (inside, "") => inside.to_owned(),
            (inside, path) => format!("{inside}.{path}"),
        };
        Fault {
            code: problem.code,
            message: problem.message,
            place: Place {
                path: (!path.is_empty()).then_some(path),
                line: problem.line,
                column: problem.column,
                program: problem.program.map(|(host, line, column)| ProgramPlace { host, line, column }),
                ..Place::default()
            },
            args: problem.args,
        }
    });
    Problem::new("invalid_scenario", "the scenario has mistakes").because(faults.collect())
}
