//! The built-in functions and types, and what a built-in function is.

mod construct;
mod functions;
mod sequence;

pub use construct::{construct, consumes, pairs};
pub use functions::leave;
pub use sequence::ordered;

use super::value::Value;
use super::value::types::Type;
use super::vm::{Answer, Vm, type_error};
use std::sync::Arc;

/// What a built-in function is called with.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    /// The object, for a method.
    pub this: &'a Value,
    /// By position; after binding, by parameter, with `Unbound` for those not given.
    pub values: &'a [Value],
    /// By name, for functions that look at names themselves.
    pub keywords: &'a [(Arc<str>, Value)],
}

impl<'a> Args<'a> {
    /// The argument at a position, if it was given.
    pub fn get(&self, index: usize) -> Option<&'a Value> {
        self.values.get(index).filter(|value| !matches!(value, Value::Unbound))
    }

    /// The argument at a position that is always there.
    pub fn at(&self, index: usize) -> &'a Value {
        self.get(index).unwrap_or(&Value::None)
    }

    /// The argument with this name.
    pub fn named(&self, name: &str) -> Option<&'a Value> {
        self.keywords.iter().find(|(other, _)| &**other == name).map(|(_, value)| value)
    }

    /// Fails on names a function does not know.
    pub fn only(&self, function: &str, known: &[&str]) -> Answer<()> {
        match self.keywords.iter().find(|(name, _)| !known.contains(&&**name)) {
            Some((name, _)) => Err(type_error(format!("'{name}' is an invalid keyword argument for {function}()"))),
            None => Ok(()),
        }
    }
}

/// How a function counts and complains: CPython has several ways.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `f() takes exactly one argument (2 given)`.
    Exact,
    /// `f expected at least 1 argument, got 0`.
    Expected,
    /// `f() takes at most 2 arguments (3 given)`; parameters have names.
    Named,
    /// The function looks itself.
    Free,
}

/// The function behind a built-in.
pub type Body = fn(&mut Vm, Args) -> Answer;

/// A built-in function or method.
pub struct Native {
    /// Its name.
    pub name: &'static str,
    /// The type it is a method of; empty for a function.
    pub owner: &'static str,
    /// Whether it walks its arguments, so that generators must be run first.
    pub consumes: bool,
    min: usize,
    max: usize,
    parameters: &'static [&'static str],
    style: Style,
    /// What it does.
    pub call: Body,
}

impl Native {
    /// A function of `min` to `max` arguments by position.
    pub const fn new(name: &'static str, min: usize, max: usize, call: Body) -> Native {
        let style = if max == 0 || min == 1 && max == 1 { Style::Exact } else { Style::Expected };
        Native { name, owner: "", consumes: false, min, max, parameters: &[], style, call }
    }

    /// A function that takes whatever comes and looks itself.
    pub const fn free(name: &'static str, call: Body) -> Native {
        Native { name, owner: "", consumes: false, min: 0, max: usize::MAX, parameters: &[], style: Style::Free, call }
    }

    /// The same as a method of a type.
    pub const fn of(mut self, owner: &'static str) -> Native {
        self.owner = owner;
        self
    }

