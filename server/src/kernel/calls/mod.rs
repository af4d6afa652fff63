//! One call of a program, carried out on real descriptors that never block: tried when it is made, and again whenever
//! it may go on. It keeps what the blocking form of the call would have kept in the kernel.

use super::descriptors::Descriptors;
use super::face::{Face, errno};
use super::loopback::Target;
use super::options;
use super::socket::Socket;
use rustix::event::PollFlags;
use rustix::net::{SendFlags, Shutdown, SocketFlags};
use sockscope_core::socket::{Answer, Blocking, Call, Errno, Flags, How, Kind, Outcome, Reason, SocketOption};
use sockscope_core::stream::Range;
use sockscope_core::time::{Duration, Instant};
use std::net::SocketAddrV4;
use std::rc::Rc;

mod receive;
mod send;

/// How long Linux asks for a host that does not answer: three ARP requests a second apart (`mcast_solicit`, `retrans_time`).
const NO_HOST: Duration = Duration::from_millis(3_000);

/// What became of an attempt.
#[derive(Debug)]
pub enum Attempt {
    /// The call is over.
    Done(Returned),
    /// It waits; try again when its descriptor is ready or its time has come.
    Wait(Reason),
}

/// A call that is over.
#[derive(Debug)]
pub struct Returned {
    /// What it returned.
    pub outcome: Outcome,
    /// The bytes of the stream it moved.
    pub range: Option<Range>,
    /// The other end of a datagram.
    pub peer: Option<SocketAddrV4>,
    /// Whether the engine made the outcome up: on loopback the system would have said something else.
    pub made_up: bool,
}

impl Returned {
    /// An outcome that moved no bytes.
    pub fn new(outcome: Outcome) -> Self {
        Returned { outcome, range: None, peer: None, made_up: false }
    }
}

impl From<Answer> for Attempt {
    fn from(answer: Answer) -> Self {
        Attempt::Done(Returned::new(Outcome::Ok(answer)))
    }
}

impl From<Errno> for Attempt {
    fn from(errno: Errno) -> Self {
        Attempt::Done(Returned::new(Outcome::Error(errno)))
    }
}

/// What the passing of a call's time means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expiry {
    /// `settimeout`: [`Outcome::TimedOut`].
    TimedOut,
    /// `SO_RCVTIMEO`, `SO_SNDTIMEO`: an errno, or what was done until then.
    Limit,
    /// `sleep`, `select`: the call has what it wanted.
    Elapsed,
}

/// A call under way.
#[derive(Debug)]
pub struct Pending {
    /// The call.
    pub call: Call,
    /// Its socket. Held until it returns, as the kernel holds it: a `close` meanwhile does not take it away.
    pub socket: Option<Rc<Socket>>,
    /// When its time is over.
    until: Option<(Instant, Expiry)>,
    /// Whether it may wait at all.
    waits: bool,
    /// Whether the kernel itself would block, `settimeout(None)`: such a send takes everything, such a receive with
    /// `MSG_WAITALL` fills its buffer. With a time limit Python polls first and takes what there is.
    patient: bool,
    /// Whether an attempt was made.
    started: bool,
    /// Bytes moved so far.
    moved: usize,
    /// Bytes gathered so far, with `MSG_WAITALL`.
    gathered: Vec<u8>,
    /// Where a connection is being made to.
    there: Option<SocketAddrV4>,
    /// Loopback: there is nobody to answer.
    nobody: bool,
}

impl Pending {
    /// A call that is about to be tried.
    pub fn new(call: Call, socket: Option<Rc<Socket>>, now: Instant) -> Self {
        let mut pending = Pending {
            call,
            socket,
            until: None,
            waits: true,
            patient: false,
            started: false,
            moved: 0,
            gathered: Vec::new(),
            there: None,
            nobody: false,
        };
        pending.limit(now);
        pending
    }

