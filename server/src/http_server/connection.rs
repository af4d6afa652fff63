//! One connection: bytes to the parser, complete requests to the resources, answers back, in order, until an end says that
//! it is over. The table of core's `http::Connection` is kept beside it and must agree with everything that is sent.

use sockscope_core::http::{
    Connection as Table, ConnectionInput as Input, ConnectionRole as End, Event, Malformed, Parser, Persistence, Role,
    Version,
};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::answer::Answer;
use super::request::Request;
use super::{Happened, Observer, Settings, Store, resource, tunnel};

/// Bytes that one `recv` takes.
const PIECE: usize = 16 * 1024;
/// How long and how much is still read after the last answer, so that a reset does not destroy it on its way (RFC 9112, 9.6).
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 256 * 1024;

/// The socket and who looks on.
pub struct Wire<'a> {
    stream: TcpStream,
    write: Duration,
    pub observer: &'a dyn Observer,
}

impl Wire<'_> {
    /// Sends all of it; `false` if the peer is gone or takes nothing.
    pub async fn send(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            let sent = match timeout(self.write, self.stream.write(bytes)).await {
                Ok(Ok(sent)) if sent > 0 => sent,
                Ok(_) => {
                    self.observer.happened(Happened::Broken);
                    return false;
                }
                Err(_) => {
                    self.observer.happened(Happened::TimedOut);
                    return false;
                }
            };
            self.observer.happened(Happened::Sent(sent));
            bytes = &bytes[sent..];
        }
        true
    }

    /// Receives the next bytes in place of those in `piece`; `false` at the end of the stream or when it broke.
    pub async fn receive(&mut self, piece: &mut Vec<u8>) -> bool {
        piece.resize(PIECE, 0);
        match self.stream.read(piece).await {
            Ok(length) => {
                piece.truncate(length);
                self.observer.happened(Happened::Received(length));
                length > 0
            }
            Err(_) => {
                piece.clear();
                self.observer.happened(Happened::Broken);
                false
            }
        }
    }

    async fn close(mut self) {
        if self.stream.shutdown().await.is_ok() {
            self.observer.happened(Happened::ShutDown);
            let drain = async {
                let (mut piece, mut drained) = (Vec::new(), 0);
                while drained < LINGER_BYTES && self.receive(&mut piece).await {
                    drained += piece.len();
                }
            };
            let _ = timeout(LINGER, drain).await;
        }
        drop(self.stream);
        self.observer.happened(Happened::Closed);
    }
}

/// What the parser found, owned.
enum Piece {
    Head(Box<Request>),
    Content(Vec<u8>),
    End,
    Tunnel(Vec<u8>),
}

/// Whether the connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    Stop,
}

/// What an answer must know of its request.
#[derive(Clone, Copy)]
struct To {
    version: Version,
    head_only: bool,
}

impl To {
    fn of(request: &Request) -> Self {
        To { version: request.version, head_only: request.method == "HEAD" }
    }
}

/// A connection being served.
pub struct Connection<'a> {
    wire: Wire<'a>,
    parser: Parser,
    table: Table,
    store: &'a Store,
    settings: &'a Settings,
    pieces: VecDeque<Piece>,
    /// The request whose end has not come, and what it is refused with already.
    request: Option<Box<Request>>,
    refused: Option<Answer>,
    continued: bool,
    answered: u32,
    output: Vec<u8>,
    /// When the current wait ends, and whether a message is under way then.
    deadline: Instant,
}

impl<'a> Connection<'a> {
    /// A connection that was just accepted.
    pub fn new(stream: TcpStream, store: &'a Store, settings: &'a Settings, observer: &'a dyn Observer) -> Self {
        let mut parser = Parser::new(Role::Request, settings.limits, settings.leniency);
        parser.never_upgrades();
        Connection {
            wire: Wire { stream, write: settings.write, observer },
            parser,
            table: Table::new(),
            store,
            settings,
            pieces: VecDeque::new(),
            request: None,
            refused: None,
            continued: false,
            answered: 0,
            output: Vec::new(),
            deadline: Instant::now() + settings.idle,
        }
    }

