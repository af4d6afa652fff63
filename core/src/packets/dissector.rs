//! A capture file in pieces, packets out. It keeps conversations and unfinished fragments, never packets.

use super::conversation::{Stream, Table};
use super::decode::{decode, decode_transport};
use super::{Content, End, Note, Packet, Protocol};
use crate::stream::Data;
use crate::time::Instant;
use crate::wire::capture::{CaptureError, FileFormat, Interface, Reader, Record};
use crate::wire::reassembly::{Lost, Reassembly};
use crate::wire::{Ipv4, Transport};
use bytes::Bytes;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Most conversations that are told apart; packets of further ones belong to none.
pub const MOST_STREAMS: usize = 100_000;

/// Interfaces that are listed.
const LISTED_INTERFACES: usize = 1_000;

/// Takes packets out of a capture file, and tells what each one is.
///
/// Law: after each [`Dissector::push`], call [`Dissector::poll`] until it returns `Ok(None)`. After the last bytes call
/// [`Dissector::finish`], then poll again. Whatever the cut, the packets are the same.
///
/// ```
/// use sockscope_core::packets::Dissector;
/// let header = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];
/// let record = [1, 0, 0, 0, 0, 0, 0, 0, 14, 0, 0, 0, 14, 0, 0, 0];
/// let frame = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xcc];
/// let mut dissector = Dissector::new();
/// for piece in [&header[..], &record, &frame] {
///     dissector.push(piece);
/// }
/// let packet = dissector.poll().unwrap().unwrap();
/// assert_eq!((packet.number, packet.summary().key), (1, "frame"));
/// assert_eq!(packet.source.unwrap().to_string(), "02:00:00:00:00:01");
/// dissector.finish();
/// assert_eq!(dissector.poll(), Ok(None));
/// ```
#[derive(Debug)]
pub struct Dissector {
    reader: Reader,
    table: Table,
    reassembly: Reassembly,
    interfaces: Vec<Arc<Interface>>,
    totals: Totals,
    first: Option<u64>,
}

/// What a capture has in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Packets.
    pub packets: u64,
    /// Bytes of them that were kept.
    pub bytes: u64,
    /// Bytes of them that there were.
    pub original_bytes: u64,
    /// Nanoseconds from the first packet to the last.
    pub nanos: u64,
    /// Packets by their innermost protocol, in the order of the layers; none with zero.
    pub protocols: Vec<(Protocol, u64)>,
    /// Packets with a wrong checksum.
    pub wrong_checksums: u64,
    /// Packets with a header that breaks a rule.
    pub malformed: u64,
    /// Packets that were cut when they were captured.
    pub snapped: u64,
    /// Segments that repeat what was seen before.
    pub retransmissions: u64,
}

impl Default for Dissector {
    fn default() -> Self {
        Dissector::new()
    }
}

impl Dissector {
    /// A dissector that has seen nothing.
    pub fn new() -> Self {
        Dissector {
            reader: Reader::new(),
            table: Table::new(MOST_STREAMS),
            reassembly: Reassembly::new(),
            interfaces: Vec::new(),
            totals: Totals::default(),
            first: None,
        }
    }

    /// Takes the next bytes of the file.
    pub fn push(&mut self, bytes: &[u8]) {
        self.reader.push(bytes);
    }

    /// There are no more bytes.
    pub fn finish(&mut self) {
        self.reader.finish();
    }

    /// The next packet; `None` if more bytes are needed or the file has ended.
    ///
    /// # Errors
    ///
    /// The file is no capture, is broken, or ends too early. The same error comes at every further call.
    pub fn poll(&mut self) -> Result<Option<Packet>, CaptureError> {
        Ok(self.reader.poll()?.map(|record| self.packet(record)))
    }

    /// Which format the file has, once its first bytes tell.
    pub fn format(&self) -> Option<FileFormat> {
        self.reader.file_format()
    }

    /// Bytes of the file that whole blocks and records took so far.
    pub fn consumed(&self) -> u64 {
        self.reader.consumed()
    }

    /// The interfaces of packets so far, in the order of their numbers; at most a thousand, and none without packets.
    pub fn interfaces(&self) -> &[Arc<Interface>] {
        &self.interfaces
    }

    /// The conversations so far.
    pub fn streams(&self) -> impl Iterator<Item = &Stream> {
        self.table.streams()
    }

