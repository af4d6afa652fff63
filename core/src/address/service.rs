//! Well-known services: a selection of the IANA registry (RFC 6335), each with the transports it is used over.
//! What a machine's own table says is not here.

use serde::{Deserialize, Serialize};

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
    row(102, "t", "iso-tsap", &[]),
    row(104, "tu", "acr-nema", &[]),
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
    row(177, "tu", "xdmcp", &[]),
    row(179, "t", "bgp", &[]),
    row(194, "tu", "irc", &[]),
    row(199, "t", "smux", &[]),
    row(209, "t", "qmtp", &[]),
    row(210, "t", "z39-50", &["z3950", "wais"]),
    row(319, "u", "ptp-event", &[]),
    row(320, "u", "ptp-general", &[]),
    row(389, "tu", "ldap", &[]),
    row(427, "tu", "svrloc", &[]),
    row(443, "tu", "https", &[]),
    row(444, "tu", "snpp", &[]),
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
    row(540, "t", "uucp", &[]),
    row(543, "t", "klogin", &[]),
    row(544, "t", "kshell", &[]),
    row(546, "tu", "dhcpv6-client", &[]),
    row(547, "tu", "dhcpv6-server", &[]),
    row(548, "t", "afpovertcp", &[]),
    row(554, "tu", "rtsp", &[]),
    row(563, "t", "nntps", &[]),
    row(587, "t", "submission", &[]),
    row(623, "u", "asf-rmcp", &[]),
    row(631, "tu", "ipp", &[]),
    row(636, "tu", "ldaps", &[]),
    row(646, "tu", "ldp", &[]),
    row(674, "t", "acap", &[]),
    row(749, "tu", "kerberos-adm", &[]),
    row(853, "tu", "domain-s", &[]),
    row(860, "t", "iscsi", &[]),
    row(873, "t", "rsync", &[]),
    row(989, "t", "ftps-data", &[]),
    row(990, "t", "ftps", &[]),
    row(992, "t", "telnets", &[]),
    row(993, "t", "imaps", &[]),
    row(995, "t", "pop3s", &[]),
    row(1080, "t", "socks", &[]),
    row(1099, "t", "rmiregistry", &[]),
    row(1194, "tu", "openvpn", &[]),
    row(1293, "tu", "ipsec", &[]),
    row(1352, "t", "lotusnote", &[]),
    row(1433, "tu", "ms-sql-s", &[]),
    row(1434, "u", "ms-sql-m", &[]),
    row(1645, "u", "datametrics", &["old-radius"]),
    row(1646, "u", "sa-msg-port", &["old-radacct"]),
    row(1701, "tu", "l2tp", &["l2f"]),
    row(1723, "t", "pptp", &[]),
    row(1812, "tu", "radius", &[]),
    row(1813, "tu", "radius-acct", &["radacct"]),
    row(1883, "tu", "mqtt", &[]),
    row(1900, "u", "ssdp", &[]),
    row(2000, "t", "cisco-sccp", &[]),
    row(2049, "tu", "nfs", &[]),
    row(2375, "t", "docker", &[]),
    row(2376, "t", "docker-s", &[]),
    row(2379, "t", "etcd-client", &[]),
    row(2380, "t", "etcd-server", &[]),
    row(2401, "t", "cvspserver", &[]),
    row(2628, "t", "dict", &[]),
    row(2947, "t", "gpsd", &[]),
    row(3205, "tu", "isns", &[]),
    row(3260, "t", "iscsi-target", &[]),
    row(3306, "t", "mysql", &[]),
    row(3389, "tu", "ms-wbt-server", &[]),
    row(3478, "tu", "stun", &["turn"]),
    row(3493, "t", "nut", &[]),
    row(3689, "tu", "daap", &[]),
    row(3690, "tu", "svn", &["subversion"]),
    row(4190, "t", "sieve", &[]),
    row(4369, "t", "epmd", &[]),
    row(4460, "t", "ntske", &[]),
    row(4500, "u", "ipsec-nat-t", &[]),
    row(4569, "u", "iax", &[]),
    row(4789, "u", "vxlan", &[]),
    row(5004, "tu", "avt-profile-1", &["rtp"]),
    row(5005, "tu", "avt-profile-2", &["rtcp"]),
    row(5060, "tu", "sip", &[]),
    row(5061, "tu", "sip-tls", &["sips"]),
    row(5222, "t", "xmpp-client", &["jabber-client"]),
    row(5269, "t", "xmpp-server", &["jabber-server"]),
    row(5349, "tu", "stuns", &["turns"]),
    row(5353, "u", "mdns", &[]),
    row(5355, "tu", "llmnr", &[]),
    row(5432, "tu", "postgresql", &["postgres"]),
    row(5671, "t", "amqps", &[]),
    row(5672, "t", "amqp", &[]),
    row(5683, "u", "coap", &[]),
    row(5684, "u", "coaps", &[]),
    row(5985, "t", "wsman", &[]),
    row(5986, "t", "wsmans", &[]),
    row(6000, "t", "x11", &["x11-0"]),
    row(6001, "t", "x11-1", &[]),
    row(6379, "t", "redis", &[]),
    row(6514, "tu", "syslog-tls", &[]),
    row(6653, "t", "openflow", &[]),
    row(6667, "t", "ircd", &["ircu"]),
    row(6696, "u", "babel", &[]),
    row(6697, "t", "ircs-u", &[]),
    row(8000, "t", "irdmi", &[]),
    row(8008, "tu", "http-alt", &[]),
    row(8080, "tu", "http-alt", &["webcache"]),
    row(8081, "t", "sunproxyadmin", &[]),
    row(8088, "tu", "radan-http", &[]),
    row(8140, "t", "puppet", &[]),
    row(8443, "t", "pcsync-https", &[]),
    row(8883, "tu", "secure-mqtt", &[]),
    row(8888, "tu", "ddi-tcp-1", &[]),
    row(9000, "tu", "cslistener", &[]),
    row(9090, "tu", "websm", &[]),
    row(9100, "t", "pdl-datastream", &["jetdirect"]),
    row(9418, "t", "git", &[]),
    row(10000, "t", "ndmp", &[]),
    row(10050, "t", "zabbix-agent", &[]),
    row(10051, "t", "zabbix-trapper", &[]),
    row(10809, "t", "nbd", &[]),
    row(11211, "tu", "memcache", &[]),
    row(11371, "t", "hkp", &[]),
    row(25565, "t", "minecraft", &[]),
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
