//! What engines and views rely on: refusals with their place, boundaries, events, and how a program ends.

mod common;

use common::{Run, run, small};
use sockscope_core::program::{Event, Interpreter, Setup, Step, compile};
use sockscope_core::socket::{Answer, Call, Errno, Outcome};
use std::net::Ipv4Addr;

fn refused(source: &str) -> Vec<(&'static str, u32, u32)> {
    compile(source).expect_err(source).iter().map(|r| (r.code, r.line, r.column)).collect()
}

#[test]
fn what_lies_outside_the_subset_is_refused_with_its_place() {
    assert_eq!(refused("x = 1\nclass A:\n    pass\n"), [("outside_subset", 2, 7)]);
    assert_eq!(refused("def f():\n    yield 1\n"), [("outside_subset", 2, 5)]);
    assert_eq!(refused("@cache\ndef f(): pass\n"), [("outside_subset", 1, 1)]);
    assert_eq!(refused("async def f(): pass\n"), [("outside_subset", 1, 11)]);
    assert_eq!(refused("import os, random\n"), [("unknown_import", 1, 12)]);
    assert_eq!(refused("from json import dumps\n"), [("unknown_import", 1, 6)]);
    assert_eq!(refused("from socket import sockett\n"), [("unknown_name", 1, 20)]);
    assert_eq!(refused("match 1:\n    case 1: pass\n"), [("outside_subset", 1, 7)]);
    assert_eq!(refused("x = 'a\\N{BULLET}'\n"), [("outside_subset", 1, 10)]);
    assert_eq!(refused("y = 1\nx = f'a\\N{BULLET}{y}'\n"), [("outside_subset", 2, 11)]);
    assert_eq!(refused("x = b'\\xg'\n"), [("syntax", 1, 9)]);
    assert_eq!(refused("x = 1j\n"), [("outside_subset", 1, 5)]);
    assert_eq!(refused("s.name2 = 1\n"), [("outside_subset", 1, 1)]);
    assert_eq!(refused("eval('1')\n"), [("outside_subset", 1, 1)]);
    assert_eq!(refused("a @ b\n"), [("outside_subset", 1, 1)]);
}

