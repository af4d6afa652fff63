//! The way of a message: down the sender's layers, over the wire, up the receiver's, as stages that can be stepped
//! through. What a stage says is looked up by its keys.

use crate::model::tools::fields;
use crate::model::tools::hex::Mark;
use crate::model::tools::tree::Node;
use crate::texts::Language;
use sockscope_core::packets::encapsulate::{Level, Pdu, Protocol, Step, Unit, Wrapped};
use sockscope_core::stream::{Data, Range};
use sockscope_core::wire::field::Field;

/// Whose layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Who wraps.
    Sender,
    /// Who unwraps.
    Receiver,
}

/// A moment on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Where.
    pub side: Side,
    /// What the places of the steps are counted in.
    pub bytes: Data,
    /// From the outermost one of this moment to the innermost.
    pub steps: Vec<Step>,
    /// Whether the unit was thrown away at a layer before this one.
    pub dead: bool,
}

impl Stage {
    /// The step whose moment it is.
    pub fn step(&self) -> &Step {
        &self.steps[0]
    }

    /// The bytes of the moment.
    pub fn slice(&self) -> &[u8] {
        slice(&self.bytes, self.step().place)
    }

    /// Where they begin.
    pub fn base(&self) -> usize {
        self.step().place.0 as usize
    }

    /// Their colours.
    pub fn marks(&self) -> Vec<Mark> {
        let base = self.step().place.0;
        let mut marks = Vec::new();
        let mut behind = Vec::new();
        for step in &self.steps {
            let kind = tint(step.protocol);
            let own = if step.header.is_empty() && step.added == 0 { step.place } else { step.header };
            let mut put = |range: Range, quiet| {
                if !range.is_empty() {
                    marks.push(Mark { start: (range.0 - base) as usize, end: (range.1 - base) as usize, kind, quiet });
                }
            };
            put(own, false);
            if !step.trailer.is_empty() {
                behind.push((step.trailer, kind));
            }
        }
        for (range, kind) in behind.into_iter().rev() {
            marks.push(Mark { start: (range.0 - base) as usize, end: (range.1 - base) as usize, kind, quiet: true });
        }
        marks
    }

    /// The fields of its own header as a tree.
    pub fn nodes(&self, l: Language) -> Vec<Node> {
        let (step, base) = (self.step(), self.base());
        let slice = self.slice();
        step.fields
            .iter()
            .map(|field| {
                let mut node = fields::node(l, field, tint(step.protocol), base, slice);
                node.bad |= step.checks.iter().any(|check| check.field == field.name && check.is_bad());
                node
            })
            .collect()
    }

    /// The field of any layer of the moment that has a byte, counted from the beginning of the moment's bytes.
    pub fn field_at(&self, byte: usize) -> Option<&Field> {
        self.steps.iter().find_map(|step| fields::at(&step.fields, byte + self.base()))
    }

    /// The key of the sentence that says what the layer does.
    pub fn deed(&self) -> String {
        let step = self.step();
        match self.side {
            Side::Sender => {
                let word = match (step.level, step.protocol, step.pdu) {
                    (Level::Application, ..) => "application",
                    (_, Protocol::Tcp, _) => "tcp",
                    (_, Protocol::Udp, _) => "udp",
                    (_, Protocol::Icmp, _) => "icmp",
                    (_, Protocol::Ipv4, Pdu::Fragment) => "fragment",
                    (_, Protocol::Ipv4, _) => "ipv4",
                    (_, Protocol::Ethernet, _) => "ethernet",
                    (_, Protocol::Wire, _) => "wire",
                    _ => "other",
                };
                format!("encapsulation.does_{word}")
            }
            Side::Receiver => format!("encapsulation.takes_{}", protocol(step.protocol)),
        }
    }
}

/// Bytes of a place.
pub fn slice(bytes: &[u8], place: Range) -> &[u8] {
    bytes.get(place.0 as usize..place.1 as usize).unwrap_or(&[])
}

/// The word of a protocol in keys of texts.
pub fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Http => "http",
        Protocol::Data => "data",
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Icmp => "icmp",
        Protocol::Ipv4 => "ipv4",
        Protocol::Arp => "arp",
        Protocol::Ethernet => "ethernet",
        Protocol::Wire => "wire",
        Protocol::Fragment => "fragment",
        Protocol::Unknown => "unknown",
        Protocol::Undissected => "undissected",
    }
}

