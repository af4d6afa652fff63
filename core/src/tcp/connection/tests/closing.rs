//! How connections end in order (RFC 9293, 3.6).

use super::super::*;
use super::pair::*;
use crate::tcp::{RecvError, SendError};
use bytes::Bytes;

fn close(pair: &mut Pair, end: usize) {
    pair.act(end, |connection, now| connection.close(now));
}

#[test]
fn four_segments_close_when_the_peer_takes_its_time() {
    let mut pair = Pair::established();
    close(&mut pair, 0);
    pair.settle();
    assert_eq!(pair.states(), [State::FinWait2, State::CloseWait]);
    assert_eq!(pair.read(1), b"", "the end of the stream, not an error");
    close(&mut pair, 1);
    pair.settle();
    assert_eq!(pair.shorthand()[3..], ["0FA", "1A", "1FA", "0A"]);
    assert_eq!(pair.states(), [State::TimeWait, State::Closed]);
    assert_eq!(
        pair.transitions(0)[2..],
        [
            (State::Established, Trigger::Close, State::FinWait1),
            (State::FinWait1, Trigger::ReceiveAckOfFin, State::FinWait2),
            (State::FinWait2, Trigger::ReceiveFin, State::TimeWait),
        ]
    );
    assert_eq!(
        pair.transitions(1)[2..],
        [
            (State::Established, Trigger::ReceiveFin, State::CloseWait),
            (State::CloseWait, Trigger::Close, State::LastAck),
            (State::LastAck, Trigger::ReceiveAckOfFin, State::Closed),
        ]
    );
}

#[test]
fn three_segments_close_when_the_peer_closes_at_once() {
    let mut pair = Pair::established();
    pair.send(0, b"a");
    pair.settle();
    pair.read(1);
    close(&mut pair, 0);
    pair.run_for(Duration::from_millis(12));
    close(&mut pair, 1);
    pair.settle();
    assert_eq!(pair.shorthand()[5..], ["0FA", "1FA", "0A"]);
    assert!(pair.transitions(0).contains(&(State::FinWait1, Trigger::ReceiveFinAckOfFin, State::TimeWait)));
}

#[test]
fn both_ends_may_close_at_once() {
    let mut pair = Pair::established();
    close(&mut pair, 0);
    close(&mut pair, 1);
    pair.settle();
    assert_eq!(pair.states(), [State::TimeWait; 2]);
    for end in 0..2 {
        assert_eq!(
            pair.transitions(end)[3..],
            [
                (State::FinWait1, Trigger::ReceiveFin, State::Closing),
                (State::Closing, Trigger::ReceiveAckOfFin, State::TimeWait),
            ]
        );
    }
}

#[test]
fn after_a_half_close_the_other_direction_goes_on() {
    let mut pair = Pair::established();
    pair.act(0, |end, now| end.shutdown_write(now));
    pair.settle();
    assert_eq!(pair.act(0, |end, now| end.send(now, &Bytes::from_static(b"x"))), Err(SendError::Closed));
    assert_eq!(pair.send(1, b"still here"), 10);
    pair.settle();
    assert_eq!(pair.read(0), b"still here");
    assert_eq!(pair.states(), [State::FinWait2, State::CloseWait]);
    pair.act(1, |end, now| end.shutdown_write(now));
    pair.settle();
    assert_eq!(pair.states(), [State::TimeWait, State::Closed]);
}

#[test]
fn fin_follows_everything_that_was_written() {
    let mut pair = Pair::established();
    let data = Bytes::from((0..40_000u32).map(|i| i as u8).collect::<Vec<_>>());
    assert_eq!(pair.act(0, |end, now| end.send(now, &data)), Ok(40_000));
    close(&mut pair, 0);
    assert_eq!(pair.states()[0], State::FinWait1);
    pair.settle();
    assert_eq!(pair.read(1), data);
    assert_eq!(pair.act(1, |end, now| end.recv(now, 1)), Ok(Bytes::new()));
    let fin = pair.sent.iter().find(|record| record.segment.control.fin).unwrap();
    assert!(!fin.segment.payload.is_empty(), "FIN rides on the last bytes that were still unsent");
}

#[test]
fn a_lost_fin_is_sent_again() {
    let mut pair = Pair::with_script(|from, n, segment| from == 0 && segment.control.fin && n == 3);
    pair.settle();
    close(&mut pair, 0);
    pair.settle();
    assert_eq!(pair.states(), [State::FinWait2, State::CloseWait]);
    assert_eq!(pair.sent.iter().filter(|record| record.segment.control.fin).count(), 2);
}

#[test]
fn a_lost_acknowledgement_of_the_last_fin_is_repeated_from_time_wait() {
    let mut pair = Pair::established();
    close(&mut pair, 0);
    pair.settle();
    close(&mut pair, 1);
    pair.script = |from, _, _| from == 0;
    pair.run_for(Duration::from_millis(50));
    assert_eq!(pair.states(), [State::TimeWait, State::LastAck]);
    pair.script = |_, _, _| false;
    pair.settle();
    assert_eq!(pair.states(), [State::TimeWait, State::Closed]);
}

#[test]
fn time_wait_lasts_a_minute() {
    let mut pair = Pair::established();
    close(&mut pair, 0);
    pair.settle();
    close(&mut pair, 1);
    pair.settle();
    pair.run_for(Duration::from_secs(59));
    assert_eq!(pair.states()[0], State::TimeWait);
    pair.run_for(Duration::from_secs(2));
    assert_eq!(pair.states()[0], State::Closed);
}

#[test]
fn time_wait_gives_way_to_a_newer_syn_only() {
    let mut pair = Pair::established();
    close(&mut pair, 0);
    pair.settle();
    close(&mut pair, 1);
    pair.settle();
    let mut syn = pair.sent[0].segment.clone();
    (syn.source_port, syn.destination_port) = (80, 40_000);
    syn.options.timestamps = None;
    syn.sequence = pair.sent[1].segment.sequence.wrapping_add(1000);
    assert!(pair.end(0).gives_way_to(&syn));
    syn.sequence = pair.sent[1].segment.sequence.wrapping_sub(1000);
    assert!(!pair.end(0).gives_way_to(&syn));
}

#[test]
fn nobody_waits_for_ever_in_fin_wait_2_once_the_socket_is_closed() {
    let mut pair = Pair::established();
    close(&mut pair, 0);
    pair.settle();
    assert_eq!(pair.states()[0], State::FinWait2);
    pair.run_for(Duration::from_secs(61));
    assert_eq!(pair.states()[0], State::Closed);
}

#[test]
fn a_peer_that_finished_is_readable_and_writable_but_not_hung_up() {
    let mut pair = Pair::established();
    close(&mut pair, 0);
    pair.settle();
    let end = pair.end(1);
    assert!(end.readable() && end.writable() && end.peer_finished() && !end.hung_up());
    assert_eq!(end.error(), None);
}

#[test]
fn closing_before_the_handshake_is_done_leaves_without_a_segment() {
    let mut pair = Pair::plain();
    close(&mut pair, 0);
    assert_eq!(pair.states()[0], State::Closed);
    assert_eq!(pair.shorthand(), ["0S"]);
    assert_eq!(pair.act(0, |end, now| end.recv(now, 1)), Err(RecvError::NotConnected));
}
