//! The run as text. Of a long one only the lines around the view are in the page.

use super::lab::Lab;
use crate::model::selection;
use crate::model::transcript::{self, Kind};
use crate::texts::{Language, lab as t};
use leptos::html::Div;
use leptos::prelude::*;

/// Height of a line in pixels, as in the style sheet.
const LINE: f64 = 22.0;
/// Lines drawn above and below the view.
const SPARE: usize = 20;
/// Lines that are drawn at once.
const DRAWN: usize = 90;

/// The view.
#[component]
pub fn Transcript(lab: Lab) -> impl IntoView {
    let l = lab.language;
    let list = NodeRef::<Div>::new();
    let first = RwSignal::new(0usize);
    let place = Memo::new(move |_| {
        lab.scene.with(|scene| scene.as_ref().map_or(0, |scene| transcript::place(&scene.transcript, lab.cursor.get())))
    });
    Effect::new(move |_| {
        let at = place.get() as f64 * LINE;
        if let Some(list) = list.get() {
            let (top, height) = (f64::from(list.scroll_top()), f64::from(list.client_height()));
            if at < top || at > top + height - LINE * 2.0 {
                list.set_scroll_top((at - height * 0.4).max(0.0) as i32);
            }
        }
    });
    let scrolled = move |_| {
        if let Some(list) = list.get_untracked() {
            let top = (f64::from(list.scroll_top()) / LINE) as usize;
            let quantum = top / SPARE * SPARE;
            if first.get_untracked() != quantum {
                first.set(quantum);
            }
        }
    };
    let lines = move || {
        let scene = lab.scene.get()?;
        let from = first.get().saturating_sub(SPARE);
        let rows = scene
            .transcript
            .iter()
            .enumerate()
            .skip(from)
            .take(DRAWN + SPARE)
            .map(|(at, entry)| {
                let event = entry.event;
                let host = entry.host.map(|host| scene.run.hosts[host].name.to_string()).unwrap_or_default();
                let pointed = scene.clone();
                view! {
                    <li
                        style:top=format!("{}px", at as f64 * LINE)
                        data-kind=word(entry.kind)
                        data-host=entry.host.map(|host| host.to_string())
                        aria-current=move || (place.get() == at).then_some("true")
                        on:click=move |_| {
                            lab.go(event);
                            lab.selection.set(Some(selection::thing_of(&pointed.run, event)));
                        }
                    >
                        <span class="time">{scene.run.time(event).to_string()}</span>
                        <b>{host}</b>
                        <i>{kind(l, entry.kind)}</i>
                        <span class="text">{entry.text.clone()}</span>
                    </li>
                }
            })
            .collect_view();
        let height = scene.transcript.len() as f64 * LINE;
        Some(view! { <ol style:height=format!("{height}px")>{rows}</ol> })
    };
    view! { <div class="transcript" tabindex="0" role="group" aria-label=t::tab_transcript(l) node_ref=list on:scroll=scrolled>{lines}</div> }
}

fn kind(l: Language, kind: Kind) -> &'static str {
    match kind {
        Kind::Call => t::kind_call(l),
        Kind::Waits => t::kind_waits(l),
        Kind::Returns => t::kind_returns(l),
        Kind::Fails => t::kind_fails(l),
        Kind::Sends => t::kind_sends(l),
        Kind::Repeats => t::kind_repeats(l),
        Kind::Lost => t::kind_lost(l),
        Kind::State => t::kind_state(l),
        Kind::Prints => t::kind_prints(l),
        Kind::Raises => t::kind_raises(l),
        Kind::Ends => t::kind_ends(l),
        Kind::Run => t::kind_run(l),
    }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Fails | Kind::Lost | Kind::Raises | Kind::Run => "bad",
        Kind::Repeats | Kind::Waits => "note",
        Kind::Sends => "wire",
        Kind::State => "state",
        _ => "plain",
    }
}
