//! What memory is still in use, and cycles that nobody can reach any more. Counting references frees everything else.

use super::Vm;
use super::after::After;
use super::frame::{Back, State, Task};
use crate::program::value::dict::Dict;
use crate::program::value::set::Set;
use crate::program::value::{List, Shared, Value};
use std::collections::HashSet;
use std::rc::{Rc, Weak};

/// A container that got a reference to another container after it was made: only such can close a cycle.
pub enum Watched {
    /// A list.
    List(Weak<List>),
    /// A dict.
    Dict(Weak<Dict>),
    /// A set.
    Set(Weak<Set>),
    /// A variable that functions share.
    Shared(Weak<Shared>),
}

impl Watched {
    /// The container, if anybody still holds it.
    fn value(&self) -> Option<Value> {
        Some(match self {
            Watched::List(weak) => Value::List(weak.upgrade()?),
            Watched::Dict(weak) => Value::Dict(weak.upgrade()?),
            Watched::Set(weak) => Value::Set(weak.upgrade()?),
            Watched::Shared(weak) => Value::Shared(weak.upgrade()?),
        })
    }
}

impl Vm {
    /// Notes a container that is being changed, if what goes in may close a cycle.
    pub fn adopt(&mut self, container: &Value, items: &[Value]) {
        if items.iter().any(Value::is_container) {
            self.watch(container);
        }
    }

    /// Notes a container that may be part of a cycle.
    pub fn watch(&mut self, container: &Value) {
        let watched = match container {
            Value::List(list) if !list.watched.replace(true) => Watched::List(Rc::downgrade(list)),
            Value::Dict(dict) if !dict.watched.replace(true) => Watched::Dict(Rc::downgrade(dict)),
            Value::Set(set) if !set.watched.replace(true) => Watched::Set(Rc::downgrade(set)),
            Value::Shared(shared) if !shared.watched.replace(true) => Watched::Shared(Rc::downgrade(shared)),
            _ => return,
        };
        self.taken += 32;
        self.watched.push(watched);
    }

    /// Frees cycles that no task reaches and says how many bytes are in use. Sets when to look again.
    pub fn look(&mut self, tasks: &[Task]) -> u64 {
        let mut seen: HashSet<usize> = HashSet::new();
        let mut work: Vec<Value> = Vec::new();
        let mut bytes = 0u64;
        {
            let mut root = |value: &Value| {
                bytes += 16;
                if value.address().is_some() {
                    work.push(value.clone());
                }
            };
            self.globals.iter().for_each(&mut root);
            self.constants.iter().chain(&self.identities).for_each(&mut root);
            self.thread_of.iter().for_each(|(_, thread)| root(thread));
            for task in tasks {
                task.stack.iter().for_each(&mut root);
                task.handling.iter().for_each(|exception| root(&Value::Exception(exception.clone())));
                for frame in &task.frames {
                    if let Back::Next { default: Some(default), .. } = &frame.back {
                        root(default);
                    }
                    if let Some(generator) = &frame.generator {
                        root(&Value::Generator(generator.clone()));
                    }
                }
                match &task.state {
                    State::Waiting { after, .. } => after_values(after, &mut root),
                    State::Parked(super::Park::Join(value) | super::Park::Lock(value) | super::Park::Event(value)) => {
                        root(value);
                    }
                    _ => {}
                }
            }
        }
        while let Some(value) = work.pop() {
            let Some(address) = value.address() else { continue };
            if !seen.insert(address) {
                continue;
            }
            bytes += value.weight() as u64;
            value.each_child(&mut |child| {
                if child.address().is_some_and(|address| !seen.contains(&address)) {
                    work.push(child.clone());
                }
            });
        }
        let watched = std::mem::take(&mut self.watched);
        let mut garbage = Vec::new();
        for entry in watched {
            let Some(value) = entry.value() else { continue };
            if value.address().is_some_and(|address| seen.contains(&address)) {
                self.watched.push(entry);
            } else {
                garbage.push(value);
            }
        }
        garbage.iter().for_each(empty);
        self.taken = 0;
        let limit = self.setup.limits.memory;
        self.look_at = (limit.saturating_sub(bytes) / 2).max(1 << 16) as usize;
        bytes
    }

    /// Takes every container apart that may be part of a cycle, at the end of a run.
    pub fn forget(&mut self) {
        self.globals.clear();
        self.thread_of.clear();
        self.identities.clear();
        for entry in std::mem::take(&mut self.watched) {
            if let Some(value) = entry.value() {
                empty(&value);
            }
        }
    }
}

fn empty(value: &Value) {
    match value {
        Value::List(list) => drop(list.items.take()),
        Value::Dict(dict) => drop(dict.take()),
        Value::Set(set) => drop(set.take()),
        Value::Shared(shared) => drop(shared.value.take()),
        _ => {}
    }
}

fn after_values(after: &After, root: &mut dyn FnMut(&Value)) {
    match after {
        After::Into(value) | After::FromInto(value) | After::Remember(value, _) | After::Already(value) => root(value),
        After::Ready(read, write, except) => {
            read.iter().chain(write).chain(except).for_each(|(_, value)| root(value));
        }
        _ => {}
    }
}
