//! From a file to a checked [`Scenario`], or to every mistake in it. The hosts have a file of their own.

use super::hosts;
use super::limits;
use super::node::{Node, Value};
use super::problem::Problem;
use super::quantity;
use super::reader::{Reader, find, join, shorten};
use super::{Expectation, On, Scenario, Text};
use crate::link::{self, Counted, ScriptedDrop};
use crate::time::Duration;
use std::sync::Arc;
use toml::de::DeTable;

/// Reads a scenario file.
///
/// # Errors
/// Every mistake of the file with its place, in the order of the file.
pub fn from_toml(source: &str) -> Result<Scenario, Vec<Problem>> {
    let mut reader = Reader::new(Some(source));
    if source.len() > limits::FILE {
        let message = format!("the file has {} bytes, at most {} are allowed", source.len(), limits::FILE);
        let args =
            vec![("length", source.len().to_string()), ("most", limits::FILE.to_string()), ("unit", "bytes".into())];
        reader.problem("too_long", "", None, message, args);
        return Err(reader.into_problems());
    }
    let (table, errors) = DeTable::parse_recoverable(source);
    if !errors.is_empty() {
        for error in errors {
            let message = error.message().to_owned();
            let args = vec![("message", message.clone())];
            reader.problem("syntax", "", error.span().as_ref(), message, args);
        }
        return Err(reader.into_problems());
    }
    let span = table.span();
    scenario(reader, &Node::from_toml(table.get_ref(), span))
}

/// Reads a scenario as the API gives it: the same structure in JSON.
///
/// # Errors
/// Every mistake, each with its path.
pub fn from_json(value: &serde_json::Value) -> Result<Scenario, Vec<Problem>> {
    scenario(Reader::new(None), &Node::from_json(value))
}

fn scenario(mut reader: Reader<'_>, node: &Node) -> Result<Scenario, Vec<Problem>> {
    let known = ["title", "seed", "limit", "link", "host", "expect"];
    let Some(entries) = reader.table(node, "", &known) else { return Err(reader.into_problems()) };
    let title = find(entries, "title").and_then(|node| text(&mut reader, node, "title")).unwrap_or_default();
    let seed = find(entries, "seed").and_then(|node| reader.integer(node, "seed", 0, u64::MAX)).unwrap_or(1);
    let limit = find(entries, "limit")
        .and_then(|node| duration(&mut reader, node, "limit", limits::LIMIT))
        .unwrap_or(Duration::from_secs(30));
    if limit == Duration::ZERO {
        let span = find(entries, "limit").and_then(|node| node.span.as_ref());
        reader.problem("out_of_range", "limit", span, "the limit must be more than nothing".into(), vec![]);
    }
    let hosts = match find(entries, "host") {
        Some(node) => hosts::read(&mut reader, node),
        None => {
            reader.missing(node, "", "host");
            Vec::new()
        }
    };
    let names: Vec<Arc<str>> = hosts.iter().map(|host| host.name.clone()).collect();
    let link = find(entries, "link").map(|node| link(&mut reader, node, &names)).unwrap_or_default();
    let expectations = find(entries, "expect").map(|node| expectations(&mut reader, node)).unwrap_or_default();
    if !reader.is_clean() {
        return Err(reader.into_problems());
    }
    Ok(Scenario { title, seed, limit, link, hosts, expectations })
}

/// One string for both languages, or one each.
fn text(reader: &mut Reader<'_>, node: &Node, path: &str) -> Option<Text> {
    if let Value::Text(_) = node.value {
        let text = reader.text(node, path, limits::TEXT)?;
        return Some(Text { en: text.to_owned(), zh: text.to_owned() });
    }
    if !matches!(node.value, Value::Table(_)) {
        reader.wrong_type(node, path, "a string, or a table of \"en\" and \"zh\"");
        return None;
    }
    let entries = reader.table(node, path, &["en", "zh"])?;
    let mut read = |key: &str| {
        let node = find(entries, key)?;
        reader.text(node, &join(path, key), limits::TEXT).map(str::to_owned)
    };
    let (en, zh) = (read("en"), read("zh"));
    // One language stands in for the other rather than leaving it blank.
    let any = en.clone().or(zh.clone())?;
    Some(Text { en: en.unwrap_or(any.clone()), zh: zh.unwrap_or(any) })
}

/// A duration of at most `most`.
pub(super) fn duration(reader: &mut Reader<'_>, node: &Node, path: &str, most: Duration) -> Option<Duration> {
    let text = reader.text(node, path, 40)?;
    let Some(duration) = quantity::duration(text) else {
        let text = shorten(text);
        let message = format!("\"{text}\" is no duration: write \"10ms\", \"1.5s\" or \"30s\"");
        reader.problem("bad_duration", path, node.span.as_ref(), message, vec![("value", text)]);
        return None;
    };
    if duration > most {
        reader.out_of_range(node, path, text, "0ms", &quantity::write_duration(most));
        return None;
    }
    Some(duration)
}

