//! The HTTP tool: one stream of bytes, looked at as parts, byte by byte, or as the life of a connection; and requests
//! that are sent for real. What is true is known by `model::tools::http`.

mod exchange;
mod facts;
mod lifeline;
mod options;
mod send;
mod sheet;
mod told;
mod verdict;
mod walk;

use super::Tool;
use super::parts::{ByteInput, Bytes, HexView, Selection};
use crate::browser;
use crate::model::tools::hex::Mark;
use crate::model::tools::http::exchange::Exchange;
use crate::model::tools::http::{examples, explain, parts};
use crate::texts::{self, Language, tools as t};
use leptos::prelude::*;
use parts::Part;
use sockscope_core::http::report::{Options, Report, report};
use sockscope_core::http::{Leniency, Role};
use sockscope_core::trace::narrate::Sentence;
use std::sync::Arc;

/// The ways to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    #[default]
    Parse,
    Walk,
    Send,
    Life,
}

impl Mode {
    const ALL: [Mode; 4] = [Mode::Parse, Mode::Walk, Mode::Send, Mode::Life];

    fn word(self) -> &'static str {
        match self {
            Mode::Parse => "parse",
            Mode::Walk => "bytes",
            Mode::Send => "send",
            Mode::Life => "connection",
        }
    }

    fn name(self, l: Language) -> &'static str {
        match self {
            Mode::Parse => t::http_mode_parse(l),
            Mode::Walk => t::http_mode_walk(l),
            Mode::Send => t::http_mode_send(l),
            Mode::Life => t::http_mode_life(l),
        }
    }
}

/// What the parser made of the bytes.
#[derive(Debug)]
struct Parsed {
    report: Report,
    parts: Vec<Part>,
}

/// What all parts of the page share.
#[derive(Clone, Copy)]
struct Page {
    tool: Tool,
    l: Language,
    bytes: RwSignal<Bytes>,
    selection: RwSignal<Selection>,
    options: Memo<Arc<Choices>>,
    parsed: Memo<Shared>,
    exchange: RwSignal<Option<Arc<Exchange>>>,
}

/// The parser's options, as the address holds them.
#[derive(Clone, Debug, PartialEq)]
struct Choices {
    role: Option<Role>,
    eof: bool,
    answers: Vec<String>,
    leniency: Leniency,
}

impl Choices {
    fn options(&self) -> Options {
        Options {
            role: self.role,
            eof: self.eof,
            answers: self.answers.clone(),
            leniency: self.leniency,
            ..Options::default()
        }
    }
}

