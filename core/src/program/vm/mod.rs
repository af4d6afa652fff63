//! The machine: frames, calls, exceptions, tasks. It stops at a boundary and is resumed; it never waits by itself.

pub mod after;
pub mod build;
pub mod call;
pub mod collect;
pub mod frame;
pub mod index;
pub mod operate;
pub mod run;
pub mod schedule;
pub mod stopped;
pub mod suggest;
pub mod traceback;
pub mod unwind;

use super::builtins::Native;
use super::code::{Constant, Unit};
use super::event::Event;
use super::value::Value;
use super::value::exception::Exception;
use super::value::object::World;
use super::value::types::Type;
use super::{Limits, Setup};
use crate::socket::{Call, TaskId};
use after::After;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

/// What a built-in function does instead of returning a value.
pub enum Stop {
    /// It raised.
    Raise(Rc<Exception>),
    /// It asks the system; the outcome becomes a value as `After` says.
    Call(Box<(Call, After)>),
    /// It is a function of the prelude, or calls one of the program's, with these arguments.
    Invoke(Box<Invoke>),
    /// This has to run first; then the instruction is done again.
    Before(Box<Invoke>),
    /// A limit was passed: the host ends.
    Limit(&'static str, u64),
    /// The task rests until this holds; then the call is made again.
    Park(Park),
    /// A thread begins.
    Start(Value),
    /// A generator is asked for its next value; without one, the default or `StopIteration`.
    Next(Box<(Value, Option<Value>)>),
}

/// A function to call next.
pub struct Invoke {
    /// What to call.
    pub function: Value,
    /// By position.
    pub positional: Vec<Value>,
    /// By name.
    pub keywords: Vec<(Arc<str>, Value)>,
}

/// What a resting task waits for.
#[derive(Clone)]
pub enum Park {
    /// The end of a thread.
    Join(Value),
    /// A lock that is free.
    Lock(Value),
    /// An event that is set.
    Event(Value),
}

/// The result of anything a program can make fail.
pub type Answer<T = Value> = Result<T, Stop>;

/// An exception with a message.
pub fn raise(kind: Type, message: impl Into<String>) -> Stop {
    Stop::Raise(Exception::message(kind, message))
}

/// An exception about a name that nobody knows, so that a traceback can propose another.
pub fn misspelt(kind: Type, message: String, name: &str, object: Value) -> Stop {
    let exception = Exception::message(kind, message);
    *exception.misspelt.borrow_mut() = Some((name.to_string(), object));
    Stop::Raise(exception)
}

/// `TypeError`.
pub fn type_error(message: impl Into<String>) -> Stop {
    raise(Type::TypeError, message)
}

/// `ValueError`.
pub fn value_error(message: impl Into<String>) -> Stop {
    raise(Type::ValueError, message)
}

/// `RuntimeError`.
pub fn runtime_error(message: impl Into<String>) -> Stop {
    raise(Type::RuntimeError, message)
}

/// `OverflowError`.
pub fn overflow_error(message: impl Into<String>) -> Stop {
    raise(Type::OverflowError, message)
}

/// `RecursionError`.
pub fn recursion_error(message: impl Into<String>) -> Stop {
    raise(Type::RecursionError, message)
}

/// `OSError` with a number, as the subclass that stands for it.
pub fn os_error(number: i32, text: &str) -> Stop {
    Stop::Raise(Exception::new(Type::OSError, vec![Value::Int(number.into()), Value::str(text)]))
}

/// `OSError` about a file.
pub fn file_error(number: i32, text: &str, name: &str) -> Stop {
    let args = vec![Value::Int(number.into()), Value::str(text), Value::str(name)];
    Stop::Raise(Exception::new(Type::OSError, args))
}

/// What every built-in function may use: the program's state but for its tasks.
pub struct Vm {
    /// What was compiled.
    pub unit: Arc<Unit>,
    /// Its literals as values.
    pub constants: Vec<Value>,
    /// Module-level names.
    pub globals: Vec<Value>,
    /// The host.
    pub setup: Setup,
    /// Its files, and descriptors nobody holds any more.
    pub world: Rc<World>,
    /// What happened and was not yet told.
    pub events: VecDeque<Event>,
    /// Everything printed.
    pub stdout: String,
    /// How many bytes were printed, to both outputs.
    pub printed: u64,
    /// How many lines of input were read.
    pub inputs: usize,
    /// Statements so far.
    pub statements: u64,
    /// Statements the running task may still run before another has its turn.
    pub quantum: u32,
    /// The running task.
    pub task: TaskId,
    /// Whether statements and assignments are told.
    pub tracing: bool,
    /// `socket.setdefaulttimeout`.
    pub default_timeout: Option<f64>,
    /// Threads made so far, for their names.
    pub threads: u32,
    /// The thread of each task.
    pub thread_of: Vec<(TaskId, Value)>,
    /// Bytes taken since the last look at what is still in use.
    pub taken: usize,
    /// When to look again.
    pub look_at: usize,
    /// Containers that may be part of a cycle.
    pub watched: Vec<collect::Watched>,
    /// Where a call site found its method last time.
    pub sites: Vec<Option<(Type, &'static Native)>>,
    /// Calls inside each other.
    pub recursion: u32,
    /// Objects that `id` was asked about.
    pub identities: Vec<Value>,
    /// Sockets and threads made so far.
    pub serial: u64,
    /// Whether the program ever had a socket.
    pub sockets: bool,
}

impl Vm {
    /// A machine for one run of a program.
    pub fn new(unit: Arc<Unit>, setup: Setup) -> Vm {
        let constants = unit.constants.iter().map(constant).collect();
        let globals = unit
            .globals
            .iter()
            .map(|name| match name.strip_prefix(super::compile::HIDDEN) {
                Some(name) => {
                    let code = unit.prelude.iter().find(|(other, _)| &**other == name).map(|(_, code)| *code);
                    match code {
                        Some(code) => prelude_value(&unit, code),
                        None => super::builtins::internal(name).unwrap_or(Value::Unbound),
                    }
                }
                None => super::builtins::find(name).unwrap_or(Value::Unbound),
            })
            .collect();
        let world = Rc::new(World::default());
        *world.files.borrow_mut() = setup.files.clone();
        let Limits { memory, recursion, .. } = setup.limits;
        Vm {
            sites: vec![None; unit.sites.len()],
            constants,
            globals,
            world,
            events: VecDeque::new(),
            stdout: String::new(),
            printed: 0,
            inputs: 0,
            statements: 0,
            quantum: 0,
            task: 0,
            tracing: true,
            default_timeout: None,
            threads: 0,
            thread_of: Vec::new(),
            taken: 0,
            look_at: (memory / 2).max(1 << 16) as usize,
            watched: Vec::new(),
            recursion,
            identities: Vec::new(),
            serial: 0,
            sockets: false,
            unit,
            setup,
        }
    }

