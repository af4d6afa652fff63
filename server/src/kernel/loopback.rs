//! The loopback kind: every host of a run is one address of a block of 127.0.0.0/8 that belongs to this run alone.
//! It translates addresses both ways, so that programs see those of the scenario; it makes no call for a program.

use super::namespace::mask;
use super::socket::Socket;
use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use sockscope_core::scenario::Host;
use sockscope_core::socket::{Errno, Kind};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::{Rc, Weak};

/// Where a call's destination really lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// There.
    Address(SocketAddrV4),
    /// At every host of the run: a broadcast address. `refused` is where the system itself refuses the same call.
    Everybody {
        /// Each host, the sender included, as an Ethernet broadcast also reaches its sender.
        hosts: Vec<SocketAddrV4>,
        /// A broadcast address of the loopback interface, to hear whether broadcasting is permitted.
        refused: SocketAddrV4,
    },
    /// Nowhere: no route leads there.
    NoRoute,
    /// Nowhere: the subnet has no such host.
    NoHost,
}

/// The addresses of one run.
#[derive(Debug)]
pub struct Block {
    first: u8,
    second: u8,
    hosts: Vec<(Ipv4Addr, u8)>,
    /// Every socket of the run that still lives: only they are reached, whoever else listens on this machine.
    sockets: RefCell<Vec<Weak<Socket>>>,
    /// Ports that another program holds on every address of the machine, and what stands for them in this run.
    moved: RefCell<BTreeMap<SocketAddrV4, u16>>,
    /// Holds the claim as long as the run lives: no other run on this machine takes the same block.
    _claim: OwnedFd,
}

/// The broadcast address of `lo`.
const BROADCAST: Ipv4Addr = Ipv4Addr::new(127, 255, 255, 255);

