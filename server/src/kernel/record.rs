//! The way of events out of the worker: a thread writes them, so that a reader that lags does not slow the run. It also
//! counts them, because a run may not record without end.

use super::message::Message;
use sockscope_core::socket::{Answer, Call, Outcome};
use sockscope_core::trace::{Body, Event};
use sockscope_core::{link, program, socket, udp};
use std::io::Write;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;

/// Bytes of payload that may be recorded: frames and calls both hold what is sent.
const MOST_BYTES: u64 = 64 << 20;

/// How much is gathered before it is written.
const CHUNK: usize = 64 << 10;

/// Takes messages, writes them elsewhere.
#[derive(Debug)]
pub struct Recorder {
    sender: Sender<Message>,
    writer: JoinHandle<()>,
    /// Events that may be recorded, and how many of them still.
    pub limit: u64,
    left: u64,
    /// Payload bytes that may still be recorded.
    bytes_left: u64,
}

impl Recorder {
    /// Writes to `output`, at most so many events.
    pub fn new(output: impl Write + Send + 'static, events: u64) -> Self {
        let (sender, receiver) = channel();
        let writer = std::thread::spawn(move || write(&receiver, output));
        Recorder { sender, writer, limit: events, left: events, bytes_left: MOST_BYTES }
    }

    /// Records one event; one too many is forgotten.
    pub fn event(&mut self, event: Event) {
        if self.is_full() {
            return;
        }
        self.left -= 1;
        self.bytes_left = self.bytes_left.saturating_sub(payload(&event.body) as u64);
        self.message(Message::Event(event));
    }

    /// Whether no further event is taken.
    pub fn is_full(&self) -> bool {
        self.left == 0 || self.bytes_left == 0
    }

    /// Allows one more event after the limit: the one that says that it was passed.
    pub fn last(&mut self, event: Event) {
        self.message(Message::Event(event));
    }

    /// Says something that is no event.
    pub fn message(&self, message: Message) {
        // The writer ends only when the parent is gone; then nobody wants to know.
        let _ = self.sender.send(message);
    }

    /// Waits until everything is written.
    pub fn finish(self) {
        drop(self.sender);
        let _ = self.writer.join();
    }
}

/// Bytes that an event carries.
fn payload(body: &Body) -> usize {
    match body {
        Body::Link(link::Event::Sent { data, .. }) => data.len(),
        Body::Udp(udp::Event::DatagramSent { data, .. }) => data.len(),
        Body::Socket(socket::Event::Called { call: Call::Send { data, .. } | Call::SendTo { data, .. }, .. }) => {
            data.len()
        }
        Body::Socket(socket::Event::Returned {
            outcome: Outcome::Ok(Answer::Data(data) | Answer::Datagram { data, .. }),
            ..
        }) => data.len(),
        Body::Program(program::Event::Printed { text, .. }) => text.len(),
        _ => 0,
    }
}

fn write(receiver: &Receiver<Message>, mut output: impl Write) {
    let mut chunk = Vec::with_capacity(2 * CHUNK);
    loop {
        let message = match receiver.try_recv() {
            Ok(message) => message,
            Err(TryRecvError::Disconnected) => {
                let _ = output.write_all(&chunk).and_then(|()| output.flush());
                return;
            }
            Err(TryRecvError::Empty) => {
                // Idle: whoever watches the run live sees what there is.
                if output.write_all(&chunk).and_then(|()| output.flush()).is_err() {
                    return;
                }
                chunk.clear();
                match receiver.recv() {
                    Ok(message) => message,
                    Err(_) => return,
                }
            }
        };
        if serde_json::to_writer(&mut chunk, &message).is_ok() {
            chunk.push(b'\n');
        }
        if chunk.len() >= CHUNK {
            if output.write_all(&chunk).is_err() {
                return;
            }
            chunk.clear();
        }
    }
}