/// One parse; two are never the same.
#[derive(Clone, Debug)]
struct Shared(Arc<Parsed>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Page {
    fn new(tool: Tool) -> Page {
        let bytes = RwSignal::new(Bytes::from(examples::ALL[0].bytes));
        let options = Memo::new(move |_| Arc::new(tool.state.with(choices)));
        Page::with(tool, bytes, options, RwSignal::new(None))
    }

    /// Other bytes within the page, read in their own way.
    fn of(outer: Page, bytes: &[u8], choices: Choices) -> Page {
        let choices = Arc::new(choices);
        let options = Memo::new(move |_| choices.clone());
        Page::with(outer.tool, RwSignal::new(Bytes::from(bytes)), options, outer.exchange)
    }

    fn with(
        tool: Tool,
        bytes: RwSignal<Bytes>,
        options: Memo<Arc<Choices>>,
        exchange: RwSignal<Option<Arc<Exchange>>>,
    ) -> Page {
        let parsed = Memo::new(move |_| {
            bytes.with(|bytes| {
                let report = report(bytes, &options.get().options());
                let parts = parts::of(bytes, &report);
                Shared(Arc::new(Parsed { report, parts }))
            })
        });
        Page { tool, l: tool.language, bytes, selection: RwSignal::new(None), options, parsed, exchange }
    }

    fn put(self, bytes: &[u8]) {
        self.selection.set(None);
        self.bytes.set(bytes.into());
        self.tool.state.update(|state| state.set_bytes("b", bytes));
    }
}

fn choices(state: &crate::model::tools::state::State) -> Choices {
    let mut leniency = Leniency::default();
    for name in state.get("lenient").unwrap_or_default().split(',') {
        leniency.turn_on(name);
    }
    Choices {
        role: match state.get("role") {
            Some("request") => Some(Role::Request),
            Some("response") => Some(Role::Response),
            _ => None,
        },
        eof: state.get("eof") == Some("1"),
        answers: state
            .get("answers")
            .unwrap_or_default()
            .split([',', ' '])
            .filter(|method| !method.is_empty())
            .map(str::to_owned)
            .collect(),
        leniency,
    }
}

/// A sentence in a language.
fn say(l: Language, sentence: &Sentence) -> String {
    texts::say_of_tools(l, sentence)
}

/// A text that a value names.
fn named(l: Language, prefix: &str, word: &str) -> String {
    say(l, &Sentence::new(format!("http_page.{prefix}_{word}")))
}

/// The tool.
#[component]
pub fn Http(
    /// What all tools share.
    tool: Tool,
) -> impl IntoView {
    let l = tool.language;
    let page = Page::new(tool);
    let word = tool.value("mode");
    let mode = Memo::new(move |_| {
        let word = word.get();
        Mode::ALL.into_iter().find(|mode| Some(mode.word()) == word.as_deref()).unwrap_or_default()
    });
    let go = move |to: Mode| tool.set("mode", if to == Mode::Parse { "" } else { to.word() });
    let strip = NodeRef::<leptos::html::Div>::new();
    let turn = move |to: usize| {
        go(Mode::ALL[to % Mode::ALL.len()]);
        if let Some(strip) = strip.get_untracked() {
            browser::focus_child(&strip, to % Mode::ALL.len());
        }
    };
    let here = move || Mode::ALL.iter().position(|one| *one == mode.get_untracked()).unwrap_or(0);
    let tabs = Mode::ALL
        .into_iter()
        .map(|one| {
            view! {
                <button
                    type="button"
                    role="tab"
                    id=format!("http-tab-{}", one.word())
                    aria-controls="http-panel"
                    data-mode=one.word()
                    aria-selected=move || (mode.get() == one).to_string()
                    tabindex=move || if mode.get() == one { "0" } else { "-1" }
                    on:click=move |_| go(one)
                >
                    {one.name(l)}
                </button>
            }
        })
        .collect_view();
    view! {
        <div class="http">
        <div
            class="tabs"
            role="tablist"
            aria-label=t::http_modes(l)
            node_ref=strip
            on:keydown=move |event| match event.key().as_str() {
                "ArrowRight" => turn(here() + 1),
                "ArrowLeft" => turn(here() + Mode::ALL.len() - 1),
                "Home" => turn(0),
                "End" => turn(Mode::ALL.len() - 1),
                _ => {}
            }
        >
            {tabs}
        </div>
        <div
            class="http-mode"
            id="http-panel"
            role="tabpanel"
            aria-labelledby=move || format!("http-tab-{}", mode.get().word())
        >
            {move || match mode.get() {
                Mode::Parse => view! { <Input page/> <Parse page/> }.into_any(),
                Mode::Walk => view! { <Input page/> <walk::Walk page/> }.into_any(),
                Mode::Send => view! { <send::Send page/> }.into_any(),
                Mode::Life => view! { <lifeline::Life page/> }.into_any(),
            }}
        </div>
        </div>
    }
}

/// The bytes, and how they are read.
#[component]
fn Input(page: Page) -> impl IntoView {
    let l = page.l;
    let choose = move |name: String| {
        let Some(example) = examples::Example::find(&name) else { return };
        page.tool.state.update(|state| {
            state.remove("role");
            state.remove("eof");
            state.remove("lenient");
            state.remove("at");
            state.set("answers", example.answers.join(","));
        });
        page.put(example.bytes);
    };
    let now = move || {
        page.bytes.with(|bytes| examples::ALL.iter().find(|example| example.bytes == &bytes[..]).map(|one| one.name))
    };
    let options = examples::ALL
        .iter()
        .map(|example| {
            let name = example.name;
            view! {
                <option value=name prop:selected=move || now() == Some(name)>
                    {named(l, "example", name)}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="http-input">
            <ByteInput tool=page.tool key="b" bytes=page.bytes label=t::http_bytes(l) lines=7>
                <label class="example">
                    <span class="unseen">{t::http_example(l)}</span>
                    <select on:change=move |event| choose(event_target_value(&event))>
                        <option value="" prop:selected=move || now().is_none()>{t::http_example_own(l)}</option>
                        {options}
                    </select>
                </label>
            </ByteInput>
            <options::OptionsOf page/>
        </div>
    }
}

/// The parts of the bytes, and what they are.
#[component]
fn Parse(page: Page) -> impl IntoView {
    let l = page.l;
    let marks = Memo::new(move |_| page.parsed.with(|parsed| marks(&parsed.0.parts)));
    let snap = Callback::new(move |at: usize| snap(page, at));
    let tell = Callback::new(move |at: usize| {
        page.parsed.with_untracked(|parsed| match parts::at(&parsed.0.parts, at as u64) {
            Some(place) => page.bytes.with_untracked(|bytes| {
                say(l, &explain::tell(bytes, &parsed.0.report, &parsed.0.parts[place]).sentence)
            }),
            None => String::new(),
        })
    });
    view! {
        <verdict::Verdict page/>
        <div class="columns http-parts">
            <div class="stack">
                <h3>{t::http_parts(l)}</h3>
                <sheet::Sheet page/>
            </div>
            <div class="stack">
                <h3>{t::http_hex(l)}</h3>
                <HexView l bytes=page.bytes marks selection=page.selection snap tell/>
            </div>
        </div>
        <told::Told page/>
        <facts::Facts page/>
    }
}

/// The part that a byte belongs to.
fn snap(page: Page, at: usize) -> (usize, usize) {
    page.parsed.with_untracked(|parsed| match parts::at(&parsed.0.parts, at as u64) {
        Some(place) => range_of(&parsed.0.parts[place]),
        None => (at, at + 1),
    })
}

fn range_of(part: &Part) -> (usize, usize) {
    (part.range.0 as usize, part.range.1 as usize)
}

/// The colours of the bytes: those of their parts; what is only glue stays quiet.
fn marks(parts: &[Part]) -> Vec<Mark> {
    let mark = |part: &Part| {
        let (kind, quiet) = tint(part.kind)?;
        let (start, end) = range_of(part);
        Some(Mark { start, end, kind, quiet })
    };
    parts.iter().filter_map(mark).collect()
}

/// The colour of a kind of part, as the style sheet names it.
fn tint(kind: parts::Kind) -> Option<(&'static str, bool)> {
    Some(match kind.tint() {
        "method" => ("t1", false),
        "target" => ("t5", false),
        "version" => ("t8", false),
        "name" => ("t3", false),
        "value" => ("t3", true),
        "chunk" => ("t6", false),
        "content" => ("t7", false),
        "wrong" => ("bad", false),
        "unread" => return None,
        _ => ("framing", false),
    })
}
