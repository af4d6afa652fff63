//! What an exception does: find the handler, or end the frames on its way up.

use super::frame::{Back, Task};
use super::{Stop, Vm};
use crate::program::code::Unit;
use crate::program::event::Event;
use crate::program::value::Value;
use crate::program::value::exception::Exception;
use crate::program::value::object::Suspended;
use crate::program::value::types::Type;
use std::rc::Rc;

impl Vm {
    /// Goes to the innermost handler. `false`: there is none, the task has no frames any more.
    ///
    /// `again` is set where a caught exception goes on: the frame is in its trace already.
    pub fn unwind(&mut self, unit: &Unit, task: &mut Task, exception: &Rc<Exception>, mut again: bool) -> bool {
        self.announce(unit, task, exception);
        if !again {
            link_context(task, exception);
        }
        while let Some(frame) = task.frames.last_mut() {
            let at = frame.next.saturating_sub(1);
            if !std::mem::take(&mut again) {
                exception.trace.borrow_mut().push((frame.code, at));
            }
            let code = &unit.codes[frame.code];
            let covers =
                |handler: &&crate::program::code::Handler| (handler.start as usize..handler.end as usize).contains(&at);
            if let Some(handler) = code.handlers.iter().find(covers) {
                frame.next = handler.target as usize;
                let register = frame.base + handler.register as usize;
                task.handling.truncate(frame.handling + handler.depth as usize);
                task.handling.push(exception.clone());
                task.stack[register] = Value::Exception(exception.clone());
                return true;
            }
            if let Some(frame) = task.pop(|code| unit.codes[code].registers)
                && let Some(generator) = &frame.generator
            {
                *generator.state.borrow_mut() = Suspended::Finished;
            }
        }
        false
    }

    fn announce(&mut self, unit: &Unit, task: &Task, exception: &Rc<Exception>) {
        // What ends an iteration is no news.
        if exception.announced.replace(true) || matches!(exception.kind, Type::StopIteration | Type::GeneratorExit) {
            return;
        }
        let line = self.line(unit, task);
        self.events.push_back(Event::Raised {
            task: task.id,
            line,
            exception: exception.kind.qualified(),
            message: exception.text(),
        });
    }

    /// The line that a task is on, in the program's own text.
    pub fn line(&self, unit: &Unit, task: &Task) -> u32 {
        let visible = task.frames.iter().rev().find(|frame| !unit.codes[frame.code].hidden);
        visible.map_or(0, |frame| {
            let (start, _) = unit.codes[frame.code].spans[frame.next.saturating_sub(1)];
            unit.line(start)
        })
    }

    /// A value for whoever asked the frame that has just ended or rested.
    pub fn deliver(&mut self, task: &mut Task, back: Back, value: Value) -> Result<(), Stop> {
        let Some(frame) = task.frames.last_mut() else { return Ok(()) };
        match back {
            Back::To(slot) | Back::Element { to: slot, .. } | Back::Next { to: slot, .. } => match slot.place() {
                crate::program::code::Place::Register(index) => task.stack[frame.base + index] = value,
                crate::program::code::Place::Global(index) => self.globals[index] = value,
                crate::program::code::Place::Constant(_) => {}
            },
            Back::Discard => {}
            Back::Redo => frame.next -= 1,
            Back::Again { register } => {
                task.stack[frame.base + register] = value;
                frame.next -= 1;
            }
        }
        Ok(())
    }

    /// The end of a generator, told to whoever asked it.
    pub fn exhausted(&mut self, task: &mut Task, back: Back, value: Value) -> Result<(), Stop> {
        match back {
            Back::Element { over, .. } => {
                if let Some(frame) = task.frames.last_mut() {
                    frame.next = over as usize;
                }
                Ok(())
            }
            Back::Next { to, default: Some(default) } => self.deliver(task, Back::To(to), default),
            Back::Next { default: None, .. } => Err(Stop::Raise(Exception::new(Type::StopIteration, Vec::new()))),
            other => self.deliver(task, other, value),
        }
    }
}

/// Notes what was being handled when the exception came.
fn link_context(task: &Task, exception: &Rc<Exception>) {
    let Some(handled) = task.handling.last() else { return };
    if Rc::ptr_eq(handled, exception) || !matches!(*exception.context.borrow(), Value::None) {
        return;
    }
    // A chain that already leads here would become a ring.
    let mut link = handled.clone();
    for _ in 0..1000 {
        let next = match &*link.context.borrow() {
            Value::Exception(next) => next.clone(),
            _ => {
                *exception.context.borrow_mut() = Value::Exception(handled.clone());
                return;
            }
        };
        if Rc::ptr_eq(&next, exception) {
            return;
        }
        link = next;
    }
}
