//! What an event is and why it happened, as sentences in no language yet. It reads a trace; it draws nothing and knows no texts.

mod network;
mod sentence;
mod socket;
mod transport;

pub use sentence::{Piece, Sentence, fill, pieces};

use super::{Body, RunEvent, Trace};
use crate::program;
use std::sync::Arc;

/// The sentences for the event at `index`: first what it is, then why, as far as the trace tells. Empty for an index past the end.
pub fn describe(trace: &Trace, index: usize) -> Vec<Sentence> {
    let Some(event) = trace.events.get(index) else { return Vec::new() };
    let host = event.host.clone().unwrap_or_else(|| Arc::from(""));
    let scene = Scene { trace, index, host };
    match &event.body {
        Body::Program(body) => in_program(&scene, body),
        Body::Socket(body) => socket::describe(&scene, body),
        Body::Tcp(body) => transport::tcp(&scene, body),
        Body::Udp(body) => transport::udp(&scene, body),
        Body::Icmp(body) => network::icmp(&scene, body),
        Body::Arp(body) => network::arp(&scene, body),
        Body::Link(body) => network::link(&scene, body),
        Body::Run(body) => in_run(body),
    }
}

/// Where a sentence is spoken: the trace, the event, its host.
struct Scene<'a> {
    trace: &'a Trace,
    index: usize,
    host: Arc<str>,
}

impl Scene<'_> {
    /// A sentence with the host's name in its gap `host`.
    fn say(&self, key: &'static str) -> Sentence {
        Sentence::new(key).with("host", &self.host)
    }
}

fn in_program(scene: &Scene<'_>, event: &program::Event) -> Vec<Sentence> {
    use program::Event::*;
    let sentence = match event {
        Line { line, .. } => scene.say("narrate.line").with("line", line),
        Assigned { name, value, .. } => scene.say("narrate.assigned").with("name", name).with("value", value),
        Printed { text, error: false, .. } => scene.say("narrate.printed").with("text", text.trim_end_matches('\n')),
        Printed { text, .. } => scene.say("narrate.printed_error").with("text", text.trim_end_matches('\n')),
        InputRead { text, .. } => scene.say("narrate.input_read").with("text", text),
        LookedUp { function, asked, source, answer, .. } => looked_up(function, asked, *source, answer.as_deref()),
        FileWritten { name, length } => scene.say("narrate.file_written").with("name", name).with("length", length),
        Raised { line, exception, message, .. } => {
            scene.say("narrate.raised").with("line", line).with("exception", exception).with("message", message)
        }
        Task { name, started: true, .. } => scene.say("narrate.task_started").with("name", name),
        Task { name, .. } => scene.say("narrate.task_ended").with("name", name),
        LimitPassed { limit, value } => scene.say("narrate.limit_passed").with("limit", limit).with("value", value),
        Exited { status, exception: None, .. } => scene.say("narrate.exited").with("status", status),
        Exited { status, exception: Some(exception), .. } => {
            scene.say("narrate.exited_exception").with("status", status).with("exception", exception)
        }
    };
    vec![sentence]
}

/// Which table answered a look-up, and what.
pub fn looked_up(function: &str, asked: &str, source: program::Source, answer: Option<&str>) -> Sentence {
    use program::Source::*;
    let key = match (source, answer) {
        (Machine, Some(_)) => "narrate.looked_up_machine",
        (Machine, None) => "narrate.looked_up_machine_nothing",
        (Iana, Some(_)) => "narrate.looked_up_iana",
        (Iana, None) => "narrate.looked_up_iana_nothing",
        (Scenario, Some(_)) => "narrate.looked_up_scenario",
        (Literal, Some(_)) => "narrate.looked_up_literal",
        (Fixed, Some(_)) => "narrate.looked_up_fixed",
        (Scenario | Literal | Fixed, None) => "narrate.looked_up_scenario_nothing",
    };
    let sentence = Sentence::new(key).with("function", function).with("asked", asked);
    match answer {
        Some(answer) => sentence.with("answer", answer),
        None => sentence,
    }
}

fn in_run(event: &RunEvent) -> Vec<Sentence> {
    let names = |hosts: &[Arc<str>]| hosts.join(", ");
    vec![match event {
        RunEvent::DeadlinePassed { limit, unfinished } => {
            Sentence::new("narrate.deadline_passed").with("limit", limit).with("hosts", names(unfinished))
        }
        RunEvent::Deadlocked { unfinished } => Sentence::new("narrate.deadlocked").with("hosts", names(unfinished)),
        RunEvent::EngineFailed { message } => Sentence::new("narrate.engine_failed").with("message", message),
    }]
}
