//! What the reader does: run, cancel, edit, step, share. Each changes signals of the lab; none draws.

use super::lab::{Lab, Notice};
use crate::browser::{self, Cancel, Failure};
use crate::model::bench;
use crate::model::link::{Engine, Link};
use crate::model::moment;
use crate::model::run::Run;
use crate::model::scene::Scene;
use crate::model::selection;
use crate::model::session::Session;
use crate::texts::{self, lab as t};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sockscope_core::scenario::{self, Scenario};
use sockscope_core::trace::Trace;
use std::time::Duration;

/// How long typing must pause before the model runs again.
const TYPING_PAUSE: Duration = Duration::from_millis(350);

/// Brings a scenario onto the bench and runs it: the one in the page, or the server's.
pub fn load(lab: Lab, inline: Option<String>) {
    spawn_local(async move {
        let text = match inline {
            Some(text) => Ok(text),
            None => {
                let url = format!("{}api/v1/scenarios/{}", browser::server(), lab.name.get_value());
                browser::ask(&url, None, None).await
            }
        };
        let name = lab.name.get_value();
        let failed = |reason: String| {
            lab.notice.set(Some(Notice::Failed(t::no_scenario(lab.language, &name, reason))));
        };
        let value = match text {
            Ok(text) => match serde_json::from_str::<Value>(&text) {
                Ok(value) => value,
                Err(error) => return failed(error.to_string()),
            },
            Err(failure) => return failed(reason(lab, &failure)),
        };
        match scenario::from_json(value.get("scenario").unwrap_or(&value)) {
            Ok(scenario) => open(lab, Session::new(scenario)),
            Err(problems) => failed(problems.first().map(ToString::to_string).unwrap_or_default()),
        }
    });
}

fn open(lab: Lab, mut session: Session) {
    let mut link = Link::default();
    if lab.linked {
        let (query, hash) = browser::address();
        link = Link::read(&query, &hash);
        session.apply(&link.edits);
    }
    lab.session.set(Some(session));
    run_model(lab);
    let start = link.at.map(|at| at.saturating_sub(1));
    let home = lab.scene.with_untracked(|scene| scene.as_ref().map_or(0, |scene| home(&scene.run)));
    lab.go(start.unwrap_or(home));
    if link.engine != Engine::Model {
        show_engine(lab, link.engine);
    }
    if lab.linked {
        follow_address(lab);
    }
}

/// Where a reader starts who brought no place: at the first call that has to wait.
fn home(run: &Run) -> usize {
    run.calls.iter().find(|call| call.blocked.is_some()).map_or(0, |call| call.begun)
}

/// The address bar follows the moment, the engine and the edits.
fn follow_address(lab: Lab) {
    let frame = StoredValue::new_local(browser::Frame::new());
    Effect::new(move |begun: Option<()>| {
        lab.cursor.track();
        lab.engine.track();
        lab.session.track();
        // Until the reader moves, the address stays as it was given.
        if begun.is_none() {
            return;
        }
        frame.with_value(|frame| frame.ask(move || browser::set_address(&link(lab).write(&browser::address().0))));
    });
}

fn link(lab: Lab) -> Link {
    Link {
        at: Some(lab.cursor.get_untracked() + 1),
        engine: lab.engine.get_untracked(),
        edits: lab.session.with_untracked(|session| session.as_ref().map(Session::edits).unwrap_or_default()),
    }
}

/// Runs the model on what stands on the bench; mistakes are shown in their place instead.
pub fn run_model(lab: Lab) {
    let Some(scenario) = lab.session.with_untracked(|session| session.as_ref().map(|one| one.scenario.clone())) else {
        return;
    };
    let troubles = bench::check(&scenario);
    let sound = troubles.is_empty();
    lab.troubles.set(troubles);
    if !sound {
        return;
    }
    let scene = Scene::new(bench::run(&scenario));
    let before = lab.model.get_untracked();
    let cursor = lab.cursor.get_untracked();
    let at = before.map_or(cursor, |before| scene.counterpart(&before, cursor));
    lab.selection.set(None);
    lab.model.set(Some(scene));
    lab.session.update(|session| {
        if let Some(session) = session {
            session.ran = Some(scenario);
        }
    });
    if lab.engine.get_untracked() != Engine::Kernel {
        lab.go(at);
    }
}

