//! What two streams of messages, one in each direction, did to the connection: each step through its table, in the order in
//! which one follows from the other. It knows no time.

use super::Persistence;
use super::connection::{Connection, Input, Role, State, TABLE};
use super::report::{Message, Report, StartReport};
use serde::Serialize;

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
}

/// The steps of a connection, from what was parsed in both directions.
pub fn steps(requests: &Report, responses: &Report) -> Vec<Step> {
    let mut walk = Walk { connection: Connection::new(), steps: Vec::new() };
    let mut answers = responses.messages.iter().enumerate();
    for (number, request) in requests.messages.iter().enumerate() {
        if request.persistence == Persistence::Close {
            walk.connection.will_close();
        }
        if request.upgrade {
            walk.connection.asks_upgrade();
        }
        if !walk.take(Role::Client, Input::Request, number) {
            return walk.steps;
        }
        if request.content_length > 0 {
            walk.take(Role::Client, Input::Content, number);
        }
        if request.complete {
            walk.take(Role::Client, Input::End, number);
        }
        for (number, answer) in answers.by_ref() {
            if !walk.answer(number, answer) {
                break;
            }
        }
    }
    // What was refused had no request that could be parsed.
    for (number, answer) in answers {
        walk.answer(number, answer);
    }
    walk.steps
}

struct Walk {
    connection: Connection,
    steps: Vec<Step>,
}

impl Walk {
    fn take(&mut self, role: Role, input: Input, message: usize) -> bool {
        let from = self.connection.state(role);
        let taken = match input {
            Input::UpgradeGranted => self.connection.grant_upgrade(),
            _ => self.connection.sends(role, input),
        };
        if taken.is_ok() {
            let row = TABLE.iter().find(|row| (row.role, row.from, row.input) == (role, from, input));
            let (client, server) = (self.connection.state(Role::Client), self.connection.state(Role::Server));
            let section = row.map_or("RFC 9112, 9", |row| row.section);
            self.steps.push(Step { role, input, message, client, server, section });
        }
        taken.is_ok()
    }

    /// Takes one answer; whether another to the same request follows.
    fn answer(&mut self, number: usize, answer: &Message) -> bool {
        let StartReport::Response { status, .. } = answer.start else { return false };
        if answer.framing.by == "tunnel" {
            self.take(Role::Server, Input::UpgradeGranted, number);
            return false;
        }
        if status < 200 {
            self.take(Role::Server, Input::Interim, number);
            return true;
        }
        if answer.persistence == Persistence::Close {
            self.connection.will_close();
        }
        self.take(Role::Server, Input::Response, number);
        if answer.content_length > 0 {
            self.take(Role::Server, Input::Content, number);
        }
        if answer.complete {
            self.take(Role::Server, Input::End, number);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::Role as Direction;
    use super::super::report::{Options, report};
    use super::*;

    fn walked(requests: &str, responses: &str, answers: &[&str]) -> Vec<(Role, Input, State, State)> {
        let answers = answers.iter().map(|method| (*method).to_owned()).collect();
        let requests = report(requests.as_bytes(), &Options { role: Some(Direction::Request), ..Options::default() });
        let options = Options { role: Some(Direction::Response), answers, ..Options::default() };
        let responses = report(responses.as_bytes(), &options);
        steps(&requests, &responses).iter().map(|step| (step.role, step.input, step.client, step.server)).collect()
    }

    #[test]
    fn an_exchange_ends_where_it_began_or_at_the_end() {
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
        let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        let twice = walked(&get.repeat(2), &ok.repeat(2), &["GET", "GET"]);
        assert_eq!(twice.len(), 10);
        assert_eq!((twice[4].2, twice[4].3), (State::Idle, State::Idle));
        let last = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let once = walked(last, ok, &["GET"]);
        assert_eq!((once[4].2, once[4].3), (State::MustClose, State::MustClose));
    }

    #[test]
    fn interim_answers_tunnels_and_refusals_have_their_steps() {
        let post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx";
        let interim = walked(post, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", &["POST"]);
        assert!(interim.iter().any(|step| step.1 == Input::Interim));
        let connect = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n";
        let tunnel = walked(connect, "HTTP/1.1 200 OK\r\n\r\n", &["CONNECT"]);
        assert_eq!(tunnel.last().map(|step| (step.2, step.3)), Some((State::Switched, State::Switched)));
        let refused = walked("bad", "HTTP/1.1 400 Bad\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", &[]);
        assert_eq!(refused.last().map(|step| step.3), Some(State::MustClose));
    }
}
