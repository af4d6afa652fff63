//! An address with the length of its network part: mask, network, broadcast, hosts. It knows no interface.

use super::inet_aton;
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// An address in its network: `10.0.0.5/24` (RFC 4632).
///
/// ```
/// use sockscope_core::address::Subnet;
/// let subnet: Subnet = "10.0.0.5/24".parse().unwrap();
/// assert_eq!(subnet.mask().to_string(), "255.255.255.0");
/// assert_eq!(subnet.network().to_string(), "10.0.0.0");
/// assert_eq!(subnet.broadcast().unwrap().to_string(), "10.0.0.255");
/// assert_eq!(subnet.host_count(), 254);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subnet {
    address: Ipv4Addr,
    prefix: u8,
}

/// A text that is no address with a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubnetError {
    /// The part before the slash is no address in four decimal numbers.
    #[error("the address is not four numbers from 0 to 255 with dots between them")]
    Address,
    /// There is no slash.
    #[error("a slash and the length of the network part are missing")]
    NoPrefix,
    /// The part behind the slash is neither a number from 0 to 32 nor a mask.
    #[error("the network part is neither a length from 0 to 32 nor a mask")]
    Prefix,
    /// The mask has a zero bit before a one bit.
    #[error("{mask} is no mask: its one bits are not all in front")]
    Mask {
        /// What it is.
        mask: Ipv4Addr,
    },
}

impl Subnet {
    /// An address and the length of its network part; `None` above 32.
    pub fn new(address: Ipv4Addr, prefix: u8) -> Option<Self> {
        (prefix <= 32).then_some(Subnet { address, prefix })
    }

    /// The address itself.
    pub fn address(self) -> Ipv4Addr {
        self.address
    }

    /// Length of the network part in bits.
    pub fn prefix(self) -> u8 {
        self.prefix
    }

