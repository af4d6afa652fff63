//! The time axis of the ladder: where each event lies, in pixels. Time runs down to scale; idle stretches are folded;
//! where many things happen within microseconds the axis is magnified so that each can be read. Both are marked.

use super::run::Run;

/// Height of one line of text on the ladder.
pub const ROW: f64 = 19.0;
/// Distance of two arrows that leave the same host.
const ARROW_ROW: f64 = 19.0;
/// Distance of two arrows that reach the same host.
const ARRIVAL: f64 = 7.0;
/// A stretch that would be longer than this is folded, if nothing is on the wire.
const FOLD_OVER: f64 = 96.0;
/// What a folded stretch takes.
const FOLDED: f64 = 40.0;
/// A stretch with something on the wire is never longer than this.
const LONGEST: f64 = 260.0;
/// How far an arrow of median delay falls.
const MEDIAN_FALL: f64 = 72.0;

/// How a stretch of the axis is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// To scale.
    Scale,
    /// Longer than to scale.
    Magnified,
    /// Much shorter than to scale.
    Folded,
}

/// Where events lie.
#[derive(Debug, Default)]
pub struct Axis {
    /// Pixel of each event, never decreasing.
    pub y: Vec<f64>,
    /// Top, bottom, kind and length in microseconds of every stretch, in order.
    pub stretches: Vec<(f64, f64, Stretch, u64)>,
    /// Pixel and event of every label of the ruler.
    pub ticks: Vec<(f64, usize)>,
    /// Pixels in all.
    pub height: f64,
    /// Pixels per microsecond where the axis is to scale.
    pub scale: f64,
}

/// What an event needs on the ladder.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Nothing is drawn for it.
    Nothing,
    /// A row of text beside a host's lifeline.
    Row(usize),
    /// The start of an arrow.
    Arrow(usize),
    /// The end of an arrow.
    Arrival(usize),
    /// A point that only has to be at or behind its moment.
    Point,
}

/// Lays out the axis of a run; `top` pixels stay free above the first event.
pub fn lay(run: &Run, top: f64) -> Axis {
    let count = run.len();
    let needs = needs(run);
    let scale = scale(run);
    let mut axis = Axis { y: Vec::with_capacity(count), scale, ..Axis::default() };
    let hosts = run.hosts.len();
    let mut last_row = vec![f64::NEG_INFINITY; hosts];
    let mut last_arrow = vec![f64::NEG_INFINITY; hosts];
    let mut last_arrival = vec![f64::NEG_INFINITY; hosts];
    // When the last frame now on the wire arrives.
    let mut wire_until = 0;
    let (mut y, mut time) = (top, run.trace.events.first().map_or(0, |event| event.time.as_micros()));
    let mut passages = run.passages.iter().collect::<Vec<_>>();
    passages.sort_by_key(|passage| passage.sent);
    let mut next_passage = passages.into_iter().peekable();
    let mut last_tick = f64::NEG_INFINITY;
    for (at, event) in run.trace.events.iter().enumerate() {
        let now = event.time.as_micros();
        let before = y;
        let passed = now.saturating_sub(time);
        let plain = passed as f64 * scale;
        let need = needs[at];
        // Events for which nothing is drawn leave the gap to the next that is.
        if need == Need::Nothing {
            axis.y.push(y);
            continue;
        }
        time = time.max(now);
        let busy = wire_until >= now;
        let mut kind = Stretch::Scale;
        let mut step = plain;
        if plain > FOLD_OVER && !busy {
            (step, kind) = (FOLDED, Stretch::Folded);
        } else if plain > LONGEST {
            (step, kind) = (LONGEST, Stretch::Folded);
        }
        y += step;
        let least = match need {
            Need::Row(host) => last_row[host] + ROW,
            Need::Arrow(host) => last_arrow[host] + ARROW_ROW,
            Need::Arrival(host) => last_arrival[host] + ARRIVAL,
            Need::Nothing | Need::Point => y,
        };
        if least > y {
            y = least;
            if kind == Stretch::Scale {
                kind = Stretch::Magnified;
            }
        }
        match need {
            Need::Row(host) => last_row[host] = y,
            Need::Arrow(host) => last_arrow[host] = y,
            Need::Arrival(host) => last_arrival[host] = y,
            Need::Nothing | Need::Point => {}
        }
        if y > before {
            match axis.stretches.last_mut() {
                Some((_, bottom, last, length)) if *last == kind && kind != Stretch::Folded => {
                    *bottom = y;
                    *length += passed;
                }
                _ => axis.stretches.push((before, y, kind, passed)),
            }
        }
        while let Some(passage) = next_passage.next_if(|passage| passage.sent <= at) {
            wire_until = wire_until.max(passage.arrival.map_or(0, |arrival| arrival.as_micros()));
        }
        if y - last_tick >= 58.0 {
            axis.ticks.push((y, at));
            last_tick = y;
        }
        axis.y.push(y);
    }
    axis.height = y + 48.0;
    axis
}

