//! What all parts of the microscope share: the signals, and what follows from them. It draws nothing.

use crate::browser::{self, Cancel};
use crate::model::bench::Trouble;
use crate::model::link::Engine;
use crate::model::messages;
use crate::model::moment::{self, Moment};
use crate::model::scene::Scene;
use crate::model::selection::{self, Lit, Thing};
use crate::model::session::Session;
use crate::texts::Language;
use leptos::prelude::*;
use sockscope_core::trace::{Difference, compare};

/// The lower views.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Tab {
    Bytes,
    Headers,
    States,
    Buffers,
    Messages,
    Transcript,
    Differences,
}

/// The panes that a narrow screen shows one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Pane {
    Programs,
    Ladder,
    Bytes,
}

/// Something to tell the reader in one line.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// It went as wished.
    Done(String),
    /// It did not.
    Failed(String),
}

/// One microscope.
#[derive(Clone, Copy)]
pub struct Lab {
    /// The language of the page around it.
    pub language: Language,
    /// The scenario's name on the server; empty for one that stands in the page.
    pub name: StoredValue<String>,
    /// Whether the address bar is its own.
    pub linked: bool,
    /// The scenario on the bench.
    pub session: RwSignal<Option<Session>>,
    /// Which engines the reader looks at.
    pub engine: RwSignal<Engine>,
    /// The model's run.
    pub model: RwSignal<Option<Scene>>,
    /// The kernel's run.
    pub kernel: RwSignal<Option<Scene>>,
    /// The run that the cursor walks.
    pub scene: Memo<Option<Scene>>,
    /// The run beside it.
    pub second: Memo<Option<Scene>>,
    /// The event that has just happened.
    pub cursor: RwSignal<usize>,
    /// The same moment in the run beside.
    pub second_cursor: Memo<usize>,
    /// What is true at the cursor.
    pub moment: Memo<Option<Moment>>,
    /// What the reader pointed at.
    pub selection: RwSignal<Option<Thing>>,
    /// Everything that belongs to it.
    pub lit: Memo<Lit>,
    /// What is wrong with the programs.
    pub troubles: RwSignal<Vec<Trouble>>,
    /// The line above the bench.
    pub notice: RwSignal<Option<Notice>>,
    /// Seconds the reader has waited for the kernel.
    pub waiting: RwSignal<Option<u32>>,
    /// Stops the kernel's run.
    pub cancel: StoredValue<Option<Cancel>, LocalStorage>,
    /// Whether both runs are of the same text.
    pub comparable: Memo<bool>,
    /// What differs between the two runs.
    pub differences: Memo<Vec<Difference>>,
    /// The lower view.
    pub tab: RwSignal<Tab>,
    /// The direction of a connection that the reader chose.
    pub direction: RwSignal<Option<usize>>,
    /// The pane of a narrow screen.
    pub pane: RwSignal<Pane>,
    /// Whether the cursor walks by itself.
    pub playing: RwSignal<bool>,
    /// Events per second.
    pub speed: RwSignal<u32>,
    /// The element itself.
    pub element: StoredValue<Option<browser::HtmlElement>, LocalStorage>,
    /// Whether it fills the screen in large type.
    pub presenting: RwSignal<bool>,
    /// Whether the help is open.
    pub help: RwSignal<bool>,
    /// Counts the changes that wait for a run.
    pub pending: StoredValue<u32>,
}

impl Lab {
    /// A microscope with nothing on the bench.
    pub fn new(language: Language, name: String, linked: bool) -> Lab {
        let engine = RwSignal::new(Engine::Model);
        let model = RwSignal::new(None::<Scene>);
        let kernel = RwSignal::new(None::<Scene>);
        let cursor = RwSignal::new(0);
        let selection = RwSignal::new(None);
        let session = RwSignal::new(None::<Session>);
        let comparable = Memo::new(move |_| session.with(|one| one.as_ref().is_some_and(Session::is_comparable)));
        let scene = Memo::new(move |_| match engine.get() {
            Engine::Model | Engine::Both => model.get(),
            Engine::Kernel => kernel.get(),
        });
        let second = Memo::new(move |_| match engine.get() {
            // Runs of different texts are not laid side by side.
            Engine::Both => kernel.get().filter(|_| comparable.get()),
            Engine::Model | Engine::Kernel => None,
        });
        let second_cursor = Memo::new(move |_| match (scene.get(), second.get()) {
            (Some(scene), Some(second)) => second.counterpart(&scene, cursor.get()),
            _ => 0,
        });
        let moment = Memo::new(move |_| scene.get().map(|scene| moment::at(&scene.run, cursor.get())));
        let lit = Memo::new(move |_| match (scene.get(), selection.get()) {
            (Some(scene), Some(thing)) => selection::lit(&scene.run, thing),
            _ => Lit::default(),
        });
        let differences = Memo::new(move |_| match (model.get(), kernel.get()) {
            (Some(model), Some(kernel)) if comparable.get() => compare(&model.run.trace, &kernel.run.trace),
            _ => Vec::new(),
        });
        Lab {
            language,
            name: StoredValue::new(name),
            linked,
            session,
            comparable,
            engine,
            model,
            kernel,
            scene,
            second,
            cursor,
            second_cursor,
            moment,
            selection,
            lit,
            troubles: RwSignal::new(Vec::new()),
            notice: RwSignal::new(None),
            waiting: RwSignal::new(None),
            cancel: StoredValue::new_local(None),
            differences,
            tab: RwSignal::new(Tab::Transcript),
            direction: RwSignal::new(None),
            pane: RwSignal::new(Pane::Ladder),
            playing: RwSignal::new(false),
            speed: RwSignal::new(8),
            element: StoredValue::new_local(None),
            presenting: RwSignal::new(false),
            help: RwSignal::new(false),
            pending: StoredValue::new(0),
        }
    }

    /// The direction in view: what the reader points at, has chosen, or the one with most bytes.
    pub fn direction_in_view(&self) -> Option<usize> {
        let scene = self.scene.get()?;
        let pointed = self.lit.with(|lit| lit.bytes.first().map(|(direction, _)| *direction));
        messages::direction(&scene.run, pointed, self.direction.get())
    }

    /// Moves the cursor; places outside the run become its ends.
    pub fn go(&self, event: usize) {
        let last = self.scene.with_untracked(|scene| scene.as_ref().map_or(0, |scene| scene.run.len().max(1) - 1));
        let event = event.min(last);
        if self.cursor.get_untracked() != event {
            self.cursor.set(event);
        }
    }

    /// Points at a thing; pointing at it again lets it go.
    pub fn select(&self, thing: Thing) {
        self.selection.update(|selection| *selection = if *selection == Some(thing) { None } else { Some(thing) });
    }

    /// The event that the details tell of: the selection's, or the cursor's.
    pub fn told(&self) -> Option<(Scene, usize)> {
        let scene = self.scene.get()?;
        let selected = self.selection.get().and_then(|thing| selection::event_of(&scene.run, thing));
        let event = selected.unwrap_or_else(|| self.cursor.get());
        (event < scene.run.len()).then_some((scene, event))
    }
}
