//! `sockscope serve`: bind, say where, serve until a signal. What is served stands in `routes`.

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::net::{SocketAddr, ToSocketAddrs as _};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use super::Exit;
use crate::{AppState, Settings};

/// Options of `serve`.
#[derive(clap::Args)]
#[group(id = "serve")]
pub struct Arguments {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080", value_parser = address)]
    listen: SocketAddr,
}

/// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    let mut found = text.to_socket_addrs().map_err(|error| error.to_string())?;
    found.next().ok_or_else(|| "it has no address".to_owned())
}

/// Logs on standard error, as much as the environment wishes.
pub fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,hyper=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}

/// Serves until SIGINT or SIGTERM.
pub fn main(arguments: Arguments) -> Exit {
    log_to_stderr();
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // Answers are short and runs go to the blocking pool: more threads would only cost memory.
        .worker_threads(cores.min(4))
        .max_blocking_threads(32)
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(listen(arguments.listen)),
        Err(error) => fail(&format!("the runtime did not start: {error}")),
    }
}

async fn listen(address: SocketAddr) -> Exit {
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            return fail(&format!(
                "{address} is in use by another program; choose another port with --listen {}:PORT",
                address.ip()
            ));
        }
        Err(error) => return fail(&format!("cannot listen on {address}: {error}")),
    };
    let shutdown = CancellationToken::new();
    // Before anybody is told the address: a signal from then on asks for an orderly end.
    if let Err(error) = heed_signals(&shutdown) {
        return fail(&format!("signals cannot be handled: {error}"));
    }
    let bound = listener.local_addr().unwrap_or(address);
    // A caller that reads this line may connect at once. Nobody may be reading: that is no reason to end.
    let _ = writeln!(std::io::stdout(), "http://{bound}");
    tracing::info!("serving http://{bound}");
    crate::serve(listener, AppState::new(Settings::default()), shutdown).await;
    Exit::Done
}

/// The first signal asks for an orderly end, the second ends at once.
pub fn heed_signals(shutdown: &CancellationToken) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let shutdown = shutdown.clone();
    tokio::spawn(async move {
        for first in [true, false] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if first {
                shutdown.cancel();
            } else {
                std::process::exit(i32::from(Exit::Failed.status()));
            }
        }
    });
    Ok(())
}

/// Says why the command failed.
pub fn fail(sentence: &str) -> Exit {
    eprintln!("sockscope: {sentence}");
    Exit::Failed
}