    /// Decides how long the call may wait.
    fn limit(&mut self, now: Instant) {
        let (flags, receives) = match &self.call {
            Call::Sleep { duration } => {
                self.until = Some((now + *duration, Expiry::Elapsed));
                return;
            }
            Call::Select { timeout, .. } => {
                self.until = timeout.map(|timeout| (now + timeout, Expiry::Elapsed));
                return;
            }
            Call::Accept { .. } => (Flags::default(), true),
            Call::Connect { .. } => (Flags::default(), false),
            Call::Recv { flags, .. } | Call::RecvFrom { flags, .. } => (*flags, true),
            Call::Send { flags, .. } | Call::SendTo { flags, .. } => (*flags, false),
            _ => return,
        };
        let Some(socket) = &self.socket else { return };
        match socket.blocking.get() {
            Blocking::Never => self.waits = false,
            Blocking::AtMost(limit) => self.until = Some((now + limit, Expiry::TimedOut)),
            Blocking::Forever if flags.dont_wait => self.waits = false,
            Blocking::Forever => {
                self.patient = true;
                let limit = if receives { socket.receive_limit.get() } else { socket.send_limit.get() };
                self.until = limit.map(|limit| (now + limit, Expiry::Limit));
            }
        }
    }

    /// When it must be tried again at the latest.
    pub fn until(&self) -> Option<Instant> {
        self.until.map(|until| until.0)
    }

    /// Whether only another host can end its wait.
    pub fn waits_for_peer(&self) -> bool {
        let waits = matches!(self.call, Call::Accept { .. } | Call::Recv { .. } | Call::RecvFrom { .. });
        waits && self.until.is_none()
    }

    /// What readiness of its socket lets it go on.
    pub fn interest(&self) -> PollFlags {
        match self.call {
            Call::Accept { .. } | Call::Recv { .. } | Call::RecvFrom { .. } => PollFlags::IN,
            Call::Connect { .. } if self.nobody => PollFlags::empty(),
            _ => PollFlags::OUT,
        }
    }

    /// Tries the call.
    pub fn attempt(&mut self, now: Instant, face: &Face, descriptors: &mut Descriptors) -> Attempt {
        let expired = self.until.filter(|until| until.0 <= now).map(|until| until.1);
        let first = !self.started;
        self.started = true;
        let attempt = match self.socket.clone() {
            Some(socket) => self.attempt_on(&socket, first, now, face, descriptors),
            None if self.call.descriptor().is_some() => Errno::EBADF.into(),
            None => self.attempt_alone(expired, now, face, descriptors),
        };
        match (attempt, expired) {
            (Attempt::Wait(_), Some(Expiry::TimedOut)) => self.given_up(Outcome::TimedOut),
            (Attempt::Wait(_), Some(Expiry::Limit)) => self.would_block(),
            (Attempt::Wait(_), _) if !self.waits => self.would_block(),
            (attempt, _) => attempt,
        }
    }

    /// What a call returns that may not wait any longer.
    fn would_block(&mut self) -> Attempt {
        match (&self.call, self.socket.clone()) {
            (Call::Connect { .. }, _) => Errno::EINPROGRESS.into(),
            (Call::Send { all: false, .. } | Call::SendTo { .. }, Some(socket)) if self.moved > 0 => {
                self.sent(&socket, false)
            }
            (Call::Recv { flags, .. }, Some(socket)) if !self.gathered.is_empty() => {
                self.received(&socket, *flags, false)
            }
            (Call::RecvFrom { flags, .. }, Some(socket)) if !self.gathered.is_empty() => {
                self.received(&socket, *flags, true)
            }
            _ => self.given_up(Outcome::Error(Errno::EAGAIN)),
        }
    }

    /// Ends a call that got nowhere, or a `sendall` that got only so far.
    fn given_up(&mut self, outcome: Outcome) -> Attempt {
        let range = match &self.socket {
            Some(socket) if self.moved > 0 => Some(self.account(&socket.clone())),
            _ => None,
        };
        Attempt::Done(Returned { range, ..Returned::new(outcome) })
    }

