//! What this machine permits, asked once: a child tries to make one isolated network and says how that went.

use super::child::Worker;
use super::message::{Job, Kind, Message};
use serde::Serialize;
use sockscope_core::time::Duration;
use sockscope_core::trace::Engine;
use tokio::sync::OnceCell;

/// The child takes a few milliseconds; one that takes this long will not do it.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// What the kernel engine can do here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// Whether runs can have networks of their own.
    pub isolated: bool,
    /// Whether runs on loopback addresses are possible.
    pub loopback: bool,
    /// Why runs cannot have networks of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

static KNOWN: OnceCell<Capabilities> = OnceCell::const_new();

/// What the kernel engine can do here. Asked once, then remembered.
pub async fn capabilities() -> Capabilities {
    KNOWN.get_or_init(probe).await.clone()
}

async fn probe() -> Capabilities {
    let without = |reason| Capabilities { isolated: false, loopback: true, reason: Some(reason) };
    let job = Job { kind: Kind::Isolated, events: 0, limit: Duration::ZERO, scenario: None, attached: true };
    let mut worker = match Worker::start(&job).await {
        Ok(worker) => worker,
        Err(error) => {
            let failed = without(format!("the worker could not be started: {error}"));
            return Capabilities { loopback: false, ..failed };
        }
    };
    let answer = match tokio::time::timeout(PATIENCE, worker.next()).await {
        Ok(answer) => answer,
        Err(_) => return without("the attempt took too long".to_owned()),
    };
    let known = match answer {
        Ok(Some(Message::Ready { engine: Engine::KernelIsolated, .. })) => {
            Capabilities { isolated: true, loopback: true, reason: None }
        }
        Ok(Some(Message::Ready { limitation: Some(reason), .. })) => without(reason),
        _ => without(format!("the attempt gave no answer, {}", worker.last_words().await)),
    };
    tokio::spawn(worker.ended());
    known
}
