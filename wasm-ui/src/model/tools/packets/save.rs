//! Packets as a pcapng file (draft-ietf-opsawg-pcapng): one interface for each link type, times in nanoseconds. What is
//! in the packets is not looked at.

use sockscope_core::packets::Packet;
use sockscope_core::wire::capture::write::{self, Described, Resolution, Written};

/// Most bytes of a file that is made in memory.
pub const MOST: usize = 256 << 20;

/// A file that is being written.
#[derive(Debug, Default)]
pub struct Save {
    bytes: Vec<u8>,
    link_types: Vec<u16>,
}

impl Save {
    /// An empty file.
    pub fn new() -> Save {
        let mut save = Save::default();
        write::section(&mut save.bytes, &[]);
        save
    }

    /// Adds a packet; whether there was room.
    pub fn put(&mut self, packet: &Packet) -> bool {
        if self.bytes.len() + packet.data.len() + 64 > MOST {
            return false;
        }
        let interface = match self.link_types.iter().position(|known| *known == packet.link_type) {
            Some(place) => place,
            None => {
                self.link_types.push(packet.link_type);
                let resolution = Resolution::Nanos;
                let described =
                    Described { link_type: packet.link_type, snap_length: 0, name: "", description: "", resolution };
                write::interface(&mut self.bytes, &described);
                self.link_types.len() - 1
            }
        };
        let written = Written {
            interface: interface as u32,
            units: packet.nanos.unwrap_or(0),
            data: &packet.data,
            original_length: packet.original_length,
            comments: &packet.comments,
            ..Written::default()
        };
        write::packet(&mut self.bytes, &written);
        true
    }

    /// The file.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::super::book::file_of;
    use super::*;
    use crate::model::fixture;
    use sockscope_core::packets::Dissector;

    fn packets(file: &[u8]) -> Vec<Packet> {
        let mut dissector = Dissector::new();
        dissector.push(file);
        dissector.finish();
        std::iter::from_fn(|| dissector.poll().expect("the file is whole")).collect()
    }

    #[test]
    fn what_is_saved_is_read_again() {
        let before = packets(&file_of(&fixture::syn_frame()));
        let mut save = Save::new();
        assert!(save.put(&before[0]) && save.put(&before[0]));
        let after = packets(&save.finish());
        assert_eq!(after.len(), 2);
        assert_eq!((&after[0].data, after[0].nanos, after[0].link_type), (&before[0].data, before[0].nanos, 1));
    }
}
