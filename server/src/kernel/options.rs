//! `setsockopt` and `getsockopt` on a real socket. What an option does is the kernel's business; only the two time limits
//! must be kept by hand, because the kernel applies them to blocking descriptors alone.

use super::face::errno;
use super::socket::Socket;
use super::sys;
use rustix::fd::AsFd;
use sockscope_core::socket::{Answer, Errno, OptionValue, SocketOption};
use sockscope_core::time::Duration;

/// Sets an option. The time limits are numbers of microseconds.
pub fn set(socket: &Socket, option: SocketOption, value: OptionValue) -> Result<(), Errno> {
    let (level, name) = option.numbers();
    let bytes = match (option, value) {
        (SocketOption::SoLinger, OptionValue::Linger { on, seconds }) => pair(i32::from(on), seconds),
        (SocketOption::SoRcvtimeo | SocketOption::SoSndtimeo, OptionValue::Number(micros)) => {
            let micros = u64::try_from(micros).map_err(|_| Errno::EINVAL)?;
            // `struct timeval` on 64-bit Linux.
            let mut bytes = (micros / 1_000_000).to_ne_bytes().to_vec();
            bytes.extend((micros % 1_000_000).to_ne_bytes());
            bytes
        }
        (_, OptionValue::Number(number)) => i32::try_from(number).map_err(|_| Errno::EINVAL)?.to_ne_bytes().to_vec(),
        (_, OptionValue::Linger { on, seconds }) => pair(i32::from(on), seconds),
    };
    sys::set_raw_option(socket.as_fd(), level, name, &bytes).map_err(errno)?;
    if let OptionValue::Number(micros) = value {
        // Zero means no limit, socket(7).
        let limit = u64::try_from(micros).ok().filter(|micros| *micros > 0).map(Duration::from_micros);
        match option {
            SocketOption::SoRcvtimeo => socket.receive_limit.set(limit),
            SocketOption::SoSndtimeo => socket.send_limit.set(limit),
            _ => {}
        }
    }
    Ok(())
}

/// Reads an option.
pub fn read(socket: &Socket, option: SocketOption) -> Result<Answer, Errno> {
    let (level, name) = option.numbers();
    match option {
        SocketOption::SoLinger => {
            let mut bytes = [0; 8];
            sys::raw_option(socket.as_fd(), level, name, &mut bytes).map_err(errno)?;
            let [on, seconds] = [&bytes[..4], &bytes[4..]]
                .map(|half| i32::from_ne_bytes(half.try_into().expect("a slice of four bytes")));
            Ok(Answer::Linger { on: on != 0, seconds })
        }
        SocketOption::SoRcvtimeo => Ok(micros(socket.receive_limit.get())),
        SocketOption::SoSndtimeo => Ok(micros(socket.send_limit.get())),
        _ => sys::option(socket.as_fd(), level, name).map(|value| Answer::Number(value.into())).map_err(errno),
    }
}

/// How long `close` waits for unsent data to be acknowledged, if it does.
pub fn lingers(socket: &Socket) -> bool {
    matches!(read(socket, SocketOption::SoLinger), Ok(Answer::Linger { on: true, seconds }) if seconds > 0)
}

fn pair(first: i32, second: i32) -> Vec<u8> {
    [first.to_ne_bytes(), second.to_ne_bytes()].concat()
}

fn micros(limit: Option<Duration>) -> Answer {
    Answer::Number(limit.map_or(0, |limit| i64::try_from(limit.as_micros()).unwrap_or(i64::MAX)))
}
