//! The bar below: where the cursor stands, and everything that moves it.

use super::actions;
use super::icons::{Icon, icon};
use super::lab::Lab;
use crate::texts::{self, lab as t};
use leptos::prelude::*;
use sockscope_core::trace::narrate;

/// Speeds in events per second.
const SPEEDS: [u32; 5] = [2, 8, 30, 120, 500];
/// Most marks on the slider.
const MARKS: usize = 200;

/// The bar.
#[component]
pub fn Timeline(lab: Lab) -> impl IntoView {
    let l = lab.language;
    let total = Memo::new(move |_| lab.scene.with(|scene| scene.as_ref().map_or(0, |scene| scene.run.len())));
    let time =
        move || lab.moment.with(|moment| moment.as_ref().map(|moment| moment.time.to_string()).unwrap_or_default());
    let incidents = move || {
        let total = total.get().max(2) as f64 - 1.0;
        lab.scene.with(|scene| {
            let places = scene.as_ref().map(|scene| scene.run.incidents.clone()).unwrap_or_default();
            let step = places.len().div_ceil(MARKS).max(1);
            places.into_iter().step_by(step).map(|at| at as f64 / total * 100.0).collect::<Vec<_>>()
        })
    };
    let sentence = move || {
        lab.scene.with(|scene| {
            let scene = scene.as_ref()?;
            let sentence = narrate::describe(&scene.run.trace, lab.cursor.get()).into_iter().next()?;
            Some(texts::say(l, &sentence))
        })
    };
    let button = move |name: &'static str, sign: Icon, act: fn(Lab)| {
        view! {
            <button type="button" class="round" aria-label=name title=name on:click=move |_| act(lab)>
                {icon(sign)}
            </button>
        }
    };
    view! {
        <footer class="timeline" role="group" aria-label=t::timeline(l)>
            <div class="moves">
                {button(t::first(l), Icon::First, |lab| lab.go(0))}
                {button(t::previous(l), Icon::Previous, |lab| actions::step(lab, -1))}
                <button
                    type="button"
                    class="round play"
                    aria-label=move || if lab.playing.get() { t::pause(l) } else { t::play(l) }
                    on:click=move |_| actions::play(lab)
                >
                    {move || icon(if lab.playing.get() { Icon::Pause } else { Icon::Play })}
                </button>
                {button(t::next(l), Icon::Next, |lab| actions::step(lab, 1))}
                {button(t::last(l), Icon::Last, |lab| lab.go(usize::MAX))}
                {button(t::incident(l), Icon::Incident, actions::next_incident)}
            </div>
            <div class="track">
                <div class="incidents" aria-hidden="true">
                    {move || {
                        incidents().into_iter().map(|at| view! { <i style:left=format!("{at:.3}%")></i> }).collect_view()
                    }}
                </div>
                <input
                    type="range"
                    min="0"
                    max=move || total.get().saturating_sub(1).to_string()
                    prop:value=move || lab.cursor.get().to_string()
                    aria-label=t::cursor_label(l)
                    aria-valuetext=move || {
                        format!("{} · {}", t::position(l, lab.cursor.get() + 1, total.get()), time())
                    }
                    on:input=move |event| {
                        if let Ok(at) = event_target_value(&event).parse() {
                            lab.playing.set(false);
                            lab.go(at);
                        }
                    }
                />
            </div>
            <p class="position">
                <span>{move || t::position(l, lab.cursor.get() + 1, total.get())}</span>
                <span class="time">{time}</span>
            </p>
            <label class="speed" title=t::speed(l)>
                <span class="unseen">{t::speed(l)}</span>
                <select on:change=move |event| {
                    if let Ok(speed) = event_target_value(&event).parse() {
                        lab.speed.set(speed);
                    }
                }>
                    {SPEEDS
                        .into_iter()
                        .map(|speed| {
                            let selected = speed == lab.speed.get_untracked();
                            view! { <option value=speed.to_string() selected=selected>{format!("{speed}/s")}</option> }
                        })
                        .collect_view()}
                </select>
            </label>
            <p class="sentence" aria-live=move || if lab.playing.get() { "off" } else { "polite" }>{sentence}</p>
        </footer>
    }
}
