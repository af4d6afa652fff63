//! The modelled TCP talks to the Linux kernel, byte for byte, over a TAP device. What is compared is what both sides' programs
//! see; how a read happens to be cut is not.

mod bench;

use bench::*;
use sockscope_core::socket::{Call, Errno, Outcome};
use sockscope_core::tcp;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Writes everything, then reads to the end.
fn exchange(mut socket: TcpStream, bytes: &[u8]) -> Vec<u8> {
    let mut writer = socket.try_clone().expect("a second handle");
    let mut received = Vec::new();
    thread::scope(|scope| {
        scope.spawn(move || {
            writer.write_all(bytes).expect("the kernel writes");
            writer.shutdown(Shutdown::Write).expect("the kernel shuts down");
        });
        socket.read_to_end(&mut received).expect("the kernel reads to the end");
    });
    received
}

/// The kernel connects; both sides send `length` bytes, ours back what came.
fn kernel_connects(setting: Setting, length: usize) {
    with_kernel(setting, move |bench| {
        let listener = bench.listen(8888);
        let peer = thread::spawn(move || {
            exchange(TcpStream::connect(ours(8888)).expect("the kernel connects"), &stream(length))
        });
        let connection = bench.accept(listener);
        let received = bench.recv_all(connection);
        assert!(received == stream(length), "what the kernel sent arrives");
        assert_eq!(bench.send(connection, &received), Outcome::DONE);
        bench.close(connection);
        let echoed = bench.join(peer);
        assert!(echoed == stream(length), "what we sent arrives");
    });
}

/// We connect; both sides send `length` bytes.
fn we_connect(setting: Setting, length: usize) {
    with_kernel(setting, move |bench| {
        let listener = TcpListener::bind(theirs(80)).expect("the kernel listens");
        let peer = thread::spawn(move || exchange(listener.accept().expect("the kernel accepts").0, &stream(length)));
        let connection = bench.connect(80);
        assert_eq!(bench.send(connection, &stream(length)), Outcome::DONE);
        bench.shutdown_write(connection);
        let received = bench.recv_all(connection);
        assert!(received == stream(length), "what the kernel sent arrives");
        bench.close(connection);
        assert!(bench.join(peer) == stream(length), "what we sent arrives");
    });
}

#[test]
fn the_kernel_connects_and_both_send() {
    kernel_connects(Setting::default(), 1_000_000);
}

#[test]
fn we_connect_and_both_send() {
    we_connect(Setting::default(), 1_000_000);
}

#[test]
fn every_combination_of_options_works() {
    for bits in 0..8 {
        let tcp = tcp::Config {
            sack: bits & 1 != 0,
            timestamps: bits & 2 != 0,
            window_scale: bits & 4 != 0,
            ..Setting::default().tcp
        };
        kernel_connects(Setting { tcp: tcp.clone(), ..Setting::default() }, 200_000);
        we_connect(Setting { tcp, ..Setting::default() }, 200_000);
    }
}

#[test]
fn a_wire_that_loses_three_in_a_hundred_is_survived() {
    for sack in [true, false] {
        let tcp = tcp::Config { sack, ..Setting::default().tcp };
        kernel_connects(Setting { tcp: tcp.clone(), loss: 30 }, 150_000);
        we_connect(Setting { tcp, loss: 30 }, 150_000);
    }
}

#[test]
fn one_byte_at_a_time_works() {
    with_kernel(Setting::default(), |bench| {
        let listener = bench.listen(8888);
        let peer = thread::spawn(|| {
            let mut socket = TcpStream::connect(ours(8888)).expect("the kernel connects");
            let mut byte = [0];
            for index in 0..200u8 {
                socket.write_all(&[index]).expect("the kernel writes");
                socket.read_exact(&mut byte).expect("the kernel reads");
                assert_eq!(byte[0], !index);
            }
        });
        let connection = bench.accept(listener);
        for index in 0..200u8 {
            assert_eq!(bench.recv(connection, 10), Ok(vec![index]));
            assert_eq!(bench.send(connection, &[!index]), Outcome::DONE);
        }
        bench.join(peer);
        assert_eq!(bench.recv(connection, 10), Ok(Vec::new()));
    });
}

#[test]
fn a_closed_port_refuses_in_both_directions() {
    with_kernel(Setting::default(), |bench| {
        let peer = thread::spawn(|| TcpStream::connect(ours(9)).map(drop));
        assert_eq!(bench.join(peer).unwrap_err().kind(), ErrorKind::ConnectionRefused);
        let fd = bench.socket();
        let refused = bench.call(Call::Connect { fd, address: theirs(9) });
        assert_eq!(refused, Outcome::Error(Errno::ECONNREFUSED));
    });
}

