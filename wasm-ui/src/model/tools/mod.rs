//! What the tool pages are to show, as values. It draws nothing.

pub mod http;
