//! The stream as coloured text, part by part. Only the rows around the view are in the page.

use super::{Page, range_of, tint};
use crate::model::tools::http::rows;
use crate::texts::tools as t;
use crate::view::tools::parts::{ROW, Rows};
use leptos::prelude::*;

/// Width of a character, rounded up: a row is never wider than the view.
const LETTER: f64 = 8.1;
/// What stands beside the letters.
const MARGIN: f64 = 30.0;

/// The view.
#[component]
pub fn Sheet(page: Page) -> impl IntoView {
    let l = page.l;
    let columns = RwSignal::new(72usize);
    let starts = Memo::new(move |_| page.bytes.with(|bytes| rows::rows(bytes, columns.get())));
    let count = Signal::derive(move || starts.with(|starts| starts.len().saturating_sub(1)));
    let visible = Rows::new(count, 0.0, move |wide| {
        let new = (((wide - MARGIN) / LETTER) as usize).max(12);
        if columns.get_untracked() != new {
            columns.set(new);
        }
        ROW
    });
    // What is selected elsewhere comes into view here.
    visible.follow(move || {
        let (start, _) = page.selection.get()?;
        Some(starts.with(|starts| rows::row_of(starts, start)))
    });
    let step = move |by: isize| {
        page.parsed.with_untracked(|parsed| {
            let parts = &parsed.0.parts;
            let now = page
                .selection
                .get_untracked()
                .and_then(|(start, _)| crate::model::tools::http::parts::at(parts, start as u64));
            let next = match now {
                Some(now) => now.saturating_add_signed(by).min(parts.len().saturating_sub(1)),
                None => 0,
            };
            if let Some(part) = parts.get(next) {
                page.selection.set(Some(range_of(part)));
            }
        });
    };
    let drawn = move || {
        let selection = page.selection.get();
        page.bytes.with(|bytes| {
            page.parsed.with(|parsed| {
                starts.with(|starts| {
                    visible
                        .drawn()
                        .map(|row| {
                            let (start, end) = (starts[row] as usize, starts[row + 1] as usize);
                            let parts = &parsed.0.parts;
                            let pieces = rows::pieces(bytes, start, end, parts, selection)
                                .into_iter()
                                .map(|piece| {
                                    let part = piece.part.map(|place| parts[place]);
                                    let tint = part.and_then(|part| tint(part.kind));
                                    view! {
                                        <span
                                            data-kind=tint.map(|tint| tint.0)
                                            data-part=part.map(|part| part.kind.word())
                                            class:quiet=tint.is_some_and(|tint| tint.1)
                                            class:selected=piece.selected
                                            on:click=move |_| {
                                                if let Some(part) = part {
                                                    page.selection.set(Some(range_of(&part)));
                                                }
                                            }
                                        >
                                            {piece.text}
                                        </span>
                                    }
                                })
                                .collect_view();
                            view! { <div class="sheet-row" style:top=visible.top(row)>{pieces}</div> }
                        })
                        .collect_view()
                })
            })
        })
    };
    // A few rows need no box for many.
    let height_of_frame = move || format!("{}px", count.get().min(13) as f64 * ROW + 14.0);
    view! {
        <div
            class="sheet"
            tabindex="0"
            role="group"
            aria-label=t::http_sheet(l)
            node_ref=visible.frame
            style=("--sheet-height", height_of_frame)
            on:scroll=move |_| visible.scrolled()
            on:keydown=move |event| {
                match event.key().as_str() {
                    "ArrowRight" | "ArrowDown" => step(1),
                    "ArrowLeft" | "ArrowUp" => step(-1),
                    "Escape" => page.selection.set(None),
                    _ => return,
                }
                event.prevent_default();
            }
        >
            <div class="sheet-rows" style:height=move || visible.height()>{drawn}</div>
            {move || page.bytes.with(|bytes| bytes.is_empty()).then(|| view! { <p class="empty">{t::no_bytes(l)}</p> })}
        </div>
    }
}
