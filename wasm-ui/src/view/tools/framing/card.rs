//! One codec: its stream byte by byte, what it costs, and what the reader makes of it.

use super::compare::Messages;
use super::{name as name_of, sentence};
use crate::browser;
use crate::model::tools::framing::{self, Arrival, Damage, How, Stream};
use crate::model::tools::hex::{self, tint};
use crate::model::tools::input::preview;
use crate::texts::{self, tools as t};
use crate::view::tools::Tool;
use leptos::prelude::*;
use sockscope_core::framing::compare::{Byte, Place, Recovery, Trials, Verdict};
use sockscope_core::framing::encoded::Role;

/// Bytes of a stream that are drawn.
const DRAWN: usize = 360;
/// Messages of a reader that are listed.
const LISTED: usize = 40;

/// The view.
#[component]
pub fn Card(
    tool: Tool,
    /// The name of the codec.
    name: &'static str,
    /// The codec with its options, where the reader chose none.
    word: &'static str,
    /// What is sent.
    #[prop(into)]
    messages: Signal<Messages>,
    /// How it arrives.
    #[prop(into)]
    arrival: Signal<Arrival>,
    /// What a click does to a byte.
    #[prop(into)]
    how: Signal<How>,
) -> impl IntoView {
    let l = tool.language;
    let key = StoredValue::new(format!("o.{name}"));
    let chosen =
        Memo::new(move |_| key.with_value(|key| tool.state.with(|state| state.get(key).unwrap_or(word).to_owned())));
    let codec = Memo::new(move |_| {
        let longest = messages.with(|messages| messages.iter().map(Vec::len).max().unwrap_or(1));
        framing::codec(&chosen.get(), longest)
    });
    let shown = Memo::new(move |_| {
        let codec = codec.get().ok()?;
        messages.with(|messages| arrival.with(|arrival| framing::stream(&codec, messages, arrival)))
    });
    let trials = Memo::new(move |_| {
        let codec = codec.get().ok()?;
        messages.with(|messages| framing::trials(&codec, messages))
    });
    let cursor = RwSignal::new(0usize);
    let dragging = StoredValue::new((None::<usize>, false));

    let damage = move |at: usize| {
        let at_place = shown.with_untracked(|shown| shown.as_ref().map(|it| (it.place(at), it.damaged == Some(at))));
        let Some((Some(Place::Message { message, part, byte }), damaged)) = at_place else { return };
        let new = Damage { message, part, at: byte, how: how.get_untracked() };
        let same = damaged || arrival.with_untracked(|arrival| arrival.damage) == Some(new);
        tool.set("d", if same { String::new() } else { new.write() });
    };
    let cut_behind = move |at: usize| {
        let payload = messages.with_untracked(|messages| {
            shown.with_untracked(|shown| shown.as_ref().map(|shown| shown.payload_behind(messages, at)))
        });
        tool.set("x", payload.filter(|payload| *payload > 0).map(|payload| payload.to_string()).unwrap_or_default());
    };
    let pressed = move |event: leptos::ev::PointerEvent| {
        dragging.set_value((browser::pointed(&event), false));
    };
    let moved = move |event: leptos::ev::PointerEvent| {
        let (from, dragged) = dragging.get_value();
        if event.buttons() != 1 || from.is_none() {
            return;
        }
        // What is under the pointer, whoever caught it.
        if let Some(at) = browser::pointed(&event).filter(|at| dragged || Some(*at) != from) {
            dragging.set_value((from, true));
            cut_behind(at);
        }
    };
    let clicked = move |event: leptos::ev::MouseEvent| {
        let (_, dragged) = dragging.get_value();
        dragging.set_value((None, false));
        if let (false, Some(at)) = (dragged, browser::pointed(&event)) {
            cursor.set(at);
            damage(at);
        }
    };
    let keyed = move |event: leptos::ev::KeyboardEvent| {
        let length =
            shown.with_untracked(|shown| shown.as_ref().map_or(0, |shown| shown.column.stream().len().min(DRAWN)));
        match event.key().as_str() {
            "Enter" | " " => damage(cursor.get_untracked()),
            "c" | "x" => cut_behind(cursor.get_untracked()),
            key => match hex::step(key, cursor.get_untracked(), 16, 2, length) {
                Some(to) => cursor.set(to),
                None => return,
            },
        }
        event.prevent_default();
    };
    let told = move || {
        let at = cursor.get();
        shown.with(|shown| {
            let byte = shown.as_ref()?.column.bytes().nth(at)?;
            let what = place_of(l, byte.message, byte.role);
            Some(t::byte_told(l, at, hex::character(byte.value), format!("{:02x}", byte.value), what))
        })
    };
    let strip = move || shown.with(|shown| shown.as_ref().map(|shown| cells(l, shown, cursor)));
    let cost = move || {
        shown.with(|shown| {
            let sent = &shown.as_ref()?.column.sent;
            let percent = (sent.overhead * 100 + sent.length / 2).checked_div(sent.length).unwrap_or(0);
            Some(t::framing_overhead(l, sent.overhead, percent, sent.length))
        })
    };
    let verdict =
        move || shown.with(|shown| shown.as_ref().map(|shown| result(l, shown, messages.with(|it| it.len()))));
    let about = ["what", "cost", "limit"].map(|part| {
        texts::of_tools(l, &format!("framing.codec_{name}_{part}"), &[]).map(|words| view! { <p>{words}</p> })
    });
    let title = name_of(l, name);
    view! {
        <article class="card" data-codec=name aria-label=title.clone()>
            <header>
                <h3>{title.clone()}</h3>
                <span class="cost">{cost}</span>
                <input
                    type="text"
                    class="word"
                    spellcheck="false"
                    autocapitalize="off"
                    autocomplete="off"
                    aria-label=t::framing_options(l, &title)
                    title=t::framing_options_hint(l)
                    aria-invalid=move || codec.with(Result::is_err).to_string()
                    prop:value=move || chosen.get()
                    on:input=move |event| {
                        let value = browser::field_value(&event);
                        key.with_value(|key| tool.set(key, if value == word { "" } else { &value }));
                    }
                />
            </header>
            {move || codec.get().err().map(|wrong| view! { <p class="wrong">{wrong}</p> })}
            <div
                class="strip"
                tabindex="0"
                role="group"
                aria-label=t::framing_strip(l, &title)
                on:pointerdown=pressed
                on:pointermove=moved
                on:click=clicked
                on:keydown=keyed
            >
                {strip}
            </div>
            <p class="unseen" aria-live="polite">{told}</p>
            {verdict}
            {move || trials.get().map(|trials| everywhere(l, &trials))}
            <details>
                <summary>{t::framing_about(l)}</summary>
                {about}
            </details>
        </article>
    }
}