    /// Serves until the end.
    pub async fn run(mut self, shutdown: &CancellationToken) {
        let mut piece = Vec::new();
        loop {
            let under_way = self.parser.unfinished().is_some();
            let received = tokio::select! {
                biased;
                received = tokio::time::timeout_at(self.deadline, self.wire.receive(&mut piece)) => received,
                () = shutdown.cancelled(), if !under_way => break,
            };
            let then = match received {
                Ok(true) => self.take(&piece, under_way).await,
                Ok(false) => {
                    self.end_of_stream().await;
                    Then::Stop
                }
                Err(_) => {
                    self.timed_out(under_way).await;
                    Then::Stop
                }
            };
            if then == Then::Stop {
                break;
            }
        }
        self.wire.close().await;
    }

    /// Takes what arrived.
    async fn take(&mut self, bytes: &[u8], under_way: bool) -> Then {
        let pieces = &mut self.pieces;
        let parsed = self.parser.feed(bytes, |event| match event {
            Event::Head(head) => pieces.push_back(Piece::Head(Box::new(Request::new(&head)))),
            Event::Body { data, .. } => pieces.push_back(Piece::Content(data.to_vec())),
            Event::End { .. } => pieces.push_back(Piece::End),
            Event::Tunnel { data, .. } => pieces.push_back(Piece::Tunnel(data.to_vec())),
            // Trailer fields may be dropped (RFC 9110, 6.5.1).
            Event::Chunk(_) | Event::Trailers(_) => {}
        });
        while let Some(piece) = self.pieces.pop_front() {
            let then = match piece {
                Piece::Head(request) => self.head(request),
                Piece::Content(data) => {
                    if let Some(request) = self.request.as_mut().filter(|_| self.refused.is_none()) {
                        request.content.extend_from_slice(&data);
                    }
                    Then::GoOn
                }
                Piece::End => self.end().await,
                Piece::Tunnel(first) => {
                    tunnel::echo(&mut self.wire, self.settings, first).await;
                    Then::Stop
                }
            };
            if !self.flush().await || then == Then::Stop {
                return Then::Stop;
            }
        }
        if let Err(malformed) = parsed {
            self.malformed(&malformed).await;
            return Then::Stop;
        }
        if let Some(request) = &self.request
            && self.refused.is_none()
            && request.expects_continue()
            && !self.continued
            && request.content.is_empty()
        {
            self.continued = true;
            self.agree(End::Server, Input::Interim);
            self.output.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
            if !self.flush().await {
                return Then::Stop;
            }
        }
        // A slow sender does not gain time with every byte: a limit begins where what it limits begins.
        let now_under_way = self.parser.unfinished().is_some();
        match (under_way, now_under_way) {
            (_, false) => self.deadline = Instant::now() + self.settings.idle,
            (_, true) if self.request.is_none() && !under_way => self.deadline = Instant::now() + self.settings.head,
            _ => {}
        }
        Then::GoOn
    }

    /// The head of a request.
    fn head(&mut self, request: Box<Request>) -> Then {
        self.agree(End::Client, Input::Request);
        self.deadline = Instant::now() + self.settings.body;
        if request.persistence == Persistence::Close {
            self.table.will_close();
        }
        if request.method == "CONNECT" {
            self.table.asks_upgrade();
        }
        self.refused = resource::judge(&request);
        self.continued = false;
        let (waits, to) = (request.waits(), To::of(&request));
        self.request = Some(request);
        if waits && let Some(answer) = self.refused.take() {
            // The content is not wanted, and nobody knows whether it comes: the connection ends here (RFC 9110, 10.1.1).
            self.answer(&answer, to, Persistence::Close);
            return self.last();
        }
        Then::GoOn
    }

