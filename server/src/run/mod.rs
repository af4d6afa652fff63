//! One order, one report: runs a scenario on the engines a reader asked for, the same for the command line and the API.
//! It prints nothing and knows no HTTP.

mod engines;
mod line;
mod named;
mod report;
mod store;

pub use engines::capabilities;
pub use line::{Line, Lines};
pub use named::find as named;
pub use report::Report;
pub use store::{Id, Store, Stored};

use serde::{Deserialize, Serialize};
use sockscope_core::scenario::Scenario;
use sockscope_core::trace::compare;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::ToSchema;

/// Which engines run the scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Engines {
    /// The model: deterministic, nothing leaves the process
    #[default]
    Model,
    /// Real Linux sockets
    Kernel,
    /// The model, then the kernel, and how they differ
    Both,
}

/// How the kernel engine separates the hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The best one this machine permits
    #[default]
    Auto,
    /// A network namespace for each host, with the scenario's link between them
    Isolated,
    /// Addresses of 127.0.0.0/8
    Loopback,
}

/// What to run.
#[derive(Clone, Debug)]
pub struct Order {
    /// The scenario, its seed as wished.
    pub scenario: Scenario,
    /// On which engines.
    pub engines: Engines,
    /// Kernel engine only.
    pub kind: Kind,
    /// Longest kernel run, if shorter than the scenario's own limit.
    pub wall: Option<Duration>,
    /// Most events that a trace may have.
    pub max_events: usize,
    /// Under which the report will be kept, if it will.
    pub id: Option<Id>,
    /// The turn this run takes; given back when the last thread of the run has ended.
    pub turn: Option<Arc<OwnedSemaphorePermit>>,
}

/// Why there is no report. What goes wrong inside a run is in its trace instead.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// This machine does not permit the kind of run that was asked for.
    #[error("this machine cannot run the scenario on kernel sockets: {0}")]
    Unavailable(String),
    /// The kernel engine failed before it could record anything.
    #[error("the kernel engine failed: {0}")]
    Kernel(String),
    /// A thread of ours ended without an answer.
    #[error("the run ended unexpectedly: {0}")]
    Lost(String),
    /// Nobody listens any more.
    #[error("the reader is gone")]
    Unheard,
}

/// Carries the order out. `lines` hears everything in the order of the report; a kernel run is heard while it lasts.
/// Dropping the future ends a kernel run.
pub async fn run(order: Order, lines: &Lines) -> Result<Report, Failure> {
    let order = Arc::new(order);
    let report = match order.engines {
        Engines::Model => Report::One(Box::new(engines::model(&order, lines).await?)),
        Engines::Kernel => Report::One(Box::new(engines::kernel(&order, lines).await?)),
        Engines::Both => {
            let model = engines::model(&order, lines).await?;
            lines.result(&model, None, None).await?;
            let kernel = engines::kernel(&order, lines).await?;
            let compared = tokio::task::spawn_blocking(move || {
                let differences = compare(&model, &kernel);
                Report::Both { model: Box::new(model), kernel: Box::new(kernel), differences }
            });
            compared.await.map_err(|error| Failure::Lost(error.to_string()))?
        }
    };
    lines.result(report.last(), Some(report.differences()), order.id.as_ref()).await?;
    Ok(report)
}
