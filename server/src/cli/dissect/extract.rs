//! Some packets of a capture as a capture of their own. It chooses none of them.

use sockscope_core::packets::Packet;
use sockscope_core::wire::capture::write::{self, Described, Resolution, Written};
use std::path::Path;

use crate::cli::Exit;
use crate::cli::output::Output;
use crate::cli::words::Words;

/// A capture file that is being written.
pub struct Extract {
    output: Output,
    pcap: bool,
    /// The interfaces written so far, by their numbers in the file read.
    interfaces: Vec<u32>,
    buffer: Vec<u8>,
    /// The link type of a pcap file, which has one for all.
    link_type: Option<u16>,
    /// Packets that do not fit it.
    left_out: u64,
    words: Words,
}

impl Extract {
    /// Opens the file.
    pub fn create(path: &Path, words: Words) -> Result<Self, Exit> {
        let pcap = path.extension().is_some_and(|extension| extension == "pcap");
        let output = Output::open(Some(path), true, words)?;
        Ok(Extract { output, pcap, interfaces: Vec::new(), buffer: Vec::new(), link_type: None, left_out: 0, words })
    }

    /// Writes one packet.
    pub fn take(&mut self, packet: &Packet) {
        self.buffer.clear();
        let known = self.interfaces.iter().position(|number| *number == packet.interface);
        if self.pcap {
            if self.link_type.is_none() {
                write::pcap_header(&mut self.buffer, packet.link_type, 0);
                self.link_type = Some(packet.link_type);
            }
            if self.link_type != Some(packet.link_type) {
                self.left_out += 1;
                return;
            }
            write::pcap_record(&mut self.buffer, packet.nanos.unwrap_or(0), &packet.data, packet.original_length);
        } else {
            if self.interfaces.is_empty() {
                write::section(&mut self.buffer, &[]);
            }
            let place = known.unwrap_or_else(|| {
                let described = Described {
                    link_type: packet.link_type,
                    snap_length: 0,
                    name: "",
                    description: "",
                    resolution: Resolution::Nanos,
                };
                write::interface(&mut self.buffer, &described);
                self.interfaces.push(packet.interface);
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
            write::packet(&mut self.buffer, &written);
        }
        self.output.write(&self.buffer);
    }

    /// Writes what is left; a file without packets is a valid one too.
    pub fn finish(mut self) -> Exit {
        if self.interfaces.is_empty() && self.link_type.is_none() {
            self.buffer.clear();
            match self.pcap {
                true => write::pcap_header(&mut self.buffer, 1, 0),
                false => write::section(&mut self.buffer, &[]),
            }
            self.output.write(&self.buffer);
        }
        match (self.output.finish(), self.left_out) {
            (Exit::Done, count @ 1..) => {
                eprintln!("sockscope: {}", self.words.with("pcap_one_link_type", &[("count", count.to_string())]));
                Exit::WrongInput
            }
            (exit, _) => exit,
        }
    }
}
