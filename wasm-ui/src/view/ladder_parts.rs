//! The parts of a ladder's picture: bars, arrows, ends. Each is drawn once; only what lights up changes with the cursor.

use super::lab::Lab;
use crate::model::ladder::{Arrow, Bar, Hop};
use crate::model::ribbon::COLOURS;
use crate::model::run::Carries;
use crate::model::scene::Scene;
use crate::model::selection::Thing;
use crate::texts::lab as t;
use leptos::prelude::*;
use sockscope_core::link::Cause;

/// Width of a bar.
const BAR: f64 = 9.0;
/// Width of a character of the labels, in pixels.
const CHARACTER: f64 = 6.35;
/// Most colours a chip is divided into.
const MOST_TINTS: usize = 12;

/// Width of the ruler at the left.
pub fn ruler(width: f64) -> f64 {
    if width < 480.0 { 50.0 } else { 62.0 }
}

/// Where the parts are drawn.
pub struct Place {
    /// The lifelines.
    pub lines: Vec<f64>,
    /// Width of the picture.
    pub width: f64,
    /// First drawn pixel.
    pub from: f64,
    /// Last drawn pixel.
    pub to: f64,
}

/// Patterns that tell without colour: hatching for what waits, rounds of colours.
pub fn patterns() -> impl IntoView {
    view! {
        <defs>
            <pattern id="waiting" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect class="ground" width="6" height="6"/>
                <rect class="stripe" width="2.4" height="6"/>
            </pattern>
            <pattern id="round" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
                <rect class="stripe" width="1.6" height="5"/>
            </pattern>
        </defs>
    }
}

/// A call.
pub fn bar(lab: Lab, scene: &Scene, bar: Bar, place: &Place, beside: bool) -> impl IntoView + use<> {
    let l = lab.language;
    let run = &scene.run;
    let call = &run.calls[bar.call];
    let last = place.lines.len().saturating_sub(1);
    // Text stands outside the outermost lifelines, and right of those between.
    let left = bar.host == 0 && place.lines.len() > 1;
    let x = place.lines[bar.host] + f64::from(call.task.min(3)) * (BAR + 2.0);
    let text_x = if left { x - BAR / 2.0 - 6.0 } else { x + BAR / 2.0 + 6.0 };
    let room = match (left, bar.host == last) {
        (true, _) => text_x - ruler(place.width) - 3.0,
        (_, true) => place.width - text_x - 4.0,
        _ => (place.lines[(bar.host + 1).min(last)] - text_x) * 0.8,
    };
    let fit = |text: &str| shorten(text, room);
    let blocked = call.blocked.is_some();
    let top = bar.top.max(place.from - 20.0);
    let bottom = bar.bottom.min(place.to + 20.0);
    let tints = run.tints(call.flow, run.writer(bar.call), call.range, MOST_TINTS);
    let name = run.hosts[call.host].name.to_string();
    let name = if call.result.is_empty() {
        t::call_name(l, &call.label, name)
    } else {
        t::call_result(l, &call.label, name, &call.result)
    };
    let brief = if blocked || call.result.is_empty() || call.writes() && !call.failed {
        call.label.clone()
    } else {
        format!("{} → {}", call.label, call.result)
    };
    let failed = call.failed;
    let begun = call.begun;
    let result = bar.result.filter(|_| !call.result.is_empty()).map(|y| {
        let sign = if failed { "✕" } else { "→" };
        view! { <text class="result" class:failed=failed x=text_x y=y + 3.5>{fit(&format!("{sign} {}", call.result))}</text> }
    });
    // Where there is hardly room the name alone says most.
    let brief = if room < 75.0 { call.name.to_owned() } else { brief };
    let brief = if failed && !blocked { format!("✕ {brief}") } else { brief };
    let lit = move || !beside && lab.lit.with(|lit| lit.calls.contains(&bar.call));
    // What a read waited for came at its end.
    let coloured = if blocked { bar.bottom - 11.0 } else { bar.top };
    let stripes = (bar.bottom - coloured).max(1.0) / tints.len().max(1) as f64;
    let bands = tints
        .iter()
        .enumerate()
        .map(|(at, &tint)| {
            view! {
                <rect
                    class=tint_class(tint)
                    x=x - BAR / 2.0
                    y=coloured + at as f64 * stripes
                    width=BAR
                    height=stripes
                />
            }
        })
        .collect_view();
    let bands = (!blocked || call.reads()).then_some(bands);
    view! {
        <g
            class="call"
            class:left=left
            class:failed=failed
            class:blocked=blocked
            class:lit=lit
            role="button"
            tabindex="-1"
            aria-label=name
            data-call=call.name
            on:click=move |event| {
                event.stop_propagation();
                if !beside {
                    lab.select(Thing::Call(bar.call));
                }
            }
            on:dblclick=move |_| {
                lab.go(begun);
                lab.selection.set(Some(Thing::Call(bar.call)));
            }
        >
            <rect class="bar" x=x - BAR / 2.0 y=top width=BAR height=(bottom - top).max(1.0) rx="2"/>
            {bands}
            <rect class="edge" x=x - BAR / 2.0 y=top width=BAR height=(bottom - top).max(1.0) rx="2"/>
            <text x=text_x y=bar.top + 9.0>{fit(&brief)}</text>
            {result}
        </g>
    }
}

