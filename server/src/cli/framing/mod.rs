//! `sockscope framing`: messages out of a stream of frames, and into one; many codecs side by side stand in `compare`.

mod compare;

use clap::{Args, Subcommand};
use sockscope_core::framing::encoded::{self, Outgoing};
use sockscope_core::framing::report::Report;
use sockscope_core::framing::{Codec, encode, finish, parse, report};
use sockscope_core::stream::Split;
use std::fmt::Write as _;

use super::words::{Lang, Words};
use super::{Exit, bytes};

/// Subcommands of `framing`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Take the messages out of the stream on standard input
    #[command(after_help = DECODE, after_long_help = format!("{DECODE_EXAMPLES}\n\n{DECODE}"))]
    Decode(DecodeArguments),
    /// Put each line of standard input into a frame and write the stream
    #[command(after_help = ENCODE, after_long_help = format!("{ENCODE_EXAMPLES}\n\n{ENCODE}"))]
    Encode(EncodeArguments),
    /// Put each line of standard input through many codecs: what each costs, and what a cut, an end or a wrong byte does
    Compare(compare::Arguments),
}

const CODECS: &str = "\
The agreement on where messages end, a name and its options:
  naive                           each read is a message
  fixed:SIZE[:pad=BYTE]           every message has SIZE bytes
  delimiter:BYTE[:escape=BYTE]    a byte ends each message
  line[:crlf]                     a line end ends each message
  length[:u8|u16|u32|u64][:big|little][:offset=N][:adjustment=N]
                                  a length of fixed width stands in front; u32:big without options
  varint                          a length in LEB128 stands in front
  netstring                       5:hello,
  tlv[:type=u8|…][:length=u16|…][:big|little]
                                  type, length, value
  chunked                         HTTP's transfer coding
BYTE is a number (65, 0x41), an ASCII character that is no digit, or \\n, \\r, \\t, \\0.";

const DECODE: &str = "Exit status: 0 every message is complete and whole; 2 the stream breaks the agreement; 3 it stops inside a message; \
1 anything else.";

const DECODE_EXAMPLES: &str = "Examples:
  printf '5:hello,2:ok,' | sockscope framing decode --codec netstring
  printf '\\0\\5hello' | sockscope framing decode --codec length:u16 --json
  printf 'msg0msg1' | sockscope framing decode --codec naive --split at:6";

const ENCODE: &str = "Exit status: 0 done; 2 the codec cannot carry a message; 1 anything else.";

const ENCODE_EXAMPLES: &str = "Examples:
  printf 'hello\\nok\\n' | sockscope framing encode --codec netstring
  printf 'hello' | sockscope framing encode --codec tlv --tag 7 --whole | xxd";

#[derive(Args)]
struct DecodeArguments {
    /// The agreement on where messages end
    #[arg(long, long_help = CODECS)]
    codec: String,
    /// How the bytes are cut before they are decoded: all, bytes, random:SEED, at:OFFSET. Only naive cares
    #[arg(long, default_value = "all")]
    split: Split,
    #[command(flatten)]
    reading: Reading,
}

/// What every subcommand that reads streams takes.
#[derive(Args)]
struct Reading {
    /// The largest message in bytes
    #[arg(long, default_value_t = 1 << 20)]
    limit: usize,
    /// One JSON object, the same that the API answers
    #[arg(long)]
    json: bool,
    /// Language of the text
    #[arg(long, value_enum, default_value_t)]
    lang: Lang,
}

#[derive(Args)]
struct EncodeArguments {
    /// The agreement on where messages end
    #[arg(long, long_help = CODECS)]
    codec: String,
    /// Standard input is one message, line ends and all
    #[arg(long)]
    whole: bool,
    /// The type of each message, for tlv
    #[arg(long)]
    tag: Option<u64>,
    /// One JSON object instead of the stream: every frame part by part, the same that the API answers
    #[arg(long)]
    json: bool,
    /// Language of what is wrong
    #[arg(long, value_enum, default_value_t)]
    lang: Lang,
}

/// Does what the subcommand says.
pub fn main(arguments: Arguments) -> Exit {
    let exit = match arguments.command {
        Command::Decode(arguments) => decode(&arguments),
        Command::Encode(arguments) => encode_input(&arguments),
        Command::Compare(arguments) => compare::main(arguments),
    };
    exit.unwrap_or_else(|exit| exit)
}

