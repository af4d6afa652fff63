//! pcapng and pcap files written: blocks, options, packets. What stands in them is for the caller to say.

/// Most bytes of one option; its length field has 16 bits.
const LONGEST_OPTION: usize = 65_000;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const NAME_RESOLUTION: u32 = 4;
const ENHANCED_PACKET: u32 = 6;
const OPTION_COMMENT: u16 = 1;

/// Units of an interface's times: 10 to the minus this power of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// 10^-6 s.
    Micros = 6,
    /// 10^-9 s.
    Nanos = 9,
}

/// An interface to be described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described<'a> {
    /// `LINKTYPE_…` number.
    pub link_type: u16,
    /// Most bytes kept of a packet; 0 is no limit.
    pub snap_length: u32,
    /// Its name; empty for none.
    pub name: &'a str,
    /// What it is; empty for nothing.
    pub description: &'a str,
    /// Units of its times.
    pub resolution: Resolution,
}

/// A packet to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written<'a> {
    /// Which of the interfaces, from 0.
    pub interface: u32,
    /// Its time in units of its interface, since 1970.
    pub units: u64,
    /// The bytes that are kept.
    pub data: &'a [u8],
    /// How many there were.
    pub original_length: u32,
    /// Comments.
    pub comments: &'a [String],
    /// The option `epb_flags`: 1 is inbound, 2 outbound.
    pub flags: Option<u32>,
    /// The option `epb_packetid`.
    pub id: Option<u64>,
}

/// A section of a pcapng file, in little-endian order: its header with comments, and the program that writes it.
pub fn section(out: &mut Vec<u8>, comments: &[&str]) {
    block(out, SECTION_HEADER, |out| {
        put32(out, 0x1a2b_3c4d);
        out.extend_from_slice(&[1, 0, 0, 0]); // version 1.0
        out.extend_from_slice(&u64::MAX.to_le_bytes()); // length of the section: not given
        for comment in comments {
            option(out, OPTION_COMMENT, comment.as_bytes());
        }
        option(out, 4, b"Sockscope");
        option(out, 0, &[]);
    });
}

/// The description of an interface; they are numbered from 0 in the order in which they are written.
pub fn interface(out: &mut Vec<u8>, interface: &Described<'_>) {
    block(out, INTERFACE_DESCRIPTION, |out| {
        out.extend_from_slice(&interface.link_type.to_le_bytes());
        out.extend_from_slice(&[0, 0]);
        put32(out, interface.snap_length);
        for (code, text) in [(2, interface.name), (3, interface.description)] {
            if !text.is_empty() {
                option(out, code, text.as_bytes());
            }
        }
        option(out, 9, &[interface.resolution as u8]);
        option(out, 0, &[]);
    });
}

/// Names of IPv4 addresses, shown where a reader's name resolution is on.
pub fn names<'a>(out: &mut Vec<u8>, names: impl Iterator<Item = (std::net::Ipv4Addr, &'a str)>) {
    block(out, NAME_RESOLUTION, |out| {
        for (address, name) in names {
            option(out, 1, &[&address.octets()[..], name.as_bytes(), &[0]].concat());
        }
        option(out, 0, &[]);
    });
}

/// A packet.
pub fn packet(out: &mut Vec<u8>, packet: &Written<'_>) {
    block(out, ENHANCED_PACKET, |out| {
        let length = packet.data.len() as u32;
        for word in [packet.interface, (packet.units >> 32) as u32, packet.units as u32, length, packet.original_length]
        {
            put32(out, word);
        }
        put_padded(out, packet.data);
        for comment in packet.comments {
            option(out, OPTION_COMMENT, comment.as_bytes());
        }
        if let Some(flags) = packet.flags {
            option(out, 2, &flags.to_le_bytes());
        }
        if let Some(id) = packet.id {
            option(out, 5, &id.to_le_bytes());
        }
        if !packet.comments.is_empty() || packet.flags.is_some() || packet.id.is_some() {
            option(out, 0, &[]);
        }
    });
}

/// The header of a pcap file with times in nanoseconds, in little-endian order.
pub fn pcap_header(out: &mut Vec<u8>, link_type: u16, snap_length: u32) {
    put32(out, 0xa1b2_3c4d);
    out.extend_from_slice(&[2, 0, 4, 0]); // version 2.4
    out.extend_from_slice(&[0; 8]);
    put32(out, if snap_length == 0 { 262_144 } else { snap_length });
    put32(out, link_type.into());
}

/// A record of such a file.
pub fn pcap_record(out: &mut Vec<u8>, nanos: u64, data: &[u8], original_length: u32) {
    let words = [(nanos / 1_000_000_000) as u32, (nanos % 1_000_000_000) as u32, data.len() as u32, original_length];
    words.into_iter().for_each(|word| put32(out, word));
    out.extend_from_slice(data);
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
