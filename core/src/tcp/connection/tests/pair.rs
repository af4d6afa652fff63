//! Two connections and a wire between them that delays, drops, reorders and duplicates by seed. It checks what must hold at
//! every step: the offered window is respected, and the ends do not talk for ever.

use super::super::*;
use crate::tcp::Purpose;
use std::collections::BTreeMap;

/// What the wire does to a segment.
#[derive(Clone, Debug)]
pub struct Wire {
    pub delay: u64,
    /// Additional delay, at most.
    pub jitter: u64,
    /// In a thousand.
    pub loss: u64,
    pub duplicate: u64,
    pub seed: u64,
}

impl Default for Wire {
    fn default() -> Self {
        Wire { delay: 10_000, jitter: 0, loss: 0, duplicate: 0, seed: 1 }
    }
}

impl Wire {
    pub fn chance(&mut self, bound: u64) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        (self.seed >> 11) % bound.max(1)
    }
}

/// A segment that one end sent.
#[derive(Clone, Debug)]
pub struct Record {
    pub at: Instant,
    pub from: usize,
    pub segment: Segment,
    pub purpose: Purpose,
}

/// Decides whether the `n`-th segment of an end, from 1, is lost.
pub type Script = fn(from: usize, n: usize, segment: &Segment) -> bool;

pub struct Pair {
    pub now: Instant,
    pub ends: [Option<Connection>; 2],
    pub wire: Wire,
    pub script: Script,
    pub sent: Vec<Record>,
    pub events: Vec<(usize, Event)>,
    configs: [Config; 2],
    on_the_way: BTreeMap<(Instant, u64), (usize, Segment)>,
    counter: u64,
    /// Right edge each end offered to the other, as a sequence number.
    edges: [Option<u32>; 2],
}

pub fn address(end: usize) -> SocketAddrV4 {
    SocketAddrV4::new([10, 0, 0, 1 + end as u8].into(), if end == 0 { 40_000 } else { 80 })
}

impl Pair {
    /// End 0 opens; end 1 answers its SYN.
    pub fn new(first: Config, second: Config, wire: Wire) -> Self {
        let mut pair = Pair {
            now: Instant::ZERO,
            ends: [None, None],
            wire,
            script: |_, _, _| false,
            sent: Vec::new(),
            events: Vec::new(),
            configs: [first.clone(), Config { seed: second.seed + 1, ..second }],
            on_the_way: BTreeMap::new(),
            counter: 0,
            edges: [None, None],
        };
        pair.ends[0] = Some(Connection::open(address(0), address(1), first, pair.now));
        pair
    }

    pub fn plain() -> Self {
        Pair::new(Config::default(), Config::default(), Wire::default())
    }

    /// A pair whose handshake is done.
    pub fn established() -> Self {
        let mut pair = Pair::plain();
        pair.settle();
        assert_eq!(pair.states(), [State::Established; 2]);
        pair
    }

    pub fn with_script(script: Script) -> Self {
        Pair { script, ..Pair::plain() }
    }

    pub fn end(&mut self, end: usize) -> &mut Connection {
        self.ends[end].as_mut().expect("the end exists")
    }

    /// Makes a command and takes what leaves.
    pub fn act<R>(&mut self, end: usize, command: impl FnOnce(&mut Connection, Instant) -> R) -> R {
        let now = self.now;
        let result = command(self.end(end), now);
        self.drain();
        result
    }

    pub fn send(&mut self, end: usize, data: &'static [u8]) -> usize {
        self.act(end, |connection, now| connection.send(now, &bytes::Bytes::from_static(data))).unwrap()
    }

    pub fn read(&mut self, end: usize) -> Vec<u8> {
        self.act(end, |connection, now| connection.recv(now, usize::MAX)).map(|data| data.to_vec()).unwrap_or_default()
    }

    pub fn states(&self) -> [State; 2] {
        [0, 1].map(|end| self.ends[end].as_ref().map_or(State::Closed, Connection::state))
    }

    /// Every transition of one end.
    pub fn transitions(&self, end: usize) -> Vec<(State, Trigger, State)> {
        let changes = self.events.iter().filter(|(from, _)| *from == end);
        changes
            .filter_map(|(_, event)| match event {
                Event::StateChanged { from, to, trigger, .. } => Some((*from, *trigger, *to)),
                _ => None,
            })
            .collect()
    }

    /// `S`, `SA`, `A`, `F`, `R`, and the payload length: the wire in short.
    pub fn shorthand(&self) -> Vec<String> {
        self.sent.iter().map(shorthand).collect()
    }

    pub fn drain(&mut self) {
        for end in 0..2 {
            while let Some(output) = self.ends[end].as_mut().and_then(Machine::poll_output) {
                match output {
                    Output::Event(event) => self.events.push((end, event)),
                    Output::Segment { segment, purpose, .. } => self.transmit(end, segment, purpose),
                }
            }
        }
    }

