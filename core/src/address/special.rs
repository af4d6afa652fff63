//! Address ranges with a meaning of their own (RFC 6890 and the IANA registry it begins). Any other address is an
//! ordinary one.

use super::Subnet;
use std::net::Ipv4Addr;

/// A range of addresses with a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Special {
    /// First address of the range.
    pub network: Ipv4Addr,
    /// Length of the network part.
    pub prefix: u8,
    /// A stable name: `private`, `loopback`.
    pub name: &'static str,
    /// Where it is defined.
    pub source: &'static str,
}

/// What is special about an address: the narrowest range that has it.
///
/// ```
/// use sockscope_core::address::special;
/// assert_eq!(special("192.168.1.7".parse().unwrap()).unwrap().name, "private");
/// assert_eq!(special("255.255.255.255".parse().unwrap()).unwrap().name, "limited_broadcast");
/// assert_eq!(special("8.8.8.8".parse().unwrap()), None);
/// ```
pub fn special(address: Ipv4Addr) -> Option<&'static Special> {
    SPECIAL.iter().filter(|range| range.subnet().contains(address)).max_by_key(|range| range.prefix)
}

impl Special {
    /// The range.
    pub fn subnet(&self) -> Subnet {
        Subnet::new(self.network, self.prefix).expect("a prefix of the table is at most 32")
    }
}

const fn range(network: [u8; 4], prefix: u8, name: &'static str, source: &'static str) -> Special {
    let [a, b, c, d] = network;
    Special { network: Ipv4Addr::new(a, b, c, d), prefix, name, source }
}

/// The ranges, by address.
pub const SPECIAL: &[Special] = &[
    range([0, 0, 0, 0], 8, "this_network", "RFC 791, 3.2"),
    range([0, 0, 0, 0], 32, "unspecified", "RFC 1122, 3.2.1.3"),
    range([10, 0, 0, 0], 8, "private", "RFC 1918"),
    range([100, 64, 0, 0], 10, "carrier_nat", "RFC 6598"),
    range([127, 0, 0, 0], 8, "loopback", "RFC 1122, 3.2.1.3"),
    range([169, 254, 0, 0], 16, "link_local", "RFC 3927"),
    range([172, 16, 0, 0], 12, "private", "RFC 1918"),
    range([192, 0, 0, 0], 24, "protocol_assignments", "RFC 6890"),
    range([192, 0, 2, 0], 24, "documentation", "RFC 5737"),
    range([192, 168, 0, 0], 16, "private", "RFC 1918"),
    range([198, 18, 0, 0], 15, "benchmarking", "RFC 2544"),
    range([198, 51, 100, 0], 24, "documentation", "RFC 5737"),
    range([203, 0, 113, 0], 24, "documentation", "RFC 5737"),
    range([224, 0, 0, 0], 4, "multicast", "RFC 5771"),
    range([240, 0, 0, 0], 4, "reserved", "RFC 1112, 4"),
    range([255, 255, 255, 255], 32, "limited_broadcast", "RFC 919, 7"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_each_range_begins_at_its_network() {
        assert!(SPECIAL.is_sorted_by_key(|range| (range.network, range.prefix)));
        for range in SPECIAL {
            assert_eq!(range.subnet().network(), range.network, "{range:?}");
        }
    }

    #[test]
    fn edges_of_ranges_are_inside_and_their_neighbours_outside() {
        let name = |text: &str| special(text.parse().unwrap()).map(|range| range.name);
        assert_eq!([name("172.15.255.255"), name("172.16.0.0")], [None, Some("private")]);
        assert_eq!([name("172.31.255.255"), name("172.32.0.0")], [Some("private"), None]);
        assert_eq!([name("0.0.0.0"), name("0.0.0.1")], [Some("unspecified"), Some("this_network")]);
        assert_eq!([name("223.255.255.255"), name("224.0.0.0")], [None, Some("multicast")]);
        assert_eq!([name("255.255.255.254"), name("255.255.255.255")], [Some("reserved"), Some("limited_broadcast")]);
    }
}
