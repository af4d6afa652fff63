//! What the page of addresses shows: how a text becomes 32 bits, and what the bits say. It asks no resolver.

mod answer;
mod order;
mod typed;

pub use answer::{Answer, answer, refusal, segment};
pub use order::{Ordered, Size, ordered};
pub use typed::{Base, Part, Typed, typed, with_prefix};

use sockscope_core::address::{Service, Subnet, services as built_in};

/// The length of the network part where the reader gave none.
pub const PREFIX: u8 = 24;
/// Networks of a split that are listed.
pub const LISTED: usize = 64;

/// The networks of another length that a network is made of: the first of them, and how many there are.
pub fn split(subnet: Subnet, prefix: u8) -> (Vec<Subnet>, u64) {
    if prefix < subnet.prefix() || prefix > 32 {
        return (Vec::new(), 0);
    }
    (subnet.split(prefix).take(LISTED).collect(), 1 << (prefix - subnet.prefix()))
}

/// The services whose name or port fits: a number is a port, anything else the beginning of a name or alias.
pub fn services(wanted: &str) -> Vec<&'static Service> {
    let wanted = wanted.trim().to_ascii_lowercase();
    if wanted.is_empty() {
        return Vec::new();
    }
    let port: Option<u16> = wanted.parse().ok();
    let fits = |service: &&Service| match port {
        Some(port) => service.port == port,
        None => std::iter::once(service.name)
            .chain(service.aliases())
            .any(|name| name.get(..wanted.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(&wanted))),
    };
    built_in().iter().filter(fits).take(20).collect()
}

/// A 32-bit number with its bits in groups of eight.
pub fn binary(bits: u32) -> String {
    bits.to_be_bytes().map(|byte| format!("{byte:08b}")).join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_falls_into_smaller_ones_and_never_into_larger() {
        let subnet: Subnet = "10.0.0.5/24".parse().unwrap();
        let (first, count) = split(subnet, 26);
        assert_eq!((first.len(), count, first[3].to_string().as_str()), (4, 4, "10.0.0.192/26"));
        assert_eq!(split("0.0.0.0/0".parse().unwrap(), 32).1, 1 << 32);
        assert_eq!(split(subnet, 23), (Vec::new(), 0));
    }

    #[test]
    fn services_are_found_by_port_name_and_alias() {
        assert_eq!(services("80")[0].name, "http");
        assert!(services("htt").iter().any(|service| service.name == "http"));
        assert!(services("mail").iter().any(|service| service.name == "smtp"));
        assert!(services("").is_empty() && services("no such service").is_empty());
    }
}
