//! What the tools share: bytes typed, bytes shown, fields as a tree, what is wrong, and a button that copies.

mod bytes;
mod copy;
mod drop;
mod error;
mod hex;
mod linked;
mod rows;
mod tree;

pub use bytes::{ByteInput, mistake};
pub use copy::Copy;
pub use drop::DropBox;
pub use error::ErrorBox;
pub use hex::HexView;
pub use linked::Linked;
pub use rows::{ROW, Rows};
pub use tree::FieldTree;

/// Bytes that several views hold.
pub type Bytes = std::sync::Arc<[u8]>;

/// Bytes that are selected, `[start, end)`.
pub type Selection = Option<(usize, usize)>;
