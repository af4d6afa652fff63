//! What calling a type makes: `int("5")`, `bytes(3)`, `ValueError("no")`.

use super::Args;
use crate::program::methods::{bytes, text};
use crate::program::modules::{socket, struct_, threading};
use crate::program::value::dict::Dict;
use crate::program::value::exception::Exception;
use crate::program::value::iterator::{Iterator, State};
use crate::program::value::number::Integer;
use crate::program::value::object::{Object, Range, Slice};
use crate::program::value::repr::str_of;
use crate::program::value::set::Set;
use crate::program::value::types::Type;
use crate::program::value::{Value, number};
use crate::program::vm::call::is_lazy;
use crate::program::vm::index::integer;
use crate::program::vm::operate::not_iterable;
use crate::program::vm::{Answer, Stop, Vm, raise, type_error, value_error};

use std::rc::Rc;

/// Whether making one walks an iterable, so that generators must be run first.
pub fn consumes(kind: Type) -> bool {
    matches!(
        kind,
        Type::List
            | Type::Tuple
            | Type::Set
            | Type::FrozenSet
            | Type::Dict
            | Type::Bytes
            | Type::ByteArray
            | Type::Reversed
    )
}

/// Calls a type.
pub fn construct(vm: &mut Vm, kind: Type, args: Args) -> Answer {
    let name = kind.name();
    if kind.is_exception() {
        if !args.keywords.is_empty() {
            return Err(type_error(format!("{name}() takes no keyword arguments")));
        }
        return Ok(Value::Exception(Exception::new(kind, args.values.to_vec())));
    }
    match kind {
        Type::Socket => return socket::construct(vm, args),
        Type::Thread => return threading::construct(vm, args),
        Type::Dict => return dict(vm, args),
        Type::Lock | Type::RLock | Type::Event => return threading::construct_lock(kind),
        Type::Struct => return struct_::construct(args),
        _ => {}
    }
    let known: &[&str] = match kind {
        Type::Str | Type::Bytes | Type::ByteArray => &["object", "source", "encoding", "errors"],
        Type::Enumerate => &["iterable", "start"],
        Type::Int => &["base"],
        Type::Zip => &["strict"],
        _ => &[],
    };
    if let Some((keyword, _)) = args.keywords.iter().find(|(keyword, _)| !known.contains(&&**keyword)) {
        return Err(if known.is_empty() {
            type_error(format!("{name}() takes no keyword arguments"))
        } else {
            type_error(format!("'{keyword}' is an invalid keyword argument for {name}()"))
        });
    }
    let most = |most: usize| -> Answer<()> {
        let got = args.values.len();
        if got > most {
            let plural = if most == 1 { "" } else { "s" };
            return Err(type_error(format!("{name} expected at most {most} argument{plural}, got {got}")));
        }
        Ok(())
    };
    match kind {
        Type::Int => int(args),
        Type::Float => {
            most(1)?;
            float(args.get(0))
        }
        Type::Bool => {
            most(1)?;
            Ok(Value::Bool(args.get(0).is_some_and(Value::truth)))
        }
        Type::Str => string(vm, args),
        Type::Bytes => Ok(Value::bytes(byte_source(vm, args, "bytes")?)),
        Type::ByteArray => Ok(Value::byte_array(byte_source(vm, args, "bytearray")?)),
        Type::MemoryView => match args.at(0).to_bytes() {
            Some(_) if args.at(0).kind() == Type::MemoryView => Ok(args.at(0).clone()),
            Some(bytes) => Ok(Value::object(Object::Memory(args.at(0).clone(), 0, bytes.len()))),
            None => Err(type_error(format!(
                "memoryview: a bytes-like object is required, not '{}'",
                args.at(0).type_name()
            ))),
        },
        Type::List => {
            most(1)?;
            let items = args.get(0).map_or(Ok(Vec::new()), |source| vm.elements(source))?;
            Ok(Value::list(items))
        }
        Type::Tuple => {
            most(1)?;
            match args.get(0) {
                Some(tuple @ Value::Tuple(_)) => Ok(tuple.clone()),
                Some(source) => Ok(Value::tuple(vm.elements(source)?)),
                None => Ok(Value::tuple(Vec::new())),
            }
        }
        Type::Set | Type::FrozenSet => {
            most(1)?;
            let frozen = kind == Type::FrozenSet;
            Ok(Value::Set(Rc::new(match args.get(0) {
                Some(Value::Set(set)) => set.copy(frozen)?,
                Some(source) => Set::of(vm.elements(source)?, frozen)?,
                None => Set::new(frozen),
            })))
        }
        Type::Range => range(args),
        Type::Slice => {
            let none = Value::None;
            let (start, stop, step) = match args.values {
                [stop] => (&none, stop, &none),
                [start, stop] => (start, stop, &none),
                [start, stop, step] => (start, stop, step),
                other => return Err(type_error(format!("slice expected at least 1 argument, got {}", other.len()))),
            };
            Ok(Value::Slice(Rc::new(Slice { start: start.clone(), stop: stop.clone(), step: step.clone() })))
        }
        Type::Type => match args.values {
            [value] => Ok(Value::Type(value.kind())),
            _ => Err(type_error("type() takes 1 or 3 arguments")),
        },
        Type::Enumerate => enumerate(vm, args),
        Type::Zip => zip(vm, args),
        Type::Map => {
            if args.values.len() < 2 {
                return Err(type_error("map() must have at least two arguments."));
            }
            for source in &args.values[1..] {
                check_iterable(source)?;
            }
            Err(vm.invoke("map", vec![args.at(0).clone(), Value::tuple(args.values[1..].to_vec())]))
        }
        Type::Filter => match args.values {
            [function, source] => {
                check_iterable(source)?;
                Err(vm.invoke("filter", vec![function.clone(), source.clone()]))
            }
            other => Err(type_error(format!("filter expected 2 arguments, got {}", other.len()))),
        },
        Type::Reversed => reversed(vm, args),
        Type::Object => Ok(Value::object(Object::Record(Default::default()))),
        _ => Err(type_error(format!("cannot create '{name}' instances"))),
    }
}

