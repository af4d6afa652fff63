//! `host:port` as people type it. Whether the name exists is not its question.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// The host.
    pub host: Host,
    /// The port, 0 to 65535.
    pub port: u16,
}

/// A host by address or by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// Four decimal numbers.
    Address(Ipv4Addr),
    /// Anything else that may be a host name (RFC 1123, 2.1).
    Name(String),
}

/// A text that is no endpoint. Places are offsets in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// No colon.
    #[error("a colon and a port are missing")]
    NoPort,
    /// The part behind the last colon is no number from 0 to 65535.
    #[error("byte {at}: the port is no number from 0 to 65535")]
    Port {
        /// Where the port begins.
        at: usize,
    },
    /// The host is empty, or longer than 253 characters.
    #[error("a host name has 1 to 253 characters, not {length}")]
    Length {
        /// Characters it has.
        length: usize,
    },
    /// The name has a character other than letters, digits, dots, hyphens and underscores.
    #[error("byte {at}: this cannot stand in a host name")]
    Character {
        /// Where.
        at: usize,
    },
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Address(address) => address.fmt(f),
            Host::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl FromStr for Host {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        if let Ok(address) = text.parse() {
            return Ok(Host::Address(address));
        }
        if !(1..=253).contains(&text.chars().count()) {
            return Err(EndpointError::Length { length: text.chars().count() });
        }
        match text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))) {
            Some(at) => Err(EndpointError::Character { at }),
            None => Ok(Host::Name(text.to_owned())),
        }
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let (host, port) = text.rsplit_once(':').ok_or(EndpointError::NoPort)?;
        let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let number = port.parse().ok().filter(|_| digits);
        let port = number.ok_or(EndpointError::Port { at: host.len() + 1 })?;
        Ok(Endpoint { host: host.parse()?, port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_survive_their_text() {
        for text in ["10.0.0.2:8888", "localhost:0", "my-host.example:65535"] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
        }
        let endpoint: Endpoint = "10.0.0.2:8888".parse().unwrap();
        assert_eq!(endpoint.host, Host::Address(Ipv4Addr::new(10, 0, 0, 2)));
    }

    #[test]
    fn what_is_no_endpoint_is_refused_in_its_place() {
        for (text, error) in [
            ("localhost", EndpointError::NoPort),
            ("localhost:", EndpointError::Port { at: 10 }),
            ("localhost:65536", EndpointError::Port { at: 10 }),
            ("localhost:+80", EndpointError::Port { at: 10 }),
            (":80", EndpointError::Length { length: 0 }),
            ("a b:80", EndpointError::Character { at: 1 }),
            ("::1:80", EndpointError::Character { at: 0 }),
        ] {
            assert_eq!(text.parse::<Endpoint>(), Err(error), "{text}");
        }
    }
}
