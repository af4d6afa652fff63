//! What one TCP segment costs: 100 MB from one connection to another, handed over in memory, with events and without.
//! Prints a table, judges nothing. Run with `cargo bench -p sockscope-core --bench tcp`.

use bytes::Bytes;
use sockscope_core::machine::Machine;
use sockscope_core::tcp::{Config, Connection, Output};
use sockscope_core::time::{Duration, Instant};
use std::hint::black_box;

const TOTAL: usize = 100_000_000;
const ROUNDS: usize = 7;

struct Ends {
    now: Instant,
    ends: [Connection; 2],
    segments: u64,
    events: u64,
}

impl Ends {
    fn new(config: &Config) -> Self {
        let addresses = ["10.0.0.1:4000", "10.0.0.2:80"].map(|text| text.parse().expect("an address"));
        let now = Instant::ZERO;
        let mut first = Connection::open(addresses[0], addresses[1], config.clone(), now);
        let syn = std::iter::from_fn(|| first.poll_output()).find_map(|output| match output {
            Output::Segment { segment, .. } => Some(segment),
            Output::Event(_) => None,
        });
        let syn = syn.expect("opening sends SYN");
        let second = Connection::accept(addresses[1], addresses[0], &syn, config.clone(), now);
        Ends { now, ends: [first, second], segments: 1, events: 0 }
    }

    /// Carries what one end has to say to the other; whether it said anything.
    fn carry(&mut self, from: usize) -> bool {
        let mut moved = false;
        while let Some(output) = self.ends[from].poll_output() {
            match output {
                Output::Segment { segment, .. } => {
                    self.segments += 1;
                    self.ends[1 - from].handle_input(self.now, segment);
                }
                Output::Event(event) => {
                    self.events += 1;
                    black_box(event);
                }
            }
            moved = true;
        }
        moved
    }

    fn run(mut self, chunk: &Bytes) -> (u64, u64) {
        let (mut written, mut read) = (0, 0);
        while read < TOTAL {
            self.now += Duration::from_micros(50);
            let room = TOTAL - written;
            let next = chunk.slice(..chunk.len().min(room));
            if room > 0
                && let Ok(taken) = self.ends[0].send(self.now, &next)
            {
                written += taken;
            }
            let moved = [self.carry(0), self.carry(1)] != [false; 2];
            while let Ok(part) = self.ends[1].recv(self.now, 65_536) {
                read += black_box(part).len();
            }
            if !moved && !self.carry(1) {
                let deadlines = self.ends.iter().filter_map(|end| end.poll_timeout());
                self.now = deadlines.map(|deadline| deadline.at).min().expect("somebody waits for something");
                let now = self.now;
                self.ends.iter_mut().for_each(|end| end.handle_timeout(now));
            }
        }
        (self.segments, self.events)
    }
}

fn main() {
    let chunk = Bytes::from(vec![7u8; 65_536]);
    println!("{:<10} {:>12} {:>10} {:>10} {:>18}", "events", "segments", "events", "median", "fastest..slowest");
    for events in [false, true] {
        let config = Config { events, ..Config::default() };
        let mut times = Vec::new();
        let mut counts = (0, 0);
        for _ in 0..ROUNDS {
            let began = std::time::Instant::now();
            counts = Ends::new(&config).run(&chunk);
            times.push(began.elapsed().as_nanos() as f64 / counts.0 as f64);
        }
        times.sort_by(f64::total_cmp);
        println!(
            "{:<10} {:>12} {:>10} {:>7.0} ns {:>8.0}..{:.0} ns",
            if events { "on" } else { "off" },
            counts.0,
            counts.1,
            times[ROUNDS / 2],
            times[0],
            times[ROUNDS - 1]
        );
    }
}
