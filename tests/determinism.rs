//! The same scenario and seed give the same trace, byte for byte: run after run, and in the browser as on the machine.

use serde_json::{Value, json};
use sockscope_core::{scenario, sim};
use sockscope_tests::chromium::{self, Chromium};
use sockscope_tests::{program, skip};
use sockscope_web::SCENARIOS;

fn native(file: &str) -> String {
    let scenario = scenario::from_toml(file).expect("the scenario is accepted");
    serde_json::to_string(&sim::run(&scenario, &sim::Options::default())).expect("a trace is JSON")
}

/// Where two texts part, with what stands around.
fn parting(a: &str, b: &str) -> String {
    let at = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(120)..text.len().min(at + 120)]).into_owned()
    };
    format!("at byte {at}:\n  {}\n  {}", around(a), around(b))
}

#[test]
fn two_runs_give_the_same_trace() {
    for (name, file) in SCENARIOS {
        let (first, second) = (native(file), native(file));
        assert!(first == second, "{name} {}", parting(&first, &second));
    }
}

#[test]
fn another_seed_gives_another_trace() {
    let (_, file) = SCENARIOS[0];
    let other = file.replace("seed = 1", "seed = 2");
    assert_ne!(file, other, "the scenario says its seed");
    let ports = |file: &str| native(file).split("\"events\":").nth(1).map(str::to_string);
    assert_ne!(ports(file), ports(&other));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_gives_the_same_trace_as_the_machine() {
    if let Some(reason) = chromium::missing() {
        return skip("the_browser_gives_the_same_trace_as_the_machine", &reason);
    }
    let server = program::Server::start();
    let browser = Chromium::open(800, 600).await;
    browser.goto(&server.page("/en/model")).await;
    let script = sockscope_web::asset("/socket-lab.js").expect("the site has its one script");
    let script = std::str::from_utf8(script.identity).expect("a script is text");
    let glue = script.split('"').find(|part| part.ends_with("/lab.js")).expect("it loads the microscope");
    for (name, file) in SCENARIOS {
        let call = "import(arguments[0]).then(async (lab) => {
                const wasm = new URL('lab_bg.wasm', new URL(arguments[0], location.href));
                await lab.default({ module_or_path: wasm });
                return lab.trace(arguments[1]);
            })
            .then(done, (error) => done('error: ' + error));";
        let scenario = scenario::from_toml(file).expect("the scenario is accepted").to_json().to_string();
        let answer = browser.later(call, vec![json!(glue), json!(scenario)]).await;
        let Value::String(browsers) = answer else { panic!("{name}: {answer}") };
        let machines = native(file);
        assert!(machines == browsers, "{name} {}", parting(&machines, &browsers));
    }
}
