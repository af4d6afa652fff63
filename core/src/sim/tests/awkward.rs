//! Runs that do not end by themselves, chance, and expectations.

use super::*;
use crate::program::Limits;
use crate::scenario::{Expectation, On};
use crate::time::Duration;

const ECHO: &str = "
    from socket import *
    s = socket(AF_INET, SOCK_STREAM)
    s.bind(('', 8888))
    s.listen(5)
    c, addr = s.accept()
    while True:
        data = c.recv(1000)
        if not data:
            break
        c.sendall(data)
    c.close()
";

const TALKER: &str = "
    from socket import *
    s = socket(AF_INET, SOCK_STREAM)
    s.connect(('server', 8888))
    s.sendall(b'y' * 20000)
    s.shutdown(SHUT_WR)
    got = 0
    while True:
        data = s.recv(5000)
        if not data:
            break
        got += len(data)
    print(got)
    s.close()
";

const LOSSY: &str = "[link]\ndelay = '5ms'\nrate = '10Mbit'\nloss = 0.05\nduplicate = 0.02\nreorder = 0.05";

#[test]
fn the_same_scenario_and_seed_give_the_same_trace_byte_for_byte() {
    let scenario = scenario(LOSSY, &[("server", ECHO), ("client", TALKER)]);
    let [a, b] = [(); 2].map(|()| serde_json::to_string(&run(&scenario, &Options::default())).unwrap());
    assert!(a == b);
}

#[test]
fn another_seed_changes_what_is_lost_but_not_what_arrives() {
    let mut scenario = scenario(LOSSY, &[("server", ECHO), ("client", TALKER)]);
    let first = run(&scenario, &Options::default());
    scenario.seed = 2;
    let second = run(&scenario, &Options::default());
    assert_ne!(first.events, second.events);
    for trace in [first, second] {
        all_ended_well(&trace);
        assert_eq!(stdout(&trace, "client"), "20000\n");
    }
}

#[test]
fn a_trace_survives_json() {
    let trace = run(&scenario(LOSSY, &[("server", ECHO), ("client", TALKER)]), &Options::default());
    let json = serde_json::to_string(&trace).unwrap();
    assert!(serde_json::from_str::<Trace>(&json).unwrap() == trace);
}

#[test]
fn nobody_who_could_go_on_is_a_deadlock_and_told_at_once() {
    let trace = run_hosts("", &[("server", ECHO)]);
    let [RunEvent::Deadlocked { unfinished }] = run_events(&trace)[..] else { panic!("{:?}", run_events(&trace)) };
    assert_eq!(unfinished[..], ["server".into()]);
    assert_eq!(trace.hosts["server"].exit, None);
    assert!(trace.events.last().unwrap().time.as_micros() < 1_000);
}

#[test]
fn a_server_that_serves_for_ever_ends_in_a_deadlock_after_its_last_client() {
    let server = "
        from socket import *
        s = socket(AF_INET, SOCK_STREAM)
        s.bind(('', 8888))
        s.listen(5)
        while True:
            c, addr = s.accept()
            c.close()
    ";
    let client = "
        from socket import *
        s = socket(AF_INET, SOCK_STREAM)
        s.connect(('server', 8888))
        print(s.recv(10))
        s.close()
    ";
    let trace = run_hosts("", &[("server", server), ("client", client)]);
    assert!(matches!(run_events(&trace)[..], [RunEvent::Deadlocked { .. }]));
    assert_eq!(trace.hosts["client"].exit, Some(0));
}

#[test]
fn the_limit_ends_programs_that_would_go_on() {
    let program = "
        import time
        while True:
            time.sleep(1)
    ";
    let trace = run_hosts("limit = '5s'", &[("alone", program)]);
    let [RunEvent::DeadlinePassed { limit, unfinished }] = run_events(&trace)[..] else { panic!() };
    assert_eq!((*limit, unfinished.len()), (Duration::from_secs(5), 1));
}

