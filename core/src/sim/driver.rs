//! The loop "a program, and whoever answers its calls", written once for both engines. It makes the program's events and
//! the socket events of its calls; it answers no call itself and owns no clock.
//!
//! An engine uses it so, on one thread or on many:
//!
//! ```text
//! let mut driver = Driver::new(&scenario, index, limits, Evidence::Observed, None)?;
//! loop {
//!     match driver.step(now()) {
//!         Todo::Ran { .. } => {}                            // a statement passed: the model charges its time
//!         Todo::Call { id, task, call } => …                // start it; other tasks of the program can still step
//!         Todo::Wait => …                                   // wait until a call is answered, then `returned`
//!         Todo::Finished => break,                          // close every descriptor as the kernel does
//!     }
//!     while let Some(event) = driver.poll_event() { … }     // complete trace events, in order
//! }
//! ```
//!
//! Answer every call once with [`Driver::returned`]; tell that it waits with [`Driver::blocked`] before, if it does. Which
//! conversation a descriptor belongs to is told with [`Driver::belongs`], and from then on its events carry the flow.

use crate::address::Table;
use crate::program::{self, Interpreter, Limits, Program, Refusal, Setup, Step};
use crate::scenario::Scenario;
use crate::socket::{self, Answer, Call, CallId, Descriptor, Outcome, Reason, TaskId};
use crate::stream::Range;
use crate::time::{Duration, Instant};
use crate::trace::{Body, Event, Evidence, Flow, HostResult};
use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// What the engine must do next for a program.
#[derive(Clone, Debug, PartialEq)]
pub enum Todo {
    /// A statement boundary was passed; step again.
    Ran {
        /// The task that ran.
        task: TaskId,
    },
    /// Carry out this call, now or in the background, and answer it with [`Driver::returned`].
    Call {
        /// Its number.
        id: CallId,
        /// Who made it.
        task: TaskId,
        /// The call.
        call: Call,
    },
    /// Every task waits for the answer of a call.
    Wait,
    /// The program ended.
    Finished,
}

/// A call that has not returned.
struct Open {
    task: TaskId,
    name: &'static str,
    fd: Option<Descriptor>,
    closes: bool,
    called: Instant,
    waits: bool,
}

/// One host's program between its interpreter and an engine.
pub struct Driver {
    host: Arc<str>,
    evidence: Evidence,
    interpreter: Interpreter,
    calls: CallId,
    open: BTreeMap<CallId, Open>,
    flows: BTreeMap<Descriptor, Flow>,
    events: VecDeque<Event>,
    ended: bool,
}

impl Driver {
    /// The program of host `index` of the scenario, not yet started. `services` answers `getservbyname`; without it the
    /// built-in table does.
    ///
    /// # Errors
    /// What stands outside the subset; a scenario that was read from a file or from JSON has none.
    pub fn new(
        scenario: &Scenario,
        index: usize,
        limits: Limits,
        evidence: Evidence,
        services: Option<Arc<Table>>,
    ) -> Result<Self, Vec<Refusal>> {
        let host = &scenario.hosts[index];
        let program: Program = program::compile(&host.program)?;
        let names = scenario.hosts.iter().map(|host| (host.name.to_string(), host.address)).collect();
        let setup = Setup {
            name: host.name.clone(),
            address: host.address,
            names,
            stdin: host.stdin.clone(),
            files: host.files.clone(),
            services,
            limits,
        };
        Ok(Driver {
            host: host.name.clone(),
            evidence,
            interpreter: Interpreter::new(program, setup),
            calls: 0,
            open: BTreeMap::new(),
            flows: BTreeMap::new(),
            events: VecDeque::new(),
            ended: false,
        })
    }

    /// The host's name.
    pub fn host(&self) -> &Arc<str> {
        &self.host
    }

    /// Whether the program ended or was ended.
    pub fn is_finished(&self) -> bool {
        self.ended
    }

