//! The worker process: takes one job, builds the run's networks, runs it, says what happened, ends. It limits itself
//! before it starts, and it ends with its parent.

use super::face::Face;
use super::host::{EVIDENCE, Host};
use super::loopback::Block;
use super::message::{Job, Kind, Message};
use super::namespace::{self, Network};
use super::record::Recorder;
use super::switch::{self, Switch};
use super::sys;
use super::world::World;
use crate::names;
use rustix::process::{Resource, Rlimit};
use sockscope_core::program::Limits;
use sockscope_core::scenario::{self, Scenario};
use sockscope_core::sim::{self, Driver};
use sockscope_core::time::Duration;
use sockscope_core::trace::{Engine, Observes};
use std::cell::Cell;
use std::io::{BufRead, Read};
use std::process::ExitCode;
use std::rc::Rc;

/// The longest job: a scenario is at most 1 MiB as a file, its JSON form a little more.
const LONGEST_JOB: u64 = 16 << 20;

/// Address space of a worker.
const MEMORY: u64 = 2 << 30;

/// Descriptors of a worker: every host's, its TAPs, its own.
const DESCRIPTORS: u64 = 8_192;

/// Beyond the scenario's limit, for building, concluding, and writing to a parent that reads slowly.
const GRACE: u32 = 60;

/// Runs one job from standard input to standard output.
pub fn main() -> ExitCode {
    let mut line = String::new();
    let read = std::io::stdin().lock().take(LONGEST_JOB).read_line(&mut line);
    let job: Job = match read.map_err(|error| error.to_string()).and_then(|_| parse(&line)) {
        Ok(job) => job,
        Err(reason) => {
            eprintln!("the job is not one: {reason}");
            return ExitCode::from(2);
        }
    };
    // Precise waits: the link's delays are counted in microseconds, the default slack is 50.
    let _ = rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1));
    let Some(scenario) = &job.scenario else {
        let recorder = Recorder::new(std::io::stdout(), 0);
        match probe() {
            Ok(()) => recorder.message(ready(Engine::KernelIsolated, None)),
            Err(reason) => recorder.message(ready(Engine::KernelLoopback, Some(reason))),
        }
        recorder.finish();
        return ExitCode::SUCCESS;
    };
    let scenario = match scenario::from_json(scenario) {
        Ok(scenario) => scenario,
        Err(problems) => {
            let reason = problems.first().map_or_else(String::new, ToString::to_string);
            return refuse(reason);
        }
    };
    limit(job.limit);
    match build(&scenario, job.kind) {
        Ok(plan) => run(&scenario, &job, plan),
        Err(reason) => refuse(reason),
    }
}

fn parse(line: &str) -> Result<Job, String> {
    serde_json::from_str(line).map_err(|error| error.to_string())
}

fn refuse(reason: String) -> ExitCode {
    let recorder = Recorder::new(std::io::stdout(), 0);
    recorder.message(Message::Refused { reason });
    recorder.finish();
    ExitCode::SUCCESS
}

/// Sets the limits of this process. Those that cannot be set are left: they only guard against mistakes of our own.
fn limit(run: Duration) {
    let seconds = (run.as_micros() / 1_000_000) as u32 + GRACE;
    sys::end_after(seconds);
    let _ = rustix::thread::set_no_new_privs(true);
    for (resource, most) in [
        (Resource::As, MEMORY),
        (Resource::Nofile, DESCRIPTORS),
        (Resource::Cpu, u64::from(seconds)),
        // It writes to pipes only.
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ] {
        let present = rustix::process::getrlimit(resource);
        let most = present.maximum.map_or(most, |maximum| maximum.min(most));
        let _ = rustix::process::setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    }
}

/// Whether an isolated run is possible, tried with one host.
fn probe() -> Result<(), String> {
    let host = scenario::Host {
        name: "probe".into(),
        address: std::net::Ipv4Addr::new(10, 0, 0, 1),
        prefix: 24,
        start: Default::default(),
        stdin: Vec::new(),
        files: Default::default(),
        tcp: Default::default(),
        program: String::new(),
    };
    let mac = sockscope_core::wire::MacAddress([2, 0, 10, 0, 0, 1]);
    Network::new(&host, mac, 1_500).map(drop).map_err(|failed| failed.to_string())
}

