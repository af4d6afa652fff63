//! One host of the model: its program, its stack, and a processor that does one thing at a time. It knows no other host.

use super::Driver;
use crate::socket::stack::{self, Ends, Stack};
use crate::socket::{CallId, Outcome};
use crate::stream::Range;
use crate::time::Instant;
use crate::wire::MacAddress;
use std::collections::VecDeque;
use std::sync::Arc;

/// An answered call that the program has not been told of.
pub(super) struct Answered {
    /// When the program can hear of it.
    pub at: Instant,
    pub id: CallId,
    pub outcome: Outcome,
    pub range: Option<Range>,
    pub ends: Option<Ends>,
}

/// One host.
pub(super) struct Host {
    pub name: Arc<str>,
    pub mac: MacAddress,
    pub driver: Driver,
    pub stack: Stack,
    /// When its processor is free again; before that nothing of its program runs.
    pub free: Instant,
    /// Whether some task of its program can run.
    pub runnable: bool,
    pub answered: VecDeque<Answered>,
    /// When its stack wants to be woken.
    pub timer: Option<Instant>,
    /// When the last call was made: its answer takes at least [`super::CALL`].
    pub called: Instant,
}

impl Host {
    pub fn new(driver: Driver, config: stack::Config, start: Instant) -> Self {
        Host {
            name: driver.host().clone(),
            mac: config.mac,
            driver,
            stack: Stack::new(config),
            free: start,
            runnable: true,
            answered: VecDeque::new(),
            timer: None,
            called: Instant::ZERO,
        }
    }

    /// When its program can go on, if it can.
    pub fn wakes(&self) -> Option<Instant> {
        if self.driver.is_finished() {
            return None;
        }
        if self.runnable {
            return Some(self.free);
        }
        self.answered.iter().map(|answered| answered.at).min().map(|at| at.max(self.free))
    }

    /// The next answer that the program can hear of by `now`.
    pub fn take_answer(&mut self, now: Instant) -> Option<Answered> {
        let index = self.answered.iter().position(|answered| answered.at <= now)?;
        self.answered.remove(index)
    }
}
