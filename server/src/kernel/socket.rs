//! One real socket and what the trace must remember about it. It reads the kernel's figures; the calls of the program are
//! in [`super::calls`].

use super::face::Face;
use super::sys;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use sockscope_core::socket::{Blocking, Errno, Kind, Level};
use sockscope_core::tcp::{Metrics, State};
use sockscope_core::time::Duration;
use std::cell::{Cell, RefCell};
use std::net::SocketAddrV4;

/// A socket of a program.
#[derive(Debug)]
pub struct Socket {
    /// The real descriptor; it never blocks.
    pub fd: OwnedFd,
    /// TCP or UDP.
    pub kind: Kind,
    /// Whether it is one end of `socketpair`, which has neither addresses nor TCP.
    pub pair: bool,
    /// What `settimeout` set.
    pub blocking: Cell<Blocking>,
    /// `SO_RCVTIMEO`, which the kernel does not apply to a descriptor that never blocks.
    pub receive_limit: Cell<Option<Duration>>,
    /// `SO_SNDTIMEO`.
    pub send_limit: Cell<Option<Duration>>,
    /// Loopback: bound to one address where the program asked for all.
    pub any: Cell<bool>,
    /// Loopback: a datagram socket connected to a broadcast address, which is then served by hand.
    pub everybody: Cell<Option<SocketAddrV4>>,
    /// An error that ended a `send` which had already taken bytes: POSIX gives it to the next call.
    pub owed: Cell<Option<Errno>>,
    /// Whether it listens.
    pub listening: Cell<bool>,
    /// Whether its sending side was shut down.
    pub write_shut: Cell<bool>,
    /// Bytes of the stream the program has written.
    pub sent: Cell<u64>,
    /// Bytes of the peer's stream the program has read.
    pub received: Cell<u64>,
    /// What the trace has said about it.
    pub told: RefCell<Told>,
}

/// What the trace said last about a socket, so that it says only what is new.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Its own end.
    pub local: Option<SocketAddrV4>,
    /// The other end.
    pub peer: Option<SocketAddrV4>,
    /// Send and receive buffer.
    pub levels: Option<(Level, Level)>,
    /// Congestion control and timing.
    pub metrics: Option<Metrics>,
    /// `TCP_INFO`'s state.
    pub state: Option<State>,
}

impl Socket {
    /// A socket nobody has used yet.
    pub fn new(fd: OwnedFd, kind: Kind) -> Self {
        Socket {
            fd,
            kind,
            pair: false,
            blocking: Cell::default(),
            receive_limit: Cell::default(),
            send_limit: Cell::default(),
            any: Cell::default(),
            everybody: Cell::default(),
            owed: Cell::default(),
            listening: Cell::default(),
            write_shut: Cell::default(),
            sent: Cell::default(),
            received: Cell::default(),
            told: RefCell::default(),
        }
    }

    /// Whether it speaks TCP.
    pub fn is_tcp(&self) -> bool {
        self.kind == Kind::Stream && !self.pair
    }

    /// Its own end as the kernel knows it: port 0 while it has none.
    pub fn real_local(&self) -> Result<SocketAddrV4, rustix::io::Errno> {
        SocketAddrV4::try_from(rustix::net::getsockname(&self.fd)?)
    }

    /// Its own end as the scenario writes it.
    pub fn local(&self, face: &Face) -> Result<SocketAddrV4, rustix::io::Errno> {
        let local = face.inward(self.real_local()?);
        let shown_as_any = self.any.get() && self.real_peer().is_err();
        Ok(if shown_as_any { SocketAddrV4::new(std::net::Ipv4Addr::UNSPECIFIED, local.port()) } else { local })
    }

    /// The other end as the scenario writes it.
    pub fn peer(&self, face: &Face) -> Result<SocketAddrV4, rustix::io::Errno> {
        match self.everybody.get() {
            Some(everybody) => Ok(everybody),
            None => self.real_peer().map(|peer| face.inward(peer)),
        }
    }

    /// The other end as the kernel knows it.
    pub fn real_peer(&self) -> Result<SocketAddrV4, rustix::io::Errno> {
        let peer = rustix::net::getpeername(&self.fd)?.ok_or(rustix::io::Errno::NOTCONN)?;
        SocketAddrV4::try_from(peer)
    }

    /// Fill of the send and of the receive buffer.
    pub fn levels(&self) -> Option<(Level, Level)> {
        // `SO_MEMINFO`: receive memory and its limit, send memory and its limit.
        let mut memory = [0_u8; 36];
        sys::raw_option(self.fd.as_fd(), libc::SOL_SOCKET, libc::SO_MEMINFO, &mut memory).ok()?;
        let word = |index: usize| {
            let bytes = memory[index * 4..index * 4 + 4].try_into().expect("a slice of four bytes");
            u64::from(u32::from_ne_bytes(bytes))
        };
        // SIOCINQ counts connections on a listener's behalf as an error, and SIOCOUTQ likewise: nothing to say then.
        let receive = rustix::io::ioctl_fionread(&self.fd).ok()?;
        let send = sys::unsent(self.fd.as_fd()).ok()?;
        Some((Level { used: send, size: word(3) }, Level { used: receive, size: word(1) }))
    }

    /// Congestion control, timing and state, of TCP.
    pub fn measure(&self) -> Option<(Metrics, State)> {
        let info = sys::tcp_info(self.fd.as_fd()).ok()?;
        let segment = u64::from(info.tcpi_snd_mss);
        // The kernel counts segments; a connection with less than that in its send buffer has short ones under way.
        let segments = u64::from(info.tcpi_unacked.saturating_sub(info.tcpi_sacked + info.tcpi_lost));
        let unacknowledged = sys::unsent(self.fd.as_fd()).unwrap_or(u64::MAX);
        let metrics = Metrics {
            congestion_window: u64::from(info.tcpi_snd_cwnd) * segment,
            // Linux starts with "infinite" (TCP_INFINITE_SSTHRESH).
            slow_start_threshold: (info.tcpi_snd_ssthresh < 0x7fff_ffff)
                .then(|| u64::from(info.tcpi_snd_ssthresh) * segment),
            in_flight: (segments * segment).min(unacknowledged),
            smoothed_rtt: (info.tcpi_rtt > 0).then(|| Duration::from_micros(u64::from(info.tcpi_rtt))),
            retransmission_timeout: Duration::from_micros(u64::from(info.tcpi_rto)),
            retransmissions: info.tcpi_total_retrans,
            maximum_segment: info.tcpi_snd_mss,
        };
        Some((metrics, state(info.tcpi_state)?))
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// The state behind Linux's number for it (`include/net/tcp_states.h`).
fn state(number: u8) -> Option<State> {
    Some(match number {
        1 => State::Established,
        2 => State::SynSent,
        // 12 is TCP_NEW_SYN_RECV, a request that has no socket of its own yet.
        3 | 12 => State::SynReceived,
        4 => State::FinWait1,
        5 => State::FinWait2,
        6 => State::TimeWait,
        7 => State::Closed,
        8 => State::CloseWait,
        9 => State::LastAck,
        10 => State::Listen,
        11 => State::Closing,
        _ => return None,
    })
}
