//! What happened when requests were really sent: the API's answer, and what the bytes of both directions say. It opens no
//! connection.

use serde::Deserialize;
use serde_json::{Value, json};
use sockscope_core::http::Role;
use sockscope_core::http::report::{Options, Report, StartReport, report};
use sockscope_core::stream::{Data, Range};

/// The API's answer, as far as the page shows it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Answer {
    /// To be given again, so that the server finds what earlier requests have put.
    #[serde(default)]
    pub session: Option<String>,
    /// The client's address.
    pub client: String,
    /// The server's address.
    pub server: String,
    /// The requests as they were sent.
    pub requests: Vec<Sent>,
    /// What went to the server.
    pub to_server: Stream,
    /// What came to the client.
    pub to_client: Stream,
    /// The socket calls of both ends, in the order of time.
    pub calls: Vec<Call>,
    /// Which end closed its direction first.
    pub closed_by: Option<String>,
    /// Why it ended.
    pub ended: String,
    /// Microseconds from the first call to the last.
    pub elapsed: u64,
}

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Sent {
    /// Its method.
    pub method: Option<String>,
    /// The status of its final answer.
    pub status: Option<u16>,
    /// The same with curl.
    pub curl: Option<String>,
    /// Why curl cannot say it.
    pub no_curl: Option<String>,
    /// The very bytes with printf and nc.
    pub netcat: String,
}

/// The bytes of one direction.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Stream {
    /// The bytes.
    pub data: Data,
}

/// A socket call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Call {
    /// When it returned, in microseconds.
    pub at: u64,
    /// Whose: `client` or `server`.
    pub end: String,
    /// Which.
    pub call: String,
    /// How many bytes it moved.
    #[serde(default)]
    pub size: Option<usize>,
    /// Which bytes.
    #[serde(default)]
    pub range: Option<Range>,
}

/// An exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// What the API answered.
    pub answer: Answer,
    /// What was sent.
    pub requests: Report,
    /// What came back.
    pub responses: Report,
    /// The methods that the responses answer.
    pub answers: Vec<String>,
    /// Whether the server has ended its direction.
    pub ended: bool,
}

impl Exchange {
    /// Reads the API's answer.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Exchange, String> {
        serde_json::from_str(text).map(Exchange::new).map_err(|error| error.to_string())
    }

    fn new(answer: Answer) -> Exchange {
        let requests = report(&answer.to_server.data, &Options { role: Some(Role::Request), ..Options::default() });
        let method = |start: &StartReport| match start {
            StartReport::Request { method, .. } => method.text.clone(),
            StartReport::Response { .. } => String::new(),
        };
        let answers: Vec<String> = requests.messages.iter().map(|message| method(&message.start)).collect();
        let ended = answer.calls.iter().any(|call| call.end == "client" && call.call == "recv" && call.size == Some(0));
        let options =
            Options { role: Some(Role::Response), answers: answers.clone(), eof: ended, ..Options::default() };
        let responses = report(&answer.to_client.data, &options);
        Exchange { answer, requests, responses, answers, ended }
    }
}

/// How requests are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Series {
    /// Once.
    #[default]
    Once,
    /// So many times on one connection, each after the answer to the one before.
    Kept(usize),
    /// So many at once.
    Pipelined(usize),
}

impl Series {
    /// The word in addresses and of the choice on the page.
    pub fn word(self) -> &'static str {
        match self {
            Series::Once => "once",
            Series::Kept(_) => "kept",
            Series::Pipelined(_) => "pipelined",
        }
    }

    /// The series with that word, three times.
    pub fn from_word(word: &str) -> Series {
        match word {
            "kept" => Series::Kept(3),
            "pipelined" => Series::Pipelined(3),
            _ => Series::Once,
        }
    }

    fn count(self) -> usize {
        match self {
            Series::Once => 1,
            Series::Kept(count) | Series::Pipelined(count) => count,
        }
    }
}

/// What the API is asked: these bytes, sent as they are.
pub fn ask(bytes: &[u8], series: Series, session: Option<&str>) -> Value {
    let raw = serde_json::to_value(Data::from(bytes)).unwrap_or_default();
    let one = json!({ "raw": { "base64": raw["base64"] } });
    let mut body = json!({ "requests": vec![one; series.count()] });
    if matches!(series, Series::Pipelined(_)) {
        body["pipelined"] = json!(true);
    }
    if let Some(session) = session {
        body["session"] = json!(session);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &[u8] = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const RECEIVED: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    fn answer() -> String {
        json!({
            "session": "x", "session_seconds": 60, "client": "127.0.0.1:1", "server": "127.0.0.1:2",
            "requests": [{ "range": [0, 28], "method": "HEAD", "promises": null, "status": 200, "curl": "curl", "no_curl": null, "netcat": "nc" }],
            "to_server": { "data": Data::from(SENT), "report": {} },
            "to_client": { "data": Data::from(RECEIVED), "report": {} },
            "calls": [{ "at": 1, "end": "client", "call": "connect" }, { "at": 2, "end": "client", "call": "recv", "size": 0, "range": [9, 9] }],
            "steps": [], "refused": null, "closed_by": "server", "ended": "answered", "tcp_info": null, "elapsed": 9,
        })
        .to_string()
    }

    #[test]
    fn an_answer_is_read_as_the_answer_to_its_request() {
        let exchange = Exchange::read(&answer()).unwrap();
        assert_eq!(exchange.answers, ["HEAD", "GET"]);
        assert_eq!(exchange.responses.messages.len(), 2);
        assert_eq!((exchange.responses.error, exchange.responses.incomplete), (None, None));
        assert!(exchange.ended && exchange.answer.requests[0].status == Some(200));
        assert!(Exchange::read("{}").is_err());
    }

    #[test]
    fn a_series_is_asked_for_on_one_connection() {
        let once = ask(b"a\xff", Series::Once, None);
        assert_eq!(once, json!({ "requests": [{ "raw": { "base64": "Yf8=" } }] }));
        let many = ask(b"a", Series::from_word("pipelined"), Some("s"));
        assert_eq!(
            (many["requests"].as_array().map(Vec::len), &many["pipelined"], &many["session"]),
            (Some(3), &json!(true), &json!("s"))
        );
    }
}
