//! The command line: what may be asked, and the exit status of the answer. Each subcommand has a file of its own.

mod address;
mod bytes;
mod columns;
mod dissect;
mod exit;
mod framing;
mod http;
mod output;
mod run;
mod serve;
mod source;
mod transcript;
mod verdict;
mod words;
mod worker;

pub use exit::Exit;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// A microscope for sockets: two programs, the network between them, and every byte.
///
/// Without a subcommand it serves the site.
#[derive(Parser)]
#[command(name = "sockscope", version, about, args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Arguments,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the site and the JSON API (also what happens without a subcommand)
    Serve(serve::Arguments),
    /// Run a scenario and write down what happened
    Run(run::Arguments),
    /// Look into HTTP/1.1 messages
    Http(http::Arguments),
    /// Take messages out of a byte stream, or put them in
    Framing(framing::Arguments),
    /// Look into the packets of a capture file
    Dissect(dissect::Arguments),
    /// Explain an IPv4 address, its network in bits, and byte order
    Address(address::Arguments),
    /// Run one scenario on real sockets, for a parent process
    #[command(hide = true)]
    Worker,
}

/// Parses the command line and does what it says.
pub fn main() -> ExitCode {
    let arguments = CommandLine::parse();
    let exit = match arguments.command.unwrap_or(Command::Serve(arguments.serve)) {
        Command::Worker => return worker::main(),
        Command::Serve(arguments) => serve::main(arguments),
        Command::Run(arguments) => run::main(arguments),
        Command::Http(arguments) => http::main(arguments),
        Command::Framing(arguments) => framing::main(arguments),
        Command::Dissect(arguments) => dissect::main(arguments),
        Command::Address(arguments) => address::main(arguments),
    };
    exit.into()
}
