//! How connections begin (RFC 9293, 3.5).

use super::super::*;
use super::pair::*;
use crate::tcp::SendError;

#[test]
fn three_segments_open_a_connection() {
    let pair = Pair::established();
    assert_eq!(pair.shorthand(), ["0S", "1SA", "0A"]);
    assert_eq!(
        pair.transitions(0),
        [
            (State::Closed, Trigger::ActiveOpen, State::SynSent),
            (State::SynSent, Trigger::ReceiveSynAck, State::Established),
        ]
    );
    assert_eq!(
        pair.transitions(1),
        [
            (State::Listen, Trigger::ReceiveSyn, State::SynReceived),
            (State::SynReceived, Trigger::ReceiveAckOfSyn, State::Established),
        ]
    );
}

#[test]
fn the_handshake_carries_the_options_and_windows_of_linux() {
    let pair = Pair::established();
    let [syn, syn_ack, ack] = [0, 1, 2].map(|index: usize| pair.sent[index].segment.clone());
    assert_eq!((syn.window, syn_ack.window, ack.window), (64_240, 65_160, 502));
    for segment in [&syn, &syn_ack] {
        assert_eq!((segment.options.mss, segment.options.window_scale), (Some(1460), Some(7)));
        assert!(segment.options.sack_permitted && segment.options.timestamps.is_some());
    }
    assert_eq!(pair.ends[0].as_ref().unwrap().maximum_segment(), 1448);
}

#[test]
fn what_one_side_does_not_offer_is_not_used() {
    let plain = Config { sack: false, timestamps: false, window_scale: false, ..Config::default() };
    for (first, second) in [(plain.clone(), Config::default()), (Config::default(), plain)] {
        let mut pair = Pair::new(first, second, Wire::default());
        pair.settle();
        pair.send(0, b"x");
        pair.settle();
        let segment = pair.sent.last().unwrap().segment.clone();
        assert_eq!(segment.options.timestamps, None);
        assert_eq!(pair.end(0).maximum_segment(), 1460);
        assert!(segment.window > 60_000, "not scaled");
    }
}

#[test]
fn the_smaller_segment_size_wins() {
    let mut pair = Pair::new(Config::with_mtu(576), Config::default(), Wire::default());
    pair.settle();
    assert_eq!([pair.end(0).maximum_segment(), pair.end(1).maximum_segment()], [524, 524]);
}

#[test]
fn a_lost_syn_is_sent_again_after_one_second() {
    let mut pair = Pair::with_script(|from, n, _| from == 0 && n == 1);
    pair.settle();
    assert_eq!(pair.shorthand(), ["0S", "0S", "1SA", "0A"]);
    assert_eq!(pair.sent[1].at, Instant::from_micros(1_000_000));
    assert_eq!(pair.sent[1].segment.sequence, pair.sent[0].segment.sequence);
}

#[test]
fn a_lost_syn_ack_is_sent_again() {
    let mut pair = Pair::with_script(|from, n, _| from == 1 && n == 1);
    pair.settle();
    assert_eq!(pair.states(), [State::Established; 2]);
    assert!(pair.sent.iter().filter(|record| record.from == 1 && record.segment.control.syn).count() >= 2);
}

#[test]
fn a_lost_last_acknowledgement_is_made_good_by_data() {
    let mut pair = Pair::with_script(|from, n, _| from == 0 && n == 2);
    pair.run_for(Duration::from_millis(30));
    assert_eq!(pair.states(), [State::Established, State::SynReceived]);
    pair.send(0, b"hi");
    pair.run_for(Duration::from_millis(11));
    assert_eq!(pair.states(), [State::Established; 2]);
    assert_eq!(pair.read(1), b"hi");
}

#[test]
fn syn_is_repeated_as_linux_does_and_then_given_up() {
    let mut pair = Pair::with_script(|_, _, _| true);
    pair.run_for(Duration::from_secs(300));
    let seconds: Vec<u64> = pair.sent.iter().map(|record| record.at.as_micros() / 1_000_000).collect();
    assert_eq!(seconds, [0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67]);
    assert_eq!(pair.states()[0], State::Closed);
    assert_eq!(pair.end(0).take_error(), Some(Failure::TimedOut));
    assert_eq!(pair.end(0).take_error(), None);
}

#[test]
fn without_the_linear_phase_the_waits_double_as_the_standard_says() {
    let config = Config { syn_linear_timeouts: 0, ..Config::default() };
    let mut pair = Pair::new(config, Config::default(), Wire::default());
    pair.script = |_, _, _| true;
    pair.run_for(Duration::from_secs(300));
    let seconds: Vec<u64> = pair.sent.iter().map(|record| record.at.as_micros() / 1_000_000).collect();
    assert_eq!(seconds, [0, 1, 3, 7, 15, 31, 63]);
}

#[test]
fn both_ends_may_open_at_once() {
    let mut pair = Pair::plain();
    let config = Config { seed: 9, ..Config::default() };
    pair.ends[1] = Some(Connection::open(address(1), address(0), config, pair.now));
    pair.settle();
    assert_eq!(pair.states(), [State::Established; 2]);
    for end in 0..2 {
        assert_eq!(
            pair.transitions(end)[1..],
            [
                (State::SynSent, Trigger::ReceiveSyn, State::SynReceived),
                (State::SynReceived, Trigger::ReceiveAckOfSyn, State::Established),
            ]
        );
    }
    pair.send(0, b"from 0");
    pair.send(1, b"from 1");
    pair.settle();
    assert_eq!((pair.read(1), pair.read(0)), (b"from 0".to_vec(), b"from 1".to_vec()));
}

#[test]
fn nothing_can_be_sent_before_the_handshake_is_done() {
    let mut pair = Pair::plain();
    let refused = pair.act(0, |end, now| end.send(now, &bytes::Bytes::from_static(b"x")));
    assert_eq!(refused, Err(SendError::Connecting));
    assert!(!pair.end(0).writable());
}

#[test]
fn an_unreachable_peer_ends_the_handshake_but_not_a_connection() {
    let mut pair = Pair::plain();
    pair.act(0, |end, now| end.unreachable(now, Failure::HostUnreachable));
    assert_eq!((pair.states()[0], pair.end(0).take_error()), (State::Closed, Some(Failure::HostUnreachable)));
    let mut pair = Pair::established();
    pair.act(0, |end, now| end.unreachable(now, Failure::HostUnreachable));
    assert_eq!(pair.states()[0], State::Established);
}

#[test]
fn the_same_seed_gives_the_same_segments() {
    let run = || {
        let mut pair = Pair::established();
        pair.send(0, b"hello");
        pair.settle();
        pair.sent.into_iter().map(|record| record.segment).collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}
