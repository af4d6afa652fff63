//! How the bytes are read: what they are, what they answer, whether the stream has ended, and each leniency with what it
//! allows and why it is dangerous.

use super::{Page, named, say};
use crate::texts::tools as t;
use leptos::prelude::*;
use sockscope_core::http::{Leniency, Role};
use sockscope_core::trace::narrate::Sentence;

/// The view.
#[component]
pub fn OptionsOf(page: Page) -> impl IntoView {
    let l = page.l;
    let roles =
        [("", t::http_role_auto(l)), ("request", t::http_role_request(l)), ("response", t::http_role_response(l))];
    let role = page.tool.value("role");
    let buttons = roles
        .into_iter()
        .map(|(word, name)| {
            view! {
                <button
                    type="button"
                    data-role=word
                    aria-pressed=move || (role.get().unwrap_or_default() == word).to_string()
                    on:click=move |_| page.tool.set("role", word)
                >
                    {name}
                </button>
            }
        })
        .collect_view();
    let responses = move || page.parsed.with(|parsed| parsed.0.report.role == Role::Response);
    let answers = page.tool.value("answers");
    let lenient = page.tool.value("lenient");
    let on =
        move |name: &str| lenient.with(|list| list.as_deref().unwrap_or_default().split(',').any(|one| one == name));
    let turn = move |name: &'static str| {
        let was = on(name);
        let kept = Leniency::NAMES.into_iter().filter(|one| if *one == name { !was } else { on(one) });
        page.tool.set("lenient", kept.collect::<Vec<_>>().join(","));
    };
    let count = move || Leniency::NAMES.into_iter().filter(|name| on(name)).count();
    let switches = Leniency::NAMES
        .into_iter()
        .map(|name| {
            view! {
                <li>
                    <label>
                        <input type="checkbox" data-lenient=name prop:checked=move || on(name) on:change=move |_| turn(name)/>
                        <span>
                            <b>{say(l, &Sentence::new(format!("http.lenient_{name}")))}</b>
                            <span class="danger">{named(l, "danger", name)}</span>
                        </span>
                    </label>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="http-options">
            <div class="choice">
                <span class="label">{t::http_role(l)}</span>
                <div class="segmented" role="group" aria-label=t::http_role(l)>{buttons}</div>
            </div>
            <Show when=responses>
                <label class="choice">
                    <span class="label">{t::http_answers(l)}</span>
                    <input
                        type="text"
                        class="mono"
                        size="14"
                        placeholder="HEAD, GET"
                        prop:value=move || answers.get().unwrap_or_default()
                        on:input=move |event| page.tool.set("answers", event_target_value(&event).to_ascii_uppercase())
                    />
                </label>
                <label class="tick">
                    <input
                        type="checkbox"
                        data-option="eof"
                        prop:checked=move || page.options.with(|options| options.eof)
                        on:change=move |event| page.tool.set("eof", if event_target_checked(&event) { "1" } else { "" })
                    />
                    {t::http_eof(l)}
                </label>
            </Show>
            <details class="leniency">
                <summary>
                    {move || match count() {
                        0 => t::http_strict(l).to_owned(),
                        count => t::http_lenient(l, count),
                    }}
                </summary>
                <p class="hint">{t::http_lenient_hint(l)}</p>
                <ul>{switches}</ul>
            </details>
        </div>
    }
}
