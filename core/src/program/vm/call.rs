//! Calls: binding arguments to parameters, attributes, and what `raise` and `except` ask of their operands.

use super::build::clear_registers;
use super::frame::{Back, Frame, Task};
use super::{Answer, Invoke, Stop, Vm, misspelt, raise, recursion_error, type_error};
use crate::program::builtins::{self, Args, Native};
use crate::program::code::{Code, Place, Site, Slot, Unit};
use crate::program::methods;
use crate::program::value::Value;
use crate::program::value::dict::Dict;
use crate::program::value::exception::Exception;
use crate::program::value::object::{Bound, Function, Generator, Object, Suspended};
use crate::program::value::types::Type;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

impl Vm {
    /// Calls a function of the program whose arguments stand behind it in the caller's registers.
    pub fn enter_window(
        &mut self,
        unit: &Unit,
        task: &mut Task,
        function: &Rc<Function>,
        at: usize,
        count: usize,
        back: Back,
    ) -> Answer<()> {
        let code = &unit.codes[function.code];
        let shape = &code.parameters;
        let simple = shape.positional == count && shape.keyword_only == 0 && !shape.rest && !shape.keyword_rest;
        if !simple || code.generator {
            let positional = task.stack[at + 1..at + 1 + count].to_vec();
            task.stack[at..at + 1 + count].fill(Value::Unbound);
            return self.enter(unit, task, function, positional, Vec::new(), back);
        }
        self.check_depth(task)?;
        task.stack[at] = Value::Unbound;
        let base = at + 1;
        let top = base + code.registers;
        let dirty = top.min(task.stack.len());
        if base + count < dirty {
            task.stack[base + count..dirty].fill(Value::Unbound);
        }
        if task.stack.len() < top {
            task.stack.resize(top, Value::Unbound);
        }
        for (cell, (_, register)) in function.cells.iter().zip(&code.captures) {
            task.stack[base + *register as usize] = cell.clone();
        }
        let handling = task.handling.len();
        task.frames.push(Frame { code: function.code, next: 0, base, back, handling, generator: None });
        Ok(())
    }

    /// Calls a function of the program.
    pub fn enter(
        &mut self,
        unit: &Unit,
        task: &mut Task,
        function: &Rc<Function>,
        positional: Vec<Value>,
        keywords: Vec<(Arc<str>, Value)>,
        back: Back,
    ) -> Answer<()> {
        self.check_depth(task)?;
        let code = &unit.codes[function.code];
        let mut registers = self.bind(code, function, positional, keywords)?;
        registers.resize(code.registers, Value::Unbound);
        for (cell, (_, register)) in function.cells.iter().zip(&code.captures) {
            registers[*register as usize] = cell.clone();
        }
        if code.generator {
            let kind = match &*code.name {
                "map" => Type::Map,
                "filter" => Type::Filter,
                _ => Type::Generator,
            };
            let state = RefCell::new(Suspended::At { code: function.code, next: 0, registers });
            self.charge(200);
            let generator = Value::Generator(Rc::new(Generator { kind, state }));
            return self.deliver(task, back, generator);
        }
        self.push(task, function.code, 0, registers, back, None);
        Ok(())
    }

    fn push(
        &mut self,
        task: &mut Task,
        code: usize,
        next: usize,
        registers: Vec<Value>,
        back: Back,
        generator: Option<Rc<Generator>>,
    ) {
        let base = task.stack.len();
        task.stack.extend(registers);
        let handling = task.handling.len();
        task.frames.push(Frame { code, next, base, back, handling, generator });
    }

    /// Goes on with a generator until its next value.
    pub fn wake(&mut self, _unit: &Unit, task: &mut Task, generator: &Rc<Generator>, back: Back) -> Answer<()> {
        self.check_depth(task)?;
        match generator.state.replace(Suspended::Running) {
            Suspended::At { code, next, registers } => {
                self.push(task, code, next, registers, back, Some(generator.clone()));
                Ok(())
            }
            Suspended::Running => Err(super::value_error("generator already executing")),
            Suspended::Finished => {
                *generator.state.borrow_mut() = Suspended::Finished;
                self.exhausted(task, back, Value::None)
            }
        }
    }

