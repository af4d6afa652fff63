//! Built-in functions that are no types: `print`, `len`, `input`, `ord` and their kin.

use super::{Args, Native};
use crate::program::code::Binary;
use crate::program::event::Event;
use crate::program::format;
use crate::program::methods;
use crate::program::modules::{Module, files, socket};
use crate::program::value::exception::Exception;
use crate::program::value::hash::{hash, number_hash};
use crate::program::value::iterator::Iterator;
use crate::program::value::number::Integer;
use crate::program::value::object::{Object, Suspended};
use crate::program::value::repr::{repr, str_of};
use crate::program::value::types::Type;
use crate::program::value::{Value, number};
use crate::program::vm::index::integer;
use crate::program::vm::{Answer, Stop, Vm, raise, type_error, value_error};
use num_bigint::BigInt;
use num_traits::Signed;

/// Every function of this file.
pub static FUNCTIONS: &[Native] = &[
    Native::free("print", print),
    Native::new("input", 0, 1, input),
    Native::new("len", 1, 1, len),
    Native::new("abs", 1, 1, abs),
    Native::new("repr", 1, 1, |vm, args| shown(vm, args, repr)),
    Native::new("ascii", 1, 1, |_, args| Ok(Value::str(format::ascii(&repr(args.at(0))?)))),
    Native::new("chr", 1, 1, chr),
    Native::new("ord", 1, 1, ord),
    Native::new("hex", 1, 1, |_, args| based(args.at(0), 16, "0x")),
    Native::new("oct", 1, 1, |_, args| based(args.at(0), 8, "0o")),
    Native::new("bin", 1, 1, |_, args| based(args.at(0), 2, "0b")),
    Native::new("isinstance", 2, 2, is_instance),
    Native::new("issubclass", 2, 2, is_subclass),
    Native::new("callable", 1, 1, |_, args| Ok(Value::Bool(is_callable(args.at(0))))),
    Native::new("id", 1, 1, |vm, args| Ok(Value::Int(identity(vm, args.at(0))))),
    Native::new("hash", 1, 1, hashed),
    Native::new("round", 1, 2, round).named(&["number", "ndigits"]),
    Native::new("pow", 2, 3, pow).named(&["base", "exp", "mod"]),
    Native::new("divmod", 2, 2, divmod),
    Native::new("format", 1, 2, |vm, args| {
        let spec = args.get(1).map_or(Ok(String::new()), str_of)?;
        Ok(Value::str(format::spec::format(vm, args.at(0), &spec)?))
    }),
    Native::new("open", 1, 8, files::open).named(&[
        "file",
        "mode",
        "buffering",
        "encoding",
        "errors",
        "newline",
        "closefd",
        "opener",
    ]),
    Native::new("next", 1, 2, next),
    Native::new("iter", 1, 2, iter),
    Native::new("getattr", 2, 3, get_attribute),
    Native::new("hasattr", 2, 2, has_attribute),
    Native::new("dir", 0, 1, |_, _| Ok(Value::list(Vec::new()))),
    Native::new("exit", 0, 1, leave),
    Native::new("quit", 0, 1, leave),
    Native::new("_is_lazy", 1, 1, |_, args| Ok(Value::Bool(crate::program::vm::call::is_lazy(args.at(0))))),
];

/// Sockets are shown with their two ends, which only the system knows: it is asked first.
fn shown(vm: &mut Vm, args: Args, show: impl Fn(&Value) -> Answer<String>) -> Answer {
    socket::need_ends(vm, args.values)?;
    Ok(Value::str(show(args.at(0))?))
}

fn print(vm: &mut Vm, args: Args) -> Answer {
    args.only("print", &["sep", "end", "file", "flush"])?;
    socket::need_ends(vm, args.values)?;
    let text = |name: &str, default: &str| -> Answer<String> {
        match args.named(name) {
            None | Some(Value::None) => Ok(default.to_string()),
            Some(Value::Str(text)) => Ok(text.as_str().to_string()),
            Some(other) => Err(type_error(format!("{name} must be None or a string, not {}", other.type_name()))),
        }
    };
    let (separator, end) = (text("sep", " ")?, text("end", "\n")?);
    let mut out = String::new();
    for (index, value) in args.values.iter().enumerate() {
        if index > 0 {
            out.push_str(&separator);
        }
        match value {
            Value::Str(text) => out.push_str(text.as_str()),
            other => out.push_str(&str_of(other)?),
        }
        vm.room(out.len())?;
    }
    out.push_str(&end);
    match args.named("file") {
        None | Some(Value::None) => vm.print(out, false)?,
        Some(Value::Module(Module::Stdout)) => vm.print(out, false)?,
        Some(Value::Module(Module::Stderr)) => vm.print(out, true)?,
        Some(file) => {
            let kind = file.kind();
            return match methods::find(kind, "write") {
                Some(write) => {
                    vm.call_native(write, file, &[Value::str(out)], &[])?;
                    Ok(Value::None)
                }
                None => {
                    let message = format!("'{}' object has no attribute 'write'", kind.name());
                    Err(raise(Type::AttributeError, message))
                }
            };
        }
    }
    Ok(Value::None)
}

