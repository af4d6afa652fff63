//! Framing: one list of messages through every codec, or a stream of one's own through one of them.

mod card;
mod compare;
mod decode;

use super::Tool;
use crate::model::tools::said::said;
use crate::texts::{self, Language, tools as t};
use leptos::prelude::*;
use serde::Serialize;

/// The view.
#[component]
pub fn Framing(tool: Tool) -> impl IntoView {
    let l = tool.language;
    // A link that brings bytes wants them read.
    if tool.state.with_untracked(|state| state.has("b") && !state.has("mode")) {
        tool.set("mode", "decode");
    }
    let mode = tool.value("mode");
    let reading = Memo::new(move |_| mode.get().as_deref() == Some("decode"));
    let tab = move |name: &'static str, words: &'static str, decode: bool| {
        view! {
            <button
                type="button"
                data-mode=name
                aria-pressed=move || (reading.get() == decode).to_string()
                on:click=move |_| tool.set("mode", if decode { "decode" } else { "" })
            >
                {words}
            </button>
        }
    };
    view! {
        <div class="segmented modes" role="group" aria-label=t::framing_mode(l)>
            {tab("compare", t::framing_compare(l), false)}
            {tab("decode", t::framing_decode(l), true)}
        </div>
        {move || {
            if reading.get() {
                view! { <decode::Decode tool/> }.into_any()
            } else {
                view! { <compare::Compare tool/> }.into_any()
            }
        }}
    }
}

/// The sentence of an error of core; its English message where no text has its code.
fn sentence(l: Language, error: &(impl Serialize + std::fmt::Display)) -> String {
    let said = said(error);
    texts::of_tools_with(l, &format!("framing.error_{}", said.code), &said.args).unwrap_or_else(|| error.to_string())
}

/// The name of a codec.
fn name(l: Language, codec: &str) -> String {
    texts::of_tools(l, &format!("framing.codec_{codec}"), &[]).unwrap_or_else(|| codec.to_owned())
}
