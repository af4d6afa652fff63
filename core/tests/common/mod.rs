//! One host whose socket calls are answered from memory: sockets of one program that talk to each other. It is no
//! model of a network; it only lets programs run to their end.

#![allow(dead_code)] // each test file uses its own part

use sockscope_core::program::{Event, Interpreter, Limits, Setup, Step, compile};
use sockscope_core::socket::{Answer, Blocking, Call, Errno, How, Kind, Outcome, TaskId};
use sockscope_core::stream::Data;
use sockscope_core::time::Instant;
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddrV4;

/// What a program left behind.
#[derive(Debug, Default, PartialEq)]
pub struct Run {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Exit status; `None` if it never ended.
    pub exit: Option<i32>,
    /// Everything that happened.
    pub events: Vec<Event>,
    /// Every call, with its line.
    pub calls: Vec<(u32, Call)>,
    /// Files at the end.
    pub files: BTreeMap<String, Data>,
}

#[derive(Default)]
struct Socket {
    datagram: bool,
    local: Option<SocketAddrV4>,
    peer: Option<i32>,
    inbox: VecDeque<(Vec<u8>, Option<SocketAddrV4>)>,
    ended: bool,
    listening: bool,
    accepted: VecDeque<i32>,
    timeout: Option<u64>,
    options: BTreeMap<String, i64>,
}

/// Sockets of one host.
#[derive(Default)]
pub struct Host {
    sockets: BTreeMap<i32, Socket>,
    now: u64,
    pending: Vec<(TaskId, Call, Option<u64>)>,
}

const HERE: [u8; 4] = [127, 0, 0, 1];

impl Host {
    fn descriptor(&self) -> i32 {
        (3..).find(|fd| !self.sockets.contains_key(fd)).unwrap()
    }

    fn port(&self, port: u16) -> u16 {
        if port != 0 { port } else { 40_000 + self.sockets.len() as u16 }
    }

    fn bound(&self, port: u16, datagram: bool) -> Option<i32> {
        let here = |socket: &Socket| socket.datagram == datagram && socket.local.is_some_and(|a| a.port() == port);
        self.sockets.iter().find(|(_, socket)| here(socket) && (datagram || socket.listening)).map(|(fd, _)| *fd)
    }

