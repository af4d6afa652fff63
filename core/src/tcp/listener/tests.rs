//! Tests of the two queues. Handshakes themselves are tested with the connection.

use super::*;
use crate::tcp::{Failure, RecvError, SendError, Timer};
use crate::time::Duration;
use bytes::Bytes;

/// A listener and clients, joined by a wire without delay that a test pumps by hand.
struct Hall {
    now: Instant,
    listener: Listener,
    clients: Vec<Connection>,
    events: Vec<Event>,
    /// Whether segments reach the listener.
    connected: bool,
}

fn server() -> SocketAddrV4 {
    "10.0.0.2:80".parse().unwrap()
}

impl Hall {
    fn new(backlog: i32) -> Self {
        let local = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 80);
        Hall {
            now: Instant::ZERO,
            listener: Listener::new(local, backlog, Config::default()),
            clients: Vec::new(),
            events: Vec::new(),
            connected: true,
        }
    }

    fn connect(&mut self) -> usize {
        let local = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 40_000 + self.clients.len() as u16);
        self.clients.push(Connection::open(local, server(), Config::default(), self.now));
        self.pump();
        self.clients.len() - 1
    }

    fn arrive(&mut self, source: Ipv4Addr, segment: Segment) {
        self.listener.handle_input(self.now, Arrival { source, destination: *server().ip(), segment });
    }

    /// Carries segments until nobody has more to say.
    fn pump(&mut self) {
        loop {
            let mut moved = false;
            for index in 0..self.clients.len() {
                while let Some(output) = self.clients[index].poll_output() {
                    if let (Output::Segment { segment, .. }, true) = (output, self.connected) {
                        self.arrive(*self.clients[index].local().ip(), segment);
                    }
                    moved = true;
                }
            }
            while let Some(Addressed { remote, output, .. }) = self.listener.poll_output() {
                match output {
                    Output::Segment { segment, .. } => {
                        if let Some(client) = self.clients.iter_mut().find(|client| client.local() == remote) {
                            client.handle_input(self.now, segment);
                        }
                    }
                    Output::Event(event) => self.events.push(event),
                }
                moved = true;
            }
            if !moved {
                return;
            }
        }
    }

    fn run_for(&mut self, time: Duration) {
        let until = self.now + time;
        loop {
            let timers = self.clients.iter().filter_map(Machine::poll_timeout).chain(self.listener.poll_timeout());
            let Some(next) = timers.map(|deadline| deadline.at).min().filter(|at| *at <= until) else { break };
            self.now = next;
            self.listener.handle_timeout(next);
            self.clients.iter_mut().for_each(|client| client.handle_timeout(next));
            self.pump();
        }
        self.now = until;
    }

    fn discarded(&self, wanted: DiscardCause) -> usize {
        let found =
            self.events.iter().filter(|event| matches!(event, Event::Discarded { cause, .. } if *cause == wanted));
        found.count()
    }
}

#[test]
fn accept_gives_connections_in_the_order_their_handshakes_ended() {
    let mut hall = Hall::new(5);
    let clients = [hall.connect(), hall.connect()];
    assert_eq!(hall.listener.queues(), (0, 2));
    for client in clients {
        let accepted = hall.listener.accept().unwrap();
        assert_eq!((accepted.state(), accepted.remote()), (State::Established, hall.clients[client].local()));
        assert_eq!(accepted.local(), server(), "the address the client named, not 0.0.0.0");
    }
    assert!(hall.listener.accept().is_none());
}

#[test]
fn the_accept_queue_holds_one_more_than_the_backlog_and_then_syn_is_dropped() {
    for backlog in [0, 1, 3] {
        let mut hall = Hall::new(backlog);
        let states: Vec<State> = (0..6)
            .map(|_| {
                let client = hall.connect();
                hall.clients[client].state()
            })
            .collect();
        let place = backlog as usize + 1;
        assert_eq!(states.iter().filter(|state| **state == State::Established).count(), place);
        assert!(states[place..].iter().all(|state| *state == State::SynSent), "not refused: ignored");
        assert_eq!(hall.discarded(DiscardCause::BacklogFull), 6 - place);
    }
}

#[test]
fn a_client_that_was_ignored_gets_in_when_a_place_is_free() {
    let mut hall = Hall::new(0);
    hall.connect();
    let late = hall.connect();
    assert_eq!(hall.clients[late].state(), State::SynSent);
    hall.listener.accept().unwrap();
    hall.run_for(Duration::from_secs(2));
    assert_eq!(hall.clients[late].state(), State::Established);
}

