//! The pure core of Sockscope: no clock, no sockets, no threads, no unseeded chance.

pub mod address;
pub mod framing;
pub mod http;
pub mod link;
pub mod machine;
pub mod program;
pub mod random;
pub mod scenario;
pub mod sim;
pub mod socket;
pub mod stream;
pub mod tcp;
pub mod time;
pub mod trace;
pub mod udp;
pub mod wire;
