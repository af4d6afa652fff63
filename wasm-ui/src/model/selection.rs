//! What belongs together: given one thing of a run, everything else that is about the same bytes, the same step of a
//! connection, the same line or the same socket.

use super::run::{Call, Carries, Run};
use sockscope_core::program;
use sockscope_core::stream::Range;
use sockscope_core::tcp;
use sockscope_core::trace::Body;
use sockscope_core::wire::Control;
use std::collections::BTreeSet;

/// Something a reader can point at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// An event of the trace that is none of the others.
    Event(usize),
    /// A call.
    Call(usize),
    /// A frame on its way.
    Passage(usize),
    /// Bytes of a direction.
    Bytes(usize, Range),
    /// A line of a host's program.
    Line(usize, u32),
    /// A socket of a host, by its place in [`super::run::Host::sockets`].
    Socket(usize, i32),
}

/// Everything that lights up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lit {
    /// Calls.
    pub calls: BTreeSet<usize>,
    /// Frames.
    pub passages: BTreeSet<usize>,
    /// Bytes, by direction.
    pub bytes: Vec<(usize, Range)>,
    /// Lines, by host.
    pub lines: BTreeSet<(usize, u32)>,
    /// Sockets, by host.
    pub sockets: BTreeSet<(usize, i32)>,
}

impl Lit {
    /// Whether bytes of a direction light up.
    pub fn has_bytes(&self, direction: usize, range: Range) -> bool {
        self.bytes.iter().any(|(place, lit)| *place == direction && lit.overlap(range).is_some())
    }

    /// Whether nothing does.
    pub fn is_empty(&self) -> bool {
        *self == Lit::default()
    }
}

/// Everything that belongs to a thing.
pub fn lit(run: &Run, thing: Thing) -> Lit {
    let mut lit = Lit::default();
    match thing {
        Thing::Event(event) => {
            if let Body::Program(program::Event::Line { line, .. } | program::Event::Raised { line, .. }) =
                &run.trace.events[event].body
                && let Some(host) = run.host_of(event)
            {
                lit.lines.insert((host, *line));
            }
        }
        Thing::Call(call) => of_call(run, call, &mut lit),
        Thing::Passage(passage) => of_passage(run, passage, &mut lit),
        Thing::Bytes(direction, range) => of_bytes(run, direction, range, &mut lit),
        Thing::Line(host, line) => {
            lit.lines.insert((host, line));
            // A loop runs a line many times: what is lit stays readable.
            let calls = run.hosts.get(host).into_iter().flat_map(|host| &host.calls);
            for &call in calls.filter(|&&call| run.calls[call].line == line).take(64) {
                of_call(run, call, &mut lit);
            }
        }
        Thing::Socket(host, fd) => {
            lit.sockets.insert((host, fd));
            let calls = run.hosts.get(host).into_iter().flat_map(|host| &host.calls);
            lit.calls.extend(calls.copied().filter(|&call| run.calls[call].fd == Some(fd)));
        }
    }
    lit
}

/// The event that tells what a thing is.
pub fn event_of(run: &Run, thing: Thing) -> Option<usize> {
    match thing {
        Thing::Event(event) => Some(event),
        Thing::Call(call) => run.calls.get(call).map(|call| call.returned.unwrap_or(call.begun)),
        Thing::Passage(passage) => run.passages.get(passage).map(|passage| passage.content.unwrap_or(passage.sent)),
        Thing::Bytes(direction, range) => {
            let writes = &run.directions.get(direction)?.writes;
            let write = writes.iter().find(|piece| piece.range.overlap(range).is_some())?;
            run.calls[write.owner].returned
        }
        Thing::Line(host, line) => run
            .hosts
            .get(host)?
            .tasks
            .values()
            .flat_map(|task| &task.lines)
            .find(|mark| mark.1 == line)
            .map(|mark| mark.0),
        Thing::Socket(host, fd) => {
            let socket = run.hosts.get(host)?.sockets.iter().find(|socket| socket.fd == fd)?;
            socket.faces.first().map(|face| face.0)
        }
    }
}

