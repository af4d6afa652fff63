//! The Python subset: parse, check, compile, step. It knows of the outside only [`Call`](crate::socket::Call) and
//! [`Outcome`](crate::socket::Outcome); it owns no clock and no socket.

mod event;

pub use event::Event;