    /// A function of the prelude.
    pub fn prelude(&self, name: &str) -> Value {
        let code = self.unit.prelude.iter().find(|(other, _)| &**other == name).map(|(_, code)| *code);
        prelude_value(&self.unit, code.expect("natives name functions that the prelude has"))
    }

    /// Goes on in a function of the prelude.
    pub fn invoke(&self, name: &str, positional: Vec<Value>) -> Stop {
        Stop::Invoke(Box::new(Invoke { function: self.prelude(name), positional, keywords: Vec::new() }))
    }

    /// Fails if an allocation of so many bytes alone would pass the memory limit.
    pub fn room(&self, bytes: usize) -> Answer<()> {
        if bytes as u64 > self.setup.limits.memory {
            Err(Stop::Limit("memory", self.setup.limits.memory))
        } else {
            Ok(())
        }
    }

    /// The next number of a socket or thread.
    pub fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Notes that memory was taken.
    #[inline]
    pub fn charge(&mut self, bytes: usize) {
        self.taken += bytes;
    }

    /// Puts text on one of the outputs.
    pub fn print(&mut self, text: String, error: bool) -> Answer<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.printed += text.len() as u64;
        if self.printed > self.setup.limits.output {
            return Err(Stop::Limit("output", self.setup.limits.output));
        }
        if !error {
            self.stdout.push_str(&text);
        }
        let task = self.task;
        self.events.push_back(Event::Printed { task, text, error });
        Ok(())
    }
}

fn prelude_value(unit: &Unit, code: usize) -> Value {
    let name = unit.codes[code].name.clone();
    // Defaults of prelude functions are constants that their code handles itself.
    Value::Function(Rc::new(super::value::object::Function { name, code, defaults: Vec::new(), cells: Vec::new() }))
}

fn constant(constant: &Constant) -> Value {
    match constant {
        Constant::Unbound => Value::Unbound,
        Constant::None => Value::None,
        Constant::Ellipsis => Value::Ellipsis,
        Constant::Bool(value) => Value::Bool(*value),
        Constant::Int(value) => Value::Int(*value),
        Constant::Big(value) => Value::big(value.clone()),
        Constant::Float(value) => Value::Float(*value),
        Constant::Str(text) => Value::str(&**text),
        Constant::Bytes(bytes) => Value::bytes(bytes.to_vec()),
        Constant::Tuple(items) => Value::tuple(items.iter().map(self::constant).collect()),
    }
}
