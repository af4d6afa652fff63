//! Calls under way: how long each may wait, what it has done so far, and what it returns when its time is over.

use super::{Attempt, SocketId, Stack, limit};
use crate::socket::{Answer, Blocking, Call, Descriptor, Errno, Outcome};
use crate::stream::Range;
use crate::time::Instant;
use bytes::{Bytes, BytesMut};

/// One call that has not returned.
pub(super) struct Pending {
    pub call: Call,
    pub socket: Option<SocketId>,
    /// The sockets of a `select`, looked up when it was made.
    pub selected: Vec<(Descriptor, SocketId)>,
    /// When it returns in any case.
    pub deadline: Option<Instant>,
    /// Whether the limit is `SO_RCVTIMEO` or `SO_SNDTIMEO`: `EAGAIN` instead of a time-out.
    pub by_option: bool,
    /// Bytes that a send has handed over.
    pub sent: usize,
    /// Bytes that `MSG_WAITALL` has gathered.
    pub gathered: BytesMut,
    /// Where in the stream they begin.
    pub start: Option<u64>,
}

impl Pending {
    pub fn new(call: Call, socket: Option<SocketId>) -> Self {
        Pending {
            call,
            socket,
            selected: Vec::new(),
            deadline: None,
            by_option: false,
            sent: 0,
            gathered: BytesMut::new(),
            start: None,
        }
    }

    /// What was gathered, with its place in the stream.
    pub fn take_gathered(&mut self) -> (Bytes, Option<Range>) {
        let bytes = std::mem::take(&mut self.gathered).freeze();
        let range = self.start.map(|start| Range(start, start + bytes.len() as u64));
        (bytes, range)
    }
}

impl Stack {
    /// Decides when a call must return at the latest.
    pub(super) fn set_deadline(&self, now: Instant, pending: &mut Pending) {
        let (duration, by_option) = match &pending.call {
            Call::Sleep { duration } => (Some(*duration), false),
            Call::Select { timeout, .. } => (*timeout, false),
            call => {
                let receives = matches!(call, Call::Recv { .. } | Call::RecvFrom { .. } | Call::Accept { .. });
                let waits = receives || matches!(call, Call::Send { .. } | Call::SendTo { .. } | Call::Connect { .. });
                match pending.socket.filter(|_| waits).map(|id| limit(self.socket(id), receives)) {
                    Some((Blocking::AtMost(duration), by_option)) => (Some(duration), by_option),
                    _ => (None, false),
                }
            }
        };
        pending.deadline = duration.map(|duration| now + duration);
        pending.by_option = by_option;
    }

    /// What a call returns when its time is over.
    pub(super) fn expired(&mut self, pending: &Pending) -> Attempt {
        match &pending.call {
            Call::Sleep { .. } | Call::Close { .. } => Attempt::done(),
            Call::Select { .. } => Attempt::ok(Answer::Ready { read: vec![], write: vec![], except: vec![] }),
            // A send that has handed something over says how much; only `sendall` has failed.
            Call::Send { all: false, .. } if pending.sent > 0 => self.sent_so_far(pending),
            Call::Recv { .. } | Call::RecvFrom { .. } if !pending.gathered.is_empty() => {
                let range = pending.start.map(|start| Range(start, start + pending.gathered.len() as u64));
                let bytes = pending.gathered.clone().freeze();
                Attempt::Done(Outcome::Ok(Answer::Data(bytes.into())), range, None)
            }
            Call::Connect { .. } if pending.by_option => Errno::EINPROGRESS.into(),
            _ if pending.by_option => Errno::EAGAIN.into(),
            _ => Attempt::Done(Outcome::TimedOut, None, None),
        }
    }

    /// The success of a send that has handed over some of its bytes.
    pub(super) fn sent_so_far(&self, pending: &Pending) -> Attempt {
        let all = matches!(pending.call, Call::Send { all: true, .. });
        let answer = if all { Answer::Nothing } else { Answer::Number(pending.sent as i64) };
        let range = pending.start.map(|start| Range(start, start + pending.sent as u64));
        Attempt::Done(Outcome::Ok(answer), range, None)
    }
}