/// Where the hosts of a run live.
struct Plan {
    faces: Vec<Face>,
    switch: Option<Switch>,
    limitation: Option<String>,
}

fn build(scenario: &Scenario, kind: Kind) -> Result<Plan, String> {
    if kind != Kind::Loopback {
        match isolated(scenario) {
            Ok(faces) => return Ok(Plan { faces, switch: Some(Switch::new(scenario)), limitation: None }),
            Err(failed) if kind == Kind::Isolated => return Err(failed.to_string()),
            Err(failed) => {
                let faces = loopback(scenario)?;
                let limitation = Some(format!("no isolated network: {failed}"));
                return Ok(Plan { faces, switch: None, limitation });
            }
        }
    }
    Ok(Plan { faces: loopback(scenario)?, switch: None, limitation: None })
}

fn isolated(scenario: &Scenario) -> Result<Vec<Face>, namespace::Failed> {
    let here = Rc::new(Cell::new(usize::MAX));
    let hosts = scenario.hosts.iter().enumerate();
    let faces = hosts.map(|(own, host)| {
        let network = Network::new(host, switch::mac(scenario, own), scenario.link.mtu)?;
        here.set(own);
        Ok(Face::Isolated { network, own, here: here.clone() })
    });
    faces.collect()
}

fn loopback(scenario: &Scenario) -> Result<Vec<Face>, String> {
    let block =
        Block::claim(&scenario.hosts, std::process::id()).map_err(|error| format!("no loopback addresses: {error}"))?;
    let block = Rc::new(block);
    Ok((0..scenario.hosts.len()).map(|own| Face::Loopback { block: block.clone(), own }).collect())
}

fn run(scenario: &Scenario, job: &Job, plan: Plan) -> ExitCode {
    let recorder = Recorder::new(std::io::stdout(), job.events);
    let engine = if plan.switch.is_some() { Engine::KernelIsolated } else { Engine::KernelLoopback };
    let mut hosts = Vec::with_capacity(scenario.hosts.len());
    for (index, (host, face)) in scenario.hosts.iter().zip(plan.faces).enumerate() {
        match Driver::new(scenario, index, Limits::default(), EVIDENCE, names::machine()) {
            Ok(driver) => hosts.push(Host::new(driver, face, host)),
            Err(refusals) => {
                let reason = refusals.first().map_or_else(String::new, ToString::to_string);
                recorder.message(Message::Refused { reason: format!("the program of {}: {reason}", host.name) });
                recorder.finish();
                return ExitCode::SUCCESS;
            }
        }
    }
    recorder.message(ready(engine, plan.limitation));
    let world = World::new(hosts, plan.switch, Switch::observer(scenario), recorder, (job.limit, scenario.link.delay));
    let stdin = std::io::stdin();
    let parent = job.attached.then(|| rustix::fd::AsFd::as_fd(&stdin));
    let (hosts, recorder) = world.run(parent);
    let limitations = limitations(&hosts);
    let hosts = sim::results(hosts.iter().map(|host| &host.driver));
    recorder.message(Message::End { hosts, limitations });
    recorder.finish();
    // What is left, interfaces above all, the kernel clears away while nobody waits for it.
    ExitCode::SUCCESS
}

/// What turned out not to be possible.
fn limitations(hosts: &[Host]) -> Vec<String> {
    let mut limitations: Vec<String> = Vec::new();
    for host in hosts {
        if let Some(name) = host.congestion_refused {
            limitations.push(format!("congestion control {name} is not permitted here, reno was used"));
        }
    }
    limitations.dedup();
    for host in hosts {
        let Face::Isolated { network, .. } = &host.face else { continue };
        match network.lost() {
            0 => {}
            lost => limitations.push(format!("{lost} frames of {} did not reach the link", host.driver.host())),
        }
    }
    limitations
}

fn ready(engine: Engine, limitation: Option<String>) -> Message {
    let isolated = engine == Engine::KernelIsolated;
    // Timers run inside the kernel and are seen only by what they send.
    let observes = Observes { segments: isolated, states: isolated, timers: false, buffers: true };
    Message::Ready { engine, observes, limitation }
}
