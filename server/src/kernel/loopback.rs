//! The loopback kind: every host of a run is one address of a block of 127.0.0.0/8 that belongs to this run alone.
//! It translates addresses both ways, so that programs see those of the scenario; it makes no call for a program.

use super::namespace::mask;
use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use sockscope_core::scenario::Host;
use sockscope_core::socket::Errno;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

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
                    return Ok(Block { first, second, hosts, _claim: claim });
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
        let (ip, port) = (*address.ip(), address.port());
        let at = |index| SocketAddrV4::new(self.of(index), port);
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
            return Target::Everybody { hosts, refused: SocketAddrV4::new(BROADCAST, port) };
        }
        if ip.to_bits() & mask == own_address.to_bits() & mask { Target::NoHost } else { Target::NoRoute }
    }

    /// What host `own` binds to for an address it asks for.
    ///
    /// # Errors
    /// `EADDRNOTAVAIL` for an address that is not its own.
    pub fn bindable(&self, own: usize, address: SocketAddrV4) -> Result<SocketAddrV4, Errno> {
        match self.target(own, address) {
            Target::Address(there) if *there.ip() == self.of(own) => Ok(there),
            // A socket bound to the broadcast address hears broadcasts, which here arrive at the host's own address.
            Target::Everybody { .. } => Ok(SocketAddrV4::new(self.of(own), address.port())),
            _ => Err(Errno::EADDRNOTAVAIL),
        }
    }

    /// The address of the scenario that a real address stands for.
    pub fn inward(&self, address: SocketAddrV4) -> SocketAddrV4 {
        let [network, first, second, last] = address.ip().octets();
        let host = usize::from(last).checked_sub(1).and_then(|index| self.hosts.get(index));
        match host {
            Some(host) if (network, first, second) == (127, self.first, self.second) => {
                SocketAddrV4::new(host.0, address.port())
            }
            _ => address,
        }
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
    fn two_runs_never_share_a_block() {
        let (one, two) = (block(), block());
        assert_ne!(one.of(0), two.of(0));
    }
}
