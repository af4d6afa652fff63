//! The Python subset: parse, check, compile, run. It knows of the outside only [`Call`] and
//! [`Outcome`](crate::socket::Outcome); it owns no clock and no socket.
//!
//! ```
//! use sockscope_core::program::{Interpreter, Setup, Step, compile};
//! let program = compile("print(f'{6 * 7}')").expect("it is inside the subset");
//! let mut interpreter = Interpreter::new(program, Setup::default());
//! while !matches!(interpreter.step(), Step::Finished) {}
//! assert_eq!(interpreter.stdout(), "42\n");
//! ```

mod builtins;
mod check;
mod code;
mod compile;
mod event;
mod facts;
mod format;
mod methods;
mod modules;
mod refusal;
mod value;
mod vm;

pub use event::{Event, Source};
pub use facts::{Fact, evaluate};
pub use refusal::Refusal;
pub use vm::schedule::Interpreter;

use crate::address::Table;
use crate::socket::{Call, TaskId};
use crate::stream::Data;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// A program: parsed, checked and compiled. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Program {
    unit: Arc<code::Unit>,
}

/// Parses, checks and compiles a program, or says where it lies outside the subset.
pub fn compile(source: &str) -> Result<Program, Vec<Refusal>> {
    compile::module(source).map(|unit| Program { unit: Arc::new(unit) })
}

/// What a program may use up. Passing one ends its host with [`Event::LimitPassed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Statements that may run.
    pub statements: u64,
    /// Bytes that its values may take.
    pub memory: u64,
    /// Calls inside each other; one more is Python's `RecursionError`.
    pub recursion: u32,
    /// Bytes it may print.
    pub output: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { statements: 10_000_000, memory: 64 << 20, recursion: 1000, output: 1 << 20 }
    }
}

/// The host a program runs on.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Its name.
    pub name: Arc<str>,
    /// Its address.
    pub address: Ipv4Addr,
    /// Every host of the scenario.
    pub names: BTreeMap<String, Ipv4Addr>,
    /// What `input()` returns, a line each.
    pub stdin: Vec<String>,
    /// Its files.
    pub files: BTreeMap<String, Data>,
    /// The table that answers `getservbyname`: a machine's own, or the built-in one.
    pub services: Option<Arc<Table>>,
    /// What it may use up.
    pub limits: Limits,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            name: "host".into(),
            address: Ipv4Addr::LOCALHOST,
            names: BTreeMap::new(),
            stdin: Vec::new(),
            files: BTreeMap::new(),
            services: None,
            limits: Limits::default(),
        }
    }
}

/// How far [`Interpreter::step`] came.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A statement boundary was passed; its line event is queued.
    Statement {
        /// By which task.
        task: TaskId,
    },
    /// A task asks the system. Answer with [`Interpreter::resume`]; other tasks can still step.
    Call {
        /// Which task.
        task: TaskId,
        /// The line it is on.
        line: u32,
        /// What it asks.
        call: Call,
    },
    /// Every task waits for an outcome.
    Waiting,
    /// The program has ended.
    Finished,
}
