//! The ladder: a window onto the laid-out picture. Only what is in the window is in the page.

use super::lab::Lab;
use super::ladder_parts as parts;
use super::ladder_parts::ruler;
use crate::browser;
use crate::model::axis::Stretch;
use crate::model::label;
use crate::model::ladder::lifelines;
use crate::model::scene::Scene;
use crate::texts::lab as t;
use leptos::html::Div;
use leptos::prelude::*;
use sockscope_core::trace::Engine;

/// The window moves in steps of this many pixels.
const STEP: f64 = 240.0;

/// Where the picture stands and how large it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Window {
    /// First drawn pixel.
    pub from: f64,
    /// Last drawn pixel.
    pub to: f64,
    /// Width of the whole picture, ruler included.
    pub width: f64,
}

/// One ladder: of the run that the cursor walks, or of the run beside it.
#[component]
pub fn LadderView(lab: Lab, beside: bool) -> impl IntoView {
    let l = lab.language;
    let scene = if beside { lab.second } else { lab.scene };
    let cursor = Signal::derive(move || if beside { lab.second_cursor.get() } else { lab.cursor.get() });
    let scroller = NodeRef::<Div>::new();
    let size = RwSignal::new((0.0, 0.0));
    let top = RwSignal::new(0.0);
    Effect::new(move |_| {
        if let Some(scroller) = scroller.get() {
            browser::watch_size(&scroller, move |width, height| {
                size.try_set((width, height));
            });
        }
    });
    let window = Memo::new(move |_| {
        let (width, height) = size.get();
        let first = (top.get() / STEP).floor() * STEP;
        Window { from: (first - STEP).max(0.0), to: first + height + 2.0 * STEP, width }
    });
    let y = Memo::new(move |_| scene.with(|scene| scene.as_ref().map_or(0.0, |one| one.ladder.axis.at(cursor.get()))));
    // The cursor stays in view.
    Effect::new(move |_| {
        let at = y.get();
        let (_, height) = size.get();
        if let Some(scroller) = scroller.get_untracked()
            && height > 0.0
        {
            let now = f64::from(scroller.scroll_top());
            if at < now + 70.0 || at > now + height - 60.0 {
                scroller.set_scroll_top((at - height * 0.45).max(0.0) as i32);
            }
        }
    });
    let frame = StoredValue::new_local(browser::Frame::new());
    let scrolled = move |_| {
        frame.with_value(|frame| {
            frame.ask(move || {
                if let Some(scroller) = scroller.try_get_untracked().flatten() {
                    top.try_set(f64::from(scroller.scroll_top()));
                }
            })
        });
    };
    let pressed = move |event: leptos::ev::MouseEvent| {
        let Some(at) = browser::height_in(&event) else { return };
        let found = scene.with_untracked(|scene| scene.as_ref().map(|one| one.ladder.axis.event(at)));
        if let (Some(event), false) = (found, beside) {
            lab.playing.set(false);
            lab.go(event);
        }
    };
    let name = move || scene.with(|scene| t::ladder_of(l, scene.as_ref().map_or("", |one| engine(lab, one))));
    let height = move || scene.with(|scene| scene.as_ref().map_or(0.0, |one| one.ladder.axis.height));
    view! {
        <section class="ladder" aria-label=name>
            <Show when=move || lab.second.with(Option::is_some)>
                <p class="which">{move || scene.with(|scene| scene.as_ref().map_or("", |one| engine(lab, one)))}</p>
            </Show>
            <div
                class="scroll"
                tabindex="0"
                role="group"
                aria-label=t::ladder_hint(l)
                node_ref=scroller
                on:scroll=scrolled
            >
                <Heads lab scene cursor window/>
                <div class="canvas" style:height=move || format!("{}px", height()) on:click=pressed>
                    {move || {
                        let scene = scene.get()?;
                        let window = window.get();
                        (window.width > 0.0).then(|| picture(lab, scene, window, cursor, beside))
                    }}
                    <div class="veil" style:top=move || format!("{}px", y.get())></div>
                    <div class="now" style:top=move || format!("{}px", y.get())>
                        <span>
                            {move || {
                                scene.with(|scene| {
                                    scene.as_ref().map(|one| label::span(one.run.time(cursor.get()).as_micros()))
                                })
                            }}
                        </span>
                    </div>
                </div>
            </div>
        </section>
    }
}

fn engine(lab: Lab, scene: &Scene) -> &'static str {
    match scene.run.trace.header.engine {
        Engine::Model => t::engine_model(lab.language),
        Engine::KernelIsolated | Engine::KernelLoopback => t::engine_kernel(lab.language),
    }
}

