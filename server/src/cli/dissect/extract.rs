//! Some packets of a capture as a capture of their own. It chooses none of them.

use sockscope_core::packets::{Packet, Saver};
use sockscope_core::wire::capture::write;
use std::path::Path;

use crate::cli::Exit;
use crate::cli::output::Output;
use crate::cli::words::Words;

/// A capture file that is being written.
pub struct Extract {
    output: Output,
    format: Format,
    buffer: Vec<u8>,
    /// Packets that do not fit it.
    left_out: u64,
    words: Words,
}

enum Format {
    Pcapng(Saver),
    /// One link type for all, that of the first packet.
    Pcap(Option<u16>),
}

impl Extract {
    /// Opens the file.
    pub fn create(path: &Path, words: Words) -> Result<Self, Exit> {
        let mut buffer = Vec::new();
        let format = match path.extension().is_some_and(|extension| extension == "pcap") {
            true => Format::Pcap(None),
            false => Format::Pcapng(Saver::begin(&mut buffer)),
        };
        let output = Output::open(Some(path), true, words)?;
        Ok(Extract { output, format, buffer, left_out: 0, words })
    }

    /// Writes one packet.
    pub fn take(&mut self, packet: &Packet) {
        match &mut self.format {
            Format::Pcapng(saver) => saver.put(packet, &mut self.buffer),
            Format::Pcap(link_type) => {
                if link_type.is_none() {
                    write::pcap_header(&mut self.buffer, packet.link_type, 0);
                }
                if *link_type.get_or_insert(packet.link_type) != packet.link_type {
                    self.left_out += 1;
                    return;
                }
                let nanos = packet.nanos.unwrap_or(0);
                write::pcap_record(&mut self.buffer, nanos, &packet.data, packet.original_length);
            }
        }
        self.output.write(&self.buffer);
        self.buffer.clear();
    }

    /// Writes what is left; a file without packets is a valid one too.
    pub fn finish(mut self) -> Exit {
        if let Format::Pcap(None) = self.format {
            write::pcap_header(&mut self.buffer, 1, 0);
        }
        self.output.write(&self.buffer);
        match (self.output.finish(), self.left_out) {
            (Exit::Done, count @ 1..) => {
                eprintln!("sockscope: {}", self.words.with("pcap_one_link_type", &[("count", count.to_string())]));
                Exit::WrongInput
            }
            (exit, _) => exit,
        }
    }
}
