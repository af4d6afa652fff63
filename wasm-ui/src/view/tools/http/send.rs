//! A request as a form or as raw bytes, sent for real by the server to a small HTTP server of its own; and the table of
//! the eight methods that fills itself with what really came back.

use super::exchange::Seen;
use super::{Page, say};
use crate::browser::{self, Failure};
use crate::model::tools::http::exchange::{Exchange, Series, ask};
use crate::model::tools::http::request::{EIGHT, Form, wrong};
use crate::model::tools::http::{explain, rows};
use crate::texts::{self, Language, tools as t};
use crate::view::tools::parts::{ByteInput, Bytes, Copy, ErrorBox};
use leptos::prelude::*;
use leptos::task::spawn_local;
use sockscope_core::http::Method;
use sockscope_core::trace::narrate::Sentence;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The name that requests give in `Host`.
const HOST: &str = "localhost";

/// What the form and its table share.
#[derive(Clone, Copy)]
struct Sending {
    page: Page,
    form: RwSignal<Form>,
    raw: RwSignal<Bytes>,
    as_raw: RwSignal<bool>,
    series: RwSignal<Series>,
    session: StoredValue<Option<String>>,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<String>>,
    statuses: RwSignal<BTreeMap<String, u16>>,
}

impl Sending {
    /// The bytes that would go.
    fn bytes(self) -> Result<Vec<u8>, String> {
        if self.as_raw.get() {
            return Ok(self.raw.with(|raw| raw.to_vec()));
        }
        self.form.with(Form::bytes).map_err(|error| say(self.page.l, &wrong(&error)))
    }

    /// Sends bytes and shows what happened; whether it went.
    async fn send(self, bytes: Vec<u8>, series: Series) -> bool {
        let l = self.page.l;
        let body = self.session.with_value(|session| ask(&bytes, series, session.as_deref()));
        let url = format!("{}api/v1/http/exchange", browser::server());
        let answer = match browser::ask(&url, Some(body.to_string()), None).await {
            Ok(text) => Exchange::read(&text).map_err(|said| t::http_bad_answer(l, said)),
            Err(failure) => Err(failed(l, failure)),
        };
        match answer {
            Ok(exchange) => {
                self.session.set_value(exchange.answer.session.clone());
                self.statuses.update(|statuses| {
                    for sent in &exchange.answer.requests {
                        if let (Some(method), Some(status)) = (&sent.method, sent.status) {
                            statuses.insert(method.clone(), status);
                        }
                    }
                });
                self.failure.set(None);
                self.page.exchange.set(Some(Arc::new(exchange)));
                true
            }
            Err(said) => {
                self.failure.set(Some(said));
                false
            }
        }
    }

    fn go(self, bytes: Vec<u8>, series: Series) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            self.send(bytes, series).await;
            self.busy.try_set(false);
        });
    }

    /// Every method once, one after the other.
    fn go_all(self) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            // What is deleted must be there: PUT comes before DELETE in the list.
            for method in EIGHT {
                let Ok(bytes) = Form::of(method, HOST).bytes() else { continue };
                if !self.send(bytes, Series::Once).await {
                    break;
                }
            }
            self.busy.try_set(false);
        });
    }
}

