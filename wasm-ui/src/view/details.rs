//! What a thing is and why it happened, in sentences with their sources.

use super::lab::Lab;
use crate::texts::{self, lab as t};
use leptos::prelude::*;
use sockscope_core::trace::{Evidence, narrate};

/// The sentences for the selection, or for the cursor.
#[component]
pub fn Details(lab: Lab) -> impl IntoView {
    let l = lab.language;
    let told = move || {
        let (scene, event) = lab.told()?;
        let trace = &scene.run.trace;
        let facts = &trace.events[event];
        let host = facts.host.as_ref().map(|host| host.to_string());
        let sentences = narrate::describe(trace, event);
        Some(view! {
            <p class="what">
                {host.map(|host| view! { <b>{host}</b> })}
                <span class="time">{facts.time.to_string()}</span>
                {(facts.evidence == Evidence::Inferred).then(|| view! { <em>{t::inferred(l)}</em> })}
            </p>
            {sentences
                .into_iter()
                .map(|sentence| {
                    let source = sentence.source.as_ref().map(|source| t::source(l, source));
                    view! {
                        <p>
                            {texts::say(l, &sentence)}
                            {source.map(|source| view! { " " <cite>{source}</cite> })}
                        </p>
                    }
                })
                .collect_view()}
        })
    };
    view! {
        <div class="details">
            {told}
            <Show when=move || lab.selection.get().is_some()>
                <button type="button" class="quiet" on:click=move |_| lab.selection.set(None)>
                    <span aria-hidden="true">"✕ "</span>
                    {t::clear_selection(l)}
                </button>
            </Show>
        </div>
    }
}
