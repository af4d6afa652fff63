//! RST: who sends it, who believes it, and what the calls say afterwards (RFC 9293, 3.5.2, 3.5.3; RFC 5961). What the calls
//! return was taken from Linux 6.18 by experiment.

use super::super::*;
use super::pair::*;
use crate::tcp::{RecvError, SendError};
use bytes::Bytes;

fn send(pair: &mut Pair, end: usize) -> Result<usize, SendError> {
    pair.act(end, |connection, now| connection.send(now, &Bytes::from_static(b"x")))
}

fn recv(pair: &mut Pair, end: usize) -> Result<Bytes, RecvError> {
    pair.act(end, |connection, now| connection.recv(now, 100))
}

#[test]
fn a_peer_that_left_takes_the_first_send_and_breaks_the_second() {
    let mut pair = Pair::established();
    pair.act(1, |end, now| end.close(now));
    pair.settle();
    assert_eq!(send(&mut pair, 0), Ok(1));
    pair.settle();
    assert_eq!(pair.shorthand().last().unwrap(), "1R");
    assert_eq!(pair.states(), [State::Closed; 2]);
    assert_eq!(send(&mut pair, 0), Err(SendError::Failed(Failure::BrokenPipe)));
    assert_eq!(send(&mut pair, 0), Err(SendError::Closed));
    assert_eq!(recv(&mut pair, 0), Ok(Bytes::new()));
}

#[test]
fn after_fin_a_reset_does_not_hide_the_end_of_the_stream() {
    let mut pair = Pair::established();
    pair.send(1, b"data");
    pair.act(1, |end, now| end.close(now));
    pair.settle();
    send(&mut pair, 0).unwrap();
    pair.settle();
    assert_eq!(recv(&mut pair, 0), Ok(Bytes::from_static(b"data")));
    assert_eq!(recv(&mut pair, 0), Ok(Bytes::new()));
    assert_eq!(pair.end(0).take_error(), Some(Failure::BrokenPipe));
}

#[test]
fn closing_with_unread_data_resets_the_peer() {
    let mut pair = Pair::established();
    pair.send(0, b"unread");
    pair.settle();
    pair.act(1, |end, now| end.close(now));
    pair.settle();
    assert_eq!(pair.shorthand().last().unwrap(), "1RA");
    assert_eq!(recv(&mut pair, 0), Err(RecvError::Failed(Failure::Reset)));
    assert_eq!(recv(&mut pair, 0), Ok(Bytes::new()));
    assert_eq!(send(&mut pair, 0), Err(SendError::Closed));
    assert!(pair.end(0).hung_up());
}

#[test]
fn a_send_after_a_reset_tells_it_once_and_then_the_pipe_is_broken() {
    let mut pair = Pair::established();
    pair.send(0, b"unread");
    pair.settle();
    pair.act(1, |end, now| end.close(now));
    pair.settle();
    assert_eq!(send(&mut pair, 0), Err(SendError::Failed(Failure::Reset)));
    assert_eq!(send(&mut pair, 0), Err(SendError::Closed));
    assert_eq!(recv(&mut pair, 0), Ok(Bytes::new()));
}

#[test]
fn data_that_arrived_before_a_reset_can_be_read() {
    let mut pair = Pair::established();
    pair.send(1, b"data");
    pair.settle();
    pair.act(1, |end, now| end.abort(now));
    pair.settle();
    assert_eq!(recv(&mut pair, 0), Ok(Bytes::from_static(b"data")));
    assert_eq!(recv(&mut pair, 0), Err(RecvError::Failed(Failure::Reset)));
    assert_eq!(recv(&mut pair, 0), Ok(Bytes::new()));
}

