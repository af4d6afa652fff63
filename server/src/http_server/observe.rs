//! What can be seen of a connection from outside while it is served: its socket calls and why it ended. It changes nothing.

use sockscope_core::http::Malformed;

/// One thing that happened at the server's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// `recv` returned so many bytes; zero is the end of the stream.
    Received(usize),
    /// `send` took so many bytes.
    Sent(usize),
    /// The peer's bytes break a rule.
    Refused(Malformed),
    /// A time limit passed.
    TimedOut,
    /// The direction to the peer was closed.
    ShutDown,
    /// The socket was closed.
    Closed,
    /// The connection broke.
    Broken,
}

/// Who looks on.
pub trait Observer: Send + Sync {
    /// It happened just now.
    fn happened(&self, what: Happened);
}

/// Nobody.
pub struct Unobserved;

impl Observer for Unobserved {
    fn happened(&self, _: Happened) {}
}
