//! The same scenario on two engines: every difference, and whether a standard leaves it open. It never says that a read must be cut in one way.

mod calls;
mod hosts;
mod streams;
#[cfg(test)]
mod tests;
mod wire;

use super::Trace;
use super::narrate::Sentence;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Whether a difference is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It must not be: the model is wrong, or the lesson is.
    Contradiction,
    /// The standard, or chance, leaves it open.
    Freedom,
}

/// One difference between the model's trace and the kernel's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Whether it is allowed.
    pub kind: Kind,
    /// Stable name: `ephemeral_port`. The text is `narrate.difference_<code>`.
    pub code: String,
    /// The host it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Arc<str>>,
    /// What the model did.
    pub model: String,
    /// What the kernel did.
    pub kernel: String,
    /// Why it is allowed, or what is broken.
    pub because: Sentence,
    /// Index of the model's event where it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_event: Option<usize>,
    /// Index of the kernel's event where it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel_event: Option<usize>,
}

/// Every difference, contradictions first; of differences of the same kind, host and code only the first, with their number in `because`.
pub fn compare(model: &Trace, kernel: &Trace) -> Vec<Difference> {
    let mut found = Findings { differences: Vec::new() };
    let cut = calls::compare(model, kernel, &mut found);
    streams::compare(model, kernel, &mut found);
    hosts::compare(model, kernel, &cut, &mut found);
    wire::compare(model, kernel, &mut found);
    let mut differences = found.differences;
    differences.sort_by_key(|difference| difference.kind);
    differences
}

/// What was found so far.
struct Findings {
    differences: Vec<Difference>,
}

/// One side of a difference: what was there, and at which event.
struct Side {
    text: String,
    event: Option<usize>,
}

impl Side {
    fn new(text: impl ToString, event: Option<usize>) -> Self {
        Side { text: text.to_string(), event }
    }
}

impl Findings {
    fn freedom(
        &mut self,
        code: &'static str,
        source: &'static str,
        host: Option<&Arc<str>>,
        model: Side,
        kernel: Side,
    ) {
        self.add(Kind::Freedom, code, source, host, model, kernel);
    }

    fn contradiction(
        &mut self,
        code: &'static str,
        source: &'static str,
        host: Option<&Arc<str>>,
        model: Side,
        kernel: Side,
    ) {
        self.add(Kind::Contradiction, code, source, host, model, kernel);
    }

    fn add(
        &mut self,
        kind: Kind,
        code: &'static str,
        source: &'static str,
        host: Option<&Arc<str>>,
        model: Side,
        kernel: Side,
    ) {
        // One freedom explained once for each host is enough; every contradiction counts.
        let known = kind == Kind::Freedom
            && self.differences.iter().any(|known| known.code == code && known.host.as_ref() == host);
        if known {
            return;
        }
        let key = format!("narrate.difference_{code}");
        let because = Sentence { key: key.into(), args: Vec::new(), source: None };
        let because = if source.is_empty() { because } else { because.from_source(source) };
        let because = match host {
            Some(host) => because.with("host", host),
            None => because,
        };
        self.differences.push(Difference {
            kind,
            code: code.to_owned(),
            host: host.cloned(),
            model: model.text,
            kernel: kernel.text,
            because,
            model_event: model.event,
            kernel_event: kernel.event,
        });
    }
}

/// Whether the link of either run lost or repeated anything: then what is missing need not be the engine's doing.
fn link_interfered(traces: [&Trace; 2]) -> bool {
    traces.iter().any(|trace| {
        let link = &trace.header.scenario["link"];
        let chance = |name: &str| link[name].as_f64().is_some_and(|chance| chance > 0.0);
        chance("loss") || chance("duplicate") || chance("reorder")
    })
}
