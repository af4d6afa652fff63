//! Services by name and by port: all System Ports of the IANA registry (RFC 6335) and a selection of its User Ports.
//! What a machine's own table says is not here.

use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// The transports a service is registered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Transport {
    Tcp,
    Udp,
}

impl Transport {
    /// Both.
    pub const ALL: [Transport; 2] = [Transport::Tcp, Transport::Udp];

    /// As tables of services write it.
    pub const fn name(self) -> &'static str {
        match self {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        }
    }
}

/// One registered service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: &'static str,
    /// Its port.
    pub port: u16,
    /// Whether TCP has it.
    pub tcp: bool,
    /// Whether UDP has it.
    pub udp: bool,
    /// Other names for it, apart by spaces.
    aliases: &'static str,
}

/// The service with a name or alias. Without a transport the first that has it, TCP before UDP, as in the C library.
///
/// ```
/// use sockscope_core::address::{Transport, service_by_name, service_by_port};
/// assert_eq!(service_by_name("http", Some(Transport::Tcp)).unwrap().port, 80);
/// assert_eq!(service_by_port(53, Some(Transport::Udp)).unwrap().name, "domain");
/// ```
pub fn service_by_name(name: &str, transport: Option<Transport>) -> Option<&'static Service> {
    let has = |service: &&Service| service.speaks(transport);
    let named = services().iter().filter(has).find(|service| service.name == name);
    named.or_else(|| services().iter().filter(has).find(|service| service.aliases().any(|alias| alias == name)))
}

/// The service at a port.
pub fn service_by_port(port: u16, transport: Option<Transport>) -> Option<&'static Service> {
    let first = services().partition_point(|service| service.port < port);
    services()[first..].iter().take_while(|service| service.port == port).find(|service| service.speaks(transport))
}

impl Service {
    /// Whether it is registered for the transport, or for any.
    pub fn speaks(&self, transport: Option<Transport>) -> bool {
        match transport {
            None => true,
            Some(Transport::Tcp) => self.tcp,
            Some(Transport::Udp) => self.udp,
        }
    }

    /// Reads a line of the file, which says how; `before` is the port of the line in front.
    fn read(line: &'static str, before: &mut u16) -> Option<Service> {
        let first = |line: &'static str| line.split_once(' ').unwrap_or((line, ""));
        let (word, rest) = first(line);
        if word.is_empty() || word == "#" {
            return None;
        }
        let (port, rest) = word.parse().map_or((*before + 1, line), |port| (port, rest));
        *before = port;
        let (word, behind) = first(rest);
        let (tcp, udp, rest) = match word {
            "tcp" => (true, false, behind),
            "udp" => (false, true, behind),
            _ => (true, true, rest),
        };
        let (name, aliases) = first(rest);
        Some(Service { name, port, tcp, udp, aliases })
    }

    /// Other names for it.
    pub fn aliases(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.aliases.split_ascii_whitespace()
    }
}

/// The table, by port.
pub fn services() -> &'static [Service] {
    static SERVICES: LazyLock<Vec<Service>> = LazyLock::new(|| {
        let mut before = 0;
        include_str!("services.txt").lines().filter_map(|line| Service::read(line, &mut before)).collect()
    });
    &SERVICES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_of_ports() {
        assert!(services().is_sorted_by_key(|service| service.port));
        assert_eq!((services()[0].name, services()[0].port), ("tcpmux", 1));
        let proper = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte));
        for service in services() {
            let names = std::iter::once(service.name).chain(service.aliases());
            assert!(names.into_iter().all(|name| !name.is_empty() && proper(name)), "{service:?}");
        }
    }

    #[test]
    fn no_transport_has_two_services_at_a_port() {
        for pair in services().windows(2).filter(|pair| pair[0].port == pair[1].port) {
            assert!(!(pair[0].tcp && pair[1].tcp || pair[0].udp && pair[1].udp), "{pair:?}");
        }
    }

    #[test]
    fn a_port_may_have_a_service_for_each_transport() {
        assert_eq!(service_by_port(514, Some(Transport::Tcp)).unwrap().name, "shell");
        assert_eq!(service_by_port(514, Some(Transport::Udp)).unwrap().name, "syslog");
        assert_eq!(service_by_port(514, None).unwrap().name, "shell");
        assert_eq!(service_by_port(69, Some(Transport::Tcp)), None);
        assert_eq!(service_by_port(4, None), None);
    }

    #[test]
    fn aliases_are_found_behind_names() {
        assert_eq!(service_by_name("www", None).unwrap().port, 80);
        assert_eq!(service_by_name("http-alt", None).unwrap().port, 8080);
        assert_eq!(service_by_name("webcache", None).unwrap().name, "http-alt");
        assert_eq!(service_by_name("HTTP", None), None, "names are compared as they are");
    }
}