/// Names of the hosts above their lifelines, with the TCP state at the cursor.
#[component]
fn Heads(lab: Lab, scene: Memo<Option<Scene>>, cursor: Signal<usize>, window: Memo<Window>) -> impl IntoView {
    let _ = lab;
    let width = Memo::new(move |_| window.get().width);
    let heads = move || {
        let scene = scene.get()?;
        let hosts = scene.run.hosts.len();
        let places = lifelines(hosts, (width.get() - ruler(width.get())).max(0.0));
        let heads = places
            .into_iter()
            .enumerate()
            .map(|(host, x)| {
                let name = scene.run.hosts[host].name.to_string();
                let scene = scene.clone();
                let state = Memo::new(move |_| state(&scene, host, cursor.get()));
                view! {
                    <div class="head" style:left=format!("{}px", x + ruler(width.get()))>
                        <b>{name}</b>
                        {move || state.get().map(|state| view! { <span class="state" data-state=state>{state}</span> })}
                    </div>
                }
            })
            .collect_view();
        Some(heads)
    };
    view! { <div class="heads">{heads}</div> }
}

/// The TCP state a host changed to last.
fn state(scene: &Scene, host: usize, event: usize) -> Option<&'static str> {
    let changes = &scene.run.states;
    let passed = changes.partition_point(|change| change.event <= event);
    changes[..passed].iter().rev().take(64).find(|change| change.host == host).map(|change| change.to.name())
}

fn picture(lab: Lab, scene: Scene, window: Window, cursor: Signal<usize>, beside: bool) -> impl IntoView {
    let l = lab.language;
    let Window { from, to, width } = window;
    let axis = &scene.ladder.axis;
    let to = to.min(axis.height).max(from + 1.0);
    let left = ruler(width);
    let lines: Vec<f64> = lifelines(scene.run.hosts.len(), width - left).into_iter().map(|x| x + left).collect();
    let (bars, arrows) = scene.ladder.visible(from, to);
    let first = axis.stretches.partition_point(|stretch| stretch.1 < from);
    let stretches = axis.stretches[first..].iter().take_while(|stretch| stretch.0 <= to).copied().collect::<Vec<_>>();
    let first = axis.ticks.partition_point(|tick| tick.0 < from);
    let ticks = axis.ticks[first..].iter().take_while(|tick| tick.0 <= to).copied().collect::<Vec<_>>();
    let rule = stretches
        .iter()
        .map(|&(top, bottom, kind, _)| {
            let class = match kind {
                Stretch::Scale => "rule",
                Stretch::Magnified => "rule magnified",
                Stretch::Folded => "rule folded",
            };
            view! { <line class=class x1=left - 6.0 x2=left - 6.0 y1=top y2=bottom/> }
        })
        .collect_view();
    let folds = stretches
        .iter()
        .filter(|stretch| stretch.2 == Stretch::Folded)
        .map(|&(top, bottom, _, length)| {
            let middle = (top + bottom) / 2.0;
            let text = t::idle(l, label::span(length));
            let right = width;
            view! {
                <g class="fold">
                    <rect x=left y=middle - 8.0 width=(right - left).max(0.0) height="16"/>
                    <text x=(left + right) / 2.0 y=middle + 4.0>{text}</text>
                </g>
            }
        })
        .collect_view();
    let mut before = None;
    let ticks = ticks
        .into_iter()
        .map(|(at, event)| {
            let now = scene.run.time(event).as_micros();
            // Within a hundredth of the time the difference says more.
            let text = match before.replace(now) {
                Some(before) if now > 0 && (now - before) * 100 < now => format!("+{}", label::span(now - before)),
                _ => label::span(now),
            };
            let text = if width < 480.0 { text.replace(' ', "") } else { text };
            view! {
                <g class="tick">
                    <line x1=left - 10.0 x2=left - 2.0 y1=at y2=at/>
                    <text x=left - 12.0 y=at + 3.5>{text}</text>
                </g>
            }
        })
        .collect_view();
    let lives = lines.iter().map(|&x| view! { <line class="life" x1=x x2=x y1=from y2=to/> }).collect_view();
    let place = parts::Place { lines: lines.clone(), width, from, to };
    let dots = {
        let (scene, arrows, lines) = (scene.clone(), arrows.clone(), lines.clone());
        move || parts::dots(&scene, &arrows, &lines, cursor.get())
    };
    let drawn_arrows = arrows.iter().map(|arrow| parts::arrow(lab, &scene, *arrow, &place, beside)).collect_view();
    let hops =
        scene.ladder.visible_hops(from, to).into_iter().map(|hop| parts::hop(lab, hop, &place, beside)).collect_view();
    let drawn_bars = bars.into_iter().map(|bar| parts::bar(lab, &scene, bar, &place, beside)).collect_view();
    let ends = parts::ends(lab, &scene, &place);
    view! {
        <svg
            class="picture"
            style:top=format!("{from}px")
            width=width
            height=to - from
            viewBox=format!("0 {from} {width} {}", to - from)
            class:pointing=move || lab.lit.with(|lit| !lit.is_empty())
        >
            {parts::patterns()}
            {rule}
            {ticks}
            {lives}
            {folds}
            {hops}
            {drawn_arrows}
            {drawn_bars}
            {ends}
            <g class="dots">{dots}</g>
        </svg>
    }
}
