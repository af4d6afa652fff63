//! Whether the bytes are good, not complete, or wrong; and where.

use super::{Page, say};
use crate::model::tools::http::{machine, rows};
use crate::texts::tools as t;
use crate::view::tools::parts::ErrorBox;
use leptos::prelude::*;
use sockscope_core::trace::narrate::Sentence;

/// The view.
#[component]
pub fn Verdict(page: Page) -> impl IntoView {
    let l = page.l;
    move || {
        let parsed = page.parsed.get().0;
        let report = &parsed.report;
        let complete = report.messages.iter().filter(|message| message.complete).count() as u64 + report.more_messages;
        let role = match report.role {
            sockscope_core::http::Role::Request => t::http_count_requests(l, complete),
            sockscope_core::http::Role::Response => t::http_count_responses(l, complete),
        };
        if let Some(error) = &report.error {
            let mut sentence = Sentence::new(format!("http.error_{}", error.kind.code()));
            for (name, value) in error.kind.args() {
                sentence = sentence.with(name, value);
            }
            let class = say(l, &Sentence::new(format!("http.class_{}", machine::word(error.kind.class()))));
            let excerpt = page.bytes.with(|bytes| rows::excerpt(bytes, error.at as usize));
            let range = (error.at as usize, error.at as usize + 1);
            let caret = format!("{}: {}", t::http_excerpt(l), excerpt.at);
            return view! {
                <div class="verdict" data-verdict="wrong">
                    <ErrorBox
                        l
                        sentence=say(l, &sentence)
                        place=t::http_place(l, error.at, error.line)
                        rule=error.kind.section()
                    />
                    <p class="named">
                        <span class="class">{class}</span>
                        <code>{error.kind.code()}</code>
                        <span>{role}</span>
                    </p>
                    <pre class="excerpt" aria-label=t::http_excerpt(l)>
                        <span class="around">{excerpt.before}</span>
                        <button
                            type="button"
                            class="caret"
                            aria-label=caret
                            on:click=move |_| page.selection.set(Some(range))
                        >
                            <b>{match excerpt.at.as_str() {
                                "" => " ".to_owned(),
                                // A space that is wrong has to be seen.
                                " " => "␣".to_owned(),
                                _ => excerpt.at,
                            }}</b>
                        </button>
                        <span class="around">{excerpt.behind}</span>
                    </pre>
                </div>
            }
            .into_any();
        }
        if let Some(open) = &report.incomplete {
            let need = open
                .need
                .map_or_else(|| t::http_incomplete(l, open.have), |need| t::http_incomplete_need(l, open.have, need));
            return view! {
                <div class="verdict" data-verdict="incomplete">
                    <ErrorBox l sentence=need place=t::http_place_from(l, open.at) rule="RFC 9112, 8" mild=true/>
                    <p class="named">
                        <span class="class">{t::http_incomplete_class(l)}</span>
                        <span>{role}</span>
                    </p>
                </div>
            }
            .into_any();
        }
        let tunnel =
            report.tunnel.map(|range| say(l, &Sentence::new("http_page.part_tunnel").with("length", range.len())));
        view! {
            <p class="verdict good" data-verdict="good" role="status">
                <b>{t::http_good(l)}</b>
                <span>{role}</span>
                <span>{tunnel}</span>
            </p>
        }
        .into_any()
    }
}
