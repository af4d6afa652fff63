//! A trace as a pcapng file (draft-ietf-opsawg-pcapng) that Wireshark opens: every frame once, when it entered the
//! link, at the interface of its sender. Reading such files is not here.

use super::{HostHeader, Trace};
use crate::link::{Cause, Event, Verdict};
use crate::trace::Body;
use crate::wire::FrameId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The moment a trace begins, in seconds since 1970: 2000-01-01 00:00:00 UTC. It is fixed so that the same trace gives
/// the same file.
pub const EPOCH: u64 = 946_684_800;

/// Most bytes of one option; its length field has 16 bits.
const LONGEST_OPTION: usize = 65_000;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const NAME_RESOLUTION: u32 = 4;
const ENHANCED_PACKET: u32 = 6;
const OPTION_COMMENT: u16 = 1;

/// The file. One interface per host, named after it; what the link did to a frame is its comment.
///
/// Lost frames are in it, as a capture at the sender would have them, and so are copies that the link made. The number
/// of a frame in the trace is its packet identifier. A trace without frames gives a valid file without packets.
pub fn write(trace: &Trace) -> Vec<u8> {
    let mut out = Vec::new();
    section(&mut out, trace);
    for host in &trace.header.hosts {
        interface(&mut out, host);
    }
    names(&mut out, &trace.header.hosts);
    let interfaces: BTreeMap<&Arc<str>, u32> =
        trace.header.hosts.iter().zip(0..).map(|(host, interface)| (&host.name, interface)).collect();
    for packet in packets(trace, &interfaces) {
        packet.put(&mut out);
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

impl Packet<'_> {
    fn put(&self, out: &mut Vec<u8>) {
        let time = EPOCH * 1_000_000 + self.micros;
        let length = self.data.len() as u32;
        block(out, ENHANCED_PACKET, |out| {
            for word in [self.interface, (time >> 32) as u32, time as u32, length, length] {
                put32(out, word);
            }
            put_padded(out, self.data);
            for comment in &self.comments {
                option(out, OPTION_COMMENT, comment.as_bytes());
            }
            option(out, 2, &2u32.to_le_bytes()); // flags: outbound
            option(out, 5, &u64::from(self.frame).to_le_bytes());
            option(out, 0, &[]);
        });
    }
}

fn section(out: &mut Vec<u8>, trace: &Trace) {
    block(out, SECTION_HEADER, |out| {
        put32(out, 0x1a2b_3c4d);
        out.extend_from_slice(&[1, 0, 0, 0]); // version 1.0
        out.extend_from_slice(&u64::MAX.to_le_bytes()); // length of the section: not given
        for comment in [Some(&trace.header.title.en), trace.header.limitation.as_ref()].into_iter().flatten() {
            option(out, OPTION_COMMENT, comment.as_bytes());
        }
        option(out, 4, b"Sockscope");
        option(out, 0, &[]);
    });
}

fn interface(out: &mut Vec<u8>, host: &HostHeader) {
    block(out, INTERFACE_DESCRIPTION, |out| {
        out.extend_from_slice(&[1, 0, 0, 0]); // LINKTYPE_ETHERNET
        put32(out, 0); // no limit of length
        option(out, 2, host.name.as_bytes());
        option(out, 3, format!("what {} ({}/{}) sends", host.name, host.address, host.prefix).as_bytes());
        option(out, 9, &[6]); // times in units of 10^-6 s
        option(out, 0, &[]);
    });
}

/// Names of the addresses, shown where Wireshark's name resolution is on.
fn names(out: &mut Vec<u8>, hosts: &[HostHeader]) {
    block(out, NAME_RESOLUTION, |out| {
        for host in hosts {
            option(out, 1, &[&host.address.octets()[..], host.name.as_bytes(), &[0]].concat());
        }
        option(out, 0, &[]);
    });
}

/// A block: type, length, body, length.
fn block(out: &mut Vec<u8>, kind: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    put32(out, kind);
    put32(out, 0);
    body(out);
    let length = (out.len() - start + 4) as u32;
    put32(out, length);
    out[start + 4..start + 8].copy_from_slice(&length.to_le_bytes());
}

/// An option, or a record of names, which has the same form. Text is cut at a character.
fn option(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    let mut end = value.len().min(LONGEST_OPTION);
    // A byte 10xxxxxx goes on with the character before it (UTF-8, RFC 3629).
    while end < value.len() && value[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    let value = &value[..end];
    out.extend_from_slice(&code.to_le_bytes());
    out.extend_from_slice(&(value.len() as u16).to_le_bytes());
    put_padded(out, value);
}

fn put32(out: &mut Vec<u8>, word: u32) {
    out.extend_from_slice(&word.to_le_bytes());
}

fn put_padded(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(bytes);
    out.resize(out.len().next_multiple_of(4), 0);
}
