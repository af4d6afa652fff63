//! What one TCP is told before it starts. The defaults are those of Linux, so that a run on the kernel compares.

use crate::time::Duration;

/// Congestion control algorithms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// RFC 5681 with NewReno recovery (RFC 6582).
    Reno,
    /// RFC 9438.
    #[default]
    Cubic,
}

/// When an idle connection asks whether the peer is still there (RFC 9293, 3.8.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    /// Idle time before the first probe: `TCP_KEEPIDLE`.
    pub idle: Duration,
    /// Time between probes: `TCP_KEEPINTVL`.
    pub interval: Duration,
    /// Unanswered probes before the connection is given up: `TCP_KEEPCNT`.
    pub count: u32,
}

impl Default for KeepAlive {
    fn default() -> Self {
        KeepAlive { idle: Duration::from_secs(7200), interval: Duration::from_secs(75), count: 9 }
    }
}

impl KeepAlive {
    /// No time below a second, at least one probe: the smallest that `setsockopt` takes.
    pub(super) fn sane(self) -> Self {
        let second = Duration::from_secs(1);
        KeepAlive { idle: self.idle.max(second), interval: self.interval.max(second), count: self.count.max(1) }
    }
}

/// What one connection, or a listener's connections, are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The segment size announced in SYN: the MTU less 40 bytes of headers (RFC 9293, 3.7.1).
    pub mss: u16,
    /// Receive buffer in bytes as `SO_RCVBUF` reports it; half to two thirds of it is offered as window, as Linux does.
    pub receive_buffer: usize,
    /// How far the receive buffer may grow while the reader keeps up; equal to `receive_buffer`: not at all.
    pub receive_maximum: usize,
    /// Send buffer in bytes.
    pub send_buffer: usize,
    /// How far the send buffer may grow with the congestion window; equal to `send_buffer`: not at all.
    pub send_maximum: usize,
    /// Congestion control.
    pub congestion: Algorithm,
    /// Offer selective acknowledgements (RFC 2018).
    pub sack: bool,
    /// Offer timestamps (RFC 7323, 3).
    pub timestamps: bool,
    /// Offer window scaling (RFC 7323, 2).
    pub window_scale: bool,
    /// Delay acknowledgements (RFC 9293, 3.8.6.3).
    pub delayed_ack: bool,
    /// `TCP_NODELAY`: no Nagle.
    pub nodelay: bool,
    /// `TCP_CORK`: only full segments.
    pub cork: bool,
    /// `SO_KEEPALIVE`.
    pub keepalive: Option<KeepAlive>,
    /// `TCP_USER_TIMEOUT`: how long sent data may stay unacknowledged.
    pub user_timeout: Option<Duration>,
    /// How often a SYN is repeated with doubling waits (`tcp_syn_retries`).
    pub syn_retries: u32,
    /// How often it is repeated before that, a second apart (`tcp_syn_linear_timeouts`, since Linux 6.5);
    /// RFC 6298, 5.5 wants none.
    pub syn_linear_timeouts: u32,
    /// How often a SYN-ACK is repeated (`tcp_synack_retries`).
    pub synack_retries: u32,
    /// How often data is repeated (`tcp_retries2`).
    pub retries: u32,
    /// How long TIME-WAIT lasts. Linux waits 60 s; RFC 9293, 3.4.2 says twice two minutes.
    pub time_wait: Duration,
    /// How long FIN-WAIT-2 lasts when nobody holds the socket any more (`tcp_fin_timeout`).
    pub fin_timeout: Duration,
    /// Seeds the initial sequence numbers.
    pub seed: u64,
    /// Whether [`super::Event`]s are emitted; segments always are.
    pub events: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            mss: 1460,
            receive_buffer: 131_072,
            receive_maximum: 6 * 1024 * 1024,
            send_buffer: 16 * 1024,
            send_maximum: 4 * 1024 * 1024,
            congestion: Algorithm::Cubic,
            sack: true,
            timestamps: true,
            window_scale: true,
            delayed_ack: true,
            nodelay: false,
            cork: false,
            keepalive: None,
            user_timeout: None,
            syn_retries: 6,
            syn_linear_timeouts: 4,
            synack_retries: 5,
            retries: 15,
            time_wait: Duration::from_secs(60),
            fin_timeout: Duration::from_secs(60),
            seed: 0,
            events: true,
        }
    }
}

impl Config {
    /// The defaults on a link with this MTU.
    pub fn with_mtu(mtu: u16) -> Self {
        Config { mss: mtu.saturating_sub(40).max(super::MINIMUM_MSS), ..Config::default() }
    }
}
