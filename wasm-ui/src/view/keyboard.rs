//! The keys of the microscope. What they do stands in `actions`.

use super::actions;
use super::lab::Lab;
use crate::browser;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// A key was pressed somewhere in the microscope.
pub fn pressed(lab: Lab, event: &KeyboardEvent) {
    if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
        event.prevent_default();
        return actions::run(lab);
    }
    if browser::takes_keys(event) || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    match event.key().as_str() {
        "ArrowRight" if event.shift_key() => actions::step_line(lab, true),
        "ArrowLeft" if event.shift_key() => actions::step_line(lab, false),
        "ArrowRight" => actions::step(lab, 1),
        "ArrowLeft" => actions::step(lab, -1),
        "Home" => lab.go(0),
        "End" => lab.go(usize::MAX),
        " " => actions::play(lab),
        "n" | "N" => actions::next_incident(lab),
        "Enter" => actions::select_here(lab),
        "Escape" if lab.help.get_untracked() => lab.help.set(false),
        "Escape" if lab.presenting.get_untracked() => actions::present(lab),
        "p" | "P" => actions::present(lab),
        "Escape" => lab.selection.set(None),
        "?" => lab.help.update(|open| *open = !*open),
        _ => return,
    }
    event.prevent_default();
}
