//! Calls and what they return, as a reader of the programs would write them.

use sockscope_core::socket::{Answer, Blocking, Call, Descriptor, Flags, How, Kind, OptionValue, Outcome};
use sockscope_core::stream::Data;

/// `send(3, b'msg0')`.
pub fn text(call: &Call) -> String {
    let arguments = match call {
        Call::Socket { kind: Kind::Stream, .. } => "SOCK_STREAM".to_owned(),
        Call::Socket { kind: Kind::Datagram, .. } => "SOCK_DGRAM".to_owned(),
        Call::Bind { fd, address } | Call::Connect { fd, address } => format!("{fd}, {address}"),
        Call::Listen { fd, backlog } => format!("{fd}, {backlog}"),
        Call::Accept { fd } | Call::Close { fd } | Call::LocalAddress { fd } | Call::PeerAddress { fd } => {
            fd.to_string()
        }
        Call::Send { fd, data, flags, .. } => format!("{fd}, {}{}", bytes(data), shown(*flags)),
        Call::SendTo { fd, data, flags, address } => format!("{fd}, {}{}, {address}", bytes(data), shown(*flags)),
        Call::Recv { fd, size, flags } | Call::RecvFrom { fd, size, flags } => format!("{fd}, {size}{}", shown(*flags)),
        Call::Shutdown { fd, how } => {
            let how = match how {
                How::Read => "SHUT_RD",
                How::Write => "SHUT_WR",
                How::Both => "SHUT_RDWR",
            };
            format!("{fd}, {how}")
        }
        Call::SetOption { fd, option, value } => {
            let value = match value {
                OptionValue::Number(number) => number.to_string(),
                OptionValue::Linger { on, seconds } => format!("({}, {seconds})", i32::from(*on)),
            };
            format!("{fd}, {}, {value}", option.name())
        }
        Call::GetOption { fd, option } => format!("{fd}, {}", option.name()),
        Call::SetBlocking { fd, mode } => match mode {
            Blocking::Forever => format!("{fd}, None"),
            Blocking::Never => format!("{fd}, 0"),
            Blocking::AtMost(time) => format!("{fd}, {}", time.as_secs_f64()),
        },
        Call::SocketPair | Call::Clock => String::new(),
        Call::Select { read, write, except, timeout } => {
            let timeout = timeout.map(|time| format!(", {}", time.as_secs_f64())).unwrap_or_default();
            format!("{}, {}, {}{timeout}", list(read), list(write), list(except))
        }
        Call::Sleep { duration } => duration.as_secs_f64().to_string(),
    };
    format!("{}({arguments})", call.name())
}

/// `5`, `b'msg0'`, `ok`, `EPIPE (Broken pipe)`.
pub fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Error(errno) => format!("{} ({})", errno.name(), errno.text()),
        Outcome::TimedOut => "timed out".to_owned(),
        Outcome::Ok(answer) => match answer {
            Answer::Nothing => "ok".to_owned(),
            Answer::Number(number) => number.to_string(),
            Answer::Address(address) => address.to_string(),
            Answer::Data(data) => bytes(data),
            Answer::Datagram { data, from, length } => {
                let from = from.map_or_else(|| "?".to_owned(), |from| from.to_string());
                let whole = if *length > data.len() { format!(" of {length} bytes") } else { String::new() };
                format!("{}{whole}, {from}", bytes(data))
            }
            Answer::Accepted { accepted, peer } => format!("{accepted}, {peer}"),
            Answer::Ready { read, write, except } => format!("{}, {}, {}", list(read), list(write), list(except)),
            Answer::Linger { on, seconds } => format!("({}, {seconds})", i32::from(*on)),
            Answer::Moment { moment } => moment.to_string(),
            Answer::Pair { pair: (one, other) } => format!("{one}, {other}"),
        },
    }
}

/// Bytes as Python writes them, shortened.
pub fn bytes(data: &Data) -> String {
    format!("b'{}'", data.preview())
}

fn list(descriptors: &[Descriptor]) -> String {
    let numbers: Vec<_> = descriptors.iter().map(ToString::to_string).collect();
    format!("[{}]", numbers.join(", "))
}

fn shown(flags: Flags) -> String {
    let names: Vec<_> = [
        (flags.peek, "MSG_PEEK"),
        (flags.dont_wait, "MSG_DONTWAIT"),
        (flags.wait_all, "MSG_WAITALL"),
        (flags.out_of_band, "MSG_OOB"),
        (flags.truncate, "MSG_TRUNC"),
    ]
    .into_iter()
    .filter_map(|(set, name)| set.then_some(name))
    .collect();
    if names.is_empty() { String::new() } else { format!(", {}", names.join("|")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sockscope_core::socket::Errno;

    #[test]
    fn calls_read_as_in_the_program() {
        let send = Call::Send { fd: 3, data: Data::from(&b"msg0\n"[..]), flags: Flags::default(), all: true };
        assert_eq!(text(&send), r"sendall(3, b'msg0\n')");
        let recv = Call::Recv { fd: 4, size: 1024, flags: Flags { peek: true, dont_wait: true, ..Flags::default() } };
        assert_eq!(text(&recv), "recv(4, 1024, MSG_PEEK|MSG_DONTWAIT)");
        let select = Call::Select { read: vec![3, 4], write: vec![], except: vec![], timeout: None };
        assert_eq!(text(&select), "select([3, 4], [], [])");
    }

    #[test]
    fn a_truncated_datagram_says_how_long_it_was() {
        let from = "10.0.0.2:9".parse().ok();
        let datagram = Outcome::Ok(Answer::Datagram { data: Data::from(&b"ab"[..]), from, length: 9 });
        assert_eq!(outcome(&datagram), "b'ab' of 9 bytes, 10.0.0.2:9");
        assert_eq!(outcome(&Outcome::Error(Errno::EPIPE)), "EPIPE (Broken pipe)");
    }
}