#[test]
fn a_refused_connection_says_so() {
    let mut pair = Pair::plain();
    let syn = pair.sent.first().cloned();
    pair.drain();
    let syn = syn.unwrap_or_else(|| pair.sent[0].clone()).segment;
    let reset = crate::tcp::reset_for(&syn).unwrap();
    assert!(reset.control.rst && reset.control.ack && reset.acknowledgement == syn.sequence.wrapping_add(1));
    pair.deliver(0, reset);
    assert_eq!(pair.states()[0], State::Closed);
    assert_eq!(pair.end(0).take_error(), Some(Failure::Refused));
    assert_eq!(recv(&mut pair, 0), Err(RecvError::NotConnected));
    assert_eq!(send(&mut pair, 0), Err(SendError::Closed));
}

#[test]
fn data_after_both_directions_were_shut_is_answered_with_rst() {
    let mut pair = Pair::established();
    pair.act(0, |end, now| {
        end.shutdown_read();
        end.shutdown_write(now);
    });
    pair.settle();
    assert_eq!(send(&mut pair, 1), Ok(1));
    pair.settle();
    assert_eq!(send(&mut pair, 1), Err(SendError::Failed(Failure::BrokenPipe)));
    assert_eq!(recv(&mut pair, 0), Err(RecvError::Failed(Failure::Reset)));
}

#[test]
fn a_shut_reading_side_still_takes_data() {
    let mut pair = Pair::established();
    pair.send(1, b"abc");
    pair.settle();
    pair.end(0).shutdown_read();
    assert_eq!(recv(&mut pair, 0).unwrap(), "abc");
    assert_eq!(recv(&mut pair, 0).unwrap(), "");
    pair.send(1, b"more");
    pair.settle();
    assert_eq!(recv(&mut pair, 0).unwrap(), "more");
}

/// A RST for end 0 as if from end 1, `offset` beyond what end 0 expects.
fn forged(pair: &mut Pair, offset: u32) -> Segment {
    let mut reset = pair.sent.iter().rfind(|record| record.from == 1).unwrap().segment.clone();
    let end = pair.end(0);
    reset.sequence = end.receive_space.number(end.expected()).wrapping_add(offset);
    reset.control = crate::wire::Control { rst: true, ..Default::default() };
    reset
}

#[test]
fn only_the_exact_number_resets_a_connection() {
    let mut pair = Pair::established();
    let guess = forged(&mut pair, 100);
    pair.deliver(0, guess);
    assert_eq!(pair.states()[0], State::Established);
    assert_eq!(pair.shorthand().last().unwrap(), "0A", "a challenge");
    let outside = forged(&mut pair, 1_000_000);
    pair.deliver(0, outside);
    assert_eq!(pair.states()[0], State::Established);
    let exact = forged(&mut pair, 0);
    pair.deliver(0, exact);
    assert_eq!(pair.states()[0], State::Closed);
}

#[test]
fn a_syn_inside_a_connection_is_challenged_and_not_for_ever() {
    let mut pair = Pair::established();
    let mut syn = forged(&mut pair, 5);
    syn.control = crate::wire::Control { syn: true, ..Default::default() };
    for _ in 0..10 {
        pair.deliver(0, syn.clone());
    }
    assert_eq!(pair.states()[0], State::Established);
    assert_eq!(pair.shorthand()[3..], ["0A"]);
}

#[test]
fn an_acknowledgement_of_what_was_never_sent_is_refused() {
    let mut pair = Pair::established();
    let mut ack = forged(&mut pair, 0);
    ack.control = crate::wire::Control { ack: true, ..Default::default() };
    ack.acknowledgement = ack.acknowledgement.wrapping_add(500);
    pair.deliver(0, ack);
    assert_eq!(pair.end(0).una, 1);
    assert_eq!(pair.states()[0], State::Established);
}

#[test]
fn an_old_timestamp_is_refused() {
    let mut pair = Pair::established();
    pair.send(1, b"a");
    pair.settle();
    let mut old = pair.sent.iter().rfind(|record| record.from == 1).unwrap().segment.clone();
    let end = pair.end(0);
    old.sequence = end.receive_space.number(end.expected());
    let (value, echo) = old.options.timestamps.unwrap();
    old.options.timestamps = Some((value.wrapping_sub(5000), echo));
    pair.deliver(0, old);
    assert_eq!(pair.end(0).receive_level().0, 1);
}
