//! A run as a stream of lines, each one JSON object: `{"header":…}`, then the events as they are, then `{"result":…}`;
//! with both engines once for each. It knows no transport.

use bytes::Bytes;
use serde::Serialize;
use sockscope_core::trace::Difference;
use sockscope_core::trace::{Checked, Event, Header, HostResult, Trace};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc;

use super::{Failure, Id};

/// One line without its end.
#[derive(Clone, Debug)]
pub struct Line {
    /// `header`, `event`, `result` or `problem`.
    pub kind: &'static str,
    /// One JSON object.
    pub json: Bytes,
}

/// Where the lines of a run go; nowhere if nobody asked for them.
#[derive(Clone, Debug, Default)]
pub struct Lines(Option<mpsc::Sender<Line>>);

#[derive(Serialize)]
struct HeaderLine<'a> {
    header: &'a Header,
}

#[derive(Serialize)]
struct ResultLine<'a> {
    result: ResultBody<'a>,
}

#[derive(Serialize)]
struct ResultBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Id>,
    hosts: &'a BTreeMap<Arc<str>, HostResult>,
    expectations: &'a [Checked],
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<&'a [Difference]>,
}

impl Line {
    fn new(kind: &'static str, content: &impl Serialize) -> Self {
        Line { kind, json: serde_json::to_vec(content).expect("traces have text keys only").into() }
    }

    /// What ends a stream that cannot go on.
    pub fn problem(body: &impl Serialize) -> Self {
        #[derive(Serialize)]
        struct ProblemLine<'a, T> {
            problem: &'a T,
        }
        Line::new("problem", &ProblemLine { problem: body })
    }
}

impl Lines {
    /// Lines that go into `sender`.
    pub fn to(sender: mpsc::Sender<Line>) -> Self {
        Lines(Some(sender))
    }

    /// The same as [`Lines::default`]: nobody listens.
    pub fn unheard() -> Self {
        Lines(None)
    }

    /// Whether anybody listens.
    pub fn heard(&self) -> bool {
        self.0.is_some()
    }

    /// The header of a trace.
    pub async fn header(&self, header: &Header) -> Result<(), Failure> {
        self.send(|| Line::new("header", &HeaderLine { header })).await
    }

    /// One event.
    pub async fn event(&self, event: &Event) -> Result<(), Failure> {
        self.send(|| Line::new("event", event)).await
    }

    /// How the hosts ended. Differences and id stand in the last result only.
    pub async fn result(
        &self,
        trace: &Trace,
        differences: Option<&[Difference]>,
        id: Option<&Id>,
    ) -> Result<(), Failure> {
        let Trace { hosts, expectations, .. } = trace;
        self.send(|| Line::new("result", &ResultLine { result: ResultBody { id, hosts, expectations, differences } }))
            .await
    }

    /// A finished trace, header and events, from a thread that may block.
    pub fn whole(&self, trace: &Trace) -> Result<(), Failure> {
        let Some(sender) = &self.0 else { return Ok(()) };
        let header = Line::new("header", &HeaderLine { header: &trace.header });
        let events = trace.events.iter().map(|event| Line::new("event", event));
        for line in std::iter::once(header).chain(events) {
            sender.blocking_send(line).map_err(|_| Failure::Unheard)?;
        }
        Ok(())
    }

    /// Ends when the reader is gone; never, if nobody listened from the start.
    pub async fn gone(&self) {
        match &self.0 {
            Some(sender) => sender.closed().await,
            None => std::future::pending().await,
        }
    }

    async fn send(&self, line: impl FnOnce() -> Line) -> Result<(), Failure> {
        match &self.0 {
            Some(sender) => sender.send(line()).await.map_err(|_| Failure::Unheard),
            None => Ok(()),
        }
    }
}
