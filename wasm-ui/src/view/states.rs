//! The TCP states of both ends of every connection, change by change.

use super::lab::Lab;
use crate::texts::lab as t;
use leptos::prelude::*;

/// Most changes that are listed.
const MOST: usize = 400;

/// The view.
#[component]
pub fn States(lab: Lab) -> impl IntoView {
    let l = lab.language;
    move || {
        let Some(scene) = lab.scene.get() else {
            return view! { <p class="empty">{t::run_empty(l)}</p> }.into_any();
        };
        let run = &scene.run;
        if run.states.is_empty() {
            let text = if run.trace.header.observes.states { t::no_states(l) } else { t::no_states_seen(l) };
            return view! { <p class="empty">{text}</p> }.into_any();
        }
        let heads = run.hosts.iter().map(|host| view! { <th scope="col">{host.name.to_string()}</th> }).collect_view();
        let hosts = run.hosts.len();
        // A window around the cursor keeps a long run quick.
        let passed = run.states.partition_point(|change| change.event <= lab.cursor.get_untracked());
        let from = passed.saturating_sub(MOST / 2);
        let rows = run.states[from..]
            .iter()
            .take(MOST)
            .map(|change| {
                let event = change.event;
                let text = format!("{} → {}", change.from, change.to);
                let cells = (0..hosts)
                    .map(|host| view! { <td>{(host == change.host).then(|| text.clone())}</td> })
                    .collect_view();
                view! {
                    <tr
                        class:ahead=move || lab.cursor.get() < event
                        on:click=move |_| lab.go(event)
                    >
                        <th scope="row" class="time">{run.time(event).to_string()}</th>
                        {cells}
                    </tr>
                }
            })
            .collect_view();
        view! {
            <table class="states">
                <thead><tr><th scope="col">{t::state_time(l)}</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    }
}
