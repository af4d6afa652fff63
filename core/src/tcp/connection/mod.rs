//! One connection: its state and the four verbs. The work is in the rooms beside: `open` builds it, `command` is what the
//! application asks, `arrival` and `acknowledged` what the peer says, `recovery` what
//! to do about losses, `transmit` what leaves, `timeout` what time does.

mod acknowledged;
mod arrival;
mod command;
mod open;
mod recovery;
mod timeout;
mod transmit;

#[cfg(test)]
mod tests;

use super::acknowledgement::Acknowledgement;
use super::congestion::Congestion;
use super::reassembly::Reassembly;
use super::retransmission::Estimator;
use super::scoreboard::Scoreboard;
use super::send_buffer::SendBuffer;
use super::sequence::{Position, Space};
use super::timer::Timers;
use super::window::{ReceiveWindow, SendWindow};
use super::{Config, Event, Failure, Hold, Metrics, Output, State, Timer, Trigger, state};
use crate::machine::{Deadline, Machine};
use crate::stream::Range;
use crate::time::{Duration, Instant};
use crate::wire::Segment;
use std::collections::VecDeque;
use std::net::SocketAddrV4;

/// What the two SYNs agreed on.
#[derive(Clone, Copy, Debug)]
struct Agreed {
    /// The largest segment the peer takes, options included in the count (RFC 9293, 3.7.1).
    mss: u32,
    sack: bool,
    timestamps: bool,
    window_scale: bool,
}

/// One TCP connection from SYN to CLOSED.
///
/// A [`Machine`] whose input is a segment of this connection (the caller has matched the addresses and the ports). After every
/// command and every verb drain [`Machine::poll_output`]. When [`Connection::state`] is [`State::Closed`] and the application
/// has let go, forget it.
#[derive(Clone, Debug)]
pub struct Connection {
    local: SocketAddrV4,
    remote: SocketAddrV4,
    config: Config,
    state: State,
    agreed: Agreed,
    was_established: bool,
    failure: Option<Failure>,
    /// What ICMP said; reported if the connection times out.
    soft_failure: Option<Failure>,

    // Our direction.
    send_space: Space,
    /// SND.UNA and SND.NXT.
    una: Position,
    next: Position,
    buffer: SendBuffer,
    /// FIN follows the last byte of the buffer.
    write_closed: bool,
    board: Scoreboard,
    peer_window: SendWindow,
    /// Position behind the last segment that was shorter than a full one (Minshall).
    short_end: Position,
    /// Why bytes stay in the buffer, already told.
    holding: Option<Hold>,
    last_sent: Option<Instant>,
    estimator: Estimator,
    congestion: Congestion,
    /// A tail loss probe that is not acknowledged: SND.NXT when it went, and whether it repeated a segment.
    tail_probe: Option<(Position, bool)>,
    /// A fast retransmission goes out even if the window is full.
    fast_retransmit: bool,
    /// Timeouts since the peer last acknowledged something new.
    timeouts: u32,
    /// Unanswered window probes, or keep-alive probes.
    probes: u32,
    /// Since when nothing new has been acknowledged while something was outstanding.
    waiting_since: Option<Instant>,
    retransmissions: u32,
    /// Figures are told again once the peer has acknowledged this.
    measured_until: Position,

    // The peer's direction.
    receive_space: Space,
    incoming: Reassembly,
    /// Bytes that came twice, to be reported (RFC 2883).
    duplicate: Option<(Position, Position)>,
    /// Where the peer's FIN is, once seen.
    peer_fin: Option<Position>,
    /// The peer's FIN is in order: everything arrived.
    fin_received: bool,
    read: u64,
    window: ReceiveWindow,
    acks: Acknowledgement,
    /// TS.Recent and when it was set (RFC 7323, 5).
    recent: Option<(u32, Instant)>,
    timestamp_offset: u32,
    last_heard: Instant,
    /// When a segment outside the window was last answered.
    last_challenge: Option<Instant>,

    /// The application let go of the socket.
    orphaned: bool,
    /// The application will not read any more.
    read_shut: bool,
    timers: Timers,
    output: VecDeque<Output>,
}

impl Machine for Connection {
    type Input = Segment;
    type Output = Output;

    fn handle_input(&mut self, now: Instant, segment: Segment) {
        self.arrive(now, segment);
    }

    fn handle_timeout(&mut self, now: Instant) {
        while let Some(timer) = self.timers.take_due(now) {
            self.fire(now, timer);
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.output.pop_front()
    }

    fn poll_timeout(&self) -> Option<Deadline> {
        self.timers.deadline()
    }
}

/// Getters.
impl Connection {
    /// Our end.
    pub fn local(&self) -> SocketAddrV4 {
        self.local
    }

    /// The other end.
    pub fn remote(&self) -> SocketAddrV4 {
        self.remote
    }

    /// The state.
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether the handshake is still under way: a blocking `connect` waits.
    pub fn is_connecting(&self) -> bool {
        matches!(self.state, State::SynSent | State::SynReceived)
    }

    /// Whether `recv` would return at once: data, the end of the stream, or an error.
    pub fn readable(&self) -> bool {
        self.incoming.ready() > 0
            || self.fin_received
            || self.read_shut
            || self.failure.is_some()
            || self.state == State::Closed
    }

    /// Whether `send` would return at once: a third of the buffer is free, or it would fail.
    pub fn writable(&self) -> bool {
        if self.write_closed || self.failure.is_some() || self.state == State::Closed {
            return true;
        }
        !self.is_connecting() && self.buffer.is_writable()
    }

    /// Whether both directions are over: `POLLHUP`.
    pub fn hung_up(&self) -> bool {
        self.state == State::Closed || (self.write_closed && (self.fin_received || self.read_shut))
    }

