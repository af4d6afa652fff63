//! Frames to bytes and back: the round trip, the refusals with their places, and bytes that mean nothing.

use super::reassembly::{LIFETIME, Lost, Reassembly};
use super::*;
use crate::time::{Duration, Instant};
use bytes::Bytes;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn address() -> impl Strategy<Value = Ipv4Addr> {
    any::<u32>().prop_map(Ipv4Addr::from_bits)
}

fn mac() -> impl Strategy<Value = MacAddress> {
    any::<[u8; 6]>().prop_map(MacAddress)
}

fn payload(longest: usize) -> impl Strategy<Value = Data> {
    vec(any::<u8>(), 0..longest).prop_map(Data::from)
}

fn control() -> impl Strategy<Value = Control> {
    any::<[bool; 8]>().prop_map(|[cwr, ece, urg, ack, psh, rst, syn, fin]| Control {
        cwr,
        ece,
        urg,
        ack,
        psh,
        rst,
        syn,
        fin,
    })
}

/// Options that fit into a header: with everything else set there is room for one SACK block.
fn options() -> impl Strategy<Value = TcpOptions> {
    let scalars = (option::of(any::<u16>()), option::of(any::<u8>()), any::<bool>(), option::of(any::<(u32, u32)>()));
    (scalars, vec(any::<(u32, u32)>(), 0..5)).prop_map(|((mss, window_scale, sack_permitted, timestamps), mut sack)| {
        let mut options = TcpOptions { mss, window_scale, sack_permitted, sack: Vec::new(), timestamps };
        sack.truncate((40 - options.length()).saturating_sub(4) / 8);
        options.sack = sack;
        options
    })
}

fn segment() -> impl Strategy<Value = Transport> {
    let numbers = (any::<u16>(), any::<u16>(), any::<u32>(), any::<u32>(), any::<u16>(), any::<u16>());
    (numbers, control(), options(), payload(200)).prop_map(
        |((source_port, destination_port, sequence, acknowledgement, window, urgent), control, options, payload)| {
            Transport::Tcp(Segment {
                source_port,
                destination_port,
                sequence,
                acknowledgement,
                control,
                window,
                urgent,
                options,
                payload,
            })
        },
    )
}

fn transport() -> impl Strategy<Value = Transport> {
    prop_oneof![
        segment(),
        (any::<u16>(), any::<u16>(), payload(200)).prop_map(|(source_port, destination_port, payload)| {
            Transport::Udp(Datagram { source_port, destination_port, payload })
        }),
        (any::<u8>(), any::<u8>(), any::<u32>(), payload(100))
            .prop_map(|(kind, code, rest, data)| Transport::Icmp(Icmp { kind, code, rest, data })),
        (any::<u8>(), payload(100))
            .prop_filter("a protocol that is not dissected", |(protocol, _)| ![1, 6, 17].contains(protocol))
            .prop_map(|(protocol, data)| Transport::Other { protocol, data }),
    ]
}

fn packet() -> impl Strategy<Value = Ipv4> {
    let header = (address(), address(), any::<u8>(), any::<u8>(), any::<u16>(), any::<bool>());
    (header, transport()).prop_map(|((source, destination, ttl, tos, identification, dont_fragment), payload)| Ipv4 {
        source,
        destination,
        ttl,
        tos,
        identification,
        dont_fragment,
        more_fragments: false,
        fragment_offset: 0,
        payload,
    })
}

/// A packet, or one that says that it is a piece of one.
fn packet_or_fragment() -> impl Strategy<Value = Ipv4> {
    (packet(), any::<bool>(), 0..8191u16, payload(100), any::<bool>()).prop_map(
        |(packet, more_fragments, offset, data, fragment)| {
            if !fragment || (!more_fragments && offset == 0) {
                return packet;
            }
            let payload = Transport::Other { protocol: packet.payload.protocol(), data };
            Ipv4 { more_fragments, fragment_offset: offset * 8, payload, ..packet }
        },
    )
}

pub(super) fn frame() -> impl Strategy<Value = Frame> {
    let arp = (any::<bool>(), mac(), address(), mac(), address()).prop_map(
        |(reply, sender_mac, sender, target_mac, target)| {
            Packet::Arp(Arp { reply, sender_mac, sender, target_mac, target })
        },
    );
    let other = (any::<u16>(), payload(100))
        .prop_filter("an EtherType that is not dissected", |(ethertype, _)| ![0x0800, 0x0806].contains(ethertype))
        .prop_map(|(ethertype, data)| Packet::Other { ethertype, data });
    let payload = prop_oneof![1 => arp, 6 => packet_or_fragment().prop_map(Packet::Ipv4), 1 => other];
    (mac(), mac(), payload).prop_map(|(destination, source, payload)| Frame { destination, source, payload })
}

