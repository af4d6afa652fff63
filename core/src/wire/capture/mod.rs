//! pcap and pcapng files read as their bytes come: any cut gives the same packets. What is in a packet is not its
//! question; files are written by `write`.

mod block;
#[cfg(test)]
mod tests;
pub mod write;

use bytes::{Buf, Bytes, BytesMut};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// Most bytes of one block or record: what a reader keeps in memory at most, whatever the file declares.
pub const LONGEST_BLOCK: usize = 16 << 20;

/// Most interfaces of one section.
pub const MOST_INTERFACES: usize = 65_536;

/// `LINKTYPE_NULL`: BSD's loopback, the address family first.
pub const NULL: u16 = 0;
/// `LINKTYPE_ETHERNET`.
pub const ETHERNET: u16 = 1;
/// `LINKTYPE_RAW`: the packets are IP packets.
pub const RAW: u16 = 101;
/// `LINKTYPE_LOOP`: OpenBSD's loopback.
pub const LOOP: u16 = 108;
/// `LINKTYPE_LINUX_SLL`: the header of Linux's device `any`.
pub const COOKED: u16 = 113;
/// `LINKTYPE_IPV4`.
pub const IPV4: u16 = 228;
/// `LINKTYPE_IPV6`.
pub const IPV6: u16 = 229;
/// `LINKTYPE_LINUX_SLL2`: its second version.
pub const COOKED_2: u16 = 276;

/// Reads a capture file without seeing all of it.
///
/// Law: after each [`Reader::push`], call [`Reader::poll`] until it returns `Ok(None)`. After the last bytes call
/// [`Reader::finish`], then poll again: a file that is cut short gives all its whole packets, and then the error.
///
/// ```
/// use sockscope_core::wire::capture::{CaptureErrorKind, Reader};
/// let header = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];
/// let packet = [1, 0, 0, 0, 5, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 7, 8, 9];
/// let mut reader = Reader::new();
/// reader.push(&header);
/// reader.push(&packet);
/// reader.push(&packet[..10]);
/// let first = reader.poll().unwrap().unwrap();
/// assert_eq!((first.nanos, &first.data[..]), (Some(1_000_005_000), &[7, 8, 9][..]));
/// assert_eq!(reader.poll(), Ok(None));
/// reader.finish();
/// assert_eq!(reader.poll().unwrap_err().kind, CaptureErrorKind::Truncated { need: 16, have: 10 });
/// ```
#[derive(Debug, Default)]
pub struct Reader {
    buffer: BytesMut,
    /// Where the buffer begins in the file.
    at: u64,
    finished: bool,
    failed: Option<CaptureError>,
    format: Format,
    packets: u64,
    /// Interfaces described so far, in all sections.
    described: u32,
}

#[derive(Debug, Default)]
enum Format {
    /// Not even the first bytes are here.
    #[default]
    Unknown,
    Pcap {
        order: Order,
        /// Nanoseconds of one unit of the fraction.
        unit: u64,
        interface: Arc<Interface>,
    },
    Pcapng {
        order: Order,
        interfaces: Vec<Arc<Interface>>,
    },
}

/// The formats of capture files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// The older one: one interface, one header for each packet.
    Pcap,
    /// The newer one: blocks.
    Pcapng,
}

/// Which byte of a number comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

/// What packets were captured at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Counted from 0 over the whole file, all sections of it.
    pub number: u32,
    /// `LINKTYPE_…` number: 1 is Ethernet.
    pub link_type: u16,
    /// Its name, where the file gives one.
    pub name: Option<String>,
    /// Most bytes kept of a packet; 0 is no limit.
    pub snap_length: u32,
    /// Units of time: nanoseconds of one are `numerator / denominator`.
    unit: (u128, u128),
    /// Seconds to add to every time.
    offset: i64,
}

/// One packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Counted from 1.
    pub number: u64,
    /// Where its block or record begins in the file.
    pub at: u64,
    /// What it was captured at.
    pub interface: Arc<Interface>,
    /// Nanoseconds since 1970; absent where the file gives no time, or one that does not fit.
    pub nanos: Option<u64>,
    /// The bytes that were kept.
    pub data: Bytes,
    /// How many there were.
    pub original_length: u32,
    /// Its comments.
    pub comments: Vec<String>,
}

