//! What the wrappings cost: a bar in proportion, and the same headers around messages of other lengths.

use crate::texts::{Language, tools as t};
use leptos::prelude::*;
use sockscope_core::packets::encapsulate::{Content, Totals, Wrapping, wrap};

/// Lengths of messages to compare with.
const LENGTHS: [usize; 6] = [1, 10, 100, 500, 1_000, 1_460];

/// The view.
#[component]
pub fn Cost(l: Language, totals: Totals, order: Wrapping) -> impl IntoView {
    let parts = [
        ("t2", totals.message),
        ("t4", totals.transport),
        ("t5", totals.internet),
        ("t8", totals.link),
        ("framing", totals.padding),
        ("t6", totals.physical),
    ];
    let bar = parts
        .into_iter()
        .filter(|(_, bytes)| *bytes > 0)
        .map(|(kind, bytes)| {
            let share = bytes as f64 * 100.0 / totals.wire.max(1) as f64;
            view! { <span data-kind=kind style:flex-grow=bytes.to_string() title=bytes.to_string()>{(share > 7.0).then_some(bytes)}</span> }
        })
        .collect_view();
    let rows = LENGTHS
        .into_iter()
        .filter_map(|length| {
            let payload = Content::Base64(vec![0; length].into());
            let plain = Wrapping { payload, noise: Vec::new(), ..order.clone() };
            let wire = wrap(&plain).ok()?.totals.wire;
            let share = percent(length as u64, wire);
            let part = format!("{:.3}", length as f64 / wire.max(1) as f64);
            Some(view! {
                <tr>
                    <td>{length}</td>
                    <td>{wire}</td>
                    <td class="share"><i style=("--part", part)></i><span>{share}</span></td>
                </tr>
            })
        })
        .collect_view();
    let sentence = t::encapsulation_cost_sentence(
        l,
        totals.gap,
        totals.message,
        percent(totals.message, totals.wire),
        totals.wire,
    );
    view! {
        <section class="panel cost">
            <h3>{t::encapsulation_cost(l)}</h3>
            <p>{sentence}</p>
            <div class="shares" aria-hidden="true">{bar}</div>
            <table>
                <caption>{t::encapsulation_cost_table(l)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t::encapsulation_cost_message(l)}</th>
                        <th scope="col">{t::encapsulation_cost_wire(l)}</th>
                        <th scope="col">{t::encapsulation_cost_share(l)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

fn percent(part: u64, whole: u64) -> String {
    let percent = part as f64 * 100.0 / whole.max(1) as f64;
    if percent < 10.0 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}
