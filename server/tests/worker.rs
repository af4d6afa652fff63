//! The worker process by itself: who it runs as, and how it ends when nobody wants it any more.

use serde_json::json;
use sockscope_core::scenario;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_sockscope");

fn job(program: &str, kind: &str) -> String {
    let text = format!(
        "title = 'test'\nlimit = '20s'\n[[host]]\nname = 'h1'\naddress = '10.0.0.1/24'\nprogram = '''\nimport time\n{program}\n'''\n[[host]]\nname = 'h2'\naddress = '10.0.0.2/24'\nprogram = 'pass'\n"
    );
    let scenario = scenario::from_toml(&text).unwrap().to_json();
    let job = json!({ "kind": kind, "events": 1000, "limit": 20_000_000, "scenario": scenario, "attached": true });
    format!("{job}\n")
}

fn worker() -> Command {
    let mut command = Command::new(BINARY);
    command.arg("worker").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn a_worker_ends_with_its_parent() {
    let mut child = worker().spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(job("time.sleep(15)", "loopback").as_bytes()).unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    assert!(first.contains("ready"), "{first}");
    let begun = Instant::now();
    drop(stdin); // as the kernel does when the parent dies
    child.wait().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[test]
fn an_ordinary_user_gets_an_isolated_run_or_loopback_with_the_reason() {
    let mut command = worker();
    if std::fs::read_to_string("/proc/self/status").unwrap().contains("\nUid:\t0\t") {
        command.uid(65_534).gid(65_534);
    }
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return eprintln!("SKIPPED: another user cannot run the binary here: {error}"),
    };
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(job("print('hello')", "auto").as_bytes()).unwrap();
    let mut all = String::new();
    child.stdout.take().unwrap().read_to_string(&mut all).unwrap();
    let ready: serde_json::Value = serde_json::from_str(all.lines().next().unwrap()).unwrap();
    let isolated = ready["ready"]["engine"] == "kernel_isolated";
    assert!(isolated || ready["ready"]["limitation"].is_string(), "{ready}");
    let end: serde_json::Value = serde_json::from_str(all.lines().last().unwrap()).unwrap();
    assert_eq!(end["end"]["hosts"]["h1"]["stdout"], "hello\n", "{end}");
    child.wait().unwrap();
}

#[test]
fn a_job_that_is_none_is_refused_with_a_reason() {
    let mut child = worker().spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"hello\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the job is not one"), "{output:?}");
}
