//! Methods of `list`, `tuple` and `range`, and the few of generators and exceptions.

use crate::program::builtins::{Args, Native, ordered};
use crate::program::value::compare::equal;
use crate::program::value::types::Type;
use crate::program::value::{List, Value};
use crate::program::vm::index::integer;
use crate::program::vm::{Answer, Stop, Vm, raise, type_error, value_error};

const fn method(name: &'static str, min: usize, max: usize, call: crate::program::builtins::Body) -> Native {
    Native::new(name, min, max, call).of("list")
}

/// Methods of `list`.
pub static METHODS: &[Native] = &[
    method("append", 1, 1, |vm, args| {
        let value = args.at(0);
        if value.is_container() {
            vm.watch(args.this);
        }
        vm.charge(16);
        this(args)?.items.borrow_mut().push(value.clone());
        Ok(Value::None)
    }),
    method("extend", 1, 1, |vm, args| {
        let items = vm.elements(args.at(0))?;
        vm.charge(16 * items.len());
        vm.adopt(args.this, &items);
        this(args)?.items.borrow_mut().extend(items);
        Ok(Value::None)
    })
    .consuming(),
    method("insert", 2, 2, |vm, args| {
        let at = integer(args.at(0))?;
        vm.charge(16);
        vm.adopt(args.this, &args.values[1..]);
        let mut items = this(args)?.items.borrow_mut();
        let length = items.len() as i64;
        let at = (if at < 0 { at.saturating_add(length) } else { at }).clamp(0, length) as usize;
        items.insert(at, args.at(1).clone());
        Ok(Value::None)
    }),
    method("pop", 0, 1, |_, args| {
        let at = args.get(0).map_or(Ok(-1), integer)?;
        let mut items = this(args)?.items.borrow_mut();
        if items.is_empty() {
            return Err(raise(Type::IndexError, "pop from empty list"));
        }
        let place = if at < 0 { at + items.len() as i64 } else { at };
        if !(0..items.len() as i64).contains(&place) {
            return Err(raise(Type::IndexError, "pop index out of range"));
        }
        Ok(items.remove(place as usize))
    }),
    method("remove", 1, 1, |_, args| {
        let list = this(args)?;
        match position(&snapshot(list), args.at(0), 0, usize::MAX)? {
            Some(at) => {
                let gone = list.items.borrow_mut().remove(at);
                drop(gone);
                Ok(Value::None)
            }
            None => Err(value_error("list.remove(x): x not in list")),
        }
    }),
    method("clear", 0, 0, |_, args| {
        let gone = this(args)?.items.take();
        drop(gone);
        Ok(Value::None)
    }),
    method("copy", 0, 0, |_, args| Ok(Value::list(snapshot(this(args)?)))),
    method("reverse", 0, 0, |_, args| {
        this(args)?.items.borrow_mut().reverse();
        Ok(Value::None)
    }),
    method("index", 1, 3, |_, args| index(args, &snapshot(this(args)?), "is not in list")),
    method("count", 1, 1, |_, args| count(args, &snapshot(this(args)?))),
    Native::free("sort", sort).of("list"),
];

/// Methods of `tuple`, which `range` shares.
pub static TUPLE_METHODS: &[Native] = &[
    Native::new("index", 1, 3, |vm, args| {
        let items = vm.elements(args.this)?;
        if let Value::Range(_) = args.this {
            let shown = crate::program::value::repr::repr(args.at(0))?;
            return match position(&items, args.at(0), 0, usize::MAX)? {
                Some(at) => Ok(Value::Int(at as i64)),
                None => Err(value_error(format!("{shown} is not in range"))),
            };
        }
        index(args, &items, "tuple.index(x): x not in tuple")
    })
    .of("tuple"),
    Native::new("count", 1, 1, |vm, args| {
        let items = vm.elements(args.this)?;
        count(args, &items)
    })
    .of("tuple"),
];

/// Methods of generators.
pub static GENERATOR_METHODS: &[Native] = &[Native::new("close", 0, 0, |_, args| {
    if let Value::Generator(generator) = args.this {
        drop(generator.take());
    }
    Ok(Value::None)
})
.of("generator")];

/// Methods of exceptions.
pub static EXCEPTION_METHODS: &[Native] =
    &[Native::new("with_traceback", 1, 1, |_, args| Ok(args.this.clone())).of("BaseException")];

fn this(args: Args<'_>) -> Answer<&List> {
    match args.this {
        Value::List(list) => Ok(list),
        other => Err(type_error(format!("a list is required, not '{}'", other.type_name()))),
    }
}

fn snapshot(list: &List) -> Vec<Value> {
    list.items.borrow().clone()
}

fn position(items: &[Value], wanted: &Value, start: usize, end: usize) -> Answer<Option<usize>> {
    for (at, item) in items.iter().enumerate().take(end).skip(start) {
        if item.same(wanted) || equal(item, wanted)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn index(args: Args, items: &[Value], missing: &str) -> Answer {
    let clamp = |at: i64| {
        let length = items.len() as i64;
        (if at < 0 { at.saturating_add(length) } else { at }).clamp(0, length) as usize
    };
    let start = args.get(1).map_or(Ok(0), integer)?;
    let end = args.get(2).map_or(Ok(i64::MAX), integer)?;
    match position(items, args.at(0), clamp(start), clamp(end))? {
        Some(at) => Ok(Value::Int(at as i64)),
        None if missing.starts_with("is") => {
            let shown = crate::program::value::repr::repr(args.at(0))?;
            Err(value_error(format!("{shown} {missing}")))
        }
        None => Err(value_error(missing)),
    }
}

fn count(args: Args, items: &[Value]) -> Answer {
    let mut count = 0;
    for item in items {
        if item.same(args.at(0)) || equal(item, args.at(0))? {
            count += 1;
        }
    }
    Ok(Value::Int(count))
}

fn sort(vm: &mut Vm, args: Args) -> Answer {
    if !args.values.is_empty() {
        return Err(type_error("sort() takes no positional arguments"));
    }
    args.only("sort", &["key", "reverse"])?;
    let list = this(args)?;
    let reverse = args.named("reverse").is_some_and(Value::truth);
    if let Some(key) = args.named("key").filter(|key| !matches!(key, Value::None)) {
        let arguments = vec![args.this.clone(), key.clone(), Value::Bool(reverse)];
        return Err(vm.invoke("_sort_list", arguments));
    }
    let sorted = ordered(snapshot(list), reverse)?;
    *list.items.borrow_mut() = sorted;
    Ok(Value::None)
}

/// The exception for a key that is not there.
pub fn missing_key(key: &Value) -> Stop {
    Stop::Raise(crate::program::value::exception::Exception::new(Type::KeyError, vec![key.clone()]))
}
