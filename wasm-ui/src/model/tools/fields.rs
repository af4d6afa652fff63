//! Fields of headers as nodes of a tree, with what each is for. Their words are `model::fields`'.

use super::tree::Node;
use crate::model::fields as words;
pub use crate::model::fields::value;
use crate::texts::{self, Language};
use sockscope_core::wire::Layer;
use sockscope_core::wire::field::{Checked, Field, Section, SectionKind};

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

/// The name of a field.
pub fn name(l: Language, field: &str) -> String {
    // What no capture shows has its name with the sentences of encapsulation.
    words::name(l, field)
        .or_else(|| texts::of_tools(l, &format!("encapsulation.field_{}", field.replace('.', "_")), &[]))
        .unwrap_or_else(|| words::plain(field))
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
            let mut node = Node::new(words::section_name(l, section.kind), length(l, section.end - section.start));
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
    node.meaning = words::meaning(l, field);
    node.bad = matches!(field.checksum, Some(Checked::Bad(_)));
    node.children = field.fields.iter().map(|part| self::node(l, part, kind, base, bytes)).collect();
    // Flags are few and worth seeing; options are opened by who wants them.
    node.closed = field.name == "tcp.control" || field.name.contains(".option");
    node
}

/// The innermost field that has a byte, of fields that lie end to end.
pub fn at(fields: &[Field], byte: usize) -> Option<&Field> {
    let field = fields.iter().find(|field| field.bytes().contains(&byte))?;
    Some(field)
}
