//! The server as a library: the kernel engine, the API, the pages. `main.rs` only calls it.

pub mod kernel;
