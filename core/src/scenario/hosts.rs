//! The hosts of a scenario: names, addresses that fit together, files, programs. What a program does is not known here.

use super::limits;
use super::node::{Node, Value};
use super::place;
use super::problem::Problem;
use super::quantity::{self, mask};
use super::read::duration;
use super::reader::{Reader, find, join, shorten};
use super::{Congestion, Host, TcpConfig};
use crate::program;
use crate::stream::Data;
use crate::time::{Duration, Instant};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// A host whose address may still be missing.
struct Draft<'n> {
    host: Host,
    address: Option<(Ipv4Addr, u8)>,
    address_node: Option<&'n Node>,
    name_node: Option<&'n Node>,
    path: String,
}

/// Reads the list of hosts and checks what concerns them together.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Vec<Host> {
    let items = reader.list(node, "host", limits::HOSTS).unwrap_or_default();
    if matches!(&node.value, Value::List(items) if items.is_empty()) {
        reader.problem("missing", "host", node.span.as_ref(), "at least one host is needed".into(), vec![]);
    }
    let mut drafts: Vec<Draft<'_>> =
        items.iter().enumerate().filter_map(|(index, node)| draft(reader, node, index)).collect();
    names_are_unique(reader, &drafts);
    addresses_fit(reader, &mut drafts);
    drafts.into_iter().map(|draft| draft.host).collect()
}

fn draft<'n>(reader: &mut Reader<'_>, node: &'n Node, index: usize) -> Option<Draft<'n>> {
    let path = format!("host[{index}]");
    let known = ["name", "address", "start", "stdin", "files", "tcp", "program"];
    let entries = reader.table(node, &path, &known)?;
    let name_node = find(entries, "name");
    let name = match name_node {
        None => {
            reader.missing(node, &path, "name");
            String::new()
        }
        Some(node) => name(reader, node, &join(&path, "name")).unwrap_or_default(),
    };
    let address_node = find(entries, "address");
    let address = address_node.and_then(|node| address(reader, node, &join(&path, "address")));
    // Hosts start one after the other so that the first is listening when the second connects.
    let start = find(entries, "start")
        .and_then(|node| duration(reader, node, &join(&path, "start"), limits::LIMIT))
        .unwrap_or(Duration::from_millis(index as u64));
    let stdin = find(entries, "stdin").map(|node| stdin(reader, node, &join(&path, "stdin"))).unwrap_or_default();
    let files = find(entries, "files").map(|node| files(reader, node, &join(&path, "files"))).unwrap_or_default();
    let tcp = find(entries, "tcp").map(|node| tcp(reader, node, &join(&path, "tcp"))).unwrap_or_default();
    let program = match find(entries, "program") {
        None => {
            reader.missing(node, &path, "program");
            String::new()
        }
        Some(node) => self::program(reader, node, &join(&path, "program"), &name).unwrap_or_default(),
    };
    let host = Host {
        name: name.into(),
        address: Ipv4Addr::UNSPECIFIED,
        prefix: 24,
        start: Instant::ZERO + start,
        stdin,
        files,
        tcp,
        program,
    };
    Some(Draft { host, address, address_node, name_node, path })
}

/// Names stand in programs as host names and in expectations as variables, so they are identifiers (with inner `-` and `.`).
fn name(reader: &mut Reader<'_>, node: &Node, path: &str) -> Option<String> {
    let name = reader.text(node, path, limits::NAME)?;
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let rest = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if !starts || !rest || ["localhost", "segments", "drops"].contains(&name) {
        let name = shorten(name);
        let message = format!(
            "\"{name}\" cannot name a host: a letter, then letters, digits, \"_\", \"-\" or \".\" \
             (and not localhost, segments or drops)"
        );
        reader.problem("bad_name", path, node.span.as_ref(), message, vec![("name", name)]);
        return None;
    }
    Some(name.to_owned())
}

fn names_are_unique(reader: &mut Reader<'_>, drafts: &[Draft<'_>]) {
    for (index, draft) in drafts.iter().enumerate() {
        let name = &draft.host.name;
        if !name.is_empty() && drafts[..index].iter().any(|earlier| earlier.host.name == *name) {
            let span = draft.name_node.and_then(|node| node.span.as_ref());
            let message = format!("two hosts are named \"{name}\"");
            reader.problem(
                "duplicate_name",
                &join(&draft.path, "name"),
                span,
                message,
                vec![("name", name.to_string())],
            );
        }
    }
}

