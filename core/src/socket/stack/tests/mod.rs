//! Stacks that talk to each other over a wire without a program: what calls return, as Linux returns it.

mod anything;
mod datagrams;

use super::*;
use crate::socket::{Flags, How, OptionValue, SocketOption};
use crate::stream::Data;
use crate::time::Duration;
use std::collections::BTreeMap;

/// Hosts 10.0.0.1, 10.0.0.2, … on a wire of 1 ms that loses what `lose` says.
struct Bench {
    now: Instant,
    stacks: Vec<Stack>,
    wire: VecDeque<(Instant, usize, Frame)>,
    results: BTreeMap<(usize, CallId), Outcome>,
    /// How often each call was answered.
    answers: BTreeMap<(usize, CallId), u32>,
    blocked: BTreeMap<(usize, CallId), Reason>,
    seen: Vec<(usize, Seen)>,
    calls: CallId,
}

const SERVER: usize = 1;
const CLIENT: usize = 0;

fn at(text: &str) -> SocketAddrV4 {
    text.parse().unwrap()
}

fn bytes(text: &str) -> Data {
    Data::from(text.as_bytes())
}

impl Bench {
    fn new(hosts: u8) -> Self {
        let stack = |index: u8| {
            Stack::new(Config {
                mac: MacAddress([2, 0, 0, 0, 0, index]),
                address: Ipv4Addr::new(10, 0, 0, index),
                prefix: 24,
                mtu: 1500,
                tcp: tcp::Config::with_mtu(1500),
                seed: u64::from(index),
            })
        };
        Bench {
            now: Instant::ZERO,
            stacks: (1..=hosts).map(stack).collect(),
            wire: VecDeque::new(),
            results: BTreeMap::new(),
            answers: BTreeMap::new(),
            blocked: BTreeMap::new(),
            seen: Vec::new(),
            calls: 0,
        }
    }

    fn start(&mut self, host: usize, call: Call) -> CallId {
        self.calls += 1;
        self.stacks[host].call(self.now, 0, self.calls, call);
        self.drain(host);
        self.calls
    }

    fn drain(&mut self, host: usize) {
        while let Some(output) = self.stacks[host].poll_output() {
            match output {
                Output::Frame { frame, .. } => {
                    let own = self.stacks[host].config.mac;
                    for to in 0..self.stacks.len() {
                        let mac = self.stacks[to].config.mac;
                        let everyone = frame.destination == MacAddress::BROADCAST && to != host;
                        if everyone || frame.destination == mac {
                            let delay = if frame.destination == own { 10 } else { 1_000 };
                            self.wire.push_back((self.now + Duration::from_micros(delay), to, frame.clone()));
                        }
                    }
                }
                Output::Completed { id, outcome, .. } => {
                    *self.answers.entry((host, id)).or_default() += 1;
                    self.results.insert((host, id), outcome);
                }
                Output::Blocked { id, reason } => {
                    self.blocked.insert((host, id), reason);
                }
                Output::Seen { what, .. } => self.seen.push((host, what)),
            }
        }
    }

    /// Lets time pass until nothing is due before `end`.
    fn run_until(&mut self, end: Instant) {
        loop {
            let arrival = self.wire.iter().map(|(at, ..)| *at).min();
            let timers = self.stacks.iter().filter_map(|stack| stack.poll_timeout().map(|due| due.at));
            let Some(next) = arrival.into_iter().chain(timers).min().filter(|at| *at <= end) else { break };
            self.now = self.now.max(next);
            if let Some(index) = self.wire.iter().position(|(at, ..)| *at <= self.now) {
                let (_, to, frame) = self.wire.remove(index).unwrap();
                self.stacks[to].handle_input(self.now, frame);
                self.drain(to);
            } else {
                for host in 0..self.stacks.len() {
                    self.stacks[host].handle_timeout(self.now);
                    self.drain(host);
                }
            }
        }
        self.now = self.now.max(end);
    }

