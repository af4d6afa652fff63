//! What others make of the same requests: httparse, h11 and Node's llhttp, each at several cuts. Every difference is either
//! a fault of ours or stands in the list with the rule that decides; `core/src/http/README.md` tells it to readers.

#[path = "oracles/corpus.rs"]
mod corpus;
#[path = "oracles/known.rs"]
mod known;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sockscope_core::http::{Event, Leniency, Limits, Malformed, Parser, Role, Start};
use sockscope_core::stream::Split;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One request as a parser told it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Told {
    method: String,
    target: String,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
    complete: bool,
}

/// What a parser said of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Verdict {
    refused: Option<String>,
    messages: Vec<Told>,
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn ours(case: &[u8], split: Split) -> Verdict {
    let mut parser = Parser::new(Role::Request, Limits::default(), Leniency::default());
    let mut verdict = Verdict::default();
    let messages = &mut verdict.messages;
    let fed: Result<(), Malformed> = split.pieces(case).try_for_each(|piece| {
        parser.feed(piece, |event| match event {
            Event::Head(head) => {
                let Start::Request { method, target, .. } = head.start() else { return };
                messages.push(Told {
                    method: latin(method),
                    target: latin(target.whole.of(head.bytes())),
                    fields: head.fields().map(|field| (latin(field.name), latin(field.value))).collect(),
                    ..Told::default()
                });
            }
            Event::Body { data, .. } => messages.last_mut().expect("a head came").body.extend_from_slice(data),
            Event::End { .. } => messages.last_mut().expect("a head came").complete = true,
            _ => {}
        })
    });
    verdict.refused = fed.err().map(|malformed| malformed.kind.code().to_owned());
    verdict
}

/// How two verdicts differ, in a few words; `None` where they agree.
fn difference(ours: &Verdict, theirs: &Verdict) -> Option<String> {
    let complete = |verdict: &Verdict| -> Vec<Told> {
        let mut whole: Vec<Told> = verdict.messages.iter().filter(|message| message.complete).cloned().collect();
        // h11 hands the names of codings on in small letters.
        let fields = whole.iter_mut().flat_map(|message| &mut message.fields);
        let codings = fields.filter(|(name, _)| name.eq_ignore_ascii_case("transfer-encoding"));
        codings.for_each(|(_, value)| value.make_ascii_lowercase());
        whole
    };
    match (&ours.refused, &theirs.refused) {
        (Some(_), Some(_)) => None,
        (Some(code), None) => Some(format!("we refuse: {code}")),
        (None, Some(why)) => Some(format!("they refuse: {why}")),
        (None, None) if complete(ours) == complete(theirs) => None,
        (None, None) => {
            let (mine, others) = (complete(ours), complete(theirs));
            if mine.len() != others.len() {
                return Some(format!("we find {} whole requests, they {}", mine.len(), others.len()));
            }
            let pair = mine.iter().zip(&others).find(|(mine, others)| mine != others)?;
            Some(format!("we tell {:?}, they {:?}", pair.0, pair.1))
        }
    }
}

/// The cases at each cut, as lines for another program.
fn asked() -> Vec<(Vec<u8>, Split, String)> {
    let mut asked = Vec::new();
    for (number, case) in corpus::cases(7, 1500).into_iter().enumerate() {
        for split in [Split::All, Split::Bytes, Split::Random(number as u64)] {
            // Byte by byte only now and then: the others are slow at it.
            if split == Split::Bytes && number % 5 != 0 || matches!(split, Split::Random(_)) && number % 5 != 1 {
                continue;
            }
            let pieces: Vec<String> = split.pieces(&case).map(|piece| STANDARD.encode(piece)).collect();
            asked.push((case.clone(), split, json!({ "pieces": pieces }).to_string()));
        }
    }
    asked
}

fn told(answer: &Value) -> Verdict {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let messages = answer["messages"].as_array().expect("the answer has messages").iter().map(|message| Told {
        method: text(&message["method"]),
        target: text(&message["target"]),
        fields: message["fields"]
            .as_array()
            .expect("a message has fields")
            .iter()
            .map(|field| (text(&field[0]), text(&field[1])))
            .collect(),
        body: STANDARD.decode(text(&message["body"])).expect("the body is base64"),
        complete: message["complete"] == true,
    });
    Verdict { refused: answer["refused"].as_str().map(str::to_owned), messages: messages.collect() }
}

