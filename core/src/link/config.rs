//! What a scenario may say about the link.

use crate::time::Duration;
use std::sync::Arc;

/// The link between every pair of hosts, the same in both directions.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// One way.
    pub delay: Duration,
    /// Bits per second; `None` is unlimited.
    pub rate: Option<u64>,
    /// Frames that may wait, tail drop.
    pub queue: u32,
    /// Chance that a frame is lost, 0 to 1.
    pub loss: f64,
    /// Chance that a frame arrives twice, 0 to 1.
    pub duplicate: f64,
    /// Chance that a frame is held back so that the next overtakes it, 0 to 1.
    pub reorder: f64,
    /// Largest IP packet in bytes.
    pub mtu: u16,
    /// Frames that are lost by plan.
    pub drop: Vec<ScriptedDrop>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            delay: Duration::from_millis(1),
            rate: None,
            queue: 100,
            loss: 0.0,
            duplicate: 0.0,
            reorder: 0.0,
            mtu: 1500,
            drop: Vec::new(),
        }
    }
}

/// A frame lost by plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptedDrop {
    /// The host that sends it.
    pub from: Arc<str>,
    /// Which frames are counted.
    pub counted: Counted,
    /// Which of them is lost, from 1.
    pub nth: u32,
}

/// Which frames a [`ScriptedDrop`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Frames that carry payload of TCP or UDP: `data = 3`.
    Data,
    /// Segments with SYN, SYN-ACK included: `syn = 1`.
    Syn,
    /// Segments with FIN: `fin = 1`.
    Fin,
    /// Segments with ACK and neither payload, SYN, FIN nor RST: `ack = 1`.
    Ack,
    /// All frames, ARP included: `frame = 1`.
    Frame,
}
