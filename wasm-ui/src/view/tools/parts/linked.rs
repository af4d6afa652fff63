//! How much of the bytes a link to another tool takes along, where that is not all of them. The link itself is not here.

use crate::texts::{Language, tools as t};
use leptos::prelude::*;

/// The view.
#[component]
pub fn Linked(
    /// The language.
    l: Language,
    /// Bytes that the link has.
    bytes: usize,
    /// Bytes that there are.
    of: u64,
) -> impl IntoView {
    ((bytes as u64) < of).then(|| view! { <span class="hint">" " {t::linked_first(l, bytes, of)}</span> })
}
