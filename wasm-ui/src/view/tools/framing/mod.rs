//! Framing: one list of messages, every codec side by side.

use super::Tool;
use super::raw::Raw;
use leptos::prelude::*;

/// The view.
#[component]
pub fn Framing(tool: Tool) -> impl IntoView {
    view! { <Raw tool/> }
}
