//! What is wrapped is unwrapped again, byte for byte, whatever carries it; what is wrong is found where it is.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

fn bytes(payload: Vec<u8>) -> Content {
    Content::Base64(payload.into())
}

fn any_wrapping() -> impl Strategy<Value = Wrapping> {
    let carrier = prop_oneof![Just(Carrier::Tcp), Just(Carrier::Udp), Just(Carrier::Icmp)];
    (vec(any::<u8>(), 0..3_000), carrier, any::<u32>(), any::<bool>(), 100u16..2_000, any::<u16>()).prop_map(
        |(payload, transport, sequence, timestamps, mtu, identification)| Wrapping {
            payload: bytes(payload),
            transport,
            sequence,
            timestamps,
            mtu,
            identification,
            ..Wrapping::default()
        },
    )
}

/// Every byte of a unit is a header or trailer of exactly one step, or the message.
fn nothing_is_counted_twice(wrapped: &Wrapped) {
    for unit in &wrapped.units {
        let innermost = &unit.steps[0];
        let carried = match innermost.protocol {
            Protocol::Fragment | Protocol::Data | Protocol::Http => innermost.place.len(),
            _ => 0,
        };
        let added: u64 = unit.steps.iter().map(|step| step.added).sum();
        assert_eq!(added + carried, unit.bytes.len() as u64, "{unit:#?}");
        for pair in unit.steps.windows(2) {
            assert_eq!(pair[0].place, pair[1].payload, "each layer carries the whole of the one above it");
        }
    }
    let totals = wrapped.totals;
    let parts = totals.message + totals.transport + totals.internet + totals.link + totals.padding + totals.physical;
    assert_eq!(parts, totals.wire, "{totals:?}");
}

proptest! {
    #[test]
    fn what_is_wrapped_is_received(wrapping in any_wrapping()) {
        let wrapped = wrap(&wrapping).unwrap();
        nothing_is_counted_twice(&wrapped);
        prop_assert_eq!(&wrapped.received.dropped, &Vec::new());
        prop_assert_eq!(wrapped.received.message.as_ref(), Some(&wrapped.message));
        for unit in &wrapped.units {
            let frame = unit.steps.iter().find(|step| step.level == Level::Link).unwrap();
            prop_assert!(frame.place.len() >= 64, "the shortest frame has 64 bytes");
            let packet = unit.steps.iter().find(|step| step.level == Level::Internet && step.protocol == Protocol::Ipv4);
            prop_assert!(packet.unwrap().place.len() <= u64::from(wrapping.mtu));
        }
    }

    #[test]
    fn one_turned_bit_is_noticed(wrapping in any_wrapping(), unit: prop::sample::Index, bit: prop::sample::Index) {
        let clean = wrap(&wrapping).unwrap();
        let unit = unit.index(clean.units.len());
        // Behind the preamble: its bits only set the receiver's clock.
        let bit = 56 + bit.index(clean.units[unit].bytes.len() * 8 - 56);
        let wrapped = wrap(&Wrapping { noise: vec![Noise { unit, bit }], ..wrapping }).unwrap();
        prop_assert_eq!(wrapped.received.dropped.len(), 1);
        let dropped = &wrapped.received.dropped[0];
        let expected = if bit < 64 { (Level::Physical, "delimiter") } else { (Level::Link, "fcs") };
        prop_assert_eq!((dropped.level, dropped.code), expected);
    }

    #[test]
    fn any_bytes_are_unwrapped_without_harm(bytes in vec(any::<u8>(), 0..200), start in 0..4usize) {
        let start: &[u8] = [&[][..], &PREAMBLE, &[0x45, 0], &[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45]][start];
        let bytes = [start, &bytes].concat();
        for step in unwrap(&bytes).unwrap().steps {
            for place in [step.place, step.header, step.payload, step.trailer] {
                prop_assert!(place.0 <= place.1 && place.1 <= bytes.len() as u64, "{step:?}");
            }
        }
    }
}

