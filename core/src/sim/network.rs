//! The run loop: what happens next, anywhere. Hosts, link and observer each do their own part.

use super::host::{Answered, Host};
use super::{CALL, Driver, LOOPBACK, Options, STATEMENT, Todo};
use crate::link::{Class, Link, Verdict};
use crate::machine::Machine;
use crate::program::Event::LimitPassed;
use crate::random::Random;
use crate::scenario::{self, Scenario};
use crate::socket::stack::{Config, Ends, Output, Seen};
use crate::socket::{Event as SocketEvent, Kind};
use crate::tcp::{self, Purpose};
use crate::time::{Duration, Instant};
use crate::trace::{Body, Event, Evidence, Flow, HostResult, Observer, Protocol, RunEvent, Sighting};
use crate::udp;
use crate::wire::{Frame, FrameId, MacAddress, Packet};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Purposes of the scenario's seed; each has dice of its own.
const LINK: u64 = 1;
const STACK: u64 = 0x100;

/// A frame on its way.
type Flight = (FrameId, Frame);

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Arrival,
    Loopback,
    Timer(usize),
    Program(usize),
}

/// The whole modelled network.
pub(super) struct Network {
    now: Instant,
    limit: Duration,
    max_events: usize,
    hosts: Vec<Host>,
    link: Link<Flight>,
    /// Packets of hosts to themselves, in order of arrival.
    loopback: VecDeque<(Instant, usize, Flight)>,
    observer: Observer,
    next_frame: FrameId,
    /// The numbers of copies that the link made, by the original and the receiver.
    copies: BTreeMap<(FrameId, usize), FrameId>,
    events: Vec<Event>,
    failed: bool,
}

impl Network {
    pub fn new(scenario: &Scenario, options: &Options) -> Self {
        let names: Vec<Arc<str>> = scenario.hosts.iter().map(|host| host.name.clone()).collect();
        let link_seed = Random::stream(scenario.seed, LINK).next_u64();
        let mut network = Network {
            now: Instant::ZERO,
            limit: scenario.limit,
            max_events: options.max_events,
            hosts: Vec::new(),
            link: Link::new(scenario.link.clone(), &names, link_seed),
            loopback: VecDeque::new(),
            observer: Observer::new(names, Evidence::Simulated),
            next_frame: 1,
            copies: BTreeMap::new(),
            events: Vec::new(),
            failed: false,
        };
        for (index, host) in scenario.hosts.iter().enumerate() {
            match Driver::new(scenario, index, options.limits, Evidence::Simulated, None) {
                Ok(driver) => {
                    network.hosts.push(Host::new(driver, stack_config(scenario, host, index), host.start));
                }
                Err(refusals) => {
                    let reason = refusals.first().map(ToString::to_string).unwrap_or_default();
                    network.fail(format!("the program of {} cannot run: {reason}", host.name));
                }
            }
        }
        network
    }

    /// Runs to the end: every program ended and the network quiet, or a limit passed.
    pub fn run(mut self) -> (Vec<Event>, BTreeMap<Arc<str>, HostResult>) {
        let end = Instant::ZERO + self.limit;
        while !self.failed {
            let unfinished = self.unfinished();
            if unfinished.is_empty() && self.is_quiet() {
                break;
            }
            let Some((at, next)) = self.next() else {
                if !unfinished.is_empty() {
                    self.end_programs(RunEvent::Deadlocked { unfinished });
                }
                break;
            };
            if at > end {
                self.now = end;
                if !unfinished.is_empty() {
                    self.end_programs(RunEvent::DeadlinePassed { limit: self.limit, unfinished });
                }
                break;
            }
            if self.events.len() >= self.max_events {
                self.end_busy_programs();
                break;
            }
            self.now = self.now.max(at);
            self.happen(next);
        }
        let results = super::results(self.hosts.iter().map(|host| &host.driver));
        (self.events, results)
    }

    fn unfinished(&self) -> Vec<Arc<str>> {
        let hosts = self.hosts.iter().filter(|host| !host.driver.is_finished());
        hosts.map(|host| host.name.clone()).collect()
    }

    fn is_quiet(&self) -> bool {
        self.link.next_arrival().is_none()
            && self.loopback.is_empty()
            && self.hosts.iter().all(|host| host.stack.is_quiet())
    }

    /// The earliest thing that happens. At the same moment what arrives comes before what is due, and programs come last.
    ///
    /// Nothing follows from the end of a TIME-WAIT, so where only those are left, nothing happens any more.
    fn next(&self) -> Option<(Instant, Next)> {
        let arrival = self.link.next_arrival().map(|at| (at, Next::Arrival));
        let loopback = self.loopback.front().map(|(at, ..)| (*at, Next::Loopback));
        let hosts = self.hosts.iter().enumerate();
        let timers = hosts.clone().filter_map(|(index, host)| host.timer.map(|at| (at, Next::Timer(index))));
        let programs = hosts.clone().filter_map(|(index, host)| host.wakes().map(|at| (at, Next::Program(index))));
        let earliest = arrival.into_iter().chain(loopback).chain(timers).chain(programs).min()?;
        let lively = arrival.is_some()
            || loopback.is_some()
            || hosts.clone().any(|(_, host)| host.wakes().is_some() || host.stack.awaits_time());
        lively.then_some(earliest)
    }

