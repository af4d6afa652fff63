//! The timers of a connection: one moment for each kind. What they do when they fire is not here.

use super::Timer;
use crate::machine::Deadline;
use crate::time::Instant;

const KINDS: [Timer; 8] = [
    Timer::Retransmission,
    Timer::DelayedAcknowledgement,
    Timer::Persist,
    Timer::KeepAlive,
    Timer::TimeWait,
    Timer::UserTimeout,
    Timer::LossProbe,
    Timer::Reordering,
];

/// How often in a row the setting of a timer that never fires is worth telling: in a bulk transfer the delayed acknowledgement
/// is set for every other segment and never happens.
const WORTH_TELLING: u8 = 16;

/// When each timer fires, if it is set.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    at: [Option<Instant>; KINDS.len()],
    /// How often each was set since it last fired.
    settings: [u8; KINDS.len()],
}

impl Timers {
    pub fn get(&self, timer: Timer) -> Option<Instant> {
        self.at[timer as usize]
    }

    /// Sets a timer; whether that is worth telling: it was not set before, and it fires now and then.
    pub fn set(&mut self, timer: Timer, at: Instant) -> bool {
        let started = self.at[timer as usize].replace(at).is_none();
        let settings = &mut self.settings[timer as usize];
        *settings = settings.saturating_add(u8::from(started));
        started && *settings <= WORTH_TELLING
    }

    pub fn stop(&mut self, timer: Timer) {
        self.at[timer as usize] = None;
    }

    pub fn stop_all(&mut self) {
        self.at = Default::default();
    }

    /// Takes the earliest timer that is due at `now`.
    pub fn take_due(&mut self, now: Instant) -> Option<Timer> {
        let (at, timer) = self.earliest()?;
        if at > now {
            return None;
        }
        self.stop(timer);
        self.settings[timer as usize] = 0;
        Some(timer)
    }

    /// The earliest deadline, with its reason.
    pub fn deadline(&self) -> Option<Deadline> {
        self.earliest().map(|(at, timer)| Deadline { at, reason: name(timer) })
    }

    fn earliest(&self) -> Option<(Instant, Timer)> {
        KINDS.iter().filter_map(|&timer| Some((self.get(timer)?, timer))).min()
    }
}

/// The reason a deadline gives.
pub const fn name(timer: Timer) -> &'static str {
    match timer {
        Timer::Retransmission => "retransmission",
        Timer::DelayedAcknowledgement => "delayed acknowledgement",
        Timer::Persist => "persist",
        Timer::KeepAlive => "keep-alive",
        Timer::TimeWait => "time-wait",
        Timer::UserTimeout => "user timeout",
        Timer::LossProbe => "loss probe",
        Timer::Reordering => "reordering",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_due_timer_fires_first_and_once() {
        let mut timers = Timers::default();
        let at = Instant::from_micros;
        assert!(timers.set(Timer::TimeWait, at(30)));
        assert!(timers.set(Timer::Persist, at(20)));
        assert!(!timers.set(Timer::Persist, at(10)));
        assert_eq!(timers.deadline().unwrap().reason, "persist");
        assert_eq!(timers.take_due(at(9)), None);
        assert_eq!(timers.take_due(at(40)), Some(Timer::Persist));
        assert_eq!(timers.take_due(at(40)), Some(Timer::TimeWait));
        assert_eq!(timers.take_due(at(40)), None);
    }

    #[test]
    fn a_timer_that_is_set_again_and_again_and_never_fires_is_not_told_for_ever() {
        let mut timers = Timers::default();
        let mut told = 0;
        for _ in 0..100 {
            told += u8::from(timers.set(Timer::DelayedAcknowledgement, Instant::ZERO));
            timers.stop(Timer::DelayedAcknowledgement);
        }
        assert_eq!(told, WORTH_TELLING);
        timers.set(Timer::DelayedAcknowledgement, Instant::ZERO);
        timers.take_due(Instant::ZERO);
        assert!(timers.set(Timer::DelayedAcknowledgement, Instant::ZERO));
    }

    #[test]
    fn every_kind_has_its_own_slot() {
        for (index, kind) in KINDS.into_iter().enumerate() {
            assert_eq!(kind as usize, index, "{}", name(kind));
        }
    }
}
