//! What the network part makes of an address: mask, network, broadcast, hosts; who else is in it, and how it splits.

use crate::browser;
use crate::model::tools::address::{binary, split};
use crate::texts::tools as t;
use crate::view::tools::Tool;
use leptos::prelude::*;
use sockscope_core::address::{Subnet, inet_aton};

/// The view.
#[component]
pub fn Network(
    tool: Tool,
    /// The address in its network.
    #[prop(into)]
    subnet: Signal<Option<Subnet>>,
) -> impl IntoView {
    let l = tool.language;
    let other = Memo::new(move |_| tool.state.with(|state| state.get("o").unwrap_or("192.168.5.200").to_owned()));
    let parts = Memo::new(move |_| {
        let prefix = subnet.get().map_or(24, Subnet::prefix);
        tool.state.with(|state| state.number::<u8>("s")).unwrap_or((prefix + 2).min(32)).clamp(prefix, 32)
    });
    let table = move || {
        let subnet = subnet.get()?;
        let prefix = usize::from(subnet.prefix());
        let row = |name: &'static str, bits: u32| {
            let text = binary(bits);
            // A dot stands behind every eight bits.
            let cut = prefix + prefix.saturating_sub(1) / 8;
            let (network, host) = text.split_at(cut.min(text.len()));
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td>{std::net::Ipv4Addr::from_bits(bits).to_string()}</td>
                    <td class="binary"><span class="net">{network.to_owned()}</span><span class="host">{host.to_owned()}</span></td>
                </tr>
            }
        };
        let broadcast = subnet.broadcast().map(|address| row(t::net_broadcast(l), address.to_bits()));
        let (first, last) = subnet.hosts();
        let none = subnet.broadcast().is_none().then(|| view! { <p class="hint">{t::net_no_broadcast(l)}</p> });
        Some(view! {
            <div class="scroll">
                <table class="net-table">
                    <tbody>
                        {row(t::net_address(l), subnet.address().to_bits())}
                        {row(t::net_mask(l), subnet.mask().to_bits())}
                        {row(t::net_network(l), subnet.network().to_bits())}
                        {broadcast}
                    </tbody>
                </table>
            </div>
            {none}
            <dl class="facts">
                <div><dt>{t::net_hosts(l)}</dt><dd><code>{first.to_string()}</code>" – "<code>{last.to_string()}</code></dd></div>
                <div><dt>{t::net_count(l)}</dt><dd>{subnet.host_count().to_string()}</dd></div>
                <div><dt>{t::net_hex(l)}</dt><dd><code>{format!("0x{:08x}", subnet.mask().to_bits())}</code></dd></div>
            </dl>
        })
    };
    let member = move || {
        let (subnet, text) = (subnet.get()?, other.get());
        Some(match inet_aton(&text) {
            Err(_) => view! { <p class="verdict noticed">{t::net_member_wrong(l)}</p> }.into_any(),
            Ok(address) => {
                let inside = subnet.contains(address);
                let masked = address & subnet.mask();
                let network = subnet.network();
                let words = match (inside, subnet.is_broadcast(address)) {
                    (_, true) => t::net_member_broadcast(l),
                    (true, _) => t::net_member_yes(l),
                    (false, _) => t::net_member_no(l),
                };
                view! {
                    <p class="verdict" class:good=inside class:unnoticed=!inside data-member=inside.to_string()>{words}</p>
                    <p class="mono sum">
                        {format!("{address} & {} = {masked} {} {network}", subnet.mask(), if inside { "=" } else { "≠" })}
                    </p>
                }
                .into_any()
            }
        })
    };
    let pieces = move || {
        let (first, count) = split(subnet.get()?, parts.get());
        let listed = first.len() as u64;
        let rows = first
            .into_iter()
            .map(|part| {
                let (from, to) = part.hosts();
                view! { <li><code>{part.to_string()}</code><span class="hint">{format!("{from} – {to}")}</span></li> }
            })
            .collect_view();
        let more = (count > listed).then(|| view! { <li class="hint">{t::net_more(l, count - listed)}</li> });
        let hosts = Subnet::new(subnet.get()?.network(), parts.get()).map_or(0, Subnet::host_count);
        Some(view! { <p>{t::net_parts(l, count, hosts)}</p> <ul class="pieces">{rows} {more}</ul> })
    };
    view! {
        <div class="panel stack">
            <h3>{t::net_title(l)}</h3>
            {table}
        </div>
        <div class="panel stack">
            <h3>{t::net_member(l)}</h3>
            <input
                type="text"
                class="mono"
                spellcheck="false"
                aria-label=t::net_member_label(l)
                prop:value=move || other.get()
                on:input=move |event| tool.set("o", browser::field_value(&event))
            />
            {member}
        </div>
        <div class="panel stack">
            <h3>{t::net_split(l)}</h3>
            <div class="deed">
                <label for="split">{t::net_split_label(l)}</label>
                <output for="split">{move || format!("/{}", parts.get())}</output>
                <input
                    id="split"
                    type="range"
                    min=move || subnet.get().map_or(0, Subnet::prefix)
                    max="32"
                    prop:value=move || parts.get().to_string()
                    on:input=move |event| tool.set("s", browser::field_value(&event))
                />
            </div>
            {pieces}
        </div>
    }
}
