//! `sockscope dissect` beside `tshark -T fields` on the same 100 MB pcapng file: time and largest memory of both, taken in
//! turns. Prints a table, judges nothing. Run with `cargo bench -p sockscope --bench dissect`.

use sockscope_core::random::Random;
use sockscope_core::stream::Data;
use sockscope_core::wire::capture::write::{self, Described, Resolution, Written};
use sockscope_core::wire::{self, Control, Datagram, Frame, Ipv4, MacAddress, Packet, Segment, TcpOptions, Transport};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

const TOTAL: usize = 100_000_000;
const CONNECTIONS: usize = 200;
const ROUNDS: usize = 15;
/// It is slow, and hardly varies.
const ROUNDS_OF_TSHARK: usize = 3;

/// Files of this run, removed at its end.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Connections side by side, segments from nothing to full, a datagram now and then: a mixed corpus, no two packets alike.
///
/// Written piece by piece: the memory of this program would count as that of its children.
fn capture(out: &mut impl std::io::Write) -> std::io::Result<(usize, usize)> {
    let mut random = Random::new(1);
    let (mut file, mut length) = (Vec::new(), 0);
    write::section(&mut file, &[]);
    let described =
        Described { link_type: 1, snap_length: 0, name: "bench", description: "", resolution: Resolution::Nanos };
    write::interface(&mut file, &described);
    let filling: Vec<u8> = (0..4096).map(|_| random.below(256) as u8).collect();
    let mut next = vec![[1_000u32, 5_000_000]; CONNECTIONS];
    let (mut packets, mut now) = (0, 1_700_000_000_000_000_000);
    while length + file.len() < TOTAL {
        if file.len() > 1 << 20 {
            out.write_all(&file)?;
            length += file.len();
            file.clear();
        }
        packets += 1;
        now += 1_000 + random.below(100_000);
        let connection = random.below(CONNECTIONS as u64) as usize;
        let from = usize::from(random.below(3) == 0);
        // Data one way, mostly acknowledgements the other.
        let length = match (from, random.below(10)) {
            (0, 0..8) => 1_448,
            (1, 0..8) => 0,
            (_, wanted) => wanted as usize * 37,
        };
        let start = random.below(1_024) as usize;
        let payload = Data::from(&filling[start..start + length]);
        let client =
            ([10, 0, (connection / 250) as u8, (connection % 250) as u8 + 1].into(), 40_000 + connection as u16);
        let server = ([10, 1, 0, 1].into(), 80);
        let (source, destination) = if from == 0 { (client, server) } else { (server, client) };
        let transport = if random.below(50) == 0 {
            Transport::Udp(Datagram { source_port: source.1, destination_port: destination.1, payload })
        } else {
            let sequence = next[connection][from];
            next[connection][from] = sequence.wrapping_add(length as u32);
            Transport::Tcp(Segment {
                source_port: source.1,
                destination_port: destination.1,
                sequence,
                acknowledgement: next[connection][1 - from],
                control: Control { ack: true, psh: length > 0, ..Control::default() },
                window: 500,
                urgent: 0,
                options: TcpOptions { timestamps: Some((packets as u32, 7)), ..TcpOptions::default() },
                payload,
            })
        };
        let packet = Ipv4 {
            source: source.0,
            destination: destination.0,
            ttl: 64,
            tos: 0,
            identification: packets as u16,
            dont_fragment: true,
            more_fragments: false,
            fragment_offset: 0,
            payload: transport,
        };
        let frame = wire::encode(&Frame {
            source: MacAddress([2, 0, 0, 0, 0, 1]),
            destination: MacAddress([2, 0, 0, 0, 0, 2]),
            payload: Packet::Ipv4(packet),
        });
        let written = Written { units: now, data: &frame, original_length: frame.len() as u32, ..Written::default() };
        write::packet(&mut file, &written);
    }
    out.write_all(&file)?;
    Ok((length + file.len(), packets))
}

/// Seconds and KiB of memory at most.
fn measure(command: &mut Command) -> Option<(f64, u64)> {
    let began = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    // SAFETY: both places live until the call returns, and the child is ours and not waited for elsewhere.
    let waited = unsafe { libc::wait4(child.id() as libc::pid_t, &mut status, 0, usage.as_mut_ptr()) };
    let seconds = began.elapsed().as_secs_f64();
    // SAFETY: zeroed above, so it is initialised whatever the call did.
    let usage = unsafe { usage.assume_init() };
    (waited > 0 && status == 0).then_some((seconds, usage.ru_maxrss as u64))
}

fn row(name: &str, mut runs: Vec<(f64, u64)>, against: Option<f64>) -> f64 {
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (median, memory) = (runs[runs.len() / 2].0, runs.iter().map(|run| run.1).max().unwrap_or(0));
    let ratio = against.map_or_else(|| "-".to_owned(), |against| format!("{:.1}", against / median));
    println!(
        "{name:<34} {:>8.0} ms {:>8.0}..{:<7.0} ms {:>9.1} MiB {ratio:>12}",
        median * 1e3,
        runs[0].0 * 1e3,
        runs[runs.len() - 1].0 * 1e3,
        memory as f64 / 1024.0
    );
    median
}

fn main() {
    let path = std::env::temp_dir().join(format!("sockscope-bench-{}.pcapng", std::process::id()));
    let scratch = Scratch(path);
    let written = std::fs::File::create(&scratch.0).and_then(|mut out| capture(&mut out));
    let (length, packets) = written.expect("the folder for temporary files takes 100 MB");
    println!("{length} bytes, {packets} packets");
    let ours = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sockscope"));
        command.arg("dissect").arg(&scratch.0).args(arguments);
        command
    };
    let theirs = || {
        let fields = ["frame.number", "frame.time_relative", "ip.src", "ip.dst", "_ws.col.Protocol", "tcp.stream"];
        let more = ["tcp.seq", "tcp.ack", "tcp.len", "tcp.flags", "tcp.window_size", "udp.length"];
        let mut command = Command::new("tshark");
        command.args(["-n", "-T", "fields", "-r"]).arg(&scratch.0);
        for field in fields.iter().chain(&more) {
            command.args(["-e", field]);
        }
        command
    };
    let variants: [(&str, &[&str]); 3] = [
        ("sockscope dissect", &[]),
        ("sockscope dissect --json", &["--json"]),
        ("sockscope dissect --stream 1", &["--stream", "1"]),
    ];
    let mut runs = vec![Vec::new(); variants.len()];
    let mut tshark = Vec::new();
    for round in 0..ROUNDS {
        for (variant, runs) in variants.iter().zip(&mut runs) {
            runs.push(measure(&mut ours(variant.1)).expect("our own program runs"));
        }
        if round < ROUNDS_OF_TSHARK {
            tshark.extend(measure(&mut theirs()));
        }
    }
    println!("{:<34} {:>11} {:>20} {:>13} {:>12}", "", "median", "fastest..slowest", "memory", "x faster");
    let against = match tshark.is_empty() {
        true => {
            println!("SKIPPED tshark: it is not installed, so nothing is compared");
            None
        }
        false => Some(row("tshark -T fields", tshark, None)),
    };
    for ((name, _), runs) in variants.iter().zip(runs) {
        row(name, runs, against);
    }
}
