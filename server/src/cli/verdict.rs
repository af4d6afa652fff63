//! What in a finished trace makes a command fail: an expectation that does not hold, a program that never ends, an engine
//! that broke. A program that waits for ever for somebody is no fault: servers do that.

use sockscope_core::program;
use sockscope_core::socket::{self, Reason};
use sockscope_core::trace::{Body, RunEvent, Trace};
use std::sync::Arc;

use super::transcript::stood_at;
use super::words::Words;

/// One fault.
pub struct Fault {
    /// What it is.
    pub sentence: String,
    /// Host and line of the program it is in.
    pub program: Option<(Arc<str>, u32)>,
}

/// Every fault of a trace, in the order of its events; expectations last.
pub fn faults(trace: &Trace, words: Words) -> Vec<Fault> {
    let mut faults = Vec::new();
    for event in &trace.events {
        match &event.body {
            Body::Program(program::Event::LimitPassed { limit, value }) => {
                let host = event.host.clone().unwrap_or_else(|| Arc::from(""));
                let args = [("host", host.to_string()), ("limit", limit.to_string()), ("value", value.to_string())];
                faults.push(Fault {
                    sentence: words.with("fault_limit", &args),
                    program: last_line(trace, &host).map(|line| (host, line)),
                });
            }
            Body::Run(RunEvent::DeadlinePassed { limit, unfinished }) => {
                for host in unfinished.iter().filter(|host| !waits_for_somebody(trace, host)) {
                    let place = stood_at(trace, host, words);
                    let args = [("host", host.to_string()), ("limit", limit.to_string()), ("place", place)];
                    faults.push(Fault {
                        sentence: words.with("fault_deadline", &args),
                        program: last_line(trace, host).map(|line| (host.clone(), line)),
                    });
                }
            }
            Body::Run(RunEvent::EngineFailed { message }) => {
                // Where a program ran on, its place tells more than the engine's sentence alone.
                let running = trace.hosts.iter().find(|(host, result)| {
                    result.exit.is_none() && !waits_for_somebody(trace, host) && last_line(trace, host).is_some()
                });
                faults.push(match running {
                    Some((host, _)) => {
                        let place = stood_at(trace, host, words);
                        let args = [("host", host.to_string()), ("message", message.clone()), ("place", place)];
                        Fault {
                            sentence: words.with("fault_running", &args),
                            program: last_line(trace, host).map(|line| (host.clone(), line)),
                        }
                    }
                    None => {
                        Fault { sentence: words.with("engine_failed", &[("message", message.clone())]), program: None }
                    }
                });
            }
            _ => {}
        }
    }
    for checked in trace.expectations.iter().filter(|checked| !checked.held) {
        let detail = checked.detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default();
        let sentence = words.with("fault_expectation", &[("that", checked.that.clone()), ("detail", detail)]);
        faults.push(Fault { sentence, program: None });
    }
    faults
}

fn last_line(trace: &Trace, host: &Arc<str>) -> Option<u32> {
    trace.events.iter().rev().filter(|event| event.host.as_ref() == Some(host)).find_map(|event| match &event.body {
        Body::Program(program::Event::Line { line, .. }) => Some(*line),
        _ => None,
    })
}

/// Whether the last thing a host did was to begin waiting for a peer, and not for time to pass.
fn waits_for_somebody(trace: &Trace, host: &Arc<str>) -> bool {
    let last =
        trace.events.iter().rev().filter(|event| event.host.as_ref() == Some(host)).find_map(|event| {
            match &event.body {
                Body::Socket(socket::Event::Blocked { reason, .. }) => Some(*reason != Reason::Time),
                Body::Socket(socket::Event::Returned { .. }) | Body::Program(_) => Some(false),
                _ => None,
            }
        });
    last.unwrap_or(false)
}
