//! The POSIX face of a host: what a program asks for ([`Call`]), what comes back ([`Outcome`]), and what was seen ([`Event`]).
//! It knows `tcp` and `udp`; it knows no program and no trace.

mod call;
mod errno;
mod event;
mod option;
mod outcome;
pub mod stack;

pub use call::{Blocking, Call, Descriptor, Flags, How, Kind};
pub use errno::Errno;
pub use event::{CallId, Event, Level, Reason, TaskId};
pub use option::{OptionValue, SocketOption};
pub use outcome::{Answer, Outcome};
pub use stack::Stack;
