//! What the selected part is, what its words mean, and which section rules it.

use super::{Page, say, tint};
use crate::model::tools::http::{explain, parts, rows};
use crate::model::tools::rule;
use crate::texts::{Language, tools as t};
use leptos::prelude::*;

/// Bytes of a part that are shown.
const SHOWN: usize = 160;

/// The view.
#[component]
pub fn Told(page: Page) -> impl IntoView {
    let l = page.l;
    let part = Memo::new(move |_| {
        let (start, _) = page.selection.get()?;
        page.parsed.with(|parsed| {
            let place = parts::at(&parsed.0.parts, start as u64)?;
            Some(parsed.0.parts[place])
        })
    });
    view! {
        <div class="told panel" aria-live="polite">
            {move || {
                let Some(part) = part.get() else {
                    return view! { <p class="hint">{t::http_told_hint(l)}</p> }.into_any();
                };
                let (told, text) = page.bytes.with(|bytes| {
                    let (start, end) = (part.range.0 as usize, part.range.1 as usize);
                    let end = end.min(bytes.len());
                    let shown = rows::text(&bytes[start.min(end)..end.min(start + SHOWN)]);
                    let more = if end > start + SHOWN { "…" } else { "" };
                    (page.parsed.with(|parsed| explain::tell(bytes, &parsed.0.report, &part)), format!("{shown}{more}"))
                });
                let meaning = told.meaning.map(|meaning| view! { <p>{say(l, &meaning)}</p> });
                view! {
                    <p class="said">
                        <code data-kind=tint(part.kind).map(|tint| tint.0)>{text}</code>
                        <span class="range">
                            {t::http_range(l, part.range.0, part.range.len(), part.range.1.saturating_sub(1))}
                        </span>
                        <Rule l section=told.section.to_owned()/>
                    </p>
                    <p>{say(l, &told.sentence)}</p>
                    {meaning}
                }
                .into_any()
            }}
        </div>
    }
}

/// A section of a standard, as a link.
#[component]
pub fn Rule(l: Language, section: String) -> impl IntoView {
    let rule = rule::rule(&section);
    match rule.address {
        Some(address) => view! {
            <a class="rule" href=address rel="external noopener" target="_blank" title=t::rule_hint(l)>
                {section}
            </a>
        }
        .into_any(),
        None => view! { <span class="rule">{section}</span> }.into_any(),
    }
}