#[test]
fn closing_with_unread_data_resets_in_both_directions() {
    with_kernel(Setting::default(), |bench| {
        let listener = bench.listen(8888);
        let peer = thread::spawn(|| {
            let socket = TcpStream::connect(ours(8888)).expect("the kernel connects");
            thread::sleep(Duration::from_millis(100));
            drop(socket);
        });
        let connection = bench.accept(listener);
        assert_eq!(bench.send(connection, b"never read"), Outcome::DONE);
        assert_eq!(bench.recv(connection, 10), Err(Errno::ECONNRESET));
        bench.join(peer);

        let peer = thread::spawn(|| {
            let mut socket = TcpStream::connect(ours(8888)).expect("the kernel connects");
            socket.write_all(b"never read").expect("the kernel writes");
            socket.read(&mut [0; 10])
        });
        let connection = bench.accept(listener);
        bench.pass(50);
        bench.close(connection);
        assert_eq!(bench.join(peer).unwrap_err().kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn the_first_send_to_a_peer_that_left_succeeds_and_the_next_breaks_the_pipe() {
    with_kernel(Setting::default(), |bench| {
        let listener = bench.listen(8888);
        let peer = thread::spawn(|| drop(TcpStream::connect(ours(8888)).expect("the kernel connects")));
        let connection = bench.accept(listener);
        bench.join(peer);
        assert_eq!(bench.recv(connection, 10), Ok(Vec::new()));
        assert_eq!(bench.send(connection, b"first"), Outcome::DONE);
        bench.pass(50);
        assert_eq!(bench.send(connection, b"second"), Outcome::Error(Errno::EPIPE));

        let peer = thread::spawn(|| {
            let mut socket = TcpStream::connect(ours(8888)).expect("the kernel connects");
            assert_eq!(socket.read(&mut [0; 10]).expect("the end"), 0);
            socket.write_all(b"first").expect("the first send succeeds");
            thread::sleep(Duration::from_millis(100));
            socket.write_all(b"second")
        });
        let connection = bench.accept(listener);
        bench.close(connection);
        assert_eq!(bench.join(peer).unwrap_err().kind(), ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_kernel_that_does_not_read_closes_the_window_and_opens_it_again() {
    with_kernel(Setting::default(), |bench| {
        let listener = TcpListener::bind(theirs(80)).expect("the kernel listens");
        let peer = thread::spawn(move || {
            let mut socket = listener.accept().expect("the kernel accepts").0;
            thread::sleep(Duration::from_millis(1500));
            let mut all = Vec::new();
            socket.read_to_end(&mut all).expect("the kernel reads to the end");
            all
        });
        let connection = bench.connect(80);
        assert_eq!(bench.send(connection, &stream(3_000_000)), Outcome::DONE);
        bench.close(connection);
        assert!(bench.join(peer) == stream(3_000_000));
    });
}

#[test]
fn a_reader_of_ours_that_pauses_closes_the_window_and_opens_it_again() {
    with_kernel(Setting::default(), |bench| {
        let listener = bench.listen(8888);
        let peer = thread::spawn(|| {
            let mut socket = TcpStream::connect(ours(8888)).expect("the kernel connects");
            socket.write_all(&stream(3_000_000)).expect("the kernel writes");
        });
        let connection = bench.accept(listener);
        bench.pass(1500);
        assert!(bench.recv_all(connection) == stream(3_000_000));
        bench.join(peer);
    });
}

#[test]
fn both_sides_may_open_at_once() {
    with_kernel(Setting::default(), |bench| {
        // So that both know each other's Ethernet address.
        let listener = bench.listen(1);
        let peer = thread::spawn(|| TcpStream::connect(ours(1)).map(drop));
        bench.join(peer).expect("the kernel connects");
        bench.close(listener);

        let peer = thread::spawn(|| {
            let socket = socket_bound_to(theirs(4000));
            rustix::net::connect(&socket, &ours(5000)).map(|()| TcpStream::from(socket))
        });
        // The kernel's SYN waits in the TAP device while ours goes out.
        thread::sleep(Duration::from_millis(100));
        let fd = bench.socket();
        assert_eq!(bench.call(Call::Bind { fd, address: ours(5000) }), Outcome::DONE);
        assert_eq!(bench.call(Call::Connect { fd, address: theirs(4000) }), Outcome::DONE);
        let mut socket = bench.join(peer).expect("the kernel connects");
        socket.write_all(b"hello").expect("the kernel writes");
        assert_eq!(bench.recv(fd, 10), Ok(b"hello".to_vec()));
    });
}

fn socket_bound_to(address: std::net::SocketAddrV4) -> rustix::fd::OwnedFd {
    let socket = rustix::net::socket(rustix::net::AddressFamily::INET, rustix::net::SocketType::STREAM, None);
    let socket = socket.expect("a socket");
    rustix::net::bind(&socket, &address).expect("a free port");
    socket
}
