//! The list of packets: only the rows in view are in the page. Arrows move, the filter narrows.

use super::desk::Desk;
use crate::browser;
use crate::model::tools::packets::book::{Mood, Row};
use crate::model::tools::packets::filter::Filter;
use crate::texts::tools as t;
use leptos::html::Div;
use leptos::prelude::*;
use std::sync::Arc;

/// Height of a row in pixels, as in the style sheet; of two lines where the page is narrow.
const HIGH: f64 = 26.0;
const HIGH_NARROW: f64 = 46.0;
const NARROW: f64 = 640.0;
/// Rows drawn above and below the view.
const SPARE: usize = 8;

/// The view.
#[component]
pub fn List(desk: Desk) -> impl IntoView {
    let l = desk.tool.language;
    let frame = NodeRef::<Div>::new();
    let top = RwSignal::new(0usize);
    let page = RwSignal::new(16usize);
    let high = RwSignal::new(HIGH);
    let words = Memo::new(move |_| desk.tool.state.with(|state| state.get("f").unwrap_or_default().to_owned()));
    let fitting = Memo::new(move |_| {
        desk.version.track();
        let filter = Filter::read(&words.get());
        desk.book.with_value(|book| filter.rows(book)).map(Arc::new)
    });
    let count = Memo::new(move |_| {
        desk.version.track();
        fitting
            .with(|rows| rows.as_ref().map_or_else(|| desk.book.with_value(|book| book.rows.len()), |rows| rows.len()))
    });
    let place_of = move |at: usize| {
        fitting.with(|rows| rows.as_ref().map_or(Some(at), |rows| rows.get(at).map(|row| *row as usize)))
    };
    let chosen = Memo::new(move |_| {
        desk.tool.state.with(|state| state.number::<usize>("n")).and_then(|number| number.checked_sub(1))
    });
    let position = move || {
        let place = chosen.get_untracked()?;
        fitting.with_untracked(|rows| match rows {
            None => Some(place),
            Some(rows) => rows.binary_search(&(place as u32)).ok(),
        })
    };
    frame.on_load(move |frame| {
        browser::watch_size(&frame, move |wide, tall| {
            let new = if wide < NARROW { HIGH_NARROW } else { HIGH };
            if high.try_get_untracked().is_some_and(|high| high != new) {
                high.set(new);
            }
            page.try_set(((tall / new) as usize).max(1));
        });
    });
    let reveal = move |at: usize| {
        let Some(frame) = frame.get_untracked() else { return };
        let row = at as f64 * high.get_untracked();
        let (now, tall) = (f64::from(frame.scroll_top()), f64::from(frame.client_height()));
        if row < now {
            frame.set_scroll_top(row as i32);
        } else if row + high.get_untracked() > now + tall {
            frame.set_scroll_top((row + high.get_untracked() - tall).ceil() as i32);
        }
    };
    let select = move |place: usize| desk.tool.set("n", place + 1);
    let key = move |event: leptos::ev::KeyboardEvent| {
        let last = count.get_untracked().saturating_sub(1);
        let now = position();
        let by = page.get_untracked();
        let to = match (event.key().as_str(), now) {
            ("ArrowDown", None) | ("Home", _) => 0,
            ("ArrowDown", Some(now)) => (now + 1).min(last),
            ("ArrowUp", now) => now.unwrap_or(0).saturating_sub(1),
            ("PageDown", now) => (now.unwrap_or(0) + by).min(last),
            ("PageUp", now) => now.unwrap_or(0).saturating_sub(by),
            ("End", _) => last,
            _ => return,
        };
        event.prevent_default();
        if let Some(place) = untrack(|| place_of(to)) {
            select(place);
            reveal(to);
        }
    };
    let scrolled = move |_| {
        if let Some(frame) = frame.get_untracked() {
            let first = (f64::from(frame.scroll_top()) / high.get_untracked()) as usize / SPARE * SPARE;
            if top.get_untracked() != first {
                top.set(first);
            }
        }
    };
    // A link to a packet far down brings it into view, once it is there.
    let revealed = StoredValue::new(false);
    Effect::new(move |_| {
        desk.version.track();
        if !revealed.get_value()
            && frame.get().is_some()
            && let Some(at) = position()
            && at < count.get()
        {
            revealed.set_value(true);
            reveal(at);
        }
    });
    let rows = move || {
        desk.version.track();
        let (high, chosen) = (high.get(), chosen.get());
        let from = top.get().saturating_sub(SPARE);
        let to = (top.get() + page.get() + 2 * SPARE).min(count.get());
        desk.book.with_value(|book| {
            (from..to)
                .filter_map(|at| {
                    let place = place_of(at)?;
                    let row = book.rows.get(place)?;
                    let mood = match row.mood {
                        Mood::Plain => "",
                        Mood::Odd => "odd",
                        Mood::Bad => "bad",
                    };
                    let delta = place
                        .checked_sub(1)
                        .and_then(|before| book.rows.get(before))
                        .map(|before| format!("+{:.6} s", (row.nanos as i128 - before.nanos as i128) as f64 / 1e9));
                    Some(view! {
                        <div
                            role="row"
                            id=format!("packet-{place}")
                            class=format!("packet {mood}")
                            aria-rowindex=at + 2
                            aria-selected=(chosen == Some(place)).to_string()
                            data-kind=tint(row)
                            style:top=format!("{}px", at as f64 * high)
                            on:click=move |_| select(place)
                        >
                            <span role="gridcell" class="number">{place + 1}</span>
                            <span role="gridcell" class="time" title=delta>{format!("{:.6}", book.since_first(row))}</span>
                            <span role="gridcell" class="end">{book.end_name(row.source)}</span>
                            <span role="gridcell" class="end">{book.end_name(row.destination)}</span>
                            <span role="gridcell" class="protocol">{row.protocol.name().to_uppercase()}</span>
                            <span role="gridcell" class="length">{row.original}</span>
                            <span role="gridcell" class="info">
                                {(row.mood != Mood::Plain).then(|| view! { <b aria-hidden="true">{if row.mood == Mood::Bad { "✕ " } else { "↻ " }}</b> })}
                                {book.info_text(row)}
                            </span>
                        </div>
                    })
                })
                .collect_view()
        })
    };
    let heads = [
        ("number", t::packets_number(l)),
        ("time", t::packets_time(l)),
        ("end", t::packets_source(l)),
        ("end", t::packets_destination(l)),
        ("protocol", t::packets_protocol(l)),
        ("length", t::packets_length(l)),
        ("info", t::packets_info(l)),
    ];
    view! {
        <div class="filter">
            <label>
                <span class="label">{t::packets_filter(l)}</span>
                <input
                    type="search"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=t::packets_filter_hint(l)
                    prop:value=move || words.get()
                    on:input=move |event| {
                        desk.tool.set("f", browser::field_value(&event));
                        if let Some(frame) = frame.get_untracked() {
                            frame.set_scroll_top(0);
                        }
                    }
                />
            </label>
            <span class="count" role="status">
                {move || {
                    desk.version.track();
                    fitting.with(Option::is_some).then(|| {
                        t::packets_filtered(l, desk.book.with_value(|book| book.rows.len()), count.get())
                    })
                }}
            </span>
        </div>
        <div
            class="packets"
            role="grid"
            aria-label=t::packets_list(l)
            aria-rowcount=move || count.get() + 1
        >
            <div role="row" class="packet heads" aria-rowindex="1">
                {heads
                    .into_iter()
                    .map(|(class, name)| view! { <span role="columnheader" class=class>{name}</span> })
                    .collect_view()}
            </div>
            <div
                class="packets-scroll"
                role="rowgroup"
                tabindex="0"
                aria-label=t::packets_list(l)
                aria-activedescendant=move || chosen.get().map(|place| format!("packet-{place}"))
                node_ref=frame
                on:scroll=scrolled
                on:keydown=key
            >
                <div class="packets-rows" style:height=move || format!("{}px", count.get() as f64 * high.get())>
                    {rows}
                </div>
                <Show when=move || count.get() == 0>
                    <p class="empty">{t::packets_none(l)}</p>
                </Show>
            </div>
        </div>
    }
}

/// The colour of a row: its innermost protocol.
fn tint(row: &Row) -> &'static str {
    match row.protocol.name() {
        "tcp" => "t4",
        "udp" => "t5",
        "arp" | "icmp" | "icmpv6" => "t7",
        _ => "t8",
    }
}
