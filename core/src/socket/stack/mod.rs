//! The sockets of one host: descriptors, ports, blocking, and the network layer below them. It answers calls and takes frames;
//! what TCP and UDP do inside is not here, and neither is any program or trace.

mod datagram;
mod ends;
mod neighbour;
mod network;
mod options;
mod pending;
mod ports;
mod readiness;
mod socket;
mod stream;
mod table;
#[cfg(test)]
mod tests;
mod transfer;

use super::{Answer, Blocking, Call, CallId, Descriptor, Errno, Event, Kind, Outcome, Reason, TaskId};
use crate::machine::{Deadline, Machine};
use crate::random::Random;
use crate::stream::Range;
use crate::tcp;
use crate::time::Instant;
use crate::udp;
use crate::wire::reassembly::Reassembly;
use crate::wire::{Frame, FrameId, MacAddress};
use neighbour::Neighbours;
use pending::Pending;
use socket::Socket;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{Ipv4Addr, SocketAddrV4};
use table::Table;

/// Numbers the sockets of one host; unlike a descriptor, never used again.
pub(crate) type SocketId = u32;

/// What a host's network is told before it starts.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its Ethernet address.
    pub mac: MacAddress,
    /// Its address.
    pub address: Ipv4Addr,
    /// Length of the network part.
    pub prefix: u8,
    /// Largest IP packet of its link.
    pub mtu: u16,
    /// What its connections are told; the segment size follows from the MTU.
    pub tcp: tcp::Config,
    /// Seeds ephemeral ports and packet numbers; TCP has a seed of its own.
    pub seed: u64,
}

/// The two ends of a conversation as a socket event belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// Stream or datagram.
    pub kind: Kind,
    /// This host's end.
    pub local: SocketAddrV4,
    /// The other end.
    pub peer: SocketAddrV4,
}

/// Something that was seen inside.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// At the socket face.
    Socket(Event),
    /// In a connection.
    Tcp(tcp::Event),
    /// A datagram that arrived and reached no program. The frame is the one being handled.
    Datagram(udp::DiscardCause),
    /// A segment that arrived and was thrown away. The frame is the one being handled.
    Segment(tcp::DiscardCause),
}

/// What leaves a host's stack.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// A frame. One to this host's own address comes back without touching the link.
    Frame {
        /// The frame.
        frame: Frame,
        /// Why TCP sent it.
        purpose: Option<tcp::Purpose>,
    },
    /// A call is answered.
    Completed {
        /// Which.
        id: CallId,
        /// With what.
        outcome: Outcome,
        /// The bytes of the stream that it moved.
        range: Option<Range>,
        /// The conversation it belongs to.
        ends: Option<Ends>,
    },
    /// A call waits.
    Blocked {
        /// Which.
        id: CallId,
        /// For what.
        reason: Reason,
    },
    /// Something was seen.
    Seen {
        /// The conversation it belongs to.
        ends: Option<Ends>,
        /// What.
        what: Seen,
    },
}

/// What becomes of an attempt to carry out a call.
enum Attempt {
    /// It is done.
    Done(Outcome, Option<Range>, Option<Ends>),
    /// It must wait.
    Wait(Reason),
}

impl Attempt {
    fn ok(answer: Answer) -> Self {
        Attempt::Done(Outcome::Ok(answer), None, None)
    }

    fn done() -> Self {
        Attempt::ok(Answer::Nothing)
    }

    fn number(number: impl Into<i64>) -> Self {
        Attempt::ok(Answer::Number(number.into()))
    }
}

impl From<Errno> for Attempt {
    fn from(errno: Errno) -> Self {
        Attempt::Done(Outcome::Error(errno), None, None)
    }
}

