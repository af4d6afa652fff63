//! Packets as a pcapng file that is made in memory, which has a limit. How packets are written is core's.

use sockscope_core::packets::{Packet, Saver};

/// Most bytes of a file that is made in memory.
pub const MOST: usize = 256 << 20;

/// A file that is being written.
#[derive(Debug)]
pub struct Save {
    bytes: Vec<u8>,
    saver: Saver,
}

impl Save {
    /// An empty file.
    pub fn begin() -> Save {
        let mut bytes = Vec::new();
        let saver = Saver::begin(&mut bytes);
        Save { bytes, saver }
    }

    /// Adds a packet; whether there was room.
    pub fn put(&mut self, packet: &Packet) -> bool {
        let fits = self.bytes.len() + packet.data.len() + 64 <= MOST;
        if fits {
            self.saver.put(packet, &mut self.bytes);
        }
        fits
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
        let mut save = Save::begin();
        assert!(save.put(&before[0]) && save.put(&before[0]));
        let after = packets(&save.finish());
        assert_eq!(after.len(), 2);
        assert_eq!((&after[0].data, after[0].nanos, after[0].link_type), (&before[0].data, before[0].nanos, 1));
    }
}
