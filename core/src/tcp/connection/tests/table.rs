//! Every edge of the transition table is travelled by a real connection, and no connection travels outside it.

use super::super::*;
use super::pair::*;
use crate::tcp::{Listener, TABLE};
use std::collections::BTreeSet;

type Edge = (State, Trigger, State);

/// Brings end 0 of a new pair into a state.
fn reach(state: State) -> Pair {
    let close = |pair: &mut Pair, end: usize| pair.act(end, |connection, now| connection.close(now));
    let half = |pair: &mut Pair, end: usize| pair.act(end, |connection, now| connection.shutdown_write(now));
    let mut pair = match state {
        State::SynSent => Pair::plain(),
        // End 1 is a second connection that never hears anything.
        State::SynReceived => {
            let mut pair = Pair::plain();
            pair.drain();
            let mut syn = pair.sent[0].segment.clone();
            (syn.source_port, syn.destination_port) = (80, 40_000);
            pair.script = |_, _, _| true;
            pair.deliver(0, syn);
            pair
        }
        _ => Pair::established(),
    };
    match state {
        State::FinWait1 => {
            pair.script = |_, _, _| true;
            half(&mut pair, 0);
        }
        State::FinWait2 => {
            half(&mut pair, 0);
            pair.settle();
        }
        State::CloseWait => {
            half(&mut pair, 1);
            pair.settle();
        }
        State::LastAck => {
            half(&mut pair, 1);
            pair.settle();
            pair.script = |_, _, _| true;
            half(&mut pair, 0);
        }
        State::Closing => {
            pair.script = |from, _, _| from == 0;
            half(&mut pair, 0);
            half(&mut pair, 1);
            pair.run_for(Duration::from_millis(15));
        }
        State::TimeWait => {
            half(&mut pair, 0);
            pair.settle();
            close(&mut pair, 1);
            pair.settle();
        }
        _ => {}
    }
    assert_eq!(pair.states()[0], state);
    pair
}

fn reset(pair: &mut Pair) {
    pair.drain();
    let end = pair.end(0);
    let mut segment = crate::tcp::reset_for(&Segment {
        source_port: 40_000,
        destination_port: 80,
        sequence: 0,
        acknowledgement: end.receive_space.number(end.expected()),
        control: crate::wire::Control { ack: true, ..Default::default() },
        window: 0,
        urgent: 0,
        options: Default::default(),
        payload: Default::default(),
    })
    .expect("not a RST");
    if pair.end(0).state() == State::SynSent {
        segment.control.ack = true;
        segment.acknowledgement = pair.end(0).send_space.number(1);
    }
    pair.deliver(0, segment);
}

#[test]
fn every_edge_of_the_table_is_travelled() {
    let mut seen = BTreeSet::<Edge>::new();
    let mut collect = |pair: &Pair| seen.extend([0, 1].into_iter().flat_map(|end| pair.transitions(end)));

    let states: BTreeSet<State> = TABLE.iter().map(|row| row.from).collect();
    for state in states.into_iter().filter(|state| !matches!(state, State::Closed | State::Listen)) {
        let mut pair = reach(state);
        collect(&pair);
        reset(&mut pair);
        collect(&pair);

        let mut pair = reach(state);
        pair.act(0, |end, now| end.abort(now));
        collect(&pair);

        let mut pair = reach(state);
        pair.act(0, |end, now| end.close(now));
        collect(&pair);

        // A peer that is never heard again; the window is as good as closed.
        let mut pair = reach(state);
        pair.act(0, |end, now| {
            let _ = end.send(now, &bytes::Bytes::from_static(b"?"));
            if state == State::FinWait2 {
                end.close(now);
            }
        });
        pair.script = |_, _, _| true;
        pair.run_for(Duration::from_secs(3000));
        collect(&pair);
    }
    // The peaceful edges.
    let mut simultaneous = Pair::plain();
    simultaneous.ends[1] = Some(Connection::open(address(1), address(0), Config::default(), Instant::ZERO));
    simultaneous.settle();
    for end in 0..2 {
        simultaneous.act(end, |connection, now| connection.close(now));
    }
    simultaneous.settle();
    collect(&simultaneous);
    let mut together = Pair::established();
    together.act(0, |end, now| end.close(now));
    together.run_for(Duration::from_millis(12));
    together.act(1, |end, now| end.close(now));
    together.settle();
    collect(&together);

    let mut listener = Listener::new(address(1), 1, Config::default());
    listener.close(Instant::ZERO);
    while let Some(addressed) = listener.poll_output() {
        if let Output::Event(Event::StateChanged { from, to, trigger, .. }) = addressed.output {
            seen.insert((from, trigger, to));
        }
    }

    let table: BTreeSet<Edge> = TABLE.iter().map(|row| (row.from, row.trigger, row.to)).collect();
    assert_eq!(table.difference(&seen).collect::<Vec<_>>(), Vec::<&Edge>::new(), "never travelled");
    assert_eq!(seen.difference(&table).collect::<Vec<_>>(), Vec::<&Edge>::new(), "not in the table");
}
