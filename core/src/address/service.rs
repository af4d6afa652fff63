//! Well-known services: a selection of the IANA registry (RFC 6335), each with the transports it is used over.
//! What a machine's own table says is not here.

/// The transports a service is registered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Transport {
    Tcp,
    Udp,
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
    /// Other names for it.
    pub aliases: &'static [&'static str],
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
    let named = SERVICES.iter().filter(has).find(|service| service.name == name);
    named.or_else(|| SERVICES.iter().filter(has).find(|service| service.aliases.contains(&name)))
}

/// The service at a port.
pub fn service_by_port(port: u16, transport: Option<Transport>) -> Option<&'static Service> {
    let first = SERVICES.partition_point(|service| service.port < port);
    SERVICES[first..].iter().take_while(|service| service.port == port).find(|service| service.speaks(transport))
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
}

const fn row(port: u16, transports: &str, name: &'static str, aliases: &'static [&'static str]) -> Service {
    let transports = transports.as_bytes();
    let (tcp, udp) = (transports[0] == b't', transports[transports.len() - 1] == b'u');
    Service { name, port, tcp, udp, aliases }
}

/// The table, by port. `t` is TCP, `u` is UDP.
pub const SERVICES: &[Service] = &[
    row(1, "t", "tcpmux", &[]),
    row(7, "tu", "echo", &[]),
    row(9, "tu", "discard", &["sink", "null"]),
    row(11, "tu", "systat", &["users"]),
    row(13, "tu", "daytime", &[]),
    row(17, "tu", "qotd", &["quote"]),
    row(19, "tu", "chargen", &["ttytst", "source"]),
    row(20, "t", "ftp-data", &[]),
    row(21, "t", "ftp", &[]),
    row(22, "t", "ssh", &[]),
    row(23, "t", "telnet", &[]),
    row(25, "t", "smtp", &["mail"]),
    row(37, "tu", "time", &["timserver"]),
    row(43, "t", "whois", &["nicname"]),
    row(49, "tu", "tacacs", &[]),
    row(53, "tu", "domain", &[]),
    row(67, "u", "bootps", &[]),
    row(68, "u", "bootpc", &[]),
    row(69, "u", "tftp", &[]),
    row(70, "t", "gopher", &[]),
    row(79, "t", "finger", &[]),
    row(80, "tu", "http", &["www", "www-http"]),
    row(88, "tu", "kerberos", &["kerberos5", "krb5", "kerberos-sec"]),
    row(109, "t", "pop2", &[]),
    row(110, "t", "pop3", &["pop-3"]),
    row(111, "tu", "sunrpc", &["portmapper"]),
    row(113, "t", "auth", &["authentication", "tap", "ident"]),
    row(119, "t", "nntp", &["readnews", "untp"]),
    row(123, "u", "ntp", &[]),
    row(135, "tu", "epmap", &["loc-srv"]),
    row(137, "tu", "netbios-ns", &[]),
    row(138, "tu", "netbios-dgm", &[]),
    row(139, "tu", "netbios-ssn", &[]),
    row(143, "t", "imap", &["imap2"]),
    row(161, "tu", "snmp", &[]),
    row(162, "tu", "snmptrap", &["snmp-trap"]),
    row(179, "t", "bgp", &[]),
    row(194, "tu", "irc", &[]),
    row(389, "tu", "ldap", &[]),
    row(427, "tu", "svrloc", &[]),
    row(443, "tu", "https", &[]),
    row(445, "tu", "microsoft-ds", &[]),
    row(464, "tu", "kpasswd", &[]),
    row(465, "t", "submissions", &["smtps", "ssmtp", "urd"]),
    row(500, "u", "isakmp", &[]),
    row(512, "t", "exec", &[]),
    row(513, "t", "login", &[]),
    row(513, "u", "who", &["whod"]),
    row(514, "t", "shell", &["cmd"]),
    row(514, "u", "syslog", &[]),
    row(515, "t", "printer", &["spooler"]),
    row(517, "u", "talk", &[]),
    row(518, "u", "ntalk", &[]),
    row(520, "u", "router", &["route", "routed"]),
    row(546, "tu", "dhcpv6-client", &[]),
    row(547, "tu", "dhcpv6-server", &[]),
    row(554, "tu", "rtsp", &[]),
    row(587, "t", "submission", &[]),
    row(631, "tu", "ipp", &[]),
    row(636, "tu", "ldaps", &[]),
    row(646, "tu", "ldp", &[]),
    row(853, "tu", "domain-s", &[]),
    row(873, "t", "rsync", &[]),
    row(989, "t", "ftps-data", &[]),
    row(990, "t", "ftps", &[]),
    row(992, "t", "telnets", &[]),
    row(993, "t", "imaps", &[]),
    row(995, "t", "pop3s", &[]),
    row(1080, "t", "socks", &[]),
    row(1194, "tu", "openvpn", &[]),
    row(1433, "tu", "ms-sql-s", &[]),
    row(1812, "tu", "radius", &[]),
    row(1813, "tu", "radius-acct", &["radacct"]),
    row(1883, "tu", "mqtt", &[]),
    row(2049, "tu", "nfs", &[]),
    row(3306, "t", "mysql", &[]),
    row(3389, "tu", "ms-wbt-server", &[]),
    row(3478, "tu", "stun", &["turn"]),
    row(3690, "tu", "svn", &["subversion"]),
    row(4369, "t", "epmd", &[]),
    row(5060, "tu", "sip", &[]),
    row(5061, "tu", "sip-tls", &["sips"]),
    row(5222, "t", "xmpp-client", &["jabber-client"]),
    row(5269, "t", "xmpp-server", &["jabber-server"]),
    row(5353, "u", "mdns", &[]),
    row(5355, "tu", "llmnr", &[]),
    row(5432, "tu", "postgresql", &["postgres"]),
    row(5672, "t", "amqp", &[]),
    row(5683, "u", "coap", &[]),
    row(6000, "t", "x11", &["x11-0"]),
    row(6379, "t", "redis", &[]),
    row(6667, "t", "ircd", &["ircu"]),
    row(8008, "tu", "http-alt", &[]),
    row(8080, "tu", "http-alt", &["webcache"]),
    row(8443, "t", "pcsync-https", &[]),
    row(8883, "tu", "secure-mqtt", &[]),
    row(9418, "t", "git", &[]),
    row(11211, "tu", "memcache", &[]),
    row(27017, "t", "mongodb", &[]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_of_ports() {
        assert!(SERVICES.is_sorted_by_key(|service| service.port));
        assert!(SERVICES.iter().all(|service| service.tcp || service.udp));
    }

    #[test]
    fn a_port_may_have_a_service_for_each_transport() {
        assert_eq!(service_by_port(514, Some(Transport::Tcp)).unwrap().name, "shell");
        assert_eq!(service_by_port(514, Some(Transport::Udp)).unwrap().name, "syslog");
        assert_eq!(service_by_port(514, None).unwrap().name, "shell");
        assert_eq!(service_by_port(69, Some(Transport::Tcp)), None);
        assert_eq!(service_by_port(2, None), None);
    }

    #[test]
    fn aliases_are_found_behind_names() {
        assert_eq!(service_by_name("www", None).unwrap().port, 80);
        assert_eq!(service_by_name("http-alt", None).unwrap().port, 8008);
        assert_eq!(service_by_name("webcache", None).unwrap().port, 8080);
        assert_eq!(service_by_name("HTTP", None), None, "names are compared as they are");
    }
}
