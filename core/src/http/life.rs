//! What two streams of messages, one in each direction, did to the connection: each step through its table, in the order in
//! which one follows from the other. Where one direction is not known, it does what the other needs. It knows no time.

use super::Persistence;
use super::connection::{Connection, Input, Misuse, Role, State, TABLE};
use super::report::{Message, Report, StartReport};
use serde::Serialize;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Which end acted.
    pub role: Role,
    /// What it did.
    pub input: Input,
    /// Which message of its direction, from 0.
    pub message: usize,
    /// Where the client stands afterwards.
    pub client: State,
    /// Where the server stands afterwards.
    pub server: State,
    /// Where the rule stands.
    pub section: &'static str,
    /// The rows of the connection's table that were taken, by their places: what was done, then what follows from it.
    pub rows: Vec<usize>,
    /// The table has no row for it, and nothing changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub misuse: Option<Misuse>,
}

/// The steps of a connection, from what was parsed in both directions: each request is answered by the responses that belong to it
/// before the next one counts.
pub fn steps(requests: Option<&Report>, responses: Option<&Report>) -> Vec<Step> {
    let mut walk = Walk { connection: Connection::new(), settled: Vec::new(), steps: Vec::new() };
    let asked = requests.map_or(&[][..], |report| &report.messages);
    let answered = responses.map_or(&[][..], |report| &report.messages);
    let mut answers = answered.iter().enumerate();
    for (number, request) in asked.iter().enumerate() {
        if request.upgrade {
            walk.settled.extend(walk.connection.asks_upgrade());
        }
        walk.message(Role::Client, Input::Request, number, request);
        if responses.is_none() && request.complete {
            walk.take(Role::Server, Input::Response, number);
            walk.take(Role::Server, Input::End, number);
        }
        for (number, answer) in answers.by_ref() {
            if walk.answer(number, answer) {
                break;
            }
        }
    }
    for (number, answer) in answers {
        // Where requests are known, what is left was refused and had none that could be parsed.
        if requests.is_none() && !matches!(answer.start, StartReport::Response { status: 100 | 102..200, .. }) {
            walk.take(Role::Client, Input::Request, number);
            walk.take(Role::Client, Input::End, number);
        }
        walk.answer(number, answer);
    }
    for role in [Role::Server, Role::Client] {
        if walk.connection.state(role) == State::MustClose {
            walk.take(role, Input::Close, asked.len().max(answered.len()).saturating_sub(1));
        }
    }
    walk.steps
}

struct Walk {
    connection: Connection,
    /// Rows that were taken by what a message says of its connection; they belong to the step that follows.
    settled: Vec<usize>,
    steps: Vec<Step>,
}

impl Walk {
    fn take(&mut self, role: Role, input: Input, message: usize) {
        let taken = match input {
            Input::UpgradeGranted => self.connection.grant_upgrade(),
            _ => self.connection.sends(role, input),
        };
        let misuse = taken.as_ref().err().copied();
        let taken = taken.unwrap_or_default();
        let section =
            taken.iter().find(|row| TABLE[**row].role == role).map_or("RFC 9112, 9", |row| TABLE[*row].section);
        let rows = self.settled.drain(..).chain(taken).collect();
        let (client, server) = (self.connection.state(Role::Client), self.connection.state(Role::Server));
        self.steps.push(Step { role, input, message, client, server, section, rows, misuse });
    }

    fn message(&mut self, role: Role, head: Input, number: usize, message: &Message) {
        if message.persistence == Persistence::Close {
            self.settled.extend(self.connection.will_close());
        }
        self.take(role, head, number);
        if message.content_length > 0 {
            self.take(role, Input::Content, number);
        }
        if message.complete {
            self.take(role, Input::End, number);
        }
    }

