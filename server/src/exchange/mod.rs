//! An exchange: a small client of ours and the small HTTP server of `http_server` talk over a real TCP connection on the
//! loopback interface, and everything that happened is told. It connects to nothing else, and lasts a few seconds at most.

mod client;
mod record;
mod sessions;

pub use record::{Call, CallName, End, TcpInfo};
pub use sessions::{Held, KEPT, Sessions};

use serde::Serialize;
use sockscope_core::http::report::{Options, Report};
use sockscope_core::http::{Malformed, Method, Role, Step, report, shell, steps};
use sockscope_core::stream::{Data, Range};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use crate::api::schema;
use crate::http_server::{self, Settings, Store};
use record::Recorder;

/// Longest exchange.
pub const TIME_LIMIT: Duration = Duration::from_secs(5);
/// Most requests on one connection.
pub const MOST_REQUESTS: usize = 16;
/// Most bytes sent.
pub const MOST_BYTES: usize = 256 * 1024;
/// Most pieces they are cut into.
pub const MOST_PIECES: usize = 2048;
/// Most bytes of answers that are read.
pub const MOST_ANSWER: usize = 4 << 20;
/// Longest pause between two pieces.
pub const MOST_PAUSE: Duration = Duration::from_millis(100);
/// Where the command lines lead: the usual address of `sockscope http serve`.
pub const SERVE: (&str, u16) = ("127.0.0.1", 8081);

/// One request to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where the client stops until the server says whether to go on, if it asked with `Expect`.
    pub waits_at: Option<usize>,
}

/// What is sent, and how.
#[derive(Clone, Debug)]
pub struct Order {
    /// The requests.
    pub requests: Vec<Outgoing>,
    /// All at once, or each after the answer to the one before.
    pub pipelined: bool,
    /// Where the stream of requests is cut: each piece is a `send` of its own.
    pub cuts: Vec<usize>,
    /// Between two pieces.
    pub pause: Duration,
    /// What the server puts up with.
    pub settings: Settings,
}

/// Everything that happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Exchange {
    /// The session whose documents the server had; give it again to find them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Seconds until the session is forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_seconds: Option<u64>,
    /// The client's address.
    #[schema(value_type = String, example = "127.0.0.1:50000")]
    pub client: SocketAddr,
    /// The server's address, which is gone by now.
    #[schema(value_type = String, example = "127.0.0.1:40000")]
    pub server: SocketAddr,
    /// The requests as they were sent.
    pub requests: Vec<SentRequest>,
    /// What went to the server.
    pub to_server: Direction,
    /// What came to the client.
    pub to_client: Direction,
    /// The socket calls of both ends, in the order of time.
    pub calls: Vec<Call>,
    /// What the messages did to the connection, step by step through its table.
    #[schema(value_type = Vec<schema::HttpStep>)]
    pub steps: Vec<Step>,
    /// What the server refused, with the place.
    #[schema(value_type = Option<schema::HttpError>)]
    pub refused: Option<Malformed>,
    /// Which end closed its direction first.
    pub closed_by: Option<End>,
    /// Why the exchange ended.
    pub ended: Ended,
    /// The client's end of the connection, just before it was closed.
    pub tcp_info: Option<TcpInfo>,
    /// Microseconds from the first call to the last.
    pub elapsed: u64,
}

/// Why an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Every request had its answer.
    Answered,
    /// The server closed the connection before that.
    ServerClosed,
    /// A request was not complete, and nothing more came.
    Incomplete,
    /// It took too long.
    TimeLimit,
}

/// One request as it was sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SentRequest {
    /// Its bytes in the stream.
    #[schema(value_type = schema::Range)]
    pub range: Range,
    /// The method, if the bytes begin with one.
    pub method: Option<String>,
    /// What the method promises.
    #[schema(value_type = Option<schema::HttpMethod>)]
    pub promises: Option<Method>,
    /// The status of its final answer.
    pub status: Option<u16>,
    /// The same with curl, for `sockscope http serve`.
    pub curl: Option<String>,
    /// Why curl cannot say it: `malformed`, `not_one_request`, `connect`, `trailers`, `bytes`.
    pub no_curl: Option<&'static str>,
    /// The very bytes with printf and nc.
    pub netcat: String,
}

/// One direction of the connection.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Direction {
    /// The bytes.
    #[schema(value_type = schema::Data)]
    pub data: Data,
    /// What they say: the same object that `http/parse` answers.
    #[schema(value_type = schema::HttpReport)]
    pub report: Report,
}

