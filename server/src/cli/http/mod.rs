//! `sockscope http`: messages from standard input part by part, and a small server to talk to. What is said stands in `text`.

mod serve;
pub mod text;

use clap::{Args, Subcommand, ValueEnum};
use sockscope_core::http::report::Options;
use sockscope_core::http::{Leniency, Role, report};
use sockscope_core::stream::Split;

use super::Exit;
use super::bytes;
use super::words::{Lang, Words};

/// Subcommands of `http`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT: &str = "Exit status: 0 every message is complete; 2 the stream breaks a rule; 3 it stops inside a message; 1 anything else.";

const EXAMPLES: &str = "Examples:
  printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' | sockscope http parse
  curl -si http://127.0.0.1:8081/stream --raw | sockscope http parse --role response --eof
  printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\n\\r\\n' | sockscope http parse --answers HEAD
  printf 'GET / HTTP/1.1\\nHost: a\\n\\n' | sockscope http parse --lenient bare_lf";

#[derive(Subcommand)]
enum Command {
    /// Parse HTTP/1.1 messages from standard input
    #[command(after_help = EXIT, after_long_help = format!("{EXAMPLES}\n\n{EXIT}"))]
    Parse(ParseArguments),
    /// Serve a few resources over HTTP/1.1, with every method of the standard, from our own parser
    Serve(serve::Arguments),
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
    #[command(flatten)]
    lenient: Lenient,
    /// One JSON object, the same that the API answers
    #[arg(long)]
    json: bool,
    /// Language of the text
    #[arg(long, value_enum, default_value_t)]
    lang: Lang,
}

/// The switches of leniency.
#[derive(Args)]
struct Lenient {
    /// Take what the strict rules refuse: bare_lf, folding, space_before_colon, extra_space, space_after_status,
    /// host_missing, content_length_repeated, content_length_with_transfer_encoding, after_close, field_value_octets; or all
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = leniency)]
    lenient: Vec<Leniency>,
}

impl Lenient {
    fn together(&self) -> Leniency {
        self.lenient.iter().fold(Leniency::default(), |all, one| all.with(*one))
    }
}

fn leniency(name: &str) -> Result<Leniency, String> {
    let mut leniency = Leniency::default();
    let known = || format!("there are {}, and all", Leniency::NAMES.join(", "));
    leniency.turn_on(name).then_some(leniency).ok_or_else(known)
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
    let arguments = match arguments.command {
        Command::Parse(arguments) => arguments,
        Command::Serve(arguments) => return serve::main(arguments),
    };
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
        leniency: arguments.lenient.together(),
        answers: arguments.answers,
        ..Options::default()
    };
    let report = report(&input, &options);
    let wrote = match arguments.json {
        true => bytes::print_json(&report),
        false => bytes::print(&text::write(&report, &input, Words::new(arguments.lang))),
    };
    match wrote {
        Err(exit) => exit,
        Ok(()) if report.error.is_some() => Exit::WrongInput,
        Ok(()) if report.incomplete.is_some() => Exit::IncompleteInput,
        Ok(()) => Exit::Done,
    }
}
