//! What is lost is sent again, once, and soon (RFC 6298, RFC 5681, RFC 6582, RFC 6675).

use super::super::*;
use super::pair::*;
use crate::tcp::{Algorithm, Config, Purpose};
use bytes::Bytes;

fn data(length: usize) -> Bytes {
    (0..length).map(|index| (index * 13 + index / 255) as u8).collect::<Vec<_>>().into()
}

/// Sends 30 segments, losing what `script` says; the pair afterwards.
fn thirty(config: Config, script: Script) -> Pair {
    let mut pair = Pair::new(config.clone(), config, Wire::default());
    pair.settle();
    pair.script = script;
    let all = data(30 * 1448);
    assert_eq!(pair.act(0, |end, now| end.send(now, &all)), Ok(all.len()));
    let mut read = Vec::new();
    while read.len() < all.len() {
        assert!(pair.step());
        read.extend(pair.read(1));
    }
    assert_eq!(read, all);
    pair.settle();
    pair
}

fn retransmitted(pair: &Pair) -> usize {
    pair.sent.iter().filter(|record| record.purpose == Purpose::Retransmission).count()
}

fn timeouts(pair: &Pair) -> usize {
    let fired = Event::TimerFired { timer: Timer::Retransmission };
    pair.events.iter().filter(|(_, event)| *event == fired).count()
}

#[test]
fn a_lost_short_segment_is_sent_again_after_the_timeout() {
    let mut pair = Pair::established();
    pair.script = |from, n, _| from == 0 && n == 3;
    let began = pair.now;
    pair.send(0, b"lost");
    pair.settle();
    assert_eq!(pair.read(1), b"lost");
    let again = pair.sent.iter().find(|record| record.purpose == Purpose::Retransmission).unwrap();
    // The round trip of 20 ms and 200 ms beyond it.
    assert_eq!(again.at, began + Duration::from_millis(220));
}

#[test]
fn three_duplicates_bring_a_lost_segment_back_without_a_timeout() {
    for sack in [true, false] {
        let pair = thirty(Config { sack, ..Config::default() }, |from, n, _| from == 0 && n == 5);
        assert_eq!((retransmitted(&pair), timeouts(&pair)), (1, 0), "sack {sack}");
    }
}

#[test]
fn three_losses_in_one_window_are_repaired_without_a_timeout() {
    for (sack, congestion) in
        [(true, Algorithm::Cubic), (true, Algorithm::Reno), (false, Algorithm::Cubic), (false, Algorithm::Reno)]
    {
        let config = Config { sack, congestion, ..Config::default() };
        let pair =
            thirty(config, |from, n, segment| from == 0 && matches!(n, 5 | 7 | 8) && !segment.payload.is_empty());
        assert_eq!((retransmitted(&pair), timeouts(&pair)), (3, 0), "sack {sack} {congestion:?}");
    }
}

#[test]
fn blocks_tell_what_arrived() {
    let pair = thirty(Config::default(), |from, n, _| from == 0 && n == 5);
    let reports = pair.sent.iter().filter(|record| record.from == 1 && !record.segment.options.sack.is_empty());
    assert!(reports.count() >= 3);
}

#[test]
fn a_lost_flight_is_sent_again_by_the_timer() {
    let config = Config { sack: false, ..Config::default() };
    let pair = thirty(config, |from, n, _| from == 0 && (3..13).contains(&n));
    assert!(timeouts(&pair) >= 1);
    assert!(retransmitted(&pair) >= 10);
}

#[test]
fn with_selective_acknowledgements_a_probe_of_the_tail_comes_before_the_timer() {
    let pair = thirty(Config::default(), |from, n, _| from == 0 && (3..13).contains(&n));
    assert_eq!(timeouts(&pair), 0);
    assert!(pair.events.contains(&(0, Event::TimerFired { timer: Timer::LossProbe })));
    assert!((10..=11).contains(&retransmitted(&pair)), "{}", retransmitted(&pair));
}

#[test]
fn a_lost_retransmission_does_not_wait_for_the_timer() {
    // The third data segment is lost, and so is its first repetition.
    let pair = thirty(Config::default(), |from, n, segment| {
        from == 0 && (n == 5 || (n > 13 && segment.payload.len() == 1448 && n == 19))
    });
    assert_eq!(timeouts(&pair), 0);
}

#[test]
fn bytes_that_come_twice_are_reported() {
    let mut pair = Pair::established();
    pair.send(0, b"once");
    pair.settle();
    let copy = pair.sent.iter().find(|record| !record.segment.payload.is_empty()).unwrap().segment.clone();
    pair.deliver(1, copy.clone());
    let blocks = &pair.sent.last().unwrap().segment.options.sack;
    assert_eq!(blocks[..], [(copy.sequence, copy.sequence.wrapping_add(4))]);
}

#[test]
fn reordering_on_the_wire_is_not_taken_for_loss_for_long() {
    let wire = Wire { delay: 10_000, jitter: 2_000, ..Wire::default() };
    let mut pair = Pair::new(Config::default(), Config::default(), wire);
    pair.settle();
    let all = data(200 * 1448);
    let (mut written, mut read) = (0, Vec::new());
    while read.len() < all.len() {
        if let Ok(taken) = pair.act(0, |end, now| end.send(now, &all.slice(written..))) {
            written += taken;
        }
        assert!(pair.step());
        read.extend(pair.read(1));
    }
    assert_eq!(read, all);
    assert!(retransmitted(&pair) <= 10, "{} of 200 were sent in vain", retransmitted(&pair));
}

#[test]
fn lost_acknowledgements_do_no_harm() {
    let pair = thirty(Config::default(), |from, n, _| from == 1 && n % 2 == 0 && n < 12);
    assert_eq!(timeouts(&pair), 0);
}

#[test]
fn a_peer_that_is_gone_is_given_up_after_fifteen_tries() {
    let mut pair = Pair::established();
    pair.script = |_, _, _| true;
    pair.send(0, b"?");
    pair.run_for(Duration::from_secs(2000));
    assert_eq!(pair.end(0).take_error(), Some(Failure::TimedOut));
    assert_eq!(retransmitted(&pair), 15);
    let given_up =
        pair.events.iter().any(|(_, event)| matches!(event, Event::StateChanged { trigger: Trigger::UserTimeout, .. }));
    assert!(given_up);
}

#[test]
fn the_user_timeout_gives_up_earlier() {
    let mut pair = Pair::established();
    pair.end(0).set_user_timeout(Some(Duration::from_secs(3)));
    pair.script = |_, _, _| true;
    pair.send(0, b"?");
    pair.run_for(Duration::from_secs(8));
    assert_eq!(pair.end(0).take_error(), Some(Failure::TimedOut));
}

#[test]
fn a_loss_cuts_the_window_and_says_so() {
    let pair = thirty(Config { congestion: Algorithm::Reno, ..Config::default() }, |from, n, _| from == 0 && n == 5);
    let thresholds: Vec<u64> = pair
        .events
        .iter()
        .filter_map(|(end, event)| match event {
            Event::Measured { metrics } if *end == 0 => metrics.slow_start_threshold,
            _ => None,
        })
        .collect();
    assert!(thresholds.first().is_some_and(|threshold| *threshold >= 5 * 1448), "{thresholds:?}");
}

#[test]
fn events_do_not_flood() {
    let pair = thirty(Config::default(), |_, _, _| false);
    assert!(pair.events.len() < 40, "{:#?}", pair.events);
}