/// The word of a level in keys of texts.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Application => "application",
        Level::Transport => "transport",
        Level::Internet => "internet",
        Level::Link => "link",
        Level::Physical => "physical",
    }
}

/// The word of a unit in keys of texts.
pub fn pdu(pdu: Pdu) -> &'static str {
    match pdu {
        Pdu::Message => "message",
        Pdu::Segment => "segment",
        Pdu::Datagram => "datagram",
        Pdu::Packet => "packet",
        Pdu::Fragment => "fragment",
        Pdu::Frame => "frame",
        Pdu::Bits => "bits",
    }
}

/// The colour of a layer's own bytes.
pub fn tint(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Http | Protocol::Data | Protocol::Fragment => "t2",
        Protocol::Tcp | Protocol::Udp => "t4",
        Protocol::Icmp | Protocol::Arp => "t7",
        Protocol::Ipv4 => "t5",
        Protocol::Ethernet => "t8",
        Protocol::Wire => "t6",
        Protocol::Unknown | Protocol::Undissected => "framing",
    }
}

/// The stages of one unit on its way.
pub fn stages(wrapped: &Wrapped, unit: usize) -> Vec<Stage> {
    let Some(own) = wrapped.units.get(unit) else { return Vec::new() };
    let mut stages = Vec::new();
    // What IPv4 cuts is shown whole, down to the packet that is too long.
    if let Some(whole) = &wrapped.whole {
        down(whole, &mut stages);
    }
    let cut = wrapped.whole.is_some();
    down_from(own, cut, &mut stages);
    let Some(arrived) = wrapped.received.units.get(unit) else { return stages };
    let mut dead = false;
    for first in 0..arrived.steps.len() {
        let steps = arrived.steps[first..].to_vec();
        stages.push(Stage { side: Side::Receiver, bytes: arrived.bytes.clone(), steps, dead });
        dead |= !arrived.steps[first].problems.is_empty();
    }
    stages
}

fn down(unit: &Unit, stages: &mut Vec<Stage>) {
    down_from(unit, false, stages);
}

/// Adds a unit's steps, from the innermost to the outermost; of a fragment only those from IPv4 on.
fn down_from(unit: &Unit, cut: bool, stages: &mut Vec<Stage>) {
    for count in 1..=unit.steps.len() {
        let last = &unit.steps[count - 1];
        if cut
            && (last.level == Level::Application || last.level == Level::Transport || last.protocol == Protocol::Icmp)
        {
            continue;
        }
        let steps = unit.steps[..count].iter().rev().cloned().collect();
        stages.push(Stage { side: Side::Sender, bytes: unit.bytes.clone(), steps, dead: false });
    }
}

/// The stage that shows how it is known what the bytes of a stage are, and the bytes that tell it, counted from its beginning.
pub fn telling(stages: &[Stage], at: usize) -> Option<(usize, (usize, usize))> {
    let asked = stages.get(at)?;
    let by = asked.step().reason.by?;
    // A header outside tells what stands inside it.
    let shows = |stage: &Stage| {
        let place = stage.step().place;
        stage.side == asked.side && stage.bytes == asked.bytes && place.0 <= by.0 && by.1 <= place.1
    };
    let from = stages[..=at].iter().rposition(shows)?;
    let base = stages[from].base();
    Some((from, (by.0 as usize - base, by.1 as usize - base)))
}

/// The stage at which a layer of one side has its turn.
pub fn stage_of(stages: &[Stage], side: Side, level: Level) -> Option<usize> {
    let has = |stage: &Stage| stage.side == side && stage.step().level == level;
    match side {
        Side::Sender => stages.iter().rposition(has),
        Side::Receiver => stages.iter().position(has),
    }
}

