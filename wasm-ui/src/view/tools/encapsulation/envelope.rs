//! The drawing of a unit in its wrappings: a box in a box for every layer. A click on a header selects its bytes.

use crate::model::tools::encapsulation::way::{self, Stage};
use crate::texts::{self, Language, tools as t};
use crate::view::tools::parts::Selection;
use leptos::prelude::*;
use sockscope_core::packets::encapsulate::Step;
use sockscope_core::stream::Range;

/// The view.
#[component]
pub fn Envelope(l: Language, stage: Stage, selection: RwSignal<Selection>) -> impl IntoView {
    let pdu = texts::of_tools(l, &format!("encapsulation.pdu_{}", way::pdu(stage.step().pdu)), &[]).unwrap_or_default();
    let label = t::encapsulation_envelope(l, stage.slice().len(), pdu);
    let base = stage.step().place.0;
    view! {
        <div class="envelope" class:dead=stage.dead role="group" aria-label=label>
            {wrapping(l, &stage.steps, base, selection)}
        </div>
    }
}

/// The outermost of `steps`, with the others inside it.
fn wrapping(l: Language, steps: &[Step], base: u64, selection: RwSignal<Selection>) -> AnyView {
    let Some((step, inner)) = steps.split_first() else { return ().into_any() };
    let word = way::protocol(step.protocol);
    let name = texts::of_tools(l, &format!("encapsulation.protocol_{word}"), &[]).unwrap_or_default();
    let kind = way::tint(step.protocol);
    let select = move |range: Range| {
        selection.set(Some(((range.0 - base) as usize, (range.1 - base) as usize)));
    };
    let lit =
        move |range: Range| move || selection.get() == Some(((range.0 - base) as usize, (range.1 - base) as usize));
    if step.added == 0 || inner.is_empty() && step.payload.is_empty() {
        let place = step.place;
        let title = format!("{name} · {}", t::encapsulation_size(l, place.len()));
        return view! {
            <button type="button" class="core" data-kind=kind class:lit=lit(place) on:click=move |_| select(place)>
                {title}
            </button>
        }
        .into_any();
    }
    let (header, trailer) = (step.header, step.trailer);
    let head = t::encapsulation_header_of(l, header.len(), &name);
    let tail = (!trailer.is_empty()).then(|| {
        let fields = |wanted: &str| step.fields.iter().any(|field| field.name == wanted);
        let words = match (fields("ethernet.padding"), fields("ethernet.fcs")) {
            (true, true) => t::encapsulation_trailer_both(l),
            (true, false) => t::encapsulation_trailer_padding(l),
            _ => t::encapsulation_trailer_fcs(l),
        };
        let label = t::encapsulation_trailer_of(l, trailer.len(), &name);
        view! {
            <button
                type="button"
                class="edge tail"
                title=label
                class:lit=lit(trailer)
                on:click=move |_| select(trailer)
            >
                <b>{words}</b>
                <span>{trailer.len()}</span>
            </button>
        }
    });
    let bad = !step.problems.is_empty();
    view! {
        <div class="wrapper" data-kind=kind class:bad=bad>
            <button type="button" class="edge" title=head class:lit=lit(header) on:click=move |_| select(header)>
                <b>{name}</b>
                <span>{header.len()}</span>
            </button>
            <div class="inside">{wrapping(l, inner, base, selection)}</div>
            {tail}
        </div>
    }
    .into_any()
}
