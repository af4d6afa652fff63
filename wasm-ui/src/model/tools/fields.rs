//! Fields of headers, as core explains them, as nodes of a tree with words of the reader's language. It reads no bytes
//! itself but those that a value shows.

use super::tree::Node;
use crate::texts::{self, Language};
use sockscope_core::wire::Layer;
use sockscope_core::wire::field::{Checked, Field, Meaning, Section, SectionKind, Value};

/// The colour of a header.
pub fn tint(layer: Layer) -> &'static str {
    match layer {
        Layer::Ethernet | Layer::Vlan | Layer::Cooked | Layer::Cooked2 | Layer::Loopback => "t8",
        Layer::Arp | Layer::Icmp | Layer::Icmpv6 => "t7",
        Layer::Ipv4 | Layer::Ipv6 => "t5",
        Layer::Udp | Layer::Tcp => "t4",
    }
}

/// The colour of a section.
pub fn section_tint(kind: SectionKind) -> &'static str {
    match kind {
        SectionKind::Header(layer) => tint(layer),
        SectionKind::Payload => "t2",
        SectionKind::Padding => "framing",
        SectionKind::Undissected => "bad",
    }
}

/// The name of a section.
pub fn section_name(l: Language, kind: SectionKind) -> String {
    let key = match kind {
        SectionKind::Header(layer) => layer.name(),
        SectionKind::Payload => "payload",
        SectionKind::Padding => "padding",
        SectionKind::Undissected => "undissected",
    };
    texts::of_tools(l, &format!("wire.layer_{key}"), &[]).unwrap_or_else(|| name(l, key))
}

/// The name of a field.
pub fn name(l: Language, field: &str) -> String {
    let key = field.replace('.', "_");
    // What no capture shows has its name with the sentences of encapsulation.
    texts::of_tools(l, &format!("wire.field_{key}"), &[])
        .or_else(|| texts::of_tools(l, &format!("encapsulation.field_{key}"), &[]))
        .unwrap_or_else(|| field.rsplit('.').next().unwrap_or(field).replace('_', " "))
}

/// What a field is for, where there is a sentence about it, and the standard that says so.
pub fn purpose(l: Language, field: &str) -> Option<(String, &'static str)> {
    let sentence = texts::of_tools(l, &format!("encapsulation.purpose_{}", field.replace('.', "_")), &[])?;
    let section = match field.split('.').next()? {
        "ethernet" | "wire" => "IEEE 802.3, 3.2",
        "arp" => "RFC 826",
        "ipv4" if field.ends_with("dscp") => "RFC 2474, 3",
        "ipv4" if field.ends_with("ecn") => "RFC 3168, 5",
        "ipv4" => "RFC 791, 3.1",
        "icmp" => "RFC 792",
        "udp" => "RFC 768",
        _ => "RFC 9293, 3.1",
    };
    Some((sentence, section))
}

/// The sections of a frame as a tree; `bytes` are those of the frame.
pub fn tree(l: Language, sections: &[Section], bytes: &[u8]) -> Vec<Node> {
    sections
        .iter()
        .map(|section| {
            let kind = section_tint(section.kind);
            let mut node = Node::new(section_name(l, section.kind), length(l, section.end - section.start));
            node = node.at(section.start, section.end);
            node.kind = Some(kind);
            let only = section.fields.len() == 1 && !matches!(section.kind, SectionKind::Header(_));
            if !only {
                node.children = section.fields.iter().map(|field| self::node(l, field, kind, 0, bytes)).collect();
            }
            node.bad = section.kind == SectionKind::Undissected || node.children.iter().any(|child| child.bad);
            node
        })
        .collect()
}

fn length(l: Language, bytes: usize) -> String {
    texts::tools::encapsulation_size(l, bytes)
}

/// A field as a node; its place is counted from byte `base` on, and `bytes` begin there.
pub fn node(l: Language, field: &Field, kind: &'static str, base: usize, bytes: &[u8]) -> Node {
    let place = field.bytes();
    let (start, end) = (place.start.saturating_sub(base), place.end.saturating_sub(base));
    let mut node = Node::new(name(l, field.name), value(field, bytes.get(start..end).unwrap_or(&[]))).at(start, end);
    if !field.bit.is_multiple_of(8) || !field.bits.is_multiple_of(8) {
        let from = (field.bit % 8) as u32;
        node.bits = Some((from, from + field.bits as u32));
    }
    node.kind = Some(kind);
    node.meaning = field.meaning.as_ref().map(|meaning| self::meaning(l, meaning)).unwrap_or_default();
    if let Some(checked) = field.checksum {
        node.meaning = checksum(l, checked);
        node.bad = matches!(checked, Checked::Bad(_));
    }
    node.children = field.fields.iter().map(|part| self::node(l, part, kind, base, bytes)).collect();
    // Flags are few and worth seeing; options are opened by who wants them.
    node.closed = field.name == "tcp.control" || field.name.contains(".option");
    node
}

fn meaning(l: Language, meaning: &Meaning) -> String {
    let key = format!("wire.meaning_{}", meaning.key.replace('.', "_"));
    texts::of_tools(l, &key, &meaning.args).unwrap_or_else(|| {
        meaning.args.first().map_or_else(|| meaning.key.replace(['.', '_'], " "), |(_, value)| value.clone())
    })
}

fn checksum(l: Language, checked: Checked) -> String {
    use crate::texts::tools as t;
    match checked {
        Checked::Good => t::packets_checksum_good(l).into(),
        Checked::Bad(expected) => t::packets_checksum_bad(l, format!("0x{expected:04x}")),
        Checked::Absent => t::packets_checksum_absent(l).into(),
    }
}

/// Fields that people read in hexadecimal.
const HEXADECIMAL: [&str; 9] = [
    "ethernet.type",
    "ethernet.fcs",
    "ipv4.identification",
    "ipv4.checksum",
    "tcp.checksum",
    "udp.checksum",
    "icmp.checksum",
    "arp.protocol_type",
    "wire.start_delimiter",
];

/// A value as people write it.
pub fn value(field: &Field, bytes: &[u8]) -> String {
    match field.value {
        Value::Number(number) if HEXADECIMAL.contains(&field.name) || field.name.ends_with("checksum") => {
            format!("0x{number:0width$x}", width = field.bits.div_ceil(4))
        }
        Value::Number(number) => number.to_string(),
        Value::Mac(mac) => mac.to_string(),
        Value::Address(address) => address.to_string(),
        _ if field.name == "tcp.control" => {
            let set = field.fields.iter().filter(|bit| bit.value == Value::Number(1));
            set.map(|bit| bit.name.to_uppercase()).collect::<Vec<_>>().join(" ")
        }
        _ if !field.fields.is_empty() => String::new(),
        _ => preview(bytes),
    }
}

/// The first bytes, in hexadecimal.
fn preview(bytes: &[u8]) -> String {
    const MOST: usize = 8;
    let shown: Vec<String> = bytes.iter().take(MOST).map(|byte| format!("{byte:02x}")).collect();
    let more = if bytes.len() > MOST { " …" } else { "" };
    format!("{}{more}", shown.join(" "))
}

/// The innermost field that has a byte, of fields that lie end to end.
pub fn at(fields: &[Field], byte: usize) -> Option<&Field> {
    let field = fields.iter().find(|field| field.bytes().contains(&byte))?;
    Some(field)
}
