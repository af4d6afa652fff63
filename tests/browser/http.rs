//! The HTTP page as a reader meets it, in both languages: parts and bytes lead to each other, an error has its place, no
//! cut changes the answer, methods are really sent; and the microscope lists the messages of a stream.

use crate::stage::{Stage, open};
use serde_json::json;
use sockscope_tests::chromium::Light;
use sockscope_web::{Language, text};

fn word(language: Language, key: &str) -> &'static str {
    text(language, key).unwrap_or_else(|| panic!("there is no text {key}"))
}

async fn typed(stage: &Stage, text: &str) {
    stage
        .tool(&format!(
            "((field) => {{ field.value = {}; field.dispatchEvent(new InputEvent('input', {{ bubbles: true, composed: true }})); }})(tool.querySelector('.bytes textarea'))",
            json!(text)
        ))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_lights_its_bytes_and_a_byte_its_part() {
    let Some(stage) = open("a_part_lights_its_bytes_and_a_byte_its_part", 1440, 1100).await else { return };
    for language in Language::ALL {
        stage.wake_tool(&format!("/{}/tools/http", language.code())).await;
        stage.in_tool("the example is parsed", "tool.querySelector('[data-verdict=good]')").await;
        stage.tool("tool.querySelector('.sheet [data-part=method]').click()").await;
        stage.in_tool("three bytes are lit", "tool.querySelectorAll('.digits .selected b').length === 3").await;
        let told = stage.in_tool("a sentence", "tool.querySelector('.told').textContent").await;
        let method = word(language, "http_page.method_get");
        assert!(
            told.as_str().is_some_and(|told| told.contains(method) && told.contains("0–2") && told.contains("9.3.1")),
            "{told}"
        );
        stage
            .tool("tool.querySelector('.digits b[data-at=\"4\"]').dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, composed: true, button: 0 }))")
            .await;
        stage.in_tool("the path is lit", "tool.querySelector('.sheet .selected').dataset.part === 'path'").await;
        stage.screenshot(&format!("http-parse-{}", language.code())).await;
    }
    assert!(stage.console().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_has_class_code_place_and_sentence_and_a_prefix_is_only_incomplete() {
    let test = "an_error_has_class_code_place_and_sentence_and_a_prefix_is_only_incomplete";
    let Some(stage) = open(test, 1280, 900).await else { return };
    for language in Language::ALL {
        stage.wake_tool(&format!("/{}/tools/http", language.code())).await;
        typed(&stage, "GET / HTTP/1.1\\r\nHost : a\\r\n\\r\n").await;
        stage.in_tool("it is wrong", "tool.querySelector('[data-verdict=wrong]')").await;
        let said = stage.tool("tool.querySelector('.verdict').textContent").await;
        let said = said.as_str().expect("words");
        for words in [
            word(language, "http.error_space_before_colon"),
            word(language, "http.class_syntax"),
            "space_before_colon",
            "RFC 9112, 5.1",
            "20",
        ] {
            assert!(said.contains(words), "{words} in {said}");
        }
        assert_eq!(stage.tool("tool.querySelector('.excerpt .caret').textContent").await, "␣");
        stage.screenshot(&format!("http-error-{}", language.code())).await;
        typed(&stage, "POST / HTTP/1.1\\r\nHost: a\\r\nContent-Length: 10\\r\n\\r\nabc").await;
        stage.in_tool("it is incomplete", "tool.querySelector('[data-verdict=incomplete]')").await;
        let said = stage.tool("tool.querySelector('.verdict').textContent").await;
        assert!(said.as_str().is_some_and(|said| said.contains('7')), "seven bytes are missing: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leniency_takes_what_was_refused_and_says_its_danger() {
    let Some(stage) = open("a_leniency_takes_what_was_refused_and_says_its_danger", 1280, 900).await else { return };
    stage.wake_tool("/en/tools/http").await;
    typed(&stage, "GET / HTTP/1.1\nHost: a\n\n").await;
    stage.in_tool("strictly wrong", "tool.querySelector('[data-verdict=wrong]')").await;
    stage.tool("tool.querySelector('.leniency summary').click()").await;
    stage.tool("tool.querySelector('[data-lenient=bare_lf]').click()").await;
    stage.in_tool("taken now", "tool.querySelector('[data-verdict=good]')").await;
    stage
        .until("the address holds it", "location.hash.includes('lenient=bare_lf') && location.hash.includes('b=')")
        .await;
    let address = stage.script("return location.href").await;
    stage.goto("about:blank").await;
    stage.goto(address.as_str().expect("an address")).await;
    stage.in_tool("a link opens the same", "tool.querySelector('[data-verdict=good]')").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn byte_by_byte_the_parser_says_what_it_waits_for_and_no_cut_changes_its_answer() {
    let test = "byte_by_byte_the_parser_says_what_it_waits_for_and_no_cut_changes_its_answer";
    let Some(stage) = open(test, 1280, 900).await else { return };
    for language in Language::ALL {
        stage.wake_tool(&format!("/{}/tools/http#mode=bytes&at=2", language.code())).await;
        let waits = stage.in_tool("it waits", "tool.querySelector('.waits')?.textContent").await;
        assert_eq!(waits, word(language, "http_page.waits_method_end"));
        stage.in_tool("the same answer", "tool.querySelector('.same').dataset.same === 'true'").await;
        stage.screenshot(&format!("http-bytes-{}", language.code())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_the_eight_methods_is_sent_and_the_connection_is_walked() {
    let test = "each_of_the_eight_methods_is_sent_and_the_connection_is_walked";
    let Some(stage) = open(test, 1440, 1100).await else { return };
    for language in Language::ALL {
        stage.wake_tool(&format!("/{}/tools/http#mode=send", language.code())).await;
        stage.in_tool("the table", "tool.querySelectorAll('.methods tbody tr').length === 8").await;
        stage.tool("tool.querySelector('.methods .all').click()").await;
        stage
            .in_tool(
                "every method has its status",
                "tool.querySelectorAll('.methods .status[data-status]').length === 8",
            )
            .await;
        let statuses = stage
            .tool("Object.fromEntries([...tool.querySelectorAll('.methods tbody tr')].map((it) => [it.dataset.method, it.querySelector('.status').textContent]))")
            .await;
        assert_eq!(statuses["GET"], "200", "{statuses}");
        assert_eq!(statuses["HEAD"], "200", "{statuses}");
        assert_eq!(statuses["PUT"], "201", "{statuses}");
        assert_eq!(statuses["DELETE"], "204", "{statuses}");
        stage.in_tool("calls of both ends", "tool.querySelector('.calls [data-end=server][data-call=send]')").await;
        stage.screenshot(&format!("http-send-{}", language.code())).await;
        stage.tool("tool.querySelector('[data-mode=connection]').click()").await;
        stage.in_tool("its steps", "tool.querySelectorAll('.steps li').length > 3").await;
        stage.screenshot(&format!("http-connection-{}", language.code())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_fits_a_phone_in_the_dark() {
    let Some(stage) = open("the_page_fits_a_phone_in_the_dark", 360, 780).await else { return };
    stage.light(Light::Dark).await;
    for mode in ["parse", "bytes", "send", "connection"] {
        stage.wake_tool(&format!("/zh/tools/http#mode={mode}")).await;
        stage.in_tool("something is drawn", "tool.querySelector('#http-panel')?.children.length > 0").await;
        let wide = stage.script("return document.documentElement.scrollWidth").await;
        assert!(wide.as_u64().is_some_and(|wide| wide <= 360), "{mode} is {wide} pixels wide");
        stage.screenshot(&format!("http-phone-{mode}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_microscope_lists_the_messages_that_are_whole_at_the_cursor() {
    let test = "the_microscope_lists_the_messages_that_are_whole_at_the_cursor";
    let Some(stage) = open(test, 1440, 1100).await else { return };
    stage.wake("/en/scenarios/sticky").await;
    stage.press("[data-tab='messages']").await;
    stage.key('\u{e010}').await;
    stage
        .in_lab("all bytes are one message to the naive reader, or an open line", "lab.querySelector('.message-list')")
        .await;
    stage
        .lab("((field) => { field.value = 'fixed:4'; field.dispatchEvent(new Event('change', { bubbles: true })); })(lab.querySelector('[data-choose=framing]'))")
        .await;
    stage.in_lab("five messages", "lab.querySelector('.message-list').dataset.whole === '5'").await;
    stage.press(".message-list li:nth-child(2) button").await;
    stage.in_lab("its bytes are lit in the ribbons", "lab.querySelector('.ribbons .block.lit')").await;
    let link = stage.lab("lab.querySelector('.messages a[data-tool=framing]').href").await;
    assert!(link.as_str().is_some_and(|link| link.contains("/en/tools/framing#b=")), "{link}");
    stage.screenshot("microscope-messages").await;
}
