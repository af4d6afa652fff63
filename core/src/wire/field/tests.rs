//! The field tree agrees with the dissector, and has every bit of any bytes exactly once.

use super::*;
use crate::stream::Data;
use crate::wire::tests::frame;
use crate::wire::{Frame, Packet, Transport, encode};
use proptest::collection::vec;
use proptest::prelude::*;

/// All fields that have no parts, in order.
fn leaves(fields: &[Field]) -> Vec<&Field> {
    fields.iter().flat_map(|field| if field.fields.is_empty() { vec![field] } else { leaves(&field.fields) }).collect()
}

fn every_bit_once(bytes: &[u8], tree: &Tree) {
    let mut bit = 0;
    for section in &tree.sections {
        assert_eq!(section.start * 8, bit, "{tree:?}");
        for field in leaves(&section.fields) {
            assert_eq!(field.bit, bit, "{field:?}");
            assert!(field.bits > 0, "{field:?}");
            bit += field.bits;
        }
        assert_eq!(section.end * 8, bit, "{section:?}");
        for field in &section.fields {
            assert!(NAMES.contains(&field.name), "{}", field.name);
            assert!(field.fields.iter().all(|part| NAMES.contains(&part.name)), "{field:?}");
            assert!(field.meaning.as_ref().is_none_or(|meaning| MEANINGS.contains(&meaning.key)), "{field:?}");
            let parts: usize = field.fields.iter().map(|part| part.bits).sum();
            assert!(field.fields.is_empty() || parts == field.bits, "{field:?}");
        }
    }
    assert_eq!(bit, bytes.len() * 8);
}

/// The number that a field holds.
fn number(tree: &Tree, name: &str) -> Option<u64> {
    let fields = tree.sections.iter().flat_map(|section| &section.fields);
    fields.filter(|field| field.name == name).find_map(|field| match field.value {
        Value::Number(number) => Some(number),
        _ => None,
    })
}

fn checksums(tree: &Tree) -> Vec<Checked> {
    tree.sections.iter().flat_map(|section| &section.fields).filter_map(|field| field.checksum).collect()
}

