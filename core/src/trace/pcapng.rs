//! A trace as a pcapng file (draft-ietf-opsawg-pcapng) that Wireshark opens: every frame once, when it entered the
//! link, at the interface of its sender. The format itself is `wire::capture`'s business.

use super::{Header, Trace};
use crate::link::{Cause, Event, Verdict};
use crate::trace::Body;
use crate::wire::FrameId;
use crate::wire::capture;
use crate::wire::capture::write::{self, Described, Resolution, Written};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The moment a trace begins, in seconds since 1970: 2000-01-01 00:00:00 UTC. It is fixed so that the same trace gives
/// the same file.
pub const EPOCH: u64 = 946_684_800;

/// The file. One interface per host, named after it; what the link did to a frame is its comment.
///
/// Lost frames are in it, as a capture at the sender would have them, and so are copies that the link made. The number
/// of a frame in the trace is its packet identifier. A trace without frames gives a valid file without packets.
pub fn write(trace: &Trace) -> Vec<u8> {
    let mut out = Vec::new();
    let Header { title, limitation, hosts, .. } = &trace.header;
    let comments: Vec<&str> = std::iter::once(title.en.as_str()).chain(limitation.as_deref()).collect();
    write::section(&mut out, &comments);
    for host in hosts {
        let description = format!("what {} ({}/{}) sends", host.name, host.address, host.prefix);
        let described = Described {
            link_type: capture::ETHERNET,
            snap_length: 0,
            name: &host.name,
            description: &description,
            resolution: Resolution::Micros,
        };
        write::interface(&mut out, &described);
    }
    write::names(&mut out, hosts.iter().map(|host| (host.address, &*host.name)));
    let interfaces: BTreeMap<&Arc<str>, u32> =
        trace.header.hosts.iter().zip(0..).map(|(host, interface)| (&host.name, interface)).collect();
    for packet in packets(trace, &interfaces) {
        let written = Written {
            interface: packet.interface,
            units: EPOCH * 1_000_000 + packet.micros,
            data: packet.data,
            original_length: packet.data.len() as u32,
            comments: &packet.comments,
            flags: Some(2), // outbound
            id: Some(packet.frame.into()),
        };
        write::packet(&mut out, &written);
    }
    out
}

/// A frame with all that the link did to it.
struct Packet<'a> {
    frame: FrameId,
    interface: u32,
    micros: u64,
    data: &'a [u8],
    comments: Vec<String>,
}

fn packets<'a>(trace: &'a Trace, interfaces: &BTreeMap<&Arc<str>, u32>) -> Vec<Packet<'a>> {
    let mut packets: Vec<Packet<'a>> = Vec::new();
    let mut places: BTreeMap<FrameId, usize> = BTreeMap::new();
    for event in &trace.events {
        let Body::Link(Event::Sent { frame, to, data, verdict, duplicate_of, .. }) = &event.body else { continue };
        let Some(&interface) = event.host.as_ref().and_then(|host| interfaces.get(host)) else { continue };
        let place = *places.entry(*frame).or_insert_with(|| {
            let comments = duplicate_of.map(|original| format!("A copy of frame {original} that the link made."));
            packets.push(Packet {
                frame: *frame,
                interface,
                micros: event.time.as_micros(),
                data,
                comments: comments.into_iter().collect(),
            });
            packets.len() - 1
        });
        if let Verdict::Drop { cause } = verdict {
            let to = to.as_ref().map_or(String::new(), |to| format!(" on the way to {to}"));
            packets[place].comments.push(format!("Lost{to}: {}.", because(*cause)));
        }
    }
    packets
}

fn because(cause: Cause) -> &'static str {
    match cause {
        Cause::Loss => "by chance, with the loss of the scenario",
        Cause::Scripted => "the scenario drops this frame",
        Cause::QueueFull => "the queue of the sender was full",
        Cause::TooLong => "the frame is longer than the MTU",
        Cause::NoSuchHost => "no host has the address",
    }
}
