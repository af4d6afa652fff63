//! The body of a run request, and the order it makes. A scenario is a name, an object, or the text of a file.

use serde::Deserialize;
use serde_json::Value;
use sockscope_core::scenario::{self, Scenario};
use utoipa::ToSchema;

use crate::AppState;
use crate::api::scenarios::{invalid, no_such};
use crate::api::schema;
use crate::problem::{Place, Problem};
use crate::run::{self, Engines, Kind, Order};

/// What to run: `scenario` or `toml`, one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "scenario": "sticky", "engine": "model" }))]
pub struct Request {
    /// The name of a scenario that comes with the server, or a whole scenario.
    #[schema(value_type = Option<schema::NameOrScenario>)]
    scenario: Option<Value>,
    /// The text of a scenario file.
    toml: Option<String>,
    /// Which engines run it.
    #[serde(default)]
    engine: Engines,
    /// Instead of the scenario's own seed.
    seed: Option<u64>,
    /// How the kernel engine separates the hosts.
    #[serde(default)]
    kind: Kind,
}

impl Request {
    /// A short name for files made from the run.
    pub fn file_name(&self) -> String {
        match &self.scenario {
            Some(Value::String(name)) if run::named(name).is_some() => name.clone(),
            _ => "run".to_owned(),
        }
    }

    /// The order, within the limits of this server.
    pub fn order(self, state: &AppState) -> Result<Order, Problem> {
        let mut scenario = scenario(self.scenario, self.toml)?;
        if let Some(seed) = self.seed {
            scenario.seed = seed;
        }
        Ok(Order {
            scenario,
            engines: self.engine,
            kind: self.kind,
            wall: Some(state.settings().wall),
            max_events: state.settings().max_events,
            id: None,
            turn: None,
        })
    }
}

fn scenario(scenario: Option<Value>, toml: Option<String>) -> Result<Scenario, Problem> {
    match (scenario, toml) {
        (Some(Value::String(name)), None) => {
            let (_, toml) = run::named(&name).ok_or_else(|| no_such(&name).at(inside("scenario")))?;
            scenario::from_toml(toml).map_err(|problems| invalid(problems, "scenario"))
        }
        (Some(object @ Value::Object(_)), None) => {
            scenario::from_json(&object).map_err(|problems| invalid(problems, "scenario"))
        }
        (None, Some(toml)) => scenario::from_toml(&toml).map_err(|problems| invalid(problems, "")),
        (Some(_), None) => Err(wrong("scenario", "must be the name of a scenario or a scenario object")),
        (Some(_), Some(_)) => Err(wrong("toml", "give either scenario or toml, not both")),
        (None, None) => Err(wrong("scenario", "is missing: give a name, a scenario object, or toml")),
    }
}

fn wrong(path: &str, message: &str) -> Problem {
    Problem::new("invalid_request", format!("{path}: {message}"))
        .with("path", path)
        .with("message", message)
        .at(inside(path))
}

fn inside(path: &str) -> Place {
    Place { path: Some(path.to_owned()), ..Place::default() }
}

/// Bytes that a waiting run keeps.
pub fn weight(scenario: &Scenario) -> u32 {
    let hosts = scenario.hosts.iter().map(|host| {
        let files: usize = host.files.iter().map(|(name, data)| name.len() + data.len()).sum();
        let stdin: usize = host.stdin.iter().map(String::len).sum();
        host.program.len() + files + stdin
    });
    u32::try_from(hosts.sum::<usize>() + 1024).unwrap_or(u32::MAX)
}
