//! The four verbs of everything that lives in time. No machine owns a clock, a socket or a thread.

use crate::time::Instant;

/// A sans-I/O state machine.
///
/// Law: after one mutation (`handle_*` or a command method), drain [`Machine::poll_output`] to `None` before the next.
pub trait Machine {
    /// What arrives from outside: a frame, a segment, a packet.
    type Input;
    /// What leaves: a frame, a segment, an event, a completed call.
    type Output;

    /// Takes one input. Infallible: a peer's bad bytes are an event, not an error of the caller.
    fn handle_input(&mut self, now: Instant, input: Self::Input);

    /// Lets every deadline that is due at `now` happen.
    fn handle_timeout(&mut self, now: Instant);

    /// The next thing that leaves, oldest first.
    fn poll_output(&mut self) -> Option<Self::Output>;

    /// When [`Machine::handle_timeout`] must be called next, and why; `None` if nothing is pending.
    fn poll_timeout(&self) -> Option<Deadline>;
}

/// A moment at which a machine wants to be woken, with the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    /// When.
    pub at: Instant,
    /// Why: a short name such as `retransmission` or `delayed acknowledgement`.
    pub reason: &'static str,
}
