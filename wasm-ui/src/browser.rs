//! Everything the microscope asks of the browser. The only file that knows web-sys; it knows no view.

use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Element, RequestInit, Response, Window};
pub use web_sys::{Blob, File, HtmlElement};

#[wasm_bindgen]
extern "C" {
    type ImportMeta;
    #[wasm_bindgen(method, getter)]
    fn url(this: &ImportMeta) -> String;
    #[wasm_bindgen(thread_local_v2, js_namespace = import, js_name = meta)]
    static IMPORT_META: ImportMeta;
}

fn window() -> Window {
    web_sys::window().expect("a page has a window")
}

/// The server this module was loaded from, with a slash at its end: `https://example.org/`. The module stands two
/// folders deep, `assets/lab-HASH/lab.js`.
pub fn server() -> String {
    let module = IMPORT_META.with(|meta| meta.url());
    web_sys::Url::new_with_base("../../", &module).map(|url| url.href()).unwrap_or_else(|_| "/".into())
}

/// Query and hash of the page's address.
pub fn address() -> (String, String) {
    let location = window().location();
    (location.search().unwrap_or_default(), location.hash().unwrap_or_default())
}

/// Puts another hash into the address bar, behind the same path and query, without loading anything.
pub fn set_hash(hash: &str) {
    let query = window().location().search().unwrap_or_default();
    set_address(&format!("{query}{hash}"));
}

/// Puts another query and hash into the address bar without loading anything.
pub fn set_address(query_and_hash: &str) {
    let window = window();
    let path = window.location().pathname().unwrap_or_default();
    if let Ok(history) = window.history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("{path}{query_and_hash}")));
    }
}

/// A request that can be cancelled.
#[derive(Clone)]
pub struct Cancel(AbortController);

impl Cancel {
    /// For one request.
    pub fn new() -> Option<Cancel> {
        AbortController::new().ok().map(Cancel)
    }

    /// Stops the request.
    pub fn cancel(&self) {
        self.0.abort();
    }
}

/// Why a request brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The reader cancelled it.
    Cancelled,
    /// No answer came.
    NoAnswer(String),
    /// The answer was an error: status and body.
    Refused(u16, String),
}

/// Asks the server; the body of a good answer. With `body` it is a POST of JSON.
///
/// # Errors
/// Whatever kept the answer away.
pub async fn ask(url: &str, body: Option<String>, cancel: Option<&Cancel>) -> Result<String, Failure> {
    let options = RequestInit::new();
    if let Some(cancel) = cancel {
        options.set_signal(Some(&cancel.0.signal()));
    }
    if let Some(body) = body {
        options.set_method("POST");
        options.set_body(&JsValue::from_str(&body));
        let headers = web_sys::Headers::new().map_err(no_answer)?;
        let _ = headers.set("content-type", "application/json");
        options.set_headers(&headers);
    }
    let answer = JsFuture::from(window().fetch_with_str_and_init(url, &options)).await.map_err(no_answer)?;
    let answer: Response = answer.dyn_into().map_err(no_answer)?;
    let text = JsFuture::from(answer.text().map_err(no_answer)?).await.map_err(no_answer)?;
    let text = text.as_string().unwrap_or_default();
    if answer.ok() { Ok(text) } else { Err(Failure::Refused(answer.status(), text)) }
}

fn no_answer(error: JsValue) -> Failure {
    let error = error.unchecked_into::<js_sys::Error>();
    if error.name() == "AbortError" {
        return Failure::Cancelled;
    }
    Failure::NoAnswer(error.message().into())
}

/// Copies text to the clipboard.
pub async fn copy(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    // Without a secure context there is no clipboard.
    if clipboard.is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// Bytes that the browser keeps, to be read like a file.
pub fn blob(bytes: &[u8]) -> Blob {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence(&parts).expect("a list of bytes makes a blob")
}

/// Hands a file to the reader.
pub fn download(name: &str, bytes: &[u8]) {
    let Ok(url) = web_sys::Url::create_object_url_with_blob(&blob(bytes)) else { return };
    let document = window().document().expect("a window has a document");
    if let Ok(link) = document.create_element("a").map(JsCast::unchecked_into::<web_sys::HtmlAnchorElement>) {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    let _ = web_sys::Url::revoke_object_url(&url);
}

/// Keeps a word for this reader on this machine; where the browser keeps nothing, it is forgotten.
pub fn remember(key: &str, word: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(&format!("sockscope.{key}"), word);
    }
}

/// The word that was kept.
pub fn recall(key: &str) -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(&format!("sockscope.{key}")).ok().flatten()
}

/// Whether the reader asked for less motion.
pub fn reduced_motion() -> bool {
    matches!(window().match_media("(prefers-reduced-motion: reduce)"), Ok(Some(query)) if query.matches())
}

