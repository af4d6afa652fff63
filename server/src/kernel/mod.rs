//! The kernel engine: the programs of a scenario on real Linux sockets, in a process of their own. It knows no HTTP and
//! no command line.
//!
//! | question | file |
//! |---|---|
//! | how a run is started, watched and ended | `run`, `child`, `capabilities`, `message` |
//! | what the worker process does | `worker`, `world`, `record`, `clock` |
//! | a host: its program, its calls, its descriptors | `host`, `calls`, `options`, `descriptors`, `socket` |
//! | where its sockets live | `face`, `namespace`, `netlink`, `loopback` |
//! | the wire between hosts, and what it shows | `switch`, `states` |
//! | system calls without a safe wrapper | `sys`, the only `unsafe` |

mod calls;
mod capabilities;
mod child;
mod clock;
mod descriptors;
mod face;
mod host;
mod loopback;
mod message;
pub mod namespace;
mod netlink;
mod options;
mod record;
mod run;
mod socket;
mod states;
mod switch;
mod sys;
pub mod worker;
mod world;

#[cfg(test)]
mod tests;

pub use capabilities::{Capabilities, capabilities};
pub use message::Kind;
pub use run::{News, Options, RunError, run};
pub use sys::tcp_info;
