//! `getsockopt` and `setsockopt`, with the answers Linux gives. What an option does is decided where it is used.

use super::socket::{Options, Role, Socket};
use super::{SocketId, Stack};
use crate::socket::{Answer, Errno, Kind, OptionValue, SocketOption};
use crate::tcp::{self, KeepAlive};
use crate::time::{Duration, Instant};
use crate::udp::DEFAULT_BUFFER;

/// Twice `net.core.rmem_max` and `wmem_max` as Linux ships them: the most that SO_RCVBUF and SO_SNDBUF report.
const LARGEST_BUFFER: i64 = 425_984;
/// The least that they report: `SOCK_MIN_RCVBUF` and `SOCK_MIN_SNDBUF`.
const LEAST_RECEIVE_BUFFER: i64 = 2_304;
const LEAST_SEND_BUFFER: i64 = 4_608;
/// The segment size a TCP assumes before the peer has said anything (RFC 9293, 3.7.1).
const DEFAULT_SEGMENT: i64 = 536;

impl Stack {
    /// `setsockopt`.
    pub(super) fn set_option(
        &mut self,
        now: Instant,
        id: SocketId,
        option: SocketOption,
        value: OptionValue,
    ) -> Result<(), Errno> {
        use SocketOption as O;
        let socket = self.socket_mut(id);
        if matches!(socket.role, Role::Pair(_)) && option.numbers().0 != 1 {
            return Err(Errno::EOPNOTSUPP);
        }
        if option.numbers().0 == 6 && socket.kind == Kind::Datagram {
            return Err(Errno::ENOPROTOOPT);
        }
        let number = match (option, value) {
            (O::SoLinger, OptionValue::Linger { on, seconds }) => {
                socket.options.linger = on.then_some(seconds.max(0) as u32);
                return Ok(());
            }
            // `struct linger` is eight bytes, an int is too short for it.
            (O::SoLinger, OptionValue::Number(_)) | (_, OptionValue::Linger { .. }) => return Err(Errno::EINVAL),
            // `struct timeval`, in microseconds.
            (O::SoRcvtimeo | O::SoSndtimeo, OptionValue::Number(number)) => number,
            // The system call takes 32 bits.
            (_, OptionValue::Number(number)) => i64::from(number as i32),
        };
        let flag = number != 0;
        let options = &mut socket.options;
        match option {
            O::SoReuseaddr => options.reuse_address = flag,
            O::SoReuseport => options.reuse_port = flag,
            O::SoBroadcast => options.broadcast = flag,
            O::SoKeepalive => options.keepalive = flag,
            // A negative size is taken as unsigned, and so as very large.
            O::SoRcvbuf => options.receive_buffer = Some(doubled(number).max(LEAST_RECEIVE_BUFFER)),
            O::SoSndbuf => options.send_buffer = Some(doubled(number).max(LEAST_SEND_BUFFER)),
            O::SoRcvtimeo => options.receive_timeout = timeout(number),
            O::SoSndtimeo => options.send_timeout = timeout(number),
            O::SoError | O::SoType | O::SoAcceptconn => return Err(Errno::ENOPROTOOPT),
            O::SoLinger => return Err(Errno::EINVAL),
            O::TcpNodelay => options.nodelay = flag,
            O::TcpCork => options.cork = flag,
            O::TcpQuickack => options.quick_ack = flag,
            O::TcpMaxseg => {
                // Linux: at least TCP_MIN_MSS, at most MAX_TCP_WINDOW.
                options.maximum_segment = Some(within(number, 88, 32_767)? as u16);
            }
            O::TcpKeepidle => options.keep_idle = within(number, 1, 32_767)? as u32,
            O::TcpKeepintvl => options.keep_interval = within(number, 1, 32_767)? as u32,
            O::TcpKeepcnt => options.keep_count = within(number, 1, 127)? as u32,
            O::TcpUserTimeout => options.user_timeout = within(number, 0, i64::from(i32::MAX))? as u32,
            // -1 is the system's default.
            O::IpTtl if number == -1 => options.ttl = 64,
            O::IpTtl => options.ttl = within(number, 1, 255)? as u8,
        }
        apply(socket, now, option);
        self.drain(now, id);
        self.report_levels(id);
        Ok(())
    }

