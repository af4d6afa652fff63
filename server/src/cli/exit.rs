//! The exit statuses, the same for every subcommand.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Anything that has no status of its own: a port in use, an engine that failed, an expectation that does not hold.
    Failed,
    /// The input is wrong: the command line, a scenario, a program.
    WrongInput,
    /// The input ends too early.
    IncompleteInput,
    /// Model and kernel contradict each other.
    Contradiction,
}

impl Exit {
    /// The status that the shell sees.
    pub fn status(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::WrongInput => 2,
            Exit::IncompleteInput => 3,
            Exit::Contradiction => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.status())
    }
}
