//! What the observer makes of frames: numbers, ranges, windows, repetitions, fragments.

use super::*;
use crate::stream::Range;
use crate::tcp::Header;
use crate::wire::{Control, MacAddress, Segment, TcpOptions};
use proptest::prelude::*;

const CLIENT: (usize, Ipv4Addr, u16) = (0, Ipv4Addr::new(10, 0, 0, 1), 40_000);
const SERVER: (usize, Ipv4Addr, u16) = (1, Ipv4Addr::new(10, 0, 0, 2), 8_888);

/// A wire on which everything arrives, and its observer.
struct Wire {
    observer: Observer,
    frame: FrameId,
}

/// A segment as the observer told of it.
#[derive(Debug, PartialEq)]
struct Told {
    flow: Option<Flow>,
    header: Header,
    range: Option<Range>,
    repeats: Option<FrameId>,
}

fn frame(source: Ipv4Addr, destination: Ipv4Addr, payload: Transport) -> Frame {
    let packet = Ipv4 {
        source,
        destination,
        ttl: 64,
        tos: 0,
        identification: 77,
        dont_fragment: false,
        more_fragments: false,
        fragment_offset: 0,
        payload,
    };
    Frame { destination: MacAddress([2; 6]), source: MacAddress([1; 6]), payload: Packet::Ipv4(packet) }
}

fn control(names: &str) -> Control {
    Control {
        syn: names.contains('S'),
        ack: names.contains('A'),
        fin: names.contains('F'),
        rst: names.contains('R'),
        ..Control::default()
    }
}

impl Wire {
    fn new() -> Self {
        let observer = Observer::new(["client".into(), "server".into()], Evidence::Simulated);
        Wire { observer, frame: 0 }
    }

    fn sighting<'a>(&mut self, from: usize, frame: &'a Frame) -> Sighting<'a> {
        self.frame += 1;
        Sighting {
            frame: self.frame,
            from,
            to: Some(1 - from),
            contents: frame.into(),
            verdict: Verdict::Deliver { at: Instant::ZERO },
            queued: Duration::ZERO,
            duplicate_of: None,
            purpose: None,
        }
    }

    fn send(&mut self, from: usize, frame: &Frame) -> Vec<Event> {
        let sighting = self.sighting(from, frame);
        self.observer.sent(Instant::ZERO, sighting)
    }

    fn segment_with(&mut self, from: (usize, Ipv4Addr, u16), change: impl FnOnce(&mut Segment)) -> Told {
        let to = if from == CLIENT { SERVER } else { CLIENT };
        let mut segment = Segment {
            source_port: from.2,
            destination_port: to.2,
            sequence: 0,
            acknowledgement: 0,
            control: Control::default(),
            window: 1000,
            urgent: 0,
            options: TcpOptions::default(),
            payload: Data::default(),
        };
        change(&mut segment);
        let mut events = self.send(from.0, &frame(from.1, to.1, Transport::Tcp(segment)));
        assert_eq!(events.len(), 2, "the link's event and TCP's");
        let event = events.pop().unwrap();
        let Body::Tcp(tcp::Event::SegmentSent { segment, range, repeats, .. }) = event.body else {
            panic!("{event:?}")
        };
        Told { flow: event.flow, header: segment, range, repeats }
    }

    fn segment(&mut self, from: (usize, Ipv4Addr, u16), bits: &str, seq: u32, ack: u32, payload: &[u8]) -> Told {
        self.segment_with(from, |segment| {
            segment.control = control(bits);
            segment.sequence = seq;
            segment.acknowledgement = ack;
            segment.payload = Data::from(payload);
            segment.options.window_scale = segment.control.syn.then_some(3);
        })
    }

    /// Both initial numbers are close to the end of the number space, so that everything wraps.
    fn handshake(&mut self) {
        self.segment(CLIENT, "S", u32::MAX - 1, 0, b"");
        self.segment(SERVER, "SA", u32::MAX, u32::MAX, b"");
        self.segment(CLIENT, "A", u32::MAX, 0, b"");
    }
}

