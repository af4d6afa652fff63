//! One host of a run: its program, its descriptors, the calls that wait. It carries a call from the program to the
//! sockets and back and says what was seen on the way; when hosts run is decided in [`super::world`].

use super::calls::{Pending, Returned};
use super::descriptors::Descriptors;
use super::face::Face;
use super::options;
use super::socket::Socket;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::pipe::PipeFlags;
use sockscope_core::sim::Driver;
use sockscope_core::socket::{Answer, Call, CallId, Descriptor, Event, Outcome};
use sockscope_core::tcp::{self, State, Trigger};
use sockscope_core::time::Instant;
use sockscope_core::trace::{self, Body, Evidence, Flow, Observer, Protocol};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// Where a program stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Its time has not come.
    NotStarted,
    /// It can go on.
    Runnable,
    /// It waits for the answer of a call.
    Waiting,
    /// It has ended.
    Ended,
}

/// A `close` that waits for unsent data (`SO_LINGER`), on a thread of its own because the kernel blocks in it.
struct Lingering {
    id: CallId,
    /// Ends when the close has returned.
    done: OwnedFd,
}

/// One host.
pub struct Host {
    /// Its program.
    pub driver: Driver,
    /// Where its sockets live.
    pub face: Face,
    /// Its descriptors.
    pub descriptors: Descriptors,
    /// The calls that wait, by number.
    pub pending: BTreeMap<CallId, Pending>,
    /// Where the program stands.
    pub progress: Progress,
    /// When it starts.
    pub start: Instant,
    /// What every new TCP socket uses.
    congestion: &'static str,
    /// The congestion control that was asked for and is not to be had.
    pub congestion_refused: Option<&'static str>,
    /// When it ended.
    pub ended_at: Option<Instant>,
    lingering: Vec<Lingering>,
    /// Calls whose outcome the engine made up.
    made_up: Vec<CallId>,
    address: Ipv4Addr,
    broadcast: Ipv4Addr,
}

impl Host {
    /// A host whose program has not started.
    pub fn new(driver: Driver, face: Face, host: &sockscope_core::scenario::Host) -> Self {
        let mask = super::namespace::mask(host.prefix).to_bits();
        Host {
            driver,
            face,
            descriptors: Descriptors::default(),
            pending: BTreeMap::new(),
            progress: Progress::NotStarted,
            start: host.start,
            congestion: super::namespace::congestion_name(host.tcp.congestion),
            congestion_refused: None,
            ended_at: None,
            lingering: Vec::new(),
            made_up: Vec::new(),
            address: host.address,
            broadcast: Ipv4Addr::from_bits(host.address.to_bits() | !mask),
        }
    }

    /// A call that is about to be tried.
    pub fn prepare(&self, call: Call, now: Instant) -> Pending {
        let socket = call.descriptor().and_then(|fd| self.descriptors.find(fd));
        Pending::new(call, socket, now)
    }

    /// A call is over: tells what it changed, then answers the program.
    pub fn finish(&mut self, now: Instant, id: CallId, pending: &Pending, returned: Returned, observer: &mut Observer) {
        let flow = match (&pending.socket, returned.peer) {
            (Some(socket), Some(peer)) => Some(self.datagram_flow(socket, peer, observer)),
            _ => None,
        };
        match (&pending.call, &returned.outcome) {
            (Call::Socket { .. }, Outcome::Ok(Answer::Number(fd))) => self.choose_congestion(*fd as Descriptor),
            (_, Outcome::Ok(Answer::Accepted { accepted, .. })) => self.tell(now, *accepted, observer),
            (Call::Listen { fd, .. }, Outcome::Ok(_)) => {
                self.tell(now, *fd, observer);
                self.tell_listening(now, pending.socket.as_deref(), Trigger::PassiveOpen);
            }
            _ => {}
        }
        if let (Some(fd), Some(socket)) = (pending.call.descriptor(), &pending.socket)
            && self.descriptors.find(fd).is_some_and(|present| Rc::ptr_eq(&present, socket))
        {
            self.tell(now, fd, observer);
        }
        if returned.made_up {
            self.made_up.push(id);
        }
        self.driver.returned(now, id, returned.outcome, returned.range, flow);
        self.progress = Progress::Runnable;
    }

