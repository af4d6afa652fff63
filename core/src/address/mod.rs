//! IPv4 addresses, networks, service names and endpoints as text and numbers. It resolves no name.

mod byte_order;
mod endpoint;
pub mod explain;
mod host_name;
mod ipv4;
mod service;
mod special;
mod subnet;
mod table;

#[cfg(test)]
mod tests;

pub use byte_order::{ByteOrder, ByteOrderError, Machine, byte_order};
pub use endpoint::{Endpoint, EndpointError, Host};
pub use host_name::{HostNameError, check_host_name};
pub use ipv4::{Aton, AtonError, AtonErrorKind, AtonPart, PackedLength, inet_aton, inet_ntoa, read_aton};
pub use service::{Service, Transport, service_by_name, service_by_port, services};
pub use special::{SPECIAL, Special, special};
pub use subnet::{Subnet, SubnetError};
pub use table::{Entry, Table};
