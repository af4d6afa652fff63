//! A report about HTTP messages as text for people. Every word comes from `web/i18n/*/http.toml`; nothing is judged here.

use sockscope_core::http::report::{FieldReport, Message, Report, StartReport};
use sockscope_core::http::{Malformed, Method, Persistence, TargetForm, Truncated};
use sockscope_core::stream::Range;
use std::fmt::Write as _;

use crate::cli::words::Words;
use crate::cli::{bytes, columns};

/// The whole report. Its bytes are `input`.
pub fn write(report: &Report, input: &[u8], words: Words) -> String {
    let words = words.of("http");
    let mut text = String::new();
    for (index, message) in report.messages.iter().enumerate() {
        describe(&mut text, index + 1, message, words);
    }
    if report.more_messages > 0 {
        let _ = writeln!(text, "{}", count(words, "cli_more_messages", report.more_messages));
    }
    if let Some(tunnel) = report.tunnel {
        let _ = writeln!(text, "{}  {}", count(words, "cli_tunnel", tunnel.len()), place(tunnel));
    }
    if let Some(error) = &report.error {
        for line in refused(error, 0, words) {
            let _ = writeln!(text, "{line}");
        }
        bytes::show_place(&mut text, input, error.at);
    }
    if let Some(incomplete) = &report.incomplete {
        let _ = writeln!(text, "{}", truncated(incomplete, words));
    }
    text
}

/// Which rule is broken and where: what it is, then the sentence. The stream begins at `base`.
pub fn refused(error: &Malformed, base: u64, words: Words) -> [String; 2] {
    let (code, section) = (error.kind.code(), error.kind.section());
    let class = words.plain(&format!("class_{}", error.kind.class().code()));
    let sentence = words.with(&format!("error_{code}"), &error.kind.args());
    let (name, line) = (words.of("cli").plain("error"), words.plain("cli_line"));
    [
        format!("{name} {code} ({class})  [{}]  {line}:{}", base + error.at, error.line),
        format!("  {sentence} ({section})"),
    ]
}

/// What is missing where the stream stops.
pub fn truncated(truncated: &Truncated, words: Words) -> String {
    words.incomplete(words.with(truncated.code(), &truncated.args()))
}

fn count(words: Words, key: &str, count: u64) -> String {
    words.with(key, &[("count", count.to_string())])
}

fn describe(text: &mut String, number: usize, message: &Message, words: Words) {
    let title = words.with("cli_message", &[("number", number.to_string())]);
    let _ = writeln!(text, "{title}  {}", place(message.range));
    let mut line = |key: &str, value: &str, range: Range, note: &str| put(text, words.plain(key), value, range, note);
    match &message.start {
        StartReport::Request { method, promises, target, .. } => {
            line("cli_method", &method.text, method.range, &promised(promises.as_ref(), words));
            let form = match target.form {
                TargetForm::Origin => "cli_origin",
                TargetForm::Absolute => "cli_absolute",
                TargetForm::Authority => "cli_authority",
                TargetForm::Asterisk => "cli_asterisk",
            };
            line("cli_target", &target.whole.text, target.whole.range, words.plain(form));
        }
        StartReport::Response { status, status_range, reason, .. } => {
            line("cli_status", &status.to_string(), *status_range, "");
            line("cli_reason", &reason.text, reason.range, "");
        }
    }
    line("cli_version", &message.version.text, message.version.range, "");
    fields(text, words.plain("cli_field"), &message.fields);
    for chunk in &message.chunks {
        let extension = chunk.extension.as_ref().map_or("", |part| part.text.as_str());
        put(text, words.plain("cli_chunk"), &count(words, "cli_bytes", chunk.size), chunk.range, extension);
    }
    fields(text, words.plain("cli_trailer"), &message.trailers);
    let framing = &message.framing;
    let rule = words.plain(&format!("framing_{}", framing.reason.code()));
    let complete = if message.complete { String::new() } else { format!("  [{}]", words.plain("cli_not_complete")) };
    let bytes = count(words, "cli_bytes", message.content_length);
    let _ = writeln!(
        text,
        "  {} {bytes}{complete}  {rule} ({}, {})",
        padded(words.plain("cli_content")),
        framing.section,
        framing.rule
    );
    let next = match message.persistence {
        Persistence::KeepAlive => "cli_next_keep_alive",
        Persistence::Close => "cli_next_close",
    };
    let _ = writeln!(text, "  {} {}", padded(words.plain("cli_next")), words.plain(next));
    for notice in &message.notices {
        let sentence = words.with(&format!("notice_{}", notice.code), &[("field", notice.field.clone())]);
        let _ = writeln!(
            text,
            "  {} {sentence} ({}:{}, {})",
            padded(words.plain("cli_notice")),
            words.plain("cli_line"),
            notice.line,
            notice.section
        );
    }
    let _ = writeln!(text);
}

