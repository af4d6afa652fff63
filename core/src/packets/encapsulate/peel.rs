//! Unwrapping: bytes taken apart layer by layer, each step with the reason for the next. A wrong checksum is named and
//! does not end it: the learner sees what is inside, and that a host would not have looked.

use super::{Algorithm, Check, FCS, Level, PREAMBLE, Pdu, Problem, Protocol, Reason, SHORTEST_FRAME, Step, crc32};
use crate::address::{Transport, service_by_port};
use crate::http;
use crate::stream::{Data, Range};
use crate::wire::field::{self, Checked, Field, Section, SectionKind, Value};
use crate::wire::{self, ETHERNET_HEADER, Layer, Malformed, MalformedKind};
use serde::Serialize;

/// The longest bytes that are unwrapped: an IPv4 packet of 65,535 bytes in a frame on the wire.
pub const LONGEST_FRAME: usize = 65_535 + PREAMBLE.len() + ETHERNET_HEADER + FCS;

/// What the bytes begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A preamble: all that is on the wire, FCS included.
    Bits,
    /// An Ethernet header, as captures have it: no preamble, no FCS.
    Frame,
    /// An IPv4 header.
    Packet,
}

/// Bytes, unwrapped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unwrapped {
    /// What was unwrapped.
    pub bytes: Data,
    /// What it begins with.
    pub entry: Entry,
    /// From the outermost to the innermost.
    pub steps: Vec<Step>,
    /// What the innermost one carries, where that is a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<Data>,
    /// The layer at which a host that receives this drops it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped_at: Option<Level>,
}

/// Unwraps bits, a frame or a packet; which of them it is, is seen from its first bytes. `Err` is the number of bytes of
/// what is longer than [`LONGEST_FRAME`].
pub fn unwrap(bytes: &[u8]) -> Result<Unwrapped, usize> {
    if bytes.len() > LONGEST_FRAME {
        return Err(bytes.len());
    }
    Ok(unwrap_as(bytes, entry(bytes)))
}

/// Unwraps what is known to begin so.
pub(super) fn unwrap_as(bytes: &[u8], entry: Entry) -> Unwrapped {
    let steps = Peel::new(bytes, entry).steps();
    let innermost = steps.iter().rfind(|step| step.level == Level::Application);
    let payload = innermost.map(|step| Data::from(&bytes[step.place.0 as usize..step.place.1 as usize]));
    let dropped_at = steps.iter().find(|step| !step.problems.is_empty()).map(|step| step.level);
    Unwrapped { bytes: bytes.into(), entry, steps, payload, dropped_at }
}

fn entry(bytes: &[u8]) -> Entry {
    if bytes.starts_with(&PREAMBLE) {
        return Entry::Bits;
    }
    let ethertype = bytes.get(12..14).map(|kind| u16::from_be_bytes([kind[0], kind[1]]));
    let carries = match ethertype {
        Some(0x0800) => bytes.get(14).is_none_or(|byte| byte >> 4 == 4),
        Some(0x0806 | 0x8100 | 0x86dd) => true,
        _ => false,
    };
    // An IPv4 header says its version in the first four bits and its own length in the next.
    let looks_ipv4 = bytes.first().is_some_and(|byte| (0x45..=0x4f).contains(byte)) && bytes.len() >= 20;
    if looks_ipv4 && !carries { Entry::Packet } else { Entry::Frame }
}

/// Bytes on the way from outside to inside.
struct Peel<'a> {
    bytes: &'a [u8],
    entry: Entry,
    /// The frame or the packet in them.
    start: usize,
    end: usize,
}

impl<'a> Peel<'a> {
    fn new(bytes: &'a [u8], entry: Entry) -> Self {
        let (start, end) = match entry {
            Entry::Bits => (PREAMBLE.len(), bytes.len().saturating_sub(FCS).max(PREAMBLE.len())),
            Entry::Frame | Entry::Packet => (0, bytes.len()),
        };
        Peel { bytes, entry, start, end }
    }

    fn steps(&self) -> Vec<Step> {
        let inner = &self.bytes[self.start..self.end];
        let (sections, malformed) = match self.entry {
            Entry::Packet => packet(inner),
            Entry::Bits | Entry::Frame => {
                let sections = field::explain(inner).sections;
                (sections, structural(inner, 0))
            }
        };
        let sections: Vec<Section> =
            sections.into_iter().map(|section| shifted(section, self.start as isize)).collect();
        let mut steps = Vec::new();
        if self.entry == Entry::Bits {
            steps.push(self.on_the_wire());
        }
        let mut walk = Walk { peel: self, sections: &sections, end: self.end };
        for place in 0..sections.len() {
            if let Some(step) = walk.step(place, steps.last()) {
                steps.push(step);
            }
        }
        if let Some(malformed) = malformed {
            blame(&mut steps, malformed, self.start as u64);
        }
        steps
    }

