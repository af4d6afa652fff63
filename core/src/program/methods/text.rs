//! Methods of `str`.

pub use super::codec::encode;

use super::characters::{decimal, ends_line, is_space, printable};
use super::search;
use crate::program::builtins::{Args, Native};
use crate::program::format::brace;
use crate::program::value::Value;
use crate::program::value::dict::Dict;
use crate::program::value::text::Text;
use crate::program::value::types::Type;
use crate::program::vm::index::integer;
use crate::program::vm::{Answer, Stop, Vm, raise, type_error, value_error};
use std::rc::Rc;

const fn method(name: &'static str, min: usize, max: usize, call: crate::program::builtins::Body) -> Native {
    Native::new(name, min, max, call).of("str")
}

/// Every method.
pub static METHODS: &[Native] = &[
    method("upper", 0, 0, |_, args| map(args, |text| text.to_uppercase())),
    method("lower", 0, 0, |_, args| map(args, |text| text.to_lowercase())),
    method("casefold", 0, 0, |_, args| map(args, |text| text.to_lowercase().replace('ß', "ss"))),
    method("capitalize", 0, 0, |_, args| map(args, capitalize)),
    method("title", 0, 0, |_, args| map(args, title)),
    method("swapcase", 0, 0, |_, args| map(args, swap_case)),
    method("strip", 0, 1, |_, args| strip(args, true, true)),
    method("lstrip", 0, 1, |_, args| strip(args, true, false)),
    method("rstrip", 0, 1, |_, args| strip(args, false, true)),
    method("split", 0, 2, |vm, args| split(vm, args, false)).named(&["sep", "maxsplit"]),
    method("rsplit", 0, 2, |vm, args| split(vm, args, true)).named(&["sep", "maxsplit"]),
    method("splitlines", 0, 1, split_lines).named(&["keepends"]),
    method("join", 1, 1, join).consuming(),
    method("replace", 2, 3, replace),
    method("find", 1, 3, |_, args| find(args, "find", false, false)),
    method("rfind", 1, 3, |_, args| find(args, "rfind", true, false)),
    method("index", 1, 3, |_, args| find(args, "index", false, true)),
    method("rindex", 1, 3, |_, args| find(args, "rindex", true, true)),
    method("count", 1, 3, count),
    method("startswith", 1, 3, |_, args| affix(args, "startswith", |text, part| text.starts_with(part))),
    method("endswith", 1, 3, |_, args| affix(args, "endswith", |text, part| text.ends_with(part))),
    method("removeprefix", 1, 1, |_, args| {
        let part = text_at(args, 0, "removeprefix")?;
        map(args, |text| text.strip_prefix(part).unwrap_or(text).to_string())
    }),
    method("removesuffix", 1, 1, |_, args| {
        let part = text_at(args, 0, "removesuffix")?;
        map(args, |text| text.strip_suffix(part).unwrap_or(text).to_string())
    }),
    method("partition", 1, 1, |_, args| partition(args, false)),
    method("rpartition", 1, 1, |_, args| partition(args, true)),
    method("encode", 0, 2, |_, args| Ok(Value::bytes(encode(text_of(args), args.get(0), args.get(1))?)))
        .named(&["encoding", "errors"]),
    Native::free("format", |vm, args| Ok(Value::str(brace::format(vm, text_of(args), args)?))).of("str"),
    method("format_map", 1, 1, |vm, args| {
        let Value::Dict(dict) = args.at(0) else { return Err(type_error("expected a mapping")) };
        let named: Vec<_> =
            dict.pairs().into_iter().filter_map(|(key, value)| Some((key.as_str()?.into(), value))).collect();
        let inner = Args { this: args.this, values: &[], keywords: &named };
        Ok(Value::str(brace::format(vm, text_of(args), inner)?))
    }),
    method("center", 1, 2, |vm, args| pad(vm, args, true, true)),
    method("ljust", 1, 2, |vm, args| pad(vm, args, false, true)),
    method("rjust", 1, 2, |vm, args| pad(vm, args, true, false)),
    method("zfill", 1, 1, zero_fill),
    method("expandtabs", 0, 1, expand_tabs).named(&["tabsize"]),
    method("isdigit", 0, 0, |_, args| {
        every(args, |c| decimal(c).is_some() || matches!(c, '²' | '³' | '¹' | '⁰'..='⁹'))
    }),
    method("isdecimal", 0, 0, |_, args| every(args, |c| decimal(c).is_some())),
    method("isnumeric", 0, 0, |_, args| every(args, char::is_numeric)),
    method("isalpha", 0, 0, |_, args| every(args, char::is_alphabetic)),
    method("isalnum", 0, 0, |_, args| every(args, char::is_alphanumeric)),
    method("isspace", 0, 0, |_, args| every(args, is_space)),
    method("isascii", 0, 0, |_, args| Ok(Value::Bool(text_of(args).is_ascii()))),
    method("isprintable", 0, 0, |_, args| Ok(Value::Bool(text_of(args).chars().all(printable)))),
    method("isidentifier", 0, 0, |_, args| {
        let text = text_of(args);
        let first = text.chars().next().is_some_and(|c| c == '_' || c.is_alphabetic());
        Ok(Value::Bool(first && text.chars().all(|c| c == '_' || c.is_alphanumeric())))
    }),
    method("isupper", 0, 0, |_, args| cased(args, char::is_uppercase, char::is_lowercase)),
    method("islower", 0, 0, |_, args| cased(args, char::is_lowercase, char::is_uppercase)),
    method("istitle", 0, 0, |_, args| {
        let text = text_of(args);
        Ok(Value::Bool(text.chars().any(char::is_alphabetic) && title(text) == text))
    }),
    method("translate", 1, 1, translate),
];

