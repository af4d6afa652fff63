//! The loop of a run, on one thread: programs step, calls are tried, frames pass the switch, all in the order in which
//! they cause each other. It ends when nothing can happen any more, or when the time is over.
//!
//! One thread on purpose. A frame that a call puts on the wire is read before the call is recorded as returned, so the
//! trace's order is that of causes; and two runs of a program differ by what the kernel does, not by how threads fall.

use super::calls::Attempt;
use super::clock::Clock;
use super::face::Face;
use super::host::{Host, Progress};
use super::record::Recorder;
use super::switch::Switch;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fd::BorrowedFd;
use sockscope_core::program;
use sockscope_core::sim::Todo;
use sockscope_core::socket::{Call, CallId, Reason};
use sockscope_core::time::{Duration, Instant};
use sockscope_core::trace::{Body, Event, Evidence, Observer, RunEvent};
use sockscope_core::wire::{Frame, Packet, Transport};
use std::net::SocketAddrV4;
use std::rc::Rc;
use std::sync::Arc;

/// How long one program may run before the wire and the others get their turn.
const TURN: Duration = Duration::from_micros(200);

/// After the last program: how long the wire must be quiet, and how long the wait for that may last beyond the link's delay.
const QUIET: Duration = Duration::from_millis(50);
const DRAIN: Duration = Duration::from_millis(300);

/// How long everything must be still before a deadlock is believed: longer than any acknowledgement is delayed
/// (RFC 9293, 3.8.6.3: less than 0.5 seconds; Linux: at most 200 ms).
const STILL: Duration = Duration::from_millis(500);

/// Why a run ended.
enum End {
    /// Every program ended and the wire is quiet.
    Done,
    /// The scenario's limit.
    Deadline,
    /// Nothing can happen any more.
    Deadlock,
    /// More happened than may be recorded.
    Full,
    /// Nobody reads any more.
    Abandoned,
}

/// Everything of one run.
pub struct World {
    /// The hosts, in the scenario's order.
    pub hosts: Vec<Host>,
    switch: Option<Switch>,
    observer: Observer,
    recorder: Recorder,
    clock: Clock,
    limit: Duration,
    delay: Duration,
    /// When something last happened: a call, a frame.
    active: Instant,
    events: Vec<Event>,
}

impl World {
    /// A run that has not begun, with its longest time and the link's delay. `switch` is there in the isolated kind.
    pub fn new(
        hosts: Vec<Host>,
        switch: Option<Switch>,
        observer: Observer,
        recorder: Recorder,
        (limit, delay): (Duration, Duration),
    ) -> Self {
        World {
            hosts,
            switch,
            observer,
            recorder,
            clock: Clock::start(),
            limit,
            delay,
            active: Instant::ZERO,
            events: Vec::new(),
        }
    }

    /// Runs to the end; gives the recorder back for the last words. `parent`, if given, ends the run when it hangs up.
    pub fn run(mut self, parent: Option<BorrowedFd<'_>>) -> (Vec<Host>, Recorder) {
        let end = loop {
            let now = self.clock.now();
            self.deliver(now);
            self.start(now);
            let mut running = false;
            for index in 0..self.hosts.len() {
                running |= self.turn(index);
            }
            if let Some(end) = self.ended(self.clock.now()) {
                break end;
            }
            if self.wait(running, parent) {
                break End::Abandoned;
            }
        };
        self.conclude(&end);
        (self.hosts, self.recorder)
    }

    /// Starts the programs whose time has come.
    fn start(&mut self, now: Instant) {
        for host in &mut self.hosts {
            if host.progress == Progress::NotStarted && host.start <= now {
                host.progress = Progress::Runnable;
            }
        }
    }

    /// Lets one program run for its turn; says whether it could go on at once.
    fn turn(&mut self, index: usize) -> bool {
        if self.hosts[index].progress != Progress::Runnable {
            return false;
        }
        let begun = self.clock.now();
        loop {
            let now = self.clock.now();
            let host = &mut self.hosts[index];
            let todo = host.driver.step(now);
            match todo {
                Todo::Ran { .. } => self.collect(index),
                Todo::Call { id, call, .. } => {
                    self.active = now;
                    self.call(index, now, id, call);
                }
                Todo::Wait => {
                    self.hosts[index].progress = Progress::Waiting;
                    return false;
                }
                Todo::Finished => {
                    self.collect(index);
                    let now = self.clock.now();
                    self.active = now;
                    self.hosts[index].exit(now);
                    self.drain(index, now);
                    self.collect(index);
                    return false;
                }
            }
            if self.clock.now().since(begun) >= TURN || self.recorder.is_full() {
                return true;
            }
        }
    }

