//! How each host ended: exit status, exception, output, and the scenario's own claims.

use super::{Findings, Side};
use crate::program;
use crate::socket;
use crate::trace::{Body, Trace};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Compares the ends of all hosts. `cut` names the hosts whose reads were partitioned differently or arrived in another order.
pub fn compare(model: &Trace, kernel: &Trace, cut: &BTreeSet<Arc<str>>, found: &mut Findings) {
    for (host, ours) in &model.hosts {
        let Some(theirs) = kernel.hosts.get(host) else { continue };
        let at = |trace: &Trace| exit_event(trace, host);
        if ours.exit != theirs.exit || ours.exception != theirs.exception {
            let show = |result: &crate::trace::HostResult| match (&result.exit, &result.exception) {
                (None, _) => "not ended".to_owned(),
                (Some(exit), None) => format!("exit {exit}"),
                (Some(exit), Some(exception)) => format!("exit {exit}, {exception}"),
            };
            let (ours, theirs) = (Side::new(show(ours), at(model)), Side::new(show(theirs), at(kernel)));
            match cut.contains(host) {
                true => found.freedom("end_after_other_reads", "RFC 9293, 3.8", Some(host), ours, theirs),
                false => found.contradiction("end", "", Some(host), ours, theirs),
            }
        }
        if ours.stdout != theirs.stdout {
            let (line, a, b) = first_different_line(&ours.stdout, &theirs.stdout);
            let sides = (
                Side::new(format!("{line}: {a}"), printed_event(model, host, line)),
                Side::new(format!("{line}: {b}"), printed_event(kernel, host, line)),
            );
            if cut.contains(host) {
                found.freedom("output_after_other_reads", "RFC 9293, 3.8", Some(host), sides.0, sides.1);
            } else if without_ports(&ours.stdout) == without_ports(&theirs.stdout) {
                found.freedom("ephemeral_port_printed", "RFC 6056, 3", Some(host), sides.0, sides.1);
            } else if asks_the_clock(model, host) || asks_the_clock(kernel, host) {
                found.freedom("output_with_time", "", Some(host), sides.0, sides.1);
            } else if sorted_lines(&ours.stdout) == sorted_lines(&theirs.stdout) && has_tasks(model, host) {
                found.freedom("output_order", "", Some(host), sides.0, sides.1);
            } else {
                found.contradiction("output", "", Some(host), sides.0, sides.1);
            }
        }
    }
    for (claim, held) in [(model, "model"), (kernel, "kernel")].into_iter().flat_map(|(trace, name)| {
        trace.expectations.iter().filter(|checked| !checked.held).map(move |checked| (checked, name))
    }) {
        let detail = claim.detail.clone().unwrap_or_else(|| "does not hold".to_owned());
        let (model, kernel) = match held {
            "model" => (detail, "–".to_owned()),
            _ => ("–".to_owned(), detail),
        };
        let sides = (Side::new(format!("{}: {model}", claim.that), None), Side::new(kernel, None));
        found.contradiction("expectation", "", None, sides.0, sides.1);
    }
}

fn exit_event(trace: &Trace, host: &Arc<str>) -> Option<usize> {
    trace.events.iter().rposition(|event| {
        event.host.as_ref() == Some(host) && matches!(event.body, Body::Program(program::Event::Exited { .. }))
    })
}

/// The event that printed line number `line` (from 1).
fn printed_event(trace: &Trace, host: &Arc<str>, line: usize) -> Option<usize> {
    let mut printed = 0;
    trace.events.iter().position(|event| match &event.body {
        Body::Program(program::Event::Printed { text, error: false, .. }) if event.host.as_ref() == Some(host) => {
            printed += text.matches('\n').count();
            printed >= line
        }
        _ => false,
    })
}

fn first_different_line<'a>(a: &'a str, b: &'a str) -> (usize, &'a str, &'a str) {
    let (mut left, mut right) = (a.lines(), b.lines());
    let mut number = 1;
    loop {
        match (left.next(), right.next()) {
            (Some(x), Some(y)) if x == y => number += 1,
            (x, y) => return (number, x.unwrap_or("(nothing)"), y.unwrap_or("(nothing)")),
        }
    }
}

/// The text with every number that may be an ephemeral port (RFC 6056: 1024 to 65535; Linux: 32768 up) taken out.
fn without_ports(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut digits = String::new();
    let end_number = |digits: &mut String, kept: &mut String| {
        if digits.parse::<u32>().is_ok_and(|number| (32_768..=65_535).contains(&number)) {
            kept.push('#');
        } else {
            kept.push_str(digits);
        }
        digits.clear();
    };
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else {
            end_number(&mut digits, &mut kept);
            kept.push(c);
        }
    }
    end_number(&mut digits, &mut kept);
    kept
}

fn sorted_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

fn asks_the_clock(trace: &Trace, host: &Arc<str>) -> bool {
    trace.events.iter().any(|event| {
        event.host.as_ref() == Some(host)
            && matches!(&event.body, Body::Socket(socket::Event::Called { call: socket::Call::Clock, .. }))
    })
}

fn has_tasks(trace: &Trace, host: &Arc<str>) -> bool {
    trace.events.iter().any(|event| {
        event.host.as_ref() == Some(host) && matches!(event.body, Body::Program(program::Event::Task { .. }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_that_can_be_ephemeral_ports_are_taken_out() {
        assert_eq!(without_ports("('10.0.0.2', 40111) 8888 70000"), "('10.0.0.2', #) 8888 70000");
    }

    #[test]
    fn the_first_different_line_is_found_past_the_end() {
        assert_eq!(first_different_line("a\nb\n", "a\n"), (2, "b", "(nothing)"));
    }
}