/// Milliseconds since some moment; for showing how long the reader waits.
pub fn clock() -> f64 {
    js_sys::Date::now()
}

/// Tells the size of an element now and whenever it changes, for as long as the element lives.
pub fn watch_size(element: &Element, mut told: impl FnMut(f64, f64) + 'static) {
    let rect = element.get_bounding_client_rect();
    told(rect.width(), rect.height());
    let closure = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
        let entry = entries.get(0).unchecked_into::<web_sys::ResizeObserverEntry>();
        let rect = entry.content_rect();
        told(rect.width(), rect.height());
    });
    if let Ok(observer) = web_sys::ResizeObserver::new(closure.as_ref().unchecked_ref()) {
        observer.observe(element);
    }
    closure.forget();
}

/// Runs once before the next picture is drawn, however often it was asked for.
#[derive(Clone)]
pub struct Frame {
    asked: Rc<RefCell<bool>>,
}

impl Frame {
    /// None asked for yet.
    pub fn new() -> Frame {
        Frame { asked: Rc::new(RefCell::new(false)) }
    }

    /// Asks.
    pub fn ask(&self, run: impl FnOnce() + 'static) {
        if self.asked.replace(true) {
            return;
        }
        let asked = self.asked.clone();
        let closure = Closure::once_into_js(move || {
            asked.replace(false);
            run();
        });
        let _ = window().request_animation_frame(closure.unchecked_ref());
    }
}

impl Default for Frame {
    fn default() -> Self {
        Frame::new()
    }
}

/// Whether a key pressed there belongs to what is typed or chosen there.
pub fn takes_keys(event: &web_sys::KeyboardEvent) -> bool {
    let Some(target) = event.composed_path().get(0).dyn_into::<Element>().ok() else { return false };
    match target.tag_name().to_ascii_lowercase().as_str() {
        "textarea" | "select" => true,
        "input" => target.get_attribute("type").as_deref() != Some("range"),
        "button" | "summary" | "a" => matches!(event.key().as_str(), " " | "Enter"),
        _ => target.get_attribute("role").as_deref() == Some("tab") && event.key().starts_with("Arrow"),
    }
}

/// The element's own part of the page, dressed in a style sheet, and the place in it to draw in.
///
/// # Errors
/// If the element can have no part of its own.
pub fn own_root(element: &HtmlElement, sheet: &JsValue) -> Result<HtmlElement, JsValue> {
    let document = window().document().expect("a window has a document");
    let shadow = match element.shadow_root() {
        Some(shadow) => shadow,
        None => element.attach_shadow(&web_sys::ShadowRootInit::new(web_sys::ShadowRootMode::Open))?,
    };
    shadow.set_inner_html("");
    js_sys::Reflect::set(&shadow, &"adoptedStyleSheets".into(), &js_sys::Array::of1(sheet))?;
    let root: HtmlElement = document.create_element("div")?.unchecked_into();
    root.set_class_name("root");
    shadow.append_child(&root)?;
    Ok(root)
}

/// Sets or removes an attribute that only says yes.
pub fn mark(element: &HtmlElement, attribute: &str, on: bool) {
    let _ = element.toggle_attribute_with_force(attribute, on);
}

/// How far below the top of the element that listens the pointer is, in the element's own pixels.
pub fn height_in(event: &web_sys::MouseEvent) -> Option<f64> {
    let element: HtmlElement = event.current_target()?.dyn_into().ok()?;
    let rect = element.get_bounding_client_rect();
    // Where the microscope is shown larger, a pixel of the screen is less than one of its own.
    let magnified = rect.height() / f64::from(element.offset_height().max(1));
    Some((f64::from(event.client_y()) - rect.top()) / magnified.max(0.01))
}

/// The scenario that stands as JSON inside the element, if one does.
pub fn inline_scenario(element: &HtmlElement) -> Option<String> {
    let script = element.query_selector("script[type='application/json']").ok().flatten()?;
    script.text_content()
}

/// Whether this is the page's only element of its kind: only then the address bar is its own.
pub fn is_alone(tag: &str) -> bool {
    let document = window().document().expect("a window has a document");
    document.get_elements_by_tag_name(tag).length() == 1
}

/// The language code that holds for an element: its own, or that of what it stands in.
pub fn language(element: &HtmlElement) -> String {
    let marked = element.closest("[lang]").ok().flatten();
    marked.and_then(|marked| marked.get_attribute("lang")).unwrap_or_default()
}

/// The line of a text field, from 1, that was clicked; nothing where text was selected.
pub fn clicked_line(event: &web_sys::MouseEvent) -> Option<u32> {
    let field: web_sys::HtmlTextAreaElement = event.target()?.dyn_into().ok()?;
    let (start, end) = (field.selection_start().ok().flatten()?, field.selection_end().ok().flatten()?);
    // The browser counts UTF-16 units.
    let before = field.value().encode_utf16().take(start as usize).filter(|&unit| unit == u16::from(b'\n')).count();
    (start == end).then_some(before as u32 + 1)
}

