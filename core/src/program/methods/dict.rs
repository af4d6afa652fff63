//! Methods of `dict`.

use super::list::missing_key;
use crate::program::builtins::{Args, Native, pairs};
use crate::program::value::Value;
use crate::program::value::dict::Dict;
use crate::program::value::object::{Object, View};
use crate::program::value::types::Type;
use crate::program::vm::{Answer, Vm, raise, type_error};
use std::rc::Rc;

const fn method(name: &'static str, min: usize, max: usize, call: crate::program::builtins::Body) -> Native {
    Native::new(name, min, max, call).of("dict")
}

/// Every method.
pub static METHODS: &[Native] = &[
    method("get", 1, 2, |_, args| {
        let found = this(args)?.get(args.at(0))?;
        Ok(found.unwrap_or_else(|| args.at(1).clone()))
    }),
    method("keys", 0, 0, |_, args| view(args, View::Keys)),
    method("values", 0, 0, |_, args| view(args, View::Values)),
    method("items", 0, 0, |_, args| view(args, View::Items)),
    method("pop", 1, 2, |_, args| match (this(args)?.remove(args.at(0))?, args.get(1)) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(missing_key(args.at(0))),
    }),
    method("popitem", 0, 0, |_, args| match this(args)?.pop_last() {
        Some((key, value)) => Ok(Value::tuple(vec![key, value])),
        None => Err(raise(Type::KeyError, "popitem(): dictionary is empty")),
    }),
    method("setdefault", 1, 2, |vm, args| {
        let dict = this(args)?;
        if let Some(value) = dict.get(args.at(0))? {
            return Ok(value);
        }
        let value = args.at(1).clone();
        vm.charge(64);
        vm.adopt(args.this, std::slice::from_ref(&value));
        dict.insert(args.at(0).clone(), value.clone())?;
        Ok(value)
    }),
    Native::free("update", update).of("dict").consuming(),
    method("clear", 0, 0, |_, args| {
        let gone = this(args)?.take();
        drop(gone);
        Ok(Value::None)
    }),
    method("copy", 0, 0, |_, args| Ok(Value::Dict(Rc::new(this(args)?.copy())))),
];

/// What the type itself has.
pub static TYPE_METHODS: &[Native] = &[Native::new("fromkeys", 1, 2, |vm, args| {
    let dict = Dict::default();
    for key in vm.elements(args.at(0))? {
        dict.insert(key, args.at(1).clone())?;
    }
    Ok(Value::Dict(Rc::new(dict)))
})
.consuming()];

fn this(args: Args<'_>) -> Answer<&Rc<Dict>> {
    match args.this {
        Value::Dict(dict) => Ok(dict),
        other => Err(type_error(format!("a dict is required, not '{}'", other.type_name()))),
    }
}

fn view(args: Args, view: View) -> Answer {
    Ok(Value::object(Object::View(this(args)?.clone(), view)))
}

fn update(vm: &mut Vm, args: Args) -> Answer {
    if args.values.len() > 1 {
        return Err(type_error(format!("update expected at most 1 argument, got {}", args.values.len())));
    }
    match args.get(0) {
        None => {}
        Some(source @ Value::Dict(_)) => vm.merge(args.this, source, false)?,
        Some(source) => {
            vm.watch(args.this);
            pairs(vm, this(args)?, source)?;
        }
    }
    for (name, value) in args.keywords {
        vm.adopt(args.this, std::slice::from_ref(value));
        this(args)?.insert_str(name, value.clone());
    }
    Ok(Value::None)
}
