//! The corpus in `cpython/`: every program is run here and under CPython 3.11, and must print the same on both outputs
//! and end with the same status. Where no such Python is installed, nothing is compared, and the test says so.

mod common;

use sockscope_core::program::{Event, Setup};
use sockscope_core::scenario::from_json;
use sockscope_core::sim;
use sockscope_core::trace::Body;
use std::path::Path;
use std::process::{Command, Stdio};

/// The interpreter to compare with, if it is the right one.
fn python() -> Option<&'static str> {
    ["python3.11", "python3"].into_iter().find(|name| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).starts_with("Python 3.11."))
    })
}

const STDIN: [&str; 2] = ["Ada", "Lovelace"];

/// `(stdout, stderr, status)` under CPython.
fn reference(python: &str, source: &str) -> (String, String, Option<i32>) {
    let folder = tempfile();
    let file = folder.join("program.py");
    std::fs::write(&file, source).unwrap();
    let mut child = Command::new(python)
        .arg("program.py")
        .current_dir(&folder)
        .env("PYTHONWARNINGS", "ignore")
        .env("PYTHONUTF8", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdin = STDIN.map(|line| format!("{line}\n")).concat();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), stdin.as_bytes()).ok();
    let output = child.wait_with_output().unwrap();
    let prefix = format!("{}/", folder.canonicalize().unwrap().display());
    std::fs::remove_dir_all(&folder).ok();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&prefix, "");
    (text(&output.stdout), without_library(&text(&output.stderr)), output.status.code())
}

/// A traceback without the lines of CPython's own library: ours is not written in Python.
fn without_library(text: &str) -> String {
    let mut out = String::new();
    let mut skip = false;
    for line in text.lines() {
        if line.starts_with("  File ") {
            skip = line.contains("/lib/python3.11/");
        } else if !line.starts_with("    ") {
            skip = false;
        }
        if !skip {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

fn tempfile() -> std::path::PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("sockscope-cpython-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Every program of a corpus file: a title after `#: `, then its text.
fn programs(text: &str) -> Vec<(&str, &str)> {
    let text = text.strip_prefix("#: ").unwrap_or(text);
    text.split("\n#: ").filter_map(|part| part.split_once('\n')).collect()
}

/// A way of ours to run a program: `(stdout, stderr, status)`.
type Run = fn(&str) -> (String, String, Option<i32>);

/// One host whose calls are answered from memory.
fn alone(source: &str) -> (String, String, Option<i32>) {
    let run = common::run(source, Setup { stdin: STDIN.map(String::from).to_vec(), ..Setup::default() });
    (run.stdout, run.stderr, run.exit)
}

/// A host of the model engine.
fn modelled(source: &str) -> (String, String, Option<i32>) {
    let scenario = serde_json::json!({ "host": [{ "name": "program", "program": source, "stdin": STDIN }] });
    let trace = match from_json(&scenario) {
        Ok(scenario) => sim::run(&scenario, &sim::Options::default()),
        Err(problems) => {
            let problems = problems.iter().map(|problem| format!("{problem}\n")).collect();
            return (String::new(), problems, None);
        }
    };
    let printed = trace.events.iter().filter_map(|event| match &event.body {
        Body::Program(Event::Printed { text, error: true, .. }) => Some(text.as_str()),
        _ => None,
    });
    let (host, errors) = (&trace.hosts["program"], printed.collect());
    (host.stdout.clone(), errors, host.exit)
}

fn compare(name: &str, ours: Run) {
    let Some(python) = python() else {
        eprintln!("SKIPPED: no CPython 3.11 here to compare {name} with");
        return;
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cpython").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let mut wrong = Vec::new();
    let programs = programs(&text);
    assert!(programs.len() > 5, "{name} holds programs");
    for (title, source) in programs {
        let (stdout, stderr, status) = reference(python, source);
        let (printed, errors, exit) = ours(source);
        if (&printed, &errors, exit) != (&stdout, &stderr, status) {
            wrong.push(format!(
                "--- {title}\nCPython ends with {status:?}:\n{stdout}{stderr}\nwe end with {exit:?}:\n{printed}{errors}",
            ));
        }
    }
    assert!(wrong.is_empty(), "{} programs of {name} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn statements_do_what_cpython_does() {
    compare("statements.py", alone);
}

#[test]
fn values_print_as_in_cpython() {
    compare("values.py", alone);
}

#[test]
fn errors_and_tracebacks_read_as_in_cpython() {
    compare("errors.py", alone);
}

#[test]
fn modules_and_files_behave_as_in_cpython() {
    compare("modules.py", alone);
}

#[test]
fn sockets_and_threads_behave_as_in_cpython() {
    compare("sockets.py", alone);
}

#[test]
fn every_error_of_names_addresses_and_sockets_on_the_model_is_that_of_cpython_on_linux() {
    compare("names.py", modelled);
}
