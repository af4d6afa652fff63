//! `htons`, `htonl`, `ntohs`, `ntohl`: a number in the memory of either kind of machine and on the wire. Which kind this machine is
//! does not matter here.

use crate::stream::Data;
use serde::Serialize;
use thiserror::Error;

/// A number that is swapped, or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ByteOrder {
    /// The number.
    pub value: u32,
    /// 16 for `htons` and `ntohs`, 32 for `htonl` and `ntohl`.
    pub bits: u8,
    /// In hexadecimal, with all its digits.
    pub hexadecimal: String,
    /// Its bytes on the wire: the most significant first.
    pub network: Data,
    /// What each kind of machine does.
    pub machines: [Machine; 2],
}

/// What one kind of machine does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// `little` or `big`.
    pub order: &'static str,
    /// The bytes of the number in its memory.
    pub memory: Data,
    /// What the function returns. Both directions are the same function.
    pub result: u32,
    /// The result in hexadecimal.
    pub hexadecimal: String,
    /// The bytes of the result in its memory: those of the wire.
    pub result_memory: Data,
}

/// A number that the function does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ByteOrderError {
    /// There are functions for 16 and 32 bits.
    #[error("there are functions for 16 and for 32 bits, not for {bits}")]
    Bits {
        /// What was asked for.
        bits: u8,
    },
    /// It does not fit.
    #[error("{value} does not fit into {bits} bits: the largest is {limit}")]
    TooLarge {
        /// The number.
        value: u64,
        /// The width.
        bits: u8,
        /// The largest that fits.
        limit: u64,
    },
}

impl ByteOrderError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            ByteOrderError::Bits { .. } => "bits",
            ByteOrderError::TooLarge { .. } => "number_too_large",
        }
    }

    /// What fills the gaps of the sentence in a text, by their names.
    pub fn values(&self) -> Vec<(&'static str, String)> {
        match *self {
            ByteOrderError::Bits { bits } => vec![("bits", bits.to_string())],
            ByteOrderError::TooLarge { value, bits, limit } => {
                vec![("value", value.to_string()), ("bits", bits.to_string()), ("limit", limit.to_string())]
            }
        }
    }
}

/// What the functions for `bits` bits make of a number.
///
/// ```
/// use sockscope_core::address::byte_order;
/// let [little, big] = byte_order(8888, 16).unwrap().machines;
/// assert_eq!((little.result, big.result), (47138, 8888));
/// assert_eq!(&*little.result_memory, [0x22, 0xb8]);
/// ```
///
/// # Errors
///
/// Another width, or a number that does not fit.
pub fn byte_order(value: u64, bits: u8) -> Result<ByteOrder, ByteOrderError> {
    if bits != 16 && bits != 32 {
        return Err(ByteOrderError::Bits { bits });
    }
    let limit = (1_u64 << bits) - 1;
    let (count, digits) = (usize::from(bits) / 8, usize::from(bits) / 4);
    let value = u32::try_from(value).ok().filter(|fits| u64::from(*fits) <= limit).ok_or(ByteOrderError::TooLarge {
        value,
        bits,
        limit,
    })?;
    let big = |value: u32| Data::from(&value.to_be_bytes()[4 - count..]);
    let little = |value: u32| Data::from(&value.to_le_bytes()[..count]);
    let swapped = if bits == 16 { u32::from((value as u16).swap_bytes()) } else { value.swap_bytes() };
    let hexadecimal = |value: u32| format!("0x{value:0digits$x}");
    Ok(ByteOrder {
        value,
        bits,
        hexadecimal: hexadecimal(value),
        network: big(value),
        machines: [
            Machine {
                order: "little",
                memory: little(value),
                result: swapped,
                hexadecimal: hexadecimal(swapped),
                result_memory: little(swapped),
            },
            Machine {
                order: "big",
                memory: big(value),
                result: value,
                hexadecimal: hexadecimal(value),
                result_memory: big(value),
            },
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_lies_in_memory_as_it_goes_over_the_wire() {
        for (value, bits) in [(0, 16), (80, 16), (65535, 16), (0x0a00_0001, 32), (u64::from(u32::MAX), 32)] {
            let report = byte_order(value, bits).unwrap();
            for machine in &report.machines {
                assert_eq!(machine.result_memory, report.network, "{value}");
            }
        }
    }

    #[test]
    fn numbers_that_do_not_fit_and_other_widths_are_refused() {
        assert_eq!(byte_order(65536, 16), Err(ByteOrderError::TooLarge { value: 65536, bits: 16, limit: 65535 }));
        assert_eq!(byte_order(1 << 32, 32).unwrap_err().code(), "number_too_large");
        assert_eq!(byte_order(1, 64), Err(ByteOrderError::Bits { bits: 64 }));
    }
}
