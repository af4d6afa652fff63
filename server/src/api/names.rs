//! `names`: services and ports, host names, and this machine's own name. Every answer says who gave it.

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use sockscope_core::address::{Entry, Transport, check_host_name, special};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

use super::addresses::fault;
use crate::extract;
use crate::names::{self, Failure, Source};
use crate::problem::Problem;
use crate::state::AppState;

/// A service by its name.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ByName {
    /// The name or an alias, as it is written
    #[param(example = "http", min_length = 1)]
    name: String,
    /// `tcp` or `udp`; without it the first row of the table
    #[param(inline, value_type = Option<String>, example = "tcp", pattern = "^(tcp|udp)$")]
    protocol: Option<Transport>,
}

/// A service by its port.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ByPort {
    /// The port
    #[param(example = 53, maximum = 65535)]
    port: u16,
    /// `tcp` or `udp`; without it the first row of the table
    #[param(inline, value_type = Option<String>, example = "udp", pattern = "^(tcp|udp)$")]
    protocol: Option<Transport>,
}

/// A host by its name.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HostName {
    /// The name
    #[param(example = "localhost", min_length = 1, max_length = 253)]
    name: String,
}

/// What each table says.
#[derive(Serialize, ToSchema)]
pub struct Services {
    /// The machine's own table first, as `getservbyname` asks it; then the built-in one.
    answers: Vec<TableAnswer>,
}

/// What one table says.
#[derive(Serialize, ToSchema)]
pub struct TableAnswer {
    /// `machine` for `/etc/services`, `iana` for the built-in part of the IANA registry: all System Ports, a selection of the others.
    #[schema(example = "iana")]
    table: &'static str,
    /// Whether there is such a table here.
    available: bool,
    /// The row, or null where it has none: Python raises `OSError` then.
    #[schema(value_type = super::schema::ServiceEntry)]
    service: Option<Entry>,
}

/// A host that was found.
#[derive(Serialize, ToSchema)]
pub struct FoundHost {
    /// The name as it was asked for.
    name: String,
    /// Who answered: `literal`, `hosts_file` or `dns`.
    #[schema(example = "dns")]
    answered_by: &'static str,
    /// The name at the end of the aliases.
    canonical: String,
    /// The names on the way there.
    aliases: Vec<String>,
    /// Its addresses, IPv4 first.
    addresses: Vec<FoundAddress>,
}

/// An address of a host.
#[derive(Serialize, ToSchema)]
pub struct FoundAddress {
    /// The address.
    #[schema(value_type = String, example = "127.0.0.1")]
    address: IpAddr,
    /// `ipv4` or `ipv6`.
    #[schema(example = "ipv4")]
    family: &'static str,
    /// For how many seconds the DNS allows to keep it.
    ttl: Option<u32>,
}

/// What this machine says about itself.
#[derive(Serialize, ToSchema)]
pub struct Myself {
    /// Whether everything is told: only to programs on this machine. To others the name and the addresses stay hidden.
    local: bool,
    /// What `gethostname` returns.
    host_name: Option<String>,
    /// The IPv4 addresses of its interfaces.
    addresses: Vec<OwnAddress>,
    /// The address from which this request came.
    #[schema(value_type = String, example = "127.0.0.1:50000")]
    asker: SocketAddr,
}

/// An address of an interface.
#[derive(Serialize, ToSchema)]
pub struct OwnAddress {
    /// The interface.
    #[schema(example = "lo")]
    interface: String,
    /// Address and network part.
    #[schema(example = "127.0.0.1/8")]
    address: String,
    /// What is special about it.
    special: Option<&'static str>,
}

/// The port of a service: getservbyname
#[utoipa::path(get, path = "/api/v1/names/services", tag = "names", operation_id = "service_by_name", params(ByName),
    responses(
        (status = 200, description = "What each table says", body = Services),
        (status = 400, description = "A parameter is wrong", body = crate::problem::Body, content_type = "application/problem+json")))]
pub async fn services(extract::Query(ByName { name, protocol }): extract::Query<ByName>) -> Json<Services> {
    let (own, protocol) = (names::machine(), protocol.map(Transport::name));
    let answer = own.as_ref().and_then(|table| table.by_name(&name, protocol).cloned());
    tables(own.is_some(), answer, Entry::built_in_by_name(&name, protocol))
}

/// The service of a port: getservbyport
#[utoipa::path(get, path = "/api/v1/names/ports", tag = "names", operation_id = "service_by_port", params(ByPort),
    responses(
        (status = 200, description = "What each table says", body = Services),
        (status = 400, description = "A parameter is wrong", body = crate::problem::Body, content_type = "application/problem+json")))]
pub async fn ports(extract::Query(ByPort { port, protocol }): extract::Query<ByPort>) -> Json<Services> {
    let (own, protocol) = (names::machine(), protocol.map(Transport::name));
    let answer = own.as_ref().and_then(|table| table.by_port(port, protocol).cloned());
    tables(own.is_some(), answer, Entry::built_in_by_port(port, protocol))
}

