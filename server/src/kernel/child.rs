//! A worker process as its parent sees it: started, given its job, listened to. What it says is judged in [`mod@super::run`].

use super::message::{Job, Message};
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

/// How much of a dying worker's last words is kept.
const LAST_WORDS: u64 = 4 << 10;

/// How long its end is waited for once it has fallen silent.
const PATIENCE: Duration = Duration::from_secs(3);

/// The longest message: a call with all that a program may send at once, in base64.
const LONGEST: u64 = 128 << 20;

/// A worker. Dropped, it is killed.
pub struct Worker {
    child: Child,
    output: BufReader<ChildStdout>,
    line: Vec<u8>,
}

impl Worker {
    /// Starts one and gives it its job. Its standard input stays open: it ends when this process does.
    pub async fn start(job: &Job) -> io::Result<Self> {
        let mut command = Command::new(program()?);
        command.arg0("sockscope").arg("worker");
        // Nothing of the server's surroundings is a worker's business.
        command.env_clear();
        if let Some(backtrace) = std::env::var_os("RUST_BACKTRACE") {
            command.env("RUST_BACKTRACE", backtrace);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let mut line = serde_json::to_vec(job).map_err(io::Error::other)?;
        line.push(b'\n');
        let output = child.stdout.take().expect("standard output is piped");
        let stdin = child.stdin.as_mut().expect("standard input is piped");
        // A worker that dies before it has read its job says why on its standard error.
        let _ = stdin.write_all(&line).await;
        Ok(Worker { child, output: BufReader::with_capacity(64 << 10, output), line: Vec::new() })
    }

    /// The next thing it says; `None` when it has fallen silent.
    ///
    /// # Errors
    /// What it said, where that is no message.
    pub async fn next(&mut self) -> Result<Option<Message>, String> {
        self.line.clear();
        let mut bounded = (&mut self.output).take(LONGEST);
        match bounded.read_until(b'\n', &mut self.line).await {
            Ok(0) | Err(_) => Ok(None),
            Ok(_) => serde_json::from_slice(&self.line).map(Some).map_err(|error| error.to_string()),
        }
    }

    /// Kills it.
    pub fn kill(&mut self) {
        // It fails only for one that has ended already.
        let _ = self.child.start_kill();
    }

    /// How it ended, and what it said on its standard error.
    pub async fn last_words(&mut self) -> String {
        let mut words = Vec::new();
        if let Some(error) = self.child.stderr.take() {
            let mut error = error.take(LAST_WORDS);
            let _ = tokio::time::timeout(PATIENCE, error.read_to_end(&mut words)).await;
        }
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let status = status.ok().and_then(Result::ok).map_or_else(|| "still running".to_owned(), |s| s.to_string());
        format!("{status}: {}", String::from_utf8_lossy(&words).trim())
    }

    /// Waits until it is gone.
    pub async fn ended(mut self) {
        let _ = self.child.wait().await;
    }
}

/// The binary to run as a worker: this one. Cargo's test binaries are not it; theirs lies one folder up.
fn program() -> io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().and_then(|folder| Some((folder.parent()?, folder.file_name()?)));
    match folder {
        Some((above, folder)) if folder == "deps" && above.join("sockscope").is_file() => Ok(above.join("sockscope")),
        // The link, not the path: it still leads here when the file was replaced by a newer one.
        _ => Ok(PathBuf::from("/proc/self/exe")),
    }
}
