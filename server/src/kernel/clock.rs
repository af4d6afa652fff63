//! The wall clock of a run: microseconds since the run began. The only clock in the worker.

use sockscope_core::time::Instant;

/// Started once, read often.
#[derive(Clone, Copy, Debug)]
pub struct Clock(std::time::Instant);

impl Clock {
    /// A clock that shows zero now.
    pub fn start() -> Self {
        Clock(std::time::Instant::now())
    }

    /// The present moment.
    pub fn now(&self) -> Instant {
        Instant::from_micros(self.0.elapsed().as_micros() as u64)
    }
}
