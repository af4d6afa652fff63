//! `sockscope run`: read a scenario, run it, write the report in the form that was asked for, and say by the exit status
//! how it went. How a run is carried out stands in `crate::run`.

use clap::ValueEnum;
use sockscope_core::scenario::Scenario;
use sockscope_core::trace::DifferenceKind;
use sockscope_core::trace::{Trace, pcapng};
use std::path::PathBuf;
use tokio::sync::mpsc;

use super::output::Output;
use super::source::{self, Source};
use super::transcript;
use super::words::{Lang, Words};
use super::{Exit, verdict};
use crate::run::{Engines, Failure, Kind, Line, Lines, Order, Report};

/// Most events a trace may have.
const MAX_EVENTS: usize = 1_000_000;

/// Options of `run`.
#[derive(clap::Args)]
#[group(id = "run")]
#[command(
    after_help = "Exit status: 0 done; 2 the scenario, a program or the command line is wrong; 4 model and kernel \
contradict each other;\n1 anything else: an expectation of the scenario does not hold, a program never ends, an engine failed.\n\
A capture file holds one trace: --format pcapng takes --engine model or --engine kernel, not both."
)]
pub struct Arguments {
    /// A scenario file (TOML or JSON), - for standard input, or the name of a built-in scenario
    #[arg(value_name = "FILE|NAME")]
    scenario: String,
    /// Which engine runs it
    #[arg(long, value_enum, default_value_t)]
    engine: Engines,
    /// Instead of the scenario's own seed
    #[arg(long)]
    seed: Option<u64>,
    /// How the report is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Language of the transcript and of errors
    #[arg(long, value_enum, default_value_t)]
    lang: Lang,
    /// How the kernel engine separates the hosts
    #[arg(long, value_enum, default_value_t)]
    kind: Kind,
}

/// How the report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A transcript for people
    #[default]
    Text,
    /// One JSON object, the same that the API answers
    Json,
    /// A JSON object on each line: header, events, result
    Ndjson,
    /// A capture file that Wireshark opens
    Pcapng,
}

/// Runs one scenario.
pub fn main(arguments: Arguments) -> Exit {
    let words = Words::new(arguments.lang);
    if arguments.format == Format::Pcapng && arguments.engine == Engines::Both {
        eprintln!("sockscope: {}", words.plain("pcapng_takes_one"));
        return Exit::WrongInput;
    }
    let (mut scenario, source) = match source::read(&arguments.scenario, words) {
        Ok(read) => read,
        Err(exit) => return exit,
    };
    if let Some(seed) = arguments.seed {
        scenario.seed = seed;
    }
    let binary = arguments.format == Format::Pcapng;
    let output = match Output::open(arguments.output.as_deref(), binary, words) {
        Ok(output) => output,
        Err(exit) => return exit,
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.to_string()),
    };
    let order = Order {
        scenario,
        engines: arguments.engine,
        kind: arguments.kind,
        wall: None,
        max_events: MAX_EVENTS,
        id: None,
        turn: None,
    };
    runtime.block_on(carry_out(order, arguments.format, output, &source, words))
}

async fn carry_out(order: Order, format: Format, mut output: Output, source: &Source, words: Words) -> Exit {
    let scenario = order.scenario.clone();
    let ran = if format == Format::Ndjson {
        let (sender, receiver) = mpsc::channel(256);
        let lines = Lines::to(sender);
        let run = async {
            let ran = crate::run::run(order, &lines).await;
            drop(lines); // the end of the lines
            ran
        };
        tokio::join!(run, copy(receiver, &mut output)).0
    } else {
        crate::run::run(order, &Lines::unheard()).await
    };
    let report = match ran {
        Ok(report) => report,
        Err(Failure::Unheard) => return output.finish(), // whoever read the lines has enough
        Err(failure) => return fail(&failure.to_string()),
    };
    match format {
        Format::Text => output.write(transcript::write(&report, words).as_bytes()),
        Format::Json => {
            let mut json = report.to_json(None);
            json.push(b'\n');
            output.write(&json);
        }
        Format::Ndjson => {}
        Format::Pcapng => {
            let trace = report.last();
            if !trace.header.observes.segments {
                let engine = transcript::engine(trace.header.engine, words).to_owned();
                return fail(&words.with("no_frames", &[("engine", engine)]));
            }
            output.write(&pcapng::write(trace));
        }
    }
    match output.finish() {
        Exit::Done => judge(&report, &scenario, source, words),
        failed => failed,
    }
}

/// Writes lines as they come. Ends early when nobody reads the output any more; the run hears it by its closed channel.
async fn copy(mut lines: mpsc::Receiver<Line>, output: &mut Output) {
    while let Some(line) = lines.recv().await {
        let mut json = line.json.to_vec();
        json.push(b'\n');
        output.write(&json);
        if lines.is_empty() {
            output.flush();
        }
        if output.is_broken() {
            return;
        }
    }
}

/// The exit status, and on standard error why it is not 0.
fn judge(report: &Report, scenario: &Scenario, source: &Source, words: Words) -> Exit {
    let mut exit = Exit::Done;
    for trace in report.traces() {
        for sentence in faults(trace, scenario, source, words) {
            eprintln!("{sentence}");
            exit = Exit::Failed;
        }
    }
    let contradictions =
        report.differences().iter().filter(|difference| difference.kind == DifferenceKind::Contradiction).count();
    if contradictions > 0 {
        let args = [("contradictions", contradictions.to_string())];
        eprintln!("sockscope: {}", words.with("contradictions_found", &args));
        exit = Exit::Contradiction;
    }
    exit
}

fn faults(trace: &Trace, scenario: &Scenario, source: &Source, words: Words) -> Vec<String> {
    verdict::faults(trace, words)
        .into_iter()
        .map(|fault| match fault.program.and_then(|(host, line)| source.program_line(scenario, &host, line)) {
            Some(line) => format!("{}:{line}:1: {}", source.name(), fault.sentence),
            None => format!("{}: {}", source.name(), fault.sentence),
        })
        .collect()
}

fn fail(sentence: &str) -> Exit {
    eprintln!("sockscope: {sentence}");
    Exit::Failed
}
