//! How data flows: segmentation, Nagle, acknowledgements, windows (RFC 9293, 3.7 and 3.8).

use super::super::*;
use super::pair::*;
use crate::tcp::{Config, KeepAlive, Purpose, SendError};
use bytes::Bytes;

fn data(length: usize) -> Bytes {
    (0..length).map(|index| (index * 7 + index / 251) as u8).collect::<Vec<_>>().into()
}

fn with(config: Config) -> Pair {
    let mut pair = Pair::new(config.clone(), config, Wire::default());
    pair.settle();
    pair
}

/// Payload lengths of what one end sent.
fn payloads(pair: &Pair, end: usize) -> Vec<usize> {
    let sent = pair.sent.iter().filter(|record| record.from == end);
    sent.map(|record| record.segment.payload.len()).filter(|length| *length > 0).collect()
}

#[test]
fn short_sends_in_a_row_are_glued_by_nagle() {
    let mut pair = Pair::established();
    for text in [b"msg0", b"msg1", b"msg2", b"msg3", b"msg4"] {
        pair.send(0, text);
    }
    pair.settle();
    assert_eq!(payloads(&pair, 0), [4, 16]);
    let held = pair.events.iter().filter(|(_, event)| matches!(event, Event::Held { reason: Hold::Nagle, .. }));
    assert_eq!(held.count(), 1, "told once");
    assert_eq!(pair.read(1), b"msg0msg1msg2msg3msg4");
}

#[test]
fn without_nagle_each_send_is_a_segment_until_the_congestion_window_is_full() {
    let mut pair = with(Config { nodelay: true, ..Config::default() });
    for _ in 0..20 {
        pair.send(0, b"a");
    }
    assert_eq!(payloads(&pair, 0), [1; 10]);
    pair.settle();
    assert_eq!(payloads(&pair, 0)[10..].iter().sum::<usize>(), 10);
}

#[test]
fn cork_sends_only_full_segments_until_it_is_taken_out() {
    let mut pair = with(Config { cork: true, ..Config::default() });
    pair.act(0, |end, now| end.send(now, &data(2000))).unwrap();
    pair.run_for(Duration::from_millis(100));
    assert_eq!(payloads(&pair, 0), [1448]);
    pair.act(0, |end, now| end.set_cork(now, false));
    assert_eq!(payloads(&pair, 0), [1448, 552]);
}

#[test]
fn a_cork_leaks_after_two_hundred_milliseconds() {
    let mut pair = with(Config { cork: true, ..Config::default() });
    pair.send(0, b"corked");
    let began = pair.now;
    pair.settle();
    assert_eq!(payloads(&pair, 0), [6]);
    assert_eq!(pair.sent.iter().rfind(|record| record.from == 0).unwrap().at, began + Duration::from_millis(200));
}

#[test]
fn push_marks_the_end_of_a_write() {
    let mut pair = Pair::established();
    pair.act(0, |end, now| end.send(now, &data(3000))).unwrap();
    pair.settle();
    let pushed: Vec<bool> =
        pair.sent.iter().filter(|r| !r.segment.payload.is_empty()).map(|r| r.segment.control.psh).collect();
    assert_eq!(pushed, [false, false, true]);
}

#[test]
fn a_segment_shares_the_memory_of_the_write_and_a_read_that_of_the_segment() {
    let mut pair = Pair::established();
    let written = data(1000);
    pair.act(0, |end, now| end.send(now, &written)).unwrap();
    pair.settle();
    assert_eq!(
        pair.sent.iter().find(|r| r.segment.payload.len() == 1000).unwrap().segment.payload.as_ptr(),
        written.as_ptr()
    );
    let read = pair.act(1, |end, now| end.recv(now, 5000)).unwrap();
    assert_eq!(read.as_ptr(), written.as_ptr());
}

#[test]
fn the_initial_window_is_ten_segments() {
    let mut pair = Pair::established();
    pair.act(0, |end, now| end.send(now, &data(40_000))).unwrap();
    assert_eq!(payloads(&pair, 0), [1448; 10]);
    assert!(pair.events.iter().any(|(_, event)| matches!(event, Event::Held { reason: Hold::Congestion, .. })));
}

#[test]
fn ping_and_pong_carry_the_acknowledgements_once_both_have_spoken() {
    let mut pair = Pair::established();
    for round in 0..5 {
        pair.send(0, b"ping");
        pair.run_for(Duration::from_millis(10));
        assert_eq!(pair.read(1), b"ping", "{round}");
        pair.send(1, b"pong");
        pair.run_for(Duration::from_millis(10));
        assert_eq!(pair.read(0), b"pong", "{round}");
    }
    let shorthand = pair.shorthand();
    assert_eq!(shorthand[3..7], ["0A4", "1A", "1A4", "0A"], "quick at first, as Linux is");
    assert_eq!(shorthand[7..15], ["0A4", "1A4", "0A4", "1A4", "0A4", "1A4", "0A4", "1A4"]);
}

#[test]
fn a_delayed_acknowledgement_comes_after_forty_milliseconds() {
    let mut pair = Pair::established();
    // Seventeen short segments: the quick start is over.
    for _ in 0..17 {
        pair.send(0, b"x");
        pair.run_for(Duration::from_millis(25));
    }
    let last = pair.sent.last().unwrap().clone();
    assert_eq!(last.from, 0);
    pair.settle();
    let late = pair.sent.iter().find(|record| record.purpose == Purpose::DelayedAcknowledgement).unwrap();
    assert_eq!(late.at, last.at + Duration::from_millis(50));
}