    fn check_depth(&self, task: &Task) -> Answer<()> {
        if task.frames.len() >= self.recursion as usize {
            return Err(recursion_error("maximum recursion depth exceeded"));
        }
        Ok(())
    }

    /// The values of the parameters, in the order of their registers.
    fn bind(
        &mut self,
        code: &Code,
        function: &Function,
        mut positional: Vec<Value>,
        keywords: Vec<(Arc<str>, Value)>,
    ) -> Answer<Vec<Value>> {
        let shape = &code.parameters;
        let name = &code.name;
        let named = shape.positional + shape.keyword_only;
        let given = positional.len();
        let extra = if given > shape.positional { positional.split_off(shape.positional) } else { Vec::new() };
        let mut registers = positional;
        registers.resize(named, Value::Unbound);
        let others = Dict::default();
        for (keyword, value) in keywords {
            let found = shape.names[..named].iter().position(|other| *other == keyword);
            match found {
                Some(index) if index >= shape.positional_only => {
                    if !matches!(registers[index], Value::Unbound) {
                        return Err(type_error(format!("{name}() got multiple values for argument '{keyword}'")));
                    }
                    registers[index] = value;
                }
                _ if shape.keyword_rest => others.insert_str(&keyword, value),
                Some(_) => {
                    return Err(type_error(format!(
                        "{name}() got some positional-only arguments passed as keyword arguments: '{keyword}'"
                    )));
                }
                None => return Err(type_error(format!("{name}() got an unexpected keyword argument '{keyword}'"))),
            }
        }
        if !extra.is_empty() && !shape.rest {
            return Err(too_many(code, given, &registers));
        }
        for (index, default) in shape.defaults.iter().zip(&function.defaults) {
            if let Value::Unbound = registers[*index] {
                registers[*index] = default.clone();
            }
        }
        // Parameters of prelude functions are optional: their code handles what is missing.
        if code.hidden {
            for (index, value) in registers.iter_mut().enumerate() {
                if matches!(value, Value::Unbound) && shape.defaults.contains(&index) {
                    *value = Value::None;
                }
            }
        }
        let missing = |range: std::ops::Range<usize>| -> Vec<&str> {
            range
                .filter(|index| matches!(registers[*index], Value::Unbound))
                .map(|index| &*shape.names[index])
                .collect()
        };
        for (range, kind) in [(0..shape.positional, "positional"), (shape.positional..named, "keyword-only")] {
            let names = missing(range);
            if !names.is_empty() {
                return Err(type_error(format!(
                    "{name}() missing {} required {kind} argument{}: {}",
                    names.len(),
                    if names.len() == 1 { "" } else { "s" },
                    listed(&names)
                )));
            }
        }
        if shape.rest {
            registers.push(Value::tuple(extra));
        }
        if shape.keyword_rest {
            registers.push(Value::Dict(Rc::new(others)));
        }
        Ok(registers)
    }

    /// A call without keywords of what is no function of the program; the callee stands in the register `first`.
    #[inline]
    pub fn call_plain(&mut self, task: &mut Task, first: usize, count: usize) -> Answer {
        let values = &task.stack[first + 1..first + 1 + count];
        let value = match &task.stack[first] {
            Value::Native(native) if !native.is_method() => self.call_native(native, &Value::None, values, &[])?,
            callee => self.call(callee.clone(), values.to_vec(), Vec::new())?,
        };
        self.charge(value.weight());
        clear_registers(task, first, count + 1);
        Ok(value)
    }