    fn attempt_alone(
        &mut self,
        expired: Option<Expiry>,
        now: Instant,
        face: &Face,
        descriptors: &mut Descriptors,
    ) -> Attempt {
        match &self.call {
            Call::Socket { kind, protocol } => match face.socket(*kind, *protocol) {
                Ok(fd) => {
                    opened(descriptors.insert(Socket::new(fd, *kind)).inspect(|fd| remember(*fd, face, descriptors)))
                }
                Err(errno) => errno.into(),
            },
            Call::SocketPair => pair(descriptors),
            Call::Select { read, write, except, .. } => select(descriptors, [read, write, except], expired.is_some()),
            Call::Sleep { .. } if expired.is_some() => Answer::Nothing.into(),
            Call::Sleep { .. } => Attempt::Wait(Reason::Time),
            Call::Clock => Answer::Moment { moment: now }.into(),
            _ => Errno::EBADF.into(),
        }
    }

    fn attempt_on(
        &mut self,
        socket: &Rc<Socket>,
        first: bool,
        now: Instant,
        face: &Face,
        descriptors: &mut Descriptors,
    ) -> Attempt {
        match self.call.clone() {
            Call::Bind { address, .. } => bind(socket, face, address),
            Call::Listen { backlog, .. } => listen(socket, face, backlog),
            Call::Accept { .. } => accept(socket, face, descriptors),
            Call::Connect { address, .. } if first => self.connect(socket, face, address, now),
            Call::Connect { .. } => self.connected(socket, now),
            Call::Send { data, flags, all, .. } => self.send(socket, face, &data, flags, all, None),
            Call::SendTo { data, flags, address, .. } => self.send(socket, face, &data, flags, false, Some(address)),
            Call::Recv { size, flags, .. } => self.receive(socket, face, size, flags, false),
            Call::RecvFrom { size, flags, .. } => self.receive(socket, face, size, flags, true),
            Call::Shutdown { how, .. } => {
                let real = match how {
                    How::Read => Shutdown::Read,
                    How::Write => Shutdown::Write,
                    How::Both => Shutdown::Both,
                };
                let result = rustix::net::shutdown(socket.as_ref(), real);
                socket.write_shut.set(socket.write_shut.get() || (result.is_ok() && how != How::Read));
                done(result)
            }
            Call::Close { fd } => {
                descriptors.remove(fd);
                Answer::Nothing.into()
            }
            Call::SetOption { option, value, .. } => {
                options::set(socket, option, value).map_or_else(Attempt::from, |()| Answer::Nothing.into())
            }
            Call::GetOption { option, .. } => options::read(socket, option).map_or_else(Attempt::from, Attempt::from),
            Call::SetBlocking { mode, .. } => {
                socket.blocking.set(mode);
                Answer::Nothing.into()
            }
            Call::LocalAddress { .. } => address_of(socket, socket.local(face)),
            Call::PeerAddress { .. } => address_of(socket, socket.peer(face)),
            Call::Socket { .. } | Call::SocketPair | Call::Select { .. } | Call::Sleep { .. } | Call::Clock => {
                unreachable!("calls without a descriptor have no socket")
            }
        }
    }

    fn connect(&mut self, socket: &Socket, face: &Face, address: SocketAddrV4, now: Instant) -> Attempt {
        let address = match face.target(address) {
            Target::Address(there) => there,
            Target::NoRoute => return made_up(Outcome::Error(Errno::ENETUNREACH)),
            Target::NoHost if socket.kind == Kind::Datagram => return made_up(Outcome::DONE),
            Target::NoHost => {
                // Nothing on loopback stays silent, so the wait of a connection to nobody is made here.
                let silence = now + NO_HOST;
                if self.until.is_none_or(|until| silence < until.0) {
                    self.until = Some((silence, Expiry::Elapsed));
                }
                self.nobody = true;
                return Attempt::Wait(Reason::Handshake);
            }
            Target::Everybody { .. } if socket.kind == Kind::Stream => {
                return made_up(Outcome::Error(Errno::ENETUNREACH));
            }
            Target::Everybody { refused, .. } => {
                settle_origin(socket, face, false);
                if let Err(errno) = broadcast_permitted(socket, refused) {
                    return errno.into();
                }
                socket.everybody.set(Some(address));
                return Answer::Nothing.into();
            }
        };
        settle_origin(socket, face, false);
        // A socket that listens or has a peer is refused by the kernel before it sends anything.
        let free = !socket.listening.get() && socket.real_peer().is_err();
        if socket.kind == Kind::Stream && free && !face.stays_inside(Kind::Stream, address) {
            return made_up(Outcome::Error(Errno::ECONNREFUSED));
        }
        self.there = Some(address);
        match rustix::net::connect(socket, &address) {
            Ok(()) => Answer::Nothing.into(),
            Err(rustix::io::Errno::INPROGRESS) => Attempt::Wait(Reason::Handshake),
            Err(error) => errno(error).into(),
        }
    }

