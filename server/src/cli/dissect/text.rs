//! Packets, fields and followed conversations as lines for people. Nothing is found out here.

use sockscope_core::framing::{Malformed, Truncated};
use sockscope_core::packets::follow::{Followed, HalfReport, Messages};
use sockscope_core::packets::report::{Detail, Outcome};
use sockscope_core::packets::{Packet, Protocol};
use sockscope_core::stream::Range;
use sockscope_core::wire::field::{Checked, Field, SectionKind, Value};
use std::fmt::Write as _;
use std::io::Write as _;

use super::phrases::Phrases;
use crate::cli::http::text as http;

/// Conversations that are listed behind the packets.
const CONVERSATIONS: usize = 50;
/// Gaps and marks that are listed of each direction.
const REMARKS: usize = 20;
/// Bytes of a field that are shown.
const SHOWN: usize = 16;

/// Writes lines, one buffer for all.
pub struct Lines {
    phrases: Phrases,
    line: Vec<u8>,
    first: Option<u64>,
}

impl Lines {
    pub fn new(phrases: Phrases) -> Self {
        Lines { phrases, line: Vec::new(), first: None }
    }

    /// A packet in one line.
    pub fn packet(&mut self, packet: &Packet) -> &[u8] {
        let line = &mut self.line;
        line.clear();
        padded_number(line, packet.number, 6);
        line.extend_from_slice(b"  ");
        match packet.nanos {
            Some(nanos) => {
                let first = *self.first.get_or_insert(nanos);
                let (sign, nanos) = if nanos < first { ("-", first - nanos) } else { ("", nanos - first) };
                let micros = nanos / 1_000;
                line.extend_from_slice(sign.as_bytes());
                padded_number(line, micros / 1_000_000, 4);
                line.push(b'.');
                let mut fraction = micros % 1_000_000;
                let mut digits = [b'0'; 6];
                for digit in digits.iter_mut().rev() {
                    *digit = b'0' + (fraction % 10) as u8;
                    fraction /= 10;
                }
                line.extend_from_slice(&digits);
            }
            None => line.extend_from_slice(b"          -"),
        }
        line.extend_from_slice(b"  ");
        if let Some(source) = &packet.source {
            let _ = write!(line, "{source}");
        }
        line.extend_from_slice(" → ".as_bytes());
        if let Some(destination) = &packet.destination {
            let _ = write!(line, "{destination}");
        }
        line.extend_from_slice(b"  ");
        line.extend_from_slice(packet.protocol.name().as_bytes());
        if let Some(stream) = packet.stream {
            line.extend_from_slice(b" #");
            padded_number(line, stream.into(), 0);
        }
        line.extend_from_slice(b"  ");
        self.phrases.summary(line, &packet.summary());
        for note in &packet.notes {
            let code = note.code();
            let family = if sockscope_core::wire::MalformedKind::CODES.contains(&code) { "error" } else { "note" };
            let _ = write!(line, "  [{}]", self.phrases.with(&format!("{family}_{code}"), &note.args()));
        }
        for comment in &packet.comments {
            let _ = write!(line, "  // {}", comment.escape_debug());
        }
        line.push(b'\n');
        line
    }

    /// What stands behind the packets.
    pub fn outcome(&self, outcome: &Outcome) -> String {
        let mut text = String::new();
        if let Some(detail) = &outcome.packet {
            self.detail(&mut text, detail);
        } else if let Some(followed) = &outcome.followed {
            self.followed(&mut text, followed);
        } else {
            self.totals(&mut text, outcome);
        }
        text
    }

    fn totals(&self, text: &mut String, outcome: &Outcome) {
        if !outcome.streams.is_empty() {
            let _ = writeln!(text, "\n{}", self.phrases.plain("dissect_conversations"));
        }
        for stream in outcome.streams.iter().take(CONVERSATIONS) {
            let args = [
                ("packets", stream.packets.to_string()),
                ("first", stream.bytes[0].to_string()),
                ("second", stream.bytes[1].to_string()),
            ];
            let [first, second] = stream.ends;
            let (number, protocol) = (stream.number, stream.protocol.name());
            let _ = write!(text, "{number:>6}  {protocol}  {first} ↔ {second}  ");
            text.push_str(&self.phrases.with("dissect_stream_line", &args));
            if let Some(ended) = stream.ended {
                use sockscope_core::packets::Ended;
                let _ = write!(
                    text,
                    "  {}",
                    self.phrases.plain(match ended {
                        Ended::HalfClosed => "dissect_ended_half_closed",
                        Ended::Closed => "dissect_ended_closed",
                        Ended::Reset => "dissect_ended_reset",
                    })
                );
            }
            text.push('\n');
        }
        let more = outcome.streams.len().saturating_sub(CONVERSATIONS) as u64 + outcome.more_streams;
        if more > 0 {
            let _ =
                writeln!(text, "{}", self.phrases.with("dissect_more_conversations", &[("count", more.to_string())]));
        }
        let totals = &outcome.totals;
        let streams = outcome.streams.len() as u64 + outcome.more_streams;
        let args = [
            ("packets", totals.packets.to_string()),
            ("bytes", totals.bytes.to_string()),
            ("streams", streams.to_string()),
        ];
        let _ = writeln!(text, "\n{}", self.phrases.with("dissect_totals", &args));
        for (key, count) in [
            ("checksums", totals.wrong_checksums),
            ("malformed", totals.malformed),
            ("snapped", totals.snapped),
            ("retransmissions", totals.retransmissions),
        ] {
            if count > 0 {
                let key = format!("dissect_totals_{key}");
                let _ = writeln!(text, "{}", self.phrases.with(&key, &[("count", count.to_string())]));
            }
        }
    }

