//! Datagram sockets on the bench: boundaries, broadcast, and who hears of a closed port.

use super::*;

fn datagram(text: &str, from: &str) -> Outcome {
    let answer = Answer::Datagram { data: bytes(text), from: Some(at(from)), length: text.len() };
    Outcome::Ok(answer)
}

impl Bench {
    fn bound(&mut self, host: usize, address: &str) -> Descriptor {
        let fd = self.socket(host, Kind::Datagram);
        assert_eq!(self.call(host, Call::Bind { fd, address: at(address) }), Outcome::DONE);
        fd
    }

    fn sendto(&mut self, host: usize, fd: Descriptor, text: &str, address: &str) -> Outcome {
        self.call(host, Call::SendTo { fd, data: bytes(text), flags: Flags::default(), address: at(address) })
    }

    fn recvfrom(&mut self, host: usize, fd: Descriptor, size: usize) -> Outcome {
        self.call(host, Call::RecvFrom { fd, size, flags: Flags::default() })
    }
}

#[test]
fn datagrams_keep_their_boundaries_and_are_cut_not_continued() {
    let mut bench = Bench::new(2);
    let server = bench.bound(SERVER, "0.0.0.0:9999");
    let client = bench.bound(CLIENT, "0.0.0.0:5000");
    for text in ["one", "a long one", "three"] {
        assert_eq!(bench.sendto(CLIENT, client, text, "10.0.0.2:9999"), number(text.len() as i64));
    }
    assert_eq!(bench.recvfrom(SERVER, server, 100), datagram("one", "10.0.0.1:5000"));
    let cut = Answer::Datagram { data: bytes("a lo"), from: Some(at("10.0.0.1:5000")), length: 10 };
    assert_eq!(bench.recvfrom(SERVER, server, 4), Outcome::Ok(cut));
    assert_eq!(bench.recvfrom(SERVER, server, 100), datagram("three", "10.0.0.1:5000"));
}

#[test]
fn a_long_datagram_crosses_in_fragments() {
    let mut bench = Bench::new(2);
    let server = bench.bound(SERVER, "0.0.0.0:9999");
    let client = bench.bound(CLIENT, "0.0.0.0:5000");
    let text = "0123456789".repeat(500);
    bench.sendto(CLIENT, client, &text, "10.0.0.2:9999");
    assert_eq!(bench.recvfrom(SERVER, server, 65_536), datagram(&text, "10.0.0.1:5000"));
    let longest = "x".repeat(65_507);
    assert_eq!(bench.sendto(CLIENT, client, &longest, "10.0.0.2:9999"), number(65_507));
    let longer = "x".repeat(65_508);
    assert_eq!(bench.sendto(CLIENT, client, &longer, "10.0.0.2:9999"), Outcome::Error(Errno::EMSGSIZE));
}

#[test]
fn a_connected_datagram_socket_hears_that_a_port_is_closed() {
    let mut bench = Bench::new(2);
    let fd = bench.socket(CLIENT, Kind::Datagram);
    bench.call(CLIENT, Call::Connect { fd, address: at("10.0.0.2:9") });
    assert_eq!(bench.send(CLIENT, fd, "x"), number(1));
    bench.pass(10);
    assert_eq!(bench.send(CLIENT, fd, "y"), Outcome::Error(Errno::ECONNREFUSED));
    assert_eq!(bench.send(CLIENT, fd, "z"), number(1));
    assert_eq!(bench.recv(CLIENT, fd), Outcome::Error(Errno::ECONNREFUSED));
    let cause = Seen::Datagram(udp::DiscardCause::NoSocket);
    assert!(bench.seen.contains(&(SERVER, cause)), "the server says why");
}

#[test]
fn an_unconnected_datagram_socket_does_not_hear_it() {
    let mut bench = Bench::new(2);
    let fd = bench.socket(CLIENT, Kind::Datagram);
    bench.sendto(CLIENT, fd, "x", "10.0.0.2:9");
    bench.pass(10);
    bench.call(CLIENT, Call::SetBlocking { fd, mode: Blocking::Never });
    assert_eq!(bench.recvfrom(CLIENT, fd, 10), Outcome::Error(Errno::EAGAIN));
}

#[test]
fn broadcast_needs_permission_and_reaches_everyone_the_sender_too() {
    let mut bench = Bench::new(4);
    let receivers: Vec<Descriptor> = (0..4).map(|host| bench.bound(host, "0.0.0.0:7000")).collect();
    let fd = bench.socket(0, Kind::Datagram);
    for address in ["255.255.255.255:7000", "10.0.0.255:7000"] {
        bench.call(0, Call::SetOption { fd, option: SocketOption::SoBroadcast, value: OptionValue::Number(0) });
        assert_eq!(bench.sendto(0, fd, "hi", address), Outcome::Error(Errno::EACCES));
        bench.call(0, Call::SetOption { fd, option: SocketOption::SoBroadcast, value: OptionValue::Number(1) });
        assert_eq!(bench.sendto(0, fd, "hi", address), number(2));
        for (host, receiver) in receivers.iter().enumerate() {
            match bench.recvfrom(host, *receiver, 10) {
                Outcome::Ok(Answer::Datagram { data, .. }) => assert_eq!(&*data, b"hi", "{host}"),
                other => panic!("{host}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_full_mailbox_drops_and_says_so() {
    let mut bench = Bench::new(2);
    let server = bench.bound(SERVER, "0.0.0.0:9999");
    let value = OptionValue::Number(0);
    bench.call(SERVER, Call::SetOption { fd: server, option: SocketOption::SoRcvbuf, value });
    let client = bench.socket(CLIENT, Kind::Datagram);
    for _ in 0..10 {
        bench.sendto(CLIENT, client, "x", "10.0.0.2:9999");
    }
    bench.pass(10);
    let dropped = Seen::Datagram(udp::DiscardCause::BufferFull);
    assert_eq!(bench.seen.iter().filter(|(_, what)| *what == dropped).count(), 8, "two fit into 2,304 bytes");
}

#[test]
fn a_datagram_to_nobody_is_lost_in_silence() {
    let mut bench = Bench::new(1);
    let fd = bench.socket(CLIENT, Kind::Datagram);
    bench.call(CLIENT, Call::Connect { fd, address: at("10.0.0.78:9") });
    assert_eq!(bench.send(CLIENT, fd, "x"), number(1));
    bench.call(CLIENT, Call::SetBlocking { fd, mode: Blocking::AtMost(Duration::from_secs(5)) });
    assert_eq!(bench.recv(CLIENT, fd), Outcome::TimedOut);
}
