//! What one HTTP request costs to parse: a thousand different ones, ours beside httparse and llhttp; byte by byte; and
//! content in chunks. Prints tables, judges nothing. Run with `./tests/run bench`, which builds llhttp, or with
//! `cargo bench -p sockscope-core --bench http`, then without it.

use sockscope_core::http::{Event, Leniency, Limits, Parser, Role};
use sockscope_core::random::Random;
use std::cell::RefCell;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

const REQUESTS: usize = 1000;
const ROUNDS: usize = 31;

const NAMES: [&str; 20] = [
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Cache-Control",
    "Connection",
    "Cookie",
    "DNT",
    "If-Modified-Since",
    "If-None-Match",
    "Origin",
    "Pragma",
    "Referer",
    "Sec-Fetch-Dest",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Site",
    "TE",
    "Upgrade-Insecure-Requests",
    "User-Agent",
    "X-Forwarded-For",
    "X-Request-Id",
];
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
const VALUE: &[u8] = b"abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./;=,()\"*+:";

fn word(random: &mut Random, from: &[u8], least: u64, most: u64) -> String {
    let length = least + random.below(most - least + 1);
    (0..length).map(|_| char::from(from[random.below(from.len() as u64) as usize])).collect()
}

/// Requests as browsers send them: different paths, cookies and sets of fields, `mean` bytes on average.
fn corpus(seed: u64, mean: usize) -> Vec<Vec<u8>> {
    let mut random = Random::new(seed);
    let mut made = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        let method = ["GET", "GET", "GET", "HEAD", "DELETE", "OPTIONS"][random.below(6) as usize];
        let segments = 1 + random.below(5);
        let mut target: String = (0..segments).map(|_| format!("/{}", word(&mut random, LETTERS, 2, 16))).collect();
        if random.below(2) == 0 {
            let (name, value) = (word(&mut random, LETTERS, 1, 8), word(&mut random, LETTERS, 0, 24));
            target = format!("{target}?{name}={value}");
        }
        let host = word(&mut random, LETTERS, 4, 20);
        let mut request = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n");
        // Between half and one and a half times the mean.
        let wished = mean / 2 + random.below(mean as u64) as usize;
        let mut first = random.below(NAMES.len() as u64) as usize;
        while request.len() + 40 < wished {
            let name = NAMES[first % NAMES.len()];
            first += 1 + random.below(3) as usize;
            let value = match name {
                "Connection" => "keep-alive".to_owned(),
                _ => {
                    let value = word(&mut random, VALUE, 3, 90.min((wished - request.len()) as u64));
                    value.trim().to_owned()
                }
            };
            request += &format!("{name}: {value}\r\n");
        }
        request += "\r\n";
        made.push(request.into_bytes());
    }
    made
}

fn ours(corpus: &[Vec<u8>]) -> usize {
    let mut parser = Parser::new(Role::Request, Limits::default(), Leniency::default());
    let mut fields = 0;
    for request in corpus {
        let fed = parser.feed(black_box(request), |event| {
            if let Event::Head(head) = event {
                fields += black_box(&head).fields().len();
            }
        });
        fed.expect("the corpus is good");
    }
    fields
}

fn httparse(corpus: &[Vec<u8>]) -> usize {
    let mut fields = 0;
    for request in corpus {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut parsed = httparse::Request::new(&mut headers);
        let status = parsed.parse(black_box(request)).expect("the corpus is good");
        assert!(status.is_complete());
        fields += black_box(&parsed).headers.len();
    }
    fields
}

fn byte_by_byte(corpus: &[Vec<u8>]) -> usize {
    let mut parser = Parser::new(Role::Request, Limits::default(), Leniency::default());
    let mut heads = 0;
    for request in corpus {
        for byte in black_box(request) {
            let fed =
                parser.feed(std::slice::from_ref(byte), |event| heads += usize::from(matches!(event, Event::Head(_))));
            fed.expect("the corpus is good");
        }
    }
    heads
}

/// A body of 64 KiB in chunks of 1 to 4095 bytes.
fn chunked() -> Vec<u8> {
    let mut random = Random::new(64);
    let mut message = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let mut left = 64 * 1024;
    while left > 0 {
        let size = (1 + random.below(4095) as usize).min(left);
        message.extend_from_slice(format!("{size:x}\r\n").as_bytes());
        message.resize(message.len() + size, b'x');
        message.extend_from_slice(b"\r\n");
        left -= size;
    }
    message.extend_from_slice(b"0\r\n\r\n");
    message
}

fn ours_chunked(message: &[u8]) -> usize {
    let mut parser = Parser::new(Role::Request, Limits::default(), Leniency::default());
    let mut bytes = 0;
    let fed = parser.feed(black_box(message), |event| {
        if let Event::Body { data, .. } = event {
            bytes += black_box(data).len();
        }
    });
    fed.expect("it is good");
    bytes
}

fn httparse_chunked(message: &[u8]) -> usize {
    let mut headers = [httparse::EMPTY_HEADER; 16];
    let mut parsed = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = parsed.parse(black_box(message)).expect("it is good") else { return 0 };
    let (mut rest, mut bytes) = (&message[head..], 0);
    loop {
        let Ok(httparse::Status::Complete((line, size))) = httparse::parse_chunk_size(rest) else { return 0 };
        if size == 0 {
            return bytes;
        }
        let size = size as usize;
        bytes += black_box(&rest[line..line + size]).len();
        // The line end behind the data is not looked at by httparse.
        assert_eq!(&rest[line + size..line + size + 2], b"\r\n");
        rest = &rest[line + size + 2..];
    }
}

