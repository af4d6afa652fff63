//! One list of messages, every codec side by side, and what the reader does to the streams. The cards are drawn elsewhere.

use super::card::Card;
use crate::browser;
use crate::model::tools::framing::{self, Arrival, CODECS, Damage, How};
use crate::texts::tools as t;
use crate::view::tools::Tool;
use crate::view::tools::parts::ErrorBox;
use leptos::prelude::*;
use sockscope_core::framing::compare::{BYTES as MOST_BYTES, MESSAGES as MOST_MESSAGES};
use std::sync::Arc;

/// The messages of the beginning.
const MESSAGES: &str = "hello\nhi\nBeijing;Shanghai\n你好\nbye";
/// Lists to try, by their keys in the texts.
const EXAMPLES: [(&str, &str); 3] = [
    ("plain", MESSAGES),
    ("awkward", "a;b\ntwo\\nlines\n\\x00\\xff\n\nend"),
    ("equal", "msg0\nmsg1\nmsg2\nmsg3\nmsg4"),
];

/// Messages that several views hold.
pub type Messages = Arc<Vec<Vec<u8>>>;

/// The view.
#[component]
pub fn Compare(tool: Tool) -> impl IntoView {
    let l = tool.language;
    let typed = tool.value("m");
    let text = Memo::new(move |_| typed.get().unwrap_or_else(|| MESSAGES.to_owned()));
    let parsed = Memo::new(move |_| {
        let text = text.get();
        let messages = framing::messages(&text).map_err(|(line, mistake)| {
            (t::framing_line(l, line + 1), crate::view::tools::parts::mistake(l, mistake))
        })?;
        let bytes: usize = messages.iter().map(Vec::len).sum();
        if messages.len() > MOST_MESSAGES || bytes > MOST_BYTES {
            let most = t::framing_too_much(l, MOST_BYTES, MOST_MESSAGES);
            return Err((String::new(), most));
        }
        Ok(messages)
    });
    // While something is wrong with the text, the streams stay as they were.
    let messages = Memo::new(move |before: Option<&Messages>| match parsed.get() {
        Ok(messages) => Arc::new(messages),
        Err(_) => before.cloned().unwrap_or_default(),
    });
    let payload = Memo::new(move |_| messages.with(|messages| messages.iter().map(Vec::len).sum::<usize>()));
    let arrival = Memo::new(move |_| {
        tool.state.with(|state| Arrival {
            read_size: state.number("r").unwrap_or(0),
            cut: state.number::<usize>("x").map(|cut| cut.min(payload.get())),
            ends: state.get("e") == Some("1"),
            damage: state.get("d").and_then(Damage::read),
        })
    });
    let how = Memo::new(move |_| tool.state.with(|state| state.get("h").and_then(How::from_word)).unwrap_or_default());
    let choose_how = move |word: String| {
        tool.set("h", &word);
        if let (Some(damage), Some(how)) = (arrival.with_untracked(|arrival| arrival.damage), How::from_word(&word)) {
            tool.set("d", Damage { how, ..damage }.write());
        }
    };
    let untouched =
        move || arrival.with(|arrival| arrival.damage.is_none() && arrival.cut.is_none() && arrival.read_size == 0);
    let reset = move |_| ["d", "x", "e", "r"].iter().for_each(|key| tool.set(key, ""));
    let size_words = move || match arrival.with(|arrival| arrival.read_size) {
        0 => t::framing_read_all(l).to_owned(),
        size => t::length(l, size),
    };
    let cut_words = move || match arrival.with(|arrival| arrival.cut) {
        None => t::framing_no_cut(l).to_owned(),
        Some(cut) => t::framing_cut_at(l, cut),
    };
    let examples = EXAMPLES
        .into_iter()
        .map(|(key, text)| {
            let words = match key {
                "plain" => t::framing_example_plain(l),
                "awkward" => t::framing_example_awkward(l),
                _ => t::framing_example_equal(l),
            };
            view! {
                <button type="button" class="quiet" on:click=move |_| {
                    tool.set("m", if text == MESSAGES { "" } else { text });
                    tool.set("d", "");
                }>{words}</button>
            }
        })
        .collect_view();
    view! {
        <div class="columns framing-set panel">
            <div class="bytes">
                <div class="bytes-head">
                    <label class="label" for="messages">{t::framing_messages(l)}</label>
                    <span class="examples">{examples}</span>
                </div>
                <textarea
                    id="messages"
                    rows="6"
                    spellcheck="false"
                    autocapitalize="off"
                    aria-invalid=move || parsed.with(Result::is_err).to_string()
                    prop:value=move || text.get()
                    on:input=move |event| tool.set("m", browser::field_value(&event))
                ></textarea>
                <p class="hint">{t::framing_messages_hint(l)}</p>
                {move || parsed.get().err().map(|(place, sentence)| view! { <ErrorBox l sentence place/> })}
            </div>
            <div class="deeds">
                <div class="deed">
                    <label for="size">{t::framing_read_size(l)}</label>
                    <output for="size">{size_words}</output>
                    <input
                        id="size"
                        type="range"
                        min="0"
                        max="40"
                        prop:value=move || arrival.with(|arrival| arrival.read_size).to_string()
                        on:input=move |event| {
                            let value = browser::field_value(&event);
                            tool.set("r", if value == "0" { "" } else { &value });
                        }
                    />
                </div>
                <div class="deed">
                    <label for="cut">{t::framing_cut(l)}</label>
                    <output for="cut">{cut_words}</output>
                    <input
                        id="cut"
                        type="range"
                        min="0"
                        max=move || payload.get()
                        prop:value=move || arrival.with(|arrival| arrival.cut.unwrap_or(0)).to_string()
                        on:input=move |event| {
                            let value = browser::field_value(&event);
                            tool.set("x", if value == "0" { "" } else { &value });
                        }
                    />
                    <div class="segmented" role="group" aria-label=t::framing_cut_means(l)>
                        <button type="button" aria-pressed=move || (!arrival.with(|arrival| arrival.ends)).to_string() on:click=move |_| tool.set("e", "")>
                            {t::framing_cut_recv(l)}
                        </button>
                        <button type="button" data-cut="ends" aria-pressed=move || arrival.with(|arrival| arrival.ends).to_string() on:click=move |_| tool.set("e", "1")>
                            {t::framing_cut_end(l)}
                        </button>
                    </div>
                </div>
                <div class="deed">
                    <label for="how">{t::framing_damage(l)}</label>
                    <output>
                        {move || match arrival.with(|arrival| arrival.damage) {
                            Some(damage) => t::framing_damaged(l, damage.message + 1),
                            None => t::framing_click(l).to_owned(),
                        }}
                    </output>
                    <select id="how" on:change=move |event| choose_how(browser::field_value(&event)) prop:value=move || how.get().word()>
                        <option value="low">{t::framing_how_low(l)}</option>
                        <option value="high">{t::framing_how_high(l)}</option>
                        <option value="missing">{t::framing_how_missing(l)}</option>
                    </select>
                </div>
                <button type="button" class="reset" disabled=untouched on:click=reset>{t::framing_reset(l)}</button>
            </div>
        </div>
        <p class="legend">
            <span class="key payload">{t::framing_key_payload(l)}</span>
            <span class="key frame">{t::framing_key_framing(l)}</span>
            <span class="key read">{t::framing_key_read(l)}</span>
            <span class="key cut">{t::framing_key_cut(l)}</span>
            <span class="key damaged">{t::framing_key_damaged(l)}</span>
            <span class="key noticed">{t::framing_key_noticed(l)}</span>
        </p>
        <div class="cards">
            {CODECS
                .into_iter()
                .map(|(name, word)| view! { <Card tool name word messages arrival how/> })
                .collect_view()}
        </div>
    }
}
