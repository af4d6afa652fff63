//! The headers of the selected frame as a table: field, value, which bytes.

use super::bytes::{self, Shown};
use super::lab::Lab;
use crate::model::fields;
use crate::texts::{lab as t, tools};
use leptos::prelude::*;
use sockscope_core::wire::field::SectionKind;

/// The view.
#[component]
pub fn Headers(lab: Lab) -> impl IntoView {
    let l = lab.language;
    let what = Memo::new(move |_| match bytes::shown(lab) {
        Some((scene, Shown::Frame(passage))) => Some((scene, passage)),
        Some((scene, Shown::Call(..))) => {
            // A call's own frame, where there is one.
            let lit = lab.lit.get();
            lit.passages.first().map(|&passage| (scene, passage))
        }
        None => None,
    });
    move || {
        let Some((scene, passage)) = what.get() else {
            return view! { <p class="empty">{t::nothing_selected_bytes(l)}</p> }.into_any();
        };
        let frame = scene.run.frame_bytes(passage).unwrap_or_default();
        let title = t::bytes_of_frame(l, scene.run.passages[passage].frame, frame.len());
        let mut before = None;
        let rows = fields::rows(l, frame)
            .into_iter()
            .map(|field| {
                let first = before != Some(field.kind);
                before = Some(field.kind);
                let header = matches!(field.kind, SectionKind::Header(_));
                let layer = (first && header).then(|| fields::section_name(l, field.kind));
                let (start, end) = field.bytes;
                let range = if end - start == 1 { start.to_string() } else { format!("{start}–{}", end - 1) };
                let range = match field.bits {
                    Some((from, to)) => tools::range_bits(l, range, from, to),
                    None => range,
                };
                view! {
                    <tr data-layer=fields::class(field.kind) class:first=first>
                        <th scope="row">
                            <span class="layer">{layer}</span>
                            {field.name}
                        </th>
                        <td>{field.value} " " <span class="meaning" class:bad=field.bad>{field.meaning}</span></td>
                        <td class="range">{range}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <table class="headers">
                <caption>{title}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t::field(l)}</th>
                        <th scope="col">{t::value(l)}</th>
                        <th scope="col">{t::field_bytes(l)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    }
}
