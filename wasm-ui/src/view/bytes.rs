//! The bytes of what is selected, sixteen to a row, each coloured by the header it belongs to.

use super::lab::Lab;
use crate::model::fields::{self, class};
use crate::model::run::Run;
use crate::model::scene::Scene;
use crate::model::selection::{self, Thing};
use crate::texts::lab as t;
use leptos::prelude::*;
use sockscope_core::socket::{self, Answer, Call, Outcome};
use sockscope_core::stream::Data;
use sockscope_core::trace::Body;
use sockscope_core::wire::field::SectionKind;

/// Most bytes that are shown.
const MOST: usize = 2048;
/// Bytes in a row.
const ROW: usize = 16;

/// What has bytes to show.
#[derive(Clone, PartialEq)]
pub enum Shown {
    /// A frame.
    Frame(usize),
    /// What a call moved.
    Call(String, Data),
}

/// The frame or call that is selected, or that the cursor stands on, or the last one before it.
pub fn shown(lab: Lab) -> Option<(Scene, Shown)> {
    let scene = lab.scene.get()?;
    let thing = lab.selection.get().unwrap_or_else(|| selection::thing_of(&scene.run, lab.cursor.get()));
    let shown = match thing {
        Thing::Passage(passage) => Some(Shown::Frame(passage)),
        Thing::Call(call) => of_call(&scene.run, call),
        Thing::Bytes(direction, range) => {
            let wire = &scene.run.directions[direction].wire;
            wire.iter().find(|piece| piece.range.overlap(range).is_some()).map(|piece| Shown::Frame(piece.owner))
        }
        _ => None,
    };
    let shown = shown.or_else(|| {
        let (_, &passage) = scene.run.passage_of.range(..=lab.cursor.get()).next_back()?;
        Some(Shown::Frame(passage))
    })?;
    Some((scene, shown))
}

fn of_call(run: &Run, place: usize) -> Option<Shown> {
    let call = &run.calls[place];
    let label = call.label.clone();
    if let Body::Socket(socket::Event::Called { call: Call::Send { data, .. } | Call::SendTo { data, .. }, .. }) =
        &run.trace.events[call.begun].body
    {
        return Some(Shown::Call(label, data.clone()));
    }
    match &run.trace.events[call.returned?].body {
        Body::Socket(socket::Event::Returned {
            outcome: Outcome::Ok(Answer::Data(data) | Answer::Datagram { data, .. }),
            ..
        }) => Some(Shown::Call(label, data.clone())),
        _ => None,
    }
}

/// The view.
#[component]
pub fn Bytes(lab: Lab) -> impl IntoView {
    let l = lab.language;
    let what = Memo::new(move |_| shown(lab));
    move || {
        let Some((scene, shown)) = what.get() else {
            let seen =
                lab.scene.with(|scene| scene.as_ref().is_none_or(|scene| scene.run.trace.header.observes.segments));
            let text = if seen { t::nothing_selected_bytes(l) } else { t::no_frame_bytes(l) };
            return view! { <p class="empty">{text}</p> }.into_any();
        };
        match shown {
            Shown::Frame(passage) => {
                let bytes = scene.run.frame_bytes(passage).unwrap_or_default();
                let frame = scene.run.passages[passage].frame;
                let sections = fields::sections(bytes);
                let kind = |at: usize| {
                    let section = sections.partition_point(|section| section.end <= at);
                    sections.get(section).map_or(SectionKind::Payload, |section| section.kind)
                };
                let kinds: Vec<_> = sections.iter().map(|section| section.kind).collect();
                let title = t::bytes_of_frame(l, frame, bytes.len());
                view! {
                    <h3>{title}</h3>
                    <p class="legend">{legend(&kinds, lab)}</p>
                    {dump(bytes, kind)}
                }
                .into_any()
            }
            Shown::Call(label, data) => {
                let title = t::bytes_of_call(l, label, data.len());
                view! {
                    <h3>{title}</h3>
                    {dump(&data, |_| SectionKind::Payload)}
                }
                .into_any()
            }
        }
    }
}

fn legend(kinds: &[SectionKind], lab: Lab) -> impl IntoView + use<> {
    kinds
        .iter()
        .map(|&kind| view! { <span data-layer=class(kind)>{fields::section_name(lab.language, kind)}</span> })
        .collect_view()
}

fn dump<F: Fn(usize) -> SectionKind>(bytes: &[u8], kind: F) -> impl IntoView + use<F> {
    let more = bytes.len().saturating_sub(MOST);
    let rows = bytes[..bytes.len().min(MOST)]
        .chunks(ROW)
        .enumerate()
        .map(|(row, chunk)| {
            let offset = row * ROW;
            let runs = runs(chunk, offset, &kind);
            let hex = runs
                .iter()
                .map(|(kind, from, to)| {
                    let text: String = chunk[*from..*to].iter().map(|byte| format!("{byte:02x} ")).collect();
                    view! { <span data-layer=class(*kind)>{text}</span> }
                })
                .collect_view();
            let text = runs
                .iter()
                .map(|(kind, from, to)| {
                    let text: String = chunk[*from..*to].iter().map(|&byte| printable(byte)).collect();
                    view! { <span data-layer=class(*kind)>{text}</span> }
                })
                .collect_view();
            view! {
                <div class="row">
                    <span class="offset">{format!("{offset:04x}")}</span>
                    <span class="hex">{hex}</span>
                    <span class="text">{text}</span>
                </div>
            }
        })
        .collect_view();
    view! { <div class="dump">{rows} {(more > 0).then(|| format!("… +{more}"))}</div> }
}

fn runs(chunk: &[u8], offset: usize, kind: &impl Fn(usize) -> SectionKind) -> Vec<(SectionKind, usize, usize)> {
    let mut runs: Vec<(SectionKind, usize, usize)> = Vec::new();
    for at in 0..chunk.len() {
        let here = kind(offset + at);
        match runs.last_mut() {
            Some(run) if run.0 == here => run.2 = at + 1,
            _ => runs.push((here, at, at + 1)),
        }
    }
    runs
}

fn printable(byte: u8) -> char {
    if byte.is_ascii_graphic() || byte == b' ' { char::from(byte) } else { '·' }
}
