//! What the browser tests share: a server, a browser, and the microscope of the page by its words.

use fantoccini::Locator;
use fantoccini::elements::Element;
use serde_json::{Value, json};
use sockscope_tests::chromium::{self, Chromium};
use sockscope_tests::program::Server;
use sockscope_tests::skip;
use sockscope_web::{Language, text};
use std::ops::Deref;

/// A browser and the site it looks at.
pub struct Stage {
    browser: Chromium,
    /// The site.
    pub server: Server,
}

impl Deref for Stage {
    type Target = Chromium;

    fn deref(&self) -> &Chromium {
        &self.browser
    }
}

/// Opens a stage, or says aloud why there is none.
pub async fn open(test: &str, width: u32, height: u32) -> Option<Stage> {
    if let Some(reason) = chromium::missing() {
        skip(test, &reason);
        return None;
    }
    let server = Server::start();
    Some(Stage { browser: Chromium::open(width, height).await, server })
}

/// A text of the microscope in English, without its arguments.
pub fn word(key: &str) -> &'static str {
    text(Language::En, key).unwrap_or_else(|| panic!("there is no text {key}"))
}

impl Stage {
    /// Opens a page of the site.
    pub async fn visit(&self, path: &str) {
        self.goto(&self.server.page(path)).await;
    }

    /// Opens a page with a microscope, and waits until it shows a run.
    pub async fn wake(&self, path: &str) {
        self.visit(path).await;
        self.until("the microscope is awake", "document.querySelector('socket-lab').dataset.state === 'awake'").await;
        self.in_lab("a run is drawn", "lab.querySelectorAll('[data-frame]').length > 3").await;
    }

    /// Waits until an expression over `lab`, the microscope's own part of the page, is true.
    pub async fn in_lab(&self, what: &str, expression: &str) -> Value {
        let within = format!("((lab) => lab && ({expression}))(document.querySelector('socket-lab').shadowRoot)");
        self.until(what, &within).await
    }

    /// The value of an expression over `lab` now.
    pub async fn lab(&self, expression: &str) -> Value {
        self.script(&format!("const lab = document.querySelector('socket-lab').shadowRoot; return ({expression})"))
            .await
    }

    /// The first element of the microscope that matches.
    pub async fn element(&self, selector: &str) -> Element {
        self.in_lab(&format!("{selector} is there"), &format!("lab.querySelector({})", json!(selector))).await;
        let host = self.client.find(Locator::Css("socket-lab")).await.expect("the page has a microscope");
        let root = host.shadow_root().await.expect("the microscope has its own part of the page");
        root.find(Locator::Css(selector)).await.unwrap_or_else(|error| panic!("{selector}: {error}"))
    }

    /// Clicks an element of the microscope as a mouse does.
    pub async fn press(&self, selector: &str) {
        let element = self.element(selector).await;
        // The time bar stays at the lower edge of the window and may lie over what WebDriver only scrolls into the window.
        self.lab(&format!("lab.querySelector({}).scrollIntoView({{ block: 'center' }})", json!(selector))).await;
        element.click().await.unwrap_or_else(|error| panic!("clicking {selector}: {error}"));
    }

    /// Clicks the button of the microscope that says these words.
    pub async fn press_button(&self, words: &str) {
        let find = format!(
            "[...lab.querySelectorAll('button')].find((it) => it.textContent.includes({0}) || it.ariaLabel === {0})",
            json!(words)
        );
        self.in_lab(&format!("a button says {words:?}"), &format!("!!{find}")).await;
        self.lab(&format!("{find}.setAttribute('data-found', '')")).await;
        self.press("[data-found]").await;
        self.lab("lab.querySelector('[data-found]')?.removeAttribute('data-found')").await;
    }

    /// Presses a key on what has the focus: `ArrowRight` as WebDriver writes it.
    pub async fn key(&self, key: char) {
        self.element("section.lab input[type='range']")
            .await
            .send_keys(&key.to_string())
            .await
            .expect("a key is pressed");
    }

    /// Where the cursor stands, from 1.
    pub async fn position(&self) -> u64 {
        let slider = self.lab("lab.querySelector(\"input[type='range']\").value").await;
        slider.as_str().and_then(|it| it.parse::<u64>().ok()).expect("the slider has a number") + 1
    }

    /// Opens a page with a tool, and waits until it is awake.
    pub async fn wake_tool(&self, path: &str) {
        // A page that differs only behind `#` is not loaded again.
        self.goto("about:blank").await;
        self.visit(path).await;
        self.script("document.querySelector('socket-tool').scrollIntoView(); return 1").await;
        self.until("the tool is awake", "document.querySelector('socket-tool').dataset.state === 'awake'").await;
    }

    /// Waits until an expression over `tool`, the tool's own part of the page, is true.
    pub async fn in_tool(&self, what: &str, expression: &str) -> Value {
        let within = format!("((tool) => tool && ({expression}))(document.querySelector('socket-tool').shadowRoot)");
        self.until(what, &within).await
    }

    /// The value of an expression over `tool` now.
    pub async fn tool(&self, expression: &str) -> Value {
        self.script(&format!("const tool = document.querySelector('socket-tool').shadowRoot; return ({expression})"))
            .await
    }
}
