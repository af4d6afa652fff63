//! What went over a connection when requests were really sent: the bytes of both directions and what they say. It opens
//! no connection.

use sockscope_core::http::Role;
use sockscope_core::http::report::{Options, Report, StartReport, report};

/// An exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// The bytes that were sent.
    pub sent: Vec<u8>,
    /// The bytes that came back.
    pub received: Vec<u8>,
    /// What was sent.
    pub requests: Report,
    /// What came back.
    pub responses: Report,
}

impl Exchange {
    /// From the bytes of both directions; `closed` says that the server has ended its own.
    pub fn new(sent: Vec<u8>, received: Vec<u8>, closed: bool) -> Exchange {
        let requests = report(&sent, &Options { role: Some(Role::Request), ..Options::default() });
        let method = |start: &StartReport| match start {
            StartReport::Request { method, .. } => method.text.clone(),
            StartReport::Response { .. } => String::new(),
        };
        let answers = requests.messages.iter().map(|message| method(&message.start)).collect();
        let options = Options { role: Some(Role::Response), answers, eof: closed, ..Options::default() };
        let responses = report(&received, &options);
        Exchange { sent, received, requests, responses }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_as_the_answer_to_its_request() {
        let sent = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec();
        let received =
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".to_vec();
        let exchange = Exchange::new(sent, received, false);
        assert_eq!(exchange.responses.messages.len(), 2);
        assert_eq!((exchange.responses.error, exchange.responses.incomplete), (None, None));
    }
}