/// The thing an event is about.
pub fn thing_of(run: &Run, event: usize) -> Thing {
    if let Some(&call) = run.call_of.get(&event) {
        return Thing::Call(call);
    }
    match run.passage_of.get(&event) {
        Some(&passage) => Thing::Passage(passage),
        None => Thing::Event(event),
    }
}

fn of_call(run: &Run, place: usize, lit: &mut Lit) {
    let Some(call) = run.calls.get(place) else { return };
    lit.calls.insert(place);
    lit.lines.insert((call.host, call.line));
    lit.sockets.extend(call.fd.map(|fd| (call.host, fd)));
    if let (Some(range), Some(flow)) = (call.range, call.flow) {
        let direction = run.directions.iter().position(|direction| {
            direction.flow == flow
                && if call.writes() {
                    direction.from == call.host
                } else {
                    direction
                        .reads
                        .iter()
                        .any(|(host, reads)| *host == call.host && reads.iter().any(|piece| piece.owner == place))
                }
        });
        if let Some(direction) = direction {
            of_bytes(run, direction, range, lit);
        }
        return;
    }
    let opens = match call.name {
        "connect" | "accept" => true,
        "close" | "shutdown" => false,
        _ => return,
    };
    let step = |control: Control| if opens { control.syn } else { control.fin || control.rst };
    let flow = call.flow.or_else(|| flow_of(run, call));
    for (place, passage) in run.passages.iter().enumerate() {
        let mine = flow.is_some() && passage.flow == flow && passage.carries != Carries::Data;
        if mine && (opens || passage.from == call.host) && control(run, place).is_some_and(step) {
            lit.passages.insert(place);
        }
    }
}

/// The conversation of a call's socket, where the call itself does not name one.
fn flow_of(run: &Run, call: &Call) -> Option<u32> {
    let sockets = run.hosts[call.host].sockets.iter().filter(|socket| Some(socket.fd) == call.fd);
    sockets
        .flat_map(|socket| &socket.faces)
        .filter(|(at, _)| *at <= call.begun || call.name == "connect")
        .find_map(|(_, face)| face.flow)
}

fn of_passage(run: &Run, place: usize, lit: &mut Lit) {
    let Some(passage) = run.passages.get(place) else { return };
    lit.passages.extend(run.fan(passage.frame));
    lit.passages.extend(passage.repeats.and_then(|frame| run.passage(frame)));
    let Some(direction) = run
        .directions
        .iter()
        .position(|direction| Some(direction.flow) == passage.flow && direction.from == passage.from)
    else {
        return of_step(run, place, lit);
    };
    match passage.range {
        Some(range) if !range.is_empty() => of_bytes(run, direction, range, lit),
        _ => of_step(run, place, lit),
    }
}

/// SYN and FIN belong to calls; an acknowledgement belongs to the bytes it acknowledges.
fn of_step(run: &Run, place: usize, lit: &mut Lit) {
    let passage = &run.passages[place];
    let Some(control) = control(run, place) else { return };
    let names: &[&str] = match control {
        control if control.syn => &["connect", "accept"],
        control if control.fin || control.rst => &["close", "shutdown"],
        _ => {
            if let Some((direction, range)) = acknowledged(run, place) {
                lit.bytes.push((direction, range));
                for piece in run.directions[direction].wire.iter() {
                    if piece.range.overlap(range).is_some() {
                        lit.passages.insert(piece.owner);
                    }
                }
            }
            return;
        }
    };
    for (place, call) in run.calls.iter().enumerate() {
        let same = names.contains(&call.name) && call.flow.or_else(|| flow_of(run, call)) == passage.flow;
        if same && passage.flow.is_some() && (control.syn || call.host == passage.from) {
            lit.calls.insert(place);
            lit.lines.insert((call.host, call.line));
        }
    }
}