    /// Takes one answer; whether it was the last to its request.
    fn answer(&mut self, number: usize, answer: &Message) -> bool {
        let StartReport::Response { status, .. } = answer.start else { return true };
        if answer.framing.by == "tunnel" {
            self.take(Role::Server, Input::UpgradeGranted, number);
        } else if status < 200 {
            self.take(Role::Server, Input::Interim, number);
            return false;
        } else {
            self.message(Role::Server, Input::Response, number, answer);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::Role as Direction;
    use super::super::report::{Options, report};
    use super::*;

    const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";

    fn requests(text: &str) -> Report {
        report(text.as_bytes(), &Options { role: Some(Direction::Request), ..Options::default() })
    }

    fn responses(text: &str, answers: &[&str]) -> Report {
        let answers = answers.iter().map(|method| (*method).to_owned()).collect();
        report(text.as_bytes(), &Options { role: Some(Direction::Response), answers, ..Options::default() })
    }

    /// Every step that is allowed takes the row of what was done, and rows lead to where the ends then stand.
    fn walked(asked: Option<&Report>, answered: Option<&Report>) -> Vec<Step> {
        let steps = steps(asked, answered);
        let mut stands = [State::Idle, State::Idle];
        for step in &steps {
            assert_eq!(step.misuse.is_some(), step.rows.is_empty(), "{step:?}");
            assert!(step.misuse.is_some() || step.rows.iter().any(|row| TABLE[*row].input == step.input), "{step:?}");
            for row in step.rows.iter().map(|row| TABLE[*row]) {
                let stand = &mut stands[usize::from(row.role == Role::Server)];
                assert_eq!(row.from, *stand, "{step:?}");
                *stand = row.to;
            }
            assert_eq!(stands, [step.client, step.server], "{step:?}");
        }
        steps
    }

    fn both(asked: &str, answered: &str, answers: &[&str]) -> Vec<Step> {
        walked(Some(&requests(asked)), Some(&responses(answered, answers)))
    }

    fn end(steps: &[Step]) -> (State, State) {
        steps.last().map(|step| (step.client, step.server)).unwrap()
    }

    #[test]
    fn an_exchange_ends_where_it_began_or_at_the_end() {
        let twice = both(&GET.repeat(2), &OK.repeat(2), &["GET", "GET"]);
        assert_eq!(
            (twice.len(), end(&twice[..5]), end(&twice)),
            (10, (State::Idle, State::Idle), (State::Idle, State::Idle))
        );
        assert!(twice[4].rows.iter().any(|row| TABLE[*row].input == Input::Next));
        let close = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let once = both(close, OK, &["GET"]);
        assert_eq!(
            (end(&once[..5]), end(&once)),
            ((State::MustClose, State::MustClose), (State::Closed, State::Closed))
        );
        let answered = both(GET, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", &["GET"]);
        assert_eq!(end(&answered), (State::Closed, State::Closed));
    }

    #[test]
    fn interim_answers_tunnels_and_refusals_have_their_steps() {
        let post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx";
        let interim = both(post, &format!("HTTP/1.1 100 Continue\r\n\r\n{OK}"), &["POST"]);
        use Input::*;
        let inputs: Vec<Input> = interim.iter().map(|step| step.input).collect();
        assert_eq!(inputs, [Request, Content, End, Interim, Response, Content, End]);
        let connect = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n";
        assert_eq!(end(&both(connect, "HTTP/1.1 200 OK\r\n\r\n", &["CONNECT"])), (State::Switched, State::Switched));
        let no = both(connect, "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n", &["CONNECT"]);
        assert_eq!(end(&no), (State::Idle, State::Idle));
        let refused = both("bad\r\n", "HTTP/1.1 400 Bad\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", &[]);
        assert_eq!((refused[0].input, refused.last().unwrap().server), (Response, State::Closed));
    }

    #[test]
    fn one_direction_alone_is_walked_with_what_the_other_must_have_done() {
        let last = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let asked = walked(Some(&requests(&format!("{GET}{last}"))), None);
        assert_eq!(end(&asked), (State::Closed, State::Closed));
        let answered = walked(None, Some(&responses(OK, &[])));
        assert_eq!(end(&answered), (State::Idle, State::Idle));
    }

    #[test]
    fn what_the_table_does_not_allow_is_said_and_changes_nothing() {
        let steps = walked(None, Some(&responses("HTTP/1.1 100 Continue\r\n\r\n", &[])));
        assert_eq!(
            (steps[0].misuse.map(|it| it.input), end(&steps)),
            (Some(Input::Interim), (State::Idle, State::Idle))
        );
    }
}
