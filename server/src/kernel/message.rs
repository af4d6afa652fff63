//! What a worker and its parent say to each other: one JSON object a line. The parent gives one [`Job`] on standard input;
//! the worker answers with [`Message`]s on standard output.

use serde::{Deserialize, Serialize};
use sockscope_core::time::Duration;
use sockscope_core::trace::{Engine, Event, HostResult, Observes};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which kind of run is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Isolated where the machine permits it, loopback elsewhere.
    #[default]
    Auto,
    /// Isolated or not at all.
    Isolated,
    /// Loopback.
    Loopback,
}

/// What a worker is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// Which kind of run.
    pub kind: Kind,
    /// Most events it may record.
    pub events: u64,
    /// Longest run.
    pub limit: Duration,
    /// The scenario, in its JSON form; absent when the worker only says what it could do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<serde_json::Value>,
    /// Whether standard input stays open as long as the parent lives. If so, its end ends the worker.
    #[serde(default)]
    pub attached: bool,
}

/// What a worker says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// First: how it is going to run.
    Ready {
        /// The engine.
        engine: Engine,
        /// What it can see.
        observes: Observes,
        /// What it could not do as asked, and why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limitation: Option<String>,
    },
    /// Something happened.
    Event(Event),
    /// Last: how each host ended.
    End {
        /// By name.
        hosts: BTreeMap<Arc<str>, HostResult>,
        /// What turned out not to be possible on the way.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        limitations: Vec<String>,
    },
    /// Instead of anything further: it cannot run this.
    Refused {
        /// Why.
        reason: String,
    },
}
