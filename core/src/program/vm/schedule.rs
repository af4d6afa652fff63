//! The interpreter as the engines see it: which task runs next, and how a program ends.

use super::frame::{State, Task};
use super::run::Boundary;
use super::traceback;
use super::{Park, Vm};
use crate::program::event::Event;
use crate::program::value::Value;
use crate::program::value::exception::Exception;
use crate::program::value::object::{Object, Thread};
use crate::program::value::repr::str_of;
use crate::program::value::types::Type;
use crate::program::{Program, Setup, Step};
use crate::socket::{Outcome, TaskId};
use crate::stream::Data;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Statements a task may run before another has its turn.
const QUANTUM: u32 = 100;

/// One program on one host: a bytecode machine with explicit frames, so it can stop inside any expression.
///
/// Drain [`Interpreter::poll_event`] after every [`Interpreter::step`] and [`Interpreter::resume`].
pub struct Interpreter {
    program: Program,
    vm: Vm,
    tasks: Vec<Task>,
    current: usize,
    next_task: TaskId,
    exit: Option<i32>,
    exception: Option<String>,
    files: BTreeMap<String, Data>,
    /// How the main task ended, while other threads still run.
    last_words: Option<(i32, Option<String>, Option<u32>)>,
}

impl Interpreter {
    /// A program at its beginning.
    pub fn new(program: Program, setup: Setup) -> Self {
        let files = setup.files.clone();
        let mut vm = Vm::new(program.unit.clone(), setup);
        let mut main = Task::new(0, None);
        vm.begin(&program.unit, &mut main, program.unit.entry);
        Interpreter {
            program,
            vm,
            tasks: vec![main],
            current: 0,
            next_task: 1,
            exit: None,
            exception: None,
            files,
            last_words: None,
        }
    }

    /// Whether statements and assignments are told, and every statement is a boundary. They are, unless switched off.
    pub fn set_tracing(&mut self, tracing: bool) {
        self.vm.tracing = tracing;
    }

    /// Runs the runnable tasks until the next boundary.
    pub fn step(&mut self) -> Step {
        let step = self.advance();
        self.note_files();
        step
    }

    /// Answers the call that a task is waiting on.
    pub fn resume(&mut self, task: TaskId, outcome: Outcome) {
        let Some(index) = self.tasks.iter().position(|other| other.id == task) else { return };
        if !matches!(self.tasks[index].state, State::Waiting { .. }) {
            return;
        }
        let unit = self.program.unit.clone();
        if let Some(boundary) = self.vm.resume(&unit, &mut self.tasks[index], outcome) {
            // An exception nobody catches, or an answer that asks again, comes to light at the next step.
            self.tasks[index].pending = Some(boundary);
        }
        self.note_files();
    }

