//! What is true after one event: lines, variables, sockets, output. Found by binary search in the indexes of a run.

use super::run::{Face, Run};
use sockscope_core::socket::Reason;
use sockscope_core::time::{Duration, Instant};
use std::sync::Arc;

/// The state of everything after an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The event.
    pub event: usize,
    /// When.
    pub time: Instant,
    /// One per host.
    pub hosts: Vec<HostMoment>,
}

/// One host at a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostMoment {
    /// Where each task stands; the main one first.
    pub tasks: Vec<TaskMoment>,
    /// Scope, name, value, and whether this event set it.
    pub variables: Vec<Shown>,
    /// Descriptor, face, and whether this event changed it.
    pub sockets: Vec<(i32, Face, bool)>,
    /// How many bytes of the host's output were printed.
    pub printed: usize,
    /// Line and text of an exception raised by this very event or not yet followed by another statement.
    pub raised: Option<(u32, String)>,
    /// Exit status, if ended.
    pub ended: Option<i32>,
}

/// A variable as the pane shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The function it belongs to.
    pub scope: Option<Arc<str>>,
    /// Its name.
    pub name: Arc<str>,
    /// `repr` of its value.
    pub value: String,
    /// Whether this event set it.
    pub fresh: bool,
}

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TaskMoment {
    /// Which task.
    pub task: u32,
    /// The line that ran last.
    pub last: Option<u32>,
    /// The line that runs now or next.
    pub next: Option<u32>,
    /// What it is doing.
    pub doing: Doing,
}

/// What a task is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Doing {
    /// Its first statement is still to come.
    NotBegun,
    /// Its own statements.
    Running,
    /// It waits in a call.
    Blocked {
        /// The call.
        call: usize,
        /// For how long until this moment.
        since: Duration,
        /// For what.
        reason: Reason,
    },
    /// The host's program has ended.
    Ended,
}

/// What is true after `event`.
pub fn at(run: &Run, event: usize) -> Moment {
    let event = event.min(run.len().saturating_sub(1));
    let time = run.time(event);
    Moment { event, time, hosts: (0..run.hosts.len()).map(|host| host_at(run, host, event, time)).collect() }
}

/// The last entry of a list sorted by event that is not behind `event`.
fn latest<T>(list: &[(usize, T)], event: usize) -> Option<&(usize, T)> {
    list[..list.partition_point(|(at, _)| *at <= event)].last()
}

fn host_at(run: &Run, place: usize, event: usize, time: Instant) -> HostMoment {
    let host = &run.hosts[place];
    let ended = host.ended.as_ref().filter(|ended| ended.event <= event);
    let tasks: Vec<TaskMoment> = host
        .tasks
        .iter()
        .map(|(&task, track)| {
            let passed = track.lines.partition_point(|(at, _)| *at <= event);
            let begun = track.calls.partition_point(|&call| run.calls[call].begun <= event);
            let open = begun
                .checked_sub(1)
                .map(|at| track.calls[at])
                .filter(|&call| run.calls[call].returned.is_none_or(|returned| returned > event));
            let doing = match open.and_then(|call| Some((call, run.calls[call].blocked?))) {
                _ if ended.is_some() => Doing::Ended,
                Some((call, (at, reason))) if at <= event => {
                    Doing::Blocked { call, since: time - run.calls[call].start, reason }
                }
                _ if passed == 0 => Doing::NotBegun,
                _ => Doing::Running,
            };
            let line = |at: usize| track.lines.get(at).map(|(_, line)| *line);
            let (last, next) = match (passed, &ended) {
                (0, _) => (None, line(0)),
                (_, Some(ended)) => (ended.line.or(line(passed - 1)), None),
                (1, None) => (None, line(0)),
                (_, None) => (line(passed - 2), line(passed - 1)),
            };
            TaskMoment { task, last, next, doing }
        })
        .collect();
    let variables = host
        .variables
        .iter()
        .filter_map(|variable| {
            let (at, value) = latest(&variable.values, event)?;
            let (scope, name) = (variable.scope.clone(), variable.name.clone());
            Some(Shown { scope, name, value: value.clone(), fresh: *at == event })
        })
        .collect();
    let sockets = host
        .sockets
        .iter()
        .filter_map(|socket| {
            let (at, face) = latest(&socket.faces, event)?;
            // A closed descriptor stays in view while TCP still works for it.
            let gone = face.closed && face.state.is_none_or(|state| state == sockscope_core::tcp::State::Closed);
            (!gone || *at == event).then(|| (socket.fd, face.clone(), *at == event))
        })
        .collect();
    let printed = host.printed[..host.printed.partition_point(|(at, _)| *at <= event)].last();
    let raised = host.raised[..host.raised.partition_point(|(at, _, _)| *at <= event)].last().filter(|(at, _, _)| {
        let main = host.tasks.values().next();
        main.is_none_or(|track| latest(&track.lines, event).is_none_or(|(line, _)| line <= at))
    });
    HostMoment {
        variables,
        sockets,
        printed: printed.map_or(0, |(_, length)| *length),
        raised: raised.map(|(_, line, text)| (*line, text.clone())),
        ended: ended.map(|ended| ended.status),
        tasks,
    }
}

/// The next place from `event` on (or before it) that satisfies what a list of places holds.
pub fn jump(places: &[usize], event: usize, forward: bool) -> Option<usize> {
    let at = places.partition_point(|&place| place <= event);
    if forward { places.get(at).copied() } else { places[..at].iter().rev().find(|&&place| place < event).copied() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn a_blocked_call_tells_since_when_and_why() {
        let run = Run::new(fixture::sticky());
        let server = run.host("server").unwrap();
        let accept = run.calls.iter().find(|call| call.host == server && call.name == "accept").unwrap();
        let later = at(&run, accept.blocked.unwrap().0 + 6);
        assert!(
            matches!(later.hosts[server].tasks[0].doing, Doing::Blocked { reason: Reason::Connection, .. }),
            "{later:?}"
        );
    }

    #[test]
    fn before_the_first_event_of_a_host_its_first_line_is_next() {
        let run = Run::new(fixture::sticky());
        let client = run.host("client").unwrap();
        let moment = at(&run, 0);
        assert_eq!(moment.hosts[client].tasks[0].last, None);
        assert_eq!(moment.hosts[client].tasks[0].next, Some(2));
    }

    #[test]
    fn at_the_end_both_programs_have_ended_and_printed_everything() {
        let run = Run::new(fixture::sticky());
        let moment = at(&run, usize::MAX);
        for (host, track) in moment.hosts.iter().zip(&run.hosts) {
            assert_eq!(host.ended, Some(0));
            assert_eq!(host.printed, track.output.len());
        }
    }

    #[test]
    fn sockets_have_the_state_of_their_connection_on_both_sides() {
        let run = Run::new(crate::model::bench::run(&fixture::scenario()));
        let recv = run.calls.iter().find(|call| call.name == "recv").unwrap();
        let moment = at(&run, recv.begun);
        let states = |host: &str| -> Vec<&str> {
            let host = &moment.hosts[run.host(host).unwrap()];
            host.sockets.iter().filter_map(|(_, face, _)| Some(face.state?.name())).collect()
        };
        assert_eq!(states("server"), ["LISTEN", "CLOSE-WAIT"]);
        assert_eq!(states("client"), ["FIN-WAIT-2"]);
    }

    #[test]
    fn jumping_skips_the_place_itself() {
        assert_eq!(jump(&[2, 5, 9], 5, true), Some(9));
        assert_eq!(jump(&[2, 5, 9], 5, false), Some(2));
        assert_eq!(jump(&[2, 5, 9], 9, true), None);
    }
}
