//! The signs on buttons, drawn: not every system's letters have them.

use leptos::prelude::*;

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Icon {
    First,
    Previous,
    Play,
    Pause,
    Next,
    Last,
    Incident,
    Restore,
    Present,
}

/// Draws a sign in the colour of the text around it.
pub fn icon(icon: Icon) -> impl IntoView {
    let path = match icon {
        Icon::First => "M3 3h2v10H3zM13 3v10L6 8z",
        Icon::Previous => "M11 3v10L4 8z",
        Icon::Play => "M4 2.5v11l9.5-5.5z",
        Icon::Pause => "M4 3h3v10H4zM9 3h3v10H9z",
        Icon::Next => "M5 3v10l7-5z",
        Icon::Last => "M3 3v10l7-5zM11 3h2v10h-2z",
        Icon::Incident => "M9.5 1 3 9h4l-1 6 7-8.5H8.6z",
        Icon::Restore => "M8 3a5 5 0 1 1-4.9 6h1.6A3.5 3.5 0 1 0 8 4.6V7L4 3.9 8 .8z",
        Icon::Present => "M2 2h5v2H4v3H2zM9 2h5v5h-2V4H9zM2 9h2v3h3v2H2zM12 9h2v5H9v-2h3z",
    };
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="15" height="15" aria-hidden="true">
            <path d=path/>
        </svg>
    }
}
