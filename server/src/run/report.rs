//! What a run came to, as the one object that the command line prints and the API answers.

use serde::Serialize;
use sockscope_core::trace::Difference;
use sockscope_core::trace::{Checked, Event, Header, HostResult, Trace};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::Id;

/// The traces of a run and what was found in them.
#[derive(Clone, Debug)]
pub enum Report {
    /// One engine ran.
    One(Box<Trace>),
    /// Both ran.
    Both {
        /// The model's trace.
        model: Box<Trace>,
        /// The kernel's trace.
        kernel: Box<Trace>,
        /// Every difference, each a freedom or a contradiction.
        differences: Vec<Difference>,
    },
}

#[derive(Serialize)]
struct One<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Id>,
    header: &'a Header,
    events: &'a [Event],
    hosts: &'a BTreeMap<Arc<str>, HostResult>,
    expectations: &'a [Checked],
    differences: &'a [Difference],
}

#[derive(Serialize)]
struct Both<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Id>,
    model: &'a Trace,
    kernel: &'a Trace,
    differences: &'a [Difference],
}

impl Report {
    /// The documented object, with the id under which it is kept, if it is.
    pub fn to_json(&self, id: Option<&Id>) -> Vec<u8> {
        let json = match self {
            Report::One(trace) => serde_json::to_vec(&One {
                id,
                header: &trace.header,
                events: &trace.events,
                hosts: &trace.hosts,
                expectations: &trace.expectations,
                differences: &[],
            }),
            Report::Both { model, kernel, differences } => serde_json::to_vec(&Both { id, model, kernel, differences }),
        };
        json.expect("traces have text keys only")
    }

    /// Every trace, the model's first.
    pub fn traces(&self) -> impl Iterator<Item = &Trace> {
        let (first, second) = match self {
            Report::One(trace) => (trace, None),
            Report::Both { model, kernel, .. } => (model, Some(kernel)),
        };
        [Some(first), second].into_iter().flatten().map(|trace| &**trace)
    }

    /// The trace that was made last.
    pub fn last(&self) -> &Trace {
        match self {
            Report::One(trace) => trace,
            Report::Both { kernel, .. } => kernel,
        }
    }

    /// What differs between the engines; empty where only one ran.
    pub fn differences(&self) -> &[Difference] {
        match self {
            Report::One(_) => &[],
            Report::Both { differences, .. } => differences,
        }
    }
}
