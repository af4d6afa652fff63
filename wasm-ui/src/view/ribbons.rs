//! The ribbons as they are drawn: three aligned rows, each byte in the colour and with the number of its send.

use super::lab::Lab;
use super::ladder_parts::{ink_class, shorten, tint_class};
use crate::browser;
use crate::model::ribbon::{self, Block, Counts, Note, Ribbon};
use crate::model::scene::Scene;
use crate::model::selection::Thing;
use crate::texts::{Language, lab as t};
use leptos::html::Div;
use leptos::prelude::*;

/// Height of a row and of a second lane.
const ROW: f64 = 22.0;
const LANE: f64 = 15.0;
const GAP: f64 = 6.0;

/// The ribbons of one direction.
#[component]
pub fn Ribbons(lab: Lab) -> impl IntoView {
    let l = lab.language;
    let direction = Memo::new(move |_| lab.direction_in_view());
    // Blocks change with the window only; what they are at the cursor is their class.
    let window = Memo::new(move |_| {
        lab.scene.with(|scene| Some(ribbon::window(&scene.as_ref()?.run, direction.get()?, lab.cursor.get())))
    });
    let ribbon = Memo::new(move |_| {
        let scene = lab.scene.get()?;
        ribbon::lay(&scene.run, direction.get()?, window.get()?)
    });
    let counts = Memo::new(move |_| {
        lab.scene.with(|scene| ribbon::counts(&scene.as_ref()?.run, direction.get()?, lab.cursor.get()))
    });
    let holder = NodeRef::<Div>::new();
    let width = RwSignal::new(0.0);
    Effect::new(move |_| {
        if let Some(holder) = holder.get() {
            browser::watch_size(&holder, move |wide, _| {
                width.try_set(wide);
            });
        }
    });
    let several = move || lab.scene.with(|scene| scene.as_ref().is_some_and(|one| one.run.directions.len() > 1));
    view! {
        <section class="ribbons" aria-label=t::ribbons(l)>
            <header>
                <h3>{t::ribbons(l)}</h3>
                <Show
                    when=several
                    fallback=move || {
                        view! {
                            <span class="direction">
                                {move || {
                                    let scene = lab.scene.get()?;
                                    Some(name(l, &scene, direction.get()?))
                                }}
                            </span>
                        }
                    }
                >
                    <label>
                        <span class="unseen">{t::ribbon_direction_label(l)}</span>
                        <select on:change=move |event| {
                            lab.selection.set(None);
                            lab.direction.set(event_target_value(&event).parse().ok());
                        }>
                            {move || {
                                let scene = lab.scene.get()?;
                                let now = direction.get();
                                let options = (0..scene.run.directions.len().min(200))
                                    .map(|at| {
                                        view! {
                                            <option value=at.to_string() selected=now == Some(at)>
                                                {name(l, &scene, at)}
                                            </option>
                                        }
                                    })
                                    .collect_view();
                                Some(options)
                            }}
                        </select>
                    </label>
                </Show>
                <span class="span">
                    {move || {
                        let ribbon = ribbon.get()?;
                        (ribbon.window.len() < ribbon.length)
                            .then(|| t::ribbon_window(l, ribbon.window.0, ribbon.length, ribbon.window.1))
                    }}
                </span>
            </header>
            <div class="rows" node_ref=holder>
                {move || {
                    let scene = lab.scene.get()?;
                    match ribbon.get() {
                        None => Some(view! { <p class="empty">{t::ribbon_empty(l)}</p> }.into_any()),
                        Some(ribbon) => {
                            (width.get() > 0.0).then(|| rows(lab, &scene, &ribbon, width.get(), counts).into_any())
                        }
                    }
                }}
            </div>
        </section>
    }
}

