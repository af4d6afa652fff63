//! The headers of the selected frame as a table: field, value, which bytes.

use super::bytes::{self, Shown};
use super::lab::Lab;
use crate::model::fields::{self, Layer};
use crate::texts::lab as t;
use leptos::prelude::*;

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
        let fields = fields::of(frame);
        let title = t::bytes_of_frame(l, scene.run.passages[passage].frame, frame.len());
        let mut before = None;
        let rows = fields
            .into_iter()
            .map(|field| {
                let first = before != Some(field.layer);
                before = Some(field.layer);
                let name = if field.name == "payload" { t::payload(l) } else { field.name };
                let layer = if first && field.layer != Layer::Payload { field.layer.name() } else { "" };
                let range = if field.range.1 - field.range.0 == 1 {
                    field.range.0.to_string()
                } else {
                    format!("{}–{}", field.range.0, field.range.1 - 1)
                };
                view! {
                    <tr data-layer=bytes::class(field.layer) class:first=first>
                        <th scope="row">
                            <span class="layer">{layer}</span>
                            {name}
                        </th>
                        <td>{field.value}</td>
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
