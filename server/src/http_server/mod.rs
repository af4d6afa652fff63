//! A small HTTP/1.1 server on core's own parser, encoder and connection table, so that its strictness is ours: what
//! `sockscope http serve` runs and what an exchange talks to. It has a few resources of its own and reaches nothing else;
//! it is no framework, and the site is not served by it.

mod answer;
mod connection;
mod date;
mod observe;
mod request;
mod resource;
mod store;
mod tunnel;

pub use observe::{Happened, Observer, Unobserved};
pub use store::{Document, Store};

use crate::connections;
use sockscope_core::http::{Leniency, Limits};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// How much a server puts up with.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Connections at once; further ones wait in the backlog.
    pub connections: usize,
    /// Requests on one connection; the last one is answered with `Connection: close`.
    pub requests: u32,
    /// From the first byte of a head to its empty line.
    pub head: Duration,
    /// From the end of a head to the end of its message.
    pub body: Duration,
    /// Longest silence between messages, or in a tunnel.
    pub idle: Duration,
    /// Longest time that the peer takes nothing of an answer.
    pub write: Duration,
    /// Bytes that a tunnel echoes.
    pub tunnel: u64,
    /// After the end was asked for: how long requests under way may take.
    pub shutdown: Duration,
    /// Of the parser.
    pub limits: Limits,
    /// Of the parser.
    pub leniency: Leniency,
}

/// Longest body that is taken.
pub const BODY_LIMIT: u64 = 1 << 20;

impl Default for Settings {
    fn default() -> Self {
        Settings {
            connections: 64,
            requests: 100,
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            idle: Duration::from_secs(15),
            write: Duration::from_secs(10),
            tunnel: 1 << 20,
            shutdown: Duration::from_secs(5),
            limits: Limits {
                start_line: 8 * 1024,
                field_line: 16 * 1024,
                head: 32 * 1024,
                fields: 100,
                body: BODY_LIMIT,
                ..Limits::default()
            },
            leniency: Leniency::default(),
        }
    }
}

/// Serves connections of `listener` until `shutdown` is cancelled and those under way have ended.
pub async fn serve(listener: TcpListener, store: Arc<Store>, settings: Settings, shutdown: CancellationToken) {
    let token = shutdown.clone();
    connections::each(listener, settings.connections, shutdown, settings.shutdown, |stream, peer| {
        let (store, token) = (store.clone(), token.clone());
        async move {
            tracing::debug!(%peer, "connection");
            connection(stream, peer, &store, &settings, &Unobserved, &token).await;
        }
    })
    .await;
}

/// Serves one connection until it ends.
pub async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    store: &Store,
    settings: &Settings,
    observer: &dyn Observer,
    shutdown: &CancellationToken,
) {
    // With Nagle on, a pipelined second answer waits for the reader's delayed acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "TCP_NODELAY was refused");
    }
    connection::Connection::new(stream, store, settings, observer).run(shutdown).await;
}

#[cfg(test)]
mod tests;
