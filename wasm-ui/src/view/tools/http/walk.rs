//! Byte by byte: what the parser knows after so many bytes and what it waits for; and cuts, after which it says the same.

use super::{Page, named, range_of, say, tint};
use crate::model::tools::http::{parts, rows, steps};
use crate::texts::tools as t;
use leptos::prelude::*;
use parts::Kind;
use sockscope_core::http::Role;
use sockscope_core::stream::Split;
use sockscope_core::trace::narrate::Sentence;
use std::time::Duration;

/// Bytes of the stream that stand beside the cursor.
const AROUND: usize = 160;
/// Parts that are listed.
const LISTED: usize = 12;
/// Pieces that are drawn.
const DRAWN: usize = 400;

/// The view.
#[component]
pub fn Walk(page: Page) -> impl IntoView {
    view! {
        <Cursor page/>
        <Cuts page/>
    }
}

#[component]
fn Cursor(page: Page) -> impl IntoView {
    let l = page.l;
    let length = Memo::new(move |_| page.bytes.with(|bytes| bytes.len()));
    let linked = page.tool.state.with_untracked(|state| state.number::<usize>("at"));
    let at = RwSignal::new(linked.unwrap_or(0));
    let here = Memo::new(move |_| at.get().min(length.get()));
    let playing = RwSignal::new(false);
    let speed = RwSignal::new(12u64);
    let go = move |to: usize| {
        let to = to.min(length.get_untracked());
        at.set(to);
        page.tool.set("at", to);
    };
    // One byte after the other for as long as it plays.
    Effect::new(move |_| {
        if !playing.get() {
            return;
        }
        let tick = set_interval_with_handle(
            move || {
                let now = here.get_untracked();
                if now >= length.get_untracked() {
                    playing.set(false);
                } else {
                    go(now + 1);
                }
            },
            Duration::from_millis(1000 / speed.get().max(1)),
        );
        if let Ok(tick) = tick {
            on_cleanup(move || tick.clear());
        }
    });
    let step = Memo::new(move |_| {
        let options = page.options.get().options();
        page.bytes.with(|bytes| Same(std::sync::Arc::new(steps::after(bytes, here.get(), &options))))
    });
    let ribbon = move || {
        let now = here.get();
        page.bytes.with(|bytes| {
            let from = now.saturating_sub(AROUND);
            let to = (now + AROUND).min(bytes.len());
            let read = step.with(|step| rows::pieces(bytes, from, now, &step.0.parts, None));
            let read = step.with(|step| {
                read.into_iter()
                    .map(|piece| {
                        let tint = piece.part.and_then(|place| tint(step.0.parts[place].kind));
                        view! { <span data-kind=tint.map(|tint| tint.0) class:quiet=tint.is_some_and(|tint| tint.1)>{piece.text}</span> }
                    })
                    .collect_view()
            });
            let next = bytes.get(now).map(|_| rows::text(&bytes[now..(now + 1).min(to)]));
            let rest = rows::text(&bytes[(now + 1).min(to)..to]);
            view! {
                {(from > 0).then_some("…")}
                {read}
                <b class="cursor">{next.unwrap_or_default()}</b>
                <span class="ahead">{rest}{(to < bytes.len()).then_some("…")}</span>
            }
        })
    };
    let known = move || {
        step.with(|step| {
            let step = &step.0;
            let whole: Vec<_> = step
                .parts
                .iter()
                .filter(|part| !matches!(part.kind, Kind::Space | Kind::Separator | Kind::LineEnd | Kind::Unread))
                .collect();
            let more = whole.len().saturating_sub(LISTED);
            let items = whole[more..]
                .iter()
                .map(|part| {
                    let (start, end) = range_of(part);
                    let text = page.bytes.with_untracked(|bytes| {
                        let end = end.min(bytes.len());
                        let shown = rows::text(&bytes[start.min(end)..end.min(start + 40)]);
                        if end > start + 40 { format!("{shown}…") } else { shown }
                    });
                    let name = named(l, "short", part.kind.word());
                    view! {
                        <li>
                            <span class="name">{name}</span>
                            <code data-kind=tint(part.kind).map(|tint| tint.0)>{text}</code>
                        </li>
                    }
                })
                .collect_view();
            view! {
                {(more > 0).then(|| view! { <li class="hint">{t::http_parts_before(l, more)}</li> })}
                {items}
            }
        })
    };
    let waits = move || {
        step.with(|step| {
            let waits = step.0.waits;
            let sentence =
                Sentence::new(format!("http_page.waits_{}", waits.word())).with("left", waits.left().unwrap_or(0));
            say(l, &sentence)
        })
    };
    let verdict = move || {
        step.with(|step| {
            let report = &step.0.report;
            let complete =
                report.messages.iter().filter(|message| message.complete).count() as u64 + report.more_messages;
            match (&report.error, &report.incomplete) {
                (Some(error), _) => t::http_walk_wrong(l, error.at, error.kind.code()),
                (None, Some(_)) => t::http_walk_incomplete(l, complete),
                (None, None) => t::http_walk_between(l, complete),
            }
        })
    };
    let state = move || {
        step.with(|step| match (&step.0.report.error, &step.0.report.incomplete) {
            (Some(_), _) => "wrong",
            (None, Some(_)) => "incomplete",
            (None, None) => "good",
        })
    };
    view! {
        <section class="walk panel stack">
            <h3>{t::http_walk(l)}</h3>
            <div class="walk-bar">
                <button type="button" aria-label=t::http_first(l) on:click=move |_| go(0)>"|◀"</button>
                <button type="button" aria-label=t::http_back(l) on:click=move |_| go(here.get_untracked().saturating_sub(1))>"◀"</button>
                <button
                    type="button"
                    class="primary play"
                    on:click=move |_| {
                        if !playing.get_untracked() && here.get_untracked() >= length.get_untracked() {
                            go(0);
                        }
                        playing.update(|playing| *playing = !*playing);
                    }
                >
                    {move || if playing.get() { t::http_pause(l) } else { t::http_play(l) }}
                </button>
                <button type="button" aria-label=t::http_forward(l) on:click=move |_| go(here.get_untracked() + 1)>"▶"</button>
                <button type="button" aria-label=t::http_last(l) on:click=move |_| go(usize::MAX)>"▶|"</button>
                <input
                    type="range"
                    min="0"
                    max=move || length.get()
                    prop:value=move || here.get().to_string()
                    aria-label=t::http_cursor(l)
                    aria-valuetext=move || t::http_read_of(l, length.get(), here.get())
                    on:input=move |event| go(event_target_value(&event).parse().unwrap_or(0))
                />
                <label class="speed">
                    <span class="label">{t::http_speed(l)}</span>
                    <select on:change=move |event| speed.set(event_target_value(&event).parse().unwrap_or(12))>
                        {[4u64, 12, 40]
                            .into_iter()
                            .map(|rate| view! { <option value=rate.to_string() selected=move || speed.get() == rate>{t::http_rate(l, rate)}</option> })
                            .collect_view()}
                    </select>
                </label>
            </div>
            <pre class="ribbon" data-at=move || here.get()>{ribbon}</pre>
            <div class="columns">
                <dl class="knows" data-state=state>
                    <div><dt>{t::http_read(l)}</dt><dd>{move || t::http_read_of(l, length.get(), here.get())}</dd></div>
                    <div><dt>{t::http_answer_now(l)}</dt><dd class="answer">{verdict}</dd></div>
                    <div><dt>{t::http_waits(l)}</dt><dd class="waits">{waits}</dd></div>
                    <div><dt>{t::http_keeps(l)}</dt><dd>{move || t::http_keeps_bytes(l, step.with(|step| step.0.kept))}</dd></div>
                </dl>
                <div>
                    <h4>{t::http_known(l)}</h4>
                    <ol class="known">{known}</ol>
                </div>
            </div>
        </section>
    }
}

