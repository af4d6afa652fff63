//! A box of many rows of one height, of which only those around the view are in the page. It knows nothing of what
//! stands in a row.

use crate::browser;
use leptos::html::Div;
use leptos::prelude::*;
use std::ops::Range;

/// Height of a row of bytes in pixels, as in the style sheet.
pub const ROW: f64 = 22.0;
/// Rows drawn above and below the view.
const SPARE: usize = 12;
/// Rows that are scrolled before others are drawn: few at a time keep scrolling even.
const STEP: usize = 4;
/// How deep in the view a row is put that was far away, as a part of the view's height.
const DEPTH: f64 = 0.3;
/// Tallest box, in pixels. Browsers draw none beyond a height of their own, the lowest of which is 17.8 million.
const TALLEST: f64 = 16e6;

/// The box, and where it is scrolled to.
#[derive(Clone, Copy)]
pub struct Rows {
    /// The element that scrolls.
    pub frame: NodeRef<Div>,
    count: Signal<usize>,
    /// Pixels at the top of the box that the heads of columns cover.
    head: f64,
    high: RwSignal<f64>,
    page: RwSignal<usize>,
    first: RwSignal<usize>,
    /// Where there are more rows than the tallest box holds: pixels by which they are drawn above their own places.
    lift: RwSignal<f64>,
}

impl Rows {
    /// A box of `count` rows below `head` pixels that stay. `high` gives the height of a row, told the width of the box
    /// whenever that changes.
    pub fn new(count: Signal<usize>, head: f64, mut high: impl FnMut(f64) -> f64 + 'static) -> Self {
        let rows = Rows {
            frame: NodeRef::new(),
            count,
            head,
            high: RwSignal::new(ROW),
            page: RwSignal::new(20),
            first: RwSignal::new(0),
            lift: RwSignal::new(0.0),
        };
        rows.frame.on_load(move |frame| {
            browser::watch_size(&frame, move |wide, tall| {
                // Something that is not shown has no size.
                if wide == 0.0 || rows.high.try_get_untracked().is_none() {
                    return;
                }
                let new = high(wide);
                set(rows.high, new);
                set(rows.page, ((tall / new).ceil() as usize).max(1));
                rows.scrolled();
            });
        });
        rows
    }

    /// Rows that are in view at a time.
    pub fn page(self) -> usize {
        let Some(frame) = self.frame.get_untracked() else { return 1 };
        ((f64::from(frame.client_height()) - self.head) / self.high.get_untracked()).max(1.0) as usize
    }

    /// Brings a row into view whenever `row` names another.
    pub fn follow(self, row: impl Fn() -> Option<usize> + 'static) {
        Effect::new(move |_| {
            if let Some(row) = row().filter(|_| self.frame.get().is_some()) {
                self.reveal(row);
            }
        });
    }

    /// Brings a row into view by scrolling as little as can be, unless it was far away.
    pub fn reveal(self, row: usize) {
        let Some(frame) = self.frame.get_untracked() else { return };
        let (high, tall) = (self.high.get_untracked(), f64::from(frame.client_height()) - self.head);
        let now = f64::from(frame.scroll_top()) + self.lift.get_untracked();
        let at = row as f64 * high;
        let to = match at {
            _ if at >= now && at + high <= now + tall => return,
            _ if at < now - high || at > now + tall => at - tall * DEPTH,
            _ if at < now => at,
            _ => at + high - tall,
        };
        frame.set_scroll_top((to.max(0.0) / self.scale(tall)).round() as i32);
        self.scrolled();
    }

    /// To be called when the box was scrolled: other rows are drawn once the spare ones are used up.
    pub fn scrolled(self) {
        let Some(frame) = self.frame.get_untracked() else { return };
        let (top, tall) = (f64::from(frame.scroll_top()), f64::from(frame.client_height()) - self.head);
        let scale = self.scale(tall);
        let first = (top * scale / self.high.get_untracked()) as usize;
        set(self.lift, top * scale - top);
        set(self.first, first / STEP * STEP);
    }

    /// Pixels of the rows for each pixel of the box.
    fn scale(self, tall: f64) -> f64 {
        let whole = self.count.get_untracked() as f64 * self.high.get_untracked();
        if whole <= TALLEST { 1.0 } else { (whole - tall) / (TALLEST - tall) }
    }

    /// Which rows to draw.
    pub fn drawn(self) -> Range<usize> {
        let first = self.first.get();
        let end = (first + self.page.get() + 2 * SPARE).min(self.count.get());
        first.saturating_sub(SPARE).min(end)..end
    }

    /// Whether rows have this height now, for a style that depends on it: style sheet and rows must not disagree.
    pub fn are_high(self, high: f64) -> bool {
        self.high.get() == high
    }

    /// Where to draw a row, for its style.
    pub fn top(self, row: usize) -> String {
        format!("{}px", row as f64 * self.high.get() - self.lift.get())
    }

    /// How tall a frame is that shows so many rows whole, at most `most` pixels, for its style.
    pub fn frame_height(self, rows: usize, most: f64) -> String {
        format!("{}px", (self.head + rows as f64 * self.high.get()).min(most))
    }

    /// How tall the box of the rows is, for its style.
    pub fn height(self) -> String {
        format!("{}px", (self.count.get() as f64 * self.high.get()).min(TALLEST))
    }
}

/// Sets a signal that has another value.
fn set<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|now| *now != value) {
        signal.set(value);
    }
}
