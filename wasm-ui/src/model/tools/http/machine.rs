//! The life of a connection as steps: messages in, and for each the rows of core's table that it takes. Where the states
//! stand in the picture is here too; it draws nothing.

use sockscope_core::http::report::{Message, Report, StartReport};
use sockscope_core::http::{
    Connection, ConnectionInput as Input, ConnectionRole as Side, ConnectionState as State, Misuse, Persistence,
    Side as Row, TABLE,
};

/// One step of the connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Who did something.
    pub who: Side,
    /// What.
    pub input: Input,
    /// The message it belongs to: place in the requests or in the responses.
    pub message: usize,
    /// The client's state afterwards, and the server's.
    pub states: [State; 2],
    /// Rows of [`TABLE`] that were taken, by their place.
    pub rows: Vec<usize>,
    /// The table has no row for it.
    pub misuse: Option<Misuse>,
}

/// The steps that `requests` and `responses` take on one connection: each request is answered by the responses that
/// belong to it before the next one counts. Where one side is not known, it does what the other needs.
pub fn steps(requests: Option<&Report>, responses: Option<&Report>) -> Vec<Step> {
    let none = Vec::new();
    let asked = requests.map_or(&none, |report| &report.messages);
    let answered = responses.map_or(&none, |report| &report.messages);
    let mut walk = Walk { connection: Connection::new(), steps: Vec::new() };
    let mut next = 0;
    for (place, message) in asked.iter().enumerate() {
        if message.persistence == Persistence::Close {
            walk.connection.will_close();
        }
        if is_connect(message) || message.upgrade {
            walk.connection.asks_upgrade();
        }
        walk.message(Side::Client, Input::Request, place, message);
        if !message.complete {
            break;
        }
        if responses.is_none() {
            walk.act(Side::Server, Input::Response, place);
            walk.act(Side::Server, Input::End, place);
        }
        while let Some(response) = answered.get(next) {
            next += 1;
            if walk.answer(next - 1, response, Some(message)) {
                break;
            }
        }
    }
    // Responses to which nobody knows the requests.
    for (place, response) in answered.iter().enumerate().skip(next) {
        if requests.is_none() && final_status(response) {
            walk.act(Side::Client, Input::Request, place);
            walk.act(Side::Client, Input::End, place);
        }
        walk.answer(place, response, None);
    }
    let closes = |state: State| matches!(state, State::MustClose);
    for side in [Side::Server, Side::Client] {
        if closes(walk.connection.state(side)) {
            walk.act(side, Input::Close, asked.len().max(answered.len()).saturating_sub(1));
        }
    }
    walk.steps
}

fn status(message: &Message) -> u16 {
    match &message.start {
        StartReport::Response { status, .. } => *status,
        StartReport::Request { .. } => 0,
    }
}

fn final_status(message: &Message) -> bool {
    status(message) >= 200 || status(message) == 101
}

fn is_connect(message: &Message) -> bool {
    matches!(&message.start, StartReport::Request { method, .. } if method.text == "CONNECT")
}

struct Walk {
    connection: Connection,
    steps: Vec<Step>,
}

impl Walk {
    fn states(&self) -> [State; 2] {
        [self.connection.state(Side::Client), self.connection.state(Side::Server)]
    }

    fn act(&mut self, who: Side, input: Input, message: usize) {
        let before = self.connection;
        let misuse = match input {
            Input::UpgradeGranted => self.connection.grant_upgrade().err(),
            _ => self.connection.sends(who, input).err(),
        };
        let rows = rows(&before, &self.connection, who, input);
        self.steps.push(Step { who, input, message, states: self.states(), rows, misuse });
    }

    fn message(&mut self, who: Side, head: Input, place: usize, message: &Message) {
        self.act(who, head, place);
        if message.content_length > 0 {
            self.act(who, Input::Content, place);
        }
        if message.complete {
            self.act(who, Input::End, place);
        }
    }

    /// A response; whether it was the final one.
    fn answer(&mut self, place: usize, response: &Message, request: Option<&Message>) -> bool {
        let code = status(response);
        let granted = code == 101 || request.is_some_and(is_connect) && (200..300).contains(&code);
        if granted {
            self.act(Side::Server, Input::UpgradeGranted, place);
            return true;
        }
        if code < 200 {
            self.act(Side::Server, Input::Interim, place);
            return false;
        }
        if response.persistence == Persistence::Close {
            self.connection.will_close();
        }
        self.message(Side::Server, Input::Response, place, response);
        true
    }
}

