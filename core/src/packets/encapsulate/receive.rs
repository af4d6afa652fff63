//! What a receiver makes of units that arrive: it drops what is wrong, puts fragments and segments together, and gives
//! the application what is whole. It answers nothing and waits for nothing.

use super::peel::{Entry, unwrap_as};
use super::wrap::Carrier;
use super::{Level, PREAMBLE, Step, Unwrapped};
use crate::stream::Data;
use crate::time::Instant;
use crate::wire::reassembly::{Lost, Reassembly};
use crate::wire::{self, Ipv4, Packet, Transport};
use serde::Serialize;
use std::collections::BTreeMap;

/// What the receiver gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Received {
    /// Each unit as it arrived, unwrapped.
    pub units: Vec<Unwrapped>,
    /// Units that are dropped, and why.
    pub dropped: Vec<Dropped>,
    /// What the application gets: of a stream the bytes before the first gap; nothing where no whole datagram came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Data>,
}

/// A unit that goes no further.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// Which, from 0.
    pub unit: usize,
    /// Where.
    pub level: Level,
    /// Why: the code of the first problem there.
    pub code: &'static str,
}

/// Takes units as they come out of the wire.
pub(super) fn receive(arrived: &[Data], transport: Carrier, sequence: u32) -> Received {
    let units: Vec<Unwrapped> = arrived.iter().map(|bytes| unwrap_as(bytes, Entry::Bits)).collect();
    let mut dropped = Vec::new();
    let mut whole = Vec::new();
    let mut fragments = Reassembly::new();
    for (number, unit) in units.iter().enumerate() {
        if let Some((level, code)) = unit.steps.iter().find_map(first_problem) {
            dropped.push(Dropped { unit: number, level, code });
            continue;
        }
        let frame = &unit.bytes[PREAMBLE.len()..unit.bytes.len() - super::FCS];
        let Ok(wire::Frame { payload: Packet::Ipv4(packet), .. }) = wire::dissect(frame) else { continue };
        match fragments.handle_packet(Instant::ZERO, packet) {
            Ok(Some(packet)) => whole.push(packet),
            Ok(None) => {}
            Err(Lost::Malformed(_)) => {
                dropped.push(Dropped { unit: number, level: Level::Transport, code: "datagram_checksum" });
            }
            Err(_) => dropped.push(Dropped { unit: number, level: Level::Internet, code: "reassembly" }),
        }
    }
    let message = match transport {
        Carrier::Tcp => Some(stream(&whole, sequence)),
        Carrier::Udp | Carrier::Icmp => whole.iter().find_map(datagram),
    };
    Received { units, dropped, message }
}

fn first_problem(step: &Step) -> Option<(Level, &'static str)> {
    step.problems.first().map(|problem| (step.level, problem.code))
}

/// The bytes of a stream up to its first gap.
fn stream(packets: &[Ipv4], sequence: u32) -> Data {
    let pieces: BTreeMap<u32, &Data> = packets
        .iter()
        .filter_map(|packet| match &packet.payload {
            Transport::Tcp(segment) => Some((segment.sequence.wrapping_sub(sequence), &segment.payload)),
            _ => None,
        })
        .collect();
    let mut stream = Vec::new();
    for (offset, piece) in pieces {
        if offset as usize != stream.len() {
            break;
        }
        stream.extend_from_slice(piece);
    }
    stream.into()
}

fn datagram(packet: &Ipv4) -> Option<Data> {
    match &packet.payload {
        Transport::Udp(datagram) => Some(datagram.payload.clone()),
        Transport::Icmp(icmp) => Some(icmp.data.clone()),
        _ => None,
    }
}