/// What the type itself has.
pub static TYPE_METHODS: &[Native] = &[Native::new("maketrans", 1, 3, make_translation)];

fn text_of(args: Args<'_>) -> &str {
    args.this.as_str().unwrap_or_default()
}

fn this(args: Args) -> Rc<Text> {
    match args.this {
        Value::Str(text) => text.clone(),
        _ => Rc::new(Text::new(String::new())),
    }
}

fn text_at<'a>(args: Args<'a>, index: usize, function: &str) -> Answer<&'a str> {
    match args.at(index) {
        Value::Str(text) => Ok(text.as_str()),
        other => {
            let name = other.type_name();
            Err(type_error(match function {
                "find" | "rfind" | "index" | "rindex" | "count" | "partition" => {
                    format!("must be str, not {name}")
                }
                "removeprefix" | "removesuffix" => format!("{function}() argument must be str, not {name}"),
                _ => format!("{function}() argument {} must be str, not {name}", index + 1),
            }))
        }
    }
}

fn map(args: Args, change: impl FnOnce(&str) -> String) -> Answer {
    Ok(Value::str(change(text_of(args))))
}

fn every(args: Args, test: impl Fn(char) -> bool) -> Answer {
    let text = text_of(args);
    Ok(Value::Bool(!text.is_empty() && text.chars().all(test)))
}

fn cased(args: Args, wanted: fn(char) -> bool, unwanted: fn(char) -> bool) -> Answer {
    let text = text_of(args);
    Ok(Value::Bool(text.chars().any(wanted) && !text.chars().any(unwanted)))
}

fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect(),
        None => String::new(),
    }
}

fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        if inside {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        inside = c.is_alphabetic();
    }
    out
}

fn swap_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_uppercase() {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
    }
    out
}

fn strip(args: Args, left: bool, right: bool) -> Answer {
    let text = text_of(args);
    let chosen: Vec<char> = match args.get(0) {
        None | Some(Value::None) => Vec::new(),
        Some(Value::Str(chars)) => chars.as_str().chars().collect(),
        Some(_) => {
            let name = match (left, right) {
                (true, true) => "strip",
                (true, false) => "lstrip",
                _ => "rstrip",
            };
            return Err(type_error(format!("{name} arg must be None or str")));
        }
    };
    let spaces = !matches!(args.get(0), Some(Value::Str(_)));
    let goes = |c: char| if spaces { is_space(c) } else { chosen.contains(&c) };
    let mut rest = text;
    if left {
        rest = rest.trim_start_matches(goes);
    }
    if right {
        rest = rest.trim_end_matches(goes);
    }
    Ok(if rest.len() == text.len() { args.this.clone() } else { Value::str(rest) })
}

fn split(_: &mut Vm, args: Args, right: bool) -> Answer {
    let text = text_of(args);
    let most = search::most(args, 1)?;
    let pieces: Vec<&str> = match args.get(0) {
        None | Some(Value::None) => spaces(text, most, right),
        Some(Value::Str(separator)) => {
            search::check_separator(separator.as_bytes())?;
            let bytes = text.as_bytes();
            let pieces = if right {
                search::split_right(bytes, separator.as_bytes(), most)
            } else {
                search::split(bytes, separator.as_bytes(), most)
            };
            // Cut at whole occurrences of a text, so every piece is a text.
            pieces.into_iter().map(|piece| std::str::from_utf8(piece).unwrap_or_default()).collect()
        }
        Some(other) => return Err(type_error(format!("must be str or None, not {}", other.type_name()))),
    };
    Ok(Value::list(pieces.into_iter().map(Value::str).collect()))
}