    fn detail(&self, text: &mut String, detail: &Detail) {
        for section in &detail.tree.sections {
            let name = match section.kind {
                SectionKind::Header(layer) => layer.name(),
                SectionKind::Payload => "payload",
                SectionKind::Padding => "padding",
                SectionKind::Undissected => "undissected",
            };
            let name = self.phrases.plain(&format!("layer_{name}"));
            let _ = writeln!(text, "\n{name}  [{}, {})", section.start, section.end);
            for field in &section.fields {
                self.field(text, field, &detail.data, 1);
            }
        }
        if let Some(malformed) = &detail.tree.malformed {
            let key = format!("error_{}", malformed.kind.code());
            let _ = writeln!(text, "\n{}", self.phrases.with(&key, &malformed.args()));
        }
    }

    fn field(&self, text: &mut String, field: &Field, data: &[u8], depth: usize) {
        let place = if field.bits.is_multiple_of(8) && field.bit.is_multiple_of(8) {
            format!("[{}, {})", field.bit / 8, (field.bit + field.bits) / 8)
        } else {
            let (first, last) = (field.bit % 8, (field.bit + field.bits - 1) % 8);
            let (byte, end) = (field.bit / 8, (field.bit + field.bits - 1) / 8);
            if byte == end { format!("{byte}:{first}-{last}") } else { format!("{byte}:{first}-{end}:{last}") }
        };
        let value = match field.value {
            Value::Number(number) if field.bits >= 16 => {
                format!("{number} (0x{number:0width$x})", width = field.bits / 4)
            }
            Value::Number(number) => number.to_string(),
            Value::Mac(address) => address.to_string(),
            Value::Address(address) => address.to_string(),
            Value::Address6(address) => address.to_string(),
            Value::Bytes if !field.fields.is_empty() => String::new(),
            Value::Bytes => shown(&data[field.bytes()]),
        };
        let name = self.phrases.plain(&format!("field_{}", field.name));
        let _ = write!(text, "{:indent$}{place:<12} {name}", "", indent = depth * 2);
        if !value.is_empty() {
            let _ = write!(text, " = {value}");
        }
        if let Some(meaning) = &field.meaning {
            let _ = write!(text, "  ({})", self.phrases.with(&format!("meaning_{}", meaning.key), &meaning.args));
        }
        match field.checksum {
            None => {}
            Some(Checked::Good) => {
                let _ = write!(text, "  ({})", self.phrases.plain("dissect_checksum_good"));
            }
            Some(Checked::Bad(expected)) => {
                let args = [("expected", format!("0x{expected:04x}"))];
                let _ = write!(text, "  ({})", self.phrases.with("dissect_checksum_bad", &args));
            }
            Some(Checked::Absent) => {
                let _ = write!(text, "  ({})", self.phrases.plain("dissect_checksum_absent"));
            }
        }
        text.push('\n');
        for part in &field.fields {
            self.field(text, part, data, depth + 1);
        }
    }

    fn followed(&self, text: &mut String, followed: &Followed) {
        for (index, half) in followed.halves.iter().enumerate() {
            let (from, to) = (followed.ends[index], followed.ends[1 - index]);
            let args = [
                ("from", from.to_string()),
                ("to", to.to_string()),
                ("bytes", half.bytes.to_string()),
                ("packets", half.packets.to_string()),
            ];
            let _ = writeln!(text, "\n{}", self.phrases.with("dissect_half", &args));
            self.half(text, half, followed.protocol);
            if let Some(decoded) = &followed.decoded {
                let _ = writeln!(text, "  {}", decoded.protocol);
                for run in &decoded.halves[index] {
                    self.messages(text, &run.messages, &run.packets, run.range.0);
                }
            }
        }
    }

