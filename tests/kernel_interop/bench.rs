//! Our stack on one end of a TAP device, the Linux kernel on the other, in a network namespace of its own. It judges nothing.

use sockscope::kernel::namespace::Network;
use sockscope_core::machine::Machine;
use sockscope_core::random::Random;
use sockscope_core::scenario::{Host, TcpConfig};
use sockscope_core::socket::stack::{Config, Output, Stack};
use sockscope_core::socket::{Answer, Call, CallId, Descriptor, Errno, Flags, How, Kind, Outcome};
use sockscope_core::stream::Data;
use sockscope_core::tcp;
use sockscope_core::time::Instant;
use sockscope_core::wire::{self, MacAddress};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::thread::JoinHandle;
use std::time::Duration;

/// Our address.
pub const OURS: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);

/// The kernel's.
pub const KERNEL: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);

/// The longest any step of a test may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is used on both sides, and what the wire loses.
#[derive(Clone, Debug)]
pub struct Setting {
    pub tcp: tcp::Config,
    /// In a thousand, in each direction.
    pub loss: u64,
}

impl Default for Setting {
    fn default() -> Self {
        Setting { tcp: tcp::Config { seed: 7, ..tcp::Config::with_mtu(1500) }, loss: 0 }
    }
}

pub struct Bench {
    stack: Stack,
    tap: File,
    began: std::time::Instant,
    results: BTreeMap<CallId, Outcome>,
    calls: CallId,
    loss: u64,
    random: Random,
    /// Segments of ours that the kernel saw, for messages.
    pub transcript: Vec<String>,
}

/// Runs a test body in a thread with a network namespace of its own. Says so, loudly, where the machine does not permit one.
pub fn with_kernel(setting: Setting, body: impl FnOnce(&mut Bench) + Send + 'static) {
    let run = move || {
        let kernel = TcpConfig {
            sack: setting.tcp.sack,
            timestamps: setting.tcp.timestamps,
            window_scale: setting.tcp.window_scale,
            ..TcpConfig::default()
        };
        let host = Host {
            name: "kernel".into(),
            address: KERNEL,
            prefix: 24,
            start: Instant::ZERO,
            stdin: Vec::new(),
            files: BTreeMap::new(),
            tcp: kernel,
            program: String::new(),
        };
        let network = match Network::new(&host, MacAddress([2, 0, 0, 0, 0, 2]), 1500) {
            Ok(network) => network,
            Err(error) => {
                eprintln!("SKIPPED: no TAP device in a network namespace here ({error}); run as root");
                return;
            }
        };
        let stack = Stack::new(Config {
            mac: MacAddress([2, 0, 0, 0, 0, 1]),
            address: OURS,
            prefix: 24,
            mtu: 1500,
            tcp: setting.tcp,
            seed: 3,
        });
        let mut bench = Bench {
            stack,
            tap: File::from(network.tap),
            began: std::time::Instant::now(),
            results: BTreeMap::new(),
            calls: 0,
            loss: setting.loss,
            random: Random::new(11),
            transcript: Vec::new(),
        };
        body(&mut bench);
    };
    if let Err(panic) = std::thread::spawn(run).join() {
        std::panic::resume_unwind(panic);
    }
}

/// Our end, on this port.
pub fn ours(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(OURS, port)
}

/// The kernel's end, on this port.
pub fn theirs(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(KERNEL, port)
}

/// Bytes that show when they are shifted, lost or doubled.
pub fn stream(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 31 + index / 256 * 7) as u8).collect()
}

impl Bench {
    fn now(&self) -> Instant {
        Instant::from_micros(self.began.elapsed().as_micros() as u64)
    }

