//! What the commands on bytes share: reading standard input, writing the answer, showing a place.

use serde::Serialize;
use std::fmt::Write as _;
use std::io::{self, ErrorKind, Read as _, Write as _};

use super::Exit;

/// Most bytes a command takes from standard input.
pub const MOST: u64 = 1 << 30;

/// All of standard input.
pub fn standard_input() -> Result<Vec<u8>, Exit> {
    let mut input = Vec::new();
    if let Err(error) = io::stdin().lock().take(MOST + 1).read_to_end(&mut input) {
        eprintln!("sockscope: standard input: {error}");
        return Err(Exit::Failed);
    }
    if input.len() as u64 > MOST {
        eprintln!("sockscope: standard input has more than {MOST} bytes");
        return Err(Exit::WrongInput);
    }
    Ok(input)
}

/// The lines of an input, without their ends. The last line end ends a line and begins none.
pub fn lines(input: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines
}

/// Writes text to standard output. A reader who has had enough is no failure.
pub fn print(text: &str) -> Result<(), Exit> {
    write_all(text.as_bytes())
}

/// Writes bytes to standard output.
pub fn write_all(bytes: &[u8]) -> Result<(), Exit> {
    let mut output = io::stdout().lock();
    match output.write_all(bytes).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("sockscope: standard output: {error}");
            Err(Exit::Failed)
        }
        _ => Ok(()),
    }
}

/// Writes one JSON object on one line.
pub fn print_json(object: &impl Serialize) -> Result<(), Exit> {
    let mut text = serde_json::to_vec(object).map_err(|error| {
        eprintln!("sockscope: {error}");
        Exit::Failed
    })?;
    text.push(b'\n');
    write_all(&text)
}

/// Shows the bytes around offset `at`, with a caret under it.
pub fn show_place(text: &mut String, input: &[u8], at: u64) {
    let at = usize::try_from(at).unwrap_or(usize::MAX).min(input.len());
    let start = at.saturating_sub(30);
    let end = input.len().min(at + 30);
    let escaped = |bytes: &[u8]| bytes.escape_ascii().to_string();
    let before = escaped(&input[start..at]);
    let _ = writeln!(text, "    {before}{}", escaped(&input[at..end]));
    let _ = writeln!(text, "    {}^", " ".repeat(before.len()));
}