/// What a byte was sent for.
fn place_of(l: texts::Language, message: Option<usize>, role: Option<Role>) -> String {
    match (message, role) {
        (Some(message), Some(Role::Payload)) => t::framing_byte_payload(l, message + 1),
        (Some(message), Some(role)) => {
            let role = texts::of_tools(l, &format!("framing.role_{}", role.name()), &[]).unwrap_or_default();
            t::framing_byte_role(l, message + 1, role)
        }
        _ => t::framing_byte_end(l).to_owned(),
    }
}

fn cells(l: texts::Language, shown: &Stream, cursor: RwSignal<usize>) -> impl IntoView + use<> {
    let column = &shown.column;
    let length = column.stream().len();
    let noticed = column.broken().map(|noticed| noticed.at as usize);
    let drawn: Vec<Byte> = column.bytes().take(DRAWN).collect();
    let bytes = drawn
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            let printable = byte.value.is_ascii_graphic();
            let glyph = if printable { char::from(byte.value).to_string() } else { format!("{:02x}", byte.value) };
            // A message's edge is where the message changes, not where framing begins.
            let edge = at > 0 && drawn[at - 1].message != byte.message;
            view! {
                <b
                    data-at=at
                    data-kind=byte.message.map_or("framing", tint)
                    class:frame=byte.role != Some(Role::Payload)
                    class:code=!printable
                    class:edge=edge
                    class:read={at > 0 && column.reads.binary_search_by_key(&(at as u64), |read| read.0).is_ok()}
                    class:cut=shown.cut == Some(at)
                    class:damaged=shown.damaged == Some(at)
                    class:noticed=noticed == Some(at)
                    class:here=move || cursor.get() == at
                >
                    {glyph}
                </b>
            }
        })
        .collect_view();
    let more = length.saturating_sub(DRAWN);
    let ended = shown.cut == Some(length);
    view! {
        {bytes}
        {ended.then(|| view! { <i class="cut-end" aria-hidden="true"></i> })}
        {(more > 0).then(|| view! { <i class="more">{t::framing_more(l, more)}</i> })}
        {(length == 0).then(|| view! { <i class="more">{t::no_bytes(l)}</i> })}
    }
}