    /// Runs the program up to its next boundary.
    pub fn step(&mut self, now: Instant) -> Todo {
        if self.ended {
            return Todo::Finished;
        }
        let step = self.interpreter.step();
        self.collect(now);
        match step {
            Step::Statement { task } => Todo::Ran { task },
            Step::Call { task, line, call } => {
                self.calls += 1;
                let id = self.calls;
                let open = Open {
                    task,
                    name: call.name(),
                    fd: call.descriptor(),
                    closes: matches!(call, Call::Close { .. }),
                    called: now,
                    waits: false,
                };
                let flow = open.fd.and_then(|fd| self.flows.get(&fd).copied());
                self.open.insert(id, open);
                let called = socket::Event::Called { id, task, line, call: call.clone() };
                self.note(now, flow, Body::Socket(called));
                Todo::Call { id, task, call }
            }
            Step::Waiting => Todo::Wait,
            Step::Finished => {
                self.ended = true;
                Todo::Finished
            }
        }
    }

    /// The call could not return at once.
    pub fn blocked(&mut self, now: Instant, id: CallId, reason: Reason) {
        let Some(open) = self.open.get_mut(&id) else { return };
        open.waits = true;
        let flow = open.fd.and_then(|fd| self.flows.get(&fd).copied());
        self.note(now, flow, Body::Socket(socket::Event::Blocked { id, reason }));
    }

    /// The call returned: the program goes on with the outcome at the next step. `flow` is the conversation of this call
    /// alone, such as that of the datagram it received; without it, that of its descriptor.
    pub fn returned(&mut self, now: Instant, id: CallId, outcome: Outcome, range: Option<Range>, flow: Option<Flow>) {
        let Some(open) = self.open.remove(&id) else { return };
        let accepted = match &outcome {
            Outcome::Ok(Answer::Accepted { accepted, .. }) => Some(*accepted),
            _ => open.fd,
        };
        let flow = flow.or_else(|| accepted.and_then(|fd| self.flows.get(&fd).copied()));
        if open.closes
            && let Some(fd) = open.fd
        {
            self.flows.remove(&fd);
        }
        let returned = socket::Event::Returned {
            id,
            call: Cow::Borrowed(open.name),
            fd: open.fd,
            outcome: outcome.clone(),
            blocked: if open.waits { now.since(open.called) } else { Duration::ZERO },
            range,
        };
        self.note(now, flow, Body::Socket(returned));
        if !self.ended {
            self.interpreter.resume(open.task, outcome);
            self.collect(now);
        }
    }

    /// From now on events on this descriptor carry this conversation.
    pub fn belongs(&mut self, fd: Descriptor, flow: Flow) {
        self.flows.insert(fd, flow);
    }

    /// The conversation of a descriptor.
    pub fn flow(&self, fd: Descriptor) -> Option<Flow> {
        self.flows.get(&fd).copied()
    }

    /// The calls that have not returned, oldest first: number, descriptor, name.
    pub fn open_calls(&self) -> impl Iterator<Item = (CallId, Option<Descriptor>, &'static str)> {
        self.open.iter().map(|(id, open)| (*id, open.fd, open.name))
    }

    /// Records something else that was seen at this host, in order with the program's own events.
    pub fn note(&mut self, now: Instant, flow: Option<Flow>, body: Body) {
        let event = Event { time: now, host: Some(self.host.clone()), flow, evidence: self.evidence, body };
        self.events.push_back(event);
    }

    /// The program is ended from outside, by a deadline. Its result has no exit status.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The next event, oldest first.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// How the program ended, or what it has printed so far.
    pub fn result(&self) -> HostResult {
        HostResult {
            stdout: self.interpreter.stdout().to_owned(),
            exit: self.interpreter.exit(),
            exception: self.interpreter.exception().map(str::to_owned),
        }
    }

    fn collect(&mut self, now: Instant) {
        while let Some(event) = self.interpreter.poll_event() {
            self.note(now, None, Body::Program(event));
        }
    }
}