    /// Makes a call and lets time pass until it returns, at most 20 s.
    fn call(&mut self, host: usize, call: Call) -> Outcome {
        let id = self.start(host, call);
        let end = self.now + Duration::from_secs(20);
        while !self.results.contains_key(&(host, id)) && self.now < end {
            self.run_until(self.now + Duration::from_micros(500));
        }
        self.results.get(&(host, id)).cloned().expect("the call returns")
    }

    fn pass(&mut self, millis: u64) {
        self.run_until(self.now + Duration::from_millis(millis));
    }

    fn socket(&mut self, host: usize, kind: Kind) -> Descriptor {
        match self.call(host, Call::Socket { kind, protocol: 0 }) {
            Outcome::Ok(Answer::Number(fd)) => fd as Descriptor,
            other => panic!("{other:?}"),
        }
    }

    fn listening(&mut self, port: u16, backlog: i32) -> Descriptor {
        let fd = self.socket(SERVER, Kind::Stream);
        let address = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port);
        assert_eq!(self.call(SERVER, Call::Bind { fd, address }), Outcome::DONE);
        assert_eq!(self.call(SERVER, Call::Listen { fd, backlog }), Outcome::DONE);
        fd
    }

    fn accept(&mut self, fd: Descriptor) -> Descriptor {
        match self.call(SERVER, Call::Accept { fd }) {
            Outcome::Ok(Answer::Accepted { accepted, .. }) => accepted,
            other => panic!("{other:?}"),
        }
    }

    /// A connection: the client's and the server's descriptor.
    fn connected(&mut self) -> (Descriptor, Descriptor) {
        let listener = self.listening(8888, 5);
        let client = self.socket(CLIENT, Kind::Stream);
        assert_eq!(self.call(CLIENT, Call::Connect { fd: client, address: at("10.0.0.2:8888") }), Outcome::DONE);
        (client, self.accept(listener))
    }

    fn send(&mut self, host: usize, fd: Descriptor, text: &str) -> Outcome {
        self.call(host, Call::Send { fd, data: bytes(text), flags: Flags::default(), all: false })
    }

    fn recv(&mut self, host: usize, fd: Descriptor) -> Outcome {
        self.call(host, Call::Recv { fd, size: 1024, flags: Flags::default() })
    }
}

fn data(text: &str) -> Outcome {
    Outcome::Ok(Answer::Data(bytes(text)))
}

fn number(number: i64) -> Outcome {
    Outcome::Ok(Answer::Number(number))
}

#[test]
fn a_message_crosses_a_connection_both_ways() {
    let mut bench = Bench::new(2);
    let (client, server) = bench.connected();
    assert_eq!((client, server), (3, 4));
    assert_eq!(bench.send(CLIENT, client, "hello"), number(5));
    assert_eq!(bench.recv(SERVER, server), data("hello"));
    assert_eq!(bench.send(SERVER, server, "hi"), number(2));
    assert_eq!(bench.recv(CLIENT, client), data("hi"));
}

#[test]
fn recv_returns_empty_when_the_peer_closes() {
    let mut bench = Bench::new(2);
    let (client, server) = bench.connected();
    let id = bench.start(SERVER, Call::Recv { fd: server, size: 9, flags: Flags::default() });
    bench.pass(10);
    assert_eq!(bench.blocked[&(SERVER, id)], Reason::Data);
    bench.call(CLIENT, Call::Close { fd: client });
    bench.pass(10);
    assert_eq!(bench.results[&(SERVER, id)], data(""));
}

#[test]
fn the_first_send_to_a_closed_peer_succeeds_and_the_second_breaks() {
    let mut bench = Bench::new(2);
    let (client, server) = bench.connected();
    bench.call(SERVER, Call::Close { fd: server });
    bench.pass(10);
    assert_eq!(bench.send(CLIENT, client, "x"), number(1));
    bench.pass(10);
    assert_eq!(bench.send(CLIENT, client, "y"), Outcome::Error(Errno::EPIPE));
    assert_eq!(bench.recv(CLIENT, client), data(""));
    assert_eq!(bench.call(CLIENT, Call::PeerAddress { fd: client }), Outcome::Error(Errno::ENOTCONN));
}

