//! The loop that runs instructions until the next boundary.

use super::frame::{Back, State, Task};
use super::{Stop, Vm};
use crate::program::code::{Op, Place, Slot, Unary, Unit};
use crate::program::event::Event;
use crate::program::value::exception::Exception;
use crate::program::value::object::Suspended;
use crate::program::value::repr::short_repr;
use crate::program::value::types::Type;
use crate::program::value::{Value, number};
use crate::socket::Call;
use std::rc::Rc;

/// How many characters of a value are told.
const SHOWN: usize = 120;

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
                        self.quantum = self.quantum.saturating_sub(1);
                        if self.tracing {
                            let depth = task.frames.len() as u32 - 1;
                            self.events.push_back(Event::Line { task: task.id, line, depth });
                            return Boundary::Statement;
                        }
                        if self.quantum == 0 {
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
                    Op::MakeList { .. }
                    | Op::MakeTuple { .. }
                    | Op::MakeSet { .. }
                    | Op::MakeDict { .. }
                    | Op::MakeSlice { .. }
                    | Op::MakeString { .. }
                    | Op::SetAdd { .. }
                    | Op::DictPut { .. }
                    | Op::DictMerge { .. }
                    | Op::ListToTuple { .. }
                    | Op::ListToSet { .. }
                    | Op::MakeFunction { .. }
                    | Op::NewCell { .. }
                    | Op::WrapCell { .. }
                    | Op::StoreCell { .. }
                    | Op::ClearCell { .. }
                    | Op::DeleteCell { .. } => attempt!(self.build(unit, task, base, op), Back::Discard),
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
                        let items = attempt!(self.spread(&source), Back::Discard);
                        self.charge(16 * items.len());
                        if let Value::List(list) = get!(self, task, base, list) {
                            list.items.borrow_mut().extend(items);
                        }
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
                            _ => {
                                let answer = self.call_plain(task, base + at as usize, count as usize);
                                let value = attempt!(answer, Back::To(to));
                                put!(self, task, base, to, value);
                            }
                        }
                    }
                    Op::CallSite { to, at, site } => {
                        let answer = self.call_site(task, base + at as usize, &unit.sites[site as usize]);
                        let value = attempt!(answer, Back::To(to));
                        put!(self, task, base, to, value);
                    }
                    Op::CallMethod { to, at, site } => {
                        let answer = self.call_method(unit, task, base + at as usize, site as usize);
                        let value = attempt!(answer, Back::To(to));
                        put!(self, task, base, to, value);
                    }
                    Op::CallSpread { to, at } => {
                        let answer = self.call_spread(task, base + at as usize);
                        let value = attempt!(answer, Back::To(to));
                        put!(self, task, base, to, value);
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
                        let kind = Type::AssertionError;
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
}