/// The name of a direction: who to whom.
pub fn name(l: Language, scene: &Scene, direction: usize) -> String {
    let run = &scene.run;
    let Some(one) = run.directions.get(direction) else { return String::new() };
    let mut readers: Vec<String> = one.reads.iter().map(|(host, _)| run.hosts[*host].name.to_string()).collect();
    if readers.is_empty() {
        let to = one.wire.first().and_then(|piece| run.passages[piece.owner].to);
        readers.extend(to.map(|to| run.hosts[to].name.to_string()));
    }
    let from = run.hosts[one.from].name.to_string();
    let several = run.directions.iter().filter(|other| other.from == one.from).count() > 1;
    let text = t::ribbon_direction(l, from, readers.join(", "));
    if several { format!("{text} · #{}", one.flow) } else { text }
}

/// What rows are drawn of.
struct Row<'a> {
    label: String,
    count: fn(Counts) -> u64,
    blocks: &'a [Block],
    kind: Kind,
    lanes: f64,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Write,
    Wire,
    Read,
}

fn rows(lab: Lab, scene: &Scene, ribbon: &Ribbon, width: f64, counts: Memo<Option<Counts>>) -> impl IntoView + use<> {
    let l = lab.language;
    let label_width = if width < 520.0 { 74.0 } else { 132.0 };
    let across = (width - label_width - 8.0).max(10.0);
    let per_byte = across / ribbon.window.len().max(1) as f64;
    let lanes = 1.0 + ribbon.wire.iter().map(|block| block.lane).max().unwrap_or(0) as f64;
    let mut list = vec![Row {
        label: t::ribbon_sent(l).into(),
        count: |counts| counts.written,
        blocks: &ribbon.writes,
        kind: Kind::Write,
        lanes: 1.0,
    }];
    if !ribbon.wire.is_empty() {
        let label = t::ribbon_wire(l).into();
        list.push(Row { label, count: |counts| counts.arrived, blocks: &ribbon.wire, kind: Kind::Wire, lanes });
    }
    for (host, reads) in &ribbon.reads {
        let label = if ribbon.reads.len() > 1 {
            t::ribbon_received_by(l, scene.run.hosts[*host].name.to_string())
        } else {
            t::ribbon_received(l).into()
        };
        list.push(Row { label, count: |counts| counts.read, blocks: reads, kind: Kind::Read, lanes: 1.0 });
    }
    let mut y = 2.0;
    let mut drawn = Vec::new();
    for row in list {
        let height = ROW + (row.lanes - 1.0) * LANE;
        let label = row.label.clone();
        let of = row.count;
        let count = move || t::ribbon_bytes(l, counts.get().map_or(0, of));
        let blocks = row
            .blocks
            .iter()
            .map(|one| {
                let x = |byte: u64| label_width + byte.saturating_sub(ribbon.window.0) as f64 * per_byte;
                let right = label_width + across;
                block(lab, scene, ribbon.direction, one, row.kind, y, &x, right)
            })
            .collect_view();
        drawn.push(view! {
            <g>
                <rect class="trough" x=label_width y=y width=across height=height/>
                <text class="label" x=label_width - 8.0 y=y + 10.0>{label}</text>
                <text class="count" x=label_width - 8.0 y=y + 20.5>{count}</text>
                {blocks}
            </g>
        });
        y += height + GAP;
    }
    view! {
        <svg class="bands" width=width height=y viewBox=format!("0 0 {width} {y}") class:pointing=move || lab.lit.with(|lit| !lit.bytes.is_empty())>
            {super::ladder_parts::patterns()}
            {drawn}
        </svg>
    }
}

/// The bytes in a call's label: `b'msg0'` of `sendto(b'msg0', 10.0.0.2:9999)`.
fn literal(label: &str) -> Option<String> {
    Some(label[label.find("b'")?..=label.rfind('\'')?].to_owned())
}

