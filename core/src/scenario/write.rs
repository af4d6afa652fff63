//! From a [`Scenario`] to JSON and to a file, in the form that is read back as the same scenario.

use super::quantity::{write_duration, write_rate};
use super::read::COUNTED;
use super::{Congestion, Host, On, Scenario, Text};
use crate::link::Counted;
use crate::stream::Data;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::fmt::Write;

impl Scenario {
    /// The structure of the scenario file in JSON, every default written out.
    pub fn to_json(&self) -> Value {
        let mut value = json!({
            "title": { "en": self.title.en, "zh": self.title.zh },
            "seed": self.seed,
            "limit": write_duration(self.limit),
            "link": {
                "delay": write_duration(self.link.delay),
                "queue": self.link.queue,
                "loss": self.link.loss,
                "duplicate": self.link.duplicate,
                "reorder": self.link.reorder,
                "mtu": self.link.mtu,
            },
            "host": self.hosts.iter().map(host_json).collect::<Vec<_>>(),
        });
        if let Some(rate) = self.link.rate {
            value["link"]["rate"] = json!(write_rate(rate));
        }
        if !self.link.drop.is_empty() {
            value["link"]["drop"] = self
                .link
                .drop
                .iter()
                .map(|drop| json!({ "from": drop.from, counted(drop.counted): drop.nth }))
                .collect();
        }
        if !self.expectations.is_empty() {
            value["expect"] = self
                .expectations
                .iter()
                .map(|expectation| {
                    let mut object = json!({ "that": expectation.that, "on": on(expectation.on) });
                    if let Some(because) = &expectation.because {
                        object["because"] = json!({ "en": because.en, "zh": because.zh });
                    }
                    object
                })
                .collect();
        }
        value
    }

    /// A scenario file; what stands at its default is left out.
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        let text = |text: &Text| format!("{{ en = {}, zh = {} }}", quoted(&text.en), quoted(&text.zh));
        line(&mut out, "title", &text(&self.title));
        line(&mut out, "seed", &self.seed.to_string());
        line(&mut out, "limit", &quoted(&write_duration(self.limit)));
        out.push_str("\n[link]\n");
        line(&mut out, "delay", &quoted(&write_duration(self.link.delay)));
        let standard = crate::link::Config::default();
        if let Some(rate) = self.link.rate {
            line(&mut out, "rate", &quoted(&write_rate(rate)));
        }
        if self.link.queue != standard.queue {
            line(&mut out, "queue", &self.link.queue.to_string());
        }
        for (key, chance) in
            [("loss", self.link.loss), ("duplicate", self.link.duplicate), ("reorder", self.link.reorder)]
        {
            if chance != 0.0 {
                line(&mut out, key, &format!("{chance:?}"));
            }
        }
        if self.link.mtu != standard.mtu {
            line(&mut out, "mtu", &self.link.mtu.to_string());
        }
        if !self.link.drop.is_empty() {
            let items: Vec<String> = self
                .link
                .drop
                .iter()
                .map(|drop| format!("{{ from = {}, {} = {} }}", quoted(&drop.from), counted(drop.counted), drop.nth))
                .collect();
            line(&mut out, "drop", &format!("[ {} ]", items.join(", ")));
        }
        for (index, host) in self.hosts.iter().enumerate() {
            host_toml(&mut out, host, index);
        }
        for expectation in &self.expectations {
            out.push_str("\n[[expect]]\n");
            line(&mut out, "that", &quoted(&expectation.that));
            if expectation.on != On::Both {
                line(&mut out, "on", &quoted(on(expectation.on)));
            }
            if let Some(because) = &expectation.because {
                line(&mut out, "because", &text(because));
            }
        }
        out
    }
}

fn host_json(host: &Host) -> Value {
    let files: Map<String, Value> = host
        .files
        .iter()
        .map(|(name, data)| {
            let content = match std::str::from_utf8(data) {
                Ok(text) => json!(text),
                Err(_) => json!({ "base64": STANDARD.encode(&**data) }),
            };
            (name.clone(), content)
        })
        .collect();
    json!({
        "name": host.name,
        "address": format!("{}/{}", host.address, host.prefix),
        "start": write_duration(host.start.since(crate::time::Instant::ZERO)),
        "stdin": host.stdin,
        "files": files,
        "tcp": {
            "congestion": congestion(host.tcp.congestion),
            "sack": host.tcp.sack,
            "timestamps": host.tcp.timestamps,
            "window_scale": host.tcp.window_scale,
            "delayed_ack": host.tcp.delayed_ack,
        },
        "program": host.program,
    })
}

fn host_toml(out: &mut String, host: &Host, index: usize) {
    out.push_str("\n[[host]]\n");
    line(out, "name", &quoted(&host.name));
    line(out, "address", &quoted(&format!("{}/{}", host.address, host.prefix)));
    if host.start.as_micros() != index as u64 * 1_000 {
        line(out, "start", &quoted(&write_duration(host.start.since(crate::time::Instant::ZERO))));
    }
    if !host.stdin.is_empty() {
        let items: Vec<String> = host.stdin.iter().map(|line| quoted(line)).collect();
        line(out, "stdin", &format!("[{}]", items.join(", ")));
    }
    if !host.files.is_empty() {
        let items: Vec<String> =
            host.files.iter().map(|(name, data)| format!("{} = {}", quoted(name), content(data))).collect();
        line(out, "files", &format!("{{ {} }}", items.join(", ")));
    }
    let standard = super::TcpConfig::default();
    let mut tcp = Vec::new();
    if host.tcp.congestion != standard.congestion {
        tcp.push(format!("congestion = {}", quoted(congestion(host.tcp.congestion))));
    }
    for (key, value, usual) in [
        ("sack", host.tcp.sack, standard.sack),
        ("timestamps", host.tcp.timestamps, standard.timestamps),
        ("window_scale", host.tcp.window_scale, standard.window_scale),
        ("delayed_ack", host.tcp.delayed_ack, standard.delayed_ack),
    ] {
        if value != usual {
            tcp.push(format!("{key} = {value}"));
        }
    }
    if !tcp.is_empty() {
        line(out, "tcp", &format!("{{ {} }}", tcp.join(", ")));
    }
    line(out, "program", &block(&host.program));
}

fn line(out: &mut String, key: &str, value: &str) {
    writeln!(out, "{key} = {value}").expect("writing to a string cannot fail");
}

fn content(data: &Data) -> String {
    match std::str::from_utf8(data) {
        Ok(text) => quoted(text),
        Err(_) => format!("{{ base64 = {} }}", quoted(&STANDARD.encode(&**data))),
    }
}

/// A basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => write!(out, "\\u{:04X}", c as u32).expect("writing to a string cannot fail"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A literal block where the text allows it, so that programs stay readable.
fn block(text: &str) -> String {
    let plain = text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control());
    if plain && !text.contains("'''") && !text.ends_with('\'') { format!("'''\n{text}'''") } else { quoted(text) }
}

fn counted(counted: Counted) -> &'static str {
    COUNTED.iter().find(|row| row.1 == counted).expect("every way to count has a key").0
}

fn on(on: On) -> &'static str {
    match on {
        On::Both => "both",
        On::Model => "model",
        On::Kernel => "kernel",
    }
}

fn congestion(congestion: Congestion) -> &'static str {
    match congestion {
        Congestion::Reno => "reno",
        Congestion::Cubic => "cubic",
    }
}
