//! The ladder: lifelines, calls as bars, frames as arrows, in pixels. What is drawn is only what `visible` returns.

use super::axis::{self, Axis};
use super::run::{Carries, Run};
use sockscope_core::stream::Range;

/// Shortest bar.
const BAR: f64 = 11.0;
/// How far a lost frame gets, as a part of its way.
const LOST_AT: f64 = 0.62;

/// A laid-out ladder.
#[derive(Debug, Default)]
pub struct Ladder {
    /// The time axis.
    pub axis: Axis,
    /// Calls, by top.
    pub bars: Vec<Bar>,
    /// Frames, by top.
    pub arrows: Vec<Arrow>,
    /// Ways of bytes that no frame shows, by top: only where the engine cannot see the wire.
    pub hops: Vec<Hop>,
    /// Greatest bottom of all bars up to a place.
    bars_reach: Vec<f64>,
    /// The same of arrows.
    arrows_reach: Vec<f64>,
}

/// A call on its host's lifeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// The call in [`Run::calls`].
    pub call: usize,
    /// Which lifeline.
    pub host: usize,
    /// Where it begins.
    pub top: f64,
    /// Where it ends.
    pub bottom: f64,
    /// Where its result is written, for calls that waited.
    pub result: Option<f64>,
}

/// A frame between two lifelines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrow {
    /// The passage in [`Run::passages`].
    pub passage: usize,
    /// From which lifeline.
    pub from: usize,
    /// To which; none where nobody has the address.
    pub to: Option<usize>,
    /// Where it leaves.
    pub top: f64,
    /// Where it arrives or is lost.
    pub bottom: f64,
    /// What part of the way it gets: 1 unless lost.
    pub reach: f64,
    /// What it carries.
    pub carries: Carries,
}

/// Bytes that one call wrote and another read, where nobody saw how they went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hop {
    /// The direction in [`Run::directions`].
    pub direction: usize,
    /// The write, by its number in the direction.
    pub write: usize,
    /// The bytes.
    pub range: Range,
    /// From which lifeline.
    pub from: usize,
    /// To which.
    pub to: usize,
    /// Where the write begins.
    pub top: f64,
    /// Where the read ends.
    pub bottom: f64,
}

/// Lays out a run.
pub fn lay(run: &Run) -> Ladder {
    let axis = axis::lay(run, 14.0);
    let mut bars: Vec<Bar> = run
        .calls
        .iter()
        .enumerate()
        .map(|(place, call)| {
            let top = axis.at(call.begun);
            let end = axis.at(call.returned.unwrap_or(usize::MAX));
            let waited = call.blocked.is_some() && call.returned.is_some();
            Bar { call: place, host: call.host, top, bottom: end.max(top + BAR), result: waited.then_some(end) }
        })
        .collect();
    bars.sort_by(|a, b| a.top.total_cmp(&b.top));
    let mut arrows: Vec<Arrow> = run
        .passages
        .iter()
        .enumerate()
        // What a host sends to itself never leaves its lifeline.
        .filter(|(_, passage)| passage.to != Some(passage.from))
        .map(|(place, passage)| {
            let top = axis.at(passage.sent);
            let lost = passage.lost.is_some() || passage.to.is_none();
            let bottom = match (lost, passage.ended, passage.arrival) {
                (false, Some(ended), _) => axis.at(ended),
                // Arrives after the end of the trace.
                (false, None, Some(arrival)) => top + arrival.since(passage.departure).as_micros() as f64 * axis.scale,
                _ => top + 44.0 * LOST_AT,
            };
            let reach = if lost { LOST_AT } else { 1.0 };
            Arrow { passage: place, from: passage.from, to: passage.to, top, bottom, reach, carries: passage.carries }
        })
        .collect();
    arrows.sort_by(|a, b| a.top.total_cmp(&b.top));
    let mut hops = if run.trace.header.observes.segments { Vec::new() } else { hops(run, &axis) };
    hops.sort_by(|a, b| a.top.total_cmp(&b.top));
    let reach = |bottoms: &mut dyn Iterator<Item = f64>| {
        bottoms
            .scan(0.0, |reach: &mut f64, bottom| {
                *reach = reach.max(bottom);
                Some(*reach)
            })
            .collect()
    };
    Ladder {
        bars_reach: reach(&mut bars.iter().map(|bar| bar.bottom)),
        arrows_reach: reach(&mut arrows.iter().map(|arrow| arrow.bottom)),
        axis,
        bars,
        arrows,
        hops,
    }
}

