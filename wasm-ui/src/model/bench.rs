//! Running a scenario on the model, after checking that it can run. What is wrong comes back with its place.

use sockscope_core::program::{self, Refusal};
use sockscope_core::scenario::{Scenario, limits};
use sockscope_core::sim;
use sockscope_core::trace::Trace;

/// Most events of a run in a page: what the views stay quick with.
const MOST_EVENTS: usize = 200_000;

/// Something wrong with a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// A stable name.
    pub code: String,
    /// What is wrong, in English.
    pub message: String,
    /// The values it names.
    pub args: Vec<(&'static str, String)>,
    /// Where in a host's program.
    pub place: Option<Place>,
}

/// A place in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which host.
    pub host: usize,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column behind the last character.
    pub end_column: u32,
}

/// Everything wrong with the programs of a scenario.
pub fn check(scenario: &Scenario) -> Vec<Trouble> {
    let hosts = scenario.hosts.iter().enumerate();
    hosts.flat_map(|(host, text)| check_program(host, &text.program)).collect()
}

fn check_program(host: usize, text: &str) -> Vec<Trouble> {
    if text.len() > limits::PROGRAM {
        return vec![Trouble {
            code: "too_long".into(),
            message: format!("the program has {} bytes, at most {} are allowed", text.len(), limits::PROGRAM),
            args: vec![
                ("length", text.len().to_string()),
                ("most", limits::PROGRAM.to_string()),
                ("unit", "bytes".into()),
            ],
            place: Some(Place { host, line: 1, column: 1, end_line: 1, end_column: 1 }),
        }];
    }
    match program::compile(text) {
        Ok(_) => Vec::new(),
        Err(refusals) => refusals.into_iter().map(|refusal| trouble(host, refusal)).collect(),
    }
}

fn trouble(host: usize, refusal: Refusal) -> Trouble {
    let Refusal { code, message, line, column, end_line, end_column, args } = refusal;
    Trouble { code: code.to_string(), message, args, place: Some(Place { host, line, column, end_line, end_column }) }
}

/// Runs the model.
pub fn run(scenario: &Scenario) -> Trace {
    sim::run(scenario, &sim::Options { max_events: MOST_EVENTS, ..sim::Options::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;
    use crate::model::scene::Scene;

    #[test]
    fn a_mistake_in_a_program_has_its_host_and_place() {
        let mut scenario = fixture::scenario();
        assert_eq!(check(&scenario), []);
        scenario.hosts[1].program = "x = 1\nclass A: pass\n".into();
        let troubles = check(&scenario);
        assert_eq!(troubles.len(), 1, "{troubles:?}");
        let place = troubles[0].place.unwrap();
        assert_eq!((place.host, place.line, place.column), (1, 2, 7));
    }

    #[test]
    fn a_program_past_its_limit_is_refused_before_it_is_read() {
        let mut scenario = fixture::scenario();
        scenario.hosts[0].program = "x = 1\n".repeat(20_000);
        assert_eq!(check(&scenario)[0].code, "too_long");
    }

    #[test]
    fn the_model_runs_and_every_view_can_be_laid_out() {
        let scene = Scene::new(run(&fixture::scenario()));
        assert_eq!(scene.run.hosts.len(), 2);
        assert!(!scene.ladder.bars.is_empty() && !scene.ladder.arrows.is_empty());
        assert!(scene.run.directions.iter().any(|direction| direction.length == 20));
        assert!(!scene.transcript.is_empty());
    }
}
