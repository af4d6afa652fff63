//! One line above the bench: what went wrong, what is under way, what is older than its text.

use super::actions;
use super::lab::{Lab, Notice};
use crate::model::link::Engine as Choice;
use crate::texts::{self, lab as t};
use leptos::prelude::*;
use sockscope_core::trace::{Body, Engine, narrate};

/// All that has to be told now.
#[component]
pub fn Notices(lab: Lab) -> impl IntoView {
    let l = lab.language;
    // The model follows the text by itself, unless the text is wrong.
    let stale = move || {
        let wrong = !lab.troubles.with(Vec::is_empty);
        lab.session.with(|session| {
            session.as_ref().is_some_and(|one| match lab.engine.get() {
                Choice::Model => wrong && one.is_stale(),
                Choice::Kernel => one.is_kernel_stale(),
                Choice::Both => wrong && one.is_stale() || one.is_kernel_stale(),
            })
        }) && lab.waiting.get().is_none()
    };
    let limitation = move || {
        let header = |scene: &crate::model::scene::Scene| {
            let header = &scene.run.trace.header;
            (header.engine == Engine::KernelLoopback).then(|| match &header.limitation {
                Some(reason) => t::limitation(l, reason),
                None => t::limitation_plain(l).to_owned(),
            })
        };
        let shown = lab.scene.get().as_ref().and_then(header);
        shown.or_else(|| lab.second.get().as_ref().and_then(header))
    };
    // A run that was cut short says so at once, not only at its last event.
    let cut = move || {
        let scene = lab.scene.get()?;
        let trace = &scene.run.trace;
        let last = trace.events.len().checked_sub(1)?;
        matches!(trace.events[last].body, Body::Run(_)).then(|| {
            let sentences = narrate::describe(trace, last);
            sentences.iter().map(|sentence| texts::say(l, sentence)).collect::<Vec<_>>().join(" ")
        })
    };
    view! {
        <div class="notices"><div class="stack" role="status" aria-live="polite">
            {move || {
                lab.notice
                    .get()
                    .map(|notice| match notice {
                        Notice::Done(text) => view! { <p class="notice done">{text}</p> }.into_any(),
                        Notice::Failed(text) => {
                            view! {
                                <p class="notice failed">
                                    <span>{text}</span>
                                    <button
                                        type="button"
                                        class="quiet"
                                        aria-label=t::close(l)
                                        on:click=move |_| lab.notice.set(None)
                                    >
                                        "✕"
                                    </button>
                                </p>
                            }
                                .into_any()
                        }
                    })
            }}
            {move || {
                lab.troubles
                    .get()
                    .into_iter()
                    .map(|trouble| {
                        let message = texts::error(l, &trouble.code, &trouble.message, &trouble.args);
                        let text = match trouble.place {
                            Some(place) => {
                                let host = lab
                                    .session
                                    .with(|session| {
                                        let host = session.as_ref()?.scenario.hosts.get(place.host)?;
                                        Some(host.name.to_string())
                                    });
                                t::problem_at(l, place.column, host.unwrap_or_default(), place.line, message)
                            }
                            None => message,
                        };
                        view! { <p class="notice failed">{text}</p> }
                    })
                    .collect_view()
            }}
            <Show when=move || lab.waiting.get().is_some()>
                <p class="notice waiting">
                    <span class="spinner" aria-hidden="true"></span>
                    <span>{move || t::kernel_waiting(l, lab.waiting.get().unwrap_or(0))}</span>
                    <button type="button" on:click=move |_| actions::cancel(lab)>{t::cancel(l)}</button>
                </p>
            </Show>
            <Show when=stale>
                <p class="notice stale">
                    <span>{t::stale(l)}</span>
                    <button type="button" on:click=move |_| actions::run(lab)>{t::run_again(l)}</button>
                </p>
            </Show>
            {move || cut().map(|text| view! { <p class="notice cut">{text}</p> })}
            {move || limitation().map(|text| view! { <p class="notice limitation">{text}</p> })}
        </div></div>
    }
}
