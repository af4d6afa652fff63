//! The bar above the bench: engine, knobs, run, share, download.

use super::actions;
use super::icons::{Icon, icon};
use super::lab::Lab;
use crate::model::link::Engine;
use crate::model::session::{HostKnob, Session};
use crate::texts::{Language, lab as t};
use leptos::prelude::*;

/// Rates the knob offers, in bits per second; 0 is unlimited.
const RATES: [(u64, &str); 6] = [
    (0, ""),
    (56_000, "56 kbit/s"),
    (1_000_000, "1 Mbit/s"),
    (10_000_000, "10 Mbit/s"),
    (100_000_000, "100 Mbit/s"),
    (1_000_000_000, "1 Gbit/s"),
];

/// The bar.
#[component]
pub fn Toolbar(lab: Lab) -> impl IntoView {
    let l = lab.language;
    let edited = move || lab.session.with(|session| session.as_ref().is_some_and(|one| one.scenario != one.original));
    let running = move || lab.waiting.get().is_some();
    view! {
        <header class="bar">
            <EngineChoice lab/>
            <Knobs lab/>
            <div class="acts">
                <Show when=edited>
                    <button
                        type="button"
                        class="quiet"
                        on:click=move |_| {
                            actions::edit(lab, Session::restore);
                            actions::run_model(lab);
                        }
                    >
                        {icon(Icon::Restore)}
                        {t::restore(l)}
                    </button>
                </Show>
                <button type="button" class="primary" disabled=running on:click=move |_| actions::run(lab)>
                    {icon(Icon::Play)}
                    {t::run(l)}
                </button>
                <button type="button" on:click=move |_| actions::share(lab)>{t::share(l)}</button>
                <button type="button" title=t::packets_hint(l) on:click=move |_| actions::open_packets(lab)>
                    {t::packets(l)}
                </button>
                <button type="button" title=t::download_hint(l) on:click=move |_| actions::download(lab)>
                    {t::download(l)}
                </button>
                <button
                    type="button"
                    class="round"
                    aria-label=t::present(l)
                    title=t::present(l)
                    aria-pressed=move || lab.presenting.get().to_string()
                    on:click=move |_| actions::present(lab)
                >
                    {icon(Icon::Present)}
                </button>
                <button
                    type="button"
                    class="round"
                    aria-label=t::help(l)
                    aria-expanded=move || lab.help.get().to_string()
                    on:click=move |_| lab.help.update(|open| *open = !*open)
                >
                    "?"
                </button>
            </div>
        </header>
    }
}

