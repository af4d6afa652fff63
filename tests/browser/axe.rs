//! What axe-core finds on the pages of the tools, in every state that a click or a link leads to: roles, names, contrast,
//! headings, order. It asserts nothing of its own.

use crate::stage::{Stage, open};
use serde_json::Value;
use sockscope_tests::chromium::Light;
use sockscope_tests::skip;
use sockscope_web::Language;

/// A page with what leads to its state: what to wait for over `tool`, and what to do then.
type State = (&'static str, &'static str, &'static str);

const STATES: [State; 15] = [
    ("framing", "true", ""),
    ("framing", "tool.querySelector('.strip [data-at]')", "tool.querySelector('.strip [data-at]').click()"),
    ("framing#mode=decode", "true", ""),
    ("http", "true", ""),
    ("http", "tool.querySelector('.sheet [data-part]')", "tool.querySelector('.sheet [data-part]').click()"),
    ("http#b=R0VUIC8gSFRUUC8xLjENCkhvc3QgOiBhDQoNCg", "tool.querySelector('.excerpt .caret')", ""),
    ("http#mode=bytes", "true", ""),
    ("http#mode=send", "tool.querySelector('button.send')", "tool.querySelector('button.send').click()"),
    ("http#mode=connection", "true", ""),
    ("packets", "true", ""),
    ("packets", "tool.querySelector('.examples button')", "tool.querySelector('.examples button').click()"),
    ("encapsulation", "true", ""),
    ("encapsulation#m=unwrap", "true", ""),
    ("address", "true", ""),
    ("address#a=10.0.0.256", "tool.querySelector('.error')", ""),
];

/// What is wrong, one line for each rule.
async fn found(stage: &Stage, axe: &str) -> Vec<String> {
    stage.script(&format!("if (!window.axe) {{ {axe} }} return 1")).await;
    let lines = stage
        .later(
            "axe.run(document, { resultTypes: ['violations'] }).then((result) => done(result.violations
                .filter((it) => it.impact !== 'minor')
                .map((it) => `${it.impact} ${it.id}: ${it.nodes.map((node) => node.target.join(' ')).join(', ')}`)),
                (error) => done([String(error)]))",
            Vec::new(),
        )
        .await;
    lines.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_the_tools() {
    let test = "axe_finds_nothing_on_the_tools";
    let Some(axe) = std::env::var_os("SOCKSCOPE_AXE").and_then(|path| std::fs::read_to_string(path).ok()) else {
        skip(test, "SOCKSCOPE_AXE names no axe.min.js; tests/run fetches it where npm and a registry are there");
        return;
    };
    let Some(stage) = open(test, 1440, 1000).await else { return };
    let mut all = Vec::new();
    for (width, light, language) in [(1440, Light::Light, Language::En), (360, Light::Dark, Language::Zh)] {
        stage.resize(width, 1000).await;
        stage.light(light).await;
        for (state, ready, deed) in STATES {
            let path = format!("/{}/tools/{state}", language.code());
            stage.wake_tool(&path).await;
            stage.in_tool(&format!("{path} is ready"), ready).await;
            if !deed.is_empty() {
                stage.tool(deed).await;
                tokio::time::sleep(std::time::Duration::from_millis(700)).await;
            }
            // Colours on their way from one state to another have the contrast of neither.
            stage.script("document.getAnimations().forEach((it) => it.finish()); return 1").await;
            let lines = found(&stage, &axe).await;
            all.extend(lines.into_iter().map(|line| format!("{path} at {width}, after `{deed}`: {line}")));
        }
    }
    assert!(all.is_empty(), "{all:#?}");
}
