//! Recent runs by unguessable id, the oldest forgotten first when the room is used up. Nothing is written to disk.

use bytes::Bytes;
use serde::Serialize;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Mutex;

/// Names a stored run: 128 random bits in hexadecimal. Who knows it may read the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Id(String);

impl Id {
    /// A new one.
    pub fn random() -> std::io::Result<Self> {
        let mut bytes = [0_u8; 16];
        let mut filled = 0;
        while filled < bytes.len() {
            filled += rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::empty())?;
        }
        Ok(Id(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// As it stands in a path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A run as it is kept: the very bytes of the answer.
#[derive(Clone, Debug)]
pub struct Stored {
    /// A short name for files made from it.
    pub name: String,
    /// The report as JSON.
    pub json: Bytes,
}

/// The recent runs.
pub struct Store {
    room: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Oldest use first.
    runs: VecDeque<(Id, Stored)>,
    bytes: usize,
}

impl Store {
    /// Keeps at most `room` bytes of reports.
    pub fn new(room: usize) -> Self {
        Store { room, kept: Mutex::default() }
    }

    /// Keeps a run, and forgets the longest unused ones until it fits. A run larger than the whole room is not kept.
    pub fn keep(&self, id: Id, run: Stored) {
        if run.json.len() > self.room {
            return;
        }
        let mut kept = self.lock();
        kept.bytes += run.json.len();
        kept.runs.push_back((id, run));
        while kept.bytes > self.room {
            let Some((_, forgotten)) = kept.runs.pop_front() else { break };
            kept.bytes -= forgotten.json.len();
        }
    }

    /// The run with this id, which thereby becomes the last used one.
    pub fn find(&self, id: &str) -> Option<Stored> {
        let mut kept = self.lock();
        let index = kept.runs.iter().position(|(known, _)| known.as_str() == id)?;
        let entry = kept.runs.remove(index)?;
        let run = entry.1.clone();
        kept.runs.push_back(entry);
        Some(run)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(size: usize) -> Stored {
        Stored { name: "sticky".into(), json: Bytes::from(vec![b' '; size]) }
    }

    #[test]
    fn the_longest_unused_run_is_forgotten_first() {
        let store = Store::new(100);
        let ids: Vec<Id> = (0..3).map(|_| Id::random().unwrap()).collect();
        store.keep(ids[0].clone(), run(40));
        store.keep(ids[1].clone(), run(40));
        assert!(store.find(ids[0].as_str()).is_some());
        store.keep(ids[2].clone(), run(40));
        assert!(store.find(ids[0].as_str()).is_some(), "used since");
        assert!(store.find(ids[1].as_str()).is_none(), "forgotten");
        assert!(store.find(ids[2].as_str()).is_some());
        assert_eq!(store.lock().bytes, 80);
    }

    #[test]
    fn a_run_larger_than_the_room_displaces_nothing() {
        let store = Store::new(100);
        let (small, large) = (Id::random().unwrap(), Id::random().unwrap());
        store.keep(small.clone(), run(10));
        store.keep(large.clone(), run(101));
        assert!(store.find(small.as_str()).is_some());
        assert!(store.find(large.as_str()).is_none());
    }

    #[test]
    fn ids_are_long_and_differ() {
        let (a, b) = (Id::random().unwrap(), Id::random().unwrap());
        assert_ne!(a, b);
        assert_eq!(a.as_str().len(), 32);
    }
}
