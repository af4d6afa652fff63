//! What the tests across packages share: the program itself, a server on a free port, a real Chromium, loud skips.
//! No test stands here.

pub mod chromium;
pub mod program;

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands in the repository").to_path_buf()
}

/// A folder for what a test leaves behind to be looked at, below the target folder.
pub fn leavings(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let folder = target.join(name);
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}

/// Says on the real standard error, past the capture of the test runner, that a test could not run here, and why.
/// `tests/run` counts these lines.
pub fn skip(test: &str, reason: &str) {
    let line = format!("SKIPPED {test}: {reason}\n");
    std::io::stderr().write_all(line.as_bytes()).expect("standard error is open");
}
