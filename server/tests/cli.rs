//! The command line as a user types it: forms, exit statuses, errors with their places.

mod support;

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use support::command::{assert_status, run, sockscope, text};

/// A file of this test, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, content: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sockscope-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Scratch(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn with_program(program: &str) -> String {
    format!("[[host]]\nname = \"a\"\nprogram = '''\n{program}'''\n")
}

#[test]
fn a_built_in_scenario_runs_by_name_and_prints_a_transcript() {
    let output = run(&["run", "sticky"], b"");
    assert_status(&output, 0);
    let transcript = text(&output.stdout);
    assert!(transcript.contains("Five sends, one recv"), "{transcript}");
    assert!(transcript.contains("client → server  SYN seq=0 win="), "{transcript}");
    assert!(transcript.contains("waits for a connection"), "{transcript}");
    assert!(transcript.contains("= ok"), "{transcript}");
    assert!(transcript.contains("ESTABLISHED"), "{transcript}");
    assert!(transcript.contains("client ended with status 0"), "{transcript}");
}

#[test]
fn the_transcript_speaks_chinese_too() {
    let output = run(&["run", "sticky", "--lang", "zh"], b"");
    assert_status(&output, 0);
    let transcript = text(&output.stdout);
    assert!(transcript.contains("五次发送，一次接收"), "{transcript}");
    assert!(transcript.contains("等待连接"), "{transcript}");
    assert!(!transcript.contains("waits for"), "{transcript}");
}

#[test]
fn json_is_one_object_on_one_line() {
    let output = run(&["run", "sticky", "--format", "json"], b"");
    assert_status(&output, 0);
    let stdout = text(&output.stdout);
    assert_eq!(stdout.lines().count(), 1);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    for key in ["header", "events", "hosts", "expectations", "differences"] {
        assert!(report.get(key).is_some(), "{key} is missing");
    }
    assert!(report.get("id").is_none(), "nothing is kept here");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let once = run(&["run", "handshake", "--format", "json", "--seed", "9"], b"");
    let again = run(&["run", "handshake", "--format", "json", "--seed", "9"], b"");
    assert_status(&once, 0);
    assert!(once.stdout == again.stdout);
    let report: Value = serde_json::from_slice(&once.stdout).unwrap();
    assert_eq!(report["header"]["seed"], 9);
}

#[test]
fn ndjson_is_the_same_run_line_by_line() {
    let whole: Value = serde_json::from_slice(&run(&["run", "udp-echo", "--format", "json"], b"").stdout).unwrap();
    let output = run(&["run", "udp-echo", "--format", "ndjson"], b"");
    assert_status(&output, 0);
    let lines: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["header"], whole["header"]);
    assert_eq!(Value::from(&lines[1..lines.len() - 1]), whole["events"]);
    assert_eq!(lines[lines.len() - 1]["result"]["hosts"], whole["hosts"]);
}

#[test]
fn a_capture_goes_to_a_pipe_or_a_file() {
    let piped = run(&["run", "sticky", "--format", "pcapng"], b"");
    assert_status(&piped, 0);
    assert_eq!(piped.stdout[..4], [0x0a, 0x0d, 0x0d, 0x0a]);
    let file = Scratch::new("capture.pcapng", "");
    let written = run(&["run", "sticky", "--format", "pcapng", "-o", file.path()], b"");
    assert_status(&written, 0);
    assert_eq!(std::fs::read(&file.0).unwrap(), piped.stdout);
    assert_eq!(written.stdout, b"");
}

#[test]
fn a_capture_holds_one_engine() {
    let output = run(&["run", "sticky", "--format", "pcapng", "--engine", "both"], b"");
    assert_status(&output, 2);
    assert!(text(&output.stderr).contains("--engine model or --engine kernel"));
}

