//! Streams put together from packets in any order, with everything that goes wrong on the way.

use super::half::{Half, HalfReport};
use super::{DecodedRun, Decoding, Messages, decoded};
use crate::framing;
use crate::packets::Segment;
use crate::stream::Range;
use crate::wire::{Control, TcpOptions};
use proptest::prelude::*;

fn segment(offset: u64, length: usize) -> Segment {
    Segment {
        sequence: 0,
        acknowledgement: 0,
        relative_sequence: offset + 1,
        relative_acknowledgement: None,
        control: Control { ack: true, ..Control::default() },
        window_field: 1,
        window: 1,
        options: TcpOptions::default(),
        length: length as u32,
        payload: 0..0,
        forward: true,
    }
}

fn take(half: &mut Half, packet: u64, offset: u64, payload: &[u8]) {
    half.segment(packet, &segment(offset, payload.len()), payload, 1 << 20);
}

#[test]
fn a_gap_names_the_packet_that_showed_it_and_the_one_that_closed_it() {
    let mut half = Half::default();
    take(&mut half, 1, 0, b"abc");
    take(&mut half, 2, 6, b"ghi");
    take(&mut half, 3, 3, b"def");
    let report = half.finish();
    assert_eq!(report.runs.len(), 1);
    assert_eq!(&report.runs[0].data[..], b"abcdefghi");
    let gap = report.gaps[0];
    assert_eq!((gap.range, gap.shown_by, gap.closed_by, gap.missing), (Range(3, 6), 2, Some(3), 0));
    assert_eq!(report.packets(2, 7), [1, 3, 2]);
}

#[test]
fn bytes_that_were_acknowledged_but_never_captured_are_told_from_lost_ones() {
    let mut half = Half::default();
    take(&mut half, 1, 0, b"abc");
    take(&mut half, 2, 6, b"ghi");
    half.acknowledge(5, 3);
    half.acknowledge(9, 4);
    let report = half.finish();
    assert_eq!((report.gaps[0].missing, report.gaps[0].acknowledged_by), (3, Some(4)));
    assert_eq!(report.runs.iter().map(|run| run.range).collect::<Vec<_>>(), [Range(0, 3), Range(6, 9)]);
}

#[test]
fn what_came_first_stays_and_a_difference_is_marked() {
    let mut half = Half::default();
    take(&mut half, 1, 0, b"abcd");
    take(&mut half, 2, 2, b"cdef");
    take(&mut half, 3, 1, b"bXd");
    take(&mut half, 4, 0, b"abcd");
    let report = half.finish();
    assert_eq!(&report.runs[0].data[..], b"abcdef");
    let kinds: Vec<(u64, &str)> = report.marks.iter().map(|mark| (mark.packet, mark.kind.name())).collect();
    assert_eq!(kinds, [(2, "overlap"), (3, "conflict"), (4, "retransmission")]);
}

#[test]
fn every_datagram_is_decoded_by_itself() {
    let mut half = Half::default();
    for (packet, payload) in [(3, &b"one\ntw"[..]), (5, b""), (8, b"o\n")] {
        half.append(packet, payload, payload.len() as u32, 1 << 20);
    }
    let halves = [half.finish(), HalfReport::default()];
    let carried: Vec<_> = halves[0].carried.iter().map(|one| (one.packet, one.range)).collect();
    assert_eq!(carried, [(3, Range(0, 6)), (5, Range(6, 6)), (8, Range(6, 8))]);
    assert_eq!(decoded::datagrams(&halves, &Decoding::Auto), None);
    let decode = |word| {
        let decoding = Decoding::Framing { codec: framing::parse(word).unwrap(), limit: 100 };
        let decoded = decoded::datagrams(&halves, &decoding).unwrap();
        let told = |run: &DecodedRun| match &run.messages {
            Messages::Framing(report) => (run.packets.len(), report.messages.len(), report.incomplete.is_some()),
            Messages::Http(_) => panic!("nobody asked for HTTP"),
        };
        decoded.halves[0].iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(
        decode("line"),
        [(1, 1, true), (0, 0, false), (1, 1, false)],
        "a line never goes on in the next datagram"
    );
    assert_eq!(decode("naive")[0], (1, 1, false));
}

#[test]
fn bytes_beyond_the_limit_are_only_counted() {
    let mut half = Half::default();
    half.segment(1, &segment(0, 4), b"abcd", 6);
    half.segment(2, &segment(4, 4), b"efgh", 2);
    half.segment(3, &segment(8, 1), b"i", 2);
    let report = half.finish();
    assert_eq!((report.bytes, report.beyond), (4, 5));
}

#[test]
fn a_stream_of_nothing_but_holes_ends_at_a_limit() {
    let mut half = Half::default();
    for number in 0..20_000 {
        take(&mut half, number + 1, number * 2, b"x");
    }
    let report = half.finish();
    assert_eq!((report.gaps.len(), report.runs.len()), (10_000, 10_001));
    assert!(report.beyond > 0);
}

proptest! {
    #[test]
    fn any_order_and_any_overlap_gives_the_stream(cuts in prop::collection::vec((0usize..200, 1usize..40), 1..80)) {
        let stream: Vec<u8> = (0..240).map(|i| i as u8).collect();
        let mut half = Half::default();
        let cover = (0..240).step_by(16).map(|at| (at, 16));
        for (index, (at, length)) in cuts.into_iter().chain(cover).enumerate() {
            let end = (at + length).min(stream.len());
            take(&mut half, index as u64 + 1, at as u64, &stream[at..end]);
        }
        let report = half.finish();
        prop_assert_eq!(report.runs.len(), 1);
        prop_assert_eq!(&report.runs[0].data[..], &stream[..]);
        prop_assert!(report.gaps.iter().all(|gap| gap.missing == 0 && gap.closed_by.is_some()));
        let mut at = 0;
        for carried in &report.carried {
            prop_assert_eq!(carried.range.0, at, "every byte has one packet");
            at = carried.range.1;
        }
        prop_assert_eq!(at, 240);
    }
}
