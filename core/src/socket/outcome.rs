//! What a call came back with.

use super::{Descriptor, Errno};
use crate::stream::Data;
use crate::time::Instant;
use serde::{Deserialize, Serialize};
use std::net::SocketAddrV4;

/// The end of a call. JSON: `{"ok":5}`, `{"error":"EPIPE"}` or `"timed_out"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It succeeded.
    Ok(Answer),
    /// It failed.
    Error(Errno),
    /// The time set with `settimeout` passed first: Python's `TimeoutError: timed out`, which has no errno.
    TimedOut,
}

/// What a successful call returns. In JSON the shape tells which it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// `recvfrom`; `length` is the datagram's own length, more than the data's where it was truncated.
    Datagram {
        /// What fitted.
        data: Data,
        /// Who sent it.
        from: Option<SocketAddrV4>,
        /// Length of the whole datagram in bytes.
        length: usize,
    },
    /// `accept`.
    Accepted {
        /// The new descriptor.
        accepted: Descriptor,
        /// The other end.
        peer: SocketAddrV4,
    },
    /// `select`: what is ready.
    Ready {
        /// Readable.
        read: Vec<Descriptor>,
        /// Writable.
        write: Vec<Descriptor>,
        /// With urgent data.
        except: Vec<Descriptor>,
    },
    /// `getsockopt(SO_LINGER)`.
    Linger {
        /// Whether it is set.
        on: bool,
        /// For how long.
        seconds: i32,
    },
    /// `time.time()`.
    Moment {
        /// Trace time.
        moment: Instant,
    },
    /// `socketpair`.
    Pair {
        /// The two descriptors.
        pair: (Descriptor, Descriptor),
    },
    /// `recv`; empty means the peer has finished sending.
    Data(Data),
    /// `socket` (a descriptor), `send` and `sendto` (bytes taken), `getsockopt`.
    Number(i64),
    /// `getsockname`, `getpeername`.
    Address(SocketAddrV4),
    /// Nothing to say: `bind`, `listen`, `connect`, `close`, `setsockopt`, `shutdown`, `sleep`. JSON: `null`.
    Nothing,
}

impl Outcome {
    /// Success with nothing to say.
    pub const DONE: Outcome = Outcome::Ok(Answer::Nothing);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_survive_json() {
        let address: SocketAddrV4 = "10.0.0.2:8888".parse().unwrap();
        for outcome in [
            Outcome::DONE,
            Outcome::TimedOut,
            Outcome::Error(Errno::EPIPE),
            Outcome::Ok(Answer::Number(5)),
            Outcome::Ok(Answer::Data(Data::from(&b"msg0"[..]))),
            Outcome::Ok(Answer::Address(address)),
            Outcome::Ok(Answer::Accepted { accepted: 4, peer: address }),
            Outcome::Ok(Answer::Datagram { data: Data::default(), from: Some(address), length: 9 }),
            Outcome::Ok(Answer::Ready { read: vec![3], write: vec![], except: vec![] }),
            Outcome::Ok(Answer::Moment { moment: Instant::from_micros(7) }),
            Outcome::Ok(Answer::Linger { on: true, seconds: 0 }),
            Outcome::Ok(Answer::Pair { pair: (3, 4) }),
        ] {
            let json = serde_json::to_string(&outcome).unwrap();
            assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome, "{json}");
        }
        assert_eq!(serde_json::to_string(&Outcome::Ok(Answer::Number(5))).unwrap(), r#"{"ok":5}"#);
        assert_eq!(serde_json::to_string(&Outcome::DONE).unwrap(), r#"{"ok":null}"#);
        assert_eq!(serde_json::to_string(&Outcome::Error(Errno::EPIPE)).unwrap(), r#"{"error":"EPIPE"}"#);
    }
}
