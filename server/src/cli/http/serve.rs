//! `sockscope http serve`: the small HTTP server of `http_server` on an address of the reader's choice, until a signal.

use clap::Args;
use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Lenient;
use crate::cli::{Exit, serve as site};
use crate::http_server::{self, Settings};

const EXAMPLES: &str = "Try it with:
  curl -i http://127.0.0.1:8081/                        the list of what is served
  curl -iX TRACE http://127.0.0.1:8081/hello            GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE, CONNECT
  curl -iT FILE http://127.0.0.1:8081/documents/FILE    PUT; documents are forgotten when the server ends
  printf 'GET / HTTP/1.1\\r\\n\\r\\n' | nc 127.0.0.1 8081     what is wrong with a request, and where

It ends with Ctrl-C. Exit status: 0 it was asked to end; 2 the command line is wrong; 1 anything else.";

/// Options of `http serve`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8081", value_parser = site::address)]
    listen: SocketAddr,
    /// Connections at once; further ones wait
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// Seconds of silence between messages after which a connection is closed. A head may take 10 seconds, its content 30
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..))]
    idle: u16,
    /// Requests on one connection before it is closed
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    requests: u32,
    #[command(flatten)]
    lenient: Lenient,
}

/// Serves until SIGINT or SIGTERM.
pub fn main(arguments: Arguments) -> Exit {
    let settings = Settings {
        connections: arguments.connections.into(),
        idle: Duration::from_secs(arguments.idle.into()),
        requests: arguments.requests,
        leniency: arguments.lenient.together(),
        ..Settings::default()
    };
    site::log_to_stderr();
    match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime.block_on(listen(arguments.listen, settings)),
        Err(error) => site::fail(&format!("the runtime did not start: {error}")),
    }
}

async fn listen(address: SocketAddr, settings: Settings) -> Exit {
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let ip = address.ip();
            return site::fail(&format!(
                "{address} is in use by another program; choose another port with --listen {ip}:PORT"
            ));
        }
        Err(error) => return site::fail(&format!("cannot listen on {address}: {error}")),
    };
    let shutdown = CancellationToken::new();
    // Before anybody is told the address: a signal from then on asks for an orderly end.
    if let Err(error) = site::heed_signals(&shutdown) {
        return site::fail(&format!("signals cannot be handled: {error}"));
    }
    let bound = listener.local_addr().unwrap_or(address);
    // A caller that reads this line may connect at once. Nobody may be reading: that is no reason to end.
    let _ = writeln!(std::io::stdout(), "http://{bound}");
    http_server::serve(listener, Arc::default(), settings, shutdown).await;
    Exit::Done
}
