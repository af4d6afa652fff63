//! A box of many rows of one height, of which only those around the view are in the page. It knows nothing of what
//! stands in a row.

use leptos::html::Div;
use leptos::prelude::*;
use std::ops::Range;

/// Height of a row in pixels, as in the style sheet.
pub const ROW: f64 = 22.0;
/// Rows drawn above and below the view.
const SPARE: usize = 12;

/// The box, and where it is scrolled to.
#[derive(Clone, Copy)]
pub struct Rows {
    /// The element that scrolls.
    pub frame: NodeRef<Div>,
    first: RwSignal<usize>,
    view: usize,
}

impl Rows {
    /// A box that shows at most `view` rows at a time.
    pub fn new(view: usize) -> Self {
        Rows { frame: NodeRef::new(), first: RwSignal::new(0), view }
    }

    /// Brings a row into view whenever `row` names another.
    pub fn follow(self, row: impl Fn() -> Option<usize> + 'static) {
        Effect::new(move |_| {
            let Some(row) = row() else { return };
            if let Some(frame) = self.frame.get() {
                let at = row as f64 * ROW;
                let (top, high) = (f64::from(frame.scroll_top()), f64::from(frame.client_height()));
                if at < top || at + ROW > top + high {
                    frame.set_scroll_top((at - high * 0.3).max(0.0) as i32);
                }
            }
        });
    }

    /// To be called when the box was scrolled: other rows are drawn once the spare ones are used up.
    pub fn scrolled(self) {
        if let Some(frame) = self.frame.get_untracked() {
            let quantum = (f64::from(frame.scroll_top()) / ROW) as usize / SPARE * SPARE;
            if self.first.get_untracked() != quantum {
                self.first.set(quantum);
            }
        }
    }

    /// Which of `count` rows to draw.
    pub fn drawn(self, count: usize) -> Range<usize> {
        let first = self.first.get();
        first.saturating_sub(SPARE)..(first + self.view + 2 * SPARE).min(count)
    }
}