/// A frame on its way.
pub fn arrow(lab: Lab, scene: &Scene, arrow: Arrow, place: &Place, beside: bool) -> impl IntoView + use<> {
    let l = lab.language;
    let run = &scene.run;
    let passage = &run.passages[arrow.passage];
    let from = place.lines[arrow.from];
    let nobody = arrow.to.is_none();
    let target = match arrow.to {
        Some(to) => place.lines[to],
        None if from < place.width / 2.0 => place.width - 70.0,
        None => 70.0,
    };
    let side = (target - from).signum();
    let (x1, full) = (from + side * BAR / 2.0, target - side * BAR / 2.0);
    let x2 = x1 + (full - x1) * arrow.reach;
    let (y1, y2) = (arrow.top + 5.0, arrow.bottom + 5.0);
    let angle = ((y2 - y1) * side).atan2((x2 - x1) * side).to_degrees();
    let tints = run.tints(passage.flow, passage.from, passage.range, MOST_TINTS);
    let mut text = passage.label.clone();
    if let Some(frame) = passage.repeats {
        text = format!("↻ {text} · {}", t::repeats(l, frame));
    }
    let length = (x2 - x1).hypot(y2 - y1);
    let whole = text.clone();
    let text = shorten(&text, (length * 0.5).max(48.0));
    let wide = text.chars().map(|c| if c.is_ascii() { CHARACTER } else { CHARACTER * 1.5 }).sum::<f64>();
    // The label rides on the arrow, nearer to the sender, so that opposite ones keep apart.
    // The ways of a broadcast part towards their ends.
    let fan = run.fan(passage.frame).count() > 1;
    let part = if fan { 0.66 } else { ((wide / 2.0 + 22.0) / length.max(1.0)).clamp(0.1, 0.5) };
    let (cx, cy) = (x1 + (x2 - x1) * part, y1 + (y2 - y1) * part);
    let lost = passage.lost;
    let sent = passage.sent;
    let names = |host: usize| run.hosts[host].name.to_string();
    let to_name = arrow.to.map(names).unwrap_or_else(|| t::nobody(l).to_owned());
    let cause = (lost.is_some() || nobody).then(|| lost.map_or(t::nobody(l), |cause| lost_because(l, cause)));
    let name = match cause {
        Some(cause) => t::frame_lost(l, cause, passage.frame, names(arrow.from), whole, to_name),
        None => t::frame_name(l, passage.frame, names(arrow.from), whole, to_name),
    };
    let class = match passage.carries {
        Carries::Data | Carries::Datagram => "data",
        Carries::Control => "control",
        Carries::Acknowledgement => "acknowledgement",
        Carries::Reset => "reset",
        Carries::Arp | Carries::Icmp | Carries::Other => "below",
    };
    let chip = (!tints.is_empty()).then(|| {
        let width = (wide + 12.0) / tints.len() as f64;
        let (y, height) = if tints.len() > 1 { (-9.5, 19.0) } else { (-8.0, 16.0) };
        let bands = tints
            .iter()
            .enumerate()
            .map(|(at, &tint)| {
                let x = -(wide + 12.0) / 2.0 + at as f64 * width;
                view! { <rect class=tint_class(tint) x=x y=y width=width height=height/> }
            })
            .collect_view();
        let ground = (tints.len() > 1).then(|| {
            view! { <rect class="ground" x=-(wide + 3.0) / 2.0 y="-6" width=wide + 3.0 height="12" rx="2"/> }
        });
        let (x, width) = (-(wide + 12.0) / 2.0, wide + 12.0);
        view! { <g class="chip">{bands}{ground}<rect class="edge" x=x y=y width=width height=height/></g> }
    });
    let plain = tints.is_empty();
    let text_class = match tints.as_slice() {
        [] => "plain".to_owned(),
        [only] => ink_class(*only),
        _ => "over".to_owned(),
    };
    let cross = cause.map(|cause| {
        let anchor = if side > 0.0 { "start" } else { "end" };
        view! {
            <g class="cross">
                <path d=format!("M{} {}l10 10m0 -10l-10 10", x2 - 5.0, y2 - 5.0)/>
                <text x=x2 + side * 10.0 y=y2 + 4.0 text-anchor=anchor>{cause}</text>
            </g>
        }
    });
    let head = cross.is_none().then(|| {
        let points = "0,0 -9,-4 -9,4";
        let turn = if side > 0.0 { angle } else { angle + 180.0 };
        view! { <polygon points=points transform=format!("translate({x2:.1} {y2:.1}) rotate({turn:.2})")/> }
    });
    let lit = move || !beside && lab.lit.with(|lit| lit.passages.contains(&arrow.passage));
    view! {
        <g
            class=format!("frame {class}")
            class:lit=lit
            class:lost=lost.is_some()
            class:repeat=passage.repeats.is_some()
            role="button"
            tabindex="-1"
            aria-label=name
            data-frame=passage.frame
            on:click=move |event| {
                event.stop_propagation();
                if !beside {
                    lab.select(Thing::Passage(arrow.passage));
                }
            }
            on:dblclick=move |_| {
                lab.go(sent);
                lab.selection.set(Some(Thing::Passage(arrow.passage)));
            }
        >
            <line class="reach" x1=x1 y1=y1 x2=x2 y2=y2/>
            <line class="shaft" x1=x1 y1=y1 x2=x2 y2=y2/>
            {head}
            <g transform=format!("translate({cx:.1} {cy:.1}) rotate({angle:.2})")>
                {chip}
                <text class=text_class y=if plain { -3.5 } else { 4.0 }>{text}</text>
            </g>
            {cross}
        </g>
    }
}

