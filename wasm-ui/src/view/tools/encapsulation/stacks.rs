//! OSI's seven layers beside TCP/IP's, drawn from core's table: a click on a layer goes to its moment on the sender.

use crate::model::tools::encapsulation::way::{self, Side, Stage};
use crate::texts::{self, Language, tools as t};
use leptos::prelude::*;
use sockscope_core::packets::encapsulate::{Here, Level, OSI, Pdu, TCP_IP};

/// The view.
#[component]
pub fn Stacks(l: Language, stages: Memo<Vec<Stage>>, at: Memo<usize>, go: Callback<usize>) -> impl IntoView {
    let now = Memo::new(move |_| stages.with(|stages| stages.get(at.get()).map(|stage| stage.step().level)));
    let side = Memo::new(move |_| stages.with(|stages| stages.get(at.get()).map_or(Side::Sender, |stage| stage.side)));
    let visit = move |level: Level| {
        if let Some(place) = stages.with_untracked(|stages| way::stage_of(stages, side.get_untracked(), level)) {
            go.run(place);
        }
    };
    let say = move |key: String| texts::of_tools(l, &key, &[]).unwrap_or_default();
    let units = move |pdus: &'static [Pdu]| {
        let words: Vec<_> = pdus.iter().map(|pdu| say(format!("encapsulation.pdu_{}", way::pdu(*pdu)))).collect();
        (!words.is_empty()).then(|| t::encapsulation_unit_name(l, words.join(" / ")))
    };
    let osi = OSI
        .iter()
        .map(|layer| {
            let here = match layer.here {
                Here::Content => "content",
                Here::Header => "header",
                Here::Nothing => "nothing",
                Here::Signals => "signals",
            };
            let level = layer.level;
            let silent = layer.here == Here::Nothing;
            view! {
                <button
                    type="button"
                    class="layer"
                    class:silent=silent
                    class:now=move || now.get() == Some(level) && !silent
                    style:grid-row=(8 - layer.number).to_string()
                    data-kind=tint(level)
                    title=layer.section
                    on:click=move |_| visit(level)
                >
                    <b>{layer.number}" "{say(format!("encapsulation.osi_{}", layer.key))}</b>
                    <span>{say(format!("encapsulation.here_{here}"))}</span>
                    <span class="unit">{units(layer.pdus)}</span>
                </button>
            }
        })
        .collect_view();
    let tcp_ip = TCP_IP
        .iter()
        .map(|layer| {
            let level = layer.level;
            let (low, high) = layer.osi;
            view! {
                <button
                    type="button"
                    class="layer"
                    class:now=move || now.get() == Some(level)
                    style:grid-row=format!("{} / {}", 8 - high, 9 - low)
                    data-kind=tint(level)
                    title=layer.section
                    on:click=move |_| visit(level)
                >
                    <b>{say(format!("encapsulation.level_{}", way::level(level)))}</b>
                    <span>{layer.protocols.join(", ")}</span>
                    <span class="unit">{units(layer.pdus)}</span>
                </button>
            }
        })
        .collect_view();
    view! {
        <section class="panel">
            <h3>{t::encapsulation_stacks(l)}</h3>
            <div class="stacks">
                <div class="stack" role="group" aria-label=t::encapsulation_osi(l)>
                    <h4>{t::encapsulation_osi(l)}</h4>
                    <div class="layers">{osi}</div>
                </div>
                <div class="stack" role="group" aria-label=t::encapsulation_tcp_ip(l)>
                    <h4>{t::encapsulation_tcp_ip(l)}</h4>
                    <div class="layers">{tcp_ip}</div>
                </div>
            </div>
            <p class="hint">{t::encapsulation_five(l)}</p>
        </section>
    }
}

fn tint(level: Level) -> &'static str {
    match level {
        Level::Application => "t2",
        Level::Transport => "t4",
        Level::Internet => "t5",
        Level::Link => "t8",
        Level::Physical => "t6",
    }
}