/// Looks at another engine; the kernel runs if it has not yet.
pub fn show_engine(lab: Lab, engine: Engine) {
    let before = lab.scene.get_untracked();
    let cursor = lab.cursor.get_untracked();
    lab.selection.set(None);
    lab.engine.set(engine);
    if let (Some(before), Some(after)) = (before, lab.scene.get_untracked()) {
        lab.go(after.counterpart(&before, cursor));
    }
    let old = lab.session.with_untracked(|session| session.as_ref().is_some_and(Session::is_kernel_stale));
    let wanted = old || lab.kernel.with_untracked(Option::is_none);
    if engine != Engine::Model && wanted && lab.waiting.get_untracked().is_none() {
        run_kernel(lab);
    }
}

/// Runs what stands on the bench on the engines in view.
pub fn run(lab: Lab) {
    let engine = lab.engine.get_untracked();
    run_model(lab);
    let sound = lab.troubles.with_untracked(Vec::is_empty);
    if sound && engine != Engine::Model {
        run_kernel(lab);
    }
}

/// Runs the scenario on the server's real sockets.
pub fn run_kernel(lab: Lab) {
    let Some(scenario) = lab.session.with_untracked(|session| session.as_ref().map(|one| one.scenario.clone())) else {
        return;
    };
    if lab.waiting.get_untracked().is_some() {
        return;
    }
    let cancel = Cancel::new();
    lab.cancel.set_value(cancel.clone());
    lab.waiting.set(Some(0));
    lab.notice.set(None);
    let begun = browser::clock();
    let count = move || {
        lab.waiting.update(|waiting| {
            if let Some(seconds) = waiting {
                *seconds = ((browser::clock() - begun) / 1000.0) as u32;
            }
        })
    };
    let counting = set_interval_with_handle(count, Duration::from_millis(500));
    spawn_local(async move {
        let body = json!({ "scenario": scenario.to_json(), "engine": "kernel", "seed": scenario.seed });
        let url = format!("{}api/v1/runs", browser::server());
        let answer = browser::ask(&url, Some(body.to_string()), cancel.as_ref()).await;
        if let Ok(counting) = counting {
            counting.clear();
        }
        lab.waiting.set(None);
        match answer.map(|text| serde_json::from_str::<Trace>(&text)) {
            Ok(Ok(trace)) => show_kernel(lab, scenario, Scene::new(trace)),
            Ok(Err(error)) => failed(lab, t::server_refused(lab.language, error)),
            Err(Failure::Cancelled) => fall_back(lab),
            Err(failure @ Failure::NoAnswer(_)) => failed(lab, t::no_server(lab.language, reason(lab, &failure))),
            Err(failure) => failed(lab, t::server_refused(lab.language, reason(lab, &failure))),
        }
    });
}

fn show_kernel(lab: Lab, scenario: Scenario, scene: Scene) {
    let cursor = lab.cursor.get_untracked();
    let at = lab.model.get_untracked().map_or(0, |before| scene.counterpart(&before, cursor));
    lab.selection.set(None);
    lab.kernel.set(Some(scene));
    lab.session.update(|session| {
        if let Some(session) = session {
            session.kernel_ran = Some(scenario);
        }
    });
    if lab.engine.get_untracked() == Engine::Kernel {
        lab.go(at);
    }
}

fn failed(lab: Lab, text: String) {
    lab.notice.set(Some(Notice::Failed(text)));
    fall_back(lab);
}

/// Without a kernel run there is only the model to look at.
fn fall_back(lab: Lab) {
    if lab.kernel.with_untracked(Option::is_none) {
        lab.engine.set(Engine::Model);
    }
}

/// Stops waiting for the kernel.
pub fn cancel(lab: Lab) {
    if let Some(cancel) = lab.cancel.get_value() {
        cancel.cancel();
    }
}

/// Changes the session and runs the model again once the reader pauses.
pub fn edit(lab: Lab, change: impl FnOnce(&mut Session)) {
    lab.session.update(|session| {
        if let Some(session) = session {
            change(session);
        }
    });
    lab.pending.update_value(|pending| *pending += 1);
    let mine = lab.pending.get_value();
    let run = move || {
        let latest = lab.pending.try_get_value() == Some(mine);
        if latest && lab.session.with_untracked(|session| session.as_ref().is_some_and(Session::is_stale)) {
            run_model(lab);
        }
    };
    set_timeout(run, TYPING_PAUSE);
}

/// One event back or forward.
pub fn step(lab: Lab, by: isize) {
    lab.playing.set(false);
    lab.go(lab.cursor.get_untracked().saturating_add_signed(by));
}

/// One statement back or forward, of whichever host.
pub fn step_line(lab: Lab, forward: bool) {
    let Some(scene) = lab.scene.get_untracked() else { return };
    lab.playing.set(false);
    let cursor = lab.cursor.get_untracked();
    let tasks = scene.run.hosts.iter().flat_map(|host| host.tasks.values());
    let lines = tasks.filter_map(|task| {
        let at = task.lines.partition_point(|(event, _)| if forward { *event <= cursor } else { *event < cursor });
        let place = if forward { Some(at) } else { at.checked_sub(1) };
        task.lines.get(place?).map(|(event, _)| *event)
    });
    let next = if forward { lines.min() } else { lines.max() };
    if let Some(next) = next {
        lab.go(next);
    }
}

