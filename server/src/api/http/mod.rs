//! `http`: messages looked into, and requests sent for real to a small server of ours on the loopback interface.
//! Parsing stands in core; sending in `crate::exchange`.

mod exchange;
mod parse;

pub use exchange::*;
pub use parse::*;
