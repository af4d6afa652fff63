//! The 32 bits of an address: where the network part ends is dragged there, or moved by a slider.

use crate::browser;
use crate::texts::{Language, tools as t};
use leptos::prelude::*;
use sockscope_core::address::Subnet;

/// The view.
#[component]
pub fn Bits(
    l: Language,
    /// The address in its network.
    #[prop(into)]
    subnet: Signal<Option<Subnet>>,
    /// Chooses another length of the network part.
    choose: Callback<u8>,
) -> impl IntoView {
    let prefix = Memo::new(move |_| subnet.get().map_or(0, Subnet::prefix));
    let bits = Memo::new(move |_| subnet.get().map_or(0, |subnet| subnet.address().to_bits()));
    let pointed = move |event: &leptos::ev::PointerEvent| {
        if let Some(at) = browser::pointed(event) {
            choose.run((at as u8 + 1).min(32));
        }
    };
    let groups = (0..4u8)
        .map(|group| {
            let cells = (0..8u8)
                .map(|bit| {
                    let at = group * 8 + bit;
                    view! {
                        <b data-at=at class:network=move || { at < prefix.get() } class:edge=move || at + 1 == prefix.get()>
                            {move || (bits.get() >> (31 - at) & 1).to_string()}
                        </b>
                    }
                })
                .collect_view();
            let octet = move || bits.get().to_be_bytes()[usize::from(group)];
            view! {
                <span class="octet">
                    <span class="octet-bits">{cells}</span>
                    <span class="octet-value">{move || octet().to_string()} <i>{move || format!("0x{:02x}", octet())}</i></span>
                </span>
            }
        })
        .collect_view();
    view! {
        <div class="panel stack">
            <h3>{t::bits_title(l)}</h3>
            <div
                class="bits"
                aria-hidden="true"
                on:pointerdown=move |event| pointed(&event)
                on:pointermove=move |event| {
                    if event.buttons() == 1 {
                        pointed(&event);
                    }
                }
            >
                {groups}
            </div>
            <div class="deed">
                <label for="prefix">{t::bits_prefix(l)}</label>
                <output for="prefix">
                    {move || {
                        let prefix = prefix.get();
                        t::bits_split(l, 32 - prefix, prefix)
                    }}
                </output>
                <input
                    id="prefix"
                    type="range"
                    min="0"
                    max="32"
                    prop:value=move || prefix.get().to_string()
                    on:input=move |event| {
                        if let Ok(prefix) = browser::field_value(&event).parse() {
                            choose.run(prefix);
                        }
                    }
                />
            </div>
            <p class="legend"><span class="key net">{t::bits_network(l)}</span><span class="key host">{t::bits_host(l)}</span></p>
        </div>
    }
}
