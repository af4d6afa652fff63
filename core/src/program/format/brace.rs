//! `'{0} of {name!r:>10}'.format(…)`.

use super::{convert, spec};
use crate::program::builtins::Args;
use crate::program::code::Conversion;
use crate::program::value::Value;
use crate::program::value::exception::Exception;
use crate::program::value::types::Type;
use crate::program::vm::{Answer, Stop, Vm, raise, value_error};

/// How deep fields may stand in the specifications of fields, as in CPython.
const DEPTH: usize = 2;

/// `text.format(*args, **keywords)`.
pub fn format(vm: &mut Vm, text: &str, args: Args) -> Answer<String> {
    let mut state = State { args, next: Some(0), numbered: false };
    pieces(vm, text, &mut state, DEPTH)
}

struct State<'a> {
    args: Args<'a>,
    /// The next argument for `{}`.
    next: Option<usize>,
    /// Whether a field had a number.
    numbered: bool,
}

fn pieces(vm: &mut Vm, text: &str, state: &mut State, depth: usize) -> Answer<String> {
    let Some(depth) = depth.checked_sub(1) else { return Err(value_error("Max string recursion exceeded")) };
    let mut out = String::new();
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        at += 1;
        match c {
            '{' if chars.get(at) == Some(&'{') => {
                out.push('{');
                at += 1;
            }
            '}' if chars.get(at) == Some(&'}') => {
                out.push('}');
                at += 1;
            }
            '}' => return Err(value_error("Single '}' encountered in format string")),
            '{' => {
                let start = at;
                let mut open = 1;
                while open > 0 {
                    match chars.get(at) {
                        Some('{') => open += 1,
                        Some('}') => open -= 1,
                        Some(_) => {}
                        None if at == start => return Err(value_error("Single '{' encountered in format string")),
                        None => return Err(value_error("expected '}' before end of string")),
                    }
                    at += 1;
                }
                let field: String = chars[start..at - 1].iter().collect();
                out.push_str(&one(vm, &field, state, depth)?);
                vm.room(out.len())?;
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

fn one(vm: &mut Vm, field: &str, state: &mut State, depth: usize) -> Answer<String> {
    // The name ends at `!` or `:`, unless they stand in brackets.
    let mut bracket = false;
    let end = field
        .char_indices()
        .find(|(_, c)| {
            match c {
                '[' => bracket = true,
                ']' => bracket = false,
                _ => {}
            }
            !bracket && matches!(c, '!' | ':')
        })
        .map_or(field.len(), |(at, _)| at);
    let (name, rest) = field.split_at(end);
    let (conversion, spec_text) = match rest.strip_prefix('!') {
        Some(rest) => {
            let mut chars = rest.chars();
            let conversion = match chars.next() {
                Some('r') => Conversion::Repr,
                Some('s') => Conversion::Str,
                Some('a') => Conversion::Ascii,
                Some(other) if !matches!(other, ':') => {
                    return Err(value_error(format!("Unknown conversion specifier {other}")));
                }
                _ => return Err(value_error("end of string while looking for conversion specifier")),
            };
            match chars.next() {
                None => (conversion, ""),
                Some(':') => (conversion, chars.as_str()),
                Some(_) => return Err(value_error("expected ':' after conversion specifier")),
            }
        }
        None => (Conversion::None, rest.strip_prefix(':').unwrap_or("")),
    };
    let value = look_up(vm, name, state)?;
    let spec_text =
        if spec_text.contains(['{', '}']) { pieces(vm, spec_text, state, depth)? } else { spec_text.to_string() };
    let value = convert(&value, conversion)?;
    spec::format(vm, &value, &spec_text)
}

fn look_up(vm: &mut Vm, name: &str, state: &mut State) -> Answer {
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut path) = name.split_at(end);
    let mut value = if first.is_empty() {
        if state.numbered {
            return Err(value_error("cannot switch from manual field specification to automatic field numbering"));
        }
        let index = state.next.unwrap_or(0);
        state.next = Some(index + 1);
        positional(state, index)?
    } else if let Ok(index) = first.parse::<usize>() {
        if state.next != Some(0) {
            return Err(value_error("cannot switch from automatic field numbering to manual field specification"));
        }
        state.numbered = true;
        positional(state, index)?
    } else {
        match state.args.named(first) {
            Some(value) => value.clone(),
            None => return Err(Stop::Raise(Exception::new(Type::KeyError, vec![Value::str(first)]))),
        }
    };
    while !path.is_empty() {
        if let Some(rest) = path.strip_prefix('.') {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end == 0 {
                return Err(value_error("Empty attribute in format string"));
            }
            value = vm.attribute(&value, &rest[..end])?;
            path = &rest[end..];
        } else if let Some(rest) = path.strip_prefix('[') {
            let Some(end) = rest.find(']') else { return Err(value_error("Missing ']' in format string")) };
            if end == 0 {
                return Err(value_error("Empty attribute in format string"));
            }
            let key = match rest[..end].parse::<i64>() {
                Ok(index) if !rest.starts_with(['-', '+']) => Value::Int(index),
                _ => Value::str(&rest[..end]),
            };
            value = vm.index(&value, &key)?;
            path = &rest[end + 1..];
        } else {
            return Err(value_error("Only '.' or '[' may follow ']' in format field specifier"));
        }
    }
    Ok(value)
}

fn positional(state: &State, index: usize) -> Answer {
    state.args.get(index).cloned().ok_or_else(|| {
        raise(Type::IndexError, format!("Replacement index {index} out of range for positional args tuple"))
    })
}
