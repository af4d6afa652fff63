//! The life of the connection: core's own table as a picture for each side, walked by the messages that were exchanged or
//! that stand in the bytes.

use super::{Page, named};
use crate::model::tools::http::machine::{self, word};
use crate::texts::tools as t;
use leptos::prelude::*;
use sockscope_core::http::{ConnectionRole as Side, ConnectionState as State, Role, TABLE, steps as steps_of};
use std::sync::Arc;

/// Measures of the picture.
const COLUMN: f64 = 172.0;
const ROW: f64 = 82.0;
const WIDE: f64 = 112.0;
const HIGH: f64 = 34.0;
const LEFT: f64 = 92.0;
const TOP: f64 = 28.0;
/// Steps that are listed.
const LISTED: usize = 200;

/// The view.
#[component]
pub fn Life(page: Page) -> impl IntoView {
    let l = page.l;
    // What was really exchanged comes first; otherwise the bytes of the page.
    let from_exchange = RwSignal::new(page.exchange.with_untracked(Option::is_some));
    let steps = Memo::new(move |_| {
        if let Some(exchange) = page.exchange.get().filter(|_| from_exchange.get()) {
            return Arc::new(steps_of(Some(&exchange.requests), Some(&exchange.responses)));
        }
        let parsed = page.parsed.get().0;
        Arc::new(match parsed.report.role {
            Role::Request => steps_of(Some(&parsed.report), None),
            Role::Response => steps_of(None, Some(&parsed.report)),
        })
    });
    let at = RwSignal::new(0usize);
    // A new walk begins at its end, where everything can be seen.
    Effect::new(move |_| at.set(steps.with(|steps| steps.len())));
    let now = Memo::new(move |_| at.get().min(steps.with(|steps| steps.len())));
    let states = Memo::new(move |_| match now.get().checked_sub(1) {
        Some(last) => steps.with(|steps| [steps[last].client, steps[last].server]),
        None => [State::Idle, State::Idle],
    });
    let lit = Memo::new(move |_| match now.get().checked_sub(1) {
        Some(last) => steps.with(|steps| steps[last].rows.clone()),
        None => Vec::new(),
    });
    let source = move || {
        page.exchange.with(Option::is_some).then(|| {
            let buttons = [(true, t::http_life_exchange(l)), (false, t::http_life_bytes(l))]
                .into_iter()
                .map(|(way, name)| {
                    view! {
                        <button
                            type="button"
                            aria-pressed=move || (from_exchange.get() == way).to_string()
                            on:click=move |_| from_exchange.set(way)
                        >
                            {name}
                        </button>
                    }
                })
                .collect_view();
            view! { <div class="segmented" role="group" aria-label=t::http_life_source(l)>{buttons}</div> }
        })
    };
    let list = move || {
        steps.with(|steps| {
            steps
                .iter()
                .take(LISTED)
                .enumerate()
                .map(|(place, step)| {
                    let who = named(l, "side", &word(step.role));
                    let what = named(l, "input", &word(step.input));
                    let after = [step.client, step.server].map(|state| named(l, "state", &word(state)));
                    let misuse = step.misuse.map(|_| view! { <span class="wrong">{t::http_misuse(l)}</span> });
                    view! {
                        <li>
                            <button
                                type="button"
                                class="quiet"
                                aria-current=move || (now.get() == place + 1).then_some("step")
                                on:click=move |_| at.set(place + 1)
                            >
                                <span class="number">{place + 1}</span>
                                <span class="who" data-side=word(step.role)>{who}</span>
                                <b>{what}</b>
                                <span class="hint">{t::http_message_number(l, step.message + 1)}</span>
                                <span class="states">{after.join(" · ")}</span>
                                {misuse}
                            </button>
                        </li>
                    }
                })
                .collect_view()
        })
    };
    let assumed = move || {
        let real = from_exchange.get() && page.exchange.with(Option::is_some);
        !real && steps.with(|steps| !steps.is_empty())
    };
    let none =
        move || steps.with(|steps| steps.is_empty()).then(|| view! { <p class="hint">{t::http_life_none(l)}</p> });
    view! {
        <section class="stack life">
            <p class="lead">{t::http_life_lead(l)}</p>
            <div class="walk-bar">
                {source}
                <button type="button" aria-label=t::http_first(l) on:click=move |_| at.set(0)>"|◀"</button>
                <button type="button" on:click=move |_| at.set(now.get_untracked().saturating_sub(1))>{t::http_step_back(l)}</button>
                <button type="button" class="primary" on:click=move |_| at.set(now.get_untracked() + 1)>{t::http_step_on(l)}</button>
                <button type="button" aria-label=t::http_last(l) on:click=move |_| at.set(usize::MAX)>"▶|"</button>
                <span class="mono" aria-live="polite" data-step=move || now.get()>
                    {move || t::http_step_of(l, steps.with(|steps| steps.len()), now.get())}
                </span>
            </div>
            <div class="machines">
                {[Side::Client, Side::Server]
                    .into_iter()
                    .enumerate()
                    .map(|(place, side)| {
                        view! {
                            <figure class="machine panel">
                                <figcaption>
                                    <b>{named(l, "side", &word(side))}</b>
                                    <span class="now" data-now=move || word(states.get()[place])>
                                        {move || named(l, "state", &word(states.get()[place]))}
                                    </span>
                                </figcaption>
                                // A narrow screen scrolls it rather than writing too small to read.
                                <div class="picture" tabindex="0" role="group" aria-label=named(l, "side", &word(side))>
                                    {picture(page, side, place, states, lit)}
                                </div>
                            </figure>
                        }
                    })
                    .collect_view()}
            </div>
            {none}
            {move || assumed().then(|| view! { <p class="hint">{t::http_life_assumed(l)}</p> })}
            <ol class="steps">{list}</ol>
            <details class="table-of-states">
                <summary>{t::http_table(l, TABLE.len())}</summary>
                <Table page lit/>
            </details>
        </section>
    }
}