    /// The preamble around the frame.
    fn on_the_wire(&self) -> Step {
        let header = Range(0, PREAMBLE.len() as u64);
        let whole = Range(0, self.bytes.len() as u64);
        // Bits of the preamble only set the receiver's clock; without the delimiter it never knows where a frame begins.
        let delimiter = self.bytes.get(7).copied().unwrap_or(0);
        let problems = (delimiter != PREAMBLE[7]).then(|| no_delimiter(delimiter)).into_iter().collect();
        Step {
            level: Level::Physical,
            protocol: Protocol::Wire,
            pdu: Pdu::Bits,
            place: whole,
            header,
            payload: Range(header.1, whole.1),
            trailer: Range(whole.1, whole.1),
            added: header.len(),
            fields: vec![
                plain("wire.preamble", 0, 56, Value::Bytes),
                plain("wire.start_delimiter", 56, 8, Value::Number(u64::from(delimiter))),
            ],
            checks: Vec::new(),
            reason: Reason { key: "preamble", args: Vec::new(), by: Some(header) },
            problems,
        }
    }
}

/// The sections of a bare IPv4 packet: those of a frame around it, without the frame.
fn packet(bytes: &[u8]) -> (Vec<Section>, Option<Malformed>) {
    let mut frame = [0; ETHERNET_HEADER].to_vec();
    frame[12..14].copy_from_slice(&[0x08, 0x00]);
    frame.extend_from_slice(bytes);
    let sections = field::explain(&frame).sections.into_iter().skip(1);
    let sections = sections.map(|section| shifted(section, -(ETHERNET_HEADER as isize))).collect();
    (sections, structural(&frame, ETHERNET_HEADER))
}

/// The first mistake of a frame that is not a checksum: those are checked in their own steps.
fn structural(frame: &[u8], before: usize) -> Option<Malformed> {
    let mut frame = frame.to_vec();
    // At most one checksum each of IPv4 and of what it carries can hide another mistake.
    for _ in 0..3 {
        match wire::dissect(&frame).err()? {
            Malformed { at, kind: MalformedKind::Checksum { expected, .. } } => {
                frame[at..at + 2].copy_from_slice(&expected.to_be_bytes());
            }
            other => return Some(Malformed { at: other.at.saturating_sub(before), ..other }),
        }
    }
    None
}

fn shifted(mut section: Section, by: isize) -> Section {
    fn shift(field: &mut Field, bits: isize) {
        field.bit = field.bit.saturating_add_signed(bits);
        field.fields.iter_mut().for_each(|part| shift(part, bits));
    }
    section.start = section.start.saturating_add_signed(by);
    section.end = section.end.saturating_add_signed(by);
    section.fields.iter_mut().for_each(|field| shift(field, by * 8));
    section
}

fn plain(name: &'static str, bit: usize, bits: usize, value: Value) -> Field {
    Field { name, bit, bits, value, meaning: None, checksum: None, fields: Vec::new() }
}

fn range(start: usize, end: usize) -> Range {
    Range(start as u64, end.max(start) as u64)
}

/// Goes over the sections from outside to inside.
struct Walk<'a, 'b> {
    peel: &'b Peel<'a>,
    sections: &'b [Section],
    /// Behind the last byte that the current layer may have.
    end: usize,
}

impl Walk<'_, '_> {
    fn step(&mut self, place: usize, outer: Option<&Step>) -> Option<Step> {
        let section = &self.sections[place];
        let reason = self.reason(section, outer);
        let mut step = Step {
            level: Level::Application,
            protocol: Protocol::Data,
            pdu: Pdu::Message,
            place: range(section.start, self.end),
            header: range(section.start, section.end),
            payload: range(section.end, self.end),
            trailer: range(self.end, self.end),
            added: (section.end - section.start) as u64,
            fields: section.fields.clone(),
            checks: Vec::new(),
            reason,
            problems: Vec::new(),
        };
        match section.kind {
            SectionKind::Header(layer) => self.header(layer, section, &mut step),
            SectionKind::Payload => self.payload(section, outer, &mut step),
            SectionKind::Padding => return None,
            SectionKind::Undissected => {
                (step.level, step.protocol, step.pdu) = match outer.map(|outer| outer.level) {
                    None | Some(Level::Physical) => (Level::Link, Protocol::Undissected, Pdu::Frame),
                    Some(Level::Link) => (Level::Internet, Protocol::Undissected, Pdu::Packet),
                    _ => (Level::Transport, Protocol::Undissected, Pdu::Segment),
                };
            }
        }
        for check in step.checks.iter().filter(|check| check.is_bad()) {
            step.problems.push(wrong_checksum(check));
        }
        Some(step)
    }

