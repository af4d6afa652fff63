//! IPv4 addresses, networks, service names and endpoints as text and numbers. It resolves no name.

mod endpoint;
mod ipv4;
mod service;
mod special;
mod subnet;

pub use endpoint::{Endpoint, EndpointError, Host};
pub use ipv4::{AtonError, AtonErrorKind, PackedLength, inet_aton, inet_ntoa};
pub use service::{SERVICES, Service, Transport, service_by_name, service_by_port};
pub use special::{SPECIAL, Special, special};
pub use subnet::{Subnet, SubnetError};
