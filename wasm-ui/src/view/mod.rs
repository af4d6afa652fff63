//! What is drawn: the microscope, one component per file, all over the same signals; and the tools. What is true is known by
//! `model`.

pub mod actions;
mod bytes;
mod details;
mod differences;
mod headers;
mod help;
mod icons;
mod keyboard;
pub mod lab;
mod ladder;
mod ladder_parts;
mod levels;
mod lower;
mod messages;
mod notices;
mod program;
mod ribbons;
mod sockets;
mod states;
mod timeline;
mod toolbar;
pub mod tools;
mod transcript;

use crate::texts::lab as t;
use lab::{Lab, Pane};
use leptos::prelude::*;

/// The whole microscope.
#[component]
pub fn Microscope(
    /// What all its parts share.
    lab: Lab,
) -> impl IntoView {
    let ready = move || lab.session.with(Option::is_some);
    let title = move || {
        lab.session.with(|session| {
            let title = session.as_ref().map(|session| session.scenario.title.clone()).unwrap_or_default();
            match lab.language {
                crate::texts::Language::En => title.en,
                crate::texts::Language::Zh => title.zh,
            }
        })
    };
    view! {
        <section
            class="lab"
            lang=lab.language.code()
            aria-label=move || t::microscope(lab.language, title())
            data-pane=move || match lab.pane.get() {
                Pane::Programs => "programs",
                Pane::Ladder => "ladder",
                Pane::Bytes => "bytes",
            }
            on:keydown=move |event| keyboard::pressed(lab, &event)
        >
            <Show
                when=ready
                fallback=move || view! { <notices::Notices lab/> <slot></slot> }
            >
                <toolbar::Toolbar lab/>
                <notices::Notices lab/>
                <PaneTabs lab/>
                <div class="bench" class:double=move || lab.second.with(Option::is_some)>
                    <program::Programs lab first=true/>
                    <div class="ladders">
                        <ladder::LadderView lab beside=false/>
                        <Show when=move || lab.second.with(Option::is_some)>
                            <ladder::LadderView lab beside=true/>
                        </Show>
                    </div>
                    <program::Programs lab first=false/>
                </div>
                <ribbons::Ribbons lab/>
                <lower::Lower lab/>
                <timeline::Timeline lab/>
                <help::Help lab/>
            </Show>
        </section>
    }
}

/// On a narrow screen: which pane is in view.
#[component]
fn PaneTabs(lab: Lab) -> impl IntoView {
    let l = lab.language;
    let panes =
        [(Pane::Programs, t::pane_programs(l)), (Pane::Ladder, t::pane_ladder(l)), (Pane::Bytes, t::pane_bytes(l))];
    view! {
        <div class="panes" role="group">
            {panes
                .into_iter()
                .map(|(pane, name)| {
                    view! {
                        <button
                            type="button"
                            aria-pressed=move || (lab.pane.get() == pane).to_string()
                            on:click=move |_| lab.pane.set(pane)
                        >
                            {name}
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}