/// Bytes from the call that wrote them to the call that read them, where nobody saw how they went.
pub fn hop(lab: Lab, hop: Hop, place: &Place, beside: bool) -> impl IntoView + use<> {
    let (from, to) = (place.lines[hop.from], place.lines[hop.to]);
    let side = (to - from).signum();
    let (x1, x2) = (from + side * BAR / 2.0, to - side * BAR / 2.0);
    let (y1, y2) = (hop.top + 5.0, hop.bottom + 2.0);
    let (cx, cy) = (x1 + (x2 - x1) * 0.14, y1 + (y2 - y1) * 0.14);
    let name = t::hop_name(lab.language, hop.range.0, hop.write + 1, hop.range.1);
    let lit = move || !beside && lab.lit.with(|lit| lit.has_bytes(hop.direction, hop.range));
    view! {
        <g
            class="frame inferred"
            class:lit=lit
            role="button"
            tabindex="-1"
            aria-label=name
            on:click=move |event| {
                event.stop_propagation();
                if !beside {
                    lab.select(Thing::Bytes(hop.direction, hop.range));
                }
            }
        >
            <line class="reach" x1=x1 y1=y1 x2=x2 y2=y2/>
            <line class="shaft" x1=x1 y1=y1 x2=x2 y2=y2/>
            <g class="chip">
                <rect class=tint_class(hop.write) x=cx - 9.0 y=cy - 7.0 width="18" height="14" rx="2"/>
                <rect class="edge" x=cx - 9.0 y=cy - 7.0 width="18" height="14" rx="2"/>
            </g>
            <text class=ink_class(hop.write) x=cx y=cy + 4.0>{hop.write + 1}</text>
        </g>
    }
}

