//! The life of an HTTP/1.1 connection as a table: who may send what, and when it goes on, ends or stops being HTTP
//! (RFC 9112, 9). It moves no bytes.

use serde::Serialize;
use thiserror::Error;

/// One of the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sends requests.
    Client,
    /// Sends responses.
    Server,
}

/// Where one end stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing of this exchange has been sent.
    #[default]
    Idle,
    /// The server has a request to answer.
    Responding,
    /// A head has been sent, its message is not complete.
    Sending,
    /// The message is complete.
    Done,
    /// The request is complete and asked for another protocol; the answer decides.
    MightSwitch,
    /// The message is complete and was the last one.
    MustClose,
    /// This end will send nothing more.
    Closed,
    /// What follows is no HTTP.
    Switched,
}

/// What happens: what an end sends, or what follows from what both have sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// The client sends the head of a request.
    Request,
    /// The server sends the head of an interim response, 1xx.
    Interim,
    /// The server sends the head of a final response.
    Response,
    /// The end sends content.
    Content,
    /// The end completes its message.
    End,
    /// The end closes its direction.
    Close,
    /// Follows: the message said that the connection ends with it.
    Last,
    /// Follows: the request asked for another protocol.
    UpgradeAsked,
    /// Follows: the server agreed (101, or 2xx to CONNECT).
    UpgradeGranted,
    /// Follows: the server answered in HTTP.
    UpgradeRefused,
    /// Follows: both ends are done, and the connection goes on.
    Next,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Whose state changes.
    pub role: Role,
    /// From.
    pub from: State,
    /// On.
    pub input: Input,
    /// To.
    pub to: State,
    /// Where the rule stands.
    pub section: &'static str,
}

const fn row(role: Role, from: State, input: Input, to: State, section: &'static str) -> Side {
    Side { role, from, input, to, section }
}

/// Every change of state there is; what has no row is a misuse.
pub const TABLE: &[Side] = {
    use Input::*;
    use Role::*;
    use State::*;
    &[
        row(Client, Idle, Request, Sending, "RFC 9112, 2.1"),
        row(Client, Sending, Content, Sending, "RFC 9112, 6"),
        row(Client, Sending, End, Done, "RFC 9112, 6"),
        row(Client, Done, UpgradeAsked, MightSwitch, "RFC 9110, 7.8"),
        row(Client, MightSwitch, UpgradeGranted, Switched, "RFC 9110, 7.8"),
        row(Client, MightSwitch, UpgradeRefused, Done, "RFC 9110, 7.8"),
        row(Client, Done, Last, MustClose, "RFC 9112, 9.6"),
        row(Client, Done, Next, Idle, "RFC 9112, 9.3"),
        row(Client, Idle, Close, Closed, "RFC 9112, 9.5"),
        row(Client, Done, Close, Closed, "RFC 9112, 9.6"),
        row(Client, MustClose, Close, Closed, "RFC 9112, 9.6"),
        row(Client, Closed, Close, Closed, "RFC 9112, 9.6"),
        row(Server, Idle, Request, Responding, "RFC 9112, 9.2"),
        row(Server, Responding, Interim, Responding, "RFC 9110, 15.2"),
        row(Server, Responding, Response, Sending, "RFC 9112, 2.1"),
        // An error, such as 408 or 400, may come before any request.
        row(Server, Idle, Response, Sending, "RFC 9110, 15.5.9"),
        row(Server, Sending, Content, Sending, "RFC 9112, 6"),
        row(Server, Sending, End, Done, "RFC 9112, 6"),
        row(Server, Responding, UpgradeGranted, Switched, "RFC 9110, 15.2.2"),
        row(Server, Sending, UpgradeGranted, Switched, "RFC 9110, 9.3.6"),
        row(Server, Done, Last, MustClose, "RFC 9112, 9.6"),
        row(Server, Done, Next, Idle, "RFC 9112, 9.3"),
        row(Server, Idle, Close, Closed, "RFC 9112, 9.5"),
        row(Server, Done, Close, Closed, "RFC 9112, 9.6"),
        row(Server, MustClose, Close, Closed, "RFC 9112, 9.6"),
        row(Server, Closed, Close, Closed, "RFC 9112, 9.6"),
    ]
};

/// Something was sent that this state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize)]
#[error("the {role:?} cannot send {input:?} while it is {state:?}")]
pub struct Misuse {
    /// Who.
    pub role: Role,
    /// Its state.
    pub state: State,
    /// What it sent.
    pub input: Input,
}

/// Both ends of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Connection {
    client: State,
    server: State,
    upgrade_asked: bool,
    last: bool,
}

impl Connection {
    /// A connection before its first request.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where an end stands.
    pub fn state(&self, role: Role) -> State {
        match role {
            Role::Client => self.client,
            Role::Server => self.server,
        }
    }

    /// The message that is being sent is the last one: it says `Connection: close`, or is HTTP/1.0 without keep-alive.
    /// Answers the rows that this takes, by their places in [`TABLE`].
    pub fn will_close(&mut self) -> Vec<usize> {
        self.last = true;
        let mut rows = Vec::new();
        self.settle(&mut rows);
        rows
    }

    /// The request that is being sent asks for another protocol. Answers the rows that this takes.
    pub fn asks_upgrade(&mut self) -> Vec<usize> {
        self.upgrade_asked = true;
        let mut rows = Vec::new();
        self.settle(&mut rows);
        rows
    }