/// A file that is no capture, or is broken, with the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {kind}")]
pub struct CaptureError {
    /// Offset in the file.
    pub at: u64,
    /// What is wrong there.
    pub kind: CaptureErrorKind,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaptureErrorKind {
    /// The first four bytes are of neither format.
    #[error("this begins neither a pcap nor a pcapng file: 0x{magic:08x}")]
    Format {
        /// They, read with the first byte highest.
        magic: u32,
    },
    /// A version that nobody has defined.
    #[error("version {major} of the format is not known")]
    Version {
        /// Its first number.
        major: u16,
    },
    /// The file ends inside a block or record.
    #[error("the file is cut short: {need} bytes needed, {have} there")]
    Truncated {
        /// Bytes needed from the place on.
        need: usize,
        /// Bytes there.
        have: usize,
    },
    /// A block or record is longer than we read.
    #[error("a length of {declared} bytes, more than {limit}")]
    TooLong {
        /// What it declares.
        declared: u64,
        /// What we read at most.
        limit: usize,
    },
    /// A block's length is below its smallest, no multiple of four, or not repeated at its end.
    #[error("a block of {declared} bytes cannot be")]
    BlockLength {
        /// What it declares.
        declared: u64,
    },
    /// The packet in a block is longer than the block.
    #[error("{declared} bytes of packet in a block that has room for {have}")]
    PacketLength {
        /// What it declares.
        declared: u64,
        /// What the block has.
        have: usize,
    },
    /// A packet of an interface that the section has not described.
    #[error("interface {number} of a section that has described {have}")]
    Interface {
        /// Which.
        number: u32,
        /// How many there are.
        have: usize,
    },
    /// More interfaces than we keep.
    #[error("more than {limit} interfaces in one section")]
    Interfaces {
        /// What we keep at most.
        limit: usize,
    },
}

impl CaptureErrorKind {
    /// Every code there is.
    pub const CODES: &'static [&'static str] =
        &["format", "version", "truncated", "too_long", "block_length", "packet_length", "interface", "interfaces"];

    /// Its stable code, as in JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            CaptureErrorKind::Format { .. } => "format",
            CaptureErrorKind::Version { .. } => "version",
            CaptureErrorKind::Truncated { .. } => "truncated",
            CaptureErrorKind::TooLong { .. } => "too_long",
            CaptureErrorKind::BlockLength { .. } => "block_length",
            CaptureErrorKind::PacketLength { .. } => "packet_length",
            CaptureErrorKind::Interface { .. } => "interface",
            CaptureErrorKind::Interfaces { .. } => "interfaces",
        }
    }

    /// Its numbers, by name.
    fn numbers(&self) -> Vec<(&'static str, u64)> {
        match *self {
            CaptureErrorKind::Format { magic } => vec![("magic", magic.into())],
            CaptureErrorKind::Version { major } => vec![("major", major.into())],
            CaptureErrorKind::Truncated { need, have } => vec![("need", need as u64), ("have", have as u64)],
            CaptureErrorKind::TooLong { declared, limit } => vec![("declared", declared), ("limit", limit as u64)],
            CaptureErrorKind::BlockLength { declared } => vec![("declared", declared)],
            CaptureErrorKind::PacketLength { declared, have } => vec![("declared", declared), ("have", have as u64)],
            CaptureErrorKind::Interface { number, have } => vec![("number", number.into()), ("have", have as u64)],
            CaptureErrorKind::Interfaces { limit } => vec![("limit", limit as u64)],
        }
    }
}

impl CaptureError {
    /// Whether the file only ends too early.
    pub const fn is_cut_short(&self) -> bool {
        matches!(self.kind, CaptureErrorKind::Truncated { .. })
    }

    /// What fills the gaps of its text `wire.capture_CODE`: every number.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let text = |(name, number): (&'static str, u64)| match name {
            "magic" => (name, format!("0x{number:08x}")),
            _ => (name, number.to_string()),
        };
        std::iter::once(("at", self.at.to_string())).chain(self.kind.numbers().into_iter().map(text)).collect()
    }
}

impl Serialize for CaptureError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", self.kind.code())?;
        map.serialize_entry("at", &self.at)?;
        self.kind.numbers().iter().try_for_each(|(name, number)| map.serialize_entry(name, number))?;
        map.serialize_entry("message", &self.kind.to_string())?;
        map.end()
    }
}

impl Reader {
    /// A reader that has seen nothing.
    pub fn new() -> Self {
        Reader::default()
    }

    /// Which format the file has, once its first bytes tell.
    pub fn file_format(&self) -> Option<FileFormat> {
        match self.format {
            Format::Unknown => None,
            Format::Pcap { .. } => Some(FileFormat::Pcap),
            Format::Pcapng { .. } => Some(FileFormat::Pcapng),
        }
    }

    /// Bytes of the file that whole blocks and records took.
    pub fn consumed(&self) -> u64 {
        self.at
    }

