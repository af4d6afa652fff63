//! Methods of `set` and `frozenset`.

use super::list::missing_key;
use crate::program::builtins::{Args, Native};
use crate::program::code::Binary;
use crate::program::value::Value;
use crate::program::value::set::Set;
use crate::program::value::types::Type;
use crate::program::vm::{Answer, Vm, raise, type_error};
use std::rc::Rc;

const fn method(name: &'static str, min: usize, max: usize, call: crate::program::builtins::Body) -> Native {
    Native::new(name, min, max, call).of("set")
}

/// Methods that change nothing.
pub static METHODS: &[Native] = &[
    method("copy", 0, 0, |_, args| {
        let set = this(args)?;
        Ok(Value::Set(Rc::new(set.copy(set.frozen)?)))
    }),
    Native::free("union", |vm, args| combine(vm, args, Binary::Or)).of("set").consuming(),
    Native::free("intersection", |vm, args| combine(vm, args, Binary::And)).of("set").consuming(),
    Native::free("difference", |vm, args| combine(vm, args, Binary::Subtract)).of("set").consuming(),
    method("symmetric_difference", 1, 1, |vm, args| combine(vm, args, Binary::Xor)).consuming(),
    method("issubset", 1, 1, |vm, args| {
        let other = other(vm, args.at(0))?;
        Ok(Value::Bool(this(args)?.subset(&other)?))
    })
    .consuming(),
    method("issuperset", 1, 1, |vm, args| {
        let other = other(vm, args.at(0))?;
        Ok(Value::Bool(other.subset(this(args)?)?))
    })
    .consuming(),
    method("isdisjoint", 1, 1, |vm, args| {
        let other = other(vm, args.at(0))?;
        for item in this(args)?.items() {
            if other.contains(&item)? {
                return Ok(Value::Bool(false));
            }
        }
        Ok(Value::Bool(true))
    })
    .consuming(),
];

/// Methods that change a `set`.
pub static MUTABLE_METHODS: &[Native] = &[
    method("add", 1, 1, |vm, args| {
        vm.charge(64);
        vm.adopt(args.this, args.values);
        this(args)?.add(args.at(0).clone())?;
        Ok(Value::None)
    }),
    method("remove", 1, 1, |_, args| match this(args)?.remove(args.at(0))? {
        true => Ok(Value::None),
        false => Err(missing_key(args.at(0))),
    }),
    method("discard", 1, 1, |_, args| {
        this(args)?.remove(args.at(0))?;
        Ok(Value::None)
    }),
    method("pop", 0, 0, |_, args| {
        let set = this(args)?;
        match set.items().into_iter().next() {
            Some(item) => {
                set.remove(&item)?;
                Ok(item)
            }
            None => Err(raise(Type::KeyError, "pop from an empty set")),
        }
    }),
    method("clear", 0, 0, |_, args| {
        let gone = this(args)?.take();
        drop(gone);
        Ok(Value::None)
    }),
    Native::free("update", |vm, args| change(vm, args, Binary::Or)).of("set").consuming(),
    Native::free("intersection_update", |vm, args| change(vm, args, Binary::And)).of("set").consuming(),
    Native::free("difference_update", |vm, args| change(vm, args, Binary::Subtract)).of("set").consuming(),
    method("symmetric_difference_update", 1, 1, |vm, args| change(vm, args, Binary::Xor)).consuming(),
];

fn this(args: Args<'_>) -> Answer<&Rc<Set>> {
    match args.this {
        Value::Set(set) => Ok(set),
        other => Err(type_error(format!("a set is required, not '{}'", other.type_name()))),
    }
}

fn other(vm: &mut Vm, value: &Value) -> Answer<Rc<Set>> {
    match value {
        Value::Set(set) => Ok(set.clone()),
        source => Ok(Rc::new(Set::of(vm.elements(source)?, false)?)),
    }
}

fn combine(vm: &mut Vm, args: Args, operator: Binary) -> Answer {
    let set = this(args)?;
    let mut result = Value::Set(Rc::new(set.copy(set.frozen)?));
    for source in args.values {
        let right = Value::Set(other(vm, source)?);
        result = vm.binary(operator, &result, &right)?;
    }
    Ok(result)
}

fn change(vm: &mut Vm, args: Args, operator: Binary) -> Answer {
    let result = combine(vm, args, operator)?;
    let Value::Set(result) = result else { return Ok(Value::None) };
    let set = this(args)?;
    let items = result.items();
    vm.charge(48 * items.len());
    vm.adopt(args.this, &items);
    drop(set.take());
    set.merge(&result)?;
    Ok(Value::None)
}