/// The sockets of one host.
///
/// A call goes in by [`Stack::call`] and is answered by [`Output::Completed`], at once or after [`Output::Blocked`].
/// Frames go in by [`Machine::handle_input`]. After each, drain [`Machine::poll_output`].
pub struct Stack {
    config: Config,
    table: Table,
    sockets: BTreeMap<SocketId, Socket>,
    next_socket: SocketId,
    /// Connections by their two ends, those without a descriptor too.
    connections: BTreeMap<(SocketAddrV4, SocketAddrV4), SocketId>,
    /// When the TCP of which socket wants to be woken.
    timers: BTreeSet<(Instant, SocketId)>,
    /// How many of those only end a TIME-WAIT.
    resting: usize,
    pending: BTreeMap<CallId, Pending>,
    neighbours: Neighbours,
    reassembly: Reassembly,
    next_port: u16,
    identification: u16,
    outputs: VecDeque<Output>,
}

impl Stack {
    /// A host with no socket.
    pub fn new(config: Config) -> Self {
        let mut random = Random::new(config.seed);
        let next_port = ports::first(&mut random);
        let identification = random.next_u32() as u16;
        Stack {
            config,
            table: Table::default(),
            sockets: BTreeMap::new(),
            next_socket: 1,
            connections: BTreeMap::new(),
            timers: BTreeSet::new(),
            resting: 0,
            pending: BTreeMap::new(),
            neighbours: Neighbours::default(),
            reassembly: Reassembly::new(),
            next_port,
            identification,
            outputs: VecDeque::new(),
        }
    }

    /// Carries out a call of the host's program.
    pub fn call(&mut self, now: Instant, _task: TaskId, id: CallId, call: Call) {
        let socket = match call.descriptor().map(|fd| self.table.find(fd)) {
            None => None,
            Some(Some(socket)) => Some(socket),
            Some(None) => return self.complete(id, Errno::EBADF.into()),
        };
        let mut pending = Pending::new(call, socket);
        if let Some(socket) = socket {
            self.socket_mut(socket).holders += 1;
        }
        self.set_deadline(now, &mut pending);
        match self.attempt(now, &mut pending, true) {
            Attempt::Wait(reason) => {
                self.outputs.push_back(Output::Blocked { id, reason });
                self.pending.insert(id, pending);
            }
            done => self.finish(now, id, pending, done),
        }
        self.settle(now);
    }

    /// The process ended: every descriptor is closed as the kernel does, calls of its other tasks are forgotten.
    pub fn exit(&mut self, now: Instant) {
        for pending in std::mem::take(&mut self.pending).into_values() {
            if let Some(socket) = pending.socket {
                self.release(now, socket);
            }
        }
        for (_, socket) in self.table.take_all() {
            self.socket_mut(socket).fd = None;
            self.release(now, socket);
        }
        self.settle(now);
    }

    /// Whether anything of this host still moves by itself: unfinished closes, unacknowledged data, packets that wait for
    /// an address. TIME-WAIT is not counted: nothing follows from it.
    pub fn is_quiet(&self) -> bool {
        self.pending.is_empty() && self.neighbours.is_quiet() && self.sockets.values().all(Socket::is_quiet)
    }

    /// Whether time alone can still make something happen. The end of a TIME-WAIT is nothing: it only frees a port.
    pub fn awaits_time(&self) -> bool {
        self.timers.len() > self.resting
            || self.pending.values().any(|pending| pending.deadline.is_some())
            || self.neighbours.poll_timeout().is_some()
            || self.reassembly.poll_timeout().is_some()
    }

    /// Notes when the TCP of a socket wants to be woken.
    fn set_timer(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let wanted = socket.poll_timeout();
        let Some(noted) = (socket.timer != wanted).then(|| std::mem::replace(&mut socket.timer, wanted)) else {
            return;
        };
        self.unset_timer(id, noted);
        if let Some(deadline) = wanted {
            self.timers.insert((deadline.at, id));
            self.resting += usize::from(deadline.reason == TIME_WAIT);
        }
    }

    fn unset_timer(&mut self, id: SocketId, noted: Option<Deadline>) {
        if let Some(deadline) = noted {
            self.timers.remove(&(deadline.at, id));
            self.resting -= usize::from(deadline.reason == TIME_WAIT);
        }
    }