    /// Whether the peer has finished sending and everything arrived: `POLLRDHUP`.
    pub fn peer_finished(&self) -> bool {
        self.fin_received
    }

    /// Whether our direction was closed by `shutdown` or `close`.
    pub fn is_write_closed(&self) -> bool {
        self.write_closed
    }

    /// The pending error, left in place.
    pub fn error(&self) -> Option<Failure> {
        self.failure
    }

    /// The pending error, once: `SO_ERROR`.
    pub fn take_error(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    /// Bytes written and not yet acknowledged, and the size of the send buffer.
    pub fn send_level(&self) -> (u64, u64) {
        (self.buffer.used() as u64, self.buffer.size() as u64)
    }

    /// Bytes received in order and not yet read, and the size of the receive buffer.
    pub fn receive_level(&self) -> (u64, u64) {
        (self.incoming.ready() as u64, self.window.size() as u64)
    }

    /// Bytes written so far: the stream offset the next `send` begins at.
    pub fn sent_offset(&self) -> u64 {
        (self.buffer.end() - 1) as u64
    }

    /// Bytes read so far: the offset in the peer's stream that the next `recv` begins at.
    pub fn received_offset(&self) -> u64 {
        self.read
    }

    /// Whether everything written, and FIN if the direction is closed, was acknowledged: `SO_LINGER` waits for it.
    pub fn is_flushed(&self) -> bool {
        self.buffer.used() == 0 && (!self.write_closed || self.una > self.buffer.end() || self.state == State::Closed)
    }

    /// The segment size in use: `TCP_MAXSEG`.
    pub fn maximum_segment(&self) -> u32 {
        self.full_segment()
    }

    /// Congestion control and timing.
    pub fn metrics(&self) -> Metrics {
        let mss = u64::from(self.full_segment());
        Metrics {
            congestion_window: u64::from(self.congestion.window()) * mss,
            slow_start_threshold: self.congestion.threshold().map(|segments| u64::from(segments) * mss),
            in_flight: (self.next - self.una).max(0) as u64,
            smoothed_rtt: self.estimator.smoothed(),
            retransmission_timeout: self.estimator.timeout(),
            retransmissions: self.retransmissions,
            maximum_segment: mss as u32,
        }
    }
}

/// What every room of the connection uses.
impl Connection {
    /// RCV.NXT.
    fn expected(&self) -> Position {
        self.incoming.next() + Position::from(self.fin_received)
    }

    /// Whether our FIN has been sent.
    fn fin_sent(&self) -> bool {
        self.write_closed && self.next > self.buffer.end()
    }

    /// Whether our FIN has been acknowledged.
    fn fin_acknowledged(&self) -> bool {
        self.write_closed && self.una > self.buffer.end()
    }

    fn event(&mut self, event: Event) {
        if self.config.events {
            self.output.push_back(Output::Event(event));
        }
    }

    /// Changes the state as the table says.
    fn change(&mut self, now: Instant, trigger: Trigger) {
        let row = state::next(self.state, trigger)
            .unwrap_or_else(|| panic!("no transition from {} by {trigger:?}", self.state));
        let from = std::mem::replace(&mut self.state, row.to);
        self.event(Event::StateChanged { local: self.local, peer: Some(self.remote), from, to: row.to, trigger });
        match row.to {
            State::Closed => {
                self.timers.stop_all();
                self.board.clear();
                self.buffer.clear();
                self.write_closed = true;
                self.holding = None;
                if self.orphaned {
                    self.incoming.clear();
                }
            }
            State::TimeWait => {
                self.timers.stop_all();
                self.arm(Timer::TimeWait, now + self.config.time_wait);
            }
            State::FinWait2 if self.orphaned => self.arm(Timer::UserTimeout, now + self.config.fin_timeout),
            State::Established => {
                self.was_established = true;
                self.buffer.follow(self.congestion.window());
                self.watch(now);
            }
            _ => {}
        }
    }

    /// The connection is over because of `failure`.
    fn fail(&mut self, now: Instant, failure: Failure, trigger: Trigger) {
        self.failure = Some(failure);
        self.change(now, trigger);
    }

    /// Sets a timer, and tells it where that is news.
    fn arm(&mut self, timer: Timer, at: Instant) {
        if self.timers.set(timer, at) {
            self.event(Event::TimerSet { timer, at });
        }
    }

    /// Starts the keep-alive timer if wanted.
    fn watch(&mut self, now: Instant) {
        if let Some(keepalive) = self.config.keepalive
            && self.state.is_synchronised()
            && self.state != State::TimeWait
        {
            self.arm(Timer::KeepAlive, now + keepalive.idle);
        }
    }

    /// Tells the figures: at every loss, and otherwise once a round trip.
    fn measure(&mut self, always: bool) {
        if self.config.events && (always || self.una >= self.measured_until) {
            self.measured_until = self.next;
            let metrics = self.metrics();
            self.event(Event::Measured { metrics });
        }
    }

    /// The value of our timestamp clock: milliseconds (RFC 7323, 5.4).
    fn timestamp(&self, now: Instant) -> u32 {
        self.timestamp_offset.wrapping_add((now.as_micros() / 1000) as u32)
    }

    /// How long ago the peer's echo of our clock was sent.
    fn since_timestamp(&self, now: Instant, echo: u32) -> Duration {
        Duration::from_millis(u64::from(self.timestamp(now).wrapping_sub(echo)))
    }

    /// The bytes of our stream between two positions.
    fn range(from: Position, to: Position) -> Option<Range> {
        (from < to).then(|| Range((from - 1) as u64, (to - 1) as u64))
    }
}
