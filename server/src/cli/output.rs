//! Where a command writes: standard output or a file. A reader who has had enough is no failure; a full disk is.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use super::Exit;
use super::words::Words;

/// An open output. The first failure is remembered; what is written after it goes nowhere.
pub struct Output {
    writer: BufWriter<Box<dyn Write>>,
    file: Option<PathBuf>,
    failure: Option<io::Error>,
    words: Words,
}

impl Output {
    /// Opens the file, or standard output. Binary content does not go to a terminal.
    pub fn open(file: Option<&Path>, binary: bool, words: Words) -> Result<Self, Exit> {
        let writer: Box<dyn Write> = match file {
            Some(file) => Box::new(File::create(file).map_err(|error| {
                eprintln!("sockscope: {}", cannot_write(words, Some(file), &error));
                Exit::Failed
            })?),
            None if binary && io::stdout().is_terminal() => {
                eprintln!("sockscope: {}", words.plain("binary_to_terminal"));
                return Err(Exit::WrongInput);
            }
            None => Box::new(io::stdout()),
        };
        let writer = BufWriter::with_capacity(64 * 1024, writer);
        Ok(Output { writer, file: file.map(Path::to_owned), failure: None, words })
    }

    /// Writes, unless writing has failed before.
    pub fn write(&mut self, bytes: &[u8]) {
        if self.failure.is_none() {
            self.failure = self.writer.write_all(bytes).err();
        }
    }

    /// Hands on what is held back.
    pub fn flush(&mut self) {
        if self.failure.is_none() {
            self.failure = self.writer.flush().err();
        }
    }

    /// Whether nothing that is written arrives any more.
    pub fn is_broken(&self) -> bool {
        self.failure.is_some()
    }

    /// Writes what is left.
    pub fn finish(mut self) -> Exit {
        self.flush();
        match &self.failure {
            None => Exit::Done,
            Some(error) if error.kind() == ErrorKind::BrokenPipe => Exit::Done,
            Some(error) => {
                eprintln!("sockscope: {}", cannot_write(self.words, self.file.as_deref(), error));
                Exit::Failed
            }
        }
    }
}

fn cannot_write(words: Words, file: Option<&Path>, error: &io::Error) -> String {
    let file = file.map_or_else(|| "<stdout>".to_owned(), |file| file.display().to_string());
    words.with("cannot_write", &[("file", file), ("error", error.to_string())])
}