    /// A call with keywords; the callee stands in the register `first`.
    pub fn call_site(&mut self, task: &mut Task, first: usize, site: &Site) -> Answer {
        let callee = task.stack[first].clone();
        let (positional, keywords) = arguments(task, first, site);
        let value = self.call(callee, positional, keywords)?;
        self.charge(value.weight());
        clear_registers(task, first, 1 + site.positional as usize + site.keywords.len());
        Ok(value)
    }

    /// A call of a method; its object stands in the register `first`.
    #[inline]
    pub fn call_method(&mut self, unit: &Unit, task: &mut Task, first: usize, number: usize) -> Answer {
        let site = &unit.sites[number];
        let name = &unit.names[site.method as usize];
        let count = site.positional as usize + site.keywords.len();
        let value = match self.method(number, &task.stack[first], name) {
            Some(native) if site.keywords.is_empty() => {
                let values = &task.stack[first..first + 1 + count];
                self.call_native(native, &values[0], &values[1..], &[])?
            }
            method => {
                let receiver = task.stack[first].clone();
                let (positional, keywords) = arguments(task, first, site);
                match method {
                    Some(native) => self.call_native(native, &receiver, &positional, &keywords)?,
                    None => {
                        let callee = self.attribute(&receiver, name)?;
                        self.call(callee, positional, keywords)?
                    }
                }
            }
        };
        self.charge(value.weight());
        clear_registers(task, first, count + 1);
        Ok(value)
    }

    /// `f(*a, **b)`: callee, list and dict stand in three registers.
    pub fn call_spread(&mut self, task: &mut Task, first: usize) -> Answer {
        let callee = task.stack[first].clone();
        let positional = match &task.stack[first + 1] {
            Value::List(list) => list.items.borrow().clone(),
            _ => Vec::new(),
        };
        let keywords = match &task.stack[first + 2] {
            Value::Dict(dict) => {
                dict.pairs().into_iter().filter_map(|(key, value)| Some((key.as_str()?.into(), value))).collect()
            }
            _ => Vec::new(),
        };
        let value = self.call(callee, positional, keywords)?;
        self.charge(value.weight());
        clear_registers(task, first, 3);
        Ok(value)
    }

    /// Calls anything that can be called.
    pub fn call(&mut self, callee: Value, positional: Vec<Value>, keywords: Vec<(Arc<str>, Value)>) -> Answer {
        match callee {
            Value::Native(native) if native.is_method() => {
                let Some((receiver, rest)) = positional.split_first() else {
                    let name = native.name;
                    return Err(type_error(format!("unbound method {}.{name}() needs an argument", native.owner)));
                };
                if receiver.type_name() != native.owner {
                    return Err(type_error(format!(
                        "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
                        native.name,
                        native.owner,
                        receiver.type_name()
                    )));
                }
                self.call_native(native, receiver, rest, &keywords)
            }
            Value::Native(native) => self.call_native(native, &Value::None, &positional, &keywords),
            Value::Bound(bound) => self.call_native(bound.native, &bound.receiver, &positional, &keywords),
            Value::Type(kind) => {
                if positional.iter().any(is_lazy) && builtins::consumes(kind) {
                    return Err(self.strictly(Value::Type(kind), positional, keywords));
                }
                builtins::construct(self, kind, Args { this: &Value::None, values: &positional, keywords: &keywords })
            }
            Value::Function(_) => Err(Stop::Invoke(Box::new(Invoke { function: callee, positional, keywords }))),
            other => Err(type_error(format!("'{}' object is not callable", other.type_name()))),
        }
    }

    /// Calls a built-in function.
    pub fn call_native(
        &mut self,
        native: &'static Native,
        this: &Value,
        values: &[Value],
        keywords: &[(Arc<str>, Value)],
    ) -> Answer {
        if native.consumes && values.iter().any(is_lazy) {
            let callee = if native.is_method() {
                Value::Bound(Rc::new(Bound { receiver: this.clone(), native }))
            } else {
                Value::Native(native)
            };
            return Err(self.strictly(callee, values.to_vec(), keywords.to_vec()));
        }
        if keywords.is_empty() && native.accepts(values.len()) {
            return (native.call)(self, Args { this, values, keywords });
        }
        let bound = native.bind(values, keywords)?;
        match bound {
            Some(values) => (native.call)(self, Args { this, values: &values, keywords: &[] }),
            None => (native.call)(self, Args { this, values, keywords }),
        }
    }

