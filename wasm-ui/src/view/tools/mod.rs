//! The tools as they are drawn: a frame that wakes one of them by its name, what they share, and a folder for each.

mod address;
mod encapsulation;
mod framing;
mod http;
mod packets;
pub mod parts;

use crate::browser;
use crate::model::tools::state::State;
use crate::texts::{Language, tools as t};
use leptos::prelude::*;
use std::time::Duration;

/// How long the address waits for the reader to finish.
const REST: Duration = Duration::from_millis(250);

/// One tool in a page.
#[derive(Clone, Copy)]
pub struct Tool {
    /// The language of the page around it.
    pub language: Language,
    /// Whether the address bar is its own.
    pub linked: bool,
    /// What the address holds. Whoever sets it moves the tool; it is written to the address soon after.
    pub state: RwSignal<State>,
}

impl Tool {
    /// A tool at the state of the page's address.
    pub fn new(language: Language, linked: bool) -> Tool {
        let read = || State::read(&browser::address().1);
        let state = RwSignal::new(if linked { read() } else { State::default() });
        if linked {
            let changes = StoredValue::new(0u32);
            Effect::new(move |first: Option<()>| {
                let hash = state.with(State::write);
                changes.update_value(|changes| *changes += 1);
                let mine = changes.get_value();
                if first.is_some() {
                    set_timeout(
                        move || {
                            if changes.try_get_value() == Some(mine) {
                                browser::set_hash(&hash);
                            }
                        },
                        REST,
                    );
                }
            });
            // A link within the page, or the reader's own edit of the address.
            let moved = window_event_listener(leptos::ev::hashchange, move |_| {
                let now = read();
                if state.with_untracked(|state| *state != now) {
                    state.set(now);
                }
            });
            on_cleanup(move || moved.remove());
        }
        Tool { language, linked, state }
    }

    /// A key of the state as a signal of its own.
    pub fn value(self, key: &'static str) -> Memo<Option<String>> {
        Memo::new(move |_| self.state.with(|state| state.get(key).map(str::to_owned)))
    }

    /// Sets a key of the state; an empty value takes it away.
    pub fn set(self, key: &str, value: impl ToString) {
        let value = value.to_string();
        if self.state.with_untracked(|state| state.get(key).unwrap_or_default() != value) {
            self.state.update(|state| state.set(key, value));
        }
    }
}

/// A tool by its name.
#[component]
pub fn Frame(
    /// What its parts share.
    tool: Tool,
    /// As in `<socket-tool name="…">`.
    name: String,
) -> impl IntoView {
    let l = tool.language;
    let body = match name.as_str() {
        "encapsulation" => view! { <encapsulation::Encapsulation tool/> }.into_any(),
        "packets" => view! { <packets::Packets tool/> }.into_any(),
        "framing" => view! { <framing::Framing tool/> }.into_any(),
        "address" => view! { <address::Address tool/> }.into_any(),
        "http" => view! { <http::Http tool/> }.into_any(),
        _ => view! { <parts::ErrorBox l sentence=t::unknown_tool(l, &name)/> }.into_any(),
    };
    view! {
        <section class="tool" lang=l.code() data-tool=name>
            {body}
        </section>
    }
}
