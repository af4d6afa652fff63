//! The two engines behind one face: an order in, a trace out, its lines heard on the way.

use crate::kernel::{self, News, RunError};
use sockscope_core::sim;
use sockscope_core::time::Duration;
use sockscope_core::trace::Trace;
use std::sync::Arc;
use tokio::sync::mpsc;

use super::{Failure, Kind, Lines, Order};

/// News of a kernel run that may wait for a reader.
const NEWS: usize = 256;

/// What the kernel engine may do here.
pub async fn capabilities() -> serde_json::Value {
    serde_json::to_value(kernel::capabilities().await).expect("three plain fields")
}

/// The model. Its thread cannot be interrupted, but everything in it has a limit; it keeps its turn until it has ended.
pub async fn model(order: &Arc<Order>, lines: &Lines) -> Result<Trace, Failure> {
    let (order, lines) = (order.clone(), lines.clone());
    let run = tokio::task::spawn_blocking(move || {
        let options = sim::Options { max_events: order.max_events, ..sim::Options::default() };
        let trace = sim::run(&order.scenario, &options);
        lines.whole(&trace)?;
        Ok(trace)
    });
    run.await.map_err(|error| Failure::Lost(error.to_string()))?
}

/// The kernel. Whoever listens hears it while it lasts; when they leave, it ends.
pub async fn kernel(order: &Arc<Order>, lines: &Lines) -> Result<Trace, Failure> {
    let (sender, mut news) = mpsc::channel(NEWS);
    let options = kernel::Options {
        kind: match order.kind {
            Kind::Auto => kernel::Kind::Auto,
            Kind::Isolated => kernel::Kind::Isolated,
            Kind::Loopback => kernel::Kind::Loopback,
        },
        limit: order.wall.map(|wall| Duration::from_micros(wall.as_micros().try_into().unwrap_or(u64::MAX))),
        max_events: order.max_events as u64,
        live: lines.heard().then_some(sender),
    };
    let forward = async {
        while let Some(news) = news.recv().await {
            match news {
                News::Header(header) => lines.header(&header).await?,
                News::Event(event) => lines.event(&event).await?,
            }
        }
        Ok(())
    };
    let run = async {
        kernel::run(&order.scenario, options).await.map_err(|error| match error {
            RunError::Refused { reason } => Failure::Unavailable(reason),
            error @ RunError::NotStarted(_) => Failure::Kernel(error.to_string()),
        })
    };
    let (trace, ()) = tokio::try_join!(run, forward)?;
    Ok(trace)
}
