//! The microscope as a wasm module: what `/socket-lab.js` loads and calls. It knows no tool.

use leptos::prelude::*;
use sockscope_wasm_ui::browser::{self, HtmlElement};
use sockscope_wasm_ui::texts::Language;
use sockscope_wasm_ui::view::lab::Lab;
use sockscope_wasm_ui::view::{Microscope, actions};
use wasm_bindgen::prelude::*;

/// Once for the page.
fn main() {
    #[cfg(target_arch = "wasm32")]
    console_error_panic_hook::set_once();
}

/// Wakes a microscope in `<socket-lab scenario="sticky" lang="en">`; `sheet` is its `CSSStyleSheet`.
///
/// # Errors
/// If the element can have no part of its own.
#[wasm_bindgen]
pub fn mount(element: HtmlElement, sheet: JsValue) -> Result<(), JsValue> {
    let language = Language::from_code(&browser::language(&element));
    let name = element.get_attribute("scenario").unwrap_or_default();
    let linked = element.has_attribute("linked") || browser::is_alone("socket-lab");
    let inline = browser::inline_scenario(&element);
    let root = browser::own_root(&element, &sheet)?;
    leptos::mount::mount_to(root, move || {
        let lab = Lab::new(language, name, linked);
        lab.element.set_value(Some(element));
        actions::load(lab, inline);
        view! { <Microscope lab/> }
    })
    .forget();
    Ok(())
}

/// Runs a scenario, as JSON, on the model and returns its trace as JSON: the same text as natively, byte for byte.
///
/// # Errors
/// What is wrong with the scenario, a line each.
#[wasm_bindgen]
pub fn trace(scenario: &str) -> Result<String, String> {
    let value = serde_json::from_str(scenario).map_err(|error| error.to_string())?;
    let scenario = sockscope_core::scenario::from_json(&value)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let trace = sockscope_core::sim::run(&scenario, &sockscope_core::sim::Options::default());
    Ok(serde_json::to_string(&trace).expect("a trace is JSON"))
}