#[test]
fn numbers_are_counted_from_the_initial_ones_across_the_wrap() {
    let mut wire = Wire::new();
    let syn = wire.segment(CLIENT, "S", u32::MAX - 1, 0, b"");
    assert_eq!((syn.header.relative_sequence, syn.header.relative_acknowledgement), (0, None));
    let reply = wire.segment(SERVER, "SA", u32::MAX, u32::MAX, b"");
    assert_eq!((reply.header.relative_sequence, reply.header.relative_acknowledgement), (0, Some(1)));
    let data = wire.segment(CLIENT, "A", u32::MAX, 0, b"hello");
    assert_eq!((data.header.relative_sequence, data.header.relative_acknowledgement), (1, Some(1)));
    assert_eq!((data.range, data.repeats), (Some(Range(0, 5)), None));
    let more = wire.segment(CLIENT, "A", 4, 0, b"world");
    assert_eq!((more.header.relative_sequence, more.range), (6, Some(Range(5, 10))));
}

#[test]
fn windows_are_scaled_where_both_ends_scale_and_never_on_a_syn() {
    let mut wire = Wire::new();
    assert_eq!(wire.segment(CLIENT, "S", 10, 0, b"").header.window, 1000);
    assert_eq!(wire.segment(SERVER, "SA", 20, 11, b"").header.window, 1000);
    assert_eq!(wire.segment(CLIENT, "A", 11, 21, b"").header.window, 8000);

    let mut wire = Wire::new();
    wire.segment(CLIENT, "S", 10, 0, b"");
    wire.segment_with(SERVER, |segment| (segment.control, segment.sequence) = (control("SA"), 20));
    assert_eq!(wire.segment(CLIENT, "A", 11, 21, b"").header.window, 1000, "the server does not scale");
}

#[test]
fn a_retransmission_names_the_frame_whose_bytes_it_repeats() {
    let mut wire = Wire::new();
    wire.handshake();
    let first = u32::MAX;
    assert_eq!(wire.segment(CLIENT, "A", first, 0, b"aaaa").repeats, None); // frame 4
    assert_eq!(wire.segment(CLIENT, "A", first.wrapping_add(4), 0, b"bbbb").repeats, None); // frame 5
    assert_eq!(wire.segment(CLIENT, "A", first.wrapping_add(4), 0, b"bbbb").repeats, Some(5));
    // Cut differently: what it repeats first decides.
    assert_eq!(wire.segment(CLIENT, "A", first.wrapping_add(2), 0, b"aabbbbcc").repeats, Some(4));
    assert_eq!(wire.segment(CLIENT, "A", first.wrapping_add(8), 0, b"cc").repeats, Some(7));
    assert_eq!(wire.segment(CLIENT, "A", first.wrapping_add(10), 0, b"d").repeats, None);
}

#[test]
fn syn_and_fin_are_repeated_too() {
    let mut wire = Wire::new();
    wire.segment(CLIENT, "S", 10, 0, b"");
    assert_eq!(wire.segment(CLIENT, "S", 10, 0, b"").repeats, Some(1));
    wire.segment(SERVER, "SA", 20, 11, b"");
    assert_eq!(wire.segment(CLIENT, "FA", 11, 21, b"").repeats, None);
    assert_eq!(wire.segment(CLIENT, "FA", 11, 21, b"").repeats, Some(4));
    assert_eq!(wire.segment(CLIENT, "A", 12, 21, b"").repeats, None);
}

#[test]
fn a_refused_connection_shows_the_numbers_that_wireshark_shows() {
    let mut wire = Wire::new();
    wire.segment(CLIENT, "S", 500, 0, b"");
    let reset = wire.segment(SERVER, "RA", 0, 501, b"");
    assert_eq!((reset.header.relative_sequence, reset.header.relative_acknowledgement), (1, Some(1)));
    assert_eq!(reset.flow, Some(1));
}

