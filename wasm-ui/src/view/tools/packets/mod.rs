//! The packets page: a capture that is dropped, chosen, linked or taken from a run, read by slices, as a list with details
//! and as streams. One component per file.

mod desk;
mod detail;
mod followed;
mod intake;
mod list;
mod streams;

use super::Tool;
use super::parts::ErrorBox;
use crate::texts::{self, tools as t};
use desk::Desk;
use leptos::prelude::*;

/// The view.
#[component]
pub fn Packets(tool: Tool) -> impl IntoView {
    let l = tool.language;
    let desk = Desk::new(tool);
    desk.open_linked();
    let streams = Memo::new(move |_| tool.state.with(|state| state.get("v") == Some("streams") || state.has("s")));
    let following = Memo::new(move |_| tool.state.with(|state| state.number::<u32>("s")));
    let choose = move |streams: bool| {
        tool.state.update(|state| {
            state.remove("s");
            state.set("v", if streams { "streams" } else { "" });
        });
    };
    let some = Memo::new(move |_| {
        desk.version.track();
        desk.book.with_value(|book| !book.rows.is_empty() || book.error.is_some())
    });
    let broken = move || {
        desk.version.track();
        let (error, packets) = desk.book.with_value(|book| (book.error, book.rows.len()));
        let error = error?;
        let said = texts::of_tools(l, &format!("wire.capture_{}", error.kind.code()), &error.args());
        let said = said.unwrap_or_else(|| error.to_string());
        let sentence = if packets > 0 { format!("{said} {}", t::packets_broken(l)) } else { said };
        Some(view! { <ErrorBox l sentence/> })
    };
    view! {
        <intake::Intake desk/>
        {broken}
        {move || desk.trouble.get().map(|sentence| view! { <ErrorBox l sentence/> })}
        <Show when=move || some.get()>
            <div class="segmented modes" role="group" aria-label=t::packets_views(l)>
                <button type="button" aria-pressed=move || (!streams.get()).to_string() on:click=move |_| choose(false)>
                    {t::packets_list(l)}
                </button>
                <button type="button" aria-pressed=move || streams.get().to_string() on:click=move |_| choose(true)>
                    {t::packets_streams(l)}
                </button>
            </div>
            <Show
                when=move || streams.get()
                fallback=move || view! { <list::List desk/> <detail::Detail desk/> }
            >
                <Show when=move || following.get().is_some() fallback=move || view! { <streams::Streams desk/> }>
                    <followed::FollowedStream desk following/>
                </Show>
            </Show>
        </Show>
    }
}
