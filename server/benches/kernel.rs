//! What a kernel run costs beyond its programs: set-up and tear-down, a recorded call, many runs at once. By hand:
//! `cargo bench -p sockscope --bench kernel`. It prints one table and never fails by time.

use sockscope::kernel::{self, Kind, Options};
use sockscope_core::scenario::{self, Scenario};
use sockscope_core::socket;
use sockscope_core::trace::{Body, Event, Trace};
use std::time::{Duration, Instant};

const ROUNDS: usize = 15;
const CALLS: usize = 5_000;
const QUEUED: usize = 200;

fn scenario(program: &str) -> Scenario {
    let host = |number: u8, program: &str| {
        format!(
            "[[host]]\nname = 'h{number}'\naddress = '10.0.0.{number}/24'\nstart = '0ms'\nprogram = '''\n{program}\n'''\n"
        )
    };
    let text =
        format!("title = 'bench'\nlimit = '20s'\n[link]\ndelay = '0ms'\n{}{}", host(1, program), host(2, "pass"));
    scenario::from_toml(&text).expect("the scenarios of the benchmark are right")
}

/// One run, and how much longer it took than what happened in it.
async fn run(scenario: &Scenario, kind: Kind) -> Option<(Trace, Duration)> {
    let begun = Instant::now();
    let trace = kernel::run(scenario, Options { kind, ..Options::default() }).await.ok()?;
    let inside = trace.events.last().map_or(0, |event| event.time.as_micros());
    Some((trace, begun.elapsed().saturating_sub(Duration::from_micros(inside))))
}

/// Mean microseconds from the return of one call to the return of the next, everything recorded.
fn per_call(trace: &Trace) -> Option<f64> {
    let is_asked = |event: &&Event| matches!(&event.body, Body::Socket(socket::Event::Returned { call, .. }) if call == "getsockname");
    let times: Vec<u64> = trace.events.iter().filter(is_asked).map(|event| event.time.as_micros()).collect();
    Some((times.last()? - times.first()?) as f64 / (times.len() - 1) as f64)
}

fn row(what: &str, unit: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    match values.as_slice() {
        [] => println!("{what:<52} not possible here"),
        [first, .., last] => println!("{what:<52} {:>9.2} {unit} ({first:.2} – {last:.2})", values[values.len() / 2]),
        [only] => println!("{what:<52} {only:>9.2} {unit}"),
    }
}

#[tokio::main]
async fn main() {
    let quiet = scenario("pass");
    let busy = scenario(&format!(
        "from socket import *\ns = socket(AF_INET, SOCK_DGRAM)\nfor i in range({CALLS}):\n    s.getsockname()"
    ));
    let (mut overhead, mut call) = ([vec![], vec![]], [vec![], vec![]]);
    for _ in 0..ROUNDS {
        for (index, kind) in [Kind::Isolated, Kind::Loopback].into_iter().enumerate() {
            if let Some((_, beyond)) = run(&quiet, kind).await {
                overhead[index].push(beyond.as_secs_f64() * 1e3);
            }
            if let Some((trace, _)) = run(&busy, kind).await {
                call[index].extend(per_call(&trace));
            }
        }
    }
    let ([isolated, loopback], [call_isolated, call_loopback]) = (overhead, call);
    println!("median of {ROUNDS} interleaved rounds (least – most)");
    row("set-up and tear-down, two hosts, isolated", "ms", isolated);
    row("set-up and tear-down, two hosts, loopback", "ms", loopback);
    row("a statement with a call, made and recorded, isolated", "µs", call_isolated);
    row("a statement with a call, made and recorded, loopback", "µs", call_loopback);
    let begun = Instant::now();
    let runs: Vec<_> = (0..QUEUED)
        .map(|_| {
            let quiet = quiet.clone();
            tokio::spawn(async move { run(&quiet, Kind::Auto).await.is_some() })
        })
        .collect();
    let mut succeeded = 0;
    for run in runs {
        succeeded += usize::from(run.await.unwrap_or(false));
    }
    println!("{QUEUED} runs queued at once: {succeeded} succeeded in {:.2} s", begun.elapsed().as_secs_f64());
}
