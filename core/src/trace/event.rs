//! One event of a trace: when, where, how it is known, and the words of the room it happened in.

use crate::time::Instant;
use crate::{link, program, socket, tcp, udp, wire};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Numbers the conversations of a run from 1: a pair of endpoints and a protocol. Both ends share it.
pub type Flow = u32;

/// How an event is known. A view never shows an inferred fact as observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The model made it happen.
    Simulated,
    /// The kernel said so, or the frame was seen.
    Observed,
    /// It follows from what was observed.
    Inferred,
}

/// One event. JSON: one flat object with `layer` and `event` as names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When, in microseconds.
    pub time: Instant,
    /// At which host; absent for the run as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Arc<str>>,
    /// In which conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<Flow>,
    /// How it is known.
    pub evidence: Evidence,
    /// What happened.
    #[serde(flatten)]
    pub body: Body,
}

/// The union of every room's words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "layer", rename_all = "snake_case")]
#[allow(missing_docs)] // each is a room of this crate
pub enum Body {
    Program(program::Event),
    Socket(socket::Event),
    Tcp(tcp::Event),
    Udp(udp::Event),
    Icmp(wire::IcmpEvent),
    Arp(wire::ArpEvent),
    Link(link::Event),
    Run(RunEvent),
}

/// What happens to a run as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RunEvent {
    /// The time limit passed; programs that had not ended were ended.
    DeadlinePassed {
        /// The limit in microseconds.
        limit: crate::time::Duration,
        /// Hosts that were still running.
        unfinished: Vec<Arc<str>>,
    },
    /// Every remaining task waits for something that cannot happen any more.
    Deadlocked {
        /// Hosts that wait.
        unfinished: Vec<Arc<str>>,
    },
    /// The engine failed; what was recorded until then stands.
    EngineFailed {
        /// What went wrong.
        message: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::socket::{Answer, Call, Flags, Outcome};
    use crate::stream::{Data, Range};
    use crate::time::Duration;

    #[test]
    fn a_returned_send_has_the_documented_shape() {
        let event = Event {
            time: Instant::from_micros(1204),
            host: Some("client".into()),
            flow: Some(1),
            evidence: Evidence::Observed,
            body: Body::Socket(socket::Event::Returned {
                id: 3,
                call: "send".into(),
                fd: Some(3),
                outcome: Outcome::Ok(Answer::Number(5)),
                blocked: Duration::ZERO,
                range: Some(Range(0, 5)),
            }),
        };
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(
            json,
            r#"{"time":1204,"host":"client","flow":1,"evidence":"observed","layer":"socket","event":"returned","id":3,"call":"send","fd":3,"outcome":{"ok":5},"blocked":0,"range":[0,5]}"#
        );
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
    }

    #[test]
    fn a_call_keeps_its_arguments() {
        let event = Event {
            time: Instant::ZERO,
            host: None,
            flow: None,
            evidence: Evidence::Simulated,
            body: Body::Socket(socket::Event::Called {
                id: 1,
                task: 0,
                line: 4,
                call: Call::Send { fd: 3, data: Data::from(&b"x"[..]), flags: Flags::default(), all: true },
            }),
        };
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event, "{json}");
    }
}
