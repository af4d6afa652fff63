//! One stream followed: both directions in their order and their colours, what is missing and what came again, and the
//! messages in it.

use super::desk::Desk;
use crate::browser;
use crate::model::tools::packets::talk;
use crate::model::tools::state;
use crate::texts::{Language, tools as t};
use crate::view::tools::parts::Linked;
use leptos::prelude::*;
use sockscope_core::framing;
use sockscope_core::packets::follow::{Decoding, Followed, MarkKind};
use sockscope_core::stream::{Data, Range};
use std::sync::Arc;

/// Ways to cut a stream into messages that are offered; the words are those of `sockscope framing`.
const CODECS: [&str; 5] = ["line", "length:u16", "length:u32", "varint", "netstring"];
/// The largest message of a codec.
const LIMIT: usize = 1 << 20;
/// Marks and messages that are listed.
const LISTED: usize = 200;

/// The view.
#[component]
pub fn FollowedStream(
    desk: Desk,
    /// Which stream.
    following: Memo<Option<u32>>,
) -> impl IntoView {
    let l = desk.tool.language;
    let read_as = Memo::new(move |_| desk.tool.state.with(|state| state.get("as").unwrap_or("auto").to_owned()));
    let ready = Memo::new(move |_| desk.progress.get().is_none());
    Effect::new(move |_| {
        let Some(stream) = following.get().filter(|_| ready.get()) else { return };
        let decoding = match read_as.get().as_str() {
            "bytes" => Decoding::None,
            "auto" => Decoding::Auto,
            word => match framing::parse(word) {
                Ok(codec) => Decoding::Framing { codec, limit: LIMIT },
                Err(_) => Decoding::Auto,
            },
        };
        desk.follow(stream, decoding);
    });
    let stream = move || following.get().unwrap_or(0);
    let options = [("auto", t::packets_as_auto(l)), ("bytes", t::packets_as_bytes(l))]
        .into_iter()
        .chain(CODECS.map(|codec| (codec, codec)))
        .map(|(value, name)| view! { <option value=value selected=move || read_as.get() == value>{name}</option> })
        .collect_view();
    view! {
        <section class="followed">
            <div class="detail-head">
                <button
                    type="button"
                    class="quiet"
                    on:click=move |_| {
                        desk.tool.state.update(|state| {
                            state.remove("s");
                            state.set("v", "streams");
                        });
                    }
                >
                    "← " {t::packets_back(l)}
                </button>
                <label class="as">
                    <span class="label">{t::packets_as(l)}</span>
                    <select on:change=move |event| {
                        let to = browser::field_value(&event);
                        desk.tool.set("as", if to == "auto" { String::new() } else { to });
                    }>{options}</select>
                </label>
                <button
                    type="button"
                    on:click=move |_| {
                        desk.tool.state.update(|state| {
                            state.set("f", format!("stream {}", stream()));
                            state.remove("s");
                            state.remove("v");
                        });
                    }
                >
                    {t::packets_show_packets(l)}
                </button>
                <button type="button" on:click=move |_| desk.save(stream())>{t::packets_save(l)}</button>
            </div>
            {move || {
                desk.following
                    .get()
                    .map(|part| {
                        view! {
                            <p class="hint" role="status">
                                {t::packets_following(l, format!("{:.0} %", part * 100.0), stream())}
                            </p>
                        }
                    })
            }}
            {move || desk.followed.get().filter(|it| it.stream == stream()).map(|it| talked(l, &it))}
        </section>
    }
}