    /// The outcome, or `None` while the call has to wait.
    fn answer(&mut self, call: &Call) -> Option<Outcome> {
        if let Some(fd) = call.descriptor()
            && !self.sockets.contains_key(&fd)
        {
            return Some(Outcome::Error(Errno::EBADF));
        }
        Some(match call {
            Call::Socket { kind, .. } => {
                let fd = self.descriptor();
                self.sockets.insert(fd, Socket { datagram: *kind == Kind::Datagram, ..Socket::default() });
                Outcome::Ok(Answer::Number(fd.into()))
            }
            Call::Bind { fd, address } => {
                let port = self.port(address.port());
                let datagram = self.sockets[fd].datagram;
                if address.port() != 0 && self.bound(port, datagram).is_some() {
                    return Some(Outcome::Error(Errno::EADDRINUSE));
                }
                self.sockets.get_mut(fd).unwrap().local = Some(SocketAddrV4::new(*address.ip(), port));
                Outcome::DONE
            }
            Call::Listen { fd, .. } => {
                self.sockets.get_mut(fd).unwrap().listening = true;
                Outcome::DONE
            }
            Call::Connect { fd, address } => {
                let Some(listener) = self.bound(address.port(), false) else {
                    return Some(Outcome::Error(Errno::ECONNREFUSED));
                };
                let port = self.port(0);
                let other = self.descriptor();
                let server = self.sockets[&listener].local;
                self.sockets.insert(other, Socket { local: server, peer: Some(*fd), ..Socket::default() });
                let socket = self.sockets.get_mut(fd).unwrap();
                socket.peer = Some(other);
                socket.local = socket.local.or(Some(SocketAddrV4::new(HERE.into(), port)));
                self.sockets.get_mut(&listener).unwrap().accepted.push_back(other);
                Outcome::DONE
            }
            Call::Accept { fd } => {
                let socket = self.sockets.get_mut(fd).unwrap();
                if !socket.listening {
                    return Some(Outcome::Error(Errno::EINVAL));
                }
                match socket.accepted.pop_front() {
                    Some(accepted) => {
                        let peer = self.sockets[&accepted].peer.and_then(|peer| self.sockets.get(&peer)?.local);
                        let peer = peer.unwrap_or(SocketAddrV4::new(HERE.into(), 1));
                        Outcome::Ok(Answer::Accepted { accepted, peer })
                    }
                    None => return self.wait(*fd),
                }
            }
            Call::Send { fd, data, .. } => {
                let Some(peer) = self.sockets[fd].peer else { return Some(Outcome::Error(Errno::ENOTCONN)) };
                match self.sockets.get_mut(&peer) {
                    Some(peer) => {
                        peer.inbox.push_back((data.to_vec(), None));
                        match call {
                            Call::Send { all: true, .. } => Outcome::DONE,
                            _ => Outcome::Ok(Answer::Number(data.len() as i64)),
                        }
                    }
                    None => Outcome::Error(Errno::EPIPE),
                }
            }
            Call::SendTo { fd, data, address, .. } => {
                if self.sockets[fd].local.is_none() {
                    let port = self.port(0);
                    self.sockets.get_mut(fd).unwrap().local = Some(SocketAddrV4::new(HERE.into(), port));
                }
                let from = self.sockets[fd].local.map(|local| SocketAddrV4::new(HERE.into(), local.port()));
                if let Some(to) = self.bound(address.port(), true) {
                    self.sockets.get_mut(&to).unwrap().inbox.push_back((data.to_vec(), from));
                }
                Outcome::Ok(Answer::Number(data.len() as i64))
            }
            Call::Recv { fd, size, flags } | Call::RecvFrom { fd, size, flags } => {
                let from = matches!(call, Call::RecvFrom { .. });
                let socket = self.sockets.get_mut(fd).unwrap();
                if !socket.datagram && socket.peer.is_none() {
                    return Some(Outcome::Error(Errno::ENOTCONN));
                }
                let alive = socket.peer;
                let Some((mut data, sender)) = socket.inbox.pop_front() else {
                    let gone = alive.is_some_and(|peer| !self.sockets.contains_key(&peer));
                    if gone || self.sockets[fd].ended {
                        return Some(Outcome::Ok(Answer::Data(Data::default())));
                    }
                    return self.wait(*fd);
                };
                let length = data.len();
                if socket.datagram {
                    data.truncate(*size);
                } else {
                    // Neighbouring writes arrive as one stream.
                    while data.len() < *size {
                        let Some((more, _)) = socket.inbox.pop_front() else { break };
                        data.extend(more);
                    }
                    if data.len() > *size {
                        let rest = data.split_off(*size);
                        socket.inbox.push_front((rest, None));
                    }
                    if flags.peek {
                        socket.inbox.push_front((data.clone(), None));
                    }
                }
                if from {
                    Outcome::Ok(Answer::Datagram { data: data.into(), from: sender, length })
                } else {
                    Outcome::Ok(Answer::Data(data.into()))
                }
            }
            Call::Shutdown { fd, how } => {
                let Some(peer) = self.sockets[fd].peer else { return Some(Outcome::Error(Errno::ENOTCONN)) };
                if *how != How::Read
                    && let Some(peer) = self.sockets.get_mut(&peer)
                {
                    peer.ended = true;
                }
                Outcome::DONE
            }
            Call::Close { fd } => {
                self.sockets.remove(fd);
                Outcome::DONE
            }
            Call::SetOption { fd, option, value } => {
                let number = match value {
                    sockscope_core::socket::OptionValue::Number(number) => *number,
                    sockscope_core::socket::OptionValue::Linger { seconds, .. } => (*seconds).into(),
                };
                self.sockets.get_mut(fd).unwrap().options.insert(format!("{option:?}"), number);
                Outcome::DONE
            }
            Call::GetOption { fd, option } => {
                let socket = &self.sockets[fd];
                let number = match option {
                    sockscope_core::socket::SocketOption::SoType => 1 + i64::from(socket.datagram),
                    _ => socket.options.get(&format!("{option:?}")).copied().unwrap_or(0),
                };
                Outcome::Ok(Answer::Number(number))
            }
            Call::SetBlocking { fd, mode } => {
                self.sockets.get_mut(fd).unwrap().timeout = match mode {
                    Blocking::Forever => None,
                    Blocking::Never => Some(0),
                    Blocking::AtMost(span) => Some(span.as_micros()),
                };
                Outcome::DONE
            }
            Call::LocalAddress { fd } => {
                let local = self.sockets[fd].local.unwrap_or(SocketAddrV4::new([0, 0, 0, 0].into(), 0));
                Outcome::Ok(Answer::Address(local))
            }
            Call::PeerAddress { fd } => {
                let peer = self.sockets[fd].peer.and_then(|peer| self.sockets.get(&peer)?.local);
                peer.map_or(Outcome::Error(Errno::ENOTCONN), |peer| Outcome::Ok(Answer::Address(peer)))
            }
            Call::SocketPair => {
                let first = self.descriptor();
                self.sockets.insert(first, Socket::default());
                let second = self.descriptor();
                self.sockets.insert(second, Socket { peer: Some(first), ..Socket::default() });
                self.sockets.get_mut(&first).unwrap().peer = Some(second);
                Outcome::Ok(Answer::Pair { pair: (first, second) })
            }
            Call::Select { read, write, timeout, .. } => {
                let ready = |fd: &&i32| {
                    let Some(socket) = self.sockets.get(fd) else { return true };
                    let gone = socket.peer.is_some_and(|peer| !self.sockets.contains_key(&peer));
                    !socket.inbox.is_empty() || !socket.accepted.is_empty() || socket.ended || gone
                };
                let read: Vec<i32> = read.iter().filter(ready).copied().collect();
                let none = timeout.is_some_and(|span| span.as_micros() == 0);
                if read.is_empty() && write.is_empty() && !none {
                    return None;
                }
                Outcome::Ok(Answer::Ready { read, write: write.clone(), except: vec![] })
            }
            Call::Sleep { .. } => return None,
            Call::Clock => Outcome::Ok(Answer::Moment { moment: Instant::from_micros(self.now) }),
        })
    }

