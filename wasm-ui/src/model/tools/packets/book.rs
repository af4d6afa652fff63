//! A capture as rows: what a list shows of each packet and where its bytes lie in the file. The bytes themselves are not
//! kept, so that a file of any length fits.

use crate::texts::{self, Language};
use sockscope_core::packets::{Content, Dissector, End, Note, Packet, Protocol, Stream, Totals};
use sockscope_core::wire::Control;
use sockscope_core::wire::capture::{CaptureError, FileFormat};
use std::collections::BTreeMap;

/// Most packets that are listed. A list of more would be taller than a browser draws.
pub const MOST_ROWS: usize = 1_000_000;
/// Most packets whose notes are kept.
const MOST_NOTED: usize = 100_000;

/// One packet of the list, as small as can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where its block or record begins in the file.
    pub at: u64,
    /// Nanoseconds since 1970; zero where the file gives no time.
    pub nanos: u64,
    /// Bytes that were kept.
    pub length: u32,
    /// Bytes that there were.
    pub original: u32,
    /// Its ends, as places in the book's list; zero is none.
    pub source: u32,
    /// As `source`.
    pub destination: u32,
    /// Its conversation; zero is none.
    pub stream: u32,
    /// `LINKTYPE_…` number.
    pub link_type: u16,
    /// The innermost protocol.
    pub protocol: Protocol,
    /// Whether something is wrong with it, or at least remarkable.
    pub mood: Mood,
    /// What it is.
    pub info: Info,
}

/// How remarkable a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mood {
    /// Not at all.
    Plain,
    /// It came again, out of order, or behind a hole.
    Odd,
    /// A checksum is wrong, or a header breaks a rule.
    Bad,
}

/// What a packet is, as numbers or as the place of a text that many share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Info {
    /// A segment without remarkable options: flags as in the header, relative numbers, window, payload.
    Segment {
        /// The control bits.
        flags: u8,
        /// Relative sequence number.
        sequence: u32,
        /// Relative acknowledgement, meaningful with ACK.
        acknowledgement: u32,
        /// Window in bytes.
        window: u32,
        /// Bytes of payload.
        length: u32,
    },
    /// Anything else.
    Text(u32),
}

/// A capture, as far as it has been read.
#[derive(Debug)]
pub struct Book {
    language: Language,
    dissector: Dissector,
    /// The packets.
    pub rows: Vec<Row>,
    ends: Vec<End>,
    end_places: BTreeMap<End, u32>,
    texts: Vec<String>,
    text_places: BTreeMap<String, u32>,
    notes: BTreeMap<u32, Vec<Note>>,
    /// Where the file is broken, if it is.
    pub error: Option<CaptureError>,
    /// Whether packets were left out.
    pub full: bool,
}

impl Book {
    /// One that has read nothing, for a reader of this language.
    pub fn new(language: Language) -> Book {
        Book {
            language,
            dissector: Dissector::new(),
            rows: Vec::new(),
            ends: Vec::new(),
            end_places: BTreeMap::new(),
            texts: Vec::new(),
            text_places: BTreeMap::new(),
            notes: BTreeMap::new(),
            error: None,
            full: false,
        }
    }

    /// Takes the next bytes of the file; whether it wants more.
    pub fn feed(&mut self, bytes: &[u8]) -> bool {
        self.dissector.push(bytes);
        self.drain();
        self.error.is_none() && !self.full
    }

    /// There are no more bytes.
    pub fn finish(&mut self) {
        if self.error.is_none() && !self.full {
            self.dissector.finish();
            self.drain();
        }
    }

    fn drain(&mut self) {
        while !self.full {
            match self.dissector.poll() {
                Ok(Some(packet)) => self.take(&packet),
                Ok(None) => return,
                Err(error) => {
                    self.error = Some(error);
                    return;
                }
            }
        }
    }

