//! The system calls that no safe library wraps, each behind a safe function. The only file of the server with `unsafe`;
//! it decides nothing.

use rustix::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use rustix::io::{Errno, Result};
use sockscope_core::wire::MacAddress;
use std::net::Ipv4Addr;

/// Longest interface name, with its end (`IFNAMSIZ`).
const NAME: usize = 16;

/// `struct ifreq` as netdevice(7) gives it: a name and 24 bytes that mean what the request says.
#[repr(C, align(8))]
struct Request {
    name: [u8; NAME],
    value: [u8; 24],
}

impl Request {
    fn new(name: &str) -> Self {
        let mut request = Request { name: [0; NAME], value: [0; 24] };
        let length = name.len().min(NAME - 1);
        request.name[..length].copy_from_slice(&name.as_bytes()[..length]);
        request
    }

    fn address(mut self, address: Ipv4Addr) -> Self {
        // `struct sockaddr_in`: family in host order, port zero, then the address.
        self.value[..2].copy_from_slice(&(libc::AF_INET as u16).to_ne_bytes());
        self.value[4..8].copy_from_slice(&address.octets());
        self
    }

    fn mac(mut self, mac: MacAddress) -> Self {
        self.value[..2].copy_from_slice(&libc::ARPHRD_ETHER.to_ne_bytes());
        self.value[2..8].copy_from_slice(&mac.0);
        self
    }

    fn number(mut self, number: i32) -> Self {
        self.value[..4].copy_from_slice(&number.to_ne_bytes());
        self
    }

    fn flags(mut self, flags: i16) -> Self {
        self.value[..2].copy_from_slice(&flags.to_ne_bytes());
        self
    }

    fn run(mut self, fd: BorrowedFd<'_>, request: libc::c_ulong) -> Result<Self> {
        // SAFETY: every request passed here (SIOCSIF*, SIOCGIFFLAGS, TUNSETIFF) reads and writes at most one
        // `struct ifreq`, which `Request` is at least as large as and as aligned as; it outlives the call.
        let answer = unsafe { libc::ioctl(fd.as_raw_fd(), request as _, &mut self as *mut Request) };
        checked(answer)?;
        Ok(self)
    }
}

/// What an interface is to be.
#[derive(Clone, Copy, Debug)]
pub struct Interface {
    /// Its Ethernet address.
    pub mac: MacAddress,
    /// Its address.
    pub address: Ipv4Addr,
    /// Network mask.
    pub mask: Ipv4Addr,
    /// Directed broadcast address.
    pub broadcast: Ipv4Addr,
    /// Largest IP packet.
    pub mtu: u16,
}

/// Makes `tun`, an open `/dev/net/tun`, the other side of a new TAP device in the calling thread's network namespace.
pub fn create_tap(tun: &OwnedFd, name: &str) -> Result<()> {
    const IFF_TAP_NO_PI: i16 = (libc::IFF_TAP | libc::IFF_NO_PI) as i16;
    Request::new(name).flags(IFF_TAP_NO_PI).run(tun.as_fd(), libc::TUNSETIFF as libc::c_ulong)?;
    // No offloads: the kernel cuts segments to the MTU and computes checksums itself, so frames are what a wire carries.
    // SAFETY: TUNSETOFFLOAD takes a plain number, no pointer.
    checked(unsafe { libc::ioctl(tun.as_raw_fd(), libc::TUNSETOFFLOAD as _, 0 as libc::c_ulong) })
}

/// Gives an interface of the calling thread's namespace its addresses and brings it up. `control` is any socket of that namespace.
pub fn configure_interface(control: &OwnedFd, name: &str, interface: &Interface) -> Result<()> {
    let control = control.as_fd();
    let request = || Request::new(name);
    request().mac(interface.mac).run(control, libc::SIOCSIFHWADDR)?;
    request().number(i32::from(interface.mtu)).run(control, libc::SIOCSIFMTU)?;
    request().address(interface.address).run(control, libc::SIOCSIFADDR)?;
    request().address(interface.mask).run(control, libc::SIOCSIFNETMASK)?;
    request().address(interface.broadcast).run(control, libc::SIOCSIFBRDADDR)?;
    bring_up(control, name)
}

