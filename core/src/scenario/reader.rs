//! Walks a tree and collects every mistake on the way, each with its place. What the keys mean is not known here.

use super::limits;
use super::node::{Entry, Node, Value};
use super::place;
use super::problem::Problem;
use std::ops::Range;

/// The mistakes found so far, and the file they are in.
pub(super) struct Reader<'a> {
    source: Option<&'a str>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub fn new(source: Option<&'a str>) -> Self {
        Reader { source, problems: Vec::new() }
    }

    /// The file, if there is one.
    pub fn source(&self) -> Option<&'a str> {
        self.source
    }

    /// Every mistake in the order of the file.
    pub fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| (problem.line, problem.column));
        self.problems
    }

    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// Records a mistake.
    pub fn problem(
        &mut self,
        code: &'static str,
        path: &str,
        span: Option<&Range<usize>>,
        message: String,
        args: Vec<(&'static str, String)>,
    ) {
        if self.is_full() {
            return;
        }
        let place = span.zip(self.source).map(|(span, source)| place::line_and_column(source, span.start));
        self.push(Problem {
            code,
            message,
            args,
            path: path.to_owned(),
            line: place.map(|place| place.0),
            column: place.map(|place| place.1),
            program: None,
        });
    }

    /// Records a mistake that is already complete.
    pub fn push(&mut self, problem: Problem) {
        if !self.is_full() {
            self.problems.push(problem);
        }
    }

    /// Whether no further mistake will be listed, so that finding it need not cost anything.
    fn is_full(&self) -> bool {
        self.problems.len() >= limits::PROBLEMS
    }

    /// The entries of a table; any key not in `known` is a mistake.
    pub fn table<'n>(&mut self, node: &'n Node, path: &str, known: &[&str]) -> Option<&'n [Entry]> {
        let Value::Table(entries) = &node.value else {
            self.wrong_type(node, path, "a table");
            return None;
        };
        for entry in entries {
            if !known.contains(&entry.key.as_str()) && !self.is_full() {
                let near = nearest(&entry.key, known);
                let hint = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
                let shown = shorten(&entry.key);
                let allowed = known.join(", ");
                self.problem(
                    "unknown_key",
                    &join(path, &shown),
                    entry.key_span.as_ref(),
                    format!("unknown key \"{shown}\"{hint} (known here: {allowed})"),
                    vec![("key", shown), ("known", allowed)],
                );
            }
        }
        Some(entries)
    }

    pub fn list<'n>(&mut self, node: &'n Node, path: &str, most: usize) -> Option<&'n [Node]> {
        let Value::List(items) = &node.value else {
            self.wrong_type(node, path, "a list");
            return None;
        };
        if items.len() > most {
            self.problem(
                "too_many",
                path,
                node.span.as_ref(),
                format!("{} entries, at most {most} are allowed", items.len()),
                vec![("count", items.len().to_string()), ("most", most.to_string())],
            );
            return None;
        }
        Some(items)
    }

    /// A string of at most `most` characters.
    pub fn text<'n>(&mut self, node: &'n Node, path: &str, most: usize) -> Option<&'n str> {
        let Value::Text(text) = &node.value else {
            self.wrong_type(node, path, "a string");
            return None;
        };
        if text.len() > most && text.chars().count() > most {
            self.too_long(node, path, text.chars().count(), most, "characters");
            return None;
        }
        Some(text)
    }

    pub fn too_long(&mut self, node: &Node, path: &str, length: usize, most: usize, unit: &str) {
        self.problem(
            "too_long",
            path,
            node.span.as_ref(),
            format!("{length} {unit}, at most {most} are allowed"),
            vec![("length", length.to_string()), ("most", most.to_string()), ("unit", unit.to_owned())],
        );
    }

    pub fn boolean(&mut self, node: &Node, path: &str) -> Option<bool> {
        match node.value {
            Value::Bool(value) => Some(value),
            _ => {
                self.wrong_type(node, path, "true or false");
                None
            }
        }
    }

    /// A whole number from `least` to `most`.
    pub fn integer(&mut self, node: &Node, path: &str, least: u64, most: u64) -> Option<u64> {
        let Value::Integer(value) = node.value else {
            self.wrong_type(node, path, "a whole number");
            return None;
        };
        match u64::try_from(value) {
            Ok(value) if (least..=most).contains(&value) => Some(value),
            _ => {
                self.out_of_range(node, path, &value.to_string(), &least.to_string(), &most.to_string());
                None
            }
        }
    }

    /// A chance from 0 to 1.
    pub fn chance(&mut self, node: &Node, path: &str) -> Option<f64> {
        let value = match node.value {
            Value::Integer(value) => value as f64,
            Value::Float(value) => value,
            _ => {
                self.wrong_type(node, path, "a number");
                return None;
            }
        };
        if (0.0..=1.0).contains(&value) {
            return Some(value);
        }
        self.out_of_range(node, path, &value.to_string(), "0", "1");
        None
    }

    pub fn out_of_range(&mut self, node: &Node, path: &str, value: &str, least: &str, most: &str) {
        self.problem(
            "out_of_range",
            path,
            node.span.as_ref(),
            format!("{value} is not between {least} and {most}"),
            vec![("value", value.to_owned()), ("least", least.to_owned()), ("most", most.to_owned())],
        );
    }

    pub fn wrong_type(&mut self, node: &Node, path: &str, expected: &str) {
        let found = node.value.kind();
        self.problem(
            "wrong_type",
            path,
            node.span.as_ref(),
            format!("expected {expected}, found {found}"),
            vec![("expected", expected.to_owned()), ("found", found.to_owned())],
        );
    }

    pub fn missing(&mut self, node: &Node, path: &str, key: &str) {
        self.problem(
            "missing",
            &join(path, key),
            node.span.as_ref(),
            format!("\"{key}\" is missing"),
            vec![("key", key.to_owned())],
        );
    }

    /// A value that is none of those allowed.
    pub fn bad_value(&mut self, node: &Node, path: &str, value: &str, allowed: &str) {
        let value = shorten(value);
        self.problem(
            "bad_value",
            path,
            node.span.as_ref(),
            format!("\"{value}\" is not one of {allowed}"),
            vec![("value", value), ("allowed", allowed.to_owned())],
        );
    }
}

/// `host[0]` and `name` give `host[0].name`.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// A stranger's text as a message may carry it.
pub(super) fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(60).map(|c| if c.is_control() { '?' } else { c }).collect();
    if text.chars().nth(60).is_some() {
        short.push('…');
    }
    short
}

/// The value of a key.
pub(super) fn find<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Node> {
    entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
}

/// The known key that differs from `key` by one or two letters.
fn nearest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let key: Vec<char> = key.chars().take(40).collect();
    known
        .iter()
        .map(|candidate| (distance(&key, &candidate.chars().collect::<Vec<_>>()), *candidate))
        .filter(|&(distance, candidate)| distance <= 2 && distance < candidate.len())
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