/// Scrolls a box by as little as brings the first element in it that matches into view.
pub fn keep_in_view(scroller: &HtmlElement, selector: &str) {
    let Some(row) = scroller.query_selector(selector).ok().flatten() else { return };
    let row: HtmlElement = row.unchecked_into();
    let (top, height) = (scroller.scroll_top(), scroller.client_height());
    let (from, to) = (row.offset_top(), row.offset_top() + row.offset_height());
    if from < top || to > top + height {
        scroller.set_scroll_top((from - height / 3).max(0));
    }
}

/// Gives the focus to a child of an element, by its place.
pub fn focus_child(parent: &web_sys::Element, place: usize) {
    if let Some(child) = parent.children().item(place as u32) {
        // What cannot take the focus leaves it where it is.
        let _ = child.unchecked_into::<HtmlElement>().focus();
    }
}

/// The first file that was dropped on an element, or pasted into it, or chosen in it.
pub fn offered_file(event: &web_sys::Event) -> Option<File> {
    let dropped = event.dyn_ref::<web_sys::DragEvent>().and_then(web_sys::DragEvent::data_transfer);
    let pasted = || event.dyn_ref::<web_sys::ClipboardEvent>().and_then(web_sys::ClipboardEvent::clipboard_data);
    let carried = dropped.or_else(pasted).and_then(|transfer| transfer.files());
    let chosen = || event.target()?.dyn_into::<web_sys::HtmlInputElement>().ok()?.files();
    carried.filter(|files| files.length() > 0).or_else(chosen)?.get(0)
}

/// Forgets the file that was chosen in the element, so that the same one can be chosen again.
pub fn forget_chosen(event: &web_sys::Event) {
    if let Some(field) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok()) {
        field.set_value("");
    }
}

/// The bytes of a file from `from` on, at most `most` of them.
///
/// # Errors
/// What the browser says of a file that it cannot read.
pub async fn read(file: &Blob, from: u64, most: usize) -> Result<Vec<u8>, String> {
    let said = |error: JsValue| String::from(error.unchecked_into::<js_sys::Error>().message());
    let piece = file.slice_with_f64_and_f64(from as f64, from as f64 + most as f64).map_err(said)?;
    let buffer = JsFuture::from(piece.array_buffer()).await.map_err(said)?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// The number in the attribute `data-at` of what was pointed at, or of what it stands in.
pub fn pointed(event: &web_sys::Event) -> Option<usize> {
    let target = event.composed_path().get(0).dyn_into::<Element>().ok()?;
    target.closest("[data-at]").ok()??.get_attribute("data-at")?.parse().ok()
}

/// What a field holds whose event this is.
pub fn field_value(event: &web_sys::Event) -> String {
    let Some(target) = event.target() else { return String::new() };
    if let Some(field) = target.dyn_ref::<web_sys::HtmlInputElement>() {
        field.value()
    } else if let Some(field) = target.dyn_ref::<web_sys::HtmlTextAreaElement>() {
        field.value()
    } else if let Some(field) = target.dyn_ref::<web_sys::HtmlSelectElement>() {
        field.value()
    } else {
        String::new()
    }
}

/// Bytes of a file.
pub fn file_size(file: &web_sys::File) -> f64 {
    file.size()
}

/// The name of a file.
pub fn file_name(file: &web_sys::File) -> String {
    file.name()
}

/// Asks the server for bytes.
///
/// # Errors
/// Whatever kept the answer away.
pub async fn fetch_bytes(url: &str) -> Result<Vec<u8>, Failure> {
    let answer = JsFuture::from(window().fetch_with_str(url)).await.map_err(no_answer)?;
    let answer: Response = answer.dyn_into().map_err(no_answer)?;
    if !answer.ok() {
        return Err(Failure::Refused(answer.status(), String::new()));
    }
    let buffer = JsFuture::from(answer.array_buffer().map_err(no_answer)?).await.map_err(no_answer)?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// The key under which the microscope hands a capture over to the packets page, in base64.
pub const CAPTURE: &str = "sockscope.capture";

/// Keeps a text for another page of the same site, as long as the browser's window is open; whether it took it.
pub fn hand_over(key: &str, text: &str) -> bool {
    let storage = window().session_storage().ok().flatten();
    storage.is_some_and(|storage| storage.set_item(key, text).is_ok())
}

/// The text that another page has kept.
pub fn handed_over(key: &str) -> Option<String> {
    window().session_storage().ok().flatten()?.get_item(key).ok().flatten()
}

/// Opens a page of the site beside this one; what was handed over goes with it.
pub fn open_page(url: &str) {
    let _ = window().open_with_url_and_target(url, "_blank");
}