fn link(reader: &mut Reader<'_>, node: &Node, names: &[Arc<str>]) -> link::Config {
    let mut config = link::Config::default();
    let known = ["delay", "rate", "queue", "loss", "duplicate", "reorder", "mtu", "drop"];
    for entry in reader.table(node, "link", &known).unwrap_or_default() {
        let path = join("link", &entry.key);
        let node = &entry.node;
        match entry.key.as_str() {
            "delay" => config.delay = duration(reader, node, &path, limits::DELAY).unwrap_or_default(),
            "rate" => config.rate = rate(reader, node, &path),
            "queue" => config.queue = reader.integer(node, &path, 1, limits::QUEUE).unwrap_or_default() as u32,
            "loss" => config.loss = reader.chance(node, &path).unwrap_or_default(),
            "duplicate" => config.duplicate = reader.chance(node, &path).unwrap_or_default(),
            "reorder" => config.reorder = reader.chance(node, &path).unwrap_or_default(),
            "mtu" => {
                config.mtu = reader.integer(node, &path, limits::MTU.0, limits::MTU.1).unwrap_or_default() as u16;
            }
            "drop" => {
                let items = reader.list(node, &path, limits::DROPS).unwrap_or_default();
                for (index, node) in items.iter().enumerate() {
                    config.drop.extend(scripted(reader, node, &format!("link.drop[{index}]"), names));
                }
            }
            _ => {}
        }
    }
    config
}

fn rate(reader: &mut Reader<'_>, node: &Node, path: &str) -> Option<u64> {
    let text = reader.text(node, path, 40)?;
    let Some(rate) = quantity::rate(text) else {
        let text = shorten(text);
        let message = format!("\"{text}\" is no rate: write \"56kbit\", \"10Mbit\" or \"1Gbit\"");
        reader.problem("bad_rate", path, node.span.as_ref(), message, vec![("value", text)]);
        return None;
    };
    let (least, most) = limits::RATE;
    if !(least..=most).contains(&rate) {
        reader.out_of_range(node, path, text, &quantity::write_rate(least), &quantity::write_rate(most));
        return None;
    }
    Some(rate)
}

/// The keys that say which frames a scripted drop counts.
pub(super) const COUNTED: [(&str, Counted); 5] = [
    ("data", Counted::Data),
    ("syn", Counted::Syn),
    ("fin", Counted::Fin),
    ("ack", Counted::Ack),
    ("frame", Counted::Frame),
];

fn scripted(reader: &mut Reader<'_>, node: &Node, path: &str, names: &[Arc<str>]) -> Option<ScriptedDrop> {
    let entries = reader.table(node, path, &["from", "data", "syn", "fin", "ack", "frame"])?;
    let mut from = None;
    match find(entries, "from") {
        None => reader.missing(node, path, "from"),
        Some(node) => {
            let path = join(path, "from");
            if let Some(name) = reader.text(node, &path, limits::NAME) {
                from = names.iter().find(|host| &***host == name).cloned();
                if from.is_none() {
                    let message = format!("no host is named \"{}\"", shorten(name));
                    reader.problem("unknown_host", &path, node.span.as_ref(), message, vec![("name", shorten(name))]);
                }
            }
        }
    }
    let mut counted = COUNTED.iter().filter_map(|&(key, counted)| find(entries, key).map(|node| (key, counted, node)));
    match (counted.next(), counted.next()) {
        (Some((key, counted, node)), None) => {
            let nth = reader.integer(node, &join(path, key), 1, 1_000_000)? as u32;
            Some(ScriptedDrop { from: from?, counted, nth })
        }
        _ => {
            let message = "say what is counted by one of data, syn, fin, ack, frame".to_owned();
            reader.problem("drop_counts_one", path, node.span.as_ref(), message, vec![]);
            None
        }
    }
}

fn expectations(reader: &mut Reader<'_>, node: &Node) -> Vec<Expectation> {
    let items = reader.list(node, "expect", limits::EXPECTATIONS).unwrap_or_default();
    let mut expectations = Vec::new();
    for (index, node) in items.iter().enumerate() {
        let path = format!("expect[{index}]");
        let Some(entries) = reader.table(node, &path, &["that", "on", "because"]) else { continue };
        let on = match find(entries, "on") {
            None => On::Both,
            Some(node) => {
                let path = join(&path, "on");
                match reader.text(node, &path, 40) {
                    Some("both") => On::Both,
                    Some("model") => On::Model,
                    Some("kernel") => On::Kernel,
                    Some(other) => {
                        reader.bad_value(node, &path, other, "\"both\", \"model\", \"kernel\"");
                        On::Both
                    }
                    None => On::Both,
                }
            }
        };
        let because = find(entries, "because").and_then(|node| text(reader, node, &join(&path, "because")));
        match find(entries, "that") {
            None => reader.missing(node, &path, "that"),
            Some(node) => {
                if let Some(that) = reader.text(node, &join(&path, "that"), limits::EXPECTATION) {
                    expectations.push(Expectation { that: that.to_owned(), on, because });
                }
            }
        }
    }
    expectations
}