fn tables(available: bool, machine: Option<Entry>, iana: Option<Entry>) -> Json<Services> {
    Json(Services {
        answers: vec![
            TableAnswer { table: "machine", available, service: machine },
            TableAnswer { table: "iana", available: true, service: iana },
        ],
    })
}

/// The addresses of a host: gethostbyname
///
/// The server looks the name up with its own name servers, within a few seconds.
#[utoipa::path(get, path = "/api/v1/names/hosts", tag = "names", operation_id = "host_by_name", params(HostName),
    responses(
        (status = 200, description = "Its addresses, and who answered", body = FoundHost),
        (status = 400, description = "A parameter is wrong", body = crate::problem::Body, content_type = "application/problem+json"),
        (status = 404, description = "The name does not exist, or has no address", body = crate::problem::Body, content_type = "application/problem+json"),
        (status = 422, description = "It is no host name", body = crate::problem::Body, content_type = "application/problem+json"),
        (status = 502, description = "The name server answers with an error", body = crate::problem::Body, content_type = "application/problem+json"),
        (status = 503, description = "Too many look-ups, or no name server", body = crate::problem::Body, content_type = "application/problem+json"),
        (status = 504, description = "No name server answered in time", body = crate::problem::Body, content_type = "application/problem+json")))]
pub async fn hosts(
    State(state): State<AppState>,
    extract::Query(HostName { name }): extract::Query<HostName>,
) -> Result<Json<FoundHost>, Problem> {
    check_host_name(&name)
        .map_err(|error| fault("name", Some(error.at()), error.code(), error.to_string(), error.values()))?;
    let host = state.resolver().look_up(&name).await.map_err(|failure| failed(&name, &failure))?;
    let family = |address: &IpAddr| if address.is_ipv4() { "ipv4" } else { "ipv6" };
    let addresses = host.addresses.iter().map(|one| FoundAddress {
        address: one.address,
        family: family(&one.address),
        ttl: one.ttl,
    });
    Ok(Json(FoundHost {
        answered_by: match host.source {
            Source::Literal => "literal",
            Source::HostsFile => "hosts_file",
            Source::Dns => "dns",
        },
        addresses: addresses.collect(),
        canonical: host.canonical,
        aliases: host.aliases,
        name,
    }))
}

fn failed(name: &str, failure: &Failure) -> Problem {
    let (code, detail) = match failure {
        Failure::NoSuchName => ("no_such_host", format!("the name {name} does not exist (NXDOMAIN)")),
        Failure::NoAddress => ("no_address", format!("the name {name} exists and has no address")),
        Failure::Timeout => ("name_timeout", format!("no name server answered for {name} in time")),
        Failure::Server(answer) => {
            ("name_server_failed", format!("the name server answered {name} with an error: {answer}"))
        }
        Failure::NoServer => ("no_name_server", format!("no name server can be reached to look {name} up")),
        Failure::Busy => ("names_busy", format!("too many names are being looked up; {name} was not")),
    };
    let problem = Problem::new(code, detail).with("name", name);
    match failure {
        Failure::Server(answer) => problem.with("answer", answer),
        Failure::Busy => problem.retry_after(Duration::from_secs(1)),
        _ => problem,
    }
}

/// This machine's own name and addresses: gethostname
///
/// A machine's name and its interfaces are nobody's business on a public site: they are told only to a program on the same
/// machine that asks directly, not through a proxy and not from the page of another website.
#[utoipa::path(get, path = "/api/v1/names/self", tag = "names", operation_id = "own_name",
    responses((status = 200, description = "What the asker may know", body = Myself)))]
pub async fn myself(ConnectInfo(asker): ConnectInfo<SocketAddr>, headers: HeaderMap) -> Json<Myself> {
    let local = asker.ip().to_canonical().is_loopback() && asks_directly(&headers);
    let own = |one: names::Interface| OwnAddress {
        special: special(one.address).map(|range| range.name),
        address: format!("{}/{}", one.address, one.prefix),
        interface: one.name,
    };
    Json(Myself {
        local,
        host_name: local.then(names::host_name),
        addresses: if local { names::interfaces().into_iter().map(own).collect() } else { Vec::new() },
        asker,
    })
}

/// Whether a request from the loopback address really comes from this machine's own user: no proxy passed it on, its host is this
/// machine (a name of somebody else may lead here), and no page of another website sent it.
fn asks_directly(headers: &HeaderMap) -> bool {
    let passed_on = ["forwarded", "x-forwarded-for", "x-real-ip", "via"].iter().any(|name| headers.contains_key(*name));
    let is_here = |authority: &str| {
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    let origin_is_here = origin.is_none_or(|origin| origin.split_once("://").is_some_and(|(_, host)| is_here(host)));
    !passed_on && host.is_some_and(is_here) && origin_is_here
}
