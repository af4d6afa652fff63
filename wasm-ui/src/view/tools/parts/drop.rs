//! A box that takes a file which is dropped on it. It does not read the file.

use crate::browser::{self, File};
use leptos::prelude::*;

/// The box; it has the class `over` while something is held above it.
#[component]
pub fn DropBox(
    /// Its class.
    class: &'static str,
    /// Whether it has the class `filled`.
    #[prop(optional, into)]
    filled: Signal<bool>,
    /// Takes what was dropped.
    take: Callback<Option<File>>,
    /// What stands in it.
    children: Children,
) -> impl IntoView {
    let over = RwSignal::new(false);
    view! {
        <div
            class=class
            class:over=move || over.get()
            class:filled=move || filled.get()
            on:dragover=move |event| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event| {
                event.prevent_default();
                over.set(false);
                take.run(browser::offered_file(&event));
            }
        >
            {children()}
        </div>
    }
}
