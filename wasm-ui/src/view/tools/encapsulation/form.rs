//! The parameters of the headers and of the link, and ways to break something. What fits is decided by the model.

use crate::browser;
use crate::model::tools::encapsulation::form::Input;
use crate::texts::{Language, tools as t};
use crate::view::tools::Tool;
use leptos::prelude::*;
use sockscope_core::packets::encapsulate::{Carrier, Wrapping};

/// The view.
#[component]
pub fn Form(
    tool: Tool,
    /// What core is asked, and what does not fit.
    order: Memo<(Wrapping, Vec<Input>)>,
) -> impl IntoView {
    let l = tool.language;
    let carrier = Memo::new(move |_| order.with(|(order, _)| order.transport));
    let field = move |input: Input| view! { <Field tool input order/> };
    let switch = move |key: &'static str, name: &'static str| {
        view! {
            <label class="switch">
                <input
                    type="checkbox"
                    prop:checked=move || tool.state.with(|state| state.has(key))
                    on:change=move |_| {
                        let on = tool.state.with_untracked(|state| state.has(key));
                        tool.set(key, if on { "" } else { "1" });
                    }
                />
                {name}
            </label>
        }
    };
    let changed = move || {
        tool.state
            .with(|state| Input::ALL.iter().any(|input| state.has(input.key())) || state.has("ts") || state.has("df"))
    };
    let reset = move |_| {
        tool.state.update(|state| {
            Input::ALL.iter().for_each(|input| state.remove(input.key()));
            state.remove("ts");
            state.remove("df");
        });
    };
    let open = tool.state.with_untracked(|state| Input::ALL.iter().any(|input| state.has(input.key())));
    view! {
        <details class="parameters" open=open>
            <summary>{t::encapsulation_parameters(l)}</summary>
            <div class="fieldsets">
                <fieldset>
                    <legend class="label">{t::encapsulation_source(l)}</legend>
                    <Show when=move || carrier.get() != Carrier::Icmp>{field(Input::SourcePort)}</Show>
                    {field(Input::SourceAddress)}
                    {field(Input::SourceMac)}
                </fieldset>
                <fieldset>
                    <legend class="label">{t::encapsulation_destination(l)}</legend>
                    <Show when=move || carrier.get() != Carrier::Icmp>{field(Input::DestinationPort)}</Show>
                    {field(Input::DestinationAddress)}
                    {field(Input::DestinationMac)}
                </fieldset>
                <Show when=move || carrier.get() == Carrier::Tcp>
                    <fieldset>
                        <legend class="label">"TCP"</legend>
                        {field(Input::Sequence)}
                        {field(Input::Acknowledgement)}
                        {field(Input::Window)}
                        {switch("ts", t::encapsulation_timestamps(l))}
                    </fieldset>
                </Show>
                <fieldset>
                    <legend class="label">{t::encapsulation_internet(l)}</legend>
                    {field(Input::Ttl)}
                    {field(Input::Identification)}
                    {field(Input::Mtu)}
                    {switch("df", t::encapsulation_dont_fragment(l))}
                </fieldset>
                <fieldset>
                    <legend class="label">{t::encapsulation_damage(l)}</legend>
                    {field(Input::ForcedTransport)}
                    {field(Input::ForcedIpv4)}
                    {field(Input::ForcedFcs)}
                    {field(Input::NoisyBit)}
                    <p class="hint">{t::encapsulation_noise_hint(l)}</p>
                </fieldset>
            </div>
            <Show when=changed>
                <button type="button" class="quiet" on:click=reset>{t::encapsulation_reset(l)}</button>
            </Show>
        </details>
    }
}

/// One field that is typed.
#[component]
fn Field(tool: Tool, input: Input, order: Memo<(Wrapping, Vec<Input>)>) -> impl IntoView {
    let l = tool.language;
    let usual = input.usual();
    let shown = usual.clone();
    let value =
        move || tool.state.with(|state| state.get(input.key()).map(str::to_owned)).unwrap_or_else(|| shown.clone());
    let wrong = move || order.with(|(_, wrong)| wrong.contains(&input));
    let typed = move |event| {
        let typed = browser::field_value(&event);
        tool.set(input.key(), if typed == usual { String::new() } else { typed });
    };
    let computed = matches!(input, Input::ForcedTransport | Input::ForcedIpv4 | Input::ForcedFcs);
    view! {
        <label class="field">
            <span>{name(l, input)}</span>
            <input
                type="text"
                inputmode=if matches!(input, Input::SourceMac | Input::DestinationMac) { "text" } else { "decimal" }
                autocomplete="off"
                spellcheck="false"
                name=input.key()
                placeholder=computed.then(|| t::encapsulation_computed(l))
                prop:value=value
                aria-invalid=move || wrong().to_string()
                on:input=typed
            />
            {move || wrong().then(|| {
                let typed = tool.state.with(|state| state.get(input.key()).unwrap_or_default().to_owned());
                view! { <span class="wrong">{t::encapsulation_not_understood(l, name(l, input), typed)}</span> }
            })}
        </label>
    }
}

fn name(l: Language, input: Input) -> &'static str {
    match input {
        Input::SourceMac | Input::DestinationMac => t::encapsulation_mac(l),
        Input::SourceAddress | Input::DestinationAddress => t::encapsulation_address(l),
        Input::SourcePort | Input::DestinationPort => t::encapsulation_port(l),
        Input::Sequence => t::encapsulation_sequence(l),
        Input::Acknowledgement => t::encapsulation_acknowledgement(l),
        Input::Window => t::encapsulation_window(l),
        Input::Ttl => t::encapsulation_ttl(l),
        Input::Identification => t::encapsulation_identification(l),
        Input::Mtu => t::encapsulation_mtu(l),
        Input::ForcedTransport => t::encapsulation_forced_transport(l),
        Input::ForcedIpv4 => t::encapsulation_forced_ipv4(l),
        Input::ForcedFcs => t::encapsulation_forced_fcs(l),
        Input::NoisyBit => t::encapsulation_noise(l),
    }
}
