//! Host names to addresses: an address as it is, the machine's hosts file, then the DNS with time limits. Who may ask is not its question.

use hickory_resolver::config::{LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::{Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{Hosts, TokioResolver};
use sockscope_core::address::inet_aton;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::sync::{OnceCell, Semaphore};

/// Look-ups under way at once; more are refused, so that nobody uses us to flood a name server.
const AT_ONCE: usize = 16;

/// Which name servers are asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Dns {
    /// Those of the system's `resolv.conf`.
    #[default]
    System,
    /// This one only, and no hosts file.
    Server(SocketAddr),
}

/// Finds addresses.
pub struct Resolver {
    dns: Dns,
    patience: Duration,
    turns: Semaphore,
    asked: OnceCell<Option<TokioResolver>>,
}

/// A host that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Who answered.
    pub source: Source,
    /// The name at the end of the aliases.
    pub canonical: String,
    /// The names on the way there, the one that was asked for first (RFC 1034, 3.6.2).
    pub aliases: Vec<String>,
    /// Its addresses, IPv4 first.
    pub addresses: Vec<Address>,
}

/// One address of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub address: IpAddr,
    /// For how many seconds it may be kept; only the DNS says that.
    pub ttl: Option<u32>,
}

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The name is an address.
    Literal,
    /// The machine's hosts file.
    HostsFile,
    /// The DNS.
    Dns,
}

/// Why there is no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The name does not exist (NXDOMAIN; `EAI_NONAME`).
    NoSuchName,
    /// The name exists and has no address (`EAI_NODATA`).
    NoAddress,
    /// No name server answered in time (`EAI_AGAIN`).
    Timeout,
    /// The name server answered with an error, such as SERVFAIL or REFUSED (`EAI_FAIL`).
    Server(String),
    /// No name server is known or can be reached.
    NoServer,
    /// Too many look-ups are under way.
    Busy,
}

impl Resolver {
    /// A resolver that gives up after `patience`.
    pub fn new(dns: Dns, patience: Duration) -> Self {
        Resolver { dns, patience, turns: Semaphore::new(AT_ONCE), asked: OnceCell::new() }
    }

    /// The addresses of a name that [`sockscope_core::address::check_host_name`] has let pass.
    pub async fn look_up(&self, name: &str) -> Result<Host, Failure> {
        let literal = |address| Host {
            source: Source::Literal,
            canonical: name.to_owned(),
            aliases: Vec::new(),
            addresses: vec![Address { address, ttl: None }],
        };
        if let Ok(address) = inet_aton(name) {
            return Ok(literal(address.into()));
        }
        let Ok(_turn) = self.turns.try_acquire() else { return Err(Failure::Busy) };
        // The dot at the end: no search list of this machine is tried, which is no business of a stranger.
        let mut full = Name::from_ascii(name).map_err(|_| Failure::NoSuchName)?;
        full.set_fqdn(true);
        if self.dns == Dns::System
            && let Some(host) = in_hosts_file(&full).await
        {
            return Ok(host);
        }
        let resolver = self.asked.get_or_init(|| async { self.build() }).await;
        let Some(resolver) = resolver else { return Err(Failure::NoServer) };
        let both = async {
            tokio::join!(resolver.lookup(full.clone(), RecordType::A), resolver.lookup(full.clone(), RecordType::AAAA))
        };
        let Ok((v4, v6)) = tokio::time::timeout(self.patience, both).await else { return Err(Failure::Timeout) };
        let mut host =
            Host { source: Source::Dns, canonical: plain(&full), aliases: Vec::new(), addresses: Vec::new() };
        let mut failures = Vec::new();
        for answer in [v4, v6] {
            match answer {
                Ok(lookup) => add(&mut host, lookup.answers().iter().map(|record| (record.ttl, &record.data))),
                Err(error) => failures.push(failure(&error)),
            }
        }
        match host.addresses.is_empty() {
            false => Ok(host),
            // What says least about the name says most about the trouble.
            true => Err(failures.into_iter().find(|one| *one != Failure::NoAddress).unwrap_or(Failure::NoAddress)),
        }
    }

    fn build(&self) -> Option<TokioResolver> {
        let provider = TokioRuntimeProvider::default();
        let mut builder = match &self.dns {
            Dns::System => TokioResolver::builder(provider).ok()?,
            Dns::Server(server) => {
                let mut config = NameServerConfig::udp_and_tcp(server.ip());
                for connection in &mut config.connections {
                    connection.port = server.port();
                }
                TokioResolver::builder_with_config(ResolverConfig::from_name_servers(vec![config]), provider)
            }
        };
        let options = builder.options_mut();
        options.timeout = self.patience / 2;
        options.attempts = 1;
        options.use_hosts_file = ResolveHosts::Never;
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        options.preserve_intermediates = true;
        options.cache_size = 256;
        builder.build().ok()
    }
}

/// Adds the records of an answer: the chain of aliases, then addresses.
fn add<'a>(host: &mut Host, records: impl Iterator<Item = (u32, &'a RData)>) {
    for (ttl, data) in records {
        let address: IpAddr = match data {
            RData::A(address) => address.0.into(),
            RData::AAAA(address) => address.0.into(),
            RData::CNAME(name) => {
                let canonical = plain(&name.0);
                if canonical != host.canonical && !host.aliases.contains(&canonical) {
                    host.aliases.push(std::mem::replace(&mut host.canonical, canonical));
                }
                continue;
            }
            _ => continue,
        };
        if !host.addresses.iter().any(|known| known.address == address) {
            host.addresses.push(Address { address, ttl: Some(ttl) });
        }
    }
}

async fn in_hosts_file(name: &Name) -> Option<Host> {
    let asked = name.clone();
    let hosts = tokio::task::spawn_blocking(move || {
        let hosts = Hosts::from_system().ok()?;
        let of = |kind| hosts.lookup_static_host(&Query::query(asked.clone(), kind));
        Some([of(RecordType::A), of(RecordType::AAAA)])
    });
    let mut host =
        Host { source: Source::HostsFile, canonical: plain(name), aliases: Vec::new(), addresses: Vec::new() };
    for lookup in hosts.await.ok()??.into_iter().flatten() {
        add(&mut host, lookup.answers().iter().map(|record| (0, &record.data)));
    }
    // A file has no times to live.
    host.addresses.iter_mut().for_each(|address| address.ttl = None);
    (!host.addresses.is_empty()).then_some(host)
}

fn plain(name: &Name) -> String {
    let text = name.to_ascii();
    text.strip_suffix('.').unwrap_or(&text).to_owned()
}

fn failure(error: &NetError) -> Failure {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => Failure::NoSuchName,
            ResponseCode::NoError => Failure::NoAddress,
            other => Failure::Server(other.to_string()),
        },
        NetError::Dns(DnsError::ResponseCode(code)) => Failure::Server(code.to_string()),
        NetError::Timeout => Failure::Timeout,
        NetError::NoConnections | NetError::Io(_) => Failure::NoServer,
        NetError::Busy => Failure::Busy,
        other => Failure::Server(other.to_string()),
    }
}