    /// A request is complete.
    async fn end(&mut self) -> Then {
        let Some(request) = self.request.take() else { return Then::GoOn };
        self.agree(End::Client, Input::End);
        self.answered += 1;
        let refused = self.refused.take();
        if request.method == "CONNECT" {
            return self.connect(refused, To::of(&request)).await;
        }
        let answer = refused.unwrap_or_else(|| resource::answer(&request, self.store));
        let last = self.answered >= self.settings.requests || request.persistence == Persistence::Close;
        let persistence = if last { Persistence::Close } else { Persistence::KeepAlive };
        match self.answer(&answer, To::of(&request), persistence) {
            Persistence::Close => self.last(),
            Persistence::KeepAlive => Then::GoOn,
        }
    }

    /// CONNECT: a tunnel to the echo, or the reason why not.
    async fn connect(&mut self, refused: Option<Answer>, to: To) -> Then {
        if let Some(answer) = refused {
            self.answer(&answer, to, Persistence::Close);
            return self.last();
        }
        let granted = self.table.grant_upgrade();
        debug_assert!(granted.is_ok(), "{granted:?}");
        // No Content-Length: a 2xx answer to CONNECT has no content (RFC 9110, 9.3.6).
        self.output.extend_from_slice(b"HTTP/1.1 200 Connected\r\nServer: sockscope\r\n\r\n");
        if !self.flush().await {
            return Then::Stop;
        }
        if !self.pieces.iter().any(|piece| matches!(piece, Piece::Tunnel(_))) {
            tunnel::echo(&mut self.wire, self.settings, Vec::new()).await;
            return Then::Stop;
        }
        Then::GoOn
    }

    /// Writes an answer. What it returns is whether the connection may go on.
    fn answer(&mut self, answer: &Answer, to: To, persistence: Persistence) -> Persistence {
        let To { version, head_only } = to;
        let persistence = match answer.write(version, head_only, persistence, &mut self.output) {
            Ok(persistence) => persistence,
            Err(error) => {
                // A field that came from the client and cannot be sent back, such as a broken media type.
                let problem = Answer::problem(400, "cannot_be_answered", &error.to_string(), "RFC 9110, 5.5");
                let written = problem.write(version, head_only, Persistence::Close, &mut self.output);
                debug_assert!(written.is_ok(), "{written:?}");
                Persistence::Close
            }
        };
        if persistence == Persistence::Close {
            self.table.will_close();
        }
        self.agree(End::Server, Input::Response);
        self.agree(End::Server, Input::End);
        persistence
    }

    /// What was just answered was the last answer: the rest of the pipeline gets none (RFC 9112, 9.3.2).
    fn last(&mut self) -> Then {
        self.pieces.clear();
        self.request = None;
        Then::Stop
    }

    async fn malformed(&mut self, malformed: &Malformed) {
        self.wire.observer.happened(Happened::Refused(*malformed));
        self.refuse(&Answer::malformed(malformed)).await;
    }

    /// Answers what is no complete request, and ends.
    async fn refuse(&mut self, answer: &Answer) {
        // The request at fault may be half here, or not at all; either way its answer is the last.
        let written = answer.write(Version::Http11, false, Persistence::Close, &mut self.output);
        debug_assert!(written.is_ok(), "{written:?}");
        self.flush().await;
    }

    async fn end_of_stream(&mut self) {
        // Whoever stops inside a request may still listen (RFC 9112, 8).
        if let Err(truncated) = self.parser.finish(|_| ()) {
            self.refuse(&Answer::truncated(&truncated)).await;
        }
    }

    async fn timed_out(&mut self, under_way: bool) {
        self.wire.observer.happened(Happened::TimedOut);
        if under_way {
            let detail = "the rest of the request did not come in time";
            self.refuse(&Answer::problem(408, "request_timeout", detail, "RFC 9110, 15.5.9")).await;
        }
    }

    async fn flush(&mut self) -> bool {
        let output = std::mem::take(&mut self.output);
        let sent = self.wire.send(&output).await;
        self.output = output;
        self.output.clear();
        sent
    }

    /// The table must allow whatever is sent and received.
    fn agree(&mut self, end: End, input: Input) {
        let allowed = self.table.sends(end, input);
        debug_assert!(allowed.is_ok(), "{allowed:?}");
    }
}
