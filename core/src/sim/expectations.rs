//! What a scenario claims, held against a trace: a function of the two, the same for both engines. Expressions are evaluated
//! by the program room.

use crate::program::{self, Fact};
use crate::scenario::{Expectation, On, Scenario};
use crate::socket::{self, Answer, Outcome};
use crate::stream::Data;
use crate::trace::{Body, Checked, Engine, Trace};
use crate::{link, tcp};

/// Checks the expectations that are meant for the engine of this trace.
///
/// Each host offers `stdout`, `exit`, `exception`, `calls` (the names of its calls in order), `received` (what each receive
/// call returned) and `errors` (the POSIX name of each call's failure, `timed out` for a time limit); the run offers
/// `segments` and `drops`. An expectation about what an engine cannot see is not meant for it.
pub fn check(scenario: &Scenario, trace: &Trace) -> Vec<Checked> {
    let names = facts(trace);
    let model = trace.header.engine == Engine::Model;
    let meant = |expectation: &&Expectation| match expectation.on {
        On::Both => true,
        On::Model => model,
        On::Kernel => !model,
    };
    let blind = |expectation: &&Expectation| {
        !trace.header.observes.segments && ["segments", "drops"].iter().any(|name| mentions(&expectation.that, name))
    };
    let expectations = scenario.expectations.iter().filter(meant).filter(|expectation| !blind(expectation));
    expectations
        .map(|expectation| {
            let that = expectation.that.clone();
            match program::evaluate(&that, &names) {
                Ok(true) => Checked { that, held: true, detail: None },
                Ok(false) => Checked { detail: Some(shown(&that, &names)), that, held: false },
                Err(error) => Checked { that, held: false, detail: Some(error) },
            }
        })
        .collect()
}

/// Whether a name stands in an expression as a word of its own.
fn mentions(expression: &str, name: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    expression.match_indices(name).any(|(at, _)| {
        let before = expression[..at].chars().next_back().is_some_and(word);
        let after = expression[at + name.len()..].chars().next().is_some_and(word);
        !before && !after
    })
}

/// The values that an expression names.
fn shown(expression: &str, names: &[(String, Fact)]) -> String {
    let mut parts = Vec::new();
    for (name, fact) in names {
        let Fact::Record(fields) = fact else {
            if mentions(expression, name) {
                parts.push(format!("{name} = {}", written(fact)));
            }
            continue;
        };
        for (field, value) in fields {
            let path = format!("{name}.{field}");
            if mentions(expression, &path) {
                parts.push(format!("{path} = {}", written(value)));
            }
        }
    }
    parts.join(", ")
}

fn written(fact: &Fact) -> String {
    let text = match fact {
        Fact::None => "None".to_owned(),
        Fact::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
        Fact::Int(value) => value.to_string(),
        Fact::Str(text) => format!("{text:?}"),
        Fact::Bytes(data) => format!("{data:?}"),
        Fact::List(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Fact::Record(fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", written(value))).collect();
            format!("({})", fields.join(", "))
        }
    };
    if text.chars().count() <= 200 {
        return text;
    }
    text.chars().take(199).chain(['…']).collect()
}

/// The names that an expectation may use, with what the trace says.
pub fn facts(trace: &Trace) -> Vec<(String, Fact)> {
    let mut facts = Vec::new();
    for host in &trace.header.hosts {
        let result = trace.hosts.get(&host.name).cloned().unwrap_or_default();
        let (mut calls, mut received, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for event in trace.events.iter().filter(|event| event.host.as_ref() == Some(&host.name)) {
            match &event.body {
                Body::Socket(socket::Event::Called { call, .. }) => calls.push(Fact::Str(call.name().to_owned())),
                Body::Socket(socket::Event::Returned { outcome, .. }) => match outcome {
                    Outcome::Ok(Answer::Data(data) | Answer::Datagram { data, .. }) => {
                        received.push(Fact::Bytes(data.clone()));
                    }
                    Outcome::Error(errno) => errors.push(Fact::Str(errno.name().to_owned())),
                    Outcome::TimedOut => errors.push(Fact::Str("timed out".to_owned())),
                    Outcome::Ok(_) => {}
                },
                _ => {}
            }
        }
        let fields = vec![
            ("stdout".to_owned(), Fact::Str(result.stdout)),
            ("exit".to_owned(), result.exit.map_or(Fact::None, |exit| Fact::Int(exit.into()))),
            ("exception".to_owned(), result.exception.map_or(Fact::None, Fact::Str)),
            ("calls".to_owned(), Fact::List(calls)),
            ("received".to_owned(), Fact::List(received)),
            ("errors".to_owned(), Fact::List(errors)),
        ];
        facts.push((host.name.to_string(), Fact::Record(fields)));
    }
    if trace.header.observes.segments {
        facts.push(("segments".to_owned(), segments(trace)));
        facts.push(("drops".to_owned(), drops(trace)));
    }
    facts
}

/// Every segment that was sent: `host`, `flags`, `length`, `data`, `repeats`.
fn segments(trace: &Trace) -> Fact {
    let segments = trace.events.iter().filter_map(|event| match &event.body {
        Body::Tcp(tcp::Event::SegmentSent { segment, repeats, .. }) => {
            let flags = segment.control.names().map(|name| Fact::Str(name.to_owned())).collect();
            Some(Fact::Record(vec![
                ("host".to_owned(), Fact::Str(event.host.as_deref().unwrap_or_default().to_owned())),
                ("flags".to_owned(), Fact::List(flags)),
                ("length".to_owned(), Fact::Int(segment.length.into())),
                ("repeats".to_owned(), Fact::Bool(repeats.is_some())),
            ]))
        }
        _ => None,
    });
    Fact::List(segments.collect())
}

/// Every frame that was lost: `host` (its sender), `cause`.
fn drops(trace: &Trace) -> Fact {
    let drops = trace.events.iter().filter_map(|event| match &event.body {
        Body::Link(link::Event::Dropped { cause, .. }) => {
            let cause = serde_json::to_value(cause).ok().and_then(|cause| cause.as_str().map(str::to_owned));
            Some(Fact::Record(vec![
                ("host".to_owned(), Fact::Str(event.host.as_deref().unwrap_or_default().to_owned())),
                ("cause".to_owned(), Fact::Str(cause.unwrap_or_default())),
            ]))
        }
        _ => None,
    });
    Fact::List(drops.collect())
}

/// What arrived at a host, joined: for tests and summaries.
pub fn received(trace: &Trace, host: &str) -> Data {
    let mut bytes = Vec::new();
    for event in trace.events.iter().filter(|event| event.host.as_deref() == Some(host)) {
        if let Body::Socket(socket::Event::Returned {
            outcome: Outcome::Ok(Answer::Data(data) | Answer::Datagram { data, .. }),
            ..
        }) = &event.body
        {
            bytes.extend_from_slice(data);
        }
    }
    bytes.into()
}
