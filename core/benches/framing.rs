//! What one message costs to take out of a stream of 1460-byte segments: ours beside the codecs of tokio-util and a bare memchr, on the
//! same input in turns. Prints a table, judges nothing. Run with `cargo bench -p sockscope-core --bench framing`.

use bytes::BytesMut;
use sockscope_core::framing::{Codec, Decoder, Found, encode, parse};
use sockscope_core::random::Random;
use std::hint::black_box;
use std::time::Instant;
use tokio_util::codec::{LengthDelimitedCodec, LinesCodec};

const SEGMENT: usize = 1460;
const ROUNDS: usize = 31;
/// Bytes of one stream, so that short and long messages are measured on the same amount. A receiver looks at what the kernel
/// has just copied, so it must fit into a processor's own cache: a longer one measures how slow memory is.
const STREAM: usize = 1 << 20;
/// How often the stream is read in a round.
const PASSES: usize = 8;

/// A stream of messages whose lengths lie between half and one and a half times the mean.
fn stream(codec: &Codec, mean: usize) -> (Vec<u8>, usize) {
    let mut random = Random::new(7);
    let mut stream = Vec::with_capacity(STREAM + mean * 2);
    let mut count = 0;
    while stream.len() < STREAM {
        let length = mean / 2 + random.below(mean as u64 + 1) as usize;
        let message: Vec<u8> = (0..length).map(|_| b'a' + random.below(26) as u8).collect();
        encode(codec, count, None, &message, &mut stream).expect("letters fit into every codec");
        count += 1;
    }
    (stream, count)
}

fn ours(codec: &Codec, stream: &[u8]) -> usize {
    let mut decoder = Decoder::new(codec.clone(), 1 << 20);
    let (mut messages, mut bytes) = (0, 0);
    for segment in stream.chunks(SEGMENT) {
        let result = decoder.feed(segment, |found| {
            if let Found::Message(message) = found {
                messages += 1;
                bytes += black_box(message.payload).len();
            }
        });
        result.expect("the stream is right");
    }
    black_box(bytes);
    messages
}

fn theirs<D: tokio_util::codec::Decoder>(mut codec: D, stream: &[u8], length: impl Fn(&D::Item) -> usize) -> usize {
    let mut buffer = BytesMut::with_capacity(64 * 1024);
    let (mut messages, mut bytes) = (0, 0);
    for segment in stream.chunks(SEGMENT) {
        buffer.extend_from_slice(segment);
        while let Ok(Some(item)) = codec.decode(&mut buffer) {
            messages += 1;
            bytes += length(black_box(&item));
        }
    }
    black_box(bytes);
    messages
}

/// The floor for lines: their ends are found, and nothing else is done.
fn bare(stream: &[u8]) -> usize {
    stream.chunks(SEGMENT).map(|segment| memchr::memchr_iter(b'\n', segment).map(black_box).count()).sum()
}

/// Times in nanoseconds per message, sorted.
fn sorted(mut times: Vec<f64>) -> Vec<f64> {
    times.sort_by(f64::total_cmp);
    times
}

/// Who decodes, and how: the answer is how many messages there were.
type Contender<'a> = (&'a str, Box<dyn FnMut() -> usize + 'a>);

fn row(name: &str, goal: &str, count: usize, runs: &mut [Contender<'_>]) {
    let mut times = vec![Vec::with_capacity(ROUNDS); runs.len()];
    for _ in 0..ROUNDS {
        for (times, (who, run)) in times.iter_mut().zip(runs.iter_mut()) {
            let begun = Instant::now();
            for _ in 0..PASSES {
                assert_eq!(black_box(run()), count, "{name}: {who}");
            }
            times.push(begun.elapsed().as_nanos() as f64 / (count * PASSES) as f64);
        }
    }
    let times: Vec<Vec<f64>> = times.into_iter().map(sorted).collect();
    let median = |times: &[f64]| times[times.len() / 2];
    let reference = median(&times[1]);
    for (times, (who, _)) in times.iter().zip(runs) {
        let (low, high) = (times[times.len() / 4], times[times.len() * 3 / 4]);
        println!(
            "{name:<22} {who:<22} {:>9.1} {low:>9.1} - {high:>7.1} {:>8.2}   {goal}",
            median(times),
            median(times) / reference
        );
    }
}

fn main() {
    println!("{:<22} {:<22} {:>9} {:>19} {:>8}   goal", "messages", "decoder", "ns each", "quartiles", "ratio");
    for (mean, goal) in [(16, "0.15"), (256, "0.35"), (16 * 1024, "1.0")] {
        let codec = parse("length:u32").expect("a codec");
        let (stream, count) = stream(&codec, mean);
        let name = format!("length u32, {mean} B");
        row(
            &name,
            goal,
            count,
            &mut [
                ("ours", Box::new(|| ours(&codec, &stream))),
                (
                    "LengthDelimitedCodec",
                    Box::new(|| {
                        let codec = LengthDelimitedCodec::builder().max_frame_length(1 << 20).new_codec();
                        theirs(codec, &stream, |item| item.len())
                    }),
                ),
            ],
        );
    }
    let codec = parse("line").expect("a codec");
    let (stream, count) = stream(&codec, 16);
    row(
        "lines, 16 B",
        "0.3",
        count,
        &mut [
            ("ours", Box::new(|| ours(&codec, &stream))),
            ("LinesCodec", Box::new(|| theirs(LinesCodec::new_with_max_length(1 << 20), &stream, String::len))),
            ("memchr alone", Box::new(|| bare(&stream))),
        ],
    );
}
