//! A frame, a packet or bits of the wire, taken apart from outside to inside, with the reason at each layer.

use super::step::{Wrong, reason};
use crate::model::tools::encapsulation::way::{self, Side, Stage};
use crate::model::tools::{fields, state};
use crate::texts::{self, tools as t};
use crate::view::tools::Tool;
use crate::view::tools::parts::{ByteInput, Bytes, ErrorBox, HexView, Linked};
use leptos::prelude::*;
use sockscope_core::packets::encapsulate::{Entry, LONGEST_FRAME, Protocol, Wrapping, unwrap, wrap};
use sockscope_core::wire::capture::Reader;

/// The view.
#[component]
pub fn Unwrap(tool: Tool) -> impl IntoView {
    let l = tool.language;
    let example = wrap(&Wrapping::default()).map(|it| it.units[0].bytes.to_vec()).unwrap_or_default();
    // As a capture would have it: neither preamble nor frame check sequence.
    let example = example.get(8..example.len().saturating_sub(4)).unwrap_or(&[]).to_vec();
    let bytes = RwSignal::new(Bytes::from(example));
    // A capture file that is dropped here gives its first packet.
    let frame = Memo::new(move |_| bytes.with(|bytes| first_packet(bytes).unwrap_or_else(|| bytes.clone())));
    let unwrapped = Memo::new(move |_| frame.with(|frame| unwrap(frame)));
    let selection = RwSignal::new(None);
    let marks = Memo::new(move |_| {
        unwrapped.with(|it| {
            let Ok(it) = it else { return Vec::new() };
            if it.steps.is_empty() {
                return Vec::new();
            }
            let stage = Stage { side: Side::Receiver, bytes: it.bytes.clone(), steps: it.steps.clone(), dead: false };
            stage.marks()
        })
    });
    let body = move || {
        let it = match unwrapped.get() {
            Ok(it) => it,
            Err(bytes) => {
                let sentence = t::encapsulation_too_long(l, bytes, LONGEST_FRAME);
                return view! { <ErrorBox l sentence/> }.into_any();
            }
        };
        let entry = match it.entry {
            Entry::Bits => t::encapsulation_entry_bits(l),
            Entry::Frame => t::encapsulation_entry_frame(l),
            Entry::Packet => t::encapsulation_entry_packet(l),
        };
        let mut dead = false;
        let steps = it
            .steps
            .iter()
            .map(|step| {
                let word = way::protocol(step.protocol);
                let name = texts::of_tools(l, &format!("encapsulation.protocol_{word}"), &[]).unwrap_or_default();
                let place = if step.added > 0 { step.header } else { step.place };
                let facts: Vec<String> = facts(step.protocol)
                    .iter()
                    .filter_map(|wanted| step.fields.iter().find(|field| field.name == *wanted))
                    .map(|field| {
                        let bytes = &it.bytes[field.bytes().start..field.bytes().end];
                        format!("{} {}", fields::name(l, field.name), fields::value(field, bytes))
                    })
                    .collect();
                let problems = step.problems.iter().map(|problem| view! { <Wrong l problem=problem.clone()/> }).collect_view();
                let by = step.reason.by;
                let was_dead = dead;
                dead |= !step.problems.is_empty();
                view! {
                    <li data-kind=way::tint(step.protocol) class:dead=was_dead>
                        <button
                            type="button"
                            class="peeled"
                            on:click=move |_| selection.set(Some((place.0 as usize, place.1 as usize)))
                        >
                            <b>{name}</b>
                            <span>{t::encapsulation_size(l, if step.added > 0 { step.added } else { step.place.len() })}</span>
                            <span class="facts">{facts.join(" · ")}</span>
                        </button>
                        <button
                            type="button"
                            class="quiet why"
                            disabled=by.is_none()
                            on:click=move |_| {
                                if let Some(by) = by {
                                    selection.set(Some((by.0 as usize, by.1 as usize)));
                                }
                            }
                        >
                            {reason(l, step.reason.key, &step.reason.args)}
                        </button>
                        {problems}
                    </li>
                }
            })
            .collect_view();
        let payload = it.payload.clone().filter(|payload| !payload.is_empty());
        let inside = match payload {
            None => view! { <p class="empty">{t::encapsulation_no_payload(l)}</p> }.into_any(),
            Some(payload) => {
                let preview = payload.preview();
                let head = state::head(&payload);
                let packed = state::pack(head);
                let site = format!("{}{}", crate::browser::server(), l.code());
                view! {
                    <pre class="payload"><code>{preview}</code></pre>
                    <p class="links">
                        <a href=format!("{site}/tools/http#b={packed}")>{t::encapsulation_send_to_http(l)}</a>
                        " · "
                        <a href=format!("{site}/tools/framing#b={packed}")>{t::encapsulation_send_to_framing(l)}</a>
                        <Linked l bytes=head.len() of=payload.len() as u64/>
                    </p>
                }
                .into_any()
            }
        };
        view! {
            <p class="label">{entry}</p>
            <ol class="peel">{steps}</ol>
            <h4>{t::encapsulation_payload(l)}</h4>
            {inside}
        }
        .into_any()
    };
    let snap = Callback::new(move |at: usize| {
        unwrapped.with_untracked(|it| {
            let steps = it.as_ref().map(|it| it.steps.as_slice()).unwrap_or_default();
            let field = steps.iter().find_map(|step| fields::at(&step.fields, at));
            field.map_or((at, at + 1), |field| (field.bytes().start, field.bytes().end))
        })
    });
    let purpose = move || {
        let (start, end) = selection.get()?;
        unwrapped.with(|it| {
            let steps = it.as_ref().ok()?.steps.as_slice();
            let field = steps.iter().find_map(|step| fields::at(&step.fields, start))?;
            if field.bytes().end < end {
                return None;
            }
            let (sentence, section) = fields::purpose(l, field.name)?;
            Some(view! { <b>{fields::name(l, field.name)}</b> " " {sentence} " " <cite>{section}</cite> })
        })
    };
    view! {
        <ByteInput tool key="b" bytes label=t::encapsulation_frame(l) lines=4/>
        <div class="columns">
            <section class="panel" aria-label=t::encapsulation_peel(l)>
                <h3>{t::encapsulation_peel(l)}</h3>
                {body}
            </section>
            <div class="half">
                <HexView l bytes=Signal::derive(move || frame.get()) marks=Signal::derive(move || marks.get()) selection snap/>
                <p class="purpose" aria-live="polite">
                    {move || match purpose() {
                        Some(told) => told.into_any(),
                        None => view! { <span class="hint">{t::encapsulation_click_field(l)}</span> }.into_any(),
                    }}
                </p>
            </div>
        </div>
    }
}

/// The fields of a header that name its ends or say what follows.
fn facts(protocol: Protocol) -> &'static [&'static str] {
    match protocol {
        Protocol::Ethernet => &["ethernet.source", "ethernet.destination"],
        Protocol::Ipv4 => &["ipv4.source", "ipv4.destination", "ipv4.ttl"],
        Protocol::Tcp => &["tcp.source_port", "tcp.destination_port", "tcp.sequence", "tcp.control"],
        Protocol::Udp => &["udp.source_port", "udp.destination_port"],
        Protocol::Icmp => &["icmp.type", "icmp.code"],
        Protocol::Arp => &["arp.sender", "arp.target"],
        _ => &[],
    }
}

/// The first packet of a capture file, if the bytes are one.
fn first_packet(bytes: &[u8]) -> Option<Bytes> {
    let mut reader = Reader::new();
    reader.push(bytes);
    reader.finish();
    let record = reader.poll().ok()??;
    Some(Bytes::from(&record.data[..]))
}
