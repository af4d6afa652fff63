//! What differs between the model's run and the kernel's, each a freedom or a contradiction with its reason; and what
//! the lesson claims.

use super::actions;
use super::lab::Lab;
use crate::texts::{self, lab as t};
use leptos::prelude::*;
use sockscope_core::trace::{Difference, DifferenceKind as Kind};

/// How many contradictions, in the tab.
#[component]
pub fn Count(lab: Lab) -> impl IntoView {
    let both = lab.comparable;
    let bad = move || lab.differences.with(|all| all.iter().filter(|one| one.kind == Kind::Contradiction).count());
    view! {
        <Show when=move || both.get()>
            <span class="count" class:bad=move || { bad() > 0 }>{move || lab.differences.with(Vec::len)}</span>
        </Show>
    }
}

/// The view.
#[component]
pub fn Differences(lab: Lab) -> impl IntoView {
    let l = lab.language;
    let list = move || {
        if !lab.comparable.get() {
            return view! {
                <p class="empty">
                    {t::differences_need_both(l)}
                    " "
                    <button
                        type="button"
                        disabled=move || lab.waiting.get().is_some()
                        on:click=move |_| actions::run_kernel(lab)
                    >
                        {t::run_kernel(l)}
                    </button>
                </p>
            }
            .into_any();
        }
        let differences = lab.differences.get();
        if differences.is_empty() {
            return view! { <p class="empty">{t::differences_none(l)}</p> }.into_any();
        }
        let bad = differences.iter().filter(|one| one.kind == Kind::Contradiction).count();
        let head = t::differences_count(l, bad, differences.len() - bad);
        let rows = differences.into_iter().map(|one| row(lab, one)).collect_view();
        view! { <h3>{head}</h3> <ul class="differences">{rows}</ul> }.into_any()
    };
    view! { {list} <Claims lab/> }
}

fn row(lab: Lab, one: Difference) -> impl IntoView {
    let l = lab.language;
    let (class, name) = match one.kind {
        Kind::Contradiction => ("contradiction", t::difference_contradiction(l)),
        Kind::Freedom => ("freedom", t::difference_freedom(l)),
    };
    let source = one.because.source.as_ref().map(|source| t::source(l, source));
    let because = texts::say(l, &one.because);
    let event = one.model_event;
    let host = one.host.map(|host| host.to_string());
    view! {
        <li class=class on:click=move |_| if let Some(event) = event { lab.go(event) }>
            <b class="verdict">{name}</b>
            {host.map(|host| view! { <b>{host}</b> })}
            <p>{because} {source.map(|source| view! { " " <cite>{source}</cite> })}</p>
            <dl>
                <div><dt>{t::difference_model(l)}</dt><dd>{one.model}</dd></div>
                <div><dt>{t::difference_kernel(l)}</dt><dd>{one.kernel}</dd></div>
            </dl>
        </li>
    }
}

#[component]
fn Claims(lab: Lab) -> impl IntoView {
    let l = lab.language;
    move || {
        let claims =
            lab.scene.with(|scene| scene.as_ref().map(|one| one.run.trace.expectations.clone()).unwrap_or_default());
        (!claims.is_empty()).then(|| {
            let rows = claims
                .into_iter()
                .map(|claim| {
                    let (class, sign, word) = if claim.held {
                        ("held", "✓", t::expectation_held(l))
                    } else {
                        ("failed", "✕", t::expectation_failed(l))
                    };
                    view! {
                        <li class=class>
                            <b><span aria-hidden="true">{sign}" "</span>{word}</b>
                            <code>{claim.that}</code>
                            {claim.detail}
                        </li>
                    }
                })
                .collect_view();
            view! { <h3>{t::expectations(l)}</h3> <ul class="claims">{rows}</ul> }
        })
    }
}
