//! What this machine knows by name: services, host names, its own interfaces. It knows no HTTP and keeps nothing but its tables.

mod hosts;
mod interfaces;
mod services;

pub use hosts::{Address, Dns, Failure, Host, Resolver, Source};
pub use interfaces::{Interface, interfaces};
pub use services::machine;

/// The name of this machine, as `gethostname` says it.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