proptest! {
    #[test]
    fn every_bit_of_a_frame_has_one_field(frame in frame()) {
        let bytes = encode(&frame);
        let tree = explain(&bytes);
        every_bit_once(&bytes, &tree);
        prop_assert_eq!(tree.malformed, None);
        prop_assert!(tree.sections.iter().all(|section| section.kind != SectionKind::Undissected));
        prop_assert!(checksums(&tree).iter().all(|checked| *checked == Checked::Good), "{tree:?}");
    }

    #[test]
    fn every_bit_of_any_bytes_has_one_field(mut bytes in vec(any::<u8>(), 0..120), ethertype: prop::sample::Index) {
        if bytes.len() > 24 {
            let kinds = [[8u8, 0], [8, 6], [1, 2]];
            bytes[12..14].copy_from_slice(&kinds[ethertype.index(kinds.len())]);
            bytes[14] = 0x40 | bytes[14] & 0x07;
        }
        every_bit_once(&bytes, &explain(&bytes));
    }

    #[test]
    fn every_bit_of_a_damaged_frame_has_one_field(
        frame in frame(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
        more in vec(any::<u8>(), 0..8),
    ) {
        let mut bytes = encode(&frame).to_vec();
        for (place, value) in changes {
            *place.get_mut(&mut bytes) = value;
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        bytes.extend(more);
        let tree = explain(&bytes);
        every_bit_once(&bytes, &tree);
        // The dissector refuses a checksum exactly where the tree shows it as bad, unless an earlier mistake hides it.
        if tree.malformed.is_none() {
            prop_assert!(!checksums(&tree).iter().any(|checked| matches!(checked, Checked::Bad(_))), "{tree:?}");
        }
    }

    #[test]
    fn numbers_are_those_of_the_dissected_frame(frame in frame()) {
        let tree = explain(&encode(&frame));
        let Packet::Ipv4(packet) = &frame.payload else { return Ok(()) };
        prop_assert_eq!(number(&tree, "ipv4.ttl"), Some(u64::from(packet.ttl)));
        prop_assert_eq!(number(&tree, "ipv4.identification"), Some(u64::from(packet.identification)));
        prop_assert_eq!(number(&tree, "ipv4.fragment_offset"), Some(u64::from(packet.fragment_offset / 8)));
        prop_assert_eq!(number(&tree, "ipv4.dont_fragment"), Some(u64::from(packet.dont_fragment)));
        match &packet.payload {
            Transport::Tcp(segment) => {
                prop_assert_eq!(number(&tree, "tcp.sequence"), Some(u64::from(segment.sequence)));
                prop_assert_eq!(number(&tree, "tcp.window"), Some(u64::from(segment.window)));
                prop_assert_eq!(number(&tree, "tcp.urgent_pointer"), Some(u64::from(segment.urgent)));
                prop_assert_eq!(number(&tree, "tcp.header_length"), Some(5 + segment.options.length() as u64 / 4));
            }
            Transport::Udp(datagram) => {
                prop_assert_eq!(number(&tree, "udp.source_port"), Some(u64::from(datagram.source_port)));
                prop_assert_eq!(number(&tree, "udp.length"), Some(8 + datagram.payload.len() as u64));
            }
            Transport::Icmp(icmp) => prop_assert_eq!(number(&tree, "icmp.code"), Some(u64::from(icmp.code))),
            Transport::Other { .. } => {}
        }
    }
}

#[test]
fn control_bits_and_options_are_parts_with_their_places() {
    let segment = crate::wire::Segment {
        source_port: 1,
        destination_port: 2,
        sequence: 3,
        acknowledgement: 4,
        control: crate::wire::Control { syn: true, ack: true, ..Default::default() },
        window: 5,
        urgent: 0,
        options: crate::wire::TcpOptions { mss: Some(1460), window_scale: Some(7), ..Default::default() },
        payload: Data::from(&b"hello"[..]),
    };
    let packet = crate::wire::Ipv4 {
        source: Ipv4Addr::LOCALHOST,
        destination: Ipv4Addr::LOCALHOST,
        ttl: 64,
        tos: 0,
        identification: 0,
        dont_fragment: true,
        more_fragments: false,
        fragment_offset: 0,
        payload: Transport::Tcp(segment),
    };
    let mac = MacAddress::default();
    let tree = explain(&encode(&Frame { destination: mac, source: mac, payload: Packet::Ipv4(packet) }));
    let tcp = &tree.sections[2];
    assert_eq!((tcp.kind, tcp.start, tcp.end), (SectionKind::Header(Layer::Tcp), 34, 62));
    let control = tcp.fields.iter().find(|field| field.name == "tcp.control").unwrap();
    let set: Vec<_> = control.fields.iter().filter(|bit| bit.value == Value::Number(1)).collect();
    assert_eq!(
        set.iter().map(|bit| (bit.name, bit.bit)).collect::<Vec<_>>(),
        [("ack", 47 * 8 + 3), ("syn", 47 * 8 + 6)]
    );
    let options = tcp.fields.iter().find(|field| field.name == "tcp.options").unwrap();
    let names: Vec<_> = options.fields.iter().map(|option| (option.name, option.bytes())).collect();
    assert_eq!(names, [("tcp.option.mss", 54..58), ("tcp.option.nop", 58..59), ("tcp.option.window_scale", 59..62)]);
    let payload = &tree.sections[3];
    assert_eq!((payload.kind, payload.start, payload.end), (SectionKind::Payload, 62, 67));
}

#[test]
fn a_wrong_checksum_is_shown_with_the_right_one_and_hides_nothing() {
    let data = Data::from(&b"ping"[..]);
    let icmp = crate::wire::Icmp { kind: 8, code: 0, rest: 0x0001_0002, data };
    let packet = crate::wire::Ipv4 {
        source: Ipv4Addr::LOCALHOST,
        destination: Ipv4Addr::LOCALHOST,
        ttl: 64,
        tos: 0,
        identification: 0,
        dont_fragment: true,
        more_fragments: false,
        fragment_offset: 0,
        payload: Transport::Icmp(icmp),
    };
    let mac = MacAddress::default();
    let mut bytes = encode(&Frame { destination: mac, source: mac, payload: Packet::Ipv4(packet) }).to_vec();
    let right = u16::from_be_bytes([bytes[36], bytes[37]]);
    (bytes[36], bytes[37]) = (0, 1);
    let tree = explain(&bytes);
    assert_eq!(checksums(&tree), [Checked::Good, Checked::Bad(right)]);
    assert_eq!(number(&tree, "icmp.sequence"), Some(2));
    let json = serde_json::to_value(&tree).unwrap();
    assert_eq!(json["malformed"]["at"], 36);
    assert_eq!(json["sections"][1]["kind"], serde_json::json!({"kind": "header", "layer": "ipv4"}));
}

proptest! {
    #[test]
    fn every_bit_of_any_capture_has_one_field(
        mut bytes in vec(any::<u8>(), 0..120),
        link in 0..6usize,
        inner in 0..4usize,
        cut in 0..80usize,
    ) {
        let (link_type, ip) = [(1, 14), (113, 16), (276, 20), (0, 4), (101, 0), (7, 0)][link];
        if bytes.len() > ip + 8 {
            if link < 2 {
                let kinds = [[8u8, 0], [8, 6], [0x86, 0xdd], [0x81, 0]];
                bytes[ip - 2..ip].copy_from_slice(&kinds[inner]);
            }
            let version = if inner == 2 { 0x60 } else { 0x45 };
            bytes[ip] = version;
            let protocol = if inner == 2 { ip + 6 } else { ip + 9 };
            if let Some(protocol) = bytes.get_mut(protocol) {
                *protocol = [1, 6, 17, 58, 0][usize::from(*protocol) % 5];
            }
        }
        let whole = bytes.len() + cut;
        every_bit_once(&bytes, &explain_captured(link_type, &bytes, whole));
    }
}

#[test]
fn a_packet_that_was_cut_still_shows_its_headers() {
    let frame = "0200000000020200000000010800450005dc000140004006000000000000000000000fa00050000000010000000250100100000000006162";
    let mut bytes: Vec<u8> =
        (0..frame.len()).step_by(2).map(|at| u8::from_str_radix(&frame[at..at + 2], 16).unwrap()).collect();
    let tree = explain_captured(1, &bytes, 1_514);
    let kinds: Vec<SectionKind> = tree.sections.iter().map(|section| section.kind).collect();
    let [ethernet, ipv4, tcp] = [Layer::Ethernet, Layer::Ipv4, Layer::Tcp].map(SectionKind::Header);
    assert_eq!(kinds, [ethernet, ipv4, tcp, SectionKind::Payload]);
    assert!(checksums(&tree).contains(&Checked::Absent), "the segment's checksum covers bytes that are not here");
    // The same bytes as a whole frame contradict themselves.
    bytes.truncate(50);
    let tree = explain_captured(1, &bytes, 50);
    assert_eq!(tree.sections.last().unwrap().kind, SectionKind::Undissected);
}