    /// Asks how a connection that is being made stands.
    fn connected(&mut self, socket: &Socket, now: Instant) -> Attempt {
        if self.nobody {
            return match self.until {
                Some((at, Expiry::Elapsed)) if at <= now => made_up(Outcome::Error(Errno::EHOSTUNREACH)),
                _ => Attempt::Wait(Reason::Handshake),
            };
        }
        if !ready(socket, PollFlags::OUT) {
            return Attempt::Wait(Reason::Handshake);
        }
        if let Some(there) = self.there.filter(|_| self.patient) {
            // A second connect is how the kernel itself finishes a blocking one: it also clears up after a failure, so
            // that a third may try again. With a time limit Python asks SO_ERROR, which does not.
            return match rustix::net::connect(socket, &there) {
                Ok(()) | Err(rustix::io::Errno::ISCONN) => Answer::Nothing.into(),
                Err(rustix::io::Errno::ALREADY) => Attempt::Wait(Reason::Handshake),
                Err(error) => errno(error).into(),
            };
        }
        match options::read(socket, SocketOption::SoError) {
            Ok(Answer::Number(0)) => Answer::Nothing.into(),
            Ok(Answer::Number(number)) => errno(rustix::io::Errno::from_raw_os_error(number as i32)).into(),
            Ok(_) => Errno::EIO.into(),
            Err(errno) => errno.into(),
        }
    }
}

/// What the system would say on a network of its own.
fn made_up(outcome: Outcome) -> Attempt {
    Attempt::Done(Returned { made_up: true, ..Returned::new(outcome) })
}

fn opened(fd: Result<i32, Errno>) -> Attempt {
    match fd {
        Ok(fd) => Answer::Number(fd.into()).into(),
        Err(errno) => errno.into(),
    }
}

fn done(result: rustix::io::Result<()>) -> Attempt {
    match result {
        Ok(()) => Answer::Nothing.into(),
        Err(error) => errno(error).into(),
    }
}

fn address_of(socket: &Socket, address: Result<SocketAddrV4, rustix::io::Errno>) -> Attempt {
    match address {
        Ok(address) => Answer::Address(address).into(),
        // Ends of a socketpair have no Internet address.
        Err(_) if socket.pair => Answer::Address(SocketAddrV4::new(std::net::Ipv4Addr::UNSPECIFIED, 0)).into(),
        Err(error) => errno(error).into(),
    }
}

fn bind(socket: &Socket, face: &Face, address: SocketAddrV4) -> Attempt {
    match face.bindable(address) {
        Ok(real) => {
            let result = face.bind(socket, real);
            if result.is_ok() && face.origin().is_some() {
                socket.any.set(address.ip().is_unspecified());
            }
            done(result)
        }
        Err(errno) => made_up(Outcome::Error(errno)),
    }
}

fn listen(socket: &Socket, face: &Face, backlog: i32) -> Attempt {
    settle_origin(socket, face, true);
    let result = rustix::net::listen(socket, backlog);
    socket.listening.set(socket.listening.get() || result.is_ok());
    done(result)
}

