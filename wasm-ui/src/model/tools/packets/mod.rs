//! What the packets page is to show: a capture as rows of a list, a filter over them, and a stream to save. It reads no
//! file itself: bytes come in slices, and go when they have been read.

pub mod book;
pub mod filter;
pub mod save;
pub mod talk;
