//! The site on its connections: how long askers may take, and how everything ends. It knows nothing of routes.
//! `axum::serve` is not used because it sets no header timeout and leaves Nagle on.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::connections;
use crate::stall::StallLimit;

/// How patient the service is.
#[derive(Clone, Debug)]
pub struct Patience {
    /// From the first moment a request may begin until its last header line; also the longest idle keep-alive.
    pub headers: Duration,
    /// Longest time a reader may take nothing of an answer that is waiting for it.
    pub stalled_reader: Duration,
    /// After shutdown began: how long requests under way may take to end.
    pub shutdown: Duration,
    /// Connections open at once; further ones wait in the listener's backlog.
    pub connections: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            headers: Duration::from_secs(10),
            stalled_reader: Duration::from_secs(60),
            shutdown: Duration::from_secs(10),
            connections: 1024,
        }
    }
}

/// Serves `router` on `listener` until `shutdown` is cancelled and every connection has ended, or patience is out.
///
/// Live streams must end by themselves when `shutdown` is cancelled: they hold the same token.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken, patience: Patience) {
    let token = shutdown.clone();
    connections::each(listener, patience.connections, shutdown, patience.shutdown, |stream, peer| {
        let (router, token, patience) = (router.clone(), token.clone(), patience.clone());
        async move { connection(stream, peer, router, token, &patience).await }
    })
    .await;
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    shutdown: CancellationToken,
    patience: &Patience,
) {
    // With Nagle on, a pipelined second answer waits 40 ms for the reader's delayed acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "TCP_NODELAY was refused");
    }
    let io = TokioIo::new(StallLimit::new(stream, patience.stalled_reader));
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    // HTTP/1.1 only: telling the versions apart would wait for the first bytes without any timeout.
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(patience.headers).max_buf_size(64 * 1024);
    let connection = builder.serve_connection(io, service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "connection ended early");
    }
}
