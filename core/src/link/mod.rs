//! The link between every pair of hosts: delay, rate, queue, loss, reorder, duplicate, scripted drops.
//! It carries whatever has a length; what that means is not its business.

mod class;
mod config;
mod event;
mod machine;
#[cfg(test)]
mod tests;

pub use class::Class;
pub use config::{Config, Counted, ScriptedDrop};
pub use event::{Cause, Event, Verdict};
pub use machine::{Arrival, Link, Sent};