/// The bytes that a segment acknowledges and the one before it did not.
fn acknowledged(run: &Run, place: usize) -> Option<(usize, Range)> {
    let passage = &run.passages[place];
    let number = |place: usize| match &run.trace.events[run.passages[place].content?].body {
        Body::Tcp(tcp::Event::SegmentSent { segment, .. }) => segment.relative_acknowledgement,
        _ => None,
    };
    let until = number(place)?.saturating_sub(1);
    let same = |other: &usize| run.passages[*other].flow == passage.flow && run.passages[*other].from == passage.from;
    let before = (0..place).rev().take(256).filter(same).find_map(number).map_or(0, |number| number.saturating_sub(1));
    let direction = run
        .directions
        .iter()
        .position(|direction| Some(direction.flow) == passage.flow && direction.from != passage.from)?;
    let range = Range(before, until.min(run.directions[direction].length));
    (!range.is_empty()).then_some((direction, range))
}

fn control(run: &Run, place: usize) -> Option<Control> {
    match &run.trace.events[run.passages.get(place)?.content?].body {
        Body::Tcp(tcp::Event::SegmentSent { segment, .. }) => Some(segment.control),
        _ => None,
    }
}

fn of_bytes(run: &Run, place: usize, range: Range, lit: &mut Lit) {
    let Some(direction) = run.directions.get(place) else { return };
    lit.bytes.push((place, range));
    for piece in direction.wire.iter().filter(|piece| piece.range.overlap(range).is_some()) {
        lit.passages.insert(piece.owner);
    }
    let reads = direction.reads.iter().flat_map(|(_, reads)| reads);
    for piece in direction.writes.iter().chain(reads).filter(|piece| piece.range.overlap(range).is_some()) {
        let call = &run.calls[piece.owner];
        lit.calls.insert(piece.owner);
        lit.lines.insert((call.host, call.line));
        lit.sockets.extend(call.fd.map(|fd| (call.host, fd)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn a_send_lights_its_segment_and_the_read_that_took_it() {
        let run = Run::new(fixture::sticky());
        let send = run.calls.iter().position(|call| call.label == "send(b'msg2')").unwrap();
        let lit = lit(&run, Thing::Call(send));
        assert!(lit.passages.iter().all(|&place| run.passages[place].range.is_some()));
        assert!(!lit.passages.is_empty());
        let names: BTreeSet<&str> = lit.calls.iter().map(|&call| run.calls[call].name).collect();
        assert_eq!(names, BTreeSet::from(["recv", "send"]));
        assert!(lit.lines.iter().any(|(host, _)| *host == run.host("server").unwrap()));
    }

    #[test]
    fn a_syn_lights_connect_and_accept() {
        let run = Run::new(fixture::sticky());
        let syn = run.passages.iter().position(|passage| passage.label == "SYN").unwrap();
        let lit = lit(&run, Thing::Passage(syn));
        let names: BTreeSet<&str> = lit.calls.iter().map(|&call| run.calls[call].name).collect();
        assert_eq!(names, BTreeSet::from(["accept", "connect"]));
    }

    #[test]
    fn a_repeated_segment_lights_the_lost_one() {
        let run = Run::new(fixture::sticky());
        let again = run.passages.iter().position(|passage| passage.repeats.is_some()).unwrap();
        let lit = lit(&run, Thing::Passage(again));
        assert!(lit.passages.iter().any(|&place| run.passages[place].lost.is_some()));
    }

    #[test]
    fn an_acknowledgement_lights_the_bytes_it_acknowledges() {
        let run = Run::new(fixture::sticky());
        let last = run.passages.iter().rposition(|passage| {
            passage.carries == Carries::Acknowledgement && passage.from == run.host("server").unwrap()
        });
        let lit = lit(&run, Thing::Passage(last.unwrap()));
        assert_eq!(lit.bytes.len(), 1);
        assert!(!lit.bytes[0].1.is_empty());
    }
}
