//! The picture of the connection's table: where its states stand and how its arrows run. The table and the steps through it are
//! core's; it draws nothing.

use sockscope_core::http::{ConnectionRole as Side, ConnectionState as State, Side as Row, TABLE};

/// The word of a state, an input or a side, as in JSON and in keys of texts.
pub fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The states of one side that the table names, in the order of a life.
pub fn states(side: Side) -> Vec<State> {
    let order = [
        State::Idle,
        State::Responding,
        State::Sending,
        State::Done,
        State::MightSwitch,
        State::Switched,
        State::MustClose,
        State::Closed,
    ];
    let named = |state: &State| TABLE.iter().any(|row| row.role == side && (row.from == *state || row.to == *state));
    order.into_iter().filter(named).collect()
}

/// Where a state stands in the picture: column and row of a grid of three columns and five rows.
pub fn place(side: Side, state: State) -> (u32, u32) {
    match (side, state) {
        (_, State::Idle) => (1, 0),
        (_, State::Responding) => (1, 1),
        (Side::Client, State::Sending) => (1, 1),
        (Side::Server, State::Sending) => (1, 2),
        (Side::Client, State::Done) => (1, 2),
        (Side::Server, State::Done) => (1, 3),
        (_, State::MightSwitch) => (0, 3),
        (Side::Client, State::Switched) => (0, 4),
        (Side::Server, State::Switched) => (0, 3),
        (_, State::MustClose) => (1, 4),
        (_, State::Closed) => (2, 3),
    }
}

/// An arrow of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// As SVG writes paths.
    pub path: String,
    /// Where its name stands.
    pub label: (f64, f64),
    /// Which end of its name stands there.
    pub anchor: &'static str,
}

/// The arrow of a row between two boxes of `size` with these centres.
pub fn edge(side: Side, row: &Row, from: (f64, f64), to: (f64, f64), size: (f64, f64)) -> Edge {
    let (wide, high) = (size.0 / 2.0, size.1 / 2.0);
    if row.from == row.to {
        // Beside the box, out and in again.
        let (x, y) = (from.0 + wide, from.1);
        return Edge {
            path: format!(
                "M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
                x,
                y - 7.0,
                x + 30.0,
                y - 18.0,
                x + 30.0,
                y + 18.0,
                x,
                y + 7.0
            ),
            label: (x + 26.0, y + 4.0),
            anchor: "start",
        };
    }
    let bend = bend(side, row);
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy).max(1.0);
    let middle = ((from.0 + to.0) / 2.0 - dy / length * bend, (from.1 + to.1) / 2.0 + dx / length * bend);
    let start = border(from, middle, wide, high);
    let end = border(to, middle, wide + 2.0, high + 2.0);
    // A quadratic curve passes half way between its control point and the middle of its chord.
    let label = ((start.0 + end.0) / 4.0 + middle.0 / 2.0, (start.1 + end.1) / 4.0 + middle.1 / 2.0 + 4.0);
    let path = format!("M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}", start.0, start.1, middle.0, middle.1, end.0, end.1);
    Edge { path, label, anchor: "middle" }
}

/// Where the way from a box's centre to a point leaves the box.
fn border(centre: (f64, f64), toward: (f64, f64), wide: f64, high: f64) -> (f64, f64) {
    let (dx, dy) = (toward.0 - centre.0, toward.1 - centre.1);
    let scale = (wide / dx.abs().max(0.001)).min(high / dy.abs().max(0.001)).min(1.0);
    (centre.0 + dx * scale, centre.1 + dy * scale)
}

/// How far an arrow swings aside, to the left of its way, so that it crosses no box and no other arrow.
fn bend(side: Side, row: &Row) -> f64 {
    match (side, row.from, row.to) {
        (Side::Client, State::Done, State::Idle) => -190.0,
        (Side::Client, State::Idle, State::Closed) => -120.0,
        (Side::Client, State::Done, State::MightSwitch) => 28.0,
        (Side::Client, State::MightSwitch, State::Done) => 28.0,
        (Side::Server, State::Done, State::Idle) => 260.0,
        (Side::Server, State::Idle, State::Closed) => -250.0,
        (Side::Server, State::Idle, State::Sending) => 230.0,
        (Side::Server, State::Responding, State::Switched) => 80.0,
        (Side::Server, State::Sending, State::Switched) => 24.0,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_states_of_a_side_stand_in_one_place() {
        for side in [Side::Client, Side::Server] {
            let mut places: Vec<_> = states(side).into_iter().map(|state| place(side, state)).collect();
            let count = places.len();
            places.sort();
            places.dedup();
            assert_eq!(places.len(), count);
        }
    }
}
