//! A number, its bytes in the memory of either kind of computer, and on the wire.

/// How many bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// `htons`, `ntohs`: a port.
    #[default]
    Short,
    /// `htonl`, `ntohl`: an address.
    Long,
}

/// A number on a computer that stores the least significant byte first, before and after the conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// The number.
    pub value: u32,
    /// Its bytes in memory.
    pub memory: Vec<u8>,
    /// What the conversion returns, as a number of that computer.
    pub converted: u32,
    /// The bytes of that in memory, which are those of the wire.
    pub wire: Vec<u8>,
}

/// Reads a number, decimal or with `0x`, and converts it.
pub fn ordered(size: Size, typed: &str) -> Option<Ordered> {
    let typed = typed.trim();
    let digits = typed.strip_prefix("0x").or_else(|| typed.strip_prefix("0X"));
    // `parse` would take a sign.
    let whole = digits.unwrap_or(typed).bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = match digits {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => typed.parse().ok(),
    }
    .filter(|_| whole)?;
    Some(match size {
        Size::Short => {
            let short = u16::try_from(value).ok()?;
            Ordered {
                value,
                memory: short.to_le_bytes().to_vec(),
                converted: u32::from(short.swap_bytes()),
                wire: short.to_be_bytes().to_vec(),
            }
        }
        Size::Long => Ordered {
            value,
            memory: value.to_le_bytes().to_vec(),
            converted: value.swap_bytes(),
            wire: value.to_be_bytes().to_vec(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_the_wire_are_those_of_the_converted_number_in_memory() {
        let port = ordered(Size::Short, "8080").unwrap();
        assert_eq!((port.memory.as_slice(), port.converted), (&[0x90, 0x1f][..], 36895));
        assert_eq!(port.wire, (port.converted as u16).to_le_bytes());
        let long = ordered(Size::Long, "0x7f000001").unwrap();
        assert_eq!((long.converted, long.wire), (0x0100_007f, vec![127, 0, 0, 1]));
    }

    #[test]
    fn what_is_no_number_of_that_size_is_refused() {
        for typed in ["65536", "-1", "+1", "", "0x", "0x+1", "port", "8 0"] {
            assert_eq!(ordered(Size::Short, typed), None, "{typed}");
        }
        assert!(ordered(Size::Long, "65536").is_some());
    }
}
