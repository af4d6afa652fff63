//! The socket calls of both ends with their times and the bytes they moved. It changes nothing.

use serde::Serialize;
use sockscope_core::http::Malformed;
use sockscope_core::stream::Range;
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use utoipa::ToSchema;

use crate::api::schema;
use crate::http_server::{Happened, Observer};
use crate::kernel;

/// Most calls that are kept.
const MOST: usize = 8192;

/// One of the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The client.
    Client,
    /// The server.
    Server,
}

/// A socket call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallName {
    /// A socket was made.
    Socket,
    /// The connection stands, at the client's end.
    Connect,
    /// The connection was taken out of the listener's queue.
    Accept,
    /// Bytes were given to the socket.
    Send,
    /// Bytes were taken out of the socket; none means the end of the stream.
    Recv,
    /// The direction to the peer was closed: a FIN.
    Shutdown,
    /// The descriptor was closed.
    Close,
    /// A time limit passed.
    TimeLimit,
    /// The connection broke.
    Broken,
}

/// A socket call that returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Call {
    /// When it returned, in microseconds from the beginning.
    pub at: u64,
    /// Whose.
    pub end: End,
    /// Which.
    pub call: CallName,
    /// How many bytes it moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
    /// Which bytes of the direction they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Range>)]
    pub range: Option<Range>,
}

/// What the kernel says of a connection (`TCP_INFO`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TcpInfo {
    /// Smoothed round trip in microseconds.
    pub round_trip: u32,
    /// Bytes that may be under way, in segments.
    pub congestion_window: u32,
    /// Largest segment that is sent, in bytes.
    pub send_mss: u32,
    /// Largest segment that was received, in bytes.
    pub receive_mss: u32,
    /// Segments sent again, in all.
    pub retransmissions: u32,
    /// Retransmission timeout in microseconds.
    pub retransmission_timeout: u32,
}

impl TcpInfo {
    /// Of this socket.
    pub fn of(socket: &impl std::os::fd::AsFd) -> Option<TcpInfo> {
        let fd: BorrowedFd<'_> = socket.as_fd();
        let info = kernel::tcp_info(fd.as_fd()).ok()?;
        Some(TcpInfo {
            round_trip: info.tcpi_rtt,
            congestion_window: info.tcpi_snd_cwnd,
            send_mss: info.tcpi_snd_mss,
            receive_mss: info.tcpi_rcv_mss,
            retransmissions: info.tcpi_total_retrans,
            retransmission_timeout: info.tcpi_rto,
        })
    }
}

#[derive(Default)]
struct Kept {
    calls: Vec<Call>,
    refused: Option<Malformed>,
    /// Bytes so far: sent by the client, received by the server, sent by the server, received by the client.
    moved: [u64; 4],
}

/// The record of one exchange.
pub struct Recorder {
    begin: Instant,
    kept: Mutex<Kept>,
    client: watch::Sender<Option<SocketAddr>>,
}

impl Recorder {
    /// Begins now.
    pub fn new() -> Self {
        Recorder { begin: Instant::now(), kept: Mutex::default(), client: watch::Sender::new(None) }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose connection belongs to the exchange.
    pub fn expect(&self, client: SocketAddr) {
        self.client.send_replace(Some(client));
    }

    /// Whether this is the client of the exchange.
    pub async fn is_expected(&self, peer: SocketAddr) -> bool {
        let mut client = self.client.subscribe();
        let known = tokio::time::timeout(Duration::from_secs(1), client.wait_for(Option::is_some)).await;
        known.is_ok_and(|client| client.is_ok_and(|client| *client == Some(peer)))
    }

    /// A call that moved so many bytes, or none.
    pub fn note(&self, end: End, call: CallName, size: Option<usize>, at: Option<Instant>) {
        let at = at.unwrap_or_else(Instant::now).duration_since(self.begin).as_micros() as u64;
        let mut kept = self.kept();
        let range = size.map(|size| {
            let counter = match (end, call) {
                (End::Client, CallName::Send) => 0,
                (End::Server, CallName::Recv) => 1,
                (End::Server, _) => 2,
                (End::Client, _) => 3,
            };
            let start = kept.moved[counter];
            kept.moved[counter] += size as u64;
            Range(start, start + size as u64)
        });
        if kept.calls.len() < MOST {
            kept.calls.push(Call { at, end, call, size, range });
        }
    }

    /// The calls in the order of time, and what the server refused.
    pub fn take(&self) -> (Vec<Call>, Option<Malformed>) {
        let mut kept = self.kept();
        let mut calls = std::mem::take(&mut kept.calls);
        calls.sort_by_key(|call| call.at);
        (calls, kept.refused)
    }
}

impl Observer for Recorder {
    fn happened(&self, what: Happened) {
        let (call, size) = match what {
            Happened::Received(size) => (CallName::Recv, Some(size)),
            Happened::Sent(size) => (CallName::Send, Some(size)),
            Happened::TimedOut => (CallName::TimeLimit, None),
            Happened::ShutDown => (CallName::Shutdown, None),
            Happened::Closed => (CallName::Close, None),
            Happened::Broken => (CallName::Broken, None),
            Happened::Refused(malformed) => {
                self.kept().refused = Some(malformed);
                return;
            }
        };
        self.note(End::Server, call, size, None);
    }
}
