//! Below the ribbons: the details, and beside them one of the further views.

use super::lab::{Lab, Tab};
use super::{bytes, details, differences, headers, levels, messages, states, transcript};
use crate::browser;
use crate::texts::lab as t;
use leptos::prelude::*;

/// Tabs and their panel.
#[component]
pub fn Lower(lab: Lab) -> impl IntoView {
    let l = lab.language;
    let tabs = [
        (Tab::Bytes, t::tab_bytes(l), "bytes"),
        (Tab::Headers, t::tab_headers(l), "headers"),
        (Tab::States, t::tab_states(l), "states"),
        (Tab::Buffers, t::tab_buffers(l), "buffers"),
        (Tab::Messages, t::tab_messages(l), "messages"),
        (Tab::Transcript, t::tab_transcript(l), "transcript"),
        (Tab::Differences, t::tab_differences(l), "differences"),
    ];
    let place = move |tab: Tab| tabs.iter().position(|one| one.0 == tab).unwrap_or(0);
    let strip = NodeRef::<leptos::html::Div>::new();
    let turn = move |by: isize| {
        let next = (place(lab.tab.get_untracked()) as isize + by).rem_euclid(tabs.len() as isize) as usize;
        lab.tab.set(tabs[next].0);
        if let Some(strip) = strip.get_untracked() {
            browser::focus_child(&strip, next);
        }
    };
    view! {
        <section class="lower" aria-label=t::tabs(l)>
            <aside class="told" aria-label=t::tab_details(l)><details::Details lab/></aside>
            <div
                class="tabs"
                role="tablist"
                node_ref=strip
                on:keydown=move |event| match event.key().as_str() {
                    "ArrowRight" => turn(1),
                    "ArrowLeft" => turn(-1),
                    _ => {}
                }
            >
                {tabs
                    .into_iter()
                    .map(|(tab, name, id)| {
                        view! {
                            <button
                                type="button"
                                role="tab"
                                id=format!("tab-{id}")
                                aria-controls="panel"
                                data-tab=id
                                aria-selected=move || (lab.tab.get() == tab).to_string()
                                tabindex=move || if lab.tab.get() == tab { "0" } else { "-1" }
                                on:click=move |_| lab.tab.set(tab)
                            >
                                {name}
                                {(tab == Tab::Differences).then(|| view! { <differences::Count lab/> })}
                            </button>
                        }
                    })
                    .collect_view()}
            </div>
            <div class="panels">
                <div
                    class="panel"
                    id="panel"
                    role="tabpanel"
                    tabindex="0"
                    aria-labelledby=move || format!("tab-{}", tabs[place(lab.tab.get())].2)
                >
                    {move || match lab.tab.get() {
                        Tab::Bytes => view! { <bytes::Bytes lab/> }.into_any(),
                        Tab::Headers => view! { <headers::Headers lab/> }.into_any(),
                        Tab::States => view! { <states::States lab/> }.into_any(),
                        Tab::Buffers => view! { <levels::Levels lab/> }.into_any(),
                        Tab::Messages => view! { <messages::Messages lab/> }.into_any(),
                        Tab::Transcript => view! { <transcript::Transcript lab/> }.into_any(),
                        Tab::Differences => view! { <differences::Differences lab/> }.into_any(),
                    }}
                </div>
            </div>
        </section>
    }
}