    fn take(&mut self, packet: &Packet) {
        if self.rows.len() == MOST_ROWS {
            self.full = true;
            return;
        }
        let row = Row {
            at: packet.at,
            nanos: packet.nanos.unwrap_or(0),
            length: packet.length,
            original: packet.original_length,
            source: self.end(packet.source),
            destination: self.end(packet.destination),
            stream: packet.stream.unwrap_or(0),
            link_type: packet.link_type,
            protocol: packet.protocol,
            mood: packet.notes.iter().map(mood).max().unwrap_or(Mood::Plain),
            info: self.info(packet),
        };
        if !packet.notes.is_empty() && self.notes.len() < MOST_NOTED {
            self.notes.insert(self.rows.len() as u32, packet.notes.clone());
        }
        self.rows.push(row);
    }

    fn end(&mut self, end: Option<End>) -> u32 {
        let Some(end) = end else { return 0 };
        if let Some(&place) = self.end_places.get(&end) {
            return place;
        }
        self.ends.push(end);
        let place = self.ends.len() as u32;
        self.end_places.insert(end, place);
        place
    }

    fn info(&mut self, packet: &Packet) -> Info {
        if let Content::Tcp(segment) = &packet.content {
            let options = &segment.options;
            let plain = !segment.control.syn && options.sack.is_empty();
            if plain {
                return Info::Segment {
                    flags: flags(segment.control),
                    sequence: u32::try_from(segment.relative_sequence).unwrap_or(u32::MAX),
                    acknowledgement: segment
                        .relative_acknowledgement
                        .map_or(0, |number| u32::try_from(number).unwrap_or(u32::MAX)),
                    window: segment.window,
                    length: segment.length,
                };
            }
        }
        let summary = packet.summary();
        let args: Vec<_> = summary.args.iter().map(|(name, value)| (*name, value.to_string())).collect();
        let text = say(self.language, summary.key, &args);
        if let Some(&place) = self.text_places.get(&text) {
            return Info::Text(place);
        }
        let place = self.texts.len() as u32;
        self.texts.push(text.clone());
        self.text_places.insert(text, place);
        Info::Text(place)
    }

    /// An end of a row.
    pub fn end_name(&self, place: u32) -> String {
        place.checked_sub(1).and_then(|place| self.ends.get(place as usize)).map(End::to_string).unwrap_or_default()
    }

    /// All ends, in the order of their places.
    pub fn ends(&self) -> &[End] {
        &self.ends
    }

    /// All texts, in the order of their places.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// What a row is, in a line.
    pub fn info_text(&self, row: &Row) -> String {
        match row.info {
            Info::Text(place) => self.texts.get(place as usize).cloned().unwrap_or_default(),
            Info::Segment { flags, sequence, acknowledgement, window, length } => {
                let mut args = vec![
                    ("flags", flag_names(flags)),
                    ("seq", sequence.to_string()),
                    ("window", window.to_string()),
                    ("length", length.to_string()),
                    ("options", String::new()),
                ];
                let key = if flags & 0x10 != 0 { "tcp" } else { "tcp_without_ack" };
                if flags & 0x10 != 0 {
                    args.push(("ack", acknowledgement.to_string()));
                }
                say(self.language, key, &args)
            }
        }
    }

    /// What is remarkable about a row.
    pub fn notes(&self, row: usize) -> &[Note] {
        self.notes.get(&(row as u32)).map_or(&[], Vec::as_slice)
    }

    /// Seconds from the first packet to this one.
    pub fn since_first(&self, row: &Row) -> f64 {
        let first = self.rows.first().map_or(0, |first| first.nanos);
        (row.nanos as i128 - first as i128) as f64 / 1e9
    }

    /// The conversations so far.
    pub fn streams(&self) -> impl Iterator<Item = &Stream> {
        self.dissector.streams()
    }

    /// What the packets so far have in all.
    pub fn totals(&self) -> &Totals {
        self.dissector.totals()
    }