#[test]
fn one_byte_costs_a_frame_of_64_bytes() {
    let wrapped = wrap(&Wrapping { payload: bytes(vec![b'x']), ..Wrapping::default() }).unwrap();
    let Totals { message, transport, internet, link, padding, physical, wire, gap } = wrapped.totals;
    assert_eq!((message, transport, internet, link, padding, physical, wire, gap), (1, 20, 20, 18, 5, 8, 72, 12));
}

#[test]
fn each_step_says_how_it_is_known() {
    let payload = Content::Text("GET / HTTP/1.1\r\nHost: a\r\n\r\n".into());
    let wrapped = wrap(&Wrapping { payload, ..Wrapping::default() }).unwrap();
    let back = unwrap(&wrapped.units[0].bytes).unwrap();
    let known: Vec<_> = back.steps.iter().map(|step| (step.protocol, step.reason.key, step.reason.by)).collect();
    assert_eq!(
        known,
        [
            (Protocol::Wire, "preamble", Some(Range(0, 8))),
            (Protocol::Ethernet, "delimiter", Some(Range(7, 8))),
            (Protocol::Ipv4, "ethertype", Some(Range(20, 22))),
            (Protocol::Tcp, "protocol", Some(Range(31, 32))),
            (Protocol::Http, "content", Some(Range(62, 65))),
        ]
    );
    let mut wrapping = Wrapping { transport: Carrier::Udp, ..Wrapping::default() };
    wrapping.destination.port = 53;
    let wrapped = wrap(&wrapping).unwrap();
    let reason = &wrapped.units[0].steps[0].reason;
    assert_eq!((reason.key, reason.args[1].1.as_str(), reason.by), ("port", "domain", Some(Range(44, 46))));
}

#[test]
fn the_pseudo_header_is_shown_and_gives_the_checksum() {
    let wrapped = wrap(&Wrapping::default()).unwrap();
    let tcp = &wrapped.units[0].steps[1];
    let check = &tcp.checks[0];
    let pseudo = check.pseudo_header.clone().unwrap();
    assert_eq!(pseudo[..], [10, 0, 0, 1, 10, 0, 0, 2, 0, 6, 0, 25]);
    // RFC 1071: the sum over everything, checksum included, has all bits set.
    let covered = &wrapped.units[0].bytes[check.covers.0 as usize..check.covers.1 as usize];
    let all = [&pseudo[..], covered, &[0]].concat();
    let sum: u32 = all.as_chunks::<2>().0.iter().map(|pair| u32::from(u16::from_be_bytes(*pair))).sum();
    assert_eq!((sum & 0xffff) + (sum >> 16), 0xffff);
}

#[test]
fn a_wrong_checksum_is_noticed_at_its_own_layer_while_the_frame_is_fine() {
    let forced = |forced| wrap(&Wrapping { forced, ..Wrapping::default() }).unwrap().received;
    for (received, level, code) in [
        (forced(Forced { transport: Some(1), ..Forced::default() }), Level::Transport, "tcp_checksum"),
        (forced(Forced { ipv4: Some(1), ..Forced::default() }), Level::Internet, "ipv4_checksum"),
        (forced(Forced { fcs: Some(1), ..Forced::default() }), Level::Link, "fcs"),
    ] {
        assert_eq!((received.dropped[0].level, received.dropped[0].code), (level, code));
        assert_eq!(received.message.as_deref(), Some(&[][..]), "nothing of the stream arrives");
        assert_eq!(received.units[0].dropped_at, Some(level));
        assert_eq!(received.units[0].payload.as_deref(), Some(&b"hello"[..]), "what is inside is shown all the same");
    }
}