fn input(vm: &mut Vm, args: Args) -> Answer {
    if let Some(prompt) = args.get(0) {
        let prompt = str_of(prompt)?;
        vm.print(prompt, false)?;
    }
    let Some(line) = vm.setup.stdin.get(vm.inputs).cloned() else {
        return Err(raise(Type::EOFError, "EOF when reading a line"));
    };
    vm.inputs += 1;
    vm.events.push_back(Event::InputRead { task: vm.task, text: line.clone() });
    Ok(Value::str(line))
}

fn len(_: &mut Vm, args: Args) -> Answer {
    let length = match args.at(0) {
        Value::Str(text) => text.chars(),
        Value::Bytes(bytes) => bytes.len(),
        Value::ByteArray(array) => array.bytes.borrow().len(),
        Value::List(list) => list.items.borrow().len(),
        Value::Tuple(tuple) => tuple.items.len(),
        Value::Dict(dict) => dict.len(),
        Value::Set(set) => set.len(),
        Value::Range(range) => {
            let length = range.len();
            if length > i64::MAX as u64 {
                return Err(raise(Type::OverflowError, "Python int too large to convert to C ssize_t"));
            }
            length as usize
        }
        other => match other {
            Value::Object(object) => match &**object {
                Object::View(dict, _) => dict.len(),
                Object::Memory(_, start, end) => end - start,
                Object::NamedTuple(_, _, items) => items.len(),
                _ => return Err(no_length(other)),
            },
            _ => return Err(no_length(other)),
        },
    };
    Ok(Value::Int(length as i64))
}

fn no_length(value: &Value) -> Stop {
    type_error(format!("object of type '{}' has no len()", value.type_name()))
}

fn abs(_: &mut Vm, args: Args) -> Answer {
    match args.at(0) {
        Value::Float(value) => Ok(Value::Float(value.abs())),
        other => match Integer::of(other) {
            Some(Integer::Small(value)) => {
                Ok(value.checked_abs().map_or_else(|| Value::big(BigInt::from(value).abs()), Value::Int))
            }
            Some(Integer::Big(value)) => Ok(Value::big(value.abs())),
            None => Err(type_error(format!("bad operand type for abs(): '{}'", other.type_name()))),
        },
    }
}

fn chr(_: &mut Vm, args: Args) -> Answer {
    let number = integer(args.at(0))?;
    match u32::try_from(number).ok().filter(|number| *number < 0x11_0000) {
        // A lone surrogate is a character in Python; here texts are UTF-8 throughout.
        Some(number) => Ok(Value::str(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER))),
        None => Err(value_error("chr() arg not in range(0x110000)")),
    }
}

fn ord(_: &mut Vm, args: Args) -> Answer {
    let value = args.at(0);
    let length = match value {
        Value::Str(text) => {
            let mut chars = text.as_str().chars();
            if let (Some(c), None) = (chars.next(), chars.next()) {
                return Ok(Value::Int((c as u32).into()));
            }
            text.chars()
        }
        Value::Bytes(_) | Value::ByteArray(_) => {
            let bytes = value.to_bytes().unwrap_or_default();
            if let [byte] = bytes[..] {
                return Ok(Value::Int(byte.into()));
            }
            bytes.len()
        }
        other => {
            return Err(type_error(format!("ord() expected string of length 1, but {} found", other.type_name())));
        }
    };
    Err(type_error(format!("ord() expected a character, but string of length {length} found")))
}

/// `hex`, `oct`, `bin`.
fn based(value: &Value, base: u32, prefix: &str) -> Answer {
    let Some(integer) = Integer::of(value) else {
        return Err(type_error(format!("'{}' object cannot be interpreted as an integer", value.type_name())));
    };
    let big = integer.big();
    let sign = if big.is_negative() { "-" } else { "" };
    Ok(Value::str(format!("{sign}{prefix}{}", big.abs().to_str_radix(base))))
}