#[test]
fn a_last_acknowledgement_without_a_place_is_ignored_and_the_client_believes_it_is_connected() {
    let mut hall = Hall::new(0);
    // Two handshakes at once: both SYNs find a place, only one acknowledgement does.
    hall.connected = false;
    let syns: Vec<Segment> = (0..2)
        .map(|index| {
            let local = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 40_000 + index);
            let mut client = Connection::open(local, server(), Config::default(), hall.now);
            let syn = std::iter::from_fn(|| client.poll_output()).find_map(|output| match output {
                Output::Segment { segment, .. } => Some(segment),
                Output::Event(_) => None,
            });
            hall.clients.push(client);
            syn.unwrap()
        })
        .collect();
    hall.connected = true;
    for syn in syns {
        hall.arrive(Ipv4Addr::new(10, 0, 0, 1), syn);
    }
    hall.pump();
    assert_eq!(hall.listener.queues(), (1, 1));
    assert!(hall.clients.iter().all(|client| client.state() == State::Established));
    hall.listener.accept().unwrap();
    hall.run_for(Duration::from_secs(2));
    assert_eq!(hall.listener.queues(), (0, 1), "SYN-ACK was repeated, and answered");
}

#[test]
fn data_waits_in_a_connection_that_nobody_accepted() {
    let mut hall = Hall::new(5);
    let client = hall.connect();
    let now = hall.now;
    assert_eq!(hall.clients[client].send(now, &Bytes::from_static(b"early")), Ok(5));
    hall.pump();
    let mut accepted = hall.listener.accept().unwrap();
    assert_eq!(accepted.recv(now, 100), Ok(Bytes::from_static(b"early")));
}

#[test]
fn a_connection_that_was_reset_in_the_queue_is_still_accepted_and_says_so() {
    let mut hall = Hall::new(5);
    let client = hall.connect();
    let now = hall.now;
    hall.clients[client].abort(now);
    hall.pump();
    let mut accepted = hall.listener.accept().unwrap();
    assert_eq!(accepted.recv(now, 1), Err(RecvError::Failed(Failure::Reset)));
    assert_eq!(accepted.send(now, &Bytes::from_static(b"x")), Err(SendError::Closed));
}

#[test]
fn closing_the_listener_resets_those_who_wait() {
    let mut hall = Hall::new(5);
    let client = hall.connect();
    let now = hall.now;
    hall.listener.close(now);
    hall.pump();
    assert_eq!(hall.clients[client].error(), Some(Failure::Reset));
    assert!(matches!(
        hall.events.last(),
        Some(Event::StateChanged { from: State::Listen, to: State::Closed, trigger: Trigger::Close, peer: None, .. })
    ));
}

#[test]
fn a_handshake_that_never_ends_is_forgotten() {
    let mut hall = Hall::new(5);
    hall.connected = false;
    hall.connect();
    let syn_of_nobody = Segment {
        source_port: 9,
        destination_port: 80,
        sequence: 1,
        acknowledgement: 0,
        control: crate::wire::Control { syn: true, ..Default::default() },
        window: 1000,
        urgent: 0,
        options: Default::default(),
        payload: Default::default(),
    };
    hall.arrive(Ipv4Addr::new(10, 0, 0, 9), syn_of_nobody);
    hall.pump();
    assert_eq!(hall.listener.queues(), (1, 0));
    hall.run_for(Duration::from_secs(100));
    assert_eq!(hall.listener.queues(), (0, 0));
    assert!(hall.events.contains(&Event::TimerFired { timer: Timer::Retransmission }));
}

#[test]
fn what_a_stranger_can_make_us_keep_has_a_limit() {
    let mut hall = Hall::new(4096);
    hall.connected = false;
    for index in 0..1000u16 {
        let local = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 9), 1000 + index);
        let mut stranger = Connection::open(local, server(), Config::default(), hall.now);
        while let Some(output) = stranger.poll_output() {
            if let Output::Segment { segment, .. } = output {
                hall.arrive(*local.ip(), segment);
            }
        }
    }
    assert_eq!(hall.listener.queues().0, LONGEST_SYN_QUEUE);
}

#[test]
fn an_acknowledgement_for_no_connection_is_answered_with_rst() {
    let mut hall = Hall::new(5);
    let client = hall.connect();
    let now = hall.now;
    hall.listener = Listener::new(hall.listener.local(), 5, Config::default());
    let _ = hall.clients[client].send(now, &Bytes::from_static(b"to the old one"));
    hall.pump();
    assert_eq!(hall.clients[client].error(), Some(Failure::Reset));
}
