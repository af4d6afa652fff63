//! The errors of sockets, as CPython on Linux was seen to raise them. The texts stand beside this file.

use super::*;

#[test]
fn every_error_of_the_museum_is_that_of_linux() {
    let scenario = scenario("", &[("a", include_str!("museum.py"))]);
    let trace = run(&scenario, &Options::default());
    all_ended_well(&trace);
    for (ours, linux) in stdout(&trace, "a").lines().zip(include_str!("museum.txt").lines()) {
        assert_eq!(ours, linux);
    }
    assert_eq!(stdout(&trace, "a").lines().count(), include_str!("museum.txt").lines().count());
}

/// Scenarios with what CPython on Linux printed.
const SEEN: &[(&str, &str)] = &[
    ("backlog", include_str!("linux/backlog.toml")),
    ("broadcast", include_str!("linux/broadcast.toml")),
    ("calls", include_str!("linux/calls.toml")),
    ("datagrams", include_str!("linux/datagrams.toml")),
    ("full_buffers", include_str!("linux/full_buffers.toml")),
    ("linger", include_str!("linux/linger.toml")),
    ("resets", include_str!("linux/resets.toml")),
    ("reuse", include_str!("linux/reuse.toml")),
    ("select", include_str!("linux/select.toml")),
    ("threads", include_str!("linux/threads.toml")),
    ("unreachable", include_str!("linux/unreachable.toml")),
];

#[test]
fn programs_print_what_they_print_on_linux() {
    for (name, text) in SEEN {
        let trace = run(&from_toml(text).expect("the scenario is good"), &Options::default());
        in_order(&trace);
        assert_eq!(trace.expectations.len(), trace.hosts.len(), "{name}");
        for checked in &trace.expectations {
            assert!(checked.held, "{name}: {checked:#?}\n{:#?}", trace.hosts);
        }
    }
}

const LINKS: &[&str] = &[
    "delay = '1ms'\nloss = 0.2",
    "delay = '20ms'\nloss = 0.1\nduplicate = 0.2\nreorder = 0.2",
    "delay = '0ms'\nrate = '1Mbit'\nqueue = 3",
    "delay = '5ms'\nmtu = 68\nloss = 0.02",
    "delay = '5ms'\nmtu = 9000\nreorder = 0.5",
];

/// Sends ten thousand different bytes there and back, each way closed by FIN.
const THERE_AND_BACK: (&str, &str) = (
    "
    from socket import *
    s = socket()
    s.bind(('', 80))
    s.listen(1)
    c, a = s.accept()
    got = b''
    while len(got) < 10000:
        got += c.recv(4000)
    c.sendall(got[::-1])
    print(c.recv(1))
    c.close()
    ",
    "
    from socket import *
    s = socket()
    s.connect(('server', 80))
    data = bytes(range(250)) * 40
    s.sendall(data)
    got = b''
    while len(got) < 10000:
        got += s.recv(3000)
    print(got == data[::-1])
    s.close()
    ",
);

#[test]
fn no_link_changes_what_arrives() {
    for link in LINKS {
        for seed in 1..=4 {
            let head = format!("seed = {seed}\nlimit = '10min'\n[link]\n{link}");
            let (server, client) = THERE_AND_BACK;
            let trace = run_hosts(&head, &[("server", server), ("client", client)]);
            assert_eq!(stdout(&trace, "client"), "True\n", "{head}\n{:?}", run_events(&trace));
            assert_eq!(stdout(&trace, "server"), "b''\n", "{head}");
        }
    }
}
