//! A button that copies a text to the clipboard and says whether it did.

use crate::browser;
use crate::texts::{Language, tools as t};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// The view.
#[component]
pub fn Copy(
    /// The reader's language.
    l: Language,
    /// What the button says.
    #[prop(into)]
    label: String,
    /// Makes the text when it is wanted.
    #[prop(into)]
    text: Callback<(), String>,
) -> impl IntoView {
    let done = RwSignal::new(None::<bool>);
    let copy = move |_| {
        let text = text.run(());
        spawn_local(async move {
            done.try_set(Some(browser::copy(&text).await));
            set_timeout(
                move || {
                    let _ = done.try_set(None);
                },
                Duration::from_secs(2),
            );
        });
    };
    let words = move || match done.get() {
        None => label.clone(),
        Some(true) => t::copied(l).to_owned(),
        Some(false) => t::not_copied(l).to_owned(),
    };
    view! {
        <button type="button" class="quiet copy" on:click=copy>
            <span aria-live="polite">{words}</span>
        </button>
    }
}
