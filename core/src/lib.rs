//! The pure core of Sockscope: no clock, no sockets, no threads, no unseeded chance. Where to enter: [`sim::run`] for a run,
//! [`trace`] for what comes out, [`socket::Call`] for the words that everything shares.
//!
//! # Modelled
//!
//! - **Link**: delay, rate, a queue with tail drop, loss, duplication, reordering, and drops by plan; every frame gets a verdict with its cause.
//! - **Ethernet and ARP**: real frames, byte for byte; who-has and is-at; datagrams wait for the answer; broadcast reaches every host.
//! - **IPv4 and ICMP**: headers with checksums, time to live, fragments of a datagram that is longer than the MTU, port unreachable for one that nobody waits for.
//! - **UDP**: one datagram for each `sendto`, truncation by a small `recvfrom`, broadcast permission, errors that arrive later.
//! - **TCP connections**: all eleven states from one table; the handshake, a backlog, close from either side, half-close, simultaneous close, TIME-WAIT, resets.
//! - **TCP data**: sequence numbers, MSS, sliding window, zero window and its probes, Nagle's algorithm, delayed acknowledgements, reassembly.
//! - **TCP loss**: round-trip estimation, retransmission timeout with backoff, RACK and tail loss probes as in Linux, selective acknowledgements, Reno and CUBIC.
//! - **Sockets**: descriptors, send and receive buffers, blocking, non-blocking and timed calls, the options of the course, errors with their numbers.
//! - **Programs**: the Python of the course, statement by statement, with the exceptions and messages of CPython.
//!
//! # Simplified
//!
//! - **Time of the host**: a statement takes 1 µs and a call 5 µs; a real computer is not that even.
//! - **Memory of buffers**: bytes are counted; Linux also counts the overhead of each packet.
//! - **Names**: a name is a host of the scenario. Nobody asks a DNS server.
//! - **Chance**: loss, initial sequence numbers and ephemeral ports come from the seed of the scenario.
//! - **Threads**: the threads of a program take turns, one statement at a time.
//! - **Topology**: all hosts stand on one link, joined by an ideal switch.
//!
//! # Absent
//!
//! - IPv6, routers and NAT; discovery of a path's MTU.
//! - Urgent data, TCP Fast Open, explicit congestion notification, multipath TCP.
//! - Multicast, raw sockets, Unix-domain sockets.
//! - TLS: what travels can be read.
//! - Processes that fork, signals, classes, generators and other imports in a program.

pub mod address;
pub mod framing;
pub mod http;
pub mod link;
pub mod machine;
pub mod packets;
pub mod program;
pub mod random;
pub mod scenario;
pub mod sim;
pub mod socket;
pub mod stream;
pub mod tcp;
pub mod time;
pub mod trace;
pub mod udp;
pub mod wire;