    /// Waits for frames and deadlines, at most so long.
    fn pump(&mut self, at_most: Duration) {
        self.drain();
        let now = self.now();
        let mut wait = at_most;
        if let Some(deadline) = self.stack.poll_timeout() {
            wait = wait.min(Duration::from_micros(deadline.at.since(now).as_micros()));
        }
        let mut polled = [rustix::event::PollFd::new(&self.tap, rustix::event::PollFlags::IN)];
        let wait = rustix::time::Timespec { tv_sec: wait.as_secs() as i64, tv_nsec: i64::from(wait.subsec_nanos()) };
        rustix::event::poll(&mut polled, Some(&wait)).expect("poll on a TAP device");
        let mut bytes = [0; 2048];
        loop {
            match self.tap.read(&mut bytes) {
                Ok(length) => self.take(&bytes[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("read from the TAP device: {error}"),
            }
        }
        let now = self.now();
        self.stack.handle_timeout(now);
        self.drain();
    }

    fn take(&mut self, bytes: &[u8]) {
        // IPv6 neighbour discovery and the like are not for us.
        let Ok(frame) = wire::dissect(bytes) else { return };
        self.note("<", &frame);
        if !self.loses(&frame) {
            let now = self.now();
            self.stack.handle_input(now, frame);
            self.drain();
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.stack.poll_output() {
            match output {
                Output::Frame { frame, .. } => {
                    self.note(">", &frame);
                    if !self.loses(&frame) {
                        self.tap.write_all(&wire::encode(&frame)).expect("write to the TAP device");
                    }
                }
                Output::Completed { id, outcome, .. } => {
                    self.results.insert(id, outcome);
                }
                Output::Blocked { .. } | Output::Seen { .. } => {}
            }
        }
    }

    fn loses(&mut self, frame: &wire::Frame) -> bool {
        let carries_tcp =
            matches!(&frame.payload, wire::Packet::Ipv4(packet) if matches!(packet.payload, wire::Transport::Tcp(_)));
        carries_tcp && self.random.below(1000) < self.loss
    }

    fn note(&mut self, direction: &str, frame: &wire::Frame) {
        if let wire::Packet::Ipv4(wire::Ipv4 { payload: wire::Transport::Tcp(segment), .. }) = &frame.payload {
            let names: Vec<&str> = segment.control.names().collect();
            let (length, window, at) = (segment.payload.len(), segment.window, self.now());
            let line = format!(
                "{at} {direction} {} seq {} ack {} len {length} win {window} {:?}",
                names.join(","),
                segment.sequence,
                segment.acknowledgement,
                segment.options.sack
            );
            self.transcript.push(line);
        }
    }

    /// Starts a call without waiting for it.
    pub fn start(&mut self, call: Call) -> CallId {
        self.calls += 1;
        let now = self.now();
        self.stack.call(now, 0, self.calls, call);
        self.drain();
        self.calls
    }

    /// Waits for a call that was started.
    pub fn finish(&mut self, id: CallId) -> Outcome {
        let began = self.began.elapsed();
        loop {
            if let Some(outcome) = self.results.remove(&id) {
                return outcome;
            }
            assert!(self.began.elapsed() - began < PATIENCE, "a call does not return\n{}", self.tail());
            self.pump(Duration::from_millis(100));
        }
    }

    pub fn call(&mut self, call: Call) -> Outcome {
        let id = self.start(call);
        self.finish(id)
    }

    fn tail(&self) -> String {
        self.transcript[self.transcript.len().saturating_sub(40)..].join("\n")
    }

    /// Lets time pass.
    pub fn pass(&mut self, millis: u64) {
        let until = self.began.elapsed() + Duration::from_millis(millis);
        while let Some(rest) = until.checked_sub(self.began.elapsed()) {
            self.pump(rest);
        }
    }

    /// Waits for a thread that uses kernel sockets.
    pub fn join<T>(&mut self, peer: JoinHandle<T>) -> T {
        let began = self.began.elapsed();
        while !peer.is_finished() {
            assert!(self.began.elapsed() - began < PATIENCE, "the kernel's side does not finish\n{}", self.tail());
            self.pump(Duration::from_millis(5));
        }
        peer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    pub fn socket(&mut self) -> Descriptor {
        match self.call(Call::Socket { kind: Kind::Stream, protocol: 0 }) {
            Outcome::Ok(Answer::Number(fd)) => fd as Descriptor,
            other => panic!("socket: {other:?}"),
        }
    }

    pub fn listen(&mut self, port: u16) -> Descriptor {
        let fd = self.socket();
        assert_eq!(self.call(Call::Bind { fd, address: ours(port) }), Outcome::DONE);
        assert_eq!(self.call(Call::Listen { fd, backlog: 5 }), Outcome::DONE);
        fd
    }

    pub fn accept(&mut self, fd: Descriptor) -> Descriptor {
        match self.call(Call::Accept { fd }) {
            Outcome::Ok(Answer::Accepted { accepted, .. }) => accepted,
            other => panic!("accept: {other:?}"),
        }
    }

    pub fn connect(&mut self, port: u16) -> Descriptor {
        let fd = self.socket();
        assert_eq!(self.call(Call::Connect { fd, address: theirs(port) }), Outcome::DONE);
        fd
    }

    pub fn send(&mut self, fd: Descriptor, bytes: &[u8]) -> Outcome {
        self.call(Call::Send { fd, data: Data::from(bytes), flags: Flags::default(), all: true })
    }

    pub fn recv(&mut self, fd: Descriptor, size: usize) -> Result<Vec<u8>, Errno> {
        match self.call(Call::Recv { fd, size, flags: Flags::default() }) {
            Outcome::Ok(Answer::Data(data)) => Ok(data.to_vec()),
            Outcome::Error(errno) => Err(errno),
            other => panic!("recv: {other:?}"),
        }
    }

    /// Everything until the peer finishes.
    pub fn recv_all(&mut self, fd: Descriptor) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            let part = self.recv(fd, 65_536).expect("an orderly end");
            if part.is_empty() {
                return all;
            }
            all.extend_from_slice(&part);
        }
    }

    pub fn shutdown_write(&mut self, fd: Descriptor) {
        assert_eq!(self.call(Call::Shutdown { fd, how: How::Write }), Outcome::DONE);
    }

    pub fn close(&mut self, fd: Descriptor) {
        assert_eq!(self.call(Call::Close { fd }), Outcome::DONE);
    }
}