    fn call(&mut self, index: usize, now: Instant, id: CallId, call: Call) {
        self.collect(index);
        let host = &mut self.hosts[index];
        if let Call::Close { fd } = call
            && host.descriptors.find(fd).is_some()
        {
            let outcome = host.close(now, id, fd);
            let now = self.clock.now();
            self.drain(index, now);
            let host = &mut self.hosts[index];
            match outcome {
                Some(outcome) => host.driver.returned(now, id, outcome, None, None),
                None => host.driver.blocked(now, id, Reason::Linger),
            }
            self.collect(index);
            return;
        }
        let mut pending = host.prepare(call, now);
        let attempt = pending.attempt(now, &host.face, &mut host.descriptors);
        if let Call::Connect { fd, address } = pending.call {
            host.begins_conversation(fd, address, &mut self.observer);
        }
        let now = self.clock.now();
        self.drain(index, now);
        let host = &mut self.hosts[index];
        match attempt {
            Attempt::Done(returned) => host.finish(now, id, &pending, returned, &mut self.observer),
            Attempt::Wait(reason) => {
                host.driver.blocked(now, id, reason);
                if let Some(fd) = pending.call.descriptor() {
                    host.tell(now, fd, &mut self.observer);
                }
                host.pending.insert(id, pending);
            }
        }
        self.collect(index);
    }

    /// Tries a waiting call again.
    fn retry(&mut self, index: usize, id: CallId) {
        let now = self.clock.now();
        let host = &mut self.hosts[index];
        let Some(mut pending) = host.pending.remove(&id) else { return };
        let attempt = pending.attempt(now, &host.face, &mut host.descriptors);
        let now = self.clock.now();
        self.drain(index, now);
        let host = &mut self.hosts[index];
        match attempt {
            Attempt::Done(returned) => {
                self.active = now;
                host.finish(now, id, &pending, returned, &mut self.observer);
            }
            Attempt::Wait(_) => {
                host.pending.insert(id, pending);
            }
        }
        self.collect(index);
    }

    /// Records what a host's driver has to say.
    fn collect(&mut self, index: usize) {
        while let Some(event) = self.hosts[index].poll_event() {
            self.recorder.event(event);
        }
    }

    /// Takes the frames a host has put on its wire.
    fn drain(&mut self, index: usize, now: Instant) {
        let (Some(switch), Face::Isolated { network, .. }) = (&mut self.switch, &self.hosts[index].face) else {
            return;
        };
        if switch.read(now, index, &network.tap, &mut self.observer, &mut self.events) > 0 {
            self.active = now;
        }
        for event in self.events.drain(..) {
            self.recorder.event(event);
        }
    }

    /// Hands out the frames that have arrived, and takes what they are answered with.
    fn deliver(&mut self, now: Instant) {
        let Some(switch) = &mut self.switch else { return };
        let (hosts, recorder) = (&self.hosts, &mut self.recorder);
        let mut touched: Vec<(usize, Option<Rc<Frame>>)> = Vec::new();
        switch.deliver(now, &mut self.observer, &mut self.events, |to, bytes, frame| {
            if let Face::Isolated { network, .. } = &hosts[to].face {
                // The kernel handles the frame before this returns. It takes every frame; one it would not take is lost.
                let _ = rustix::io::write(&network.tap, bytes);
            }
            touched.push((to, frame));
        });
        for event in self.events.drain(..) {
            recorder.event(event);
        }
        if !touched.is_empty() {
            self.active = now;
        }
        for (index, frame) in touched {
            let now = self.clock.now();
            self.drain(index, now);
            if let Some((local, peer)) = frame.as_deref().and_then(ends) {
                self.tell_touched(index, now, local, peer);
            }
        }
    }

    /// Tells what a segment changed in the buffers of the socket it was for.
    fn tell_touched(&mut self, index: usize, now: Instant, local: SocketAddrV4, peer: SocketAddrV4) {
        let host = &mut self.hosts[index];
        let touched = host.descriptors.iter().find(|(_, socket)| {
            let told = socket.told.borrow();
            (told.local, told.peer) == (Some(local), Some(peer))
        });
        if let Some(fd) = touched.map(|(fd, _)| fd) {
            host.tell(now, fd, &mut self.observer);
            self.collect(index);
        }
    }