proptest! {
    #[test]
    fn a_frame_survives_its_bytes(frame in frame()) {
        let bytes = encode(&frame);
        prop_assert_eq!(bytes.len(), frame.length());
        prop_assert_eq!(dissect(&bytes), Ok(frame.clone()));
        prop_assert_eq!(dissect_shared(&bytes), Ok(frame));
    }

    #[test]
    fn bytes_that_were_dissected_are_written_again_as_they_were(frame in frame()) {
        let bytes = encode(&frame);
        prop_assert_eq!(encode(&dissect(&bytes).unwrap()), bytes);
    }

    #[test]
    fn no_bytes_make_the_dissector_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = dissect(&bytes);
        let _ = dissect_ipv4(&bytes);
    }

    #[test]
    fn a_frame_with_wrong_bytes_is_refused_or_dissected_but_never_panics(
        frame in frame(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encode(&frame).to_vec();
        for (place, value) in changes {
            *place.get_mut(&mut bytes) = value;
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        match dissect(&bytes) {
            Ok(frame) => drop(encode(&frame)),
            Err(malformed) => prop_assert!(malformed.at <= bytes.len(), "{malformed}"),
        }
    }

    #[test]
    fn one_flipped_bit_behind_the_ethernet_header_is_noticed(packet in packet(), place in any::<prop::sample::Index>(), bit in 0..8u8) {
        prop_assume!(!matches!(packet.payload, Transport::Other { .. }));
        let mut bytes = encode_ipv4(&packet).to_vec();
        *place.get_mut(&mut bytes) ^= 1 << bit;
        // One bit may only pass where it is not covered: where a UDP checksum becomes zero, which means none.
        if let Ok(changed) = dissect_ipv4(&bytes) {
            prop_assert!(matches!(changed.payload, Transport::Udp(_) | Transport::Other { .. }), "{changed:?}");
        }
    }

    #[test]
    fn fragments_in_any_order_make_the_packet_again(
        packet in packet(),
        mtu in 28..120u16,
        order in any::<u64>(),
        twice in any::<bool>(),
    ) {
        let packet = Ipv4 { dont_fragment: false, ..packet };
        let mut pieces = fragment(&packet, mtu);
        for piece in &pieces {
            prop_assert!(piece.length() <= usize::from(mtu), "{} bytes", piece.length());
            prop_assert_eq!(dissect_ipv4(&encode_ipv4(piece)), Ok(piece.clone()));
        }
        if twice && pieces.len() > 1 {
            pieces.insert(1, pieces[0].clone());
        }
        let mut random = crate::random::Random::new(order);
        let mut reassembly = Reassembly::new();
        let mut whole = Vec::new();
        while !pieces.is_empty() {
            let piece = pieces.swap_remove(random.below(pieces.len() as u64) as usize);
            whole.extend(reassembly.handle_packet(Instant::ZERO, piece).unwrap());
        }
        prop_assert_eq!(whole.first(), Some(&packet));
    }

    #[test]
    fn no_fragments_make_reassembly_panic(pieces in vec(packet_or_fragment(), 0..20), source in address()) {
        let mut reassembly = Reassembly::new();
        for (at, piece) in pieces.into_iter().enumerate() {
            // The same ends and identification, so that they meet.
            let piece = Ipv4 { source, destination: source, identification: 1, ..piece };
            let _ = reassembly.handle_packet(Instant::from_micros(at as u64), piece);
        }
        reassembly.handle_timeout(Instant::ZERO + LIFETIME + LIFETIME);
        prop_assert!(reassembly.poll_timeout().is_none());
    }
}

/// `text` as bytes: pairs of hex digits.
fn hex(text: &str) -> Bytes {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A SYN as a Linux kernel sent it, with all its options.
fn linux_syn() -> Bytes {
    let options = TcpOptions {
        mss: Some(1460),
        window_scale: Some(7),
        sack_permitted: true,
        sack: Vec::new(),
        timestamps: Some((0x0102_0304, 0)),
    };
    let segment = Segment {
        source_port: 40000,
        destination_port: 8888,
        sequence: 0xdead_beef,
        acknowledgement: 0,
        control: Control { syn: true, ..Control::default() },
        window: 64240,
        urgent: 0,
        options,
        payload: Data::default(),
    };
    encode(&frame_of(Transport::Tcp(segment)))
}

fn frame_of(payload: Transport) -> Frame {
    let packet = Ipv4 {
        source: Ipv4Addr::new(10, 0, 0, 1),
        destination: Ipv4Addr::new(10, 0, 0, 2),
        ttl: 64,
        tos: 0,
        identification: 1,
        dont_fragment: true,
        more_fragments: false,
        fragment_offset: 0,
        payload,
    };
    Frame { destination: MacAddress([2; 6]), source: MacAddress([1; 6]), payload: Packet::Ipv4(packet) }
}

#[test]
fn options_of_a_syn_stand_in_the_order_of_linux() {
    let expected = hex("0204 05b4 0402 080a 01020304 00000000 01 030307");
    assert_eq!(linux_syn()[ETHERNET_HEADER + IPV4_HEADER + TCP_HEADER..], expected);
}

#[test]
fn sack_blocks_without_room_are_left_out() {
    let options = TcpOptions { sack: vec![(1, 2); 4], timestamps: Some((1, 2)), ..TcpOptions::default() };
    assert_eq!(options.length(), 40);
    let Transport::Tcp(mut segment) = some_segment() else { unreachable!() };
    segment.options = options;
    let frame = dissect(&encode(&frame_of(Transport::Tcp(segment)))).unwrap();
    let Packet::Ipv4(Ipv4 { payload: Transport::Tcp(segment), .. }) = frame.payload else { panic!("{frame:?}") };
    assert_eq!(segment.options.sack, vec![(1, 2); 3]);
}

fn some_segment() -> Transport {
    let Packet::Ipv4(packet) = dissect(&linux_syn()).unwrap().payload else { unreachable!() };
    packet.payload
}

/// Dissects the SYN with one change and says what is refused, and where.
fn refusal(change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = linux_syn().to_vec();
    change(&mut bytes);
    dissect(&bytes).expect_err("it is malformed").to_string()
}

#[test]
fn what_is_refused_names_layer_and_place() {
    assert_eq!(
        refusal(|b| b.truncate(9)),
        "byte 0: the Ethernet header or its payload is cut short: 14 bytes needed, 9 there"
    );
    assert_eq!(refusal(|b| b[14] = 0x65), "byte 14: IP version 6, not 4");
    assert_eq!(refusal(|b| b[14] = 0x44), "byte 14: IPv4 header length of 16 bytes, at least 20 needed");
    assert_eq!(refusal(|b| b.truncate(70)), "byte 16: IPv4 length of 60 bytes where 56 are there and 20 are the least");
    let right = linux_syn();
    let expected = u16::from_be_bytes([right[24], right[25]]);
    assert_eq!(
        refusal(|b| (b[24], b[25]) = (0x12, 0x34)),
        format!("byte 24: IPv4 checksum 0x1234, should be 0x{expected:04x}")
    );
    let expected = u16::from_be_bytes([right[50], right[51]]);
    assert_eq!(
        refusal(|b| (b[50], b[51]) = (0x12, 0x34)),
        format!("byte 50: TCP checksum 0x1234, should be 0x{expected:04x}")
    );
}

#[test]
fn a_udp_datagram_without_checksum_is_accepted() {
    let datagram = Datagram { source_port: 5, destination_port: 6, payload: Data::from(&b"hello"[..]) };
    let frame = frame_of(Transport::Udp(datagram));
    let mut bytes = encode(&frame).to_vec();
    bytes[40..42].copy_from_slice(&[0, 0]);
    assert_eq!(dissect(&bytes), Ok(frame.clone()));
    bytes[41] = 1;
    let malformed = dissect(&bytes).unwrap_err();
    assert!(matches!(malformed.kind, MalformedKind::Checksum { layer: Layer::Udp, found: 1, .. }), "{malformed}");
}

#[test]
fn ethernet_padding_is_read_over() {
    let mut bytes = linux_syn().to_vec();
    bytes.resize(100, 0);
    assert_eq!(dissect(&bytes), dissect(&linux_syn()));
}

#[test]
fn shared_dissection_copies_no_payload() {
    let datagram = Datagram { source_port: 5, destination_port: 6, payload: vec![7; 100].into() };
    let bytes = encode(&frame_of(Transport::Udp(datagram)));
    let frame = dissect_shared(&bytes).unwrap();
    let Packet::Ipv4(Ipv4 { payload: Transport::Udp(datagram), .. }) = frame.payload else { panic!("{frame:?}") };
    assert_eq!(datagram.payload.as_ptr(), bytes[42..].as_ptr());
}

fn piece(offset: u16, data: &'static [u8], more: bool) -> Ipv4 {
    let Packet::Ipv4(packet) = frame_of(some_segment()).payload else { unreachable!() };
    let payload = Transport::Other { protocol: 200, data: Data::from(data) };
    Ipv4 { fragment_offset: offset, more_fragments: more, payload, ..packet }
}

#[test]
fn overlapping_fragments_lose_the_packet() {
    let mut reassembly = Reassembly::new();
    let now = Instant::ZERO;
    assert_eq!(reassembly.handle_packet(now, piece(0, b"0123456789abcdef", true)), Ok(None));
    assert_eq!(reassembly.handle_packet(now, piece(8, b"XXXXXXXX", true)), Err(Lost::Overlap { offset: 8 }));
    assert!(reassembly.poll_timeout().is_none(), "nothing of it is kept");
}

#[test]
fn a_fragment_whose_length_is_no_multiple_of_eight_is_impossible() {
    let lost = Reassembly::new().handle_packet(Instant::ZERO, piece(0, b"0123456789", true));
    assert_eq!(lost, Err(Lost::Impossible { offset: 0, length: 10 }));
}

#[test]
fn an_unfinished_packet_is_forgotten_after_its_lifetime() {
    let mut reassembly = Reassembly::new();
    assert_eq!(reassembly.handle_packet(Instant::ZERO, piece(0, b"01234567", true)), Ok(None));
    assert_eq!(reassembly.poll_timeout().unwrap().at, Instant::ZERO + LIFETIME);
    assert_eq!(reassembly.handle_timeout(Instant::ZERO + LIFETIME), 1);
    let late = Instant::ZERO + LIFETIME + Duration::from_micros(1);
    assert_eq!(reassembly.handle_packet(late, piece(8, b"89", false)), Ok(None), "its beginning is gone");
}
