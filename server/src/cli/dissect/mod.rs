//! `sockscope dissect`: the packets of a capture file, one of them field by field, or the bytes and messages of one
//! conversation. The file streams through: what was printed is forgotten.

mod extract;
mod phrases;
mod text;

use clap::Args;
use sockscope_core::packets::Packet;
use sockscope_core::packets::follow::{Decoding, Limits};
use sockscope_core::packets::report::{Options, Outcome, Reporter};
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use super::Exit;
use super::framing;
use super::output::Output;
use super::words::{Lang, Words};
use phrases::Phrases;
use text::Lines;

/// How much of the file is read at once.
const PIECE: usize = 256 * 1024;

/// The largest message of a framing codec.
const LARGEST_MESSAGE: usize = 1 << 20;

const EXIT: &str = "Exit status: 0 the whole file was read; 2 it is no capture, is broken (with the byte) or cannot be \
opened, or lacks what was asked for; 3 it ends too early, after all its whole packets; 1 anything else.";

const EXAMPLES: &str = "Examples:
  sockscope dissect a.pcapng                                a line for each packet, then the conversations
  sockscope dissect a.pcapng --packet 4                     every field of packet 4, down to its bits
  sockscope dissect a.pcapng --stream 1                     what conversation 1 carried, HTTP message by message
  sockscope dissect a.pcapng --stream 1 --codec length:u16  its messages with another framing
  sockscope dissect a.pcapng --stream 1 -o one.pcap         that conversation as a file of its own
  tcpdump -i lo -w - port 8080 | sockscope dissect -        as it is captured";

/// Options of `dissect`.
#[derive(Args)]
#[command(
    after_help = EXIT,
    after_long_help = format!("{EXAMPLES}\n\n{EXIT}"),
)]
pub struct Arguments {
    /// A pcap or pcapng file, - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// One JSON object, the same that the API answers (which lists 1000 packets where no --count is given)
    #[arg(long)]
    json: bool,
    /// Explain every field of one packet
    #[arg(long, value_name = "NUMBER", conflicts_with = "stream")]
    packet: Option<u64>,
    /// List the packets of one conversation and follow its bytes
    #[arg(long, value_name = "NUMBER")]
    stream: Option<u32>,
    /// What the bytes of the conversation are: auto (HTTP where it looks like that), http, none, or a codec as in `framing decode`
    #[arg(long, default_value = "auto", requires = "stream")]
    codec: String,
    /// The first packet to list
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How many packets to list; all without it
    #[arg(long)]
    count: Option<usize>,
    /// Bytes of the conversation that are kept; more are only counted
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().stream)]
    limit: usize,
    /// Write the listed packets to this capture file: pcap where it ends so, else pcapng
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Language
    #[arg(long, value_enum, default_value_t)]
    lang: Lang,
}

/// Dissects one file.
pub fn main(arguments: Arguments) -> Exit {
    dissect(&arguments).unwrap_or_else(|exit| exit)
}

fn decoding(word: &str, words: Words) -> Result<Decoding, Exit> {
    Ok(match word {
        "auto" => Decoding::Auto,
        "http" => Decoding::Http,
        "none" => Decoding::None,
        word => Decoding::Framing { codec: framing::codec(word, words)?, limit: LARGEST_MESSAGE },
    })
}

fn open(arguments: &Arguments) -> Result<Box<dyn Read>, Exit> {
    if arguments.file.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    match File::open(&arguments.file) {
        Ok(file) => Ok(Box::new(file)),
        Err(error) => {
            unreadable(arguments, &error);
            Err(Exit::WrongInput)
        }
    }
}

fn unreadable(arguments: &Arguments, error: &io::Error) -> Exit {
    eprintln!("sockscope: {}: {error}", arguments.file.display());
    Exit::Failed
}

/// What becomes of each packet that is listed.
enum Listing {
    Text(Box<Lines>),
    Json { first: bool },
}

fn dissect(arguments: &Arguments) -> Result<Exit, Exit> {
    let words = Words::new(arguments.lang);
    let options = Options {
        from: arguments.from,
        count: arguments.count.unwrap_or(usize::MAX),
        packet: arguments.packet,
        stream: arguments.stream,
        decoding: decoding(&arguments.codec, words)?,
        limits: Limits { stream: arguments.limit, total: arguments.limit },
    };
    let mut file = open(arguments)?;
    let mut extract = match &arguments.output {
        Some(path) => Some(extract::Extract::create(path, words)?),
        None => None,
    };
    let mut output = Output::open(None, false, words)?;
    let mut listing = match arguments.json {
        true => Listing::Json { first: true },
        false => Listing::Text(Box::new(Lines::new(Phrases::new(words)))),
    };
    if arguments.json {
        output.write(b"{\"packets\":[");
    }
    let mut reporter = Reporter::new(options);
    let mut piece = vec![0; PIECE];
    let mut list = |packet: &Packet| {
        if let Some(extract) = &mut extract {
            extract.take(packet);
        }
        match &mut listing {
            Listing::Text(lines) => output.write(lines.packet(packet)),
            Listing::Json { first } => {
                if !std::mem::take(first) {
                    output.write(b",");
                }
                match serde_json::to_vec(packet) {
                    Ok(json) => output.write(&json),
                    Err(error) => eprintln!("sockscope: {error}"),
                }
            }
        }
    };
    loop {
        let read = match file.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(arguments, &error)),
        };
        reporter.push(&piece[..read], &mut list);
        if reporter.is_over() {
            break;
        }
    }
    let outcome = reporter.finish(&mut list);
    match &mut listing {
        Listing::Text(lines) => output.write(lines.outcome(&outcome).as_bytes()),
        Listing::Json { .. } => {
            let rest = serde_json::to_vec(&outcome).map_err(|error| {
                eprintln!("sockscope: {error}");
                Exit::Failed
            })?;
            output.write(b"],");
            output.write(&rest[1..]);
            output.write(b"\n");
        }
    }
    match (output.finish(), extract.map_or(Exit::Done, extract::Extract::finish)) {
        (Exit::Done, Exit::Done) => Ok(verdict(arguments, &outcome, &Phrases::new(words))),
        (Exit::Done, failed) | (failed, _) => Err(failed),
    }
}

fn verdict(arguments: &Arguments, outcome: &Outcome, phrases: &Phrases) -> Exit {
    let complain = |sentence: String| eprintln!("sockscope: {}: {sentence}", arguments.file.display());
    if let Some(error) = outcome.error.or(outcome.incomplete) {
        complain(phrases.with(&format!("capture_{}", error.kind.code()), &error.args()));
    }
    if let (Some(number), None) = (arguments.packet, &outcome.packet) {
        let args = [("number", number.to_string()), ("packets", outcome.totals.packets.to_string())];
        complain(phrases.with("dissect_no_packet", &args));
        return Exit::WrongInput;
    }
    if let (Some(number), None) = (arguments.stream, &outcome.followed) {
        let streams = outcome.streams.len() as u64 + outcome.more_streams;
        complain(
            phrases.with("dissect_no_stream", &[("number", number.to_string()), ("streams", streams.to_string())]),
        );
        return Exit::WrongInput;
    }
    match (outcome.error, outcome.incomplete) {
        (Some(_), _) => Exit::WrongInput,
        (None, Some(_)) => Exit::IncompleteInput,
        (None, None) => Exit::Done,
    }
}
