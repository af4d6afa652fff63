//! The IPv4 addresses of this machine's interfaces. It changes none.

use std::ffi::CStr;
use std::net::Ipv4Addr;

/// An address of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// `eth0`.
    pub name: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// Length of the network part.
    pub prefix: u8,
}

/// All of them; none where the system does not say.
pub fn interfaces() -> Vec<Interface> {
    let mut found = Vec::new();
    let mut first: *mut libc::ifaddrs = std::ptr::null_mut();
    // SAFETY: getifaddrs writes one pointer to the place it is given.
    if unsafe { libc::getifaddrs(&mut first) } != 0 {
        return found;
    }
    let mut next = first;
    while !next.is_null() {
        // SAFETY: `next` is an element of the list, which lives until freeifaddrs below.
        let entry = unsafe { &*next };
        next = entry.ifa_next;
        if let (Some(address), Some(mask)) = (ipv4(entry.ifa_addr), ipv4(entry.ifa_netmask)) {
            // SAFETY: the name of an element is a C string that lives as long as the list.
            let name = unsafe { CStr::from_ptr(entry.ifa_name) }.to_string_lossy().into_owned();
            found.push(Interface { name, address, prefix: mask.to_bits().leading_ones() as u8 });
        }
    }
    // SAFETY: the list came from getifaddrs, and nothing of it is used any more.
    unsafe { libc::freeifaddrs(first) };
    found
}

fn ipv4(address: *const libc::sockaddr) -> Option<Ipv4Addr> {
    if address.is_null() {
        return None;
    }
    // SAFETY: a socket address of the list is at least as long as its family says.
    unsafe {
        ((*address).sa_family == libc::AF_INET as libc::sa_family_t).then(|| {
            let address = address.cast::<libc::sockaddr_in>().read_unaligned();
            Ipv4Addr::from_bits(u32::from_be(address.sin_addr.s_addr))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_interface_is_among_them() {
        let loopback = interfaces().into_iter().find(|one| one.address == Ipv4Addr::LOCALHOST);
        assert_eq!(loopback.map(|one| one.prefix), Some(8));
    }
}