#[test]
fn a_new_connection_between_the_same_ends_is_a_new_conversation() {
    let mut wire = Wire::new();
    wire.handshake();
    assert_eq!(wire.segment(CLIENT, "A", u32::MAX, 0, b"old").flow, Some(1));
    let syn = wire.segment(CLIENT, "S", 9_000, 0, b"");
    assert_eq!((syn.flow, syn.header.relative_sequence), (Some(2), 0));
    wire.segment(SERVER, "SA", 70, 9_001, b"");
    let data = wire.segment(CLIENT, "A", 9_001, 71, b"new");
    assert_eq!((data.flow, data.range, data.repeats), (Some(2), Some(Range(0, 3)), None));
    let ends = [CLIENT, SERVER].map(|(_, address, port)| SocketAddrV4::new(address, port));
    assert_eq!(wire.observer.flow(Protocol::Tcp, ends[0], ends[1]), 2);
}

#[test]
fn bytes_and_values_tell_the_same() {
    let mut wire = Wire::new();
    wire.handshake();
    let segment = |wire: &mut Wire, as_bytes: bool| {
        let payload = Transport::Udp(Datagram { source_port: 1, destination_port: 2, payload: Data::from(&b"x"[..]) });
        let frame = frame(CLIENT.1, SERVER.1, payload);
        let bytes = wire::encode(&frame);
        let mut sighting = wire.sighting(0, &frame);
        sighting.frame = if as_bytes { 90 } else { 91 };
        if as_bytes {
            sighting.contents = (&bytes).into();
        }
        format!("{:?}", wire.observer.sent(Instant::ZERO, sighting)).replace("90", "91")
    };
    assert_eq!(segment(&mut wire, true), segment(&mut wire, false));
}

#[test]
fn a_broadcast_is_told_once_and_sent_to_each() {
    let hosts = ["a", "b", "c"].map(Arc::from);
    let mut observer = Observer::new(hosts, Evidence::Observed);
    let datagram = Datagram { source_port: 1, destination_port: 2, payload: Data::from(&b"all"[..]) };
    let frame = frame(CLIENT.1, Ipv4Addr::BROADCAST, Transport::Udp(datagram));
    let mut wire = Wire::new();
    let mut sighting = wire.sighting(0, &frame);
    let first = observer.sent(Instant::ZERO, sighting);
    sighting.to = Some(2);
    let second = observer.sent(Instant::ZERO, sighting);
    assert_eq!((first.len(), second.len()), (2, 1));
    assert!(matches!(second[0].body, Body::Link(link::Event::Sent { frame: 1, .. })));
    for host in [1, 2] {
        let arrived = observer.delivered(Instant::ZERO, host, 1);
        assert!(matches!(arrived[1].body, Body::Udp(udp::Event::DatagramReceived { frame: 1 })), "{arrived:?}");
    }
}

#[test]
fn a_copy_made_by_the_link_is_sent_by_nobody_and_arrives() {
    let mut wire = Wire::new();
    wire.handshake();
    let original = wire.segment(CLIENT, "A", u32::MAX, 0, b"data");
    let payload = Transport::Other { protocol: 99, data: Data::default() };
    let frame = frame(CLIENT.1, SERVER.1, payload);
    let mut sighting = wire.sighting(0, &frame);
    sighting.duplicate_of = Some(4);
    let events = wire.observer.sent(Instant::ZERO, sighting);
    assert_eq!((events.len(), events[0].flow), (1, original.flow));
    let arrived = wire.observer.delivered(Instant::ZERO, 1, 5);
    assert!(matches!(arrived[1].body, Body::Tcp(tcp::Event::SegmentReceived { frame: 5 })), "{arrived:?}");
}

