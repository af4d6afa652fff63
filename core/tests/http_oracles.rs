//! What others make of the same requests and responses: httparse, h11 and Node's llhttp, each at several cuts. Every difference is either
//! a fault of ours or stands in the list with the rule that decides; `core/src/http/README.md` tells it to readers.

#[path = "oracles/corpus.rs"]
mod corpus;
#[path = "oracles/known.rs"]
mod known;
#[path = "oracles/responses.rs"]
mod responses;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use corpus::Case;
use serde_json::{Value, json};
use sockscope_core::http::{BodyLength, Event, Head, Leniency, Limits, Parser, Persistence, Role, Start};
use sockscope_core::stream::Split;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One message as a parser told it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Told {
    /// Method and target, or status and reason phrase.
    start: [String; 2],
    fields: Vec<(String, String)>,
    body: Vec<u8>,
    trailers: Vec<(String, String)>,
    /// Whether the connection goes on behind it, where that was told.
    keep_alive: Option<bool>,
    complete: bool,
}

/// What a parser said of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Verdict {
    refused: Option<String>,
    /// The connection ended inside a message. Asked of responses, where the end may be an end of content.
    truncated: bool,
    messages: Vec<Told>,
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn fields(head: &Head<'_>) -> Vec<(String, String)> {
    head.fields().map(|field| (latin(field.name), latin(field.value))).collect()
}

fn begun(head: &Head<'_>) -> Told {
    let (start, keep_alive) = match head.start() {
        Start::Request { method, target, .. } => ([latin(method), latin(target.whole.of(head.bytes()))], None),
        Start::Response { status, reason, .. } => {
            // Nothing follows an interim response but its final one, and nothing of HTTP a change of protocol.
            let asked = status >= 200 && head.body != BodyLength::Tunnel;
            ([status.to_string(), latin(reason)], asked.then_some(head.persistence == Persistence::KeepAlive))
        }
    };
    Told { start, fields: fields(head), keep_alive, ..Told::default() }
}

fn ours(case: &Case, split: Split) -> Verdict {
    let mut parser = Parser::new(case.role, Limits::default(), Leniency::default());
    case.answers.iter().for_each(|method| parser.answers(method.as_bytes()));
    let mut verdict = Verdict::default();
    let messages = &mut verdict.messages;
    let mut hear = |event: Event<'_>| match event {
        Event::Head(head) => messages.push(begun(&head)),
        Event::Body { data, .. } => messages.last_mut().expect("a head came").body.extend_from_slice(data),
        Event::Trailers(head) => messages.last_mut().expect("a head came").trailers = fields(&head),
        Event::End { .. } => messages.last_mut().expect("a head came").complete = true,
        Event::Chunk(_) | Event::Tunnel { .. } => {}
    };
    let fed = split.pieces(&case.bytes).try_for_each(|piece| parser.feed(piece, &mut hear));
    verdict.truncated = fed.is_ok() && case.role == Role::Response && parser.finish(&mut hear).is_err();
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
        (None, None) => {
            let (mine, others) = (complete(ours), complete(theirs));
            if mine.len() != others.len() {
                return Some(format!("we find {} whole messages, they {}", mine.len(), others.len()));
            }
            for (mine, others) in mine.iter().zip(&others) {
                let same = Told { keep_alive: others.keep_alive, ..mine.clone() };
                if same != *others {
                    return Some(format!("we tell {mine:?}, they {others:?}"));
                }
                if let (Some(goes_on), Some(they)) = (mine.keep_alive, others.keep_alive)
                    && goes_on != they
                {
                    let options =
                        mine.fields.iter().filter(|(name, _)| name.to_ascii_lowercase().ends_with("connection"));
                    let options: Vec<&str> = options.map(|(_, value)| &**value).collect();
                    return Some(format!("goes on: we say {goes_on}, they {they}, told {options:?}"));
                }
            }
            (ours.truncated != theirs.truncated)
                .then(|| format!("whole: we say {}, they {}", !ours.truncated, !theirs.truncated))
        }
    }
}

/// The cases at each cut, as lines for another program.
fn asked(role: Role) -> Vec<(Case, Split, String)> {
    let mut asked = Vec::new();
    for (number, case) in corpus::cases(role, 7, 1500).into_iter().enumerate() {
        for split in [Split::All, Split::Bytes, Split::Random(number as u64)] {
            // Byte by byte only now and then: the others are slow at it.
            if split == Split::Bytes && number % 5 != 0 || matches!(split, Split::Random(_)) && number % 5 != 1 {
                continue;
            }
            let pieces: Vec<String> = split.pieces(&case.bytes).map(|piece| STANDARD.encode(piece)).collect();
            let line = json!({ "role": role, "answers": case.answers, "pieces": pieces }).to_string();
            asked.push((case.clone(), split, line));
        }
    }
    asked
}