    /// Forgets a socket.
    fn remove(&mut self, id: SocketId) {
        if let Some(socket) = self.sockets.remove(&id) {
            self.unset_timer(id, socket.timer);
        }
    }

    fn socket_mut(&mut self, id: SocketId) -> &mut Socket {
        self.sockets.get_mut(&id).expect("a descriptor, a call or a connection holds its socket")
    }

    fn socket(&self, id: SocketId) -> &Socket {
        self.sockets.get(&id).expect("a descriptor, a call or a connection holds its socket")
    }

    /// Tries a call; `first` is true when it is made and false when it has waited.
    fn attempt(&mut self, now: Instant, pending: &mut Pending, first: bool) -> Attempt {
        let result = match (pending.socket, pending.call.clone()) {
            (None, Call::Socket { kind, protocol }) => self.open(kind, protocol),
            (None, Call::SocketPair) => self.open_pair(),
            (None, Call::Select { read, write, except, .. }) => self.select(now, pending, &read, &write, &except),
            (None, Call::Sleep { .. }) => match pending.deadline {
                Some(at) if at > now => Ok(Attempt::Wait(Reason::Time)),
                _ => Ok(Attempt::done()),
            },
            (None, Call::Clock) => Ok(Attempt::ok(Answer::Moment { moment: now })),
            (None, _) => Err(Errno::EBADF),
            (Some(id), call) => self.attempt_on(now, pending, first, id, call),
        };
        result.unwrap_or_else(Attempt::from)
    }

    fn attempt_on(
        &mut self,
        now: Instant,
        pending: &mut Pending,
        first: bool,
        id: SocketId,
        call: Call,
    ) -> Result<Attempt, Errno> {
        match call {
            Call::Bind { address, .. } => self.bind(id, address).map(|()| Attempt::done()),
            Call::Listen { backlog, .. } => self.listen(now, id, backlog).map(|()| Attempt::done()),
            Call::Accept { .. } => self.accept(now, pending, id),
            Call::Connect { address, .. } => self.connect(now, id, address, first),
            Call::Send { data, flags, all, .. } => self.send(now, pending, id, &data, flags, all, None),
            Call::SendTo { data, flags, address, .. } => {
                self.send(now, pending, id, &data, flags, false, Some(address))
            }
            Call::Recv { size, flags, .. } => self.receive(now, pending, id, size, flags, false),
            Call::RecvFrom { size, flags, .. } => self.receive(now, pending, id, size, flags, true),
            Call::Shutdown { how, .. } => self.shutdown(now, id, how).map(|()| Attempt::done()),
            Call::Close { fd } => self.close(now, pending, fd, id, first),
            Call::SetOption { option, value, .. } => self.set_option(now, id, option, value).map(|()| Attempt::done()),
            Call::GetOption { option, .. } => self.get_option(id, option).map(Attempt::ok),
            Call::SetBlocking { mode, .. } => {
                self.socket_mut(id).blocking = mode;
                Ok(Attempt::done())
            }
            Call::LocalAddress { .. } => {
                let socket = self.socket(id);
                // A pair has no address that IPv4 could write.
                let unnamed = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
                Ok(Attempt::ok(Answer::Address(socket.local.unwrap_or(unnamed))))
            }
            Call::PeerAddress { .. } => self.peer_address(id).map(|peer| Attempt::ok(Answer::Address(peer))),
            Call::Socket { .. } | Call::SocketPair | Call::Select { .. } | Call::Sleep { .. } | Call::Clock => {
                Err(Errno::EBADF)
            }
        }
    }

    fn open(&mut self, kind: Kind, protocol: i32) -> Result<Attempt, Errno> {
        // 6 and 17 are the protocol numbers of TCP and UDP (RFC 9293, 3.1; RFC 768).
        let fits = protocol == 0 || protocol == if kind == Kind::Stream { 6 } else { 17 };
        if !fits {
            return Err(Errno::EPROTONOSUPPORT);
        }
        if self.table.room() == 0 {
            return Err(Errno::EMFILE);
        }
        let id = self.add(Socket::new(kind));
        self.give_descriptor(id).map(Attempt::number)
    }