    /// What the packets so far have in all.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    fn packet(&mut self, record: Record) -> Packet {
        let Record { number, at, interface, nanos, data, original_length, comments } = record;
        let whole = (original_length as usize).max(data.len());
        let decoded = decode(interface.link_type, &data, whole);
        let mut packet = Packet {
            number,
            at,
            nanos,
            interface: interface.number,
            link_type: interface.link_type,
            length: data.len() as u32,
            original_length,
            source: decoded.source,
            destination: decoded.destination,
            protocol: decoded.protocol,
            content: decoded.content,
            stream: None,
            notes: decoded.notes,
            comments,
            data,
            reassembled: None,
        };
        if packet.length < original_length {
            packet.notes.insert(0, Note::Snapped { have: packet.length, need: original_length });
        }
        if let Some((start, end)) = decoded.fragment {
            self.fragment(&mut packet, start, end);
        }
        self.table.place(&mut packet);
        self.count(&packet, interface);
        packet
    }

    fn count(&mut self, packet: &Packet, interface: Arc<Interface>) {
        let known = self.interfaces.last().is_some_and(|last| Arc::ptr_eq(last, &interface));
        if !known && self.interfaces.len() < LISTED_INTERFACES {
            let place = self.interfaces.binary_search_by_key(&interface.number, |known| known.number);
            if let Err(place) = place {
                self.interfaces.insert(place, interface);
            }
        }
        let totals = &mut self.totals;
        totals.packets += 1;
        totals.bytes += u64::from(packet.length);
        totals.original_bytes += u64::from(packet.original_length);
        match totals.protocols.binary_search_by_key(&packet.protocol, |(protocol, _)| *protocol) {
            Ok(place) => totals.protocols[place].1 += 1,
            Err(place) => totals.protocols.insert(place, (packet.protocol, 1)),
        }
        if let Some(nanos) = packet.nanos {
            let first = *self.first.get_or_insert(nanos);
            totals.nanos = totals.nanos.max(nanos.saturating_sub(first));
        }
        let has = |wanted: fn(&Note) -> bool| u64::from(packet.notes.iter().any(wanted));
        if !packet.notes.is_empty() {
            totals.wrong_checksums += has(|note| matches!(note, Note::Checksum { .. }));
            totals.malformed += has(|note| matches!(note, Note::Malformed(_)));
            totals.snapped += has(|note| matches!(note, Note::Snapped { .. }));
            totals.retransmissions += has(|note| matches!(note, Note::Retransmission));
        }
    }

    /// Puts a fragment to the others of its packet, and shows the packet where this was the last.
    fn fragment(&mut self, packet: &mut Packet, start: usize, end: usize) {
        let Content::Fragment(fragment) = &packet.content else { return };
        let (Some(source), Some(destination)) = (address(packet.source), address(packet.destination)) else { return };
        let protocol = fragment.protocol;
        // Copied: a slice would hold the whole piece of the file in memory.
        let piece = Ipv4 {
            source,
            destination,
            ttl: 0,
            tos: 0,
            identification: fragment.identification,
            dont_fragment: false,
            more_fragments: fragment.more,
            fragment_offset: fragment.offset,
            payload: Transport::Other { protocol, data: Data::from(&packet.data[start..end]) },
        };
        let now = Instant::from_micros(packet.nanos.unwrap_or(0) / 1_000);
        match self.reassembly.handle_fragment(now, piece) {
            Ok(None) => {}
            Ok(Some(payload)) => self.reassembled(packet, payload.0, protocol, source, destination),
            Err(Lost::Memory { .. } | Lost::Overlap { .. } | Lost::Impossible { .. } | Lost::Malformed(_)) => {
                packet.notes.push(Note::NotReassembled);
            }
        }
    }

    fn reassembled(
        &mut self,
        packet: &mut Packet,
        payload: Bytes,
        protocol: u8,
        source: Ipv4Addr,
        destination: Ipv4Addr,
    ) {
        let decoded = decode_transport(&payload, protocol, source, destination);
        packet.source = decoded.source.or(packet.source);
        packet.destination = decoded.destination.or(packet.destination);
        packet.protocol = decoded.protocol;
        packet.content = decoded.content;
        packet.notes.push(Note::Reassembled { bytes: payload.len() as u32 });
        packet.notes.extend(decoded.notes);
        packet.reassembled = Some(payload);
    }
}

fn address(end: Option<End>) -> Option<Ipv4Addr> {
    match end {
        Some(End::Host(IpAddr::V4(address))) => Some(address),
        _ => None,
    }
}
