//! The scenario on the bench: as it was given, as the reader changed it, and as it was last run. It runs nothing.

use super::knob;
use serde::{Deserialize, Serialize};
use sockscope_core::scenario::Scenario;
use sockscope_core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest one-way delay that the knob offers, in microseconds.
pub const MOST_DELAY: u64 = 60_000_000;

/// A scenario and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// As it was given.
    pub original: Scenario,
    /// As it is now.
    pub scenario: Scenario,
    /// As it was when the model ran last.
    pub ran: Option<Scenario>,
    /// As it was when the kernel ran last.
    pub kernel_ran: Option<Scenario>,
}

/// What a reader changed, as it stands in a link.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Edits {
    /// One way, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<u64>,
    /// Chance of loss.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss: Option<f64>,
    /// Bits per second; 0 is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<u64>,
    /// The seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Programs, by host.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub programs: BTreeMap<Arc<str>, String>,
}

impl Edits {
    /// Whether nothing was changed.
    pub fn is_empty(&self) -> bool {
        *self == Edits::default()
    }
}

/// A knob of some host's program.
#[derive(Clone, Debug, PartialEq)]
pub struct HostKnob {
    /// Which host.
    pub host: usize,
    /// The knob.
    pub knob: knob::Knob,
}

impl Session {
    /// A scenario nobody has touched.
    pub fn new(scenario: Scenario) -> Session {
        Session { original: scenario.clone(), scenario, ran: None, kernel_ran: None }
    }

    /// Whether the last run is older than the text.
    pub fn is_stale(&self) -> bool {
        self.ran.as_ref().is_some_and(|ran| *ran != self.scenario)
    }

    /// Whether the kernel's last run is older than the text.
    pub fn is_kernel_stale(&self) -> bool {
        self.kernel_ran.as_ref().is_some_and(|ran| *ran != self.scenario)
    }

    /// Whether both last runs were of the same text, so that they can be compared.
    pub fn is_comparable(&self) -> bool {
        self.ran.is_some() && self.ran == self.kernel_ran
    }

    /// Whether a host's program differs from the one that ran.
    pub fn is_program_stale(&self, host: usize) -> bool {
        let program = |scenario: &Scenario| scenario.hosts.get(host).map(|host| host.program.clone());
        self.ran.as_ref().is_some_and(|ran| program(ran) != program(&self.scenario))
    }

    /// What differs from the scenario as it was given.
    pub fn edits(&self) -> Edits {
        let (old, new) = (&self.original, &self.scenario);
        let changed = |differs: bool, value: u64| differs.then_some(value);
        Edits {
            delay: changed(old.link.delay != new.link.delay, new.link.delay.as_micros()),
            loss: (old.link.loss != new.link.loss).then_some(new.link.loss),
            rate: changed(old.link.rate != new.link.rate, new.link.rate.unwrap_or(0)),
            seed: changed(old.seed != new.seed, new.seed),
            programs: new
                .hosts
                .iter()
                .zip(&old.hosts)
                .filter(|(new, old)| new.program != old.program)
                .map(|(new, _)| (new.name.clone(), new.program.clone()))
                .collect(),
        }
    }

    /// Applies what a link brought; what does not fit the scenario is left out.
    pub fn apply(&mut self, edits: &Edits) {
        if let Some(delay) = edits.delay {
            self.set_delay(delay);
        }
        if let Some(loss) = edits.loss {
            self.set_loss(loss);
        }
        if let Some(rate) = edits.rate {
            self.set_rate(rate);
        }
        if let Some(seed) = edits.seed {
            self.scenario.seed = seed;
        }
        for host in &mut self.scenario.hosts {
            if let Some(program) = edits.programs.get(&host.name) {
                host.program = program.clone();
            }
        }
    }

    /// Sets the one-way delay in microseconds.
    pub fn set_delay(&mut self, micros: u64) {
        self.scenario.link.delay = Duration::from_micros(micros.min(MOST_DELAY));
    }

    /// Sets the chance of loss.
    pub fn set_loss(&mut self, loss: f64) {
        if loss.is_finite() {
            self.scenario.link.loss = loss.clamp(0.0, 1.0);
        }
    }

    /// Sets the rate in bits per second; 0 is unlimited.
    pub fn set_rate(&mut self, rate: u64) {
        use sockscope_core::scenario::limits::RATE;
        self.scenario.link.rate = (rate > 0).then(|| rate.clamp(RATE.0, RATE.1));
    }

    /// Sets a host's program.
    pub fn set_program(&mut self, host: usize, program: &str) {
        if let Some(host) = self.scenario.hosts.get_mut(host) {
            program.clone_into(&mut host.program);
        }
    }

    /// Every knob of every program.
    pub fn knobs(&self) -> Vec<HostKnob> {
        let hosts = self.scenario.hosts.iter().enumerate();
        hosts
            .flat_map(|(host, text)| knob::find(&text.program).into_iter().map(move |knob| HostKnob { host, knob }))
            .collect()
    }

    /// Turns a knob; says whether the program changed.
    pub fn turn(&mut self, turned: &HostKnob, value: &str) -> bool {
        let Some(host) = self.scenario.hosts.get_mut(turned.host) else { return false };
        match knob::turn(&host.program, &turned.knob, value) {
            Some(program) => {
                let changed = program != host.program;
                host.program = program;
                changed
            }
            None => false,
        }
    }

    /// Back to how it was given.
    pub fn restore(&mut self) {
        self.scenario = self.original.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn a_run_is_older_than_its_text_until_it_runs_again() {
        let mut session = Session::new(fixture::scenario());
        assert!(!session.is_stale());
        session.ran = Some(session.scenario.clone());
        session.set_program(1, "print(1)");
        assert!(session.is_stale() && session.is_program_stale(1) && !session.is_program_stale(0));
        session.ran = Some(session.scenario.clone());
        assert!(!session.is_stale());
    }

    #[test]
    fn edits_applied_to_the_original_give_the_edited_scenario() {
        let mut session = Session::new(fixture::scenario());
        session.set_delay(25_000);
        session.set_loss(0.25);
        session.set_rate(1_000_000);
        session.set_program(0, "pass\n");
        let mut other = Session::new(fixture::scenario());
        let json = serde_json::to_string(&session.edits()).unwrap();
        other.apply(&serde_json::from_str(&json).unwrap());
        assert_eq!(other.scenario, session.scenario);
        session.restore();
        assert!(session.edits().is_empty());
    }

    #[test]
    fn impossible_values_are_brought_into_range() {
        let mut session = Session::new(fixture::scenario());
        session.set_delay(u64::MAX);
        session.set_loss(f64::NAN);
        session.set_loss(7.0);
        assert_eq!(session.scenario.link.delay.as_micros(), MOST_DELAY);
        assert_eq!(session.scenario.link.loss, 1.0);
    }

    #[test]
    fn a_knob_changes_the_program_it_stands_in() {
        let mut session = Session::new(fixture::scenario());
        let knobs = session.knobs();
        assert_eq!(knobs.len(), 1);
        assert!(session.turn(&knobs[0], "4"));
        assert!(session.scenario.hosts[1].program.contains("recv(4)"));
        assert!(!session.turn(&knobs[0], "9"), "the knob is of the text before");
    }
}
