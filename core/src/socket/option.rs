//! The socket options of the course, with the numbers Linux gives them.

use serde::{Deserialize, Serialize};

/// One option, named by level and name together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)] // the names are those of socket(7), ip(7) and tcp(7)
pub enum SocketOption {
    SoReuseaddr,
    SoReuseport,
    SoBroadcast,
    SoKeepalive,
    SoRcvbuf,
    SoSndbuf,
    SoLinger,
    SoError,
    SoType,
    SoRcvtimeo,
    SoSndtimeo,
    SoAcceptconn,
    TcpNodelay,
    TcpMaxseg,
    TcpCork,
    TcpKeepidle,
    TcpKeepintvl,
    TcpKeepcnt,
    TcpQuickack,
    TcpUserTimeout,
    IpTtl,
}

/// What `setsockopt` sets: a number, or the pair that `SO_LINGER` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OptionValue {
    /// `struct linger`.
    Linger {
        /// Whether `close` lingers.
        on: bool,
        /// For how long.
        seconds: i32,
    },
    /// Any other option; `SO_RCVTIMEO` and `SO_SNDTIMEO` in microseconds.
    Number(i64),
}

impl SocketOption {
    /// Every option, with `(option, level, name)` as Linux numbers them (x86-64 and AArch64).
    pub const TABLE: &'static [(SocketOption, i32, i32)] = &[
        (SocketOption::SoReuseaddr, 1, 2),
        (SocketOption::SoType, 1, 3),
        (SocketOption::SoError, 1, 4),
        (SocketOption::SoBroadcast, 1, 6),
        (SocketOption::SoSndbuf, 1, 7),
        (SocketOption::SoRcvbuf, 1, 8),
        (SocketOption::SoKeepalive, 1, 9),
        (SocketOption::SoLinger, 1, 13),
        (SocketOption::SoReuseport, 1, 15),
        (SocketOption::SoRcvtimeo, 1, 20),
        (SocketOption::SoSndtimeo, 1, 21),
        (SocketOption::SoAcceptconn, 1, 30),
        (SocketOption::IpTtl, 0, 2),
        (SocketOption::TcpNodelay, 6, 1),
        (SocketOption::TcpMaxseg, 6, 2),
        (SocketOption::TcpCork, 6, 3),
        (SocketOption::TcpKeepidle, 6, 4),
        (SocketOption::TcpKeepintvl, 6, 5),
        (SocketOption::TcpKeepcnt, 6, 6),
        (SocketOption::TcpQuickack, 6, 12),
        (SocketOption::TcpUserTimeout, 6, 18),
    ];

    /// The option with this level and name, if the course has it.
    pub fn from_numbers(level: i32, name: i32) -> Option<Self> {
        Self::TABLE.iter().find(|row| (row.1, row.2) == (level, name)).map(|row| row.0)
    }

    /// The name a program writes: `SO_REUSEADDR`.
    pub fn name(self) -> &'static str {
        match self {
            SocketOption::SoReuseaddr => "SO_REUSEADDR",
            SocketOption::SoReuseport => "SO_REUSEPORT",
            SocketOption::SoBroadcast => "SO_BROADCAST",
            SocketOption::SoKeepalive => "SO_KEEPALIVE",
            SocketOption::SoRcvbuf => "SO_RCVBUF",
            SocketOption::SoSndbuf => "SO_SNDBUF",
            SocketOption::SoLinger => "SO_LINGER",
            SocketOption::SoError => "SO_ERROR",
            SocketOption::SoType => "SO_TYPE",
            SocketOption::SoRcvtimeo => "SO_RCVTIMEO",
            SocketOption::SoSndtimeo => "SO_SNDTIMEO",
            SocketOption::SoAcceptconn => "SO_ACCEPTCONN",
            SocketOption::TcpNodelay => "TCP_NODELAY",
            SocketOption::TcpMaxseg => "TCP_MAXSEG",
            SocketOption::TcpCork => "TCP_CORK",
            SocketOption::TcpKeepidle => "TCP_KEEPIDLE",
            SocketOption::TcpKeepintvl => "TCP_KEEPINTVL",
            SocketOption::TcpKeepcnt => "TCP_KEEPCNT",
            SocketOption::TcpQuickack => "TCP_QUICKACK",
            SocketOption::TcpUserTimeout => "TCP_USER_TIMEOUT",
            SocketOption::IpTtl => "IP_TTL",
        }
    }

    /// Level and name as `setsockopt` takes them.
    pub fn numbers(self) -> (i32, i32) {
        let row = Self::TABLE.iter().find(|row| row.0 == self).expect("every option stands in the table");
        (row.1, row.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_go_both_ways() {
        for &(option, level, name) in SocketOption::TABLE {
            assert_eq!(SocketOption::from_numbers(level, name), Some(option));
            assert_eq!(option.numbers(), (level, name));
        }
    }
}
