//! Every claim of the lecture that a run can show.

use super::*;
use crate::tcp::{self, State};
use crate::time::Duration;

const LINK: &str = "[link]\ndelay = '10ms'";

const SERVER: &str = "
    from socket import *
    s = socket(AF_INET, SOCK_STREAM)
    s.bind(('', 8888))
    s.listen(5)
    c, addr = s.accept()
";

#[test]
fn five_sends_arrive_in_one_recv() {
    let trace = run_hosts(
        LINK,
        &[
            (
                "server",
                "
                from socket import *
                from time import sleep
                s = socket(AF_INET, SOCK_STREAM)
                s.bind(('', 8888))
                s.listen(5)
                c, addr = s.accept()
                sleep(0.2)
                data = c.recv(1024)
                print(data)
                c.close()
                s.close()
                ",
            ),
            (
                "client",
                "
                from socket import *
                s = socket(AF_INET, SOCK_STREAM)
                s.connect(('server', 8888))
                for i in range(5):
                    s.send(b'msg%d' % i)
                s.close()
                ",
            ),
        ],
    );
    all_ended_well(&trace);
    assert_eq!(received(&trace, "server"), ["msg0msg1msg2msg3msg4"]);
    assert_eq!(stdout(&trace, "server"), "b'msg0msg1msg2msg3msg4'\n");
}

#[test]
fn a_handshake_is_three_segments_and_a_close_goes_through_every_state() {
    // The pause lets the delayed acknowledgement of FIN out; without it, it would ride on the server's own FIN.
    let server =
        format!("{}    c.recv(10)\n    import time\n    time.sleep(0.2)\n    c.close()\n    s.close()", SERVER);
    let client = "
        from socket import *
        s = socket(AF_INET, SOCK_STREAM)
        s.connect(('server', 8888))
        s.close()
    ";
    let trace = run_hosts(LINK, &[("server", &server), ("client", client)]);
    all_ended_well(&trace);
    let flags: Vec<Vec<&str>> = trace
        .events
        .iter()
        .filter_map(|event| match &event.body {
            Body::Tcp(tcp::Event::SegmentSent { segment, .. }) => Some(segment.control.names().collect()),
            _ => None,
        })
        .collect();
    let expected: [&[&str]; 7] =
        [&["SYN"], &["SYN", "ACK"], &["ACK"], &["FIN", "ACK"], &["ACK"], &["FIN", "ACK"], &["ACK"]];
    assert_eq!(flags, expected);
    let states = |host: &str| -> Vec<State> {
        let events = trace.events.iter().filter(|event| event.host.as_deref() == Some(host));
        events
            .filter_map(|event| match &event.body {
                Body::Tcp(tcp::Event::StateChanged { to, peer: Some(_), .. }) => Some(*to),
                _ => None,
            })
            .collect()
    };
    use State::*;
    assert_eq!(states("client"), [SynSent, Established, FinWait1, FinWait2, TimeWait]);
    assert_eq!(states("server"), [SynReceived, Established, CloseWait, LastAck, Closed]);
}

#[test]
fn recv_returns_empty_when_the_peer_exits() {
    let server = format!("{}    print(c.recv(1024))", SERVER);
    let client = "
        from socket import *
        from time import sleep
        s = socket(AF_INET, SOCK_STREAM)
        s.connect(('server', 8888))
        sleep(1)
    ";
    let trace = run_hosts(LINK, &[("server", &server), ("client", client)]);
    all_ended_well(&trace);
    assert!(blocked(&trace, "server", Reason::Data));
    assert_eq!(stdout(&trace, "server"), "b''\n");
}

#[test]
fn the_first_send_to_a_peer_that_is_gone_succeeds_and_the_second_breaks() {
    let client = "
        from socket import *
        from time import sleep
        s = socket(AF_INET, SOCK_STREAM)
        s.connect(('server', 8888))
        sleep(0.1)
        print(s.send(b'one'))
        sleep(0.1)
        s.send(b'two')
    ";
    let server = format!("{}    c.close()", SERVER);
    let trace = run_hosts(LINK, &[("server", &server), ("client", client)]);
    let client = &trace.hosts["client"];
    assert_eq!(client.stdout.lines().next(), Some("3"));
    assert_eq!(client.exit, Some(1));
    assert_eq!(client.exception.as_deref(), Some("BrokenPipeError: [Errno 32] Broken pipe"));
}