/// Asks a program every case and holds its answers against ours.
fn held_against(name: &str, mut program: Command) {
    let asked = asked();
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it was there a moment ago");
    let mut input = child.stdin.take().expect("it is piped");
    let lines: Vec<String> = asked.iter().map(|(_, _, line)| line.clone()).collect();
    let writer = std::thread::spawn(move || {
        lines.iter().for_each(|line| writeln!(input, "{line}").expect("the program reads"));
    });
    let answers = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut unknown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut alike, mut listed, mut heard) = (0, 0, 0);
    for ((case, split, _), answer) in asked.iter().zip(answers) {
        heard += 1;
        let answer: Value = serde_json::from_str(&answer.expect("it answers")).expect("in JSON");
        let theirs = told(&answer);
        let mine = ours(case, *split);
        match difference(&mine, &theirs) {
            None => alike += 1,
            // Ours says at the first byte what a parser of whole heads says at the last.
            Some(difference) if answer["waiting"] == true && difference.starts_with("we refuse") => alike += 1,
            Some(difference) if known::is_listed(name, &difference) => listed += 1,
            Some(difference) => unknown.entry(difference).or_default().push(case.escape_ascii().to_string()),
        }
    }
    writer.join().expect("it wrote everything");
    let _ = child.wait();
    assert_eq!(heard, asked.len(), "{name} answered every case");
    println!("{name}: {alike} alike, {listed} differ as listed");
    nothing_unknown(name, &unknown);
}

fn nothing_unknown(name: &str, unknown: &BTreeMap<String, Vec<String>>) {
    let few = |cases: &[String]| cases[..cases.len().min(3)].join("\n      ");
    let shown: Vec<String> = unknown
        .iter()
        .map(|(difference, cases)| format!("{} × {difference}\n      {}", cases.len(), few(cases)))
        .collect();
    assert!(unknown.is_empty(), "{name} differs without a reason in the list:\n  {}", shown.join("\n  "));
}

#[test]
fn llhttp_in_node_agrees_but_for_the_list() {
    if !Command::new("node").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        println!("SKIPPED llhttp: there is no node here");
        return;
    }
    let mut node = Command::new("node");
    node.arg(folder().join("node.js"));
    held_against("llhttp", node);
}

#[test]
fn h11_agrees_but_for_the_list() {
    let Some(python) = python_with_h11() else {
        println!("SKIPPED h11: no python here has the package h11; tests/run installs it");
        return;
    };
    let mut peer = Command::new(python);
    peer.arg(folder().join("h11_peer.py"));
    held_against("h11", peer);
}

/// httparse reads heads only, and requests only one at a time.
#[test]
fn httparse_agrees_about_heads_but_for_the_list() {
    let mut unknown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut alike, mut listed) = (0, 0);
    for case in corpus::cases(11, 20_000) {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut parsed = httparse::Request::new(&mut headers);
        let theirs = parsed.parse(&case);
        let mine = ours(&case, Split::All);
        let difference = match theirs {
            Ok(httparse::Status::Complete(_)) => {
                let told = Told {
                    method: parsed.method.unwrap_or_default().to_owned(),
                    target: parsed.path.unwrap_or_default().to_owned(),
                    fields: parsed.headers.iter().map(|field| (field.name.to_owned(), latin(field.value))).collect(),
                    ..Told::default()
                };
                match mine.messages.first() {
                    None => Some(format!("we refuse: {}", mine.refused.clone().unwrap_or_default())),
                    Some(first) if (&first.method, &first.fields) != (&told.method, &told.fields) => {
                        Some(format!("we tell {first:?}, they {told:?}"))
                    }
                    Some(_) => None,
                }
            }
            Ok(httparse::Status::Partial) if mine.messages.is_empty() => {
                mine.refused.as_ref().map(|code| format!("we refuse: {code}"))
            }
            Ok(httparse::Status::Partial) => Some("they want more".to_owned()),
            Err(error) => (!mine.messages.is_empty()).then(|| format!("they refuse: {error}")),
        };
        match difference {
            None => alike += 1,
            Some(difference) if known::is_listed("httparse", &difference) => listed += 1,
            Some(difference) => unknown.entry(difference).or_default().push(case.escape_ascii().to_string()),
        }
    }
    println!("httparse: {alike} alike, {listed} differ as listed");
    nothing_unknown("httparse", &unknown);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles")
}

/// A python that has h11: the environment that `tests/run` makes, or the machine's own.
fn python_with_h11() -> Option<PathBuf> {
    let own = std::env::var_os("SOCKSCOPE_PYTHON_PACKAGES").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python");
    let candidates = own.into_iter().chain([beside]).map(|folder| folder.join("bin/python3"));
    candidates.chain([PathBuf::from("python3")]).find(|python| {
        let asked = Command::new(python).args(["-c", "import h11"]).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    })
}