#[test]
fn a_lost_fragment_loses_the_datagram_and_a_wrong_checksum_is_found_when_it_is_whole() {
    let long = |forced, noise| {
        let payload = bytes(vec![7; 4_000]);
        wrap(&Wrapping { payload, transport: Carrier::Udp, forced, noise, ..Wrapping::default() }).unwrap()
    };
    let fine = long(Forced::default(), Vec::new());
    assert_eq!(
        fine.units.iter().map(|unit| unit.carries).collect::<Vec<_>>(),
        [Range(0, 1472), Range(1472, 2952), Range(2952, 4000)]
    );
    assert_eq!(fine.whole.unwrap().bytes.len(), 4_028);
    let noisy = long(Forced::default(), vec![Noise { unit: 1, bit: 800 }]);
    assert_eq!((noisy.received.dropped.len(), noisy.received.message), (1, None));
    let forced = long(Forced { transport: Some(1), ..Forced::default() }, Vec::new());
    assert_eq!((forced.received.dropped[0].unit, forced.received.dropped[0].code), (2, "datagram_checksum"));
}

#[test]
fn what_cannot_be_wrapped_is_refused_with_its_numbers() {
    let code = |wrapping: Wrapping| wrap(&wrapping).unwrap_err().code();
    let plain = Wrapping::default;
    let long = || bytes(vec![0; 3_000]);
    assert_eq!(code(Wrapping { payload: bytes(vec![0; LONGEST_PAYLOAD + 1]), ..plain() }), "payload_too_long");
    assert_eq!(code(Wrapping { mtu: 67, ..plain() }), "mtu_too_small");
    assert_eq!(code(Wrapping { mtu: 68, payload: bytes(vec![0; 28 * 129]), ..plain() }), "too_many_units");
    let udp = Wrapping { payload: long(), transport: Carrier::Udp, dont_fragment: true, ..plain() };
    assert_eq!(code(udp), "dont_fragment");
    assert_eq!(code(Wrapping { noise: vec![Noise { unit: 1, bit: 0 }], ..plain() }), "no_such_bit");
    assert_eq!(unwrap(&vec![0; LONGEST_FRAME + 1]), Err(LONGEST_FRAME + 1));
}

#[test]
fn a_bare_packet_and_a_captured_frame_are_told_from_bits() {
    let wrapped = wrap(&Wrapping::default()).unwrap();
    let bits = &wrapped.units[0].bytes;
    let frame = unwrap(&bits[8..bits.len() - 4]).unwrap();
    assert_eq!((frame.entry, frame.steps.len()), (Entry::Frame, 4));
    let packet = unwrap(&bits[22..67]).unwrap();
    assert_eq!((packet.entry, packet.steps.len()), (Entry::Packet, 3));
    assert_eq!(packet.steps[0].fields[0].bit, 0);
    assert_eq!(packet.payload.as_deref(), Some(&b"hello"[..]));
    assert_eq!(packet.dropped_at, None);
}

#[test]
fn a_packet_cut_short_says_where() {
    let wrapped = wrap(&Wrapping::default()).unwrap();
    let cut = unwrap(&wrapped.units[0].bytes[8..8 + 40]).unwrap();
    let last = cut.steps.last().unwrap();
    assert_eq!((last.protocol, last.problems[0].code), (Protocol::Undissected, "length"));
}

#[test]
fn the_two_models_name_each_others_layers() {
    for layer in TCP_IP {
        let named = OSI.iter().filter(|osi| osi.level == layer.level).map(|osi| osi.number);
        assert_eq!(named.clone().min().zip(named.max()), Some(layer.osi));
    }
}

#[test]
fn a_request_is_read_from_json_with_everything_left_out() {
    let wrapping: Wrapping = serde_json::from_str(r#"{"payload":{"text":"hi"},"transport":"udp"}"#).unwrap();
    let json = serde_json::to_value(wrap(&wrapping).unwrap()).unwrap();
    assert_eq!(json["units"][0]["steps"][1]["protocol"], "udp");
    assert_eq!(json["units"][0]["steps"][1]["header"], serde_json::json!([42, 50]));
    assert_eq!(json["received"]["message"]["text"], "hi");
}