fn told(answer: &Value) -> Verdict {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pairs = |value: &Value| -> Vec<(String, String)> {
        value.as_array().expect("fields are a list").iter().map(|field| (text(&field[0]), text(&field[1]))).collect()
    };
    let messages = answer["messages"].as_array().expect("the answer has messages").iter().map(|message| Told {
        start: [text(&message["start"][0]), text(&message["start"][1])],
        fields: pairs(&message["fields"]),
        body: STANDARD.decode(text(&message["body"])).expect("the body is base64"),
        trailers: pairs(&message["trailers"]),
        keep_alive: message["keep_alive"].as_bool(),
        complete: message["complete"] == true,
    });
    Verdict {
        refused: answer["refused"].as_str().map(str::to_owned),
        truncated: answer["truncated"] == true,
        messages: messages.collect(),
    }
}

/// Asks a program every case and holds its answers against ours.
fn held_against(name: &str, role: Role, mut program: Command) {
    let asked = asked(role);
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
            Some(difference) if known::is_listed(name, role, &difference) => listed += 1,
            Some(difference) => unknown.entry(difference).or_default().push(case.bytes.escape_ascii().to_string()),
        }
    }
    writer.join().expect("it wrote everything");
    let _ = child.wait();
    assert_eq!(heard, asked.len(), "{name} answered every case");
    println!("{name}, {role:?}: {alike} alike, {listed} differ as listed");
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
    for role in [Role::Request, Role::Response] {
        let mut node = Command::new("node");
        node.arg(folder().join("node.js"));
        held_against("llhttp", role, node);
    }
}

#[test]
fn h11_agrees_but_for_the_list() {
    let Some(python) = python_with_h11() else {
        println!("SKIPPED h11: no python here has the package h11; tests/run installs it");
        return;
    };
    for role in [Role::Request, Role::Response] {
        let mut peer = Command::new(&python);
        peer.arg(folder().join("h11_peer.py"));
        held_against("h11", role, peer);
    }
}

/// What httparse makes of the first head: it, `None` where it wants more, or why it refuses.
fn httparse_head(case: &Case) -> Result<Option<Told>, httparse::Error> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let fields = |headers: &[httparse::Header<'_>]| {
        headers.iter().map(|field| (field.name.to_owned(), latin(field.value))).collect()
    };
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let (status, start, fields) = match case.role {
        Role::Request => {
            let mut parsed = httparse::Request::new(&mut headers);
            let status = parsed.parse(&case.bytes)?;
            (status, [text(parsed.method), text(parsed.path)], fields(parsed.headers))
        }
        Role::Response => {
            let mut parsed = httparse::Response::new(&mut headers);
            let status = parsed.parse(&case.bytes)?;
            let code = parsed.code.map(|code| code.to_string()).unwrap_or_default();
            (status, [code, text(parsed.reason)], fields(parsed.headers))
        }
    };
    Ok(status.is_complete().then(|| Told { start, fields, ..Told::default() }))
}

/// httparse reads heads only, one at a time.
#[test]
fn httparse_agrees_about_heads_but_for_the_list() {
    for role in [Role::Request, Role::Response] {
        let mut unknown: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let (mut alike, mut listed) = (0, 0);
        for case in corpus::cases(role, 11, 20_000) {
            let mine = ours(&case, Split::All);
            let refused = || mine.refused.as_ref().map(|code| format!("we refuse: {code}"));
            let difference = match (httparse_head(&case), mine.messages.first()) {
                (Ok(Some(_)), None) => Some(refused().unwrap_or("we want more".to_owned())),
                (Ok(Some(mut told)), Some(first)) => {
                    // It says nothing of a reason phrase beyond US-ASCII.
                    if case.role == Role::Response && !first.start[1].is_ascii() && told.start[1].is_empty() {
                        told.start[1].clone_from(&first.start[1]);
                    }
                    let alike = (&first.start, &first.fields) == (&told.start, &told.fields);
                    (!alike).then(|| format!("we tell {first:?}, they {told:?}"))
                }
                (Ok(None), None) => refused(),
                (Ok(None), Some(_)) => Some("they want more".to_owned()),
                (Err(error), Some(_)) => Some(format!("they refuse: {error}")),
                (Err(_), None) => None,
            };
            match difference {
                None => alike += 1,
                Some(difference) if known::is_listed("httparse", role, &difference) => listed += 1,
                Some(difference) => unknown.entry(difference).or_default().push(case.bytes.escape_ascii().to_string()),
            }
        }
        println!("httparse, {role:?}: {alike} alike, {listed} differ as listed");
        nothing_unknown("httparse", &unknown);
    }
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
