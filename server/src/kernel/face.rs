//! Where a host's sockets live: its own network namespace, or its loopback address. The difference between the two kinds
//! ends here and in [`super::calls`]; the rest of the engine does not see it.

use super::loopback::{Block, Target};
use super::namespace::Network;
use super::socket::Socket;
use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use sockscope_core::socket::{Errno, Kind};
use std::cell::Cell;
use std::net::SocketAddrV4;
use std::rc::Rc;

/// The network face of one host.
#[derive(Debug)]
pub enum Face {
    /// A namespace of its own.
    Isolated {
        /// The namespace and its TAP.
        network: Network,
        /// Which host this is.
        own: usize,
        /// Whose namespace the thread is in, shared by all hosts.
        here: Rc<Cell<usize>>,
    },
    /// An address of the run's loopback block.
    Loopback {
        /// The addresses of the run.
        block: Rc<Block>,
        /// Which host this is.
        own: usize,
    },
}

impl Face {
    /// A new socket of this host that never blocks.
    pub fn socket(&self, kind: Kind, protocol: i32) -> Result<OwnedFd, Errno> {
        if let Face::Isolated { network, own, here } = self
            && here.get() != *own
        {
            network.enter().map_err(|_| Errno::EIO)?;
            here.set(*own);
        }
        let kind = match kind {
            Kind::Stream => SocketType::STREAM,
            Kind::Datagram => SocketType::DGRAM,
        };
        let protocol = match u32::try_from(protocol) {
            Ok(protocol) => std::num::NonZeroU32::new(protocol).map(rustix::net::Protocol::from_raw),
            Err(_) => return Err(Errno::EPROTONOSUPPORT),
        };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        rustix::net::socket_with(AddressFamily::INET, kind, flags, protocol).map_err(errno)
    }

    /// Where a destination really lies.
    pub fn target(&self, address: SocketAddrV4) -> Target {
        match self {
            Face::Isolated { .. } => Target::Address(address),
            Face::Loopback { block, own } => block.target(*own, address),
        }
    }

    /// What to bind to for an address the program asks for.
    pub fn bindable(&self, address: SocketAddrV4) -> Result<SocketAddrV4, Errno> {
        match self {
            Face::Isolated { .. } => Ok(address),
            Face::Loopback { block, own } => block.bindable(*own, address),
        }
    }

    /// Binds a socket to what [`Face::bindable`] gave.
    pub fn bind(&self, socket: &Socket, address: SocketAddrV4) -> rustix::io::Result<()> {
        match self {
            Face::Isolated { .. } => rustix::net::bind(socket, &address),
            Face::Loopback { block, .. } => block.bind(socket, address),
        }
    }

    /// A new socket belongs to the run.
    pub fn remember(&self, socket: &Rc<Socket>) {
        if let Face::Loopback { block, .. } = self {
            block.remember(socket);
        }
    }

    /// Whether what is sent there stays in the run. On loopback a port where no program of the run is to be found may
    /// well be some other program's.
    pub fn stays_inside(&self, kind: Kind, real: SocketAddrV4) -> bool {
        match self {
            Face::Isolated { .. } => true,
            Face::Loopback { block, .. } => block.is_served(kind, real),
        }
    }

    /// Whether what arrives from there comes out of the run.
    pub fn comes_from_inside(&self, real: SocketAddrV4) -> bool {
        match self {
            Face::Isolated { .. } => true,
            Face::Loopback { block, .. } => block.contains(real),
        }
    }

    /// The address a socket must be bound to before the system picks one by itself: on loopback it would pick one
    /// that says nothing about the host, or all of them.
    pub fn origin(&self) -> Option<SocketAddrV4> {
        match self {
            Face::Isolated { .. } => None,
            Face::Loopback { block, own } => Some(SocketAddrV4::new(block.of(*own), 0)),
        }
    }

    /// The address of the scenario that a real address stands for.
    pub fn inward(&self, address: SocketAddrV4) -> SocketAddrV4 {
        match self {
            Face::Isolated { .. } => address,
            Face::Loopback { block, .. } => block.inward(address),
        }
    }
}

/// The error of the course that a system error is. One the course does not have becomes the one nearest in meaning.
pub fn errno(error: rustix::io::Errno) -> Errno {
    let number = error.raw_os_error();
    Errno::from_number(number).unwrap_or(match number {
        libc::ENFILE => Errno::EMFILE,
        libc::EHOSTDOWN => Errno::EHOSTUNREACH,
        libc::ENONET | libc::ENETRESET => Errno::ENETUNREACH,
        libc::EPFNOSUPPORT | libc::ESOCKTNOSUPPORT => Errno::EPROTONOSUPPORT,
        libc::EDOM | libc::ERANGE | libc::EOVERFLOW => Errno::EINVAL,
        _ => Errno::EIO,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_the_course_does_not_have_becomes_the_nearest() {
        assert_eq!(errno(rustix::io::Errno::PIPE), Errno::EPIPE);
        assert_eq!(errno(rustix::io::Errno::HOSTDOWN), Errno::EHOSTUNREACH);
        assert_eq!(errno(rustix::io::Errno::PROTO), Errno::EIO);
    }
}