fn check_iterable(value: &Value) -> Answer<()> {
    if is_lazy(value) || Iterator::over(value).is_some() { Ok(()) } else { Err(not_iterable(value)) }
}

fn int(args: Args) -> Answer {
    let base = args.get(1).or(args.named("base"));
    let Some(value) = args.get(0) else { return Ok(Value::Int(0)) };
    if args.values.len() > 2 {
        return Err(type_error(format!("int() takes at most 2 arguments ({} given)", args.values.len())));
    }
    if let Some(base) = base {
        let base = integer(base)?;
        if !(base == 0 || (2..=36).contains(&base)) {
            return Err(value_error("int() base must be >= 2 and <= 36, or 0"));
        }
        return match value {
            Value::Str(_) | Value::Bytes(_) | Value::ByteArray(_) => parse_int(value, base as u32),
            _ => Err(type_error("int() can't convert non-string with explicit base")),
        };
    }
    match value {
        Value::Float(float) if float.is_nan() => Err(value_error("cannot convert float NaN to integer")),
        Value::Float(float) if float.is_infinite() => {
            Err(raise(Type::OverflowError, "cannot convert float infinity to integer"))
        }
        Value::Float(float) => Ok(number::from_float(float.trunc())),
        Value::Str(_) | Value::Bytes(_) | Value::ByteArray(_) => parse_int(value, 10),
        other => match Integer::of(other) {
            Some(integer) => Ok(Value::big(integer.big())),
            None => Err(type_error(format!(
                "int() argument must be a string, a bytes-like object or a real number, not '{}'",
                other.type_name()
            ))),
        },
    }
}

fn parse_int(value: &Value, base: u32) -> Answer {
    let text = match value {
        Value::Str(text) => text.as_str().to_string(),
        other => String::from_utf8_lossy(&other.to_bytes().unwrap_or_default()).into_owned(),
    };
    let digits = text.bytes().filter(u8::is_ascii_digit).count() as u64;
    if digits > crate::program::value::repr::MOST_DIGITS && !base.is_power_of_two() {
        return Err(value_error(format!(
            "Exceeds the limit (4300 digits) for integer string conversion: value has {digits} digits; \
             use sys.set_int_max_str_digits() to increase the limit"
        )));
    }
    match number::parse(&text, base) {
        Some(value) => Ok(value),
        None => {
            let shown = crate::program::value::repr::repr(value)?;
            Err(value_error(format!("invalid literal for int() with base {base}: {shown}")))
        }
    }
}

