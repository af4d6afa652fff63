//! The kernel engine: the programs of a scenario on real Linux sockets. It knows no HTTP and no command line.

pub mod namespace;
mod route;
mod sys;

#[cfg(test)]
mod tests;
