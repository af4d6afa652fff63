//! Addresses and names: what was typed, its bits, its network, its neighbours. What asks the server stands in `names`.

mod bits;
mod more;
mod names;
mod network;

use super::Tool;
use super::parts::ErrorBox;
use crate::browser;
use crate::model::tools::address::{self, Base, Typed};
use crate::model::tools::hex::tint;
use crate::texts::{Language, tools as t};
use leptos::prelude::*;
use sockscope_core::address::{AtonError, AtonErrorKind, special};

/// The address of the beginning.
const FIRST: &str = "192.168.5.130/26";
/// Addresses to try.
const EXAMPLES: [&str; 7] =
    ["127.1", "0x7f000001", "0300.0250.5.0x82/26", "10.0.0.1 and more", "10.0.0.256", "169.254.7.7/16", "224.0.0.251"];

/// The view.
#[component]
pub fn Address(tool: Tool) -> impl IntoView {
    let l = tool.language;
    let stored = tool.value("a");
    let text = Memo::new(move |_| stored.get().unwrap_or_else(|| FIRST.to_owned()));
    let typed = Memo::new(move |_| address::typed(&text.get()));
    let choose = Callback::new(move |prefix: u8| {
        tool.set("a", text.with_untracked(|text| address::with_prefix(text, prefix)));
    });
    let examples = EXAMPLES
        .into_iter()
        .map(|example| view! { <button type="button" class="quiet" on:click=move |_| tool.set("a", example)>{example}</button> })
        .collect_view();
    let wrong = move || {
        typed.with(|typed| {
            let address = typed.address.err().map(|error| {
                let place = t::character(l, error.at + 1);
                view! { <ErrorBox l sentence=refused(l, error) place rule="POSIX inet_addr"/> }
            });
            let prefix = typed.prefix.is_err().then(|| {
                view! { <ErrorBox l sentence=t::address_prefix_wrong(l) rule="RFC 4632 3.1"/> }
            });
            view! { {address} {prefix} }
        })
    };
    let subnet = Memo::new(move |_| typed.with(Typed::subnet));
    let with_network = Memo::new(move |_| subnet.get().is_some());
    let found = Memo::new(move |_| typed.with(|typed| typed.address.ok()));
    view! {
        <div class="panel stack">
            <div class="bytes">
                <div class="bytes-head">
                    <label class="label" for="address">{t::address_label(l)}</label>
                </div>
                <input
                    id="address"
                    class="big"
                    type="text"
                    spellcheck="false"
                    autocapitalize="off"
                    autocomplete="off"
                    aria-invalid=move || typed.with(|typed| typed.address.is_err() || typed.prefix.is_err()).to_string()
                    prop:value=move || text.get()
                    on:input=move |event| tool.set("a", browser::field_value(&event))
                />
                <p class="examples"><span class="hint">{t::address_try(l)}</span>{examples}</p>
            </div>
            {wrong}
            {move || typed.with(|typed| view! { <Read l typed=typed.clone()/> })}
            {move || found.get().and_then(special).map(|range| {
                let rule = crate::model::tools::rule::rule(range.source);
                view! {
                    <p class="special">
                        <b>{special_name(l, range.name)}</b>
                        <code>{range.subnet().to_string()}</code>
                        <a href=rule.address rel="external noopener" target="_blank">{rule.name}</a>
                    </p>
                }
            })}
        </div>
        // Without a network the other tools take both columns.
        {move || if with_network.get() {
            view! {
                <bits::Bits l subnet choose/>
                <div class="columns">
                    <div class="stack"><network::Network tool subnet/></div>
                    <div class="stack">
                        <more::Order tool/>
                        <more::Packed tool/>
                        <names::Services tool/>
                        <names::Hosts tool/>
                    </div>
                </div>
            }
            .into_any()
        } else {
            view! {
                <div class="columns">
                    <div class="stack">
                        <more::Order tool/>
                        <more::Packed tool/>
                    </div>
                    <div class="stack">
                        <names::Services tool/>
                        <names::Hosts tool/>
                    </div>
                </div>
            }
            .into_any()
        }}
    }
}

/// How the text is read, number by number.
#[component]
fn Read(l: Language, typed: Typed) -> impl IntoView {
    let count = typed.parts.len();
    let rows = typed
        .parts
        .iter()
        .enumerate()
        .map(|(place, part)| {
            let base = match part.base {
                Base::Decimal => t::base_decimal(l),
                Base::Octal => t::base_octal(l),
                Base::Hexadecimal => t::base_hexadecimal(l),
            };
            let bytes = match part.bytes {
                (from, to) if to == from + 1 => t::address_one_byte(l, to),
                (from, to) => t::address_bytes(l, from + 1, to),
            };
            view! {
                <tr data-kind=tint(place)>
                    <th scope="row"><code class="chip">{part.text.clone()}</code></th>
                    <td>{base}</td>
                    <td class="mono">{part.value.to_string()}</td>
                    <td>{bytes}</td>
                </tr>
            }
        })
        .collect_view();
    let ignored = (!typed.ignored.trim().is_empty() && typed.address.is_ok())
        .then(|| view! { <p class="hint">{t::address_ignored(l, typed.ignored.trim())}</p> });
    let address = typed.address.ok().map(|address| {
        let octets = address.octets();
        let coloured = octets
            .into_iter()
            .enumerate()
            .map(|(byte, octet)| {
                let part = typed.parts.iter().position(|part| part.bytes.0 <= byte && byte < part.bytes.1).unwrap_or(0);
                view! { {(byte > 0).then_some(".")}<span data-kind=tint(part) class="chip">{octet.to_string()}</span> }
            })
            .collect_view();
        view! {
            <p class="answer">
                <span class="label">"inet_aton"</span>
                <b class="mono">{coloured}</b>
                <code>{format!("b'{}'", octets.map(|octet| format!("\\x{octet:02x}")).concat())}</code>
                <code>{format!("0x{:08x}", address.to_bits())}</code>
                <code>{address.to_bits().to_string()}</code>
            </p>
        }
    });
    view! {
        {address}
        {(count > 0).then(|| view! {
            <div class="scroll">
                <table class="read">
                    <thead>
                        <tr>
                            <th scope="col">{t::address_written(l)}</th>
                            <th scope="col">{t::address_base(l)}</th>
                            <th scope="col">{t::address_value(l)}</th>
                            <th scope="col">{t::address_fills(l)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        })}
        {ignored}
    }
}

fn refused(l: Language, error: AtonError) -> String {
    match error.kind {
        AtonErrorKind::Digit => t::aton_digit(l).to_owned(),
        AtonErrorKind::TooLarge { limit } => t::aton_too_large(l, limit),
        AtonErrorKind::TooMany => t::aton_too_many(l).to_owned(),
        AtonErrorKind::Trailing => t::aton_trailing(l).to_owned(),
    }
}

fn special_name(l: Language, name: &str) -> &'static str {
    match name {
        "this_network" => t::special_this_network(l),
        "unspecified" => t::special_unspecified(l),
        "private" => t::special_private(l),
        "carrier_nat" => t::special_carrier_nat(l),
        "loopback" => t::special_loopback(l),
        "link_local" => t::special_link_local(l),
        "protocol_assignments" => t::special_protocol_assignments(l),
        "documentation" => t::special_documentation(l),
        "benchmarking" => t::special_benchmarking(l),
        "multicast" => t::special_multicast(l),
        "limited_broadcast" => t::special_limited_broadcast(l),
        _ => t::special_reserved(l),
    }
}