    /// Collects what generators give, then calls.
    fn strictly(&mut self, callee: Value, positional: Vec<Value>, keywords: Vec<(Arc<str>, Value)>) -> Stop {
        let named = Dict::default();
        for (name, value) in keywords {
            named.insert_str(&name, value);
        }
        self.invoke("_strictly", vec![callee, Value::list(positional), Value::Dict(Rc::new(named))])
    }

    /// The built-in method that a call site means, remembered for next time.
    #[inline]
    pub fn method(&mut self, site: usize, receiver: &Value, name: &str) -> Option<&'static Native> {
        let kind = receiver.kind();
        if let Some((known, native)) = self.sites[site]
            && known == kind
        {
            return Some(native);
        }
        if matches!(receiver, Value::Module(_) | Value::Type(_)) {
            return None;
        }
        let native = methods::find(kind, name)?;
        self.sites[site] = Some((kind, native));
        Some(native)
    }

    /// `value.name`.
    pub fn attribute(&mut self, value: &Value, name: &str) -> Answer {
        match value {
            Value::Module(module) => {
                return match module.get(name) {
                    Some(value) => Ok(value),
                    None => {
                        let own = if *module == crate::program::modules::Module::OsPath {
                            "posixpath"
                        } else {
                            module.name()
                        };
                        let message = format!("module '{own}' has no attribute '{name}'");
                        Err(misspelt(Type::AttributeError, message, name, value.clone()))
                    }
                };
            }
            Value::Type(kind) => {
                if let Some(value) = methods::type_attribute(*kind, name) {
                    return Ok(value);
                }
                let message = format!("type object '{}' has no attribute '{name}'", kind.name());
                return Err(misspelt(Type::AttributeError, message, name, value.clone()));
            }
            _ => {}
        }
        if let Some(native) = methods::find(value.kind(), name) {
            return Ok(Value::Bound(Rc::new(Bound { receiver: value.clone(), native })));
        }
        if let Some(answer) = methods::attribute(self, value, name) {
            return answer;
        }
        let kind = match value.kind() {
            // These live in a module that shows.
            kind @ (Type::TextFile | Type::BinaryReader | Type::BinaryWriter) => kind.qualified(),
            kind => kind.name().to_string(),
        };
        let message = format!("'{kind}' object has no attribute '{name}'");
        Err(misspelt(Type::AttributeError, message, name, value.clone()))
    }

    /// `value.name = new`.
    pub fn set_attribute(&mut self, value: &Value, name: &str, new: Value) -> Answer<()> {
        if let Value::Object(object) = value
            && let Object::Thread(thread) = &**object
        {
            match name {
                "daemon" => {
                    if thread.task.get().is_some() {
                        return Err(super::runtime_error("cannot set daemon status of active thread"));
                    }
                    thread.daemon.set(new.truth());
                    return Ok(());
                }
                "name" => {
                    *thread.name.borrow_mut() = crate::program::value::repr::str_of(&new)?;
                    return Ok(());
                }
                _ => {}
            }
        }
        Err(raise(Type::AttributeError, format!("'{}' object has no attribute '{name}'", value.type_name())))
    }

    /// What `raise value from cause` raises.
    pub fn raised(&mut self, value: Value, cause: Value) -> Stop {
        let exception = match instance(&value) {
            Some(exception) => exception,
            None => return type_error("exceptions must derive from BaseException"),
        };
        match cause {
            Value::Unbound => {}
            Value::None => {
                exception.suppress.set(true);
                *exception.cause.borrow_mut() = Value::None;
            }
            other => match instance(&other) {
                Some(cause) => {
                    exception.suppress.set(true);
                    *exception.cause.borrow_mut() = Value::Exception(cause);
                }
                None => return type_error("exception causes must derive from BaseException"),
            },
        }
        Stop::Raise(exception)
    }

    /// Whether an `except` clause is for the exception.
    pub fn catches(&mut self, exception: &Value, kinds: &Value) -> Answer<bool> {
        let mut work = vec![kinds.clone()];
        while let Some(kinds) = work.pop() {
            match kinds {
                Value::Type(kind) if kind.is_exception() && exception.kind().is(kind) => return Ok(true),
                Value::Type(kind) if kind.is_exception() => {}
                Value::Tuple(tuple) => work.extend(tuple.items.iter().rev().cloned()),
                _ => return Err(type_error("catching classes that do not inherit from BaseException is not allowed")),
            }
        }
        Ok(false)
    }

    /// The exception for a name without a value.
    pub fn unbound(&mut self, unit: &Unit, task: &Task, slot: Slot) -> Stop {
        let frame = task.frames.last().expect("a frame is running");
        let code = &unit.codes[frame.code];
        match slot.place() {
            Place::Global(index) => {
                let name = unit.globals[index].trim_start_matches(crate::program::compile::HIDDEN);
                misspelt(Type::NameError, format!("name '{name}' is not defined"), name, Value::None)
            }
            Place::Register(index) => {
                let name = code.locals.get(index).map_or("", |name| name);
                if code.captures.iter().any(|(_, register)| *register as usize == index) {
                    let message = format!(
                        "cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
                    );
                    return misspelt(Type::NameError, message, name, Value::None);
                }
                let message = format!("cannot access local variable '{name}' where it is not associated with a value");
                misspelt(Type::UnboundLocalError, message, name, Value::None)
            }
            Place::Constant(_) => super::runtime_error("a constant is missing"),
        }
    }
}

