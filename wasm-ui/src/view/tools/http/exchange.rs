//! What happened when requests were sent: how it ended, the socket calls of both ends in order, both directions as parts,
//! and the same as a command.

use super::send::Command;
use super::{Choices, Page, facts, say, sheet, told};
use crate::model::tools::http::exchange::{Call, Exchange};
use crate::model::tools::http::explain;
use crate::texts::tools as t;
use leptos::prelude::*;
use sockscope_core::http::{Leniency, Role};
use sockscope_core::trace::narrate::Sentence;
use std::sync::Arc;

/// Calls that are listed.
const LISTED: usize = 120;

/// The view.
#[component]
pub fn Seen(page: Page, exchange: Arc<Exchange>) -> impl IntoView {
    let l = page.l;
    let answer = exchange.answer.clone();
    let statuses = answer
        .requests
        .iter()
        .map(|sent| {
            let method = sent.method.clone().unwrap_or_else(|| "?".to_owned());
            let status = sent.status.map_or_else(|| t::http_no_status(l).to_owned(), |status| status.to_string());
            let told = sent.status.and_then(explain::status).map(|sentence| say(l, &sentence));
            view! {
                <li>
                    <code>{format!("{method} → {status}")}</code>
                    <span>{told}</span>
                </li>
            }
        })
        .collect_view();
    let stays = match answer.closed_by.as_deref() {
        Some("server") => t::http_closed_by_server(l),
        _ => t::http_stays_open(l),
    };
    let ended = say(l, &Sentence::new(format!("http_page.ended_{}", answer.ended)));
    let first = answer.requests.first().cloned().unwrap_or_default();
    let curl = match (&first.curl, &first.no_curl) {
        (Some(curl), _) => view! { <Command l name=t::http_curl(l).to_owned() command=curl.clone()/> }.into_any(),
        (None, Some(why)) => {
            let why = say(l, &Sentence::new(format!("http.no_curl_{why}")));
            view! { <p class="hint">{t::http_no_curl(l, why)}</p> }.into_any()
        }
        (None, None) => ().into_any(),
    };
    let several = answer.requests.len() > 1;
    let requests = Page::of(
        page,
        &answer.to_server.data,
        Choices { role: Some(Role::Request), eof: false, answers: Vec::new(), leniency: Leniency::default() },
    );
    let responses = Page::of(
        page,
        &answer.to_client.data,
        Choices {
            role: Some(Role::Response),
            eof: exchange.ended,
            answers: exchange.answers.clone(),
            leniency: Leniency::default(),
        },
    );
    view! {
        <section class="stack seen" data-ended=answer.ended.clone()>
            <h3>{t::http_happened(l)}</h3>
            <div role="status"><ul class="statuses">{statuses}</ul></div>
            <p>
                {ended}
                " "
                {stays}
                " "
                <span class="hint">
                    {t::http_between(l, answer.client.clone(), answer.elapsed, answer.server.clone())}
                </span>
            </p>
            {several.then(|| view! { <p class="hint">{t::http_stateless(l)}</p> })}
            <div class="columns">
                <Way page=requests title=t::http_to_server(l, answer.to_server.data.len())/>
                <Way page=responses title=t::http_to_client(l, answer.to_client.data.len())/>
            </div>
            <Ladder page calls=answer.calls.clone()/>
            <div class="panel stack">
                <h3>{t::http_repeat(l)}</h3>
                <p class="hint">{t::http_repeat_hint(l)}</p>
                {curl}
                <Command l name=t::http_netcat(l).to_owned() command=first.netcat/>
            </div>
        </section>
    }
}

/// One direction as parts.
#[component]
fn Way(page: Page, title: String) -> impl IntoView {
    view! {
        <div class="stack way">
            <h4>{title}</h4>
            <sheet::Sheet page/>
            <told::Told page/>
            <facts::Facts page/>
        </div>
    }
}

/// The socket calls, client at the left and server at the right, time running down.
#[component]
fn Ladder(page: Page, calls: Vec<Call>) -> impl IntoView {
    let l = page.l;
    let more = calls.len().saturating_sub(LISTED);
    let rows = calls
        .into_iter()
        .take(LISTED)
        .map(|call| {
            let label = match call.size {
                Some(0) if call.call == "recv" => t::http_call_end(l).to_owned(),
                Some(size) => t::http_call_bytes(l, &call.call, size),
                None => match call.call.as_str() {
                    "time_limit" => t::http_call_time_limit(l).to_owned(),
                    "broken" => t::http_call_broken(l).to_owned(),
                    name => name.to_owned(),
                },
            };
            let client = call.end == "client";
            let way = match (call.call.as_str(), client) {
                ("send" | "connect", true) => "▶",
                ("send", false) => "◀",
                _ => "",
            };
            let (left, right) = if client { (label, String::new()) } else { (String::new(), label) };
            view! {
                <tr data-end=call.end data-call=call.call>
                    <td class="time">{milliseconds(call.at)}</td>
                    <td class="client"><code>{left}</code></td>
                    <td class="way" aria-hidden="true">{way}</td>
                    <td class="server"><code>{right}</code></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="stack">
            <h3>{t::http_calls(l)}</h3>
            <div class="wide">
                <table class="calls">
                    <thead>
                        <tr>
                            <th scope="col">{t::http_time(l)}</th>
                            <th scope="col">{super::named(l, "side", "client")}</th>
                            <th scope="col"><span class="unseen">{t::http_way_of_bytes(l)}</span></th>
                            <th scope="col">{super::named(l, "side", "server")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {(more > 0).then(|| view! { <p class="hint">{t::http_more_calls(l, more)}</p> })}
        </div>
    }
}

fn milliseconds(microseconds: u64) -> String {
    format!("{}.{:03} ms", microseconds / 1000, microseconds % 1000)
}
