//! Short names of calls, outcomes and frames, in the words of the program and of the standard. No sentences: those are
//! told by `trace::narrate` in the reader's language.

use sockscope_core::link::Cause;
use sockscope_core::socket::{Answer, Blocking, Call, How, Kind, OptionValue, Outcome};
use sockscope_core::stream::Data;
use sockscope_core::tcp;
use std::fmt::Write;

/// Longest literal shown in a label, in characters.
const LITERAL: usize = 28;

/// Bytes as Python would print them, shortened.
pub fn literal(data: &Data) -> String {
    let preview = data.preview();
    let mut text: String = preview.chars().take(LITERAL).collect();
    if preview.chars().count() > LITERAL {
        text.push('…');
    }
    format!("b'{text}'")
}

/// A call as the program wrote it, without the object it was made on: `send(b'msg0')`.
pub fn call(call: &Call) -> String {
    let arguments = match call {
        Call::Socket { kind: Kind::Stream, .. } => "SOCK_STREAM".into(),
        Call::Socket { kind: Kind::Datagram, .. } => "SOCK_DGRAM".into(),
        Call::Bind { address, .. } | Call::Connect { address, .. } => address.to_string(),
        Call::Listen { backlog, .. } => backlog.to_string(),
        Call::Send { data, .. } => literal(data),
        Call::SendTo { data, address, .. } => format!("{}, {address}", literal(data)),
        Call::Recv { size, .. } | Call::RecvFrom { size, .. } => size.to_string(),
        Call::Shutdown { how, .. } => match how {
            How::Read => "SHUT_RD",
            How::Write => "SHUT_WR",
            How::Both => "SHUT_RDWR",
        }
        .into(),
        Call::SetOption { option, value, .. } => format!("{}, {}", word(option), option_value(value)),
        Call::GetOption { option, .. } => word(option),
        Call::SetBlocking { mode, .. } => match mode {
            Blocking::Forever => "None".into(),
            Blocking::Never => "0".into(),
            Blocking::AtMost(duration) => seconds(duration.as_secs_f64()),
        },
        Call::Select { read, write, timeout, .. } => {
            let mut text = format!("{read:?}, {write:?}, []");
            if let Some(timeout) = timeout {
                let _ = write!(text, ", {}", seconds(timeout.as_secs_f64()));
            }
            text
        }
        Call::Sleep { duration } => seconds(duration.as_secs_f64()),
        Call::Accept { .. }
        | Call::Close { .. }
        | Call::LocalAddress { .. }
        | Call::PeerAddress { .. }
        | Call::SocketPair
        | Call::Clock => String::new(),
    };
    format!("{}({arguments})", call.name())
}

/// What a call returned: `5`, `b'msg0msg1'`, `EPIPE`; empty where there is nothing to say.
pub fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Error(errno) => errno.name().into(),
        Outcome::TimedOut => "timed out".into(),
        Outcome::Ok(answer) => match answer {
            Answer::Data(data) => literal(data),
            Answer::Number(number) => number.to_string(),
            Answer::Address(address) => address.to_string(),
            Answer::Accepted { accepted, peer } => format!("fd {accepted}, {peer}"),
            Answer::Datagram { data, from, length } => {
                let mut text = literal(data);
                if *length > data.len() {
                    let _ = write!(text, " ({}/{length})", data.len());
                }
                if let Some(from) = from {
                    let _ = write!(text, ", {from}");
                }
                text
            }
            Answer::Ready { read, write, except } => format!("{read:?}, {write:?}, {except:?}"),
            Answer::Linger { on, seconds } => format!("({}, {seconds})", i32::from(*on)),
            Answer::Moment { moment } => seconds(moment.as_micros() as f64 / 1e6),
            Answer::Pair { pair } => format!("fd {}, fd {}", pair.0, pair.1),
            Answer::Nothing => String::new(),
        },
    }
}

/// Control bits as the standard writes them: `SYN-ACK`. A bare ACK on data is left out by the caller.
pub fn control(control: &sockscope_core::wire::Control) -> String {
    let mut names = Vec::new();
    for (set, name) in
        [(control.syn, "SYN"), (control.fin, "FIN"), (control.rst, "RST"), (control.ack, "ACK"), (control.urg, "URG")]
    {
        if set {
            names.push(name);
        }
    }
    names.join("-")
}

/// What stands on a segment's arrow: control bits, then payload or numbers.
pub fn segment(header: &tcp::Header, payload: Option<&[u8]>) -> String {
    let control = header.control;
    if header.length > 0 {
        let data = payload.map(|bytes| literal(&Data::from(bytes))).unwrap_or_else(|| format!("{} B", header.length));
        let data = if header.length > 64 { format!("{} B", header.length) } else { data };
        return if control.fin { format!("{data} FIN") } else { data };
    }
    let mut text = self::control(&control);
    if let (true, false, false, Some(number)) = (control.ack, control.syn, control.rst, header.relative_acknowledgement)
    {
        let _ = write!(text, " {number}");
    }
    text
}

/// Why a frame was lost, as one word of the format.
pub fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Loss => "loss",
        Cause::Scripted => "scripted",
        Cause::QueueFull => "queue_full",
        Cause::TooLong => "too_long",
        Cause::NoSuchHost => "no_such_host",
    }
}

/// A duration in the largest unit that keeps it short: `850 µs`, `24.3 ms`, `1.2 s`.
pub fn span(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{} ms", trimmed(micros as f64 / 1e3)),
        _ => format!("{} s", trimmed(micros as f64 / 1e6)),
    }
}

fn trimmed(number: f64) -> String {
    let digits = if number < 10.0 { 2 } else { 1 };
    let text = format!("{number:.digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn seconds(seconds: f64) -> String {
    format!("{seconds}")
}

fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn option_value(value: &OptionValue) -> String {
    match value {
        OptionValue::Number(number) => number.to_string(),
        OptionValue::Linger { on, seconds } => format!("({}, {seconds})", i32::from(*on)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_send_reads_as_the_program_wrote_it() {
        let send = Call::Send { fd: 3, data: Data::from(&b"msg0"[..]), flags: Default::default(), all: false };
        assert_eq!(call(&send), "send(b'msg0')");
    }

    #[test]
    fn a_truncated_datagram_says_how_much_is_missing() {
        let answer = Answer::Datagram { data: Data::from(&b"abc"[..]), from: None, length: 9 };
        assert_eq!(outcome(&Outcome::Ok(answer)), "b'abc' (3/9)");
    }

    #[test]
    fn spans_choose_their_unit() {
        assert_eq!(span(850), "850 µs");
        assert_eq!(span(24_310), "24.3 ms");
        assert_eq!(span(1_200_000), "1.2 s");
    }
}
