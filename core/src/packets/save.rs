//! Packets as a pcapng file of their own (draft-ietf-opsawg-pcapng), times in nanoseconds. It chooses none of them and opens no file.

use super::Packet;
use crate::wire::capture::write::{self, Described, Resolution, Written};

/// The blocks of a file, one packet after the other.
#[derive(Clone, Debug)]
pub struct Saver {
    /// The interfaces written so far: their numbers in the file read, and their link types.
    interfaces: Vec<(u32, u16)>,
}

impl Saver {
    /// Begins a file; one without packets is a valid one too.
    pub fn begin(into: &mut Vec<u8>) -> Saver {
        write::section(into, &[]);
        Saver { interfaces: Vec::new() }
    }

    /// Adds a packet, behind its interface where that is a new one.
    pub fn put(&mut self, packet: &Packet, into: &mut Vec<u8>) {
        let own = (packet.interface, packet.link_type);
        let place = self.interfaces.iter().position(|known| *known == own).unwrap_or_else(|| {
            let resolution = Resolution::Nanos;
            let link_type = packet.link_type;
            write::interface(into, &Described { link_type, snap_length: 0, name: "", description: "", resolution });
            self.interfaces.push(own);
            self.interfaces.len() - 1
        });
        let written = Written {
            interface: place as u32,
            units: packet.nanos.unwrap_or(0),
            data: &packet.data,
            original_length: packet.original_length,
            comments: &packet.comments,
            ..Written::default()
        };
        write::packet(into, &written);
    }
}