/// Brings `lo` of the calling thread's namespace up.
pub fn bring_loopback_up(control: &OwnedFd) -> Result<()> {
    bring_up(control.as_fd(), "lo")
}

fn bring_up(control: BorrowedFd<'_>, name: &str) -> Result<()> {
    let flags = (libc::IFF_UP | libc::IFF_RUNNING) as i16;
    let present = Request::new(name).run(control, libc::SIOCGIFFLAGS)?;
    let present = i16::from_ne_bytes([present.value[0], present.value[1]]);
    Request::new(name).flags(present | flags).run(control, libc::SIOCSIFFLAGS).map(drop)
}

/// Puts the process into a new user namespace. It must have one thread only.
pub fn unshare_user() -> Result<()> {
    // SAFETY: CLONE_NEWUSER changes credentials and shares no memory or descriptors anew.
    checked(unsafe { libc::unshare(libc::CLONE_NEWUSER) })
}

/// Puts the calling thread into a new network namespace.
pub fn unshare_network() -> Result<()> {
    // SAFETY: CLONE_NEWNET concerns only which interfaces later calls see.
    checked(unsafe { libc::unshare(libc::CLONE_NEWNET) })
}

/// Lets the kernel end this process with SIGALRM after so many seconds, whatever it is doing by then.
pub fn end_after(seconds: u32) {
    // SAFETY: alarm has no memory effects; SIGALRM keeps its default action, which ends the process.
    unsafe {
        libc::signal(libc::SIGALRM, libc::SIG_DFL);
        libc::alarm(seconds);
    }
}

/// An option whose value is a number.
pub fn option(fd: BorrowedFd<'_>, level: i32, name: i32) -> Result<i32> {
    let mut value = [0; 4];
    raw_option(fd, level, name, &mut value)?;
    Ok(i32::from_ne_bytes(value))
}

/// An option whose value is a structure: fills what fits and returns how many bytes the kernel wrote.
pub fn raw_option(fd: BorrowedFd<'_>, level: i32, name: i32, value: &mut [u8]) -> Result<usize> {
    let mut length = value.len() as libc::socklen_t;
    // SAFETY: the pointer is valid for writes of `length` bytes, and the kernel writes no more than that.
    let answer = unsafe { libc::getsockopt(fd.as_raw_fd(), level, name, value.as_mut_ptr().cast(), &mut length) };
    checked(answer)?;
    Ok(length as usize)
}

/// Sets an option to the bytes of its value.
pub fn set_raw_option(fd: BorrowedFd<'_>, level: i32, name: i32, value: &[u8]) -> Result<()> {
    // SAFETY: the pointer is valid for reads of `value.len()` bytes for the time of the call.
    let answer =
        unsafe { libc::setsockopt(fd.as_raw_fd(), level, name, value.as_ptr().cast(), value.len() as libc::socklen_t) };
    checked(answer)
}

/// Bytes that were written to a socket and are not acknowledged yet (`SIOCOUTQ`).
pub fn unsent(fd: BorrowedFd<'_>) -> Result<u64> {
    let mut count: libc::c_int = 0;
    // SAFETY: TIOCOUTQ, which SIOCOUTQ is, writes one int.
    checked(unsafe { libc::ioctl(fd.as_raw_fd(), libc::TIOCOUTQ, &mut count as *mut libc::c_int) })?;
    Ok(count.max(0) as u64)
}

/// `TCP_INFO`, the part every Linux since 2.6 fills.
pub fn tcp_info(fd: BorrowedFd<'_>) -> Result<libc::tcp_info> {
    // SAFETY: all-zero bytes are a valid `tcp_info`, which holds only integers.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let mut length = size_of::<libc::tcp_info>() as libc::socklen_t;
    // SAFETY: `info` is valid for writes of `length` bytes, and the kernel writes no more than that.
    let answer = unsafe {
        libc::getsockopt(fd.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_INFO, (&raw mut info).cast(), &mut length)
    };
    checked(answer)?;
    Ok(info)
}

fn checked(answer: libc::c_int) -> Result<()> {
    if answer == -1 { Err(last_error()) } else { Ok(()) }
}

fn last_error() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)
}
