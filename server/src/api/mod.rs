//! The JSON API, one file per resource. Paths are written beside each handler and collected in `routes`.

pub mod addresses;
pub mod compute;
pub mod encapsulate;
pub mod framing;
pub mod given;
pub mod health;
pub mod http;
pub mod missing;
pub mod names;
pub mod openapi;
pub mod packets;
pub mod problems;
pub mod runs;
pub mod scenarios;
pub mod schema;
