//! The conversations of a capture as a table, each to be followed. Only the rows in view are in the page.

use super::desk::Desk;
use super::list::{HEAD, MOST_HIGH};
use crate::texts::tools as t;
use crate::view::tools::parts::Rows;
use leptos::prelude::*;
use sockscope_core::packets::{Ended, Protocol, Stream};

/// Height of a row in pixels, as in the style sheet; of two lines where the page is narrow.
const HIGH: f64 = 34.0;
const HIGH_NARROW: f64 = 58.0;
const NARROW: f64 = 640.0;

/// The view.
#[component]
pub fn Streams(desk: Desk) -> impl IntoView {
    let l = desk.tool.language;
    let count = Memo::new(move |_| {
        desk.version.track();
        desk.book.with_value(|book| book.streams().count())
    });
    let rows = Rows::new(count.into(), HEAD, |wide| if wide < NARROW { HIGH_NARROW } else { HIGH });
    let drawn = move || {
        desk.version.track();
        let drawn = rows.drawn();
        desk.book.with_value(|book| book.streams().skip(drawn.start).take(drawn.len()).cloned().collect::<Vec<_>>())
    };
    let draw = move |stream: Stream| {
        let number = stream.number;
        let state = match (stream.protocol, stream.ended) {
            (_, Some(Ended::Closed)) => t::packets_closed(l),
            (_, Some(Ended::HalfClosed)) => t::packets_half_closed(l),
            (_, Some(Ended::Reset)) => t::packets_reset(l),
            (Protocol::Tcp, None) => t::packets_open(l),
            (_, None) => "",
        };
        view! {
            <div
                role="row"
                class="stream"
                aria-rowindex=number + 1
                style:top=move || rows.top(number as usize - 1)
                on:click=move |_| desk.tool.set("s", number)
            >
                <span role="cell">
                    <button type="button" class="quiet" aria-label=t::packets_follow(l, number)>{number}</button>
                </span>
                <span role="cell">{stream.protocol.name().to_uppercase()}</span>
                <span role="cell" class="ends">{stream.ends[0].to_string()} " ⇄ " {stream.ends[1].to_string()}</span>
                <span role="cell" class="figure">{stream.packets}</span>
                <span role="cell" class="figure">{stream.bytes[0]} " / " {stream.bytes[1]}</span>
                <span role="cell">{state}</span>
            </div>
        }
    };
    let heads = [
        ("", t::packets_stream(l)),
        ("", t::packets_protocol(l)),
        ("ends", t::packets_ends(l)),
        ("figure", t::packets_count(l)),
        ("figure", t::packets_bytes_each(l)),
        ("", t::packets_state(l)),
    ];
    let table = move || {
        view! {
            <div class="packets" class:two=move || rows.are_high(HIGH_NARROW)>
                <div
                    class="packets-scroll"
                    role="table"
                    tabindex="0"
                    aria-label=t::packets_streams(l)
                    aria-rowcount=move || count.get() + 1
                    style:height=move || rows.frame_height(count.get(), MOST_HIGH)
                    node_ref=rows.frame
                    on:scroll=move |_| rows.scrolled()
                >
                    <div role="row" class="stream heads" aria-rowindex="1">
                        {heads.map(|(class, name)| view! { <span role="columnheader" class=class>{name}</span> }).collect_view()}
                    </div>
                    <div class="packets-rows" role="rowgroup" style:height=move || rows.height()>
                        <For each=drawn key=move |stream| (desk.job.get_untracked(), stream.number, stream.packets) children=draw/>
                    </div>
                </div>
            </div>
        }
    };
    view! {
        <Show when=move || count.get() != 0 fallback=move || view! { <p class="empty">{t::packets_no_streams(l)}</p> }>
            {table()}
        </Show>
    }
}
