//! The packet that is looked at: what is remarkable, its fields as a tree and its bytes, tied together.

use super::desk::Desk;
use crate::browser;
use crate::model::tools::hex::Mark;
use crate::model::tools::{fields, rule, state};
use crate::texts::{self, tools as t};
use crate::view::tools::parts::{Bytes, FieldTree, HexView};
use leptos::prelude::*;
use sockscope_core::wire::field::explain_captured;

/// The view.
#[component]
pub fn Detail(desk: Desk) -> impl IntoView {
    let l = desk.tool.language;
    let selection = RwSignal::new(None);
    let explained = Memo::new(move |_| {
        let looked = desk.looked.get()?;
        let (link_type, original) =
            desk.book.with_value(|book| book.rows.get(looked.place).map(|row| (row.link_type, row.original)))?;
        let sections = explain_captured(link_type, &looked.bytes, original as usize).sections;
        Some((looked, sections))
    });
    Effect::new(move |_| {
        desk.looked.track();
        selection.set(None);
    });
    let bytes = Signal::derive(move || {
        explained.with(|it| it.as_ref().map_or_else(|| Bytes::from([]), |(looked, _)| looked.bytes.clone()))
    });
    let marks = Signal::derive(move || {
        explained.with(|it| {
            let sections = it.as_ref().map(|(_, sections)| sections.as_slice()).unwrap_or_default();
            sections
                .iter()
                .map(|section| Mark {
                    start: section.start,
                    end: section.end,
                    kind: fields::section_tint(section.kind),
                    quiet: false,
                })
                .collect::<Vec<_>>()
        })
    });
    let nodes = Signal::derive(move || {
        explained.with(|it| {
            it.as_ref().map(|(looked, sections)| fields::tree(l, sections, &looked.bytes)).unwrap_or_default()
        })
    });
    let field_name = move |at: usize| {
        explained.with(|it| {
            let (_, sections) = it.as_ref()?;
            sections
                .iter()
                .find_map(|section| fields::at(&section.fields, at))
                .map(|field| (field.name, field.bytes().start, field.bytes().end))
        })
    };
    let snap =
        Callback::new(move |at: usize| untrack(|| field_name(at)).map_or((at, at + 1), |(_, start, end)| (start, end)));
    let tell =
        Callback::new(move |at: usize| field_name(at).map(|(name, ..)| fields::name(l, name)).unwrap_or_default());
    let purpose = move || {
        let (start, end) = selection.get()?;
        let (name, _, field_end) = field_name(start)?;
        let (sentence, section) = fields::purpose(l, name).filter(|_| end <= field_end)?;
        let rule = rule::rule(section);
        let source = match rule.address {
            Some(address) => {
                view! { <a href=address rel="external noopener" target="_blank">{rule.name}</a> }.into_any()
            }
            None => view! { <cite>{rule.name}</cite> }.into_any(),
        };
        Some(
            view! { <p class="purpose" aria-live="polite"><b>{fields::name(l, name)}</b> " " {sentence} " " {source}</p> },
        )
    };
    let head = move || {
        let (looked, _) = explained.get()?;
        let (stream, notes) = desk.book.with_value(|book| {
            (book.rows.get(looked.place).map_or(0, |row| row.stream), book.notes(looked.place).to_vec())
        });
        let notes = notes
            .iter()
            .map(|note| {
                let args = note.args();
                let sentence = texts::of_tools(l, &format!("wire.note_{}", note.code()), &args)
                    .or_else(|| texts::of_tools(l, &format!("wire.error_{}", note.code()), &args))
                    .unwrap_or_else(|| note.code().replace('_', " "));
                view! { <li>{sentence}</li> }
            })
            .collect_view();
        let packed = state::pack(&looked.bytes);
        let unwrap = format!("{}{}/tools/encapsulation#b={packed}", browser::server(), l.code());
        Some(view! {
            <div class="detail-head">
                <h3>{t::packets_packet(l, looked.bytes.len(), looked.place + 1)}</h3>
                {(stream > 0)
                    .then(|| {
                        view! {
                            <button type="button" on:click=move |_| desk.tool.set("s", stream)>
                                {t::packets_follow(l, stream)}
                            </button>
                        }
                    })}
                <a class="button" href=unwrap>{t::packets_unwrap(l)}</a>
            </div>
            <ul class="notes">{notes}</ul>
        })
    };
    view! {
        <section class="detail">
            {head}
            <Show
                when=move || explained.with(Option::is_some)
                fallback=move || view! { <p class="empty">{t::packets_select(l)}</p> }
            >
                <div class="columns">
                    <FieldTree l nodes selection label=t::packets_fields(l)/>
                    <div class="half">
                        <HexView l bytes marks selection snap tell/>
                        {purpose}
                    </div>
                </div>
            </Show>
        </section>
    }
}
