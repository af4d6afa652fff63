//! What follows when an instruction gave no value: an exception, a call to the system, a function to run first.

use super::build::clear_registers;
use super::frame::{Back, Frame, State, Task};
use super::run::Boundary;
use super::{Answer, Invoke, Stop, Vm, type_error};
use crate::program::code::{Op, Unit};
use crate::program::value::Value;
use crate::program::value::object::Object;

impl Vm {
    /// What follows when an instruction did not give a value; `None`: go on with the innermost frame.
    pub fn stopped(&mut self, unit: &Unit, task: &mut Task, next: usize, stop: Stop, back: Back) -> Option<Boundary> {
        if let Some(frame) = task.frames.last_mut() {
            frame.next = next;
        }
        if let Stop::Call(_) | Stop::Start(_) | Stop::Next(_) | Stop::Invoke(_) = &stop
            && !matches!(back, Back::Redo | Back::Again { .. })
        {
            release_arguments(unit, task);
        }
        match stop {
            Stop::Raise(exception) => {
                if self.unwind(unit, task, &exception, false) {
                    None
                } else {
                    Some(Boundary::Ended(Err(exception)))
                }
            }
            Stop::Call(request) => {
                let (call, after) = *request;
                task.state = State::Waiting { after, back };
                Some(Boundary::Call(call))
            }
            Stop::Limit(limit, value) => Some(Boundary::Limit(limit, value)),
            Stop::Park(park) => {
                if let Some(frame) = task.frames.last_mut() {
                    frame.next = next - 1;
                }
                task.state = State::Parked(park);
                Some(Boundary::Parked)
            }
            Stop::Start(thread) => {
                // `deliver` cannot fail for a plain value.
                let _ = self.deliver(task, back, Value::None);
                Some(Boundary::Start(thread))
            }
            Stop::Next(request) => {
                let (generator, default) = *request;
                let Value::Generator(generator) = generator else { return None };
                let back = match back {
                    Back::To(to) => Back::Next { to, default },
                    other => other,
                };
                match self.wake(unit, task, &generator, back) {
                    Ok(()) => None,
                    Err(stop) => self.stopped(unit, task, next, stop, Back::Discard),
                }
            }
            Stop::Before(invoke) => self.stopped(unit, task, next, Stop::Invoke(invoke), Back::Redo),
            Stop::Invoke(invoke) => {
                let Invoke { function, positional, keywords } = *invoke;
                match function {
                    Value::Function(function) => match self.enter(unit, task, &function, positional, keywords, back) {
                        Ok(()) => None,
                        Err(stop) => self.stopped(unit, task, next, stop, Back::Discard),
                    },
                    other => match self.call(other, positional, keywords) {
                        Ok(value) => match self.deliver(task, back, value) {
                            Ok(()) => None,
                            Err(stop) => self.stopped(unit, task, next, stop, Back::Discard),
                        },
                        Err(stop) => self.stopped(unit, task, next, stop, back),
                    },
                }
            }
        }
    }

    /// An outcome has come: the waiting task goes on with its value, or with an exception.
    pub fn resume(&mut self, unit: &Unit, task: &mut Task, outcome: crate::socket::Outcome) -> Option<Boundary> {
        let State::Waiting { after, back } = std::mem::replace(&mut task.state, State::Ready) else { return None };
        self.task = task.id;
        let next = |task: &Task| task.frames.last().map_or(0, |frame| frame.next);
        let answer = match after.value(self, outcome) {
            Ok(value) => {
                self.charge(value.weight());
                self.deliver(task, back, value)
            }
            // It asks once more before the program goes on.
            Err(stop @ Stop::Call(_)) => return self.stopped(unit, task, next(task), stop, back),
            Err(stop) => Err(stop),
        };
        match answer {
            Ok(()) => None,
            Err(stop) => self.stopped(unit, task, next(task), stop, Back::Discard),
        }
    }

    /// Begins a task with a function.
    pub fn begin(&mut self, unit: &Unit, task: &mut Task, code: usize) {
        task.stack.resize(unit.codes[code].registers, Value::Unbound);
        task.frames.push(Frame { code, next: 0, base: 0, back: Back::Discard, handling: 0, generator: None });
    }

    /// What `with` does first.
    pub fn enter_manager(&mut self, manager: &Value) -> Answer {
        match manager {
            Value::Object(object) => match &**object {
                Object::Lock(_) => {
                    crate::program::modules::threading::acquire(self, manager)?;
                    Ok(Value::Bool(true))
                }
                Object::File(_) | Object::SocketFile(_) | Object::Socket(_) => Ok(manager.clone()),
                _ => Err(not_a_manager(manager)),
            },
            _ => Err(not_a_manager(manager)),
        }
    }

    /// What `with` does last.
    pub fn exit_manager(&mut self, manager: &Value) -> Answer<()> {
        let Value::Object(object) = manager else { return Ok(()) };
        let name = if let Object::Lock(_) = &**object { "release" } else { "close" };
        match crate::program::methods::find(object.kind(), name) {
            Some(native) => self.call_native(native, manager, &[], &[]).map(|_| ()),
            None => Ok(()),
        }
    }
}

/// Lets go of what stands in the registers of a call that is under way: nothing of it is needed again.
fn release_arguments(unit: &Unit, task: &mut Task) {
    let Some(frame) = task.frames.last() else { return };
    let (at, count) = match unit.codes[frame.code].ops.get(frame.next.wrapping_sub(1)) {
        Some(Op::Call { at, count, .. }) => (*at, *count as usize),
        Some(Op::CallSite { at, site, .. } | Op::CallMethod { at, site, .. }) => {
            let site = &unit.sites[*site as usize];
            (*at, site.positional as usize + site.keywords.len())
        }
        Some(Op::CallSpread { at, .. }) => (*at, 2),
        _ => return,
    };
    let first = frame.base + at as usize;
    if first + count < task.stack.len() {
        clear_registers(task, first, count + 1);
    }
}

fn not_a_manager(value: &Value) -> Stop {
    let name = value.kind().qualified();
    type_error(format!("'{name}' object does not support the context manager protocol"))
}