    /// The server agrees to change the protocol, with 101 or with 2xx to CONNECT. Answers the rows that this takes.
    ///
    /// # Errors
    ///
    /// Nobody asked, or the request is not complete.
    pub fn grant_upgrade(&mut self) -> Result<Vec<usize>, Misuse> {
        let mut rows = Vec::new();
        self.change(Role::Client, Input::UpgradeGranted, &mut rows)?;
        self.change(Role::Server, Input::UpgradeGranted, &mut rows)?;
        Ok(rows)
    }

    /// An end sends something. Answers the rows that this takes, by their places in [`TABLE`]: what was sent first, then what
    /// follows from it.
    ///
    /// # Errors
    ///
    /// Its state does not allow that; nothing changes.
    pub fn sends(&mut self, role: Role, input: Input) -> Result<Vec<usize>, Misuse> {
        let mut rows = Vec::new();
        self.change(role, input, &mut rows)?;
        match (role, input) {
            (Role::Client, Input::Request) => self.change(Role::Server, Input::Request, &mut rows)?,
            (Role::Server, Input::Response) if self.client == State::MightSwitch => {
                self.change(Role::Client, Input::UpgradeRefused, &mut rows)?;
                self.upgrade_asked = false;
            }
            _ => {}
        }
        self.settle(&mut rows);
        Ok(rows)
    }

    fn change(&mut self, role: Role, input: Input, rows: &mut Vec<usize>) -> Result<(), Misuse> {
        let from = self.state(role);
        let row = TABLE.iter().position(|row| (row.role, row.from, row.input) == (role, from, input));
        let row = row.ok_or(Misuse { role, state: from, input })?;
        match role {
            Role::Client => self.client = TABLE[row].to,
            Role::Server => self.server = TABLE[row].to,
        }
        rows.push(row);
        Ok(())
    }

    /// Whatever follows from what both ends have sent.
    fn settle(&mut self, rows: &mut Vec<usize>) {
        if self.upgrade_asked && self.client == State::Done && self.server == State::Responding {
            // The table has the row, so this cannot fail.
            let _ = self.change(Role::Client, Input::UpgradeAsked, rows);
        }
        if self.last {
            for role in [Role::Client, Role::Server] {
                if self.state(role) == State::Done {
                    let _ = self.change(role, Input::Last, rows);
                }
            }
        } else if self.client == State::Done && self.server == State::Done {
            let _ = self.change(Role::Client, Input::Next, rows);
            let _ = self.change(Role::Server, Input::Next, rows);
            self.upgrade_asked = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(connection: &mut Connection) {
        connection.sends(Role::Client, Input::Request).unwrap();
        connection.sends(Role::Client, Input::End).unwrap();
        connection.sends(Role::Server, Input::Response).unwrap();
        connection.sends(Role::Server, Input::Content).unwrap();
        connection.sends(Role::Server, Input::End).unwrap();
    }

    #[test]
    fn a_connection_goes_on_after_an_exchange() {
        let mut connection = Connection::new();
        exchange(&mut connection);
        assert_eq!(connection, Connection::new());
        exchange(&mut connection);
    }

    #[test]
    fn the_last_message_is_the_last() {
        let mut connection = Connection::new();
        connection.will_close();
        exchange(&mut connection);
        assert_eq!(connection.state(Role::Server), State::MustClose);
        let refused = connection.sends(Role::Client, Input::Request).unwrap_err();
        assert_eq!(refused, Misuse { role: Role::Client, state: State::MustClose, input: Input::Request });
        connection.sends(Role::Client, Input::Close).unwrap();
        assert_eq!(connection.state(Role::Client), State::Closed);
    }

    #[test]
    fn a_response_may_begin_before_the_request_is_complete() {
        let mut connection = Connection::new();
        connection.sends(Role::Client, Input::Request).unwrap();
        connection.sends(Role::Server, Input::Interim).unwrap();
        connection.sends(Role::Server, Input::Response).unwrap();
        connection.sends(Role::Client, Input::Content).unwrap();
        connection.sends(Role::Server, Input::End).unwrap();
        connection.sends(Role::Client, Input::End).unwrap();
        assert_eq!(connection.state(Role::Client), State::Idle);
    }

    #[test]
    fn an_upgrade_waits_for_its_answer() {
        let asked = || {
            let mut connection = Connection::new();
            connection.asks_upgrade();
            connection.sends(Role::Client, Input::Request).unwrap();
            connection.sends(Role::Client, Input::End).unwrap();
            assert_eq!(connection.state(Role::Client), State::MightSwitch);
            connection
        };
        let mut granted = asked();
        granted.grant_upgrade().unwrap();
        assert_eq!((granted.state(Role::Client), granted.state(Role::Server)), (State::Switched, State::Switched));
        let mut refused = asked();
        refused.sends(Role::Server, Input::Response).unwrap();
        refused.sends(Role::Server, Input::End).unwrap();
        assert_eq!(refused, Connection::new());
    }

    #[test]
    fn content_without_a_head_is_a_misuse() {
        assert!(Connection::new().sends(Role::Client, Input::Content).is_err());
        assert!(Connection::new().sends(Role::Server, Input::Interim).is_err());
        assert!(Connection::new().grant_upgrade().is_err());
    }

    #[test]
    fn no_two_rows_begin_alike() {
        for (index, row) in TABLE.iter().enumerate() {
            let alike = |other: &&Side| (other.role, other.from, other.input) == (row.role, row.from, row.input);
            assert!(!TABLE[..index].iter().any(|other| alike(&other)), "{row:?}");
        }
    }
}
