//! `sockscope http parse`: a stream of HTTP/1.1 messages from standard input, part by part, with places and rules.

use clap::{Args, Subcommand, ValueEnum};
use sockscope_core::http::report::{FieldReport, Message, Options, Report, StartReport};
use sockscope_core::http::{Leniency, Role, report};
use sockscope_core::stream::{Range, Split};
use std::fmt::Write as _;

use super::Exit;
use super::bytes;

/// Subcommands of `http`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Parse HTTP/1.1 messages from standard input
    #[command(
        after_help = "Exit status: 0 every message is complete; 2 the stream breaks a rule; 3 it stops inside a message; 1 anything else."
    )]
    Parse(ParseArguments),
}

/// Options of `http parse`.
#[derive(Args)]
struct ParseArguments {
    /// What the messages are
    #[arg(long, value_enum, default_value_t)]
    role: RoleName,
    /// How the bytes are cut before they are parsed: all, bytes, random:SEED, at:OFFSET. The answer does not depend on it
    #[arg(long, default_value = "all")]
    split: Split,
    /// The stream has ended behind the input: a response may last until then
    #[arg(long)]
    eof: bool,
    /// The methods that the responses answer, in order: a response to HEAD has no content
    #[arg(long, value_name = "METHOD", value_delimiter = ',')]
    answers: Vec<String>,
    /// Take what RFC 9112 lets a recipient take, instead of the strict rules
    #[arg(long)]
    lenient: bool,
    /// One JSON object, the same that the API answers
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum RoleName {
    /// Requests
    Request,
    /// Responses
    Response,
    /// Whichever the first bytes look like
    #[default]
    Auto,
}

/// Does what the subcommand says.
pub fn main(arguments: Arguments) -> Exit {
    let Command::Parse(arguments) = arguments.command;
    let input = match bytes::standard_input() {
        Ok(input) => input,
        Err(exit) => return exit,
    };
    let options = Options {
        role: match arguments.role {
            RoleName::Request => Some(Role::Request),
            RoleName::Response => Some(Role::Response),
            RoleName::Auto => None,
        },
        split: arguments.split,
        eof: arguments.eof,
        answers: arguments.answers,
        leniency: if arguments.lenient { Leniency::ALL } else { Leniency::default() },
        ..Options::default()
    };
    let report = report(&input, &options);
    let wrote = if arguments.json { bytes::print_json(&report) } else { bytes::print(&text(&report, &input)) };
    match wrote {
        Err(exit) => exit,
        Ok(()) if report.error.is_some() => Exit::WrongInput,
        Ok(()) if report.incomplete.is_some() => Exit::IncompleteInput,
        Ok(()) => Exit::Done,
    }
}

fn text(report: &Report, input: &[u8]) -> String {
    let mut text = String::new();
    for (index, message) in report.messages.iter().enumerate() {
        describe(&mut text, index + 1, message);
    }
    if report.more_messages > 0 {
        let _ = writeln!(text, "and {} messages more", report.more_messages);
    }
    if let Some(tunnel) = report.tunnel {
        let _ = writeln!(text, "{} bytes that are no HTTP  {}", tunnel.len(), place(tunnel));
    }
    if let Some(error) = &report.error {
        let _ = writeln!(text, "{} error: {error}", error.kind.code());
        bytes::show_place(&mut text, input, error.at);
    }
    if let Some(incomplete) = &report.incomplete {
        let _ = writeln!(text, "incomplete: {incomplete}");
    }
    text
}

fn describe(text: &mut String, number: usize, message: &Message) {
    let _ = writeln!(text, "message {number}  {}", place(message.range));
    match &message.start {
        StartReport::Request { method, promises, target, .. } => {
            let promises = promises.map_or_else(
                || "an extension method".to_owned(),
                |method| {
                    let word = |yes: bool, word: &str| if yes { word.to_owned() } else { format!("not {word}") };
                    format!(
                        "{}, {}; {}",
                        word(method.safe, "safe"),
                        word(method.idempotent, "idempotent"),
                        method.section
                    )
                },
            );
            line(text, "method", &method.text, method.range, &promises);
            line(
                text,
                "target",
                &target.whole.text,
                target.whole.range,
                &format!("{:?} form", target.form).to_lowercase(),
            );
        }
        StartReport::Response { status, status_range, reason, .. } => {
            line(text, "status", &status.to_string(), *status_range, "");
            line(text, "reason", &reason.text, reason.range, "");
        }
    }
    line(text, "version", &message.version.text, message.version.range, "");
    fields(text, "field", &message.fields);
    for chunk in &message.chunks {
        let extension = chunk.extension.as_ref().map_or("", |part| part.text.as_str());
        line(text, "chunk", &format!("{} bytes", chunk.size), chunk.range, extension);
    }
    fields(text, "trailer", &message.trailers);
    let said = message.framing.length.map_or_else(String::new, |length| format!(" {length}"));
    let complete = if message.complete { "" } else { ", not complete" };
    let _ = writeln!(
        text,
        "  content    {} bytes, delimited by {}{said} ({}){complete}",
        message.content_length,
        message.framing.by.replace('_', "-"),
        message.framing.section
    );
    for notice in &message.notices {
        let _ =
            writeln!(text, "  notice     {} line {}: {} ({})", notice.field, notice.line, notice.code, notice.section);
    }
    let _ = writeln!(text);
}

fn fields(text: &mut String, name: &str, fields: &[FieldReport]) {
    for field in fields {
        let range = Range(field.name.range.0, field.value.range.1);
        line(text, name, &format!("{}: {}", field.name.text, field.value.text), range, "");
    }
}

fn line(text: &mut String, name: &str, value: &str, range: Range, note: &str) {
    let note = if note.is_empty() { String::new() } else { format!("  ({note})") };
    let _ = writeln!(text, "  {name:<10} {}  {}{note}", value.escape_debug(), place(range));
}

fn place(range: Range) -> String {
    format!("[{}, {})", range.0, range.1)
}
