//! The trace: the list of everything that happened in a run. Every view is a function of it and a position in it.

mod calls;
mod compare;
mod event;
pub mod ledger;
pub mod narrate;
pub mod observe;
pub mod pcapng;

pub use calls::{CallRecord, SocketNumber, calls};
pub use compare::{Difference, Kind as DifferenceKind, compare};
pub use event::{Body, Event, Evidence, Flow, RunEvent};
pub use observe::{Contents, Observer, Protocol, Sighting};

use crate::scenario::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// Which engine made a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// The model.
    Model,
    /// Real Linux sockets, each host in its own network namespace.
    KernelIsolated,
    /// Real Linux sockets on loopback addresses.
    KernelLoopback,
}

/// What an engine can see. What it cannot see is absent from the trace, and a view says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Observes {
    pub segments: bool,
    pub states: bool,
    pub timers: bool,
    pub buffers: bool,
}

/// What stands before the events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the format.
    pub version: u32,
    /// The scenario's title.
    pub title: Text,
    /// The engine.
    pub engine: Engine,
    /// What it can see.
    pub observes: Observes,
    /// Why this kind was chosen, where a better one was not permitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limitation: Option<String>,
    /// The seed.
    pub seed: u64,
    /// The hosts in the scenario's order.
    pub hosts: Vec<HostHeader>,
    /// The scenario itself, as given: enough to run it again.
    pub scenario: serde_json::Value,
}

/// A host as the header gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostHeader {
    /// Its name.
    pub name: Arc<str>,
    /// Its address.
    pub address: Ipv4Addr,
    /// Length of the network part.
    pub prefix: u8,
    /// Its program.
    pub program: String,
}

/// How a host ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostResult {
    /// All it printed.
    pub stdout: String,
    /// Exit status; `null` if it never ended.
    pub exit: Option<i32>,
    /// The uncaught exception.
    pub exception: Option<String>,
}

/// What became of one expectation of the scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// The expression.
    pub that: String,
    /// Whether it held.
    pub held: bool,
    /// Why it could not be decided, or what stood where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A whole run: the object that the command line and the API return.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// What stands before the events.
    pub header: Header,
    /// Everything that happened, in time order; events of one moment in the order of their causes.
    pub events: Vec<Event>,
    /// How each host ended.
    pub hosts: BTreeMap<Arc<str>, HostResult>,
    /// The scenario's expectations, those for this engine.
    #[serde(default)]
    pub expectations: Vec<Checked>,
}