#[test]
fn a_fragmented_datagram_is_told_with_its_last_fragment_and_arrives_with_the_last_that_comes() {
    let mut wire = Wire::new();
    let datagram = Datagram { source_port: 7, destination_port: 9, payload: vec![5; 3000].into() };
    let whole = frame(CLIENT.1, SERVER.1, Transport::Udp(datagram));
    let Packet::Ipv4(packet) = &whole.payload else { unreachable!() };
    let pieces: Vec<Frame> = wire::fragment(packet, 1500)
        .into_iter()
        .map(|packet| Frame { payload: Packet::Ipv4(packet), ..whole.clone() })
        .collect();
    let told: Vec<Vec<Event>> = pieces.iter().map(|piece| wire.send(0, piece)).collect();
    assert_eq!(told.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 2]);
    assert!(told.iter().flatten().all(|event| event.flow == Some(1)), "{told:?}");
    let Body::Udp(udp::Event::DatagramSent { frame, data, fragments, .. }) = &told[2][1].body else { panic!() };
    assert_eq!((*frame, data.len(), &fragments[..]), (1, 3000, &[2, 3][..]));
    let arrivals: Vec<usize> =
        [2, 3, 3, 1].map(|frame| wire.observer.delivered(Instant::ZERO, 1, frame).len()).to_vec();
    assert_eq!(arrivals, [1, 1, 1, 2]);
}

#[test]
fn an_icmp_error_belongs_to_the_conversation_it_complains_about() {
    let mut wire = Wire::new();
    let datagram = Datagram { source_port: 5_000, destination_port: 6_000, payload: Data::from(&b"?"[..]) };
    let question = frame(CLIENT.1, SERVER.1, Transport::Udp(datagram));
    wire.send(0, &question);
    let Packet::Ipv4(packet) = &question.payload else { unreachable!() };
    let quote = wire::encode_ipv4(packet).slice(..28);
    let icmp = Icmp { kind: 3, code: 3, rest: 0, data: Data(quote) };
    let events = wire.send(1, &frame(SERVER.1, CLIENT.1, Transport::Icmp(icmp)));
    assert_eq!(events[1].flow, Some(1));
    let Body::Icmp(IcmpEvent::Sent { kind: 3, code: 3, about, .. }) = &events[1].body else { panic!("{events:?}") };
    assert_eq!(about.unwrap().to_string(), "10.0.0.2:6000");
}

#[test]
fn a_dropped_frame_has_its_cause_and_its_conversation() {
    let mut wire = Wire::new();
    wire.handshake();
    let events = wire.observer.dropped(Instant::ZERO, 0, 3, Cause::Scripted);
    assert_eq!((events.len(), events[0].flow), (1, Some(1)));
    assert_eq!(events[0].body, Body::Link(link::Event::Dropped { frame: 3, cause: Cause::Scripted }));
}

proptest! {
    #[test]
    fn no_bytes_make_the_observer_panic(frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..8)) {
        let mut wire = Wire::new();
        for (number, mut bytes) in (1..).zip(frames) {
            if let Some(kind) = bytes.get_mut(12..14) {
                kind.copy_from_slice(&[8, 0]);
            }
            let bytes = Bytes::from(bytes);
            let empty = frame(CLIENT.1, SERVER.1, Transport::Other { protocol: 99, data: Data::default() });
            let mut sighting = wire.sighting(0, &empty);
            sighting.contents = (&bytes).into();
            prop_assert!(!wire.observer.sent(Instant::ZERO, sighting).is_empty());
            prop_assert!(!wire.observer.delivered(Instant::ZERO, 1, number).is_empty());
        }
    }

    #[test]
    fn no_segments_make_the_observer_panic(
        segments in prop::collection::vec((any::<bool>(), any::<u32>(), any::<u32>(), "[SAFR]{0,4}", 0..20usize), 1..30),
    ) {
        let mut wire = Wire::new();
        for (client, sequence, acknowledgement, bits, length) in segments {
            let from = if client { CLIENT } else { SERVER };
            let told = wire.segment(from, &bits, sequence, acknowledgement, &vec![0; length]);
            prop_assert!(told.repeats.is_none_or(|earlier| earlier < wire.frame));
        }
    }
}