    fn header(&mut self, layer: Layer, section: &Section, step: &mut Step) {
        (step.level, step.protocol, step.pdu) = match layer {
            Layer::Ethernet => (Level::Link, Protocol::Ethernet, Pdu::Frame),
            Layer::Vlan | Layer::Cooked | Layer::Cooked2 | Layer::Loopback => {
                (Level::Link, Protocol::Unknown, Pdu::Frame)
            }
            Layer::Arp => (Level::Link, Protocol::Arp, Pdu::Message),
            Layer::Ipv6 => (Level::Internet, Protocol::Unknown, Pdu::Packet),
            Layer::Icmpv6 => (Level::Internet, Protocol::Icmp, Pdu::Message),
            Layer::Ipv4 => (Level::Internet, Protocol::Ipv4, Pdu::Packet),
            Layer::Icmp => (Level::Internet, Protocol::Icmp, Pdu::Message),
            Layer::Udp => (Level::Transport, Protocol::Udp, Pdu::Datagram),
            Layer::Tcp => (Level::Transport, Protocol::Tcp, Pdu::Segment),
        };
        // A length field says where the layer ends; what is behind it is not its own.
        let declared = match layer {
            Layer::Ipv4 => number(section, "ipv4.total_length"),
            Layer::Udp => number(section, "udp.length"),
            Layer::Arp => Some((section.end - section.start) as u64),
            _ => None,
        };
        if let Some(length) = declared {
            self.end = (section.start + length as usize).clamp(section.end, self.end);
        }
        step.place = range(section.start, self.end);
        step.payload = range(section.end, self.end);
        step.trailer = range(self.end, self.end);
        if layer == Layer::Ipv4
            && let (Some(more), Some(offset)) =
                (number(section, "ipv4.more_fragments"), number(section, "ipv4.fragment_offset"))
            && (more, offset) != (0, 0)
        {
            step.pdu = Pdu::Fragment;
        }
        if layer == Layer::Ethernet {
            self.trailer(section, step);
        }
        let checks = section.fields.iter().filter_map(|field| self.check(field, layer, section));
        step.checks.extend(checks);
    }

    /// Padding and frame check sequence.
    fn trailer(&self, section: &Section, step: &mut Step) {
        let bytes = self.peel.bytes;
        let padding =
            self.sections.last().filter(|last| last.kind == SectionKind::Padding && last.end == self.peel.end);
        let carried = padding.map_or(self.peel.end, |padding| padding.start);
        if let Some(padding) = padding {
            step.fields.push(plain(
                "ethernet.padding",
                padding.start * 8,
                (padding.end - padding.start) * 8,
                Value::Bytes,
            ));
        }
        step.payload = range(section.end, carried);
        step.trailer = range(carried, self.peel.end);
        if self.peel.entry == Entry::Bits {
            if let Some(fcs) = bytes.get(self.peel.end..).and_then(|rest| rest.first_chunk::<FCS>()) {
                let found = u32::from_le_bytes(*fcs);
                step.fields.push(plain("ethernet.fcs", self.peel.end * 8, 32, Value::Number(u64::from(found))));
                step.checks.push(Check {
                    field: "ethernet.fcs",
                    algorithm: Algorithm::Crc32,
                    place: range(self.peel.end, self.peel.end + FCS),
                    covers: range(self.peel.start, self.peel.end),
                    pseudo_header: None,
                    found,
                    expected: Some(crc32(&bytes[self.peel.start..self.peel.end])),
                });
            }
            step.place = range(self.peel.start, bytes.len());
            step.trailer = range(carried, bytes.len());
            let length = self.peel.end - self.peel.start;
            if length < SHORTEST_FRAME {
                step.problems.push(runt(length, self.peel.start));
            }
        }
        step.added = step.header.len() + step.trailer.len();
    }