#[test]
fn every_refusal_is_listed() {
    assert_eq!(
        refused("import json\nclass A: pass\nx = await y\nimport re\n").iter().map(|r| r.1).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
}

#[test]
fn a_syntax_error_has_a_place_in_characters() {
    assert_eq!(refused("print('你好' +)\n"), [("syntax", 1, 13)]);
    assert_eq!(refused("if x\n    pass\n")[0].0, "syntax");
    assert_eq!(refused("return 1\n"), [("syntax", 1, 1)]);
    assert_eq!(refused("break\n"), [("syntax", 1, 1)]);
    assert_eq!(refused("def f(a, a): pass\n"), [("syntax", 1, 10)]);
    assert_eq!(refused("f(a=1, a=2)\n"), [("syntax", 1, 8)]);
    assert_eq!(refused("def f():\n    nonlocal x\n"), [("syntax", 2, 14)]);
    assert_eq!(refused("x = 'abc\n")[0].1, 1);
    assert_eq!(refused("try: pass\nexcept* ValueError: pass\n")[0].0, "outside_subset");
}

#[test]
fn what_python_accepts_is_not_refused() {
    for source in [
        "",
        "# only a comment",
        "\u{feff}x = 1\n",
        "x = 1\r\ny = 2\r\n",
        "class_ = 1",
        "print = 5",
        "def eval(x): pass\neval(1)",
    ] {
        assert!(compile(source).is_ok(), "{source:?}: {:?}", compile(source).err());
    }
}

fn events(source: &str) -> Vec<String> {
    let run = run(source, small());
    let show = |event: &Event| match event {
        Event::Line { line, depth, .. } => Some(format!("line {line} depth {depth}")),
        Event::Assigned { scope, name, value, .. } => {
            Some(format!("{}{name} = {value}", scope.as_deref().map_or(String::new(), |scope| format!("{scope}: "))))
        }
        Event::Raised { line, exception, message, .. } => Some(format!("raised {exception} {message} at {line}")),
        Event::Exited { status, exception, line } => Some(format!("exited {status} {exception:?} {line:?}")),
        _ => None,
    };
    run.events.iter().filter_map(show).collect()
}

#[test]
fn every_statement_tells_its_line_and_every_name_its_value() {
    assert_eq!(
        events("x = 1\nfor i in range(2):\n    x += i\ndef f(a):\n    b = a * 2\n    return b\ny = f('s' * 100)\n"),
        [
            "line 1 depth 0",
            "x = 1",
            "line 2 depth 0",
            "i = 0",
            "line 3 depth 0",
            "x = 1",
            "line 2 depth 0",
            "i = 1",
            "line 3 depth 0",
            "x = 2",
            "line 2 depth 0",
            "line 4 depth 0",
            "line 7 depth 0",
            &format!("f: a = '{}'", "s".repeat(100)),
            "line 5 depth 1",
            &format!("f: b = '{}…", "s".repeat(119)),
            "line 6 depth 1",
            &format!("y = '{}…", "s".repeat(119)),
            "exited 0 None None",
        ]
    );
}

#[test]
fn an_exception_is_told_where_it_is_raised_and_how_it_ends_the_program() {
    assert_eq!(
        events("try:\n    int('x')\nexcept ValueError:\n    pass\n\n1 / 0\n"),
        [
            "line 2 depth 0",
            "raised ValueError invalid literal for int() with base 10: 'x' at 2",
            "line 3 depth 0",
            "line 4 depth 0",
            "line 6 depth 0",
            "raised ZeroDivisionError division by zero at 6",
            "exited 1 Some(\"ZeroDivisionError: division by zero\") Some(6)",
        ]
    );
}

#[test]
fn a_program_stops_inside_any_expression() {
    let source = "\
from socket import *
s = socket()
def read(n): return s.recv(n)
x = [read(1).decode() for i in range(2)]
try:
    with s:
        y = (read(2) + s.recv(3)).upper().decode() + f'{read(1).decode():>3}'
finally:
    z = {read.__name__: max(s.fileno(), s.send(b'bye'))}
";
    let mut interpreter = Interpreter::new(compile(source).unwrap(), Setup::default());
    let mut calls = Vec::new();
    let data = [&b"a"[..], b"b", b"cd", b"efg", b"h"];
    let mut next = data.iter();
    loop {
        match interpreter.step() {
            Step::Call { task, line, call } => {
                calls.push((line, call.name()));
                let outcome = match call {
                    Call::Socket { .. } => Outcome::Ok(Answer::Number(3)),
                    Call::Recv { .. } => Outcome::Ok(Answer::Data(next.next().unwrap().to_vec().into())),
                    Call::Send { .. } => Outcome::Error(Errno::EPIPE),
                    _ => Outcome::DONE,
                };
                interpreter.resume(task, outcome);
            }
            Step::Finished => break,
            Step::Statement { .. } => {}
            Step::Waiting => panic!("nothing is left to wait for"),
        }
    }
    let expected =
        [(2, "socket"), (3, "recv"), (3, "recv"), (3, "recv"), (7, "recv"), (3, "recv"), (6, "close"), (9, "send")];
    assert_eq!(calls, expected);
    assert_eq!(interpreter.exception(), Some("BrokenPipeError: [Errno 32] Broken pipe"));
    assert_eq!(interpreter.exit(), Some(1));
}

#[test]
fn names_of_the_scenario_are_addresses() {
    let mut setup = small();
    setup.names = [("server".to_string(), Ipv4Addr::new(10, 0, 0, 2))].into();
    setup.address = Ipv4Addr::new(10, 0, 0, 1);
    let source = "from socket import *\nprint(gethostbyname('server'), gethostbyname('SERVER'), gethostname())\n\
                  socket(AF_INET, SOCK_DGRAM).sendto(b'', ('<broadcast>', 9))\ntry: socket().connect(('server', 1))\nexcept OSError: pass\n\
                  socket().connect(('elsewhere', 1))";
    let run = run(source, setup);
    assert_eq!(run.stdout, "10.0.0.2 10.0.0.2 program\n");
    let to: Vec<String> = run
        .calls
        .iter()
        .filter_map(|(_, call)| match call {
            Call::SendTo { address, .. } | Call::Connect { address, .. } => Some(address.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(to, ["255.255.255.255:9", "10.0.0.2:1"]);
    assert!(run.stderr.ends_with("socket.gaierror: [Errno -2] Name or service not known\n"), "{}", run.stderr);
}

#[test]
fn a_socket_that_nobody_holds_any_more_is_closed() {
    let closes = |run: &Run| run.calls.iter().filter(|(_, call)| matches!(call, Call::Close { .. })).count();
    let forgotten = run("from socket import *\ndef f():\n    s = socket()\nf()\nprint('after')\n", small());
    assert_eq!(closes(&forgotten), 1);
    let replaced = run("from socket import *\ns = socket()\ns = socket()\nprint(s.fileno())\n", small());
    assert_eq!(closes(&replaced), 1);
    let unpacked = run("from socket import *\na, b = socketpair()\na, b = socketpair()\nx = 1\n", small());
    assert_eq!(closes(&unpacked), 2);
    let after_a_call = run("from socket import *\na, b = socketpair()\na.send(b'x')\na = 1\nx = 1\n", small());
    assert_eq!(closes(&after_a_call), 1);
    let kept = run("from socket import *\ns = socket()\nt = [s]\ns = None\nx = 1\n", small());
    assert_eq!(closes(&kept), 0);
}

#[test]
fn files_written_are_told_and_kept() {
    let mut setup = small();
    setup.files = [("in.txt".to_string(), b"one\ntwo\n"[..].into())].into();
    let source = "with open('in.txt') as f, open('out.txt', 'w') as g:\n    for line in f: g.write(line.upper())\n";
    let run = run(source, setup);
    assert_eq!(&run.files["out.txt"][..], b"ONE\nTWO\n");
    assert!(run.events.contains(&Event::FileWritten { name: "out.txt".into(), length: 8 }));
}

#[test]
fn threads_are_told_when_they_begin_and_end() {
    let source = "import threading\nt = threading.Thread(target=lambda: print('in'), name='worker')\nt.start()\nt.join()\nprint('out')\n";
    let run = run(source, small());
    assert_eq!(run.stdout, "in\nout\n");
    let tasks: Vec<_> = run.events.iter().filter(|event| matches!(event, Event::Task { .. })).cloned().collect();
    let task = |started| Event::Task { task: 1, name: "worker".into(), started };
    assert_eq!(tasks, [task(true), task(false)]);
}

#[test]
fn a_task_that_never_waits_lets_the_others_run() {
    let source = "import threading\ndone = []\ndef work():\n    for i in range(300): x = i\n    done.append(1)\n\
                  t = threading.Thread(target=work)\nt.start()\nwhile not done: pass\nprint('seen')\n";
    assert_eq!(run(source, small()).stdout, "seen\n");
}

#[test]
fn tasks_that_wait_for_each_other_wait_for_ever() {
    let source = "import threading\na = threading.Lock()\na.acquire()\na.acquire()\n";
    assert_eq!(run(source, small()).exit, None);
}

#[test]
fn without_tracing_only_calls_are_boundaries() {
    let source = "from socket import *\ntotal = 0\nfor i in range(1000): total += i\ns = socket()\nprint(total)\n";
    let mut interpreter = Interpreter::new(compile(source).unwrap(), Setup::default());
    interpreter.set_tracing(false);
    let Step::Call { task, line: 4, call: Call::Socket { .. } } = interpreter.step() else {
        panic!("the socket comes first")
    };
    interpreter.resume(task, Outcome::Ok(Answer::Number(3)));
    assert_eq!(interpreter.step(), Step::Finished);
    assert_eq!(interpreter.stdout(), "499500\n");
    let events: Vec<Event> = std::iter::from_fn(|| interpreter.poll_event()).collect();
    assert!(!events.iter().any(|event| matches!(event, Event::Line { .. } | Event::Assigned { .. })));
}

#[test]
fn input_takes_the_lines_of_the_scenario() {
    let mut setup = small();
    setup.stdin = vec!["Ada".into()];
    let run = run("name = input('name? ')\nprint('hello', name)\ninput()\n", setup);
    assert_eq!(run.stdout, "name? hello Ada\n");
    assert!(run.events.contains(&Event::InputRead { task: 0, text: "Ada".into() }));
    assert!(run.stderr.ends_with("EOFError: EOF when reading a line\n"));
}

#[test]
fn the_same_program_gives_the_same_events() {
    let source = "d = {'a', 'b', 'c'}\nfor x in d: print(x, hash(x), id(d), object())\nimport socket\nprint({socket.socket() for i in range(9)}, {print, len, print.__class__})\nimport threading\n\
                  for i in range(3): threading.Thread(target=print, args=(i,)).start()\n";
    assert_eq!(run(source, small()), run(source, small()));
}