fn hops(run: &Run, axis: &Axis) -> Vec<Hop> {
    let mut hops = Vec::new();
    for (place, direction) in run.directions.iter().enumerate() {
        for (reader, reads) in &direction.reads {
            let mut first = 0;
            for read in reads {
                while direction.writes.get(first).is_some_and(|write| write.range.1 <= read.range.0) {
                    first += 1;
                }
                let touched = direction.writes[first..].iter().enumerate();
                for (at, write) in touched.take_while(|(_, write)| write.range.0 < read.range.1) {
                    let Some(range) = write.range.overlap(read.range) else { continue };
                    let (top, bottom) = (axis.at(write.event), axis.at(read.event));
                    let (from, to) = (direction.from, *reader);
                    hops.push(Hop { direction: place, write: first + at, range, from, to, top, bottom });
                }
            }
        }
    }
    hops
}

impl Ladder {
    /// Ways of bytes that touch the stretch between two pixels.
    pub fn visible_hops(&self, top: f64, bottom: f64) -> Vec<Hop> {
        let to = self.hops.partition_point(|hop| hop.top <= bottom);
        self.hops[..to].iter().filter(|hop| hop.bottom >= top).copied().collect()
    }

    /// Bars and arrows that touch the stretch between two pixels.
    pub fn visible(&self, top: f64, bottom: f64) -> (Vec<Bar>, Vec<Arrow>) {
        let from = self.bars_reach.partition_point(|&reach| reach < top);
        let to = self.bars.partition_point(|bar| bar.top <= bottom);
        let bars = self.bars.get(from..to).unwrap_or_default();
        let first = self.arrows_reach.partition_point(|&reach| reach < top);
        let last = self.arrows.partition_point(|arrow| arrow.top <= bottom);
        let arrows = self.arrows.get(first..last).unwrap_or_default();
        (
            bars.iter().filter(|bar| bar.bottom >= top).copied().collect(),
            arrows.iter().filter(|arrow| arrow.bottom >= top).copied().collect(),
        )
    }
}

/// Where the lifelines stand in a ladder of this width, and how much room the text beside them has.
pub fn lifelines(hosts: usize, width: f64) -> Vec<f64> {
    match hosts {
        0 => vec![],
        1 => vec![width * 0.5],
        2 => {
            let room = (width * 0.25).clamp(62.0, 172.0);
            vec![room, width - room]
        }
        _ => {
            let room = (width * 0.14).clamp(40.0, 150.0);
            let step = (width - 2.0 * room) / (hosts - 1) as f64;
            (0..hosts).map(|host| room + host as f64 * step).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn a_call_is_as_long_as_it_blocked() {
        let run = Run::new(fixture::sticky());
        let ladder = lay(&run);
        let accept = run.calls.iter().position(|call| call.name == "accept").unwrap();
        let bar = ladder.bars.iter().find(|bar| bar.call == accept).unwrap();
        assert_eq!(bar.bottom, ladder.axis.at(run.calls[accept].returned.unwrap()));
        assert!(bar.bottom - bar.top > 40.0);
    }

    #[test]
    fn an_arrow_ends_where_its_frame_arrives_and_a_lost_one_on_the_way() {
        let run = Run::new(fixture::sticky());
        let ladder = lay(&run);
        for arrow in &ladder.arrows {
            let passage = &run.passages[arrow.passage];
            assert!(arrow.bottom >= arrow.top);
            assert_eq!(arrow.reach < 1.0, passage.lost.is_some());
        }
        assert!(ladder.arrows.iter().any(|arrow| arrow.reach < 1.0), "the fixture loses a segment");
    }

    #[test]
    fn only_what_touches_the_window_is_drawn() {
        let run = Run::new(fixture::sticky());
        let ladder = lay(&run);
        let (bars, arrows) = ladder.visible(0.0, f64::MAX);
        assert_eq!((bars.len(), arrows.len()), (ladder.bars.len(), ladder.arrows.len()));
        let (bars, arrows) = ladder.visible(100.0, 160.0);
        let brute = ladder.bars.iter().filter(|bar| bar.top <= 160.0 && bar.bottom >= 100.0).count();
        assert_eq!(bars.len(), brute);
        assert!(arrows.iter().all(|arrow| arrow.top <= 160.0 && arrow.bottom >= 100.0));
    }

    #[test]
    fn without_a_wire_the_bytes_are_followed_from_call_to_call() {
        let mut trace = fixture::sticky();
        trace.header.observes.segments = false;
        let seen = lay(&Run::new(fixture::sticky()));
        assert!(seen.hops.is_empty(), "what was seen is not inferred");
        let run = Run::new(trace);
        let ladder = lay(&run);
        assert_eq!(ladder.hops.iter().map(|hop| hop.write).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        assert!(ladder.hops.iter().all(|hop| hop.top <= hop.bottom && hop.from != hop.to));
    }

    #[test]
    fn lifelines_keep_their_order_inside_the_picture() {
        for hosts in 1..=16 {
            let lines = lifelines(hosts, 360.0);
            assert_eq!(lines.len(), hosts);
            assert!(lines.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(lines.iter().all(|x| (0.0..=360.0).contains(x)));
        }
    }
}