impl Block {
    /// Finds a block that no other run uses.
    pub fn claim(hosts: &[Host], process: u32) -> io::Result<Self> {
        // Spread by process, so that ports in TIME-WAIT of an earlier run are not met again soon.
        let start = process.wrapping_mul(2_654_435_761) >> 8;
        for attempt in 0..4_096_u32 {
            let [.., first, second] = start.wrapping_add(attempt).to_be_bytes();
            // 127.0.x.y is where other programs live, 127.255.x.y holds the broadcast address.
            if first == 0 || first == 255 {
                continue;
            }
            let claim = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
            let name = SocketAddrUnix::new_abstract_name(format!("sockscope-127.{first}.{second}").as_bytes())?;
            match rustix::net::bind(&claim, &name) {
                Ok(()) => {
                    let hosts = hosts.iter().map(|host| (host.address, host.prefix)).collect();
                    let (sockets, moved) = Default::default();
                    return Ok(Block { first, second, hosts, sockets, moved, _claim: claim });
                }
                Err(rustix::io::Errno::ADDRINUSE) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(io::Error::new(io::ErrorKind::AddrInUse, "every block of loopback addresses is in use"))
    }

    /// The loopback address of a host.
    pub fn of(&self, index: usize) -> Ipv4Addr {
        Ipv4Addr::new(127, self.first, self.second, index as u8 + 1)
    }

    /// Where host `own` reaches an address of the scenario.
    pub fn target(&self, own: usize, address: SocketAddrV4) -> Target {
        let ip = *address.ip();
        let at = |index| self.moved(SocketAddrV4::new(self.of(index), address.port()));
        if ip.is_unspecified() || ip.is_loopback() {
            return Target::Address(at(own));
        }
        if let Some(index) = self.hosts.iter().position(|host| host.0 == ip) {
            return Target::Address(at(index));
        }
        let (own_address, prefix) = self.hosts[own];
        let mask = mask(prefix).to_bits();
        if ip.is_broadcast() || (prefix < 31 && ip.to_bits() == own_address.to_bits() | !mask) {
            let hosts = (0..self.hosts.len()).map(at).collect();
            return Target::Everybody { hosts, refused: SocketAddrV4::new(BROADCAST, address.port()) };
        }
        if ip.to_bits() & mask == own_address.to_bits() & mask { Target::NoHost } else { Target::NoRoute }
    }

    /// What host `own` binds to for an address it asks for.
    ///
    /// # Errors
    /// `EADDRNOTAVAIL` for an address that is not its own.
    pub fn bindable(&self, own: usize, address: SocketAddrV4) -> Result<SocketAddrV4, Errno> {
        let real = SocketAddrV4::new(self.of(own), address.port());
        match self.target(own, address) {
            Target::Address(there) if there.ip() == real.ip() => Ok(real),
            // A socket bound to the broadcast address hears broadcasts, which here arrive at the host's own address.
            Target::Everybody { .. } => Ok(real),
            _ => Err(Errno::EADDRNOTAVAIL),
        }
    }

    /// Binds a socket. A port that another program of this machine holds is moved: the run does not see that program.
    pub fn bind(&self, socket: &Socket, address: SocketAddrV4) -> rustix::io::Result<()> {
        let result = rustix::net::bind(socket, &address);
        if result != Err(rustix::io::Errno::ADDRINUSE) || !self.is_held_outside(socket.kind, address.port()) {
            return result;
        }
        let held_inside = self.moved.borrow().contains_key(&address)
            && self.living().any(|other| other.real_local() == Ok(self.moved(address)));
        if held_inside {
            return result;
        }
        rustix::net::bind(socket, &SocketAddrV4::new(*address.ip(), 0))?;
        self.moved.borrow_mut().insert(address, socket.real_local()?.port());
        Ok(())
    }

    /// Takes a new socket into the run.
    pub fn remember(&self, socket: &Rc<Socket>) {
        let mut sockets = self.sockets.borrow_mut();
        sockets.retain(|socket| socket.strong_count() > 0);
        sockets.push(Rc::downgrade(socket));
    }

    /// Whether a socket of this run is there to be reached: one that listens, or takes datagrams.
    pub fn is_served(&self, kind: Kind, address: SocketAddrV4) -> bool {
        self.living().any(|socket| {
            let answers = socket.kind == kind && (kind == Kind::Datagram || socket.listening.get());
            answers && socket.real_local() == Ok(address)
        })
    }

    /// Whether an address is one of this run's.
    pub fn contains(&self, address: SocketAddrV4) -> bool {
        address.ip().octets()[..3] == [127, self.first, self.second]
    }

    /// The address of the scenario that a real address stands for.
    pub fn inward(&self, address: SocketAddrV4) -> SocketAddrV4 {
        let last = address.ip().octets()[3];
        let host = usize::from(last).checked_sub(1).and_then(|index| self.hosts.get(index));
        match host {
            Some(host) if self.contains(address) => {
                let moved = self.moved.borrow();
                let origin = moved.iter().find(|(from, to)| from.ip() == address.ip() && **to == address.port());
                SocketAddrV4::new(host.0, origin.map_or(address.port(), |(from, _)| from.port()))
            }
            _ => address,
        }
    }

    fn moved(&self, address: SocketAddrV4) -> SocketAddrV4 {
        let port = self.moved.borrow().get(&address).copied();
        SocketAddrV4::new(*address.ip(), port.unwrap_or(address.port()))
    }

    fn living(&self) -> impl Iterator<Item = Rc<Socket>> {
        let living: Vec<_> = self.sockets.borrow().iter().filter_map(Weak::upgrade).collect();
        living.into_iter()
    }

    /// Whether a port is taken even at an address of the block that no host has.
    fn is_held_outside(&self, kind: Kind, port: u16) -> bool {
        let kind = match kind {
            Kind::Stream => SocketType::STREAM,
            Kind::Datagram => SocketType::DGRAM,
        };
        let nobody = SocketAddrV4::new(Ipv4Addr::new(127, self.first, self.second, 254), port);
        rustix::net::socket_with(AddressFamily::INET, kind, SocketFlags::CLOEXEC, None)
            .is_ok_and(|probe| rustix::net::bind(&probe, &nobody) == Err(rustix::io::Errno::ADDRINUSE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sockscope_core::scenario::TcpConfig;
    use sockscope_core::time::Instant;

    fn block() -> Block {
        let host = |last| Host {
            name: format!("host{last}").into(),
            address: Ipv4Addr::new(10, 0, 0, last),
            prefix: 24,
            start: Instant::ZERO,
            stdin: Vec::new(),
            files: Default::default(),
            tcp: TcpConfig::default(),
            program: String::new(),
        };
        Block::claim(&[host(1), host(2)], std::process::id()).unwrap()
    }

    fn address(text: &str) -> SocketAddrV4 {
        text.parse().unwrap()
    }

    #[test]
    fn a_host_is_reached_at_its_loopback_address_and_shown_as_itself() {
        let block = block();
        let Target::Address(there) = block.target(0, address("10.0.0.2:80")) else { panic!() };
        assert!(there.ip().is_loopback());
        assert_eq!(block.inward(there), address("10.0.0.2:80"));
    }

    #[test]
    fn nothing_outside_the_run_can_be_reached() {
        let block = block();
        assert_eq!(block.target(0, address("10.0.0.3:80")), Target::NoHost);
        assert_eq!(block.target(0, address("8.8.8.8:53")), Target::NoRoute);
        let Target::Address(local) = block.target(0, address("127.0.0.1:22")) else { panic!() };
        assert_eq!(*local.ip(), block.of(0), "localhost is the host itself, not the machine");
    }

    #[test]
    fn a_host_binds_to_no_address_but_its_own() {
        let block = block();
        assert_eq!(block.bindable(0, address("0.0.0.0:80")).unwrap().ip(), &block.of(0));
        assert_eq!(block.bindable(0, address("10.0.0.2:80")), Err(Errno::EADDRNOTAVAIL));
    }

    #[test]
    fn both_broadcast_addresses_mean_every_host_of_the_run() {
        let block = block();
        for everybody in ["10.0.0.255:9", "255.255.255.255:9"] {
            let Target::Everybody { hosts, .. } = block.target(1, address(everybody)) else { panic!() };
            assert_eq!(hosts.len(), 2);
        }
    }

    #[test]
    fn a_port_that_another_program_holds_everywhere_is_moved_and_that_program_not_reached() {
        let outside = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
        let (block, port) = (block(), outside.local_addr().unwrap().port());
        let place = SocketAddrV4::new(block.of(0), port);
        assert!(!block.is_served(Kind::Stream, place), "nobody of the run listens there");
        let fd = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        let socket = Rc::new(Socket::new(fd, Kind::Stream));
        block.remember(&socket);
        block.bind(&socket, place).unwrap();
        let real = socket.real_local().unwrap();
        assert_ne!(real.port(), port);
        assert_eq!(block.inward(real).port(), port, "the program sees the port it asked for");
        let Target::Address(there) = block.target(1, SocketAddrV4::new("10.0.0.1".parse().unwrap(), port)) else {
            panic!()
        };
        assert_eq!(there, real);
    }

    #[test]
    fn two_runs_never_share_a_block() {
        let (one, two) = (block(), block());
        assert_ne!(one.of(0), two.of(0));
    }
}
