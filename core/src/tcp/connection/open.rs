//! How a connection begins: with our SYN, or with the peer's. What follows is `arrival`'s.

use super::*;
use crate::tcp::{KeepAlive, sequence};
use crate::wire::TcpOptions;

impl Connection {
    /// Opens actively: sends SYN.
    pub fn open(local: SocketAddrV4, remote: SocketAddrV4, config: Config, now: Instant) -> Self {
        let mut connection = Connection::new(local, remote, config, now, State::Closed);
        connection.change(now, Trigger::ActiveOpen);
        connection.send_syn(now);
        connection
    }

    /// Opens passively: answers a SYN. The listener has checked that it is one, without ACK or RST.
    pub fn accept(local: SocketAddrV4, remote: SocketAddrV4, syn: &Segment, config: Config, now: Instant) -> Self {
        let mut connection = Connection::new(local, remote, config, now, State::Listen);
        connection.meet(now, syn);
        connection.peer_window.begin(syn.window, 0, 0);
        connection.change(now, Trigger::ReceiveSyn);
        connection.send_syn(now);
        connection
    }

    fn new(local: SocketAddrV4, remote: SocketAddrV4, config: Config, now: Instant, state: State) -> Self {
        let mss = u32::from(config.mss);
        Connection {
            local,
            remote,
            state,
            // The default segment size until the peer announces one (RFC 9293, 3.7.1).
            agreed: Agreed {
                mss: mss.min(536),
                sack: config.sack,
                timestamps: config.timestamps,
                window_scale: config.window_scale,
            },
            was_established: false,
            failure: None,
            soft_failure: None,
            send_space: Space::new(sequence::initial(config.seed, local, remote, now)),
            una: 0,
            next: 0,
            buffer: SendBuffer::new(config.send_buffer, config.send_maximum),
            write_closed: false,
            board: Scoreboard::default(),
            peer_window: SendWindow::default(),
            short_end: 0,
            holding: None,
            last_sent: None,
            estimator: Estimator::default(),
            congestion: Congestion::new(config.congestion),
            tail_probe: None,
            fast_retransmit: false,
            timeouts: 0,
            probes: 0,
            waiting_since: None,
            retransmissions: 0,
            measured_until: 0,
            receive_space: Space::default(),
            incoming: Reassembly::new(),
            duplicate: None,
            peer_fin: None,
            fin_received: false,
            read: 0,
            window: ReceiveWindow::new(config.receive_buffer, config.receive_maximum, mss),
            acks: Acknowledgement::new(config.delayed_ack, mss),
            recent: None,
            timestamp_offset: (sequence::mix(!config.seed, local, remote) >> 32) as u32,
            last_heard: now,
            last_challenge: None,
            orphaned: false,
            read_shut: false,
            timers: Timers::default(),
            output: VecDeque::new(),
            config: Config { keepalive: config.keepalive.map(KeepAlive::sane), ..config },
        }
    }

    /// Takes the peer's SYN: its sequence number and what its options offer.
    pub(super) fn meet(&mut self, now: Instant, syn: &Segment) {
        self.receive_space = Space::new(syn.sequence);
        let TcpOptions { mss, window_scale, sack_permitted, timestamps, .. } = &syn.options;
        let offered = u32::from(mss.unwrap_or(536).max(crate::tcp::MINIMUM_MSS));
        self.agreed = Agreed {
            mss: offered.min(u32::from(self.config.mss)),
            sack: self.agreed.sack && *sack_permitted,
            timestamps: self.agreed.timestamps && timestamps.is_some(),
            window_scale: self.agreed.window_scale && window_scale.is_some(),
        };
        if let (true, Some(shift)) = (self.agreed.window_scale, window_scale) {
            self.peer_window.scale(*shift);
        }
        if let (true, Some((value, _))) = (self.agreed.timestamps, timestamps) {
            self.recent = Some((*value, now));
        }
    }

    /// The options of our SYN or SYN-ACK.
    pub(super) fn syn_options(&self, now: Instant) -> TcpOptions {
        TcpOptions {
            mss: Some(self.config.mss),
            window_scale: self.agreed.window_scale.then(|| self.window.wanted_shift()),
            sack_permitted: self.agreed.sack,
            sack: Vec::new(),
            timestamps: self
                .agreed
                .timestamps
                .then(|| (self.timestamp(now), self.recent.map_or(0, |(value, _)| value))),
        }
    }

    /// Both SYNs are exchanged: the handshake's last acknowledgement arrived, or is about to be sent.
    pub(super) fn establish(&mut self, now: Instant, trigger: Trigger) {
        if self.agreed.window_scale {
            self.window.scale(self.window.wanted_shift());
        }
        if self.timeouts > 1 {
            self.congestion.handshake_was_lossy();
        }
        if self.timeouts > 0 && self.estimator.smoothed().is_none() {
            self.estimator.fall_back();
        }
        self.timeouts = 0;
        self.change(now, trigger);
        self.measure(true);
    }
}
