//! The link between every pair of hosts: delay, rate, queue, loss, reorder, duplicate, scripted drops.
//! It carries whatever has a length; what that means is not its business.

mod config;
mod event;

pub use config::{Config, Counted, ScriptedDrop};
pub use event::{Cause, Event, Verdict};