fn float(value: Option<&Value>) -> Answer {
    let Some(value) = value else { return Ok(Value::Float(0.0)) };
    let text = match value {
        Value::Str(text) => Some(text.as_str().to_string()),
        Value::Bytes(_) | Value::ByteArray(_) => {
            Some(String::from_utf8_lossy(&value.to_bytes().unwrap_or_default()).into_owned())
        }
        _ => None,
    };
    if let Some(text) = text {
        return match number::parse_float(&text) {
            Some(float) => Ok(Value::Float(float)),
            None => {
                let shown = crate::program::value::repr::repr(value)?;
                Err(value_error(format!("could not convert string to float: {shown}")))
            }
        };
    }
    match number::to_float(value) {
        Some(answer) => answer.map(Value::Float),
        None => {
            Err(type_error(format!("float() argument must be a string or a real number, not '{}'", value.type_name())))
        }
    }
}

fn string(vm: &mut Vm, args: Args) -> Answer {
    if args.values.len() > 3 {
        return Err(type_error(format!("str() takes at most 3 arguments ({} given)", args.values.len())));
    }
    let encoding = args.get(1).or(args.named("encoding"));
    let errors = args.get(2).or(args.named("errors"));
    let Some(value) = args.get(0).or(args.named("object")) else { return Ok(Value::str("")) };
    if encoding.is_none() && errors.is_none() {
        if let Value::Str(_) = value {
            return Ok(value.clone());
        }
        socket::need_ends(vm, args.values)?;
        return Ok(Value::str(str_of(value)?));
    }
    match value {
        Value::Str(_) => Err(type_error("decoding str is not supported")),
        other => match other.to_bytes() {
            Some(bytes) => Ok(Value::str(bytes::decode(&bytes, encoding, errors)?)),
            None => Err(type_error(format!("decoding to str: need a bytes-like object, {} found", other.type_name()))),
        },
    }
}

fn byte_source(vm: &mut Vm, args: Args, name: &str) -> Answer<Vec<u8>> {
    let encoding = args.get(1).or(args.named("encoding"));
    let errors = args.get(2).or(args.named("errors"));
    let Some(value) = args.get(0).or(args.named("source")) else { return Ok(Vec::new()) };
    if let Value::Str(source) = value {
        return match encoding {
            Some(_) => text::encode(source.as_str(), encoding, errors),
            None => Err(type_error("string argument without an encoding")),
        };
    }
    if encoding.is_some() {
        return Err(type_error("encoding without a string argument"));
    }
    if let Some(bytes) = value.to_bytes() {
        return Ok(bytes.to_vec());
    }
    if let Some(count) = value.as_int() {
        let count = usize::try_from(count).map_err(|_| value_error("negative count"))?;
        vm.room(count)?;
        return Ok(vec![0; count]);
    }
    if let Value::Big(_) = value {
        return Err(raise(Type::OverflowError, "cannot fit 'int' into an index-sized integer"));
    }
    let items = match vm.elements(value) {
        Ok(items) => items,
        Err(Stop::Raise(_)) => {
            return Err(type_error(if name == "bytes" {
                format!("cannot convert '{}' object to bytes", value.type_name())
            } else {
                format!("cannot convert '{}' object to bytearray", value.type_name())
            }));
        }
        Err(stop) => return Err(stop),
    };
    items
        .iter()
        .map(|item| match item.as_int() {
            Some(byte) => u8::try_from(byte).map_err(|_| {
                let what = if name == "bytes" { "bytes" } else { "byte" };
                value_error(format!("{what} must be in range(0, 256)"))
            }),
            None => Err(type_error(format!("'{}' object cannot be interpreted as an integer", item.type_name()))),
        })
        .collect()
}

