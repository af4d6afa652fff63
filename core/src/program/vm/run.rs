//! The loop that runs instructions until the next boundary.

use super::frame::{Back, Frame, State, Task};
use super::{Stop, Vm};
use crate::program::code::{Op, Place, Slot, Unary, Unit};
use crate::program::event::Event;
use crate::program::value::exception::Exception;
use crate::program::value::iterator::Iterator;
use crate::program::value::object::{Function, Object, Slice, Suspended};
use crate::program::value::repr::short_repr;
use crate::program::value::set::Set;
use crate::program::value::{Shared, Value, number};
use crate::socket::Call;
use std::rc::Rc;

/// How many characters of a value are told.
const SHOWN: usize = 120;

/// Statements a task may run before another one has its turn.
const QUANTUM: u32 = 100;

/// Why the loop came back.
pub enum Boundary {
    /// A statement begins.
    Statement,
    /// The task asks the system.
    Call(Call),
    /// The task rests.
    Parked,
    /// Others should have their turn.
    Turn,
    /// A thread begins.
    Start(Value),
    /// It is time to see what memory is still in use.
    Look,
    /// The task has ended: with a value or an exception nobody caught.
    Ended(Result<Value, Rc<Exception>>),
    /// A limit was passed.
    Limit(&'static str, u64),
}

macro_rules! get {
    ($self:ident, $task:ident, $base:ident, $slot:expr) => {
        match $slot.place() {
            Place::Register(index) => &$task.stack[$base + index],
            Place::Constant(index) => &$self.constants[index],
            Place::Global(index) => &$self.globals[index],
        }
    };
}

macro_rules! put {
    ($self:ident, $task:ident, $base:ident, $slot:expr, $value:expr) => {{
        let value = $value;
        match $slot.place() {
            Place::Register(index) => $task.stack[$base + index] = value,
            Place::Global(index) => $self.globals[index] = value,
            Place::Constant(_) => {}
        }
    }};
}

impl Vm {
    /// Runs a task that is ready until it comes to a boundary.
    pub fn run(&mut self, unit: &Unit, task: &mut Task) -> Boundary {
        self.task = task.id;
        let mut quantum = QUANTUM;
        'frame: loop {
            let Some(frame) = task.frames.last() else { return Boundary::Ended(Ok(Value::None)) };
            let code = &unit.codes[frame.code];
            let ops = code.ops.as_slice();
            let base = frame.base;
            let mut next = frame.next;

            macro_rules! stop {
                ($stop:expr, $back:expr) => {{
                    let (stop, back) = ($stop, $back);
                    match self.stopped(unit, task, next, stop, back) {
                        Some(boundary) => return boundary,
                        None => continue 'frame,
                    }
                }};
            }
            macro_rules! attempt {
                ($answer:expr, $back:expr) => {
                    match $answer {
                        Ok(value) => value,
                        Err(stop) => stop!(stop, $back),
                    }
                };
            }
            // The value of a slot that must have one.
            macro_rules! read {
                ($slot:expr) => {{
                    if let Value::Unbound = get!(self, task, base, $slot) {
                        stop!(self.unbound(unit, task, $slot), Back::Discard);
                    }
                    get!(self, task, base, $slot)
                }};
            }
            macro_rules! arithmetic {
                ($operator:ident, $checked:ident, $to:ident, $a:ident, $b:ident, $float:tt) => {{
                    let result = match (get!(self, task, base, $a), get!(self, task, base, $b)) {
                        (Value::Int(x), Value::Int(y)) => x.$checked(*y).map(Value::Int),
                        (Value::Float(x), Value::Float(y)) => Some(Value::Float(x $float y)),
                        _ => None,
                    };
                    let value = match result {
                        Some(value) => value,
                        None => {
                            let (x, y) = (read!($a).clone(), read!($b).clone());
                            attempt!(self.binary(crate::program::code::Binary::$operator, &x, &y), Back::To($to))
                        }
                    };
                    put!(self, task, base, $to, value);
                }};
            }

            loop {
                let op = ops[next];
                next += 1;
                match op {
                    Op::Line(line) => {
                        task.frames.last_mut().expect("a frame is running").next = next;
                        if let Some(fd) = self.orphan() {
                            task.frames.last_mut().expect("a frame is running").next = next - 1;
                            task.state = State::Waiting { after: super::after::After::Ignore, back: Back::Discard };
                            return Boundary::Call(Call::Close { fd });
                        }
                        self.statements += 1;
                        if self.statements > self.setup.limits.statements {
                            return Boundary::Limit("statements", self.setup.limits.statements);
                        }
                        if self.taken > self.look_at {
                            self.statements -= 1;
                            task.frames.last_mut().expect("a frame is running").next = next - 1;
                            return Boundary::Look;
                        }
                        if self.tracing {
                            let depth = task.frames.len() as u32 - 1;
                            self.events.push_back(Event::Line { task: task.id, line, depth });
                            return Boundary::Statement;
                        }
                        quantum -= 1;
                        if quantum == 0 {
                            return Boundary::Turn;
                        }
                    }
                    Op::Turn => {
                        self.statements += 1;
                        if self.statements > self.setup.limits.statements {
                            return Boundary::Limit("statements", self.setup.limits.statements);
                        }
                        if self.taken > self.look_at {
                            task.frames.last_mut().expect("a frame is running").next = next;
                            return Boundary::Look;
                        }
                    }
                    Op::Assigned { slot, name } => {
                        if self.tracing {
                            let scope = (base > 0 || task.frames.len() > 1).then(|| code.name.clone());
                            let value = get!(self, task, base, slot);
                            let value = match value {
                                Value::Shared(shared) => short_repr(&shared.value.borrow(), SHOWN),
                                other => short_repr(other, SHOWN),
                            };
                            let name = unit.names[name as usize].clone();
                            self.events.push_back(Event::Assigned { task: task.id, scope, name, value });
                        }
                    }
                    Op::Move { to, from } => {
                        let value = read!(from).clone();
                        put!(self, task, base, to, value);
                    }
                    Op::Take { to, from } => {
                        let value = match from.place() {
                            Place::Register(index) => std::mem::take(&mut task.stack[base + index]),
                            _ => read!(from).clone(),
                        };
                        put!(self, task, base, to, value);
                    }
                    Op::Add { to, a, b } => arithmetic!(Add, checked_add, to, a, b, +),
                    Op::Subtract { to, a, b } => arithmetic!(Subtract, checked_sub, to, a, b, -),
                    Op::Multiply { to, a, b } => arithmetic!(Multiply, checked_mul, to, a, b, *),
                    Op::Binary { operator, to, a, b } => {
                        let fast = match (get!(self, task, base, a), get!(self, task, base, b)) {
                            (Value::Int(x), Value::Int(y)) => super::operate::quick(operator, *x, *y),
                            _ => None,
                        };
                        let value = match fast {
                            Some(value) => value,
                            None => {
                                let (x, y) = (read!(a).clone(), read!(b).clone());
                                attempt!(self.binary(operator, &x, &y), Back::To(to))
                            }
                        };
                        put!(self, task, base, to, value);
                    }
                    Op::InPlace { operator, to, a, b } => {
                        let fast = match (get!(self, task, base, a), get!(self, task, base, b)) {
                            (Value::Int(x), Value::Int(y)) => super::operate::quick(operator, *x, *y),
                            _ => None,
                        };
                        let value = match fast {
                            Some(value) => value,
                            None => {
                                read!(a);
                                let y = read!(b).clone();
                                // Where the variable is the only owner, texts and bytes grow without a copy.
                                let x = if to == a {
                                    match a.place() {
                                        Place::Register(index) => std::mem::take(&mut task.stack[base + index]),
                                        Place::Global(index) => std::mem::take(&mut self.globals[index]),
                                        Place::Constant(_) => read!(a).clone(),
                                    }
                                } else {
                                    read!(a).clone()
                                };
                                let (x, answer) = self.in_place(operator, x, &y);
                                if let Some(x) = x
                                    && to == a
                                {
                                    put!(self, task, base, a, x);
                                }
                                attempt!(answer, Back::To(to))
                            }
                        };
                        put!(self, task, base, to, value);
                    }
                    Op::Unary { operator, to, a } => {
                        let value = match (operator, read!(a)) {
                            (Unary::Not, value) => Value::Bool(!value.truth()),
                            (_, value) => attempt!(number::unary(operator, value), Back::To(to)),
                        };
                        put!(self, task, base, to, value);
                    }
                    Op::Compare { test, to, a, b } => {
                        let fast = match (get!(self, task, base, a), get!(self, task, base, b)) {
                            (Value::Int(x), Value::Int(y)) => super::operate::quick_test(test, *x, *y),
                            _ => None,
                        };
                        let value = match fast {
                            Some(value) => value,
                            None => {
                                let (x, y) = (read!(a).clone(), read!(b).clone());
                                attempt!(self.test(test, &x, &y), Back::To(to))
                            }
                        };
                        put!(self, task, base, to, Value::Bool(value));
                    }
                    Op::CompareJump { test, a, b } => {
                        let fast = match (get!(self, task, base, a), get!(self, task, base, b)) {
                            (Value::Int(x), Value::Int(y)) => super::operate::quick_test(test, *x, *y),
                            _ => None,
                        };
                        let holds = match fast {
                            Some(value) => value,
                            None => {
                                let (x, y) = (read!(a).clone(), read!(b).clone());
                                attempt!(self.test(test, &x, &y), Back::Discard)
                            }
                        };
                        if holds {
                            next += 1;
                        } else if let Op::Target(target) = ops[next] {
                            next = target as usize;
                        }
                    }
                    Op::Target(_) => {}
                    Op::Jump(target) => next = target as usize,
                    Op::JumpIfFalse { a, target } => {
                        if !read!(a).truth() {
                            next = target as usize;
                        }
                    }
                    Op::JumpIfTrue { a, target } => {
                        if read!(a).truth() {
                            next = target as usize;
                        }
                    }
                    Op::MakeList { to, at, count } => {
                        let items = take_registers(task, base, at, count);
                        self.charge(64 + 16 * items.len());
                        put!(self, task, base, to, Value::list(items));
                    }
                    Op::MakeTuple { to, at, count } => {
                        let items = take_registers(task, base, at, count);
                        self.charge(40 + 16 * items.len());
                        put!(self, task, base, to, Value::tuple(items));
                    }
                    Op::MakeSet { to, at, count } => {
                        let items = take_registers(task, base, at, count);
                        self.charge(300 + 48 * items.len());
                        let set = attempt!(Set::of(items, false), Back::Discard);
                        put!(self, task, base, to, Value::Set(Rc::new(set)));
                    }
                    Op::MakeDict { to, at, count } => {
                        let mut items = take_registers(task, base, at, count * 2).into_iter();
                        self.charge(150 + 64 * count as usize);
                        let dict = crate::program::value::dict::Dict::default();
                        while let (Some(key), Some(value)) = (items.next(), items.next()) {
                            attempt!(dict.insert(key, value), Back::Discard);
                        }
                        put!(self, task, base, to, Value::Dict(Rc::new(dict)));
                    }
                    Op::MakeSlice { to, at } => {
                        let mut parts = take_registers(task, base, at, 3);
                        let step = parts.pop().unwrap_or_default();
                        let stop = parts.pop().unwrap_or_default();
                        let start = parts.pop().unwrap_or_default();
                        put!(self, task, base, to, Value::Slice(Rc::new(Slice { start, stop, step })));
                    }
                    Op::MakeString { to, at, count } => {
                        let first = base + at as usize;
                        let parts = &task.stack[first..first + count as usize];
                        let length = parts.iter().filter_map(Value::as_str).map(str::len).sum();
                        let mut text = String::with_capacity(length);
                        parts.iter().filter_map(Value::as_str).for_each(|part| text.push_str(part));
                        self.charge(60 + length);
                        attempt!(self.room(length), Back::Discard);
                        put!(self, task, base, to, Value::str(text));
                    }
                    Op::Format { conversion, to, a, spec } => {
                        let value = read!(a).clone();
                        let spec = get!(self, task, base, spec).clone();
                        if self.sockets {
                            attempt!(
                                crate::program::modules::socket::need_ends(self, std::slice::from_ref(&value)),
                                Back::Discard
                            );
                        }
                        let text = attempt!(self.format_field(&value, conversion, &spec), Back::Discard);
                        put!(self, task, base, to, Value::str(text));
                    }
                    Op::Append { list, a } => {
                        let value = read!(a).clone();
                        if let Value::List(list) = get!(self, task, base, list) {
                            self.taken += 16;
                            list.items.borrow_mut().push(value);
                        }
                    }
                    Op::Extend { list, at } => {
                        let source = task.stack[base + at as usize].clone();
                        if let Value::Generator(_) = source {
                            stop!(self.invoke("_collect", vec![source]), Back::Again { register: at as usize });
                        }
                        let items = match self.elements(&source) {
                            Ok(items) => items,
                            Err(Stop::Raise(exception))
                                if Iterator::over(&source).is_none()
                                    && exception.kind == crate::program::value::types::Type::TypeError =>
                            {
                                stop!(
                                    super::type_error(format!(
                                        "Value after * must be an iterable, not {}",
                                        source.type_name()
                                    )),
                                    Back::Discard
                                )
                            }
                            Err(stop) => stop!(stop, Back::Discard),
                        };
                        self.charge(16 * items.len());
                        if let Value::List(list) = get!(self, task, base, list) {
                            list.items.borrow_mut().extend(items);
                        }
                    }
                    Op::SetAdd { set, a } => {
                        let value = read!(a).clone();
                        if let Value::Set(set) = get!(self, task, base, set) {
                            let set = set.clone();
                            self.charge(64);
                            attempt!(set.add(value), Back::Discard);
                        }
                    }
                    Op::DictPut { dict, key, value } => {
                        let (key, value) = (read!(key).clone(), read!(value).clone());
                        if let Value::Dict(dict) = get!(self, task, base, dict) {
                            let dict = dict.clone();
                            self.charge(64);
                            attempt!(dict.insert(key, value), Back::Discard);
                        }
                    }
                    Op::DictMerge { dict, a, call } => {
                        let source = read!(a).clone();
                        let target = get!(self, task, base, dict).clone();
                        attempt!(self.merge(&target, &source, call), Back::Discard);
                    }
                    Op::ListToTuple { to, a } => {
                        if let Value::List(list) = get!(self, task, base, a) {
                            let items = list.items.take();
                            put!(self, task, base, to, Value::tuple(items));
                        }
                    }
                    Op::ListToSet { to, a } => {
                        let items = attempt!(self.elements(&get!(self, task, base, a).clone()), Back::Discard);
                        self.charge(300 + 48 * items.len());
                        let frozen = attempt!(Set::of(items, true), Back::Discard);
                        let set = attempt!(frozen.copy(false), Back::Discard);
                        put!(self, task, base, to, Value::Set(Rc::new(set)));
                    }
                    Op::Attribute { to, a, name } => {
                        let value = read!(a).clone();
                        let value = attempt!(self.attribute(&value, &unit.names[name as usize]), Back::To(to));
                        put!(self, task, base, to, value);
                    }
                    Op::SetAttribute { a, name, value } => {
                        let (object, value) = (read!(a).clone(), read!(value).clone());
                        attempt!(self.set_attribute(&object, &unit.names[name as usize], value), Back::Discard);
                    }
                    Op::Index { to, a, b } => {
                        let fast = match (get!(self, task, base, a), get!(self, task, base, b)) {
                            (Value::List(list), Value::Int(at)) if *at >= 0 => {
                                list.items.borrow().get(*at as usize).cloned()
                            }
                            (Value::Tuple(tuple), Value::Int(at)) if *at >= 0 => tuple.items.get(*at as usize).cloned(),
                            (Value::Bytes(bytes), Value::Int(at)) if *at >= 0 => {
                                bytes.get(*at as usize).map(|byte| Value::Int((*byte).into()))
                            }
                            _ => None,
                        };
                        let value = match fast {
                            Some(value) => value,
                            None => {
                                let (x, y) = (read!(a).clone(), read!(b).clone());
                                attempt!(self.index(&x, &y), Back::To(to))
                            }
                        };
                        put!(self, task, base, to, value);
                    }
                    Op::SetIndex { a, b, value } => {
                        let value = read!(value).clone();
                        let (x, y) = (read!(a).clone(), read!(b).clone());
                        attempt!(self.set_index(&x, &y, value), Back::Discard);
                    }
                    Op::DeleteIndex { a, b } => {
                        let (x, y) = (read!(a).clone(), read!(b).clone());
                        attempt!(self.delete_index(&x, &y), Back::Discard);
                    }
                    Op::Call { to, at, count } => {
                        let callee = &task.stack[base + at as usize];
                        match callee {
                            Value::Function(function) => {
                                let function = function.clone();
                                task.frames.last_mut().expect("a frame is running").next = next;
                                attempt!(
                                    self.enter_window(
                                        unit,
                                        task,
                                        &function,
                                        base + at as usize,
                                        count as usize,
                                        Back::To(to)
                                    ),
                                    Back::To(to)
                                );
                                continue 'frame;
                            }
                            Value::Native(native) if !native.is_method() => {
                                let native = *native;
                                let first = base + at as usize + 1;
                                let answer = self.call_native(
                                    native,
                                    &Value::None,
                                    &task.stack[first..first + count as usize],
                                    &[],
                                );
                                let value = attempt!(answer, Back::To(to));
                                self.charge(value.weight());
                                clear_registers(task, base + at as usize, count as usize + 1);
                                put!(self, task, base, to, value);
                            }
                            other => {
                                let callee = other.clone();
                                let first = base + at as usize + 1;
                                let args = task.stack[first..first + count as usize].to_vec();
                                let value = attempt!(self.call(callee, args, Vec::new()), Back::To(to));
                                self.charge(value.weight());
                                clear_registers(task, base + at as usize, count as usize + 1);
                                put!(self, task, base, to, value);
                            }
                        }
                    }
                    Op::CallSite { to, at, site } => {
                        let site = &unit.sites[site as usize];
                        let first = base + at as usize;
                        let count = site.positional as usize + site.keywords.len();
                        let callee = task.stack[first].clone();
                        let positional = task.stack[first + 1..first + 1 + site.positional as usize].to_vec();
                        let values = &task.stack[first + 1 + site.positional as usize..first + 1 + count];
                        let keywords = site.keywords.iter().cloned().zip(values.iter().cloned()).collect();
                        let value = attempt!(self.call(callee, positional, keywords), Back::To(to));
                        self.charge(value.weight());
                        clear_registers(task, first, count + 1);
                        put!(self, task, base, to, value);
                    }
                    Op::CallMethod { to, at, site } => {
                        let number = site as usize;
                        let site = &unit.sites[number];
                        let first = base + at as usize;
                        let count = site.positional as usize + site.keywords.len();
                        let method = self.method(number, &task.stack[first], &unit.names[site.method as usize]);
                        let answer = match method {
                            Some(native) if site.keywords.is_empty() => {
                                let values = &task.stack[first..first + 1 + count];
                                self.call_native(native, &values[0], &values[1..], &[])
                            }
                            _ => {
                                let receiver = task.stack[first].clone();
                                let positional = task.stack[first + 1..first + 1 + site.positional as usize].to_vec();
                                let values = &task.stack[first + 1 + site.positional as usize..first + 1 + count];
                                let keywords: Vec<_> =
                                    site.keywords.iter().cloned().zip(values.iter().cloned()).collect();
                                match method {
                                    Some(native) => self.call_native(native, &receiver, &positional, &keywords),
                                    None => match self.attribute(&receiver, &unit.names[site.method as usize]) {
                                        Ok(callee) => self.call(callee, positional, keywords),
                                        Err(stop) => Err(stop),
                                    },
                                }
                            }
                        };
                        let value = attempt!(answer, Back::To(to));
                        self.charge(value.weight());
                        clear_registers(task, first, count + 1);
                        put!(self, task, base, to, value);
                    }
                    Op::CallSpread { to, at } => {
                        let first = base + at as usize;
                        let callee = task.stack[first].clone();
                        let positional = match &task.stack[first + 1] {
                            Value::List(list) => list.items.borrow().clone(),
                            _ => Vec::new(),
                        };
                        let keywords = match &task.stack[first + 2] {
                            Value::Dict(dict) => dict
                                .pairs()
                                .into_iter()
                                .filter_map(|(key, value)| Some((key.as_str()?.into(), value)))
                                .collect(),
                            _ => Vec::new(),
                        };
                        let value = attempt!(self.call(callee, positional, keywords), Back::To(to));
                        self.charge(value.weight());
                        clear_registers(task, first, 3);
                        put!(self, task, base, to, value);
                    }
                    Op::MakeFunction { to, at, index } => {
                        let made = &unit.codes[index as usize];
                        let first = base + at as usize;
                        let defaults = task.stack[first..first + made.parameters.defaults.len()].to_vec();
                        let cells =
                            made.captures.iter().map(|(outer, _)| task.stack[base + *outer as usize].clone()).collect();
                        self.charge(100);
                        let function = Function { name: made.name.clone(), code: index as usize, defaults, cells };
                        put!(self, task, base, to, Value::Function(Rc::new(function)));
                    }
                    Op::NewCell { register } => {
                        task.stack[base + register as usize] = Value::Shared(Shared::new(Value::Unbound));
                    }
                    Op::WrapCell { register } => {
                        let value = std::mem::take(&mut task.stack[base + register as usize]);
                        task.stack[base + register as usize] = Value::Shared(Shared::new(value));
                    }
                    Op::LoadCell { to, cell } => {
                        let value = match &task.stack[base + cell as usize] {
                            Value::Shared(shared) => shared.value.borrow().clone(),
                            _ => Value::Unbound,
                        };
                        if let Value::Unbound = value {
                            stop!(self.unbound(unit, task, Slot::register(cell as usize)), Back::Discard);
                        }
                        put!(self, task, base, to, value);
                    }
                    Op::StoreCell { cell, from } => {
                        let value = match from.place() {
                            Place::Register(index) => std::mem::take(&mut task.stack[base + index]),
                            _ => read!(from).clone(),
                        };
                        if let Value::Shared(shared) = &task.stack[base + cell as usize] {
                            let shared = shared.clone();
                            if value.is_container() {
                                self.watch(&Value::Shared(shared.clone()));
                            }
                            *shared.value.borrow_mut() = value;
                        }
                    }
                    Op::ClearCell { cell } => {
                        if let Value::Shared(shared) = &task.stack[base + cell as usize] {
                            let old = shared.value.take();
                            drop(old);
                        }
                    }
                    Op::DeleteCell { cell } => {
                        let old = match &task.stack[base + cell as usize] {
                            Value::Shared(shared) => shared.value.take(),
                            _ => Value::Unbound,
                        };
                        if let Value::Unbound = old {
                            stop!(self.unbound(unit, task, Slot::register(cell as usize)), Back::Discard);
                        }
                    }
                    Op::Delete { slot } => {
                        read!(slot);
                        put!(self, task, base, slot, Value::Unbound);
                    }
                    Op::Clear { register } => task.stack[base + register as usize] = Value::Unbound,
                    Op::ClearGlobal { index } => self.globals[index as usize] = Value::Unbound,
                    Op::Iterate { to, a } => {
                        let value = read!(a).clone();
                        let iterator = attempt!(self.iterate(&value), Back::To(to));
                        put!(self, task, base, to, iterator);
                    }
                    Op::Next { iterator, to } => {
                        let value = match &task.stack[base + iterator as usize] {
                            Value::Iterator(iterator) => iterator.next(),
                            Value::Generator(generator) => {
                                let generator = generator.clone();
                                let Op::Target(over) = ops[next] else { continue };
                                task.frames.last_mut().expect("a frame is running").next = next + 1;
                                let back = Back::Element { to, over };
                                attempt!(self.wake(unit, task, &generator, back), Back::Discard);
                                continue 'frame;
                            }
                            _ => Ok(None),
                        };
                        match attempt!(value, Back::To(to)) {
                            Some(value) => {
                                put!(self, task, base, to, value);
                                next += 1;
                            }
                            None => {
                                if let Op::Target(target) = ops[next] {
                                    next = target as usize;
                                }
                            }
                        }
                    }
                    Op::Unpack { a, at, count } => {
                        let source = std::mem::take(&mut task.stack[base + a as usize]);
                        if let Value::Generator(_) = source {
                            stop!(self.invoke("_collect", vec![source]), Back::Again { register: a as usize });
                        }
                        let items = attempt!(self.unpack(&source, count as usize), Back::Discard);
                        drop(source);
                        for (index, item) in items.into_iter().enumerate() {
                            task.stack[base + at as usize + index] = item;
                        }
                    }
                    Op::UnpackStar { a, at, before, after } => {
                        let source = std::mem::take(&mut task.stack[base + a as usize]);
                        if let Value::Generator(_) = source {
                            stop!(self.invoke("_collect", vec![source]), Back::Again { register: a as usize });
                        }
                        let items = attempt!(self.unpack_star(&source, before as usize, after as usize), Back::Discard);
                        for (index, item) in items.into_iter().enumerate() {
                            task.stack[base + at as usize + index] = item;
                        }
                    }
                    Op::Return { a } => {
                        let value = match a.place() {
                            Place::Register(index) => {
                                read!(a);
                                std::mem::take(&mut task.stack[base + index])
                            }
                            _ => read!(a).clone(),
                        };
                        let Some(frame) = task.pop(|code| unit.codes[code].registers) else {
                            return Boundary::Ended(Ok(value));
                        };
                        if task.frames.is_empty() {
                            return Boundary::Ended(Ok(value));
                        }
                        next = task.frames.last().expect("just looked").next;
                        if let Some(generator) = &frame.generator {
                            *generator.state.borrow_mut() = Suspended::Finished;
                            attempt!(self.exhausted(task, frame.back, value), Back::Discard);
                        } else {
                            attempt!(self.deliver(task, frame.back, value), Back::Discard);
                        }
                        continue 'frame;
                    }
                    Op::Yield { a } => {
                        let value = read!(a).clone();
                        let top = base + code.registers;
                        let registers: Vec<Value> = task.stack[base..top].iter_mut().map(std::mem::take).collect();
                        let Some(frame) = task.pop(|code| unit.codes[code].registers) else {
                            return Boundary::Ended(Ok(value));
                        };
                        if let Some(generator) = &frame.generator {
                            *generator.state.borrow_mut() = Suspended::At { code: frame.code, next, registers };
                        }
                        next = task.frames.last().map_or(0, |frame| frame.next);
                        attempt!(self.deliver(task, frame.back, value), Back::Discard);
                        continue 'frame;
                    }
                    Op::Raise { a, cause } => {
                        let value = read!(a).clone();
                        let cause = get!(self, task, base, cause).clone();
                        let stop = self.raised(value, cause);
                        stop!(stop, Back::Discard);
                    }
                    Op::RaiseAgain => {
                        let Some(exception) = task.handling.last().cloned() else {
                            stop!(super::runtime_error("No active exception to reraise"), Back::Discard);
                        };
                        task.frames.last_mut().expect("a frame is running").next = next;
                        if !self.unwind(unit, task, &exception, true) {
                            return Boundary::Ended(Err(exception));
                        }
                        continue 'frame;
                    }
                    Op::Rethrow { a } => {
                        if let Value::Exception(exception) = get!(self, task, base, a) {
                            let exception = exception.clone();
                            task.frames.last_mut().expect("a frame is running").next = next;
                            if !self.unwind(unit, task, &exception, true) {
                                return Boundary::Ended(Err(exception));
                            }
                            continue 'frame;
                        }
                    }
                    Op::Catch { exception, kinds } => {
                        let caught = get!(self, task, base, exception).clone();
                        let kinds = read!(kinds).clone();
                        if attempt!(self.catches(&caught, &kinds), Back::Discard) {
                            next += 1;
                        } else if let Op::Target(target) = ops[next] {
                            next = target as usize;
                        }
                    }
                    Op::LeaveHandler { depth } => {
                        let handling = task.frames.last().expect("a frame is running").handling;
                        task.handling.truncate(handling + depth as usize);
                    }
                    Op::Enter { to, a } => {
                        let manager = read!(a).clone();
                        let value = attempt!(self.enter_manager(&manager), Back::To(to));
                        put!(self, task, base, to, value);
                    }
                    Op::Exit { a } => {
                        let manager = read!(a).clone();
                        attempt!(self.exit_manager(&manager), Back::Discard);
                    }
                    Op::AssertFailed { message } => {
                        let message = get!(self, task, base, message).clone();
                        let args = if let Value::Unbound = message { Vec::new() } else { vec![message] };
                        let kind = crate::program::value::types::Type::AssertionError;
                        stop!(Stop::Raise(Exception::new(kind, args)), Back::Discard);
                    }
                    Op::Import { to, module } => {
                        let module = crate::program::modules::Module::ALL[module as usize];
                        put!(self, task, base, to, Value::Module(module));
                    }
                }
            }
        }
    }