    /// `getsockopt`.
    pub(super) fn get_option(&mut self, id: SocketId, option: SocketOption) -> Result<Answer, Errno> {
        use SocketOption as O;
        let standard = (self.config.tcp.receive_buffer as i64, self.config.tcp.send_buffer as i64);
        let socket = self.socket_mut(id);
        if option.numbers().0 == 6 && socket.kind == Kind::Datagram
            || option.numbers().0 != 1 && matches!(socket.role, Role::Pair(_))
        {
            return Err(Errno::EOPNOTSUPP);
        }
        let (receive, send) = match &socket.role {
            Role::Connection(connection) => (connection.receive_level().1 as i64, connection.send_level().1 as i64),
            Role::Datagram(_) | Role::Pair(_) => (DEFAULT_BUFFER as i64, DEFAULT_BUFFER as i64),
            Role::Idle | Role::Listening(_) => standard,
        };
        let options = &socket.options;
        let number = match option {
            O::SoReuseaddr => options.reuse_address.into(),
            O::SoReuseport => options.reuse_port.into(),
            O::SoBroadcast => options.broadcast.into(),
            O::SoKeepalive => options.keepalive.into(),
            O::SoRcvbuf => options.receive_buffer.unwrap_or(receive),
            O::SoSndbuf => options.send_buffer.unwrap_or(send),
            O::SoRcvtimeo => options.receive_timeout.map_or(0, |time| time.as_micros() as i64),
            O::SoSndtimeo => options.send_timeout.map_or(0, |time| time.as_micros() as i64),
            O::SoLinger => {
                let (on, seconds) = (options.linger.is_some(), options.linger.unwrap_or(0) as i32);
                return Ok(Answer::Linger { on, seconds });
            }
            O::SoType => {
                if socket.kind == Kind::Stream {
                    1
                } else {
                    2
                }
            }
            O::SoAcceptconn => matches!(socket.role, Role::Listening(_)).into(),
            O::SoError => return Ok(Answer::Number(self.take_error(id).map_or(0, |errno| errno.number().into()))),
            O::TcpNodelay => options.nodelay.into(),
            O::TcpCork => options.cork.into(),
            O::TcpQuickack => options.quick_ack.into(),
            O::TcpMaxseg => match &socket.role {
                Role::Connection(connection) => connection.maximum_segment().into(),
                _ => options.maximum_segment.map_or(DEFAULT_SEGMENT, i64::from),
            },
            O::TcpKeepidle => options.keep_idle.into(),
            O::TcpKeepintvl => options.keep_interval.into(),
            O::TcpKeepcnt => options.keep_count.into(),
            O::TcpUserTimeout => options.user_timeout.into(),
            O::IpTtl => options.ttl.into(),
        };
        Ok(Answer::Number(number))
    }
}

impl Options {
    /// The keep-alive that is set, if it is on.
    fn keepalive(&self) -> Option<KeepAlive> {
        self.keepalive.then(|| KeepAlive {
            idle: Duration::from_secs(u64::from(self.keep_idle)),
            interval: Duration::from_secs(u64::from(self.keep_interval)),
            count: self.keep_count,
        })
    }

    /// Writes what is set into what TCP is told of a new connection.
    pub(super) fn configure(&self, config: &mut tcp::Config) {
        config.nodelay = self.nodelay;
        config.cork = self.cork;
        config.keepalive = self.keepalive();
        config.user_timeout = self.user_timeout();
        if let Some(size) = self.receive_buffer {
            (config.receive_buffer, config.receive_maximum) = (size as usize, size as usize);
        }
        if let Some(size) = self.send_buffer {
            (config.send_buffer, config.send_maximum) = (size as usize, size as usize);
        }
    }

    /// The user timeout that is set.
    fn user_timeout(&self) -> Option<Duration> {
        (self.user_timeout > 0).then(|| Duration::from_millis(u64::from(self.user_timeout)))
    }
}

/// Passes an option on to what is under way.
fn apply(socket: &mut Socket, now: Instant, option: SocketOption) {
    use SocketOption as O;
    let options = socket.options.clone();
    match &mut socket.role {
        // What is set on a listening socket holds for the connections that come.
        Role::Listening(listener) => options.configure(listener.config_mut()),
        Role::Connection(connection) => match option {
            O::SoKeepalive | O::TcpKeepidle | O::TcpKeepintvl | O::TcpKeepcnt => {
                connection.set_keepalive(now, options.keepalive());
            }
            O::SoRcvbuf => connection.set_receive_buffer(options.receive_buffer.unwrap_or_default() as usize),
            O::SoSndbuf => connection.set_send_buffer(options.send_buffer.unwrap_or_default() as usize),
            O::TcpQuickack => connection.set_quickack(now, options.quick_ack),
            O::TcpNodelay => connection.set_nodelay(now, options.nodelay),
            O::TcpCork => connection.set_cork(now, options.cork),
            O::TcpUserTimeout => connection.set_user_timeout(options.user_timeout()),
            _ => {}
        },
        Role::Datagram(mailbox) if option == O::SoRcvbuf => {
            mailbox.set_size(options.receive_buffer.unwrap_or_default() as usize);
        }
        _ => {}
    }
}

/// Linux doubles what is asked for, to have room for its bookkeeping (socket(7)).
fn doubled(number: i64) -> i64 {
    if number < 0 { LARGEST_BUFFER } else { (number * 2).min(LARGEST_BUFFER) }
}

/// `struct timeval` in microseconds; zero is no limit.
fn timeout(micros: i64) -> Option<Duration> {
    (micros > 0).then(|| Duration::from_micros(micros as u64))
}

fn within(number: i64, least: i64, most: i64) -> Result<i64, Errno> {
    if (least..=most).contains(&number) { Ok(number) } else { Err(Errno::EINVAL) }
}
