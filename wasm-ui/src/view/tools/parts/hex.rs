//! Bytes in hexadecimal and ASCII. Only the rows around the view are in the page, so a megabyte scrolls like a line.

use super::{Bytes, ROW, Rows, Selection};
use crate::browser;
use crate::model::tools::hex::{self, Mark, Stretch};
use crate::texts::{Language, tools as t};
use leptos::prelude::*;

/// Narrower than this, in pixels, a row has eight bytes.
const NARROW: f64 = 590.0;

/// The view. A click selects a byte, or what `snap` makes of it; a drag or Shift selects a range; arrows move.
#[component]
pub fn HexView(
    /// The reader's language.
    l: Language,
    /// The bytes.
    #[prop(into)]
    bytes: Signal<Bytes>,
    /// Their colours, in order, not overlapping.
    #[prop(into, optional)]
    marks: Signal<Vec<Mark>>,
    /// What is selected, here or elsewhere.
    selection: RwSignal<Selection>,
    /// What belongs to a byte that is clicked, such as its field.
    #[prop(optional, into)]
    snap: Option<Callback<usize, (usize, usize)>>,
    /// What a byte is, for readers who hear it.
    #[prop(optional, into)]
    tell: Option<Callback<usize, String>>,
) -> impl IntoView {
    let width = RwSignal::new(16usize);
    let cursor = RwSignal::new(0usize);
    let anchor = StoredValue::new(None::<usize>);
    let length = Memo::new(move |_| bytes.with(|bytes| bytes.len()));
    let digits = Memo::new(move |_| if length.get() > 0x1_0000 { 6 } else { 4 });

    let count = Signal::derive(move || length.get().div_ceil(width.get()));
    let rows = Rows::new(count, 0.0, move |wide| {
        let new = if wide < NARROW { 8 } else { 16 };
        if width.get_untracked() != new {
            width.set(new);
        }
        ROW
    });
    // What is selected elsewhere comes into view here.
    rows.follow(move || selection.get().map(|(start, _)| start / width.get()));
    let extend = move |from: usize, to: usize| selection.set(Some((from.min(to), from.max(to) + 1)));
    let pressed = move |at: usize, shift: bool| {
        cursor.set(at);
        if let (true, Some(from)) = (shift, anchor.get_value()) {
            extend(from, at);
            return;
        }
        anchor.set_value(Some(at));
        selection.set(Some(snap.map_or((at, at + 1), |snap| snap.run(at))));
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            selection.set(None);
            return;
        }
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let now = cursor.get_untracked().min(length.get_untracked().saturating_sub(1));
        let Some(to) = hex::step(&event.key(), now, width.get_untracked(), rows.page(), length.get_untracked()) else {
            return;
        };
        event.prevent_default();
        event.stop_propagation();
        cursor.set(to);
        if event.shift_key() {
            let from = anchor.get_value().unwrap_or(now);
            anchor.set_value(Some(from));
            extend(from, to);
        } else {
            anchor.set_value(Some(to));
            selection.set(Some((to, to + 1)));
        }
    };
    let draw = move |row: usize| {
        let place = Memo::new(move |_| {
            let from = row * width.get();
            (from, (from + width.get()).min(length.get()).max(from))
        });
        // A row is drawn again when what is selected in it changes, not with every selection.
        let selected = Memo::new(move |_| {
            let (from, to) = place.get();
            selection.get().map(|(start, end)| (start.max(from), end.min(to))).filter(|(start, end)| start < end)
        });
        let cells = move || {
            let (from, to) = place.get();
            bytes.with(|bytes| {
                let here = bytes.get(from..to).unwrap_or_default();
                marks.with(|marks| {
                    cells(from, here, digits.get(), &hex::stretches(from, from + here.len(), marks, selected.get()))
                })
            })
        };
        view! { <div class="hex-row" style:top=move || rows.top(row)>{cells}</div> }
    };
    let told = move || {
        let at = cursor.get();
        let byte = bytes.with(|bytes| bytes.get(at).copied())?;
        let kind = tell.map(|tell| tell.run(at)).unwrap_or_default();
        selection.get().map(|_| t::byte_told(l, at, hex::character(byte), format!("{byte:02x}"), kind))
    };
    view! {
        <div class="hex" data-width=move || width.get()>
            <div
                class="hex-scroll"
                tabindex="0"
                role="group"
                aria-label=move || t::hex_view(l, length.get())
                node_ref=rows.frame
                on:scroll=move |_| rows.scrolled()
                on:keydown=key
                on:pointerdown=move |event| {
                    if let Some(at) = browser::pointed(&event) {
                        pressed(at, event.shift_key());
                    }
                }
                on:pointermove=move |event| {
                    if event.buttons() == 1 && event.pointer_type() == "mouse"
                        && let (Some(from), Some(to)) = (anchor.get_value(), browser::pointed(&event))
                        && from != to
                    {
                        extend(from, to);
                    }
                }
            >
                <div class="hex-rows" style:height=move || rows.height()>
                    <For each=move || rows.drawn() key=|row| *row children=draw/>
                </div>
            </div>
            {move || (length.get() == 0).then(|| view! { <p class="empty">{t::no_bytes(l)}</p> })}
            <p class="unseen" aria-live="polite">{told}</p>
        </div>
    }
}

/// A row of bytes, the first of which is byte `from`.
fn cells(from: usize, bytes: &[u8], digits: usize, stretches: &[Stretch]) -> impl IntoView + use<> {
    // Cells as markup: a view of its own for each would make a jump in a megabyte of bytes stutter.
    let column = |text: fn(u8) -> String| {
        stretches
            .iter()
            .map(|stretch| {
                let cells: String = (stretch.start..stretch.end)
                    .map(|at| format!("<b data-at={at}>{}</b>", text(bytes[at - from])))
                    .collect();
                view! {
                    <span
                        data-kind=stretch.kind
                        class:quiet=stretch.quiet
                        class:selected=stretch.selected
                        inner_html=cells
                    ></span>
                }
            })
            .collect_view()
    };
    view! {
        <span class="offset">{format!("{from:0digits$x}")}</span>
        <span class="digits">{column(|byte| format!("{byte:02x}"))}</span>
        <span class="characters" aria-hidden="true">{column(hex::markup)}</span>
    }
}