fn spaces(text: &str, most: i64, right: bool) -> Vec<&str> {
    let mut pieces = Vec::new();
    if right {
        let mut rest = text.trim_end_matches(is_space);
        while !rest.is_empty() {
            if most >= 0 && pieces.len() as i64 >= most {
                pieces.push(rest);
                break;
            }
            let at = rest.rfind(is_space).map_or(0, |at| at + rest[at..].chars().next().map_or(1, char::len_utf8));
            pieces.push(&rest[at..]);
            rest = rest[..at].trim_end_matches(is_space);
        }
        pieces.reverse();
        return pieces;
    }
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        if most >= 0 && pieces.len() as i64 >= most {
            pieces.push(rest);
            break;
        }
        let at = rest.find(is_space).unwrap_or(rest.len());
        pieces.push(&rest[..at]);
        rest = rest[at..].trim_start_matches(is_space);
    }
    pieces
}

fn split_lines(_: &mut Vm, args: Args) -> Answer {
    let keep = args.get(0).is_some_and(Value::truth);
    let mut lines = Vec::new();
    let mut rest = text_of(args);
    while !rest.is_empty() {
        let at = rest.find(ends_line).unwrap_or(rest.len());
        let end = match rest[at..].chars().next() {
            Some('\r') if rest[at..].starts_with("\r\n") => at + 2,
            Some(c) => at + c.len_utf8(),
            None => at,
        };
        lines.push(Value::str(&rest[..if keep { end } else { at }]));
        rest = &rest[end..];
    }
    Ok(Value::list(lines))
}

fn join(vm: &mut Vm, args: Args) -> Answer {
    let items = match vm.elements(args.at(0)) {
        Ok(items) => items,
        Err(Stop::Raise(exception)) if exception.kind == Type::TypeError => {
            return Err(type_error("can only join an iterable"));
        }
        Err(stop) => return Err(stop),
    };
    let separator = text_of(args);
    let mut length = 0usize;
    for (index, item) in items.iter().enumerate() {
        match item {
            Value::Str(text) => length += text.len() + separator.len(),
            other => {
                let name = other.type_name();
                return Err(type_error(format!("sequence item {index}: expected str instance, {name} found")));
            }
        }
    }
    vm.room(length)?;
    let mut out = String::with_capacity(length);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(separator);
        }
        out.push_str(item.as_str().unwrap_or_default());
    }
    Ok(Value::str(out))
}

fn replace(vm: &mut Vm, args: Args) -> Answer {
    let text = text_of(args);
    let (old, new) = (text_at(args, 0, "replace")?, text_at(args, 1, "replace")?);
    let boundaries: Vec<usize> =
        if old.is_empty() { text.char_indices().map(|(at, _)| at).chain([text.len()]).collect() } else { Vec::new() };
    let most = search::most(args, 2)?;
    let bytes = search::replace(vm, text.as_bytes(), old.as_bytes(), new.as_bytes(), most, &boundaries)?;
    // Only whole texts were exchanged for whole texts.
    Ok(Value::str(String::from_utf8(bytes).unwrap_or_default()))
}

/// The part of the text between the bounds given from argument `first` on, and where it begins.
fn within<'a>(text: &'a Text, args: Args, first: usize) -> Answer<Option<(&'a str, usize)>> {
    if args.get(first).is_none() {
        return Ok(Some((text.as_str(), 0)));
    }
    let Some((start, end)) = search::bounds(args, first, text.chars())? else { return Ok(None) };
    Ok(Some((text.slice(start, end), start)))
}

fn find(args: Args, name: &str, last: bool, must: bool) -> Answer {
    let text = this(args);
    let part = text_at(args, 0, name)?;
    let found = within(&text, args, 1)?.and_then(|(within, start)| {
        let at = search::find(within.as_bytes(), part.as_bytes(), last)?;
        Some(start + within[..at].chars().count())
    });
    match found {
        Some(index) => Ok(Value::Int(index as i64)),
        None if must => Err(value_error("substring not found")),
        None => Ok(Value::Int(-1)),
    }
}

fn count(_: &mut Vm, args: Args) -> Answer {
    let text = this(args);
    let part = text_at(args, 0, "count")?;
    let count = within(&text, args, 1)?
        .map_or(0, |(within, _)| search::count(within.as_bytes(), part.as_bytes(), within.chars().count()));
    Ok(Value::Int(count as i64))
}

fn affix(args: Args, name: &str, test: impl Fn(&str, &str) -> bool) -> Answer {
    let text = this(args);
    let Some((within, _)) = within(&text, args, 1)? else { return Ok(Value::Bool(false)) };
    match args.at(0) {
        Value::Str(part) => Ok(Value::Bool(test(within, part.as_str()))),
        Value::Tuple(parts) => {
            for part in parts.items.iter() {
                match part {
                    Value::Str(part) if test(within, part.as_str()) => return Ok(Value::Bool(true)),
                    Value::Str(_) => {}
                    other => {
                        let message = format!("tuple for {name} must only contain str, not {}", other.type_name());
                        return Err(type_error(message));
                    }
                }
            }
            Ok(Value::Bool(false))
        }
        other => Err(type_error(format!("{name} first arg must be str or a tuple of str, not {}", other.type_name()))),
    }
}