#[component]
fn EngineChoice(lab: Lab) -> impl IntoView {
    let l = lab.language;
    let engines = [
        (Engine::Model, t::engine_model(l), t::engine_model_hint(l)),
        (Engine::Kernel, t::engine_kernel(l), t::engine_kernel_hint(l)),
        (Engine::Both, t::engine_both(l), t::engine_both_hint(l)),
    ];
    view! {
        <div class="segmented" role="group" aria-label=t::engine(l)>
            {engines
                .into_iter()
                .map(|(engine, name, hint)| {
                    view! {
                        <button
                            type="button"
                            title=hint
                            data-engine=engine.word()
                            aria-pressed=move || (lab.engine.get() == engine).to_string()
                            on:click=move |_| actions::show_engine(lab, engine)
                        >
                            {name}
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}

#[component]
fn Knobs(lab: Lab) -> impl IntoView {
    let l = lab.language;
    let read =
        move |of: fn(&Session) -> String| lab.session.with(|session| session.as_ref().map(of).unwrap_or_default());
    let delay = move || read(|session| trimmed(session.scenario.link.delay.as_micros() as f64 / 1000.0));
    let loss = move || read(|session| trimmed(session.scenario.link.loss * 100.0));
    let rate = move || lab.session.with(|session| session.as_ref().and_then(|one| one.scenario.link.rate).unwrap_or(0));
    // Only what stands in the programs' marks rebuilds the knobs, so typing elsewhere keeps the focus.
    let knobs =
        Memo::new(move |_| lab.session.with(|session| session.as_ref().map(Session::knobs).unwrap_or_default()));
    view! {
        <div class="knobs" role="group" aria-label=t::knobs(l)>
            <label class="knob">
                <span>{t::knob_delay(l)}</span>
                <input
                    type="number"
                    min="0"
                    max="60000"
                    step="1"
                    prop:value=delay
                    on:change=move |event| {
                        if let Ok(millis) = event_target_value(&event).parse::<f64>() {
                            actions::edit(lab, |session| session.set_delay((millis.max(0.0) * 1000.0) as u64));
                        }
                    }
                />
            </label>
            <label class="knob">
                <span>{t::knob_loss(l)}</span>
                <input
                    type="number"
                    min="0"
                    max="100"
                    step="1"
                    prop:value=loss
                    on:change=move |event| {
                        if let Ok(percent) = event_target_value(&event).parse::<f64>() {
                            actions::edit(lab, |session| session.set_loss(percent / 100.0));
                        }
                    }
                />
            </label>
            <label class="knob">
                <span>{t::knob_rate(l)}</span>
                <select on:change=move |event| {
                    if let Ok(rate) = event_target_value(&event).parse::<u64>() {
                        actions::edit(lab, |session| session.set_rate(rate));
                    }
                }>
                    {move || {
                        let now = rate();
                        let mut rates: Vec<(u64, String)> = RATES
                            .into_iter()
                            .map(|(rate, name)| (rate, name.to_owned()))
                            .collect();
                        rates[0].1 = t::knob_rate_unlimited(l).to_owned();
                        if !rates.iter().any(|(rate, _)| *rate == now) {
                            rates.push((now, format!("{now} bit/s")));
                        }
                        rates
                            .into_iter()
                            .map(|(rate, name)| {
                                view! { <option value=rate.to_string() selected=rate == now>{name}</option> }
                            })
                            .collect_view()
                    }}
                </select>
            </label>
            {move || {
                let knobs = knobs.get();
                let names: Vec<String> = knobs.iter().map(|one| one.knob.name.clone()).collect();
                knobs
                    .into_iter()
                    .map(|knob| {
                        // The host is named where several programs offer the same.
                        let many = names.iter().filter(|name| **name == knob.knob.name).count() > 1;
                        view! { <ProgramKnob lab knob many/> }
                    })
                    .collect_view()
            }}
        </div>
    }
}

/// A knob that a comment in a program offers.
#[component]
fn ProgramKnob(lab: Lab, knob: HostKnob, many: bool) -> impl IntoView {
    let l = lab.language;
    let host = lab.session.with_untracked(|session| {
        session.as_ref().and_then(|session| session.scenario.hosts.get(knob.host)).map(|host| host.name.to_string())
    });
    let name = title(l, &knob.knob.name);
    let name = match host.filter(|_| many) {
        Some(host) => t::knob_of(l, host, name),
        None => name,
    };
    let value = knob.knob.value.clone();
    let choices = knob.knob.choices.clone();
    let switch = knob.knob.is_switch();
    // TCP_NODELAY = 1 means that Nagle is off.
    let inverted = knob.knob.name == "nodelay";
    let turn = move |value: String| {
        let knob = knob.clone();
        actions::edit(lab, move |session| {
            session.turn(&knob, &value);
        });
    };
    let control = if switch {
        let on = (value == choices[1]) != inverted;
        let other = if value == choices[0] { choices[1].clone() } else { choices[0].clone() };
        view! {
            <button
                type="button"
                class="switch"
                role="switch"
                aria-checked=on.to_string()
                on:click=move |_| turn(other.clone())
            >
                {if on { t::on(l) } else { t::off(l) }}
            </button>
        }
        .into_any()
    } else if choices.is_empty() {
        view! {
            <input
                type="number"
                min="0"
                step="any"
                value=value
                on:change=move |event| turn(event_target_value(&event))
            />
        }
        .into_any()
    } else {
        let now = value.clone();
        let known = choices.contains(&value);
        let choices = choices.into_iter().chain((!known).then_some(value));
        view! {
            <select on:change=move |event| turn(event_target_value(&event))>
                {choices
                    .map(|choice| {
                        let selected = choice == now;
                        view! { <option value=choice.clone() selected=selected>{choice.clone()}</option> }
                    })
                    .collect_view()}
            </select>
        }
        .into_any()
    };
    view! { <label class="knob"><span>{name}</span>{control}</label> }
}

/// The knob's name in the reader's language, if it is one of the course.
fn title(language: Language, name: &str) -> String {
    match name {
        "nodelay" => t::knob_nodelay(language).into(),
        "bytes" => t::knob_bytes(language).into(),
        "pause" => t::knob_pause(language).into(),
        other => other.into(),
    }
}

fn trimmed(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
