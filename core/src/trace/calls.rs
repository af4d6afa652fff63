//! Calls of a trace with their outcomes, paired, and the sockets they were made on. It judges nothing.

use super::{Body, Flow, Trace};
use crate::socket::{Answer, Call, CallId, Descriptor, Event, Outcome, TaskId};
use crate::stream::Range;
use crate::time::{Duration, Instant};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Numbers the sockets of one host from 1 in the order they came to be. Unlike a descriptor it is never used again.
pub type SocketNumber = u32;

/// One call, from the moment it was made to its return.
#[derive(Clone, Debug, PartialEq)]
pub struct CallRecord {
    /// Index of the `called` event.
    pub called_at: usize,
    /// Index of the `returned` event; `None` if it never returned.
    pub returned_at: Option<usize>,
    /// The host.
    pub host: Arc<str>,
    /// Its number at that host.
    pub id: CallId,
    /// The task that made it.
    pub task: TaskId,
    /// The line of the program.
    pub line: u32,
    /// The call.
    pub call: Call,
    /// The socket it was made on, if it was made on one.
    pub socket: Option<SocketNumber>,
    /// The conversation, if it is known by then.
    pub flow: Option<Flow>,
    /// When it was made.
    pub time: Instant,
    /// When it returned.
    pub returned: Option<Instant>,
    /// What it returned.
    pub outcome: Option<Outcome>,
    /// How long it blocked.
    pub blocked: Duration,
    /// The stream bytes it moved.
    pub range: Option<Range>,
}

/// Every call of the trace in the order they were made.
pub fn calls(trace: &Trace) -> Vec<CallRecord> {
    let mut records: Vec<CallRecord> = Vec::new();
    let mut open: BTreeMap<(Arc<str>, CallId), usize> = BTreeMap::new();
    let mut sockets: BTreeMap<Arc<str>, Sockets> = BTreeMap::new();
    for (index, event) in trace.events.iter().enumerate() {
        let (Some(host), Body::Socket(body)) = (&event.host, &event.body) else { continue };
        let table = sockets.entry(host.clone()).or_default();
        match body {
            Event::Called { id, task, line, call } => {
                open.insert((host.clone(), *id), records.len());
                records.push(CallRecord {
                    called_at: index,
                    returned_at: None,
                    host: host.clone(),
                    id: *id,
                    task: *task,
                    line: *line,
                    socket: call.descriptor().and_then(|fd| table.number(fd)),
                    call: call.clone(),
                    flow: event.flow,
                    time: event.time,
                    returned: None,
                    outcome: None,
                    blocked: Duration::ZERO,
                    range: None,
                });
            }
            Event::Returned { id, outcome, blocked, range, .. } => {
                let Some(at) = open.remove(&(host.clone(), *id)) else { continue };
                let record = &mut records[at];
                record.returned_at = Some(index);
                record.returned = Some(event.time);
                record.outcome = Some(outcome.clone());
                record.blocked = *blocked;
                record.range = *range;
                record.flow = event.flow.or(record.flow);
                table.follow(&record.call, outcome);
            }
            _ => {}
        }
    }
    records
}

/// Which descriptor is which socket, as far as the calls have come.
#[derive(Default)]
struct Sockets {
    open: BTreeMap<Descriptor, SocketNumber>,
    made: SocketNumber,
}

impl Sockets {
    fn number(&self, fd: Descriptor) -> Option<SocketNumber> {
        self.open.get(&fd).copied()
    }

    fn add(&mut self, fd: Descriptor) {
        self.made += 1;
        self.open.insert(fd, self.made);
    }

    fn follow(&mut self, call: &Call, outcome: &Outcome) {
        match (call, outcome) {
            (Call::Socket { .. }, Outcome::Ok(Answer::Number(fd))) => self.add(*fd as Descriptor),
            (Call::Accept { .. }, Outcome::Ok(Answer::Accepted { accepted, .. })) => self.add(*accepted),
            (Call::SocketPair, Outcome::Ok(Answer::Pair { pair })) => {
                self.add(pair.0);
                self.add(pair.1);
            }
            (Call::Close { fd }, Outcome::Ok(_)) => {
                self.open.remove(fd);
            }
            _ => {}
        }
    }
}