/// Arguments by position and by name, as a call site lays them out.
fn arguments(task: &Task, first: usize, site: &Site) -> (Vec<Value>, Vec<(Arc<str>, Value)>) {
    let split = first + 1 + site.positional as usize;
    let positional = task.stack[first + 1..split].to_vec();
    let values = &task.stack[split..split + site.keywords.len()];
    (positional, site.keywords.iter().cloned().zip(values.iter().cloned()).collect())
}

/// An exception, made if a type was given.
fn instance(value: &Value) -> Option<Rc<Exception>> {
    match value {
        Value::Exception(exception) => Some(exception.clone()),
        Value::Type(kind) if kind.is_exception() => Some(Exception::new(*kind, Vec::new())),
        _ => None,
    }
}

/// Whether the elements of a value come from running code.
pub fn is_lazy(value: &Value) -> bool {
    match value {
        Value::Generator(_) => true,
        Value::Object(object) => matches!(**object, Object::File(_) | Object::SocketFile(_)),
        _ => false,
    }
}

fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
    }
}

fn too_many(code: &Code, given: usize, registers: &[Value]) -> Stop {
    let shape = &code.parameters;
    let optional = shape.defaults.iter().filter(|index| **index < shape.positional).count();
    let (least, most) = (shape.positional - optional, shape.positional);
    let takes = if optional > 0 { format!("from {least} to {most}") } else { most.to_string() };
    let plural = if most == 1 { "" } else { "s" };
    let named = registers[shape.positional..].iter().filter(|value| !matches!(value, Value::Unbound)).count();
    let were = if given == 1 && named == 0 { "was" } else { "were" };
    let given = if named > 0 {
        let positional_plural = if given == 1 { "" } else { "s" };
        let named_plural = if named == 1 { "" } else { "s" };
        format!("{given} positional argument{positional_plural} (and {named} keyword-only argument{named_plural})")
    } else {
        given.to_string()
    };
    type_error(format!("{}() takes {takes} positional argument{plural} but {given} {were} given", code.name))
}