fn talked(l: Language, followed: &Arc<Followed>) -> impl IntoView + use<> {
    let [first, second] = followed.ends.map(|end| end.to_string());
    let title = t::packets_stream_title(l, &first, followed.protocol.name().to_uppercase(), &second, followed.stream);
    let ends = [(first.clone(), second.clone()), (second, first)];
    let site = format!("{}{}/tools/", browser::server(), l.code());
    let directions = followed
        .halves
        .iter()
        .zip(ends)
        .enumerate()
        .map(|(side, (half, (from, to)))| {
            let start = half.runs.first().map_or(0, |run| run.range.0);
            let head = half.bytes(Range(start, start + state::MOST_BYTES as u64));
            let packed = state::pack(&head);
            let links = (!head.is_empty()).then(|| {
                view! {
                    <a href=format!("{site}http#b={packed}")>{t::packets_open_http(l)}</a>
                    " · "
                    <a href=format!("{site}framing#b={packed}")>{t::packets_open_framing(l)}</a>
                    <Linked l bytes=head.len() of=half.bytes/>
                }
            });
            let none = head.is_empty().then(|| t::packets_nothing_sent(l));
            view! {
                <li data-side=side.to_string()>
                    <b>{t::packets_direction(l, half.bytes, from, to)}</b>
                    " "
                    {links}
                    {none}
                </li>
            }
        })
        .collect_view();
    let marks: Vec<String> = followed
        .halves
        .iter()
        .flat_map(|half| half.marks.iter())
        .take(LISTED)
        .map(|mark| match mark.kind {
            MarkKind::Retransmission => t::packets_mark_retransmission(l, mark.range.len(), mark.packet),
            MarkKind::OutOfOrder => t::packets_mark_out_of_order(l, mark.packet),
            MarkKind::Overlap => t::packets_mark_overlap(l, mark.packet),
            other => t::packets_mark_other(l, mark.packet, other.name().replace('_', " ")),
        })
        .collect();
    let messages = talk::messages(followed);
    let messages = (!messages.is_empty()).then(|| {
        let rows = messages
            .into_iter()
            .take(LISTED)
            .map(|said| {
                let length = said.data.len();
                let head = state::head(&said.data);
                let packed = state::pack(head);
                view! {
                    <li data-side=said.side.to_string()>
                        <span class="figure">{format!("#{}", said.packet)}</span>
                        <a href=format!("{site}http#b={packed}")><code>{talk::first_line(&said.data)}</code></a>
                        <span class="figure">{t::encapsulation_size(l, length)}</span>
                        <Linked l bytes=head.len() of=length as u64/>
                    </li>
                }
            })
            .collect_view();
        let protocol = match followed.decoded.as_ref().map_or("", |decoded| decoded.protocol.as_str()) {
            "http" => "HTTP".to_owned(),
            codec => codec.to_owned(),
        };
        view! {
            <h4>{t::packets_messages(l)} " · " {protocol}</h4>
            <ol class="said">{rows}</ol>
        }
    });
    let (turns, left) = talk::turns(followed);
    let turns = turns
        .into_iter()
        .map(|turn| {
            let more = turn.more();
            view! {
                {(turn.missing > 0).then(|| view! { <li class="gap">{t::packets_gap(l, turn.missing)}</li> })}
                <li data-side=turn.side.to_string()>
                    <span class="figure">{format!("#{}", turn.packet)}</span>
                    <pre>{readable(&turn.data)}</pre>
                    {(more > 0).then(|| view! { <p class="hint">{t::packets_more(l, more)}</p> })}
                </li>
            }
        })
        .collect_view();
    view! {
        <h3>{title}</h3>
        <ul class="directions">{directions}</ul>
        {(!marks.is_empty())
            .then(|| {
                let rows = marks.into_iter().map(|mark| view! { <li>{mark}</li> }).collect_view();
                view! { <ul class="notes">{rows}</ul> }
            })}
        {messages}
        <ol class="talk">{turns}</ol>
        {(left > 0).then(|| view! { <p class="hint">{t::packets_more_turns(l, left)}</p> })}
    }
}

/// Bytes as text that keeps its lines; what cannot be printed as escapes.
fn readable(data: &Data) -> String {
    let mut text = String::new();
    for chunk in data.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' => text.push('\n'),
                '\r' => {}
                '\t' => text.push('\t'),
                c if c.is_control() => text.push_str(&format!("\\x{:02x}", c as u32)),
                c => text.push(c),
            }
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}
