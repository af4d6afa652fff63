//! Kernel twins: every scenario of the site on both engines. What differs must be a freedom, and what the scenario claims
//! must hold on each. How a read is cut is nobody's claim.

use serde_json::Value;
use sockscope_tests::{program, skip};
use sockscope_web::SCENARIOS;

/// Runs a scenario of the site on both engines, and checks what every twin must fulfil.
fn twins(name: &str) -> Value {
    let output = program::run(&["run", name, "--engine", "both", "--format", "json"]);
    let words = String::from_utf8_lossy(&output.stderr);
    let answer: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{name}: no JSON ({error}), exit {:?}: {words}", output.status.code()));
    let contradictions: Vec<&Value> =
        list(&answer["differences"]).iter().filter(|it| it["kind"] == "contradiction").collect();
    assert!(contradictions.is_empty(), "{name}: {contradictions:#?}");
    assert_eq!(output.status.code(), Some(0), "{name}: {words}");
    for engine in ["model", "kernel"] {
        let trace = &answer[engine];
        let broken: Vec<&Value> = list(&trace["expectations"]).iter().filter(|it| it["held"] != true).collect();
        assert!(broken.is_empty(), "{name} on the {engine}: {broken:#?}");
        assert!(!list(&trace["expectations"]).is_empty(), "{name} claims nothing on the {engine}");
    }
    answer
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Events of one name in a trace.
fn count(trace: &Value, layer: &str, event: &str) -> usize {
    list(&trace["events"]).iter().filter(|it| it["layer"] == layer && it["event"] == event).count()
}

/// Whether the kernel engine could give each host a network of its own; says so aloud where it could not.
fn isolated(test: &str, answer: &Value) -> bool {
    let header = &answer["kernel"]["header"];
    if header["engine"] == "kernel_isolated" {
        return true;
    }
    skip(test, &format!("network namespaces are not permitted here: {}", header["limitation"]));
    false
}

macro_rules! twins_of_the_site {
    ($($test:ident = $name:literal),* $(,)?) => {
        $(#[test]
        fn $test() {
            let answer = twins($name);
            if isolated(stringify!($test), &answer) {
                let segments = count(&answer["kernel"], "link", "sent");
                assert!(segments > 0, "{}: the isolated kernel shows no frame", $name);
            }
        })*

        #[test]
        fn every_scenario_of_the_site_has_a_twin() {
            let names: Vec<&str> = SCENARIOS.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$($name),*]);
        }
    };
}

twins_of_the_site! {
    five_sends_and_one_recv_agree = "sticky",
    handshake_and_close_agree = "handshake",
    a_peer_that_exits_is_heard_the_same_way = "peer-exit",
    the_pipe_breaks_on_the_same_send = "broken-pipe",
    datagrams_keep_their_borders_on_both = "udp-echo",
    a_broadcast_reaches_everyone_on_both = "broadcast",
    a_length_in_front_gives_the_same_messages_on_both = "prefix",
    two_requests_on_one_connection_agree = "http",
    two_services_on_one_host_are_told_apart_by_port = "services",
}
