//! A passive open: who is in the middle of a handshake, and who waits for `accept`. The connections themselves are not here.

#[cfg(test)]
mod tests;

use super::{Config, Connection, DiscardCause, Event, Output, Purpose, State, Trigger, reset_for};
use crate::machine::{Deadline, Machine};
use crate::time::Instant;
use crate::wire::Segment;
use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddrV4};

/// The longest queue `listen` grants (`net.core.somaxconn`).
const LONGEST_BACKLOG: usize = 4096;

/// Handshakes under way at once. Beyond the backlog Linux answers with SYN cookies, which keep nothing; here what a stranger can
/// make us keep is bounded.
const LONGEST_SYN_QUEUE: usize = 256;

/// The two ends of a connection: ours, the peer's.
type Ends = (SocketAddrV4, SocketAddrV4);

/// A segment with the addresses of the packet that carried it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Where it comes from.
    pub source: Ipv4Addr,
    /// Where it goes.
    pub destination: Ipv4Addr,
    /// The segment.
    pub segment: Segment,
}

/// What leaves a listener, with the ends it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressed {
    /// Our end.
    pub local: SocketAddrV4,
    /// The peer's end; unspecified in events of the listener itself.
    pub remote: SocketAddrV4,
    /// What leaves.
    pub output: Output,
}

/// A listening endpoint with its SYN queue and its accept queue.
///
/// The caller hands it every segment for its port that no accepted connection claims. Connections leave by [`Listener::accept`]
/// and are the caller's from then on; until then the listener runs them.
#[derive(Clone, Debug)]
pub struct Listener {
    local: SocketAddrV4,
    config: Config,
    backlog: usize,
    children: BTreeMap<Ends, Connection>,
    /// Established and not accepted, oldest first.
    ready: VecDeque<Ends>,
    output: VecDeque<Addressed>,
}

impl Listener {
    /// Listens on `local` (its address may be 0.0.0.0). A negative backlog means the longest, as in Linux.
    pub fn new(local: SocketAddrV4, backlog: i32, config: Config) -> Self {
        let mut listener = Listener {
            local,
            config,
            backlog: 0,
            children: BTreeMap::new(),
            ready: VecDeque::new(),
            output: VecDeque::new(),
        };
        listener.set_backlog(backlog);
        listener.tell_change(State::Closed, State::Listen, Trigger::PassiveOpen);
        listener
    }

    /// `listen` again: a new backlog.
    pub fn set_backlog(&mut self, backlog: i32) {
        self.backlog = usize::try_from(backlog).unwrap_or(LONGEST_BACKLOG).min(LONGEST_BACKLOG);
    }

    /// Where it listens.
    pub fn local(&self) -> SocketAddrV4 {
        self.local
    }

    /// What new connections are told; options set on the listener are inherited.
    pub fn config_mut(&mut self) -> &mut Config {
        &mut self.config
    }

    /// Whether `accept` would return a connection.
    pub fn acceptable(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Handshakes under way, and connections that wait for `accept`.
    pub fn queues(&self) -> (usize, usize) {
        (self.children.len() - self.ready.len(), self.ready.len())
    }

    /// The oldest connection that waits. It may have ended already; then its calls say so.
    pub fn accept(&mut self) -> Option<Connection> {
        let ends = self.ready.pop_front()?;
        self.children.remove(&ends)
    }

    /// Stops listening: handshakes are forgotten, connections that nobody accepted are reset.
    pub fn close(&mut self, now: Instant) {
        while let Some(ends) = self.ready.pop_front() {
            if let Some(mut child) = self.children.remove(&ends) {
                child.abort(now);
                self.collect(ends, &mut child);
            }
        }
        self.children.clear();
        self.tell_change(State::Listen, State::Closed, Trigger::Close);
    }

    /// Whether one more would exceed the queue: it holds one more than the backlog says, as in Linux.
    fn is_full(&self) -> bool {
        self.ready.len() > self.backlog
    }

    fn tell_change(&mut self, from: State, to: State, trigger: Trigger) {
        if self.config.events {
            let event = Event::StateChanged { local: self.local, peer: None, from, to, trigger };
            self.push(self.local, SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0), Output::Event(event));
        }
    }