    fn transmit(&mut self, from: usize, segment: Segment, purpose: Purpose) {
        self.check_window(from, &segment);
        let count = self.sent.iter().filter(|record| record.from == from).count() + 1;
        let dropped = (self.script)(from, count, &segment) || self.wire.chance(1000) < self.wire.loss;
        self.sent.push(Record { at: self.now, from, segment: segment.clone(), purpose });
        if dropped {
            return;
        }
        let copies = if self.wire.chance(1000) < self.wire.duplicate { 2 } else { 1 };
        for _ in 0..copies {
            let jitter = self.wire.jitter;
            let delay = self.wire.delay + self.wire.chance(jitter + 1);
            self.counter += 1;
            let at = self.now + Duration::from_micros(delay);
            self.on_the_way.insert((at, self.counter), (1 - from, segment.clone()));
        }
    }

    /// No byte is sent beyond what the other end ever offered; no offer is taken back.
    fn check_window(&mut self, from: usize, segment: &Segment) {
        if let Some(edge) = self.edges[1 - from]
            && !segment.payload.is_empty()
        {
            let end = segment.sequence.wrapping_add(segment.payload.len() as u32);
            assert!(edge.wrapping_sub(end) as i32 >= 0, "beyond the window: {segment:?}");
        }
        if segment.control.ack && !segment.control.rst {
            let connection = self.ends[from].as_ref().expect("it just sent");
            let shift =
                if connection.agreed.window_scale && !segment.control.syn { connection.window.shift() } else { 0 };
            let edge = segment.acknowledgement.wrapping_add(u32::from(segment.window) << shift);
            if let Some(earlier) = self.edges[from] {
                assert!(edge.wrapping_sub(earlier) as i32 >= 0, "the window shrank: {segment:?}");
            }
            self.edges[from] = Some(edge);
        }
        let options = &segment.options;
        let length = u32::from(options.timestamps.is_some()) * 12
            + if options.sack.is_empty() { 0 } else { 4 + 8 * options.sack.len() as u32 };
        assert!(length <= 40 && segment.payload.len() as u32 + length <= 1460, "does not fit a packet: {segment:?}");
    }

    /// Lets the next thing happen; `false` if nothing is left.
    pub fn step(&mut self) -> bool {
        self.drain();
        let arrival = self.on_the_way.first_key_value().map(|((at, _), _)| *at);
        let timer = self.ends.iter().flatten().filter_map(|end| end.poll_timeout().map(|deadline| deadline.at)).min();
        match (arrival, timer) {
            (None, None) => return false,
            (Some(arrival), timer) if timer.is_none_or(|timer| arrival <= timer) => {
                let ((at, _), (to, segment)) = self.on_the_way.pop_first().expect("it was just seen");
                self.now = at;
                self.deliver(to, segment);
            }
            (_, timer) => {
                let at = timer.expect("one of the two is there");
                self.now = self.now.max(at);
                for end in self.ends.iter_mut().flatten() {
                    end.handle_timeout(at);
                }
            }
        }
        self.drain();
        true
    }

    pub fn deliver(&mut self, to: usize, segment: Segment) {
        if self.ends[to].is_none() && segment.control.syn && !segment.control.ack {
            let config = self.configs[to].clone();
            self.ends[to] = Some(Connection::accept(address(to), address(1 - to), &segment, config, self.now));
        } else if let Some(end) = &mut self.ends[to] {
            end.handle_input(self.now, segment);
        }
        self.drain();
    }

    /// Runs for so long.
    pub fn run_for(&mut self, time: Duration) {
        let until = self.now + time;
        let mut steps = 0;
        self.drain();
        while self.next_at().is_some_and(|at| at <= until) {
            self.step();
            steps += 1;
            assert!(steps < 100_000, "the ends talk for ever");
        }
        self.now = until;
    }

    fn next_at(&self) -> Option<Instant> {
        let arrival = self.on_the_way.first_key_value().map(|((at, _), _)| *at);
        let timers = self.ends.iter().flatten().filter_map(|end| end.poll_timeout().map(|deadline| deadline.at));
        timers.chain(arrival).min()
    }

    /// Runs until nothing is on the way and nothing is due within ten seconds.
    pub fn settle(&mut self) {
        self.drain();
        for _ in 0..100_000 {
            match self.next_at() {
                Some(at) if at <= self.now + Duration::from_secs(10) => self.step(),
                _ => return,
            };
        }
        panic!("the ends talk for ever: {:?}", &self.shorthand()[self.sent.len() - 20..]);
    }
}

pub fn shorthand(record: &Record) -> String {
    let Record { segment, from, .. } = record;
    let control = segment.control;
    let mut text = format!("{from}");
    for (on, letter) in [(control.syn, 'S'), (control.fin, 'F'), (control.rst, 'R'), (control.ack, 'A')] {
        if on {
            text.push(letter);
        }
    }
    if !segment.payload.is_empty() {
        text += &segment.payload.len().to_string();
    }
    text
}
