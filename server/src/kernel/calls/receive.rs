//! `recv` and `recvfrom`: how the blocking forms, `MSG_WAITALL` and truncation are made of attempts that never block.

use super::{Attempt, Pending, Returned, errno};
use crate::kernel::face::Face;
use crate::kernel::socket::Socket;
use rustix::net::RecvFlags;
use sockscope_core::socket::{Answer, Flags, Kind, Outcome, Reason};
use sockscope_core::stream::{Data, Range};
use std::net::SocketAddrV4;

/// Most that one attempt reads: more than any receive buffer holds, so that an enormous `size` costs no memory.
const MOST: usize = 8 << 20;

impl Pending {
    /// One attempt to receive.
    pub(super) fn receive(&mut self, socket: &Socket, face: &Face, size: usize, flags: Flags, from: bool) -> Attempt {
        if let Some(errno) = socket.owed.take() {
            return errno.into();
        }
        if socket.kind == Kind::Datagram {
            return receive_datagram(socket, face, size, flags, from);
        }
        loop {
            let wanted = (size - self.gathered.len()).min(MOST);
            // What is there bounds what can be read: a buffer of that size is enough.
            let there = rustix::io::ioctl_fionread(&socket.fd).unwrap_or(0) as usize;
            let mut buffer = Vec::with_capacity(wanted.min(there.max(1) + 4_096));
            let spare = rustix::buffer::spare_capacity(&mut buffer);
            match rustix::net::recv(socket, spare, receive_flags(flags)) {
                Ok(_) => {
                    buffer.truncate(wanted);
                    let ended = buffer.is_empty();
                    if self.gathered.is_empty() {
                        self.gathered = buffer
                    } else {
                        self.gathered.extend(buffer)
                    }
                    let full = self.gathered.len() >= size;
                    if ended || full || !(flags.wait_all && self.patient) || flags.peek {
                        return self.received(socket, flags, from);
                    }
                }
                Err(rustix::io::Errno::AGAIN) if self.gathered.is_empty() || self.patient => {
                    return Attempt::Wait(Reason::Data);
                }
                Err(rustix::io::Errno::AGAIN) => return self.received(socket, flags, from),
                // As with send: bytes first, the error with the next call.
                Err(error) if !self.gathered.is_empty() => {
                    socket.owed.set(Some(errno(error)));
                    return self.received(socket, flags, from);
                }
                Err(error) => return errno(error).into(),
            }
        }
    }

    /// Ends a receive: counts its bytes in the stream and reports them.
    pub(super) fn received(&mut self, socket: &Socket, flags: Flags, from: bool) -> Attempt {
        let data = Data::from(std::mem::take(&mut self.gathered));
        let start = socket.received.get();
        let range = Range(start, start + data.len() as u64);
        if !flags.peek {
            socket.received.set(range.1);
        }
        let length = data.len();
        let answer = if from { Answer::Datagram { data, from: None, length } } else { Answer::Data(data) };
        Attempt::Done(Returned { range: (!range.is_empty()).then_some(range), ..Returned::new(Outcome::Ok(answer)) })
    }
}

fn receive_datagram(socket: &Socket, face: &Face, size: usize, flags: Flags, from: bool) -> Attempt {
    loop {
        // No datagram is longer than an IP packet.
        let mut buffer = Vec::with_capacity(size.min(1 << 16));
        let wanted = receive_flags(flags) | RecvFlags::TRUNC;
        // An empty spare slice is not a buffer to rustix, and `recv(0)` must still take the datagram.
        let answer = if size == 0 {
            rustix::net::recvfrom(socket, &mut [0_u8; 0], wanted).map(|(_, length, peer)| (length, peer))
        } else {
            let spare = rustix::buffer::spare_capacity(&mut buffer);
            rustix::net::recvfrom(socket, spare, wanted).map(|(_, length, peer)| (length, peer))
        };
        let (length, peer) = match answer {
            Ok((length, peer)) => (length, peer.and_then(|peer| SocketAddrV4::try_from(peer).ok())),
            Err(rustix::io::Errno::AGAIN) => return Attempt::Wait(Reason::Data),
            Err(error) => return errno(error).into(),
        };
        if peer.is_some_and(|peer| !face.comes_from_inside(peer)) && !flags.peek {
            continue; // a stranger of this machine
        }
        buffer.truncate(size);
        let data = Data::from(buffer);
        let peer = peer.map(|peer| face.inward(peer));
        let answer = if from { Answer::Datagram { data, from: peer, length } } else { Answer::Data(data) };
        return Attempt::Done(Returned { peer, ..Returned::new(Outcome::Ok(answer)) });
    }
}

fn receive_flags(flags: Flags) -> RecvFlags {
    let mut bits = RecvFlags::DONTWAIT;
    if flags.peek {
        bits |= RecvFlags::PEEK;
    }
    if flags.out_of_band {
        bits |= RecvFlags::OOB;
    }
    bits
}
