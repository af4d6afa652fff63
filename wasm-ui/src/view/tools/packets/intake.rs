//! How a capture comes in: dropped, chosen, or a run of the model as an example; and how reading goes on.

use super::desk::Desk;
use crate::browser;
use crate::texts::{Language, tools as t};
use crate::view::tools::parts::DropBox;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A text of both languages.
type Title = fn(Language) -> &'static str;

/// Scenarios whose runs are worth a look as captures, and what they show.
const EXAMPLES: [(&str, Title); 6] = [
    ("handshake", t::packets_example_handshake),
    ("sticky", t::packets_example_sticky),
    ("peer-exit", t::packets_example_peer_exit),
    ("http", t::packets_example_http),
    ("udp-echo", t::packets_example_udp_echo),
    ("broadcast", t::packets_example_broadcast),
];

/// The view.
#[component]
pub fn Intake(desk: Desk) -> impl IntoView {
    let l = desk.tool.language;
    let take = move |file: Option<browser::File>| {
        if let Some(file) = file {
            desk.open(browser::file_name(&file), file.into(), false);
        }
    };
    let example = move |name: &'static str| {
        spawn_local(async move {
            match run(name).await {
                Ok(bytes) => desk.open(format!("{name}.pcapng"), browser::blob(&bytes), false),
                Err(said) => desk.trouble.set(Some(t::packets_unreadable(l, said))),
            }
        });
    };
    let state = move || {
        desk.version.track();
        let name = desk.name.get();
        if name.is_empty() {
            return None;
        }
        let (packets, totals, memory, full) =
            desk.book.with_value(|book| (book.rows.len(), book.totals().clone(), book.memory(), book.full));
        let told = match desk.progress.get() {
            Some(part) => t::packets_reading(l, name, packets, format!("{:.0} %", part * 100.0)),
            None => t::packets_read(l, totals.bytes, name, packets, format!("{:.6}", totals.nanos as f64 / 1e9)),
        };
        let counts = [
            (totals.wrong_checksums, t::packets_wrong_checksums(l, totals.wrong_checksums)),
            (totals.malformed, t::packets_malformed(l, totals.malformed)),
            (totals.retransmissions, t::packets_retransmissions(l, totals.retransmissions)),
        ];
        let counts: Vec<String> = counts.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text).collect();
        let limit = crate::model::tools::packets::book::MOST_ROWS;
        Some(view! {
            <p class="told" role="status">{told}</p>
            {(!counts.is_empty()).then(|| view! { <p class="odd">{counts.join(" · ")}</p> })}
            {full.then(|| view! { <p class="odd">{t::packets_too_many(l, limit)}</p> })}
            {desk.cancelled.get().then(|| view! { <p class="odd">{t::packets_cancelled(l)}</p> })}
            {(desk.progress.get().is_none() && packets > 0)
                .then(|| view! { <p class="hint">{t::packets_kept(l, readable(memory))}</p> })}
        })
    };
    view! {
        <DropBox class="intake" filled=Signal::derive(move || !desk.name.with(String::is_empty)) take=Callback::new(take)>
            <div class="offer">
                <p class="big">{t::packets_drop(l)}</p>
                <label class="button file primary">
                    {t::packets_choose(l)}
                    <input
                        type="file"
                        class="unseen"
                        accept=".pcap,.pcapng,.cap"
                        on:change=move |event| {
                            take(browser::offered_file(&event));
                            browser::forget_chosen(&event);
                        }
                    />
                </label>
                <p class="hint">{t::packets_stays(l)}</p>
            </div>
            <div class="examples">
                <span class="label">{t::packets_examples(l)}</span>
                {EXAMPLES
                    .into_iter()
                    .map(|(name, title)| {
                        view! {
                            <button type="button" class="quiet" data-example=name on:click=move |_| example(name)>
                                {title(l)}
                            </button>
                        }
                    })
                    .collect_view()}
            </div>
            {state}
            <Show when=move || desk.progress.get().is_some()>
                <div class="progress">
                    <progress max="1" prop:value=move || desk.progress.get().unwrap_or(1.0)></progress>
                    <button type="button" on:click=move |_| desk.cancel()>{t::packets_cancel(l)}</button>
                </div>
            </Show>
        </DropBox>
    }
}

/// Lets the server run a scenario on the model, and takes the run as a capture.
async fn run(name: &str) -> Result<Vec<u8>, String> {
    let said = |failure| match failure {
        browser::Failure::Refused(status, _) => format!("HTTP {status}"),
        browser::Failure::NoAnswer(message) => message,
        browser::Failure::Cancelled => String::new(),
    };
    let server = browser::server();
    let body = format!("{{\"scenario\":\"{name}\"}}");
    let answer = browser::ask(&format!("{server}api/v1/runs"), Some(body), None).await.map_err(said)?;
    #[derive(serde::Deserialize)]
    struct Run {
        id: String,
    }
    let run: Run = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
    browser::fetch_bytes(&format!("{server}api/v1/runs/{}/pcapng", run.id)).await.map_err(said)
}

/// Bytes of memory in a unit that people read.
fn readable(bytes: usize) -> String {
    match bytes {
        0..1_048_576 => format!("{} KiB", bytes.div_ceil(1_024)),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}