/// What happens at every place of the stream, counted.
fn everywhere(l: texts::Language, trials: &Trials) -> impl IntoView + use<> {
    let cuts = match (trials.cuts.broken, trials.cuts.first) {
        (0, _) => t::framing_cuts_harmless(l, trials.cuts.tried),
        (broken, first) => t::framing_cuts_break(l, broken, first.unwrap_or_default(), trials.cuts.tried),
    };
    let flips = &trials.flips;
    let wrong = t::framing_flips(l, flips.silent, flips.tried, flips.worst);
    let ends = t::framing_ends(l, trials.ends.inside, trials.ends.tried);
    view! {
        <dl class="trials">
            <div><dt>{t::framing_any_cut(l)}</dt><dd>{cuts}</dd></div>
            <div><dt>{t::framing_any_flip(l)}</dt><dd>{wrong}</dd></div>
            <div><dt>{t::framing_any_end(l)}</dt><dd>{ends}</dd></div>
        </dl>
    }
}

/// The verdict in words, what the reader handed over, and why.
fn result(l: texts::Language, shown: &Stream, count: usize) -> impl IntoView + use<> {
    let column = &shown.column;
    let (right, received) = (column.tally.survived as usize, &column.received);
    let wrong = received.messages.len() - right;
    let (class, words) = match column.verdict {
        Verdict::Right => ("good", t::framing_good(l, count)),
        Verdict::Noticed => ("noticed", t::framing_noticed(l, count, right)),
        Verdict::Waiting => ("waits", t::framing_waits(l, count, right)),
        Verdict::Unnoticed if wrong > 0 => ("unnoticed", t::framing_unnoticed(l, count, right, wrong)),
        Verdict::Unnoticed => ("unnoticed", t::framing_missing(l, count, right)),
    };
    let mut notes: Vec<String> = column.sent.refused.iter().take(4).map(|error| sentence(l, error)).collect();
    notes.extend(received.damage.iter().take(3).map(|error| sentence(l, error)));
    notes.extend(received.error.iter().map(|error| sentence(l, error)));
    notes.extend(received.incomplete.map(|it| match it.need {
        Some(need) => t::framing_incomplete_need(l, it.at, it.have, need),
        None => t::framing_incomplete(l, it.at, it.have),
    }));
    if let Some(noticed) = column.broken().filter(|noticed| noticed.role.is_some()) {
        notes.push(t::framing_noticed_at(l, noticed.at, place_of(l, noticed.message, noticed.role)));
    }
    if shown.undamaged {
        notes.push(t::framing_undamaged(l).to_owned());
    }
    match column.recovery {
        Recovery::Found { message, .. } => notes.push(t::framing_again(l, message + 1)),
        Recovery::GaveUp => notes.push(t::framing_closed(l).to_owned()),
        Recovery::Never => notes.push(t::framing_never(l).to_owned()),
        Recovery::Unharmed | Recovery::NothingFollows => {}
    }
    let handed = received
        .messages
        .iter()
        .take(LISTED)
        .enumerate()
        .map(|(place, one)| {
            let text = if one.payload.is_empty() { t::framing_empty(l).to_owned() } else { preview(&one.payload, 40) };
            let sent = column.is(place);
            let name = match sent {
                Some(sent) => t::framing_received_right(l, sent + 1),
                None => t::framing_received_wrong(l).to_owned(),
            };
            let tag = one.tag.map(|tag| view! { <span class="tag">{t::framing_type(l, tag)}</span> });
            view! {
                <li data-kind=sent.map(tint) class:wrong=sent.is_none()>
                    <span class="unseen">{name}</span>
                    {tag}
                    {text}
                </li>
            }
        })
        .collect_view();
    let more = received.messages.len().saturating_sub(LISTED);
    view! {
        <p class=format!("verdict {class}") data-verdict=class>{words}</p>
        <ul class="received" aria-label=t::framing_received(l)>
            {handed}
            {(more > 0).then(|| view! { <li class="more">{t::framing_more_messages(l, more)}</li> })}
        </ul>
        <ul class="notes">{notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view()}</ul>
    }
}