    /// Tells what is new about a socket: its ends, its buffers, its figures.
    pub fn tell(&mut self, now: Instant, fd: Descriptor, observer: &mut Observer) {
        let Some(socket) = self.descriptors.find(fd) else { return };
        if socket.pair {
            return;
        }
        let mut told = socket.told.borrow_mut();
        if told.local.is_none() || told.peer.is_none() || !socket.is_tcp() {
            let local = socket.local(&self.face).ok().filter(|local| local.port() != 0);
            let peer = socket.peer(&self.face).ok();
            if (local, peer) != (told.local, told.peer) && local.is_some() {
                (told.local, told.peer) = (local, peer);
                let protocol = if socket.is_tcp() { Protocol::Tcp } else { Protocol::Udp };
                if let (Some(local), Some(peer)) = (local, peer) {
                    let flow = observer.flow(protocol, self.named(local), peer);
                    self.driver.belongs(fd, flow);
                }
                let addressed = Body::Socket(Event::Addressed { fd, local, peer });
                self.driver.note(now, self.driver.flow(fd), addressed);
            }
        }
        if socket.listening.get() {
            return;
        }
        let flow = self.driver.flow(fd);
        let levels = socket.levels();
        if let Some((send, receive)) = levels
            && levels != told.levels
        {
            // Buffers that nobody has touched say nothing.
            if told.levels.is_some() || send.used > 0 || receive.used > 0 {
                self.driver.note(now, flow, Body::Socket(Event::Levels { fd, send, receive }));
            }
            told.levels = levels;
        }
        if socket.is_tcp()
            && told.peer.is_some()
            && let Some((metrics, state)) = socket.measure()
        {
            if told.metrics != Some(metrics) {
                told.metrics = Some(metrics);
                self.driver.note(now, flow, Body::Tcp(tcp::Event::Measured { metrics }));
            }
            told.state = Some(state);
        }
    }

    /// From now on the descriptor's events belong to the conversation it is about to begin.
    pub fn begins_conversation(&mut self, fd: Descriptor, peer: SocketAddrV4, observer: &mut Observer) {
        let Some(socket) = self.descriptors.find(fd) else { return };
        let protocol = if socket.is_tcp() { Protocol::Tcp } else { Protocol::Udp };
        if let Ok(local) = socket.local(&self.face)
            && local.port() != 0
        {
            let flow = observer.flow(protocol, self.named(local), peer);
            self.driver.belongs(fd, flow);
        }
    }