#[test]
fn a_scenario_comes_from_standard_input_too() {
    let mut child = sockscope(&["run", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(with_program("print('from a pipe')\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_status(&output, 0);
    assert!(text(&output.stdout).contains("  | from a pipe"));
}

#[test]
fn a_json_scenario_runs_as_well() {
    let file = Scratch::new("scenario.json", r#"{"host":[{"name":"a","program":"print(1 + 1)\n"}]}"#);
    let output = run(&["run", file.path(), "--format", "json"], b"");
    assert_status(&output, 0);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["hosts"]["a"]["stdout"], "2\n");
}

#[test]
fn a_syntax_error_is_shown_at_its_place() {
    let file = Scratch::new("syntax.toml", "seed = 1\ntitle = \n");
    let output = run(&["run", file.path()], b"");
    assert_status(&output, 2);
    let error = text(&output.stderr);
    assert!(error.starts_with(&format!("{}:2:", file.path())), "{error}");
    assert!(error.contains("\n    title = "), "the line itself: {error}");
    assert!(error.contains('^'), "{error}");
    assert_eq!(output.stdout, b"");
}

#[test]
fn an_unknown_key_and_an_impossible_address_are_both_shown() {
    let toml = "colour = 1\n[[host]]\nname = \"a\"\naddress = \"10.0.0.300/24\"\nprogram = \"\"\n";
    let file = Scratch::new("keys.toml", toml);
    let output = run(&["run", file.path()], b"");
    assert_status(&output, 2);
    let error = text(&output.stderr);
    assert!(error.contains(&format!("{}:1:1: ", file.path())), "{error}");
    assert!(error.contains(&format!("{}:4:11: ", file.path())), "{error}");
    assert!(error.contains("    address = \"10.0.0.300/24\"\n              ^\n"), "{error}");
}

#[test]
fn a_mistake_in_a_program_is_shown_where_it_stands_in_the_file() {
    let file = Scratch::new("program.toml", &with_program("x = 1\nclass A:\n    pass\n"));
    let output = run(&["run", file.path()], b"");
    assert_status(&output, 2);
    let error = text(&output.stderr);
    assert!(error.starts_with(&format!("{}:5:", file.path())), "{error}");
    assert!(error.contains("line 2, column ") && error.contains(" of the program of a"), "{error}");
    assert!(error.contains("    class A:\n    "), "{error}");
    assert!(error.ends_with("^\n"), "{error}");
}

#[test]
fn errors_speak_chinese_too() {
    let file = Scratch::new("zh.toml", "colour = 1\n[[host]]\nname = \"a\"\nprogram = \"\"\n");
    let output = run(&["run", file.path(), "--lang", "zh"], b"");
    assert_status(&output, 2);
    let error = text(&output.stderr);
    assert!(error.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{error}");
}

#[test]
fn a_file_that_is_not_there_or_not_text_is_wrong_input() {
    let output = run(&["run", "/nowhere/at/all.toml"], b"");
    assert_status(&output, 2);
    assert!(text(&output.stderr).contains("cannot read /nowhere/at/all.toml"));
    let output = run(&["run", "stickky"], b"");
    assert_status(&output, 2);
    assert!(text(&output.stderr).contains("there are sticky, handshake"), "{}", text(&output.stderr));
    let file = Scratch::new("binary.toml", "");
    std::fs::write(&file.0, b"a = 1\nb = \xff").unwrap();
    let output = run(&["run", file.path()], b"");
    assert_status(&output, 2);
    assert!(text(&output.stderr).contains(":2:5: "), "{}", text(&output.stderr));
}

#[test]
fn a_scenario_that_is_too_long_is_refused_without_being_read_whole() {
    let file = Scratch::new("long.toml", &"# line\n".repeat(10 * 1024 * 1024 / 7));
    let output = run(&["run", file.path()], b"");
    assert_status(&output, 2);
    assert!(text(&output.stderr).contains("at most 1048576"), "{}", text(&output.stderr));
}

#[test]
fn a_program_that_never_ends_is_ended_and_named() {
    let file = Scratch::new("endless.toml", &with_program("x = 0\nwhile True:\n    x = x + 1\n"));
    let output = run(&["run", file.path()], b"");
    assert_status(&output, 1);
    let error = text(&output.stderr);
    assert!(error.starts_with(&format!("{}:", file.path())), "{error}");
    assert!(error.contains("the program of a"), "{error}");
}

#[test]
fn a_server_that_waits_for_ever_is_no_failure() {
    let program = "from socket import *\ns = socket(AF_INET, SOCK_STREAM)\ns.bind(('', 80))\ns.listen(1)\ns.accept()\n";
    let file = Scratch::new("waits.toml", &with_program(program));
    let output = run(&["run", file.path()], b"");
    assert_status(&output, 0);
    assert!(text(&output.stdout).contains("a did not end: line 5 waits in accept(3)"), "{}", text(&output.stdout));
}

#[test]
fn an_expectation_that_does_not_hold_fails_the_run() {
    let toml = with_program("print(1)\n") + "[[expect]]\nthat = \"a.stdout == '2\\n'\"\n";
    let file = Scratch::new("expect.toml", &toml.replace("\\n'\"", "\\\\n'\""));
    let output = run(&["run", file.path()], b"");
    assert_status(&output, 1);
    assert!(text(&output.stderr).contains("an expectation does not hold: a.stdout == "), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("✗ does not hold"));
}

#[test]
fn a_wrong_command_line_is_wrong_input() {
    for arguments in [
        &["run"][..],
        &["run", "sticky", "--engine", "quantum"],
        &["run", "sticky", "--format", "xml"],
        &["run", "sticky", "--seed", "x"],
        &["fly"],
        &["serve", "--listen", "nowhere"],
    ] {
        assert_status(&run(arguments, b""), 2);
    }
    assert_status(&run(&["--help"], b""), 0);
    assert_status(&run(&["--version"], b""), 0);
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    for format in ["text", "json", "ndjson"] {
        let mut child = sockscope(&["run", "sticky", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_status(&output, 0);
        assert_eq!(text(&output.stderr), "", "{format}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_a_failure() {
    let output = run(&["run", "sticky", "-o", "/nowhere/at/all.txt"], b"");
    assert_status(&output, 1);
    assert!(text(&output.stderr).contains("cannot write /nowhere/at/all.txt"));
    if std::path::Path::new("/dev/full").exists() {
        let output = run(&["run", "sticky", "-o", "/dev/full"], b"");
        assert_status(&output, 1);
    }
}

/// A running `serve`, ended with the test.
struct Serving {
    child: std::process::Child,
    url: String,
}

impl Serving {
    fn start(arguments: &[&str]) -> Self {
        let mut child = sockscope(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
        Serving { child, url: url.trim().to_owned() }
    }

    fn address(&self) -> &str {
        self.url.strip_prefix("http://").expect("it prints its URL")
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn serve_prints_its_address_when_it_can_be_reached() {
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["--listen", "127.0.0.1:0"]] {
        let serving = Serving::start(arguments);
        let mut stream = std::net::TcpStream::connect(serving.address()).unwrap();
        stream.write_all(b"GET /api/v1/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[test]
fn a_port_in_use_is_said_plainly() {
    let serving = Serving::start(&["serve", "--listen", "127.0.0.1:0"]);
    let output = run(&["serve", "--listen", serving.address()], b"");
    assert_status(&output, 1);
    let error = text(&output.stderr);
    assert!(error.contains("in use") && error.contains("--listen"), "{error}");
    assert!(!error.contains("panicked"), "{error}");
}

#[test]
fn both_signals_end_it_in_order() {
    for name in ["TERM", "INT"] {
        let mut serving = Serving::start(&["serve", "--listen", "127.0.0.1:0"]);
        serving.signal(name);
        assert_eq!(serving.child.wait().unwrap().code(), Some(0), "{name}");
    }
}

#[test]
fn both_engines_are_told_one_after_the_other_and_compared() {
    let output = run(&["run", "sticky", "--engine", "both", "--kind", "loopback"], b"");
    assert_status(&output, 0);
    let transcript = text(&output.stdout);
    let model = transcript.find("· model ·").expect("the model's transcript");
    let kernel = transcript.find("· kernel, on loopback addresses ·").expect("the kernel's transcript");
    let differences = transcript.find("Differences: 0 contradictions").expect("the differences");
    assert!(model < kernel && kernel < differences, "{transcript}");
    let output = run(&["run", "sticky", "--engine", "both", "--kind", "loopback", "--format", "json"], b"");
    assert_status(&output, 0);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    for key in ["model", "kernel", "differences"] {
        assert!(report.get(key).is_some(), "{key} is missing");
    }
}

#[test]
fn a_run_that_sees_no_wire_makes_no_capture() {
    let output = run(&["run", "sticky", "--engine", "kernel", "--kind", "loopback", "--format", "pcapng"], b"");
    assert_status(&output, 1);
    assert!(text(&output.stderr).contains("no wire to see"), "{}", text(&output.stderr));
    assert_eq!(output.stdout, b"");
}
