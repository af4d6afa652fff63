//! The list of packets: only the rows in view are in the page. Arrows move, the filter narrows.

use super::desk::Desk;
use crate::browser;
use crate::model::tools::packets::book::{Mood, Row};
use crate::model::tools::packets::filter::Found;
use crate::texts::tools as t;
use crate::view::tools::parts::Rows;
use leptos::prelude::*;
use std::time::Duration;

/// Height of a row in pixels, as in the style sheet; of two lines where the page is narrow.
const HIGH: f64 = 26.0;
const HIGH_NARROW: f64 = 46.0;
const NARROW: f64 = 926.0;
/// Height of the heads of the columns.
pub const HEAD: f64 = 28.0;
/// Height of the list where there are more packets than it shows.
pub const MOST_HIGH: f64 = 452.0;
/// Rows for which a list has room at least: a sentence stands there where none fits the filter.
const FEWEST: usize = 3;

/// The rows that fit the filter.
#[derive(Clone, Copy)]
struct Fitting {
    found: StoredValue<Found>,
    /// How many there are so far.
    count: RwSignal<usize>,
    /// Changes with the filter and with the file.
    era: RwSignal<u32>,
}

impl Fitting {
    fn new(desk: Desk, words: Memo<String>) -> Fitting {
        let fitting =
            Fitting { found: StoredValue::new(Found::default()), count: RwSignal::new(0), era: RwSignal::new(0) };
        Effect::new(move |_| {
            desk.job.track();
            fitting.found.set_value(Found::new(&words.get()));
            fitting.era.update(|era| *era += 1);
        });
        Effect::new(move |_| {
            desk.version.track();
            fitting.look(desk, fitting.era.get());
        });
        fitting
    }

    /// Looks at what is new in the book, in steps that leave the page time to answer.
    fn look(self, desk: Desk, era: u32) {
        if self.era.try_get_untracked() != Some(era) {
            return;
        }
        let more = self.found.try_update_value(|found| desk.book.with_value(|book| found.look(book)));
        self.count.set(self.found.with_value(Found::count));
        if more == Some(true) {
            set_timeout(move || self.look(desk, era), Duration::ZERO);
        }
    }
}

/// The view.
#[component]
pub fn List(desk: Desk) -> impl IntoView {
    let l = desk.tool.language;
    let words = Memo::new(move |_| desk.tool.state.with(|state| state.get("f").unwrap_or_default().to_owned()));
    let fitting = Fitting::new(desk, words);
    let rows = Rows::new(fitting.count.into(), HEAD, |wide| if wide < NARROW { HIGH_NARROW } else { HIGH });
    let place_of = move |at: usize| fitting.found.with_value(|found| found.place(at));
    let position = move || fitting.found.with_value(|found| found.position(desk.chosen.get_untracked()));
    let select = move |place: usize| desk.tool.set("n", place + 1);
    let key = move |event: leptos::ev::KeyboardEvent| {
        let last = fitting.count.get_untracked().saturating_sub(1);
        let to = match (event.key().as_str(), position()) {
            ("ArrowDown", None) | ("Home", _) => 0,
            ("ArrowDown", Some(now)) => (now + 1).min(last),
            ("ArrowUp", now) => now.unwrap_or(0).saturating_sub(1),
            ("PageDown", now) => (now.unwrap_or(0) + rows.page()).min(last),
            ("PageUp", now) => now.unwrap_or(0).saturating_sub(rows.page()),
            ("End", _) => last,
            _ => return,
        };
        event.prevent_default();
        if let Some(place) = place_of(to) {
            select(place);
            rows.reveal(to);
        }
    };
    // A link to a packet far down brings it into view, once it is there.
    let linked = StoredValue::new(desk.chosen.get_untracked() > 0);
    let picture = browser::Frame::new();
    Effect::new(move |_| {
        fitting.count.track();
        if linked.get_value()
            && let Some(at) = position()
        {
            linked.set_value(false);
            picture.ask(move || rows.reveal(at));
        }
    });
    let draw = move |(_, at, place): (u32, usize, usize)| {
        desk.book.with_value(|book| {
            let row = book.rows.get(place)?;
            let (mood, sign) = match row.mood {
                Mood::Plain => ("", None),
                Mood::Odd => ("odd", Some("↻ ")),
                Mood::Bad => ("bad", Some("✕ ")),
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
                    aria-selected=move || (desk.chosen.get() == place).to_string()
                    data-kind=tint(row)
                    style:top=move || rows.top(at)
                    on:click=move |_| select(place)
                >
                    <span role="gridcell" class="number">{place + 1}</span>
                    <span role="gridcell" class="time" title=delta>{format!("{:.6}", book.since_first(row))}</span>
                    <span role="gridcell" class="end">{book.end_name(row.source)}</span>
                    <span role="gridcell" class="end">{book.end_name(row.destination)}</span>
                    <span role="gridcell" class="protocol">{row.protocol.name().to_uppercase()}</span>
                    <span role="gridcell" class="length">{row.original}</span>
                    <span role="gridcell" class="info">
                        {sign.map(|sign| view! { <b aria-hidden="true">{sign}</b> })} {book.info_text(row)}
                    </span>
                </div>
            })
        })
    };
    let drawn = move || {
        let era = fitting.era.get();
        rows.drawn().filter_map(|at| place_of(at).map(|place| (era, at, place))).collect::<Vec<_>>()
    };
    // As many as there are, whatever the filter leaves of them: what stands below keeps its place.
    let height = move || {
        desk.version.track();
        rows.frame_height(desk.book.with_value(|book| book.rows.len()).max(FEWEST), MOST_HIGH)
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
                        if let Some(frame) = rows.frame.get_untracked() {
                            frame.set_scroll_top(0);
                        }
                    }
                />
            </label>
            <span class="count" role="status">
                {move || {
                    let count = fitting.count.get();
                    desk.version.track();
                    (!words.with(String::is_empty))
                        .then(|| t::packets_filtered(l, desk.book.with_value(|book| book.rows.len()), count))
                }}
            </span>
        </div>
        <div class="packets" class:two=move || rows.are_high(HIGH_NARROW)>
            <div
                class="packets-scroll"
                role="grid"
                tabindex="0"
                aria-label=t::packets_list(l)
                aria-rowcount=move || fitting.count.get() + 1
                aria-activedescendant=move || format!("packet-{}", desk.chosen.get())
                style:height=height
                node_ref=rows.frame
                on:scroll=move |_| rows.scrolled()
                on:keydown=key
            >
                <div role="row" class="packet heads" aria-rowindex="1">
                    {heads
                        .into_iter()
                        .map(|(class, name)| view! { <span role="columnheader" class=class>{name}</span> })
                        .collect_view()}
                </div>
                <div class="packets-rows" role="rowgroup" style:height=move || rows.height()>
                    <For each=drawn key=|row| *row children=draw/>
                </div>
            </div>
            <Show when=move || fitting.count.get() == 0>
                <p class="empty">{t::packets_none(l)}</p>
            </Show>
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
