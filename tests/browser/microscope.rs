//! The microscope in the page: it wakes without moving the page, steps, links, edits, complains, and asks the kernel.

use crate::stage::{open, word};
use sockscope_tests::skip;

const RIGHT: char = '\u{e014}';
const LEFT: char = '\u{e012}';
const END: char = '\u{e010}';
const HOME: char = '\u{e011}';

#[tokio::test(flavor = "multi_thread")]
async fn it_wakes_and_moves_nothing_on_the_page() {
    let Some(stage) = open("it_wakes_and_moves_nothing_on_the_page", 1280, 900).await else { return };
    stage.wake("/en/scenarios/sticky").await;
    // The observer is asked after the fact: the browser keeps the entries.
    let shift = stage
        .later(
            "new PerformanceObserver((list) => done(list.getEntries().reduce((sum, it) => sum + it.value, 0)))
                .observe({ type: 'layout-shift', buffered: true }); setTimeout(() => done(0), 500);",
            Vec::new(),
        )
        .await;
    assert!(shift.as_f64().is_some_and(|shift| shift < 0.05), "the page moved: {shift}");
    let console = stage.console().await;
    assert!(console.is_empty(), "{console:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cursor_steps_and_the_address_follows() {
    let Some(stage) = open("the_cursor_steps_and_the_address_follows", 1280, 900).await else { return };
    stage.wake("/en/scenarios/sticky").await;
    stage.key(HOME).await;
    stage.in_lab("the cursor is at the start", "lab.querySelector(\"input[type='range']\").value === '0'").await;
    stage.press_button(word("lab.next")).await;
    stage.press_button(word("lab.next")).await;
    stage.press_button(word("lab.previous")).await;
    assert_eq!(stage.position().await, 2);
    stage.until("the address holds the moment", "location.search.includes('at=2')").await;
    stage.key(END).await;
    stage
        .in_lab("the cursor is at the end", "((it) => it.value === it.max)(lab.querySelector(\"input[type='range']\"))")
        .await;
    stage.wake("/en/scenarios/sticky?at=20").await;
    assert_eq!(stage.position().await, 20, "a link opens at its moment");
    stage.key(RIGHT).await;
    stage.key(RIGHT).await;
    stage.key(LEFT).await;
    stage.until("keys move the cursor too", "location.search.includes('at=21')").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_says_what_it_is_when_clicked() {
    let Some(stage) = open("a_segment_says_what_it_is_when_clicked", 1440, 1100).await else { return };
    stage.wake("/en/scenarios/sticky").await;
    let all = "[...lab.querySelectorAll('[data-frame]')].map((it) => it.ariaLabel)";
    let names = stage.lab(all).await;
    let names: Vec<&str> = names.as_array().expect("a list").iter().filter_map(|it| it.as_str()).collect();
    assert!(names.iter().any(|it| it.contains("SYN")), "a handshake is drawn: {names:?}");
    stage.lab("[...lab.querySelectorAll('[data-frame]')].find((it) => it.ariaLabel.includes('SYN')).setAttribute('data-chosen', '')").await;
    stage.press("[data-chosen] text").await;
    stage.in_lab("the segment is lit", "lab.querySelector('[data-chosen]').classList.contains('lit')").await;
    let told = stage.in_lab("a sentence says what it is", "lab.querySelector('.told').textContent.trim()").await;
    assert!(told.as_str().is_some_and(|it| it.contains("SYN")), "{told}");
    stage.screenshot("microscope-segment").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kernel_runs_the_same_scenario_and_nothing_contradicts() {
    let test = "the_kernel_runs_the_same_scenario_and_nothing_contradicts";
    let Some(stage) = open(test, 1440, 1100).await else { return };
    stage.wake("/en/scenarios/sticky").await;
    stage.press("[data-engine='both']").await;
    stage.in_lab("both runs are drawn", "lab.querySelectorAll('.ladder').length === 2").await;
    stage.press("[data-tab='differences']").await;
    stage.in_lab("the differences are listed", "lab.querySelector('.differences')").await;
    let bad = stage.lab("[...lab.querySelectorAll('.differences .contradiction')].map((it) => it.innerText)").await;
    assert_eq!(bad, serde_json::json!([]), "contradictions");
    let claims = stage
        .lab("[lab.querySelectorAll('.claims .held').length, lab.querySelectorAll('.claims .failed').length]")
        .await;
    assert!(claims[0].as_u64() > Some(0) && claims[1] == 0, "held and failed claims: {claims}");
    stage.screenshot("microscope-both").await;
    stage.press("[data-engine='kernel']").await;
    let frames = "lab.querySelectorAll('[data-frame]').length";
    if stage.lab("!!lab.querySelector('.limitation')").await == true {
        return skip(test, "network namespaces are not permitted here: the kernel's segments cannot be seen");
    }
    stage.in_lab("the kernel's segments are drawn", &format!("{frames} > 3")).await;
    stage.screenshot("microscope-kernel").await;
    stage
        .lab(
            "((field) => { field.value = field.value.replace('range(5)', 'range(3)');
        field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true })); })(
            [...lab.querySelectorAll('textarea')].find((it) => it.value.includes('range(5)')))",
        )
        .await;
    stage.in_lab("a kernel run that is older than its text says so", "lab.querySelector('.notice.stale')").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_can_be_edited_and_run_again() {
    let Some(stage) = open("programs_can_be_edited_and_run_again", 1440, 1100).await else { return };
    stage.wake("/en/scenarios/sticky").await;
    let marked = "[...lab.querySelectorAll('textarea')].find((it) => it.value.includes('range(5)'))";
    stage
        .lab(&format!(
            "((field) => {{ field.value = field.value.replace('range(5)', 'range(3)');
        field.dispatchEvent(new InputEvent('input', {{ bubbles: true, composed: true }})); }})({marked})"
        ))
        .await;
    stage.press("[data-tab='transcript']").await;
    stage.key(END).await;
    stage.in_lab("three sends, not five", "((words) => words.includes('msg2') && !words.includes('msg3'))(lab.querySelector('.transcript').textContent)").await;
    stage.until("the address holds the edit", "location.hash.startsWith('#s=')").await;
    let address = stage.script("return location.href").await;
    stage.visit("/en/model").await;
    stage.goto(address.as_str().expect("an address")).await;
    stage
        .in_lab(
            "a link carries the edit",
            "[...lab.querySelectorAll('textarea')].some((it) => it.value.includes('range(3)'))",
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_in_a_program_is_shown_at_its_place() {
    let Some(stage) = open("an_error_in_a_program_is_shown_at_its_place", 1440, 1100).await else { return };
    stage.wake("/en/scenarios/sticky").await;
    stage.lab(
        "((field) => { field.value = 'x = 1\\nclass A:\\n    pass\\n';
        field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true })); })(lab.querySelector('textarea'))",
    ).await;
    stage
        .in_lab(
            "the field is marked",
            "lab.querySelector('textarea').ariaInvalid === 'true' || lab.querySelector('.notice.stale')",
        )
        .await;
    stage.press_button(word("lab.run")).await;
    stage.in_lab("the field is marked", "lab.querySelector('textarea').getAttribute('aria-invalid') === 'true'").await;
    let notice = stage.in_lab("the place is named", "lab.querySelector('.notice.failed').textContent").await;
    assert!(notice.as_str().is_some_and(|it| it.contains('2')), "line 2 is named: {notice}");
    stage.screenshot("microscope-error").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_knob_turns_the_run() {
    let Some(stage) = open("a_knob_turns_the_run", 1440, 1100).await else { return };
    stage.wake("/en/scenarios/sticky").await;
    let data = "[...lab.querySelectorAll('.frame.data')].length";
    let before = stage.lab(data).await.as_u64().expect("a number");
    assert_eq!(before, 2, "Nagle holds four messages back: two segments carry data");
    stage.press("[role='switch']").await;
    stage.press_button(word("lab.run")).await;
    stage.in_lab("five segments without Nagle", &format!("{data} === 5")).await;
}
