//! What each message says as a whole: how its content is delimited and why, whether the connection goes on, and what is
//! worth knowing.

use super::told::Rule;
use super::{Page, say};
use crate::model::tools::http::explain;
use crate::texts::{Language, tools as t};
use leptos::prelude::*;
use sockscope_core::http::report::{Message, StartReport};
use sockscope_core::http::{Method, Persistence};
use sockscope_core::trace::narrate::Sentence;

/// Messages that are listed; further ones are counted.
const LISTED: usize = 20;

/// The view.
#[component]
pub fn Facts(page: Page) -> impl IntoView {
    let l = page.l;
    move || {
        let parsed = page.parsed.get().0;
        let messages = &parsed.report.messages;
        if messages.is_empty() {
            return ().into_any();
        }
        let more = (messages.len().saturating_sub(LISTED)) as u64 + parsed.report.more_messages;
        let cards = messages
            .iter()
            .take(LISTED)
            .enumerate()
            .map(|(place, message)| {
                let range = (message.range.0 as usize, message.range.1 as usize);
                view! {
                    <li class="message panel" class:open=!message.complete>
                        <button type="button" class="quiet title" on:click=move |_| page.selection.set(Some(range))>
                            <span class="number">{place + 1}</span>
                            <code>{title(message)}</code>
                        </button>
                        <dl>{rows(page, message)}</dl>
                    </li>
                }
            })
            .collect_view();
        view! {
            <section class="stack">
                <h3>{t::http_messages(l)}</h3>
                <ol class="messages">{cards}</ol>
                {(more > 0).then(|| view! { <p class="hint">{t::http_more_messages(l, more)}</p> })}
            </section>
        }
        .into_any()
    }
}

/// A message in a few words.
pub fn title(message: &Message) -> String {
    match &message.start {
        StartReport::Request { method, target, .. } => format!("{} {}", method.text, target.whole.text),
        StartReport::Response { status, reason, .. } => format!("{status} {}", reason.text),
    }
}

fn rows(page: Page, message: &Message) -> impl IntoView + use<> {
    let l = page.l;
    let (why, section) = explain::why(message);
    let missing = match (message.complete, message.framing.length) {
        (true, _) => None,
        (false, Some(length)) => {
            Some(t::http_content_missing(l, message.content_length, length.saturating_sub(message.content_length)))
        }
        (false, None) => Some(t::http_content_open(l, message.content_length)),
    };
    let length = missing.unwrap_or_else(|| t::http_content_bytes(l, message.content_length));
    let goes_on = match (message.framing.by, message.persistence) {
        ("tunnel", _) => t::http_after_tunnel(l),
        (_, Persistence::KeepAlive) => t::http_after_keep_alive(l),
        (_, Persistence::Close) => t::http_after_close(l),
    };
    let upgrade = (message.upgrade && message.framing.by != "tunnel").then(|| t::http_upgrade(l));
    let notices = message
        .notices
        .iter()
        .map(|notice| {
            let sentence = Sentence::new(format!("http.notice_{}", notice.code)).with("field", notice.field.clone());
            view! {
                <div class="notice">
                    <dt>{t::http_notice(l, notice.line)}</dt>
                    <dd>
                        {say(l, &sentence)}
                        " "
                        <Rule l section=notice.section.to_owned()/>
                    </dd>
                </div>
            }
        })
        .collect_view();
    let promises = match &message.start {
        StartReport::Request { promises: Some(method), .. } => Some(view! {
            <div>
                <dt>{t::http_promises(l)}</dt>
                <dd>
                    {promises(l, method)} " " <Rule l section=method.section.to_owned()/>
                </dd>
            </div>
        }),
        _ => None,
    };
    view! {
        <div>
            <dt>{t::http_content(l)}</dt>
            <dd>
                <b>{length}</b>
                " "
                {say(l, &why)}
                " "
                <Rule l section/>
            </dd>
        </div>
        <div>
            <dt>{t::http_after(l)}</dt>
            <dd>{goes_on} " " {upgrade} " " <Rule l section="RFC 9112, 9.3".to_owned()/></dd>
        </div>
        {promises}
        {notices}
    }
}

/// What a method promises, in words.
pub fn promises(l: Language, method: &Method) -> String {
    let word = |yes: bool, word: &'static str, not: &'static str| if yes { word } else { not };
    [
        word(method.safe, t::http_safe(l), t::http_not_safe(l)),
        word(method.idempotent, t::http_idempotent(l), t::http_not_idempotent(l)),
        word(explain::is_cacheable(method.name), t::http_cacheable(l), t::http_not_cacheable(l)),
        word(method.request_content, t::http_with_content(l), t::http_without_content(l)),
    ]
    .join(if l == Language::Zh { "，" } else { ", " })
}