#[test]
fn without_delayed_acknowledgements_every_segment_is_answered() {
    let mut pair = with(Config { delayed_ack: false, nodelay: true, ..Config::default() });
    for _ in 0..40 {
        pair.send(0, b"x");
        pair.run_for(Duration::from_millis(15));
    }
    assert_eq!(pair.sent.iter().filter(|record| record.from == 1).count(), 41);
}

#[test]
fn a_full_receiver_closes_the_window_and_a_reader_opens_it() {
    let mut pair = Pair::established();
    let all = data(400_000);
    let mut written = 0;
    let mut read = Vec::new();
    for _ in 0..40 {
        if let Ok(taken) = pair.act(0, |end, now| end.send(now, &all.slice(written..))) {
            written += taken;
        }
        pair.run_for(Duration::from_millis(100));
    }
    assert!(written < all.len(), "both buffers are full: {written}");
    assert!(!pair.end(0).writable());
    assert_eq!(pair.sent.iter().rfind(|record| record.from == 1).unwrap().segment.window, 0);
    assert!(pair.sent.iter().any(|record| record.purpose == Purpose::WindowProbe));
    assert!(pair.sent.iter().filter(|record| record.purpose == Purpose::WindowProbe).count() < 10, "they back off");
    assert_eq!(pair.act(0, |end, now| end.send(now, &all)), Err(SendError::WouldBlock));
    read.extend(pair.read(1));
    assert!(pair.sent.iter().any(|record| record.purpose == Purpose::WindowUpdate));
    while read.len() < all.len() {
        if written < all.len()
            && let Ok(taken) = pair.act(0, |end, now| end.send(now, &all.slice(written..)))
        {
            written += taken;
        }
        pair.run_for(Duration::from_millis(100));
        read.extend(pair.read(1));
    }
    assert_eq!(read, all);
}

#[test]
fn a_lost_window_update_is_found_out_by_a_probe() {
    let mut pair = with(Config { receive_buffer: 8192, receive_maximum: 8192, ..Config::default() });
    pair.act(0, |end, now| end.send(now, &data(20_000))).unwrap();
    pair.run_for(Duration::from_secs(1));
    assert_eq!(pair.sent.iter().rfind(|record| record.from == 1).unwrap().segment.window, 0);
    pair.script = |_, _, _| true;
    assert!(!pair.read(1).is_empty());
    assert_eq!(pair.sent.last().unwrap().purpose, Purpose::WindowUpdate);
    pair.script = |_, _, _| false;
    let before = pair.sent.len();
    pair.run_for(Duration::from_secs(30));
    assert_eq!(pair.sent[before].purpose, Purpose::WindowProbe);
    assert!(pair.sent[before..].iter().any(|record| record.segment.payload.len() > 1000));
}

#[test]
fn a_slow_reader_does_not_cause_silly_windows() {
    let mut pair = with(Config { receive_buffer: 16_384, receive_maximum: 16_384, ..Config::default() });
    let all = data(100_000);
    let (mut written, mut read) = (0, Vec::new());
    while read.len() < all.len() {
        if written < all.len()
            && let Ok(taken) = pair.act(0, |end, now| end.send(now, &all.slice(written..)))
        {
            written += taken;
        }
        pair.run_for(Duration::from_millis(2));
        if let Ok(part) = pair.act(1, |end, now| end.recv(now, 100)) {
            read.extend_from_slice(&part);
        }
    }
    assert_eq!(read, all);
    let segments = payloads(&pair, 0);
    let short = segments.iter().filter(|length| **length < 1448).count();
    assert!(short * 10 < segments.len(), "{short} of {} segments are short", segments.len());
}

#[test]
fn keepalive_finds_a_dead_peer() {
    let keepalive = KeepAlive { idle: Duration::from_secs(10), interval: Duration::from_secs(2), count: 3 };
    let mut pair = Pair::established();
    pair.act(0, |end, now| end.set_keepalive(now, Some(keepalive)));
    pair.run_for(Duration::from_secs(35));
    assert_eq!(pair.states()[0], State::Established, "a living peer answers");
    let probes = pair.sent.iter().filter(|record| record.purpose == Purpose::KeepAlive).count();
    assert!((2..=3).contains(&probes), "{probes}");
    pair.ends[1] = None;
    pair.run_for(Duration::from_secs(30));
    assert_eq!((pair.states()[0], pair.end(0).take_error()), (State::Closed, Some(Failure::TimedOut)));
}

#[test]
fn a_reader_that_keeps_up_makes_the_window_grow() {
    let mut pair = Pair::established();
    let all = data(3_000_000);
    let (mut written, mut read) = (0, 0);
    while read < all.len() {
        if written < all.len()
            && let Ok(taken) = pair.act(0, |end, now| end.send(now, &all.slice(written..)))
        {
            written += taken;
        }
        assert!(pair.step());
        read += pair.read(1).len();
    }
    assert!(pair.end(1).receive_level().1 > 131_072);
    assert!(pair.end(0).send_level().1 > 46_080);
    assert!(pair.now < Instant::from_micros(2_000_000), "{}", pair.now);
}