    /// Closes a descriptor; the FIN leaves before this returns. `None` if the close lingers and answers later.
    pub fn close(&mut self, now: Instant, id: CallId, fd: Descriptor) -> Option<Outcome> {
        let socket = self.descriptors.remove(fd)?;
        if socket.listening.get() {
            self.tell_listening(now, Some(&socket), Trigger::Close);
        }
        let unsent = socket.is_tcp() && super::sys::unsent(socket.as_fd()).is_ok_and(|unsent| unsent > 0);
        if unsent
            && options::lingers(&socket)
            && let Ok((done, held)) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)
            && let Ok(socket) = Rc::try_unwrap(socket)
        {
            // The socket's only holder now is the thread; the pipe's end falls with it.
            let Socket { fd, .. } = socket;
            std::thread::spawn(move || {
                drop(fd);
                drop(held);
            });
            self.lingering.push(Lingering { id, done });
            return None;
        }
        Some(Outcome::DONE)
    }

    /// What the closes that linger are waited for with.
    pub fn lingering(&self) -> impl Iterator<Item = (CallId, BorrowedFd<'_>)> {
        self.lingering.iter().map(|lingering| (lingering.id, lingering.done.as_fd()))
    }

    /// A close that lingered has returned.
    pub fn lingered(&mut self, now: Instant, id: CallId) {
        self.lingering.retain(|lingering| lingering.id != id);
        self.driver.returned(now, id, Outcome::DONE, None, None);
        self.progress = Progress::Runnable;
    }

    /// The program ended: every descriptor is closed, in order, as the kernel does it.
    pub fn exit(&mut self, now: Instant) {
        self.progress = Progress::Ended;
        self.ended_at = Some(now);
        self.pending.clear();
        let open: Vec<_> = self.descriptors.drain().collect();
        for (_, socket) in open {
            if socket.listening.get() {
                self.tell_listening(now, Some(&socket), Trigger::Close);
            }
            // A process that exits does not wait for lingering data; closing here must not either.
            if options::lingers(&socket) {
                let off = sockscope_core::socket::OptionValue::Linger { on: false, seconds: 0 };
                let _ = options::set(&socket, sockscope_core::socket::SocketOption::SoLinger, off);
            }
        }
    }

    /// Ends the program from outside.
    pub fn kill(&mut self, now: Instant) {
        self.driver.end();
        self.exit(now);
    }

    /// The next thing to record.
    pub fn poll_event(&mut self) -> Option<trace::Event> {
        let mut event = self.driver.poll_event()?;
        if let Body::Socket(Event::Returned { id, .. }) = &event.body
            && let Some(index) = self.made_up.iter().position(|made_up| made_up == id)
        {
            self.made_up.swap_remove(index);
            event.evidence = Evidence::Inferred;
        }
        Some(event)
    }

    /// An address with the host's own in place of "any".
    fn named(&self, local: SocketAddrV4) -> SocketAddrV4 {
        if local.ip().is_unspecified() { SocketAddrV4::new(self.address, local.port()) } else { local }
    }

    /// The conversation of one datagram: with the broadcast address, if that is what was spoken to.
    fn datagram_flow(&self, socket: &Socket, peer: SocketAddrV4, observer: &mut Observer) -> Flow {
        let port = socket.real_local().map_or(0, |local| local.port());
        let mut locals = [self.address, self.broadcast, Ipv4Addr::BROADCAST].into_iter();
        let seen = locals.find_map(|local| observer.known_flow(Protocol::Udp, SocketAddrV4::new(local, port), peer));
        let own = SocketAddrV4::new(self.address, port);
        seen.unwrap_or_else(|| observer.flow(Protocol::Udp, own, peer))
    }

    fn tell_listening(&mut self, now: Instant, socket: Option<&Socket>, trigger: Trigger) {
        let Some(local) = socket.and_then(|socket| socket.local(&self.face).ok()) else { return };
        let (from, to) = match trigger {
            Trigger::PassiveOpen => (State::Closed, State::Listen),
            _ => (State::Listen, State::Closed),
        };
        let changed = tcp::Event::StateChanged { local, peer: None, from, to, trigger };
        self.driver.note(now, None, Body::Tcp(changed));
    }

    fn choose_congestion(&mut self, fd: Descriptor) {
        let Some(socket) = self.descriptors.find(fd).filter(|socket| socket.is_tcp()) else { return };
        let set = |name: &str| {
            super::sys::set_raw_option(socket.as_fd(), libc::IPPROTO_TCP, libc::TCP_CONGESTION, name.as_bytes())
        };
        // Reno is always there (Documentation/networking/ip-sysctl); anything else may be kept from ordinary users.
        if set(self.congestion).is_err() && self.congestion != "reno" {
            let _ = set("reno");
            self.congestion_refused = Some(self.congestion);
        }
    }
}

/// How everything that a driver of this engine records is known.
pub const EVIDENCE: Evidence = Evidence::Observed;