#[test]
fn unread_data_at_close_resets_the_peer() {
    let mut bench = Bench::new(2);
    let (client, server) = bench.connected();
    bench.send(CLIENT, client, "unread");
    bench.pass(10);
    bench.call(SERVER, Call::Close { fd: server });
    bench.pass(10);
    assert_eq!(bench.recv(CLIENT, client), Outcome::Error(Errno::ECONNRESET));
    assert_eq!(bench.recv(CLIENT, client), data(""));
    assert_eq!(bench.send(CLIENT, client, "x"), Outcome::Error(Errno::EPIPE));
}

#[test]
fn a_port_without_a_listener_refuses() {
    let mut bench = Bench::new(2);
    let fd = bench.socket(CLIENT, Kind::Stream);
    let connect = Call::Connect { fd, address: at("10.0.0.2:9") };
    assert_eq!(bench.call(CLIENT, connect.clone()), Outcome::Error(Errno::ECONNREFUSED));
    assert_eq!(bench.call(CLIENT, connect), Outcome::Error(Errno::ECONNREFUSED), "and can be tried again");
    assert_eq!(bench.recv(CLIENT, fd), Outcome::Error(Errno::ENOTCONN));
    assert_eq!(bench.send(CLIENT, fd, "x"), Outcome::Error(Errno::EPIPE));
}

#[test]
fn nobody_at_an_address_is_no_route_after_three_requests() {
    let mut bench = Bench::new(2);
    let fd = bench.socket(CLIENT, Kind::Stream);
    let result = bench.call(CLIENT, Call::Connect { fd, address: at("10.0.0.77:80") });
    assert_eq!(result, Outcome::Error(Errno::EHOSTUNREACH));
    assert!((3_000_000..3_010_000).contains(&bench.now.as_micros()), "{}", bench.now);
    let result = bench.call(CLIENT, Call::Connect { fd, address: at("192.168.1.1:80") });
    assert_eq!(result, Outcome::Error(Errno::ENETUNREACH));
}

#[test]
fn a_non_blocking_connect_is_in_progress_then_done_then_connected() {
    let mut bench = Bench::new(2);
    bench.listening(8888, 5);
    let fd = bench.socket(CLIENT, Kind::Stream);
    bench.call(CLIENT, Call::SetBlocking { fd, mode: Blocking::Never });
    let connect = Call::Connect { fd, address: at("10.0.0.2:8888") };
    let now = |bench: &mut Bench| {
        let id = bench.start(CLIENT, connect.clone());
        bench.results[&(CLIENT, id)].clone()
    };
    assert_eq!(now(&mut bench), Outcome::Error(Errno::EINPROGRESS));
    assert_eq!(now(&mut bench), Outcome::Error(Errno::EALREADY));
    bench.pass(10);
    assert_eq!(now(&mut bench), Outcome::DONE);
    assert_eq!(now(&mut bench), Outcome::Error(Errno::EISCONN));
}

#[test]
fn a_refused_non_blocking_connect_is_told_by_so_error_once() {
    let mut bench = Bench::new(2);
    let fd = bench.socket(CLIENT, Kind::Stream);
    bench.call(CLIENT, Call::SetBlocking { fd, mode: Blocking::Never });
    bench.start(CLIENT, Call::Connect { fd, address: at("10.0.0.2:9") });
    bench.pass(10);
    let select = Call::Select { read: vec![fd], write: vec![fd], except: vec![fd], timeout: Some(Duration::ZERO) };
    let ready = Outcome::Ok(Answer::Ready { read: vec![fd], write: vec![fd], except: vec![] });
    assert_eq!(bench.call(CLIENT, select), ready);
    let error = Call::GetOption { fd, option: SocketOption::SoError };
    assert_eq!(bench.call(CLIENT, error.clone()), number(111));
    assert_eq!(bench.call(CLIENT, error), number(0));
}

