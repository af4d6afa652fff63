//! What the browser shows: `model` says what is to be seen, `view` draws it, `browser` is the only one that knows
//! web-sys. Two wasm modules are made of it: `bin/lab.rs` is the microscope, `bin/tools.rs` the tools.

pub mod browser;
pub mod model;
pub mod texts;
pub mod view;