/// Carries the order out.
///
/// # Errors
///
/// The machine has no socket to spare.
pub async fn run(order: Order, store: Arc<Store>) -> io::Result<Exchange> {
    let recorder = Arc::new(Recorder::new());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let server = listener.local_addr()?;
    let shutdown = CancellationToken::new();
    let _ends = shutdown.clone().drop_guard();
    let serving = tokio::spawn(serve(listener, store, order.settings, recorder.clone(), shutdown.clone()));
    let socket = TcpSocket::new_v4()?;
    recorder.note(End::Client, CallName::Socket, None, None);
    let stream = socket.connect(server).await?;
    recorder.note(End::Client, CallName::Connect, None, None);
    let client = stream.local_addr()?;
    recorder.expect(client);
    let talked = client::talk(stream, &order, &recorder).await;
    // The server ends by itself now that its peer is gone; whatever it still does belongs to the record.
    if tokio::time::timeout(Duration::from_millis(500), serving).await.is_err() {
        shutdown.cancel();
    }
    Ok(tell(&order, &recorder, talked, client, server))
}

async fn serve(
    listener: TcpListener,
    store: Arc<Store>,
    settings: Settings,
    recorder: Arc<Recorder>,
    shutdown: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.cancelled() => return,
        };
        let Ok((stream, peer)) = accepted else { return };
        // Another program of this machine may have found the port: it is not part of the exchange.
        if recorder.is_expected(peer).await {
            recorder.note(End::Server, CallName::Accept, None, None);
            drop(listener);
            return http_server::connection(stream, peer, &store, &settings, &*recorder, &shutdown).await;
        }
    }
}

fn tell(
    order: &Order,
    recorder: &Recorder,
    talked: client::Talked,
    client: SocketAddr,
    server: SocketAddr,
) -> Exchange {
    let requests = report(&talked.sent, &Options { role: Some(Role::Request), ..options(order) });
    let answers = methods(&requests);
    let eof = talked.end_seen;
    let responses =
        report(&talked.received, &Options { role: Some(Role::Response), eof, answers, ..Options::default() });
    let steps = steps(Some(&requests), Some(&responses));
    let statuses = client::final_statuses(&responses);
    let mut start = 0;
    let mut sent_requests = Vec::new();
    for outgoing in &order.requests {
        let end = start + outgoing.bytes.len() as u64;
        let method = outgoing.bytes.split(|byte| *byte == b' ').next().filter(|name| is_token(name));
        let first = requests.messages.iter().position(|message| (start..end).contains(&message.range.0));
        let curl = shell::curl(&outgoing.bytes, &format!("{}:{}", SERVE.0, SERVE.1));
        sent_requests.push(SentRequest {
            range: Range(start, end),
            method: method.map(|name| String::from_utf8_lossy(name).into_owned()),
            promises: method.and_then(Method::find).copied(),
            // What was refused was answered behind the last request that could be read.
            status: statuses.get(first.unwrap_or(requests.messages.len())).copied(),
            no_curl: curl.as_ref().err().map(|why| why.code()),
            curl: curl.ok(),
            netcat: shell::netcat(&outgoing.bytes, SERVE.0, SERVE.1),
        });
        start = end;
    }
    let (calls, refused) = recorder.take();
    let closed_by = calls.iter().find(|call| call.call == CallName::Shutdown).map(|call| call.end);
    let elapsed = calls.last().map_or(0, |call| call.at);
    Exchange {
        session: None,
        session_seconds: None,
        client,
        server,
        requests: sent_requests,
        to_server: Direction { data: Data::from(talked.sent), report: requests },
        to_client: Direction { data: Data::from(talked.received), report: responses },
        calls,
        steps,
        refused,
        closed_by,
        ended: talked.ended,
        tcp_info: talked.info,
        elapsed,
    }
}

/// How the server reads.
fn options(order: &Order) -> Options {
    Options { limits: order.settings.limits, leniency: order.settings.leniency, ..Options::default() }
}

/// The methods of the requests, in order.
fn methods(requests: &Report) -> Vec<String> {
    use sockscope_core::http::report::StartReport;
    let method = |start: &StartReport| match start {
        StartReport::Request { method, .. } => Some(method.text.clone()),
        StartReport::Response { .. } => None,
    };
    requests.messages.iter().filter_map(|message| method(&message.start)).collect()
}

fn is_token(name: &[u8]) -> bool {
    !name.is_empty() && name.len() <= 32 && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}
