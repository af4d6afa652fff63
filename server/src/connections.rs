//! Taking connections from a listener: how many at once, what a failed accept means, and how everything ends. It knows
//! nothing of what is spoken on them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Gives each connection of `listener` to `serve` until `shutdown` is cancelled, then waits for those under way, at most
/// `patience`. There are at most `most` at once; further ones wait in the listener's backlog.
pub async fn each<Served>(
    listener: TcpListener,
    most: usize,
    shutdown: CancellationToken,
    patience: Duration,
    serve: impl Fn(TcpStream, SocketAddr) -> Served,
) where
    Served: Future<Output = ()> + Send + 'static,
{
    let connections = TaskTracker::new();
    let slots = Arc::new(Semaphore::new(most));
    loop {
        let accepted = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            slot = slots.clone().acquire_owned() => {
                let slot = slot.expect("the semaphore is never closed");
                tokio::select! {
                    biased;
                    () = shutdown.cancelled() => break,
                    accepted = listener.accept() => accepted.map(|(stream, peer)| (stream, peer, slot)),
                }
            }
        };
        match accepted {
            Ok((stream, peer, slot)) => {
                let served = serve(stream, peer);
                connections.spawn(async move {
                    served.await;
                    drop(slot);
                });
            }
            Err(error) => {
                // Out of descriptors, or a connection that was gone before it was accepted: neither is a reason to end.
                tracing::warn!(%error, "accept failed");
                if !is_about_one_connection(&error) {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
    drop(listener);
    connections.close();
    tracing::info!(open = connections.len(), "shutting down");
    if tokio::time::timeout(patience, connections.wait()).await.is_err() {
        tracing::warn!(open = connections.len(), "connections that did not end in time are cut");
    }
}

fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}
