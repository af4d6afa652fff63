//! A run with everything laid out once, shared by all views.

use super::ladder::{self, Ladder};
use super::run::Run;
use super::transcript::{self, Entry};
use sockscope_core::trace::Trace;
use std::ops::Deref;
use std::sync::Arc;

/// A run ready to be looked at. Copies share it; two are equal if they are the same run.
#[derive(Clone, Debug)]
pub struct Scene(Arc<Laid>);

/// What a scene holds.
#[derive(Debug)]
pub struct Laid {
    /// The run.
    pub run: Run,
    /// Its ladder.
    pub ladder: Ladder,
    /// Its transcript.
    pub transcript: Vec<Entry>,
}

impl Scene {
    /// Lays out a trace.
    pub fn new(trace: Trace) -> Scene {
        let run = Run::new(trace);
        let ladder = ladder::lay(&run);
        let transcript = transcript::of(&run);
        Scene(Arc::new(Laid { run, ladder, transcript }))
    }

    /// The event of this scene that stands for an event of another one: the same call or its end, or the same moment.
    pub fn counterpart(&self, other: &Scene, event: usize) -> usize {
        let theirs = &other.run;
        let event = event.min(theirs.len().saturating_sub(1));
        let mut best: Option<(usize, usize, u32, bool)> = None;
        for host in 0..theirs.hosts.len() {
            let calls = &theirs.hosts[host].calls;
            let begun = calls.partition_point(|&call| theirs.calls[call].begun <= event);
            let Some(&call) = begun.checked_sub(1).and_then(|at| calls.get(at)) else { continue };
            let call = &theirs.calls[call];
            let ended = call.returned.filter(|&returned| returned <= event);
            let at = ended.unwrap_or(call.begun);
            if best.is_none_or(|(latest, ..)| at > latest) {
                best = Some((at, host, call.id, ended.is_some()));
            }
        }
        let same = best.and_then(|(_, host, id, ended)| {
            let call = &self.run.calls[self.run.call(host, id)?];
            Some(if ended { call.returned.unwrap_or(call.begun) } else { call.begun })
        });
        let last = self.run.len().saturating_sub(1);
        match same {
            _ if event + 1 >= theirs.len() => last,
            Some(same) => same,
            None => {
                let time = theirs.time(event);
                self.run.trace.events.partition_point(|event| event.time <= time).saturating_sub(1).min(last)
            }
        }
    }
}

impl PartialEq for Scene {
    fn eq(&self, other: &Scene) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Scene {
    type Target = Laid;
    fn deref(&self) -> &Laid {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn the_counterpart_in_the_same_run_is_the_same_call() {
        let scene = Scene::new(fixture::sticky());
        for call in &scene.run.calls {
            assert_eq!(scene.counterpart(&scene, call.begun), call.begun);
        }
        assert_eq!(scene.counterpart(&scene, usize::MAX), scene.run.len() - 1);
    }
}
