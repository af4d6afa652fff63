//! What the application asks: the user calls of RFC 9293, 3.9.1, and its options.

use super::*;
use crate::tcp::{KeepAlive, Purpose, RecvError, SendError};
use bytes::Bytes;

impl Connection {
    /// Puts as much of `data` as fits into the send buffer; the number of bytes taken. The memory is shared, not copied.
    ///
    /// # Errors
    /// [`SendError::Failed`] tells a pending failure once; afterwards, and after `shutdown_write`, [`SendError::Closed`].
    pub fn send(&mut self, now: Instant, data: &Bytes) -> Result<usize, SendError> {
        if let Some(failure) = self.failure.take() {
            return Err(SendError::Failed(failure));
        }
        if self.write_closed || self.state == State::Closed {
            return Err(SendError::Closed);
        }
        if self.is_connecting() {
            return Err(SendError::Connecting);
        }
        if data.is_empty() {
            return Ok(0);
        }
        let taken = self.buffer.write(data);
        if taken == 0 {
            return Err(SendError::WouldBlock);
        }
        self.transmit(now);
        Ok(taken)
    }

    /// At most `max` bytes, gathered across segments. Empty means that the peer has finished, or that reading was shut.
    ///
    /// # Errors
    /// [`RecvError::Failed`] tells a pending failure once, after all data was read; then the stream is at its end.
    pub fn recv(&mut self, now: Instant, max: usize) -> Result<Bytes, RecvError> {
        if self.incoming.ready() == 0 {
            return self.nothing_to_read();
        }
        let data = self.incoming.read(max);
        self.read += data.len() as u64;
        self.after_read(now, data.len());
        Ok(data)
    }

    /// The same bytes as [`Connection::recv`], left in the buffer: `MSG_PEEK`.
    ///
    /// # Errors
    /// As [`Connection::recv`].
    pub fn peek(&mut self, max: usize) -> Result<Bytes, RecvError> {
        if self.incoming.ready() == 0 {
            return self.nothing_to_read();
        }
        Ok(self.incoming.peek(max))
    }

    fn nothing_to_read(&mut self) -> Result<Bytes, RecvError> {
        // As Linux does: after FIN the end of the stream, even if a reset came later.
        if self.fin_received {
            return Ok(Bytes::new());
        }
        match self.failure.take() {
            Some(failure) => Err(RecvError::Failed(failure)),
            None if self.state == State::Closed && !self.was_established => Err(RecvError::NotConnected),
            None if self.read_shut || self.state == State::Closed => Ok(Bytes::new()),
            None => Err(RecvError::WouldBlock),
        }
    }

    /// Room was made: acknowledge or offer a larger window, if that is worth a segment.
    fn after_read(&mut self, now: Instant, copied: usize) {
        self.window.data_read(now, copied, self.estimator.smoothed());
        if !matches!(self.state, State::Established | State::FinWait1 | State::FinWait2 | State::CloseWait) {
            return;
        }
        let expected = self.expected();
        let unacknowledged = (expected - self.window.acknowledged()).max(0) as u64;
        if self.acks.after_read(copied, self.incoming.used() == 0, unacknowledged) {
            self.send_acknowledgement(now, Purpose::Acknowledgement);
            return;
        }
        if self.fin_received || self.read_shut {
            return;
        }
        // Receiver-side silly window avoidance: only a window at least twice as large is news (RFC 9293, 3.8.6.2.2).
        let standing = self.window.remaining(expected);
        if 2 * standing <= self.window.full() {
            let offer = self.window.select(self.incoming.used(), self.acks.segment());
            if offer > 0 && offer >= 2 * standing {
                self.send_acknowledgement(now, Purpose::WindowUpdate);
            }
        }
    }

    /// Closes our direction: FIN after everything written. The peer may go on sending.
    pub fn shutdown_write(&mut self, now: Instant) {
        if self.write_closed || !matches!(self.state, State::SynReceived | State::Established | State::CloseWait) {
            return;
        }
        self.write_closed = true;
        self.change(now, Trigger::Close);
        self.transmit(now);
    }

    /// The application will not read any more. What arrives is still acknowledged, as Linux does; once our direction is
    /// closed too, it is answered with RST.
    pub fn shutdown_read(&mut self) {
        self.read_shut = true;
    }

    /// The application lets go. With unread data the peer gets RST instead of FIN: it must know that its data was lost
    /// (RFC 9293, 3.6.1; RFC 2525, 2.17).
    pub fn close(&mut self, now: Instant) {
        self.orphaned = true;
        self.read_shut = true;
        match self.state {
            State::Closed | State::Listen | State::TimeWait => self.incoming.clear(),
            State::SynSent => self.change(now, Trigger::Close),
            _ if self.incoming.ready() > 0 => self.abort(now),
            State::SynReceived | State::Established | State::CloseWait => self.shutdown_write(now),
            State::FinWait2 => self.arm(Timer::UserTimeout, now + self.config.fin_timeout),
            State::FinWait1 | State::Closing | State::LastAck => {}
        }
    }

    /// Ends the connection at once with RST: `SO_LINGER` with zero seconds.
    pub fn abort(&mut self, now: Instant) {
        self.orphaned = true;
        self.read_shut = true;
        match self.state {
            State::Closed | State::Listen => {}
            State::SynSent | State::TimeWait => self.change(now, Trigger::Abort),
            State::Closing | State::LastAck => self.change(now, Trigger::Abort),
            _ => {
                self.send_reset(now);
                self.change(now, Trigger::Abort);
            }
        }
        self.incoming.clear();
    }

    /// The network says that the peer cannot be reached: ICMP, or ARP without an answer. Ends a handshake at once; an
    /// established connection goes on trying and reports it if that fails (RFC 9293, 3.9.2.2).
    pub fn unreachable(&mut self, now: Instant, failure: Failure) {
        match self.state {
            State::SynSent | State::SynReceived => self.fail(now, failure, Trigger::Abort),
            State::Closed => {}
            _ => self.soft_failure = Some(failure),
        }
    }

    /// `TCP_NODELAY`. Switching it on sends what Nagle holds.
    pub fn set_nodelay(&mut self, now: Instant, on: bool) {
        self.config.nodelay = on;
        if on {
            self.transmit(now);
        }
    }

    /// `TCP_CORK`. Taking it out sends what it holds.
    pub fn set_cork(&mut self, now: Instant, on: bool) {
        self.config.cork = on;
        if !on {
            self.transmit(now);
        }
    }

    /// `TCP_QUICKACK`.
    pub fn set_quickack(&mut self, now: Instant, on: bool) {
        self.acks.set_quick(on);
        self.acknowledge(now);
    }

    /// `SO_KEEPALIVE` with its times, a second at least; `None` switches it off.
    pub fn set_keepalive(&mut self, now: Instant, keepalive: Option<KeepAlive>) {
        self.config.keepalive = keepalive.map(KeepAlive::sane);
        self.timers.stop(Timer::KeepAlive);
        self.watch(now);
    }

    /// `TCP_USER_TIMEOUT`; `None` is the system's.
    pub fn set_user_timeout(&mut self, timeout: Option<Duration>) {
        self.config.user_timeout = timeout;
    }

    /// `SO_SNDBUF`: the size as `getsockopt` will report it; it will not grow by itself any more.
    pub fn set_send_buffer(&mut self, size: usize) {
        self.buffer.fix(size);
    }

    /// `SO_RCVBUF`: the size as `getsockopt` will report it; it will not grow by itself any more.
    pub fn set_receive_buffer(&mut self, size: usize) {
        self.window.fix(size);
    }
}
