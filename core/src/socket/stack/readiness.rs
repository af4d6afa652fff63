//! What is ready: readable, writable, in error, for `select` and for calls that wait. Linux's answers.

use super::pending::Pending;
use super::socket::Role;
use super::{Attempt, SocketId, Stack};
use crate::socket::{Answer, Descriptor, Errno, Reason};
use crate::time::{Duration, Instant};

/// Bytes that one end of a pair may hold: the usual `SO_SNDBUF` of a UNIX socket.
pub(super) const PAIR_BUFFER: usize = 212_992;

impl Stack {
    /// `select`.
    pub(super) fn select(
        &mut self,
        now: Instant,
        pending: &mut Pending,
        read: &[Descriptor],
        write: &[Descriptor],
        except: &[Descriptor],
    ) -> Result<Attempt, Errno> {
        // The sockets are looked up once: one that is closed meanwhile is not what the program meant.
        if pending.selected.is_empty() {
            for fd in read.iter().chain(write).chain(except) {
                pending.selected.push((*fd, self.table.find(*fd).ok_or(Errno::EBADF)?));
            }
        }
        let selected = &pending.selected;
        let find = |fd: Descriptor| selected.iter().find(|(held, _)| *held == fd).map(|(_, id)| *id);
        let ready = |list: &[Descriptor], is_ready: &dyn Fn(SocketId) -> bool| -> Vec<Descriptor> {
            list.iter().copied().filter(|fd| find(*fd).is_some_and(is_ready)).collect()
        };
        let readable = ready(read, &|id| self.is_readable(id));
        let writable = ready(write, &|id| self.is_writable(id));
        let none = readable.is_empty() && writable.is_empty();
        // A time of zero asks without waiting, even where nothing is ready.
        let waits = match pending.deadline {
            Some(at) => at > now,
            None => true,
        };
        if none && waits {
            return Ok(Attempt::Wait(Reason::Readiness));
        }
        // Urgent data is not modelled, so nothing is ever exceptional.
        Ok(Attempt::ok(Answer::Ready { read: readable, write: writable, except: Vec::new() }))
    }

    /// Whether a receive call would return at once.
    pub(super) fn is_readable(&self, id: SocketId) -> bool {
        let Some(socket) = self.sockets.get(&id) else { return true };
        if socket.error.is_some() || socket.read_shut {
            return true;
        }
        match &socket.role {
            // `select` reports a fresh stream socket as hung up: readable and writable.
            Role::Idle => true,
            Role::Listening(listener) => listener.acceptable(),
            Role::Connection(connection) => connection.readable(),
            Role::Datagram(mailbox) => !mailbox.is_empty(),
            Role::Pair(pair) => pair.used > 0 || pair.ended,
        }
    }

    /// Whether a send call would return at once.
    pub(super) fn is_writable(&self, id: SocketId) -> bool {
        let Some(socket) = self.sockets.get(&id) else { return true };
        match &socket.role {
            Role::Idle | Role::Datagram(_) => true,
            Role::Listening(_) => false,
            Role::Connection(connection) => connection.writable(),
            Role::Pair(pair) => match pair.other.and_then(|other| self.sockets.get(&other)).map(|other| &other.role) {
                Some(Role::Pair(other)) => other.used < PAIR_BUFFER,
                _ => true,
            },
        }
    }
}

/// How long `close` waits.
pub(super) fn linger_time(seconds: u32) -> Duration {
    Duration::from_secs(u64::from(seconds))
}
