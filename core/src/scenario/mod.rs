//! The scenario: which hosts exist, what the link does, which program each host runs. It describes; nothing here runs.

mod hosts;
pub mod limits;
mod node;
mod place;
mod problem;
mod quantity;
mod read;
mod reader;
mod write;

pub use problem::Problem;
pub use read::{from_json, from_toml};

use crate::link;
use crate::stream::Data;
use crate::time::{Duration, Instant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// A text in both languages of the site. A scenario may give one string for both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

/// A whole scenario, checked: addresses are possible, names unique, programs inside the subset.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// What it shows.
    pub title: Text,
    /// Seeds every die of the model.
    pub seed: u64,
    /// Longest run: trace time in the model, wall time in the kernel.
    pub limit: Duration,
    /// Between every pair of hosts.
    pub link: link::Config,
    /// At least one.
    pub hosts: Vec<Host>,
    /// What the lesson claims.
    pub expectations: Vec<Expectation>,
}

/// One host.
#[derive(Clone, Debug, PartialEq)]
pub struct Host {
    /// Its name, unique, that programs may use as an address.
    pub name: Arc<str>,
    /// Its address.
    pub address: Ipv4Addr,
    /// Length of the network part, 0 to 32.
    pub prefix: u8,
    /// When its program starts.
    pub start: Instant,
    /// What `input()` returns, a line each.
    pub stdin: Vec<String>,
    /// Its files.
    pub files: BTreeMap<String, Data>,
    /// Its TCP.
    pub tcp: TcpConfig,
    /// The program, in the Python subset.
    pub program: String,
}

/// Congestion control algorithms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Congestion {
    /// RFC 5681.
    Reno,
    /// RFC 9438.
    #[default]
    Cubic,
}

/// What a host's TCP does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpConfig {
    /// Congestion control.
    pub congestion: Congestion,
    /// Offer selective acknowledgements (RFC 2018).
    pub sack: bool,
    /// Offer timestamps (RFC 7323).
    pub timestamps: bool,
    /// Offer window scaling (RFC 7323).
    pub window_scale: bool,
    /// Delay acknowledgements (RFC 9293, 3.8.6.3).
    pub delayed_ack: bool,
}

impl Default for TcpConfig {
    fn default() -> Self {
        TcpConfig { congestion: Congestion::Cubic, sack: true, timestamps: true, window_scale: true, delayed_ack: true }
    }
}

/// Which engine an expectation is checked on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum On {
    /// Both.
    #[default]
    Both,
    /// The model only.
    Model,
    /// The kernel only.
    Kernel,
}

/// A claim: an expression of the Python subset over the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The expression.
    pub that: String,
    /// Where it holds.
    pub on: On,
    /// Why it does not hold on the other engine.
    pub because: Option<Text>,
}

#[cfg(test)]
mod tests;