fn lost_because(l: crate::texts::Language, cause: Cause) -> &'static str {
    match cause {
        Cause::Loss => t::lost_loss(l),
        Cause::Scripted => t::lost_scripted(l),
        Cause::QueueFull => t::lost_queue_full(l),
        Cause::TooLong => t::lost_too_long(l),
        Cause::NoSuchHost => t::lost_no_such_host(l),
    }
}

/// Where programs end.
pub fn ends(lab: Lab, scene: &Scene, place: &Place) -> impl IntoView + use<> {
    let l = lab.language;
    let run = &scene.run;
    run.hosts
        .iter()
        .enumerate()
        .filter_map(|(host, track)| {
            let ended = track.ended.as_ref()?;
            let y = scene.ladder.axis.at(ended.event);
            (y >= place.from - 20.0 && y <= place.to + 20.0).then(|| {
                let x = place.lines[host];
                let left = host == 0 && place.lines.len() > 1;
                let text_x = if left { x - 12.0 } else { x + 12.0 };
                let room = if left { text_x - ruler(place.width) - 3.0 } else { place.width - text_x - 4.0 };
                let text = match &ended.exception {
                    Some(exception) => format!("✕ {exception}"),
                    None => format!("■ {}", t::exited(l, ended.status)),
                };
                view! {
                    <g class="end" class:left=left class:failed=ended.exception.is_some()>
                        <line x1=x - 7.0 x2=x + 7.0 y1=y + 6.0 y2=y + 6.0/>
                        <text x=text_x y=y + 10.0>{shorten(&text, room)}</text>
                    </g>
                }
            })
        })
        .collect_view()
}

/// What is on the wire at the cursor: a dot where each frame is.
pub fn dots(scene: &Scene, arrows: &[Arrow], lines: &[f64], cursor: usize) -> impl IntoView + use<> {
    let y = scene.ladder.axis.at(cursor);
    arrows
        .iter()
        .filter(|arrow| {
            let passage = &scene.run.passages[arrow.passage];
            passage.sent <= cursor && passage.ended.is_none_or(|ended| ended > cursor) && arrow.bottom > y
        })
        .filter_map(|arrow| {
            let (from, to) = (lines[arrow.from], lines[arrow.to?]);
            let part = ((y - arrow.top) / (arrow.bottom - arrow.top).max(1.0)).clamp(0.0, 1.0) * arrow.reach;
            Some(view! { <circle cx=from + (to - from) * part cy=y + 5.0 r="4"/> })
        })
        .collect_view()
}

/// The class of a write's colour; the second round is hatched as well.
pub fn tint_class(write: usize) -> String {
    let hatched = if write / COLOURS % 2 == 1 { " hatched" } else { "" };
    format!("tint t{}{hatched}", write % COLOURS + 1)
}

/// The class of text that stands on a write's colour.
pub fn ink_class(write: usize) -> String {
    format!("ink t{}", write % COLOURS + 1)
}

/// Text that fits, cut with an ellipsis: between two words where that leaves half of the room in use. What is seen is
/// then found in the spoken name, too (WCAG 2.2, 2.5.3).
pub fn shorten(text: &str, room: f64) -> String {
    let most = (room / CHARACTER).max(2.0) as usize;
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut kept: String = text.chars().take(most - 1).collect();
    if text[kept.len()..].starts_with(in_word) {
        let words = kept.trim_end_matches(in_word);
        if 2 * words.chars().count() >= most {
            kept.truncate(words.len());
        }
    }
    kept + "…"
}
