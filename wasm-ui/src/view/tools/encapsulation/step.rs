//! One stage told: what the layer does, how it is known, its checksums, its fields and its bytes.

use crate::model::tools::encapsulation::way::{self, Side, Stage};
use crate::model::tools::{fields, rule};
use crate::texts::{self, Language, tools as t};
use crate::view::tools::parts::{Bytes, ErrorBox, FieldTree, HexView, Selection};
use leptos::prelude::*;
use sockscope_core::packets::encapsulate::{Check, Problem};

/// The view.
#[component]
pub fn Details(
    /// The language.
    l: Language,
    /// It.
    stage: Stage,
    /// The bytes that are selected.
    selection: RwSignal<Selection>,
    /// Shows the bytes that tell what the stage's are, where there are such.
    why: Option<Callback<()>>,
) -> impl IntoView {
    let step = stage.step().clone();
    let bytes = Bytes::from(stage.slice());
    let base = stage.base();
    let marks = stage.marks();
    let nodes = stage.nodes(l);
    let level = texts::of_tools(l, &format!("encapsulation.level_{}", way::level(step.level)), &[]).unwrap_or_default();
    let title = match stage.side {
        Side::Sender => t::encapsulation_sender_at(l, level),
        Side::Receiver => t::encapsulation_receiver_at(l, level),
    };
    let args = vec![("bytes", step.place.len().to_string()), ("added", step.added.to_string())];
    let deed = texts::of_tools(l, &stage.deed(), &args).unwrap_or_default();
    let reason = reason(l, step.reason.key, &step.reason.args);
    let known = (stage.side == Side::Receiver).then(|| {
        view! {
            <p class="reason">
                <span class="label">{t::encapsulation_why_here(l)}</span>
                " "
                {match why {
                    Some(why) => {
                        view! { <button type="button" class="quiet why" on:click=move |_| why.run(())>{reason}</button> }
                            .into_any()
                    }
                    None => reason.into_any(),
                }}
            </p>
        }
    });
    let noticed = if stage.side == Side::Receiver { step.problems.as_slice() } else { &[] };
    let problems = noticed.iter().map(|problem| view! { <Wrong l problem=problem.clone()/> }).collect_view();
    let checks = step.checks.clone();
    let pdu = texts::of_tools(l, &format!("encapsulation.pdu_{}", way::pdu(step.pdu)), &[]).unwrap_or_default();
    let told = stage.clone();
    let purpose = move || {
        let (start, end) = selection.get()?;
        let field = told.field_at(start).filter(|field| field.bytes().end - told.base() >= end)?;
        let (sentence, section) = fields::purpose(l, field.name)?;
        let rule = rule::rule(section);
        let source = match rule.address {
            Some(address) => {
                view! { <a href=address rel="external noopener" target="_blank">{rule.name}</a> }.into_any()
            }
            None => view! { <cite>{rule.name}</cite> }.into_any(),
        };
        Some(view! { <b>{fields::name(l, field.name)}</b> " " {sentence} " " {source} })
    };
    let snapped = stage.clone();
    let snap = Callback::new(move |at: usize| match snapped.field_at(at) {
        Some(field) => (field.bytes().start - snapped.base(), field.bytes().end - snapped.base()),
        None => (at, at + 1),
    });
    let named = stage.clone();
    let tell =
        Callback::new(move |at: usize| named.field_at(at).map(|field| fields::name(l, field.name)).unwrap_or_default());
    let fielded = !nodes.is_empty();
    view! {
        <section class="stage panel" aria-label=title.clone()>
            <h3>{title.clone()}</h3>
            <p class="deed">{deed}</p>
            {known}
            {stage.dead.then(|| view! { <ErrorBox l sentence=t::encapsulation_dropped(l) mild=true/> })}
            {problems}
            <Checks l checks base selection/>
            <div class="columns">
                <div class="half">
                    <h4>{t::encapsulation_fields_of(l)}</h4>
                    {if fielded {
                        view! { <FieldTree l nodes=Signal::stored(nodes) selection label=t::encapsulation_fields_of(l)/> }
                            .into_any()
                    } else {
                        view! { <p class="empty">{t::encapsulation_no_fields(l)}</p> }.into_any()
                    }}
                </div>
                <div class="half">
                    <h4>{t::encapsulation_bytes_of(l, pdu)}</h4>
                    <HexView l bytes=Signal::stored(bytes) marks=Signal::stored(marks) selection snap tell/>
                </div>
            </div>
            <p class="purpose" aria-live="polite">
                {move || match purpose() {
                    Some(told) => told.into_any(),
                    None => view! { <span class="hint">{t::encapsulation_click_field(l)}</span> }.into_any(),
                }}
            </p>
        </section>
    }
}

/// How it is known what bytes are.
pub fn reason(l: Language, key: &str, args: &[(&'static str, String)]) -> String {
    texts::of_tools(l, &format!("encapsulation.reason_{key}"), args).unwrap_or_default()
}

/// What is wrong with a step's bytes.
#[component]
pub fn Wrong(l: Language, problem: Problem) -> impl IntoView {
    let sentence = texts::of_tools(l, &format!("encapsulation.problem_{}", problem.code), &problem.args)
        .or_else(|| texts::of_tools(l, &format!("wire.error_{}", problem.code), &problem.args))
        .unwrap_or_else(|| problem.message.clone());
    view! { <ErrorBox l sentence rule=problem.section/> }
}

/// The checksums of a step: what they cover, and the pseudo-header.
#[component]
pub fn Checks(l: Language, checks: Vec<Check>, base: usize, selection: RwSignal<Selection>) -> impl IntoView {
    (!checks.is_empty()).then(|| {
        let rows = checks
            .into_iter()
            .map(|check| {
                let width = if check.field == "ethernet.fcs" { 8 } else { 4 };
                let hex = |value: u32| format!("0x{value:0width$x}");
                let (verdict, bad) = match check.expected {
                    None => (t::encapsulation_check_absent(l).to_owned(), false),
                    Some(expected) if expected == check.found => {
                        (t::encapsulation_check_good(l, hex(check.found)), false)
                    }
                    Some(expected) => (t::encapsulation_check_bad(l, hex(expected), hex(check.found)), true),
                };
                let covers = check.covers;
                let name = fields::name(l, check.field);
                let sentence = if check.pseudo_header.is_some() {
                    t::encapsulation_covers_pseudo(l, covers.len(), name)
                } else {
                    t::encapsulation_covers(l, covers.len(), name)
                };
                let pseudo = check.pseudo_header.map(|bytes| {
                    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                    view! {
                        <p class="pseudo">
                            <span>{t::encapsulation_pseudo_header(l)}</span>
                            " "
                            <code>{digits.join(" ")}</code>
                        </p>
                    }
                });
                view! {
                    <div class="check" class:bad=bad>
                        <p>
                            <b>{verdict}</b>
                            " "
                            <button
                                type="button"
                                class="quiet"
                                on:click=move |_| {
                                    selection.set(Some((covers.0 as usize - base, covers.1 as usize - base)));
                                }
                            >
                                {sentence}
                            </button>
                        </p>
                        {pseudo}
                    </div>
                }
            })
            .collect_view();
        view! { <div class="checks"><h4>{t::encapsulation_checksum_of(l)}</h4>{rows}</div> }
    })
}