    /// The next thing that happened, oldest first.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.vm.events.pop_front()
    }

    /// Everything printed to standard output so far.
    pub fn stdout(&self) -> &str {
        &self.vm.stdout
    }

    /// How the program ended: 0, 1 after an uncaught exception, or what `sys.exit` got.
    pub fn exit(&self) -> Option<i32> {
        self.exit
    }

    /// The uncaught exception, as the last line of its traceback.
    pub fn exception(&self) -> Option<&str> {
        self.exception.as_deref()
    }

    /// The host's files as the program left them.
    pub fn files(&self) -> &BTreeMap<String, Data> {
        &self.files
    }

    fn advance(&mut self) -> Step {
        loop {
            if self.exit.is_some() {
                return Step::Finished;
            }
            let Some(index) = self.choose() else {
                if self.tasks.iter().all(|task| task.is_daemon() || matches!(task.state, State::Done)) {
                    self.end(0, None, None);
                    return Step::Finished;
                }
                return Step::Waiting;
            };
            if index != self.current || self.vm.quantum == 0 {
                self.vm.quantum = QUANTUM;
            }
            self.current = index;
            let boundary = match self.tasks[index].pending.take() {
                Some(boundary) => boundary,
                None => self.vm.run(&self.program.unit, &mut self.tasks[index]),
            };
            let task = self.tasks[index].id;
            match boundary {
                Boundary::Statement => {
                    if self.vm.quantum == 0 {
                        self.current = index + 1;
                    }
                    return Step::Statement { task };
                }
                Boundary::Call(call) => {
                    let line = self.vm.line(&self.program.unit, &self.tasks[index]);
                    return Step::Call { task, line, call };
                }
                Boundary::Turn => self.current = index + 1,
                Boundary::Parked => {}
                Boundary::Start(thread) => self.start(thread),
                Boundary::Look => {
                    let limit = self.vm.setup.limits.memory;
                    if self.vm.look(&self.tasks) > limit {
                        self.pass("memory", limit);
                    }
                }
                Boundary::Limit(limit, value) => self.pass(limit, value),
                Boundary::Ended(result) => self.ended(index, result),
            }
        }
    }

    /// The task to run: the current one while it can, then the others in turn.
    fn choose(&mut self) -> Option<usize> {
        if matches!(self.tasks[0].state, State::Done)
            && self.tasks.iter().all(|task| task.is_daemon() || matches!(task.state, State::Done))
        {
            return None;
        }
        let count = self.tasks.len();
        for offset in 0..count {
            let index = (self.current + offset) % count;
            let ready = match &self.tasks[index].state {
                State::Ready => true,
                State::Parked(park) => self.unparked(park),
                State::Waiting { .. } => self.tasks[index].pending.is_some(),
                State::Done => false,
            };
            if ready {
                if let State::Parked(_) = self.tasks[index].state {
                    self.tasks[index].state = State::Ready;
                }
                return Some(index);
            }
        }
        None
    }

    fn unparked(&self, park: &Park) -> bool {
        let object = match park {
            Park::Join(value) | Park::Lock(value) | Park::Event(value) => value,
        };
        let Value::Object(object) = object else { return true };
        match &**object {
            Object::Thread(thread) => thread.finished.get(),
            Object::Lock(lock) => lock.owner.get().is_none(),
            Object::Event(set) => set.get(),
            _ => true,
        }
    }

    fn start(&mut self, value: Value) {
        let id = self.next_task;
        self.next_task += 1;
        let mut task = Task::new(id, Some(value.clone()));
        let Value::Object(object) = &value else { return };
        let Object::Thread(thread) = &**object else { return };
        thread.task.set(Some(id));
        self.vm.thread_of.push((id, value.clone()));
        self.vm.events.push_back(Event::Task { task: id, name: thread.name.borrow().clone(), started: true });
        let outer = std::mem::replace(&mut self.vm.task, id);
        let started = begin(&mut self.vm, &self.program, &mut task, thread);
        self.vm.task = outer;
        if let Some(boundary) = started {
            task.pending = Some(boundary);
        }
        self.tasks.push(task);
        // `start` returns when the new thread is running: it goes first.
        self.current = self.tasks.len() - 1;
    }

    fn ended(&mut self, index: usize, result: Result<Value, Rc<Exception>>) {
        let task = &mut self.tasks[index];
        task.state = State::Done;
        task.frames.clear();
        task.stack.clear();
        task.handling.clear();
        let id = task.id;
        let thread = task.thread.clone();
        if let Some(Value::Object(object)) = &thread
            && let Object::Thread(thread) = &**object
        {
            thread.finished.set(true);
            let name = thread.name.borrow().clone();
            if let Err(exception) = result
                && exception.kind != Type::SystemExit
            {
                let trace = traceback::text(&self.vm, &exception);
                self.show(format!("Exception in thread {name}:\n{trace}"));
            }
            self.vm.events.push_back(Event::Task { task: id, name, started: false });
            self.vm.thread_of.retain(|(task, _)| *task != id);
            return;
        }
        match result {
            Ok(_) => self.settle(0, None, None),
            Err(exception) if exception.kind == Type::SystemExit => {
                let status = self.exit_status(&exception);
                self.settle(status, None, None);
            }
            Err(exception) => {
                let trace = traceback::text(&self.vm, &exception);
                self.show(trace);
                let line = traceback::line(&self.vm, &exception);
                if exception.kind == Type::RecursionError {
                    let value = self.vm.setup.limits.recursion.into();
                    self.vm.events.push_back(Event::LimitPassed { limit: "recursion".into(), value });
                }
                let last = traceback::last_line(&self.vm, &exception);
                self.settle(1, Some(last), line);
            }
        }
    }

    fn exit_status(&mut self, exception: &Exception) -> i32 {
        let args = exception.args.borrow().clone();
        match args.as_slice() {
            [] | [Value::None] => 0,
            [value] => match value.as_int() {
                // The system keeps eight bits of an exit status.
                Some(status) => (status & 0xff) as i32,
                None => {
                    let text = str_of(value).unwrap_or_default();
                    self.show(text + "\n");
                    1
                }
            },
            many => {
                let text = crate::program::value::repr::repr(&Value::tuple(many.to_vec())).unwrap_or_default();
                self.show(text + "\n");
                1
            }
        }
    }

    fn show(&mut self, text: String) {
        // The limit of output was for the program; its obituary is printed all the same.
        self.vm.events.push_back(Event::Printed { task: self.vm.task, text, error: true });
    }

    /// The main task is done: the program ends when its other threads have.
    fn settle(&mut self, status: i32, exception: Option<String>, line: Option<u32>) {
        if self.tasks.iter().any(|task| !task.is_daemon() && !matches!(task.state, State::Done)) {
            self.last_words = Some((status, exception, line));
            return;
        }
        self.end(status, exception, line);
    }

    fn pass(&mut self, limit: &str, value: u64) {
        self.vm.events.push_back(Event::LimitPassed { limit: limit.to_string(), value });
        let line = self.tasks.get(self.current).map(|task| self.vm.line(&self.program.unit, task));
        self.end(1, None, line);
    }

    fn end(&mut self, status: i32, exception: Option<String>, line: Option<u32>) {
        let (status, exception, line) = self.last_words.take().unwrap_or((status, exception, line));
        self.exit = Some(status);
        self.exception = exception.clone();
        // What stands outside is let go of as at the end of any process: files are flushed, the engine closes descriptors.
        for task in &mut self.tasks {
            task.frames.clear();
            task.stack.clear();
            task.handling.clear();
            task.state = State::Done;
            task.pending = None;
            task.thread = None;
        }
        self.vm.forget();
        self.note_files();
        self.vm.events.push_back(Event::Exited { status, exception, line });
    }

    fn note_files(&mut self) {
        if self.vm.world.changed.borrow().is_empty() {
            return;
        }
        for name in self.vm.world.changed.take() {
            let data = self.vm.world.files.borrow().get(&name).cloned();
            match data {
                Some(data) => {
                    self.vm.events.push_back(Event::FileWritten { name: name.clone(), length: data.len() as u64 });
                    self.files.insert(name, data);
                }
                None => {
                    self.files.remove(&name);
                }
            }
        }
    }
}

