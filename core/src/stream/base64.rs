//! Base64 (RFC 4648, 4) read strictly, with the place of what is wrong. What the bytes mean is not its business.

use base64::engine::general_purpose::STANDARD;
use base64::{DecodeError, Engine as _};
use thiserror::Error;

/// Why a text is no base64. `at` counts its bytes from 0; it stands in front of the sentence, where a reader of JSON finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself
pub enum NoBase64 {
    #[error("offset {at}: the byte 0x{byte:02x} cannot stand here in base64")]
    Byte { at: usize, byte: u8 },
    #[error("offset {at}: the last digit of base64, 0x{byte:02x}, has bits that belong to no byte")]
    Bits { at: usize, byte: u8 },
    #[error("offset {at}: {at} digits of base64 make no whole bytes")]
    Length { at: usize },
    #[error("offset {at}: base64 ends with as many = as make its length a multiple of four")]
    Padding { at: usize },
}

/// The bytes that a text stands for.
///
/// ```
/// use sockscope_core::stream::from_base64;
/// assert_eq!(from_base64("AP8=").unwrap(), [0, 255]);
/// assert_eq!(from_base64("AP8*").unwrap_err().to_string(), "offset 3: the byte 0x2a cannot stand here in base64");
/// ```
///
/// # Errors
///
/// Another character, missing or superfluous padding, or bits that belong to no byte.
pub fn from_base64(text: &str) -> Result<Vec<u8>, NoBase64> {
    STANDARD.decode(text).map_err(|error| match error {
        DecodeError::InvalidByte(at, byte) => NoBase64::Byte { at, byte },
        DecodeError::InvalidLastSymbol(at, byte) => NoBase64::Bits { at, byte },
        DecodeError::InvalidLength(_) => NoBase64::Length { at: text.len() },
        DecodeError::InvalidPadding => NoBase64::Padding { at: text.trim_end_matches('=').len() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_base64_has_its_place() {
        let refused = |text| from_base64(text).unwrap_err();
        assert_eq!(refused("YWJj*WJj"), NoBase64::Byte { at: 4, byte: b'*' });
        assert_eq!(refused("é"), NoBase64::Byte { at: 0, byte: 0xc3 });
        assert_eq!(refused("YQ="), NoBase64::Padding { at: 2 });
        assert_eq!(refused("YR=="), NoBase64::Bits { at: 1, byte: b'R' });
        assert_eq!(refused("YWJjY"), NoBase64::Length { at: 5 });
    }
}
