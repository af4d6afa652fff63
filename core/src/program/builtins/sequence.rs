//! Built-in functions over iterables: `sum`, `min`, `sorted`, `any` and their kin. Those that call a program's
//! function go through the prelude.

use super::{Args, Native};
use crate::program::code::{Binary, Test};
use crate::program::value::Value;
use crate::program::value::compare::{order, sort};
use crate::program::vm::{Answer, Vm, type_error, value_error};

/// Every function of this file.
pub static FUNCTIONS: &[Native] = &[
    Native::new("sum", 1, 2, sum).named(&["iterable", "start"]).consuming(),
    Native::free("min", |vm, args| extreme(vm, args, "min", Test::Less)).consuming(),
    Native::free("max", |vm, args| extreme(vm, args, "max", Test::Greater)).consuming(),
    Native::free("sorted", sorted).consuming(),
    Native::new("any", 1, 1, |vm, args| quantify(vm, args, "_any", true)),
    Native::new("all", 1, 1, |vm, args| quantify(vm, args, "_all", false)),
    Native::new("_sort_by", 3, 3, sort_by),
];

fn sum(vm: &mut Vm, args: Args) -> Answer {
    let mut total = args.get(1).cloned().unwrap_or(Value::Int(0));
    match &total {
        Value::Str(_) => return Err(type_error("sum() can't sum strings [use ''.join(seq) instead]")),
        Value::Bytes(_) => return Err(type_error("sum() can't sum bytes [use b''.join(seq) instead]")),
        _ => {}
    }
    for item in vm.elements(args.at(0))? {
        total = vm.binary(Binary::Add, &total, &item)?;
    }
    Ok(total)
}

fn extreme(vm: &mut Vm, args: Args, name: &str, test: Test) -> Answer {
    args.only(name, &["key", "default"])?;
    if args.values.is_empty() {
        return Err(type_error(format!("{name} expected at least 1 argument, got 0")));
    }
    let items = match args.values {
        [one] => vm.elements(one)?,
        many => many.to_vec(),
    };
    if items.is_empty() {
        return match args.named("default") {
            Some(default) => Ok(default.clone()),
            None => Err(value_error(format!("{name}() arg is an empty sequence"))),
        };
    }
    if let Some(key) = args.named("key").filter(|key| !matches!(key, Value::None)) {
        return Err(vm.invoke(if name == "min" { "_min_by" } else { "_max_by" }, vec![Value::list(items), key.clone()]));
    }
    let mut best = items[0].clone();
    for item in &items[1..] {
        if order(test, item, &best)? {
            best = item.clone();
        }
    }
    Ok(best)
}

fn sorted(vm: &mut Vm, args: Args) -> Answer {
    args.only("sorted", &["key", "reverse"])?;
    let [source] = args.values else {
        return Err(type_error(format!("sorted expected 1 argument, got {}", args.values.len())));
    };
    let items = vm.elements(source)?;
    let reverse = args.named("reverse").is_some_and(Value::truth);
    match args.named("key").filter(|key| !matches!(key, Value::None)) {
        Some(key) => Err(vm.invoke("_sorted_by", vec![Value::list(items), key.clone(), Value::Bool(reverse)])),
        None => Ok(Value::list(ordered(items, reverse)?)),
    }
}

/// Sorted by `<`; reversed as Python reverses: equal elements keep their order.
pub fn ordered(mut items: Vec<Value>, reverse: bool) -> Answer<Vec<Value>> {
    if reverse {
        items.reverse();
    }
    sort(&mut items, &mut |a, b| order(Test::Less, a, b))?;
    if reverse {
        items.reverse();
    }
    Ok(items)
}

/// `_sort_by(items, keys, reverse)`: items in the order of their keys.
fn sort_by(vm: &mut Vm, args: Args) -> Answer {
    let (items, keys) = (vm.elements(args.at(0))?, vm.elements(args.at(1))?);
    let reverse = args.at(2).truth();
    let mut pairs: Vec<(Value, Value)> = keys.into_iter().zip(items).collect();
    if reverse {
        pairs.reverse();
    }
    sort(&mut pairs, &mut |a, b| order(Test::Less, &a.0, &b.0))?;
    if reverse {
        pairs.reverse();
    }
    Ok(Value::list(pairs.into_iter().map(|(_, item)| item).collect()))
}

fn quantify(vm: &mut Vm, args: Args, prelude: &str, wanted: bool) -> Answer {
    if crate::program::vm::call::is_lazy(args.at(0)) {
        return Err(vm.invoke(prelude, vec![args.at(0).clone()]));
    }
    let found = vm.elements(args.at(0))?.iter().any(|item| item.truth() == wanted);
    Ok(Value::Bool(found == wanted))
}
