//! What the microscope and the tools show, as plain values. Draws nothing, knows no browser.

pub mod axis;
pub mod bench;
pub mod fields;
pub mod highlight;
pub mod index;
pub mod knob;
pub mod label;
pub mod ladder;
pub mod levels;
pub mod link;
pub mod messages;
pub mod moment;
pub mod ribbon;
pub mod run;
pub mod scene;
pub mod selection;
pub mod session;
pub mod tools;
pub mod transcript;

#[cfg(test)]
mod fixture;