    fn orphan(&mut self) -> Option<i32> {
        let mut orphans = self.world.orphans.borrow_mut();
        if orphans.is_empty() { None } else { Some(orphans.remove(0)) }
    }

    /// What follows when an instruction did not give a value; `None`: go on with the innermost frame.
    fn stopped(&mut self, unit: &Unit, task: &mut Task, next: usize, stop: Stop, back: Back) -> Option<Boundary> {
        if let Some(frame) = task.frames.last_mut() {
            frame.next = next;
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
                let super::Invoke { function, positional, keywords } = *invoke;
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
        let answer = after.value(self, outcome).and_then(|value| {
            self.charge(value.weight());
            self.deliver(task, back, value)
        });
        match answer {
            Ok(()) => None,
            Err(stop) => {
                let next = task.frames.last().map_or(0, |frame| frame.next);
                self.stopped(unit, task, next, stop, Back::Discard)
            }
        }
    }

    /// Begins a task with a function.
    pub fn begin(&mut self, unit: &Unit, task: &mut Task, code: usize) {
        task.stack.resize(unit.codes[code].registers, Value::Unbound);
        task.frames.push(Frame { code, next: 0, base: 0, back: Back::Discard, handling: 0, generator: None });
    }

    fn enter_manager(&mut self, manager: &Value) -> super::Answer {
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

    fn exit_manager(&mut self, manager: &Value) -> super::Answer<()> {
        let Value::Object(object) = manager else { return Ok(()) };
        let name = if let Object::Lock(_) = &**object { "release" } else { "close" };
        match crate::program::methods::find(object.kind(), name) {
            Some(native) => self.call_native(native, manager, &[], &[]).map(|_| ()),
            None => Ok(()),
        }
    }
}

fn not_a_manager(value: &Value) -> Stop {
    let name = value.kind().qualified();
    super::type_error(format!("'{name}' object does not support the context manager protocol"))
}

fn take_registers(task: &mut Task, base: usize, at: u16, count: u16) -> Vec<Value> {
    let first = base + at as usize;
    task.stack[first..first + count as usize].iter_mut().map(std::mem::take).collect()
}

fn clear_registers(task: &mut Task, first: usize, count: usize) {
    task.stack[first..first + count].fill(Value::Unbound);
}
