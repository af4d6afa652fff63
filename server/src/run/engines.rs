//! The two engines behind one face: an order in, a trace out, its lines heard on the way.

use sockscope_core::sim;
use sockscope_core::trace::Trace;
use std::sync::Arc;

use super::{Failure, Lines, Order};

/// What the kernel engine may do here.
pub async fn capabilities() -> serde_json::Value {
    serde_json::json!({ "isolated": false, "loopback": false, "reason": "this build has no kernel engine" })
}

/// The model. Its thread cannot be interrupted, but everything in it has a limit; it keeps its turn until it has ended.
pub async fn model(order: &Arc<Order>, lines: &Lines) -> Result<Trace, Failure> {
    let scenario = order.scenario.clone();
    let options = sim::Options { max_events: order.max_events, ..sim::Options::default() };
    let turn = order.turn.clone();
    let ran = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        sim::run(&scenario, &options)
    });
    let trace = ran.await.map_err(|error| Failure::Kernel(error.to_string()))?;
    lines.whole(&trace)?;
    Ok(trace)
}

/// The kernel.
pub async fn kernel(_order: &Arc<Order>, _lines: &Lines) -> Result<Trace, Failure> {
    Err(Failure::Unavailable("this build has no kernel engine".to_owned()))
}