    fn check(&self, field: &Field, layer: Layer, section: &Section) -> Option<Check> {
        let found = match (field.checksum?, field.value) {
            (_, Value::Number(found)) => found as u32,
            _ => return None,
        };
        let expected = match field.checksum? {
            Checked::Good => Some(found),
            Checked::Bad(expected) => Some(u32::from(expected)),
            Checked::Absent => None,
        };
        let covers = if layer == Layer::Ipv4 { section.end } else { self.end };
        let place = field.bytes();
        Some(Check {
            field: field.name,
            algorithm: Algorithm::Internet,
            place: range(place.start, place.end),
            covers: range(section.start, covers),
            pseudo_header: self.pseudo_header(layer, covers - section.start),
            found,
            expected,
        })
    }

    /// Addresses, zero, protocol and length, as UDP and TCP put them before their bytes when they compute a checksum.
    fn pseudo_header(&self, layer: Layer, length: usize) -> Option<Data> {
        let protocol = match layer {
            Layer::Udp => 17,
            Layer::Tcp => 6,
            _ => return None,
        };
        let ip = self.sections.iter().find(|section| section.kind == SectionKind::Header(Layer::Ipv4))?;
        let addresses = self.peel.bytes.get(ip.start + 12..ip.start + 20)?;
        let length = (length as u16).to_be_bytes();
        Some(Data::from([addresses, &[0, protocol], &length].concat()))
    }

    fn payload(&self, section: &Section, outer: Option<&Step>, step: &mut Step) {
        step.place = range(section.start, section.end);
        (step.header, step.payload) = (range(section.start, section.start), step.place);
        step.trailer = range(section.end, section.end);
        (step.added, step.fields) = (0, Vec::new());
        (step.level, step.protocol, step.pdu) = match outer.map(|outer| (outer.protocol, outer.pdu)) {
            Some((Protocol::Ipv4, Pdu::Fragment)) => (Level::Transport, Protocol::Fragment, Pdu::Fragment),
            Some((Protocol::Ipv4, _)) => (Level::Transport, Protocol::Unknown, Pdu::Segment),
            Some((Protocol::Tcp, _)) if step.reason.key == "content" => {
                (Level::Application, Protocol::Http, Pdu::Message)
            }
            Some((Protocol::Tcp | Protocol::Udp | Protocol::Icmp, _)) => {
                (Level::Application, Protocol::Data, Pdu::Message)
            }
            _ => (Level::Internet, Protocol::Unknown, Pdu::Packet),
        };
    }

    /// How it is known what a section is: by a field of what is around it.
    fn reason(&self, section: &Section, outer: Option<&Step>) -> Reason {
        let says = |key, args: Vec<(&'static str, String)>, by| Reason { key, args, by };
        let Some(outer) = outer.filter(|outer| outer.protocol != Protocol::Wire) else {
            return match self.peel.entry {
                Entry::Bits => says("delimiter", Vec::new(), Some(Range(7, 8))),
                Entry::Frame => says("given_frame", Vec::new(), None),
                Entry::Packet => says("given_packet", Vec::new(), Some(range(section.start, section.start + 1))),
            };
        };
        let field = |name: &str| outer.fields.iter().find(|field| field.name == name);
        let number = |field: &Field| match field.value {
            Value::Number(number) => number,
            _ => 0,
        };
        let by = |field: &Field| Some(range(field.bytes().start, field.bytes().end));
        match outer.protocol {
            Protocol::Ethernet => match field("ethernet.type") {
                Some(kind) => says("ethertype", vec![("value", format!("0x{:04x}", number(kind)))], by(kind)),
                None => says("nothing", Vec::new(), None),
            },
            Protocol::Ipv4 if outer.pdu == Pdu::Fragment => {
                let offset = field("ipv4.fragment_offset");
                let at = offset.map_or(0, number) * 8;
                says("fragment", vec![("offset", at.to_string())], offset.and_then(by))
            }
            Protocol::Ipv4 => match field("ipv4.protocol") {
                Some(protocol) => says("protocol", vec![("value", number(protocol).to_string())], by(protocol)),
                None => says("nothing", Vec::new(), None),
            },
            Protocol::Tcp | Protocol::Udp => self.message(section, outer),
            Protocol::Icmp => {
                says("icmp", Vec::new(), Some(range(outer.header.0 as usize, outer.header.0 as usize + 1)))
            }
            _ => says("nothing", Vec::new(), None),
        }
    }

    /// Ports name a service by agreement only; the bytes themselves are better evidence.
    fn message(&self, section: &Section, outer: &Step) -> Reason {
        let bytes = &self.peel.bytes[section.start..section.end];
        if outer.protocol == Protocol::Tcp && looks_http(bytes) {
            let word = bytes.iter().position(|byte| *byte == b' ').unwrap_or(bytes.len()).min(12);
            let text = String::from_utf8_lossy(&bytes[..word]).into_owned();
            return Reason {
                key: "content",
                args: vec![("text", text)],
                by: Some(range(section.start, section.start + word)),
            };
        }
        let transport = if outer.protocol == Protocol::Tcp { Transport::Tcp } else { Transport::Udp };
        let ports: Vec<(u16, Range)> = outer
            .fields
            .iter()
            .filter(|field| field.name.ends_with("_port"))
            .filter_map(|field| match field.value {
                Value::Number(port) => Some((port as u16, range(field.bytes().start, field.bytes().end))),
                _ => None,
            })
            .collect();
        // The side with the well-known port is the server, whichever way the message goes.
        let known = ports.iter().rev().find_map(|(port, by)| Some((service_by_port(*port, Some(transport))?, *by)));
        match (known, ports.last()) {
            (Some((service, by)), _) => Reason {
                key: "port",
                args: vec![("port", service.port.to_string()), ("service", service.name.to_string())],
                by: Some(by),
            },
            (None, Some((port, by))) => {
                Reason { key: "unknown_port", args: vec![("port", port.to_string())], by: Some(*by) }
            }
            (None, None) => Reason { key: "nothing", args: Vec::new(), by: None },
        }
    }
}

/// Whether bytes begin as a message of HTTP/1.1 does (RFC 9112, 3 and 4).
pub(super) fn looks_http(bytes: &[u8]) -> bool {
    let method = |name: &str| bytes.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.first() == Some(&b' '));
    bytes.starts_with(b"HTTP/1.") || http::METHODS.iter().any(|known| method(known.name))
}

