//! The messages in the direction in view, as far as the receiver has them at the cursor: HTTP or a framing, each row tied
//! to its bytes, and links that carry the bytes to the tools.

use super::lab::Lab;
use super::ribbons;
use crate::browser;
use crate::model::messages::{self, By, CHOICES, Choice, Decoded};
use crate::model::selection::Thing;
use crate::model::tools::state::{self, State};
use crate::texts::{Language, lab as t, of_lab};
use leptos::prelude::*;
use sockscope_core::http::Role;
use std::sync::Arc;

/// Messages that are drawn, up to the last that is whole.
const DRAWN: usize = 200;
/// Where the choice is kept.
const KEPT: &str = "framing";

/// A direction taken apart; two are never the same.
#[derive(Clone, Debug)]
struct Shared(Arc<Decoded>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The view.
#[component]
pub fn Messages(lab: Lab) -> impl IntoView {
    let l = lab.language;
    let kept = browser::recall(KEPT).filter(|word| CHOICES.contains(&word.as_str()));
    let word = RwSignal::new(kept.unwrap_or_else(|| CHOICES[0].to_owned()));
    let direction = Memo::new(move |_| lab.direction_in_view());
    // Once for a direction: the cursor only says how much of it is there.
    let decoded = Memo::new(move |_| {
        let scene = lab.scene.get()?;
        let choice = Choice::from_word(&word.get()).unwrap_or_default();
        messages::decode(&scene.run, direction.get()?, &choice).map(|decoded| Shared(Arc::new(decoded)))
    });
    let now = Memo::new(move |_| {
        lab.scene.with(|scene| {
            let decoded = decoded.get()?;
            Some(messages::at(&scene.as_ref()?.run, &decoded.0, lab.cursor.get()))
        })
    });
    let options = CHOICES
        .iter()
        .map(|choice| {
            view! {
                <option value=*choice selected=move || word.with(|word| word == choice)>
                    {choice_name(l, choice)}
                </option>
            }
        })
        .collect_view();
    let directions = move || {
        let scene = lab.scene.get()?;
        let here = direction.get();
        let options = (0..scene.run.directions.len().min(200))
            .map(|at| {
                view! { <option value=at.to_string() selected=here == Some(at)>{ribbons::name(l, &scene, at)}</option> }
            })
            .collect_view();
        Some(options)
    };
    let list = move || {
        let (Some(decoded), Some(now)) = (decoded.get(), now.get()) else {
            return view! { <p class="empty">{t::ribbon_empty(l)}</p> }.into_any();
        };
        let decoded = decoded.0;
        let first = now.whole.saturating_sub(DRAWN);
        let rows = decoded.messages[first..now.whole]
            .iter()
            .enumerate()
            .map(|(place, message)| {
                let thing = Thing::Bytes(decoded.direction, message.range);
                let lit = move || match thing {
                    Thing::Bytes(direction, range) => lab.lit.with(|lit| lit.has_bytes(direction, range)),
                    _ => false,
                };
                let last = message.range.1.saturating_sub(1);
                view! {
                    <li class:lit=lit>
                        <button type="button" class="quiet" on:click=move |_| lab.select(thing)>
                            <span class="count">{first + place + 1}</span>
                            <code>{message.title.clone()}</code>
                            <span class="size">{t::message_payload(l, message.payload)}</span>
                            <span class="place">{format!("{}–{last}", message.range.0)}</span>
                        </button>
                    </li>
                }
            })
            .collect_view();
        let tail = now.tail.map(|range| {
            let thing = Thing::Bytes(decoded.direction, range);
            view! {
                <li class="tail">
                    <button type="button" class="quiet" on:click=move |_| lab.select(thing)>
                        <span class="count">"…"</span>
                        <span>{t::message_tail(l, range.len())}</span>
                        <span class="place">{format!("{}–", range.0)}</span>
                    </button>
                </li>
            }
        });
        let fault = decoded.fault.clone().filter(|_| now.broken).map(|fault| {
            let thing = Thing::Bytes(decoded.direction, sockscope_core::stream::Range(fault.at, fault.at + 1));
            let said = of_lab(l, &fault.key, &fault.args).unwrap_or_else(|| fault.message.clone());
            view! {
                <li class="fault">
                    <button type="button" class="quiet" on:click=move |_| lab.select(thing)>
                        <span class="count">"✕"</span>
                        <span>{t::message_fault(l, fault.at, said)}</span>
                    </button>
                </li>
            }
        });
        let none = (now.whole == 0 && now.tail.is_none() && !now.broken)
            .then(|| view! { <li class="empty">{t::message_none(l)}</li> });
        let before = (first > 0).then(|| view! { <li class="empty">{t::message_before(l, first)}</li> });
        view! {
            <ol class="message-list" data-whole=now.whole data-tail=now.tail.map(|tail| tail.len())>
                {before}
                {rows}
                {tail}
                {fault}
                {none}
            </ol>
        }
        .into_any()
    };
    let by = move || decoded.get().map(|decoded| by_name(l, decoded.0.by));
    let links = move || {
        let decoded = decoded.get()?.0;
        let have = now.get()?.have as usize;
        let bytes = &decoded.bytes[..have.min(decoded.bytes.len())];
        if bytes.is_empty() {
            return None;
        }
        let mut state = State::default();
        let head = state::head(bytes);
        state.set_bytes("b", head);
        let hash = state.write();
        let http = matches!(decoded.by, By::Http(_));
        let link = |tool: &str, name: &'static str| {
            let address = format!("{}{}/tools/{tool}{hash}", browser::server(), l.code());
            view! { <a href=address target="_blank" rel="noopener" data-tool=tool.to_owned()>{name}</a> }
        };
        let (framing, parsed) = (link("framing", t::open_in_framing(l)), link("http", t::open_in_http(l)));
        let cut = (head.len() < bytes.len())
            .then(|| view! { <span class="hint">{t::linked_first(l, head.len(), bytes.len())}</span> });
        let links =
            if http { view! { {parsed} {framing} }.into_any() } else { view! { {framing} {parsed} }.into_any() };
        Some(view! { {links} {cut} })
    };
    view! {
        <div class="messages">
            <header>
                <label>
                    <span class="unseen">{t::ribbon_direction_label(l)}</span>
                    <select data-choose="direction" on:change=move |event| {
                        lab.selection.set(None);
                        lab.direction.set(event_target_value(&event).parse().ok());
                    }>{directions}</select>
                </label>
                <label>
                    <span>{t::message_framing(l)}</span>
                    <select data-choose="framing" on:change=move |event| {
                        let chosen = event_target_value(&event);
                        browser::remember(KEPT, &chosen);
                        word.set(chosen);
                    }>{options}</select>
                </label>
                <span class="by">{by}</span>
                <nav class="links" aria-label=t::open_in(l)>{links}</nav>
            </header>
            {list}
        </div>
    }
}

fn choice_name(l: Language, word: &str) -> String {
    match word {
        "auto" => t::framing_auto(l).to_owned(),
        "http" => "HTTP/1.1".to_owned(),
        "naive" => t::framing_naive(l).to_owned(),
        "line" => t::framing_line(l).to_owned(),
        "delimiter:0x00" => t::framing_zero(l).to_owned(),
        "varint" => t::framing_varint(l).to_owned(),
        "netstring" => "netstring".to_owned(),
        "tlv" => t::framing_tlv(l).to_owned(),
        "chunked" => t::framing_chunked(l).to_owned(),
        word => match (word.strip_prefix("fixed:"), word.strip_prefix("length:")) {
            (Some(size), _) => t::framing_fixed(l, size),
            (None, Some(width)) => t::framing_length(l, width.replace(':', " ")),
            (None, None) => word.to_owned(),
        },
    }
}

fn by_name(l: Language, by: By) -> String {
    match by {
        By::Http(Role::Request) => t::by_requests(l).to_owned(),
        By::Http(Role::Response) => t::by_responses(l).to_owned(),
        By::Datagrams => t::by_datagrams(l).to_owned(),
        By::Codec(name) => t::by_codec(l, choice_name(l, name)),
    }
}
