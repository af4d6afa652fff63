//! "Did you mean": the name that CPython 3.11 proposes after a misspelt one.

use super::Vm;
use crate::program::code::Code;
use crate::program::compile::HIDDEN;
use crate::program::methods;
use crate::program::value::Value;
use crate::program::value::exception::Exception;
use crate::program::value::types::Type;

/// Moving, inserting or deleting a character.
const MOVE: usize = 2;
/// Changing its case.
const CASE: usize = 1;
/// Longer names are not compared, as in CPython's `suggestions.c`.
const LONGEST: usize = 40;
/// Nor are more candidates than this.
const MOST: usize = 750;

/// Built-in names in the order of CPython's module, so that ties fall as they do there.
const BUILTINS: &str = "\
__name__ __doc__ __package__ __loader__ __spec__ __build_class__ __import__ abs all any ascii bin breakpoint \
callable chr compile delattr dir divmod eval exec format getattr globals hasattr hash hex id input isinstance \
issubclass iter aiter len locals max min next anext oct ord pow print repr round setattr sorted sum vars None \
Ellipsis NotImplemented False True bool memoryview bytearray bytes classmethod complex dict enumerate filter float \
frozenset property int list map object range reversed set slice staticmethod str super tuple type zip __debug__ \
BaseException BaseExceptionGroup Exception GeneratorExit KeyboardInterrupt SystemExit ArithmeticError \
AssertionError AttributeError BufferError EOFError ImportError LookupError MemoryError NameError OSError \
ReferenceError RuntimeError StopAsyncIteration StopIteration SyntaxError SystemError TypeError ValueError Warning \
FloatingPointError OverflowError ZeroDivisionError BytesWarning DeprecationWarning EncodingWarning FutureWarning \
ImportWarning PendingDeprecationWarning ResourceWarning RuntimeWarning SyntaxWarning UnicodeWarning UserWarning \
BlockingIOError ChildProcessError ConnectionError FileExistsError FileNotFoundError InterruptedError \
IsADirectoryError NotADirectoryError PermissionError ProcessLookupError TimeoutError IndentationError IndexError \
KeyError ModuleNotFoundError NotImplementedError RecursionError UnboundLocalError UnicodeError BrokenPipeError \
ConnectionAbortedError ConnectionRefusedError ConnectionResetError TabError UnicodeDecodeError UnicodeEncodeError \
UnicodeTranslateError ExceptionGroup EnvironmentError IOError open quit exit copyright credits license help";

/// What the last line of a traceback says beyond the exception itself.
pub fn hint(vm: &Vm, exception: &Exception) -> Option<String> {
    let (wanted, object) = exception.misspelt.borrow().clone()?;
    let found = match exception.kind {
        Type::NameError => {
            let (code, _) = exception.trace.borrow().first().copied()?;
            name(vm, &vm.unit.codes[code], &wanted)?
        }
        Type::AttributeError => attribute(&object, &wanted)?,
        _ => return None,
    };
    Some(format!(". Did you mean: '{found}'?"))
}

fn name(vm: &Vm, code: &Code, wanted: &str) -> Option<String> {
    let locals = code.locals.iter().map(|name| name.to_string());
    let bound = vm.unit.globals.iter().zip(&vm.globals).filter(|(name, value)| {
        let builtin = crate::program::builtins::find(name).is_some_and(|builtin| builtin.same(value));
        !matches!(value, Value::Unbound) && !name.starts_with(HIDDEN) && !builtin
    });
    let starred = vm.unit.starred.iter().flat_map(|module| module.exports());
    let globals = bound.map(|(name, _)| name.to_string()).chain(starred.map(str::to_string));
    closest(wanted, locals)
        .or_else(|| closest(wanted, globals))
        .or_else(|| closest(wanted, BUILTINS.split(' ').map(str::to_string)))
}

fn attribute(object: &Value, wanted: &str) -> Option<String> {
    let mut names: Vec<&str> = match object {
        Value::Module(module) => module.exports().collect(),
        other => methods::names(other.kind()),
    };
    names.retain(|name| !name.starts_with('_'));
    names.sort_unstable();
    closest(wanted, names.into_iter().map(str::to_string))
}

fn closest(wanted: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    for candidate in candidates.take(MOST) {
        if candidate == wanted {
            continue;
        }
        let mut most = (wanted.len() + candidate.len() + 3) * MOVE / 6;
        if let Some((distance, _)) = &best {
            most = most.min(distance.saturating_sub(1));
        }
        let distance = distance(wanted.as_bytes(), candidate.as_bytes(), most);
        if distance <= most && best.as_ref().is_none_or(|(known, _)| distance < *known) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| name)
}

fn substitution(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE
    } else {
        MOVE
    }
}

/// The weighted edit distance; anything above `most` only says so.
fn distance(a: &[u8], b: &[u8], most: usize) -> usize {
    let prefix = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    if a.is_empty() || b.is_empty() {
        return (a.len() + b.len()) * MOVE;
    }
    let (a, b) = if b.len() < a.len() { (b, a) } else { (a, b) };
    if b.len() > LONGEST || (b.len() - a.len()) * MOVE > most {
        return most + 1;
    }
    let mut row: Vec<usize> = (1..=a.len()).map(|index| index * MOVE).collect();
    let mut result = 0;
    for (index, code) in b.iter().enumerate() {
        let mut diagonal = index * MOVE;
        result = diagonal;
        let mut least = usize::MAX;
        for (place, other) in row.iter_mut().zip(a) {
            let substitute = diagonal + substitution(*code, *other);
            diagonal = *place;
            result = (result.min(diagonal) + MOVE).min(substitute);
            *place = result;
            least = least.min(result);
        }
        if least > most {
            return most + 1;
        }
    }
    result
}
