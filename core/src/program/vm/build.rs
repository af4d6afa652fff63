//! Instructions that make containers, functions and shared variables out of registers.

use super::frame::Task;
use super::{Answer, Vm};
use crate::program::code::{Op, Place, Slot, Unit};
use crate::program::value::dict::Dict;
use crate::program::value::object::{Function, Slice};
use crate::program::value::set::Set;
use crate::program::value::{Shared, Value};
use std::rc::Rc;

impl Vm {
    /// One such instruction. None of them waits for anything.
    pub fn build(&mut self, unit: &Unit, task: &mut Task, base: usize, op: Op) -> Answer<()> {
        let (to, value) = match op {
            Op::MakeList { to, at, count } => {
                let items = take_registers(task, base, at, count);
                self.charge(64 + 16 * items.len());
                (to, Value::list(items))
            }
            Op::MakeTuple { to, at, count } => {
                let items = take_registers(task, base, at, count);
                self.charge(40 + 16 * items.len());
                (to, Value::tuple(items))
            }
            Op::MakeSet { to, at, count } => {
                let items = take_registers(task, base, at, count);
                self.charge(300 + 48 * items.len());
                (to, Value::Set(Rc::new(Set::of(items, false)?)))
            }
            Op::MakeDict { to, at, count } => {
                let mut items = take_registers(task, base, at, count * 2).into_iter();
                self.charge(150 + 64 * count as usize);
                let dict = Dict::default();
                while let (Some(key), Some(value)) = (items.next(), items.next()) {
                    dict.insert(key, value)?;
                }
                (to, Value::Dict(Rc::new(dict)))
            }
            Op::MakeSlice { to, at } => {
                let mut parts = take_registers(task, base, at, 3);
                let step = parts.pop().unwrap_or_default();
                let stop = parts.pop().unwrap_or_default();
                let start = parts.pop().unwrap_or_default();
                (to, Value::Slice(Rc::new(Slice { start, stop, step })))
            }
            Op::MakeString { to, at, count } => {
                let first = base + at as usize;
                let parts = &task.stack[first..first + count as usize];
                let length = parts.iter().filter_map(Value::as_str).map(str::len).sum();
                let mut text = String::with_capacity(length);
                parts.iter().filter_map(Value::as_str).for_each(|part| text.push_str(part));
                self.charge(60 + length);
                self.room(length)?;
                (to, Value::str(text))
            }
            Op::ListToTuple { to, a } => match self.slot(unit, task, base, a)? {
                Value::List(list) => (to, Value::tuple(list.items.take())),
                other => (to, other),
            },
            Op::ListToSet { to, a } => {
                let source = self.slot(unit, task, base, a)?;
                let items = self.elements(&source)?;
                self.charge(300 + 48 * items.len());
                (to, Value::Set(Rc::new(Set::of(items, true)?.copy(false)?)))
            }
            Op::SetAdd { set, a } => {
                let value = self.slot(unit, task, base, a)?;
                self.charge(64);
                if let Value::Set(set) = self.slot(unit, task, base, set)? {
                    set.add(value)?;
                }
                return Ok(());
            }
            Op::DictPut { dict, key, value } => {
                let (key, value) = (self.slot(unit, task, base, key)?, self.slot(unit, task, base, value)?);
                self.charge(64);
                if let Value::Dict(dict) = self.slot(unit, task, base, dict)? {
                    dict.insert(key, value)?;
                }
                return Ok(());
            }
            Op::DictMerge { dict, a, call } => {
                let (target, source) = (self.slot(unit, task, base, dict)?, self.slot(unit, task, base, a)?);
                return self.merge(&target, &source, call);
            }
            Op::MakeFunction { to, at, index } => {
                let made = &unit.codes[index as usize];
                let first = base + at as usize;
                let defaults = task.stack[first..first + made.parameters.defaults.len()].to_vec();
                let cells = made.captures.iter().map(|(outer, _)| task.stack[base + *outer as usize].clone()).collect();
                self.charge(100);
                let function = Function { name: made.name.clone(), code: index as usize, defaults, cells };
                (to, Value::Function(Rc::new(function)))
            }
            Op::NewCell { register } => (Slot::register(register as usize), Value::Shared(Shared::new(Value::Unbound))),
            Op::WrapCell { register } => {
                let value = std::mem::take(&mut task.stack[base + register as usize]);
                (Slot::register(register as usize), Value::Shared(Shared::new(value)))
            }
            Op::StoreCell { cell, from } => {
                let value = match from.place() {
                    Place::Register(index) => std::mem::take(&mut task.stack[base + index]),
                    _ => self.slot(unit, task, base, from)?,
                };
                if let Value::Shared(shared) = &task.stack[base + cell as usize] {
                    let shared = shared.clone();
                    if value.is_container() {
                        self.watch(&Value::Shared(shared.clone()));
                    }
                    let old = shared.value.replace(value);
                    drop(old);
                }
                return Ok(());
            }
            Op::ClearCell { cell } | Op::DeleteCell { cell } => {
                let old = match &task.stack[base + cell as usize] {
                    Value::Shared(shared) => shared.value.take(),
                    _ => Value::Unbound,
                };
                if let (Value::Unbound, Op::DeleteCell { .. }) = (&old, op) {
                    return Err(self.unbound(unit, task, Slot::register(cell as usize)));
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        match to.place() {
            Place::Register(index) => task.stack[base + index] = value,
            Place::Global(index) => self.globals[index] = value,
            Place::Constant(_) => {}
        }
        Ok(())
    }

    /// The value of a slot, which must have one.
    fn slot(&mut self, unit: &Unit, task: &Task, base: usize, slot: Slot) -> Answer {
        let value = match slot.place() {
            Place::Register(index) => task.stack[base + index].clone(),
            Place::Constant(index) => self.constants[index].clone(),
            Place::Global(index) => self.globals[index].clone(),
        };
        if let Value::Unbound = value { Err(self.unbound(unit, task, slot)) } else { Ok(value) }
    }
}

fn take_registers(task: &mut Task, base: usize, at: u16, count: u16) -> Vec<Value> {
    let first = base + at as usize;
    task.stack[first..first + count as usize].iter_mut().map(std::mem::take).collect()
}

/// Lets go of registers whose values a call has used.
pub fn clear_registers(task: &mut Task, first: usize, count: usize) {
    task.stack[first..first + count].fill(Value::Unbound);
}
