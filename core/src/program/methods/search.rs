//! What `str` and `bytes` share: finding, splitting, stripping, padding, joining, on bytes of UTF-8 or of anything.

use crate::program::builtins::Args;
use crate::program::value::Value;
use crate::program::value::object::Slice;
use crate::program::vm::index::{Chosen, integer};
use crate::program::vm::{Answer, Vm, value_error};
use memchr::memmem;

/// The `start` and `end` arguments of a search, as indices into something of this length.
pub fn bounds(args: Args, first: usize, length: usize) -> Answer<Option<(usize, usize)>> {
    let part = |index: usize| args.get(index).cloned().unwrap_or(Value::None);
    let (start, stop) = (part(first), part(first + 1));
    // Past the end nothing is found, not even the empty text.
    if let Some(at) = start.as_int()
        && at > length as i64
    {
        return Ok(None);
    }
    let slice = Slice { start, stop, step: Value::None };
    let chosen = Chosen::of(&slice, length)?;
    let end = match part(first + 1).as_int() {
        Some(end) if (if end < 0 { end + length as i64 } else { end }) < chosen.start => return Ok(None),
        _ => chosen.start as usize + chosen.count,
    };
    Ok(Some((chosen.start as usize, end)))
}

/// First or last place of a part.
pub fn find(bytes: &[u8], part: &[u8], last: bool) -> Option<usize> {
    if last { memmem::rfind(bytes, part) } else { memmem::find(bytes, part) }
}

/// How often a part occurs without overlap.
pub fn count(bytes: &[u8], part: &[u8], characters: usize) -> usize {
    if part.is_empty() { characters + 1 } else { memmem::find_iter(bytes, part).count() }
}

/// Pieces between separators, at most `most` cuts, from the left.
pub fn split<'a>(bytes: &'a [u8], separator: &[u8], most: i64) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for place in memmem::find_iter(bytes, separator) {
        if most >= 0 && pieces.len() as i64 >= most {
            break;
        }
        pieces.push(&bytes[at..place]);
        at = place + separator.len();
    }
    pieces.push(&bytes[at..]);
    pieces
}

/// Pieces between separators, at most `most` cuts, from the right.
pub fn split_right<'a>(bytes: &'a [u8], separator: &[u8], most: i64) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut end = bytes.len();
    while most < 0 || (pieces.len() as i64) < most {
        let Some(place) = memmem::rfind(&bytes[..end], separator) else { break };
        pieces.push(&bytes[place + separator.len()..end]);
        end = place;
    }
    pieces.push(&bytes[..end]);
    pieces.reverse();
    pieces
}

/// Replaces a part, at most `most` times; fails where the result would not fit.
pub fn replace(vm: &mut Vm, bytes: &[u8], old: &[u8], new: &[u8], most: i64, boundaries: &[usize]) -> Answer<Vec<u8>> {
    let limit = if most < 0 { usize::MAX } else { most as usize };
    let places: Vec<usize> = if old.is_empty() {
        boundaries.iter().copied().take(limit).collect()
    } else {
        memmem::find_iter(bytes, old).take(limit).collect()
    };
    vm.room(bytes.len().saturating_add(places.len().saturating_mul(new.len())))?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for place in places {
        out.extend_from_slice(&bytes[at..place]);
        out.extend_from_slice(new);
        at = place + old.len();
    }
    out.extend_from_slice(&bytes[at..]);
    Ok(out)
}

/// How many fill characters go left and right of something `length` long in a field `width` wide.
pub fn padding(width: i64, length: usize, left: bool, right: bool) -> (usize, usize) {
    let missing = usize::try_from(width).unwrap_or(0).saturating_sub(length);
    match (left, right) {
        // CPython's `center` puts the odd one left where the width is odd.
        (true, true) => {
            let before = missing / 2 + (missing & width.max(0) as usize & 1);
            (before, missing - before)
        }
        (true, false) => (missing, 0),
        _ => (0, missing),
    }
}

/// The width of a field.
pub fn width(vm: &mut Vm, args: Args, character: usize) -> Answer<i64> {
    let width = integer(args.at(0))?;
    vm.room(usize::try_from(width).unwrap_or(0).saturating_mul(character))?;
    Ok(width)
}

/// The number of cuts or replacements that an argument allows; negative: all.
pub fn most(args: Args, index: usize) -> Answer<i64> {
    args.get(index).map_or(Ok(-1), integer)
}

/// The complaint about an empty separator.
pub fn check_separator(separator: &[u8]) -> Answer<()> {
    if separator.is_empty() { Err(value_error("empty separator")) } else { Ok(()) }
}
