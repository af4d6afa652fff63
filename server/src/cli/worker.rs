//! `sockscope worker`: what the server re-executes itself as for every run on real sockets. Hidden, because its input is
//! not meant to be typed.

use std::process::ExitCode;

/// Runs the job that standard input holds.
pub fn main() -> ExitCode {
    crate::kernel::worker::main()
}
