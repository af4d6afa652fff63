//! `framing compare`: the lines of standard input through many codecs, with something done to their streams. What becomes of them
//! is core's answer.

use clap::Args;
use sockscope_core::framing::compare::{self, Column, Comparison, Deed, Place, Question, TooMuch, Verdict};
use sockscope_core::stream::Data;
use std::fmt::Write as _;

use super::{CODECS, Reading, codec};
use crate::cli::columns::table;
use crate::cli::words::Words;
use crate::cli::{Exit, bytes};

/// What can be done to the streams.
const PLACES: &str = "A place is an offset in the stream, or the same byte in every stream: MESSAGE.payload.BYTE or \
MESSAGE.framing.BYTE, counted from 0. Each deed may be given several times.";

#[derive(Args)]
#[command(
    after_help = PLACES,
    after_long_help = format!("{PLACES}\n\nExit status: 0 done; 2 the command line or the messages are wrong; 1 anything else.")
)]
pub struct Arguments {
    /// A codec to compare; without any, those of the course
    #[arg(long, long_help = CODECS)]
    codec: Vec<String>,
    /// Cut the stream: what stands before and behind the place arrives in different reads
    #[arg(long, value_name = "PLACE")]
    cut: Vec<Place>,
    /// End the stream at the place
    #[arg(long, value_name = "PLACE")]
    end: Vec<Place>,
    /// Turn over bits of the byte at the place; the lowest one unless others are named
    #[arg(long, value_name = "PLACE[=BITS]", value_parser = corrupt)]
    corrupt: Vec<Deed>,
    /// Lose bytes from the place on; one unless more are asked for
    #[arg(long, value_name = "PLACE[=BYTES]", value_parser = lose)]
    drop: Vec<Deed>,
    /// Put a text in front of the place
    #[arg(long, value_name = "PLACE=TEXT", value_parser = insert)]
    insert: Vec<Deed>,
    /// Bytes that each read returns at most, again and again; without it each frame arrives in a read of its own
    #[arg(long, value_name = "BYTES", value_delimiter = ',')]
    read: Vec<usize>,
    #[command(flatten)]
    reading: Reading,
}

fn halves<'a>(word: &'a str, otherwise: &'a str) -> Result<(Place, &'a str), String> {
    let (place, value) = word.split_once('=').unwrap_or((word, otherwise));
    Ok((place.parse().map_err(|error: compare::NoPlace| error.to_string())?, value))
}

fn corrupt(word: &str) -> Result<Deed, String> {
    let (at, bits) = halves(word, "1")?;
    let xor = match bits.strip_prefix("0x") {
        Some(digits) => u8::from_str_radix(digits, 16),
        None => bits.parse(),
    };
    xor.map(|xor| Deed::Corrupt { at, xor }).map_err(|_| format!("{bits:?} is not a number from 0 to 255"))
}

fn lose(word: &str) -> Result<Deed, String> {
    let (at, length) = halves(word, "1")?;
    length.parse().map(|length| Deed::Drop { at, length }).map_err(|_| format!("{length:?} is not a number of bytes"))
}

fn insert(word: &str) -> Result<Deed, String> {
    let (at, text) = halves(word, "")?;
    Ok(Deed::Insert { at, bytes: Data::from(text.as_bytes()) })
}

/// Compares.
pub fn main(arguments: Arguments) -> Result<Exit, Exit> {
    let words = Words::new(arguments.reading.lang);
    let codecs = arguments.codec.iter().map(|word| codec(word, words)).collect::<Result<_, _>>()?;
    let input = bytes::standard_input()?;
    let cuts = arguments.cut.iter().map(|at| Deed::Cut { at: *at });
    let ends = arguments.end.iter().map(|at| Deed::End { at: *at });
    let others = [arguments.corrupt, arguments.drop, arguments.insert].into_iter().flatten();
    let question = Question {
        messages: bytes::lines(&input).into_iter().map(<[u8]>::to_vec).collect(),
        codecs,
        deeds: cuts.chain(ends).chain(others).collect(),
        reads: arguments.read,
        limit: arguments.reading.limit,
        work: compare::WORK,
    };
    let question = question.checked().map_err(|TooMuch { what, limit }| {
        let key = format!("framing_too_many_{}", what.code());
        eprintln!("sockscope: {}", words.with(&key, &[("limit", limit.to_string())]));
        Exit::WrongInput
    })?;
    let comparison = compare::compare(&question);
    match arguments.reading.json {
        true => bytes::print_json(&comparison)?,
        false => bytes::print(&text(&comparison, words))?,
    }
    Ok(Exit::Done)
}

