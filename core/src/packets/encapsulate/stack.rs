//! OSI's seven layers and TCP/IP's side by side, as a table: which header belongs where, and what a unit is called.
//! It wraps nothing.

use super::{Level, Pdu};
use serde::Serialize;

/// What a layer does when a socket program sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Here {
    /// It puts a header around what it is given.
    Header,
    /// It makes what is sent.
    Content,
    /// Nothing of it is on the wire: if there is such work, the application does it.
    Nothing,
    /// It turns bytes into signals.
    Signals,
}

/// A layer of the OSI reference model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OsiLayer {
    /// Counted from the wire up.
    pub number: u8,
    /// A stable name of its texts.
    pub key: &'static str,
    /// The layer of TCP/IP that does its work.
    pub level: Level,
    /// What it does here.
    pub here: Here,
    /// What its units are called; none for layers that have none here.
    pub pdus: &'static [Pdu],
    /// Where it is defined.
    pub section: &'static str,
}

/// The seven layers, the uppermost first (ISO/IEC 7498-1, 7).
pub const OSI: [OsiLayer; 7] = [
    osi(7, "application", Level::Application, Here::Content, &[Pdu::Message], "ISO/IEC 7498-1, 7.1"),
    osi(6, "presentation", Level::Application, Here::Nothing, &[], "ISO/IEC 7498-1, 7.2"),
    osi(5, "session", Level::Application, Here::Nothing, &[], "ISO/IEC 7498-1, 7.3"),
    osi(4, "transport", Level::Transport, Here::Header, &[Pdu::Segment, Pdu::Datagram], "ISO/IEC 7498-1, 7.4"),
    osi(3, "network", Level::Internet, Here::Header, &[Pdu::Packet], "ISO/IEC 7498-1, 7.5"),
    osi(2, "data_link", Level::Link, Here::Header, &[Pdu::Frame], "ISO/IEC 7498-1, 7.6"),
    osi(1, "physical", Level::Physical, Here::Signals, &[Pdu::Bits], "ISO/IEC 7498-1, 7.7"),
];

const fn osi(
    number: u8,
    key: &'static str,
    level: Level,
    here: Here,
    pdus: &'static [Pdu],
    section: &'static str,
) -> OsiLayer {
    OsiLayer { number, key, level, here, pdus, section }
}

/// A layer of TCP/IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TcpIpLayer {
    /// Which.
    pub level: Level,
    /// The OSI layers whose work it does: first and last number.
    pub osi: (u8, u8),
    /// What its units are called.
    pub pdus: &'static [Pdu],
    /// Protocols that a learner meets in it.
    pub protocols: &'static [&'static str],
    /// Where it is defined.
    pub section: &'static str,
}

/// The four layers of RFC 1122, the uppermost first. Books that count five draw the physical one by itself, as here;
/// RFC 1122 leaves it to the link layer.
pub const TCP_IP: [TcpIpLayer; 5] = [
    TcpIpLayer {
        level: Level::Application,
        osi: (5, 7),
        pdus: &[Pdu::Message],
        protocols: &["HTTP", "DNS", "SMTP"],
        section: "RFC 1122, 1.1.3",
    },
    TcpIpLayer {
        level: Level::Transport,
        osi: (4, 4),
        pdus: &[Pdu::Segment, Pdu::Datagram],
        protocols: &["TCP", "UDP"],
        section: "RFC 1122, 1.1.3",
    },
    TcpIpLayer {
        level: Level::Internet,
        osi: (3, 3),
        pdus: &[Pdu::Packet],
        protocols: &["IP", "ICMP"],
        section: "RFC 1122, 1.1.3",
    },
    TcpIpLayer {
        level: Level::Link,
        osi: (2, 2),
        pdus: &[Pdu::Frame],
        protocols: &["Ethernet", "ARP"],
        section: "RFC 1122, 1.1.3",
    },
    TcpIpLayer {
        level: Level::Physical,
        osi: (1, 1),
        pdus: &[Pdu::Bits],
        protocols: &["IEEE 802.3"],
        section: "RFC 1122, 1.1.3",
    },
];