fn number(section: &Section, name: &str) -> Option<u64> {
    section.fields.iter().find(|field| field.name == name).and_then(|field| match field.value {
        Value::Number(number) => Some(number),
        _ => None,
    })
}

fn wrong_checksum(check: &Check) -> Problem {
    let expected = check.expected.unwrap_or(0);
    let (code, section, width) = match check.field {
        "ethernet.fcs" => ("fcs", "IEEE 802.3, 3.2.9", 8),
        "ipv4.checksum" => ("ipv4_checksum", "RFC 791, 3.1", 4),
        "tcp.checksum" => ("tcp_checksum", "RFC 9293, 3.1", 4),
        "udp.checksum" => ("udp_checksum", "RFC 768", 4),
        _ => ("icmp_checksum", "RFC 792", 4),
    };
    let hex = |value: u32| format!("0x{value:0width$x}");
    Problem {
        code,
        at: check.place.0,
        args: vec![("found", hex(check.found)), ("expected", hex(expected))],
        message: format!("{} is {}, the bytes give {}", check.field, hex(check.found), hex(expected)),
        section,
    }
}

fn no_delimiter(found: u8) -> Problem {
    Problem {
        code: "delimiter",
        at: 7,
        args: vec![("found", format!("0x{found:02x}")), ("expected", format!("0x{:02x}", PREAMBLE[7]))],
        message: format!("the start frame delimiter is 0x{found:02x}, not 0x{:02x}", PREAMBLE[7]),
        section: "IEEE 802.3, 3.2.2",
    }
}

fn runt(length: usize, at: usize) -> Problem {
    Problem {
        code: "runt",
        at: at as u64,
        args: vec![("length", (length + FCS).to_string()), ("least", (SHORTEST_FRAME + FCS).to_string())],
        message: format!("a frame of {} bytes with its FCS, at least {} needed", length + FCS, SHORTEST_FRAME + FCS),
        section: "IEEE 802.3, 4A.2.4.2.2",
    }
}

/// Gives a mistake to the step that has its byte.
fn blame(steps: &mut [Step], malformed: Malformed, base: u64) {
    let at = malformed.at as u64 + base;
    let inside = |step: &Step| step.place.0 <= at && at < step.place.1.max(step.place.0 + 1);
    let Some(place) = steps.iter().rposition(inside).or(steps.len().checked_sub(1)) else { return };
    let section = match malformed.kind {
        MalformedKind::Truncated { .. } => "RFC 1122, 3.2.1",
        MalformedKind::Version { .. } => "RFC 1122, 3.2.1.1",
        MalformedKind::OptionLength { .. } => "RFC 9293, 3.1",
        MalformedKind::HeaderLength { .. } | MalformedKind::Length { .. } => "RFC 791, 3.1",
        MalformedKind::Checksum { .. } => "RFC 1071",
    };
    let (code, args) = (malformed.kind.code(), malformed.args());
    steps[place].problems.push(Problem { code, at, args, message: malformed.kind.to_string(), section });
}
