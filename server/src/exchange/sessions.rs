//! Documents that outlive one exchange, so that what a PUT left can be asked for again: a few sessions, each for a few
//! minutes. HTTP itself remembers nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::http_server::Store;
use crate::run::Id;

/// How long a session is kept after its last use.
pub const KEPT: Duration = Duration::from_secs(600);
/// Most sessions; the one that was used least recently goes first.
pub const MOST: usize = 128;

/// A session that is there.
#[derive(Clone, Debug)]
pub struct Held {
    /// Who knows it may use it.
    pub id: Id,
    /// Its documents.
    pub store: Arc<Store>,
}

/// The sessions of a server, the least recently used first.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<VecDeque<(Held, Instant)>>);

impl Sessions {
    /// The session with this id, or a new one: ids are only ever made here.
    ///
    /// # Errors
    ///
    /// The system has no random numbers.
    pub fn enter(&self, id: Option<&str>, now: Instant) -> std::io::Result<Held> {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|(_, used)| now.duration_since(*used) < KEPT);
        let known = id.and_then(|id| sessions.iter().position(|(held, _)| held.id.as_str() == id));
        let held = match known.and_then(|index| sessions.remove(index)) {
            Some((held, _)) => held,
            None => Held { id: Id::random()?, store: Arc::default() },
        };
        if sessions.len() >= MOST {
            sessions.pop_front();
        }
        sessions.push_back((held.clone(), now));
        Ok(held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_found_again_until_it_is_too_old_or_too_many_came_after_it() {
        let sessions = Sessions::default();
        let begin = Instant::now();
        let first = sessions.enter(None, begin).unwrap();
        let again = sessions.enter(Some(first.id.as_str()), begin + KEPT / 2).unwrap();
        assert!(Arc::ptr_eq(&first.store, &again.store));
        let late = sessions.enter(Some(first.id.as_str()), begin + KEPT * 2).unwrap();
        assert!(!Arc::ptr_eq(&first.store, &late.store) && first.id != late.id, "nobody chooses an id");
        for _ in 0..MOST {
            sessions.enter(None, begin + KEPT * 2).unwrap();
        }
        let gone = sessions.enter(Some(late.id.as_str()), begin + KEPT * 2).unwrap();
        assert!(!Arc::ptr_eq(&gone.store, &late.store));
    }
}
