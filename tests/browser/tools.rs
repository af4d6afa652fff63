//! The tools in the page: each wakes in both languages without moving the page, does its main deed, and keeps what it shows
//! in the address.

use crate::stage::{Stage, open};
use serde_json::{Value, json};
use sockscope_tests::chromium::Light;
use sockscope_web::{Language, text};

const TOOLS: [&str; 5] = ["framing", "http", "packets", "encapsulation", "address"];

/// Types into a field of the tool, as a keyboard would.
async fn fill(stage: &Stage, selector: &str, value: &str) {
    stage.in_tool(&format!("{selector} is there"), &format!("tool.querySelector({})", json!(selector))).await;
    stage
        .tool(&format!(
            "((it) => {{ it.value = {}; it.dispatchEvent(new InputEvent('input', {{ bubbles: true, composed: true }})); }})(tool.querySelector({}))",
            json!(value),
            json!(selector)
        ))
        .await;
}

async fn click(stage: &Stage, selector: &str) {
    stage.in_tool(&format!("{selector} is there"), &format!("tool.querySelector({})", json!(selector))).await;
    stage.tool(&format!("tool.querySelector({}).click()", json!(selector))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_wakes_in_both_languages_and_moves_nothing_in_sight() {
    let test = "every_tool_wakes_in_both_languages_and_moves_nothing_in_sight";
    let Some(stage) = open(test, 1280, 900).await else { return };
    for language in Language::ALL {
        for tool in TOOLS {
            let path = format!("/{}/tools/{tool}", language.code());
            stage.wake_tool(&path).await;
            let told =
                stage.in_tool("it says something", "tool.textContent.trim().length > 40 && tool.textContent").await;
            let chinese = told.as_str().is_some_and(|it| it.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)));
            assert!(chinese || language == Language::En, "{path}: {told}");
            let shift = stage
                .later(
                    "new PerformanceObserver((list) => done(list.getEntries().reduce((sum, it) => sum + it.value, 0)))
                        .observe({ type: 'layout-shift', buffered: true }); setTimeout(() => done(0), 500);",
                    Vec::new(),
                )
                .await;
            assert!(shift.as_f64().is_some_and(|shift| shift < 0.05), "{path} moved: {shift}");
            let unnamed = stage
                .tool(
                    "[...tool.querySelectorAll('button, input, select, textarea, a')].filter((it) =>
                        !(it.ariaLabel || it.textContent.trim() || it.labels?.length)).map((it) => it.outerHTML.slice(0, 80))",
                )
                .await;
            assert_eq!(unnamed, json!([]), "{path}: something to press has no name");
            let console = stage.console().await;
            assert!(console.is_empty(), "{path}: {console:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tools_fit_from_phone_to_projector() {
    let Some(stage) = open("the_tools_fit_from_phone_to_projector", 1440, 900).await else { return };
    for (width, height) in [(360, 2400), (768, 2400), (1440, 2000)] {
        stage.resize(width, height).await;
        for light in [Light::Light, Light::Dark] {
            stage.light(light).await;
            for language in Language::ALL {
                for tool in TOOLS {
                    let path = format!("/{}/tools/{tool}", language.code());
                    stage.wake_tool(&path).await;
                    let widths = stage.script("return [document.documentElement.scrollWidth, innerWidth]").await;
                    assert!(widths[0].as_u64() <= widths[1].as_u64(), "{path} at {width}: {widths}");
                    let name = path.trim_matches('/').replace('/', "-");
                    stage.screenshot(&format!("{name}-awake-{width}-{}", format!("{light:?}").to_lowercase())).await;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_byte_shows_what_each_codec_makes_of_it() {
    let Some(stage) = open("a_damaged_byte_shows_what_each_codec_makes_of_it", 1440, 1400).await else { return };
    stage.wake_tool("/en/tools/framing").await;
    let verdict = |codec: &str| format!("tool.querySelector(\"[data-codec='{codec}'] .verdict\")?.dataset.verdict");
    stage.in_tool("the length prefix carries all", &format!("{} === 'good'", verdict("length"))).await;
    stage
        .in_tool("the naive reader is wrong and does not know", &format!("{} === 'unnoticed'", verdict("naive")))
        .await;
    // The first byte of a netstring is its length: every codec is hurt in the framing of the first message.
    click(&stage, "[data-codec='netstring'] .strip [data-at='0']").await;
    stage.in_tool("the netstring notices", &format!("{} === 'noticed'", verdict("netstring"))).await;
    stage.in_tool("the varint prefix does not", &format!("{} === 'unnoticed'", verdict("varint"))).await;
    stage
        .in_tool("two bytes of length ask for more than there is", &format!("{} === 'waits'", verdict("length")))
        .await;
    stage.until("the address holds the damage", "location.hash.includes('d=0.f.0.low')").await;
    stage.screenshot("tools-framing-damaged").await;
    let address = stage.script("return location.href").await;
    stage.visit("/en/tools").await;
    stage.goto(address.as_str().expect("an address")).await;
    stage.in_tool("a link opens the same damage", &format!("{} === 'noticed'", verdict("netstring"))).await;
    click(&stage, ".reset").await;
    stage.in_tool("undone", &format!("{} === 'good'", verdict("netstring"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_read_by_a_codec_and_its_messages_are_found_in_the_bytes() {
    let test = "a_stream_is_read_by_a_codec_and_its_messages_are_found_in_the_bytes";
    let Some(stage) = open(test, 1440, 1100).await else { return };
    // "5:hello,2:ok,3:x"
    stage.wake_tool("/en/tools/framing#b=NTpoZWxsbywyOm9rLDM6eA&codec=netstring").await;
    stage.in_tool("two messages", "tool.querySelectorAll('.messages tbody tr').length === 2").await;
    stage.in_tool("the third is not whole", "tool.querySelector('.error.mild')").await;
    click(&stage, ".messages tbody tr:nth-child(2)").await;
    let selected = stage
        .in_tool(
            "its bytes are marked",
            "[...tool.querySelectorAll('.digits .selected b')].map((it) => it.textContent).join(' ')",
        )
        .await;
    assert_eq!(selected, Value::from("32 3a 6f 6b 2c"));
    fill(&stage, "textarea", "3:abc,x").await;
    let wrong = stage
        .in_tool("rubbish is refused with its place", "tool.querySelector('.error:not(.mild)')?.textContent")
        .await;
    assert!(wrong.as_str().is_some_and(|it| it.contains('6')), "byte 6 is named: {wrong}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_falls_into_network_and_host() {
    let Some(stage) = open("an_address_falls_into_network_and_host", 1440, 1400).await else { return };
    stage.wake_tool("/en/tools/address").await;
    fill(&stage, "#address", "0xa000005/24").await;
    stage.in_tool("hexadecimal is read", "tool.textContent.includes('10.0.0.255')").await;
    stage.in_tool("24 bits are network", "tool.querySelectorAll('.octet-bits .network').length === 24").await;
    fill(&stage, "#prefix", "20").await;
    stage.in_tool("the slider moves the border", "tool.querySelectorAll('.octet-bits .network').length === 20").await;
    stage.until("the address bar follows", "location.hash.includes('a=0xa000005/20')").await;
    stage.screenshot("tools-address").await;
    fill(&stage, "#address", "10.0.0.256").await;
    let wrong = stage.in_tool("too large a number is refused", "tool.querySelector('.error')?.textContent").await;
    assert!(wrong.as_str().is_some_and(|it| it.contains("255") && it.contains('8')), "limit and place: {wrong}");
    fill(&stage, "[data-part='services'] input", "443").await;
    stage
        .in_tool(
            "the built-in table answers",
            "tool.querySelector(\"[data-part='services'] tbody\").textContent.includes('https')",
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_is_read_without_script_too() {
    let Some(stage) = open("a_tool_is_read_without_script_too", 1280, 900).await else { return };
    for language in Language::ALL {
        for tool in TOOLS {
            stage.visit(&format!("/{}/tools/{tool}", language.code())).await;
            let page = stage.script("return document.querySelector('main').innerText").await;
            let lead = text(language, &format!("site.tool.{tool}.what")).expect("every tool says what is seen");
            assert!(page.as_str().is_some_and(|it| it.contains(lead)), "{tool}: {page}");
        }
    }
}