#[allow(clippy::too_many_arguments)] // the place of one block
fn block(
    lab: Lab,
    scene: &Scene,
    direction: usize,
    block: &Block,
    kind: Kind,
    row: f64,
    x: &dyn Fn(u64) -> f64,
    right: f64,
) -> impl IntoView + use<> {
    let l = lab.language;
    let run = &scene.run;
    let range = block.range;
    let (x1, x2) = (x(range.0), x(range.1).min(right));
    let wide = (x2 - x1 - 1.0).max(1.5);
    let (top, height) = if block.lane == 0 { (row, ROW) } else { (row + ROW, LANE - 2.0) };
    let bands = block
        .tints
        .iter()
        .map(|(part, tint)| {
            let (from, to) = (x(part.0), x(part.1).min(right));
            let number = (to - from > 16.0).then(|| {
                view! { <text class=format!("number {}", ink_class(*tint)) x=from + 4.0 y=top + height - 7.0>{tint + 1}</text> }
            });
            view! {
                <rect class=tint_class(*tint) x=from y=top width=(to - from - 1.0).max(1.0) height=height/>
                {number}
            }
        })
        .collect_view();
    let owner = match kind {
        Kind::Write | Kind::Read => run.calls[block.owner].label.clone(),
        Kind::Wire => run.passages[block.owner].label.clone(),
    };
    let note = match block.note {
        Note::Plain => None,
        Note::Coalesced(count) => Some(t::note_coalesced(l, count)),
        Note::Split => Some(t::note_split(l).to_owned()),
        Note::Both(count) => Some(t::note_both(l, count)),
        Note::Repeat => Some(t::note_repeat(l).to_owned()),
        Note::Lost => Some(format!("✕ {}", t::lost(l))),
    };
    let name = match kind {
        Kind::Write => t::block_sent(l, range.0, block.tints.first().map_or(0, |tint| tint.1 + 1), range.1),
        Kind::Wire => t::block_wire(l, range.0, run.passages[block.owner].frame, range.1),
        Kind::Read => t::block_read(l, range.0, range.1),
    };
    let name = match &note {
        Some(note) => format!("{name}: {note}"),
        None => name,
    };
    let said = match (kind, &note) {
        (Kind::Read, Some(note)) => Some(note.clone()),
        (_, Some(note)) => Some(note.clone()).filter(|_| wide > 60.0),
        (Kind::Write, None) => literal(&owner),
        _ => None,
    };
    let indent = if block.tints.len() == 1 { 16.0 } else { 0.0 };
    let said_class = match block.tints.as_slice() {
        [(_, only)] => format!("said {}", ink_class(*only)),
        _ => "said centred".to_owned(),
    };
    let said = said.filter(|_| wide > 40.0).map(|text| {
        let text = shorten(&text, wide - 8.0 - indent);
        // Over several colours the text gets ground of its own.
        let ground = (block.tints.len() > 1).then(|| {
            let long = text.chars().map(|c| if c.is_ascii() { 6.4 } else { 11.5 }).sum::<f64>() + 10.0;
            view! { <rect class="ground" x=(x1 + x2 - long) / 2.0 y=top + 3.0 width=long height=height - 6.0 rx="3"/> }
        });
        let centred = block.tints.len() > 1;
        let at = if centred { (x1 + x2) / 2.0 } else { x1 + indent + 2.0 };
        view! {
            {ground}
            <text class=said_class.clone() x=at y=top + height - 7.0>{text}</text>
        }
    });
    let thing = match kind {
        Kind::Wire => Thing::Passage(block.owner),
        Kind::Write | Kind::Read => Thing::Call(block.owner),
    };
    let lit = move || lab.lit.with(|lit| lit.has_bytes(direction, range));
    let (from, until) = (block.from, block.until);
    let phase = move || {
        let cursor = lab.cursor.get();
        match () {
            () if from > cursor => "ahead",
            () if until > cursor => "under",
            () => "done",
        }
    };
    let lost = block.note == Note::Lost;
    view! {
        <g
            class="block"
            data-phase=phase
            class:lit=lit
            class:lost=lost
            role="button"
            tabindex="-1"
            aria-label=name
            on:click=move |_| lab.select(thing)
        >
            {bands}
            <rect class="edge" x=x1 y=top width=wide height=height/>
            {said}
        </g>
    }
}