fn address(reader: &mut Reader<'_>, node: &Node, path: &str) -> Option<(Ipv4Addr, u8)> {
    let text = reader.text(node, path, 40)?;
    let shown = shorten(text);
    let mut refuse = |code, message: String| {
        reader.problem(code, path, node.span.as_ref(), message, vec![("address", shown.clone())]);
        None
    };
    let Some((address, prefix)) = quantity::address(text) else {
        return refuse("bad_address", format!("\"{shown}\" is no address: write \"10.0.0.2/24\""));
    };
    let bits = u32::from(address);
    // 0/8 is "this network", 127/8 is loopback (RFC 1122, 3.2.1.3), 224/3 is multicast and reserved (RFC 1112, 4).
    if bits >> 24 == 0 || bits >> 24 == 127 || bits >= 0xe000_0000 {
        return refuse("address_not_for_hosts", format!("{address} cannot belong to a host on a network"));
    }
    // A /31 link and a /32 have neither a network nor a broadcast address (RFC 3021, 2.1).
    if prefix < 31 {
        let host_part = bits & !mask(prefix);
        if host_part == 0 {
            return refuse("network_address", format!("{shown} is the address of the network itself"));
        }
        if host_part == !mask(prefix) {
            return refuse("broadcast_address", format!("{shown} is the broadcast address of its network"));
        }
    }
    Some((address, prefix))
}

/// All hosts on one subnet, no address twice; hosts without one take the lowest that is free.
fn addresses_fit(reader: &mut Reader<'_>, drafts: &mut [Draft<'_>]) {
    let first = drafts.iter().find_map(|draft| draft.address);
    let (subnet, prefix) = first.map_or((Ipv4Addr::new(10, 0, 0, 0), 24), |(address, prefix)| {
        (Ipv4Addr::from(u32::from(address) & mask(prefix)), prefix)
    });
    for index in 0..drafts.len() {
        let Some((address, own)) = drafts[index].address else { continue };
        let span = drafts[index].address_node.and_then(|node| node.span.as_ref());
        let path = join(&drafts[index].path, "address");
        if own != prefix || u32::from(address) & mask(prefix) != u32::from(subnet) {
            let message = format!("{address}/{own} is not on the subnet of the other hosts, {subnet}/{prefix}");
            let args = vec![("address", format!("{address}/{own}")), ("subnet", format!("{subnet}/{prefix}"))];
            reader.problem("not_in_subnet", &path, span, message, args);
        } else if let Some(other) =
            drafts[..index].iter().find(|draft| draft.address.is_some_and(|given| given.0 == address))
        {
            let message = format!("{address} already belongs to {}", other.host.name);
            let args = vec![("address", address.to_string()), ("name", other.host.name.to_string())];
            reader.problem("duplicate_address", &path, span, message, args);
        }
    }
    let mut taken: Vec<u32> =
        drafts.iter().filter_map(|draft| draft.address.map(|(address, _)| address.into())).collect();
    let (low, high) = (u64::from(u32::from(subnet)), u64::from(u32::from(subnet) | !mask(prefix)));
    let range = if prefix < 31 { low + 1..high } else { low..high + 1 };
    let mut free = range.map(|bits| bits as u32);
    for draft in drafts {
        let found = draft.address.or_else(|| {
            let bits = free.find(|bits| !taken.contains(bits))?;
            taken.push(bits);
            Some((bits.into(), prefix))
        });
        match found {
            Some((address, prefix)) => (draft.host.address, draft.host.prefix) = (address, prefix),
            None => {
                let message = format!("no address of {subnet}/{prefix} is left for this host");
                let args = vec![("subnet", format!("{subnet}/{prefix}"))];
                reader.problem("subnet_full", &draft.path, None, message, args);
            }
        }
    }
}

fn stdin(reader: &mut Reader<'_>, node: &Node, path: &str) -> Vec<String> {
    let items = reader.list(node, path, limits::STDIN_LINES).unwrap_or_default();
    let mut lines = Vec::with_capacity(items.len());
    for (index, node) in items.iter().enumerate() {
        lines.extend(reader.text(node, &format!("{path}[{index}]"), limits::STDIN_LINE).map(str::to_owned));
    }
    lines
}