    fn wait(&self, fd: i32) -> Option<Outcome> {
        (self.sockets[&fd].timeout == Some(0)).then_some(Outcome::Error(Errno::EAGAIN))
    }

    fn limit(&self, call: &Call) -> Option<u64> {
        match call {
            Call::Sleep { duration } => Some(self.now + duration.as_micros()),
            Call::Select { timeout, .. } => timeout.map(|span| self.now + span.as_micros()),
            other => self.sockets.get(&other.descriptor()?)?.timeout.map(|span| self.now + span),
        }
    }

    /// A waiting call that can be answered now; if there is none, time passes.
    fn progress(&mut self, may_wait: bool) -> Option<(TaskId, Outcome)> {
        for index in 0..self.pending.len() {
            let (task, call, _) = self.pending[index].clone();
            if let Some(outcome) = self.answer(&call) {
                self.pending.remove(index);
                return Some((task, outcome));
            }
        }
        if !may_wait {
            return None;
        }
        let first = self.pending.iter().enumerate().filter_map(|(i, p)| Some((p.2?, i))).min()?;
        self.now = self.now.max(first.0);
        let (task, call, _) = self.pending.remove(first.1);
        let outcome = match call {
            Call::Sleep { .. } => Outcome::DONE,
            Call::Select { .. } => Outcome::Ok(Answer::Ready { read: vec![], write: vec![], except: vec![] }),
            _ => Outcome::TimedOut,
        };
        Some((task, outcome))
    }
}

/// Runs a program named `program` to its end.
pub fn run(source: &str, setup: Setup) -> Run {
    let program = match compile(source) {
        Ok(program) => program,
        Err(refusals) => {
            let stderr = refusals.iter().map(|refusal| format!("{}: {refusal}\n", refusal.code)).collect();
            return Run { stderr, ..Run::default() };
        }
    };
    let mut interpreter = Interpreter::new(program, Setup { name: "program".into(), ..setup });
    let mut host = Host::default();
    let mut run = Run::default();
    let mut turns = 0u64;
    loop {
        let step = interpreter.step();
        collect(&mut interpreter, &mut run);
        turns += 1;
        host.now += 1;
        match step {
            Step::Statement { .. } => {
                if let Some((task, outcome)) = host.progress(false) {
                    interpreter.resume(task, outcome);
                }
            }
            Step::Call { task, line, call } => {
                run.calls.push((line, call.clone()));
                match host.answer(&call) {
                    Some(outcome) => interpreter.resume(task, outcome),
                    None => {
                        let limit = host.limit(&call);
                        host.pending.push((task, call, limit));
                    }
                }
            }
            Step::Waiting => match host.progress(true) {
                Some((task, outcome)) => interpreter.resume(task, outcome),
                None => break,
            },
            Step::Finished => break,
        }
        collect(&mut interpreter, &mut run);
        assert!(turns < 20_000_000, "a program must end by its limits");
    }
    run.stdout = interpreter.stdout().to_string();
    run.exit = interpreter.exit();
    run.files = interpreter.files().clone();
    run
}

fn collect(interpreter: &mut Interpreter, run: &mut Run) {
    while let Some(event) = interpreter.poll_event() {
        if let Event::Printed { text, error: true, .. } = &event {
            run.stderr.push_str(text);
        }
        run.events.push(event);
    }
}

/// Limits for a test that must end soon.
pub fn small() -> Setup {
    let limits = Limits { statements: 200_000, memory: 4 << 20, output: 64 << 10, ..Limits::default() };
    Setup { limits, ..Setup::default() }
}