/// llhttp in a process of its own (`llhttp.c`), which measures its passes itself.
struct Llhttp {
    child: Child,
    ask: RefCell<ChildStdin>,
    answers: RefCell<BufReader<ChildStdout>>,
}

impl Llhttp {
    /// With these requests; `None` where `SOCKSCOPE_LLHTTP` does not name the program.
    fn start(corpus: &[Vec<u8>]) -> Option<Llhttp> {
        let program = std::env::var_os("SOCKSCOPE_LLHTTP")?;
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("llhttp-corpus");
        let mut bytes = Vec::new();
        for request in corpus {
            bytes.extend_from_slice(&(request.len() as u32).to_le_bytes());
            bytes.extend_from_slice(request);
        }
        std::fs::write(&file, bytes).expect("the target folder can be written");
        let mut command = Command::new(program);
        command.arg(file).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("llhttp starts");
        let ask = RefCell::new(child.stdin.take().expect("it is piped"));
        let answers = RefCell::new(BufReader::new(child.stdout.take().expect("it is piped")));
        Some(Llhttp { child, ask, answers })
    }

    fn pass(&self, kind: &str) -> f64 {
        let mut answer = String::new();
        writeln!(self.ask.borrow_mut(), "{kind}").expect("llhttp listens");
        self.answers.borrow_mut().read_line(&mut answer).expect("llhttp answers");
        answer.trim().parse().expect("a number of nanoseconds")
    }
}

impl Drop for Llhttp {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Nanoseconds for each of `count`: median, and the quartiles.
fn summed(mut times: Vec<f64>, count: usize) -> [f64; 3] {
    times.iter_mut().for_each(|time| *time /= count as f64);
    times.sort_by(f64::total_cmp);
    [0.5, 0.25, 0.75].map(|share| times[((times.len() - 1) as f64 * share) as usize])
}

/// How many nanoseconds a call takes.
fn timed(run: impl Fn() -> usize) -> impl Fn() -> f64 {
    move || {
        let begin = Instant::now();
        black_box(run());
        begin.elapsed().as_nanos() as f64
    }
}

/// One of those that are measured: its name, how many nanoseconds a pass takes, and how many things that parses.
type Contestant<'a> = (&'a str, Box<dyn Fn() -> f64 + 'a>, usize);

/// Runs all in turns, so that what the machine does besides strikes all alike; each is compared with the last.
fn table(title: &str, unit: &str, contestants: &[Contestant<'_>]) -> Vec<[f64; 3]> {
    let mut times = vec![Vec::new(); contestants.len()];
    for _ in 0..ROUNDS {
        for (times, (_, pass, _)) in times.iter_mut().zip(contestants) {
            times.push(pass());
        }
    }
    let summed = |(times, (_, _, count)): (_, &Contestant<'_>)| summed(times, *count);
    let results: Vec<_> = times.into_iter().zip(contestants).map(summed).collect();
    println!("\n{title}: median of {ROUNDS} interleaved rounds, quartiles, ratio to the last row");
    let last = results.last().map_or(1.0, |result| result[0]);
    for ((name, ..), [median, low, high]) in contestants.iter().zip(&results) {
        println!("  {name:<28}{median:>10.1} ns/{unit}  [{low:.1}, {high:.1}]  {:.3}", median / last);
    }
    results
}

fn main() {
    let requests = corpus(1, 700);
    let llhttp = Llhttp::start(&requests);
    let bytes: usize = requests.iter().map(Vec::len).sum();
    assert_eq!(ours(&requests), httparse(&requests), "both find the same fields");
    println!("{REQUESTS} requests, mean {} bytes, {} fields each", bytes / REQUESTS, ours(&requests) / REQUESTS);
    let repeat = |run: fn(&[Vec<u8>]) -> usize| {
        let requests = &requests;
        timed(move || (0..10).map(|_| run(requests)).sum::<usize>())
    };
    let mut whole: Vec<Contestant<'_>> =
        vec![("ours", Box::new(repeat(ours)), 10 * REQUESTS), ("httparse", Box::new(repeat(httparse)), 10 * REQUESTS)];
    if let Some(llhttp) = &llhttp {
        whole.insert(1, ("llhttp", Box::new(|| llhttp.pass("whole")), REQUESTS));
    }
    table("whole requests", "request", &whole);
    let long = corpus(2, 4096);
    let long_bytes: usize = long.iter().map(Vec::len).sum();
    let mut single: Vec<Contestant<'_>> = vec![
        ("ours, about 4 KiB", Box::new(timed(|| byte_by_byte(&long))), REQUESTS),
        ("ours, about 700 B", Box::new(timed(|| byte_by_byte(&requests))), REQUESTS),
    ];
    match &llhttp {
        Some(llhttp) => single.push(("llhttp, about 700 B", Box::new(|| llhttp.pass("bytes")), REQUESTS)),
        None => println!("SKIPPED llhttp: SOCKSCOPE_LLHTTP does not name it; `./tests/run bench` builds it"),
    }
    let linear = table("byte by byte", "request", &single);
    let (length, time) = (long_bytes as f64 / bytes as f64, linear[0][0] / linear[1][0]);
    println!("  {length:.2} times the bytes take {time:.2} times the time");
    let message = chunked();
    assert_eq!(ours_chunked(&message), httparse_chunked(&message));
    let repeat = |run: fn(&[u8]) -> usize| {
        let message = &message;
        timed(move || (0..1000).map(|_| run(message)).sum::<usize>())
    };
    table(
        "a body of 64 KiB in chunks",
        "message",
        &[
            ("ours", Box::new(repeat(ours_chunked)), 1000),
            ("httparse, parse_chunk_size", Box::new(repeat(httparse_chunked)), 1000),
        ],
    );
}