    /// One bits where the network part is.
    pub fn mask(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0))
    }

    /// The network: all host bits zero.
    pub fn network(self) -> Ipv4Addr {
        self.address & self.mask()
    }

    /// The largest address of the network: all host bits one (RFC 919). A network of one or two addresses (`/32`,
    /// `/31`) has no broadcast address (RFC 3021).
    pub fn broadcast(self) -> Option<Ipv4Addr> {
        (self.prefix < 31).then(|| self.last())
    }

    /// First and last address that a host may have: all but network and broadcast address, where there are such.
    pub fn hosts(self) -> (Ipv4Addr, Ipv4Addr) {
        match self.broadcast() {
            Some(last) => (Ipv4Addr::from_bits(self.network().to_bits() + 1), Ipv4Addr::from_bits(last.to_bits() - 1)),
            None => (self.network(), self.last()),
        }
    }

    /// How many addresses a host may have.
    pub fn host_count(self) -> u64 {
        let (first, last) = self.hosts();
        u64::from(last.to_bits() - first.to_bits()) + 1
    }

    /// Whether the address lies in the network.
    pub fn contains(self, address: Ipv4Addr) -> bool {
        address & self.mask() == self.network()
    }

    /// The networks of another length that this one is made of, in order; none for a shorter length.
    ///
    /// ```
    /// use sockscope_core::address::Subnet;
    /// let subnet: Subnet = "10.0.0.5/24".parse().unwrap();
    /// let parts: Vec<String> = subnet.split(26).map(|part| part.to_string()).collect();
    /// assert_eq!(parts, ["10.0.0.0/26", "10.0.0.64/26", "10.0.0.128/26", "10.0.0.192/26"]);
    /// ```
    pub fn split(self, prefix: u8) -> impl Iterator<Item = Subnet> {
        let parts: u64 = if (self.prefix..=32).contains(&prefix) { 1 << (prefix - self.prefix) } else { 0 };
        let (first, size) = (u64::from(self.network().to_bits()), 1u64 << (32 - prefix.min(32)));
        (0..parts).map(move |part| Subnet { address: Ipv4Addr::from_bits((first + part * size) as u32), prefix })
    }

    /// Whether all hosts of this network have the address: the limited broadcast `255.255.255.255`, or the directed
    /// broadcast of this network.
    pub fn is_broadcast(self, address: Ipv4Addr) -> bool {
        address.is_broadcast() || self.broadcast() == Some(address)
    }

    fn last(self) -> Ipv4Addr {
        self.address | !self.mask()
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// `10.0.0.5/24`, or with a mask: `10.0.0.5/255.255.255.0`.
impl FromStr for Subnet {
    type Err = SubnetError;

    fn from_str(text: &str) -> Result<Self, SubnetError> {
        let (address, prefix) = text.split_once('/').ok_or(SubnetError::NoPrefix)?;
        let address = address.parse().map_err(|_| SubnetError::Address)?;
        if prefix.bytes().all(|byte| byte.is_ascii_digit()) && (1..=2).contains(&prefix.len()) {
            let prefix = prefix.parse().map_err(|_| SubnetError::Prefix)?;
            return Subnet::new(address, prefix).ok_or(SubnetError::Prefix);
        }
        if prefix.split('.').count() != 4 || prefix.contains(char::is_whitespace) {
            return Err(SubnetError::Prefix);
        }
        let mask = inet_aton(prefix).map_err(|_| SubnetError::Prefix)?;
        let ones = mask.to_bits().leading_ones();
        if ones != mask.to_bits().count_ones() {
            return Err(SubnetError::Mask { mask });
        }
        Ok(Subnet { address, prefix: ones as u8 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subnet(text: &str) -> Subnet {
        text.parse().unwrap()
    }

    #[test]
    fn every_length_has_its_mask() {
        for prefix in 0..=32 {
            let subnet = Subnet::new(Ipv4Addr::new(10, 1, 2, 3), prefix).unwrap();
            assert_eq!(subnet.mask().to_bits().count_ones(), u32::from(prefix));
            assert_eq!(subnet.mask().to_bits().leading_ones(), u32::from(prefix));
            assert!(subnet.contains(subnet.address()) && subnet.contains(subnet.network()));
        }
        assert_eq!(Subnet::new(Ipv4Addr::LOCALHOST, 33), None);
    }

    #[test]
    fn the_broadcast_address_is_the_largest() {
        assert_eq!(subnet("192.168.5.130/26").broadcast(), Some(Ipv4Addr::new(192, 168, 5, 191)));
        assert_eq!(subnet("172.16.1.1/12").broadcast(), Some(Ipv4Addr::new(172, 31, 255, 255)));
        assert_eq!(subnet("1.2.3.4/0").broadcast(), Some(Ipv4Addr::BROADCAST));
        assert!(subnet("10.0.0.1/24").is_broadcast(Ipv4Addr::new(10, 0, 0, 255)));
        assert!(subnet("10.0.0.1/24").is_broadcast(Ipv4Addr::BROADCAST));
        assert!(!subnet("10.0.0.1/16").is_broadcast(Ipv4Addr::new(10, 0, 0, 255)));
    }

    #[test]
    fn tiny_networks_have_hosts_and_no_broadcast() {
        assert_eq!((subnet("10.0.0.1/31").broadcast(), subnet("10.0.0.1/31").host_count()), (None, 2));
        assert_eq!((subnet("10.0.0.1/32").broadcast(), subnet("10.0.0.1/32").host_count()), (None, 1));
        let (first, last) = subnet("10.0.0.1/30").hosts();
        assert_eq!((first.octets()[3], last.octets()[3]), (1, 2));
        assert_eq!(subnet("0.0.0.0/0").host_count(), (1 << 32) - 2);
    }

    #[test]
    fn parts_of_a_network_lie_end_to_end_and_fill_it() {
        for (text, prefix, count) in
            [("10.1.2.3/16", 24, 256), ("0.0.0.0/0", 8, 256), ("10.0.0.0/30", 32, 4), ("10.0.0.0/24", 24, 1)]
        {
            let parts: Vec<Subnet> = subnet(text).split(prefix).collect();
            assert_eq!(parts.len(), count);
            assert_eq!(parts[0].network(), subnet(text).network());
            assert_eq!(parts[count - 1].last(), subnet(text).last());
            for pair in parts.windows(2) {
                assert_eq!(pair[0].last().to_bits() + 1, pair[1].network().to_bits());
            }
        }
        assert_eq!(subnet("10.0.0.0/24").split(23).count(), 0);
        assert_eq!(subnet("10.0.0.0/24").split(33).count(), 0);
        assert_eq!(subnet("0.0.0.0/0").split(32).take(3).count(), 3, "nothing is made before it is asked for");
    }

    #[test]
    fn what_is_no_subnet_is_refused() {
        assert_eq!(subnet("10.0.0.5/255.255.240.0"), subnet("10.0.0.5/20"));
        for (text, error) in [
            ("10.0.0.5", SubnetError::NoPrefix),
            ("10.0.5/24", SubnetError::Address),
            ("10.0.0.256/24", SubnetError::Address),
            ("10.0.0.5/33", SubnetError::Prefix),
            ("10.0.0.5/", SubnetError::Prefix),
            ("10.0.0.5/+1", SubnetError::Prefix),
            ("10.0.0.5/x", SubnetError::Prefix),
            ("10.0.0.5/255.0.255.0", SubnetError::Mask { mask: Ipv4Addr::new(255, 0, 255, 0) }),
        ] {
            assert_eq!(text.parse::<Subnet>(), Err(error), "{text}");
        }
    }
}