fn text(comparison: &Comparison, words: Words) -> String {
    let args = [("messages", comparison.messages.len().to_string()), ("bytes", comparison.payload.to_string())];
    let mut text = words.with("framing_compared", &args);
    text.push_str("\n\n");
    text.push_str(&rows(
        &comparison.columns,
        words,
        &["stream", "overhead", "percent", "cuts", "bits", "ends"],
        |column| {
            let mut cells = vec![
                column.sent.length.to_string(),
                column.sent.overhead.to_string(),
                column.percent.map_or_else(|| "-".to_owned(), |percent| format!("{percent:.1}")),
            ];
            if let Some(trials) = &column.trials {
                cells.extend([
                    format!("{}/{}", trials.cuts.broken, trials.cuts.tried),
                    format!("{}/{}", trials.flips.silent, trials.flips.tried),
                    format!("{}/{}", trials.ends.inside, trials.ends.tried),
                ]);
            }
            cells
        },
    ));
    for key in ["framing_about_cuts", "framing_about_bits", "framing_about_ends"] {
        let _ = writeln!(text, "{}", words.plain(key));
    }
    text.push('\n');
    text.push_str(&rows(
        &comparison.columns,
        words,
        &["survived", "damaged", "lost", "refused", "verdict"],
        |column| {
            let tally = &column.tally;
            let verdict = match column.verdict {
                Verdict::Right => "framing_verdict_right",
                Verdict::Noticed => "framing_verdict_noticed",
                Verdict::Waiting => "framing_verdict_waiting",
                Verdict::Unnoticed => "framing_verdict_unnoticed",
            };
            let counts = [tally.survived, tally.damaged, tally.lost, tally.refused].map(|count| count.to_string());
            counts.into_iter().chain([words.plain(verdict).to_owned()]).collect()
        },
    ));
    for column in &comparison.columns {
        told(&mut text, column, words);
    }
    text
}

fn rows(columns: &[Column], words: Words, names: &[&str], cells: impl Fn(&Column) -> Vec<String>) -> String {
    let heading = ["codec"].iter().chain(names).map(|name| words.plain(&format!("framing_{name}")).to_owned());
    let row = |column: &Column| std::iter::once(column.sent.codec.to_string()).chain(cells(column)).collect();
    table(&std::iter::once(heading.collect()).chain(columns.iter().map(row)).collect::<Vec<_>>())
}

/// What the sender and the reader were told, and which deeds had no place.
fn told(text: &mut String, column: &Column, words: Words) {
    let framing = words.of("framing");
    let (sent, received) = (&column.sent, &column.received);
    let mut lines: Vec<String> =
        sent.refused.iter().map(|error| framing.with(&format!("error_{}", error.code()), &error.values())).collect();
    let missed = column.done.iter().filter(|done| done.is_none()).count();
    if missed > 0 {
        lines.push(words.with("framing_no_place", &[("count", missed.to_string())]));
    }
    let errors = received.damage.iter().chain(&received.error);
    lines.extend(errors.flat_map(|error| words.malformed(error)));
    if let Some((noticed, role)) = column.broken().and_then(|noticed| Some((noticed, noticed.role?))) {
        let role = framing.plain(&format!("role_{}", role.name())).to_owned();
        lines.push(match noticed.message {
            Some(message) => {
                words.with("framing_noticed_in", &[("message", (message + 1).to_string()), ("role", role)])
            }
            None => words.plain("framing_noticed_tail").to_owned(),
        });
    }
    lines.extend(received.incomplete.map(|incomplete| words.truncated(&incomplete)));
    if !lines.is_empty() {
        let _ = writeln!(text, "\n{}", sent.codec);
    }
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}