#[test]
fn half_closed_connections_still_carry_the_other_way() {
    let mut bench = Bench::new(2);
    let (client, server) = bench.connected();
    assert_eq!(bench.call(CLIENT, Call::Shutdown { fd: client, how: How::Write }), Outcome::DONE);
    assert_eq!(bench.recv(SERVER, server), data(""));
    assert_eq!(bench.send(SERVER, server, "still"), number(5));
    assert_eq!(bench.recv(CLIENT, client), data("still"));
    assert_eq!(bench.send(CLIENT, client, "x"), Outcome::Error(Errno::EPIPE));
}

#[test]
fn send_blocks_when_both_buffers_are_full_and_goes_on_when_the_peer_reads() {
    let mut bench = Bench::new(2);
    let listener = bench.listening(8888, 5);
    let client = bench.socket(CLIENT, Kind::Stream);
    // Connections inherit the listener's buffer; one that is set later does not take back a window already offered.
    for (host, fd, option) in [(CLIENT, client, SocketOption::SoSndbuf), (SERVER, listener, SocketOption::SoRcvbuf)] {
        bench.call(host, Call::SetOption { fd, option, value: OptionValue::Number(4096) });
    }
    bench.call(CLIENT, Call::Connect { fd: client, address: at("10.0.0.2:8888") });
    let server = bench.accept(listener);
    let text = "z".repeat(60_000);
    let send = Call::Send { fd: client, data: bytes(&text), flags: Flags::default(), all: true };
    let id = bench.start(CLIENT, send);
    bench.pass(1_000);
    assert_eq!(bench.blocked[&(CLIENT, id)], Reason::SendBuffer);
    assert!(!bench.results.contains_key(&(CLIENT, id)));
    let mut read = 0;
    while read < text.len() {
        match bench.recv(SERVER, server) {
            Outcome::Ok(Answer::Data(data)) => read += data.len(),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(bench.results[&(CLIENT, id)], Outcome::DONE);
}

#[test]
fn a_time_limit_ends_a_recv() {
    let mut bench = Bench::new(2);
    let (client, _) = bench.connected();
    bench.call(CLIENT, Call::SetBlocking { fd: client, mode: Blocking::AtMost(Duration::from_millis(50)) });
    let begun = bench.now;
    assert_eq!(bench.recv(CLIENT, client), Outcome::TimedOut);
    assert!(bench.now.since(begun) >= Duration::from_millis(50));
    bench.call(CLIENT, Call::SetBlocking { fd: client, mode: Blocking::Never });
    assert_eq!(bench.recv(CLIENT, client), Outcome::Error(Errno::EAGAIN));
}

#[test]
fn peek_leaves_the_data_and_waitall_gathers_it() {
    let mut bench = Bench::new(2);
    let (client, server) = bench.connected();
    bench.send(CLIENT, client, "abc");
    let peek = Flags { peek: true, ..Flags::default() };
    assert_eq!(bench.call(SERVER, Call::Recv { fd: server, size: 2, flags: peek }), data("ab"));
    let all = Flags { wait_all: true, ..Flags::default() };
    let id = bench.start(SERVER, Call::Recv { fd: server, size: 5, flags: all });
    bench.pass(10);
    assert!(!bench.results.contains_key(&(SERVER, id)));
    bench.send(CLIENT, client, "defg");
    bench.pass(10);
    assert_eq!(bench.results[&(SERVER, id)], data("abcde"));
    assert_eq!(bench.recv(SERVER, server), data("fg"));
}

#[test]
fn a_port_is_in_use_until_its_time_wait_ends_unless_reused() {
    let mut bench = Bench::new(2);
    let (client, server) = bench.connected();
    let again = bench.socket(SERVER, Kind::Stream);
    let bind = Call::Bind { fd: again, address: at("0.0.0.0:8888") };
    assert_eq!(bench.call(SERVER, bind.clone()), Outcome::Error(Errno::EADDRINUSE));
    // The server closes first, so TIME-WAIT is its.
    bench.call(SERVER, Call::Close { fd: server });
    bench.call(CLIENT, Call::Close { fd: client });
    bench.call(SERVER, Call::Close { fd: 3 });
    bench.pass(100);
    assert_eq!(bench.call(SERVER, bind.clone()), Outcome::Error(Errno::EADDRINUSE));
    bench.pass(61_000);
    assert_eq!(bench.call(SERVER, bind), Outcome::DONE);
}

#[test]
fn descriptors_that_are_not_open_are_bad() {
    let mut bench = Bench::new(1);
    assert_eq!(bench.recv(CLIENT, 7), Outcome::Error(Errno::EBADF));
    let fd = bench.socket(CLIENT, Kind::Stream);
    assert_eq!(bench.call(CLIENT, Call::Close { fd }), Outcome::DONE);
    assert_eq!(bench.call(CLIENT, Call::Close { fd }), Outcome::Error(Errno::EBADF));
}

#[test]
fn bind_refuses_foreign_addresses_and_a_second_time() {
    let mut bench = Bench::new(1);
    let fd = bench.socket(CLIENT, Kind::Stream);
    let bind = |address: &str| Call::Bind { fd, address: at(address) };
    assert_eq!(bench.call(CLIENT, bind("10.0.0.9:80")), Outcome::Error(Errno::EADDRNOTAVAIL));
    assert_eq!(bench.call(CLIENT, bind("10.0.0.1:80")), Outcome::DONE);
    assert_eq!(bench.call(CLIENT, bind("10.0.0.1:81")), Outcome::Error(Errno::EINVAL));
}

#[test]
fn buffers_are_doubled_and_bounded() {
    let mut bench = Bench::new(1);
    let fd = bench.socket(CLIENT, Kind::Stream);
    for (asked, receive, send) in [(0, 2304, 4608), (5000, 10_000, 10_000), (10_000_000, 425_984, 425_984)] {
        for (option, expected) in [(SocketOption::SoRcvbuf, receive), (SocketOption::SoSndbuf, send)] {
            bench.call(CLIENT, Call::SetOption { fd, option, value: OptionValue::Number(asked) });
            assert_eq!(bench.call(CLIENT, Call::GetOption { fd, option }), number(expected));
        }
    }
}

#[test]
fn loopback_connects_a_host_with_itself() {
    let mut bench = Bench::new(2);
    let listener = bench.listening(80, 5);
    for address in ["127.0.0.1:80", "10.0.0.2:80", "0.0.0.0:80"] {
        let fd = bench.socket(SERVER, Kind::Stream);
        assert_eq!(bench.call(SERVER, Call::Connect { fd, address: at(address) }), Outcome::DONE, "{address}");
        let accepted = bench.accept(listener);
        bench.send(SERVER, fd, "self");
        assert_eq!(bench.recv(SERVER, accepted), data("self"));
    }
}

#[test]
fn a_pair_carries_bytes_and_ends() {
    let mut bench = Bench::new(1);
    assert_eq!(bench.call(0, Call::SocketPair), Outcome::Ok(Answer::Pair { pair: (3, 4) }));
    assert_eq!(bench.send(0, 3, "to the other"), number(12));
    assert_eq!(bench.recv(0, 4), data("to the other"));
    bench.call(0, Call::Close { fd: 3 });
    assert_eq!(bench.recv(0, 4), data(""));
    assert_eq!(bench.send(0, 4, "x"), Outcome::Error(Errno::EPIPE));
}

#[test]
fn a_process_that_ends_closes_what_it_held() {
    let mut bench = Bench::new(2);
    let (client, _) = bench.connected();
    bench.stacks[SERVER].exit(bench.now);
    bench.drain(SERVER);
    assert_eq!(bench.recv(CLIENT, client), data(""));
    let fd = bench.socket(CLIENT, Kind::Stream);
    let refused = bench.call(CLIENT, Call::Connect { fd, address: at("10.0.0.2:8888") });
    assert_eq!(refused, Outcome::Error(Errno::ECONNREFUSED));
}

#[test]
fn linger_waits_until_the_peer_has_everything() {
    let mut bench = Bench::new(2);
    let (client, _) = bench.connected();
    let linger = |on, seconds| OptionValue::Linger { on, seconds };
    let set = |fd, value| Call::SetOption { fd, option: SocketOption::SoLinger, value };
    bench.call(CLIENT, set(client, linger(true, 3)));
    bench.send(CLIENT, client, "x");
    let id = bench.start(CLIENT, Call::Close { fd: client });
    assert_eq!(bench.blocked[&(CLIENT, id)], Reason::Linger);
    bench.pass(100);
    assert_eq!(bench.results[&(CLIENT, id)], Outcome::DONE);
}

#[test]
fn linger_of_zero_seconds_resets() {
    let mut bench = Bench::new(2);
    let (client, server) = bench.connected();
    let value = OptionValue::Linger { on: true, seconds: 0 };
    bench.call(CLIENT, Call::SetOption { fd: client, option: SocketOption::SoLinger, value });
    bench.call(CLIENT, Call::Close { fd: client });
    bench.pass(10);
    assert_eq!(bench.recv(SERVER, server), Outcome::Error(Errno::ECONNRESET));
}

#[test]
fn a_receive_time_option_ends_in_eagain() {
    let mut bench = Bench::new(2);
    let (client, _) = bench.connected();
    let value = OptionValue::Number(20_000);
    bench.call(CLIENT, Call::SetOption { fd: client, option: SocketOption::SoRcvtimeo, value });
    assert_eq!(bench.recv(CLIENT, client), Outcome::Error(Errno::EAGAIN));
}

#[test]
fn reuse_permits_binding_beside_what_does_not_listen() {
    let mut bench = Bench::new(1);
    let [a, b, c] = [(); 3].map(|()| bench.socket(CLIENT, Kind::Stream));
    let bind = |fd| Call::Bind { fd, address: at("0.0.0.0:80") };
    for fd in [a, b, c] {
        let value = OptionValue::Number(1);
        bench.call(CLIENT, Call::SetOption { fd, option: SocketOption::SoReuseaddr, value });
    }
    assert_eq!(bench.call(CLIENT, bind(a)), Outcome::DONE);
    assert_eq!(bench.call(CLIENT, bind(b)), Outcome::DONE);
    assert_eq!(bench.call(CLIENT, Call::Listen { fd: a, backlog: 1 }), Outcome::DONE);
    assert_eq!(bench.call(CLIENT, Call::Listen { fd: b, backlog: 1 }), Outcome::Error(Errno::EADDRINUSE));
    assert_eq!(bench.call(CLIENT, bind(c)), Outcome::Error(Errno::EADDRINUSE));
}

#[test]
fn a_select_waits_for_the_first_that_is_ready() {
    let mut bench = Bench::new(2);
    let (client, server) = bench.connected();
    let select = Call::Select { read: vec![3, server], write: vec![], except: vec![], timeout: None };
    let id = bench.start(SERVER, select.clone());
    bench.pass(10);
    assert_eq!(bench.blocked[&(SERVER, id)], Reason::Readiness);
    bench.send(CLIENT, client, "x");
    bench.pass(10);
    let ready = |read| Outcome::Ok(Answer::Ready { read, write: vec![], except: vec![] });
    assert_eq!(bench.results[&(SERVER, id)], ready(vec![server]));
    bench.recv(SERVER, server);
    let limited =
        Call::Select { read: vec![3], write: vec![], except: vec![], timeout: Some(Duration::from_millis(5)) };
    assert_eq!(bench.call(SERVER, limited), ready(vec![]));
    let bad = Call::Select { read: vec![77], write: vec![], except: vec![], timeout: None };
    assert_eq!(bench.call(SERVER, bad), Outcome::Error(Errno::EBADF));
}