fn partition(args: Args, last: bool) -> Answer {
    let text = text_of(args);
    let separator = text_at(args, 0, "partition")?;
    search::check_separator(separator.as_bytes())?;
    let parts = match search::find(text.as_bytes(), separator.as_bytes(), last) {
        Some(at) => [&text[..at], separator, &text[at + separator.len()..]],
        None if last => ["", "", text],
        None => [text, "", ""],
    };
    Ok(Value::tuple(parts.into_iter().map(Value::str).collect()))
}

fn pad(vm: &mut Vm, args: Args, left: bool, right: bool) -> Answer {
    let text = this(args);
    let fill = match args.get(1) {
        None => ' ',
        Some(Value::Str(fill)) if fill.chars() == 1 => fill.as_str().chars().next().unwrap_or(' '),
        Some(Value::Str(_)) => return Err(type_error("The fill character must be exactly one character long")),
        Some(other) => {
            return Err(type_error(format!(
                "The fill character must be a unicode character, not {}",
                other.type_name()
            )));
        }
    };
    let width = search::width(vm, args, fill.len_utf8())?;
    let (before, after) = search::padding(width, text.chars(), left, right);
    let mut out = String::with_capacity(text.len() + (before + after) * fill.len_utf8());
    out.extend(std::iter::repeat_n(fill, before));
    out.push_str(text.as_str());
    out.extend(std::iter::repeat_n(fill, after));
    Ok(Value::str(out))
}

fn zero_fill(vm: &mut Vm, args: Args) -> Answer {
    let text = this(args);
    let width = search::width(vm, args, 1)?;
    let (missing, _) = search::padding(width, text.chars(), true, false);
    let (sign, digits) = match text.as_str().strip_prefix(['+', '-']) {
        Some(digits) => text.as_str().split_at(text.len() - digits.len()),
        None => ("", text.as_str()),
    };
    Ok(Value::str(format!("{sign}{}{digits}", "0".repeat(missing))))
}

fn expand_tabs(vm: &mut Vm, args: Args) -> Answer {
    let size = args.get(0).map_or(Ok(8), integer)?.max(0) as usize;
    let text = text_of(args);
    vm.room(text.len().saturating_add(memchr::memchr_iter(b'\t', text.as_bytes()).count().saturating_mul(size)))?;
    let mut out = String::new();
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' if size > 0 => {
                let spaces = size - column % size;
                out.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\t' => {}
            c => {
                column = if matches!(c, '\n' | '\r') { 0 } else { column + 1 };
                out.push(c);
            }
        }
    }
    Ok(Value::str(out))
}

fn translate(_: &mut Vm, args: Args) -> Answer {
    let Value::Dict(table) = args.at(0) else {
        return Err(type_error(format!("'{}' object is not subscriptable", args.at(0).type_name())));
    };
    let mut out = String::new();
    for c in text_of(args).chars() {
        match table.get(&Value::Int((c as u32).into()))? {
            None => out.push(c),
            Some(Value::None) => {}
            Some(Value::Str(text)) => out.push_str(text.as_str()),
            Some(other) => {
                let code = other.as_int().and_then(|code| u32::try_from(code).ok()).and_then(char::from_u32);
                out.push(code.ok_or_else(|| raise(Type::ValueError, "character mapping must be in range(0x110000)"))?);
            }
        }
    }
    Ok(Value::str(out))
}

fn make_translation(_: &mut Vm, args: Args) -> Answer {
    let table = Dict::default();
    let code = |c: char| Value::Int((c as u32).into());
    match (args.at(0), args.get(1)) {
        (Value::Dict(from), None) => {
            for (key, value) in from.pairs() {
                let key = match &key {
                    Value::Str(text) if text.chars() == 1 => code(text.as_str().chars().next().unwrap_or(' ')),
                    Value::Str(_) => return Err(value_error("string keys in translate table must be of length 1")),
                    other => other.clone(),
                };
                table.insert(key, value)?;
            }
        }
        (Value::Str(from), Some(Value::Str(to))) => {
            if from.chars() != to.chars() {
                return Err(value_error("the first two maketrans arguments must have equal length"));
            }
            for (from, to) in from.as_str().chars().zip(to.as_str().chars()) {
                table.insert(code(from), code(to))?;
            }
            if let Some(Value::Str(gone)) = args.get(2) {
                for c in gone.as_str().chars() {
                    table.insert(code(c), Value::None)?;
                }
            }
        }
        _ => return Err(type_error("if you give only one argument to maketrans it must be a dict")),
    }
    Ok(Value::Dict(Rc::new(table)))
}
