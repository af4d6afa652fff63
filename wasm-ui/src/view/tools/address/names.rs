//! Services by name or port, and hosts by name. The table of services is built in; the server knows the machine's own table
//! and its resolver, and is asked only when the reader says so.

use crate::browser::{self, Cancel, Failure};
use crate::model::tools::address::{Answer, answer, refusal, segment, services};
use crate::texts::{self, Language, tools as t};
use crate::view::tools::Tool;
use crate::view::tools::parts::ErrorBox;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// A question to the server.
#[derive(Clone, Copy)]
struct Question {
    l: Language,
    /// Tenths of a second since it was asked.
    waiting: RwSignal<Option<u32>>,
    answer: RwSignal<Option<Result<Answer, String>>>,
    cancel: StoredValue<Option<Cancel>, LocalStorage>,
    /// Counts the questions, so that a late answer to an earlier one is not taken.
    number: StoredValue<u32>,
}

impl Question {
    fn new(l: Language) -> Question {
        let question = Question {
            l,
            waiting: RwSignal::new(None),
            answer: RwSignal::new(None),
            cancel: StoredValue::new_local(None),
            number: StoredValue::new(0),
        };
        on_cleanup(move || question.stop());
        question
    }

    fn ask(self, path: String) {
        self.stop();
        self.answer.set(None);
        self.number.update_value(|number| *number += 1);
        let mine = self.number.get_value();
        let cancel = Cancel::new();
        self.cancel.set_value(cancel.clone());
        self.waiting.set(Some(0));
        let begun = browser::clock();
        let tick = set_interval_with_handle(
            move || {
                let _ = self.waiting.try_update(|waiting| {
                    if let Some(waiting) = waiting {
                        *waiting = ((browser::clock() - begun) / 100.0) as u32;
                    }
                });
            },
            Duration::from_millis(100),
        );
        spawn_local(async move {
            let url = format!("{}api/v1/{path}", browser::server());
            let got = browser::ask(&url, None, cancel.as_ref()).await;
            if let Ok(tick) = tick {
                tick.clear();
            }
            if self.number.try_get_value() != Some(mine) {
                return;
            }
            self.waiting.set(None);
            let l = self.l;
            self.answer.set(match got {
                Ok(body) => Some(Ok(answer(&body))),
                Err(Failure::Cancelled) => Some(Err(t::names_cancelled(l).to_owned())),
                Err(Failure::NoAnswer(said)) => Some(Err(format!("{} {said}", t::names_no_answer(l)))),
                Err(Failure::Refused(status, body)) => Some(Err(refused(l, status, &body))),
            });
        });
    }

    fn stop(self) {
        let _ = self.cancel.try_update_value(|cancel| {
            if let Some(cancel) = cancel.take() {
                cancel.cancel();
            }
        });
    }

    /// How it stands: waiting with a button to cancel, the answer, or why there is none.
    fn view(self) -> impl IntoView {
        let l = self.l;
        move || {
            if let Some(waited) = self.waiting.get() {
                let seconds = format!("{}.{}", waited / 10, waited % 10);
                return Some(
                    view! {
                        <p class="waiting" role="status">
                            <span class="spinner" aria-hidden="true"></span>
                            {t::names_waiting(l, seconds)}
                            <button type="button" on:click=move |_| self.stop()>{t::names_cancel(l)}</button>
                        </p>
                    }
                    .into_any(),
                );
            }
            self.answer.get().map(|answer| match answer {
                Err(sentence) => view! { <ErrorBox l sentence/> }.into_any(),
                Ok(answer) => shown(l, answer).into_any(),
            })
        }
    }
}

/// Why the server refuses, in the reader's language where there is a text for it.
fn refused(l: Language, status: u16, body: &str) -> String {
    let Some((said, words)) = refusal(body) else { return t::names_refused(l, status) };
    texts::of_tools_with(l, &format!("errors.{}", said.code), &said.args).unwrap_or(words)
}