fn accept(socket: &Socket, face: &Face, descriptors: &mut Descriptors) -> Attempt {
    loop {
        match rustix::net::acceptfrom_with(socket, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
            Ok((fd, peer)) => {
                let peer = peer.and_then(|peer| SocketAddrV4::try_from(peer).ok());
                let peer = peer.unwrap_or(SocketAddrV4::new(std::net::Ipv4Addr::UNSPECIFIED, 0));
                if !face.comes_from_inside(peer) {
                    continue; // a stranger of this machine, hung up on
                }
                let peer = face.inward(peer);
                return match descriptors.insert(Socket::new(fd, socket.kind)) {
                    Ok(accepted) => {
                        remember(accepted, face, descriptors);
                        Answer::Accepted { accepted, peer }.into()
                    }
                    Err(errno) => errno.into(),
                };
            }
            Err(rustix::io::Errno::AGAIN) => return Attempt::Wait(Reason::Connection),
            Err(error) => return errno(error).into(),
        }
    }
}

fn remember(fd: i32, face: &Face, descriptors: &Descriptors) {
    if let Some(socket) = descriptors.find(fd) {
        face.remember(&socket);
    }
}

fn pair(descriptors: &mut Descriptors) -> Attempt {
    use rustix::net::{AddressFamily, SocketType};
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    match rustix::net::socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None) {
        Ok((one, other)) => {
            let end = |fd| Socket { pair: true, ..Socket::new(fd, Kind::Stream) };
            match (descriptors.insert(end(one)), descriptors.insert(end(other))) {
                (Ok(one), Ok(other)) => Answer::Pair { pair: (one, other) }.into(),
                (Err(errno), _) | (_, Err(errno)) => errno.into(),
            }
        }
        Err(error) => errno(error).into(),
    }
}

/// Which of the descriptors are ready, in the sense of select(2).
fn select(descriptors: &Descriptors, [read, write, except]: [&[i32]; 3], expired: bool) -> Attempt {
    let mut answer = [Vec::new(), Vec::new(), Vec::new()];
    // Linux' select maps poll's flags so (fs/select.c, POLLIN_SET and its siblings).
    let sets = [
        (read, PollFlags::IN | PollFlags::HUP | PollFlags::ERR),
        (write, PollFlags::OUT | PollFlags::ERR),
        (except, PollFlags::PRI),
    ];
    for ((set, wanted), ready) in sets.into_iter().zip(&mut answer) {
        for &fd in set {
            let Some(socket) = descriptors.find(fd) else { return Errno::EBADF.into() };
            if poll_now(&socket, wanted).intersects(wanted) {
                ready.push(fd);
            }
        }
    }
    let [read, write, except] = answer;
    if read.is_empty() && write.is_empty() && except.is_empty() && !expired {
        return Attempt::Wait(Reason::Readiness);
    }
    Answer::Ready { read, write, except }.into()
}

/// Whether a socket is ready, asked without waiting.
fn ready(socket: &Socket, wanted: PollFlags) -> bool {
    poll_now(socket, wanted).intersects(wanted | PollFlags::ERR | PollFlags::HUP)
}

fn poll_now(socket: &Socket, wanted: PollFlags) -> PollFlags {
    let mut set = [rustix::event::PollFd::new(socket, wanted)];
    let now = rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 };
    match rustix::event::poll(&mut set, Some(&now)) {
        Ok(_) => set[0].revents(),
        Err(_) => PollFlags::empty(),
    }
}

/// Binds a socket that has no port yet to its host's own address, where the system would choose another.
fn settle_origin(socket: &Socket, face: &Face, any: bool) {
    let Some(origin) = face.origin() else { return };
    if socket.real_local().is_ok_and(|local| local.port() == 0) && rustix::net::bind(socket, &origin).is_ok() {
        socket.any.set(any);
    }
}

/// Asks the system whether this socket may broadcast.
fn broadcast_permitted(socket: &Socket, refused: SocketAddrV4) -> Result<(), Errno> {
    match options::read(socket, SocketOption::SoBroadcast)? {
        Answer::Number(0) => {
            // Not permitted, so this reaches nobody: it only fetches the system's own error.
            let answer = rustix::net::sendto(socket, &[], SendFlags::NOSIGNAL, &refused);
            Err(answer.err().map_or(Errno::EACCES, errno))
        }
        _ => Ok(()),
    }
}