    fn happen(&mut self, next: Next) {
        match next {
            Next::Arrival => {
                let Some(arrival) = self.link.poll_arrival(self.now) else { return };
                let (original, frame) = arrival.item;
                let number = match arrival.duplicate {
                    true => self.copies.remove(&(original, arrival.to)).unwrap_or(original),
                    false => original,
                };
                self.arrive(arrival.to, number, frame);
            }
            Next::Loopback => {
                let Some((_, host, (number, frame))) = self.loopback.pop_front() else { return };
                self.arrive(host, number, frame);
            }
            Next::Timer(index) => {
                self.hosts[index].stack.handle_timeout(self.now);
                self.drain(index, 0);
            }
            Next::Program(index) => self.step(index),
        }
    }

    fn arrive(&mut self, index: usize, number: FrameId, frame: Frame) {
        let events = self.observer.delivered(self.now, index, number);
        self.events.extend(events);
        self.hosts[index].stack.handle_input(self.now, frame);
        self.drain(index, number);
    }

    /// Lets a host's processor do one thing: tell the program of an answer and run up to the next boundary.
    fn step(&mut self, index: usize) {
        let now = self.now;
        while let Some(answered) = self.hosts[index].take_answer(now) {
            let flow = self.flow(answered.ends);
            let host = &mut self.hosts[index];
            host.driver.returned(now, answered.id, answered.outcome, answered.range, flow);
            host.runnable = true;
            self.collect(index);
        }
        let host = &mut self.hosts[index];
        if !host.runnable {
            return;
        }
        let todo = host.driver.step(now);
        match &todo {
            Todo::Ran { .. } => host.free = now + STATEMENT,
            Todo::Call { .. } => {
                host.free = now + CALL;
                host.called = now;
            }
            Todo::Wait | Todo::Finished => host.runnable = false,
        }
        self.collect(index);
        match todo {
            Todo::Call { id, task, call } => {
                self.hosts[index].stack.call(now, task, id, call);
                self.drain(index, 0);
            }
            Todo::Finished => {
                self.hosts[index].stack.exit(now);
                self.drain(index, 0);
            }
            Todo::Ran { .. } | Todo::Wait => {}
        }
    }

    /// Takes the driver's events.
    fn collect(&mut self, index: usize) {
        while let Some(event) = self.hosts[index].driver.poll_event() {
            self.events.push(event);
        }
    }

    /// Takes everything that leaves a host's stack; `frame` is the number of the frame that led to it, if one did.
    fn drain(&mut self, index: usize, frame: FrameId) {
        let now = self.now;
        while let Some(output) = self.hosts[index].stack.poll_output() {
            match output {
                Output::Frame { frame, purpose } => self.send(index, frame, purpose),
                Output::Blocked { id, reason } => {
                    self.hosts[index].driver.blocked(now, id, reason);
                    self.collect(index);
                }
                Output::Completed { id, outcome, range, ends } => {
                    let host = &mut self.hosts[index];
                    let at = now.max(host.called + CALL);
                    host.answered.push_back(Answered { at, id, outcome, range, ends });
                }
                Output::Seen { ends, what } => self.see(index, frame, ends, what),
            }
        }
        let host = &mut self.hosts[index];
        host.timer = host.stack.poll_timeout().map(|due| due.at);
    }

    fn see(&mut self, index: usize, frame: FrameId, ends: Option<Ends>, what: Seen) {
        let flow = self.flow(ends);
        let body = match what {
            Seen::Socket(event) => {
                if let (SocketEvent::Addressed { fd, .. }, Some(flow)) = (&event, flow) {
                    self.hosts[index].driver.belongs(*fd, flow);
                }
                Body::Socket(event)
            }
            Seen::Tcp(tcp::Event::Discarded { cause, .. }) | Seen::Segment(cause) => {
                Body::Tcp(tcp::Event::Discarded { frame, cause })
            }
            Seen::Tcp(event) => Body::Tcp(event),
            Seen::Datagram(cause) => Body::Udp(udp::Event::Discarded { frame, cause }),
        };
        self.hosts[index].driver.note(self.now, flow, body);
        self.collect(index);
    }

    fn flow(&mut self, ends: Option<Ends>) -> Option<Flow> {
        let Ends { kind, local, peer } = ends?;
        let protocol = match kind {
            Kind::Stream => Protocol::Tcp,
            Kind::Datagram => Protocol::Udp,
        };
        Some(self.observer.flow(protocol, local, peer))
    }