fn centre(side: Side, state: State) -> (f64, f64) {
    let (column, row) = machine::place(side, state);
    (LEFT + f64::from(column) * COLUMN, TOP + f64::from(row) * ROW)
}

fn picture(page: Page, side: Side, place: usize, states: Memo<[State; 2]>, lit: Memo<Vec<usize>>) -> impl IntoView {
    let l = page.l;
    // The names of loops stand beside the last column.
    let width = LEFT * 2.0 + COLUMN * 2.0 + 30.0;
    let height = TOP * 2.0 + ROW * 4.0;
    let edges = TABLE
        .iter()
        .enumerate()
        .filter(|(_, row)| row.role == side)
        .map(|(at, row)| {
            let (from, to) = (centre(side, row.from), centre(side, row.to));
            let edge = machine::edge(side, row, from, to, (WIDE, HIGH));
            let label = named(l, "input", &word(row.input));
            view! {
                <g class="edge" class:lit=move || lit.with(|lit| lit.contains(&at))>
                    <path d=edge.path marker-end=format!("url(#arrow-{place})")/>
                    <text x=edge.label.0 y=edge.label.1 text-anchor=edge.anchor>{label}</text>
                </g>
            }
        })
        .collect_view();
    let nodes = machine::states(side)
        .into_iter()
        .map(|state| {
            let (x, y) = centre(side, state);
            let name = named(l, "state", &word(state));
            view! {
                <g class="node" class:here=move || states.get()[place] == state>
                    <rect x=x - WIDE / 2.0 y=y - HIGH / 2.0 width=WIDE height=HIGH rx="17"/>
                    <text x=x y=y + 5.0 text-anchor="middle">{name}</text>
                </g>
            }
        })
        .collect_view();
    view! {
        <svg viewBox=format!("0 0 {width} {height}") role="img" aria-label=move || {
            t::http_machine(l, named(l, "side", &word(side)), named(l, "state", &word(states.get()[place])))
        }>
            <defs>
                <marker id=format!("arrow-{place}") viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
                    <path d="M0 0L8 4L0 8z"/>
                </marker>
            </defs>
            {nodes}
            {edges}
        </svg>
    }
}

#[component]
fn Table(page: Page, lit: Memo<Vec<usize>>) -> impl IntoView {
    let l = page.l;
    let rows = TABLE
        .iter()
        .enumerate()
        .map(|(at, row)| {
            view! {
                <tr class:lit=move || lit.with(|lit| lit.contains(&at))>
                    <td>{named(l, "side", &word(row.role))}</td>
                    <td>{named(l, "state", &word(row.from))}</td>
                    <td>{named(l, "input", &word(row.input))}</td>
                    <td>{named(l, "state", &word(row.to))}</td>
                    <td><super::told::Rule l section=row.section.to_owned()/></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="wide">
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t::http_table_side(l)}</th>
                        <th scope="col">{t::http_table_from(l)}</th>
                        <th scope="col">{t::http_table_input(l)}</th>
                        <th scope="col">{t::http_table_to(l)}</th>
                        <th scope="col">{t::http_table_rule(l)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
