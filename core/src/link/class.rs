//! What a frame carries, as far as a scripted drop counts it. The only place where the link's room looks into a frame.

use super::Counted;
use crate::wire::{Frame, Packet, Transport};

/// What a frame carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Class {
    /// Payload of TCP or UDP.
    pub data: bool,
    /// A segment with SYN, SYN-ACK included.
    pub syn: bool,
    /// A segment with FIN.
    pub fin: bool,
    /// A segment with ACK and neither payload, SYN, FIN nor RST.
    pub ack: bool,
}

impl Class {
    /// The class of a frame. Of a fragmented datagram only the first fragment counts as data.
    pub fn of(frame: &Frame) -> Class {
        let Packet::Ipv4(packet) = &frame.payload else { return Class::default() };
        match &packet.payload {
            Transport::Tcp(segment) => {
                let control = segment.control;
                let data = !segment.payload.is_empty();
                let plain = !(data || control.syn || control.fin || control.rst);
                Class { data, syn: control.syn, fin: control.fin, ack: control.ack && plain }
            }
            Transport::Udp(datagram) => Class { data: !datagram.payload.is_empty(), ..Class::default() },
            Transport::Other { protocol: 17, .. } => Class { data: packet.fragment_offset == 0, ..Class::default() },
            Transport::Icmp(_) | Transport::Other { .. } => Class::default(),
        }
    }

    /// Whether a scripted drop of this kind counts the frame.
    pub fn counts_as(self, counted: Counted) -> bool {
        match counted {
            Counted::Data => self.data,
            Counted::Syn => self.syn,
            Counted::Fin => self.fin,
            Counted::Ack => self.ack,
            Counted::Frame => true,
        }
    }
}
