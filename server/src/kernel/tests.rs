//! Smoke tests of the isolated networks alone, without programs. They need root; elsewhere they say that they did not run.

use super::namespace::Network;
use rustix::event::{PollFd, PollFlags, Timespec};
use sockscope_core::scenario::{Host, TcpConfig};
use sockscope_core::time::Instant;
use sockscope_core::wire::MacAddress;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

fn host(last: u8) -> Host {
    Host {
        name: format!("host{last}").into(),
        address: Ipv4Addr::new(10, 0, 0, last),
        prefix: 24,
        start: Instant::ZERO,
        stdin: Vec::new(),
        files: Default::default(),
        tcp: TcpConfig::default(),
        program: String::new(),
    }
}

/// Copies frames between two hosts until both sides have been quiet for a while; returns their lengths.
fn copy_frames(first: &Network, second: &Network) -> Vec<usize> {
    let mut lengths = Vec::new();
    let taps = [&first.tap, &second.tap];
    loop {
        let mut ready = [PollFd::new(taps[0], PollFlags::IN), PollFd::new(taps[1], PollFlags::IN)];
        if rustix::event::poll(&mut ready, Some(&Timespec { tv_sec: 0, tv_nsec: 200_000_000 })).unwrap() == 0 {
            return lengths;
        }
        for from in 0..2 {
            let mut frame = [0; 2048];
            while let Ok(length) = rustix::io::read(taps[from], &mut frame) {
                lengths.push(length);
                rustix::io::write(taps[1 - from], &frame[..length]).unwrap();
            }
        }
    }
}

#[test]
fn real_tcp_crosses_two_namespaces_in_frames_no_longer_than_the_mtu() {
    // A thread of its own, because it stays in the namespace it enters.
    let answer = std::thread::spawn(|| {
        if !rustix::process::geteuid().is_root() {
            return Err("not root".to_owned());
        }
        let mac = |last| MacAddress([2, 0, 10, 0, 0, last]);
        let first = Network::new(&host(1), mac(1), 1500).map_err(|failed| failed.to_string())?;
        let second = Network::new(&host(2), mac(2), 1500).map_err(|failed| failed.to_string())?;
        let listener = TcpListener::bind("10.0.0.2:8888").unwrap();
        let reader = std::thread::spawn(move || {
            let mut all = Vec::new();
            listener.accept().unwrap().0.read_to_end(&mut all).unwrap();
            all
        });
        first.enter().unwrap();
        let writer = std::thread::spawn(|| {
            TcpStream::connect("10.0.0.2:8888").unwrap().write_all(&[7; 20_000]).unwrap();
        });
        let lengths = copy_frames(&first, &second);
        writer.join().unwrap();
        assert_eq!(reader.join().unwrap(), [7; 20_000]);
        Ok(lengths)
    })
    .join()
    .unwrap();
    match answer {
        Err(reason) => eprintln!("SKIPPED: no network namespaces here: {reason}"),
        Ok(lengths) => {
            assert!(lengths.iter().all(|&length| length <= 1514), "{lengths:?}");
            assert!(lengths.contains(&1514), "full-size segments were expected: {lengths:?}");
        }
    }
}
