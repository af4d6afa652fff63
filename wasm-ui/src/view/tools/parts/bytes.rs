//! Bytes that the reader types as text, hexadecimal or base64, or brings as a file. What they mean is not known here.

use super::{Bytes, DropBox};
use crate::browser;
use crate::model::tools::input::{self, Form, Mistake, MistakeKind};
use crate::model::tools::state;
use crate::texts::{Language, tools as t};
use crate::view::tools::Tool;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Most bytes that are shown as text in a field; more are only counted.
const MOST_TYPED: usize = 64 << 10;

/// The view. `bytes` holds what was typed last without a mistake; whoever sets it changes what the field says.
#[component]
pub fn ByteInput(
    /// The tool it belongs to.
    tool: Tool,
    /// The key of the bytes in the address.
    key: &'static str,
    /// The bytes.
    bytes: RwSignal<Bytes>,
    /// What the bytes are.
    #[prop(into)]
    label: String,
    /// Lines of the field.
    #[prop(default = 4)]
    lines: u32,
    /// Most bytes of a file.
    #[prop(default = 1 << 20)]
    most: usize,
    /// Buttons that stand beside those of the forms, such as examples.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let l = tool.language;
    // What the address says comes first.
    if let Some(linked) = tool.state.with_untracked(|state| state.bytes(key)) {
        bytes.set(linked.into());
    }
    let first = bytes.get_untracked();
    let form = RwSignal::new(Form::of(&first));
    let text = RwSignal::new(if first.len() <= MOST_TYPED {
        input::write(form.get_untracked(), &first)
    } else {
        String::new()
    });
    let trouble = RwSignal::new(None::<String>);
    let name = RwSignal::new(None::<String>);
    let large = Memo::new(move |_| bytes.with(|bytes| bytes.len() > MOST_TYPED));
    let parsed = Memo::new(move |_| text.with(|text| input::parse(form.get(), text)));

    // The bytes lead: a link, an example or a file changes what the field says; typing does not, for it agrees already.
    Effect::new(move |_| {
        bytes.with(|bytes| {
            let typed = parsed.get_untracked();
            if bytes.len() > MOST_TYPED {
                text.set(String::new());
            } else if typed.as_deref() != Ok(&bytes[..]) {
                form.set(Form::of(bytes));
                text.set(input::write(form.get_untracked(), bytes));
            }
        });
    });
    Effect::new(move |_| {
        let linked = tool.state.with(|state| state.bytes(key));
        if let Some(linked) = linked.filter(|linked| bytes.with_untracked(|bytes| bytes[..] != linked[..])) {
            bytes.set(linked.into());
        }
    });
    let put = move |new: Vec<u8>| {
        if bytes.with_untracked(|bytes| bytes[..] != new[..]) {
            bytes.set(new.into());
        }
        tool.state.update(|state| bytes.with_untracked(|bytes| state.set_bytes(key, bytes)));
    };
    let typed = move |typed: String| {
        trouble.set(None);
        name.set(None);
        text.set(typed);
        if let Ok(new) = parsed.get_untracked() {
            put(new);
        }
    };
    let choose = move |chosen: Form| {
        if parsed.with_untracked(Result::is_ok) {
            let new = bytes.with_untracked(|bytes| input::write(chosen, bytes));
            form.set(chosen);
            text.set(new);
        } else {
            // What has a mistake in one form may be right in another.
            form.set(chosen);
            if let Ok(new) = parsed.get_untracked() {
                put(new);
            }
        }
    };
    let take = move |file: Option<_>| {
        let Some(file) = file else { return };
        let size = browser::file_size(&file);
        if size > most as f64 {
            trouble.set(Some(t::file_too_large(l, most, size)));
            return;
        }
        spawn_local(async move {
            match browser::read(&file, 0, most).await {
                Ok(read) => {
                    trouble.set(None);
                    name.set(Some(browser::file_name(&file)));
                    put(read);
                }
                Err(said) => trouble.set(Some(t::file_unreadable(l, said))),
            }
        });
    };
    let length = move || {
        let count = bytes.with(|bytes| bytes.len());
        let named = name.get().map(|name| format!("{name} · ")).unwrap_or_default();
        format!("{named}{}", t::length(l, count))
    };
    let mistake = move || parsed.get().err().filter(|_| !large.get());
    let forms = Form::ALL
        .into_iter()
        .map(|one| {
            view! {
                <button type="button" data-form=one.word() aria-pressed=move || (form.get() == one).to_string() on:click=move |_| choose(one)>
                    {form_name(l, one)}
                </button>
            }
        })
        .collect_view();
    let label_for = label.clone();
    view! {
        <DropBox class="bytes" take=Callback::new(take)>
            <div class="bytes-head">
                <span class="label">{label}</span>
                <div class="segmented" role="group" aria-label=t::written_as(l)>{forms}</div>
                <label class="button file">
                    {t::file(l)}
                    <input
                        type="file"
                        class="unseen"
                        on:change=move |event| {
                            take(browser::offered_file(&event));
                            browser::forget_chosen(&event);
                        }
                    />
                </label>
                {children.map(|children| children())}
            </div>
            <Show
                when=move || !large.get()
                fallback=move || {
                    view! {
                        <p class="large">
                            {move || t::too_many_to_type(l, bytes.with(|bytes| bytes.len()))}
                            <button type="button" on:click=move |_| put(Vec::new())>{t::clear(l)}</button>
                        </p>
                    }
                }
            >
                <textarea
                    rows=lines
                    spellcheck="false"
                    autocapitalize="off"
                    autocomplete="off"
                    aria-label=label_for.clone()
                    aria-invalid=move || mistake().is_some().to_string()
                    prop:value=move || text.get()
                    on:input=move |event| typed(browser::field_value(&event))
                    on:paste=move |event| {
                        if let Some(file) = browser::offered_file(&event) {
                            event.prevent_default();
                            take(Some(file));
                        }
                    }
                ></textarea>
            </Show>
            <p class="bytes-foot" aria-live="polite">
                <span class="length">{length}</span>
                {move || {
                    let wrong = mistake().map(|mistake| self::mistake(l, mistake)).or_else(|| trouble.get());
                    let quiet = wrong.is_none() && form.get() == Form::Text && !large.get();
                    let linked = tool.linked && bytes.with(|bytes| bytes.len() > state::MOST_BYTES);
                    view! {
                        {wrong.map(|wrong| view! { <span class="wrong">{wrong}</span> })}
                        {quiet.then(|| view! { <span class="hint">{t::escapes(l)}</span> })}
                        {linked.then(|| view! { <span class="hint">{t::not_in_link(l)}</span> })}
                    }
                }}
            </p>
        </DropBox>
    }
}

fn form_name(l: Language, form: Form) -> &'static str {
    match form {
        Form::Text => t::form_text(l),
        Form::Hex => t::form_hex(l),
        Form::Base64 => t::form_base64(l),
    }
}

/// What is wrong with what was typed, with its place.
pub fn mistake(l: Language, mistake: Mistake) -> String {
    let at = mistake.at + 1;
    match mistake.kind {
        MistakeKind::Escape(character) => t::mistake_escape(l, at, character),
        MistakeKind::LoneBackslash => t::mistake_backslash(l, at),
        MistakeKind::EscapeDigits => t::mistake_digits(l, at),
        MistakeKind::Digit(character) => t::mistake_digit(l, at, character),
        MistakeKind::HalfByte => t::mistake_half(l, at),
        MistakeKind::Base64(character) => t::mistake_base64(l, at, character),
        MistakeKind::Base64Length => t::mistake_base64_length(l).to_owned(),
    }
}
