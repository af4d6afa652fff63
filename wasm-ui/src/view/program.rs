//! The programs: text to read and to edit in one, with the line just run and the line next; variables, sockets and
//! output below.

use super::actions;
use super::lab::Lab;
use super::sockets::Sockets;
use crate::browser;
use crate::model::bench::Place;
use crate::model::highlight::{self, Ink};
use crate::model::index;
use crate::model::label;
use crate::model::moment::{Doing, HostMoment};
use crate::model::selection::Thing;
use crate::model::session::Session;
use crate::texts::{Language, lab as t};
use leptos::prelude::*;
use sockscope_core::socket::Reason;

/// One column of programs: the first host, or all others behind tabs.
#[component]
pub fn Programs(lab: Lab, first: bool) -> impl IntoView {
    let l = lab.language;
    let hosts = Memo::new(move |_| {
        lab.session.with(|session| {
            let hosts = session.as_ref().map(|one| one.scenario.hosts.iter().map(|host| host.name.to_string()));
            hosts.into_iter().flatten().enumerate().filter(|(at, _)| (*at == 0) == first).collect::<Vec<_>>()
        })
    });
    let chosen = RwSignal::new(1usize);
    // Pointing at something of a hidden host brings its program to the front.
    Effect::new(move |_| {
        if let Some(Thing::Line(host, _)) = lab.selection.get()
            && !first
            && host > 0
        {
            chosen.set(host);
        }
    });
    view! {
        <div class="programs" class:first=first>
            <Show when=move || { hosts.with(|hosts| hosts.len() > 1) }>
                <div class="hosts" role="group" aria-label=t::programs(l)>
                    {move || {
                        hosts
                            .get()
                            .into_iter()
                            .map(|(host, name)| {
                                view! {
                                    <button
                                        type="button"
                                        aria-pressed=move || (chosen.get() == host).to_string()
                                        on:click=move |_| chosen.set(host)
                                    >
                                        {name}
                                    </button>
                                }
                            })
                            .collect_view()
                    }}
                </div>
            </Show>
            {move || {
                let only = hosts.with(|hosts| hosts.len()) == 1;
                hosts
                    .get()
                    .into_iter()
                    .map(|(host, name)| {
                        view! {
                            <div class="one" hidden=move || !only && chosen.get() != host>
                                <Program lab host name/>
                            </div>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
}

/// What the lines of a program are marked with.
#[derive(Clone, Debug, Default, PartialEq)]
struct Marks {
    last: Vec<u32>,
    next: Vec<u32>,
    blocked: Option<(u32, String)>,
    raised: Option<u32>,
    ended: Option<(u32, i32)>,
}

#[component]
fn Program(lab: Lab, host: usize, name: String) -> impl IntoView {
    let l = lab.language;
    let here = Memo::new(move |_| {
        lab.moment.with(|moment| moment.as_ref().and_then(|one| one.hosts.get(host).cloned()).unwrap_or_default())
    });
    let marks = Memo::new(move |_| here.with(|here| marks(l, here)));
    let stale = move || lab.session.with(|session| session.as_ref().is_some_and(|one| one.is_program_stale(host)));
    let address = lab.session.with_untracked(|session| {
        session.as_ref().and_then(|one| one.scenario.hosts.get(host)).map(|host| host.address.to_string())
    });
    let title = name.clone();
    let region = t::program_of(l, &name);
    let facts = t::facts(l, &name);
    view! {
        <article class="program" aria-label=region>
            <header>
                <h3>{title}</h3>
                <span class="address">{address}</span>
                <Show when=stale>
                    <span class="changed">{t::program_stale(l)}</span>
                </Show>
            </header>
            <p class="doing">{move || marks.with(|marks| doing(l, marks))}</p>
            <Code lab host name marks/>
            <div class="facts" tabindex="0" role="group" aria-label=facts>
                <Variables lab here/>
                <Sockets lab host/>
                <Output lab host here/>
            </div>
        </article>
    }
}

fn marks(l: Language, here: &HostMoment) -> Marks {
    let mut marks = Marks { raised: here.raised.as_ref().map(|(line, _)| *line), ..Marks::default() };
    for task in &here.tasks {
        marks.last.extend(task.last);
        marks.next.extend(task.next);
        if let (Doing::Blocked { since, reason, .. }, Some(line)) = (task.doing, task.next) {
            marks.blocked = Some((line, t::blocked(l, waits(l, reason), label::span(since.as_micros()))));
        }
    }
    if let (Some(status), Some(line)) = (here.ended, here.tasks.first().and_then(|task| task.last)) {
        marks.ended = Some((line, status));
    }
    marks
}

/// The same in words, for the line above the text.
fn doing(l: Language, marks: &Marks) -> String {
    match (marks.ended, &marks.blocked, marks.next.first()) {
        (Some((_, status)), ..) => t::mark_ended(l, status),
        (None, Some((line, text)), _) => t::doing_line(l, line, text),
        (None, None, Some(line)) => t::doing_line(l, line, t::mark_next(l)),
        (None, None, None) => String::new(),
    }
}

fn waits(l: Language, reason: Reason) -> &'static str {
    match index::reason(reason) {
        "data" => t::waits_data(l),
        "send_buffer" => t::waits_send_buffer(l),
        "connection" => t::waits_connection(l),
        "handshake" => t::waits_handshake(l),
        "linger" => t::waits_linger(l),
        "readiness" => t::waits_readiness(l),
        _ => t::waits_time(l),
    }
}

#[component]
fn Code(lab: Lab, host: usize, name: String, marks: Memo<Marks>) -> impl IntoView {
    let l = lab.language;
    let text = Memo::new(move |_| lab.session.with(|session| program(session.as_ref(), host)));
    let troubles = Memo::new(move |_| {
        let places = lab.troubles.get().into_iter().filter_map(|trouble| trouble.place);
        places.filter(|place| place.host == host).collect::<Vec<_>>()
    });
    let scroller = NodeRef::<leptos::html::Div>::new();
    // The line next stays in view.
    Effect::new(move |_| {
        let line = marks.with(|marks| marks.next.first().or(marks.last.first()).copied());
        if let (Some(line), Some(scroller)) = (line, scroller.get()) {
            browser::keep_in_view(&scroller, &format!(".line:nth-child({line})"));
        }
    });
    let point = move |event: leptos::ev::MouseEvent| {
        if let Some(line) = browser::clicked_line(&event) {
            lab.selection.set(Some(Thing::Line(host, line)));
        }
    };
    view! {
        <div class="code" node_ref=scroller>
            <div class="sheet">
                <div class="lines" aria-hidden="true">
                    {move || {
                        let text = text.get();
                        let troubles = troubles.get();
                        highlight::lines(&text)
                            .into_iter()
                            .enumerate()
                            .map(|(at, pieces)| line(lab, host, at as u32 + 1, pieces, &troubles, marks))
                            .collect_view()
                    }}
                </div>
                <textarea
                    spellcheck="false"
                    autocomplete="off"
                    autocapitalize="off"
                    wrap="off"
                    aria-label=t::program_text(l, name)
                    aria-invalid=move || (!troubles.with(Vec::is_empty)).to_string()
                    prop:value=move || text.get()
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        actions::edit(lab, |session| session.set_program(host, &text));
                    }
                    on:click=point
                ></textarea>
            </div>
        </div>
    }
}

fn program(session: Option<&Session>, host: usize) -> String {
    session.and_then(|one| one.scenario.hosts.get(host)).map(|host| host.program.clone()).unwrap_or_default()
}

fn line(
    lab: Lab,
    host: usize,
    number: u32,
    pieces: Vec<(Ink, &str)>,
    troubles: &[Place],
    marks: Memo<Marks>,
) -> impl IntoView + use<> {
    let l = lab.language;
    let trouble = troubles.iter().find(|place| place.line <= number && number <= place.end_line).copied();
    let code = match trouble {
        None => pieces
            .into_iter()
            .map(|(ink, piece)| view! { <span class=class(ink)>{piece.to_owned()}</span> }.into_any())
            .collect_view()
            .into_any(),
        Some(place) => underlined(&pieces, place, number).into_any(),
    };
    let is = move |of: fn(&Marks, u32) -> bool| move || marks.with(|marks| of(marks, number));
    let lit = move || lab.lit.with(|lit| lit.lines.contains(&(host, number)));
    let sign = move || {
        marks.with(|marks| match () {
            () if marks.raised == Some(number) => "✕",
            () if marks.ended.is_some_and(|(line, _)| line == number) => "■",
            () if marks.blocked.as_ref().is_some_and(|(line, _)| *line == number) => "‖",
            () if marks.next.contains(&number) => "▶",
            () if marks.last.contains(&number) => "•",
            () => "",
        })
    };
    let pill = move || {
        marks.with(|marks| match () {
            () if marks.raised == Some(number) => t::mark_raised(l).to_owned(),
            () if marks.ended.is_some_and(|(line, _)| line == number) => {
                t::mark_ended(l, marks.ended.map_or(0, |(_, status)| status))
            }
            () if marks.blocked.as_ref().is_some_and(|(line, _)| *line == number) => t::mark_blocked(l).to_owned(),
            () if marks.next.contains(&number) => t::mark_next(l).to_owned(),
            () if marks.last.contains(&number) => t::mark_last(l).to_owned(),
            () => String::new(),
        })
    };
    view! {
        <div
            class="line"
            class:next=is(|marks, line| marks.next.contains(&line))
            class:last=is(|marks, line| marks.last.contains(&line))
            class:blocked=is(|marks, line| marks.blocked.as_ref().is_some_and(|blocked| blocked.0 == line))
            class:raised=is(|marks, line| marks.raised == Some(line))
            class:lit=lit
            class:wrong=trouble.is_some()
        >
            <span class="number" on:click=move |_| lab.select(Thing::Line(host, number))>
                <span class="sign">{sign}</span>
                {number}
            </span>
            <code>{code}</code>
            <span class="pill">{pill}</span>
        </div>
    }
}

/// A line in which a stretch is wrong.
fn underlined(pieces: &[(Ink, &str)], place: Place, number: u32) -> impl IntoView + use<> {
    let text: String = pieces.iter().map(|piece| piece.1).collect();
    let from = if place.line == number { place.column as usize - 1 } else { 0 };
    let to = if place.end_line == number { (place.end_column as usize).max(from + 2) - 1 } else { usize::MAX };
    let take = |from: usize, to: usize| text.chars().skip(from).take(to - from).collect::<String>();
    let (before, wrong, behind) = (take(0, from), take(from, to), take(to.min(1 << 20), 1 << 20));
    let wrong = if wrong.is_empty() { " ".to_owned() } else { wrong };
    view! { <span>{before}</span> <span class="squiggle">{wrong}</span> <span>{behind}</span> }
}

fn class(ink: Ink) -> &'static str {
    match ink {
        Ink::Plain => "",
        Ink::Keyword => "kw",
        Ink::Socket => "sk",
        Ink::Text => "st",
        Ink::Value => "vl",
        Ink::Comment => "cm",
    }
}

#[component]
fn Variables(lab: Lab, here: Memo<HostMoment>) -> impl IntoView {
    let l = lab.language;
    let variables = Memo::new(move |_| here.with(|here| here.variables.clone()));
    view! {
        <div class="fact variables">
            <h4>{t::variables(l)}</h4>
            {move || {
                let variables = variables.get();
                if variables.is_empty() {
                    return view! { <p class="empty">{t::no_variables(l)}</p> }.into_any();
                }
                let rows = variables
                    .into_iter()
                    .map(|one| {
                        let name = match &one.scope {
                            Some(scope) => format!("{scope}.{}", one.name),
                            None => one.name.to_string(),
                        };
                        view! { <div class:fresh=one.fresh><dt>{name}</dt><dd>{one.value}</dd></div> }
                    })
                    .collect_view();
                view! { <dl>{rows}</dl> }.into_any()
            }}
        </div>
    }
}

#[component]
fn Output(lab: Lab, host: usize, here: Memo<HostMoment>) -> impl IntoView {
    let l = lab.language;
    let printed = Memo::new(move |_| here.with(|here| (here.printed, here.raised.clone())));
    view! {
        <div class="fact output">
            <h4>{t::output(l)}</h4>
            {move || {
                let (printed, raised) = printed.get();
                let text = lab
                    .scene
                    .with(|scene| {
                        let output = &scene.as_ref()?.run.hosts.get(host)?.output;
                        // Of a long output the end is what has just been printed.
                        let from = output[..printed].char_indices().rev().nth(4000).map_or(0, |(at, _)| at);
                        Some(output[from..printed].to_owned())
                    })
                    .unwrap_or_default();
                if text.is_empty() && raised.is_none() {
                    return view! { <p class="empty">{t::no_output(l)}</p> }.into_any();
                }
                view! {
                    <pre>{text}</pre>
                    {raised.map(|(_, text)| view! { <pre class="bad">{text}</pre> })}
                }
                    .into_any()
            }}
        </div>
    }
}
