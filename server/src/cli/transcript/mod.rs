//! A report as text for people: one aligned line for each event, then what each host printed, what was expected, and how
//! the engines differ. Every word comes from `web/i18n/*/cli.toml`; nothing is judged here.

mod call;
mod event;
#[cfg(test)]
mod tests;

use sockscope_core::trace::{Difference, DifferenceKind as Kind};
use sockscope_core::trace::{Engine, Trace};
use sockscope_web::Language;
use std::fmt::Write as _;
use std::sync::Arc;

use super::words::Words;
use crate::run::Report;

/// The whole report.
pub fn write(report: &Report, words: Words) -> String {
    let mut text = String::new();
    for trace in report.traces() {
        if !text.is_empty() {
            text.push('\n');
        }
        run(&mut text, trace, words);
    }
    if let Report::Both { differences, .. } = report {
        text.push('\n');
        compared(&mut text, differences, words);
    }
    text
}

/// What an engine is called.
pub fn engine(engine: Engine, words: Words) -> &'static str {
    words.plain(match engine {
        Engine::Model => "engine_model",
        Engine::KernelIsolated => "engine_kernel_isolated",
        Engine::KernelLoopback => "engine_kernel_loopback",
    })
}

fn run(text: &mut String, trace: &Trace, words: Words) {
    let header = &trace.header;
    let title = match words.language {
        Language::En => &header.title.en,
        Language::Zh => &header.title.zh,
    };
    let name = engine(header.engine, words);
    line(text, &format!("{title} · {name} · {}", words.with("seed", &[("seed", header.seed.to_string())])));
    if let Some(limitation) = &header.limitation {
        line(text, limitation);
    }
    if !header.observes.segments {
        line(text, words.plain("no_wire"));
    }
    let width = header.hosts.iter().map(|host| host.name.chars().count()).max().unwrap_or(0);
    for host in &header.hosts {
        line(text, &format!("  {}  {}/{}", padded(&host.name, width), host.address, host.prefix));
    }
    text.push('\n');
    // With one conversation its number would only be noise.
    let numbered = trace.events.iter().any(|event| event.flow.is_some_and(|flow| flow > 1));
    let mut teller = event::Teller::new(trace, words);
    for (index, event) in trace.events.iter().enumerate() {
        if let Some(what) = teller.tell(index, event) {
            let host = event.host.as_deref().unwrap_or("");
            let time = event.time.to_string();
            let flow = match event.flow {
                _ if !numbered => String::new(),
                Some(flow) => format!("{:<4}", format!("#{flow}")),
                None => " ".repeat(4),
            };
            line(text, &format!("{time:>14}  {}  {flow}{what}", padded(host, width)));
        }
    }
    text.push('\n');
    ends(text, trace, words);
    if !trace.expectations.is_empty() {
        text.push('\n');
        expectations(text, trace, words);
    }
}

fn padded(name: &str, width: usize) -> String {
    let missing = width.saturating_sub(name.chars().count());
    format!("{name}{}", " ".repeat(missing))
}

/// How each host ended, and all it printed.
fn ends(text: &mut String, trace: &Trace, words: Words) {
    for host in &trace.header.hosts {
        let Some(result) = trace.hosts.get(&host.name) else { continue };
        let args = |name, value: String| [("host", host.name.to_string()), (name, value)];
        let end = match (&result.exit, &result.exception) {
            (_, Some(exception)) => words.with("ended_exception", &args("exception", exception.clone())),
            (Some(status), None) => words.with("ended", &args("status", status.to_string())),
            (None, None) => words.with("not_ended", &args("place", stood_at(trace, &host.name, words))),
        };
        line(text, &end);
        for printed in result.stdout.lines() {
            line(text, &format!("  | {printed}"));
        }
    }
}

/// Where a program that has not ended stood: its line, and the call it waits in.
pub fn stood_at(trace: &Trace, host: &Arc<str>, words: Words) -> String {
    use sockscope_core::trace::Body;
    let calls = sockscope_core::trace::calls(trace);
    let waiting = calls.iter().rev().find(|record| record.host == *host && record.returned_at.is_none());
    if let Some(record) = waiting {
        let call = call::text(&record.call);
        return words.with("at_call", &[("line", record.line.to_string()), ("call", call)]);
    }
    let last =
        trace.events.iter().rev().filter(|event| event.host.as_ref() == Some(host)).find_map(|event| {
            match event.body {
                Body::Program(sockscope_core::program::Event::Line { line, .. }) => Some(line),
                _ => None,
            }
        });
    match last {
        Some(line) => words.with("at_line", &[("line", line.to_string())]),
        None => words.plain("at_no_line").to_owned(),
    }
}

fn expectations(text: &mut String, trace: &Trace, words: Words) {
    line(text, words.plain("expectations"));
    for checked in &trace.expectations {
        let (mark, verdict) = if checked.held { ("✓", "held") } else { ("✗", "not_held") };
        line(text, &format!("  {mark} {}: {}", words.plain(verdict), checked.that));
        if let Some(detail) = &checked.detail {
            line(text, &format!("      {detail}"));
        }
    }
}

fn compared(text: &mut String, differences: &[Difference], words: Words) {
    if differences.is_empty() {
        return line(text, words.plain("no_differences"));
    }
    let contradictions = differences.iter().filter(|difference| difference.kind == Kind::Contradiction).count();
    let freedoms = differences.len() - contradictions;
    line(
        text,
        &words
            .with("differences", &[("contradictions", contradictions.to_string()), ("freedoms", freedoms.to_string())]),
    );
    for difference in differences {
        let kind = match difference.kind {
            Kind::Contradiction => words.plain("contradiction"),
            Kind::Freedom => words.plain("freedom"),
        };
        let host = difference.host.as_deref().map(|host| format!(" · {host}")).unwrap_or_default();
        line(text, &format!("  {kind}{host} · {}", difference.code));
        line(text, &format!("      {}: {}", words.plain("engine_model"), difference.model));
        line(text, &format!("      {}: {}", words.plain("engine_kernel"), difference.kernel));
        let source = difference.because.source.as_deref().map(|source| format!(" ({source})")).unwrap_or_default();
        line(text, &format!("      {}{source}", words.sentence(&difference.because)));
    }
}

/// One line. Text of a program may hold control characters that would move a terminal's cursor.
fn line(text: &mut String, content: &str) {
    for c in content.chars() {
        match c {
            c if c.is_control() => write!(text, "\\x{:02x}", c as u32).expect("writing to a string never fails"),
            c => text.push(c),
        }
    }
    text.push('\n');
}
