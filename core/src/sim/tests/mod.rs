//! The lecture's programs on the model: what they print, what they receive, how they end.

mod awkward;
mod lecture;
mod museum;

use super::*;
use crate::scenario::from_toml;
use crate::socket::{self, Outcome, Reason};
use crate::trace::{Body, Event, RunEvent};

/// A scenario of named programs on 10.0.0.1, 10.0.0.2, … behind `head`.
fn scenario(head: &str, hosts: &[(&str, &str)]) -> Scenario {
    let hosts: String = hosts
        .iter()
        .map(|(name, program)| format!("[[host]]\nname = \"{name}\"\nprogram = '''\n{}\n'''\n", unindent(program)))
        .collect();
    let text = format!("{head}\n{hosts}");
    from_toml(&text).unwrap_or_else(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{}\n{text}", problems.join("\n"))
    })
}

fn run_hosts(head: &str, hosts: &[(&str, &str)]) -> Trace {
    let trace = run(&scenario(head, hosts), &Options::default());
    in_order(&trace);
    trace
}

/// Takes the indentation of the first line from every line.
fn unindent(program: &str) -> String {
    let lines: Vec<&str> = program.lines().skip_while(|line| line.trim().is_empty()).collect();
    let margin = lines.first().map_or(0, |line| line.len() - line.trim_start().len());
    let lines: Vec<&str> = lines.iter().map(|line| line.get(margin..).unwrap_or("")).collect();
    lines.join("\n")
}

/// What holds of every trace: time never runs backward, and every call that returned had been made.
fn in_order(trace: &Trace) {
    for pair in trace.events.windows(2) {
        assert!(pair[0].time <= pair[1].time, "{:?} before {:?}", pair[0], pair[1]);
    }
    let mut open = std::collections::BTreeSet::new();
    for event in &trace.events {
        match &event.body {
            Body::Socket(socket::Event::Called { id, .. }) => assert!(open.insert((event.host.clone(), *id))),
            Body::Socket(socket::Event::Returned { id, .. }) => assert!(open.remove(&(event.host.clone(), *id))),
            _ => {}
        }
    }
}

/// What each receive call of a host returned.
fn received(trace: &Trace, host: &str) -> Vec<String> {
    returned(trace, host, &["recv", "recvfrom"])
        .into_iter()
        .filter_map(|outcome| match outcome {
            Outcome::Ok(socket::Answer::Data(data) | socket::Answer::Datagram { data, .. }) => {
                Some(String::from_utf8_lossy(&data).into_owned())
            }
            _ => None,
        })
        .collect()
}

fn returned(trace: &Trace, host: &str, names: &[&str]) -> Vec<Outcome> {
    let events = trace.events.iter().filter(|event| event.host.as_deref() == Some(host));
    events
        .filter_map(|event| match &event.body {
            Body::Socket(socket::Event::Returned { call, outcome, .. }) if names.contains(&call.as_ref()) => {
                Some(outcome.clone())
            }
            _ => None,
        })
        .collect()
}

fn blocked(trace: &Trace, host: &str, wanted: Reason) -> bool {
    trace.events.iter().any(|event| {
        event.host.as_deref() == Some(host)
            && matches!(&event.body, Body::Socket(socket::Event::Blocked { reason, .. }) if *reason == wanted)
    })
}

fn stdout<'a>(trace: &'a Trace, host: &str) -> &'a str {
    &trace.hosts[host].stdout
}

/// Every host ended with status 0.
fn all_ended_well(trace: &Trace) {
    for (name, result) in &trace.hosts {
        assert_eq!(result.exit, Some(0), "{name}: {:?}\n{}", result.exception, result.stdout);
    }
}

fn run_events(trace: &Trace) -> Vec<&RunEvent> {
    trace
        .events
        .iter()
        .filter_map(|event| if let Body::Run(event) = &event.body { Some(event) } else { None })
        .collect()
}

fn count(trace: &Trace, wanted: impl Fn(&Event) -> bool) -> usize {
    trace.events.iter().filter(|event| wanted(event)).count()
}
