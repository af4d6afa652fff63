//! The command line for tests: this build's `sockscope` with bytes on its standard input. No test stands here.
#![allow(dead_code)] // each test binary uses its part

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// The command, with nothing on its standard input.
pub fn sockscope(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockscope"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs the command with these bytes on its standard input.
pub fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut child =
        sockscope(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // A command that has seen enough closes its end.
        scope.spawn(move || drop(pipe.write_all(input)));
        child.wait_with_output().unwrap()
    })
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
pub fn assert_status(output: &Output, status: i32) {
    assert_eq!(output.status.code(), Some(status), "{}\n{}", text(&output.stderr), text(&output.stdout));
}