    /// Waits until something can happen, then tries the calls it concerns; says whether the parent has hung up.
    fn wait(&mut self, running: bool, parent: Option<BorrowedFd<'_>>) -> bool {
        let now = self.clock.now();
        let wake = if running { now } else { self.wake(now) };
        let wait = wake.since(now).as_micros();
        let timeout = Timespec { tv_sec: (wait / 1_000_000) as i64, tv_nsec: (wait % 1_000_000 * 1_000) as i64 };
        // Who is asked, in the order of the set: TAPs, waiting calls, lingering closes, the parent.
        let mut calls: Vec<(usize, CallId)> = Vec::new();
        let mut lingering: Vec<(usize, CallId)> = Vec::new();
        let mut set: Vec<PollFd<'_>> = Vec::new();
        let sockets: Vec<_> = self.hosts.iter().flat_map(waiting_sockets).collect();
        for host in &self.hosts {
            if let Face::Isolated { network, .. } = &host.face {
                set.push(PollFd::new(&network.tap, PollFlags::IN));
            }
        }
        let taps = set.len();
        for (socket, interest) in sockets.iter() {
            set.push(PollFd::new(socket.as_ref(), *interest));
        }
        for (index, host) in self.hosts.iter().enumerate() {
            calls.extend(host.pending.keys().map(|id| (index, *id)));
            for (id, done) in host.lingering() {
                set.push(PollFd::from_borrowed_fd(done, PollFlags::IN));
                lingering.push((index, id));
            }
        }
        if let Some(parent) = parent {
            set.push(PollFd::from_borrowed_fd(parent, PollFlags::empty()));
        }
        // An interrupted wait is only a short one.
        let _ = rustix::event::poll(&mut set, Some(&timeout));
        let abandoned = parent.is_some() && set.last().is_some_and(|parent| !parent.revents().is_empty());
        let frames: Vec<usize> = (0..taps).filter(|tap| !set[*tap].revents().is_empty()).collect();
        let ready = set[taps..taps + sockets.len()].iter().any(|ready| !ready.revents().is_empty());
        let ended: Vec<bool> = set[taps + sockets.len()..].iter().map(|done| !done.revents().is_empty()).collect();
        drop(set);
        let now = self.clock.now();
        for index in frames {
            self.drain(index, now);
        }
        for ((index, id), _) in lingering.into_iter().zip(ended).filter(|(_, ended)| *ended) {
            self.drain(index, now);
            self.hosts[index].lingered(now, id);
            self.collect(index);
        }
        for (index, id) in calls {
            let host = &self.hosts[index];
            let due = host.pending.get(&id).and_then(|pending| pending.until()).is_some_and(|until| until <= now);
            if ready || due {
                self.retry(index, id);
            }
        }
        abandoned
    }

    /// When something happens by itself.
    fn wake(&self, now: Instant) -> Instant {
        let hosts = self.hosts.iter().flat_map(|host| {
            let start = (host.progress == Progress::NotStarted).then_some(host.start);
            start.into_iter().chain(host.pending.values().filter_map(|pending| pending.until()))
        });
        let arrival = self.switch.as_ref().and_then(Switch::next_arrival);
        let all_ended = self.hosts.iter().all(|host| host.progress == Progress::Ended);
        let pause = if all_ended { QUIET } else { STILL };
        let everybody_waits = self.hosts.iter().all(waits);
        // Asked again from time to time: what the kernel still holds may drain without being seen.
        let quiet = everybody_waits.then(|| if self.active + pause > now { self.active + pause } else { now + pause });
        let limit = Instant::ZERO + self.limit;
        hosts.chain(arrival).chain(quiet).fold(limit, Instant::min)
    }

    /// Whether the run is over.
    fn ended(&self, now: Instant) -> Option<End> {
        if self.recorder.is_full() {
            return Some(End::Full);
        }
        if now >= Instant::ZERO + self.limit {
            return Some(End::Deadline);
        }
        let still = now.since(self.active);
        if self.hosts.iter().all(|host| host.progress == Progress::Ended) {
            let Some(switch) = &self.switch else { return Some(End::Done) };
            let empty = switch.next_arrival().is_none();
            // A FIN, its answer and the last acknowledgement cross the link one after another.
            let patience = DRAIN + self.delay.saturating_mul(6);
            let last = self.hosts.iter().filter_map(|host| host.ended_at).max().unwrap_or_default();
            if empty && (switch.states.over() || still >= QUIET) || now.since(last) >= patience {
                return Some(End::Done);
            }
            return None;
        }
        (still >= STILL && self.nobody_can_go_on()).then_some(End::Deadlock)
    }