#[test]
fn a_program_that_never_ends_is_stopped_by_its_limit() {
    let scenario = scenario("", &[("alone", "while True:\n    pass")]);
    let options = Options { limits: Limits { statements: 1_000, ..Limits::default() }, ..Options::default() };
    let trace = run(&scenario, &options);
    assert!(trace.events.iter().any(|event| matches!(
        &event.body,
        Body::Program(crate::program::Event::LimitPassed { limit, .. }) if limit == "statements"
    )));
    assert!(trace.hosts["alone"].exit != Some(0));
}

#[test]
fn a_run_that_fills_its_trace_with_calls_says_so() {
    let program = "import time\nwhile True:\n    time.sleep(0.001)";
    let scenario = scenario("", &[("alone", program)]);
    for max_events in 100..110 {
        let trace = run(&scenario, &Options { max_events, ..Options::default() });
        let limits = count(
            &trace,
            |event| matches!(&event.body, Body::Program(crate::program::Event::LimitPassed { limit, .. }) if limit == "events"),
        );
        let failed = run_events(&trace).iter().any(|event| matches!(event, RunEvent::EngineFailed { .. }));
        assert!(limits == 1 || failed, "at {max_events}");
    }
}

#[test]
fn a_run_with_too_many_events_says_so() {
    let scenario = scenario("", &[("alone", "while True:\n    pass")]);
    let trace = run(&scenario, &Options { max_events: 100, ..Options::default() });
    let limit = trace.events.last().map(|event| (event.host.as_deref(), &event.body));
    let expected = Body::Program(crate::program::Event::LimitPassed { limit: "events".to_owned(), value: 100 });
    assert_eq!(limit, Some((Some("alone"), &expected)));
    assert!(trace.events.len() <= 110);
}

#[test]
fn a_program_that_is_outside_the_subset_makes_a_trace_that_says_so() {
    let mut scenario = scenario("", &[("alone", "x = 1")]);
    scenario.hosts[0].program = "class X: pass".into();
    let trace = run(&scenario, &Options::default());
    assert!(matches!(run_events(&trace)[..], [RunEvent::EngineFailed { .. }]));
}

#[test]
fn expectations_see_hosts_segments_and_drops() {
    let mut scenario =
        scenario("[link]\ndrop = [ { from = 'client', data = 1 } ]", &[("server", ECHO), ("client", TALKER)]);
    let expect = |that: &str, on| Expectation { that: that.into(), on, because: None };
    scenario.expectations = vec![
        expect("b''.join(client.received) == b'y' * 20000 and client.exit == 0", On::Both),
        expect("client.stdout == '20000\\n' and server.exception is None", On::Model),
        expect("'sendall' in client.calls and client.errors == []", On::Both),
        expect("len(drops) == 1 and drops[0].cause == 'scripted' and drops[0].host == 'client'", On::Both),
        expect("segments[0].flags == ['SYN'] and segments[0].host == 'client'", On::Both),
        expect("server.exit == 7", On::Both),
        expect("nobody.exit == 0", On::Both),
        expect("1 == 2", On::Kernel),
    ];
    let trace = run(&scenario, &Options::default());
    let held: Vec<bool> = trace.expectations.iter().map(|checked| checked.held).collect();
    assert_eq!(held, [true, true, true, true, true, false, false], "{:#?}", trace.expectations);
    assert_eq!(trace.expectations[5].detail.as_deref(), Some("server.exit = 0"));
    assert!(trace.expectations[6].detail.is_some());
}

#[test]
fn one_statement_that_looks_up_without_end_is_stopped_before_its_events_fill_the_memory() {
    let program = "from socket import *\nports = [getservbyname('http') for i in range(10 ** 9)]";
    let trace = run(&scenario("", &[("alone", program)]), &Options::default());
    assert!(trace.events.iter().any(|event| matches!(
        &event.body,
        Body::Program(crate::program::Event::LimitPassed { limit, .. }) if limit == "events"
    )));
    assert!(trace.hosts["alone"].exit != Some(0));
}
