//! A table of services in the form of `/etc/services`, searched as the C library does. Reading the file is not its business.

use super::{Service, Transport, service_by_name, service_by_port};
use serde::Serialize;

/// Rows that are read of a table; more are passed over.
const ROWS: usize = 20_000;
/// Longest line that is read.
const LINE: usize = 1024;

/// One row: a service on one transport.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its port.
    pub port: u16,
    /// Its protocol: mostly `tcp` or `udp`.
    pub protocol: String,
    /// Other names for it.
    pub aliases: Vec<String>,
}

/// A machine's own table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    rows: Vec<Entry>,
}

impl Table {
    /// The rows of a text: `name port/protocol aliases # comment`. Lines of other forms are passed over.
    pub fn parse(text: &str) -> Table {
        let row = |line: &str| {
            let mut words = line.split('#').next()?.split_ascii_whitespace();
            let name = words.next()?.to_owned();
            let (port, protocol) = words.next()?.split_once('/')?;
            let protocol = protocol.to_owned();
            Some(Entry { name, port: port.parse().ok()?, protocol, aliases: words.map(str::to_owned).collect() })
        };
        Table { rows: text.lines().filter(|line| line.len() <= LINE).filter_map(row).take(ROWS).collect() }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The first row with the name or alias, of the protocol where one is said.
    pub fn by_name(&self, name: &str, protocol: Option<&str>) -> Option<&Entry> {
        let has = |row: &&Entry| row.name == name || row.aliases.iter().any(|alias| alias == name);
        self.of(protocol).find(has)
    }

    /// The first row with the port.
    pub fn by_port(&self, port: u16, protocol: Option<&str>) -> Option<&Entry> {
        self.of(protocol).find(|row| row.port == port)
    }

    fn of(&self, protocol: Option<&str>) -> impl Iterator<Item = &Entry> {
        self.rows.iter().filter(move |row| protocol.is_none_or(|protocol| row.protocol == protocol))
    }
}

impl Entry {
    /// The row of the built-in table for a name.
    pub fn built_in_by_name(name: &str, protocol: Option<&str>) -> Option<Entry> {
        Entry::built_in(protocol, |transport| service_by_name(name, transport))
    }

    /// The row of the built-in table for a port.
    pub fn built_in_by_port(port: u16, protocol: Option<&str>) -> Option<Entry> {
        Entry::built_in(protocol, |transport| service_by_port(port, transport))
    }

    fn built_in(protocol: Option<&str>, find: impl Fn(Option<Transport>) -> Option<&'static Service>) -> Option<Entry> {
        let transport = match protocol {
            Some(protocol) => Some(Transport::ALL.into_iter().find(|transport| transport.name() == protocol)?),
            None => None,
        };
        let service = find(transport)?;
        let first = if service.tcp { Transport::Tcp } else { Transport::Udp };
        Some(Entry {
            name: service.name.to_owned(),
            port: service.port,
            protocol: transport.unwrap_or(first).name().to_owned(),
            aliases: service.aliases().map(str::to_owned).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_line_by_line_and_the_first_row_wins() {
        let text = "# comment\nhttp 80/tcp www # web\nsyslog\t514/udp\nshell 514/tcp cmd syslog\nbad line\nx 99999/tcp\nrtmp 1/ddp\n";
        let table = Table::parse(text);
        assert_eq!(table.len(), 4);
        assert_eq!(table.by_name("www", None).unwrap().port, 80);
        assert_eq!(table.by_name("syslog", None).unwrap().protocol, "udp");
        assert_eq!(table.by_name("syslog", Some("tcp")).unwrap().name, "shell", "an alias");
        assert_eq!(table.by_port(514, None).unwrap().name, "syslog");
        assert_eq!(table.by_port(80, Some("udp")), None);
        assert_eq!(table.by_name("rtmp", None), table.by_port(1, Some("ddp")), "other protocols have services too");
    }

    #[test]
    fn the_built_in_table_answers_in_the_same_form() {
        let entry = Entry::built_in_by_name("www", None).unwrap();
        assert_eq!((entry.name.as_str(), entry.port, &*entry.protocol), ("http", 80, "tcp"));
        assert_eq!(Entry::built_in_by_port(4789, None).unwrap().protocol, "udp");
        assert_eq!(Entry::built_in_by_name("http", Some("sctp")), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(.{0,40}\n){0,5}") {
            let table = Table::parse(&text);
            let _ = table.by_name("x", None);
        }
    }
}
