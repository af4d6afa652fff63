//! Every page in both languages: loads clean, fits every width, keeps the reader's language and light.

use crate::stage::open;
use serde_json::{Value, json};
use sockscope_tests::chromium::Light;
use sockscope_web::{ASSETS, Language, SCENARIOS, text};

/// The pages of the site, without their language.
fn pages() -> Vec<String> {
    let pages: Vec<String> =
        ASSETS.iter().filter_map(|asset| asset.path.strip_prefix("/en")).map(str::to_string).collect();
    assert!(pages.len() > SCENARIOS.len(), "{pages:?}");
    pages
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_loads_clean_in_both_languages() {
    let Some(stage) = open("every_page_loads_clean_in_both_languages", 1280, 800).await else { return };
    for language in Language::ALL {
        let code = language.code();
        for page in pages() {
            let path = format!("/{code}{page}");
            stage.visit(&path).await;
            let facts = stage
                .script(
                    "return { lang: document.documentElement.lang, heads: document.querySelectorAll('h1').length,
                    title: document.title, main: document.querySelectorAll('main').length,
                    unnamed: [...document.querySelectorAll('a, button, input')].filter((it) =>
                        !(it.ariaLabel || it.textContent.trim() || it.labels?.length)).length,
                    foreign: performance.getEntriesByType('resource').map((it) => it.name)
                        .filter((it) => !it.startsWith(location.origin)) }",
                )
                .await;
            let lang = facts["lang"].as_str().unwrap_or_default();
            assert!(lang.starts_with(code), "{path} says it is in {lang:?}");
            assert_eq!(facts["heads"], 1, "{path}: one heading of the first rank");
            assert_eq!(facts["main"], 1, "{path}");
            assert_eq!(facts["unnamed"], 0, "{path}: something to press has no name");
            assert_eq!(facts["foreign"], json!([]), "{path} fetches from elsewhere");
            assert!(facts["title"].as_str().is_some_and(|title| title.contains("Sockscope")), "{path}: {facts}");
            let console = stage.console().await;
            assert!(console.is_empty(), "{path}: {console:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_from_phone_to_projector() {
    let Some(stage) = open("every_page_fits_from_phone_to_projector", 1440, 900).await else { return };
    for width in [360, 768, 1440] {
        stage.resize(width, 900).await;
        for light in [Light::Light, Light::Dark] {
            stage.light(light).await;
            for language in Language::ALL {
                for page in pages() {
                    let path = format!("/{}{page}", language.code());
                    stage.visit(&path).await;
                    if page.starts_with("/scenarios/") {
                        let ready = "document.querySelector('socket-lab').dataset.state === 'awake'";
                        stage.script("document.querySelector('socket-lab').scrollIntoView(); return 1").await;
                        stage.until("the microscope is awake", ready).await;
                        stage.in_lab("a run is drawn", "lab.querySelector('[data-frame]')").await;
                        stage.script("scrollTo(0, 0); return 1").await;
                    }
                    let widths = stage.script("return [document.documentElement.scrollWidth, innerWidth]").await;
                    assert!(widths[0].as_u64() <= widths[1].as_u64(), "{path} at {width}: {widths}");
                    let name = path.trim_matches('/').replace('/', "-");
                    stage.screenshot(&format!("{name}-{width}-{}", format!("{light:?}").to_lowercase())).await;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_is_kept_with_the_page_and_remembered() {
    let Some(stage) = open("the_language_is_kept_with_the_page_and_remembered", 1280, 800).await else { return };
    stage.visit("/").await;
    stage.until("the browser's wish is English", "location.pathname === '/en/'").await;
    stage.visit("/en/model").await;
    stage.click("#language").await;
    stage.until("the same page in Chinese", "location.pathname === '/zh/model'").await;
    let heading = stage.script("return document.querySelector('h1').textContent").await;
    assert_eq!(heading.as_str(), text(Language::Zh, "site.model.title"));
    stage.visit("/").await;
    stage.until("Chinese is remembered", "location.pathname === '/zh/'").await;
    stage.visit("/zh/scenarios/sticky?at=7").await;
    stage.until("the address holds the moment", "location.search.includes('at=7')").await;
    stage.click("#language").await;
    stage.until("English again, the same moment", "location.pathname === '/en/scenarios/sticky'").await;
    stage.until("the moment went along", "location.search.includes('at=7')").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_light_is_the_systems_until_the_reader_chooses() {
    let Some(stage) = open("the_light_is_the_systems_until_the_reader_chooses", 1280, 800).await else { return };
    let ground = "getComputedStyle(document.documentElement).backgroundColor";
    stage.visit("/en/").await;
    stage.light(Light::Light).await;
    let light = stage.until("a ground", ground).await;
    stage.light(Light::Dark).await;
    let dark = stage.until("another ground", ground).await;
    assert_ne!(light, dark);
    stage.click("#light").await;
    let differs = |wanted: &Value| format!("{ground} === {wanted}");
    stage.until("the reader's wish wins", &differs(&light)).await;
    stage.visit("/en/model").await;
    stage.until("and lasts to the next page", &differs(&light)).await;
    let pressed = stage.script("return document.querySelector('#light').ariaPressed").await;
    assert_eq!(pressed, "false");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_not_there_says_so_in_the_readers_language() {
    let Some(stage) = open("a_page_that_is_not_there_says_so_in_the_readers_language", 1280, 800).await else { return };
    for language in Language::ALL {
        stage.visit(&format!("/{}/nowhere", language.code())).await;
        let heading = stage.script("return document.querySelector('h1').textContent").await;
        assert_eq!(heading.as_str(), text(language, "site.not_found.title"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_key_offers_to_skip_to_the_content() {
    let Some(stage) = open("the_first_key_offers_to_skip_to_the_content", 1280, 800).await else { return };
    stage.visit("/en/").await;
    let body = stage.client.find(fantoccini::Locator::Css("body")).await.expect("a body");
    body.send_keys("\u{e004}").await.expect("Tab is pressed");
    stage.until("the skip link has the focus", "document.activeElement.className === 'skip'").await;
    let visible = "document.activeElement.getBoundingClientRect().top >= 0";
    stage.until("and is seen", visible).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prediction_can_be_made_and_revealed() {
    let Some(stage) = open("a_prediction_can_be_made_and_revealed", 1280, 800).await else { return };
    stage.visit("/en/scenarios/broken-pipe").await;
    stage.click(".predict label:nth-of-type(2)").await;
    stage.until("the choice is made", "document.querySelector('.predict input:checked').value === '2'").await;
    stage.click(".predict summary").await;
    stage.until("the answer is shown", "document.querySelector('.predict details p').checkVisibility()").await;
}
