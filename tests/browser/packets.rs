//! The packets page and the encapsulation page as a reader meets them, in both languages: bytes and fields lead to each
//! other, a wrong checksum is noticed, a large file does not freeze the page.

use crate::stage::{Stage, open};
use serde_json::json;
use sockscope_web::{Language, text};

fn word(language: Language, key: &str) -> &'static str {
    text(language, key).unwrap_or_else(|| panic!("there is no text {key}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_stepped_down_and_up_and_a_wrong_checksum_is_noticed() {
    let test = "a_message_is_stepped_down_and_up_and_a_wrong_checksum_is_noticed";
    let Some(stage) = open(test, 1280, 900).await else { return };
    for language in Language::ALL {
        let path = format!("/{}/tools/encapsulation", language.code());
        stage.wake_tool(&path).await;
        stage.in_tool("ten moments", "tool.querySelectorAll('.stops button').length === 10").await;
        let sizes = stage.tool("[...tool.querySelectorAll('.stops span')].map((it) => parseInt(it.textContent))").await;
        assert_eq!(sizes, json!([5, 25, 45, 64, 72, 72, 64, 45, 25, 5]));
        stage.tool("tool.querySelectorAll('.stops button')[2].click()").await;
        stage.in_tool("IPv4's own fields", "tool.querySelectorAll('.tree li').length >= 12").await;
        // A field lights its bytes up, and a sentence says what it is for.
        let ttl = word(language, "wire.field_ipv4_ttl");
        stage
            .tool(&format!(
                "[...tool.querySelectorAll('.tree li')].find((it) => it.querySelector('.name').textContent === {}).click()",
                json!(ttl)
            ))
            .await;
        stage.in_tool("one byte is lit", "tool.querySelectorAll('.digits .selected b').length === 1").await;
        let purpose = word(language, "encapsulation.purpose_ipv4_ttl");
        stage
            .in_tool(
                "its purpose is told",
                &format!("tool.querySelector('.purpose').textContent.includes({})", json!(purpose)),
            )
            .await;

        stage.wake_tool(&format!("{path}#ct=1&at=8")).await;
        stage
            .in_tool(
                "TCP drops the segment",
                "tool.querySelectorAll('.stops .bad').length === 1 && tool.querySelector('.error')",
            )
            .await;
        stage.in_tool("the application gets nothing", "tool.querySelector('.verdict.bad')").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_of_a_run_is_listed_and_its_stream_followed() {
    let test = "a_capture_of_a_run_is_listed_and_its_stream_followed";
    let Some(stage) = open(test, 1280, 900).await else { return };
    for language in Language::ALL {
        stage.wake_tool(&format!("/{}/tools/packets", language.code())).await;
        stage.in_tool("examples", "tool.querySelectorAll('.examples button').length > 3").await;
        stage.tool("tool.querySelector(\"[data-example='sticky']\").click()").await;
        stage.in_tool("packets are listed", "tool.querySelectorAll('.packets-rows .packet').length > 5").await;
        stage.tool("tool.querySelectorAll('.packets-rows .packet')[3].click()").await;
        stage
            .in_tool("its fields and bytes", "tool.querySelector('.tree li') && tool.querySelector('.digits b')")
            .await;
        // A byte leads to its field.
        stage.tool("tool.querySelector('.digits b').dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, composed: true }))").await;
        stage.in_tool("its field is lit", "tool.querySelectorAll('.digits .selected b').length === 6").await;
        let button = word(language, "tools.packets_follow").replace("{stream}", "1");
        stage
            .tool(&format!(
                "[...tool.querySelectorAll('button')].find((it) => it.textContent === {}).click()",
                json!(button)
            ))
            .await;
        stage
            .in_tool(
                "the stream is talked",
                "[...tool.querySelectorAll('.talk pre')].some((it) => it.textContent.includes('msg0'))",
            )
            .await;
        let console = stage.console().await;
        assert!(console.is_empty(), "{console:#?}");
    }
}

/// Presses a key on an element of the tool.
async fn press(stage: &Stage, selector: &str, key: &str) {
    let (selector, key) = (json!(selector), json!(key));
    let event = format!("new KeyboardEvent('keydown', {{ key: {key}, bubbles: true }})");
    stage.tool(&format!("tool.querySelector({selector}).dispatchEvent({event})")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn datagrams_are_followed_one_by_one_and_a_conversation_is_found_in_its_table() {
    let test = "datagrams_are_followed_one_by_one_and_a_conversation_is_found_in_its_table";
    let Some(stage) = open(test, 1280, 900).await else { return };
    stage.wake_tool("/en/tools/packets").await;
    stage.tool("tool.querySelector(\"[data-example='udp-echo']\").click()").await;
    stage.in_tool("packets are listed", "tool.querySelectorAll('.packets-rows .packet').length > 3").await;
    stage.tool("tool.querySelectorAll('.modes button')[1].click()").await;
    stage
        .in_tool("the conversation is UDP", "tool.querySelector('.packets-rows .stream')?.textContent.includes('UDP')")
        .await;
    stage.tool("tool.querySelector('.packets-rows .stream button').click()").await;
    stage
        .in_tool(
            "each datagram stands by itself",
            "['one', 'two', 'three'].every((word) => [...tool.querySelectorAll('.talk pre')].filter((it) => it.textContent === word).length === 2)",
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_microscope_hands_its_run_over_as_packets() {
    let Some(stage) = open("the_microscope_hands_its_run_over_as_packets", 1280, 1400).await else { return };
    stage.wake("/en/scenarios/sticky").await;
    stage.press_button(word(Language::En, "lab.packets")).await;
    let windows = stage.client.windows().await.expect("windows");
    assert_eq!(windows.len(), 2, "a page beside the microscope");
    stage.client.switch_to_window(windows[1].clone()).await.expect("the other page");
    stage
        .until(
            "the run's packets are listed, and the first is shown",
            "((tool) => tool?.querySelector('#packet-5') && tool.querySelector('.tree li'))(document.querySelector('socket-tool')?.shadowRoot)",
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_is_read_without_freezing_the_page() {
    let test = "a_large_file_is_read_without_freezing_the_page";
    let Some(stage) = open(test, 1280, 900).await else { return };
    stage.wake_tool("/en/tools/packets").await;
    // 24 MB of frames, made in the page; the longest task in it is measured by the browser itself.
    stage
        .tool(
            "(() => {
                window.longest = 0;
                new PerformanceObserver((list) => list.getEntries().forEach((it) => { window.longest = Math.max(window.longest, it.duration) }))
                    .observe({ type: 'longtask' });
                const frame = 1000, record = 16 + frame, count = 24000, file = new Uint8Array(24 + record * count), view = new DataView(file.buffer);
                view.setUint32(0, 0xa1b2c3d4); view.setUint32(4, 0x00020004); view.setUint32(16, 262144); view.setUint32(20, 1);
                for (let at = 24, number = 0; number < count; at += record, number++) {
                    view.setUint32(at, number); view.setUint32(at + 8, frame); view.setUint32(at + 12, frame); view.setUint16(at + 16 + 12, 0x88b5);
                }
                const transfer = new DataTransfer();
                transfer.items.add(new File([file], 'large.pcap'));
                const event = new DragEvent('drop', { bubbles: true, cancelable: true, composed: true, dataTransfer: transfer });
                tool.querySelector('.intake').dispatchEvent(event);
                return 1;
            })()",
        )
        .await;
    stage
        .in_tool(
            "all packets are read",
            "tool.querySelector('.told')?.textContent.includes('24000') && !tool.querySelector('progress')",
        )
        .await;
    let drawn = stage.tool("tool.querySelectorAll('.packets-rows .packet').length").await;
    assert!(drawn.as_u64().is_some_and(|rows| rows < 80), "{drawn} rows are in the page");
    stage.in_tool("the first packet is shown by itself", "tool.querySelector('#packet-0[aria-selected=true]')").await;
    let page = stage.tool("Math.floor(tool.querySelector('.packets-scroll').clientHeight / 26) - 2").await;
    let page = page.as_u64().expect("a number of rows");
    let mut at: u64 = 0;
    for key in ["End", "PageUp", "ArrowUp", "Home", "PageDown", "ArrowDown"] {
        press(&stage, ".packets-scroll", key).await;
        let selected = stage
            .in_tool(
                &format!("{key} selects a packet in view"),
                &format!(
                    "((row, box) => row && row.id !== 'packet-{at}' && row.getBoundingClientRect().bottom <= box.bottom + 1
                        && row.getBoundingClientRect().top > box.top && row.id)(
                        tool.querySelector('.packet[aria-selected=true]'), tool.querySelector('.packets-scroll').getBoundingClientRect())"
                ),
            )
            .await;
        let now: u64 = selected.as_str().and_then(|id| id["packet-".len()..].parse().ok()).expect("a packet");
        match key {
            "End" => assert_eq!(now, 23_999),
            "Home" => assert_eq!(now, 0),
            "ArrowUp" => assert_eq!(now, at - 1),
            "ArrowDown" => assert_eq!(now, at + 1),
            _ => assert!(now.abs_diff(at) >= page, "{key} went from {at} to {now}, a page has {page} rows"),
        }
        at = now;
    }
    stage.in_tool("its fields", "tool.querySelector('.tree li')").await;
    println!("longest task while reading 24 MB: {} ms", stage.script("return window.longest").await);
}