fn promised(method: Option<&Method>, words: Words) -> String {
    let Some(method) = method else { return words.plain("cli_extension_method").to_owned() };
    let safe = words.plain(if method.safe { "cli_safe" } else { "cli_not_safe" });
    let idempotent = words.plain(if method.idempotent { "cli_idempotent" } else { "cli_not_idempotent" });
    format!("{safe}, {idempotent}; {}", method.section)
}

fn fields(text: &mut String, name: &str, fields: &[FieldReport]) {
    for field in fields {
        let range = Range(field.name.range.0, field.value.range.1);
        put(text, name, &format!("{}: {}", field.name.text, field.value.text), range, "");
    }
}

fn put(text: &mut String, name: &str, value: &str, range: Range, note: &str) {
    let note = if note.is_empty() { String::new() } else { format!("  ({note})") };
    let _ = writeln!(text, "  {} {}  {}{note}", padded(name), value.escape_debug(), place(range));
}

/// To the width of the column.
fn padded(name: &str) -> String {
    columns::padded(name, 10)
}

fn place(range: Range) -> String {
    format!("[{}, {})", range.0, range.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sockscope_core::http::{Class, Kind, Leniency, Notice, Reason, shell::NotCurl};
    use sockscope_web::Language;

    #[test]
    fn both_languages_have_a_sentence_for_every_error_rule_notice_and_switch() {
        let mut keys = vec!["truncated".to_owned(), "truncated_need".to_owned()];
        keys.extend(Kind::CODES.iter().map(|code| format!("error_{code}")));
        keys.extend(Class::ALL.iter().map(|class| format!("class_{}", class.code())));
        keys.extend(Reason::ALL.iter().map(|reason| format!("framing_{}", reason.code())));
        keys.extend(Notice::CODES.iter().map(|code| format!("notice_{code}")));
        keys.extend(Leniency::NAMES.iter().map(|name| format!("lenient_{name}")));
        keys.extend(NotCurl::ALL.iter().map(|why| format!("no_curl_{}", why.code())));
        for language in Language::ALL {
            for key in &keys {
                let text = sockscope_web::text(language, &format!("http.{key}"));
                assert!(text.is_some_and(|text| !text.is_empty()), "{} has no {key}", language.code());
            }
        }
    }

    #[test]
    fn every_gap_of_a_sentence_is_filled() {
        let byte = b'<';
        let kinds = [
            Kind::TargetByte { byte },
            Kind::VersionUnsupported { major: 2, minor: 0 },
            Kind::StatusRange { status: 99 },
            Kind::ReasonByte { byte: 0 },
            Kind::BodyTooLong { declared: 2, limit: 1 },
            Kind::HeadTooLong { limit: 1 },
            Kind::ChunkEnd { byte },
            Kind::AfterClose,
        ];
        for language in Language::ALL {
            for kind in kinds {
                let sentence = Words::new(language).of("http").with(&format!("error_{}", kind.code()), &kind.args());
                assert!(!sentence.contains(['{', '}']), "{sentence}");
            }
        }
        let shown = Words::new(Language::En).of("http").with("error_target_byte", &Kind::TargetByte { byte }.args());
        assert!(shown.starts_with("0x3c (<) cannot"), "{shown}");
    }
}
