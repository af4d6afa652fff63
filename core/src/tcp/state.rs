//! The states of a connection and the table of its transitions (RFC 9293, 3.3.2). The table is data: the machine, the
//! pictures and the test that visits every edge all read it. Nothing here sends or receives.

use super::Trigger;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A connection state. Displayed and serialised as RFC 9293 prints it: `SYN-RECEIVED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
#[allow(missing_docs)]
pub enum State {
    Closed,
    Listen,
    SynSent,
    SynReceived,
    Established,
    #[serde(rename = "FIN-WAIT-1")]
    FinWait1,
    #[serde(rename = "FIN-WAIT-2")]
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
}

impl State {
    /// The name RFC 9293 prints.
    pub const fn name(self) -> &'static str {
        match self {
            State::Closed => "CLOSED",
            State::Listen => "LISTEN",
            State::SynSent => "SYN-SENT",
            State::SynReceived => "SYN-RECEIVED",
            State::Established => "ESTABLISHED",
            State::FinWait1 => "FIN-WAIT-1",
            State::FinWait2 => "FIN-WAIT-2",
            State::CloseWait => "CLOSE-WAIT",
            State::Closing => "CLOSING",
            State::LastAck => "LAST-ACK",
            State::TimeWait => "TIME-WAIT",
        }
    }

    /// Whether both initial sequence numbers are known to both sides (RFC 9293, 3.5.2).
    pub const fn is_synchronised(self) -> bool {
        !matches!(self, State::Closed | State::Listen | State::SynSent | State::SynReceived)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One edge of the diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Transition {
    /// From.
    pub from: State,
    /// Because of.
    pub trigger: Trigger,
    /// To.
    pub to: State,
    /// The section of RFC 9293 that says so.
    pub section: &'static str,
}

const fn edge(from: State, trigger: Trigger, to: State, section: &'static str) -> Transition {
    Transition { from, trigger, to, section }
}

/// Every transition a connection can make. A connection changes its state only by finding its row here.
///
/// The diagram's edge from LISTEN to SYN-SENT by a SEND call is absent: the socket interface has no such call. A passive
/// opener that is reset in SYN-RECEIVED closes; its listener, a machine of its own, is still in LISTEN.
pub const TABLE: &[Transition] = {
    use State::*;
    use Trigger::*;
    &[
        edge(Closed, PassiveOpen, Listen, "3.10.1"),
        edge(Closed, ActiveOpen, SynSent, "3.10.1"),
        edge(Listen, ReceiveSyn, SynReceived, "3.10.7.2"),
        edge(Listen, Close, Closed, "3.10.4"),
        edge(SynSent, ReceiveSynAck, Established, "3.10.7.3"),
        edge(SynSent, ReceiveSyn, SynReceived, "3.10.7.3"),
        edge(SynSent, ReceiveRst, Closed, "3.10.7.3"),
        edge(SynSent, Close, Closed, "3.10.4"),
        edge(SynSent, Abort, Closed, "3.10.5"),
        edge(SynSent, UserTimeout, Closed, "3.10.8"),
        edge(SynReceived, ReceiveAckOfSyn, Established, "3.10.7.4"),
        edge(SynReceived, ReceiveRst, Closed, "3.10.7.4"),
        edge(SynReceived, Close, FinWait1, "3.10.4"),
        edge(SynReceived, Abort, Closed, "3.10.5"),
        edge(SynReceived, UserTimeout, Closed, "3.10.8"),
        edge(Established, Close, FinWait1, "3.10.4"),
        edge(Established, ReceiveFin, CloseWait, "3.10.7.4"),
        edge(Established, ReceiveRst, Closed, "3.10.7.4"),
        edge(Established, Abort, Closed, "3.10.5"),
        edge(Established, UserTimeout, Closed, "3.10.8"),
        edge(FinWait1, ReceiveAckOfFin, FinWait2, "3.10.7.4"),
        edge(FinWait1, ReceiveFin, Closing, "3.10.7.4"),
        edge(FinWait1, ReceiveFinAckOfFin, TimeWait, "3.10.7.4"),
        edge(FinWait1, ReceiveRst, Closed, "3.10.7.4"),
        edge(FinWait1, Abort, Closed, "3.10.5"),
        edge(FinWait1, UserTimeout, Closed, "3.10.8"),
        edge(FinWait2, ReceiveFin, TimeWait, "3.10.7.4"),
        edge(FinWait2, ReceiveRst, Closed, "3.10.7.4"),
        edge(FinWait2, Abort, Closed, "3.10.5"),
        edge(FinWait2, UserTimeout, Closed, "3.10.8"),
        edge(CloseWait, Close, LastAck, "3.10.4"),
        edge(CloseWait, ReceiveRst, Closed, "3.10.7.4"),
        edge(CloseWait, Abort, Closed, "3.10.5"),
        edge(CloseWait, UserTimeout, Closed, "3.10.8"),
        edge(Closing, ReceiveAckOfFin, TimeWait, "3.10.7.4"),
        edge(Closing, ReceiveRst, Closed, "3.10.7.4"),
        edge(Closing, Abort, Closed, "3.10.5"),
        edge(Closing, UserTimeout, Closed, "3.10.8"),
        edge(LastAck, ReceiveAckOfFin, Closed, "3.10.7.4"),
        edge(LastAck, ReceiveRst, Closed, "3.10.7.4"),
        edge(LastAck, Abort, Closed, "3.10.5"),
        edge(LastAck, UserTimeout, Closed, "3.10.8"),
        edge(TimeWait, TimeWaitExpired, Closed, "3.10.8"),
        edge(TimeWait, ReceiveRst, Closed, "3.10.7.4"),
        edge(TimeWait, Abort, Closed, "3.10.5"),
    ]
};

/// Where `trigger` leads from `from`, if the table has that edge.
pub fn next(from: State, trigger: Trigger) -> Option<&'static Transition> {
    TABLE.iter().find(|row| row.from == from && row.trigger == trigger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_state_has_two_edges_for_one_trigger() {
        for (index, row) in TABLE.iter().enumerate() {
            let twin = TABLE[index + 1..].iter().find(|other| other.from == row.from && other.trigger == row.trigger);
            assert_eq!(twin, None, "{row:?}");
        }
    }

    #[test]
    fn every_state_can_be_reached_and_left() {
        for (from, to) in TABLE.iter().map(|row| (row.from, row.to)) {
            assert!(TABLE.iter().any(|row| row.to == from) || from == State::Closed, "{from} is never entered");
            assert!(TABLE.iter().any(|row| row.from == to), "{to} is never left");
        }
    }

    #[test]
    fn states_print_as_the_standard_does() {
        for state in TABLE.iter().map(|row| row.from) {
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{state}\""));
        }
    }
}
