//! What happens inside a program. The words are this room's own; the trace only collects them.

use crate::socket::TaskId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One thing that happened in a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A statement is about to run.
    Line {
        /// Which task.
        task: TaskId,
        /// Line, from 1.
        line: u32,
        /// Depth of the call stack: 0 at module level.
        depth: u32,
    },
    /// A name got a value.
    Assigned {
        /// Which task.
        task: TaskId,
        /// The function it belongs to, absent at module level.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scope: Option<Arc<str>>,
        /// The name.
        name: Arc<str>,
        /// `repr` of the value, shortened past 120 characters.
        value: String,
    },
    /// Text went to standard output (or standard error).
    Printed {
        /// Which task.
        task: TaskId,
        /// The text, with its line end.
        text: String,
        /// Whether it is standard error.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        error: bool,
    },
    /// `input()` took a line of the scenario's standard input.
    InputRead {
        /// Which task.
        task: TaskId,
        /// The line, without its end.
        text: String,
    },
    /// A name, a port or an address was looked up. No socket call does that: a table answers, and this says which.
    LookedUp {
        /// Which task.
        task: TaskId,
        /// The function: `getservbyname`.
        function: String,
        /// What it was asked, as Python writes arguments: `'http', 'tcp'`.
        asked: String,
        /// Who answered.
        source: Source,
        /// What was found: a port, a name or an address; absent where the table has no such row.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<String>,
    },
    /// A file of the host was created or changed.
    FileWritten {
        /// Its name.
        name: String,
        /// Its new length in bytes.
        length: u64,
    },
    /// An exception was raised.
    Raised {
        /// Which task.
        task: TaskId,
        /// Line, from 1.
        line: u32,
        /// The type: `BrokenPipeError`.
        exception: String,
        /// The message: `[Errno 32] Broken pipe`.
        message: String,
    },
    /// A task other than the main one began or ended.
    Task {
        /// Which.
        task: TaskId,
        /// Its name: `Thread-1`.
        name: String,
        /// Whether it began (`true`) or ended.
        started: bool,
    },
    /// The program passed one of its limits and was ended.
    LimitPassed {
        /// `statements`, `memory`, `recursion` or `output`; `events` where the trace of the run is full.
        limit: String,
        /// The limit that was passed.
        value: u64,
    },
    /// The program ended.
    Exited {
        /// Exit status: 0, 1 after an uncaught exception, what `sys.exit` got.
        status: i32,
        /// The uncaught exception as Python's last line of a traceback: `BrokenPipeError: [Errno 32] Broken pipe`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        exception: Option<String>,
        /// The line where it was raised.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
    },
}

/// Who answers a look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The machine's own table of services, `/etc/services`.
    Machine,
    /// The built-in selection of the IANA registry.
    Iana,
    /// The names of the scenario's hosts.
    Scenario,
    /// Nobody: the text is an address itself.
    Literal,
    /// Nobody: `localhost`, `<broadcast>` and the empty name stand for the same address everywhere.
    Fixed,
}
