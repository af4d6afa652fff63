//! The run as a list of lines to read from top to bottom: calls, their ends, frames, states, output. Statements and
//! deliveries are left out: they stand in the other views.

use super::label;
use super::run::{Carries, Run};
use sockscope_core::program;
use sockscope_core::socket;
use sockscope_core::trace::{Body, RunEvent};

/// One line of the transcript.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The event.
    pub event: usize,
    /// What kind of thing it is, as the key of its text.
    pub kind: Kind,
    /// Which host; none for the run as a whole.
    pub host: Option<usize>,
    /// What happened, in the words of the program and the standard.
    pub text: String,
}

/// Kinds of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Call,
    Waits,
    Returns,
    Fails,
    Sends,
    Repeats,
    Lost,
    State,
    Prints,
    Raises,
    Ends,
    Run,
}

/// The transcript of a run.
pub fn of(run: &Run) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (at, event) in run.trace.events.iter().enumerate() {
        let host = run.host_of(at);
        let mut push = |kind, text: String| entries.push(Entry { event: at, kind, host, text });
        match &event.body {
            Body::Socket(socket::Event::Called { line, call, .. }) => {
                push(Kind::Call, format!("{line}: {}", label::call(call)))
            }
            Body::Socket(socket::Event::Blocked { .. }) => {
                if let Some(&call) = run.call_of.get(&at) {
                    push(Kind::Waits, format!("{}()", run.calls[call].name));
                }
            }
            Body::Socket(socket::Event::Returned { call, outcome, blocked, .. }) => {
                let result = label::outcome(outcome);
                let failed = !matches!(outcome, socket::Outcome::Ok(_));
                let waited = blocked.as_micros();
                if result.is_empty() && waited < 100 {
                    continue;
                }
                let mut text = format!("{call}()");
                if !result.is_empty() {
                    text.push_str(&format!(" → {result}"));
                }
                if waited >= 100 {
                    text.push_str(&format!("  ({})", label::span(waited)));
                }
                push(if failed { Kind::Fails } else { Kind::Returns }, text);
            }
            Body::Link(sockscope_core::link::Event::Sent { .. }) => {
                let Some(place) = run.passage_of.get(&at).copied() else { continue };
                // A broadcast has one event for each receiver; each has its passage.
                let place =
                    run.fan(run.passages[place].frame).find(|&way| run.passages[way].sent == at).unwrap_or(place);
                let passage = &run.passages[place];
                let to = passage.to.map(|to| run.hosts[to].name.to_string()).unwrap_or_else(|| "?".into());
                let mut text = format!("→ {to}: {}", passage.label);
                if passage.carries == Carries::Other {
                    text.push_str(&format!("#{}", passage.frame));
                }
                match (passage.lost, passage.repeats) {
                    (Some(cause), _) => push(Kind::Lost, format!("{text}  ✕ {}", label::cause(cause))),
                    (None, Some(frame)) => push(Kind::Repeats, format!("{text}  ↻ #{frame}")),
                    _ => push(Kind::Sends, text),
                }
            }
            Body::Tcp(sockscope_core::tcp::Event::StateChanged { from, to, .. }) => {
                push(Kind::State, format!("{from} → {to}"))
            }
            Body::Program(program::Event::Printed { text, .. }) => push(Kind::Prints, text.trim_end().to_owned()),
            Body::Program(program::Event::LookedUp { function, asked, source, answer, .. }) => {
                let table = match source {
                    program::Source::Machine => "  (/etc/services)",
                    program::Source::Iana => "  (IANA)",
                    program::Source::Scenario | program::Source::Literal | program::Source::Fixed => "",
                };
                let kind = if answer.is_some() { Kind::Returns } else { Kind::Fails };
                push(kind, format!("{function}({asked}) → {}{table}", answer.as_deref().unwrap_or("✕")))
            }
            Body::Program(program::Event::Raised { line, exception, message, .. }) => {
                push(Kind::Raises, format!("{line}: {exception}: {message}"))
            }
            Body::Program(program::Event::LimitPassed { limit, value }) => {
                push(Kind::Raises, format!("{limit} > {value}"))
            }
            Body::Program(program::Event::Exited { status, exception, .. }) => push(
                Kind::Ends,
                match exception {
                    Some(exception) => format!("{status}  {exception}"),
                    None => status.to_string(),
                },
            ),
            Body::Run(RunEvent::EngineFailed { message }) => push(Kind::Run, message.clone()),
            Body::Run(RunEvent::DeadlinePassed { unfinished, .. } | RunEvent::Deadlocked { unfinished }) => {
                push(Kind::Run, unfinished.join(", "))
            }
            _ => {}
        }
    }
    entries
}

/// The line that stands for a moment: the last one not behind it.
pub fn place(entries: &[Entry], event: usize) -> usize {
    entries.partition_point(|entry| entry.event <= event).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn the_transcript_names_the_lost_segment_and_its_repetition() {
        let entries = of(&Run::new(fixture::sticky()));
        assert!(entries.iter().any(|entry| entry.kind == Kind::Lost && entry.text.contains("scripted")));
        assert!(entries.iter().any(|entry| entry.kind == Kind::Repeats));
    }

    #[test]
    fn the_line_of_a_moment_is_the_last_one_not_behind_it() {
        let run = Run::new(fixture::sticky());
        let entries = of(&run);
        for (at, entry) in entries.iter().enumerate() {
            assert_eq!(place(&entries, entry.event), at);
        }
        assert_eq!(place(&entries, usize::MAX), entries.len() - 1);
    }
}
