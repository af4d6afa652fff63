//! The microscope: `model` says what is to be seen, `view` draws it, `browser` is the only one that knows web-sys.

pub mod model;