/// The next lost frame, repetition or exception.
pub fn next_incident(lab: Lab) {
    let Some(scene) = lab.scene.get_untracked() else { return };
    let incidents = &scene.run.incidents;
    let next = moment::jump(incidents, lab.cursor.get_untracked(), true).or(incidents.first().copied());
    if let Some(next) = next {
        lab.go(next);
        lab.selection.set(Some(selection::thing_of(&scene.run, next)));
    }
}

/// Lights up what the cursor points at.
pub fn select_here(lab: Lab) {
    if let Some(scene) = lab.scene.get_untracked() {
        lab.select(selection::thing_of(&scene.run, lab.cursor.get_untracked()));
    }
}

/// Starts or stops the walk of the cursor.
pub fn play(lab: Lab) {
    let Some(scene) = lab.scene.get_untracked() else { return };
    let playing = !lab.playing.get_untracked();
    if playing && lab.cursor.get_untracked() + 1 >= scene.run.len() {
        lab.go(0);
    }
    lab.playing.set(playing);
    if playing {
        tick(lab);
    }
}

fn tick(lab: Lab) {
    let pause = Duration::from_millis(1000 / u64::from(lab.speed.get_untracked().max(1)));
    let walk = move || {
        if lab.playing.try_get_untracked() != Some(true) {
            return;
        }
        let cursor = lab.cursor.get_untracked();
        let more = lab.scene.with_untracked(|scene| scene.as_ref().is_some_and(|scene| cursor + 1 < scene.run.len()));
        if !more {
            return lab.playing.set(false);
        }
        lab.go(cursor + 1);
        tick(lab);
    };
    set_timeout(walk, pause);
}

/// Fills the screen with the microscope, in large type, or gives the page back.
pub fn present(lab: Lab) {
    lab.presenting.update(|presenting| *presenting = !*presenting);
    if let Some(element) = lab.element.get_value() {
        browser::mark(&element, "presenting", lab.presenting.get_untracked());
    }
}

/// Copies a link that opens at this very moment.
pub fn share(lab: Lab) {
    let name = lab.name.get_value();
    let page = format!("{}{}/scenarios/{name}", browser::server(), lab.language.code());
    let text = format!("{page}{}", link(lab).write(""));
    spawn_local(async move {
        let notice = if browser::copy(&text).await {
            Notice::Done(t::share_done(lab.language).into())
        } else {
            Notice::Failed(t::share_failed(lab.language).into())
        };
        lab.notice.set(Some(notice.clone()));
        let fade = move || {
            if lab.notice.try_get_untracked().flatten() == Some(notice) {
                lab.notice.set(None);
            }
        };
        set_timeout(fade, Duration::from_secs(4));
    });
}

/// Hands the run over as a file that Wireshark opens.
pub fn download(lab: Lab) {
    let Some(scene) = lab.scene.get_untracked() else { return };
    let bytes = sockscope_core::trace::pcapng::write(&scene.run.trace);
    let name = lab.name.get_value();
    browser::download(&format!("{}.pcapng", if name.is_empty() { "run" } else { &name }), &bytes);
}

/// Opens the run's frames in the packets tool, beside this page. What is too large to be handed over is downloaded instead.
pub fn open_packets(lab: Lab) {
    use base64::Engine as _;
    let Some(scene) = lab.scene.get_untracked() else { return };
    let bytes = sockscope_core::trace::pcapng::write(&scene.run.trace);
    let text = base64::engine::general_purpose::STANDARD.encode(&bytes);
    if browser::hand_over(browser::CAPTURE, &text) {
        browser::open_page(&format!("{}{}/tools/packets#from=run", browser::server(), lab.language.code()));
    } else {
        download(lab);
    }
}

/// The sentence of a failed request: the server's own words where it has some.
fn reason(lab: Lab, failure: &Failure) -> String {
    match failure {
        Failure::Cancelled => String::new(),
        Failure::NoAnswer(message) => message.clone(),
        Failure::Refused(status, body) => {
            let value: Value = serde_json::from_str(body).unwrap_or_default();
            let word = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
            let message = word("detail").or(word("title")).unwrap_or_else(|| format!("HTTP {status}"));
            match word("code") {
                Some(code) => texts::error(lab.language, &code, &message, &[]),
                None => message,
            }
        }
    }
}
