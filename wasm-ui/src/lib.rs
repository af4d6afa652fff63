//! The microscope: `model` says what is to be seen, `view` draws it, `browser` is the only one that knows web-sys.

pub mod browser;
pub mod model;
pub mod texts;
pub mod view;

mod element {
    use crate::browser;
    use crate::texts::Language;
    use crate::view::lab::Lab;
    use crate::view::{Microscope, actions};
    use leptos::prelude::*;
    use wasm_bindgen::prelude::*;
    use web_sys::HtmlElement;

    /// Once for the page.
    #[cfg(target_arch = "wasm32")]
    #[wasm_bindgen(start)]
    pub fn start() {
        console_error_panic_hook::set_once();
    }

    /// Wakes a microscope in `<socket-lab scenario="sticky" lang="en">`; `sheet` is its `CSSStyleSheet`.
    ///
    /// # Errors
    /// If the element can have no part of its own.
    #[wasm_bindgen]
    pub fn mount(element: HtmlElement, sheet: JsValue) -> Result<(), JsValue> {
        let language = match element.closest("[lang]")? {
            Some(marked) => Language::from_code(&marked.get_attribute("lang").unwrap_or_default()),
            None => Language::En,
        };
        let name = element.get_attribute("scenario").unwrap_or_default();
        let linked = element.has_attribute("linked") || browser::is_alone();
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
}