    /// The same with names for its parameters.
    pub const fn named(mut self, parameters: &'static [&'static str]) -> Native {
        self.parameters = parameters;
        self.style = Style::Named;
        self
    }

    /// The same, walking its arguments.
    pub const fn consuming(mut self) -> Native {
        self.consumes = true;
        self
    }

    /// The same, complaining as functions with optional arguments did before `Expected` came.
    pub const fn counted(mut self) -> Native {
        self.style = Style::Named;
        self
    }

    /// Whether it belongs to a type.
    pub fn is_method(&self) -> bool {
        !self.owner.is_empty()
    }

    /// Whether so many arguments by position are right.
    pub fn accepts(&self, count: usize) -> bool {
        (self.min..=self.max).contains(&count)
    }

    fn qualified(&self) -> String {
        if self.owner.is_empty() { self.name.to_string() } else { format!("{}.{}", self.owner, self.name) }
    }

    /// Arguments in the order of the parameters; `None` if the function wants them as they are.
    pub fn bind(&self, values: &[Value], keywords: &[(Arc<str>, Value)]) -> Answer<Option<Vec<Value>>> {
        if self.style == Style::Free {
            return Ok(None);
        }
        let given = values.len() + keywords.len();
        if let Some((name, _)) = keywords.first()
            && self.parameters.is_empty()
        {
            let _ = name;
            return Err(type_error(format!("{}() takes no keyword arguments", self.qualified())));
        }
        let (min, max) = (self.min, self.max);
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        if values.len() > max || given > max {
            return Err(type_error(match self.style {
                Style::Exact if max == 0 => format!("{}() takes no arguments ({given} given)", self.qualified()),
                Style::Exact => format!("{}() takes exactly one argument ({given} given)", self.qualified()),
                Style::Named if min == max => {
                    format!("{}() takes exactly {max} argument{} ({given} given)", self.name, plural(max))
                }
                Style::Named => format!("{}() takes at most {max} argument{} ({given} given)", self.name, plural(max)),
                _ if min == max => format!("{} expected {max} argument{}, got {given}", self.name, plural(max)),
                _ => format!("{} expected at most {max} argument{}, got {given}", self.name, plural(max)),
            }));
        }
        let mut bound = values.to_vec();
        bound.resize(self.parameters.len().max(values.len()), Value::Unbound);
        for (name, value) in keywords {
            match self.parameters.iter().position(|parameter| parameter == &&**name) {
                Some(index) if matches!(bound[index], Value::Unbound) => bound[index] = value.clone(),
                Some(index) => {
                    return Err(type_error(format!(
                        "argument for {}() given by name ('{name}') and position ({})",
                        self.name,
                        index + 1
                    )));
                }
                None => {
                    return Err(type_error(format!("'{name}' is an invalid keyword argument for {}()", self.name)));
                }
            }
        }
        let missing = bound.iter().take(min).position(|value| matches!(value, Value::Unbound));
        if bound.len() < min || missing.is_some() {
            return Err(type_error(match self.style {
                Style::Exact => format!("{}() takes exactly one argument ({given} given)", self.qualified()),
                Style::Named if keywords.is_empty() && self.parameters.is_empty() && min == max => {
                    format!("{}() takes exactly {min} argument{} ({given} given)", self.name, plural(min))
                }
                Style::Named if self.parameters.is_empty() => {
                    format!("{}() takes at least {min} argument{} ({given} given)", self.name, plural(min))
                }
                Style::Named => {
                    let index = missing.unwrap_or(bound.len());
                    let parameter = self.parameters.get(index).copied().unwrap_or_default();
                    format!("{}() missing required argument '{parameter}' (pos {})", self.name, index + 1)
                }
                _ if min == max => format!("{} expected {min} argument{}, got {given}", self.name, plural(min)),
                _ => format!("{} expected at least {min} argument{}, got {given}", self.name, plural(min)),
            }));
        }
        Ok(Some(bound))
    }
}

/// Types that a program can name.
const TYPES: &[Type] = &[
    Type::Int,
    Type::Float,
    Type::Bool,
    Type::Str,
    Type::Bytes,
    Type::ByteArray,
    Type::MemoryView,
    Type::List,
    Type::Tuple,
    Type::Dict,
    Type::Set,
    Type::FrozenSet,
    Type::Range,
    Type::Slice,
    Type::Enumerate,
    Type::Zip,
    Type::Map,
    Type::Filter,
    Type::Reversed,
    Type::Type,
    Type::Object,
];

/// A built-in name.
pub fn find(name: &str) -> Option<Value> {
    match name {
        "NotImplemented" => return Some(Value::NotImplemented),
        "Ellipsis" => return Some(Value::Ellipsis),
        "__name__" => return Some(Value::str("__main__")),
        "EnvironmentError" | "IOError" => return Some(Value::Type(Type::OSError)),
        _ => {}
    }
    if !name.starts_with('_')
        && let Some(value) = internal(name)
    {
        return Some(value);
    }
    if let Some(kind) = TYPES.iter().find(|kind| kind.name() == name) {
        return Some(Value::Type(*kind));
    }
    let exception = |kind: &&Type| kind.is_exception() && kind.module().is_empty() && kind.name() == name;
    Type::ALL.iter().find(exception).map(|kind| Value::Type(*kind))
}

/// A built-in function, also one that only the prelude may name.
pub fn internal(name: &str) -> Option<Value> {
    let mut all = functions::FUNCTIONS.iter().chain(sequence::FUNCTIONS).chain(super::modules::INTERNAL);
    all.find(|native| native.name == name).map(Value::Native)
}
