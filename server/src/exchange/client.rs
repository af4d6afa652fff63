//! The client of an exchange: sends the pieces, reads the answers, and knows when it is over. It has one connection and
//! makes no other.

use sockscope_core::http::report::{Report, StartReport};
use sockscope_core::http::{Event, Leniency, Limits, Parser, Role, Start};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use super::record::{CallName, End, Recorder, TcpInfo};
use super::{Ended, MOST_ANSWER, Order, TIME_LIMIT, methods, options};

/// How long silence lasts before a request that is not complete is given up.
const QUIET: Duration = Duration::from_millis(200);
/// How long the client waits for `100 Continue` before it sends the content all the same (RFC 9110, 10.1.1).
const CONTINUE: Duration = Duration::from_millis(500);

/// What the client did and got.
pub struct Talked {
    pub sent: Vec<u8>,
    pub received: Vec<u8>,
    /// Whether the end of the server's stream was seen.
    pub end_seen: bool,
    pub ended: Ended,
    pub info: Option<TcpInfo>,
}

/// What has been read so far.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    /// Final responses.
    answers: usize,
    /// Interim responses.
    interim: usize,
    /// Nothing more will come, or nothing more is read.
    over: bool,
}

/// Sends the order and reads everything.
pub async fn talk(mut stream: TcpStream, order: &Order, recorder: &Recorder) -> Talked {
    // Each send is a segment of its own: what is cut stays cut, as far as that is ours to say.
    let _ = stream.set_nodelay(true);
    let deadline = Instant::now() + TIME_LIMIT;
    let progress = watch::Sender::new(Progress::default());
    let whole: Vec<u8> = order.requests.iter().flat_map(|request| request.bytes.iter().copied()).collect();
    let found = sockscope_core::http::report(
        &whole,
        &sockscope_core::http::report::Options { role: Some(Role::Request), ..options(order) },
    );
    let (read, write) = stream.split();
    let reader = read_all(read, methods(&found), &progress, recorder, deadline);
    let mut sender = Sender { write, order, recorder, progress: progress.subscribe(), deadline, sent: Vec::new() };
    let writer = async {
        let ended = sender.send_all(&found).await;
        (ended, sender.sent)
    };
    let ((received, end_seen), (ended, sent)) = tokio::join!(reader, writer);
    let info = TcpInfo::of(&stream);
    drop(stream);
    recorder.note(End::Client, CallName::Close, None, None);
    Talked { sent, received, end_seen, ended, info }
}

async fn read_all(
    mut read: ReadHalf<'_>,
    answers: Vec<String>,
    progress: &watch::Sender<Progress>,
    recorder: &Recorder,
    deadline: Instant,
) -> (Vec<u8>, bool) {
    let mut parser = Parser::new(Role::Response, Limits::default(), Leniency::default());
    answers.iter().for_each(|method| parser.answers(method.as_bytes()));
    let (mut received, mut piece, mut end_seen) = (Vec::new(), vec![0; 16 * 1024], false);
    let mut status = 0;
    while received.len() < MOST_ANSWER {
        let Ok(Ok(length)) = timeout_at(deadline, read.read(&mut piece)).await else { break };
        recorder.note(End::Client, CallName::Recv, Some(length), None);
        if length == 0 {
            end_seen = true;
            break;
        }
        received.extend_from_slice(&piece[..length]);
        let mut now = *progress.borrow();
        // What our own server sends is right; if it were not, the report would say so.
        let _ = parser.feed(&piece[..length], |event| match event {
            Event::Head(head) => {
                if let Start::Response { status: said, .. } = head.start() {
                    status = said;
                }
            }
            Event::End { .. } if (100..200).contains(&status) && status != 101 => now.interim += 1,
            Event::End { .. } => now.answers += 1,
            _ => {}
        });
        progress.send_replace(now);
    }
    progress.send_modify(|progress| progress.over = true);
    (received, end_seen)
}

struct Sender<'a> {
    write: WriteHalf<'a>,
    order: &'a Order,
    recorder: &'a Recorder,
    progress: watch::Receiver<Progress>,
    deadline: Instant,
    sent: Vec<u8>,
}