#[test]
fn udp_echoes_datagram_by_datagram() {
    let trace = run_hosts(
        LINK,
        &[
            (
                "server",
                "
                from socket import *
                s = socket(AF_INET, SOCK_DGRAM)
                s.bind(('0.0.0.0', 9999))
                for i in range(3):
                    data, addr = s.recvfrom(1024)
                    print(data.decode(), addr[0])
                    s.sendto(data.upper(), addr)
                s.close()
                ",
            ),
            (
                "client",
                "
                from socket import *
                s = socket(AF_INET, SOCK_DGRAM)
                for word in ['a', 'bb', 'ccc']:
                    s.sendto(word.encode(), ('server', 9999))
                for i in range(3):
                    print(s.recvfrom(1024)[0])
                s.close()
                ",
            ),
        ],
    );
    all_ended_well(&trace);
    assert_eq!(received(&trace, "server"), ["a", "bb", "ccc"]);
    assert_eq!(stdout(&trace, "client"), "b'A'\nb'BB'\nb'CCC'\n");
    assert!(stdout(&trace, "server").starts_with("a 10.0.0.2\n"));
}

#[test]
fn a_broadcast_reaches_three() {
    let receiver = "
        from socket import *
        s = socket(AF_INET, SOCK_DGRAM)
        s.bind(('', 7000))
        print(s.recvfrom(100))
    ";
    let sender = "
        from socket import *
        from time import sleep
        s = socket(AF_INET, SOCK_DGRAM)
        s.bind(('', 5000))
        try:
            s.sendto(b'hello', ('10.0.0.255', 7000))
        except PermissionError as e:
            print(e)
        s.setsockopt(SOL_SOCKET, SO_BROADCAST, 1)
        s.sendto(b'hello', ('<broadcast>', 7000))
    ";
    let trace = run_hosts(LINK, &[("a", receiver), ("b", receiver), ("c", receiver), ("sender", sender)]);
    all_ended_well(&trace);
    for host in ["a", "b", "c"] {
        assert_eq!(stdout(&trace, host), "(b'hello', ('10.0.0.4', 5000))\n");
    }
    assert_eq!(stdout(&trace, "sender"), "[Errno 13] Permission denied\n");
}

#[test]
fn a_port_without_a_listener_refuses() {
    let client = "
        from socket import *
        s = socket(AF_INET, SOCK_STREAM)
        try:
            s.connect(('server', 9))
        except ConnectionRefusedError as e:
            print(e)
    ";
    let trace = run_hosts(LINK, &[("server", ""), ("client", client)]);
    all_ended_well(&trace);
    assert_eq!(stdout(&trace, "client"), "[Errno 111] Connection refused\n");
}

#[test]
fn a_time_limit_raises_timeout() {
    let server = format!(
        "{}    c.settimeout(0.5)\n    try:\n        c.recv(10)\n    except timeout as e:\n        print('late:', e)\n    c.close()",
        SERVER
    );
    let client = "
        from socket import *
        from time import sleep
        s = socket(AF_INET, SOCK_STREAM)
        s.connect(('server', 8888))
        sleep(2)
    ";
    let trace = run_hosts(LINK, &[("server", &server), ("client", client)]);
    all_ended_well(&trace);
    assert_eq!(stdout(&trace, "server"), "late: timed out\n");
}

#[test]
fn a_half_closed_connection_still_answers() {
    let server = format!(
        "{}    data = b''\n    while True:\n        part = c.recv(4)\n        if not part:\n            break\n        data += part\n    c.sendall(data[::-1])\n    c.close()",
        SERVER
    );
    let client = "
        from socket import *
        s = socket(AF_INET, SOCK_STREAM)
        s.connect(('server', 8888))
        s.sendall(b'stressed')
        s.shutdown(SHUT_WR)
        print(s.recv(100))
        s.close()
    ";
    let trace = run_hosts(LINK, &[("server", &server), ("client", client)]);
    all_ended_well(&trace);
    assert_eq!(stdout(&trace, "client"), "b'desserts'\n");
}

