//! What the handlers share: limits, the recent runs, and the token that ends live streams. No handler keeps anything else.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::accept::Patience;
use crate::exchange::Sessions;
use crate::names::{Dns, Resolver};
use crate::run::Store;

/// The limits of one server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Runs under way at once, on either engine.
    pub runs: usize,
    /// Runs that may wait for their turn.
    pub waiting: usize,
    /// Bytes of scenarios that may wait for their turn.
    pub waiting_bytes: usize,
    /// How long a run may wait for its turn.
    pub turn: Duration,
    /// Most events that a trace may have.
    pub max_events: usize,
    /// Longest kernel run over the API, whatever the scenario allows.
    pub wall: Duration,
    /// HTTP exchanges under way at once.
    pub exchanges: usize,
    /// Bytes of recent runs that are kept.
    pub kept_bytes: usize,
    /// Of the accept loop.
    pub patience: Patience,
    /// Which name servers are asked.
    pub dns: Dns,
    /// How long a name may take to be looked up.
    pub look_up: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, |cores| cores.get());
        Settings {
            runs: cores.max(2),
            waiting: 512,
            waiting_bytes: 64 * 1024 * 1024,
            turn: Duration::from_secs(30),
            max_events: 200_000,
            wall: Duration::from_secs(60),
            exchanges: 16,
            kept_bytes: 64 * 1024 * 1024,
            patience: Patience::default(),
            dns: Dns::System,
            look_up: Duration::from_secs(5),
        }
    }
}

/// Shared by every request. Cloning is cheap.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    settings: Settings,
    store: Store,
    resolver: Resolver,
    turns: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    waiting_bytes: Arc<Semaphore>,
    exchanges: Semaphore,
    sessions: Sessions,
    shutdown: CancellationToken,
}

impl AppState {
    /// Fresh, with no runs.
    pub fn new(settings: Settings) -> Self {
        AppState(Arc::new(Shared {
            store: Store::new(settings.kept_bytes),
            resolver: Resolver::new(settings.dns.clone(), settings.look_up),
            turns: Arc::new(Semaphore::new(settings.runs)),
            waiting: Arc::new(Semaphore::new(settings.runs + settings.waiting)),
            waiting_bytes: Arc::new(Semaphore::new(settings.waiting_bytes)),
            exchanges: Semaphore::new(settings.exchanges),
            sessions: Sessions::default(),
            shutdown: CancellationToken::new(),
            settings,
        }))
    }

    /// Its limits.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The recent runs.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Looks host names up.
    pub fn resolver(&self) -> &Resolver {
        &self.0.resolver
    }

    /// A permit for each run under way.
    pub fn turns(&self) -> &Arc<Semaphore> {
        &self.0.turns
    }

    /// A permit for each run under way or waiting.
    pub fn waiting(&self) -> &Arc<Semaphore> {
        &self.0.waiting
    }

    /// A permit for each byte of scenario under way or waiting.
    pub fn waiting_bytes(&self) -> &Arc<Semaphore> {
        &self.0.waiting_bytes
    }

    /// A permit for each HTTP exchange under way.
    pub fn exchanges(&self) -> &Semaphore {
        &self.0.exchanges
    }

    /// The documents that HTTP exchanges left.
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// Cancelled when the server ends: every live stream ends with it.
    pub fn shutdown(&self) -> &CancellationToken {
        &self.0.shutdown
    }
}

impl Default for AppState {
    fn default() -> Self {
        AppState::new(Settings::default())
    }
}
