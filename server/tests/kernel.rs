//! The kernel engine from outside: real runs on real sockets, in both kinds. Where the machine permits no isolated runs the
//! tests of that kind say so and pass; loopback must work everywhere.

use sockscope::kernel::{self, Kind, Options, RunError};
use sockscope_core::program;
use sockscope_core::scenario::{self, Scenario};
use sockscope_core::socket::{self, Answer, Errno, Outcome};
use sockscope_core::tcp::{self, State};
use sockscope_core::trace::{Body, Engine, Event, RunEvent, Trace};
use std::time::{Duration, Instant};

/// A server that tells what it received, and a client that sends five times.
const STICKY: &str = r#"
title = "Five sends"
limit = "5s"
[link]
delay = "5ms"
[[host]]
name = "client"
address = "10.0.0.1/24"
start = "20ms"
program = '''
from socket import *
s = socket(AF_INET, SOCK_STREAM)
s.connect(('server', 8888))
for i in range(5):
    s.send(b'msg%d' % i)
s.close()
'''
[[host]]
name = "server"
address = "10.0.0.2/24"
start = "0ms"
program = '''
from socket import *
s = socket(AF_INET, SOCK_STREAM)
s.bind(('', 8888))
s.listen(5)
c, addr = s.accept()
received = b''
while True:
    data = c.recv(1024)
    if not data:
        break
    received += data
print(addr[0], received.decode())
c.close()
s.close()
'''
"#;

/// A scenario of hosts 10.0.0.1, 10.0.0.2, … with these programs; all start at once.
fn hosts(limit: &str, link: &str, programs: &[&str]) -> Scenario {
    let mut text = format!("title = \"test\"\nlimit = \"{limit}\"\n[link]\n{link}\n");
    for (index, program) in programs.iter().enumerate() {
        let number = index + 1;
        text += &format!("[[host]]\nname = \"h{number}\"\naddress = \"10.0.0.{number}/24\"\nstart = \"0ms\"\n");
        text += &format!("program = '''\nfrom socket import *\nimport time\n{program}\n'''\n");
    }
    read(&text)
}

fn read(text: &str) -> Scenario {
    scenario::from_toml(text).unwrap_or_else(|problems| panic!("{}", problems[0]))
}