    fn push(&mut self, local: SocketAddrV4, remote: SocketAddrV4, output: Output) {
        self.output.push_back(Addressed { local, remote, output });
    }

    fn discard(&mut self, ends: Ends, cause: DiscardCause) {
        if self.config.events {
            self.push(ends.0, ends.1, Output::Event(Event::Discarded { frame: 0, cause }));
        }
    }

    fn collect(&mut self, ends: Ends, child: &mut Connection) {
        while let Some(output) = child.poll_output() {
            self.push(ends.0, ends.1, output);
        }
    }

    /// Lets a child do something and sees what became of it.
    fn with_child(&mut self, ends: Ends, act: impl FnOnce(&mut Connection)) {
        let Some(mut child) = self.children.remove(&ends) else { return };
        let was_open = child.state() != State::SynReceived;
        act(&mut child);
        self.collect(ends, &mut child);
        match (was_open, child.state()) {
            (false, State::Closed) => return,
            (false, State::SynReceived) => {}
            (false, _) => self.ready.push_back(ends),
            (true, _) => {}
        }
        self.children.insert(ends, child);
    }

    /// A segment for which there is no child (RFC 9293, 3.10.7.2).
    fn arrive_in_listen(&mut self, now: Instant, ends: Ends, segment: &Segment) {
        let control = segment.control;
        if control.rst {
            return;
        }
        if control.ack {
            self.discard(ends, DiscardCause::NoConnection);
            if let Some(segment) = reset_for(segment) {
                self.push(
                    ends.0,
                    ends.1,
                    Output::Segment { segment, purpose: Purpose::Reset, repeats: false, range: None },
                );
            }
            return;
        }
        if !control.syn {
            self.discard(ends, DiscardCause::NoConnection);
            return;
        }
        if self.is_full() || self.queues().0 >= LONGEST_SYN_QUEUE {
            self.discard(ends, DiscardCause::BacklogFull);
            return;
        }
        let mut child = Connection::accept(ends.0, ends.1, segment, self.config.clone(), now);
        self.collect(ends, &mut child);
        self.children.insert(ends, child);
    }
}

impl Machine for Listener {
    type Input = Arrival;
    type Output = Addressed;

    fn handle_input(&mut self, now: Instant, arrival: Arrival) {
        let Arrival { source, destination, segment } = arrival;
        let local = SocketAddrV4::new(destination, segment.destination_port);
        let ends = (local, SocketAddrV4::new(source, segment.source_port));
        let Some(child) = self.children.get(&ends) else {
            self.arrive_in_listen(now, ends, &segment);
            return;
        };
        // No place in the accept queue: the handshake's last acknowledgement is as good as lost, SYN-ACK will be repeated.
        let completes = child.state() == State::SynReceived && segment.control.ack && !segment.control.rst;
        if completes && self.is_full() {
            self.discard(ends, DiscardCause::BacklogFull);
            return;
        }
        self.with_child(ends, |child| child.handle_input(now, segment));
    }

    fn handle_timeout(&mut self, now: Instant) {
        let due: Vec<Ends> = self
            .children
            .iter()
            .filter(|(_, child)| child.poll_timeout().is_some_and(|deadline| deadline.at <= now))
            .map(|(ends, _)| *ends)
            .collect();
        for ends in due {
            self.with_child(ends, |child| child.handle_timeout(now));
        }
    }

    fn poll_output(&mut self) -> Option<Addressed> {
        self.output.pop_front()
    }

    fn poll_timeout(&self) -> Option<Deadline> {
        self.children.values().filter_map(Machine::poll_timeout).min()
    }
}
