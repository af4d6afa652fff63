//! The help: keys and marks.

use super::lab::Lab;
use crate::texts::lab as t;
use leptos::prelude::*;

/// The help, if it is open.
#[component]
pub fn Help(lab: Lab) -> impl IntoView {
    let l = lab.language;
    let keys = [
        t::help_step(l),
        t::help_line(l),
        t::help_ends(l),
        t::help_play(l),
        t::help_incident(l),
        t::help_enter(l),
        t::help_run(l),
        t::help_present(l),
        t::help_help(l),
    ];
    view! {
        <Show when=move || lab.help.get()>
            <div class="help" role="dialog" aria-label=t::help_title(l)>
                <header>
                    <h3>{t::help_title(l)}</h3>
                    <button type="button" class="quiet" aria-label=t::close(l) on:click=move |_| lab.help.set(false)>
                        "✕"
                    </button>
                </header>
                <dl>
                    {keys
                        .into_iter()
                        .map(|line| {
                            let (keys, words) = line.split_once("  ").unwrap_or((line, ""));
                            view! { <div><dt>{keys}</dt><dd>{words}</dd></div> }
                        })
                        .collect_view()}
                </dl>
                <p>{t::help_colours(l)}</p>
                <p>{t::help_knobs(l)}</p>
            </div>
        </Show>
    }
}
