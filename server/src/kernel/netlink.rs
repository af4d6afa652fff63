//! What a host's namespace is told over rtnetlink(7), because no ioctl does it or only for the machine's own root: two
//! kinds of route, and the length of an interface's queue. It knows no gateway, for there is none.

use rustix::fd::OwnedFd;
use rustix::io::{Errno, Result};
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use std::net::Ipv4Addr;

// linux/netlink.h and linux/rtnetlink.h
const NLMSG_ERROR: u16 = 2;
const RTM_NEWLINK: u16 = 16;
const RTM_NEWROUTE: u16 = 24;
const IFLA_TXQLEN: u16 = 13;
const NLM_F_REQUEST: u16 = 0x001;
const NLM_F_ACK: u16 = 0x004;
const NLM_F_REPLACE: u16 = 0x100;
const NLM_F_CREATE: u16 = 0x400;
const RT_TABLE_MAIN: u8 = 254;
const RTPROT_KERNEL: u8 = 2;
const RTPROT_STATIC: u8 = 4;
const RT_SCOPE_LINK: u8 = 253;
const RTN_UNICAST: u8 = 1;
const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RTA_PREFSRC: u16 = 7;
const RTA_METRICS: u16 = 8;
const RTAX_QUICKACK: u16 = 15;

/// A route through an interface.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// Network address.
    pub destination: Ipv4Addr,
    /// Length of the network part.
    pub prefix: u8,
    /// The interface, by index.
    pub interface: u32,
    /// The address that packets start from.
    pub source: Ipv4Addr,
    /// Whether TCP acknowledges every segment at once.
    pub quick_acknowledgement: bool,
    /// Whether the kernel made a route to this destination already, which this one replaces.
    pub replaces: bool,
}

/// Sets a route in the calling thread's namespace.
pub fn set_route(route: &Route) -> Result<()> {
    let (protocol, change) =
        if route.replaces { (RTPROT_KERNEL, NLM_F_REPLACE) } else { (RTPROT_STATIC, NLM_F_CREATE) };
    // `struct rtmsg`
    let mut body =
        vec![libc::AF_INET as u8, route.prefix, 0, 0, RT_TABLE_MAIN, protocol, RT_SCOPE_LINK, RTN_UNICAST, 0, 0, 0, 0];
    attribute(&mut body, RTA_DST, &route.destination.octets());
    attribute(&mut body, RTA_OIF, &route.interface.to_ne_bytes());
    attribute(&mut body, RTA_PREFSRC, &route.source.octets());
    if route.quick_acknowledgement {
        let mut metrics = Vec::new();
        attribute(&mut metrics, RTAX_QUICKACK, &1_u32.to_ne_bytes());
        attribute(&mut body, RTA_METRICS, &metrics);
    }
    request(RTM_NEWROUTE, change, &body)
}

/// Sets how many frames an interface of the calling thread's namespace may queue.
pub fn set_queue_length(interface: u32, frames: u32) -> Result<()> {
    // `struct ifinfomsg`: family, padding, type, index, flags, which flags to change.
    let mut body = vec![0; 4];
    body.extend(interface.to_ne_bytes());
    body.extend([0; 8]);
    attribute(&mut body, IFLA_TXQLEN, &frames.to_ne_bytes());
    request(RTM_NEWLINK, 0, &body)
}

/// Sends one request and waits for the kernel's word about it.
fn request(kind: u16, flags: u16, body: &[u8]) -> Result<()> {
    let socket: OwnedFd =
        rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    // `struct nlmsghdr`: length, type, flags, sequence, port (the kernel fills it).
    let mut message = Vec::with_capacity(16 + body.len());
    message.extend((16 + body.len() as u32).to_ne_bytes());
    message.extend(kind.to_ne_bytes());
    message.extend((NLM_F_REQUEST | NLM_F_ACK | flags).to_ne_bytes());
    message.extend(1_u32.to_ne_bytes());
    message.extend(0_u32.to_ne_bytes());
    message.extend(body);
    rustix::net::sendto(&socket, &message, SendFlags::empty(), &SocketAddrNetlink::new(0, 0))?;
    let mut answer = [0_u8; 256];
    let (_, length) = rustix::net::recv(&socket, &mut answer[..], RecvFlags::empty())?;
    // The type stands at 4; behind the header NLMSG_ERROR carries minus the errno, or 0.
    if length < 20 || u16::from_ne_bytes([answer[4], answer[5]]) != NLMSG_ERROR {
        return Err(Errno::PROTO);
    }
    match i32::from_ne_bytes([answer[16], answer[17], answer[18], answer[19]]) {
        0 => Ok(()),
        error => Err(Errno::from_raw_os_error(-error)),
    }
}

/// Appends one attribute; every value used here is a multiple of four bytes long, so none needs padding.
fn attribute(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend((4 + value.len() as u16).to_ne_bytes());
    message.extend(kind.to_ne_bytes());
    message.extend(value);
}
