//! The parent's side of a run: hears a worker out, ends it when it overstays, and makes the trace.

use super::child::Worker;
use super::message::{Job, Kind, Message};
use sockscope_core::scenario::Scenario;
use sockscope_core::sim::{self, expectations};
use sockscope_core::time;
use sockscope_core::trace::{Body, Engine, Event, Evidence, Header, HostResult, Observes, RunEvent, Trace};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;

/// Runs at once. They mostly wait; more would only disturb each other's times.
const AT_ONCE: usize = 8;

/// How much longer than the run's limit a worker may take before it is killed.
const GRACE: Duration = Duration::from_secs(3);

/// How long a worker past its time may be silent.
const SILENCE: Duration = Duration::from_secs(1);

static PERMITS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(AT_ONCE));

/// How to run.
#[derive(Debug)]
pub struct Options {
    /// Which kind.
    pub kind: Kind,
    /// Longest run, if shorter than the scenario's own limit.
    pub limit: Option<time::Duration>,
    /// Most events to record.
    pub max_events: u64,
    /// Where everything goes as it is heard. A receiver that lags slows the reading, not the run; one that is gone is ignored.
    pub live: Option<mpsc::Sender<News>>,
}

impl Default for Options {
    fn default() -> Self {
        Options { kind: Kind::Auto, limit: None, max_events: 200_000, live: None }
    }
}

/// What is heard of a run while it lasts.
#[derive(Clone, Debug)]
pub enum News {
    /// First: what stands before the events. Only `limitation` may still change.
    Header(Box<Header>),
    /// Something happened. In time order.
    Event(Box<Event>),
}

/// Why there is no trace.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The worker could not be started.
    #[error("the worker could not be started: {0}")]
    NotStarted(#[source] io::Error),
    /// The machine does not permit what was asked for, or the scenario cannot run on it.
    #[error("{reason}")]
    Refused {
        /// Why.
        reason: String,
    },
}

/// Runs a scenario on real sockets. Waits for its turn if many runs are under way; dropping the future ends the run.
///
/// # Errors
/// When no worker starts, or when it says that it cannot run this. A worker that fails later leaves a trace that says so.
pub async fn run(scenario: &Scenario, options: Options) -> Result<Trace, RunError> {
    let permit = PERMITS.acquire().await.expect("the semaphore is never closed");
    let limit = options.limit.map_or(scenario.limit, |limit| limit.min(scenario.limit));
    let job = Job {
        kind: options.kind,
        events: options.max_events,
        limit,
        scenario: Some(scenario.to_json()),
        attached: true,
    };
    let mut worker = Worker::start(&job).await.map_err(RunError::NotStarted)?;
    let patience = Duration::from_micros(limit.as_micros()) + GRACE;
    let mut heard = Heard::new(scenario, options.live);
    let end = match heard.listen(&mut worker, Instant::now() + patience).await {
        End::Overdue => {
            worker.kill();
            End::Broken(format!("the worker was still running after {} s and was killed", patience.as_secs()))
        }
        End::Silence => End::Broken(format!("the worker ended without a result, {}", worker.last_words().await)),
        end => end,
    };
    // The kernel takes its time to clear interfaces away; this trace need not wait for it, the next run does.
    tokio::spawn(async move {
        worker.ended().await;
        drop(permit);
    });
    heard.trace(scenario, end).await
}

/// How a worker's speech ended.
enum End {
    /// With its result.
    Result(BTreeMap<Arc<str>, HostResult>, Vec<String>),
    /// It will not run this.
    Refused(String),
    /// It stopped in the middle.
    Silence,
    /// It overstays, and has nothing to say.
    Overdue,
    /// It went wrong.
    Broken(String),
}

/// What the worker has said so far.
struct Heard {
    header: Header,
    events: Vec<Event>,
    live: Option<mpsc::Sender<News>>,
}

impl Heard {
    fn new(scenario: &Scenario, live: Option<mpsc::Sender<News>>) -> Self {
        let mut header = sim::header(scenario, Engine::KernelLoopback);
        header.observes = Observes { segments: false, states: false, timers: false, buffers: false };
        Heard { header, events: Vec::new(), live }
    }

    /// Listens until the worker has said its last word. Past the deadline it may finish what it has to say, as long as
    /// it keeps talking: much may have been recorded, and this side may be the slow one.
    async fn listen(&mut self, worker: &mut Worker, deadline: Instant) -> End {
        loop {
            let until = deadline.max(Instant::now() + SILENCE);
            let Ok(said) = tokio::time::timeout_at(until, worker.next()).await else { return End::Overdue };
            match said {
                Ok(Some(Message::Ready { engine, observes, limitation })) => {
                    self.header.engine = engine;
                    self.header.observes = observes;
                    self.header.limitation = limitation;
                    self.tell(|heard| News::Header(Box::new(heard.header.clone()))).await;
                }
                Ok(Some(Message::Event(event))) => {
                    self.tell(|_| News::Event(Box::new(event.clone()))).await;
                    self.events.push(event);
                }
                Ok(Some(Message::End { hosts, limitations })) => return End::Result(hosts, limitations),
                Ok(Some(Message::Refused { reason })) => return End::Refused(reason),
                Ok(None) => return End::Silence,
                Err(error) => return End::Broken(format!("the worker said something that is no message: {error}")),
            }
        }
    }

    /// Passes news on; nobody listening is no reason to stop.
    async fn tell(&mut self, news: impl FnOnce(&Self) -> News) {
        if let Some(live) = &self.live
            && live.send(news(self)).await.is_err()
        {
            self.live = None;
        }
    }

    async fn trace(mut self, scenario: &Scenario, end: End) -> Result<Trace, RunError> {
        let mut hosts = BTreeMap::new();
        match end {
            End::Refused(reason) => return Err(RunError::Refused { reason }),
            End::Result(results, limitations) => {
                hosts = results;
                let all: Vec<String> = self.header.limitation.take().into_iter().chain(limitations).collect();
                self.header.limitation = (!all.is_empty()).then(|| all.join("; "));
            }
            End::Silence | End::Overdue => {}
            End::Broken(message) => {
                let time = self.events.last().map_or(time::Instant::ZERO, |event| event.time);
                let body = Body::Run(RunEvent::EngineFailed { message });
                let event = Event { time, host: None, flow: None, evidence: Evidence::Observed, body };
                self.tell(|_| News::Event(Box::new(event.clone()))).await;
                self.events.push(event);
            }
        }
        for host in &scenario.hosts {
            hosts.entry(host.name.clone()).or_default();
        }
        self.events.sort_by_key(|event| event.time);
        let mut trace = Trace { header: self.header, events: self.events, hosts, expectations: Vec::new() };
        trace.expectations = expectations::check(scenario, &trace);
        Ok(trace)
    }
}