fn range(args: Args) -> Answer {
    let part = |index: usize| integer(args.at(index));
    let (start, stop, step) = match args.values.len() {
        1 => (0, part(0)?, 1),
        2 => (part(0)?, part(1)?, 1),
        3 => (part(0)?, part(1)?, part(2)?),
        0 => return Err(type_error("range expected at least 1 argument, got 0")),
        more => return Err(type_error(format!("range expected at most 3 arguments, got {more}"))),
    };
    if step == 0 {
        return Err(value_error("range() arg 3 must not be zero"));
    }
    Ok(Value::Range(Rc::new(Range { start, stop, step })))
}

fn dict(vm: &mut Vm, args: Args) -> Answer {
    if args.values.len() > 1 {
        return Err(type_error(format!("dict expected at most 1 argument, got {}", args.values.len())));
    }
    let made = match args.get(0) {
        Some(Value::Dict(dict)) => dict.copy(),
        Some(source) => {
            let dict = Dict::default();
            pairs(vm, &dict, source)?;
            dict
        }
        None => Dict::default(),
    };
    for (name, value) in args.keywords {
        made.insert_str(name, value.clone());
    }
    Ok(Value::Dict(Rc::new(made)))
}

/// Sets the pairs of an iterable of pairs.
pub fn pairs(vm: &mut Vm, dict: &Dict, source: &Value) -> Answer<()> {
    for (index, item) in vm.elements(source)?.into_iter().enumerate() {
        let Some(iterator) = Iterator::over(&item) else {
            let message = format!("cannot convert dictionary update sequence element #{index} to a sequence");
            return Err(type_error(message));
        };
        let mut pair = Vec::new();
        while let Some(part) = iterator.next()? {
            pair.push(part);
            vm.room(pair.len() * 16)?;
        }
        let length = pair.len();
        let (Some(value), Some(key), true) = (pair.pop(), pair.pop(), length == 2) else {
            return Err(value_error(format!(
                "dictionary update sequence element #{index} has length {length}; 2 is required"
            )));
        };
        dict.insert(key, value)?;
    }
    Ok(())
}

fn enumerate(vm: &mut Vm, args: Args) -> Answer {
    let Some(source) = args.get(0).or(args.named("iterable")) else {
        return Err(type_error("enumerate() missing required argument 'iterable'"));
    };
    let start = args.get(1).or(args.named("start")).map_or(Ok(0), integer)?;
    if is_lazy(source) {
        return Err(vm.invoke("_enumerate", vec![source.clone(), Value::Int(start)]));
    }
    match Iterator::over(source) {
        Some(inner) => {
            inner.may_nest()?;
            Ok(Value::iterator(State::Enumerate { inner, count: start }))
        }
        None => Err(not_iterable(source)),
    }
}

fn zip(vm: &mut Vm, args: Args) -> Answer {
    if args.values.iter().any(is_lazy) {
        return Err(vm.invoke("_zip", vec![Value::list(args.values.to_vec())]));
    }
    let mut inner = Vec::new();
    for source in args.values {
        inner.push(Iterator::over(source).ok_or_else(|| not_iterable(source))?);
    }
    for iterator in &inner {
        iterator.may_nest()?;
    }
    let strict = args.named("strict").is_some_and(Value::truth);
    Ok(Value::iterator(State::Zip { inner, strict }))
}

fn reversed(vm: &mut Vm, args: Args) -> Answer {
    let [source] = args.values else {
        return Err(type_error(format!("reversed expected 1 argument, got {}", args.values.len())));
    };
    let list = match source {
        Value::List(_) => source.clone(),
        Value::Tuple(_) | Value::Str(_) | Value::Bytes(_) | Value::ByteArray(_) | Value::Dict(_) => {
            Value::tuple(vm.elements(source)?)
        }
        Value::Range(range) => {
            let count = range.len();
            let last = if count == 0 { range.start } else { range.at(count - 1) };
            let state = State::Range { next: last, step: range.step.wrapping_neg(), left: count };
            return Ok(Value::iterator(state));
        }
        Value::Object(object) if matches!(&**object, Object::View(..)) => Value::tuple(vm.elements(source)?),
        other => return Err(type_error(format!("'{}' object is not reversible", other.type_name()))),
    };
    let left = match &list {
        Value::List(list) => list.items.borrow().len(),
        Value::Tuple(tuple) => tuple.items.len(),
        _ => 0,
    };
    Ok(Value::iterator(State::Reversed { list, left }))
}
