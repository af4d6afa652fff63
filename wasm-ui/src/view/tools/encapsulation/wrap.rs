//! Wrapping: what is typed, the way of the message as it is stepped through, and what it costs.

use super::cost::Cost;
use super::envelope::Envelope;
use super::form::Form;
use super::play::Play;
use super::stacks::Stacks;
use super::step::Details;
use crate::model::tools::encapsulation::{form, way};
use crate::model::tools::fields;
use crate::texts::{self, tools as t};
use crate::view::tools::Tool;
use crate::view::tools::parts::{ByteInput, Bytes, ErrorBox};
use leptos::prelude::*;
use sockscope_core::packets::encapsulate::{Carrier, Unit, wrap};

const HTTP: &[u8] = b"GET /index.html HTTP/1.1\r\nHost: example.org\r\n\r\n";

/// The view.
#[component]
pub fn Wrap(tool: Tool) -> impl IntoView {
    let l = tool.language;
    let message = RwSignal::new(Bytes::from(*b"hello"));
    let order = Memo::new(move |_| tool.state.with(|state| message.with(|message| form::order(state, message))));
    let wrapped = Memo::new(move |_| order.with(|(order, _)| wrap(order)));
    let units = Memo::new(move |_| wrapped.with(|wrapped| wrapped.as_ref().map_or(0, |it| it.units.len())));
    let unit = Memo::new(move |_| {
        let asked = tool.state.with(|state| state.number::<usize>("u")).unwrap_or(0);
        asked.min(units.get().saturating_sub(1))
    });
    let stages = Memo::new(move |_| {
        wrapped.with(|wrapped| wrapped.as_ref().map(|it| way::stages(it, unit.get())).unwrap_or_default())
    });
    let selection = RwSignal::new(None);
    let at = Memo::new(move |_| {
        let asked = tool.state.with(|state| state.number::<usize>("at")).unwrap_or(0);
        asked.min(stages.with(Vec::len).saturating_sub(1))
    });
    let stage = Memo::new(move |_| stages.with(|stages| stages.get(at.get()).cloned()));
    let go = Callback::new(move |to: usize| {
        selection.set(None);
        tool.set("at", if to == 0 { String::new() } else { to.to_string() });
    });
    // What the last edit altered besides itself.
    let before = StoredValue::new(None::<Unit>);
    let altered = Memo::new(move |_| {
        let now = wrapped.with(|it| it.as_ref().ok().and_then(|it| it.units.get(unit.get()).cloned()));
        let names = before.with_value(|before| match (before, &now) {
            (Some(before), Some(now)) => way::altered(before, now),
            _ => Vec::new(),
        });
        before.set_value(now);
        names
    });
    let trouble = move || {
        let error = wrapped.with(|wrapped| wrapped.as_ref().err().cloned())?;
        let sentence = texts::of_tools(l, &format!("errors.{}", error.code()), &error.args());
        Some(view! { <ErrorBox l sentence=sentence.unwrap_or_else(|| error.to_string())/> })
    };
    let example = move |bytes: Vec<u8>| message.set(bytes.into());
    let carriers = [(Carrier::Tcp, "TCP"), (Carrier::Udp, "UDP"), (Carrier::Icmp, t::encapsulation_icmp(l))];
    let chosen = Memo::new(move |_| tool.state.with(form::carrier));
    view! {
        <div class="capsule-top">
            <ByteInput tool key="p" bytes=message label=t::encapsulation_message(l) lines=3 most=65_507>
                <button type="button" class="quiet" on:click=move |_| example(vec![b'x'])>
                    {t::encapsulation_example_byte(l)}
                </button>
                <button type="button" class="quiet" on:click=move |_| example(HTTP.to_vec())>
                    {t::encapsulation_example_http(l)}
                </button>
                <button type="button" class="quiet" on:click=move |_| example(vec![b'x'; 4_000])>
                    {t::encapsulation_example_long(l)}
                </button>
            </ByteInput>
            <div class="carriers">
                <span class="label">{t::encapsulation_carrier(l)}</span>
                <div class="segmented" role="group" aria-label=t::encapsulation_carrier(l)>
                    {carriers
                        .into_iter()
                        .map(|(carrier, name)| {
                            view! {
                                <button
                                    type="button"
                                    aria-pressed=move || (chosen.get() == carrier).to_string()
                                    on:click=move |_| tool.set("c", form::carrier_word(carrier))
                                >
                                    {name}
                                </button>
                            }
                        })
                        .collect_view()}
                </div>
            </div>
            <Form tool order/>
            {trouble}
            <p class="altered" aria-live="polite">
                {move || {
                    let names: Vec<_> = altered.get().into_iter().map(|name| fields::name(l, name)).collect();
                    (!names.is_empty()).then(|| t::encapsulation_changed(l, names.join(", ")))
                }}
            </p>
        </div>
        <Show when=move || stages.with(|stages| !stages.is_empty())>
            <section class="way panel" aria-label=t::encapsulation_way(l)>
                <Show when=move || { units.get() > 1 }>
                    <Frames tool unit units/>
                </Show>
                <Play tool stages at go/>
                {move || stage.get().map(|stage| view! { <Envelope l stage selection/> })}
            </section>
            {move || {
                let why = stages.with(|stages| way::telling(stages, at.get())).map(|(from, bytes)| {
                    Callback::new(move |()| {
                        go.run(from);
                        selection.set(Some(bytes));
                    })
                });
                stage.get().map(|stage| view! { <Details l stage selection why/> })
            }}
            {move || {
                wrapped
                    .with(|wrapped| wrapped.as_ref().ok().map(|it| (it.received.message.clone(), it.message.len())))
                    .map(|(got, sent)| {
                        let bytes = got.as_ref().map_or(0, |got| got.len());
                        let whole = got.is_some() && bytes == sent;
                        let sentence = if whole {
                            t::encapsulation_delivered(l, bytes)
                        } else {
                            t::encapsulation_not_delivered(l, bytes, sent)
                        };
                        view! { <p class="verdict" class:bad=!whole role="status">{sentence}</p> }
                    })
            }}
            <Stacks l stages at go/>
            {move || wrapped.with(|it| it.as_ref().ok().map(|it| it.totals)).map(|totals| {
                view! { <Cost l totals order=order.with(|(order, _)| order.clone())/> }
            })}
        </Show>
    }
}

/// Which of several frames is shown.
#[component]
fn Frames(tool: Tool, unit: Memo<usize>, units: Memo<usize>) -> impl IntoView {
    let l = tool.language;
    view! {
        <label class="frames">
            <span class="label">{t::encapsulation_which_frame(l)}</span>
            <select
                on:change=move |event| {
                    let to = crate::browser::field_value(&event);
                    tool.set("u", if to == "0" { String::new() } else { to });
                }
                prop:value=move || unit.get().to_string()
            >
                {move || {
                    (0..units.get())
                        .map(|number| {
                            view! {
                                <option value=number.to_string() selected=move || unit.get() == number>
                                    {t::encapsulation_frame_of(l, units.get(), number + 1)}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
        </label>
    }
}
