//! What the tools show, as plain values: functions of what the reader typed. Draws nothing, knows no browser.

pub mod hex;
pub mod http;
pub mod input;
pub mod rule;
pub mod state;
pub mod tree;