/// Why the server gave nothing, in words.
fn failed(l: Language, failure: Failure) -> String {
    match failure {
        Failure::Cancelled => t::http_no_server(l).to_owned(),
        Failure::NoAnswer(_) => t::http_no_server(l).to_owned(),
        Failure::Refused(status, body) => {
            let problem: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
            let Some(code) = problem["code"].as_str() else { return t::http_no_server(l).to_owned() };
            let detail = problem["detail"].as_str().unwrap_or_default();
            let args = ["path", "message", "seconds"].map(|name| {
                let value = &problem[name];
                (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            });
            let said = texts::of_tools(l, &format!("errors.{code}"), &args).unwrap_or_else(|| detail.to_owned());
            t::http_refused(l, said, status)
        }
    }
}

/// The view.
#[component]
pub fn Send(page: Page) -> impl IntoView {
    let l = page.l;
    let linked = page.tool.state.with_untracked(|state| state.get("method").unwrap_or("GET").to_owned());
    let form = RwSignal::new(Form::of(&linked, HOST));
    let raw = RwSignal::new(Bytes::from(form.with_untracked(Form::bytes).unwrap_or_default()));
    let sending = Sending {
        page,
        form,
        raw,
        as_raw: RwSignal::new(page.tool.state.with_untracked(|state| state.has("raw"))),
        series: RwSignal::new(Series::Once),
        session: StoredValue::new(
            page.exchange.with_untracked(|seen| seen.as_ref().and_then(|seen| seen.answer.session.clone())),
        ),
        busy: RwSignal::new(false),
        failure: RwSignal::new(None),
        statuses: RwSignal::new(BTreeMap::new()),
    };
    let ways = [(false, t::http_as_form(l)), (true, t::http_as_raw(l))]
        .into_iter()
        .map(|(way, name)| {
            view! {
                <button
                    type="button"
                    data-way=if way { "raw" } else { "form" }
                    aria-pressed=move || (sending.as_raw.get() == way).to_string()
                    on:click=move |_| {
                        // The raw bytes begin as what the form says, and stand in the address while they are in use.
                        let bytes = form.with_untracked(Form::bytes).unwrap_or_default();
                        page.tool.state.update(|state| match way {
                            true => state.set_bytes("raw", &bytes),
                            false => state.remove("raw"),
                        });
                        raw.set(bytes.into());
                        sending.as_raw.set(way);
                    }
                >
                    {name}
                </button>
            }
        })
        .collect_view();
    let series = [
        (Series::Once, t::http_series_once(l)),
        (Series::Kept(3), t::http_series_kept(l)),
        (Series::Pipelined(3), t::http_series_pipelined(l)),
    ]
    .into_iter()
    .map(|(one, name)| view! { <option value=one.word() selected=move || sending.series.get() == one>{name}</option> })
    .collect_view();
    let go = move |_| {
        if let Ok(bytes) = sending.bytes() {
            sending.go(bytes, sending.series.get_untracked());
        }
    };
    let preview = move || match sending.bytes() {
        Ok(bytes) => {
            view! { <pre class="preview" aria-label=t::http_preview(l)>{rows::text(&bytes).replace('↓', "↓\n")}</pre> }
                .into_any()
        }
        Err(said) => view! { <ErrorBox l sentence=said/> }.into_any(),
    };
    view! {
        <section class="stack sending">
            <p class="lead">{t::http_send_lead(l)}</p>
            <Methods sending/>
            <div class="segmented" role="group" aria-label=t::http_way(l)>{ways}</div>
            <Show
                when=move || sending.as_raw.get()
                fallback=move || view! { <FormOf sending/> <div class="stack"><h3 class="label">{t::http_preview(l)}</h3>{preview}</div> }
            >
                <ByteInput tool=page.tool key="raw" bytes=raw label=t::http_raw(l) lines=8/>
            </Show>
            <div class="walk-bar">
                <button type="button" class="primary send" disabled=move || sending.busy.get() on:click=go>
                    {move || if sending.busy.get() { t::http_sending(l) } else { t::http_send(l) }}
                </button>
                <label class="choice">
                    <span class="unseen">{t::http_series(l)}</span>
                    <select data-choose="series" on:change=move |event| sending.series.set(Series::from_word(&event_target_value(&event)))>
                        {series}
                    </select>
                </label>
            </div>
            {move || sending.failure.get().map(|said| view! { <ErrorBox l sentence=said/> })}
        </section>
        {move || page.exchange.get().map(|exchange| view! { <Seen page exchange/> })}
    }
}

/// The parts of a request.
#[component]
fn FormOf(sending: Sending) -> impl IntoView {
    let l = sending.page.l;
    let form = sending.form;
    let write = |form: &Form| {
        let lines: Vec<String> = form.fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        lines.join("\n")
    };
    let read = |text: &str| -> Vec<(String, String)> {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        lines
            .map(|line| {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                (name.to_owned(), value.trim().to_owned())
            })
            .collect()
    };
    let method = move || form.with(|form| form.method.clone());
    view! {
        <div class="form">
            <label class="choice">
                <span class="label">{t::http_method(l)}</span>
                <input
                    type="text"
                    class="mono"
                    data-part="method"
                    size="9"
                    prop:value=method
                    on:input=move |event| form.update(|form| form.method = event_target_value(&event))
                />
            </label>
            <label class="choice target">
                <span class="label">{t::http_target(l)}</span>
                <input
                    type="text"
                    class="mono"
                    data-part="target"
                    prop:value=move || form.with(|form| form.target.clone())
                    on:input=move |event| form.update(|form| form.target = event_target_value(&event))
                />
            </label>
            <label class="block">
                <span class="label">{t::http_fields(l)}</span>
                <textarea
                    rows="4"
                    spellcheck="false"
                    prop:value=move || form.with(write)
                    on:change=move |event| form.update(|form| form.fields = read(&event_target_value(&event)))
                ></textarea>
            </label>
            <label class="block">
                <span class="label">{t::http_content(l)}</span>
                <textarea
                    rows="4"
                    spellcheck="false"
                    data-part="content"
                    prop:value=move || form.with(|form| form.content.clone())
                    on:input=move |event| form.update(|form| form.content = event_target_value(&event))
                ></textarea>
            </label>
            <label class="tick">
                <input
                    type="checkbox"
                    prop:checked=move || form.with(|form| form.chunked)
                    on:change=move |event| form.update(|form| form.chunked = event_target_checked(&event))
                />
                {t::http_in_chunks(l)}
            </label>
        </div>
    }
}

/// The eight methods: what each promises, and what came back.
#[component]
fn Methods(sending: Sending) -> impl IntoView {
    let l = sending.page.l;
    let yes = move |yes: bool| if yes { t::http_yes(l) } else { t::http_no(l) };
    let rows = EIGHT
        .into_iter()
        .filter_map(|name| Method::find(name.as_bytes()))
        .map(|method| {
            let name = method.name;
            let status = move || sending.statuses.with(|statuses| statuses.get(name).copied());
            let told = move || status().and_then(explain::status).map(|sentence| say(l, &sentence));
            view! {
                <tr class:lit=move || sending.form.with(|form| form.method == name) data-method=name>
                    <th scope="row">
                        <button
                            type="button"
                            class="quiet"
                            title=say(l, &Sentence::new(format!("http_page.method_{}", name.to_ascii_lowercase())))
                            on:click=move |_| {
                                sending.page.tool.set("method", if name == "GET" { "" } else { name });
                                sending.as_raw.set(false);
                                sending.form.set(Form::of(name, HOST));
                            }
                        >
                            <code>{name}</code>
                        </button>
                    </th>
                    <td>
                        <button
                            type="button"
                            disabled=move || sending.busy.get()
                            aria-label=t::http_run_method(l, name)
                            on:click=move |_| {
                                sending.form.set(Form::of(name, HOST));
                                sending.as_raw.set(false);
                                if let Ok(bytes) = Form::of(name, HOST).bytes() {
                                    sending.go(bytes, Series::Once);
                                }
                            }
                        >
                            {t::http_run(l)}
                        </button>
                    </td>
                    <td class="status" data-status=status title=told>{move || status().map(|status| status.to_string())}</td>
                    <td data-yes=method.safe.to_string()>{yes(method.safe)}</td>
                    <td data-yes=method.idempotent.to_string()>{yes(method.idempotent)}</td>
                    <td data-yes=explain::is_cacheable(name).to_string()>{yes(explain::is_cacheable(name))}</td>
                    <td data-yes=method.request_content.to_string()>{yes(method.request_content)}</td>
                    <td class="section"><super::told::Rule l section=method.section.to_owned()/></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="wide">
            <table class="methods">
                <caption>
                    <span>{t::http_eight(l)}</span>
                    <button type="button" class="all" disabled=move || sending.busy.get() on:click=move |_| sending.go_all()>
                        {t::http_run_all(l)}
                    </button>
                </caption>
                <thead>
                    <tr>
                        <th scope="col">{t::http_method(l)}</th>
                        <th scope="col"><span class="unseen">{t::http_run(l)}</span></th>
                        <th scope="col">{t::http_status(l)}</th>
                        <th scope="col">{t::http_safe(l)}</th>
                        <th scope="col">{t::http_idempotent(l)}</th>
                        <th scope="col">{t::http_cacheable(l)}</th>
                        <th scope="col">{t::http_has_content(l)}</th>
                        <th scope="col">{t::http_table_rule(l)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// A command with its button.
#[component]
pub fn Command(l: Language, name: String, command: String) -> impl IntoView {
    let copied = command.clone();
    view! {
        <div class="command">
            <span class="label">{name}</span>
            <pre>{command}</pre>
            <Copy l label=t::http_copy(l) text=Callback::new(move |()| copied.clone())/>
        </div>
    }
}