/// A step; two are never the same.
#[derive(Clone, Debug)]
struct Same(std::sync::Arc<steps::Step>);

impl PartialEq for Same {
    fn eq(&self, other: &Self) -> bool {
        std::sync::Arc::ptr_eq(&self.0, &other.0)
    }
}

/// How the bytes are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Whole,
    Once,
    Bytes,
    Random,
}

#[component]
fn Cuts(page: Page) -> impl IntoView {
    let l = page.l;
    let how = RwSignal::new(How::Random);
    let seed = RwSignal::new(1u64);
    let place = RwSignal::new(20u64);
    let length = move || page.bytes.with(|bytes| bytes.len() as u64);
    let cut = Memo::new(move |_| {
        let split = match how.get() {
            How::Whole => Split::All,
            How::Once => Split::At(place.get().min(length())),
            How::Bytes => Split::Bytes,
            How::Random => Split::Random(seed.get()),
        };
        let options = page.options.get().options();
        let parsed = page.parsed.get().0;
        page.bytes.with(|bytes| Drawn(std::sync::Arc::new(steps::cut(bytes, split, &options, &parsed.report))))
    });
    let ways = [
        (How::Whole, t::http_cut_whole(l)),
        (How::Once, t::http_cut_once(l)),
        (How::Bytes, t::http_cut_bytes(l)),
        (How::Random, t::http_cut_random(l)),
    ];
    let buttons = ways
        .into_iter()
        .map(|(way, name)| {
            view! {
                <button type="button" aria-pressed=move || (how.get() == way).to_string() on:click=move |_| how.set(way)>
                    {name}
                </button>
            }
        })
        .collect_view();
    let pieces = move || {
        let whole = length().max(1) as f64;
        cut.with(|cut| {
            cut.0
                .pieces
                .iter()
                .take(DRAWN)
                .enumerate()
                .map(|(place, piece)| {
                    let wide = piece.len() as f64 / whole * 1000.0;
                    let kind = if place % 2 == 0 { "even" } else { "odd" };
                    view! { <rect class=kind x=piece.0 as f64 / whole * 1000.0 y="0" width=wide height="26"/> }
                })
                .collect_view()
        })
    };
    let answer = move || {
        cut.with(|cut| {
            let cut = &cut.0;
            let role = page.parsed.with(|parsed| parsed.0.report.role);
            let messages = match role {
                Role::Request => t::http_count_requests(l, cut.messages),
                Role::Response => t::http_count_responses(l, cut.messages),
            };
            let error = cut.error.map(|code| view! { <code>{code}</code> });
            let same = if cut.same { t::http_same(l) } else { t::http_not_same(l) };
            view! {
                <p class="same" class:bad=!cut.same data-same=cut.same.to_string()>
                    <b>{same}</b>
                    <span>{t::http_pieces(l, cut.pieces.len())}</span>
                    <span>{messages}</span>
                    {error}
                </p>
            }
        })
    };
    view! {
        <section class="cuts panel stack">
            <h3>{t::http_cuts(l)}</h3>
            <p class="hint">{t::http_cuts_hint(l)}</p>
            <div class="walk-bar">
                <div class="segmented" role="group" aria-label=t::http_cuts(l)>{buttons}</div>
                <Show when=move || how.get() == How::Random>
                    <label class="choice">
                        <span class="label">{t::http_seed(l)}</span>
                        <input
                            type="number"
                            min="0"
                            prop:value=move || seed.get().to_string()
                            on:input=move |event| seed.set(event_target_value(&event).parse().unwrap_or(0))
                        />
                    </label>
                    <button type="button" on:click=move |_| seed.update(|seed| *seed = seed.wrapping_add(1))>
                        {t::http_again(l)}
                    </button>
                </Show>
                <Show when=move || how.get() == How::Once>
                    <input
                        type="range"
                        min="0"
                        max=length
                        prop:value=move || place.get().to_string()
                        aria-label=t::http_cut_place(l)
                        on:input=move |event| place.set(event_target_value(&event).parse().unwrap_or(0))
                    />
                    <span class="mono">{move || place.get().min(length())}</span>
                </Show>
            </div>
            <svg class="pieces" viewBox="0 0 1000 26" preserveAspectRatio="none" role="img" aria-label=move || cut.with(|cut| t::http_pieces(l, cut.0.pieces.len()))>
                {pieces}
            </svg>
            {answer}
        </section>
    }
}

/// A cut; two are never the same.
#[derive(Clone, Debug)]
struct Drawn(std::sync::Arc<steps::Cut>);

impl PartialEq for Drawn {
    fn eq(&self, other: &Self) -> bool {
        std::sync::Arc::ptr_eq(&self.0, &other.0)
    }
}
