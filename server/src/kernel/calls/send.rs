//! `send`, `sendall` and `sendto`: how the blocking forms of POSIX and Python are made of attempts that never block.

use super::{Attempt, Pending, Returned, broadcast_permitted, errno, made_up, settle_origin};
use crate::kernel::face::Face;
use crate::kernel::loopback::Target;
use crate::kernel::socket::Socket;
use rustix::net::SendFlags;
use sockscope_core::socket::{Answer, Errno, Flags, Kind, Outcome, Reason};
use sockscope_core::stream::Range;
use std::net::SocketAddrV4;

/// Most bytes of one datagram: what an IPv4 packet holds behind its own header and UDP's (RFC 791, RFC 768).
const LONGEST_DATAGRAM: usize = 65_535 - 20 - 8;

impl Pending {
    /// One attempt to send what is left.
    pub(super) fn send(
        &mut self,
        socket: &Socket,
        face: &Face,
        data: &[u8],
        flags: Flags,
        all: bool,
        to: Option<SocketAddrV4>,
    ) -> Attempt {
        if let Some(errno) = socket.owed.take() {
            return errno.into();
        }
        if socket.kind == Kind::Datagram {
            return self.send_datagram(socket, face, data, flags, all, to);
        }
        loop {
            match rustix::net::send(socket, &data[self.moved..], send_flags(flags)) {
                Ok(count) => self.moved += count,
                Err(rustix::io::Errno::AGAIN) if self.goes_on(all) => {
                    return Attempt::Wait(Reason::SendBuffer);
                }
                Err(rustix::io::Errno::AGAIN) => return self.sent(socket, all),
                // A blocking send that has taken bytes reports them, and the next call gets the error.
                Err(error) if self.moved > 0 && !all => {
                    socket.owed.set(Some(errno(error)));
                    return self.sent(socket, all);
                }
                Err(error) => {
                    self.account(socket);
                    return errno(error).into();
                }
            }
            if self.moved == data.len() || !(all || self.patient) {
                return self.sent(socket, all);
            }
        }
    }

    /// Whether a full buffer makes the call wait: always for `sendall`, for `send` as long as it has taken nothing or
    /// the descriptor is a blocking one, for then the kernel waits until it has taken everything.
    fn goes_on(&self, all: bool) -> bool {
        all || self.moved == 0 || self.patient
    }

    /// Ends a send: counts its bytes in the stream and reports them.
    pub(super) fn sent(&mut self, socket: &Socket, all: bool) -> Attempt {
        let range = self.account(socket);
        let answer = if all { Answer::Nothing } else { Answer::Number(self.moved as i64) };
        Attempt::Done(Returned { range: Some(range), ..Returned::new(Outcome::Ok(answer)) })
    }

    pub(super) fn account(&mut self, socket: &Socket) -> Range {
        let start = socket.sent.get();
        let end = start + self.moved as u64;
        socket.sent.set(end);
        Range(start, end)
    }

    fn send_datagram(
        &mut self,
        socket: &Socket,
        face: &Face,
        data: &[u8],
        flags: Flags,
        all: bool,
        to: Option<SocketAddrV4>,
    ) -> Attempt {
        let sent = |count: usize| {
            let answer = if all { Answer::Nothing } else { Answer::Number(count as i64) };
            Attempt::Done(Returned { peer: to, ..Returned::new(Outcome::Ok(answer)) })
        };
        let flags = send_flags(flags);
        // Where nobody is, no call of the kernel's would notice.
        let fits = data.len() <= LONGEST_DATAGRAM;
        let result = match to.or(socket.everybody.get()).map(|to| face.target(to)) {
            None => match connected_to_nobody(socket, face) {
                // What the ICMP message of a closed port does: the datagram has left, and the next call hears of it.
                true if !fits => return Errno::EMSGSIZE.into(),
                true => {
                    socket.owed.set(Some(Errno::ECONNREFUSED));
                    return made_up(Outcome::Ok(Answer::Number(data.len() as i64)));
                }
                false => rustix::net::send(socket, data, flags),
            },
            Some(Target::Address(there)) => {
                settle_origin(socket, face, true);
                match face.stays_inside(Kind::Datagram, there) {
                    true => rustix::net::sendto(socket, data, flags, &there),
                    false if !fits => Err(rustix::io::Errno::MSGSIZE),
                    false => Ok(data.len()),
                }
            }
            Some(Target::Everybody { hosts, refused }) => {
                settle_origin(socket, face, true);
                if let Err(errno) = broadcast_permitted(socket, refused) {
                    return errno.into();
                }
                for host in hosts.iter().filter(|host| face.stays_inside(Kind::Datagram, **host)) {
                    if let Err(error) = rustix::net::sendto(socket, data, flags, host) {
                        return errno(error).into();
                    }
                }
                Ok(data.len())
            }
            Some(Target::NoRoute) => return made_up(Outcome::Error(Errno::ENETUNREACH)),
            Some(Target::NoHost) if !fits => return made_up(Outcome::Error(Errno::EMSGSIZE)),
            // A datagram to nobody leaves without complaint; who is missing is found out later.
            Some(Target::NoHost) => return made_up(Outcome::Ok(Answer::Number(data.len() as i64))),
        };
        match result {
            Ok(count) => sent(count),
            Err(rustix::io::Errno::AGAIN) => Attempt::Wait(Reason::SendBuffer),
            Err(error) => errno(error).into(),
        }
    }
}

/// Whether a datagram socket is connected to a port where the run has nobody.
fn connected_to_nobody(socket: &Socket, face: &Face) -> bool {
    !socket.write_shut.get() && socket.real_peer().is_ok_and(|peer| !face.stays_inside(Kind::Datagram, peer))
}

fn send_flags(flags: Flags) -> SendFlags {
    let mut bits = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
    if flags.out_of_band {
        bits |= SendFlags::OOB;
    }
    bits
}