impl Drop for Interpreter {
    fn drop(&mut self) {
        self.tasks.clear();
        self.vm.forget();
    }
}

fn begin(vm: &mut Vm, program: &Program, task: &mut Task, thread: &Thread) -> Option<Boundary> {
    let positional = match &*thread.args.borrow() {
        Value::Unbound | Value::None => Vec::new(),
        args => match vm.elements(args) {
            Ok(items) => items,
            Err(stop) => return ended(stop),
        },
    };
    let keywords = match &*thread.kwargs.borrow() {
        Value::Dict(dict) => {
            dict.pairs().into_iter().filter_map(|(key, value)| Some((key.as_str()?.into(), value))).collect()
        }
        _ => Vec::new(),
    };
    let target = thread.target.borrow().clone();
    match target {
        Value::Unbound | Value::None => Some(Boundary::Ended(Ok(Value::None))),
        Value::Function(function) => {
            let back = super::frame::Back::Discard;
            match vm.enter(&program.unit, task, &function, positional, keywords, back) {
                Ok(()) => None,
                Err(stop) => ended(stop),
            }
        }
        other => {
            // A built-in runs in a frame of the prelude, so that it can wait.
            let Value::Function(apply) = vm.prelude("_apply") else { return None };
            let named = crate::program::value::dict::Dict::default();
            for (name, value) in keywords {
                named.insert_str(&name, value);
            }
            let args = vec![other, Value::list(positional), Value::Dict(Rc::new(named))];
            match vm.enter(&program.unit, task, &apply, args, Vec::new(), super::frame::Back::Discard) {
                Ok(()) => None,
                Err(stop) => ended(stop),
            }
        }
    }
}

fn ended(stop: super::Stop) -> Option<Boundary> {
    match stop {
        super::Stop::Raise(exception) => Some(Boundary::Ended(Err(exception))),
        super::Stop::Limit(limit, value) => Some(Boundary::Limit(limit, value)),
        _ => Some(Boundary::Ended(Ok(Value::None))),
    }
}
