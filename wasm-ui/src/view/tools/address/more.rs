//! Byte order, and packed addresses back to text.

use crate::browser;
use crate::model::tools::address::{Size, ordered};
use crate::model::tools::hex::tint;
use crate::model::tools::input::{self, Form};
use crate::texts::tools as t;
use crate::view::tools::Tool;
use crate::view::tools::parts::mistake;
use leptos::prelude::*;
use sockscope_core::address::inet_ntoa;

/// A number in memory and on the wire.
#[component]
pub fn Order(tool: Tool) -> impl IntoView {
    let l = tool.language;
    let size =
        Memo::new(move |_| if tool.state.with(|state| state.get("w") == Some("l")) { Size::Long } else { Size::Short });
    let text = Memo::new(move |_| tool.state.with(|state| state.get("n").unwrap_or("8080").to_owned()));
    let shown = Memo::new(move |_| ordered(size.get(), &text.get()));
    let name = move || if size.get() == Size::Short { "htons" } else { "htonl" };
    let cells = |bytes: &[u8], little: bool| {
        let count = bytes.len();
        bytes
            .iter()
            .enumerate()
            .map(|(at, byte)| {
                let kind = tint(if little { count - 1 - at } else { at });
                view! { <b data-kind=kind>{format!("{byte:02x}")}</b> }
            })
            .collect_view()
    };
    let table = move || {
        match shown.get() {
        None => view! { <p class="wrong">{if size.get() == Size::Short { t::order_wrong_short(l) } else { t::order_wrong_long(l) }}</p> }.into_any(),
        Some(it) => {
            let digits = it.wire.len() * 2;
            view! {
                <div class="scroll">
                    <table class="order">
                        <thead><tr><td></td><th scope="col">{t::order_number(l)}</th><th scope="col">{t::order_memory(l)}</th></tr></thead>
                        <tbody>
                            <tr>
                                <th scope="row">"x"</th>
                                <td>{it.value.to_string()} <i>{format!("0x{:0digits$x}", it.value)}</i></td>
                                <td class="cells">{cells(&it.memory, true)}</td>
                            </tr>
                            <tr>
                                <th scope="row"><code>{name()}"(x)"</code></th>
                                <td>{it.converted.to_string()} <i>{format!("0x{:0digits$x}", it.converted)}</i></td>
                                <td class="cells">{cells(&it.wire, false)}</td>
                            </tr>
                            <tr>
                                <th scope="row">{t::order_wire(l)}</th>
                                <td></td>
                                <td class="cells">{cells(&it.wire, false)}</td>
                            </tr>
                        </tbody>
                    </table>
                </div>
                <p class="hint">{t::order_forgotten(l, it.value, it.converted)}</p>
            }
            .into_any()
        }
    }
    };
    view! {
        <div class="panel stack" data-part="order">
            <h3>{t::order_title(l)}</h3>
            <div class="choices">
                <div class="segmented" role="group" aria-label=t::order_size(l)>
                    <button type="button" aria-pressed=move || (size.get() == Size::Short).to_string() on:click=move |_| tool.set("w", "")>"htons · 16"</button>
                    <button type="button" aria-pressed=move || (size.get() == Size::Long).to_string() on:click=move |_| tool.set("w", "l")>"htonl · 32"</button>
                </div>
                <input type="text" class="mono grow" spellcheck="false" aria-label=t::order_label(l) prop:value=move || text.get()
                    on:input=move |event| tool.set("n", browser::field_value(&event))/>
            </div>
            {table}
        </div>
    }
}

/// Packed bytes as text.
#[component]
pub fn Packed(tool: Tool) -> impl IntoView {
    let l = tool.language;
    let text = Memo::new(move |_| tool.state.with(|state| state.get("k").unwrap_or("c0 a8 05 82").to_owned()));
    let answer = move || match input::parse(Form::Hex, &text.get()) {
        Err(wrong) => view! { <p class="wrong">{mistake(l, wrong)}</p> }.into_any(),
        Ok(bytes) => match inet_ntoa(&bytes) {
            Ok(address) => {
                view! { <p class="answer"><span class="label">"inet_ntoa"</span><b class="mono">{address}</b></p> }
                    .into_any()
            }
            Err(wrong) => view! {
                <p class="wrong">{t::packed_wrong(l, wrong.have)}</p>
                <p class="hint"><code>"OSError: packed IP wrong length"</code></p>
            }
            .into_any(),
        },
    };
    view! {
        <div class="panel stack" data-part="packed">
            <h3>{t::packed_title(l)}</h3>
            <input type="text" class="mono" spellcheck="false" aria-label=t::packed_label(l) prop:value=move || text.get()
                on:input=move |event| tool.set("k", browser::field_value(&event))/>
            {answer}
            <p class="hint">{t::packed_hint(l)}</p>
        </div>
    }
}