/// The codec that a word names. What is wrong with it is on standard error already when this returns an exit status.
pub fn codec(word: &str, words: Words) -> Result<Codec, Exit> {
    parse(word).map_err(|error| {
        let sentence = words.of("errors").with(error.code(), &error.values());
        eprintln!("sockscope: --codec {word}: {sentence}");
        Exit::WrongInput
    })
}

fn decode(arguments: &DecodeArguments) -> Result<Exit, Exit> {
    let words = Words::new(arguments.reading.lang);
    let codec = codec(&arguments.codec, words)?;
    let input = bytes::standard_input()?;
    let report = report(&codec, &input, arguments.split, arguments.reading.limit);
    if arguments.reading.json {
        bytes::print_json(&report)?;
    } else {
        bytes::print(&text(&report, &input, words))?;
    }
    Ok(match () {
        () if report.error.is_some() || !report.damage.is_empty() => Exit::WrongInput,
        () if report.incomplete.is_some() => Exit::IncompleteInput,
        () => Exit::Done,
    })
}

fn text(report: &Report, input: &[u8], words: Words) -> String {
    let mut text = String::new();
    for (index, message) in report.messages.iter().enumerate() {
        let tag = |tag: u64| format!("  {}", words.with("framing_type", &[("tag", tag.to_string())]));
        let tag = message.tag.map_or_else(String::new, tag);
        let (frame, payload) = (message.frame, &message.payload);
        let bytes = words.with("framing_bytes", &[("count", payload.len().to_string())]);
        let _ = writeln!(text, "{:>5}  [{}, {})  {bytes}{tag}  {}", index + 1, frame.0, frame.1, payload.preview());
    }
    if report.more_messages > 0 {
        let args = [("count", report.more_messages.to_string())];
        let _ = writeln!(text, "{}", words.with("framing_more_messages", &args));
    }
    let args = [
        ("messages", (report.messages.len() as u64 + report.more_messages).to_string()),
        ("bytes", report.length.to_string()),
        ("overhead", report.overhead.to_string()),
    ];
    let _ = writeln!(text, "{}", words.with("framing_total", &args));
    for malformed in report.damage.iter().chain(&report.error) {
        for line in words.malformed(malformed) {
            let _ = writeln!(text, "{line}");
        }
        bytes::show_place(&mut text, input, malformed.at);
    }
    if let Some(incomplete) = &report.incomplete {
        let _ = writeln!(text, "{}", words.truncated(incomplete));
    }
    text
}

fn encode_input(arguments: &EncodeArguments) -> Result<Exit, Exit> {
    let words = Words::new(arguments.lang);
    let codec = codec(&arguments.codec, words)?;
    if arguments.tag.is_some() && !matches!(codec, Codec::Tlv(_)) {
        let sentence = words.of("errors").with("codec_tags", &[("name", codec.name().to_owned())]);
        eprintln!("sockscope: --tag: {sentence}");
        return Err(Exit::WrongInput);
    }
    let input = bytes::standard_input()?;
    let messages = if arguments.whole { vec![&input[..]] } else { bytes::lines(&input) };
    if arguments.json {
        let outgoing = messages.into_iter().map(|payload| Outgoing { payload, tag: arguments.tag });
        let encoded = encoded::report(&codec, outgoing, bytes::MOST as usize);
        bytes::print_json(&encoded)?;
        return if encoded.refused.is_empty() { Ok(Exit::Done) } else { Err(Exit::WrongInput) };
    }
    let mut stream = Vec::with_capacity(input.len() + messages.len() * 8);
    for (index, message) in messages.into_iter().enumerate() {
        if let Err(error) = encode(&codec, index, arguments.tag, message, &mut stream) {
            let sentence = words.of("framing").with(&format!("error_{}", error.code()), &error.values());
            let line = (index + 1).to_string();
            let placed = || words.with("framing_line", &[("line", line), ("sentence", sentence.clone())]);
            eprintln!("sockscope: {}", if arguments.whole { sentence.clone() } else { placed() });
            return Err(Exit::WrongInput);
        }
    }
    finish(&codec, &mut stream);
    bytes::write_all(&stream)?;
    Ok(Exit::Done)
}
