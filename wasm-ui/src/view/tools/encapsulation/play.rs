//! The controls of the way: a stop for each layer down and up, steps, and playing.

use crate::model::tools::encapsulation::way::{self, Side, Stage};
use crate::texts::{self, tools as t};
use crate::view::tools::Tool;
use leptos::prelude::*;
use std::time::Duration;

/// How long a stage is shown while it plays.
const PACE: Duration = Duration::from_millis(1_600);

/// The view.
#[component]
pub fn Play(
    tool: Tool,
    /// The stages.
    stages: Memo<Vec<Stage>>,
    /// Which one is shown.
    at: Memo<usize>,
    /// Shows another.
    go: Callback<usize>,
) -> impl IntoView {
    let l = tool.language;
    let last = move || stages.with(Vec::len).saturating_sub(1);
    let playing = RwSignal::new(None::<IntervalHandle>);
    let stop = move || {
        if let Some(handle) = playing.get_untracked() {
            handle.clear();
            playing.set(None);
        }
    };
    on_cleanup(move || {
        if let Some(handle) = playing.try_get_untracked().flatten() {
            handle.clear();
        }
    });
    let play = move |_| {
        if playing.get_untracked().is_some() {
            stop();
            return;
        }
        if at.get_untracked() >= stages.with_untracked(Vec::len).saturating_sub(1) {
            go.run(0);
        }
        let beat = move || {
            let (now, last) = (at.get_untracked(), stages.with_untracked(Vec::len).saturating_sub(1));
            if now < last {
                go.run(now + 1);
            }
            if now + 1 >= last {
                stop();
            }
        };
        playing.set(set_interval_with_handle(beat, PACE).ok());
    };
    let step = move |to: usize| {
        stop();
        go.run(to);
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        let now = at.get_untracked();
        let to = match event.key().as_str() {
            "ArrowLeft" | "ArrowUp" => now.saturating_sub(1),
            "ArrowRight" | "ArrowDown" => (now + 1).min(stages.with_untracked(Vec::len).saturating_sub(1)),
            "Home" => 0,
            "End" => stages.with_untracked(Vec::len).saturating_sub(1),
            _ => return,
        };
        event.prevent_default();
        step(to);
    };
    let stops = move || {
        stages.with(|stages| {
            stages
                .iter()
                .enumerate()
                .map(|(place, stage)| {
                    let step_of = stage.step();
                    let name = protocol_name(l, stage);
                    let bytes = stage.slice().len();
                    let wire = place > 0 && stage.side == Side::Receiver && stages[place - 1].side == Side::Sender;
                    // Who sends a wrong checksum does not notice; who receives it does.
                    let bad = stage.side == Side::Receiver && !step_of.problems.is_empty();
                    let dead = stage.dead;
                    let kind = way::tint(step_of.protocol);
                    // Where there is no room for all in a line: down on the left, up on the right.
                    let row = if stage.side == Side::Sender { place + 1 } else { stages.len() - place };
                    view! {
                        <li
                            class:wire=wire
                            data-side=if stage.side == Side::Sender { "sender" } else { "receiver" }
                            style=("--row", row.to_string())
                        >
                            <button
                                type="button"
                                data-kind=kind
                                class:bad=bad
                                class:dead=dead
                                aria-current=move || (at.get() == place).then_some("step")
                                on:click=move |_| step(place)
                            >
                                <b>{name}</b>
                                <span>{t::encapsulation_size(l, bytes)}</span>
                            </button>
                        </li>
                    }
                })
                .collect_view()
        })
    };
    view! {
        <div class="play" on:keydown=key>
            <div class="ways">
                <span class="label">{t::encapsulation_source(l)}" ↓"</span>
                <span class="label">{t::encapsulation_destination(l)}" ↑"</span>
            </div>
            <ol class="stops">{stops}</ol>
            <div class="moves">
                <button type="button" aria-label=t::encapsulation_first(l) disabled=move || at.get() == 0 on:click=move |_| step(0)>
                    "|◀"
                </button>
                <button
                    type="button"
                    aria-label=t::encapsulation_back(l)
                    disabled=move || at.get() == 0
                    on:click=move |_| step(at.get_untracked().saturating_sub(1))
                >
                    "◀"
                </button>
                <button type="button" class="primary" on:click=play>
                    {move || if playing.get().is_some() { t::encapsulation_pause(l) } else { t::encapsulation_play(l) }}
                </button>
                <button
                    type="button"
                    aria-label=t::encapsulation_forward(l)
                    disabled=move || { at.get() >= last() }
                    on:click=move |_| step(at.get_untracked() + 1)
                >
                    "▶"
                </button>
                <span class="count">{move || t::encapsulation_step_of(l, stages.with(Vec::len), at.get() + 1)}</span>
            </div>
        </div>
    }
}

/// The name of a stage's own layer.
fn protocol_name(l: crate::texts::Language, stage: &Stage) -> String {
    let word = way::protocol(stage.step().protocol);
    texts::of_tools(l, &format!("encapsulation.protocol_{word}"), &[]).unwrap_or_else(|| word.to_owned())
}