    /// Whether every program that has not ended waits for what nobody is going to send: each for a peer without a time
    /// limit, no frame on its way, no connection with anything left to send.
    fn nobody_can_go_on(&self) -> bool {
        let empty = |host: &Host| {
            host.descriptors.iter().all(|(_, socket)| {
                socket.listening.get() || super::sys::unsent(rustix::fd::AsFd::as_fd(socket.as_ref())).unwrap_or(0) == 0
            })
        };
        let switch_rests =
            self.switch.as_ref().is_none_or(|switch| switch.next_arrival().is_none() && switch.states.at_rest());
        self.hosts.iter().all(|host| waits(host) && empty(host)) && switch_rests
    }

    fn conclude(&mut self, end: &End) {
        let now = self.clock.now();
        let unfinished: Vec<Arc<str>> = self
            .hosts
            .iter()
            .filter(|host| host.progress != Progress::Ended)
            .map(|host| host.driver.host().clone())
            .collect();
        let body = match end {
            End::Done | End::Abandoned => None,
            End::Deadline if unfinished.is_empty() => None,
            End::Deadline => Some(RunEvent::DeadlinePassed { limit: self.limit, unfinished }),
            End::Deadlock => Some(RunEvent::Deadlocked { unfinished }),
            End::Full => None,
        };
        // Where the trace is full, the programs that made it so: those that were not waiting.
        let busy: Vec<Arc<str>> = match end {
            End::Full => {
                let busy = self.hosts.iter().filter(|host| host.progress != Progress::Ended && !waits(host));
                busy.map(|host| host.driver.host().clone()).collect()
            }
            _ => Vec::new(),
        };
        for host in &mut self.hosts {
            if host.progress != Progress::Ended {
                host.kill(now);
            }
        }
        let value = self.recorder.limit;
        let full = busy.into_iter().map(|host| {
            let body = Body::Program(program::Event::LimitPassed { limit: "events".to_owned(), value });
            (Some(host), body)
        });
        for (host, body) in full.chain(body.map(|body| (None, Body::Run(body)))) {
            self.recorder.last(Event { time: now, host, flow: None, evidence: Evidence::Observed, body });
        }
    }
}

/// Whether only another host can wake this one.
fn waits(host: &Host) -> bool {
    match host.progress {
        Progress::Ended => true,
        Progress::NotStarted | Progress::Runnable => false,
        Progress::Waiting => {
            host.lingering().next().is_none() && host.pending.values().all(|pending| pending.waits_for_peer())
        }
    }
}

/// The sockets a host's waiting calls wait for, and for what.
fn waiting_sockets(host: &Host) -> impl Iterator<Item = (Rc<super::socket::Socket>, PollFlags)> + '_ {
    host.pending.values().flat_map(|pending| match &pending.call {
        Call::Select { read, write, except, .. } => {
            let wanted = [(read, PollFlags::IN), (write, PollFlags::OUT), (except, PollFlags::PRI)];
            let find = |(set, flags): (&Vec<i32>, PollFlags)| {
                let sockets = set.iter().filter_map(|fd| host.descriptors.find(*fd));
                sockets.map(move |socket| (socket, flags)).collect::<Vec<_>>()
            };
            wanted.into_iter().flat_map(find).collect::<Vec<_>>()
        }
        _ => {
            let interest = Some(pending.interest()).filter(|interest| !interest.is_empty());
            interest.zip(pending.socket.clone()).into_iter().map(|(interest, socket)| (socket, interest)).collect()
        }
    })
}

/// The ends of the connection a segment belongs to, the receiver's first.
fn ends(frame: &Frame) -> Option<(SocketAddrV4, SocketAddrV4)> {
    let Packet::Ipv4(packet) = &frame.payload else { return None };
    let Transport::Tcp(segment) = &packet.payload else { return None };
    let local = SocketAddrV4::new(packet.destination, segment.destination_port);
    Some((local, SocketAddrV4::new(packet.source, segment.source_port)))
}