    /// The smallest free descriptor for a socket.
    fn give_descriptor(&mut self, id: SocketId) -> Result<Descriptor, Errno> {
        let fd = self.table.insert(id)?;
        self.socket_mut(id).fd = Some(fd);
        Ok(fd)
    }

    fn add(&mut self, socket: Socket) -> SocketId {
        let id = self.next_socket;
        self.next_socket += 1;
        self.sockets.insert(id, socket);
        id
    }

    fn complete(&mut self, id: CallId, attempt: Attempt) {
        let Attempt::Done(outcome, range, ends) = attempt else {
            unreachable!("only finished attempts complete a call")
        };
        self.outputs.push_back(Output::Completed { id, outcome, range, ends });
    }

    /// Answers a call and lets go of its socket.
    fn finish(&mut self, now: Instant, id: CallId, pending: Pending, done: Attempt) {
        let ends = pending.socket.and_then(|socket| self.ends(socket));
        let done = match done {
            Attempt::Done(outcome, range, None) => Attempt::Done(outcome, range, ends),
            done => done,
        };
        if let Some(socket) = pending.socket {
            self.report_address(socket);
            self.report_levels(socket);
        }
        self.complete(id, done);
        if let Some(socket) = pending.socket {
            self.release(now, socket);
        }
    }

    /// Tries the calls that wait, oldest first, until none can go on.
    fn settle(&mut self, now: Instant) {
        loop {
            let mut moved = false;
            let ids: Vec<CallId> = self.pending.keys().copied().collect();
            for id in ids {
                let Some(mut pending) = self.pending.remove(&id) else { continue };
                match self.attempt(now, &mut pending, false) {
                    Attempt::Wait(_) => {
                        if pending.deadline.is_some_and(|at| at <= now) {
                            moved = true;
                            let outcome = self.expired(&pending);
                            self.finish(now, id, pending, outcome);
                        } else {
                            self.pending.insert(id, pending);
                        }
                    }
                    done => {
                        moved = true;
                        self.finish(now, id, pending, done);
                    }
                }
            }
            if !moved {
                break;
            }
        }
    }

    /// Lets one holder go: a descriptor, a call under way. The last one closes the socket.
    fn release(&mut self, now: Instant, id: SocketId) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        socket.holders = socket.holders.saturating_sub(1);
        if socket.holders == 0 {
            self.destroy(now, id);
        }
    }

    fn see(&mut self, ends: Option<Ends>, what: Seen) {
        self.outputs.push_back(Output::Seen { ends, what });
    }
}

impl Machine for Stack {
    type Input = Frame;
    type Output = Output;

    fn handle_input(&mut self, now: Instant, frame: Frame) {
        self.handle_frame(now, frame);
        self.settle(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.handle_timers(now);
        self.settle(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Deadline> {
        let calls = self
            .pending
            .values()
            .filter_map(|pending| pending.deadline.map(|at| Deadline { at, reason: "time limit of a call" }));
        let sockets = self.timers.first().and_then(|(_, id)| self.sockets.get(id)?.timer);
        calls.chain(sockets).chain(self.neighbours.poll_timeout()).chain(self.reassembly.poll_timeout()).min()
    }
}

/// The reason TCP gives for the deadline of a TIME-WAIT.
const TIME_WAIT: &str = crate::tcp::timer_name(crate::tcp::Timer::TimeWait);

/// The frame number that events carry until whoever numbers frames fills it in.
pub const THIS_FRAME: FrameId = 0;

/// How long a call on this socket may block.
fn limit(socket: &Socket, receives: bool) -> (Blocking, bool) {
    let option = if receives { socket.options.receive_timeout } else { socket.options.send_timeout };
    match (socket.blocking, option) {
        (Blocking::Forever, Some(timeout)) => (Blocking::AtMost(timeout), true),
        (blocking, _) => (blocking, false),
    }
}
