//! Packets as a pcapng file (draft-ietf-opsawg-pcapng): one interface for each link type, times in nanoseconds. What is
//! in the packets is not looked at.

use sockscope_core::packets::Packet;

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
        // Section header: byte order, version 1.0, length not given.
        save.block(0x0a0d_0d0a, &[&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &u64::MAX.to_le_bytes()].concat());
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
                let [low, high] = packet.link_type.to_le_bytes();
                // if_tsresol (9) says 10^-9 seconds; then the end of the options.
                let options = [9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0];
                self.block(1, &[&[low, high, 0, 0][..], &0u32.to_le_bytes(), &options].concat());
                self.link_types.len() - 1
            }
        };
        let nanos = packet.nanos.unwrap_or(0);
        let length = packet.data.len() as u32;
        let mut body = Vec::with_capacity(24 + packet.data.len());
        for word in [interface as u32, (nanos >> 32) as u32, nanos as u32, length, packet.original_length] {
            body.extend(word.to_le_bytes());
        }
        body.extend_from_slice(&packet.data);
        body.resize(body.len().next_multiple_of(4), 0);
        self.block(6, &body);
        true
    }

    /// The file.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn block(&mut self, kind: u32, body: &[u8]) {
        let length = (body.len() + 12) as u32;
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend(body);
        self.bytes.extend(length.to_le_bytes());
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
