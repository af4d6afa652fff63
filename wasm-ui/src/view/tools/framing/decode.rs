//! A stream of the reader's own through one codec: the bytes in colours, the messages as a list.

use super::{name, sentence};
use crate::browser;
use crate::model::tools::framing::{self, CODECS, LIMIT, decoded};
use crate::model::tools::hex::{Mark, tint};
use crate::model::tools::input::preview;
use crate::texts::tools as t;
use crate::view::tools::Tool;
use crate::view::tools::parts::{ByteInput, Bytes, Copy, ErrorBox, HexView};
use leptos::prelude::*;
use sockscope_core::stream::Range;

/// Messages that are listed.
const LISTED: usize = 500;

/// The view.
#[component]
pub fn Decode(tool: Tool) -> impl IntoView {
    let l = tool.language;
    let bytes = RwSignal::new(Bytes::from(*b"\x00\x05hello\x00\x02hi\x00\x03bye"));
    let selection = RwSignal::new(None);
    let word = Memo::new(move |_| tool.state.with(|state| state.get("codec").unwrap_or("length:u16").to_owned()));
    let size = Memo::new(move |_| tool.state.with(|state| state.number::<usize>("r")).unwrap_or(0));
    let codec = Memo::new(move |_| framing::codec(&word.get(), 8));
    let read = Memo::new(move |_| codec.get().ok().map(|codec| bytes.with(|bytes| decoded(&codec, bytes, size.get()))));
    let marks = Memo::new(move |_| {
        read.with(|read| {
            let mut marks = Vec::new();
            for (number, message) in read.iter().flat_map(|read| &read.messages).enumerate() {
                let kind = tint(number);
                let (Range(start, end), inside) = (message.frame, message.payload_range);
                for (part, quiet) in [(Range(start, inside.0), true), (inside, false), (Range(inside.1, end), true)] {
                    if !part.is_empty() {
                        marks.push(Mark { start: part.0 as usize, end: part.1 as usize, kind, quiet });
                    }
                }
            }
            marks
        })
    });
    let snap = move |at: usize| {
        let frame = read.with_untracked(|read| {
            let frames =
                read.as_ref()?.messages.iter().map(|message| (message.frame.0 as usize, message.frame.1 as usize));
            frames.into_iter().find(|frame| frame.0 <= at && at < frame.1)
        });
        frame.unwrap_or((at, at + 1))
    };
    let rows = move || {
        read.with(|read| {
            let read = read.as_ref()?;
            let more = (read.messages.len() + read.more_messages as usize).saturating_sub(LISTED);
            let rows = read
                .messages
                .iter()
                .take(LISTED)
                .enumerate()
                .map(|(number, message)| {
                    let frame = (message.frame.0 as usize, message.frame.1 as usize);
                    view! {
                        <tr
                            data-kind=tint(number)
                            aria-selected=move || (selection.get() == Some(frame)).to_string()
                            on:click=move |_| selection.set(Some(frame))
                        >
                            <th scope="row"><button type="button" class="quiet">{number + 1}</button></th>
                            <td>{format!("{}–{}", frame.0, frame.1.saturating_sub(1))}</td>
                            <td>{message.payload.len()}</td>
                            <td class="text">{preview(&message.payload, 60)}</td>
                        </tr>
                    }
                })
                .collect_view();
            Some(view! {
                <p class="verdict" data-verdict=if read.error.is_some() { "noticed" } else if read.incomplete.is_some() { "waits" } else { "good" }>
                    {t::framing_found(l, read.messages.len() + read.more_messages as usize, read.overhead)}
                </p>
                <div class="scroll">
                    <table class="messages">
                        <thead>
                            <tr>
                                <th scope="col">{t::framing_number(l)}</th>
                                <th scope="col">{t::framing_frame(l)}</th>
                                <th scope="col">{t::framing_size(l)}</th>
                                <th scope="col">{t::framing_content(l)}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                {(more > 0).then(|| view! { <p class="hint">{t::framing_more_messages(l, more)}</p> })}
            })
        })
    };
    let wrong = move || {
        read.with(|read| {
            let read = read.as_ref()?;
            let errors = read.damage.iter().take(5).chain(&read.error);
            let errors = errors
                .map(|error| view! { <ErrorBox l sentence=sentence(l, error) place=t::at_byte(l, error.at)/> })
                .collect_view();
            let waits = read.incomplete.map(|it| {
                let sentence = match it.need {
                    Some(need) => t::framing_incomplete_need(l, it.at, it.have, need),
                    None => t::framing_incomplete(l, it.at, it.have),
                };
                view! { <ErrorBox l sentence place=t::at_byte(l, it.at) mild=true/> }
            });
            Some(view! { {errors} {waits} })
        })
    };
    let options = CODECS
        .into_iter()
        .map(|(codec, word)| view! { <option value=word.replace("auto", "8")>{name(l, codec)}</option> })
        .collect_view();
    let first = move || {
        let word = word.get();
        let name = word.split(':').next().unwrap_or_default().to_owned();
        CODECS.iter().find(|(codec, _)| *codec == name).map(|(_, word)| word.replace("auto", "8")).unwrap_or_default()
    };
    let command = move |()| format!("sockscope framing decode --codec '{}' --json", word.get_untracked());
    view! {
        <div class="columns">
            <div class="panel stack">
                <ByteInput tool key="b" bytes label=t::framing_stream(l) lines=5/>
                <div class="choices">
                    <label>
                        <span class="label">{t::framing_codec(l)}</span>
                        <select data-choice="codec" prop:value=first on:change=move |event| tool.set("codec", browser::field_value(&event))>
                            {options}
                        </select>
                    </label>
                    <label class="grow">
                        <span class="label">{t::framing_word(l)}</span>
                        <input
                            type="text"
                            spellcheck="false"
                            autocapitalize="off"
                            autocomplete="off"
                            title=t::framing_options_hint(l)
                            aria-invalid=move || codec.with(Result::is_err).to_string()
                            prop:value=move || word.get()
                            on:input=move |event| tool.set("codec", browser::field_value(&event))
                        />
                    </label>
                    <label>
                        <span class="label">{t::framing_read_size(l)}</span>
                        <input
                            type="number"
                            min="0"
                            max="65536"
                            prop:value=move || size.get().to_string()
                            on:input=move |event| {
                                let value = browser::field_value(&event);
                                tool.set("r", if value == "0" { "" } else { &value });
                            }
                        />
                    </label>
                </div>
                {move || codec.get().err().map(|wrong| view! { <p class="wrong">{wrong}</p> })}
                <p class="hint">{t::framing_limit(l, LIMIT)}</p>
                {wrong}
                <Copy l label=t::copy_command(l) text=command/>
            </div>
            <div class="stack">
                <HexView l bytes marks selection snap=Callback::new(snap)/>
                {rows}
            </div>
        </div>
    }
}