fn shown(l: Language, answer: Answer) -> impl IntoView {
    let addresses = answer
        .addresses
        .into_iter()
        .map(|(address, more)| view! { <li><code>{address}</code><span class="hint">{more}</span></li> })
        .collect_view();
    let tables = answer
        .tables
        .into_iter()
        .map(|(table, service)| {
            let name = if table == "machine" { t::names_table_machine(l) } else { t::names_table_iana(l) };
            let words = service.unwrap_or_else(|| t::names_table_none(l).to_owned());
            view! { <div><dt>{name}</dt><dd><code>{words}</code></dd></div> }
        })
        .collect_view();
    let facts = answer
        .facts
        .into_iter()
        .map(|(name, value)| {
            let name = match name.as_str() {
                "name" => t::names_fact_name(l).to_owned(),
                "answered_by" => t::names_fact_answered_by(l).to_owned(),
                "canonical" => t::names_fact_canonical(l).to_owned(),
                "aliases" => t::names_fact_aliases(l).to_owned(),
                "host_name" => t::names_fact_host_name(l).to_owned(),
                "asker" => t::names_fact_asker(l).to_owned(),
                _ => name,
            };
            let value = match value.as_str() {
                "literal" => t::names_by_literal(l).to_owned(),
                "hosts_file" => t::names_by_hosts_file(l).to_owned(),
                "dns" => "DNS".to_owned(),
                _ => value,
            };
            view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
        })
        .collect_view();
    view! {
        <div class="answered stack" role="status">
            <ul class="pieces">{addresses}</ul>
            <dl class="facts">{tables} {facts}</dl>
        </div>
    }
}

/// Services by name or port.
#[component]
pub fn Services(tool: Tool) -> impl IntoView {
    let l = tool.language;
    let text = Memo::new(move |_| tool.state.with(|state| state.get("v").unwrap_or("http").to_owned()));
    let question = Question::new(l);
    let rows = move || {
        let found = text.with(|text| services(text));
        if found.is_empty() {
            return view! { <p class="hint">{t::services_none(l)}</p> }.into_any();
        }
        let rows = found
            .into_iter()
            .map(|service| {
                let transports = match (service.tcp, service.udp) {
                    (true, true) => "tcp udp",
                    (true, false) => "tcp",
                    _ => "udp",
                };
                view! {
                    <tr>
                        <th scope="row"><code>{service.name}</code></th>
                        <td>{service.port.to_string()}</td>
                        <td>{transports}</td>
                        <td>{service.aliases().collect::<Vec<_>>().join(" ")}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <div class="scroll short" tabindex="0" role="group" aria-label=t::services_title(l)>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{t::services_name(l)}</th>
                            <th scope="col">{t::services_port(l)}</th>
                            <th scope="col">{t::services_transport(l)}</th>
                            <th scope="col">{t::services_alias(l)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="panel stack" data-part="services">
            <h3>{t::services_title(l)}</h3>
            <input type="text" class="mono" spellcheck="false" autocapitalize="off" aria-label=t::services_label(l) prop:value=move || text.get()
                on:input=move |event| tool.set("v", browser::field_value(&event))/>
            {rows}
            <button type="button" class="here" on:click=move |_| {
                let wanted = text.get_untracked().trim().to_owned();
                let what = if wanted.bytes().all(|byte| byte.is_ascii_digit()) { "ports?port" } else { "services?name" };
                question.ask(format!("names/{what}={}", segment(&wanted)));
            }>{t::services_machine(l)}</button>
            {question.view()}
        </div>
    }
}

/// Hosts by name.
#[component]
pub fn Hosts(tool: Tool) -> impl IntoView {
    let l = tool.language;
    let text = Memo::new(move |_| tool.state.with(|state| state.get("q").unwrap_or("localhost").to_owned()));
    let question = Question::new(l);
    let ask = move || {
        let name = text.get_untracked().trim().to_owned();
        if !name.is_empty() {
            question.ask(format!("names/hosts?name={}", segment(&name)));
        }
    };
    view! {
        <div class="panel stack" data-part="hosts">
            <h3>{t::hosts_title(l)}</h3>
            <p class="hint">{t::hosts_hint(l)}</p>
            <div class="choices">
                <input type="text" class="mono grow" spellcheck="false" autocapitalize="off" aria-label=t::hosts_label(l) prop:value=move || text.get()
                    on:input=move |event| tool.set("q", browser::field_value(&event))
                    on:keydown=move |event| {
                        if event.key() == "Enter" {
                            ask();
                        }
                    }/>
                <button type="button" class="primary" on:click=move |_| ask()>{t::hosts_ask(l)}</button>
                <button type="button" on:click=move |_| question.ask("names/self".to_owned())>{t::hosts_self(l)}</button>
            </div>
            {question.view()}
        </div>
    }
}
