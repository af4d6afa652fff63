//! The encapsulation page: a message wrapped and unwrapped step by step, or a frame taken apart. One component per file.

mod cost;
mod envelope;
mod form;
mod play;
mod stacks;
mod step;
mod unwrap;
mod wrap;

use super::Tool;
use crate::texts::tools as t;
use leptos::prelude::*;

/// The view.
#[component]
pub fn Encapsulation(tool: Tool) -> impl IntoView {
    let l = tool.language;
    // Bytes in the address are those of a frame, whoever wrote the link.
    let unwraps = Memo::new(move |_| tool.state.with(|state| state.has("b") || state.get("m") == Some("unwrap")));
    let choose = move |unwrap: bool| {
        tool.state.update(|state| {
            state.remove("b");
            state.set("m", if unwrap { "unwrap" } else { "" });
        });
    };
    view! {
        <div class="segmented modes" role="group" aria-label=t::encapsulation_mode(l)>
            <button type="button" aria-pressed=move || (!unwraps.get()).to_string() on:click=move |_| choose(false)>
                {t::encapsulation_mode_wrap(l)}
            </button>
            <button type="button" aria-pressed=move || unwraps.get().to_string() on:click=move |_| choose(true)>
                {t::encapsulation_mode_unwrap(l)}
            </button>
        </div>
        <Show when=move || unwraps.get() fallback=move || view! { <wrap::Wrap tool/> }>
            <unwrap::Unwrap tool/>
        </Show>
    }
}