/// Whether a type is among those that `isinstance` was given.
fn among(kind: Type, kinds: &Value, function: &str) -> Answer<bool> {
    let mut work = vec![kinds.clone()];
    while let Some(kinds) = work.pop() {
        match kinds {
            Value::Type(other) if kind.is(other) => return Ok(true),
            Value::Type(_) => {}
            Value::Tuple(tuple) => work.extend(tuple.items.iter().rev().cloned()),
            _ => return Err(type_error(format!("{function}() arg 2 must be a type, a tuple of types, or a union"))),
        }
    }
    Ok(false)
}

fn is_instance(_: &mut Vm, args: Args) -> Answer {
    Ok(Value::Bool(among(args.at(0).kind(), args.at(1), "isinstance")?))
}

fn is_subclass(_: &mut Vm, args: Args) -> Answer {
    match args.at(0) {
        Value::Type(kind) => Ok(Value::Bool(among(*kind, args.at(1), "issubclass")?)),
        _ => Err(type_error("issubclass() arg 1 must be a class")),
    }
}

fn is_callable(value: &Value) -> bool {
    matches!(value, Value::Function(_) | Value::Native(_) | Value::Bound(_) | Value::Type(_))
}

/// Numbers that tell objects apart. Real addresses would differ from run to run, so objects are numbered as they are
/// asked about, and kept, so that no other takes their place.
fn identity(vm: &mut Vm, value: &Value) -> i64 {
    const FIRST: i64 = 0x7f00_0000_1000;
    match value {
        Value::Int(number) => return FIRST.wrapping_sub(0x10_0000).wrapping_add(number.wrapping_mul(32)),
        Value::None | Value::Bool(_) | Value::Type(_) | Value::Module(_) | Value::Native(_) | Value::Float(_) => {
            return FIRST - 0x20_0000 + (hash(value).unwrap_or(0) % 0x1_0000) as i64 * 16;
        }
        // A socket that is only remembered here must not stay open.
        Value::Object(object) => return FIRST + 0x40_0000 + object.serial() as i64 * 64,
        _ => {}
    }
    let known = vm.identities.iter().position(|other| other.same(value));
    let index = known.unwrap_or_else(|| {
        if vm.identities.len() < MOST_IDENTITIES {
            vm.identities.push(value.clone());
        }
        vm.identities.len() - 1
    });
    FIRST + index as i64 * 64
}

/// How many objects are told apart.
const MOST_IDENTITIES: usize = 1000;

fn hashed(_: &mut Vm, args: Args) -> Answer {
    let value = args.at(0);
    Ok(Value::Int(match value {
        Value::Int(_) | Value::Bool(_) | Value::Big(_) | Value::Float(_) => number_hash(value),
        other => (hash(other)? >> 1) as i64,
    }))
}

fn round(_: &mut Vm, args: Args) -> Answer {
    let digits = match args.get(1) {
        None | Some(Value::None) => None,
        Some(digits) => Some(integer(digits)?),
    };
    match (args.at(0), digits) {
        (Value::Float(value), None) => {
            if value.is_nan() {
                return Err(value_error("cannot convert float NaN to integer"));
            }
            if value.is_infinite() {
                return Err(raise(Type::OverflowError, "cannot convert float infinity to integer"));
            }
            Ok(number::from_float(value.round_ties_even()))
        }
        (Value::Float(value), Some(digits)) => {
            if !value.is_finite() || digits > 300 {
                return Ok(Value::Float(*value));
            }
            if digits >= 0 {
                // The decimal expansion of the float is rounded, half to even, as C does it.
                return Ok(Value::Float(format!("{value:.*}", digits as usize).parse().unwrap_or(*value)));
            }
            let scale = 10f64.powi((-digits).min(400) as i32);
            Ok(Value::Float(if scale.is_finite() { (value / scale).round_ties_even() * scale } else { 0.0 }))
        }
        (other, digits) => {
            let Some(integer) = Integer::of(other) else {
                return Err(type_error(format!("type {} doesn't define __round__ method", other.type_name())));
            };
            let digits = digits.unwrap_or(0);
            if digits >= 0 {
                return Ok(Value::big(integer.big()));
            }
            if digits < -5000 {
                return Ok(Value::Int(0));
            }
            let scale = BigInt::from(10).pow((-digits) as u32);
            let (quotient, rest) = number::divide_floor(&integer.big(), &scale);
            let twice = &rest * 2u32;
            let up = twice > scale || twice == scale && quotient.bit(0);
            Ok(Value::big((if up { quotient + 1 } else { quotient }) * scale))
        }
    }
}

