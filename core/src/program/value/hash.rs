//! `hash`: equal values hash alike, whatever their type; mutable ones refuse. The same in every run.

use super::Value;
use super::number;
use crate::program::vm::{Answer, recursion_error, type_error};
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use std::hash::Hasher;

/// CPython hashes numbers modulo this Mersenne prime, so that `1 == 1.0` share a hash.
const MODULUS: i128 = (1 << 61) - 1;

/// How deep tuples may stand in tuples.
const DEPTH: usize = 150;

/// The hash that the tables use.
pub fn hash(value: &Value) -> Answer<u64> {
    hash_at(value, DEPTH)
}

fn hash_at(value: &Value, depth: usize) -> Answer<u64> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(recursion_error("maximum recursion depth exceeded while hashing an object"));
    };
    Ok(match value {
        Value::Int(_) | Value::Bool(_) | Value::Big(_) | Value::Float(_) => mix(number_hash(value) as u64),
        Value::Str(text) => text_hash(text.as_bytes()),
        Value::Bytes(bytes) => text_hash(bytes),
        Value::Tuple(tuple) => {
            let mut all = 0x9e37_79b9_7f4a_7c15;
            for item in tuple.items.iter() {
                all = mix(all ^ hash_at(item, depth)?).wrapping_add(0x1234_5678_9abc_def1);
            }
            all
        }
        Value::Set(set) if set.frozen => {
            let mut all = 0;
            for item in set.items() {
                all ^= mix(hash_at(&item, depth)?);
            }
            all
        }
        Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::ByteArray(_) | Value::Slice(_) => {
            return Err(type_error(format!("unhashable type: '{}'", value.type_name())));
        }
        Value::None => 0xfca8_6420,
        Value::Object(object) => match object.as_int() {
            Some(number) => mix(number_hash(&Value::Int(number)) as u64),
            None => mix(object.serial().wrapping_add(99)),
        },
        Value::Type(kind) => mix(*kind as u64 + 7),
        Value::Module(module) => mix(*module as u64 + 7777),
        // Not by address: the order of a set must not differ from run to run.
        Value::Function(function) => mix(function.code as u64 + 5),
        Value::Native(native) => text_hash(native.name.as_bytes()),
        Value::Bound(bound) => text_hash(bound.native.name.as_bytes()),
        Value::Range(range) => mix((range.start ^ range.stop.rotate_left(20) ^ range.step.rotate_left(40)) as u64),
        other => mix(other.kind() as u64),
    })
}

/// What Python's `hash` says of a number.
pub fn number_hash(value: &Value) -> i64 {
    let hash = match value {
        Value::Bool(value) => *value as i64,
        Value::Int(value) => (*value as i128 % MODULUS) as i64,
        Value::Big(value) => (&**value % BigInt::from(MODULUS)).to_i64().unwrap_or(0),
        Value::Float(value) if value.fract() == 0.0 && value.is_finite() => {
            return number_hash(&number::from_float(*value));
        }
        Value::Float(value) => (value.to_bits() as i128 % MODULUS) as i64,
        _ => 0,
    };
    if hash == -1 { -2 } else { hash }
}

fn mix(value: u64) -> u64 {
    let wide = u128::from(value ^ 0xa076_1d64_78bd_642f) * 0xe703_7ed1_a0b4_28db;
    (wide >> 64) as u64 ^ wide as u64
}

fn text_hash(bytes: &[u8]) -> u64 {
    // SipHash with a fixed key: the same order in every run.
    #[allow(deprecated)]
    let mut hasher = std::hash::SipHasher::new_with_keys(0x736f_636b, 0x7363_6f70);
    hasher.write(bytes);
    hasher.finish()
}
