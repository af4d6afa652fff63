//! One task of a host: its registers, its frames, and what it waits for.

use super::Park;
use super::after::After;
use crate::program::code::Slot;
use crate::program::value::Value;
use crate::program::value::exception::Exception;
use crate::program::value::object::Generator;
use crate::socket::TaskId;
use std::rc::Rc;

/// One activation of a function.
pub struct Frame {
    /// Which code.
    pub code: usize,
    /// The next instruction.
    pub next: usize,
    /// Its first register.
    pub base: usize,
    /// What becomes of its value.
    pub back: Back,
    /// How many exceptions were being handled when it began.
    pub handling: usize,
    /// The generator it is an activation of.
    pub generator: Option<Rc<Generator>>,
}

/// What becomes of a value that arrives later.
#[derive(Clone)]
pub enum Back {
    /// Into a slot of the frame below.
    To(Slot),
    /// Nobody wants it.
    Discard,
    /// The next element of a loop; without one, on to `over`.
    Element { to: Slot, over: u32 },
    /// `next(generator)`: without a value, the default or `StopIteration`.
    Next { to: Slot, default: Option<Value> },
    /// Into a register (relative to the frame below), and the instruction is done again.
    Again { register: usize },
    /// Nobody wants it, and the instruction is done again.
    Redo,
}

/// Whether a task can run.
pub enum State {
    /// It can.
    Ready,
    /// It asked the system something.
    Waiting { after: After, back: Back },
    /// It rests until something holds.
    Parked(Park),
    /// It ended.
    Done,
}

/// One task.
pub struct Task {
    /// Its number; 0 is the main one.
    pub id: TaskId,
    /// Registers of all frames.
    pub stack: Vec<Value>,
    /// Innermost last.
    pub frames: Vec<Frame>,
    /// Exceptions being handled, innermost last.
    pub handling: Vec<Rc<Exception>>,
    /// Whether it can run.
    pub state: State,
    /// The thread object; the main task has none.
    pub thread: Option<Value>,
    /// What came of an outcome, if it was not simply to go on.
    pub pending: Option<super::run::Boundary>,
}

impl Task {
    /// A task that has nothing to do yet.
    pub fn new(id: TaskId, thread: Option<Value>) -> Task {
        Task {
            id,
            stack: Vec::new(),
            frames: Vec::new(),
            handling: Vec::new(),
            state: State::Ready,
            thread,
            pending: None,
        }
    }

    /// Whether the program ends without waiting for it.
    pub fn is_daemon(&self) -> bool {
        match &self.thread {
            Some(Value::Object(object)) => match &**object {
                crate::program::value::object::Object::Thread(thread) => thread.daemon.get(),
                _ => false,
            },
            _ => false,
        }
    }

    /// Ends the innermost frame and empties its registers.
    pub fn pop(&mut self, registers: impl Fn(usize) -> usize) -> Option<Frame> {
        let frame = self.frames.pop()?;
        self.handling.truncate(frame.handling);
        self.stack.truncate(frame.base);
        if let Some(below) = self.frames.last() {
            let top = below.base + registers(below.code);
            if self.stack.len() < top {
                self.stack.resize(top, Value::Unbound);
            }
        }
        Some(frame)
    }
}