fn pow(vm: &mut Vm, args: Args) -> Answer {
    let Some(modulus) = args.get(2).filter(|value| !matches!(value, Value::None)) else {
        return vm.binary(Binary::Power, args.at(0), args.at(1));
    };
    let parts = (Integer::of(args.at(0)), Integer::of(args.at(1)), Integer::of(modulus));
    let (Some(base), Some(exponent), Some(modulus)) = parts else {
        return Err(type_error("pow() 3rd argument not allowed unless all arguments are integers"));
    };
    let (base, exponent, modulus) = (base.big(), exponent.big(), modulus.big());
    if modulus == BigInt::from(0) {
        return Err(value_error("pow() 3rd argument cannot be 0"));
    }
    let result = if exponent.is_negative() {
        match base.modinv(&modulus) {
            Some(inverse) => inverse.modpow(&-exponent, &modulus),
            None => return Err(value_error("base is not invertible for the given modulus")),
        }
    } else {
        base.modpow(&exponent, &modulus)
    };
    Ok(Value::big(result))
}

fn divmod(vm: &mut Vm, args: Args) -> Answer {
    let (a, b) = (args.at(0), args.at(1));
    let bad =
        || type_error(format!("unsupported operand type(s) for divmod(): '{}' and '{}'", a.type_name(), b.type_name()));
    if number::to_float(a).is_none() || number::to_float(b).is_none() {
        return Err(bad());
    }
    let quotient = vm.binary(Binary::FloorDivide, a, b)?;
    let rest = vm.binary(Binary::Modulo, a, b)?;
    Ok(Value::tuple(vec![quotient, rest]))
}

fn next(_: &mut Vm, args: Args) -> Answer {
    match args.at(0) {
        Value::Iterator(iterator) => match (iterator.next()?, args.get(1)) {
            (Some(value), _) => Ok(value),
            (None, Some(default)) => Ok(default.clone()),
            (None, None) => Err(Stop::Raise(Exception::new(Type::StopIteration, Vec::new()))),
        },
        Value::Generator(generator) => {
            if let (Suspended::Finished, Some(default)) = (&*generator.state.borrow(), args.get(1)) {
                return Ok(default.clone());
            }
            Err(Stop::Next(Box::new((args.at(0).clone(), args.get(1).cloned()))))
        }
        other => Err(type_error(format!("'{}' object is not an iterator", other.type_name()))),
    }
}

fn iter(vm: &mut Vm, args: Args) -> Answer {
    match args.get(1) {
        Some(sentinel) => {
            if !is_callable(args.at(0)) {
                return Err(type_error("iter(v, w): v must be callable"));
            }
            Err(vm.invoke("_until", vec![args.at(0).clone(), sentinel.clone()]))
        }
        None => match Iterator::over(args.at(0)) {
            Some(iterator) => Ok(Value::Iterator(iterator)),
            None => vm.iterate(args.at(0)),
        },
    }
}

fn get_attribute(vm: &mut Vm, args: Args) -> Answer {
    let Some(name) = args.at(1).as_str() else { return Err(type_error("attribute name must be string, not 'int'")) };
    match (vm.attribute(args.at(0), name), args.get(2)) {
        (Err(Stop::Raise(exception)), Some(default)) if exception.kind == Type::AttributeError => Ok(default.clone()),
        (answer, _) => answer,
    }
}

fn has_attribute(vm: &mut Vm, args: Args) -> Answer {
    let Some(name) = args.at(1).as_str() else { return Err(type_error("hasattr(): attribute name must be string")) };
    match vm.attribute(args.at(0), name) {
        Err(Stop::Raise(exception)) if exception.kind == Type::AttributeError => Ok(Value::Bool(false)),
        Err(stop) => Err(stop),
        Ok(_) => Ok(Value::Bool(true)),
    }
}

/// `exit()`, `quit()` and `sys.exit()`.
pub fn leave(_: &mut Vm, args: Args) -> Answer {
    Err(Stop::Raise(Exception::new(Type::SystemExit, args.get(0).cloned().into_iter().collect())))
}
