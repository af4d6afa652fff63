//! The program `sockscope` as a user has it: built once, run with arguments, or serving on a free port.

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

/// The program. `SOCKSCOPE_BINARY` names one that is already built; otherwise it is built now.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("SOCKSCOPE_BINARY") {
            return PathBuf::from(path);
        }
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(crate::root()).args(["build", "--quiet", "--package", "sockscope", "--message-format=json"]);
        // What the test runner says about this package is not about that one.
        for (name, _) in
            std::env::vars().filter(|(name, _)| name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR")
        {
            cargo.env_remove(name);
        }
        let output = cargo.stderr(Stdio::inherit()).output().expect("cargo can be started");
        assert!(output.status.success(), "the program does not build");
        let messages = String::from_utf8_lossy(&output.stdout);
        let executable = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|message| message["target"]["name"] == "sockscope")
            .find_map(|message| message["executable"].as_str().map(PathBuf::from));
        executable.expect("cargo says where the program is")
    })
}

/// Runs the program with these arguments in the root of the repository.
pub fn run(arguments: &[&str]) -> Output {
    Command::new(binary())
        .args(arguments)
        .current_dir(crate::root())
        .stdin(Stdio::null())
        .output()
        .expect("the program can be started")
}

/// A server of this program on a free port, ended when dropped.
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub address: String,
}

impl Server {
    /// Starts it and waits until it says where it listens.
    pub fn start() -> Self {
        let mut child = Command::new(binary())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("the server says its address");
        let address = line.trim().to_string();
        assert!(address.starts_with("http://127.0.0.1:"), "the server says {line:?}");
        Server { child, address }
    }

    /// The address of a page.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
