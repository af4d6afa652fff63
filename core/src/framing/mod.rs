//! Message boundaries on a byte stream: codecs that put them in and take them out again, from any cut.
//! It knows bytes and offsets only; where the bytes come from is not its business.
//!
//! TCP carries bytes, not messages. A codec is an agreement on how to find each message's end:
//!
//! | codec | boundary | cost | limits |
//! |---|---|---|---|
//! | [`Codec::Fixed`] | every `size` bytes | padding | one size for all |
//! | [`Codec::Delimiter`] | a byte, escaped inside | escapes | every byte is looked at |
//! | [`Codec::Line`] | LF or CRLF | 1 or 2 bytes | no line end inside |
//! | [`Codec::Length`] | an integer in front | 1 to 8 bytes | a wrong length is fatal |
//! | [`Codec::Varint`] | LEB128 in front | 1 to 10 bytes | the same |
//! | [`Codec::Netstring`] | decimal digits, `:` … `,` | 3 bytes and more | the same, but noticed |
//! | [`Codec::Tlv`] | type, length, value | 1 to 12 bytes | the same |
//! | [`Codec::Chunked`] | HTTP's chunked coding (RFC 9112, 7.1) | 5 bytes and more | the same, but noticed |
//! | [`Codec::Naive`] | none: each `recv` is taken for a message | 0 | wrong, and that is its lesson |

mod chunked;
mod codec;
pub mod compare;
mod decoder;
mod encode;
pub mod encoded;
mod error;
mod escape;
mod length;
mod line;
mod netstring;
mod parse;
pub mod report;
mod scan;

pub use codec::{Codec, Delimiter, Ending, Length, Order, Tlv, Width};
pub use decoder::{Decoder, Found, Message};
pub use encode::{encode, finish};
pub use error::{EncodeError, Kind, Malformed, Truncated};
pub use parse::{CodecError, parse};
pub use report::report;

#[cfg(test)]
mod tests;