/// Runs it in one kind; `None`, said aloud, where the machine does not permit that.
async fn run(scenario: &Scenario, kind: Kind) -> Option<Trace> {
    match kernel::run(scenario, Options { kind, ..Options::default() }).await {
        Ok(trace) => Some(trace),
        Err(RunError::Refused { reason }) if kind == Kind::Isolated => {
            eprintln!("SKIPPED: no isolated runs here: {reason}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn stdout<'a>(trace: &'a Trace, host: &str) -> &'a str {
    &trace.hosts[host].stdout
}

/// The outcomes of one host's calls of a name.
fn outcomes(trace: &Trace, name: &str, calls: &str) -> Vec<Outcome> {
    let of_host = trace.events.iter().filter(|event| event.host.as_deref() == Some(name));
    of_host
        .filter_map(|event| match &event.body {
            Body::Socket(socket::Event::Returned { call, outcome, .. }) if call == calls => Some(outcome.clone()),
            _ => None,
        })
        .collect()
}

fn is_segment(event: &&Event) -> bool {
    matches!(event.body, Body::Tcp(tcp::Event::SegmentSent { .. }))
}

#[tokio::test]
async fn an_isolated_run_shows_every_segment_between_two_real_stacks() {
    let Some(trace) = run(&read(STICKY), Kind::Isolated).await else { return };
    assert_eq!(trace.header.engine, Engine::KernelIsolated);
    assert!(trace.header.observes.segments && trace.header.observes.states);
    assert_eq!(stdout(&trace, "server"), "10.0.0.1 msg0msg1msg2msg3msg4\n");
    assert_eq!((trace.hosts["client"].exit, trace.hosts["server"].exit), (Some(0), Some(0)));
    let first: Vec<String> = trace
        .events
        .iter()
        .filter_map(|event| match &event.body {
            Body::Tcp(tcp::Event::SegmentSent { segment, .. }) => {
                Some(segment.control.names().collect::<Vec<_>>().join("+"))
            }
            _ => None,
        })
        .take(3)
        .collect();
    assert_eq!(first, ["SYN", "SYN+ACK", "ACK"]);
    assert!(trace.events.is_sorted_by_key(|event| event.time));
}

#[tokio::test]
async fn both_ends_walk_through_the_states_of_an_orderly_close() {
    let Some(trace) = run(&read(STICKY), Kind::Isolated).await else { return };
    let walk = |host: &str| -> Vec<State> {
        let of_host = trace.events.iter().filter(|event| event.host.as_deref() == Some(host));
        of_host
            .filter_map(|event| match &event.body {
                Body::Tcp(tcp::Event::StateChanged { to, peer: Some(_), .. }) => Some(*to),
                _ => None,
            })
            .collect()
    };
    use State::*;
    assert_eq!(walk("server"), [SynReceived, Established, CloseWait, LastAck, Closed]);
    // Whether the server's FIN carries the acknowledgement of the client's is the server's timing.
    let client = walk("client");
    assert!(
        client == [SynSent, Established, FinWait1, FinWait2, TimeWait]
            || client == [SynSent, Established, FinWait1, TimeWait],
        "{client:?}"
    );
}

#[tokio::test]
async fn a_loopback_run_says_that_it_sees_no_segments() {
    let trace = run(&read(STICKY), Kind::Loopback).await.unwrap();
    assert_eq!(trace.header.engine, Engine::KernelLoopback);
    assert!(!trace.header.observes.segments);
    assert_eq!(trace.events.iter().filter(is_segment).count(), 0);
    assert_eq!(stdout(&trace, "server"), "10.0.0.1 msg0msg1msg2msg3msg4\n", "addresses are those of the scenario");
}

#[tokio::test]
async fn a_scripted_drop_makes_the_real_stack_retransmit() {
    let scenario = read(&STICKY.replace("[link]", "[link]\ndrop = [ { from = \"client\", data = 1 } ]"));
    let Some(trace) = run(&scenario, Kind::Isolated).await else { return };
    assert_eq!(stdout(&trace, "server"), "10.0.0.1 msg0msg1msg2msg3msg4\n");
    let repeats = trace
        .events
        .iter()
        .any(|event| matches!(event.body, Body::Tcp(tcp::Event::SegmentSent { repeats: Some(_), .. })));
    assert!(repeats, "the lost bytes were sent again");
}

#[tokio::test]
async fn the_second_send_to_a_peer_that_is_gone_breaks_the_pipe_in_both_kinds() {
    let client = "s = socket()\ntime.sleep(0.05)\ns.connect(('h2', 8888))\ntime.sleep(0.1)\nprint(s.send(b'hello'))\ntime.sleep(0.1)\ntry:\n    s.send(b'x')\nexcept BrokenPipeError as e:\n    print(e)";
    let server = "s = socket()\ns.bind(('', 8888))\ns.listen(5)\nc, a = s.accept()\nc.close()";
    let scenario = hosts("5s", "delay = \"5ms\"", &[client, server]);
    for kind in [Kind::Isolated, Kind::Loopback] {
        let Some(trace) = run(&scenario, kind).await else { continue };
        assert_eq!(stdout(&trace, "h1"), "5\n[Errno 32] Broken pipe\n", "{kind:?}");
    }
}

#[tokio::test]
async fn a_broadcast_reaches_every_host_once_permitted_in_both_kinds() {
    let speaker = "s = socket(AF_INET, SOCK_DGRAM)\ntime.sleep(0.05)\ntry:\n    s.sendto(b'no', ('10.0.0.255', 9999))\nexcept PermissionError as e:\n    print(e)\ns.setsockopt(SOL_SOCKET, SO_BROADCAST, 1)\ns.sendto(b'yes', ('10.0.0.255', 9999))";
    let listener =
        "s = socket(AF_INET, SOCK_DGRAM)\ns.bind(('', 9999))\ndata, addr = s.recvfrom(100)\nprint(data, addr[0])";
    let scenario = hosts("5s", "", &[speaker, listener, listener, listener]);
    for kind in [Kind::Isolated, Kind::Loopback] {
        let Some(trace) = run(&scenario, kind).await else { continue };
        assert_eq!(stdout(&trace, "h1"), "[Errno 13] Permission denied\n", "{kind:?}");
        for host in ["h2", "h3", "h4"] {
            assert_eq!(stdout(&trace, host), "b'yes' 10.0.0.1\n", "{kind:?} {host}");
        }
    }
}

#[tokio::test]
async fn a_time_limit_is_pythons_timeout_and_a_closed_port_refuses_in_both_kinds() {
    let program = "s = socket(AF_INET, SOCK_DGRAM)\ns.bind(('', 5000))\ns.settimeout(0.05)\ntry:\n    s.recvfrom(10)\nexcept timeout as e:\n    print(e)\nt = socket()\ntry:\n    t.connect(('h2', 81))\nexcept ConnectionRefusedError as e:\n    print(e)";
    let scenario = hosts("5s", "", &[program, "pass"]);
    for kind in [Kind::Isolated, Kind::Loopback] {
        let Some(trace) = run(&scenario, kind).await else { continue };
        assert_eq!(stdout(&trace, "h1"), "timed out\n[Errno 111] Connection refused\n", "{kind:?}");
        assert_eq!(outcomes(&trace, "h1", "recvfrom"), [Outcome::TimedOut]);
    }
}

#[tokio::test]
async fn a_datagram_longer_than_a_packet_holds_is_refused_whether_or_not_anybody_is_there() {
    let program = "s = socket(AF_INET, SOCK_DGRAM)\nfor host in ['h1', 'h2', '10.0.0.9']:\n    try:\n        s.sendto(b'x' * 65508, (host, 5000))\n    except OSError as e:\n        print(e.errno)\ns.connect(('h2', 5000))\ntry:\n    s.send(b'x' * 65508)\nexcept OSError as e:\n    print(e.errno)\nprint(s.send(b'x' * 65507))";
    let scenario = hosts("5s", "", &[program, "pass"]);
    for kind in [Kind::Isolated, Kind::Loopback] {
        let Some(trace) = run(&scenario, kind).await else { continue };
        assert_eq!(stdout(&trace, "h1"), "90\n90\n90\n90\n65507\n", "{kind:?}");
    }
    let trace = sockscope_core::sim::run(&scenario, &sockscope_core::sim::Options::default());
    assert_eq!(stdout(&trace, "h1"), "90\n90\n90\n90\n65507\n", "model");
}

#[tokio::test]
async fn a_run_reaches_neither_this_machine_nor_the_world() {
    let outside = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    outside.set_nonblocking(true).unwrap();
    let port = outside.local_addr().unwrap().port();
    let program = format!(
        "for place in ['127.0.0.1', '10.0.0.2', '192.0.2.1', '8.8.8.8']:\n    s = socket()\n    s.settimeout(0.3)\n    try:\n        s.connect((place, {port}))\n        print('reached', place)\n    except OSError as e:\n        pass"
    );
    let scenario = hosts("5s", "", &[&program, "pass"]);
    for kind in [Kind::Isolated, Kind::Loopback] {
        let Some(trace) = run(&scenario, kind).await else { continue };
        assert_eq!(stdout(&trace, "h1"), "", "{kind:?}");
        assert_eq!(trace.hosts["h1"].exit, Some(0), "{kind:?}");
        let answers = outcomes(&trace, "h1", "connect");
        assert!(answers.iter().all(|outcome| *outcome != Outcome::Ok(Answer::Nothing)), "{answers:?}");
        assert_eq!(answers[0], Outcome::Error(Errno::ECONNREFUSED), "localhost is the host itself");
        assert_eq!(answers[3], Outcome::Error(Errno::ENETUNREACH), "no route leads out");
    }
    assert!(outside.accept().is_err(), "somebody came out of a run");
}

#[tokio::test]
async fn runs_with_the_same_addresses_and_ports_do_not_meet() {
    for kind in [Kind::Isolated, Kind::Loopback] {
        let one = |word: &'static str| async move {
            let client = format!(
                "s = socket()\ntime.sleep(0.1)\ns.connect(('h2', 8888))\ns.send(b'{word}')\nprint(s.recv(100))"
            );
            let server = "s = socket()\ns.bind(('', 8888))\ns.listen(1)\nc, a = s.accept()\nc.send(c.recv(100))";
            let trace = run(&hosts("5s", "", &[&client, server]), kind).await?;
            Some((word, stdout(&trace, "h1").to_owned()))
        };
        let (a, b, c) = tokio::join!(one("red"), one("green"), one("blue"));
        for (word, answer) in [a, b, c].into_iter().flatten() {
            assert_eq!(answer, format!("b'{word}'\n"), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_program_that_never_ends_is_ended_at_the_limit() {
    let waits = "s = socket(AF_INET, SOCK_DGRAM)\ns.bind(('', 7))\nprint('waiting')\ns.recv(10)";
    let scenario = hosts("600ms", "", &[waits, "time.sleep(100)"]);
    for kind in [Kind::Isolated, Kind::Loopback] {
        let begun = Instant::now();
        let Some(trace) = run(&scenario, kind).await else { continue };
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        let unfinished = trace.events.iter().find_map(|event| match &event.body {
            Body::Run(RunEvent::DeadlinePassed { unfinished, .. }) => Some(unfinished.len()),
            _ => None,
        });
        assert_eq!(unfinished, Some(2), "{kind:?}");
        assert_eq!((stdout(&trace, "h1"), trace.hosts["h1"].exit), ("waiting\n", None));
    }
}

#[tokio::test]
async fn a_busy_program_neither_stops_the_others_nor_outlives_the_limit() {
    let busy = "while True:\n    pass";
    let echo = "a, b = socketpair()\na.send(b'x')\nprint(b.recv(1))";
    let scenario = hosts("1s", "", &[busy, echo]);
    let trace = run(&scenario, Kind::Loopback).await.unwrap();
    let last = trace.events.last().unwrap().time;
    assert!(last.as_micros() < 1_500_000, "{last}");
    assert_eq!(stdout(&trace, "h2"), "b'x'\n");
    assert_ne!(trace.hosts["h1"].exit, Some(0));
}

#[tokio::test]
async fn programs_that_wait_for_each_other_are_found_before_the_limit() {
    let client = "s = socket()\ntime.sleep(0.05)\ns.connect(('h2', 8888))\ns.recv(1)";
    let server = "s = socket()\ns.bind(('', 8888))\ns.listen(1)\nc, a = s.accept()\nc.recv(1)";
    let scenario = hosts("30s", "", &[client, server]);
    for kind in [Kind::Isolated, Kind::Loopback] {
        let begun = Instant::now();
        let Some(trace) = run(&scenario, kind).await else { continue };
        assert!(begun.elapsed() < Duration::from_secs(5), "{kind:?}: {:?}", begun.elapsed());
        let deadlocked = |event: &Event| matches!(event.body, Body::Run(RunEvent::Deadlocked { .. }));
        assert!(trace.events.iter().any(deadlocked), "{kind:?}");
    }
}

#[tokio::test]
async fn what_a_run_may_record_is_limited_and_the_trace_says_so() {
    let scenario = hosts("5s", "", &["while True:\n    time.time()"]);
    let options = Options { kind: Kind::Loopback, max_events: 1_000, ..Options::default() };
    let trace = kernel::run(&scenario, options).await.unwrap();
    assert!(trace.events.len() <= 1_001, "{}", trace.events.len());
    let full = |event: &Event| matches!(&event.body, Body::Program(program::Event::LimitPassed { limit, .. }) if limit == "events");
    assert!(trace.events.iter().any(full), "{:?}", trace.events.last());
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_runs_at_once_all_succeed() {
    let scenario = read(STICKY);
    let runs = (0..20).map(|_| {
        let scenario = scenario.clone();
        tokio::spawn(async move { run(&scenario, Kind::Auto).await.unwrap() })
    });
    for run in runs.collect::<Vec<_>>() {
        let trace = run.await.unwrap();
        assert_eq!(stdout(&trace, "server"), "10.0.0.1 msg0msg1msg2msg3msg4\n", "{:?}", trace.events.last());
    }
}

#[tokio::test]
async fn events_are_heard_while_the_run_lasts_and_are_those_of_the_trace() {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(16);
    let listening = tokio::spawn(async move {
        let mut heard = Vec::new();
        while let Some(news) = receiver.recv().await {
            heard.push(news);
        }
        heard
    });
    let options = Options { live: Some(sender), kind: Kind::Loopback, ..Options::default() };
    let trace = kernel::run(&read(STICKY), options).await.unwrap();
    let mut heard = listening.await.unwrap().into_iter();
    assert!(matches!(heard.next(), Some(kernel::News::Header(_))), "the header comes first");
    let events: Vec<Event> = heard
        .map(|news| match news {
            kernel::News::Event(event) => *event,
            kernel::News::Header(_) => panic!("one header only"),
        })
        .collect();
    assert_eq!(events, trace.events);
}

#[tokio::test]
async fn capabilities_agree_with_what_a_run_does() {
    let capabilities = kernel::capabilities().await;
    assert!(capabilities.loopback);
    assert_eq!(capabilities.isolated, capabilities.reason.is_none(), "{capabilities:?}");
    let trace = run(&read(STICKY), Kind::Auto).await.unwrap();
    assert_eq!(trace.header.engine == Engine::KernelIsolated, capabilities.isolated);
    assert_eq!(trace.header.limitation.is_some(), !capabilities.isolated, "{:?}", trace.header.limitation);
}

#[tokio::test]
async fn a_look_up_says_which_table_answered_on_both_engines() {
    let program = r"
print(gethostbyname('h2'), gethostbyname('127.1'), gethostbyname('localhost'))
for look in [lambda: getservbyname('http', 'tcp'), lambda: getservbyport(9, 'tcp'), lambda: getservbyname('nobody')]:
    try:
        print(look())
    except OSError as e:
        print(e)
print(getaddrinfo('10.0.0.2', 'http', type=SOCK_STREAM)[0][4])
";
    let scenario = hosts("5s", "", &[program, "pass"]);
    let model = sockscope_core::sim::run(&scenario, &Default::default());
    let kernel = run(&scenario, Kind::Loopback).await.expect("loopback works everywhere");
    let told = |trace: &Trace| -> Vec<(String, program::Source, Option<String>)> {
        let told = trace.events.iter().filter_map(|event| match &event.body {
            Body::Program(program::Event::LookedUp { function, asked, source, answer, .. }) => {
                Some((format!("{function}({asked})"), *source, answer.clone()))
            }
            _ => None,
        });
        told.collect()
    };
    use program::Source::*;
    for (trace, table) in
        [(&model, Iana), (&kernel, if sockscope::names::machine().is_some() { Machine } else { Iana })]
    {
        let mut expected = Vec::new();
        let mut add = |asked: &str, source, answer: Option<&str>| {
            expected.push((asked.to_owned(), source, answer.map(str::to_owned)));
        };
        // On loopback the engine gives the hosts addresses of its own only below the program.
        add("gethostbyname('h2')", Scenario, Some("10.0.0.2"));
        add("gethostbyname('127.1')", Literal, Some("127.0.0.1"));
        add("gethostbyname('localhost')", Fixed, Some("127.0.0.1"));
        add("getservbyname('http', 'tcp')", table, Some("80"));
        add("getservbyport(9, 'tcp')", table, Some("discard"));
        add("getservbyname('nobody')", table, None);
        add("getaddrinfo('10.0.0.2')", Literal, Some("10.0.0.2"));
        add("getaddrinfo('http', 'tcp')", table, Some("80"));
        assert_eq!(told(trace), expected, "{:?}", trace.header.engine);
    }
}
