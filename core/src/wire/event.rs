//! What happens in ARP and ICMP, the two protocols that are only messages. The trace collects these words.

use super::{FrameId, MacAddress};
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddrV4};

/// One thing that happened in ARP (RFC 826).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ArpEvent {
    /// Who has `target`? Tell `sender`.
    Asked {
        /// The frame that carries it.
        frame: FrameId,
        /// Who asks.
        sender: Ipv4Addr,
        /// Whose address is wanted.
        target: Ipv4Addr,
    },
    /// `sender` is at `mac`.
    Answered {
        /// The frame that carries it.
        frame: FrameId,
        /// Who answers.
        sender: Ipv4Addr,
        /// Its Ethernet address.
        mac: MacAddress,
    },
}

/// One thing that happened in ICMP (RFC 792).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum IcmpEvent {
    /// A message went onto the wire.
    Sent {
        /// The frame that carries it.
        frame: FrameId,
        /// ICMP type.
        kind: u8,
        /// ICMP code.
        code: u8,
        /// Where it goes.
        destination: Ipv4Addr,
        /// The destination of the packet it complains about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<SocketAddrV4>,
    },
    /// A message arrived.
    Received {
        /// The frame that carried it.
        frame: FrameId,
    },
}
