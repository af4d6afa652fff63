//! Fields of headers, as core explains them, in words of the reader's language: for the microscope's views of bytes and
//! headers, and for the trees of the tools. It reads no bytes itself but those that a value shows.

use crate::texts::{self, Language};
use sockscope_core::wire::Layer;
use sockscope_core::wire::field::{self, Checked, Field, Section, SectionKind, Value};

/// A line of the table of headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What the bytes belong to.
    pub kind: SectionKind,
    /// The name in words.
    pub name: String,
    /// What the field holds.
    pub value: String,
    /// What that means, and whether a checksum is right; often empty.
    pub meaning: String,
    /// Whether a checksum is wrong.
    pub bad: bool,
    /// First byte and the one behind its last.
    pub bytes: (usize, usize),
    /// Its bits, where it is not made of whole bytes: first and last, the highest bit of its first byte is 0.
    pub bits: Option<(usize, usize)>,
}

/// The sections of a frame; together they cover all its bytes.
pub fn sections(frame: &[u8]) -> Vec<Section> {
    field::explain(frame).sections
}

/// The fields of a frame in the order of its bytes, each TCP option for itself.
pub fn rows(l: Language, frame: &[u8]) -> Vec<Row> {
    let mut rows = Vec::new();
    for section in sections(frame) {
        let SectionKind::Header(_) = section.kind else {
            let bytes = (section.start, section.end);
            let (name, value) = (section_name(l, section.kind), preview(&frame[section.start..section.end]));
            rows.push(Row { kind: section.kind, name, value, meaning: String::new(), bad: false, bytes, bits: None });
            continue;
        };
        for field in &section.fields {
            let whole = !matches!(field.name, "tcp.options") || field.fields.is_empty();
            let shown = if whole { std::slice::from_ref(field) } else { &field.fields[..] };
            rows.extend(shown.iter().map(|field| row(l, section.kind, field, frame)));
        }
    }
    rows
}

fn row(l: Language, kind: SectionKind, field: &Field, frame: &[u8]) -> Row {
    let place = field.bytes();
    let mut value = value(field, frame.get(place.clone()).unwrap_or(&[]));
    if field.name.starts_with("tcp.option.") {
        // Kind and length are how an option is found; what it says stands behind them.
        value.clear();
        for part in field.fields.iter().filter(|part| !matches!(part.name, "kind" | "length")) {
            let between = if part.name == "right_edge" { "–" } else { ", " };
            value.push_str(if value.is_empty() { "" } else { between });
            value.push_str(&self::value(part, frame.get(part.bytes()).unwrap_or(&[])));
        }
    }
    let partial = !field.bit.is_multiple_of(8) || !field.bits.is_multiple_of(8);
    Row {
        kind,
        name: name(l, field.name).unwrap_or_else(|| plain(field.name)),
        value,
        meaning: meaning(l, field),
        bad: matches!(field.checksum, Some(Checked::Bad(_))),
        bytes: (place.start, place.end),
        bits: partial.then(|| (field.bit % 8, field.bit % 8 + field.bits - 1)),
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
    texts::of_wire(l, &format!("wire.layer_{key}"), &[]).unwrap_or_else(|| plain(key))
}

/// The class of a section's colour in the microscope.
pub fn class(kind: SectionKind) -> &'static str {
    match kind {
        SectionKind::Header(layer) => match layer {
            Layer::Ethernet | Layer::Vlan | Layer::Cooked | Layer::Cooked2 | Layer::Loopback => "ethernet",
            Layer::Arp | Layer::Icmp | Layer::Icmpv6 => "arp",
            Layer::Ipv4 | Layer::Ipv6 => "ipv4",
            Layer::Udp | Layer::Tcp => "transport",
        },
        SectionKind::Payload | SectionKind::Padding | SectionKind::Undissected => "payload",
    }
}

/// The name of a field, if a text has it.
pub fn name(l: Language, field: &str) -> Option<String> {
    texts::of_wire(l, &format!("wire.field_{}", field.replace('.', "_")), &[])
}

/// A stable name without its layer, for want of words.
pub fn plain(field: &str) -> String {
    field.rsplit('.').next().unwrap_or(field).replace('_', " ")
}

/// What the value of a field means; of a checksum, whether it is right.
pub fn meaning(l: Language, field: &Field) -> String {
    use crate::texts::tools as t;
    match (field.checksum, &field.meaning) {
        (Some(Checked::Good), _) => t::packets_checksum_good(l).into(),
        (Some(Checked::Bad(expected)), _) => t::packets_checksum_bad(l, format!("0x{expected:04x}")),
        (Some(Checked::Absent), _) => t::packets_checksum_absent(l).into(),
        (None, Some(meaning)) => {
            let key = format!("wire.meaning_{}", meaning.key.replace('.', "_"));
            texts::of_wire(l, &key, &meaning.args).unwrap_or_else(|| {
                meaning.args.first().map_or_else(|| meaning.key.replace(['.', '_'], " "), |(_, value)| value.clone())
            })
        }
        (None, None) => String::new(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_cover_every_byte_of_any_input() {
        let covered = |frame: &[u8]| {
            let mut at = 0;
            for row in rows(Language::En, frame) {
                assert!(row.bytes.0 <= at && row.bytes.1 >= at, "{row:?} behind byte {at}");
                at = row.bytes.1;
            }
            at == frame.len()
        };
        let mut frame = crate::model::fixture::syn_frame();
        assert!(covered(&frame));
        for cut in 0..frame.len() {
            assert!(covered(&frame[..cut]), "cut at {cut}");
        }
        for at in 0..frame.len() {
            for bits in [0x0f, 0xf0, 0xff] {
                frame[at] ^= bits;
                assert!(covered(&frame), "byte {at} xor {bits}");
                frame[at] ^= bits;
            }
        }
    }

    #[test]
    fn a_syn_says_its_flags_and_options_in_both_languages() {
        let frame = crate::model::fixture::syn_frame();
        for (l, flags, size, port) in [
            (Language::En, "Control bits", "Maximum segment size", "Destination port"),
            (Language::Zh, "控制位", "最大报文段长度", "目的端口"),
        ] {
            let rows = rows(l, &frame);
            let value = |name: &str| rows.iter().find(|row| row.name == name).map(|row| row.value.as_str());
            let names: Vec<_> = rows.iter().map(|row| &row.name).collect();
            assert_eq!(value(flags), Some("SYN"), "{names:?}");
            assert_eq!(value(size), Some("1460"), "{names:?}");
            assert_eq!(value(port), Some("8888"), "{names:?}");
            // The fixture leaves both checksums zero, and the rows say so.
            assert_eq!(rows.iter().filter(|row| row.bad).count(), 2, "{names:?}");
        }
    }
}
