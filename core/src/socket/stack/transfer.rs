//! Bytes through a stream socket: `send`, `recv`, with what they wait for and what the bytes' places in the stream are.

use super::pending::Pending;
use super::readiness::PAIR_BUFFER;
use super::socket::Role;
use super::stream::errno;
use super::{Attempt, SocketId, Stack};
use crate::socket::{Answer, Blocking, Errno, Flags, Kind, Outcome, Reason};
use crate::stream::{Data, Range};
use crate::tcp::{RecvError, SendError};
use crate::time::Instant;
use bytes::Bytes;
use std::net::SocketAddrV4;

impl Stack {
    /// `send`, `sendall` and `sendto`.
    ///
    /// Without a time limit Linux takes all or blocks; with `settimeout` Python polls a non-blocking socket, so `send` may take
    /// a part.
    #[allow(clippy::too_many_arguments)] // they are those of the call
    pub(super) fn send(
        &mut self,
        now: Instant,
        pending: &mut Pending,
        id: SocketId,
        data: &Data,
        flags: Flags,
        all: bool,
        address: Option<SocketAddrV4>,
    ) -> Result<Attempt, Errno> {
        if self.socket(id).kind == Kind::Datagram {
            return self.send_datagram(now, id, data, address, all);
        }
        loop {
            let rest = data.0.slice(pending.sent..);
            match self.push(now, id, &rest) {
                Ok((taken, start)) => {
                    pending.start.get_or_insert(start);
                    pending.sent += taken;
                    self.drain(now, id);
                    self.report_levels(id);
                    if pending.sent == data.len() {
                        return Ok(self.sent_so_far(pending));
                    }
                    if taken > 0 {
                        continue;
                    }
                }
                Err(Errno::EAGAIN) => {}
                // What was taken before the failure is the call's result; the next call hears of the failure.
                Err(errno) if pending.sent > 0 && !all => {
                    self.socket_mut(id).error.get_or_insert(errno);
                    return Ok(self.sent_so_far(pending));
                }
                Err(errno) => return Err(errno),
            }
            let never = flags.dont_wait || self.socket(id).blocking == Blocking::Never;
            let polled = matches!(self.socket(id).blocking, Blocking::AtMost(_));
            return match pending.sent {
                0 if never => Err(Errno::EAGAIN),
                sent if sent > 0 && !all && (never || polled) => Ok(self.sent_so_far(pending)),
                _ if never => Err(Errno::EAGAIN),
                _ => Ok(Attempt::Wait(Reason::SendBuffer)),
            };
        }
    }

    /// Puts what fits into the send buffer: how much, and where in the stream it begins.
    fn push(&mut self, now: Instant, id: SocketId, bytes: &Bytes) -> Result<(usize, u64), Errno> {
        let socket = self.socket_mut(id);
        if let Some(errno) = socket.error.take() {
            return Err(errno);
        }
        if socket.write_shut {
            return Err(Errno::EPIPE);
        }
        match &mut socket.role {
            Role::Connection(connection) => {
                let start = connection.sent_offset();
                match connection.send(now, bytes) {
                    Ok(taken) => Ok((taken, start)),
                    Err(SendError::WouldBlock | SendError::Connecting) => Err(Errno::EAGAIN),
                    Err(SendError::Closed) => Err(Errno::EPIPE),
                    Err(SendError::Failed(failure)) => Err(errno(failure)),
                }
            }
            Role::Pair(_) => self.push_pair(id, bytes),
            // Linux answers EPIPE, not ENOTCONN, for a stream socket that was never connected.
            _ => Err(Errno::EPIPE),
        }
    }

    fn push_pair(&mut self, id: SocketId, bytes: &Bytes) -> Result<(usize, u64), Errno> {
        let Role::Pair(pair) = &self.socket(id).role else { return Err(Errno::EPIPE) };
        let other = pair.other.ok_or(Errno::EPIPE)?;
        if self.socket(other).read_shut {
            return Err(Errno::EPIPE);
        }
        let Role::Pair(end) = &mut self.socket_mut(other).role else { return Err(Errno::EPIPE) };
        let taken = bytes.len().min(PAIR_BUFFER - end.used);
        if taken > 0 {
            end.incoming.push_back(bytes.slice(..taken));
            end.used += taken;
        } else if !bytes.is_empty() {
            return Err(Errno::EAGAIN);
        }
        let Role::Pair(pair) = &mut self.socket_mut(id).role else { return Err(Errno::EPIPE) };
        let start = pair.written;
        pair.written += taken as u64;
        Ok((taken, start))
    }