fn files(reader: &mut Reader<'_>, node: &Node, path: &str) -> BTreeMap<String, Data> {
    let mut files = BTreeMap::new();
    let Value::Table(entries) = &node.value else {
        reader.wrong_type(node, path, "a table");
        return files;
    };
    if entries.len() > limits::FILES {
        let message = format!("{} files, at most {} are allowed", entries.len(), limits::FILES);
        let args = vec![("count", entries.len().to_string()), ("most", limits::FILES.to_string())];
        reader.problem("too_many", path, node.span.as_ref(), message, args);
        return files;
    }
    let mut total = 0;
    for entry in entries {
        let shown = shorten(&entry.key);
        let path = join(path, &shown);
        if entry.key.is_empty() || entry.key.chars().count() > limits::FILE_NAME || entry.key.contains('\0') {
            let message = format!("\"{shown}\" cannot name a file");
            reader.problem("bad_file_name", &path, entry.key_span.as_ref(), message, vec![("name", shown)]);
            continue;
        }
        let Some(content) = file(reader, &entry.node, &path) else { continue };
        total += content.len();
        files.insert(entry.key.clone(), content);
    }
    if total > limits::FILE_BYTES {
        reader.too_long(node, path, total, limits::FILE_BYTES, "bytes");
    }
    files
}

/// A string is text; `{ base64 = "…" }` is any bytes; `{ text = "…" }` is text again.
fn file(reader: &mut Reader<'_>, node: &Node, path: &str) -> Option<Data> {
    if let Value::Text(text) = &node.value {
        return Some(Data::from(text.as_bytes()));
    }
    let entries = reader.table(node, path, &["base64", "text"])?;
    match (find(entries, "base64"), find(entries, "text")) {
        (Some(node), None) => {
            let path = join(path, "base64");
            let text = reader.text(node, &path, limits::FILE)?;
            let packed: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            match STANDARD.decode(packed) {
                Ok(bytes) => Some(Data::from(bytes)),
                Err(error) => {
                    let message = format!("not base64: {error}");
                    let args = vec![("message", error.to_string())];
                    reader.problem("bad_base64", &path, node.span.as_ref(), message, args);
                    None
                }
            }
        }
        (None, Some(node)) => Some(Data::from(reader.text(node, &join(path, "text"), limits::FILE)?.as_bytes())),
        _ => {
            let message = "a file is a string, or a table with either \"base64\" or \"text\"".to_owned();
            reader.problem("bad_file", path, node.span.as_ref(), message, vec![]);
            None
        }
    }
}

fn tcp(reader: &mut Reader<'_>, node: &Node, path: &str) -> TcpConfig {
    let mut config = TcpConfig::default();
    let known = ["congestion", "sack", "timestamps", "window_scale", "delayed_ack"];
    for entry in reader.table(node, path, &known).unwrap_or_default() {
        let path = join(path, &entry.key);
        let node = &entry.node;
        match entry.key.as_str() {
            "congestion" => match reader.text(node, &path, 40) {
                Some("reno") => config.congestion = Congestion::Reno,
                Some("cubic") => config.congestion = Congestion::Cubic,
                Some(other) => reader.bad_value(node, &path, other, "\"reno\", \"cubic\""),
                None => {}
            },
            "sack" => config.sack = reader.boolean(node, &path).unwrap_or_default(),
            "timestamps" => config.timestamps = reader.boolean(node, &path).unwrap_or_default(),
            "window_scale" => config.window_scale = reader.boolean(node, &path).unwrap_or_default(),
            "delayed_ack" => config.delayed_ack = reader.boolean(node, &path).unwrap_or_default(),
            _ => {}
        }
    }
    config
}

/// The program, inside the subset; what is outside has its place in the program and in the file.
fn program(reader: &mut Reader<'_>, node: &Node, path: &str, host: &str) -> Option<String> {
    let Value::Text(source) = &node.value else {
        reader.wrong_type(node, path, "a string");
        return None;
    };
    if source.len() > limits::PROGRAM {
        reader.too_long(node, path, source.len(), limits::PROGRAM, "bytes");
        return None;
    }
    let Err(refusals) = program::compile(source) else { return Some(source.clone()) };
    for refusal in refusals {
        let place = reader.source().zip(node.span.as_ref()).and_then(|(file, span)| {
            let offset = place::inside_string(file, span, refusal.line, refusal.column)?;
            Some(place::line_and_column(file, offset))
        });
        reader.push(Problem {
            code: refusal.code,
            message: refusal.message,
            args: refusal.args,
            path: path.to_owned(),
            line: place.map(|place| place.0),
            column: place.map(|place| place.1),
            program: Some((host.to_owned(), refusal.line, refusal.column)),
        });
    }
    None
}
