//! The model engine: a scenario in, a trace out. The same scenario and seed give the same trace, byte for byte, everywhere.
//! It brings hosts, link and programs together; what each of them does is its own room's.
//!
//! What things cost at a host is fixed, so that time is the scenario's alone: see [`STATEMENT`], [`CALL`] and [`LOOPBACK`].

pub mod driver;
pub mod expectations;
mod host;
mod network;
#[cfg(test)]
mod tests;

pub use driver::{Driver, Todo};

use crate::program::Limits;
use crate::scenario::Scenario;
use crate::time::Duration;
use crate::trace::{Engine, Header, HostHeader, HostResult, Observes, Trace};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Time that a host's processor takes for one statement of its program.
pub const STATEMENT: Duration = Duration::from_micros(1);
/// Time that it takes for one call, beyond what the call waits.
pub const CALL: Duration = Duration::from_micros(5);
/// Time that a packet of a host to itself takes: less than a call, so that what comes of it is there when the call returns, as
/// on Linux, where the receiver is served before the sender.
pub const LOOPBACK: Duration = Duration::from_micros(1);

/// Version of the trace format.
pub const FORMAT: u32 = 1;

/// What a run may cost.
#[derive(Clone, Debug)]
pub struct Options {
    /// Of each program.
    pub limits: Limits,
    /// Events that the trace may hold; a run that makes more is ended and says so.
    pub max_events: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { limits: Limits::default(), max_events: 200_000 }
    }
}

/// Runs a scenario on the model. It never fails: what goes wrong is in the trace.
pub fn run(scenario: &Scenario, options: &Options) -> Trace {
    let (events, hosts) = network::Network::new(scenario, options).run();
    let mut trace = Trace { header: header(scenario, Engine::Model), events, hosts, expectations: Vec::new() };
    trace.expectations = expectations::check(scenario, &trace);
    trace
}

/// What stands before the events of a run of this scenario. An engine that sees less says so afterwards.
pub fn header(scenario: &Scenario, engine: Engine) -> Header {
    let hosts = scenario.hosts.iter().map(|host| HostHeader {
        name: host.name.clone(),
        address: host.address,
        prefix: host.prefix,
        program: host.program.clone(),
    });
    Header {
        version: FORMAT,
        title: scenario.title.clone(),
        engine,
        observes: Observes { segments: true, states: true, timers: true, buffers: true },
        limitation: None,
        seed: scenario.seed,
        hosts: hosts.collect(),
        scenario: scenario.to_json(),
    }
}

/// How each host ended, by its driver.
pub fn results<'a>(drivers: impl IntoIterator<Item = &'a Driver>) -> BTreeMap<Arc<str>, HostResult> {
    drivers.into_iter().map(|driver| (driver.host().clone(), driver.result())).collect()
}