#[test]
fn a_send_blocks_while_both_buffers_are_full() {
    let server = "
        from socket import *
        from time import sleep
        s = socket(AF_INET, SOCK_STREAM)
        s.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
        s.bind(('', 8888))
        s.listen(1)
        c, a = s.accept()
        sleep(3)
        total = 0
        while True:
            data = c.recv(65536)
            if not data:
                break
            total += len(data)
        print(total)
    ";
    let client = "
        from socket import *
        s = socket(AF_INET, SOCK_STREAM)
        s.setsockopt(SOL_SOCKET, SO_SNDBUF, 4096)
        s.connect(('server', 8888))
        print(s.send(b'x' * 100000))
        s.close()
    ";
    let trace = run_hosts(LINK, &[("server", server), ("client", client)]);
    all_ended_well(&trace);
    assert!(blocked(&trace, "client", Reason::SendBuffer));
    assert_eq!((stdout(&trace, "server"), stdout(&trace, "client")), ("100000\n", "100000\n"));
    let zero_window = count(&trace, |event| {
        matches!(&event.body, Body::Tcp(tcp::Event::SegmentSent { segment, .. })
            if segment.window == 0 && !segment.control.rst)
    });
    assert!(zero_window > 0, "the receiver closes its window");
}

#[test]
fn two_services_on_one_host_are_told_apart_by_port() {
    let server = "
        from socket import *
        from threading import Thread
        def serve(port, answer):
            s = socket(AF_INET, SOCK_STREAM)
            s.bind(('', port))
            s.listen(1)
            c, a = s.accept()
            c.sendall(answer)
            c.close()
            s.close()
        threads = [Thread(target=serve, args=(7, b'echo')), Thread(target=serve, args=(13, b'daytime'))]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    ";
    let client = "
        from socket import *
        for port in (13, 7):
            s = socket(AF_INET, SOCK_STREAM)
            s.connect(('server', port))
            print(port, s.recv(100).decode())
            s.close()
    ";
    let trace = run_hosts(LINK, &[("server", server), ("client", client)]);
    all_ended_well(&trace);
    assert_eq!(stdout(&trace, "client"), "13 daytime\n7 echo\n");
}

#[test]
fn a_non_blocking_connect_is_completed_by_select() {
    let server = format!("{}    print(c.recv(10))", SERVER);
    let client = "
        import socket, select
        s = socket.socket()
        s.setblocking(False)
        try:
            s.connect(('server', 8888))
        except BlockingIOError as e:
            print(e.errno)
        r, w, x = select.select([], [s], [], 5)
        print(w == [s], s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        s.send(b'now')
        s.close()
    ";
    let trace = run_hosts(LINK, &[("server", &server), ("client", client)]);
    all_ended_well(&trace);
    assert_eq!(stdout(&trace, "client"), "115\nTrue 0\n");
    assert_eq!(stdout(&trace, "server"), "b'now'\n");
}

#[test]
fn a_lost_segment_is_sent_again() {
    let head = "[link]\ndelay = '10ms'\ndrop = [ { from = 'client', data = 1 } ]";
    let server = format!("{}    print(c.recv(10))", SERVER);
    let client = "
        from socket import *
        s = socket(AF_INET, SOCK_STREAM)
        s.connect(('server', 8888))
        s.send(b'precious')
        s.close()
    ";
    let trace = run_hosts(head, &[("server", &server), ("client", client)]);
    all_ended_well(&trace);
    assert_eq!(received(&trace, "server"), ["precious"]);
    let repeats =
        count(&trace, |event| matches!(&event.body, Body::Tcp(tcp::Event::SegmentSent { repeats: Some(_), .. })));
    assert!(repeats >= 1);
    let dropped = count(&trace, |event| matches!(&event.body, Body::Link(crate::link::Event::Dropped { .. })));
    assert_eq!(dropped, 1);
}

#[test]
fn sleeping_takes_the_time_it_says() {
    let program = "
        import time
        begin = time.time()
        time.sleep(1.5)
        print(1.5 <= time.time() - begin < 1.51)
    ";
    let trace = run_hosts("", &[("alone", program)]);
    assert_eq!(stdout(&trace, "alone"), "True\n");
    assert!(trace.events.last().unwrap().time.since(crate::time::Instant::ZERO) > Duration::from_millis(1500));
}

#[test]
fn a_host_talks_to_itself_over_loopback() {
    let program = "
        from socket import *
        s = socket(AF_INET, SOCK_STREAM)
        s.bind(('127.0.0.1', 80))
        s.listen(1)
        c = socket(AF_INET, SOCK_STREAM)
        c.connect(('localhost', 80))
        p, a = s.accept()
        c.send(b'me')
        print(p.recv(10), a[0])
    ";
    let trace = run_hosts("", &[("alone", program)]);
    all_ended_well(&trace);
    assert_eq!(stdout(&trace, "alone"), "b'me' 127.0.0.1\n");
}
