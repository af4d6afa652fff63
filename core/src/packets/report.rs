//! Everything a capture says, as one object: what the command line, the API and the page show. Large files go through
//! [`Reporter`] piece by piece, and nobody keeps their packets.

use super::follow::{Decoding, Followed, Follower, Limits, Wanted};
use super::{Dissector, Note, Packet, Stream, Totals};
use crate::stream::Data;
use crate::wire::capture::{CaptureError, FileFormat};
use crate::wire::field::{Tree, explain_captured};
use serde::Serialize;

/// Conversations in a report; more are only counted.
const STREAMS: usize = 10_000;

/// Packets that a report lists where nobody says how many.
pub const PAGE: usize = 1_000;

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Number of the first packet to list.
    pub from: u64,
    /// How many packets to list.
    pub count: usize,
    /// Lists this packet alone, and explains its every field.
    pub packet: Option<u64>,
    /// Lists the packets of this conversation alone, and follows it.
    pub stream: Option<u32>,
    /// What the bytes of that conversation are taken for.
    pub decoding: Decoding,
    /// How much of them is kept.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            from: 1,
            count: PAGE,
            packet: None,
            stream: None,
            decoding: Decoding::Auto,
            limits: Limits::default(),
        }
    }
}

/// A capture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The packets that were asked for, in order.
    pub packets: Vec<Packet>,
    /// Everything else.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What can be said of a capture once all of it was seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// Packets that were asked for and stand behind the last one listed.
    pub more_packets: u64,
    /// The format; absent where the file has not even its first bytes.
    pub format: Option<FileFormat>,
    /// Bytes of the file that whole blocks and records have.
    pub length: u64,
    /// The interfaces that have packets.
    pub interfaces: Vec<InterfaceReport>,
    /// What there is in all.
    pub totals: Totals,
    /// The conversations.
    pub streams: Vec<Stream>,
    /// Conversations beyond the report's limit.
    pub more_streams: u64,
    /// The packet that was asked for, field by field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packet: Option<Detail>,
    /// The conversation that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub followed: Option<Followed>,
    /// Where the file is broken.
    pub error: Option<CaptureError>,
    /// Where the file ends too early.
    pub incomplete: Option<CaptureError>,
}

/// An interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InterfaceReport {
    /// Counted from 0 over the whole file.
    pub number: u32,
    /// Its name, where the file gives one.
    pub name: Option<String>,
    /// `LINKTYPE_…` number.
    pub link_type: u16,
    /// Most bytes kept of a packet; 0 is no limit.
    pub snap_length: u32,
}

/// A packet, field by field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Detail {
    /// Its number.
    pub number: u64,
    /// Its bytes.
    pub data: Data,
    /// Its fields.
    pub tree: Tree,
    /// The payload of the IP packet of which it brought the last fragment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reassembled: Option<Data>,
}

impl Detail {
    /// Explains a packet.
    pub fn of(packet: &Packet) -> Self {
        let mut tree = explain_captured(packet.link_type, &packet.data, packet.original_length as usize);
        let noted = packet.notes.iter().find_map(|note| match note {
            Note::Malformed(malformed) => Some(*malformed),
            _ => None,
        });
        tree.malformed = tree.malformed.or(noted);
        Detail {
            number: packet.number,
            data: Data(packet.data.clone()),
            tree,
            reassembled: packet.reassembled.clone().map(Data),
        }
    }
}

/// Makes a report of a file that comes in pieces.
#[derive(Debug)]
pub struct Reporter {
    options: Options,
    dissector: Dissector,
    follower: Option<Follower>,
    detail: Option<Detail>,
    listed: usize,
    more: u64,
    error: Option<CaptureError>,
}

impl Reporter {
    /// A report that has seen nothing.
    pub fn new(options: Options) -> Self {
        Reporter {
            follower: options.stream.map(|number| Follower::new(Wanted::One(number), options.limits)),
            dissector: Dissector::new(),
            detail: None,
            listed: 0,
            more: 0,
            error: None,
            options,
        }
    }

    /// Takes the next bytes of the file, and gives the packets that the report lists to `each`.
    pub fn push(&mut self, bytes: &[u8], each: impl FnMut(&Packet)) {
        self.dissector.push(bytes);
        self.drain(each);
    }

    /// Whether the file is broken, so that further bytes change nothing.
    pub fn is_over(&self) -> bool {
        self.error.is_some()
    }

    /// Says that there are no more bytes, and finishes the report.
    pub fn finish(mut self, each: impl FnMut(&Packet)) -> Outcome {
        self.dissector.finish();
        self.drain(each);
        let interfaces = self.dissector.interfaces().iter().map(|interface| InterfaceReport {
            number: interface.number,
            name: interface.name.clone(),
            link_type: interface.link_type,
            snap_length: interface.snap_length,
        });
        let decoding = &self.options.decoding;
        let (incomplete, error) = match self.error {
            Some(error) if error.is_cut_short() => (Some(error), None),
            error => (None, error),
        };
        Outcome {
            more_packets: self.more,
            format: self.dissector.format(),
            length: self.dissector.consumed(),
            interfaces: interfaces.collect(),
            totals: self.dissector.totals().clone(),
            streams: self.dissector.streams().take(STREAMS).cloned().collect(),
            more_streams: (self.dissector.streams().count().saturating_sub(STREAMS)) as u64,
            packet: self.detail,
            followed: self.follower.and_then(|follower| follower.finish(decoding).pop()),
            error,
            incomplete,
        }
    }

    fn drain(&mut self, mut each: impl FnMut(&Packet)) {
        if self.error.is_some() {
            return;
        }
        loop {
            match self.dissector.poll() {
                Ok(Some(packet)) => self.packet(&packet, &mut each),
                Ok(None) => return,
                Err(error) => {
                    self.error = Some(error);
                    return;
                }
            }
        }
    }

    fn packet(&mut self, packet: &Packet, each: &mut impl FnMut(&Packet)) {
        if let Some(follower) = &mut self.follower {
            follower.take(packet);
        }
        let Options { from, count, packet: wanted, stream, .. } = &self.options;
        if let Some(wanted) = wanted {
            if *wanted == packet.number {
                self.detail = Some(Detail::of(packet));
                each(packet);
            }
            return;
        }
        if packet.number < *from || (stream.is_some() && packet.stream != *stream) {
            return;
        }
        match self.listed < *count {
            true => {
                self.listed += 1;
                each(packet);
            }
            false => self.more += 1,
        }
    }
}

/// Reads a whole file and tells everything that was asked for.
pub fn report(file: &[u8], options: Options) -> Report {
    let mut reporter = Reporter::new(options);
    let mut packets = Vec::new();
    // In pieces: a packet's bytes share the memory of the piece that they came in.
    for piece in file.chunks(1 << 18) {
        reporter.push(piece, |packet| packets.push(packet.clone()));
    }
    let outcome = reporter.finish(|packet| packets.push(packet.clone()));
    Report { packets, outcome }
}
