//! What the tools show, as plain values: functions of what the reader typed. Draws nothing, knows no browser.

pub mod address;
pub mod encapsulation;
pub mod fields;
pub mod framing;
pub mod hex;
pub mod http;
pub mod input;
pub mod packets;
pub mod rule;
pub mod said;
pub mod state;
pub mod tree;