fn needs(run: &Run) -> Vec<Need> {
    let mut needs = vec![Need::Nothing; run.len()];
    for call in &run.calls {
        needs[call.begun] = Need::Row(call.host);
        if let Some(returned) = call.returned {
            needs[returned] = if call.blocked.is_some() { Need::Row(call.host) } else { Need::Point };
        }
    }
    for passage in &run.passages {
        if passage.to == Some(passage.from) {
            continue;
        }
        needs[passage.sent] = Need::Arrow(passage.from);
        if let Some(ended) = passage.ended.filter(|_| passage.lost.is_none()) {
            needs[ended] = passage.to.map_or(Need::Point, Need::Arrival);
        }
    }
    for host in 0..run.hosts.len() {
        if let Some(ended) = &run.hosts[host].ended {
            needs[ended.event] = Need::Row(host);
        }
    }
    if let Some(last) = needs.last_mut().filter(|last| **last == Need::Nothing) {
        *last = Need::Point;
    }
    needs
}

/// Pixels per microsecond, so that an arrow of median delay falls well; without arrows, so that the run fits a screen.
fn scale(run: &Run) -> f64 {
    let mut delays: Vec<u64> =
        run.passages.iter().filter_map(|passage| Some(passage.arrival?.since(passage.departure).as_micros())).collect();
    if delays.is_empty() {
        let total = run.time(usize::MAX).as_micros().max(1);
        return 480.0 / total as f64;
    }
    delays.sort_unstable();
    MEDIAN_FALL / (delays[delays.len() / 2].max(1) as f64)
}

impl Axis {
    /// Pixel of an event; the last for places behind it.
    pub fn at(&self, event: usize) -> f64 {
        self.y.get(event).or(self.y.last()).copied().unwrap_or(0.0)
    }

    /// The event that lies nearest above a pixel.
    pub fn event(&self, y: f64) -> usize {
        self.y.partition_point(|&at| at <= y).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn pixels_never_run_backward() {
        let run = Run::new(fixture::sticky());
        let axis = lay(&run, 10.0);
        assert_eq!(axis.y.len(), run.len());
        assert!(axis.y.windows(2).all(|pair| pair[0] <= pair[1]));
    }

    #[test]
    fn calls_of_one_host_have_a_row_each() {
        let run = Run::new(fixture::sticky());
        let axis = lay(&run, 10.0);
        for host in 0..run.hosts.len() {
            let rows: Vec<f64> = run.hosts[host].calls.iter().map(|&call| axis.at(run.calls[call].begun)).collect();
            assert!(rows.windows(2).all(|pair| pair[1] - pair[0] >= ROW - 0.01), "{rows:?}");
        }
    }

    #[test]
    fn an_idle_second_is_folded_and_says_how_long_it_was() {
        let run = Run::new(fixture::sticky());
        let axis = lay(&run, 10.0);
        let folded: Vec<_> = axis.stretches.iter().filter(|stretch| stretch.2 == Stretch::Folded).collect();
        assert!(folded.iter().any(|stretch| stretch.3 > 250_000), "the server sleeps: {folded:?}");
        assert!(folded.iter().all(|stretch| stretch.1 - stretch.0 <= LONGEST));
    }

    #[test]
    fn a_pixel_leads_back_to_its_event() {
        let run = Run::new(fixture::sticky());
        let axis = lay(&run, 10.0);
        let event = run.calls[3].begun;
        assert!(axis.at(axis.event(axis.at(event))) == axis.at(event));
    }
}