    /// Puts a frame on the link, or back to its own host.
    fn send(&mut self, from: usize, frame: Frame, purpose: Option<Purpose>) {
        let number = self.next_frame;
        self.next_frame += 1;
        let now = self.now;
        let sighting = |to, frame, verdict, queued| Sighting {
            frame: number,
            from,
            to,
            contents: frame,
            verdict,
            queued,
            duplicate_of: None,
            purpose,
        };
        if frame.destination == self.hosts[from].mac {
            let at = now + LOOPBACK;
            let seen = sighting(Some(from), (&frame).into(), Verdict::Deliver { at }, Duration::ZERO);
            let events = self.observer.sent(now, seen);
            self.events.extend(events);
            self.loopback.push_back((at, from, (number, frame)));
            return;
        }
        let everyone = frame.destination == MacAddress::BROADCAST;
        let receivers: Vec<usize> = (0..self.hosts.len())
            .filter(|to| *to != from && (everyone || self.hosts[*to].mac == frame.destination))
            .collect();
        let (class, length) = (Class::of(&frame), length(&frame));
        let item = (number, frame.clone());
        let sent = self.link.broadcast(now, from, receivers.iter().copied(), item, length, class);
        if sent.is_empty() {
            let cause = crate::link::Cause::NoSuchHost;
            let seen = sighting(None, (&frame).into(), Verdict::Drop { cause }, Duration::ZERO);
            let events = self.observer.sent(now, seen);
            self.events.extend(events);
            let events = self.observer.dropped(now, from, number, cause);
            self.events.extend(events);
        }
        for (to, outcome) in sent {
            let seen = sighting(Some(to), (&frame).into(), outcome.verdict, outcome.queued);
            let events = self.observer.sent(now, seen);
            self.events.extend(events);
            if let Verdict::Drop { cause } = outcome.verdict {
                let events = self.observer.dropped(now, from, number, cause);
                self.events.extend(events);
            }
            if let Some(at) = outcome.duplicate {
                let copy = self.next_frame;
                self.next_frame += 1;
                self.copies.insert((number, to), copy);
                let seen = Sighting {
                    frame: copy,
                    duplicate_of: Some(number),
                    purpose: None,
                    ..sighting(Some(to), (&frame).into(), Verdict::Deliver { at }, outcome.queued)
                };
                let events = self.observer.sent(now, seen);
                self.events.extend(events);
            }
        }
    }

    /// Ends every program that has not ended, and says why.
    fn end_programs(&mut self, event: RunEvent) {
        self.tell(event);
        for host in &mut self.hosts {
            host.driver.end();
        }
    }

    /// The trace is full: ends the programs that made it so, those that were not waiting.
    fn end_busy_programs(&mut self) {
        let value = self.max_events as u64;
        let told = self.events.len();
        for host in self.hosts.iter_mut().filter(|host| !host.driver.is_finished()) {
            if host.driver.open_calls().next().is_none() {
                let body = Body::Program(LimitPassed { limit: "events".to_owned(), value });
                let (time, evidence) = (self.now, Evidence::Simulated);
                let name = Some(host.driver.host().clone());
                self.events.push(Event { time, host: name, flow: None, evidence, body });
            }
            host.driver.end();
        }
        // Programs that make calls without end may all be inside one at this moment.
        if self.events.len() == told {
            self.fail(format!("the run made more than {value} events"));
        }
    }

    fn fail(&mut self, message: String) {
        self.failed = true;
        self.tell(RunEvent::EngineFailed { message });
    }

    fn tell(&mut self, event: RunEvent) {
        let (time, evidence) = (self.now, Evidence::Simulated);
        self.events.push(Event { time, host: None, flow: None, evidence, body: Body::Run(event) });
    }
}

/// Bytes of a frame on the wire, Ethernet header included.
fn length(frame: &Frame) -> usize {
    crate::wire::ETHERNET_HEADER
        + match &frame.payload {
            Packet::Arp(_) => 28,
            Packet::Ipv4(packet) => packet.length(),
            Packet::Other { data, .. } => data.len(),
        }
}

fn stack_config(scenario: &Scenario, host: &scenario::Host, index: usize) -> Config {
    let seed = Random::stream(scenario.seed, STACK + index as u64).next_u64();
    let mtu = scenario.link.mtu;
    let tcp = tcp::Config {
        congestion: match host.tcp.congestion {
            scenario::Congestion::Reno => tcp::Algorithm::Reno,
            scenario::Congestion::Cubic => tcp::Algorithm::Cubic,
        },
        sack: host.tcp.sack,
        timestamps: host.tcp.timestamps,
        window_scale: host.tcp.window_scale,
        delayed_ack: host.tcp.delayed_ack,
        seed,
        ..tcp::Config::with_mtu(mtu)
    };
    Config {
        // A locally administered address (IEEE 802, the second bit of the first byte), numbered as the host is.
        mac: MacAddress([2, 0, 0, 0, 0, index as u8 + 1]),
        address: host.address,
        prefix: host.prefix,
        mtu,
        tcp,
        seed,
    }
}
