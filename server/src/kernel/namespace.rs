//! A host's own network: a network namespace with one TAP device, nothing else. What passes over the TAP is the
//! switch's business.

use super::netlink::{self, Route};
use super::sys::{self, Interface};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use rustix::thread::LinkNameSpaceType;
use sockscope_core::scenario::{Congestion, Host, TcpConfig};
use sockscope_core::wire::MacAddress;
use std::io;
use std::net::Ipv4Addr;

/// The interface of every host, as its own `ip link` would show it.
const INTERFACE: &str = "eth0";

/// Frames the kernel may queue towards the switch: more than a full send buffer, so that only the link drops.
const QUEUE: u32 = 10_000;

/// Why a network could not be made.
#[derive(Debug, thiserror::Error)]
#[error("{step}: {error}")]
pub struct Failed {
    step: &'static str,
    error: io::Error,
}

/// Turns the error of a step into [`Failed`].
fn at<E: Into<io::Error>>(step: &'static str) -> impl FnOnce(E) -> Failed {
    move |error| Failed { step, error: error.into() }
}

/// A host's namespace and the far side of its TAP device.
#[derive(Debug)]
pub struct Network {
    namespace: OwnedFd,
    /// Reads and writes whole Ethernet frames; never blocks.
    pub tap: OwnedFd,
}

/// Puts the calling thread into a new network namespace; where the process may not do that, inside a user namespace
/// that it enters for it. Then the process must have one thread only.
fn unshare() -> Result<(), Failed> {
    match sys::unshare_network() {
        // A container's root may lack CAP_SYS_ADMIN as well.
        Err(Errno::PERM) => {
            enter_user_namespace()?;
            sys::unshare_network().map_err(at("unshare(CLONE_NEWNET)"))
        }
        result => result.map_err(at("unshare(CLONE_NEWNET)")),
    }
}

/// Makes the process root of a user namespace of its own, which is nobody outside.
fn enter_user_namespace() -> Result<(), Failed> {
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    sys::unshare_user().map_err(at("unshare(CLONE_NEWUSER)"))?;
    // Without CAP_SETGID outside, user_namespaces(7) demands setgroups to be denied before the group map is written.
    let _ = std::fs::write("/proc/self/setgroups", "deny");
    std::fs::write("/proc/self/uid_map", format!("0 {} 1", user.as_raw())).map_err(at("write uid_map"))?;
    std::fs::write("/proc/self/gid_map", format!("0 {} 1", group.as_raw())).map_err(at("write gid_map"))
}

impl Network {
    /// Makes the network of one host. The calling thread stays inside it. The first of a process must be made while it
    /// has one thread only.
    pub fn new(host: &Host, mac: MacAddress, mtu: u16) -> Result<Self, Failed> {
        unshare()?;
        let namespace = open("/proc/thread-self/ns/net", OFlags::RDONLY)?;
        let control = rustix::net::socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)
            .map_err(at("socket"))?;
        // First of all: should a later step not be permitted, a loopback run goes on from here.
        sys::bring_loopback_up(&control).map_err(at("bring lo up"))?;
        // Before the interface exists: it would announce itself over IPv6. Where /proc/sys is read-only, the switch
        // leaves those frames out.
        for place in ["all", "default"] {
            let _ = std::fs::write(format!("/proc/sys/net/ipv6/conf/{place}/disable_ipv6"), "1");
        }
        let tap = open("/dev/net/tun", OFlags::RDWR | OFlags::NONBLOCK)?;
        sys::create_tap(&tap, INTERFACE).map_err(at("TUNSETIFF"))?;
        let control = rustix::net::socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)
            .map_err(at("socket"))?;
        let mask = mask(host.prefix);
        let interface = Interface {
            mac,
            address: host.address,
            mask,
            broadcast: Ipv4Addr::from_bits(host.address.to_bits() | !mask.to_bits()),
            mtu,
        };
        sys::configure_interface(&control, INTERFACE, &interface).map_err(at("configure eth0"))?;
        let index = rustix::net::netdevice::name_to_index(&control, INTERFACE).map_err(at("SIOCGIFINDEX"))?;
        netlink::set_queue_length(index, QUEUE).map_err(at("set the queue of eth0"))?;
        // 255.255.255.255 has no route unless somebody names the interface.
        let limited_broadcast = Route {
            destination: Ipv4Addr::BROADCAST,
            prefix: 32,
            interface: index,
            source: host.address,
            quick_acknowledgement: false,
            replaces: false,
        };
        netlink::set_route(&limited_broadcast).map_err(at("route 255.255.255.255"))?;
        if !host.tcp.delayed_ack && host.prefix < 32 {
            let subnet = Route {
                destination: Ipv4Addr::from_bits(host.address.to_bits() & mask.to_bits()),
                prefix: host.prefix,
                quick_acknowledgement: true,
                replaces: true,
                ..limited_broadcast
            };
            netlink::set_route(&subnet).map_err(at("route of the subnet"))?;
        }
        tune(&host.tcp)?;
        Ok(Network { namespace, tap })
    }

    /// Frames that the kernel gave up before they reached the TAP device: the one loss that the link does not decide.
    pub fn lost(&self) -> u64 {
        if self.enter().is_err() {
            return 0;
        }
        let table = std::fs::read_to_string("/proc/thread-self/net/dev").unwrap_or_default();
        let row = table.lines().find_map(|line| line.trim().strip_prefix("eth0:"));
        // Eight columns of what was received, then bytes, packets, errors and drops of what was sent.
        let drops = row.and_then(|row| row.split_whitespace().nth(11));
        drops.and_then(|drops| drops.parse().ok()).unwrap_or(0)
    }

    /// Moves the calling thread into this namespace: sockets it makes from now on belong to this host.
    pub fn enter(&self) -> Result<(), Failed> {
        enter(&self.namespace)
    }
}

/// What a congestion control is called in `TCP_CONGESTION`.
pub fn congestion_name(congestion: Congestion) -> &'static str {
    match congestion {
        Congestion::Reno => "reno",
        Congestion::Cubic => "cubic",
    }
}

/// Network mask of a prefix length.
pub fn mask(prefix: u8) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0))
}

/// Sets what differs from a new namespace's own defaults.
fn tune(tcp: &TcpConfig) -> Result<(), Failed> {
    for (on, name) in
        [(tcp.sack, "tcp_sack"), (tcp.timestamps, "tcp_timestamps"), (tcp.window_scale, "tcp_window_scaling")]
    {
        if !on {
            std::fs::write(format!("/proc/sys/net/ipv4/{name}"), "0").map_err(at("set a TCP option off"))?;
        }
    }
    Ok(())
}

fn enter(namespace: &OwnedFd) -> Result<(), Failed> {
    rustix::thread::move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).map_err(at("setns"))
}

fn open(path: &'static str, flags: OFlags) -> Result<OwnedFd, Failed> {
    rustix::fs::open(path, flags | OFlags::CLOEXEC, Mode::empty()).map_err(at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_length_has_its_mask() {
        assert_eq!(mask(0), Ipv4Addr::UNSPECIFIED);
        assert_eq!(mask(1), Ipv4Addr::new(128, 0, 0, 0));
        assert_eq!(mask(24), Ipv4Addr::new(255, 255, 255, 0));
        assert_eq!(mask(32), Ipv4Addr::BROADCAST);
    }
}