    fn half(&self, text: &mut String, half: &HalfReport, protocol: Protocol) {
        if !half.begun && half.bytes > 0 {
            let _ = writeln!(text, "  {}", self.phrases.plain("dissect_mid_stream"));
        }
        if protocol == Protocol::Udp {
            for carried in &half.carried {
                let said = self.phrases.with("dissect_datagram", &[("packet", carried.packet.to_string())]);
                let Range(start, end) = carried.range;
                let _ = writeln!(text, "  {said}  [{start}, {end})  {}", half.bytes(carried.range).preview());
            }
        } else {
            for run in &half.runs {
                let _ = writeln!(text, "  [{}, {})  {}", run.range.0, run.range.1, run.data.preview());
            }
        }
        for gap in half.gaps.iter().take(REMARKS) {
            let mut args = vec![("start", gap.range.0.to_string()), ("end", gap.range.1.to_string())];
            let key = match (gap.closed_by, gap.acknowledged_by) {
                (Some(packet), _) => {
                    args.push(("packet", packet.to_string()));
                    "dissect_gap_closed"
                }
                (None, Some(packet)) => {
                    args.extend([("missing", gap.missing.to_string()), ("packet", packet.to_string())]);
                    "dissect_gap_acknowledged"
                }
                (None, None) => {
                    args.extend([("missing", gap.missing.to_string()), ("packet", gap.shown_by.to_string())]);
                    "dissect_gap_open"
                }
            };
            let _ = writeln!(text, "  {}", self.phrases.with(key, &args));
        }
        for mark in half.marks.iter().take(REMARKS) {
            let args = [
                ("packet", mark.packet.to_string()),
                ("start", mark.range.0.to_string()),
                ("end", mark.range.1.to_string()),
                ("what", self.phrases.plain(&format!("mark_{}", mark.kind.name())).to_owned()),
            ];
            let _ = writeln!(text, "  {}", self.phrases.with("dissect_mark", &args));
        }
        let more = (half.gaps.len() + half.marks.len()) as u64 + half.more_marks;
        let shown = half.gaps.len().min(REMARKS) + half.marks.len().min(REMARKS);
        if more > shown as u64 {
            let _ = writeln!(text, "  +{}", more - shown as u64);
        }
        if half.beyond > 0 {
            let _ = writeln!(text, "  {}", self.phrases.with("dissect_beyond", &[("bytes", half.beyond.to_string())]));
        }
    }

    fn messages(&self, text: &mut String, messages: &Messages, packets: &[Vec<u64>], base: u64) {
        let mut line = |number: usize, range: (u64, u64), what: &str| {
            let packets: Vec<String> = packets[number].iter().map(u64::to_string).collect();
            let args = [("number", (number + 1).to_string()), ("packets", packets.join(", "))];
            let heading = self.phrases.with("dissect_message", &args);
            let _ = writeln!(text, "    {heading}  [{}, {})  {what}", base + range.0, base + range.1);
        };
        match messages {
            Messages::Http(report) => {
                use sockscope_core::http::report::StartReport;
                for (number, message) in report.messages.iter().enumerate() {
                    let (StartReport::Request { start_line, .. } | StartReport::Response { start_line, .. }) =
                        &message.start;
                    let incomplete = match message.complete {
                        true => String::new(),
                        false => format!("  {}", self.phrases.plain("dissect_message_incomplete")),
                    };
                    let start_line = start_line.text.escape_debug();
                    let what = format!("{start_line}  + {} B{incomplete}", message.content_length);
                    line(number, (message.range.0, message.range.1), &what);
                }
                let words = self.phrases.words.of("http");
                for line in report.error.iter().flat_map(|error| http::refused(error, base, words)) {
                    let _ = writeln!(text, "    {line}");
                }
                if let Some(incomplete) = &report.incomplete {
                    let _ = writeln!(text, "    {}", http::truncated(incomplete, words));
                }
            }
            Messages::Framing(report) => {
                for (number, message) in report.messages.iter().enumerate() {
                    line(number, (message.frame.0, message.frame.1), &message.payload.preview());
                }
                let words = self.phrases.words;
                let errors = report.damage.iter().chain(&report.error);
                for line in errors.flat_map(|error| words.malformed(&Malformed { at: base + error.at, ..*error })) {
                    let _ = writeln!(text, "    {line}");
                }
                if let Some(incomplete) = report.incomplete {
                    let incomplete = Truncated { at: base + incomplete.at, ..incomplete };
                    let _ = writeln!(text, "    {}", words.truncated(&incomplete));
                }
            }
        }
    }
}

/// A number, right-aligned.
fn padded_number(line: &mut Vec<u8>, mut number: u64, width: usize) {
    let mut digits = [b' '; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    line.extend_from_slice(&digits[at.min(digits.len() - width)..]);
}

fn shown(bytes: &[u8]) -> String {
    let mut text: Vec<String> = bytes.iter().take(SHOWN).map(|byte| format!("{byte:02x}")).collect();
    if bytes.len() > SHOWN {
        text.push("…".to_owned());
    }
    text.join(" ")
}