/// The rows between two moments: the one that was asked for, and what followed from it.
fn rows(before: &Connection, after: &Connection, who: Side, input: Input) -> Vec<usize> {
    let mut rows = Vec::new();
    for side in [Side::Client, Side::Server] {
        let (mut at, end) = (before.state(side), after.state(side));
        let direct =
            |at: State, input: Input| TABLE.iter().position(|row| (row.role, row.from, row.input) == (side, at, input));
        let asked = side == who || matches!(input, Input::Request | Input::UpgradeGranted);
        if asked && let Some(row) = direct(at, input) {
            rows.push(row);
            at = TABLE[row].to;
        }
        // What follows leads from where it is to where it ended, in at most three rows.
        for _ in 0..3 {
            if at == end {
                break;
            }
            let follows = [Input::UpgradeRefused, Input::UpgradeAsked, Input::Last, Input::Next];
            let Some(row) = follows.into_iter().filter_map(|input| direct(at, input)).find(|&row| leads(row, end))
            else {
                break;
            };
            rows.push(row);
            at = TABLE[row].to;
        }
    }
    rows
}

/// Whether a row ends in `end`, or one that follows it does.
fn leads(row: usize, end: State) -> bool {
    let to = TABLE[row].to;
    to == end
        || TABLE
            .iter()
            .any(|next| next.role == TABLE[row].role && next.from == to && next.to == end && follows(next.input))
}

fn follows(input: Input) -> bool {
    matches!(input, Input::Last | Input::UpgradeAsked | Input::UpgradeRefused | Input::Next)
}

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
    use sockscope_core::http::Role;
    use sockscope_core::http::report::{Options, report};

    fn requests(text: &str) -> Report {
        report(text.as_bytes(), &Options { role: Some(Role::Request), ..Options::default() })
    }

    fn responses(text: &str, answers: &[&str]) -> Report {
        let answers = answers.iter().map(|method| (*method).to_owned()).collect();
        report(text.as_bytes(), &Options { role: Some(Role::Response), answers, ..Options::default() })
    }

    #[test]
    fn an_exchange_walks_rows_of_the_table_only_and_comes_back() {
        let asked = requests("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
        let answered =
            responses("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", &["POST"]);
        let steps = steps(Some(&asked), Some(&answered));
        let inputs: Vec<Input> = steps.iter().map(|step| step.input).collect();
        use Input::*;
        assert_eq!(inputs, [Request, Content, End, Interim, Response, Content, End]);
        assert!(steps.iter().all(|step| step.misuse.is_none() && !step.rows.is_empty()), "{steps:#?}");
        assert_eq!(steps.last().unwrap().states, [State::Idle, State::Idle]);
        let last = &steps.last().unwrap().rows;
        assert!(last.iter().any(|&row| TABLE[row].input == Next), "{last:?}");
    }

    #[test]
    fn close_ends_both_sides() {
        let asked = requests("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answered = responses("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", &["GET"]);
        let steps = steps(Some(&asked), Some(&answered));
        assert_eq!(steps.last().unwrap().states, [State::Closed, State::Closed]);
        assert!(steps.iter().all(|step| step.misuse.is_none()), "{steps:#?}");
    }

    #[test]
    fn connect_becomes_a_tunnel_and_a_refusal_stays_http() {
        let asked = requests("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n");
        let granted = steps(Some(&asked), Some(&responses("HTTP/1.1 200 OK\r\n\r\n", &["CONNECT"])));
        assert_eq!(granted.last().unwrap().states, [State::Switched, State::Switched], "{granted:#?}");
        let answer = "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n";
        let refused = steps(Some(&asked), Some(&responses(answer, &["CONNECT"])));
        assert_eq!(refused.last().unwrap().states, [State::Idle, State::Idle], "{refused:#?}");
    }

    #[test]
    fn responses_alone_are_walked_too() {
        let steps = steps(None, Some(&responses("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", &[])));
        assert!(steps.iter().all(|step| step.misuse.is_none()), "{steps:#?}");
        assert_eq!(steps.last().unwrap().states, [State::Idle, State::Idle]);
    }

    #[test]
    fn requests_alone_are_answered_one_by_one() {
        let asked = requests("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let steps = steps(Some(&asked), None);
        assert!(steps.iter().all(|step| step.misuse.is_none() && !step.rows.is_empty()), "{steps:#?}");
        assert_eq!(steps.last().unwrap().states, [State::Closed, State::Closed]);
    }

    #[test]
    fn a_refusal_comes_before_any_request() {
        let answer = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        let steps = steps(Some(&requests("bad\r\n")), Some(&responses(answer, &[])));
        assert_eq!(steps[0].input, Input::Response);
        assert!(steps.iter().all(|step| step.misuse.is_none()), "{steps:#?}");
    }

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
