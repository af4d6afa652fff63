//! The tools as a wasm module: what `/socket-tool.js` loads and calls. It knows no microscope, so no Python parser is
//! in it.

use leptos::prelude::*;
use sockscope_wasm_ui::browser::{self, HtmlElement};
use sockscope_wasm_ui::texts::Language;
use sockscope_wasm_ui::view::tools::{Frame, Tool};
use wasm_bindgen::prelude::*;

/// Once for the page.
fn main() {
    #[cfg(target_arch = "wasm32")]
    console_error_panic_hook::set_once();
}

/// Wakes a tool in `<socket-tool name="framing" lang="en">`; `sheet` is its `CSSStyleSheet`.
///
/// # Errors
/// If the element can have no part of its own.
#[wasm_bindgen]
pub fn mount(element: HtmlElement, sheet: JsValue) -> Result<(), JsValue> {
    let language = Language::from_code(&browser::language(&element));
    let name = element.get_attribute("name").unwrap_or_default();
    let linked = element.has_attribute("linked") || browser::is_alone("socket-tool");
    let root = browser::own_root(&element, &sheet)?;
    leptos::mount::mount_to(root, move || {
        let tool = Tool::new(language, linked);
        view! { <Frame tool name/> }
    })
    .forget();
    Ok(())
}