    /// Takes the next bytes of the file.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// There are no more bytes.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// The next packet, `None` if more bytes are needed or the file has ended. An error ends the file: it comes again
    /// at every further call.
    pub fn poll(&mut self) -> Result<Option<Record>, CaptureError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        loop {
            match self.advance() {
                Ok(Step::Packet(record)) => return Ok(Some(record)),
                Ok(Step::Skipped) => {}
                Ok(Step::Need(need)) => {
                    let have = self.buffer.len();
                    // A file without a single byte lacks its header; one that ends between two blocks lacks nothing.
                    let between = have == 0 && !matches!(self.format, Format::Unknown);
                    if !self.finished || between {
                        return Ok(None);
                    }
                    return Err(
                        self.fail(CaptureError { at: self.at, kind: CaptureErrorKind::Truncated { need, have } })
                    );
                }
                Err(error) => return Err(self.fail(error)),
            }
        }
    }

    fn fail(&mut self, error: CaptureError) -> CaptureError {
        self.failed = Some(error);
        self.buffer = BytesMut::new();
        error
    }

    /// The next block or record, if it is here.
    fn advance(&mut self) -> Result<Step, CaptureError> {
        match &self.format {
            Format::Unknown => self.begin(),
            Format::Pcap { order, unit, interface } => {
                let (order, unit, interface) = (*order, *unit, interface.clone());
                self.record(order, unit, interface)
            }
            Format::Pcapng { .. } => self.block(),
        }
    }

    /// Tells the formats apart.
    fn begin(&mut self) -> Result<Step, CaptureError> {
        let Some(magic) = self.buffer.first_chunk::<4>() else { return Ok(Step::Need(4)) };
        let magic = u32::from_be_bytes(*magic);
        let (order, unit) = match magic {
            0x0a0d_0d0a => {
                self.format = Format::Pcapng { order: Order::Little, interfaces: Vec::new() };
                return Ok(Step::Skipped);
            }
            0xa1b2_c3d4 => (Order::Big, 1_000),
            0xd4c3_b2a1 => (Order::Little, 1_000),
            0xa1b2_3c4d => (Order::Big, 1),
            0x4d3c_b2a1 => (Order::Little, 1),
            _ => return Err(CaptureError { at: 0, kind: CaptureErrorKind::Format { magic } }),
        };
        if self.buffer.len() < 24 {
            return Ok(Step::Need(24));
        }
        let major = order.u16(&self.buffer, 4);
        if major != 2 {
            return Err(CaptureError { at: 4, kind: CaptureErrorKind::Version { major } });
        }
        let interface = Interface {
            number: 0,
            // The upper half tells whether frames have an FCS (draft-ietf-opsawg-pcap, 4).
            link_type: order.u32(&self.buffer, 20) as u16,
            name: None,
            snap_length: order.u32(&self.buffer, 16),
            unit: (1, 1),
            offset: 0,
        };
        self.format = Format::Pcap { order, unit, interface: Arc::new(interface) };
        self.consume(24);
        Ok(Step::Skipped)
    }

    /// A record of a pcap file.
    fn record(&mut self, order: Order, unit: u64, interface: Arc<Interface>) -> Result<Step, CaptureError> {
        if self.buffer.len() < 16 {
            return Ok(Step::Need(16));
        }
        let [seconds, fraction, length, original_length] = [0, 4, 8, 12].map(|at| order.u32(&self.buffer, at));
        let declared = 16 + u64::from(length);
        if declared > LONGEST_BLOCK as u64 {
            return Err(CaptureError {
                at: self.at,
                kind: CaptureErrorKind::TooLong { declared, limit: LONGEST_BLOCK },
            });
        }
        let need = declared as usize;
        if self.buffer.len() < need {
            return Ok(Step::Need(need));
        }
        let at = self.at;
        self.consume(16);
        let data = self.buffer.split_to(length as usize).freeze();
        self.at += u64::from(length);
        self.packets += 1;
        Ok(Step::Packet(Record {
            number: self.packets,
            at,
            interface,
            nanos: Some(u64::from(seconds) * 1_000_000_000 + u64::from(fraction) * unit),
            data,
            original_length,
            comments: Vec::new(),
        }))
    }

    fn consume(&mut self, bytes: usize) {
        self.buffer.advance(bytes);
        self.at += bytes as u64;
    }
}

/// What one advance gave.
enum Step {
    Packet(Record),
    /// Something that is no packet.
    Skipped,
    /// So many bytes have to be here first.
    Need(usize),
}

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> u16 {
        let bytes = [bytes[at], bytes[at + 1]];
        match self {
            Order::Little => u16::from_le_bytes(bytes),
            Order::Big => u16::from_be_bytes(bytes),
        }
    }

    fn u32(self, bytes: &[u8], at: usize) -> u32 {
        let bytes = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        match self {
            Order::Little => u32::from_le_bytes(bytes),
            Order::Big => u32::from_be_bytes(bytes),
        }
    }
}