    /// `recv` and `recvfrom`.
    pub(super) fn receive(
        &mut self,
        now: Instant,
        pending: &mut Pending,
        id: SocketId,
        size: usize,
        flags: Flags,
        named: bool,
    ) -> Result<Attempt, Errno> {
        if flags.out_of_band {
            // Nobody sends urgent data here, so there is none to take.
            return Err(Errno::EINVAL);
        }
        if self.socket(id).kind == Kind::Datagram {
            return self.receive_datagram(pending, id, size, flags, named);
        }
        loop {
            let want = size - pending.gathered.len();
            match self.pull(now, id, want, flags.peek) {
                Ok((bytes, start)) => {
                    pending.start.get_or_insert(start);
                    let ended = bytes.is_empty();
                    if pending.gathered.is_empty() && (bytes.len() == size || !flags.wait_all || flags.peek || ended) {
                        let range = (!bytes.is_empty()).then(|| Range(start, start + bytes.len() as u64));
                        self.after_read(now, id);
                        return Ok(received(bytes, range, named));
                    }
                    pending.gathered.extend_from_slice(&bytes);
                    if ended || pending.gathered.len() == size {
                        let (bytes, range) = pending.take_gathered();
                        self.after_read(now, id);
                        return Ok(received(bytes, range, named));
                    }
                }
                Err(Errno::EAGAIN) => break,
                Err(_) if !pending.gathered.is_empty() => {
                    let (bytes, range) = pending.take_gathered();
                    return Ok(received(bytes, range, named));
                }
                Err(errno) => return Err(errno),
            }
        }
        self.after_read(now, id);
        if flags.dont_wait || self.socket(id).blocking == Blocking::Never {
            if !pending.gathered.is_empty() {
                let (bytes, range) = pending.take_gathered();
                return Ok(received(bytes, range, named));
            }
            return Err(Errno::EAGAIN);
        }
        Ok(Attempt::Wait(Reason::Data))
    }

    /// Reading makes room, and that may be worth an announcement.
    fn after_read(&mut self, now: Instant, id: SocketId) {
        self.drain(now, id);
        self.report_levels(id);
    }

    /// Takes what is there: the bytes and where in the stream they begin. Empty is the end of the stream.
    fn pull(&mut self, now: Instant, id: SocketId, want: usize, peek: bool) -> Result<(Bytes, u64), Errno> {
        let socket = self.socket_mut(id);
        let read_shut = socket.read_shut;
        if let Some(errno) = socket.error.take() {
            return Err(errno);
        }
        match &mut socket.role {
            Role::Connection(connection) => {
                let start = connection.received_offset();
                let result = if peek { connection.peek(want) } else { connection.recv(now, want) };
                match result {
                    Ok(bytes) => Ok((bytes, start)),
                    Err(RecvError::WouldBlock) => Err(Errno::EAGAIN),
                    Err(RecvError::NotConnected) => Err(Errno::ENOTCONN),
                    Err(RecvError::Failed(failure)) => Err(errno(failure)),
                }
            }
            Role::Pair(pair) => {
                let start = pair.read;
                let Some(first) = pair.incoming.front_mut() else {
                    return if pair.ended || read_shut { Ok((Bytes::new(), start)) } else { Err(Errno::EAGAIN) };
                };
                let take = want.min(first.len());
                let bytes = if peek { first.slice(..take) } else { first.split_to(take) };
                if !peek {
                    if first.is_empty() {
                        pair.incoming.pop_front();
                    }
                    pair.used -= take;
                    pair.read += take as u64;
                }
                Ok((bytes, start))
            }
            _ => Err(Errno::ENOTCONN),
        }
    }
}

/// The success of a receive call. On a stream `recvfrom` names nobody.
fn received(bytes: Bytes, range: Option<Range>, named: bool) -> Attempt {
    let length = bytes.len();
    let data = Data(bytes);
    let answer = if named { Answer::Datagram { data, from: None, length } } else { Answer::Data(data) };
    Attempt::Done(Outcome::Ok(answer), range, None)
}