    /// Bytes that the list takes in memory, about.
    pub fn memory(&self) -> usize {
        let texts: usize = self.texts.iter().map(|text| 2 * (text.capacity() + 24)).sum();
        self.rows.capacity() * size_of::<Row>()
            + texts
            + self.ends.len() * 2 * (size_of::<End>() + 4)
            + self.notes.len() * 80
    }

    /// Where the bytes of a packet begin, given those of the file from its block or record on.
    pub fn data_offset(&self, block: &[u8]) -> usize {
        match self.dissector.format() {
            // A record's header has four words; an enhanced packet block has seven before the packet, a simple one three.
            Some(FileFormat::Pcapng) => {
                match block.first().copied().unwrap_or(0).max(block.get(3).copied().unwrap_or(0)) {
                    3 => 12,
                    _ => 28,
                }
            }
            _ => 16,
        }
    }
}

/// The bytes before a packet's own in its block, at most.
pub const BLOCK_HEAD: usize = 28;

fn say(l: Language, key: &str, args: &[(&'static str, String)]) -> String {
    texts::of_tools(l, &format!("wire.summary_{key}"), args)
        .unwrap_or_else(|| args.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(" "))
}

fn mood(note: &Note) -> Mood {
    match note {
        Note::Malformed(_) | Note::Checksum { .. } | Note::NotReassembled => Mood::Bad,
        Note::Retransmission | Note::Overlap | Note::OutOfOrder | Note::PreviousMissing { .. } | Note::ZeroWindow => {
            Mood::Odd
        }
        _ => Mood::Plain,
    }
}

fn flags(control: Control) -> u8 {
    let bits = [control.fin, control.syn, control.rst, control.psh, control.ack, control.urg, control.ece, control.cwr];
    bits.iter().enumerate().fold(0, |flags, (bit, &set)| flags | u8::from(set) << bit)
}

/// The names of the control bits that are set.
pub fn flag_names(flags: u8) -> String {
    let names = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];
    let set: Vec<_> =
        names.iter().enumerate().filter(|(bit, _)| flags >> bit & 1 == 1).map(|(_, name)| *name).collect();
    if set.is_empty() { "-".to_owned() } else { set.join(", ") }
}

/// A file of one frame: what a link with bytes shows.
pub fn file_of(frame: &[u8]) -> Vec<u8> {
    let mut file = Vec::with_capacity(40 + frame.len());
    // Magic, version 2.4, time zone, accuracy, limit, LINKTYPE_ETHERNET; then one record at second 0.
    for word in [0xa1b2_c3d4_u32, 2 << 16 | 4, 0, 0, 262_144, 1, 0, 0, frame.len() as u32, frame.len() as u32] {
        file.extend(word.to_be_bytes());
    }
    file.extend(frame);
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn a_packet_is_found_again_in_its_file() {
        let frame = fixture::syn_frame();
        let file = file_of(&frame);
        let mut book = Book::new(Language::En);
        for piece in file.chunks(7) {
            assert!(book.feed(piece));
        }
        book.finish();
        assert_eq!((book.rows.len(), book.error), (1, None));
        let row = &book.rows[0];
        let block = &file[row.at as usize..];
        let start = book.data_offset(block);
        assert_eq!(&block[start..start + row.length as usize], &frame[..]);
        assert_eq!(row.protocol, Protocol::Tcp);
        assert!(book.end_name(row.destination).ends_with(":8888"));
    }

    #[test]
    fn a_broken_file_keeps_its_whole_packets_and_says_where() {
        let frame = fixture::syn_frame();
        let mut file = file_of(&frame);
        file.extend([0; 10]);
        let mut book = Book::new(Language::Zh);
        book.feed(&file);
        book.finish();
        assert_eq!(book.rows.len(), 1);
        assert_eq!(book.error.map(|error| error.at), Some(40 + frame.len() as u64));
    }

    #[test]
    fn a_row_is_small() {
        assert!(size_of::<Row>() <= 72, "{}", size_of::<Row>());
    }
}