/// The names of fields whose bytes an edit altered; nothing where the units have not the same shape.
pub fn altered(before: &Unit, after: &Unit) -> Vec<&'static str> {
    if before.bytes.len() != after.bytes.len() || before.steps.len() != after.steps.len() {
        return Vec::new();
    }
    let mut names = Vec::new();
    for step in after.steps.iter() {
        for field in &step.fields {
            let place = field.bytes();
            let differs = before.bytes.get(place.clone()) != after.bytes.get(place);
            if differs && !names.contains(&field.name) {
                names.push(field.name);
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use sockscope_core::packets::encapsulate::{Carrier, Content, Forced, Wrapping, wrap};

    #[test]
    fn a_message_goes_down_five_layers_and_up_five() {
        let wrapped = wrap(&Wrapping::default()).unwrap();
        let stages = stages(&wrapped, 0);
        let lengths: Vec<_> = stages.iter().map(|stage| stage.slice().len()).collect();
        assert_eq!(lengths, [5, 25, 45, 64, 72, 72, 64, 45, 25, 5]);
        assert!(stages.iter().all(|stage| !stage.dead));
        assert_eq!(stage_of(&stages, Side::Sender, Level::Internet), Some(2));
        assert_eq!(stage_of(&stages, Side::Receiver, Level::Internet), Some(7));
    }

    #[test]
    fn a_reason_leads_to_the_bytes_that_tell_it() {
        let stages = stages(&wrap(&Wrapping::default()).unwrap(), 0);
        let field = |at: usize| {
            let (from, (start, end)) = telling(&stages, at)?;
            let field = stages[from].field_at(start)?;
            assert_eq!(field.bytes().end - stages[from].base(), end);
            Some((from, field.name))
        };
        assert_eq!(field(7), Some((6, "ethernet.type")), "IPv4 is known by the frame's type");
        assert_eq!(field(8), Some((7, "ipv4.protocol")), "TCP is known by the packet's protocol");
        assert_eq!(telling(&stages, 100), None);
    }

    #[test]
    fn marks_are_in_order_and_cover_the_bytes_of_every_stage() {
        for transport in [Carrier::Tcp, Carrier::Udp, Carrier::Icmp] {
            for length in [0, 1, 4_000] {
                let payload = Content::Base64(vec![1; length].into());
                let wrapped = wrap(&Wrapping { payload, transport, ..Wrapping::default() }).unwrap();
                for unit in 0..wrapped.units.len() {
                    for stage in stages(&wrapped, unit) {
                        let mut at = 0;
                        for mark in stage.marks() {
                            assert_eq!(mark.start, at, "{stage:?}");
                            at = mark.end;
                        }
                        assert_eq!(at, stage.slice().len(), "{transport:?} {length}");
                    }
                }
            }
        }
    }

    #[test]
    fn behind_a_wrong_checksum_the_stages_are_dead() {
        let forced = Forced { ipv4: Some(1), ..Forced::default() };
        let wrapped = wrap(&Wrapping { forced, ..Wrapping::default() }).unwrap();
        let dead: Vec<_> = stages(&wrapped, 0).iter().map(|stage| stage.dead).collect();
        assert_eq!(dead, [false, false, false, false, false, false, false, false, true, true]);
    }

    #[test]
    fn an_edit_alters_its_field_and_what_is_computed_from_it() {
        let before = wrap(&Wrapping::default()).unwrap();
        let after = wrap(&Wrapping { ttl: 7, ..Wrapping::default() }).unwrap();
        let names = altered(&before.units[0], &after.units[0]);
        assert_eq!(names, ["ipv4.ttl", "ipv4.checksum", "ethernet.fcs"]);
    }

    #[test]
    fn every_key_of_a_sentence_has_its_text_in_both_languages() {
        use crate::texts::{Language, of_tools};
        let mut keys = Vec::new();
        for transport in [Carrier::Tcp, Carrier::Udp, Carrier::Icmp] {
            for (length, port) in [(5, 80), (4_000, 9_999)] {
                let payload = Content::Base64(vec![b'x'; length].into());
                let forced = Forced { transport: Some(1), ipv4: Some(2), fcs: Some(3) };
                let mut order = Wrapping { payload, transport, forced, ..Wrapping::default() };
                order.destination.port = port;
                let wrapped = wrap(&order).unwrap();
                for stage in stages(&wrapped, 0) {
                    keys.push(stage.deed());
                    keys.push(format!("encapsulation.reason_{}", stage.step().reason.key));
                    keys.push(format!("encapsulation.protocol_{}", protocol(stage.step().protocol)));
                    keys.extend(stage.step().problems.iter().map(|it| format!("encapsulation.problem_{}", it.code)));
                    let purposes = stage.step().fields.iter().map(|field| field.name.replace('.', "_"));
                    keys.extend(purposes.map(|name| format!("encapsulation.purpose_{name}")));
                }
            }
        }
        for key in keys {
            for language in [Language::En, Language::Zh] {
                assert!(of_tools(language, &key, &[]).is_some(), "{key} has no text");
            }
        }
    }
}
