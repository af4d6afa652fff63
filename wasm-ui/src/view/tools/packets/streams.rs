//! The conversations of a capture as a table, each to be followed.

use super::desk::Desk;
use crate::texts::tools as t;
use leptos::prelude::*;
use sockscope_core::packets::{Ended, Protocol};

/// Conversations that are listed.
const MOST: usize = 1_000;

/// The view.
#[component]
pub fn Streams(desk: Desk) -> impl IntoView {
    let l = desk.tool.language;
    let rows = move || {
        desk.version.track();
        let streams: Vec<_> = desk.book.with_value(|book| book.streams().take(MOST).cloned().collect());
        if streams.is_empty() {
            return view! { <p class="empty">{t::packets_no_streams(l)}</p> }.into_any();
        }
        let rows = streams
            .into_iter()
            .map(|stream| {
                let number = stream.number;
                let state = match (stream.protocol, stream.ended) {
                    (_, Some(Ended::Closed)) => t::packets_closed(l),
                    (_, Some(Ended::HalfClosed)) => t::packets_half_closed(l),
                    (_, Some(Ended::Reset)) => t::packets_reset(l),
                    (Protocol::Tcp, None) => t::packets_open(l),
                    (_, None) => "",
                };
                view! {
                    <tr on:click=move |_| desk.tool.set("s", number)>
                        <td>
                            <button type="button" class="quiet" aria-label=t::packets_follow(l, number)>{number}</button>
                        </td>
                        <td>{stream.protocol.name().to_uppercase()}</td>
                        <td class="ends">{stream.ends[0].to_string()} " ⇄ " {stream.ends[1].to_string()}</td>
                        <td class="figure">{stream.packets}</td>
                        <td class="figure">{stream.bytes[0]} " / " {stream.bytes[1]}</td>
                        <td>{state}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <div class="table-scroll" tabindex="0" role="group" aria-label=t::packets_streams(l)>
                <table class="streams">
                    <thead>
                        <tr>
                            <th scope="col">{t::packets_stream(l)}</th>
                            <th scope="col">{t::packets_protocol(l)}</th>
                            <th scope="col">{t::packets_ends(l)}</th>
                            <th scope="col" class="figure">{t::packets_count(l)}</th>
                            <th scope="col" class="figure">{t::packets_bytes_each(l)}</th>
                            <th scope="col">{t::packets_state(l)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! { <section>{rows}</section> }
}
