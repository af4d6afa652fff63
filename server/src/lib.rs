//! The server as a library: the site, the JSON API, the real sockets and the command line.
//! `main.rs` only calls [`cli::main`]; tests bind port 0 and call [`app`] and [`serve`].

pub mod accept;
pub mod api;
pub mod cli;
mod connections;
pub mod exchange;
pub mod extract;
pub mod http_server;
pub mod kernel;
pub mod language;
pub mod names;
pub mod negotiate;
pub mod problem;
pub mod routes;
pub mod run;
pub mod site;
pub mod stall;
pub mod state;

pub use accept::Patience;
pub use routes::app;
pub use state::{AppState, Settings};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Serves the site and the API on `listener` until `shutdown` is cancelled; live streams end with it.
pub async fn serve(listener: TcpListener, state: AppState, shutdown: CancellationToken) {
    let ends = state.clone();
    let patience = state.settings().patience.clone();
    let streams = shutdown.clone();
    tokio::spawn(async move {
        streams.cancelled().await;
        ends.shutdown().cancel();
    });
    accept::serve(listener, app(state), shutdown, patience).await;
}