impl Sender<'_> {
    async fn send_all(&mut self, found: &Report) -> Ended {
        let mut end = 0;
        for request in &self.order.requests {
            let held = request.waits_at.filter(|_| !self.order.pipelined).unwrap_or(request.bytes.len());
            let (first, second) = request.bytes.split_at(held);
            let before = *self.progress.borrow();
            if !self.send(first).await {
                return self.broken();
            }
            if !second.is_empty() {
                let heard = |now: &Progress| now.interim > before.interim || now.answers > before.answers || now.over;
                let _ = timeout(CONTINUE, self.progress.wait_for(heard)).await;
                let now = *self.progress.borrow();
                if now.answers > before.answers || now.over {
                    // The final answer came instead: the content is not wanted.
                    break;
                }
                if !self.send(second).await {
                    return self.broken();
                }
            }
            end += request.bytes.len() as u64;
            if !self.order.pipelined && self.wait(answers_due(found, end)).await != Ended::Answered {
                break;
            }
        }
        let ended = match self.order.pipelined {
            true => self.wait(answers_due(found, end)).await,
            false if self.progress.borrow().over => Ended::ServerClosed,
            false => self.wait(answers_due(found, self.sent.len() as u64)).await,
        };
        if self.write.shutdown().await.is_ok() {
            self.recorder.note(End::Client, CallName::Shutdown, None, None);
        }
        // The server answers what it still has, and closes.
        let late = timeout_at(self.deadline, self.progress.wait_for(|progress| progress.over)).await.is_err();
        if late { Ended::TimeLimit } else { ended }
    }

    /// Waits for so many final answers; without any that is due, for silence.
    async fn wait(&mut self, due: Due) -> Ended {
        let enough = |progress: &Progress| progress.over || progress.answers >= due.answers;
        let late = timeout_at(self.deadline, self.progress.wait_for(enough)).await.is_err();
        let now = *self.progress.borrow();
        if late {
            return Ended::TimeLimit;
        }
        if now.over && now.answers < due.answers {
            return Ended::ServerClosed;
        }
        if !due.more {
            return Ended::Answered;
        }
        let silent = timeout(QUIET, self.progress.wait_for(|progress| progress.over)).await.is_err();
        if silent { Ended::Incomplete } else { Ended::ServerClosed }
    }

    fn broken(&self) -> Ended {
        if Instant::now() >= self.deadline { Ended::TimeLimit } else { Ended::ServerClosed }
    }

    /// Sends these bytes, cut where the order says; `false` if the connection does not take them.
    async fn send(&mut self, bytes: &[u8]) -> bool {
        let (mut rest, mut begun) = (bytes, false);
        while !rest.is_empty() {
            if begun && !self.order.pause.is_zero() {
                tokio::time::sleep(self.order.pause).await;
            }
            begun = true;
            let at = self.sent.len();
            let cut =
                self.order.cuts.iter().find(|cut| **cut > at).map_or(rest.len(), |cut| (cut - at).min(rest.len()));
            let (piece, tail) = rest.split_at(cut);
            rest = tail;
            let mut piece = piece;
            while !piece.is_empty() {
                let sent = match timeout_at(self.deadline, self.write.write(piece)).await {
                    Ok(Ok(sent)) if sent > 0 => sent,
                    _ => return false,
                };
                self.recorder.note(End::Client, CallName::Send, Some(sent), None);
                self.sent.extend_from_slice(&piece[..sent]);
                piece = &piece[sent..];
            }
        }
        true
    }
}

/// What is owed when so many bytes have been sent.
#[derive(Clone, Copy)]
struct Due {
    answers: usize,
    /// Whether a request is begun and not complete: nobody knows whether an answer comes.
    more: bool,
}

fn answers_due(found: &Report, end: u64) -> Due {
    let complete = found.messages.iter().filter(|message| message.complete && message.range.1 <= end).count();
    let refused = found.error.is_some_and(|error| error.at < end);
    let last = found.messages.last().map_or(0, |message| message.range.1);
    let tunnel = found.tunnel.is_some() || found.messages.iter().any(|message| message.framing.by == "tunnel");
    let started = found.messages.iter().filter(|message| message.range.0 < end).count();
    let begun = started > complete || found.incomplete.is_some_and(|incomplete| incomplete.at < end) && last < end;
    Due { answers: complete + usize::from(refused), more: !refused && !tunnel && begun }
}

/// The statuses of the final responses, in order.
pub fn final_statuses(responses: &Report) -> Vec<u16> {
    let statuses = responses.messages.iter().filter_map(|message| match message.start {
        StartReport::Response { status, .. } => Some(status),
        StartReport::Request { .. } => None,
    });
    statuses.filter(|status| *status >= 200 || *status == 101).collect()
}
